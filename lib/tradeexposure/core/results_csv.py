"""Published numbers as a file: how ``results.csv`` writes and reads them, and the rows that a notebook carries."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.core.published_rows import NUMBERS, numbers_of
from tradeexposure.core.text import as_cell, from_cell

#: Columns, each with what it holds.
MEANINGS = {
    "result_id": "Identifier of the number; it stays the same from edition to edition",
    "label": "What the number is, in words",
    "value": "The number, in the unit of its row; the median where it was simulated",
    "low": "Lower end of its range; empty where a range has no meaning",
    "high": "Upper end of its range",
    "level": "Share of cases that the range covers, such as 0.9; empty without one",
    "unit": "Unit of value, low and high; see the units",
    "period": "Time the number is about, and what it is measured against where it is a difference",
    "geography": "Place the number is about; empty where the label says it",
    "method": "How it was made; empty where it is as published by its source",
    "notebook": "Notebook that made it",
    "tables": "Tables of data behind it; see the sources",
}
COLUMNS = tuple(MEANINGS)
#: In the table of every scenario: which one a number is of, and which one it is measured against, if it is a change.
SCENARIO, AGAINST = "scenario", "against"
DIGITS = "digits"  # how many of a number are shown; only what other notebooks are given states it
WRITTEN = "a results.csv written by 'tradeexposure run'"
NOTHING = "no published numbers in the notebook's outputs: does its last code cell call book.save()?"


def frame_of(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Published rows as a frame: the columns of ``results.csv``, `digits` and `tolerance`."""
    frame = pd.DataFrame(list(rows), columns=[*COLUMNS, "digits", "tolerance"])
    return frame.astype(dict.fromkeys(NUMBERS, "float64"))


def from_notebook(notebook: Any) -> pd.DataFrame:
    """Numbers published by an executed notebook.

    Returns
    -------
    DataFrame
        One row per number: the columns of ``results.csv``, `digits` and `tolerance`.

    Raises
    ------
    ValueError
        The notebook was not executed, or published nothing.
    """
    rows = numbers_of(notebook)
    if not rows:
        raise ValueError(NOTHING)
    return frame_of(rows)


def text(frame: pd.DataFrame, *, more: Sequence[str] = ()) -> str:
    """``results.csv`` as text: the contract's columns, numbers in plain decimal notation, one row per result.

    `more` columns may follow, :data:`DIGITS` and :data:`AGAINST`.
    """
    columns = [column for column in (SCENARIO, *COLUMNS, *more) if column in frame]
    cells = {
        column: frame[column].map(lambda value: as_cell(value) if isinstance(value, str) else value)
        for column in columns
        if column not in NUMBERS
    }
    cells |= {
        column: frame[column].map(lambda value: "" if pd.isna(value) else np.format_float_positional(value, trim="-"))
        for column in NUMBERS
    }
    shown = frame[columns].assign(**cells)
    return str(shown.to_csv(index=False, lineterminator="\n"))


def read(path: Path) -> pd.DataFrame:
    """Read a ``results.csv`` of an edition; identifiers and periods stay text, and `digits` are whole where they stand.

    Raises
    ------
    BadInput
        No such file, or other columns.
    """
    name = paths.relative(Path(path))
    return parse(reading.text(path, where=name, allowed=WRITTEN), where=name)


def parse(content: str, *, where: str) -> pd.DataFrame:
    """As :func:`read`, of a text; `where` names it in messages."""
    try:
        rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    except csv.Error as error:
        raise BadInput(where, found=f"no CSV ({error})", allowed=WRITTEN) from None
    heading = rows[0] if rows else []
    missing = [column for column in COLUMNS if column not in heading]
    if missing:
        raise BadInput(where, "columns", found=f"no {', '.join(missing)}", allowed=", ".join(COLUMNS))
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(heading):
            raise BadInput(
                where, f"row {number}", found=f"{len(row)} cells", allowed=f"{len(heading)} cells, one a column"
            )
    frame = pd.DataFrame(rows[1:], columns=pd.Index(heading), dtype="str")
    read = frame.assign(**{column: frame[column].map(from_cell) for column in heading if column not in NUMBERS})
    for column in NUMBERS:
        cells = frame[column]
        read[column] = pd.to_numeric(cells.mask(cells == ""), errors="coerce").astype("float64")
        _check_cells(cells, (cells == "") | np.isfinite(read[column]), where, allowed="a number, or nothing")
    if DIGITS in frame:
        whole = frame[DIGITS].str.fullmatch(r"[1-9]\d?")
        _check_cells(frame[DIGITS], whole, where, allowed="a whole number, as in 2")
        read[DIGITS] = frame[DIGITS].astype("int64")
    return read


def _check_cells(cells: pd.Series, right: pd.Series, where: str, *, allowed: str) -> None:
    """BadInput for the first cell of a column that is not right."""
    if not right.all():
        row = int(np.argmin(right))
        raise BadInput(where, f"row {row + 2}, column {cells.name}", found=cells.iloc[row], allowed=allowed)


def concatenated(texts: Sequence[str], *, where: str) -> pd.DataFrame:
    """Tables of several scenarios, one below the other; an empty one without any."""
    if not texts:
        return pd.DataFrame(columns=[SCENARIO, *COLUMNS, DIGITS, AGAINST])
    return pd.concat([parse(text, where=where) for text in texts], ignore_index=True)
