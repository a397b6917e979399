"""Published numbers as sentences write them: each with its range, and the direction that range allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from tradeexposure import data
from tradeexposure.core import units
from tradeexposure.core.results_csv import SCENARIO
from tradeexposure.core.units import Direction
from tradeexposure.data import periods

DIGITS = 2  # of numbers that do not state them
WHOLE, FEW = {"vehicles per year", "count"}, 100  # what is counted is written whole where it is few
#: A period that is dated throughout, with its end.
OF_PERIOD = re.compile(rf"(?:{periods.DATED.pattern} to )?({periods.DATED.pattern})")
WRITTEN = ("range", "full", "bare", "plain", "span")  # of a number, with its sign and without
#: Form of a placeholder → the property of a number, or of its size, that writes it.
NUMBER_FORMATS = {
    "value": "text",
    **{form: form for form in WRITTEN},
    "millions": "millions",
    "size": "text",
    **{f"size_{form}": form for form in WRITTEN},
}


@dataclass(frozen=True)
class Number:
    """A published number: `value` in `unit` with its range, both None where a range has no meaning.

    Without `signed` a rise has no plus: the sentence says which way it goes. `origin` is how a book is told (`made_of`)
    that a number is this one, or made of it: the scenario, where it is of another notebook's table of all, and its key.
    """

    key: str
    value: float
    low: float | None
    high: float | None
    level: float | None
    unit: str
    digits: int = DIGITS
    period: str = ""
    tables: str = ""
    signed: bool = True
    origin: str = ""

    @property
    def ends(self) -> tuple[float, float]:
        """The range; the value twice where there is none."""
        return (self.value, self.value) if self.low is None or self.high is None else (self.low, self.high)

    @property
    def drawn(self) -> dict[str, float]:
        """As charts take it: `value`, `low`, `high`."""
        return dict(zip(("value", "low", "high"), (self.value, *self.ends), strict=True))

    @property
    def repeated(self) -> dict[str, Any]:
        """As a book takes it that publishes it again, under another identifier."""
        return {"value": self.value, "low": self.low, "high": self.high, "level": self.level, "period": self.period,
                "sources": self.tables, "made_of": self.origin}  # fmt: skip

    @property
    def direction(self) -> Direction:
        """What the range says of the sign; ``open`` also where the value is zero and an end is not."""
        direction = units.direction(self.value, *self.ends)
        return "undetermined" if direction == "zero_median" else direction

    @property
    def suffix(self) -> str:
        """What follows the number in its unit, such as `` a year``."""
        return units.FORMATS[self.unit][1]

    @property
    def bare(self) -> str:
        """The value without the unit's suffix."""
        return self._write(self.value)

    @property
    def span(self) -> str:
        """The range without the unit's suffix; empty where there is none or it is a point."""
        low, high = self.ends
        least, most = self._write(low), self._write(high)
        return "" if least == most else f"{least} to {most}"

    @property
    def level_text(self) -> str:
        """What its range holds, in per cent; empty where that is not said."""
        return "" if self.level is None else f"{self.level:.0%}"

    def _write(self, value: float) -> str:
        few = self.unit in WHOLE and abs(value) < FEW
        shown, digits = (round(value), len(f"{abs(value):.0f}")) if few else (value, self.digits)
        return self._plus(units.write(shown, self.unit, digits)).removesuffix(self.suffix)

    def _plus(self, written: str) -> str:
        return written if self.signed else written.replace("+", "")

    @property
    def text(self) -> str:
        """The value with its unit."""
        return f"{self.bare}{self.suffix}"

    @property
    def range(self) -> str:
        """Both ends, their unit once; empty where there is no range."""
        return "" if self.low is None or self.high is None else self._plus(units.write_range(
            self.low, self.high, self.unit, self.digits))  # fmt: skip

    @property
    def full(self) -> str:
        """The value and, in brackets, its range; the unit's suffix once: ``C$5 m (C$2 m to C$9 m) a year``."""
        return f"{self.plain}{self.suffix}"

    @property
    def plain(self) -> str:
        """Value and range without the unit's suffix, for sentences that name the unit themselves."""
        return f"{self.bare} ({self.span})" if self.span else self.bare

    @property
    def millions(self) -> str:
        """Value and range of kilotonnes in million tonnes, which the sentence names."""
        value, low, high = (None if end is None else units.significant(end, self.digits) / units.THOUSAND
                            for end in (self.value, self.low, self.high))  # fmt: skip
        return replace(self, value=value or 0.0, low=low, high=high, unit="ratio").plain

    def __format__(self, form: str) -> str:
        """As :data:`NUMBER_FORMATS` has it: ``{income:size_full}``; without a form the value with its unit."""
        return str(getattr(self.size if form.startswith("size") else self, NUMBER_FORMATS[form or "value"]))

    @property
    def named(self) -> PlaceholderNumber:
        """The same, writing itself as the placeholder by which ``Book.say`` is asked for it."""
        return PlaceholderNumber(**vars(self))

    @property
    def size(self) -> Number:
        """The number without its sign where the direction is settled: what falls by 5 to 9 falls by 5 to 9."""
        if self.direction not in ("rise", "fall"):
            return self
        if self.direction == "rise":
            return replace(self, signed=False)
        low, high = (None, None) if self.low is None else (abs(self.ends[1]), abs(self.ends[0]))
        return replace(self, value=abs(self.value), low=low, high=high, signed=False)

    def at(self, digits: int) -> Number:
        """The number at `digits` significant digits where it has more."""
        return replace(self, digits=min(digits, self.digits))

    @property
    def prose(self) -> Number:
        """As sentences, titles and cards write it: two digits, but duties as the law writes them."""
        return self if self.unit == "rate" else self.at(DIGITS)

    @property
    def opposite(self) -> Number:
        """The number with the other sign."""
        low, high = (None, None) if self.low is None else (0 - self.ends[1], 0 - self.ends[0])
        return replace(self, value=0 - self.value, low=low, high=high)


@dataclass(frozen=True)
class PlaceholderNumber(Number):
    """A number that writes itself as the placeholder by which ``Book.say`` is asked for it: ``{id:full}``."""

    sized: bool = False

    def _asked(self, form: str = "") -> str:
        form = "_".join(filter(None, ("size" if self.sized else "", form)))
        return f"{{{self.key}:{form}.{self.digits}}}"

    def __format__(self, form: str) -> str:
        return self._asked(form)

    @property
    def bare(self) -> str:
        return self._asked("bare")

    @property
    def span(self) -> str:
        return self._asked("span") if super().span else ""

    @property
    def text(self) -> str:
        return self._asked()

    @property
    def plain(self) -> str:
        return self._asked("plain")

    @property
    def full(self) -> str:
        return self._asked("full" if super().range else "")

    @property
    def millions(self) -> str:
        return self._asked("millions")

    @property
    def size(self) -> PlaceholderNumber:
        return replace(self, sized=True)


class Numbers(dict[str, Number]):
    """Published numbers by identifier, from rows as of ``results.csv``; asking for one that is not there names it."""

    def __init__(self, rows: pd.DataFrame | Mapping[str, Number]) -> None:
        if isinstance(rows, pd.DataFrame):
            rows = {str(row["result_id"]): number(row) for row in rows.to_dict("records")}
        super().__init__(rows)

    def named(self) -> Numbers:
        """The same, each of which writes itself as a placeholder of ``Book.say``."""
        return Numbers({key: number.named for key, number in self.items()})

    def prose(self) -> Numbers:
        """The same as sentences, titles and cards write them."""
        return Numbers({key: number.prose for key, number in self.items()})

    def without(self, part: str) -> Numbers:
        """The same without numbers that have a part of this name in their identifiers."""
        return Numbers({key: number for key, number in self.items() if part not in key.split(".")})

    def stem(self, prefix: str) -> NumberGroup:
        """What a message names whose placeholders are identifiers, or begin with a short name for `prefix`."""
        return NumberGroup(self, prefix)

    def below(self, prefix: str) -> dict[str, Number]:
        """Numbers whose identifiers are `prefix`, a dot and one more part, by that part."""
        start = f"{prefix}."
        own = {key.removeprefix(start): number for key, number in self.items() if key.startswith(start)}
        return {part: number for part, number in own.items() if "." not in part}


class NumberGroup:
    """The number at an identifier and those below it, as ``str.format`` asks: ``{id:full}``, ``{id.long_run:full}``."""

    def __init__(self, numbers: Numbers, key: str) -> None:
        self._numbers, self._key = numbers, key

    def __getattr__(self, part: str) -> NumberGroup:
        if part.startswith("_"):
            raise AttributeError(part)
        return NumberGroup(self._numbers, f"{self._key}.{part}")

    def __format__(self, form: str) -> str:
        return format(self._numbers[self._key], form)


def number(row: Mapping[Any, Any]) -> Number:
    """One published row as a number."""
    low, high, level = (None if _missing(row.get(name)) else float(row[name]) for name in ("low", "high", "level"))
    digits = DIGITS if _missing(row.get("digits")) else int(row["digits"])
    period, tables = (str(row.get(name) or "") for name in ("period", "tables"))
    return Number(
        str(row["result_id"]), float(row["value"]), low, high, level, str(row["unit"]), digits, period, tables,
        origin=f"{row.get(SCENARIO) or ''}:{row['result_id']}",
    )  # fmt: skip


def newest_figure(*numbers: Number) -> tuple[str, str]:
    """The month of the newest figure behind numbers and the same in words: ``2026-08``, ``August 2026``.

    It is the newest month of the tables that a number names, and none after the period that it is of, which may be a
    year: ``2024-12``, ``2024``. Empty where no table of theirs is dated by month or quarter.
    """
    known = []
    for number in numbers:
        day, period = data.newest(filter(None, number.tables.split("; "))), OF_PERIOD.fullmatch(number.period)
        end = pd.Period(period[1]).end_time.date() if period else None
        if day and period and end and end < day:
            known.append((end, f"{end:%B %Y}" if "-" in period[1] else period[1]))
        elif day:
            known.append((day, f"{day:%B %Y}"))
    if not known:
        return "", ""
    day, month = max(known)
    return f"{day:%Y-%m}", month


def _missing(value: Any) -> bool:
    return value is None or value == "" or bool(pd.isna(value))
