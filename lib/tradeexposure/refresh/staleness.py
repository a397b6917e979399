"""Which tables could be newer: what their publisher says is out, or else what the calendar says should be.

Statistics Canada's Web Data Service is asked one question, ``getCubeMetadata``, for all tables at once. Two others are
left unasked. ``getFullTableDownloadCSV`` answers with the address that ``data/sources.yml`` has already: asking would
put one more thing that can fail before each download. ``getDataFromVectorsAndLatestNPeriods`` gives numbers by series
number without their labels, and only the newest: revisions further back would go unseen, to save less than a megabyte.

Format: the service's user guide. Answers come in any order, ``productId`` as text or number; an answer can fail by
``status`` FAILED (with a sentence in place of the object), or with SUCCESS and a ``responseStatusCode`` other than 0.
From midnight to 08:30 Eastern tables are locked and the service answers 409. A service that is busy or silent is not
asked again: the calendar stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tradeexposure.refresh.publishers import http, sources_schema
from tradeexposure.refresh.publishers.sheet import in_period
from tradeexposure.refresh.publishers.source_files import CROP_YEAR_BEGINS
from tradeexposure.refresh.publishers.sources_schema import Catalogue, Service, Source, Table
from tradeexposure.refresh.staging import CurrentVintage

if TYPE_CHECKING:
    import requests

#: Census of Agriculture years end in 1 and 6.
CENSUS_EVERY, CENSUS_FROM = 5, 2021
#: No first week of a crop year ends before this day of August.
FIRST_WEEK_ENDS = 5
CALENDAR = "should be out by the calendar"
FIXED = "is the one year it is about, revised each June"
#: The service's code set ``wdsResponseStatus``, in our words.
STATUSES = {
    1: "invalid date", 2: "invalid table and series", 3: "the request failed", 4: "invalid series",
    5: "no such table", 6: "the table is being published", 7: "the table is not available",
    8: "invalid number of periods",
}  # fmt: skip
LOCKED = "it locks its tables until 08:30 Eastern"
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-\d{2}")
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}))?")
PRODUCT = re.compile(r"\b\d{8}\b")


@dataclass(frozen=True)
class Release:
    """A table as its publisher has it: first day of the newest period (2026-07-01), and when it was released."""

    end: str
    released: str


Said = Mapping[str, Release | str]


@dataclass(frozen=True)
class Age:
    """A table beside what is due."""

    source: str
    table: str
    #: Its newest period (empty where nothing is held), and the day it was last read.
    held: str
    read: str
    #: The newest period that is or should be out, and the newest that is out however late the publisher is.
    expected: str
    certain: str
    basis: str = CALENDAR  #: Whose word that is: the publisher's, or the calendar's and why not the publisher's.
    released: str = ""  #: Day of the publisher's last release of any of the sources; empty where he did not say.

    @property
    def state(self) -> str:
        """Whether a newer period is out, may be out, or the same ones were released again since they were read."""
        if self.held < self.expected:
            return "stale" if self.held < self.certain else "due"
        return "revised" if self.read and self.read < self.released else "current"

    def __str__(self) -> str:
        read = f", read {self.read}" if self.state == "revised" else ""
        holds = f"holds {self.held or 'nothing'}{read}"
        return f"{self.state:<8} {self.table}: {holds}, {self.expected} {self.basis} ({self.source})"


def check(today: date | None = None, *, sources: Sequence[str] = ()) -> list[Age]:
    """Every table beside what its publisher has: Statistics Canada is asked, for the others the calendar is.

    With `sources` only the tables that rest on them; :class:`~tradeexposure.core.errors.BadInput` for an unknown name.
    """
    catalogue = sources_schema.load()
    wanted = sources_schema.fed_by(catalogue, tuple(sources))
    current = CurrentVintage.load()
    coverage = {name: current.periods(name, table)[1] for name, table in catalogue.tables.items()}
    read = {name: current.read(name) for name in catalogue.tables}
    products = {name: source.product for name, source in catalogue.sources.items() if source.product}
    answers = releases(catalogue.web_data_service, list(products.values()))
    by_source = {name: answers[product] for name, product in products.items()}
    every = ages(catalogue, coverage, today or date.today(), by_source, read)
    return [age for age in every if not sources or age.table in wanted]


def expected(source: Source, frequency: str, today: date, *, late: bool = False) -> str:
    """The newest period that should be published by `today`, as the tables of `frequency` write it.

    With `late` the newest one that is out even where the publisher takes as long as he ever did.
    """
    known = today - timedelta(days=max(source.lag_days, source.late_days) if late else source.lag_days)
    if source.every == "five_years":
        return str(CENSUS_FROM + (known.year - 1 - CENSUS_FROM) // CENSUS_EVERY * CENSUS_EVERY)
    if source.every == "year" or frequency == "year":
        return str(known.year - 1)
    if source.every == "quarter" or frequency == "quarter":
        quarter = (known.month - 1) // 3
        return f"{known.year}Q{quarter}" if quarter else f"{known.year - 1}Q4"
    if source.every == "week":
        # The last Sunday; in the first days of August the end of the crop year that was over then.
        sunday = known - timedelta(days=(known.weekday() + 1) % 7)
        over = sunday.month == CROP_YEAR_BEGINS and sunday.day < FIRST_WEEK_ENDS
        return (date(sunday.year, CROP_YEAR_BEGINS, 1) - timedelta(days=1) if over else sunday).isoformat()
    before = known.replace(day=1) - timedelta(days=1)
    return f"{before.year}-{before.month:02d}"


def ages(
    catalogue: Catalogue, coverage: Mapping[str, str], today: date, answers: Said, read: Mapping[str, str] | None = None
) -> list[Age]:
    """Each table of the catalogue beside its publisher or the calendar, in the order of the file.

    Parameters
    ----------
    coverage : mapping
        Table → its newest period.
    answers : mapping
        Source → what its publisher says, for those that were asked.
    read : mapping
        Table → day on which it was last read, where that is noted.
    """
    ages_of_tables = []
    for name, table in catalogue.tables.items():
        recipe = catalogue.tables[table.mean.table] if table.mean else table
        sources = list(dict.fromkeys(part.source for part in recipe.parts))
        known = (", ".join(sources), name, coverage.get(name, ""), (read or {}).get(name, ""))
        ages_of_tables.append(Age(*known, *_due(catalogue, table, sources, today, answers)))
    return ages_of_tables


def _due(
    catalogue: Catalogue, table: Table, sources: Sequence[str], today: date, answers: Said
) -> tuple[str, str, str, str]:
    """What :class:`Age` says of the newest period a table could have, which is that of its slowest source."""
    if table.fixed:
        return table.fixed, table.fixed, FIXED, ""
    released = [answer for source in sources if isinstance(answer := answers.get(source), Release)]
    if len(released) == len(sources):
        slowest = min(released, key=lambda release: release.end)
        end = in_period(slowest.end, table.period, catalogue.sources[sources[0]].title)
        latest = max(release.released for release in released)
        basis = f"is out at the publisher, released {slowest.released} Eastern"
        return end, end, basis, latest[: len("2026-11-24")]
    due, certain = (
        min(expected(catalogue.sources[source], table.period, today, late=late) for source in sources)
        for late in (False, True)
    )
    silent = [answer for source in sources if isinstance(answer := answers.get(source), str)]
    basis = f"{CALENDAR}; {catalogue.web_data_service.title}: {silent[0]}" if silent else CALENDAR
    return due, certain, basis, ""


def releases(service: Service, products: Sequence[str]) -> dict[str, Release | str]:
    """What the publisher has of each table, or why that is not known.

    Parameters
    ----------
    products : sequence of str
        Statistics Canada's table numbers, eight digits.

    Returns
    -------
    dict
        Product → :class:`Release`, or words that complete "the service: …". Every product is a key.
    """
    question = [{"productId": int(product)} for product in products]

    def received(response: requests.Response, pieces: Iterator[bytes]) -> list[Any]:
        if response.status_code == 409:
            raise http.DownloadFailed(LOCKED)
        http.check_status(response)
        try:
            answers = json.loads(b"".join(pieces))
        except ValueError:
            raise http.DownloadFailed("it sends something that is no JSON") from None
        if not isinstance(answers, list):
            raise http.DownloadFailed("it sends something that is no list")
        return answers

    try:
        answers = http.ask(service.address, received, limits=service, most=service.bytes, question=question)
    except http.DownloadFailed as failed:
        return dict.fromkeys(products, failed.what)
    releases_by_product = dict(_read(answer) for answer in answers)
    return {product: releases_by_product.get(product, "it says nothing of this table") for product in products}


def _read(answer: Any) -> tuple[str, Release | str]:
    """The product an answer is about, and what it says; the product is empty where none can be told."""
    table = answer.get("object") if isinstance(answer, Mapping) else None
    if not isinstance(table, Mapping):
        sentence = " ".join(str(table).split())
        about = PRODUCT.search(sentence)
        return (about[0] if about else ""), f"it says: {sentence[:100]}"
    product = str(table.get("productId", ""))
    code = table.get("responseStatusCode", 0)
    if answer.get("status") != "SUCCESS" or code != 0:
        return product, f"it says: {STATUSES.get(code, f'status {code}')}"
    end, moment = str(table.get("cubeEndDate", "")), MOMENT.match(str(table.get("releaseTime", "")))
    if not DAY.match(end) or not moment:
        return (
            product,
            f"it gives no newest period and release time ({end[:20]!r}, {str(table.get('releaseTime'))[:20]!r})",
        )
    return product, Release(end[:10], " ".join(part for part in moment.groups() if part))
