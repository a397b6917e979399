"""The newest year of a monthly series in the words and identifiers of results, whether or not it is over."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

MONTHS_IN_YEAR = 12


@dataclass(frozen=True)
class Latest:
    """A year that is held to some month.

    Attributes
    ----------
    year, month
        The newest year, and its last month held.
    """

    year: int
    month: int

    @property
    def suffix(self) -> str:
        """What marks a part of a year in an identifier: ``_jan_oct``; nothing for a whole year."""
        return "" if self.month == MONTHS_IN_YEAR else f"_jan_{self._last:%b}".lower()

    @property
    def span(self) -> str:
        """The months in words: ``January to October``; nothing for a whole year."""
        return "" if self.month == MONTHS_IN_YEAR else f"January to {self._last:%B}"

    @property
    def _last(self) -> pd.Timestamp:
        return pd.Timestamp(self.year, self.month, 1)

    def fill(self, template: str) -> str:
        """Write the period into a text: ``@latest`` and ``@before`` as in identifiers, ``@From`` and ``@in`` in words.

        >>> Latest(2025, 10).fill("@From, {x.@latest}; {x.@before} a year before")
        'From January to October 2025, {x.2025_jan_oct}; {x.2024_jan_oct} a year before'
        """
        when = f"{self.span} {self.year}".strip()
        words = {
            "@latest": f"{self.year}{self.suffix}",
            "@before": f"{self.year - 1}{self.suffix}",
            "@From": f"From {when}" if self.span else f"In {when}",
            "@in": f"in {when}",
        }
        for token, word in words.items():
            template = template.replace(token, word)
        return template


def latest(months: pd.Series) -> Latest:
    """The newest year in a column of months, and how far it is held."""
    last = pd.Timestamp(months.max())
    return Latest(last.year, last.month)
