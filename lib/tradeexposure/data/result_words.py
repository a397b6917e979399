"""Words of published numbers: ``data/results/NOTEBOOK.yml`` says label, unit, digits, period, tables, method of each.

Identifiers are matched by pattern. Code gives the identifier, value and range of a number, which method holds, and
values for placeholders; label and method join the rows once a notebook was executed, so that no key holds them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from tradeexposure.core import files, loaded_files, paths, reading, units
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, KeyPath, Listed, Strict, Text, parse_yaml
from tradeexposure.data.table_schema import promised_unit

if TYPE_CHECKING:
    import pandas as pd

FOLDER = ("data", "results")
KIND = "results"  # of :data:`loaded_files.KINDS`
MARK = "words"  # beside the rows of a notebook: which words joined them
FILLS = "fills"  # of a published row: values of its placeholders, and its method
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LETTERS = r"[a-z0-9_-]+"  # what a placeholder without names stands for in an identifier, but for:
DIGITS = {"year": r"\d{4}"}
#: What rounding and readers of the numbers depend on; the rest is words.
STATED = ("unit", "digits", "kept", "tolerance", "period", "geography", "tables")
OF_AN_AMOUNT = ("change", "share", "count", "pvalue")  # units of what an identifier names after an amount
TOLD_BY = ("unit", "period", "geography", "level")  # what a reader has beside a label
Names = Listed[str]


class Word(Strict):
    """The same in English and French; nothing for an ending that is left out."""

    en: str
    fr: str


class Name(Word):
    """What one value of a placeholder is called; `later` if no shipped number has it yet."""

    later: bool = False


class Shared(Strict):
    """What rows of a group have in common; see ``Book.add``. Texts take placeholders.

    Where one of several methods may hold they stand by key, and code says which does.
    """

    unit: str | None = None
    digits: int | Literal["whole", "whole from 3", "millions", "as written"] | None = None
    kept: int | Literal["source"] | None = None
    tolerance: int | None = None
    period: str | None = None
    geography: str | None = None
    tables: Names | None = None
    method: Text | dict[str, Text] | None = None


class Row(Word, Shared):
    """The label of a number, and what it does not share with its group; `later` if it comes with later figures."""

    later: bool = False


class Group(Shared):
    """Rows by the pattern of their identifiers."""

    rows: dict[str, Row] = Field(min_length=1)


class File(Strict):
    """Words of one notebook's numbers; `names` are placeholder → what stands in identifiers → word.

    `tables` are lists that tables of rows may name in braces.
    """

    tables: dict[str, Names] = Field(default_factory=dict)
    names: dict[str, dict[str, Name]] = Field(default_factory=dict)
    groups: Listed[Group]


@dataclass(frozen=True)
class Pattern:
    """A pattern of identifiers with all that is stated of its rows; `place` is where it stands in its file."""

    text: str
    names: Mapping[str, Mapping[str, Name]]  #: Placeholder → what its values are called.
    place: KeyPath
    label: Word
    stated: Mapping[str, Any]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Of identifiers; a placeholder with names stands for these alone. Who reads labels alone needs none."""

        def group(name: str) -> str:
            longest = sorted(map(re.escape, self.names.get(name, ())), key=len, reverse=True)
            return f"(?P<{name}>{'|'.join(longest) or DIGITS.get(name, LETTERS)})"

        parts = enumerate(PLACEHOLDER.split(self.text))
        return re.compile("".join(group(part) if number % 2 else re.escape(part) for number, part in parts))

    @cached_property
    def methods(self) -> Mapping[str, str]:
        """Methods that may hold, by key; the key is empty where there is one."""
        method = self.stated["method"] or ""
        return {"": method} if isinstance(method, str) else method


@dataclass(frozen=True)
class ResultWords:
    """The words of one notebook's numbers."""

    document: Document
    file: File
    patterns: tuple[Pattern, ...]
    _nearest: dict[str, tuple[Pattern, dict[str, str]]] = field(default_factory=dict, repr=False, compare=False)

    def pattern(self, result_id: str) -> tuple[Pattern, dict[str, str]]:
        """The pattern of an identifier, the one that leaves fewest letters open, and values of its placeholders.

        Raises
        ------
        BadInput
            Without one, or where two leave as many.
        """
        if result_id not in self._nearest:
            self._nearest[result_id] = self._matched(result_id)
        return self._nearest[result_id]

    def _matched(self, result_id: str) -> tuple[Pattern, dict[str, str]]:
        matches = [(pattern, match) for pattern in self.patterns if (match := pattern.regex.fullmatch(result_id))]
        if not matches:
            allowed = "one for each number of the notebook (docs/how-to/word-a-result.md)"
            raise BadInput(self.document.where, "groups", found=f"no pattern for {result_id}", allowed=allowed)
        captured = [(pattern, match.groupdict()) for pattern, match in matches]
        openness = [self._openness(pattern, by) for pattern, by in captured]
        nearest, *others = (pair for pair, letters in zip(captured, openness, strict=True) if letters == min(openness))
        if others:
            allowed = f"one pattern for {result_id}, which {others[0][0].text} is too"
            raise self.document.error(nearest[0].place, found=nearest[0].text, allowed=allowed)
        return nearest

    def _openness(self, pattern: Pattern, captured: Mapping[str, str]) -> tuple[int, int]:
        """How little a pattern says of an identifier: letters that any could be, then those that names could be."""
        bound = {*self.file.names, *DIGITS}
        free = sum(len(text) for name, text in captured.items() if name not in bound)
        return free, -len(PLACEHOLDER.sub("", pattern.text))

    def stated(self, result_id: str, fills: Mapping[str, str]) -> dict[str, Any]:
        """All of :data:`STATED` for a number; :class:`BadInput` where its words lack something."""
        pattern, captured = self.pattern(result_id)
        row, values = {name: pattern.stated[name] for name in STATED}, {**captured, **fills}
        row |= {name: self._filled(pattern, name, row[name] or "", values) for name in ("period", "geography")}
        tables = (self._filled(pattern, "tables", table, values) for table in row["tables"] or ())
        self.method(result_id, fills), self.label(result_id, fills)
        return {**row, "tables": "; ".join(tables)}

    def label(self, result_id: str, fills: Mapping[str, str]) -> str:
        """What a number is, in words; pages have the French of it by :func:`messages`."""
        pattern, captured = self.pattern(result_id)
        return self._worded(pattern, "en", pattern.label.en, {**captured, **fills})

    def method(self, result_id: str, fills: Mapping[str, str]) -> str:
        """How a number was made; empty where it is as published by its source."""
        pattern, captured = self.pattern(result_id)
        key = fills.get("method", "")
        if key not in pattern.methods:
            known = [key or "none" for key in pattern.methods]
            raise self._error(pattern, "method", f"{result_id} by {key or 'no key'}", known)
        return self._worded(pattern, "method", pattern.methods[key], {**captured, **fills})

    def _worded(self, pattern: Pattern, part: str, text: str, values: Mapping[str, str]) -> str:
        used = {*PLACEHOLDER.findall(text)} & {*values}
        return self._filled(pattern, part, text, {name: self._named(pattern, name, values[name]) for name in used})

    def _named(self, pattern: Pattern, name: str, value: str) -> str:
        names = self.file.names.get(name)
        if names is None:
            return value
        if value not in names:
            raise self._error(pattern, "", f"{{{name}}} of {value}", tuple(names))
        return names[value].en

    def _filled(self, pattern: Pattern, part: str, text: str, values: Mapping[str, str]) -> str:
        for name in PLACEHOLDER.findall(text):
            if name not in values:
                raise self._error(pattern, part, f"{{{name}}}", (*values, f"what the number is added with ({name}=…)"))
        return PLACEHOLDER.sub(lambda match: values[match[1]], text)

    def _error(self, pattern: Pattern, part: str, typed: str, allowed: Sequence[str]) -> BadInput:
        place = (*pattern.place, part) if (*pattern.place, part) in self.document.typed else pattern.place
        return self.document.error(place, found=typed, allowed=", ".join(allowed) or "none")

    def unused(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[BadInput]:
        """Patterns and names that none of `rows` (published) needs; names only where each row has its fills."""
        used: set[KeyPath] = set()
        for row in (rows := [*rows]):
            pattern, captured = self.pattern(str(row["result_id"]))
            fills = row.get(FILLS) or {}
            used |= {pattern.place, *(("names", name, value) for name, value in {**captured, **fills}.items())}
        listed = self.file.names.items() if all(FILLS in row for row in rows) else ()
        names = [("names", name, value) for name, by in listed for value, word in by.items() if not word.later]
        for place in [*names, *(pattern.place for pattern in self.patterns if not pattern.stated["later"])]:
            if place not in used:
                yield self.document.error(place, found="no row", allowed="words of numbers that the notebook publishes")

    def alike(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[BadInput]:
        """Numbers of `rows` that differ, while a reader of the table has one label, unit, period and place for both."""
        first: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        for row in rows:
            name = str(row["result_id"])
            label = self.label(name, row[FILLS])
            before = first.setdefault((label, *(row[part] for part in TOLD_BY)), row)
            if any(before[part] != row[part] for part in ("value", "low", "high")):
                place, allowed = self.pattern(name)[0].place, f"another label than that of {before['result_id']}"
                yield self.document.error(place, found=f"{label!r} for {name}", allowed=allowed)


def of(notebook: str) -> ResultWords | None:
    """The words of a notebook's numbers, None where its cells say them (a draft); no key holds who asks.

    Raises
    ------
    BadInput
        A file that is not of the schema, a pattern twice, an unknown unit, method or placeholder.
    """
    path = paths.path(*FOLDER, f"{notebook}.yml")
    with loaded_files.holding(), loaded_files.loading():
        return _parsed(reading.cached_contents(path), paths.relative(path)) if path.is_file() else None


def stated_by(notebook: str) -> ResultWords | None:
    """As :func:`of`, for a notebook whose key is to hold what is stated of its numbers besides words."""
    loaded_files.note_loaded(KIND, notebook, digest(KIND, notebook))
    return of(notebook)


def digest(kind: str, notebook: str) -> str:
    """Digest of :data:`STATED` over all patterns of a notebook, which a relabel leaves as it is."""
    wording = of(notebook)
    if wording is None:
        return loaded_files.ABSENT
    return files.digest_of([[pattern.text, *map(pattern.stated.get, STATED)] for pattern in wording.patterns])


def mark(notebook: str) -> str:
    """The notebook, and a digest of what its rows are worded by now; nothing for a draft."""
    wording = of(notebook)
    if wording is None:
        return ""
    names = {name: {value: word.en for value, word in by.items()} for name, by in wording.file.names.items()}
    worded = [[pattern.text, pattern.label.en, pattern.methods] for pattern in wording.patterns]
    return f"{notebook} {files.digest_of([worded, names])}"


def joined(row: Mapping[str, Any]) -> dict[str, Any]:
    """A published row with its label and method, as they are worded now."""
    wording = of(str(row["notebook"]))
    if wording is None or row.get(FILLS) is None:
        return dict(row)
    key, fills = str(row["result_id"]), row[FILLS]
    return {**row, "label": wording.label(key, fills), "method": wording.method(key, fills)}


def joined_table(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers of several scenarios with their labels and methods, by what fills these (`fills`, in JSON)."""
    if FILLS not in table:
        return table
    keys, notebooks, fills = (table[name].tolist() for name in ("result_id", "notebook", FILLS))
    rows = [joined({"result_id": key, "notebook": notebook, FILLS: json.loads(own)})
            for key, notebook, own in zip(keys, notebooks, fills, strict=True)]  # fmt: skip
    worded = {name: [row[name] for row in rows] for name in ("label", "method")}
    return table.drop(columns=FILLS).assign(**worded)


def names() -> list[str]:
    """Notebooks whose numbers have words of their own."""
    return sorted(path.stem for path in paths.path(*FOLDER).glob("*.yml"))


def messages() -> dict[str, str]:
    """English → French of all labels and names."""
    every = [wording for name in names() if (wording := of(name))]
    labels = {pattern.label.en: pattern.label.fr for wording in every for pattern in wording.patterns}
    names_of = (word for wording in every for by in wording.file.names.values() for word in by.values())
    return labels | {word.en.strip(): word.fr.strip() for word in names_of if word.en}


def _promised(text: str, unit: str) -> str:
    """The unit that a pattern's name promises, where it has another; what follows an amount may be a part of it."""
    parts = text.split(".")
    promised = {name: place for place, part in enumerate(parts) if (name := promised_unit(part))}
    if not promised or unit.partition(" per ")[0] in promised or unit in promised:
        return ""
    named = any(not PLACEHOLDER.match(part) for part in parts[max(promised.values()) + 1 :])
    return "" if unit in OF_AN_AMOUNT and named else " or ".join(promised)


@lru_cache(maxsize=32)
def _parsed(raw: bytes, where: str) -> ResultWords:
    document = parse_yaml(raw, where=where)
    file = document.validate(File)
    patterns: dict[str, Pattern] = {}
    for number, group in enumerate(file.groups):
        for text, row in group.rows.items():
            place: KeyPath = ("groups", number, "rows", text)
            if text in patterns:
                raise document.error(place, found=text, allowed="each pattern once")
            own = {name: value for name, value in row.model_dump().items() if value is not None}
            both = {**group.model_dump(exclude={"rows"}), **own}
            listed = [file.tables.get(name.strip("{}"), (name,)) for name in both["tables"] or ()]
            both["tables"] = tuple(chain.from_iterable(listed))
            patterns[text] = Pattern(text, file.names, place, Word(en=row.en, fr=row.fr), both)
            if both["unit"] not in units.FORMATS:
                allowed = ", ".join(units.FORMATS)
                raise document.error((*place, "unit"), found=str(both["unit"]), allowed=allowed)
            if promised := _promised(text, str(both["unit"])):
                allowed = f"{promised}, as {text} says"
                raise document.error((*place, "unit"), found=str(both["unit"]), allowed=allowed)
            if sorted(PLACEHOLDER.findall(row.en)) != sorted(PLACEHOLDER.findall(row.fr)):
                raise document.error((*place, "fr"), allowed=f"the placeholders of {row.en!r}")
    return ResultWords(document, file, tuple(patterns.values()))
