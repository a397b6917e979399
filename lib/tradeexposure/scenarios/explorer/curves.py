"""Cubics through the four nearest settings of a lever, and a surface of many rows over two levers made of them.

The page's script does the same with the same numbers. A cubic never looks across a setting at which values bend: it
goes through the four nearest between two such joins, through all where there are fewer. Between two joins that are
neighbours it is a straight line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tradeexposure.core.arrays import Floats

MOST = 4  # settings that a curve goes through


def weights(nodes: Floats, at: float, joins: Collection[int] = ()) -> Floats:
    """What each node counts for a value at a setting; 1 at the node itself.

    Parameters
    ----------
    nodes : array
        Settings, rising; `at` lies between the first and the last.
    joins : collection of int
        Places of the nodes that no curve looks across.
    """
    last = len(nodes) - 1
    ends = sorted({0, last, *joins})
    upper = next(place for place in ends[1:] if at <= nodes[place] or place == last)
    lower = max(place for place in ends if place < upper)
    some = nodes[lower : upper + 1]
    count = min(MOST, len(some))
    left = int(np.searchsorted(some, at, side="right")) - count // 2
    first = min(max(left, 0), len(some) - count)
    parts = np.zeros(len(nodes))
    used = some[first : first + count]
    for place, node in enumerate(used):
        rest = np.delete(used, place)
        parts[lower + first + place] = np.prod((at - rest) / (node - rest))
    return parts


@dataclass(frozen=True, eq=False)
class Table:
    """One outcome over its levers."""

    nodes: Mapping[str, Floats]  #: Settings of each lever that moves it, rising.
    joins: Mapping[str, Sequence[int]]  #: Places of those at which it bends.
    values: Floats  #: One axis for each lever, then low end, median and high end, in the unit of the number that it is.

    @classmethod
    def of(cls, nodes: Mapping[str, Floats], bends: Mapping[str, Iterable[float]], values: Floats) -> Table:
        """A table that bends at some of its nodes."""
        joins = {key: np.flatnonzero(np.isin(some, np.fromiter(bends.get(key, ()), float))).tolist()
                 for key, some in nodes.items()}  # fmt: skip
        return cls(nodes, {key: sorted({0, len(nodes[key]) - 1, *own}) for key, own in joins.items()}, values)

    def between(self, levers: Mapping[str, float]) -> Floats:
        """Low end, median and high end at a setting within the nodes, in rising order as cubics need not keep it."""
        values = self.values
        for key, some in self.nodes.items():
            values = np.tensordot(weights(some, levers[key], self.joins[key]), values, 1)
        return np.sort(values)

    def scale(self, values: Floats, least: float) -> Floats:
        """What distances from `values` are shares of: high end less low end, or a part `least` of the widest range."""
        return np.maximum(np.ptp(values, axis=-1, keepdims=True), least * np.ptp(self.values, axis=-1).max())


@dataclass(frozen=True, eq=False)
class Surface:
    """Values of many rows over the duties on seed and meal, solved along two lines and at few points between.

    Along each line, of one meal duty, are many seed duties. What lies between is a straight line from one to the other
    and how far rows bend from it, which few seed duties say.
    """

    #: Seed duties of the lines; the two meal duties of the lines.
    seeds: Floats
    meals: Floats
    lines: Floats  #: Shape (meal, seed, value, row).
    #: Seed and meal duties at which it is solved how far rows bend; the meal duties hold those of the lines.
    across: Floats
    between: Floats
    bent: Floats  #: Shape (seed, meal, value, row). What is solved there less the straight line.

    def over(self, seeds: Floats, meals: Floats) -> Floats:
        """Values of each row at every pair of duties, (seed, meal, value, row)."""
        along = np.tensordot(_matrix(self.seeds, seeds), self.lines, (1, 1))
        off = np.tensordot(_matrix(self.across, seeds), self.bent, 1)
        line, parts = np.moveaxis(along, 1, 0), _matrix(self.between, meals)
        each = [straight(self.meals, meal, line) + sum(part[place] * off[:, place] for place in np.flatnonzero(part))
                for meal, part in zip(meals.tolist(), parts, strict=True)]  # fmt: skip
        return np.stack(each, axis=1)


def _matrix(nodes: Floats, settings: Floats) -> Floats:
    return np.stack([weights(nodes, at) for at in settings.tolist()])


def straight(ends: Floats, at: float, values: Floats) -> Floats:
    """On the straight line through two values."""
    part = (at - ends[0]) / (ends[1] - ends[0])
    return np.asarray((1 - part) * values[0] + part * values[1])
