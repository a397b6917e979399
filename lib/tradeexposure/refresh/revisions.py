"""What a refresh changed in a table, and whether that is plausible enough to be taken without a human's word."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import cast

import numpy as np
import pandas as pd

from tradeexposure.data import table_changes
from tradeexposure.refresh.publishers.sources_schema import Bounds

LARGEST = 5
#: Decimals of a share; changes that are alike so far stand in the order of their rows.
ALIKE = 3
#: Rows of each series that the size of new values is compared with: two years of months.
RECENT = 24
#: Differences of a number that are how it is written: in its unit, and as a share.
ROUNDING, RELATIVE = 1e-8, 1e-12
#: Revisions up to this many are listed and not judged by their share.
FEW = 20


@dataclass(frozen=True)
class Change:
    """One number that was revised."""

    key: str
    column: str
    before: float
    after: float

    @property
    def share(self) -> float:
        """Change as a share of the value before; infinite from nothing, and where a value came or went."""
        share = abs(self.after / self.before - 1) if self.before else math.nan
        return math.inf if math.isnan(share) else share

    @property
    def percent(self) -> str:
        """Change in words."""
        return f"{self.after / self.before - 1:+.1%}" if self.before else "from zero"

    def __str__(self) -> str:
        return f"{self.key}: {self.column} {self.before:g} → {self.after:g} ({self.percent})"


@dataclass(frozen=True)
class Revision:
    """A table before and after."""

    table: str
    #: Keys of the rows that were added and that vanished, and how many others are revised.
    added: tuple[str, ...]
    vanished: tuple[str, ...]
    revised: int
    #: Coverage, empty for a table of one year; `last_before` is empty for a new table too.
    first: str
    last: str
    last_before: str
    problems: tuple[str, ...] = field(default=())  #: What lies outside the stated bounds; empty when nothing does.
    changes: tuple[Change, ...] = ()  #: The revisions, largest first.

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.revised or self.vanished)

    def lines(self) -> list[str]:
        """The revision as a person reads it."""
        before = f" (was {self.last_before})" if self.last_before and self.last_before != self.last else ""
        when = f"{self.first} to {self.last}{before}; " if self.first else ""
        head = f"{self.table}: {when}{len(self.added):,} rows added, {self.revised:,} revised"
        return [f"{head}, {len(self.vanished):,} vanished", *(f"    {change}" for change in self.changes[:LARGEST])]


def compare(
    name: str, current: pd.DataFrame, fresh: pd.DataFrame, *, key: Sequence[str], period: str,
    fields: Sequence[Mapping[str, object]], bounds: Bounds,
) -> Revision:  # fmt: skip
    """Set a table beside the one held.

    Parameters
    ----------
    current, fresh : DataFrame
        Both as text, with the declared corrections applied; `current` is empty for a new table.
    key, period : names of columns
        What tells rows apart, and which of them is the time; empty where none is.
    """
    numeric = [str(field["name"]) for field in fields if field["type"] in ("number", "integer")]
    numbers = [column for column in numeric if column not in key]
    texts = [str(field["name"]) for field in fields if field["name"] not in (*numbers, *key)]
    before, after = (frame[[*key, *numbers, *texts]].reset_index(drop=True) for frame in (current, fresh))
    for frame, column in product((before, after), numbers):
        frame[column] = pd.to_numeric(frame[column], errors="coerce")
    changed = table_changes.changes(before, after, key, lambda _, new: ROUNDING + RELATIVE * new.abs())
    of_numbers = [cell for cell in changed.cells if cell.column in numbers]
    changes = [Change(_label(cell.row), cell.column, float(cell.before), float(cell.after)) for cell in of_numbers]
    revised = len({cell.row for cell in changed.cells})
    added = set(changed.added)
    added_rows = after[[row in added for row in after[list(key)].itertuples(index=False, name=None)]]
    problems = [
        *_coverage(current, fresh, period),
        *_sizes(len(before), changes, len(changed.vanished), revised, bounds),
        *_magnitude(before, added_rows, key, period, numbers, bounds),
    ]
    ordered = tuple(sorted(changes, key=lambda change: (-round(change.share, ALIKE), change.key)))
    return Revision(
        table=name,
        added=tuple(map(_label, sorted(changed.added))),
        vanished=tuple(map(_label, sorted(changed.vanished))),
        revised=revised,
        first=str(fresh[period].min()) if period else "",
        last=str(fresh[period].max()) if period else "",
        last_before=str(current[period].max()) if period and len(current) else "",
        problems=tuple(f"{name}: {problem}" for problem in problems),
        changes=ordered,
    )


def _label(key: str | tuple[str, ...]) -> str:
    return key if isinstance(key, str) else ", ".join(key)


def _coverage(current: pd.DataFrame, fresh: pd.DataFrame, period: str) -> list[str]:
    if not period or not len(current):
        return []
    first, last = str(current[period].min()), str(current[period].max())
    problems = []
    if fresh[period].min() > first:
        problems.append(f"begins with {fresh[period].min()}, held from {first}")
    if fresh[period].max() < last:
        problems.append(f"ends with {fresh[period].max()}, held to {last}")
    return problems


def _sizes(rows: int, changes: Sequence[Change], vanished: int, revised: int, bounds: Bounds) -> list[str]:
    problems = []
    if vanished > bounds.vanished:
        problems.append(f"{vanished} rows vanished, at most {bounds.vanished} may")
    if revised > FEW and revised > bounds.revised_share * rows:
        problems.append(f"{revised / rows:.0%} of the rows held are revised, at most {bounds.revised_share:.0%} may be")
    finite = [change.share for change in changes if np.isfinite(change.share)]
    most = bounds.largest_change if revised > FEW else max(bounds.largest_change, bounds.largest_of_few)
    if finite and np.median(finite) > most:
        problems.append(f"revisions are {np.median(finite):.0%} in the median, at most {most:.0%}")
    return problems


def _magnitude(
    before: pd.DataFrame, added: pd.DataFrame, key: Sequence[str], period: str, numbers: Sequence[str], bounds: Bounds
) -> list[str]:
    """New values against the last two years of the same series: a wrong unit moves all of them."""
    problems: list[str] = []
    series = [name for name in key if name != period]
    for column in numbers if period else ():
        recent, new = (_medians(frame, series, period, column) for frame in (before, added))
        ratios = (new / recent).replace([np.inf, 0.0], np.nan).dropna()
        typical = float(ratios.median()) if len(ratios) else 1.0
        if not 1 / bounds.magnitude <= typical <= bounds.magnitude:
            problems.append(
                f"new values of {column} are {typical:.3g} times those of the same series before, allowed is "
                f"{1 / bounds.magnitude:.3g} to {bounds.magnitude:.3g}"
            )
        for row, ratio in ratios.items():  # series whose new values are of another size, each judged by itself
            if bounds.each is not None and not 1 / bounds.each <= ratio <= bounds.each:
                problems.append(
                    f"new values of {column} of {_label(cast('str | tuple[str, ...]', row))} are {ratio:.3g} times "
                    f"those before, allowed is {1 / bounds.each:.3g} to {bounds.each:.3g}"
                )
    return problems


def _medians(frame: pd.DataFrame, series: Sequence[str], period: str, column: str) -> pd.Series:
    """Median of each series' last values."""
    ordered = frame.sort_values(period)
    if not series:
        return pd.Series([ordered[column].tail(RECENT).median()])
    last = ordered.groupby(list(series)).tail(RECENT)
    return last.groupby(list(series))[column].median()
