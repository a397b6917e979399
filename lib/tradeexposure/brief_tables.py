"""Tables of the brief: all scenarios beside each other, and the assumptions that move the answer most."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import pandas as pd

from tradeexposure import brief_box, brief_words
from tradeexposure.brief import CLOSURES, DISPLACED, INCOME, VEHICLES, Brief, against
from tradeexposure.brief_sentences import CLOSURE_WORDS, split
from tradeexposure.core.text import capital, listing, sentence
from tradeexposure.reporting import tables
from tradeexposure.reporting.numbers import Number
from tradeexposure.simulation_names import assumption

HERE = "this page"
NO_PART = "no such part"
ACROSS = {"scenario": "Scenario", "against": "Measured against", "growers": "Growers' income a year",
          "cars": "China-built registrations a year", "vehicles": "Vehicle exports to the US a year"}  # fmt: skip
CHOICES = {
    "expected_duty": "with the duty that importers expected in 2025 in the place of the deposit",
    "base_2023_2024": "on the mean of 2023 and 2024",
}
MOVED = {"answer": "Answer", "assumption": "Assumption", "share": "Share of the spread", "at_low": "At its low end",
         "at_high": "At its high end"}  # fmt: skip
#: What the sensitivity table is about, in order: the first of these that the scenario moves.
ANSWERS = (
    ("grower_income", INCOME, "Growers' income"),
    ("displaced_registrations", DISPLACED, "Registrations displaced"),
    ("vehicle_exports", VEHICLES, "Vehicle exports to the US"),
)
MOST, LEAST = 3, 0.01  # assumptions listed for an answer, and the smallest share of its variance that is
ENDS, CLOSURE = ("at_low", "at_high"), "closure"


def across(brief: Brief) -> pd.DataFrame:
    """One row per scenario, its headline numbers with their ranges; column `here` marks the brief's own.

    Scenarios with the same thing to compare with stand together, what others are compared with before them, and the
    largest gain of growers first. A scenario that moves nothing says so; one without a part says that.
    """
    rows = []
    for name in _ordered(brief):
        one, parts = brief.scenarios[name], brief.across[name]
        cells = {"growers": _growers(parts), **{part: _cell(parts.get(part)) for part in ("cars", "vehicles")}}
        rows.append({"scenario": one.title.rstrip("."), "against": against(one, brief.scenarios).strip("“”"), **cells,
                     "here": name == brief.scenario.name})  # fmt: skip
    return pd.DataFrame(rows)


def _ordered(brief: Brief) -> list[str]:
    """Names of the compared scenarios in the order of the table."""

    def place(name: str) -> tuple[int, str, float]:
        chain = [name]
        while chain[-1] in brief.scenarios:
            chain.append(brief.scenarios[chain[-1]].against)
        income = brief.across[name].get("growers")
        return len(chain), chain[1], -income.value if income else 0.0

    return sorted(brief.across, key=place)


def _growers(parts: Mapping[str, Number]) -> str:
    """The pooled number, or its range and the medians of both closures where no number stands for both."""
    one = parts.get("growers")
    if one is None or one.direction == "none" or not split(parts, ""):
        return _cell(one)
    return f"{one.span}; {' or '.join(parts[name].bare for name in ('homogeneous', 'armington'))}"


def _cell(one: Number | None) -> str:
    if one is None:
        return NO_PART
    return "0" if one.direction == "none" else one.plain


def show_across(brief: Brief) -> None:
    """Show :func:`across` with the brief's own row in bold and marked."""
    from IPython.display import display

    found = across(brief)
    marked = found["scenario"].where(~found["here"], found["scenario"] + f" ({HERE})")
    shown = found.assign(scenario=marked)[list(ACROSS)].rename(columns=ACROSS)
    levels = {f"{one.level:.0%}" for parts in brief.across.values() for one in parts.values() if one.level}
    caption = (
        f"Change by scenario, median and {' or '.join(sorted(levels))} range over draws; growers: where the models are "
        "far apart the range, then the median if canola is one good or if crushers tell origins apart"
    )
    display(_bold(tables.bundle(shown, caption=caption), HERE), raw=True)


def _bold(bundle: dict[str, str], mark: str) -> dict[str, str]:
    """The bundle with the table row that holds `mark` in bold."""
    rows = bundle["text/html"].split("\n")
    marked, cell, strong = html.escape(f"({mark})"), r"(<td[^>]*>)(.*?)(</td>)", r"\1<strong>\2</strong>\3"
    return {**bundle, "text/html": "\n".join(re.sub(cell, strong, row) if marked in row else row for row in rows)}


def show_box(brief: Brief) -> None:
    """Show what the scenario assumes."""
    found, caption = brief_box.box(brief.scenario), "What this scenario assumes; duties on value"
    if found["line"].str.startswith("Passenger vehicles").any():
        content = brief_box.percent(brief_box.us_content(brief.scenario))
        caption += f", vehicles claimed under CUSMA with {content} US content"
    tables.show(found, columns=brief_box.COLUMNS, caption=caption)


def answers_moved(brief: Brief) -> list[tuple[str, str]]:
    """Name in identifiers and words of each answer that the scenario moves and whose assumptions are ranked."""
    return [(name, words) for name, key, words in ANSWERS
            if brief.moving(key) and brief.numbers.below(f"scenario.sensitivity.{name}")]  # fmt: skip


def moved(brief: Brief) -> pd.DataFrame:
    """The assumptions that move each answer most, largest share of its variance first.

    Returns
    -------
    DataFrame
        `answer`, `assumption` (in words), `share` (of the variance over draws), `at_low`, `at_high` (the answer's
        median in the lowest and in the highest tenth of the assumption); no rows where nothing moves.
    """
    rows = []
    for answer, words in answers_moved(brief):
        stem = f"scenario.sensitivity.{answer}"
        shares = {name: one for name, one in brief.numbers.below(stem).items() if one.value >= LEAST}
        for name in sorted(shares, key=lambda one, held=shares: -held[one].value)[:MOST]:  # type: ignore[misc]
            ends = _tenths(brief, f"{stem}.{name}")
            rows.append({"answer": words, "assumption": capital(assumption(name)), "share": shares[name].text, **ends})
    return pd.DataFrame(rows, columns=list(MOVED))


def _tenths(brief: Brief, stem: str) -> dict[str, str]:
    """The answer's median at both ends of an assumption; those of the closure are its two values."""
    closure = dict(zip(ENDS, CLOSURES, strict=True)) if stem.endswith(f".{CLOSURE}") else {}
    found = {}
    for end in ENDS:
        one, name = brief.find(f"{stem}.{end}"), closure.get(end)
        words = f", {CLOSURE_WORDS[name]}" if name else ""
        found[end] = f"{one.text}{words}" if one else tables.MISSING
    return found


def show_moved(brief: Brief) -> None:
    """Show :func:`moved` and other choices, or say that nothing can move an answer of nothing."""
    from IPython.display import display

    found, text = moved(brief), other_choices(brief)
    if found.empty:
        text = "No assumption would change this answer: no duty that the models know differs."
    else:
        caption = "What moves each answer most: share of its variance, and its median at the assumption's ends"
        tables.show(found, columns=MOVED, caption=caption)
    if text:
        display({"text/markdown": text.replace("$", r"\$"), "text/plain": text}, raw=True)


def other_choices(brief: Brief) -> str:
    """Growers' income under choices that are no draw: another base year, the duty that importers expected."""
    found = [f"{one.full} {words}" for name, words in CHOICES.items() if (one := brief.moving(f"{INCOME}.{name}"))]
    return sentence(f"over both models canola growers' income would change by {listing(found)}") if found else ""


def show_scale() -> None:
    """Show which word stands for which share of draws."""
    tables.show(brief_words.scale(), columns={"word": "Word", "draws": "Share of draws"}, caption="Words and numbers")
