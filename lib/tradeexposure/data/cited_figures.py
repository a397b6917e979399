"""Figures out of tables, each found by what it says it is; imports of electric cars by month."""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.errors import BadInput

CAR_IMPORTS, ELECTRIC_CARS = "canola_ev_trade_value_monthly", "8703.80.00"  # the table; the line of the tariff


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
    """The one number held in `column` of rows whose columns equal `equals`; BadInput if there is none, or several."""
    return float(row(table.dropna(subset=column), f"{where}, {column}", **equals)[column])


def of_study(table: pd.DataFrame, study: str, effect: str) -> pd.Series:
    """The one row of ``benchmarks_canola`` on an effect, by how the study's name begins; BadInput as of :func:`row`."""
    return row(table[table["study"].str.startswith(study)], f"benchmarks_canola, {study}", effect=effect)


def electric_car_imports(table: pd.DataFrame) -> pd.Series:
    """Value of new electric cars imported from all countries by month, C$.

    Parameters
    ----------
    table : DataFrame
        ``canola_ev_trade_value_monthly``: `month`, `flow`, `hs`, `value_cad`.

    Raises
    ------
    BadInput
        No row, or a month missing in the middle.
    """
    rows = table[(table["flow"] == "imports") & (table["hs"] == ELECTRIC_CARS)]
    if rows.empty:
        raise BadInput(CAR_IMPORTS, "hs", found=f"no imports of {ELECTRIC_CARS}", allowed="one row a month")
    series = rows.set_index("month")["value_cad"].sort_index()
    holes = pd.date_range(series.index[0], series.index[-1], freq="MS").difference(pd.DatetimeIndex(series.index))
    if len(holes):
        gap = f"no {ELECTRIC_CARS} in {holes[0]:%Y-%m}"
        raise BadInput(CAR_IMPORTS, "month", found=gap, allowed="months in a row")
    return series
