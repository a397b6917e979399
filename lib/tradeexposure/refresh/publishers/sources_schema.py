"""``data/sources.yml``: every address figures come from, and how a publisher's file becomes a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import KeyPath, load_yaml

WHERE = ("data", "sources.yml")
KINDS = Literal["statcan", "grain", "grain_weekly", "pinksheet", "valet", "cimt", "census"]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
PRODUCT = re.compile(r"/(\d{8})-(?:eng|fra)\.zip$")
PERIODS = Literal["week", "month", "quarter", "year"]
#: What a vintage is called: of files that were fetched (`last`: its last period), of one that somebody brings.
FILES_READ = "files that end with {last}, read {day}"
FILE_BROUGHT = "file {file}, read {day}"
Words = tuple[str, ...]


class Strict(BaseModel):
    """A mapping of which every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Asking(Strict):
    """What one conversation with a publisher may take: seconds, tries and bytes."""

    connect_seconds: float = Field(gt=0)
    read_seconds: float = Field(gt=0)
    total_seconds: float = Field(gt=0)
    longest_wait_seconds: float = Field(default=0, ge=0)
    attempts: int = Field(default=1, ge=1)
    connect_attempts: int = Field(default=2, ge=1)  #: Of them, while no connection comes about.
    bytes: int = Field(gt=0)


class Limits(Asking):
    """What a download may take, and what reading one file may (seconds, bytes of memory)."""

    longest_wait_seconds: float = Field(gt=0)
    attempts: int = Field(ge=1)
    unpacked_bytes: int = Field(gt=0)
    reading_seconds: float = Field(gt=0)
    reading_memory: int = Field(gt=0)


class Source(Strict):
    """One file, or one per year (``{year}`` in the address), crop year (``{crop_year}``, as in 2026-27) or chapter."""

    title: str  #: Publisher and table as messages name them.
    kind: KINDS
    address: str
    #: How often a new period is published, and how many days after the period's end as a rule.
    every: PERIODS | Literal["five_years"]
    lag_days: int = Field(ge=0)
    late_days: int = Field(default=0, ge=0)  #: How many days that took at worst, where it is far more.
    member: str = ""  #: How the name of the data file in a zip begins.
    #: The address of files of crop years that begin before this one.
    older: str = ""
    older_before: int = 0
    #: Of the classification of goods that are asked for one by one (``{chapter}`` in the address): large questions run
    #: out of the service's time.
    chapters: Words = ()
    #: Where the address is a page: pattern of the link to follow, and hosts it may lead to.
    link: str = ""
    hosts: Words = ()
    #: Environment variable that holds the user's key to the service; empty where none is asked for.
    key_variable: str = ""
    #: Limits of this source where the common ones do not fit.
    bytes: int | None = None
    unpacked_bytes: int | None = None

    @property
    def product(self) -> str:
        """Statistics Canada's number of a full table, as its address has it; empty for any other file."""
        match = PRODUCT.search(self.address) if self.kind == "statcan" else None
        return match[1] if match else ""


class Service(Asking):
    """A publisher's service that is asked for what is out; once, as the calendar can stand in for it."""

    title: str
    address: str


class Dimension(Strict):
    """A column of the publisher that becomes a column of the table."""

    column: Words  #: Its names in the file, whichever is there.
    into: str  #: The table's column.
    #: `keep`, `members`, `prefixes`: labels taken over as they are; our value → labels that mean it; or beginnings of
    #: codes. A label may end with ``*``. ``held`` takes the values the table holds already, unless they have labels of
    #: their own; ``every`` takes whatever is there.
    keep: Words = ()
    members: dict[str, Words] = {}
    prefixes: Words = ()
    held: bool = False
    every: bool = False
    some: bool = False  #: Not every member need be in a file.
    points: bool = False  #: Write an eight-digit code as 1205.10.10.


class MeasuredColumn(Strict):
    """A number of the file that becomes a number of the table."""

    into: str
    unit: Words = ()  #: Units the publisher may state, any of them; others are refused.
    times: str = "1"  #: Factor from the publisher's unit (after its scalar factor) to the table's.
    decimals: int | None = None  #: Round to so many decimals, halves away from zero; by default nothing is rounded.
    column: str = ""  #: Column of the number, where the file has several.
    where: dict[str, Words] = {}
    #: Another measure of the same row that this one is divided by, before it is rounded; 0 where that is nothing.
    over: str = ""

    @property
    def factor(self) -> Decimal:
        """`times` as an exact number."""
        return Decimal(self.times)


class Part(Strict):
    """Rows one source gives to a table; rows of several parts that have the same key are one."""

    source: str
    since: str = ""
    constants: dict[str, str] = {}
    where: dict[str, Words] = {}
    less: dict[str, Words] = {}  #: Takes another member's value off (all partners less one).
    add: bool = False
    #: `titles`: column of the table → column of words in capitals, written here with capitals at their beginnings.
    titles: dict[str, str] = {}
    dimensions: tuple[Dimension, ...] = ()
    measures: tuple[MeasuredColumn, ...]


class Mean(Strict):
    """A table that is the simple mean of another one's rows."""

    table: str
    over: str
    of: Words
    where: dict[str, str]
    measure: str
    into: str
    decimals: int
    basis: str = ""


class Bounds(Strict):
    """How far a refresh may go without being accepted by name."""

    revised_share: float = Field(default=0.5, ge=0, le=1)  #: Rows revised, of those held.
    #: Median size of the revisions, of the value held; the latter where few rows are revised (and it is larger).
    largest_change: float = Field(default=0.25, ge=0)
    largest_of_few: float = Field(default=0.0, ge=0)
    vanished: int = Field(default=0, ge=0)  #: Rows that may disappear.
    #: Factor between new values and those of the same series in the held table's last two years, in the median of the
    #: series.
    magnitude: float = Field(default=5.0, gt=1)
    #: The same factor for every series by itself, where series are few and even.
    each: float | None = Field(default=None, gt=1)


class Table(Strict):
    """How a table is made.

    Attributes
    ----------
    period, into
        Frequency, and the column of the period.
    fixed
        The one year of a table that has no such column: its figures are revised, no later ones are added.
    splice, splice_at
        Rows held before the period `splice_at` stay; the source gives all later ones, and must agree with those before
        it to this share.
    first_year
        For files per year: the first one, where nothing is held.
    caveat, vintage_words, described
        Replace the descriptor's caveat, vintage and other entries, once the table comes from this source.
    descriptor
        Of a table that is not in the shipped package.
    """

    period: PERIODS
    into: str = ""
    fixed: str = ""
    parts: tuple[Part, ...] = ()
    mean: Mean | None = None
    splice: float | None = None
    splice_at: str = ""
    first_year: int | None = None
    bounds: Bounds = Bounds()
    caveat: str = ""
    vintage_words: str = FILES_READ
    described: dict[str, Any] = {}
    descriptor: dict[str, Any] | None = None


class Catalogue(Strict):
    """The whole file."""

    limits: Limits
    sources: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Source]
    web_data_service: Service
    tables: dict[str, Table]


def load() -> Catalogue:
    """Read and validate ``data/sources.yml``.

    Raises
    ------
    BadInput
        An unknown key, an address that is not https, or a table that names no source.
    """
    document = load_yaml(paths.path(*WHERE))
    catalogue = document.validate(Catalogue)
    for wrong, place, allowed in _rules(catalogue):
        if wrong:
            whole = str(place[1]) if place[0] == "tables" and len(place) == len(("tables", "NAME")) else None
            raise document.error(place, found=whole, allowed=allowed)
    return catalogue


def _rules(catalogue: Catalogue) -> Iterator[tuple[bool, KeyPath, str]]:
    """What keys must keep to beside each other: whether they do not, where, and what is allowed there."""
    https = "an https address (http only to this machine)"
    yield not safe(catalogue.web_data_service.address), ("web_data_service", "address"), https
    for name, source in catalogue.sources.items():
        address, older = ("sources", name, "address"), ("sources", name, "older")
        by_chapter = "{chapter}" in source.address
        yield not safe(source.address), address, https
        yield bool(source.older) and not safe(source.older), older, https
        yield bool(source.older) != bool(source.older_before), older, "older and older_before together"
        yield bool(source.chapters) != by_chapter, address, "{chapter} in the address and chapters together"
        yield bool(source.link) != bool(source.hosts), address, "link and hosts together"
        yield not urlsplit(source.address).hostname, address, "an address with a host"
    for name, table in catalogue.tables.items():
        whole = ("tables", name)
        for number, part in enumerate(table.parts):
            known = ", ".join(catalogue.sources)
            yield part.source not in catalogue.sources, (*whole, "parts", number, "source"), known
        yield bool(table.into) == bool(table.fixed), whole, "either into or fixed"
        yield (table.splice is None) != (not table.splice_at), whole, "splice and splice_at together"
        yield bool(table.parts) == bool(table.mean), whole, "either parts or mean"
        known = ", ".join(catalogue.tables)
        yield bool(table.mean and table.mean.table not in catalogue.tables), (*whole, "mean", "table"), known


def safe(address: str) -> bool:
    """Whether an address is encrypted, or does not leave this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def fed_by(catalogue: Catalogue, names: Words) -> dict[str, Table]:
    """Tables that rest on the sources called `names` (all where none is named), those made of others last.

    Raises
    ------
    BadInput
        A name that is no source.
    """
    for name in names:
        if name not in catalogue.sources:
            raise BadInput("refresh", "SOURCE", found=name, allowed=", ".join(catalogue.sources))
    wanted = set(names or catalogue.sources)
    direct = {name: table for name, table in catalogue.tables.items() if {part.source for part in table.parts} & wanted}
    means = {name: table for name, table in catalogue.tables.items() if table.mean and table.mean.table in direct}
    return direct | means
