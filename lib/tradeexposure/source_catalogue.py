"""``data/sources.yml``: every address figures come from, and how a publisher's file becomes a table."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, load_yaml
from tradeexposure.source_recipe import PERIODS, Strict, Table, Words

WHERE = ("data", "sources.yml")
KINDS = Literal["statcan", "grain", "pinksheet", "valet", "cimt", "census"]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
PRODUCT = re.compile(r"/(\d{8})-(?:eng|fra)\.zip$")


class Limits(Strict):
    """What a download may take: seconds, tries and bytes."""

    connect_seconds: float = Field(gt=0)
    read_seconds: float = Field(gt=0)
    total_seconds: float = Field(gt=0)
    longest_wait_seconds: float = Field(gt=0)
    attempts: int = Field(ge=1)
    bytes: int = Field(gt=0)
    unpacked_bytes: int = Field(gt=0)
    unpacked_ratio: float = Field(gt=1)


class Source(Strict):
    """One file, or one file per year where the address holds ``{year}``.

    Attributes
    ----------
    title
        Publisher and table as messages name them.
    every, lag_days
        How often a new period is published, and how many days after the period's end.
    member
        How the name of the data file in a zip begins.
    link, hosts
        Where the address is a page: pattern of the link to follow, and hosts it may lead to.
    key_variable
        Environment variable that holds the user's key to the service; empty where none is asked for.
    bytes, unpacked_bytes
        Limits of this source where the common ones do not fit.
    """

    title: str
    kind: KINDS
    address: str
    every: PERIODS | Literal["five_years"]
    lag_days: int = Field(ge=0)
    member: str = ""
    link: str = ""
    hosts: Words = ()
    key_variable: str = ""
    bytes: int | None = None
    unpacked_bytes: int | None = None

    @property
    def product(self) -> str:
        """Statistics Canada's number of a full table, as its address has it; empty for any other file."""
        found = PRODUCT.search(self.address) if self.kind == "statcan" else None
        return found[1] if found else ""


class Service(Strict):
    """A publisher's service that is asked for what is out, and how long and how much it may answer."""

    title: str
    address: str
    connect_seconds: float = Field(gt=0)
    read_seconds: float = Field(gt=0)
    total_seconds: float = Field(gt=0)
    bytes: int = Field(gt=0)


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
    found = document.validate(Catalogue)
    _check_safe(document, ("web_data_service", "address"), found.web_data_service.address)
    for name, source in found.sources.items():
        _check_address(document, name, source)
    for name, table in found.tables.items():
        _check_table(document, name, table, found)
    return found


def _check_address(document: Document, name: str, source: Source) -> None:
    place = ("sources", name, "address")
    _check_safe(document, place, source.address)
    if bool(source.link) != bool(source.hosts):
        raise document.error(place, allowed="link and hosts together")
    if not urlsplit(source.address).hostname:
        raise document.error(place, allowed="an address with a host")


def _check_safe(document: Document, place: tuple[str, ...], address: str) -> None:
    if not safe(address):
        raise document.error(place, allowed="an https address (http only to this machine)")


def _check_table(document: Document, name: str, table: Table, found: Catalogue) -> None:
    for number, part in enumerate(table.parts):
        if part.source not in found.sources:
            raise document.error(("tables", name, "parts", number, "source"), allowed=", ".join(found.sources))
    if bool(table.into) == bool(table.fixed):
        raise document.error(("tables", name), found=name, allowed="either into or fixed")
    if bool(table.parts) == bool(table.mean):
        raise document.error(("tables", name), found=name, allowed="either parts or mean")
    if table.mean and table.mean.table not in found.tables:
        raise document.error(("tables", name, "mean", "table"), allowed=", ".join(found.tables))


def safe(address: str) -> bool:
    """Whether an address is encrypted, or does not leave this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def fed_by(found: Catalogue, names: Words) -> dict[str, Table]:
    """Tables that rest on the sources called `names` (all where none is named), those made of others last.

    Raises
    ------
    BadInput
        A name that is no source.
    """
    for name in names:
        if name not in found.sources:
            raise BadInput("refresh", "SOURCE", found=name, allowed=", ".join(found.sources))
    wanted = set(names or found.sources)
    direct = {name: table for name, table in found.tables.items() if {part.source for part in table.parts} & wanted}
    means = {name: table for name, table in found.tables.items() if table.mean and table.mean.table in direct}
    return direct | means
