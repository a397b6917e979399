"""How a publisher's file becomes a table: the recipes of ``data/sources.yml``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PERIODS = Literal["month", "quarter", "year"]
Words = tuple[str, ...]


class Strict(BaseModel):
    """A mapping of which every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Dimension(Strict):
    """A column of the publisher that becomes a column of the table.

    Attributes
    ----------
    column
        Its names in the file, whichever is there.
    into
        The table's column.
    keep, members, prefixes
        Labels taken over as they are; our value → labels that mean it; or beginnings of codes. A label may end
        with ``*``. ``held`` takes the values the table holds already, unless they have labels of their own; ``every``
        takes whatever is there.
    some
        Not every member need be in a file.
    points
        Write an eight-digit code as 1205.10.10.
    """

    column: Words
    into: str
    keep: Words = ()
    members: dict[str, Words] = {}
    prefixes: Words = ()
    held: bool = False
    every: bool = False
    some: bool = False
    points: bool = False


class Measure(Strict):
    """A number of the file that becomes a number of the table.

    Attributes
    ----------
    unit
        Units the publisher may state, any of them; others are refused.
    times
        Factor from the publisher's unit (after its scalar factor) to the table's.
    decimals
        Round to so many decimals, halves away from zero; by default nothing is rounded.
    column
        Column of the number, where the file has several.
    over
        Another measure of the same row that this one is divided by, before it is rounded; 0 where that is nothing.
    """

    into: str
    unit: Words = ()
    times: str = "1"
    decimals: int | None = None
    column: str = ""
    where: dict[str, Words] = {}
    over: str = ""

    @property
    def factor(self) -> Decimal:
        """`times` as an exact number."""
        return Decimal(self.times)


class Part(Strict):
    """Rows one source gives to a table; rows of several parts that have the same key are one.

    Attributes
    ----------
    less
        Takes another member's value off (all partners less one).
    titles
        Column of the table → column of words in capitals, written here with capitals at their beginnings.
    """

    source: str
    since: str = ""
    constants: dict[str, str] = {}
    where: dict[str, Words] = {}
    without: dict[str, Words] = {}
    less: dict[str, Words] = {}
    add: bool = False
    titles: dict[str, str] = {}
    dimensions: tuple[Dimension, ...] = ()
    measures: tuple[Measure, ...]


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
    """How far a refresh may go without being accepted by name.

    Attributes
    ----------
    revised_share
        Rows revised, of those held.
    largest_change
        Median size of the revisions, of the value held.
    vanished
        Rows that may disappear.
    magnitude
        Factor between new values and those of the same series in the held table's last two years.
    """

    revised_share: float = Field(default=0.5, ge=0, le=1)
    largest_change: float = Field(default=0.25, ge=0)
    vanished: int = Field(default=0, ge=0)
    magnitude: float = Field(default=5.0, gt=1)


class Table(Strict):
    """How a table is made.

    Attributes
    ----------
    period, into
        Frequency, and the column of the period.
    fixed
        The one year of a table that has no such column: its figures are revised, no later ones are added.
    splice
        Rows held stay; the source adds later periods and must agree with held ones to this share.
    years_before
        For files per year: how many years before the newest held one are read again.
    first_year
        For files per year: the first one, where nothing is held.
    caveat, described
        Replace the descriptor's caveat, and other entries of it, once the table comes from this source.
    descriptor
        Of a table that is not in the shipped package.
    """

    period: PERIODS
    into: str = ""
    fixed: str = ""
    parts: tuple[Part, ...] = ()
    mean: Mean | None = None
    splice: float | None = None
    years_before: int = 1
    first_year: int | None = None
    bounds: Bounds = Bounds()
    caveat: str = ""
    vintage_words: str = "files read"
    described: dict[str, Any] = {}
    descriptor: dict[str, Any] | None = None
