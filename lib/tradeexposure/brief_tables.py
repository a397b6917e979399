"""Tables of the brief: all scenarios beside each other, and the assumptions that move the answer most."""

from __future__ import annotations

import html
import re

import pandas as pd

from tradeexposure import brief_box, brief_words, tables
from tradeexposure.brief import DISPLACED, INCOME, VEHICLES, Brief, against
from tradeexposure.brief_numbers import Number
from tradeexposure.simulation_words import assumption, capital

HERE = "this page"
NO_PART = "no such part"
ACROSS = {"scenario": "Scenario", "against": "Measured against", "growers": "Growers' income a year",
          "cars": "China-built registrations a year", "vehicles": "Vehicle exports to the US a year"}  # fmt: skip
MOVED = {"assumption": "Assumption", "share": "Share of the spread", "at_low": "Answer at its lowest tenth",
         "at_high": "Answer at its highest tenth"}  # fmt: skip
#: What the sensitivity table is about, in order: the first of these that the scenario moves.
ANSWERS = (
    ("grower_income", INCOME, "canola growers' income"),
    ("displaced_registrations", DISPLACED, "displaced registrations"),
    ("vehicle_exports", VEHICLES, "vehicle exports to the United States"),
)
MOST = 3


def across(brief: Brief) -> pd.DataFrame:
    """One row per scenario, its headline numbers with their ranges; column `here` marks the brief's own.

    A scenario that moves nothing says so; one without a part says that.
    """
    rows = []
    for name, parts in brief.across.items():
        one = brief.scenarios[name]
        cells = {part: _cell(parts.get(part)) for part in ("growers", "cars", "vehicles")}
        rows.append({"scenario": one.title.rstrip("."), "against": against(one, brief.scenarios).strip("“”"), **cells,
                     "here": name == brief.scenario.name})  # fmt: skip
    return pd.DataFrame(rows)


def _cell(one: Number | None) -> str:
    if one is None:
        return NO_PART
    return "0" if one.direction == "none" else one.full.replace(" a year", "")


def show_across(brief: Brief) -> None:
    """Show :func:`across` with the brief's own row in bold and marked."""
    from IPython.display import display

    found = across(brief)
    marked = found["scenario"].where(~found["here"], found["scenario"] + f" ({HERE})")
    shown = found.assign(scenario=marked)[list(ACROSS)].rename(columns=ACROSS)
    levels = {f"{one.level:.0%}" for parts in brief.across.values() for one in parts.values() if one.level}
    caption = f"Change by scenario, median and {' or '.join(sorted(levels))} range over draws"
    display(_bold(tables.bundle(shown, caption=caption), HERE), raw=True)


def _bold(bundle: dict[str, str], mark: str) -> dict[str, str]:
    """The bundle with the table row that holds `mark` in bold."""
    rows = bundle["text/html"].split("\n")
    marked, cell, strong = html.escape(f"({mark})"), r"(<td[^>]*>)(.*?)(</td>)", r"\1<strong>\2</strong>\3"
    return {**bundle, "text/html": "\n".join(re.sub(cell, strong, row) if marked in row else row for row in rows)}


def show_box(brief: Brief) -> None:
    """Show what the scenario assumes."""
    caption = "What this scenario assumes: share of value; vehicles claimed under CUSMA at the headline US content"
    tables.show(brief_box.box(brief.scenario), columns=brief_box.COLUMNS, caption=caption)


def answer_moved(brief: Brief) -> tuple[str, Number, str] | None:
    """Which answer the sensitivity table is about: its name in identifiers, number and words; None if none moves."""
    for name, key, words in ANSWERS:
        one = brief.moving(key)
        if one is not None and brief.numbers.below(f"scenario.sensitivity.{name}"):
            return name, one, words
    return None


def moved(brief: Brief) -> pd.DataFrame:
    """The assumptions that move the answer most, largest share of its variance first.

    Returns
    -------
    DataFrame
        `assumption` (in words), `share` (of the variance over draws), `at_low`, `at_high` (the answer's median where
        the assumption lies in its lowest and in its highest tenth); no rows where nothing moves.
    """
    found = answer_moved(brief)
    if found is None:
        return pd.DataFrame(columns=list(MOVED))
    stem = f"scenario.sensitivity.{found[0]}"
    shares = {name: one for name, one in brief.numbers.below(stem).items() if one.value > 0}
    largest = sorted(shares, key=lambda name: -shares[name].value)[:MOST]
    return pd.DataFrame(
        [
            {"assumption": capital(assumption(name)), "share": shares[name].text, **_tenths(brief, f"{stem}.{name}")}
            for name in largest
        ],
        columns=list(MOVED),
    )  # fmt: skip


def _tenths(brief: Brief, stem: str) -> dict[str, str]:
    ends = {end: brief.find(f"{stem}.{end}") for end in ("at_low", "at_high")}
    return {end: one.text if one else tables.MISSING for end, one in ends.items()}


def show_moved(brief: Brief) -> None:
    """Show :func:`moved`, or say that nothing can move an answer of nothing."""
    from IPython.display import display

    answer, found = answer_moved(brief), moved(brief)
    if answer is None or found.empty:
        text = "No assumption would change this answer: no duty that the models know differs."
        display({"text/markdown": text, "text/plain": text}, raw=True)
        return
    caption = f"What would change {answer[2]}, {answer[1].full}: shares of variance, and medians at the ends"
    tables.show(found, columns=MOVED, caption=caption)


def show_scale() -> None:
    """Show which word stands for which share of draws."""
    tables.show(brief_words.scale(), columns={"word": "Word", "draws": "Share of draws"}, caption="Words and numbers")
