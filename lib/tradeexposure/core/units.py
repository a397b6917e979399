"""The closed list of units a published number may have, how each is written, and what a range says of the sign."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

MINUS = "\N{MINUS SIGN}"
MONTHS_IN_YEAR = 12
HECTARES_IN_KM2 = 100
THOUSAND, MILLION, BILLION = 1e3, 1e6, 1e9
CLEAN = 12  # significant digits beyond which there is only what adding binary numbers leaves behind
#: What a range says of the sign of a change: the one vocabulary of every sentence, title and claim.
Direction = Literal["rise", "fall", "undetermined", "zero_median", "none"]


def significant(value: float, digits: int) -> float:
    """`value` rounded to `digits` significant digits."""
    return float(f"{value:.{digits}g}")


def rounded_once(value: float, kept: int, *, shown: range) -> float:
    """`value` at `kept` significant digits, or the fewest more from which it is shown as if it were rounded once.

    354.7 is not kept as 355, which words of two digits would make 360.

    Parameters
    ----------
    kept : int
        Digits that suffice for all but those whose last is a 5 that rounding made.
    shown : range
        Digits at which it may be shown.
    """
    exact = significant(value, max(kept, CLEAN))
    for count in range(kept, CLEAN):
        short = significant(exact, count)
        if all(significant(short, digits) == significant(exact, digits) for digits in shown):
            return short
    return exact


def last_digit(value: float, digits: int) -> float:
    """One unit of the last significant digit of `value`; 0 for an exact zero."""
    if value == 0:
        return 0.0
    return significant(10.0 ** (math.floor(math.log10(abs(value))) - digits + 1), 1)


def _plain(value: float, digits: int) -> str:
    """Decimal notation with thousands separators and `digits` significant digits."""
    if value == 0:
        return "0"
    decimals = max(digits - 1 - math.floor(math.log10(abs(significant(value, digits)))), 0)
    return f"{significant(value, digits):,.{decimals}f}".replace("-", MINUS)


def _dollars(value: float, digits: int) -> str:
    sign, size = (MINUS if value < 0 else ""), abs(significant(value, digits))
    for scale, name in ((1e9, " bn"), (1e6, " m")):
        if size >= scale:
            return f"{sign}C${_plain(size / scale, digits)}{name}"
    return f"{sign}C${_plain(size, digits)}"


def _percent(value: float, digits: int) -> str:
    return f"{_plain(significant(value, digits) * 100, digits)}%"


def _change(value: float, digits: int) -> str:
    return ("+" if value > 0 else "") + _percent(value, digits)


def _points(value: float, digits: int) -> str:
    return ("+" if value > 0 else "") + _plain(significant(value, digits) * 100, digits)


def _whole(value: float, digits: int) -> str:
    return f"{round(value):d}"


FORMATS: dict[str, tuple[Callable[[float, int], str], str]] = {
    "CAD": (_dollars, ""),
    "CAD per year": (_dollars, " a year"),
    "CAD per farm": (_dollars, " per farm"),
    "CAD per hectare": (_dollars, " per hectare"),
    "CAD per tonne": (_dollars, " per tonne"),
    "CAD per car": (_dollars, " per car"),
    "share": (_percent, ""),
    "rate": (_percent, ""),
    "probability": (_percent, ""),
    "change": (_change, ""),
    "change per year": (_change, " a year"),
    "points": (_points, " points"),  # a difference of two shares, kept as 0–1, in percentage points
    "kilotonnes": (_plain, " kt"),
    "kilotonnes per year": (_plain, " kt a year"),
    "vehicles per year": (_plain, " vehicles a year"),
    "count": (_plain, ""),
    "effective number": (_plain, ""),
    "pvalue": (_plain, ""),
    "ratio": (_plain, ""),
    "year": (_whole, ""),
    "months": (_plain, " months"),
}

MEANINGS: dict[str, str] = {
    "CAD": "Canadian dollars",
    "CAD per year": "Canadian dollars a year",
    "CAD per farm": "Canadian dollars a farm",
    "CAD per hectare": "Canadian dollars a hectare",
    "CAD per tonne": "Canadian dollars a tonne",
    "CAD per car": "Canadian dollars a car",
    "share": "A share, from 0 to 1",
    "rate": "A duty as a share of the value of the goods: 0.149 is 14.9%",
    "probability": "A probability, from 0 to 1",
    "change": "A change as a share of what it is measured against: -0.05 is a fall of 5%",
    "change per year": "A change a year, as a share",
    "points": "A difference of two shares: 0.01 is one percentage point",
    "kilotonnes": "Thousand tonnes",
    "kilotonnes per year": "Thousand tonnes a year",
    "vehicles per year": "Vehicles a year",
    "count": "A number of things",
    "effective number": "Number of equally large shares that would be as concentrated",
    "pvalue": "Chance of a result as far out if there were no effect",
    "ratio": "One quantity divided by another",
    "year": "A calendar year",
    "months": "Months",
}


def write(value: float, unit: str, digits: int) -> str:
    """`value` as it stands in a sentence: ``C$118.9 bn``, ``84.8%``, ``−3.6%``, ``5,870 kt``."""
    number, suffix = FORMATS[unit]
    return number(value, digits) + suffix


def write_range(low: float, high: float, unit: str, digits: int) -> str:
    """``low to high``, the unit's suffix written once."""
    number, suffix = FORMATS[unit]
    return f"{number(low, digits)} to {number(high, digits)}{suffix}"


def direction(value: float, low: float, high: float) -> Direction:
    """``rise`` or ``fall`` where the whole range has one sign, ``open`` where it holds zero.

    ``none`` where nothing moves at all, ``zero_median`` where the value is zero and an end is not: nothing moves in the
    median draw.
    """
    if value == 0:
        return "none" if low == high == 0 else "zero_median"
    if low >= 0 and value > 0:
        return "rise"
    return "fall" if high <= 0 and value < 0 else "undetermined"
