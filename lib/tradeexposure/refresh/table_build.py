"""A table made anew from publishers' sheets by the recipe in ``data/sources.yml``, and what of the held one stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh import reader_process
from tradeexposure.refresh.publishers.files import READERS
from tradeexposure.refresh.publishers.sheet import CHANGED, REPEATS, Row, Sheet, near, plain, spaced
from tradeexposure.refresh.publishers.sheet import column as column_of
from tradeexposure.refresh.publishers.sources_schema import (
    Catalogue,
    Dimension,
    Limits,
    Mean,
    MeasuredColumn,
    Part,
    Source,
    Table,
    Words,
)

UNREADABLE = "open the address in a browser; if the file is right, look at its reader and at limits in data/sources.yml"
DISAGREES = (
    "the two publishers do not agree: look at the notes of both and say in data/sources.yml from when on the later one "
    "is right (splice_at); nothing was taken"
)
#: Labels named where none of them is in the file.
SHOWN = 6
Key = tuple[str, ...]
Numbers = dict[str, Decimal | None]
Fields = Sequence[Mapping[str, object]]


@dataclass
class Rows:
    """Numbers, and words, by key; `columns` names the parts of the key, in the order in which it is written.

    Of numbers that are sums, `units` remembers the unit of what was added, and `added` which rows were.
    """

    columns: tuple[str, ...]
    numbers: dict[Key, Numbers] = field(default_factory=dict)
    words: dict[Key, dict[str, str]] = field(default_factory=dict)
    units: dict[tuple[Key, str], str] = field(default_factory=dict)
    added: set[tuple[str, ...]] = field(default_factory=set)


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
        Per part; numbers in the table's units, None where the publisher gave none.

    Raises
    ------
    SourceFailed
        A column, a member or a unit is not there any more, or two rows say different things about one key.
    """
    pickers = [_Picker(sheet, part, known, dated=bool(period)) for part in parts]
    taken = [(_Found(picker, period), picker) for picker in pickers]
    for row in sheet.rows:
        for rows, picker in taken:
            wanted = picker.keeps(row)
            if wanted is not None:
                _put(rows.taken, wanted, row, picker)
            if picker.off:
                wanted = picker.less(row)
                if wanted is not None:
                    _put(rows.taken_off, wanted, row, picker)
    return [rows.checked() for rows, _ in taken]


class _Found:
    """Rows of one part in the making, and those whose values are taken off."""

    def __init__(self, picker: _Picker, period: str) -> None:
        part = picker.part
        columns = (*filter(None, [period]), *part.constants, *(dimension.into for dimension in part.dimensions))
        self.picker, self.taken, self.taken_off = picker, Rows(columns), Rows(columns)

    def checked(self) -> Rows:
        """The rows, once it is known that nothing the recipe names is missing."""
        self.picker.check_found(self.taken)
        if self.picker.off:
            # Value less the other member's of the same key; a key without both has no value.
            for key, numbers in self.taken.numbers.items():
                for name, value in numbers.items():
                    subtracted = self.taken_off.numbers.get(key, {}).get(name)
                    numbers[name] = None if value is None or subtracted is None else value - subtracted
        return self.taken


class _Picker:
    """The compiled recipe of a part."""

    def __init__(self, sheet: Sheet, part: Part, known: Mapping[str, Sequence[str]], *, dated: bool) -> None:
        self.sheet, self.part, self.dated = sheet, part, dated
        self.labels = [Labels(dimension, known.get(dimension.into, ()), sheet.title) for dimension in part.dimensions]
        places = [column_of(sheet.header, dimension.column, sheet.title) for dimension in part.dimensions]
        self.coded = list(zip(places, self.labels, strict=True))
        self.where = self._filters(part.where)
        self.without = self._filters(part.without)
        self.off = self._filters(part.less)
        replaced = {place for place, _ in self.off}
        self.where_less = [*(passes for passes in self.where if passes[0] not in replaced), *self.off]
        self.titles = {into: column_of(sheet.header, (name,), sheet.title) for into, name in part.titles.items()}
        self.measures = [(measure, self._filters(measure.where)) for measure in part.measures]
        self.units = {measure.into: {plain(unit) for unit in measure.unit} for measure in part.measures}

    def _filters(self, wanted: Mapping[str, Words]) -> list[tuple[int, Labels]]:
        title, filters = self.sheet.title, []
        for name, labels in wanted.items():
            dimension = Dimension(column=tuple(name.split(" | ")), into="", members={"yes": labels})
            filters.append((column_of(self.sheet.header, dimension.column, title), Labels(dimension, (), title)))
        return filters

    def keeps(self, row: Row) -> Key | None:
        """Key of a wanted row, else None."""
        for place, passes in self.where:
            if not passes[row[place]]:
                return None
        for place, passes in self.without:
            if passes[row[place]]:
                return None
        return self._key(row)

    def less(self, row: Row) -> Key | None:
        """Key of a row whose value is taken off, else None."""
        for place, passes in self.where_less:
            if not passes[row[place]]:
                return None
        return self._key(row)

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

    def check_found(self, rows: Rows) -> None:
        """Refuse a file in which a member of the recipe no longer stands, or nothing is left."""
        filters = [*self.where, *(column for _, filters in self.measures for column in filters)]
        unnamed = [labels for labels in self.labels if not labels.required]
        for labels in (*(labels for _, labels in filters), *unnamed):
            if labels.nothing():
                what = f"found no {labels.dimension.column[0]} {labels.described()}"
                raise SourceFailed(self.sheet.title, what, CHANGED)
        for labels in self.labels:
            if labels.missing():
                missing = labels.missing()
                what = f"found no {labels.dimension.column[0]} for {', '.join(missing)}{labels.nearest(missing)}"
                raise SourceFailed(self.sheet.title, what, CHANGED)
        for measure in self.part.measures:
            if not any(numbers.get(measure.into) is not None for numbers in rows.numbers.values()):
                raise SourceFailed(self.sheet.title, f"found no number for {measure.into}", CHANGED)


def _put(rows: Rows, key: Key, row: Row, picker: _Picker) -> None:
    """Write the numbers and words of one row under its key."""
    if picker.part.add and picker.sheet.keyed:
        cells = tuple(row)
        if cells in rows.added:
            raise SourceFailed(
                picker.sheet.title, f"found the same row twice: {', '.join(filter(None, cells))[:100]}", REPEATS
            )
        rows.added.add(cells)
    numbers = rows.numbers.setdefault(key, {})
    for into, place in picker.titles.items():
        rows.words.setdefault(key, {})[into] = row[place].title()
    for measure, filters in picker.measures:
        if not all(passes[row[place]] for place, passes in filters):
            continue
        value = _converted(rows, key, row, measure, picker)
        before = numbers.get(measure.into)
        if measure.into not in numbers or (before is None and not picker.part.add):
            numbers[measure.into] = value
        elif picker.part.add:  # a sum is not known where a part of it was not published
            numbers[measure.into] = None if before is None or value is None else before + value
        elif value is not None and value != before:
            what = f"found two values for {', '.join(key)}: {before} and {value}"
            raise SourceFailed(picker.sheet.title, what, CHANGED)


def _converted(rows: Rows, key: Key, row: Row, measure: MeasuredColumn, picker: _Picker) -> Decimal | None:
    """A number in the table's unit; None where none was published, in whatever unit."""
    cell = picker.sheet.cell(row, measure.column)
    if cell.value is None:
        return None
    units, unit = picker.units[measure.into], plain(cell.unit)
    if units and unit not in units:
        what = f"found the unit {cell.unit!r} for {measure.into}, expected {' or '.join(measure.unit)}"
        raise SourceFailed(picker.sheet.title, what, CHANGED)
    first = rows.units.setdefault((key, measure.into), unit) if picker.part.add else unit
    if first != unit and not units:
        what = f"found {measure.into} of {', '.join(key)} in two units, {first} and {unit}"
        raise SourceFailed(picker.sheet.title, what, CHANGED)
    return cell.value * measure.factor


def merged(parts: Iterable[Rows]) -> list[Rows]:
    """Parts whose rows have the same columns as one; a number that two of them give is there twice, to be refused."""
    by_columns: dict[tuple[str, ...], Rows] = {}
    twice = []
    for part in parts:
        rows, again = by_columns.setdefault(part.columns, Rows(part.columns)), Rows(part.columns)
        for key, numbers in part.numbers.items():
            place = again if numbers.keys() & rows.numbers.get(key, {}).keys() else rows
            place.numbers.setdefault(key, {}).update(numbers)
            place.words.setdefault(key, {}).update(part.words.get(key, {}))
        twice.append(again)
    return [*by_columns.values(), *twice]


def shared(rows: Rows, measures: Iterable[MeasuredColumn]) -> Rows:
    """The same rows with each measure that is a share divided by its whole, 0 where there is none."""
    for measure in measures:
        for numbers in rows.numbers.values() if measure.over else ():
            part, whole = numbers.get(measure.into), numbers.get(measure.over)
            numbers[measure.into] = part / whole if part and whole else Decimal(0)
    return rows


def rounded(rows: Rows, measures: Iterable[MeasuredColumn]) -> Rows:
    """The same rows with each number rounded as its measure says; sums are rounded once, here."""
    decimals = {measure.into: measure.decimals for measure in measures}
    for numbers in rows.numbers.values():
        for name, value in numbers.items():
            places = decimals.get(name)
            if value is not None and places is not None:
                numbers[name] = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return rows


def decimal_text(value: Decimal | None) -> str:
    """A number as the tables write it: plain digits, no trailing zeros; empty where there is none."""
    if value is None:
        return ""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "0") else text


def lines(parts: Sequence[Rows], fields: Sequence[str], required: Iterable[str]) -> list[list[str]]:
    """Rows of all parts as text in the order of `fields`, sorted by key.

    A row without a number in a required field was not published and has no line; nor has a row without any number.
    """
    needed = set(required)
    keyed = []
    for rows in parts:
        for key, numbers in rows.numbers.items():
            cells = {**dict(zip(rows.columns, key, strict=True)), **{n: decimal_text(v) for n, v in numbers.items()}}
            cells |= rows.words.get(key, {})
            if all(cells.get(name) for name in needed) and any(cells.get(name) for name in numbers):
                keyed.append((key, [cells.get(name, "") for name in fields]))
    return [line for _, line in sorted(keyed, key=lambda item: item[1])]


@dataclass(frozen=True)
class Built:
    """A table made anew, as text (one row per key, sorted), and what its readers have to say about the files."""

    frame: pd.DataFrame
    notes: tuple[str, ...] = ()


def build(
    table: Table, *, current: pd.DataFrame, fields: Fields, files: Mapping[str, Sequence[Path]], catalogue: Catalogue
) -> Built:
    """The table as its sources have it now.

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
    names = [str(field["name"]) for field in fields]
    shares = [measure for part in table.parts for measure in part.measures if measure.over]
    known = {column: sorted(set(current[column])) for column in current.columns}
    taken: list[Rows] = []
    notes: tuple[str, ...] = ()
    for name in dict.fromkeys(part.source for part in table.parts):
        source, parts = catalogue.sources[name], [part for part in table.parts if part.source == name]
        for path in files[name]:
            rows_of_parts, remarks = _read(path, source, catalogue.limits, table, parts, known)
            taken += rows_of_parts
            notes += tuple(f"{source.title}: {remark}" for remark in remarks)
    rounded_rows = [rounded(shared(rows, shares), shares) for rows in merged(taken)]
    rules = {str(field["name"]): field.get("constraints") for field in fields if field["name"] in _measures(table)}
    required = [name for name, rule in rules.items() if isinstance(rule, Mapping) and rule.get("required")]
    fresh = pd.DataFrame(lines(rounded_rows, names, required), columns=pd.Index(names), dtype="object")
    if table.splice is not None:
        return Built(_spliced(current, fresh, table, catalogue.sources[table.parts[0].source].title), notes)
    return Built(fresh, notes)


def _measures(table: Table) -> set[str]:
    return {measure.into for part in table.parts for measure in part.measures}


def _read(
    path: Path, source: Source, limits: Limits, table: Table, parts: Sequence[Part], known: Mapping[str, Sequence[str]]
) -> tuple[list[Rows], tuple[str, ...]]:
    """Rows of each part of one file; whatever makes it unreadable is the source's failure, which names the file."""

    def rows() -> tuple[list[Rows], tuple[str, ...]]:
        with READERS[source.kind](path, source, limits, table.period) as sheet:
            taken = rows_of(sheet, parts, period=table.into, known=known)
            single = [[measure for measure in part.measures if not measure.over] for part in parts]
            return [rounded(*each) for each in zip(taken, single, strict=True)], sheet.notes

    try:
        return reader_process.answer(rows, seconds=limits.reading_seconds, memory=limits.reading_memory)
    except reader_process.Unreadable as error:
        raise SourceFailed(source.title, f"found a file {error}", UNREADABLE, file=path) from None
    except SourceFailed as failed:
        raise SourceFailed(failed.source, failed.what, failed.todo, file=path) from None


def _spliced(current: pd.DataFrame, fresh: pd.DataFrame, table: Table, title: str) -> pd.DataFrame:
    """Held rows before the period of the splice, then the source's; the two must agree where both have a period.

    Every row from the splice on is the source's as it was read now, whoever gave the held one.
    """
    both = current[current[table.into] < table.splice_at].merge(fresh, on=table.into, suffixes=("", "_new"))
    for column in sorted(_measures(table)):
        ratio = (pd.to_numeric(both[f"{column}_new"]) / pd.to_numeric(both[column]) - 1).abs()
        if column == table.parts[0].measures[0].into and ratio.max() > (table.splice or 0):
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
        text = decimal_text(middle.quantize(Decimal(1).scaleb(-recipe.decimals), rounding=ROUND_HALF_UP))
        same = period in before and Decimal(before[period][0]) == Decimal(text)
        means.append([str(period), text, before[period][1] if same else basis])
    return pd.DataFrame(means, columns=current.columns, dtype="object")
