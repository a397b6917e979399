"""The scenarios by four outcomes, grouped by what they are measured against, and the deal by province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from tradeexposure.policy import regimes
from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting import pieces, tables
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number
from tradeexposure.reporting.pieces import Cell, Row
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.brief.tables import SAME
from tradeexposure.scenarios.comparison.inputs import (
    BREAKDOWN,
    DEAL,
    PAGE,
    REGIME,
    RETALIATION,
    Compared,
    largest_provinces,
)
from tradeexposure.scenarios.simulation import messages as simulated

#: Outcome → heading of its column, in their order.
OUTCOMES = {
    "growers": "Growers' income a year",
    "cars": "China-built electric cars a year",
    "vehicles": "Car sales to the US a year",
    "canada": "Canada a year, without car plants",
}
FIRST, AGAINST = "If …", "Compared with {against}"
CAPTION = "Change of a full year by scenario, with its {level} range"
NO_CHANGE, NOT_MODELLED = "no change", "not modelled"
#: Scenarios that keep all China-built cars out, each with the rebates of its own day, and what sets them apart.
SHUT_OUT = ("final_duty_2026", "status_quo_2025")
UNFILLED = f"{REGIME}.unfilled"
LIFTED = "full_normalisation"  # the scenario without a quota
NOTE = (
    "**Cars.** Where the quota is not filled ({unfilled} of simulations) its end at normal duties brings no more cars: "
    "hence {lifted}. Without the deal {settled} fewer come by the rules of 2026, {stays} fewer by those of 2025: a "
    "rebate of 2026 leaves China-built cars out, so that fewer would sell anyway."
)
STEPS = (0.2, 0.5)  # of the largest change of a column: where the shade gets darker
FARMS = {"place": "Province", "stays": "If China had kept {stays}", "settled": "Had it settled on {settles} anyway"}
FARMS_CAPTION = "What the deal brings an average canola farm a year, by what China would have charged without it"
PLACES = 3
OTHER_FARM = (
    "These share out what Canada's growers gain at the prices of a whole year. [Your farm](../../farm.html) takes the "
    "newest price and every bushel of its acres, and comes to another number."
)


@dataclass(frozen=True)
class Entry:
    """One scenario under the heading of what its numbers are measured against."""

    title: str
    scenario: str
    numbers: Mapping[str, Number]


def grouped(comparison: Compared) -> dict[str, list[Entry]]:
    """Heading of what is compared with → scenarios: the deal against both counterfactuals, then those compared with it.

    In a group the largest gain of growers comes first.
    """
    deal = comparison.compared(DEAL)
    first = [*map(heading, filter(None, (deal, deal.beside))), AGAINST.format(against=f"“{deal.scenario.named}”")]
    groups: dict[str, list[Entry]] = {against: [] for against in first}
    for name in sorted(comparison.across, key=lambda key: -comparison.across[key]["growers"].value):
        entry = Entry(comparison.title(name), name, comparison.across[name])
        groups.setdefault(heading(comparison.compared(name)), []).append(entry)
    if deal.beside:
        groups[heading(deal.beside)].insert(0, Entry(SAME, DEAL, comparison.beside))
    return {against: entries for against, entries in groups.items() if entries}


def heading(compared: Comparison) -> str:
    """What a scenario is measured against, as the line above says it."""
    return AGAINST.format(against=compared.against_title)


def table(comparison: Compared) -> dict[str, list[Row]]:
    """One row per scenario with the cells of :data:`OUTCOMES`, two of the deal."""
    most = {
        part: max(abs(parts[part].value) for parts in comparison.across.values() if part in parts) for part in OUTCOMES
    }
    groups: dict[str, list[Row]] = {}
    for against, entries in grouped(comparison).items():
        rows = []
        for entry in entries:
            cells = tuple(cell(entry.numbers.get(part), most[part]) for part in OUTCOMES)
            question = "" if entry.title == SAME else comparison.scenarios[entry.scenario].question
            rows.append(Row(entry.title, question, cells, edition=entry.scenario))
        groups[against] = rows
    return groups


def cell(number: Number | None, most: float) -> Cell:
    """A change as the table shows it; `most` is the largest of its column.

    The shade is that of the size where the range has one sign, and none where it holds zero.
    """
    if number is None:
        return Cell(NOT_MODELLED)
    row = f"{PAGE}#number-{number.key}"
    if number.direction == "none":
        return Cell(NO_CHANGE, address=row)
    low, high = (signed(replace(number, value=end)) for end in number.ends)
    span = f"{low} to {high}" if low != high else ""
    if number.direction == "undetermined":
        return Cell(signed(number), span, address=row)
    size = 1 + sum(abs(number.value) >= step * most for step in STEPS)
    return Cell(signed(number), span, size if number.direction == "rise" else -size, row)


def signed(number: Number) -> str:
    """The value with its sign, plus too: ``+C$500 m``."""
    return f"+{number.bare}" if number.value > 0 and not number.bare.startswith("+") else number.bare


def show(comparison: Compared) -> None:
    """Show :func:`table`."""
    caption = CAPTION.format(level=comparison.level)
    pieces.show(pieces.outcomes(FIRST, tuple(OUTCOMES.values()), table(comparison), caption=caption))


def note(comparison: Compared) -> str:
    """What stands below the table: why some numbers of cars are what they are."""
    lifted, settled, stays = (comparison.across[name]["cars"] for name in (LIFTED, *SHUT_OUT))
    return NOTE.format(unfilled=comparison.quoted[UNFILLED].bare, lifted=lifted.span, settled=settled.size.bare,
                       stays=stays.size.bare)  # fmt: skip


def claims_of(comparison: Compared) -> list[Claim]:
    """What is said of the table of scenarios and in the note below it."""
    where = "What would each scenario change?"
    losses = [comparison.across[name]["growers"] for name in (BREAKDOWN, RETALIATION)]
    settled, stays = (regimes.vehicles(comparison.scenarios[name]) for name in SHUT_OUT)
    differ = settled.rebate_cad > settled.rebate_china_cad == stays.rebate_cad == stays.rebate_china_cad == 0
    rows = [row.title for group in table(comparison).values() for row in group if row.title != SAME]
    whole = sorted(rows) == sorted(comparison.title(name) for name in comparison.across)
    lifted, unfilled = comparison.across[LIFTED]["cars"], comparison.quoted[UNFILLED]
    return [
        Claim("the end of a quota that most simulations do not fill brings no more cars in most",
              (lifted.value == 0) is (unfilled.value > 0.5), f"{lifted.full}, {unfilled.full}", where),
        Claim("the rebate of 2026 is for other cars alone, and there was none before", differ,
              f"{settled.rebate_cad:g}, {stays.rebate_cad:g}", where),
        Claim("growers would lose if the deal broke down, and at the US duty that is threatened",
              all(loss.direction == "fall" for loss in losses), ", ".join(loss.full for loss in losses), where),
        Claim("every scenario stands in the table once", whole, str(len(comparison.across)), where),
    ]  # fmt: skip


def farms(comparison: Compared) -> pd.DataFrame:
    """The deal per canola farm in the provinces with the largest change, against both counterfactuals, all text."""
    rows = []
    for place in largest_provinces(comparison)[:PLACES]:
        farm = f"{simulated.INCOME}.{place}.per_farm"
        stays, settled = comparison.quoted[farm], comparison.quoted[f"{farm}.{brief.SECOND}"]
        rows.append({"place": LABELS[place], "stays": f"{stays.bare} ({stays.span})",
                     "settled": f"{settled.bare} ({settled.span})"})  # fmt: skip
    return pd.DataFrame(rows)


def show_farms(comparison: Compared) -> None:
    """Show :func:`farms`."""
    stays, settles = (comparison.quoted[key].bare for key in (brief.DUTY_STAYS, brief.DUTY_SETTLED))
    columns = {key: heading.format(stays=stays, settles=settles) for key, heading in FARMS.items()}
    tables.show(farms(comparison), columns=columns, caption=FARMS_CAPTION)
