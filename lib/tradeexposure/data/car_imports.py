"""Imports of electric cars by month, which both themes read."""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.errors import BadInput

CAR_IMPORTS, ELECTRIC_CARS = "canola_ev_trade_value_monthly", "8703.80.00"  # the table; the line of the tariff


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
