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
        drawable = 1 <= len(self.titles) <= MOST_AXES and all(map(_numeric, self.values.values()))
        return len(self.titles) if drawable else 0

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
    keys = rows[0][1:]
    return GridAxes(tuple(map(_title, keys)), {row[0]: tuple(map(from_cell, row[1:])) for row in rows[1:]})


def _title(key: str) -> str:
    """``overrides.china_seed_antidumping.rate`` as ``China seed antidumping: rate``."""
    parts = key.split(".")
    shown = parts[1:] if len(parts) > 1 else parts
    return capital(": ".join(part.replace("_", " ") for part in shown))


def _numeric(typed: tuple[str, ...]) -> bool:
    try:
        return all(abs(float(text)) >= 0 for text in typed)
    except ValueError:
        return False
