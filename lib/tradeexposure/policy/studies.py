"""Windows and baselines that several notebooks share, from ``data/studies.yml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import AfterValidator, BeforeValidator, Field

from tradeexposure.core import loaded_files
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, KeyPath, Listed, NonEmpty, Strict, Text, list_to_tuple, parse_yaml
from tradeexposure.core.text import day_in_words

FILE = ("data", "studies.yml")
Span = tuple[str, str]


def _following(years: str) -> str:
    """A crop year names the calendar year in which it begins and the next one."""
    if (int(years[:4]) + 1) % 100 != int(years[5:]):
        raise ValueError(f'two years in a row, such as "{years[:4]}-{(int(years[:4]) + 1) % 100:02}"')
    return years


#: Choices of :func:`base_years`, each in the place of today's base of canola.
YEAR_BEFORE, OTHER_BASE = "canola_year_before", "other_canola_base"
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
MonthSpan = Annotated[tuple[Month, Month], BeforeValidator(list_to_tuple)]
CropYear = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$"), AfterValidator(_following)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]


class _Months(Strict):
    key: Key
    months: MonthSpan
    date: date
    reason: Text


class _Window(_Months):
    label: Text
    baseline: Key


class _CropYears(Strict):
    key: Key
    years: Listed[CropYear]
    reason: Text


class MarketMonths(Strict):
    """What a base of the canola market stands on.

    `crop_years` are groups of :func:`crop_years` whose destinations and volumes count as usual, `prices` the months of
    its farm and world prices, `crush` those in which what was crushed shows what plants can do.
    """

    key: Key
    label: Text
    crop_years: Listed[Key]
    prices: MonthSpan
    crush: MonthSpan
    reason: Text


class _Limit(Strict):
    key: Key
    value: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    sectors: Listed[Literal["canola", "ev", "us"]]
    reason: Text


class _BaseYears(Strict):
    key: Key
    years: NonEmpty[int]
    reason: Text


class _Studies(Strict):
    baselines: NonEmpty[_Months]
    windows: NonEmpty[_Window]
    crop_years: NonEmpty[_CropYears]
    limits: NonEmpty[_Limit]
    market_bases: NonEmpty[MarketMonths]
    base_years: NonEmpty[_BaseYears]


@dataclass(frozen=True)
class BaseYears:
    """Calendar years on whose mean the canola market stands in the place of today's base."""

    years: tuple[int, ...]

    @property
    def key(self) -> str:
        """As in the identifiers of results: ``base_2023_2024``."""
        return f"base_{'_'.join(map(str, self.years))}"

    @property
    def words(self) -> str:
        """``2023``, or ``mean of 2023 and 2024``."""
        named = " and ".join(map(str, self.years))
        return named if len(self.years) == 1 else f"mean of {named}"


@dataclass(frozen=True)
class Episode:
    """A window in which an effect is measured and the months it is compared with."""

    key: str  #: As in the identifiers of results.
    label: str
    window: Span  #: First and last month, both included.
    baseline: tuple[Span, ...] = ()
    reason: str = ""
    baseline_reason: str = ""
    dated: date | None = None  #: Day of the event that the window follows.
    chosen: bool = False  #: Whether a parameter took the place of the file.

    @property
    def months(self) -> str:
        """``March 2019 to February 2020``, and the baseline where a parameter chose it."""
        against = f" (baseline {' and '.join(map(months_text, self.baseline))})" if self.chosen else ""
        return months_text(self.window) + against

    @property
    def name(self) -> str:
        """The key where the months are those of the file (``2019``), the months in words where they were chosen."""
        return self.months if self.chosen else self.key

    def opening(self, text: str) -> str:
        """`text` where the months are those of the file, else ``In`` and the months that were chosen."""
        return f"In {self.months}" if self.chosen else text


def months_text(span: Sequence[str]) -> str:
    """``March 2019 to February 2020``; one month alone is named once."""
    first, last = map(day_in_words, span)
    return first if first == last else f"{first} to {last}"


def baselines() -> dict[str, Span]:
    """Months of every baseline, by key.

    Raises
    ------
    BadInput
        The file cannot be used: line, what was found, what is allowed.
    """
    loaded = {baseline.key: baseline.months for baseline in _read().baselines}
    loaded_files.note_name("baselines", loaded_files.ALL)
    return loaded


def _noted(kind: str, name: str) -> Any:
    """One entry of a group that is given out, noted; BadInput where the file does not have it."""
    entries = {entry.key: entry for entry in getattr(_read(), kind)}
    loaded_files.note_name(kind, name)
    if name not in entries:
        raise BadInput("/".join(FILE), kind, found=name, allowed=", ".join(entries))
    return entries[name]


def crop_years(*keys: str) -> tuple[str, ...]:
    """Crop years that count as usual, as ``2014-15``: those of `keys`, one group after the other.

    Raises
    ------
    BadInput
        A key that the file does not have.
    """
    return tuple(year for name in keys for year in _noted("crop_years", name).years)


def limit(key: str) -> float:
    """A number from which on something is taken to hold, such as ``shutting_duty``.

    Raises
    ------
    BadInput
        A key that the file does not have.
    """
    return float(_noted("limits", key).value)


def entries() -> dict[str, tuple[Strict, ...]]:
    """Everything that the file says under a key, which several groups may have."""
    keyed: dict[str, tuple[Strict, ...]] = {}
    for _, group in _read():
        for entry in group:
            keyed[entry.key] = (*keyed.get(entry.key, ()), entry)
    return keyed


def sectors() -> dict[str, tuple[str, ...]]:
    """What each limit is about; the other choices are all about canola."""
    limits = {entry.key: entry.sectors for entry in _read().limits}
    return {key: limits.get(key, ("canola",)) for key in entries()}


def market_base(key: str) -> MarketMonths:
    """What a base of the canola market stands on.

    Raises
    ------
    BadInput
        A key that the file does not have.
    """
    base: MarketMonths = _noted("market_bases", key)
    return base


def base_years(key: str) -> BaseYears:
    """Calendar years on whose mean the canola market stands in the place of today's base.

    Raises
    ------
    BadInput
        A key that the file does not have.
    """
    return BaseYears(_noted("base_years", key).years)


def episodes(*keys: str, baseline: Mapping[str, Sequence[str]] | None = None,
             window: Mapping[str, Sequence[str]] | None = None) -> dict[str, Episode]:  # fmt: skip
    """Windows with their baselines, some of them chosen by the notebook.

    Parameters
    ----------
    keys : str
        Windows wanted; all without any.
    baseline : mapping
        Key of a baseline in the file → first and last month that take its place; an empty one leaves it.
    window : mapping
        Key of a window → the same.

    Raises
    ------
    BadInput
        A key that the file does not have, or a baseline that does not end before its window.
    """
    file = _read()
    windows = {window.key: window for window in file.windows}
    against = {baseline.key: baseline for baseline in file.baselines}
    spans, months = _chosen(baseline), _chosen(window)
    for name in keys:
        loaded_files.note_name("window", name)
    if not keys:
        loaded_files.note_name("windows", loaded_files.ALL)
    for kind, named, known in (("windows", [*keys, *months], [*windows]), ("baselines", [*spans], [*against])):
        for name in named:
            if name not in known:
                raise BadInput("/".join(FILE), kind, found=name, allowed=", ".join(known))
    by_key = {}
    for name in keys or windows:
        entry, base = windows[name], against[windows[name].baseline]
        episode = Episode(name, entry.label, entry.months, (base.months,), entry.reason, base.reason, entry.date)
        if name in months or base.key in spans:
            episode = replace(
                episode, window=months.get(name, entry.months), baseline=(spans.get(base.key, base.months),),
                reason="chosen by the notebook's parameter" if name in months else entry.reason,
                baseline_reason="chosen by the notebook's parameter" if base.key in spans else base.reason, chosen=True,
            )  # fmt: skip
        for first, last in episode.baseline:
            if last >= episode.window[0]:
                raise BadInput("baseline", name, found=f"{first} to {last}",
                               allowed=f"months before the window {' to '.join(episode.window)}")  # fmt: skip
        by_key[name] = episode
    return by_key


def _chosen(chosen: Mapping[str, Sequence[str]] | None) -> dict[str, Span]:
    return {name: (span[0], span[1]) for name, span in (chosen or {}).items() if span}


def table(episodes: Mapping[str, Episode]) -> pd.DataFrame:
    """One row per episode as a reader sees it: `label`, `window`, `dated`, `reason`, `baseline`, `baseline_reason`."""
    return pd.DataFrame([
        {"label": episode.label, "window": " to ".join(episode.window), "dated": f"{episode.dated}",
         "reason": episode.reason, "baseline": "; ".join(" to ".join(span) for span in episode.baseline),
         "baseline_reason": episode.baseline_reason}
        for episode in episodes.values()
    ])  # fmt: skip


#: How :func:`tradeexposure.reporting.tables.show` writes :func:`table`.
TABLE = {
    "caption": "Windows and baselines, from data/studies.yml or this notebook's parameters",
    "columns": {"label": "Window", "window": "Months", "dated": "Event", "reason": "Why these months",
                "baseline": "Compared with", "baseline_reason": "Why these"},
}  # fmt: skip


#: Groups as readers see them: caption, headings, and what a row has below the headings.
SHOWN: dict[str, tuple[str, tuple[str, ...], Callable[[Any], tuple[str, ...]]]] = {
    "crop_years": (
        "Crop years that count as usual, from data/studies.yml", ("Group", "Crop years", "Why these"),
        lambda group: (group.key, ", ".join(group.years), group.reason),
    ),
    "market_bases": (
        "What the bases of the canola market rest on, from data/studies.yml",
        ("Base", "Usual crop years", "Months of prices", "Months of crush", "Why these"),
        lambda base: (base.label, ", ".join(base.crop_years), " to ".join(base.prices), " to ".join(base.crush),
                      base.reason),
    ),
    "base_years": (
        "Years in the place of today's base of canola, from data/studies.yml", ("Years", "Why these"),
        lambda choice: (BaseYears(choice.years).words, choice.reason),
    ),
}  # fmt: skip


def shown(kind: str) -> dict[str, Any]:
    """A group of :data:`SHOWN` as :func:`tradeexposure.reporting.tables.show` takes it: `frame` and `caption`."""
    caption, headings, row = SHOWN[kind]
    rows = list(map(row, getattr(_read(), kind)))
    loaded_files.note_name(kind, loaded_files.ALL)
    return {"frame": pd.DataFrame(rows, columns=list(headings)), "caption": caption}


def _read() -> _Studies:
    document = parse_yaml(loaded_files.contents(*FILE), where="/".join(FILE))
    file = document.validate(_Studies)
    for kind, rows in file:
        keys = [entry.key for entry in rows]
        for place, entry in enumerate(rows):
            if entry.key in keys[:place]:
                raise document.error((kind, place, "key"), allowed="each key once")
            if isinstance(entry, _Months):
                _check_months(document, (kind, place, "months"), entry)
    months = {baseline.key: baseline.months for baseline in file.baselines}
    for place, window in enumerate(file.windows):
        if window.baseline not in months:
            raise document.error(("windows", place, "baseline"), allowed=", ".join(months))
        first, last = months[window.baseline]
        if last >= window.months[0]:
            raise document.error(
                ("windows", place, "baseline"),
                allowed=f"a baseline before the window's months, {' to '.join(window.months)}; "
                f"it has {first} to {last}",
            )
    _check_bases(document, file)
    return file


def _check_months(document: Document, place: KeyPath, entry: _Months) -> None:
    """BadInput where months end before they begin, or lie on the wrong side of their event."""
    (first, last), event = entry.months, f"{entry.date:%Y-%m}"
    if last < first:
        raise document.error((*place, 1), allowed=f"no month before {first}")
    if isinstance(entry, _Window) and first < event:
        raise document.error((*place, 0), allowed=f"no month before {event}, that of its event")
    if not isinstance(entry, _Window) and last >= event:
        raise document.error((*place, 1), allowed=f"a month before {event}, that of its event")


def _check_bases(document: Document, file: _Studies) -> None:
    """BadInput where a base names crop years that are not there, or its months end before they begin."""
    usual = [group.key for group in file.crop_years]
    for place, base in enumerate(file.market_bases):
        for number, name in enumerate(base.crop_years):
            if name not in usual:
                raise document.error(("market_bases", place, "crop_years", number), allowed=", ".join(usual))
        for key in ("prices", "crush"):
            first, last = getattr(base, key)
            if last < first:
                raise document.error(("market_bases", place, key, 1), allowed=f"no month before {first}")
