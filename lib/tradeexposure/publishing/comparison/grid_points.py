"""What a grid varies, read from its table of points: along which axes a number can be drawn, labelled as typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tradeexposure.core.plain import from_cell
from tradeexposure.core.text import capital

MOST_AXES = 2
NAMES = ("x", "y")


@dataclass(frozen=True)
class GridAxes:
    """The points of a grid.

    Attributes
    ----------
    titles
        What is varied, as an axis is named.
    values
        Scenario → value of each key, as typed, in the order of the file.
    """

    titles: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def axes(self) -> int:
        """1 for a curve and 2 for a heat map; 0 where more is varied, or what is no number."""
        try:
            numeric = all(abs(float(text)) >= 0 for typed in self.values.values() for text in typed)
        except ValueError:
            return 0
        return len(self.titles) if numeric and 1 <= len(self.titles) <= MOST_AXES else 0

    def holds(self, scenario: str) -> bool:
        """Whether a scenario is a point of the grid."""
        return scenario in self.values

    def place(self, scenario: str) -> int:
        """The row of a scenario in the file; those that are no points come last, in their own order."""
        places = {name: place for place, name in enumerate(self.values)}
        return places.get(scenario, len(places))

    def at(self, scenario: str) -> dict[str, Any]:
        """Where a scenario stands: `x` and, of two axes, `y` as numbers, and as typed in `x_typed` and `y_typed`."""
        typed = dict(zip(NAMES, self.values[scenario], strict=False))
        return {key: float(text) for key, text in typed.items()} | {f"{key}_typed": text for key, text in typed.items()}


NONE = GridAxes()


def read(text: str) -> GridAxes:
    """The points in the text of a ``grid.csv``; none where it is empty."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if len(rows) < 2:
        return NONE
    keys = [key.split(".") for key in rows[0][1:]]  # overrides.china_seed.rate is shown as China seed: rate
    titles = tuple(capital(": ".join(parts[1:] or parts).replace("_", " ")) for parts in keys)
    return GridAxes(titles, {row[0]: tuple(map(from_cell, row[1:])) for row in rows[1:]})
