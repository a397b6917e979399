"""A span of whole months, in words, as a period and as identifiers end."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

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
