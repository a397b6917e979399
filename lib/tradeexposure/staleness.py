"""Which tables could be newer: what the calendar says a publisher should have published by a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tradeexposure.source_catalogue import Catalogue, Source

#: Census of Agriculture years end in 1 and 6.
CENSUS_EVERY, CENSUS_FROM = 5, 2021


@dataclass(frozen=True)
class Age:
    """A table's newest period beside the one that should be out; both empty of meaning where nothing is held."""

    source: str
    table: str
    held: str
    expected: str

    @property
    def stale(self) -> bool:
        """Whether a newer period should be out."""
        return self.held < self.expected

    def __str__(self) -> str:
        state = "stale" if self.stale else "current"
        held = self.held or "nothing"
        return f"{state:<8} {self.table}: holds {held}, {self.expected} should be out ({self.source})"


def expected(source: Source, frequency: str, today: date) -> str:
    """The newest period that should be published by `today`, as the tables of `frequency` write it."""
    known = today - timedelta(days=source.lag_days)
    if source.every == "five_years":
        return str(CENSUS_FROM + (known.year - 1 - CENSUS_FROM) // CENSUS_EVERY * CENSUS_EVERY)
    if source.every == "year" or frequency == "year":
        return str(known.year - 1)
    if source.every == "quarter" or frequency == "quarter":
        quarter = (known.month - 1) // 3
        return f"{known.year}Q{quarter}" if quarter else f"{known.year - 1}Q4"
    before = known.replace(day=1) - timedelta(days=1)
    return f"{before.year}-{before.month:02d}"


def ages(catalogue: Catalogue, coverage: dict[str, str], today: date) -> list[Age]:
    """Each table of the catalogue beside the calendar, in the order of the file; `coverage` has its newest period."""
    found = []
    for name, table in catalogue.tables.items():
        recipe = catalogue.tables[table.mean.table] if table.mean else table
        sources = list(dict.fromkeys(part.source for part in recipe.parts))
        due = min(expected(catalogue.sources[source], table.period, today) for source in sources)
        found.append(Age(", ".join(sources), name, coverage.get(name, ""), due))
    return found
