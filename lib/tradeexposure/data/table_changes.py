"""Two versions of a table: which rows are new or gone, which cells differ by more than a tolerance; the same in words.

No notebook needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tradeexposure.core.text import visible
from tradeexposure.data import descriptor, table_schema
from tradeexposure.data.tables import Changed

MOST_NAMED = 3
UNKNOWN = "which cell cannot be said, since git has no version of it as it was accepted"
Row = tuple[str, ...]
AGAIN = "\0"  # no column of a table is called so


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


def changes_in_words(changed: Changed) -> str:
    """One line: the first cells that changed (row, column, before → after), rows added and removed, what to type."""
    before = descriptor.accepted_bytes(changed.where, changed.described)
    what = UNKNOWN if before is None else differences(before, changed.content, changed.key, where=changed.where)
    return f"{changed.where}: changed since it was accepted: {what}; {changed.todo}"


def differences(before: bytes, after: bytes, key: Sequence[str], *, where: str = "") -> str:
    """What differs between two versions of a table, in words.

    Parameters
    ----------
    before, after : bytes
        CSV files.
    key : sequence of str
        Columns that name a row; rows of one key are told apart by their order.
    where : str
        The file, for messages.

    Raises
    ------
    BadInput
        One of them is no table.
    """
    first, second = (table_schema.parse(content, where=where) for content in (before, after))
    if list(first) != list(second):
        return f"the columns were {', '.join(map(str, first))}"
    key = [name for name in key if name in first]
    numbered = []
    for frame in (first, second):  # rows of one key by how many of them came before
        again = frame.groupby(key, dropna=False).cumcount() if key else pd.Series(range(len(frame)), frame.index)
        numbered.append(frame.assign(**{AGAIN: again.astype(str)}))
    old, new = numbered
    changed = changes(old, new, [*key, AGAIN])
    cells = [
        f"{_row_name(cell.row, key)}, column {cell.column}: {_as_typed(cell.before)} → {_as_typed(cell.after)}"
        for cell in changed.cells
    ]
    added, removed = ([_row_name(row, key) for row in rows] for rows in (changed.added, changed.vanished))
    parts = [_some(cells, "cells"), _counted(added, "added"), _counted(removed, "removed")]
    same = "no cell, but how they are written (quotes, line ends)"
    order = "no cell, but the order of the rows"
    return "; ".join(filter(None, parts)) or (same if old.equals(new) else order)


def _row_name(row: tuple[str, ...], key: Sequence[str]) -> str:
    named = ", ".join(f"{name}={value}" for name, value in zip(key, row, strict=False))
    return named if row[-1] == "0" else f"{named} (once more)"


def _as_typed(cell: str) -> str:
    """A cell as typed; in quotes where blanks or what cannot be seen would get lost."""
    return cell if cell and visible(cell) == cell else ascii(cell) if cell else "nothing"


def _some(changes: Sequence[str], what: str) -> str:
    more = f" and {len(changes) - MOST_NAMED} more {what}" if len(changes) > MOST_NAMED else ""
    return "; ".join(changes[:MOST_NAMED]) + more


def _counted(rows: Sequence[str], what: str) -> str:
    if not rows:
        return ""
    count = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    return f"{count} {what} ({_some(rows, 'rows')})"
