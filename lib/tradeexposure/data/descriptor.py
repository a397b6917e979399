"""What ``datapackage.json`` may say: the typed model of a vintage's tables, checked before any of it is used."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tradeexposure.core import files, paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Address, Name, Remark, Text

#: What a table is about, by the models of the project; a prior moves one of them.
SECTORS = ("canola", "ev", "us")
HASH = r"^sha256:[0-9a-f]{64}$"
LONGEST_PATTERN = 200
#: A repetition of a group that repeats inside, or offers alternatives: matching can take longer than anybody waits.
NESTED = re.compile(r"[*+}]\)?[*+{]|\([^()]*[*+}|][^()]*\)[*+{]|\)\)[*+{]")
NO_NAME = "a table without a name"
LONGEST_SECONDS = 20  # that git may take
PLACES = (":", "HEAD:")  # what is staged, and the last commit


class _Described(BaseModel):
    """Known keys have their types; further ones of the standard are kept as they are."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False)


def _pattern(typed: str) -> str:
    """A regular expression that is one, and that ends in time on any cell."""
    try:
        re.compile(typed)
    except (re.error, RecursionError, OverflowError) as fault:
        raise ValueError(f"a regular expression ({fault})") from None
    if len(typed) > LONGEST_PATTERN or NESTED.search(typed) or len(re.findall(r"[*+]", typed)) > 1:
        raise ValueError("a short regular expression with at most one * or + and no repetition inside another")
    return typed


def _day(typed: str) -> str:
    """A day of the calendar, such as 2026-11-25."""
    try:
        written = date.fromisoformat(typed).isoformat()
    except ValueError:
        written = ""
    if typed != written:
        raise ValueError("a real date written YYYY-MM-DD")
    return typed


class Constraints(_Described):
    """What a cell may be."""

    required: bool = False
    enum: Annotated[list[str], Field(min_length=1)] | None = None
    pattern: Annotated[Text, AfterValidator(_pattern)] | None = None
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Constraints:
        low, high = (self.minimum, self.maximum)
        if low is not None and high is not None and high < low:
            raise reading.Wrong(f"{high:g}", f"{low:g}, the minimum, or more", key="maximum")
        return self


class Column(_Described):
    """One column of a table; `at_most` names another, above which it never lies in a row."""

    name: Name
    type: Literal["string", "number", "integer", "yearmonth", "date", "boolean"]
    description: Text
    unit: Text | None = None
    caveat: Text | None = None
    at_most: Name | None = None
    constraints: Constraints = Constraints()

    @model_validator(mode="after")
    def _bounded(self) -> Column:
        bounds = {self.constraints.minimum, self.constraints.maximum} - {None}
        if bounds and self.type not in ("number", "integer"):
            raise reading.Wrong(str(bounds.pop()), f"no minimum or maximum for the type {self.type}", key="constraints")
        return self


class Schema(_Described):
    """The columns, in their order."""

    fields: Annotated[list[Column], Field(min_length=1)]


class Titled(_Described):
    """Terms of use, or one of the sources of a file."""

    title: Text
    path: Address | None = None


class Gaps(_Described):
    """Periods without a row: why, and of which; of all where none is named.

    Each of `of` is a row, a series or any other part of a key, parted by commas; a week is named by its Sunday.
    """

    reason: Text
    of: list[Text] = []


class Ending(_Described):
    """Why figures go no further than a period; of a table that holds a later one it is no longer said."""

    at: Text
    why: Text


class Cumulative(_Described):
    """Rows that count from the beginning of what column `within` names, and of which series they are."""

    within: Name
    of: Annotated[dict[str, list[str]], Field(min_length=1)]


class Resource(_Described):
    """One file of figures or outlines: its place, where it comes from, and the digest of its bytes.

    `accessed` is the day on which figures of it were last taken up into the project: from the publisher's file, a copy
    or a page that quotes them, as `trust` says.
    """

    name: Name
    path: Text
    title: Text
    publisher: Text
    tableNumber: Remark
    address: Address
    licenses: Annotated[list[Titled], Field(min_length=1)]
    attribution: Text
    sources: list[Titled] = []
    coverage: Text
    vintage: Text
    accessed: Annotated[str, AfterValidator(_day)]
    trust: Annotated[str, Field(pattern=r"^[ABC]\b")]
    caveat: Remark
    bytes: Annotated[int, Field(ge=0)]
    hash: Annotated[str, Field(pattern=HASH)]


class Table(Resource):
    """One table: a file with columns. Its `sectors` are what it is about: canola, electric cars, vehicle exports.

    A `private` one is somebody's own: no page about all tables has it, and no French is asked of its words. `whole` has
    columns of the key, with the value of which the others are parts.
    """

    private: bool = False
    sectors: list[Literal["canola", "ev", "us"]] = []
    gaps: Gaps | None = None
    jumps: Text | None = None
    ends: Ending | None = None
    cumulative: Cumulative | None = None
    whole: dict[str, Text] = {}
    key: Annotated[list[str], Field(min_length=1)]
    table_schema: Schema = Field(alias="schema")

    @model_validator(mode="after")
    def _coherent(self) -> Table:
        columns = [column.name for column in self.table_schema.fields]
        for place, name in enumerate(columns):
            if name in columns[:place]:
                raise reading.Wrong(f"{name} twice", "each column once", key="schema.fields")
        for name in self.key:
            if name not in columns or self.key.count(name) > 1:
                raise reading.Wrong(name, f"columns, each once: {', '.join(columns)}", key="key")
        counting = [self.cumulative.within, *self.cumulative.of] if self.cumulative else []
        bounding = [column.at_most for column in self.table_schema.fields if column.at_most]
        for key, names in {"cumulative": counting, "whole": self.whole, "schema.fields.at_most": bounding}.items():
            for name in names:
                if name not in columns:
                    raise reading.Wrong(name, f"columns: {', '.join(columns)}", key=key)
        if self.path != f"tables/{self.name}.csv":
            raise reading.Wrong(self.path, f"tables/{self.name}.csv", key="path")
        return self


class Outline(Resource):
    """Outlines for maps, a TopoJSON file."""

    @model_validator(mode="after")
    def _placed(self) -> Outline:
        if self.path != f"{self.name}.json":
            raise reading.Wrong(self.path, f"{self.name}.json", key="path")
        return self


class Package(_Described):
    """The whole file that describes tables."""

    name: Text
    title: Text
    resources: Annotated[list[Table], Field(min_length=1)]


class Outlines(_Described):
    """The whole file that describes outlines."""

    resources: Annotated[list[Outline], Field(min_length=1)]


@lru_cache(maxsize=4)
def parse(raw: bytes, where: str, *, unstamped: bool = False, form: type[BaseModel] = Package) -> dict[str, Any]:
    """The bytes of a descriptor as plain Python, shared between callers: never change it.

    With `unstamped` size and hash of a table may be missing or out of date, because they are written next. `form` is
    :class:`Package`, or :class:`Outlines`.

    Raises
    ------
    BadInput
        Not strict JSON, or not what `form` says; names file, table, key and value.
    """
    package = checked = reading.json_of(raw, where=where, allowed=restored(where))
    if unstamped and isinstance(package, dict) and isinstance(package.get("resources"), list):
        stamp = {"bytes": 0, "hash": f"sha256:{'0' * 64}"}
        rows = [row | stamp if isinstance(row, dict) else row for row in package["resources"]]
        checked = package | {"resources": rows}
    reading.as_model(form, checked, where=where, name=_key_by_table)
    names = [resource["name"] for resource in package["resources"]]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(where, "name", found=f"{name} twice", allowed="each table once")
    return dict(package)


def _key_by_table(place: tuple[int | str, ...], package: Any) -> str:
    """A fault's key that begins with the table's name instead of its number."""
    if len(place) > 1 and place[0] == "resources" and isinstance(place[1], int):
        resource = package["resources"][place[1]]
        name = resource.get("name") if isinstance(resource, dict) else None
        return ".".join(filter(None, (str(name or NO_NAME), reading.dotted(place[2:]))))
    return reading.dotted(place)


@lru_cache(maxsize=64)
def hash_of(content: bytes) -> str:
    """The hash of a file as a description holds it."""
    return f"sha256:{files.digest(content)}"


def restored(where: str) -> str:
    """What to do about a file that is not as it was accepted."""
    return f"restore it with 'git checkout -- {where}'"


def accepted_bytes(where: str, described: str) -> bytes | None:
    """A table as it was accepted: as git has it, staged or committed, with the described hash; None otherwise."""
    for place in PLACES:
        command = ["git", "-C", str(paths.root()), "cat-file", "blob", f"{place}./{where}"]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=LONGEST_SECONDS)
        except (OSError, subprocess.SubprocessError):
            return None
        if done.returncode == 0 and hash_of(done.stdout) == described:
            return done.stdout
    return None
