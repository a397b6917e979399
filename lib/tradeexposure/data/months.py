"""A span of whole months, in words, as a period and as identifiers end; imports of electric cars by month."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tradeexposure.core.errors import BadInput

CAR_IMPORTS, ELECTRIC_CARS = "canola_ev_trade_value_monthly", "8703.80.00"  # the table; the line of the tariff
ONE_YEAR = pd.DateOffset(years=1)


@dataclass(frozen=True)
class Months:
    """Months since a date, as far as they are held, at most a year of them.

    Attributes
    ----------
    first, last : Timestamp
        First days of the first and the last month.
    """

    first: pd.Timestamp
    last: pd.Timestamp

    def back(self, offset: pd.DateOffset = ONE_YEAR) -> Months:
        """The same months earlier."""
        return Months(self.first - offset, self.last - offset)

    @property
    def suffix(self) -> str:
        """As identifiers end: ``2026_mar_apr``, or ``2026_nov_2027_jan``."""
        return f"{self.first:%Y_%b}_{self.last:{'%b' if self.last.year == self.first.year else '%Y_%b'}}".lower()

    @property
    def words(self) -> str:
        """As sentences say: ``March to April 2026``."""
        begin = f"{self.first:%B}" if self.last.year == self.first.year else f"{self.first:%B %Y}"
        return f"{begin} to {self.last:%B %Y}" if self.last > self.first else f"{self.last:%B %Y}"

    @property
    def period(self) -> str:
        """As the column `period` has it."""
        return f"{self.first:%Y-%m} to {self.last:%Y-%m}"


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
