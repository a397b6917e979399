"""Published numbers as a file: ``results.csv``, and the rows that an executed notebook carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.published_rows import numbers_of

COLUMNS = (
    *("result_id", "label", "value", "low", "high", "level", "unit"),
    *("period", "geography", "method", "notebook", "tables"),
)
NOTHING = "no published numbers in the notebook's outputs: does its last code cell call book.save()?"
NUMBERS = ("value", "low", "high", "level")


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


def from_folder(folder: Path) -> pd.DataFrame:
    """Numbers of all executed notebooks in `folder` (an edition, or ``notebooks/``), in the order of their names."""
    import nbformat

    paths = sorted(Path(folder).glob("[0-9][0-9]_*.ipynb"))
    return pd.concat([from_notebook(nbformat.read(path, as_version=4)) for path in paths], ignore_index=True)


def _decimal(value: float) -> str:
    return "" if pd.isna(value) else np.format_float_positional(value, trim="-")


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write ``results.csv``; see :func:`text`."""
    path.write_text(text(frame), "utf-8", newline="")


def text(frame: pd.DataFrame) -> str:
    """``results.csv`` as text: the contract's columns, numbers in plain decimal notation, one row per result."""
    columns = [column for column in ("scenario", *COLUMNS) if column in frame]
    shown = frame[columns].assign(**{column: frame[column].map(_decimal) for column in NUMBERS})
    return str(shown.to_csv(index=False, lineterminator="\n"))


def read(path: Path) -> pd.DataFrame:
    """Read a ``results.csv`` written by :func:`write`; identifiers and periods stay text.

    Raises
    ------
    BadInput
        No such file, or other columns.
    """
    name = paths.relative(Path(path))
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise BadInput(name, found=str(error), allowed="a results.csv written by 'tradeexposure run'") from None
    missing = [column for column in COLUMNS if column not in frame]
    if missing:
        raise BadInput(name, "columns", found=f"no {', '.join(missing)}", allowed=", ".join(COLUMNS))
    return frame.assign(**{column: pd.to_numeric(frame[column]) for column in NUMBERS})
