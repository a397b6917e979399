"""Names at the ends of lines in place of a legend: in lines that fit, and apart from one another.

Without Altair: a page breaks the names of a drawing anew for a phone.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from typing import Any

from tradeexposure.reporting import chart_style

MOST = 7  # lines of a chart; more names than that would stand far from their ends
LETTERS, NARROW_LETTERS = 24, 13  # of a name on one line, at a desk and on a phone
LINE, GAP = 13, 3  # pixels from one line of a name to the next, and between two names more
NAME, AT, SHIFT = "end_name", "end_at", "end_shift"  # columns: what is written, where its line ends, how far off


def shifts(heights: Sequence[float], counts: Sequence[int]) -> list[float]:
    """How far down names move so that they stand apart, as near to the ends of their lines as they can.

    Parameters
    ----------
    heights : sequence of float
        Where each line ends, pixels from the top.
    counts : sequence of int
        Lines of each name.

    Returns
    -------
    list of float
        For the first line of each name, pixels.
    """
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    offsets = [0.0]
    for above, below in itertools.pairwise(order):
        offsets.append(offsets[-1] + LINE * (counts[above] + counts[below]) / 2 + GAP)
    groups: list[list[float]] = []  # of neighbours that touch; all of a group stand around their mean
    for place, offset in zip(order, offsets, strict=True):
        groups.append([heights[place] - offset])
        while len(groups) > 1 and _mean(groups[-2]) > _mean(groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
    middles = [_mean(group) for group in groups for _ in group]
    moved = dict(zip(order, (middle + offset for middle, offset in zip(middles, offsets, strict=True)), strict=True))
    return [round(moved[place] - heights[place] - LINE * (counts[place] - 1) / 2, 1) for place in range(len(heights))]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def folded(spec: dict[str, Any], letters: int) -> dict[str, Any]:
    """`spec` (Vega-Lite with its data in ``datasets``) whose names at ends have lines of at most `letters` letters."""
    sets = dict(spec.get("datasets", {}))
    for key, rows in chart_style.data_sets(spec).items():
        if rows and NAME in rows[0]:
            names = [textwrap.wrap(" ".join(str(row[NAME]).split()), letters) for row in rows]
            down = shifts([row[AT] for row in rows], list(map(len, names)))
            sets[key] = [{**row, NAME: "\n".join(name), SHIFT: shift}
                         for row, name, shift in zip(rows, names, down, strict=True)]  # fmt: skip
    return {**spec, "datasets": sets} if sets else spec
