"""Earlier results as the brief reads them: each number with its range, and the direction that range allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from tradeexposure.core import units

Direction = Literal["rise", "fall", "open", "none"]
FEWEST, MOST = 2, 6  # significant digits of a published number
WHOLE, FEW = {"vehicles per year", "count"}, 100  # what is counted is written whole where it is few
HARDLY = 0.25  # ranges that share less of the shorter one than this are quoted apart


@dataclass(frozen=True)
class Number:
    """A published number: `value` in `unit` with its range, both None where a range has no meaning."""

    key: str
    label: str
    value: float
    low: float | None
    high: float | None
    level: float | None
    unit: str
    digits: int = FEWEST
    period: str = ""
    tables: str = ""

    @property
    def ends(self) -> tuple[float, float]:
        """The range; the value twice where there is none."""
        return (self.value, self.value) if self.low is None or self.high is None else (self.low, self.high)

    @property
    def direction(self) -> Direction:
        """``open`` where zero lies inside the range or is the value, ``none`` for an exact zero without spread."""
        low, high = self.ends
        if low == high == self.value == 0:
            return "none"
        if low < 0 < high or self.value == 0:
            return "open"
        return "rise" if low + high > 0 else "fall"

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
        return "" if low == high else f"{self._write(low)} to {self._write(high)}"

    def _write(self, value: float) -> str:
        shown = round(value) if self.unit in WHOLE and abs(value) < FEW else value
        return units.write(shown, self.unit, self.digits).removesuffix(self.suffix)

    @property
    def text(self) -> str:
        """The value with its unit."""
        return f"{self.bare}{self.suffix}"

    @property
    def full(self) -> str:
        """The value and, in brackets, its range; the unit's suffix once: ``C$5 m (C$2 m to C$9 m) a year``."""
        return f"{self.plain}{self.suffix}"

    @property
    def plain(self) -> str:
        """Value and range without the unit's suffix, for sentences that name the unit themselves."""
        return f"{self.bare} ({self.span})" if self.span else self.bare

    @property
    def size(self) -> Number:
        """The number without its sign where the direction is settled: what falls by 5 to 9 falls by 5 to 9."""
        if self.direction != "fall":
            return replace(self, unit="share") if self.unit == "change" and self.direction == "rise" else self
        low, high = (None, None) if self.low is None else (abs(self.ends[1]), abs(self.ends[0]))
        unit = "share" if self.unit == "change" else self.unit
        return replace(self, value=abs(self.value), low=low, high=high, unit=unit)

    @property
    def opposite(self) -> Number:
        """The number with the other sign."""
        low, high = (None, None) if self.low is None else (0 - self.ends[1], 0 - self.ends[0])
        return replace(self, value=0 - self.value, low=low, high=high)


class Numbers(Mapping[str, Number]):
    """Published numbers by identifier; asking for one that is not there names it."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._rows = {str(row["result_id"]): _number(row) for row in frame.to_dict("records")}

    def __getitem__(self, key: str) -> Number:
        return self._rows[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def below(self, prefix: str) -> dict[str, Number]:
        """Numbers whose identifiers are `prefix`, a dot and one more part, by that part."""
        start = f"{prefix}."
        own = {key.removeprefix(start): one for key, one in self._rows.items() if key.startswith(start)}
        return {part: one for part, one in own.items() if "." not in part}


def _number(row: Mapping[Any, Any]) -> Number:
    low, high, level = (None if _missing(row.get(name)) else float(row[name]) for name in ("low", "high", "level"))
    value = float(row["value"])
    return Number(
        str(row["result_id"]), str(row["label"]), value, low, high, level, str(row["unit"]),
        _digits([one for one in (value, low, high) if one is not None]), str(row.get("period") or ""),
        str(row.get("tables") or ""),
    )  # fmt: skip


def _digits(numbers: Sequence[float]) -> int:
    """Significant digits that rounded numbers were published with; zeros at the end of all of them are lost."""
    shown = [len(f"{abs(one):.{MOST}g}".split("e")[0].replace(".", "").strip("0")) for one in numbers]
    return max(*shown, FEWEST)


def _missing(value: Any) -> bool:
    return value is None or value == "" or bool(pd.isna(value))


def overlap(one: Number, other: Number) -> float:
    """Part of the shorter of two ranges that the other holds too, 0–1; 1 where both are the same point."""
    (low, high), (least, most) = one.ends, other.ends
    shorter = min(high - low, most - least)
    shared = min(high, most) - max(low, least)
    if shorter <= 0:
        return 1.0 if shared >= 0 else 0.0
    return max(shared, 0.0) / shorter


def apart(one: Number, other: Number) -> bool:
    """Whether two ranges hardly overlap (less than :data:`HARDLY` of the shorter)."""
    return overlap(one, other) < HARDLY
