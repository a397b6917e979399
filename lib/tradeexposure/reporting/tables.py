"""Tables as a reader sees them: rounded, captioned, the same bytes every time."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.text import NO_FORMULA

MISSING = "\N{EN DASH}"
#: Headings of :func:`coefficients`.
COEFFICIENTS = {"term": "Term", "coefficient": "Coefficient", "std_error": "Standard error"}


def text(value: object, digits: int = 3) -> str:
    """One cell: numbers to `digits` significant digits (whole ones whole), months as 2025-03, truth as yes or no."""
    if value is None or value is pd.NaT or (isinstance(value, float) and pd.isna(value)):
        return MISSING
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value.day != 1 else f"{value:%Y-%m}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, int | np.integer):
        return f"{int(value)}"
    if hasattr(value, "__float__"):
        return units.write(float(value), "ratio", digits)
    return str(value)


def bundle(
    frame: pd.DataFrame,
    *,
    caption: str,
    digits: int = 3,
    written: Mapping[Any, str] | None = None,
    groups: str | None = None,
    strong: Sequence[bool] = (),
) -> dict[str, str]:
    """`frame` as ``text/html`` and ``text/plain``, without its index; other arguments as in :func:`show`.

    Raises
    ------
    ValueError
        No rows or no caption.
    """
    if frame.empty or not caption.strip():
        raise ValueError(f"table {caption!r}: a table needs rows and a caption")
    cells = frame.map(lambda value: text(value, digits))
    # By place: two columns may have one heading.
    for place, (name, column) in enumerate(frame.items()):
        if unit := (written or {}).get(name):
            cells.isetitem(
                place, [MISSING if pd.isna(cell) else units.write(float(cell), unit, digits) for cell in column]
            )
        elif pd.api.types.is_integer_dtype(column):
            form = "{}" if column.between(1900, 2100).all() else "{:,}"  # years without marks of thousands
            whole = (MISSING if pd.isna(cell) else form.format(cell) for cell in column)
            cells.isetitem(place, [cell.replace("-", units.MINUS) for cell in whole])
    places = [place for place, name in enumerate(frame.columns) if name != groups]
    types = pd.api.types
    kinds = ["number" if types.is_numeric_dtype(kind) and not types.is_bool_dtype(kind) else "text"
             for kind in frame.dtypes.iloc[places]]  # fmt: skip
    head = "".join(
        f'<th scope="col" class="{kind}">{html.escape(str(name))}</th>'
        for kind, name in zip(kinds, frame.columns[places], strict=True)
    )
    rows = _rows(cells.iloc[:, places], kinds, list(cells[groups]) if groups else [], strong)
    table = (
        f'<table class="data"><caption>{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
    )
    return {
        "text/html": NO_FORMULA.format(table),
        "text/plain": f"{caption}\n{cells.to_string(index=False)}",
    }


def _rows(cells: pd.DataFrame, kinds: Sequence[str], groups: Sequence[str], strong: Sequence[bool]) -> str:
    """Rows in HTML, a heading above each run of equal groups."""
    rows = []
    for place, row in enumerate(cells.itertuples(index=False, name=None)):
        if groups and (place == 0 or groups[place] != groups[place - 1]):
            heading = html.escape(groups[place])
            rows.append(f'<tr><th scope="rowgroup" class="group" colspan="{len(kinds)}">{heading}</th></tr>')
        mark, unmark = ("<strong>", "</strong>") if strong and strong[place] else ("", "")
        written = zip(kinds, row, strict=True)
        filled = "".join(f'<td class="{kind}">{mark}{html.escape(cell)}{unmark}</td>' for kind, cell in written)
        rows.append(f"<tr>{filled}</tr>")
    return "\n".join(rows)


def coefficients(
    estimates: pd.Series[float], std_errors: pd.Series[float], *, names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """A fit by term: `term`, `coefficient`, `std_error`; `names` are terms in the words of a page."""
    table = pd.DataFrame({"coefficient": estimates, "std_error": std_errors}).rename(index=dict(names or {}))
    return table.rename_axis("term").reset_index()


def show(
    frame: pd.DataFrame,
    *,
    caption: str,
    columns: Mapping[str, str] | None = None,
    written: Mapping[Any, str] | None = None,
    digits: int = 3,
    groups: str | None = None,
    strong: Sequence[bool] = (),
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
    groups : str, optional
        Column of words that stands as a heading above each run of rows that share it.
    strong : sequence of bool
        One per row: whether it stands out.
    """
    from IPython.display import display

    headings = dict(columns) if columns is not None else {name: name for name in frame.columns}
    headings |= {groups: groups} if groups else {}
    if missing := [name for name in headings if name not in frame]:
        there = ", ".join(map(str, frame.columns))
        raise ValueError(f"table {caption!r}: no column {', '.join(map(str, missing))}; the frame has {there}")
    shown = frame[list(headings)].rename(columns=headings)
    chosen = {headings[name]: unit for name, unit in (written or {}).items()}
    display(bundle(shown, caption=caption, digits=digits, written=chosen, groups=groups, strong=strong), raw=True)
