"""The scenarios by four outcomes, grouped by what they are measured against, and the deal by province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from tradeexposure.policy.scenarios import Comparison
from tradeexposure.reporting import pieces, tables
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.numbers import Number
from tradeexposure.reporting.pieces import Cell, Group, Row
from tradeexposure.scenarios.brief import worth
from tradeexposure.scenarios.brief.tables import SAME
from tradeexposure.scenarios.comparison import leads
from tradeexposure.scenarios.comparison.inputs import DEAL, Compared, largest_provinces
from tradeexposure.scenarios.simulation import messages as simulated

#: Outcome → heading of its column, in their order.
OUTCOMES = {
    "growers": "Growers' income a year",
    "cars": "China-built electric cars a year",
    "vehicles": "Car sales to the US a year",
    "canada": "Canada, canola and cars, a year",
}
FIRST, AGAINST = "If …", "Compared with {against}"
CAPTION = "Change of a full year by scenario, with its {level} range"
NO_CHANGE, NOT_MODELLED = "no change", "not modelled"
#: Scenarios that keep all China-built cars out, each with the rebates of its own day, and what sets them apart.
SHUT_OUT = ("final_duty_2026", "status_quo_2025")
REBATE = (
    "Canada's surtax keeps out fewer China-built cars under the rules of 2026 than at the end of 2025: the rebate that "
    "began in 2026 is for other cars alone, so that fewer China-built ones would be bought without a surtax too."
)
STEPS = (0.2, 0.5)  # of the largest change of a column: where the shade gets darker
FARMS = {"place": "Province", "stays": "Seed duty stays", "stays_range": "Range", "settled": "Settled duty",
         "settled_range": "Its range"}  # fmt: skip
FARMS_CAPTION = (
    "Gain per canola farm a year from the deal, compared with a seed duty that stays and with the settled one"
)
PLACES = 3


@dataclass(frozen=True)
class Entry:
    """One scenario under the heading of what its numbers are measured against."""

    title: str
    scenario: str
    numbers: Mapping[str, Number]


def grouped(found: Compared) -> dict[str, list[Entry]]:
    """Heading of what is compared with → scenarios: the deal against both counterfactuals, then those compared with it.

    In a group the largest gain of growers comes first.
    """
    deal = found.compared(DEAL)
    first = [*map(heading, filter(None, (deal, deal.beside))), AGAINST.format(against=f"“{deal.scenario.named}”")]
    groups: dict[str, list[Entry]] = {against: [] for against in first}
    for name in sorted(found.across, key=lambda one: -found.across[one]["growers"].value):
        entry = Entry(found.title(name), name, found.across[name])
        groups.setdefault(heading(found.compared(name)), []).append(entry)
    if deal.beside:
        groups[heading(deal.beside)].insert(0, Entry(SAME, DEAL, found.beside))
    return {against: entries for against, entries in groups.items() if entries}


def heading(compared: Comparison) -> str:
    """What a scenario is measured against, as the line above says it."""
    return AGAINST.format(against=compared.against_title)


def table(found: Compared) -> list[Group]:
    """One row per scenario with the cells of :data:`OUTCOMES`, two of the deal."""
    most = {part: max(abs(one[part].value) for one in found.across.values() if part in one) for part in OUTCOMES}
    return [
        Group(against, tuple(_row(found, entry, most) for entry in entries))
        for against, entries in grouped(found).items()
    ]


def _row(found: Compared, entry: Entry, most: Mapping[str, float]) -> Row:
    cells = tuple(cell(entry.numbers.get(part), most[part]) for part in OUTCOMES)
    return Row(entry.title, found.scenarios[entry.scenario].question, cells, edition=entry.scenario)


def cell(one: Number | None, most: float) -> Cell:
    """A change as the table shows it; `most` is the largest of its column.

    The shade is that of the size where the range has one sign, and none where it holds zero.
    """
    if one is None:
        return Cell(NOT_MODELLED)
    row = leads.number_of("own", one.key)
    if one.direction == "none":
        return Cell(NO_CHANGE, address=row)
    low, high = (signed(replace(one, value=end)) for end in one.ends)
    span = f"{low} to {high}" if low != high else ""
    if one.direction == "open":
        return Cell(signed(one), span, address=row)
    size = 1 + sum(abs(one.value) >= step * most for step in STEPS)
    return Cell(signed(one), span, size if one.direction == "rise" else -size, row)


def signed(one: Number) -> str:
    """The value with its sign, plus too: ``+C$500 m``."""
    return f"+{one.bare}" if one.value > 0 and not one.bare.startswith("+") else one.bare


def show(found: Compared) -> None:
    """Show :func:`table`."""
    caption = CAPTION.format(level=found.level)
    pieces.show(pieces.outcomes(FIRST, tuple(OUTCOMES.values()), table(found), caption=caption))


def farms(found: Compared) -> pd.DataFrame:
    """The deal per canola farm in the provinces with the largest change, against both counterfactuals, all text."""
    rows = []
    for place in largest_provinces(found)[:PLACES]:
        farm = f"{simulated.INCOME}.{place}.per_farm"
        stays, settled = found.quoted[farm], found.quoted[f"{farm}.{worth.SECOND}"]
        rows.append({"place": LABELS[place], "stays": stays.bare, "stays_range": stays.span,
                     "settled": settled.bare, "settled_range": settled.span})  # fmt: skip
    return pd.DataFrame(rows)


def show_farms(found: Compared) -> None:
    """Show :func:`farms`."""
    tables.show(farms(found), columns=FARMS, caption=FARMS_CAPTION)
