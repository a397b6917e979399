"""A table made anew from publishers' sheets by the recipe in ``data/sources.yml``, and what of the held one stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import source_files
from tradeexposure.refresh.publishers.sheet import CHANGED, REPEATS, Row, Sheet, near, plain, spaced
from tradeexposure.refresh.publishers.sheet import column as column_of
from tradeexposure.refresh.publishers.sources_schema import (
    Catalogue,
    Dimension,
    Mean,
    MeasuredColumn,
    Part,
    Table,
    Words,
)

DISAGREES = (
    "the two publishers do not agree: look at the notes of both and say in data/sources.yml from when on the later one "
    "is right (splice_at); nothing was taken"
)
#: Labels named where none of them is in the file.
SHOWN = 6
Key = tuple[str, ...]
Taken = dict[Key, dict[str, Any]]  # numbers by column of the table, and words
Rows = list[tuple[dict[str, str], dict[str, Any]]]  # the same, the key by column of the table too
Fields = Sequence[Mapping[str, Any]]


class Labels(dict[str, str | None]):
    """A publisher's label → our value, None where it is not wanted; what a file held is kept.

    A mapping that computes what it lacks: tables of hundreds of millions of rows have few labels. A code in brackets
    says nothing, as it changes with the classification; where it alone parts two labels of a file (a city and its
    surroundings in 32-10-0309) that would become one value, the file is refused.
    """

    def __init__(self, dimension: Dimension, known: Iterable[str], title: str) -> None:
        super().__init__()
        self.dimension, self.title = dimension, title
        self.first: dict[tuple[str, str | None], str] = {}
        wanted = {**dimension.members, **{label: (label,) for label in dimension.keep}}
        if dimension.held:
            names = {value: (value.replace(".", "") if dimension.points else value,) for value in known}
            wanted = names | wanted
        self.wanted = wanted
        self.exact = {plain(label): value for value, labels in wanted.items() for label in labels if label[-1] != "*"}
        self.begins = [
            (plain(label[:-1]), value) for value, labels in wanted.items() for label in labels if label[-1] == "*"
        ]
        self.prefixes = tuple(plain(code) for code in dimension.prefixes) or ("\0",)
        self.required = set() if dimension.held or dimension.some else set(wanted)

    def __missing__(self, label: str) -> str | None:
        self[label] = self._value(label)
        first = self.first.setdefault((plain(label), self[label]), label)
        if self[label] is not None and spaced(first).casefold() != spaced(label).casefold():
            what = f"found {first!r} and {label!r}, which the code alone tells apart"
            raise SourceFailed(self.title, what, "select by DGUID in data/sources.yml; nothing was taken")
        return self[label]

    def _value(self, label: str) -> str | None:
        short = plain(label)
        if short in self.exact:
            return self.exact[short]
        for beginning, value in self.begins:
            if short.startswith(beginning):
                return value
        if self.dimension.every or short.startswith(self.prefixes):
            text = " ".join(label.split())
            return f"{text[:4]}.{text[4:6]}.{text[6:8]}" if self.dimension.points and len(text) == 8 else text
        return None

    def missing(self) -> list[str]:
        """Values that no label stood for."""
        return sorted(self.required - {value for value in self.values() if value is not None})

    def nothing(self) -> bool:
        """Whether the file has labels and none of them is wanted."""
        return bool(self) and not any(value is not None for value in self.values())

    def nearest(self, values: Iterable[str]) -> str:
        """Labels of the file that come nearest to those that would stand for `values`, as the end of a sentence."""
        return self._near([name for value in values for name in self.wanted[value]])

    def described(self) -> str:
        """All labels that are wanted, and those of the file that come nearest to them."""
        names = [*dict.fromkeys(name for labels in self.wanted.values() for name in labels)]
        names += [f"{code}*" for code in self.dimension.prefixes]
        return f"{' or '.join(names[:SHOWN])}{self._near(names)}"

    def _near(self, names: Iterable[str]) -> str:
        unknown = [label for label, value in self.items() if value is None]
        return near([name.rstrip("*") for name in names], unknown)


def rows_of(sheet: Sheet, parts: Sequence[Part], *, period: str, known: Mapping[str, Sequence[str]]) -> list[Rows]:
    """The rows of each part, in one pass over the file.

    Parameters
    ----------
    sheet : Sheet
        The publisher's file.
    parts : sequence of Part
        Which rows, and as what.
    period : str
        Name of the table's period column; empty where it has none.
    known : mapping
        Column → values the table holds, for dimensions that take no others.

    Returns
    -------
    list of Rows
        Per part; numbers in the table's units, None where the publisher gave none, of shares their parts.

    Raises
    ------
    SourceFailed
        A column, a member or a unit is not there any more, or two rows say different things about one key.
    """
    pickers = [_Picker(sheet, part, known, period) for part in parts]
    for row in sheet.rows:
        for picker in pickers:
            picker.pick(row)
    return [picker.rows() for picker in pickers]


class _Picker:
    """The compiled recipe of a part, and what it took of the file so far."""

    def __init__(self, sheet: Sheet, part: Part, known: Mapping[str, Sequence[str]], period: str) -> None:
        self.sheet, self.part, self.dated = sheet, part, bool(period)
        self.columns = [*filter(None, [period]), *part.constants, *(dimension.into for dimension in part.dimensions)]
        self.labels = [Labels(dimension, known.get(dimension.into, ()), sheet.title) for dimension in part.dimensions]
        places = [column_of(sheet.header, dimension.column, sheet.title) for dimension in part.dimensions]
        self.coded = list(zip(places, self.labels, strict=True))
        self.where, off = self._filters(part.where), self._filters(part.less)
        replaced = {place for place, _ in off}
        self.where_less = [*(passes for passes in self.where if passes[0] not in replaced), *off] if off else []
        self.titles = {into: column_of(sheet.header, (name,), sheet.title) for into, name in part.titles.items()}
        self.measures = [(measure, self._filters(measure.where)) for measure in part.measures]
        self.units = {measure.into: {plain(unit) for unit in measure.unit} for measure in part.measures}
        self.taken: Taken = {}
        self.taken_off: Taken = {}
        self.added: set[tuple[str, ...]] = set()  # rows that are parts of sums, and in which unit their numbers are
        self.added_in: dict[tuple[Key, str], str] = {}

    def _filters(self, wanted: Mapping[str, Words]) -> list[tuple[int, Labels]]:
        title, filters = self.sheet.title, []
        for name, labels in wanted.items():
            dimension = Dimension(column=tuple(name.split(" | ")), into="", members={"yes": labels})
            filters.append((column_of(self.sheet.header, dimension.column, title), Labels(dimension, (), title)))
        return filters

    def pick(self, row: Row) -> None:
        """Take the numbers of a row, if it is wanted; as what is taken off others, if that is wanted."""
        if _passes(row, self.where):
            self._put(self.taken, row)
        if self.where_less and _passes(row, self.where_less):
            self._put(self.taken_off, row)

    def _key(self, row: Row) -> Key | None:
        values = []
        for place, labels in self.coded:
            value = labels[row[place]]
            if value is None:
                return None
            values.append(value)
        period = self.sheet.period(row)
        if period < self.part.since:
            return None
        when = (period,) if self.dated else ()
        return (*when, *self.part.constants.values(), *values)

    def _put(self, taken: Taken, row: Row) -> None:
        """Write the numbers and words of one row under its key, if it has one."""
        key, title = self._key(row), self.sheet.title
        if key is None:
            return
        if self.part.add and self.sheet.keyed:
            cells = tuple(row)
            if cells in self.added:
                what = f"found the same row twice: {', '.join(filter(None, cells))[:100]}"
                raise SourceFailed(title, what, REPEATS)
            self.added.add(cells)
        numbers = taken.setdefault(key, {})
        numbers |= {into: row[place].title() for into, place in self.titles.items()}
        for measure, filters in self.measures:
            if _passes(row, filters):
                value = self._converted(key, row, measure)
                before = numbers.get(measure.into)
                if before is None or value is None:  # a sum is not known where a part of it was not published
                    unknown = self.part.add and measure.into in numbers
                    numbers[measure.into] = None if unknown else before if value is None else value
                elif self.part.add:
                    numbers[measure.into] = before + value
                elif value != before:
                    raise SourceFailed(title, f"found two values for {', '.join(key)}: {before} and {value}", CHANGED)

    def _converted(self, key: Key, row: Row, measure: MeasuredColumn) -> Decimal | None:
        """A number in the table's unit; None where none was published, in whatever unit."""
        cell = self.sheet.cell(row, measure.column)
        if cell.value is None:
            return None
        units, unit = self.units[measure.into], plain(cell.unit)
        if units and unit not in units:
            what = f"found the unit {cell.unit!r} for {measure.into}, expected {' or '.join(measure.unit)}"
            raise SourceFailed(self.sheet.title, what, CHANGED)
        first = self.added_in.setdefault((key, measure.into), unit) if self.part.add else unit
        if first != unit and not units:
            what = f"found {measure.into} of {', '.join(key)} in two units, {first} and {unit}"
            raise SourceFailed(self.sheet.title, what, CHANGED)
        return cell.value * measure.factor

    def rows(self) -> Rows:
        """What was taken by key, once it is known that nothing the recipe names is missing; of shares their parts."""
        self._check_found()
        for key, numbers in self.taken.items():
            for measure in self.part.measures:
                value = numbers.get(measure.into)
                if self.where_less:  # less the other member's of the same key; a key without both has no value
                    less = self.taken_off.get(key, {}).get(measure.into)
                    value = None if value is None or less is None else value - less
                numbers[measure.into] = value if measure.over else _rounded(value, measure)
        return [(dict(zip(self.columns, key, strict=True)), numbers) for key, numbers in self.taken.items()]

    def _check_found(self) -> None:
        """Refuse a file in which a member of the recipe no longer stands, or nothing is left."""
        filters = [*self.where, *(column for _, filters in self.measures for column in filters)]
        unnamed = [labels for labels in self.labels if not labels.required]
        for labels in (*(labels for _, labels in filters), *unnamed):
            if labels.nothing():
                what = f"found no {labels.dimension.column[0]} {labels.described()}"
                raise SourceFailed(self.sheet.title, what, CHANGED)
        for labels in self.labels:
            if missing := labels.missing():
                what = f"found no {labels.dimension.column[0]} for {', '.join(missing)}{labels.nearest(missing)}"
                raise SourceFailed(self.sheet.title, what, CHANGED)
        for measure in self.part.measures:
            if not any(numbers.get(measure.into) is not None for numbers in self.taken.values()):
                raise SourceFailed(self.sheet.title, f"found no number for {measure.into}", CHANGED)


def _passes(row: Row, filters: Iterable[tuple[int, Labels]]) -> bool:
    for place, labels in filters:  # noqa: SIM110 – a generator takes half as long again, of a hundred million rows
        if not labels[row[place]]:
            return False
    return True


def decimal_text(value: Decimal | None) -> str:
    """A number as the tables write it: plain digits, no trailing zeros; empty where there is none."""
    if value is None:
        return ""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "0") else text


def joined(
    parts: Iterable[Rows], measures: Sequence[MeasuredColumn], *, fields: Sequence[str], required: Sequence[str] = ()
) -> pd.DataFrame:
    """Rows of all parts as text in the order of `fields`, sorted; those of one key complete each other.

    A number that two parts give is there twice, in two rows of one key, to be refused. A row without a number in a
    `required` field was not published and is left out; so is one without any number.
    """
    rows: dict[frozenset[tuple[str, str]], list[dict[str, Any]]] = {}
    for key, cells in chain.from_iterable(parts):
        of_key = rows.setdefault(frozenset(key.items()), [])
        for name, cell in cells.items():
            if cell is None:
                continue
            for row in of_key:
                if name not in row:
                    break
            else:
                of_key.append(row := dict(key))
            row[name] = cell
    published = []
    for row in chain.from_iterable(rows.values()):
        for measure in measures:
            if measure.over:  # 0 where there is no part, or no whole
                part, whole = row.get(measure.into), row.get(measure.over)
                row[measure.into] = _rounded(part / whole if part and whole else Decimal(0), measure)
        numbers = {measure.into: decimal_text(row.get(measure.into)) for measure in measures}
        if any(numbers.values()) and all(numbers[name] for name in required):
            published.append([(row | numbers).get(name, "") for name in fields])
    return pd.DataFrame(sorted(published), columns=list(fields), dtype="object")


def _rounded(value: Decimal | None, measure: MeasuredColumn | Mean) -> Decimal | None:
    if value is None or measure.decimals is None:
        return value
    return value.quantize(Decimal(1).scaleb(-measure.decimals), rounding=ROUND_HALF_UP)


def build(
    table: Table, *, current: pd.DataFrame, fields: Fields, files: Mapping[str, Sequence[Path]], catalogue: Catalogue
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table as its sources have it now, as text (one row per key, sorted), and what readers say about the files.

    Parameters
    ----------
    table : Table
        Its recipe.
    current : DataFrame
        The held table as text; empty where there is none yet.
    fields : sequence
        Fields of its descriptor, in the order of the columns.
    files : mapping
        Source → its files.

    Raises
    ------
    SourceFailed
        A file does not hold what the recipe says.
    """
    known = {column: sorted(set(current[column])) for column in current.columns}
    taken: list[Rows] = []
    notes: tuple[str, ...] = ()
    for name in dict.fromkeys(part.source for part in table.parts):
        source, parts = catalogue.sources[name], [part for part in table.parts if part.source == name]
        for path in files[name]:
            take = partial(_taken, parts=parts, period=table.into, known=known)
            rows, remarks = source_files.read(path, source, catalogue.limits, table.period, take)
            taken += rows
            notes += tuple(f"{source.title}: {remark}" for remark in remarks)
    measures = {measure.into: measure for part in table.parts for measure in part.measures}
    rules = {str(field["name"]): field.get("constraints", {}) for field in fields}
    required = [name for name, rule in rules.items() if name in measures and rule.get("required")]
    fresh = joined(taken, list(measures.values()), fields=list(rules), required=required)
    if table.splice is not None:
        fresh = _spliced(current, fresh, table, catalogue.sources[table.parts[0].source].title)
    return fresh, notes


def _taken(
    sheet: Sheet, parts: Sequence[Part], period: str, known: Mapping[str, Sequence[str]]
) -> tuple[list[Rows], tuple[str, ...]]:
    """Rows of each part of one file, and what its reader says of it."""
    return rows_of(sheet, parts, period=period, known=known), sheet.notes


def _spliced(current: pd.DataFrame, fresh: pd.DataFrame, table: Table, title: str) -> pd.DataFrame:
    """Held rows before the period of the splice, then the source's; the two must agree where both have a period.

    Every row from the splice on is the source's as it was read now, whoever gave the held one.
    """
    both = current[current[table.into] < table.splice_at].merge(fresh, on=table.into, suffixes=("", "_new"))
    column = table.parts[0].measures[0].into
    ratio = (pd.to_numeric(both[f"{column}_new"]) / pd.to_numeric(both[column]) - 1).abs()
    if ratio.max() > (table.splice or 0):
        worst = both.iloc[int(ratio.to_numpy().argmax())]
        what = f"found {column} {worst[column + '_new']} in {worst[table.into]} where {worst[column]} is held"
        raise SourceFailed(title, what, DISAGREES)
    older, newer = current[current[table.into] < table.splice_at], fresh[fresh[table.into] >= table.splice_at]
    return pd.concat([older, newer], ignore_index=True)


def mean(recipe: Mean, table: Table, *, of: pd.DataFrame, current: pd.DataFrame, basis: str) -> pd.DataFrame:
    """A table that is the simple mean of another's rows, period by period.

    A period's basis is the reading that first gave its value; it changes only when the value does. A new period that
    lacks a member is left out: the mean of the others is another series.
    """
    chosen = of[of[recipe.over].isin(recipe.of)]
    for column, value in recipe.where.items():
        chosen = chosen[chosen[column] == value]
    before = dict(zip(current[table.into], zip(current[recipe.into], current[recipe.basis], strict=True), strict=True))
    means = []
    for period, rows in chosen.groupby(table.into, sort=True):
        if period not in before and set(rows[recipe.over]) != set(recipe.of):
            continue
        values = [Decimal(cell) for cell in rows[recipe.measure]]
        middle = sum(values, Decimal(0)) / len(values)
        text = decimal_text(_rounded(middle, recipe))
        same = period in before and Decimal(before[period][0]) == Decimal(text)
        means.append([str(period), text, before[period][1] if same else basis])
    return pd.DataFrame(means, columns=current.columns, dtype="object")
