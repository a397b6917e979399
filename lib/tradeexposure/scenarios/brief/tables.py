"""Tables of the brief: what the scenario assumes, all scenarios beside each other, and what moves the answer most."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import partial

import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.text import capital, listing, sentence
from tradeexposure.policy import duty_tables, regimes, scenario_schema, scenarios, studies
from tradeexposure.policy.measures import TradeMeasure
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting import tables
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.brief import sentences
from tradeexposure.scenarios.brief.inputs import DISPLACED, HEADLINES, INCOME, VEHICLES, Brief
from tradeexposure.scenarios.simulation.names import assumption

QUOTA = "canada_ev_quota"
COLUMNS = {"line": "What", "duty": "Before and after", "since": "From", "reference": "Legal reference"}
ABOVE = {"surtax": "entry with the surtax", "mfn": "entry at the ordinary duty"}
HORIZONS = {"acreage": "growers change their acreage", "crop_year": "the harvest is in, only storage can change"}
ASSUMED = "none: an assumption of this suite"
DIGITS = 3  # of a rebate
HERE = "this page"
NO_PART = "no such part"
ACROSS = {
    "scenario": "Scenario",
    "against": "Measured against",
    "growers": "Growers' income a year",
    "canada": "Canada, both sectors, a year",
    "cars": "China-built registrations a year",
    "vehicles": "Vehicle exports to the US a year",
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
ENDS = ("at_low", "at_high")


def box(compared: Comparison) -> pd.DataFrame:
    """What a scenario takes as given and what it is measured against.

    Returns
    -------
    DataFrame
        All cells text, columns of :data:`COLUMNS`: duties of the models that change or that China sets, the quota and
        the rebate for electric cars, suspended licences, and what the scenario fixes beyond the law.
    """
    chosen = compared.scenario
    rows = [
        *duty_tables.changed(compared),
        *([] if chosen.licence_suspension else _cars(compared)),
        *_licences(chosen),
        *_choices(chosen),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _cars(compared: Comparison) -> Iterator[dict[str, str]]:
    """Quota and rebate."""
    chosen = compared.scenario
    before, after, held = regimes.vehicles_against(compared), regimes.vehicles(chosen), partial(_held, chosen)
    if before.quota or after.quota:
        quota = _measure("Quota for China-built electric cars, a year", _quota(before), _quota(after), held(QUOTA))
        reasons = [change.reason for change in chosen.quantities if change.measure == QUOTA]
        if not after.quota:
            ended = f"{quota['reference']}; ended{duty_tables.SET}"
            quota |= {"since": duty_tables.short_day(chosen.facts_on), "reference": ended}
        yield {**quota, "reference": "; set by this scenario: ".join([quota["reference"], *reasons])}
    if after.quota and chosen.above_quota in ABOVE:
        yield {"line": "Above the quota", "duty": ABOVE[chosen.above_quota], "since": "", "reference": ASSUMED}
    if after.rebate_cad:
        paid = f"{_money(after.rebate_cad)} a car, {_money(after.rebate_china_cad)} if built in China"
        yield _measure("Federal rebate, the same on both sides", paid, paid, held(regimes.AFFORDABILITY))


def _quota(regime: VehicleRegime) -> str:
    if regime.quota is None:
        return "none"
    cars = units.write(regime.quota, "count", len(f"{regime.quota:.0f}"))
    if not regime.price_capped_share:
        return cars
    share = units.write(regime.price_capped_share, "share", 2)
    return f"{cars}, {share} of it for cars of {_money(regime.price_cap_cad or 0.0)} or less"


def _money(value: float) -> str:
    return units.write(value, "CAD", DIGITS)


def _held(chosen: Scenario, name: str) -> TradeMeasure | None:
    """A measure as the scenario has it; None where it does not."""
    return next((one for one in scenarios.measures_in_force(chosen) if one.id == name), None)


def _measure(line: str, old: str, new: str, measure: TradeMeasure | None) -> dict[str, str]:
    since = duty_tables.short_day(measure.effective) if measure and measure.effective else ""
    return {
        "line": line,
        "duty": duty_tables.arrow(old, new),
        "since": since,
        "reference": measure.instrument if measure else "",
    }


def _licences(chosen: Scenario) -> Iterator[dict[str, str]]:
    if not chosen.licence_suspension:
        return
    for one in scenario_schema.licences(chosen.facts_on):
        yield _measure(f"Licence to export canola seed, {', '.join(one.firms)}", "valid", "suspended", one)


def _choices(chosen: Scenario) -> Iterator[dict[str, str]]:
    """What the scenario chooses where no law decides."""
    yield {"line": "Supply of canola", "duty": HORIZONS[chosen.horizon], "since": "", "reference": ASSUMED}
    for change in chosen.quantities:
        if change.measure == QUOTA:
            continue
        words = f"{change.name.replace('_', ' ')}: {change.value:g}"
        yield {"line": "Figure set by this scenario", "duty": words, "since": "", "reference": change.reason}
    for name, value in chosen.assumptions.items():
        yield {"line": name.replace("_", " "), "duty": f"fixed at {value:g}", "since": "", "reference": ASSUMED}


def show_box(brief: Brief) -> None:
    """Show what the scenario assumes."""
    found, caption = box(brief.compared), "What this scenario assumes; duties on value"
    if found["line"].str.startswith("Passenger vehicles").any():
        content = duty_tables.percent(regimes.us_content(brief.scenario))
        caption += f", vehicles claimed under CUSMA with {content} US content"
    tables.show(found, columns=COLUMNS, caption=caption)


def across(brief: Brief) -> pd.DataFrame:
    """One row per scenario, its headline numbers with their ranges; column `here` marks the brief's own.

    Scenarios with the same thing to compare with stand together, what others are compared with before them, and the
    largest gain of growers first. A scenario that moves nothing says so; one without a part says that.
    """
    rows = []
    for name in _ordered(brief):
        one, parts = brief.scenarios[name], brief.across[name]
        cells = {part: _cell(parts.get(part)) for part in HEADLINES}
        against = brief.comparison_of(one).against_title.strip("“”")
        rows.append({"scenario": one.title.rstrip("."), "against": against, **cells,
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
    caption = f"Change by scenario, median and {' or '.join(sorted(levels))} range over draws"
    display(_bold(tables.bundle(shown, caption=caption), HERE), raw=True)


def _bold(bundle: dict[str, str], mark: str) -> dict[str, str]:
    """The bundle with the table row that holds `mark` in bold."""
    rows = bundle["text/html"].split("\n")
    marked, cell, strong = html.escape(f"({mark})"), r"(<td[^>]*>)(.*?)(</td>)", r"\1<strong>\2</strong>\3"
    return {**bundle, "text/html": "\n".join(re.sub(cell, strong, row) if marked in row else row for row in rows)}


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
    """The answer's median at both ends of an assumption."""
    found = {end: brief.find(f"{stem}.{end}") for end in ENDS}
    return {end: one.text if one else tables.MISSING for end, one in found.items()}


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
    base = studies.base_years(studies.OTHER_BASE)
    choices = {
        "expected_duty": "with the duty that importers expected in 2025 in the place of the deposit",
        base.key: f"on the {base.words}",
    }
    found = [f"{one.full} {words}" for name, words in choices.items() if (one := brief.moving(f"{INCOME}.{name}"))]
    return sentence(f"canola growers' income would change by {listing(found)}") if found else ""


def show_scale() -> None:
    """Show which word stands for which share of draws."""
    tables.show(sentences.scale(), columns={"word": "Word", "draws": "Share of draws"}, caption="Words and numbers")
