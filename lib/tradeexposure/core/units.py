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


#: Unit → how a number of it is written, what follows the number, and what the unit means in words.
FORMATS: dict[str, tuple[Callable[[float, int], str], str, str]] = {
    "CAD": (_dollars, "", "Canadian dollars"),
    "CAD per year": (_dollars, " a year", "Canadian dollars a year"),
    "CAD per farm": (_dollars, " per farm", "Canadian dollars a farm"),
    "CAD per hectare": (_dollars, " per hectare", "Canadian dollars a hectare"),
    "CAD per tonne": (_dollars, " per tonne", "Canadian dollars a tonne"),
    "CAD per car": (_dollars, " per car", "Canadian dollars a car"),
    "share": (_percent, "", "A share, from 0 to 1"),
    "rate": (_percent, "", "A duty as a share of the value of the goods: 0.149 is 14.9%"),
    "probability": (_percent, "", "A probability, from 0 to 1"),
    "change": (_change, "", "A change as a share of what it is measured against: -0.05 is a fall of 5%"),
    "change per year": (_change, " a year", "A change a year, as a share"),
    "points": (_points, " points", "A difference of two shares: 0.01 is one percentage point"),
    "kilotonnes": (_plain, " kt", "Thousand tonnes"),
    "kilotonnes per year": (_plain, " kt a year", "Thousand tonnes a year"),
    "vehicles per year": (_plain, " vehicles a year", "Vehicles a year"),
    "count": (_plain, "", "A number of things"),
    "effective number": (_plain, "", "Number of equally large shares that would be as concentrated"),
    "pvalue": (_plain, "", "Chance of a result as far out if there were no effect"),
    "ratio": (_plain, "", "One quantity divided by another"),
    "year": (_whole, "", "A calendar year"),
    "months": (_plain, " months", "Months"),
}


def write(value: float, unit: str, digits: int) -> str:
    """`value` as it stands in a sentence: ``C$118.9 bn``, ``84.8%``, ``−3.6%``, ``5,870 kt``."""
    number, suffix, _ = FORMATS[unit]
    return number(value, digits) + suffix


def write_range(low: float, high: float, unit: str, digits: int) -> str:
    """``low to high``, the unit's suffix written once."""
    number, suffix, _ = FORMATS[unit]
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
