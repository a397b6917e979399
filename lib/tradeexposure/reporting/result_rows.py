"""Publishable numbers from a tidy frame: identifiers and labels from templates, the newest year in their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.units import MONTHS_IN_YEAR

SUM_DIGITS = 12  # the longest sum of cells has them; what adding binary numbers leaves behind is beyond
QUOTIENT_DIGITS = 6  # one more than sums of the shortest table, so that what is shown is as if rounded once
WHOLE = ("count", "year")
QUOTIENTS = ("share", "change", "points", "rate", "ratio", "effective number")
#: Numbers of a specification curve, in the order in which they are published, and their words in labels.
CURVE_WORDS = {
    "median": "median", "q25": "lower quartile", "q75": "upper quartile", "low": "lowest", "high": "highest",
    "share_negative": "share below zero", "n": "number",
}  # fmt: skip


def result_rows(
    frame: pd.DataFrame, *, result_id: str, value: str, low: str = "", high: str = "", **texts: str
) -> pd.DataFrame:
    """One publishable number per row, for :meth:`tradeexposure.reporting.results_book.Book.add_frame`.

    Parameters
    ----------
    frame : DataFrame
        Tidy; its columns can be named in the templates.
    result_id : str
        Template such as ``canola.farms.{place}.{census_year}``.
    value, low, high : str
        Columns with the number and, optionally, its range.
    **texts : str
        Further arguments of ``add`` as templates (``period="{year}"``, ``geography="{place}"``).
    """
    records = [{str(key): item for key, item in row.items()} for row in frame.to_dict("records")]
    written = {"result_id": result_id, **texts}
    rows = pd.DataFrame({name: [text.format(**record) for record in records] for name, text in written.items()})
    numbers = {"value": value, "low": low, "high": high}
    return rows.assign(**{name: frame[column].to_numpy() for name, column in numbers.items() if column})


def named_rows(numbers: Mapping[str, float], result_id: str, **texts: str) -> pd.DataFrame:
    """One publishable number per name: `result_id` has ``{name}`` in it; `texts` stand on every row."""
    rows = [{"result_id": result_id.format(name=name), "value": float(value)} for name, value in numbers.items()]
    return pd.DataFrame(rows).assign(**texts)


def sourced_rows(rows: pd.DataFrame, *, kept: int | None = None) -> pd.DataFrame:
    """`rows` that are published to the precision of their source and shown rounded.

    Parameters
    ----------
    rows : DataFrame
        Sums and shares of published tables; columns `value`, `unit` and further ones of ``Book.add``.
    kept : int, optional
        Significant digits of all rows. By default a sum keeps what its cells have, and a quotient
        :data:`QUOTIENT_DIGITS`.
    """
    by_unit = rows["unit"].isin(QUOTIENTS).map({True: QUOTIENT_DIGITS, False: SUM_DIGITS})
    return rows.assign(kept=by_unit if kept is None else kept)


def source_digits(unit: str) -> int:
    """How many digits of a fact are published: those of its source, and :data:`QUOTIENT_DIGITS` of a quotient."""
    return QUOTIENT_DIGITS if unit in QUOTIENTS else SUM_DIGITS


def last_digit(numbers: Sequence[float | None], digits: int) -> float:
    """One last digit of the coarsest of a value and its range."""
    finite = [float(number) for number in numbers if number is not None and np.isfinite(number)]
    return max(units.last_digit(number, digits) for number in finite)


def simulated(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` with a tolerance of one last digit of the value or its range, whichever is coarser."""
    numbers = rows[["value", "low", "high"]].to_numpy(dtype=float)
    digits = rows["digits"].to_numpy()
    last = [max(units.last_digit(number, int(digit)) for number in row if np.isfinite(number))
            for row, digit in zip(numbers, digits, strict=True)]  # fmt: skip
    return rows.assign(tolerance=last)


@dataclass(frozen=True)
class Latest:
    """A year that is held to some month.

    Attributes
    ----------
    year, month
        The newest year, and its last month held.
    """

    year: int
    month: int

    @property
    def suffix(self) -> str:
        """What marks a part of a year in an identifier: ``_jan_oct``; nothing for a whole year."""
        return "" if self.month == MONTHS_IN_YEAR else f"_jan_{self._last:%b}".lower()

    @property
    def span(self) -> str:
        """The months in words: ``January to October``; nothing for a whole year."""
        return "" if self.month == MONTHS_IN_YEAR else f"January to {self._last:%B}"

    @property
    def _last(self) -> pd.Timestamp:
        return pd.Timestamp(self.year, self.month, 1)

    def fill(self, template: str) -> str:
        """Write the period into a text: ``@latest`` and ``@before`` as in identifiers, ``@From`` and ``@in`` in words.

        >>> Latest(2025, 10).fill("@From, {x.@latest}; {x.@before} a year before")
        'From January to October 2025, {x.2025_jan_oct}; {x.2024_jan_oct} a year before'
        """
        when = f"{self.span} {self.year}".strip()
        replacements = {
            "@latest": f"{self.year}{self.suffix}",
            "@before": f"{self.year - 1}{self.suffix}",
            "@From": f"From {when}" if self.span else f"In {when}",
            "@in": f"in {when}",
        }
        for token, word in replacements.items():
            template = template.replace(token, word)
        return template


def latest(months: pd.Series) -> Latest:
    """The newest year in a column of months, and how far it is held."""
    last = pd.Timestamp(months.max())
    return Latest(last.year, last.month)


def whole_digits(values: pd.Series) -> pd.Series:
    """How many digits the whole part of each number has, so that a count is written to its last one."""
    return values.abs().round().astype("int64").astype(str).str.len()


def written_whole(rows: pd.DataFrame, digits: int | pd.Series) -> pd.DataFrame:
    """`rows` whose counts and years are written to their last digit, and all else to `digits` significant ones."""
    return rows.assign(digits=whole_digits(rows["value"]).where(rows["unit"].isin(WHOLE), digits))


def placebo_rows(
    numbers: Mapping[str, tuple[float, str]], *, result_id: str, label: str, unit: str = "pvalue", **texts: str | int
) -> pd.DataFrame:
    """Where an estimate stands among placebos: `result_id`, `label`, `value`, `unit`, and `texts` on every row.

    Parameters
    ----------
    numbers : mapping
        Name → number, mostly a p-value or the smallest one possible, and its words.
    result_id, label : str
        With ``{name}`` and ``{words}``.
    """
    rows = [
        {"result_id": result_id.format(name=name), "label": label.format(words=meaning), "value": value, "unit": unit}
        for name, (value, meaning) in numbers.items()
    ]
    return pd.DataFrame(rows).assign(**texts)


def curve_rows(
    numbers: Mapping[str, float], *, result_id: str, label: str, names: Mapping[str, str] = CURVE_WORDS, digits: int = 2
) -> pd.DataFrame:
    """A specification curve in numbers: `result_id`, `label`, `value`, `unit`, `digits`.

    Parameters
    ----------
    numbers : mapping
        Fields of :class:`~tradeexposure.econometrics.inference.specification_curve.Summary`; more by `names`.
    result_id : str
        What stands before the name of each number.
    label : str
        With ``{words}``.
    names : mapping
        Name of a number → its words, for those that are published; ``n`` is the number of specifications.
    """
    rows = [
        {"result_id": f"{result_id}.{name}", "label": label.format(words=text), "value": float(numbers[name]),
         "unit": "count" if name == "n" else "share" if name.startswith("share") else "change"}
        for name, text in names.items()
    ]  # fmt: skip
    return written_whole(pd.DataFrame(rows), digits)
