"""The scenarios by four outcomes, grouped by what they are measured against, and the deal by province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from tradeexposure.reporting import pieces, tables
from tradeexposure.reporting.chart_style import LABELS
from tradeexposure.reporting.numbers import Number
from tradeexposure.reporting.pieces import Cell, Group, Row
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
STEPS = (0.2, 0.5)  # of the largest change of a column: where the shade gets darker
FARMS = {"place": "Province", "value": "A canola farm, a year", "range": "Range"}
FARMS_CAPTION = "Change of income per canola farm under the deal, largest provinces"
PLACES = 3


def grouped(found: Compared) -> dict[str, list[str]]:
    """What scenarios are measured against → their names: the deal's group first, then those measured against it.

    In a group the largest gain of growers comes first.
    """
    first = [found.scenarios[DEAL].against, DEAL]
    groups: dict[str, list[str]] = {against: [] for against in first}
    for name in sorted(found.across, key=lambda one: -found.across[one]["growers"].value):
        groups.setdefault(found.scenarios[name].against, []).append(name)
    return {against: names for against, names in groups.items() if names}


def heading(found: Compared, names: list[str]) -> str:
    """What the scenarios of a group are measured against, as the line above them says it."""
    return AGAINST.format(against=found.against(names[0]))


def table(found: Compared) -> list[Group]:
    """One row per scenario with the cells of :data:`OUTCOMES`."""
    most = {part: max(abs(one[part].value) for one in found.across.values() if part in one) for part in OUTCOMES}
    return [
        Group(heading(found, names), tuple(_row(found, name, most) for name in names))
        for names in grouped(found).values()
    ]


def _row(found: Compared, name: str, most: Mapping[str, float]) -> Row:
    own = found.across[name]
    cells = tuple(cell(own.get(part), most[part]) for part in OUTCOMES)
    return Row(found.title(name), found.scenarios[name].question, cells, edition=name)


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
    """The deal per canola farm in the provinces with the largest change: `place`, `value`, `range`, all text."""
    largest = largest_provinces(found)[:PLACES]
    each = {place: found.quoted[f"{simulated.INCOME}.{place}.per_farm"] for place in largest}
    rows = [{"place": LABELS[place], "value": one.bare, "range": one.span} for place, one in each.items()]
    return pd.DataFrame(rows)


def show_farms(found: Compared) -> None:
    """Show :func:`farms`."""
    tables.show(farms(found), columns=FARMS, caption=FARMS_CAPTION)
