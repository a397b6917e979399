"""Publishable numbers from a tidy frame: identifiers from templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import units

SUM_DIGITS = 12  # the longest sum of cells has them; what adding binary numbers leaves behind is beyond
QUOTIENT_DIGITS = 6  # one more than sums of the shortest table, so that what is shown is as if rounded once
DIGITS_SHOWN = 3  # where nobody says how many
#: Digits of a number that is shown as a whole, in ones or in millions, or as the law writes it.
WHOLE_DIGITS: Mapping[str, Callable[[float], int]] = {
    "whole": lambda value: len(str(abs(round(value)))),
    "whole from 3": lambda value: max(3, len(str(abs(round(value))))),
    "as written": lambda value: len(f"{value:.6g}".replace(".", "").strip("0")) or 1,  # 84.8%, 6.1%, 50%
    "millions": lambda value: len(str(abs(round(value / units.MILLION)))),
}
QUOTIENTS = ("share", "change", "points", "rate", "ratio", "effective number")


def result_rows(frame: pd.DataFrame, numbers: Mapping[str, str | Sequence[str]], **texts: str) -> pd.DataFrame:
    """Publishable numbers, for :meth:`tradeexposure.reporting.results_book.Book.add_frame`: one per row and identifier.

    Parameters
    ----------
    frame : DataFrame
        Tidy; its columns can be named in the templates.
    numbers : mapping
        Template such as ``canola.farms.{place}.{census_year}`` → column of the number, or those of the number and both
        ends of its range. All rows of one come before those of the next.
    **texts : str
        Further arguments of ``add`` as templates (``period="{year}"``, ``geography="{place}"``).
    """
    records = [{str(key): item for key, item in row.items()} for row in frame.to_dict("records")]
    parts = []
    for result_id, columns in numbers.items():
        written = {"result_id": result_id, **texts}
        rows = pd.DataFrame({name: [text.format(**record) for record in records] for name, text in written.items()})
        named = zip(("value", "low", "high"), [columns] if isinstance(columns, str) else columns, strict=False)
        parts.append(rows.assign(**{name: frame[column].to_numpy() for name, column in named}))
    return pd.concat(parts, ignore_index=True)


def named_rows(numbers: Mapping[str, float], result_id: str, **texts: str) -> pd.DataFrame:
    """One publishable number per name: `result_id` has ``{name}`` in it; `texts` stand on every row."""
    rows = [{"result_id": result_id.format(name=name), "value": float(value)} for name, value in numbers.items()]
    return pd.DataFrame(rows).assign(**texts)


def digits(row: Mapping[str, Any], value: float) -> dict[str, Any]:
    """How many digits of a number are shown and how many are published: as its row says, or by a rule named there.

    A fact keeps those of its source, and a quotient of facts :data:`QUOTIENT_DIGITS`.
    """
    rule, kept = WHOLE_DIGITS.get(str(row["digits"])), row["kept"]
    if kept == "source":
        kept = QUOTIENT_DIGITS if row["unit"] in QUOTIENTS else SUM_DIGITS
    return {"digits": rule(value) if rule else int(row["digits"] or DIGITS_SHOWN), "kept": kept}


def last_digit(numbers: Sequence[float | None], digits: int) -> float:
    """One last digit of the coarsest of a value and its range."""
    finite = [float(number) for number in numbers if number is not None and np.isfinite(number)]
    return max(units.last_digit(number, digits) for number in finite)
