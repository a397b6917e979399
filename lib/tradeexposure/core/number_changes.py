"""Keyed cells before and after: which rows are new or gone, and which cells differ by more than a tolerance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

Row = tuple[str, ...]


class Cell(NamedTuple):
    """One cell that differs: the key of its row, its column, and what it holds on each side."""

    row: Row
    column: str
    before: Any
    after: Any


class Changes(NamedTuple):
    """Keys of rows on one side only, in the order of that side, and cells of the others, in the order of `after`."""

    added: list[Row]
    vanished: list[Row]
    cells: list[Cell]


def differ(before: Any, after: Any, tolerance: Any = 0.0) -> Any:
    """Whether two numbers differ by more than `tolerance`, or one of them is missing; of aligned columns, where."""
    return (np.isnan(before) != np.isnan(after)) | (np.abs(after - before) > tolerance)


def changes(
    before: pd.DataFrame,
    after: pd.DataFrame,
    key: Sequence[str],
    tolerance: Callable[[pd.Series, pd.Series], Any] = lambda *_: 0.0,
) -> Changes:
    """Compare two tables of the same columns row by row.

    Parameters
    ----------
    before, after : DataFrame
        Rows that `key` tells apart. Columns of numbers are compared as :func:`differ` does; texts differ where they are
        not equal.
    key : sequence of str
        At least one column.
    tolerance : callable
        What gives the largest difference of equal numbers, of a column before and after.
    """
    old, new = (
        pd.Index(list(frame[list(key)].itertuples(index=False, name=None)), dtype=object, tupleize_cols=False)
        for frame in (before, after)
    )
    places, kept = old.get_indexer(new), new.get_indexer(old) >= 0
    rows, cells = new[places >= 0], []
    old_rows, new_rows = before.iloc[places[places >= 0]], after[places >= 0]
    for number, column in enumerate(after.columns.difference(list(key), sort=False)):
        first, second = (side[column].reset_index(drop=True) for side in (old_rows, new_rows))
        numeric = all(map(pd.api.types.is_numeric_dtype, (first, second)))
        marked = differ(first, second, tolerance(first, second)) if numeric else first != second
        cells += [
            (row, number, Cell(rows[row], str(column), first.iat[row], second.iat[row]))
            for row in map(int, np.flatnonzero(marked))
        ]
    ordered = [cell for _, _, cell in sorted(cells, key=lambda entry: entry[:2])]
    return Changes(list(new[places < 0]), list(old[~kept]), ordered)
