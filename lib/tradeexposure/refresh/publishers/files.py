"""The files a refresh needs, source by source, and the reader of each kind."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import (
    cimt,
    download,
    grain_commission,
    grain_weekly,
    http,
    pink_sheet,
    statcan,
    us_census,
    valet,
)
from tradeexposure.refresh.publishers.download import Fetched
from tradeexposure.refresh.publishers.sheet import Sheet
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

Reader = Callable[[Path, Source, Limits, str], AbstractContextManager[Sheet]]
READERS: Mapping[str, Reader] = {
    "statcan": statcan.opened,
    "cimt": cimt.opened,
    "grain": grain_commission.opened,
    "grain_weekly": grain_weekly.opened,
    "pinksheet": pink_sheet.opened,
    "valet": valet.opened,
    "census": us_census.opened,
}

CROP_YEAR_BEGINS = 8  # August


@dataclass(frozen=True)
class Span:
    """Periods that are wanted of a source: first and last month."""

    first: str
    last: str


def key_parameters(source: Source) -> dict[str, str]:
    """The user's key as the service wants it; empty where none is needed or none is set."""
    key = os.environ.get(source.key_variable, "") if source.key_variable else ""
    return {"key": key} if key else {}


def lacks_key(source: Source) -> bool:
    """Whether the service asks for a key that is not set."""
    return bool(source.key_variable) and not key_parameters(source)


def fetch(name: str, source: Source, span: Span, *, folder: Path, limits: Limits, today: date) -> list[Fetched]:
    """All files of one source, oldest first.

    Raises
    ------
    SourceFailed
        One of them cannot be had. A file for the running year that is not there yet does not count, nor one for a
        crop year that begins this month.
    """
    folder.mkdir(parents=True, exist_ok=True)
    base = http.page_link(source, limits) if source.link else source.address
    fetched = []
    for label, address in _addresses(name, source, base, span):
        try:
            fetched.append(
                download.fetch(source, address, folder / label, limits=limits, parameters=key_parameters(source))
            )
        except SourceFailed as failed:
            if not (fetched and _too_early(label, today, failed.what)):
                raise
    return fetched


def _too_early(label: str, today: date, what: str) -> bool:
    """Whether a file that is not there cannot be expected yet; the Grain Commission sends a page instead of a 404."""
    if label.endswith(f"-{crop_year(today.year)}"):
        return today.month == CROP_YEAR_BEGINS and ("answers 404" in what or "a web page" in what)
    return label.endswith(f"-{today.year}") and "answers 404" in what


def crop_year(start: int) -> str:
    """A crop year as addresses have it: 2026-27."""
    return f"{start}-{(start + 1) % 100:02d}"


def _addresses(name: str, source: Source, base: str, span: Span) -> Sequence[tuple[str, str]]:
    """Name and address of each file; a span begins with the crop year that begins in its first year."""
    if "{crop_year}" in base:
        last = int(span.last[:4]) - int(int(span.last[5:]) < CROP_YEAR_BEGINS)
        return [
            (
                f"{name}-{crop_year(start)}",
                (source.older if start < source.older_before else base).replace("{crop_year}", crop_year(start)),
            )
            for start in range(int(span.first[:4]), last + 1)
        ]
    filled = base.replace("{first}", span.first).replace("{last}", span.last)
    if source.chapters:
        return [(f"{name}-{chapter}", filled.replace("{chapter}", chapter)) for chapter in source.chapters]
    if "{year}" not in base:
        return [(name, filled)]
    years = range(int(span.first[:4]), int(span.last[:4]) + 1)
    return [(f"{name}-{year}", filled.replace("{year}", str(year))) for year in years]
