"""Tables of the brief: what the scenario assumes, all scenarios beside each other, and what moves the answer most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.text import as_output, capital
from tradeexposure.policy import duty_tables, regimes, scenario_schema, scenarios, studies
from tradeexposure.policy.measures import TradeMeasure
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.policy.scenario_schema import Scenario
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting import tables
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.brief import sentences
from tradeexposure.scenarios.brief.inputs import Brief
from tradeexposure.scenarios.simulation import messages
from tradeexposure.scenarios.simulation.messages import DISPLACED, INCOME, VEHICLES, assumption

QUOTA = "canada_ev_quota"
COLUMNS = {"line": "What", "duty": "Before and after", "since": "From", "reference": "Legal reference"}
CHINESE = r" \([^()]*[\u4e00-\u9fff][^()]*\)"  # a name beside the English one; the table of facts has both
ABOVE = {"surtax": "entry with the surtax", "mfn": "entry at the ordinary duty"}
HORIZONS = {"acreage": "growers change their acreage", "crop_year": "the harvest is in, only storage can change"}
ASSUMED = "none: an assumption of this suite"
DIGITS = 3  # of a rebate
HERE = "this page"
NO_PART = "no such part"
ACROSS = {
    "scenario": "Scenario",
    "growers": "Growers' income",
    "growers_range": "Range, growers",
    "canada": "Canada, both sectors",
    "canada_range": "Range, Canada",
}
UNCHANGED = "no change"
ENDED = "{law}; ended (set by this scenario, not by law)"
CHANGED = "{law}; set by this scenario: {reasons}"
SAME, AGAIN = "The same deal", "The same scenario"  # against its second counterfactual
EXPORTS_ACROSS = (
    "Vehicle sales to the United States are in neither column, since the account leaves out makers' profit. "
    "They change in these scenarios: {listed}."
)
#: Growers' income by other evidence and under other choices; the empty name is the headline.
CHOICES = {
    "": "As in the answer: weighed by official data and what the trade said",
    "official_data_only": "Weighed by official data alone",
    "unweighted": "By the assumptions before any data",
    "expected_duty": "With the duty that importers expected in 2025 in the place of the deposit",
}
STAYS = "With no data weighed growers' income comes to the same number."
CHOSEN = {"choice": "Evidence or choice", "value": "Growers' income a year", "range": "Its range"}
MOVED = {"assumption": "Assumption", "share": "Share of the spread", "at_low": "Answer at its low end",
         "at_high": "Answer at its high end"}  # fmt: skip
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
    rows = [*duty_tables.changed(compared), *([] if chosen.licence_suspension else _cars(compared))]
    for licence in scenario_schema.licences(chosen.facts_on) if chosen.licence_suspension else ():
        line = f"Licence to export canola seed, {', '.join(licence.firms)}"
        rows.append(_measure(line, "valid", "suspended", licence))
    rows += _choices(chosen)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.assign(reference=table["reference"].str.replace(CHINESE, "", regex=True))


def _cars(compared: Comparison) -> Iterator[dict[str, str]]:
    """Quota and rebate."""
    chosen = compared.scenario
    before, after = regimes.vehicles_against(compared), regimes.vehicles(chosen)
    quota_law, rebate_law = (scenarios.measures_in_force(chosen).find(name, chosen.facts_on)
                             for name in (QUOTA, regimes.AFFORDABILITY))  # fmt: skip
    if before.quota or after.quota:
        quota = _measure("Quota for China-built electric cars, a year", _quota(before), _quota(after), quota_law)
        reasons = [change.reason for change in chosen.quantities if change.measure == QUOTA]
        if not after.quota:
            ended = ENDED.format(law=quota["reference"])
            quota |= {"since": duty_tables.short_day(chosen.facts_on), "reference": ended}
        if reasons:
            quota |= {"reference": CHANGED.format(law=quota["reference"], reasons="; ".join(reasons))}
        yield quota
    if after.quota and chosen.above_quota in ABOVE:
        yield {"line": "Above the quota", "duty": ABOVE[chosen.above_quota], "since": "", "reference": ASSUMED}
    if after.rebate_cad:
        paid = f"{_money(after.rebate_cad)} a car, {_money(after.rebate_china_cad)} if built in China"
        yield _measure("Federal rebate, the same on both sides", paid, paid, rebate_law)


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


def _measure(line: str, old: str, new: str, measure: TradeMeasure | None) -> dict[str, str]:
    since = duty_tables.short_day(measure.effective) if measure and measure.effective else ""
    return {
        "line": line,
        "duty": duty_tables.arrow(old, new),
        "since": since,
        "reference": measure.instrument if measure else "",
    }


def _choices(chosen: Scenario) -> Iterator[dict[str, str]]:
    """What the scenario chooses where no law decides."""
    yield {"line": "Supply of canola", "duty": HORIZONS[chosen.horizon], "since": "", "reference": ASSUMED}
    for change in chosen.quantities:
        if change.measure == QUOTA:
            continue
        figure = f"{change.name.replace('_', ' ')}: {change.value:g}"
        yield {"line": "Figure set by this scenario", "duty": figure, "since": "", "reference": change.reason}
    for name, value in chosen.assumptions.items():
        yield {"line": name.replace("_", " "), "duty": f"fixed at {value:g}", "since": "", "reference": ASSUMED}


def show_box(brief: Brief) -> None:
    """Show what the scenario assumes."""
    assumptions, caption = box(brief.compared), "What this scenario assumes; duties on value"
    if assumptions["line"].str.startswith("Passenger vehicles").any():
        content = duty_tables.percent(regimes.us_content(brief.scenario))
        caption += f", vehicles claimed under CUSMA with {content} US content"
    tables.show(assumptions, columns=COLUMNS, caption=caption)
    _say("\n\n".join(duty_tables.on_its_day(brief.scenario)))


def across(brief: Brief) -> pd.DataFrame:
    """One row per scenario: growers' income and Canada's gain, each with its range; `here` marks the brief's own.

    Scenarios with the same thing to compare with (`against`) stand together, what others are compared with before them,
    and the largest gain of growers first.
    """
    rows = []
    for name in _ordered(brief):
        scenario = brief.scenarios[name]
        compared, here = brief.comparison_of(scenario), name == brief.scenario.name
        rows.append(_row(scenario.named, compared, brief.across[name], here=here))
        if compared.beside and name in brief.beside:
            rows.append(
                _row(AGAIN if messages.is_own(scenario) else SAME, compared.beside, brief.beside[name], here=here)
            )
    return pd.DataFrame(rows)


def _row(title: str, compared: Comparison, parts: Mapping[str, Number], *, here: bool) -> dict[str, object]:
    against = compared.against_title.strip("“”")
    return {"scenario": title, "against": f"Measured against: {against}",
            **_cells(parts, "growers"), **_cells(parts, "canada"), "here": here}  # fmt: skip


def _cells(parts: Mapping[str, Number], part: str) -> dict[str, str]:
    """Value and range of a headline number, each in a cell."""
    number = parts.get(part)
    if number is None or number.direction == "none":
        return {part: UNCHANGED if number else NO_PART, f"{part}_range": tables.MISSING}
    return {part: number.bare, f"{part}_range": number.span}


def _ordered(brief: Brief) -> list[str]:
    """Names of the compared scenarios in the order of the table."""

    def place(name: str) -> tuple[int, str, float]:
        chain = [name]
        while chain[-1] in brief.scenarios:
            chain.append(brief.scenarios[chain[-1]].against)
        income = brief.across[name].get("growers")
        return len(chain), chain[1], -income.value if income else 0.0

    return sorted(brief.across, key=place)


def show_across(brief: Brief) -> None:
    """Show :func:`across` with the brief's own row set off, and what vehicle sales to the United States do."""
    table = across(brief)
    marked = table["scenario"].where(~table["here"], table["scenario"] + f" ({HERE})")
    levels = {f"{number.level:.0%}" for parts in brief.across.values() for number in parts.values() if number.level}
    caption = f"Change over a full year, C$; ranges hold {' or '.join(sorted(levels))} of simulations"
    tables.show(
        table.assign(scenario=marked), columns=ACROSS, caption=caption, groups="against", strong=list(table["here"])
    )
    _say(exports_across(brief))


def exports_across(brief: Brief) -> str:
    """What vehicle sales to the United States do in the scenarios that move them; empty where none does."""
    moving = {brief.scenarios[name].named: number for name in _ordered(brief)
              if (number := brief.across[name].get("vehicles")) and number.direction != "none"}  # fmt: skip
    listed = "; ".join(f"{title}, {number.full}" for title, number in moving.items())
    return EXPORTS_ACROSS.format(listed=listed) if moving else ""


def _say(text: str) -> None:
    from IPython.display import display

    if text:
        display(as_output(text), raw=True)


def moved(brief: Brief) -> pd.DataFrame:
    """The assumptions that move each answer most, largest share of its variance first.

    Returns
    -------
    DataFrame
        `answer`, `assumption` (in words), `share` (of the variance over draws), `at_low`, `at_high` (the answer's
        median in the lowest and in the highest tenth of the assumption); no rows where nothing moves.
    """
    rows = []
    for answer, key, title in ANSWERS:
        stem = f"scenario.sensitivity.{answer}"
        ranked = brief.numbers.below(stem) if brief.moving(key) else {}
        shares = {name: number for name, number in ranked.items() if number.value >= LEAST}
        for name in sorted(shares, key=lambda key, by=shares: -by[key].value)[:MOST]:  # type: ignore[misc]
            medians = {end: brief.find(f"{stem}.{name}.{end}") for end in ENDS}
            ends = {end: number.text if number else tables.MISSING for end, number in medians.items()}
            rows.append({"answer": title, "assumption": capital(assumption(name)), "share": shares[name].text, **ends})
    return pd.DataFrame(rows, columns=["answer", *MOVED])


def show_moved(brief: Brief) -> None:
    """Show :func:`moved`, or say that nothing can move an answer of nothing."""
    table = moved(brief)
    if table.empty:
        _say("No assumption would change this answer: no duty that the models know differs.")
    else:
        tables.show(table, columns=MOVED, caption="What moves each answer most", groups="answer")


def choices(brief: Brief) -> pd.DataFrame:
    """Growers' income by other evidence and under other choices: `choice`, `value`, `range`; no rows where it stays."""
    base = studies.base_years(studies.OTHER_BASE)
    labels = CHOICES | {base.key: f"On the {base.words}"}
    rows = [{"choice": label, "value": number.bare, "range": number.span or tables.MISSING}
            for name, label in labels.items()
            if (number := brief.moving(f"{INCOME}.{name}" if name else INCOME))]  # fmt: skip
    return pd.DataFrame(rows, columns=list(CHOSEN))


def moves(brief: Brief) -> Claim:
    """That the weighted number or its range is another one than the unweighted, where anything moves."""
    plain, growers = brief.find(f"{INCOME}.unweighted"), brief.growers
    holds = growers.direction == "none" or (
        plain is not None and (plain.value, plain.ends) != (growers.value, growers.ends)
    )
    return Claim("history moves the number from the assumptions", holds, brief.growers.full,
                 "What other evidence says of growers", neutral=STAYS if plain else "")  # fmt: skip


def show_choices(brief: Brief) -> None:
    """Show :func:`choices`, and where the first number is that before any data, say so; or that income stays."""
    table = choices(brief)
    if table.empty:
        _say("Growers' income stays as it is by any evidence: no duty on canola differs.")
    else:
        tables.show(table, columns=CHOSEN, caption="Growers' income by other evidence")
        _say("" if (claim := moves(brief)).holds else claim.said)


def show_scale() -> None:
    """Show which word stands for which share of draws."""
    headings = {"word": "Word", "draws": "Share of simulations"}
    tables.show(sentences.scale(), columns=headings, caption="Words and numbers")
