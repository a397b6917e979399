"""Which published numbers a chart shows: those whose value and range stand in one row of its data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tradeexposure.core import units

#: Powers of ten by which a chart may draw a number: per cent, thousands, millions, billions.
SCALES = (0, 2, -3, -6, -9)
MOST_DIGITS = 3  # to which a chart's number must agree
ENDS = ("value", "low", "high")
#: Number written to some digits → the rows that hold it.
Places = Mapping[float, set[int]]


def drawn(data: Iterable[Sequence[Any]], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Identifiers of the numbers that a chart draws with their ranges, in the order of `rows`.

    Parameters
    ----------
    data
        The chart's data, row by row.
    rows
        Published numbers: `result_id`, `value`, `low`, `high`, `digits`. One without a range cannot be told from
        another that is written the same.
    """
    cells = [{float(cell) for cell in row if isinstance(cell, int | float) and cell == cell} for row in data]
    places = {digits: _places(cells, digits) for digits in range(1, MOST_DIGITS + 1)}
    return [str(row["result_id"]) for row in rows if _has_range(row) and _stands(row, places)]


def _places(data: Sequence[set[float]], digits: int) -> Places:
    places: dict[float, set[int]] = defaultdict(set)
    for place, row in enumerate(data):
        if len(row) >= len(ENDS):
            for cell in row:
                places[units.significant(cell, digits)].add(place)
    return places


def _has_range(row: Mapping[str, Any]) -> bool:
    ends = [row.get(name) for name in ENDS]
    return all(end is not None and end == end for end in ends) and len(set(ends)) == len(ENDS)


def _stands(row: Mapping[str, Any], places: Mapping[int, Places]) -> bool:
    """Whether one row of the data holds value and both ends, at one scale."""
    published = row.get("digits")
    digits = MOST_DIGITS if published is None or published != published else min(int(published), MOST_DIGITS)
    nowhere: set[int] = set()
    return any(
        set.intersection(*(places[digits].get(units.significant(float(row[name]) * 10.0**scale, digits), nowhere)
                           for name in ENDS))
        for scale in SCALES
    )  # fmt: skip
