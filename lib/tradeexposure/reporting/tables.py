"""Tables as a reader sees them: rounded, captioned, the same bytes every time."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import units

MISSING = "\N{EN DASH}"


def text(value: object, digits: int = 3) -> str:
    """One cell: numbers to `digits` significant digits (whole numbers whole), months as 2025-03, missing as a dash."""
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return MISSING
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value.day != 1 else f"{value:%Y-%m}"
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int | np.integer):
        return f"{int(value)}"
    if hasattr(value, "__float__"):
        return units.write(float(value), "ratio", digits)
    return str(value)


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _whole(column: pd.Series) -> pd.Series:
    """Whole numbers with thousands separators; years without."""
    years = column.between(1900, 2100).all()
    return column.map(lambda value: str(value) if years else f"{value:,}".replace("-", units.MINUS))


def _written(column: pd.Series, unit: str, digits: int) -> pd.Series:
    return column.map(lambda value: MISSING if pd.isna(value) else units.write(float(value), unit, digits))


def bundle(
    frame: pd.DataFrame, *, caption: str, digits: int = 3, written: Mapping[Any, str] | None = None
) -> dict[str, str]:
    """`frame` as ``text/html`` and ``text/plain``, without its index; `written` as in :func:`show`.

    Raises
    ------
    ValueError
        No rows or no caption.
    """
    if frame.empty or not caption.strip():
        raise ValueError(f"table {caption!r}: a table needs rows and a caption")
    classes = ["number" if _is_number(frame.iloc[:, place]) else "text" for place in range(frame.shape[1])]
    cells = frame.map(lambda value: text(value, digits))
    for name in frame.columns[[pd.api.types.is_integer_dtype(kind) for kind in frame.dtypes]]:
        cells[name] = _whole(frame[name])
    for name, unit in (written or {}).items():
        cells[name] = _written(frame[name], unit, digits)
    head = "".join(
        f'<th scope="col" class="{kind}">{html.escape(str(name))}</th>'
        for kind, name in zip(classes, frame.columns, strict=True)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f'<td class="{kind}">{html.escape(cell)}</td>' for kind, cell in zip(classes, row, strict=True))
        + "</tr>"
        for row in cells.itertuples(index=False, name=None)
    )
    return {
        "text/html": f'<table class="data"><caption>{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>",
        "text/plain": f"{caption}\n{cells.to_string(index=False)}",
    }


def show(
    frame: pd.DataFrame,
    *,
    caption: str,
    columns: Mapping[str, str] | None = None,
    written: Mapping[Any, str] | None = None,
    digits: int = 3,
) -> None:
    """Show a table in the notebook and on the report.

    Parameters
    ----------
    frame : DataFrame
        Tidy; the index is not shown.
    caption : str
        What one row is, with the unit where all columns share it.
    columns : mapping, optional
        Columns to show, in this order, and the heading (with unit) of each.
    written : mapping, optional
        Column of `frame` → unit in which its cells are written (the keys of ``units.FORMATS``):
        ``{"share": "share"}`` shows 0.391 as 39.1%.
    digits : int
        Significant digits of numbers that are not whole.
    """
    from IPython.display import display

    headings = dict(columns) if columns is not None else {name: name for name in frame.columns}
    shown = frame[list(headings)].rename(columns=headings)
    chosen = {headings[name]: unit for name, unit in (written or {}).items()}
    display(bundle(shown, caption=caption, digits=digits, written=chosen), raw=True)
