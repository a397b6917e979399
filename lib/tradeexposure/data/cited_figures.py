"""Single figures out of the tables of cited figures, each found by what it says it is."""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.errors import BadInput


def row(table: pd.DataFrame, where: str, **equals: object) -> pd.Series:
    """The one row whose columns equal `equals`.

    Raises
    ------
    BadInput
        No such row, or several: a figure must not be taken from the wrong one.
    """
    mask = pd.Series(True, index=table.index)
    for column, wanted in equals.items():
        mask &= table[column] == wanted
    if mask.sum() != 1:
        asked = ", ".join(f"{column}={wanted}" for column, wanted in equals.items())
        raise BadInput(where, asked, found=f"{int(mask.sum())} rows", allowed="exactly one row")
    return table[mask].iloc[0]


def figure(table: pd.DataFrame, where: str, *, column: str = "value", **equals: object) -> float:
    """The number in `column` of the one row whose columns equal `equals`; BadInput if there is none."""
    value = row(table, where, **equals)[column]
    if pd.isna(value):
        raise BadInput(where, column, found="no figure", allowed="a number")
    return float(value)
