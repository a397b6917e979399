"""Windows and baselines that several notebooks share, from ``data/studies.yml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

import pandas as pd
from pydantic import BeforeValidator, Field

from tradeexposure.core import files, paths, reads
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, Strict, Text, listed, load_yaml

FILE = ("data", "studies.yml")
Span = tuple[str, str]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
CropYear = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]


class _Months(Strict):
    key: Key
    months: Annotated[tuple[Month, Month], BeforeValidator(listed)]
    date: date
    reason: Text


class _Baseline(_Months):
    label: Text


class _Window(_Months):
    label: Text
    baseline: Key


class _CropYears(Strict):
    key: Key
    years: Annotated[tuple[CropYear, ...], BeforeValidator(listed)]
    reason: Text


class _Studies(Strict):
    baselines: Annotated[tuple[_Baseline, ...], BeforeValidator(listed)]
    windows: Annotated[tuple[_Window, ...], BeforeValidator(listed)]
    crop_years: Annotated[tuple[_CropYears, ...], BeforeValidator(listed)]


@dataclass(frozen=True)
class Episode:
    """A window in which an effect is measured and the months it is compared with.

    Attributes
    ----------
    key : str
        As in the identifiers of results.
    label : str
    window : pair of str
        First and last month, both included.
    baseline : tuple of pairs of str
    reason, baseline_reason : str
    dated : date
        Day of the event that the window follows.
    chosen : bool
        Whether a parameter took the place of the file.
    """

    key: str
    label: str
    window: Span
    baseline: tuple[Span, ...] = ()
    reason: str = ""
    baseline_reason: str = ""
    dated: date | None = None
    chosen: bool = False

    @property
    def months(self) -> str:
        """``March 2019 to February 2020``, and the baseline where a parameter chose it."""
        against = f" (baseline {' and '.join(map(months_text, self.baseline))})" if self.chosen else ""
        return months_text(self.window) + against

    @property
    def name(self) -> str:
        """The key where the months are those of the file (``2019``), the months in words where they were chosen."""
        return self.months if self.chosen else self.key

    def said(self, words: str) -> str:
        """`words` where the months are those of the file, else ``In`` and the months that were chosen."""
        return f"In {self.months}" if self.chosen else words


def months_text(span: Sequence[str]) -> str:
    """``March 2019 to February 2020``; one month alone is named once."""
    first, last = (f"{datetime.strptime(month, '%Y-%m'):%B %Y}" for month in span)
    return first if first == last else f"{first} to {last}"


def short(span: Sequence[str]) -> str:
    """``March to October 2025`` within a year, else as :func:`months_text`."""
    first, last = (datetime.strptime(month, "%Y-%m") for month in span)
    same = first.year == last.year and first.month != last.month
    return f"{first:%B} to {last:%B %Y}" if same else months_text(span)


def baselines() -> dict[str, Span]:
    """Months of every baseline, by key.

    Raises
    ------
    BadInput
        The file cannot be used: line, what was found, what is allowed.
    """
    found = _read()[1].baselines
    reads.record("baselines", reads.ALL, files.digest_of([one.model_dump_json() for one in found]))
    return {one.key: one.months for one in found}


def digest(kind: str, name: str) -> str:
    """Digest of what the loaders of this module give out, by the kind of `core.reads`."""
    file = _read()[1]
    if kind == "crop_years":
        return _digest_of_years(file, [one.key for one in file.crop_years] if name == reads.ALL else [name])
    if kind == "baselines":
        return files.digest_of([one.model_dump_json() for one in file.baselines])
    return _digest(file, [one.key for one in file.windows] if kind == "windows" else [name])


def _digest(file: _Studies, keys: Sequence[str]) -> str:
    """Of windows, each with its baseline."""
    held, against = {one.key: one for one in file.windows}, {one.key: one for one in file.baselines}
    if any(key not in held for key in keys):
        return reads.ABSENT
    return files.digest_of(
        [[held[key].model_dump_json(), against[held[key].baseline].model_dump_json()] for key in keys]
    )


def _digest_of_years(file: _Studies, keys: Sequence[str]) -> str:
    held = {one.key: one.model_dump_json() for one in file.crop_years}
    return files.digest_of([held[key] for key in keys]) if all(key in held for key in keys) else reads.ABSENT


def crop_years(*keys: str) -> tuple[str, ...]:
    """Crop years that count as usual, as ``2014-15``: those of `keys`, one group after the other.

    Raises
    ------
    BadInput
        A key that the file does not have.
    """
    file = _read()[1]
    held = {one.key: one.years for one in file.crop_years}
    for name in keys:
        reads.record("crop_years", name, _digest_of_years(file, [name]))
        if name not in held:
            raise BadInput("/".join(FILE), "crop_years", found=name, allowed=", ".join(held))
    return tuple(year for name in keys for year in held[name])


def crop_years_table() -> pd.DataFrame:
    """One row per group of usual crop years as a reader sees it: `key`, `years`, `reason`."""
    file = _read()[1]
    reads.record("crop_years", reads.ALL, _digest_of_years(file, [one.key for one in file.crop_years]))
    rows = [(one.key, ", ".join(one.years), one.reason) for one in file.crop_years]
    return pd.DataFrame(rows, columns=["key", "years", "reason"])


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
        A key that the file does not have, or months of a baseline that lie in its window.
    """
    _, file = _read()
    held, against = {one.key: one for one in file.windows}, {one.key: one for one in file.baselines}
    spans, months = _chosen(baseline), _chosen(window)
    for name in keys:
        reads.record("window", name, _digest(file, [name]))
    if not keys:
        reads.record("windows", reads.ALL, _digest(file, list(held)))
    for name in (*keys, *months):
        if name not in held:
            raise BadInput("/".join(FILE), "windows", found=name, allowed=", ".join(held))
    for name in spans:
        if name not in against:
            raise BadInput("/".join(FILE), "baselines", found=name, allowed=", ".join(against))
    found = {}
    for name in keys or held:
        one, base = held[name], against[held[name].baseline]
        made = Episode(name, one.label, one.months, (base.months,), one.reason, base.reason, one.date)
        if name in months or base.key in spans:
            made = replace(
                made, window=months.get(name, one.months), baseline=(spans.get(base.key, base.months),),
                reason="chosen by the notebook's parameter" if name in months else one.reason,
                baseline_reason="chosen by the notebook's parameter" if base.key in spans else base.reason, chosen=True,
            )  # fmt: skip
        found[name] = _apart(made)
    return found


def _chosen(given: Mapping[str, Sequence[str]] | None) -> dict[str, Span]:
    return {name: (span[0], span[1]) for name, span in (given or {}).items() if span}


def _apart(one: Episode) -> Episode:
    for first, last in one.baseline:
        if first <= one.window[1] and last >= one.window[0]:
            raise BadInput("baseline", one.key, found=f"{first} to {last}",
                           allowed=f"months outside the window {one.window[0]} to {one.window[1]}")  # fmt: skip
    return one


def table(found: Mapping[str, Episode]) -> pd.DataFrame:
    """One row per episode as a reader sees it: `label`, `window`, `dated`, `reason`, `baseline`, `baseline_reason`."""
    return pd.DataFrame([
        {"label": one.label, "window": " to ".join(one.window), "dated": f"{one.dated}", "reason": one.reason,
         "baseline": "; ".join(" to ".join(span) for span in one.baseline), "baseline_reason": one.baseline_reason}
        for one in found.values()
    ])  # fmt: skip


#: How :func:`tradeexposure.reporting.tables.show` writes :func:`table`.
TABLE = {
    "caption": "Windows and baselines, from data/studies.yml or this notebook's parameters",
    "columns": {"label": "Window", "window": "Months", "dated": "Event", "reason": "Why these months",
                "baseline": "Compared with", "baseline_reason": "Why these"},
}  # fmt: skip


#: How :func:`tradeexposure.reporting.tables.show` writes :func:`crop_years_table`.
CROP_YEARS = {
    "caption": "Crop years that count as usual, from data/studies.yml",
    "columns": {"key": "Group", "years": "Crop years", "reason": "Why these"},
}


def _read() -> tuple[Document, _Studies]:
    with reads.loading():
        document = load_yaml(paths.path(*FILE))
    file = document.validate(_Studies)
    groups: dict[str, tuple[_Baseline | _Window | _CropYears, ...]] = {
        "baselines": file.baselines, "windows": file.windows, "crop_years": file.crop_years,
    }  # fmt: skip
    for kind, rows in groups.items():
        keys = [one.key for one in rows]
        for place, one in enumerate(rows):
            if one.key in keys[:place]:
                raise document.error((kind, place, "key"), allowed="each key once")
            if isinstance(one, _Months) and one.months[1] < one.months[0]:
                raise document.error((kind, place, "months", 1), allowed=f"no month before {one.months[0]}")
    known = [one.key for one in file.baselines]
    for place, one in enumerate(file.windows):
        if one.baseline not in known:
            raise document.error(("windows", place, "baseline"), allowed=", ".join(known))
    return document, file
