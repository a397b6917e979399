"""Whether a table's periods can be believed: over when they were read, none missing inside, none of another size.

And a span of whole months in words, as a period and as identifiers end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput

#: Columns of time that a key may have, with their frequency.
FREQUENCIES = {"week_ending": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
#: Of which every one between the first and the last has a row; years are those of a census, or of what was quoted.
UNBROKEN = ("week_ending", "month", "quarter")
DATED = re.compile(r"\b(?:19|20)\d{2}(?:Q[1-4]|-\d{2}(?:-\d{2})?)?\b")
RIGHT = "if they are right, say why under jumps in the table's description"
MOST = 0.7  # in powers of ten (five times): further no median goes by itself from one period to the next
FURTHEST = 0.85  # the same of a single series (seven times): exports of gold have gone five times as high
BEFORE = 12  # figures of a series: the next one is held against their median
LEAST = 3.0  # powers of ten below the largest series: smaller ones go where they will
ONE_YEAR = pd.DateOffset(years=1)


@dataclass(frozen=True)
class Months:
    """Some months in a row; a whole calendar year is named alone."""

    #: First days of the first and the last month.
    first: pd.Timestamp
    last: pd.Timestamp

    @classmethod
    def of(cls, first: object, last: object) -> Months:
        """From and to the months of two days or texts (``2026-03``)."""
        return cls(*(pd.Timestamp(str(day)).to_period("M").to_timestamp() for day in (first, last)))

    @classmethod
    def of_newest_year(cls, months: pd.Series | pd.Index) -> Months:
        """Of the newest year in `months`, from January to the last one held."""
        return cls.of(f"{months.max().year}-01", months.max())

    def back(self, offset: pd.DateOffset = ONE_YEAR) -> Months:
        """The same months earlier."""
        return Months(self.first - offset, self.last - offset)

    @property
    def suffix(self) -> str:
        """As identifiers end: ``2026_mar_apr``, ``2026_nov_2027_jan``, or ``2026``."""
        return f"{self.first.year}{self.part}"

    @property
    def part(self) -> str:
        """As identifiers end after the first one's year: ``_mar_apr``; nothing of a whole year."""
        last = "%b" if self.last.year == self.first.year else "%Y_%b"
        return f"_{self.first:%b}_{self.last:{last}}".lower() if self.span else ""

    @property
    def span(self) -> str:
        """As sentences say before the last one's year: ``March to April``; nothing of a whole year."""
        if (self.first.month, self.last) == (1, self.first + pd.DateOffset(months=11)):
            return ""
        begin = f"{self.first:%B}" if self.last.year == self.first.year else f"{self.first:%B %Y}"
        return f"{begin} to {self.last:%B}" if self.last > self.first else f"{self.last:%B}"

    @property
    def words(self) -> str:
        """As sentences say: ``March to April 2026``."""
        return f"{self.span} {self.last.year}".strip()

    @property
    def period(self) -> str:
        """As the column `period` has it."""
        return f"{self.first:%Y-%m} to {self.last:%Y-%m}"

    def fill(self, text: str) -> str:
        """`text` with ``@since`` and ``@latest`` as identifiers end, ``@before`` a year earlier, the rest in words.

        >>> Months.of("2025-01", "2025-10").fill("@From, {x.@latest}; {x.@before} a year before")
        'From January to October 2025, {x.2025_jan_oct}; {x.2024_jan_oct} a year before'
        """
        begins = "From" if " to " in self.words else "In"
        parts = {"@since": self.suffix, "@latest": self.suffix, "@before": self.back().suffix, "@months": self.words,
                 "@From": f"{begins} {self.words}", "@in": f"in {self.words}"}  # fmt: skip
        for token, part in parts.items():
            text = text.replace(token, part)
        return text


def faults(
    frame: pd.DataFrame,
    resource: Mapping[str, Any],
    *,
    where: str,
    today: date,
    before: pd.DataFrame | None = None,
    declared: Sequence[Mapping[str, Any]] = (),
) -> list[BadInput]:
    """What makes a table implausible, series by series; empty where nothing does.

    Parameters
    ----------
    frame : DataFrame
        The table, typed; what its key holds besides the time names its series.
    resource : mapping
        Its descriptor. `gaps` says of which rows or series periods may be missing (of all where it names none), `jumps`
        why figures may be of another size; each with a reason. `cumulative` names the series that count from the
        beginning of a period and cannot fall in it.
    where : str
        The table, for messages.
    today : date
        Nothing later is believed, nor what is later than the last date in the descriptor's `vintage`.
    before : DataFrame, optional
        The table as it was accepted.
    declared : sequence of mappings
        Its entries of ``corrections.yml``: a fall of which one expects the row is accepted.

    Returns
    -------
    list of BadInput
        A period that was not over (a year: had not begun), one that is missing, a column whose figures jump by a power
        of ten from one period to the next or against those accepted, a last period with all figures of the one before,
        a series whose new or changed figures lie further from those before than any ever did, a cumulative figure that
        falls.
    """
    types = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    numbers = [name for name, kind in types.items() if kind in ("number", "integer") and name not in resource["key"]]
    time = _time(frame, resource)
    implausible, jumped = list[BadInput](), list[BadInput]()
    judged = not resource.get("jumps")
    if before is not None and judged:
        now, then = frame.set_index(resource["key"]), before.set_index(resource["key"])
        for column in then.columns.intersection(numbers):
            both = pd.concat([_figures(now[column]), _figures(then[column])], axis=1, join="inner")
            step = (both.iloc[:, 0] - both.iloc[:, 1]).median()
            jumped += _jump(step, column, where, "against those accepted")
    if time:
        implausible += _falls(frame, time, resource, where, declared)
        frame = frame.assign(**{time: _periods(frame[time], FREQUENCIES[time])})
        implausible += _too_early(frame[time], resource, where, today)
        implausible += _missing(frame, time, resource, where) if time in UNBROKEN else []
        stretch = [resource["cumulative"]["within"]] if resource.get("cumulative") else []
        series = [*(name for name in resource["key"] if name != time), *stretch]
        jumped += _jumps(frame, time, series, numbers, where) if judged else []
        implausible += _repeated(frame, time, series, numbers, where) if judged and time in UNBROKEN else []
        if before is not None and judged and not jumped:
            before = before.assign(**{time: _periods(before[time], FREQUENCIES[time])})
            jumped += _strays(frame, before, time, series, numbers, where)
    return implausible + jumped


def not_over(frame: pd.DataFrame, resource: Mapping[str, Any], *, where: str, today: date) -> list[BadInput]:
    """The last period, where it was not over (a year: had not begun) on the day; arguments as of :func:`faults`."""
    time = _time(frame, resource)
    return _too_early(_periods(frame[time], FREQUENCIES[time]), resource, where, today) if time else []


def _time(frame: pd.DataFrame, resource: Mapping[str, Any]) -> str:
    """The column of the key that is the time; empty where none is."""
    timed = [name for name in FREQUENCIES if name in resource["key"]]
    kinds = (pd.api.types.is_datetime64_any_dtype, pd.api.types.is_integer_dtype)
    return next((name for name in timed if any(is_kind(frame[name]) for is_kind in kinds)), "")


def _periods(cells: pd.Series, frequency: str) -> pd.Series:
    if pd.api.types.is_integer_dtype(cells):
        known = {year: pd.Period(year=int(year), freq=frequency) for year in cells.unique()}
        return cells.map(known).astype(pd.PeriodDtype(frequency))
    return cells.dt.to_period(frequency)


def _too_early(periods: pd.Series, resource: Mapping[str, Any], where: str, today: date) -> list[BadInput]:
    """The last period, if it was not over on the day of the figures; a crop year is published before it is."""
    last, vintage, day = periods.max(), resource["vintage"], pd.Timestamp(today)
    read = []
    for word in DATED.findall(vintage):
        with suppress(ValueError):  # digits that are no date
            read.append(pd.Period(word).end_time.normalize() + pd.Timedelta(days=1))
    until = min(day, max(read, default=day))
    whole = str(periods.name) in UNBROKEN
    if last <= pd.Period(until, last.freq) - int(whole):
        return []
    state = "were over" if whole else "had begun"
    allowed = f"{periods.name}s that {state} before {until:%Y-%m-%d} (today, or the end of its vintage: {vintage})"
    return [BadInput(where, str(periods.name), found=_label(last), allowed=allowed)]


def _label(period: pd.Period) -> str:
    """A period as the tables write it; a week by its Sunday."""
    return f"{period.end_time:%Y-%m-%d}" if period.freqstr.startswith("W") else str(period)


def _missing(frame: pd.DataFrame, time: str, resource: Mapping[str, Any], where: str) -> list[BadInput]:
    """The first period without a row: of the table, and of each series that the descriptor does not let off."""
    key, gaps = resource["key"], resource.get("gaps")
    series = [name for name in key if name != time]
    let_off = set(gaps.get("of", ())) if gaps else set()
    groups: Iterable[tuple[Any, pd.Series]] = frame.groupby(series)[time] if series and (let_off or not gaps) else ()
    for names, periods in [((), frame[time]), *groups]:
        inside = pd.period_range(periods.min(), periods.max())
        for period in inside.difference(pd.PeriodIndex(periods)) if periods.nunique() < len(inside) else ():
            values = {**dict(zip(series, names, strict=False)), time: _label(period)}
            row = [str(values[name]) for name in key if name in values]
            if not any(set(part.split(", ")) <= set(row) for part in let_off):
                allowed = (
                    f"a row for every {time} from {_label(inside[0])} to {_label(inside[-1])}; if none was published, "
                    "say so under gaps in the table's description"
                )
                return [BadInput(where, time, found=f"no row {', '.join(row)}", allowed=allowed)]
    return []


def _jumps(
    frame: pd.DataFrame, time: str, series: Sequence[str], numbers: Sequence[str], where: str
) -> Iterator[BadInput]:
    """Columns of which the figures of all series jump, in the median, from one period to the next."""
    ordered = frame.sort_values(time, kind="stable")
    for column in numbers:
        figures = _figures(ordered[column])
        steps = figures.groupby([ordered[name] for name in series]).diff() if series else figures.diff()
        for period, step in steps.groupby(ordered[time]).median().items():
            yield from _jump(step, column, where, f"{period} against the {time} before")


def _repeated(
    frame: pd.DataFrame, time: str, series: Sequence[str], numbers: Sequence[str], where: str
) -> list[BadInput]:
    """The last period, where each of its figures stands in the period before it too: rows under another date."""
    ordered = frame.sort_values(time, kind="stable")
    columns = ordered[list(numbers)]
    steps = columns.groupby([ordered[name] for name in series]).diff() if series else columns.diff()
    newest = steps[(ordered[time] == ordered[time].max()) & (columns != 0).any(axis=1)]
    if newest.isna().all(axis=None) or newest.fillna(0).any(axis=None):
        return []
    again = f"the figures of the {time} before it under {_label(ordered[time].max())}"
    return [BadInput(where, time, found=again, allowed=f"figures of its own; {RIGHT}")]


def _strays(
    frame: pd.DataFrame, before: pd.DataFrame, time: str, series: Sequence[str], numbers: Sequence[str], where: str
) -> Iterator[BadInput]:
    """Of each column the series whose new or changed figures lie furthest from the median of those accepted before
    them: beyond :data:`FURTHEST`, which no accepted one was, or ten times as far as any of a restless series; not of a
    series with a gap among these, nor of one far below the largest.
    """
    for column in numbers:
        now, then = (
            pd.DataFrame(figures.unstack(series) if series else figures).sort_index()
            for figures in (_figures(table.set_index([time, *series])[column]) for table in (frame, before))
        )
        level = then.rolling(BEFORE).median().reindex(now.index.union(then.index), method="ffill").shift()
        now, known = now.reindex(columns=then.columns), (then - level).abs()
        ever = known.max().where(known.count() >= BEFORE)  # of two years, or it says nothing
        most = (ever + 1).where(ever > FURTHEST, FURTHEST).where(ever.notna())
        steps = (now - level).where(now.ne(then.reindex(now.index)))
        large = level.combine(now, np.fmax).ge(level.max(axis=1) - LEAST, axis=0)
        beyond = (steps.abs() - most).where(large).fillna(-1.0).to_numpy()
        if beyond.max(initial=-1.0) > 0:
            place = int(beyond.max(axis=0).argmax())
            first = int((beyond[:, place] > 0).argmax())
            times, limit = 10.0 ** steps.to_numpy()[first, place], 10.0 ** most.to_numpy()[place]
            row = [_label(now.index[first]), *map(str, steps.columns.to_frame().iloc[place])][: 1 + len(series)]
            far = f"{times:.3g} times the median of the {BEFORE} figures before, at {', '.join(row)}"
            allowed = f"{1 / limit:.3g} to {limit:.3g} times, and the series never went further; {RIGHT}"
            yield BadInput(where, column, found=far, allowed=allowed)


def _falls(
    frame: pd.DataFrame, time: str, resource: Mapping[str, Any], where: str, declared: Sequence[Mapping[str, Any]]
) -> list[BadInput]:
    """The first cumulative figure below the one before it in the same stretch, unless its row is declared."""
    cumulative, key = resource.get("cumulative"), resource["key"]
    if not cumulative:
        return []
    known = {tuple(map(expected["where"].get, key)) for entry in declared for expected in entry["expect"]}
    counted = frame[frame[list(cumulative["of"])].isin(cumulative["of"]).all(axis=1)].sort_values(time, kind="stable")
    groups = [*(name for name in key if name != time), cumulative["within"]]
    for column in (field["name"] for field in resource["schema"]["fields"] if field["type"] == "number"):
        before = counted.groupby(groups)[column].shift()
        rows = counted[key].astype(str).itertuples(index=False, name=None)
        for row, figure, last in zip(rows, counted[column], before, strict=True):
            if figure < last and row not in known:
                fall = f"{figure:g} after {last:g} at {', '.join(row)}"
                allowed = "figures that count up; declare one that the publisher revised in data/corrections.yml"
                return [BadInput(where, column, found=fall, allowed=allowed)]
    return []


def _figures(cells: pd.Series) -> pd.Series:
    return pd.Series(np.log10(cells.astype("float64").where(cells > 0)))


def _jump(step: float, column: str, where: str, when: str) -> Iterator[BadInput]:
    if abs(step) > MOST:
        size = f"about {10.0 ** round(step):g} times the figures, {when}"
        yield BadInput(where, column, found=size, allowed=f"figures of one unit; {RIGHT}")
