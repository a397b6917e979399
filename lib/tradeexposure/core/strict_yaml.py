"""Strict YAML: values mean what they look like, and every error can quote the text as typed.

Plain YAML turns ``NO`` into False and ``0512`` into 330. Here a scalar is a number, a date, ``true``, ``false`` or
``null`` only when it is written exactly so; anything else is text, and digits with a leading zero are refused.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast, get_args

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tradeexposure.core import paths, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import meant, unseen, visible


def list_to_tuple(value: object) -> object:
    """YAML gives lists, frozen models hold tuples."""
    return tuple(value) if isinstance(value, list) else value


def non_empty(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """A list that must not be empty."""
    if not value:
        raise ValueError("a list that is not empty")
    return value


Item = TypeVar("Item")
Listed = Annotated[tuple[Item, ...], BeforeValidator(list_to_tuple)]
NonEmpty = Annotated[tuple[Item, ...], AfterValidator(non_empty), BeforeValidator(list_to_tuple)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
DATE = "a real date written YYYY-MM-DD, without quotes"
MOST_LETTERS = 2_000  # of one text: the longest note of ours has a third


def _written(text: str) -> str:
    """Text with something to read in it, all of which can be seen; sent to pages, files and the terminal."""
    hidden = unseen(text.replace("\n", " "))
    if hidden:
        raise ValueError(f"text without the character {visible(hidden)}")
    if text and not text.strip():
        raise ValueError("text that is not blank")
    if len(text) > MOST_LETTERS:
        raise ValueError(f"text of at most {MOST_LETTERS:,} letters")
    return text


def _heading(text: str) -> str:
    if "\n" in text:
        raise ValueError("text on one line")
    if "{" in text or "}" in text:
        raise ValueError("text without { and }, which stand for a number in a sentence")
    return text


def _address(text: str) -> str:
    """A web address, which pages link; empty where only a title is known."""
    if text and not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise ValueError("an address that begins with https:// or http://")
    return text


Text = Annotated[str, Field(min_length=1), AfterValidator(_written)]
Heading = Annotated[Text, AfterValidator(_heading)]
Remark = Annotated[str, AfterValidator(_written)]
Address = Annotated[str, AfterValidator(_written), AfterValidator(_address)]


class Strict(BaseModel):
    """Frozen, no unknown keys, no conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
DECIMAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?")
LEADING_ZERO = re.compile(r"[-+]?0[0-9]+(\.[0-9]*)*")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
PLAIN_KINDS = ("bool", "float", "int", "merge", "null", "str", "timestamp", "value")
PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in PLAIN_KINDS)
MOST_DIGITS = 40  # letters of a number; a longer one is a mistake, and whole numbers of 4,300 cannot be read
MAPPING_OF_KEYS = "a mapping of keys to values"
MAPPING = f"a YAML {MAPPING_OF_KEYS[2:]}"
#: What a pattern has in it → what it lets through.
PATTERNS = {
    "[0-9]{4}": 'an HS code such as "1205" or "1514.11"',
    "1[0-2]": 'a month written "YYYY-MM", 01 for January to 12 for December',
    r"\d{4}-\d{2}": 'a crop year such as "2024-25", August to July',
}
#: What a value may be by type of pydantic's error, where YAML has words of its own.
TYPES = {
    "date_type": DATE,
    "date_from_datetime_parsing": DATE,
    "finite_number": "a number that is not infinite",
    "string_type": 'text; write digits in quotes: "0512"',
    "model_type": MAPPING_OF_KEYS,
    "dict_type": MAPPING_OF_KEYS,
}
BRANCH = re.compile(r"int|str|constrained-str|[a-z-]+\[.*\]")  # of a union, in the places of pydantic's errors
SHOWN = 3  # items of a list that a message repeats
MAX_BYTES = 1_000_000  # files written by hand are a hundredth of this; a larger one is a mistake
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser reads ten times faster
KeyPath = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Typed:
    """How one value stands in the file: its text, its line counted from 1, and whether it is quoted."""

    text: str
    line: int
    quoted: bool = False


@dataclass(frozen=True)
class Document:
    """A YAML file as plain Python, with what was typed at each place."""

    where: str  #: The file as messages name it.
    #: Its content: str, int, float, bool, None, date, list, dict. Shared between callers: never change it.
    data: dict[str, Any]
    typed: dict[KeyPath, Typed] = field(repr=False)  #: KeyPath (keys and list positions from the top) → :class:`Typed`.

    def error(self, place: Sequence[int | str], *, allowed: str, found: str | None = None) -> BadInput:
        """The :class:`BadInput` for the value at `place`, quoting it as typed unless `found` is given."""
        at = tuple(place)
        text = found
        if text is None:
            text = self.typed[at].text if at in self.typed else "nothing"
        while at and at not in self.typed:
            at = at[:-1]
        line = f" (line {self.typed[at].line})" if at in self.typed else ""
        return BadInput(self.where, f"{reading.dotted(place)}{line}".strip(), found=text, allowed=allowed)

    def validate(self, model: type[Model], data: dict[str, Any] | None = None) -> Model:
        """`data` (the whole file unless given) as `model`; the first fault becomes a :class:`BadInput`."""
        try:
            return model.model_validate(self.data if data is None else data)
        except ValidationError as fault:
            raise self._as_bad_inputs(fault, model)[0] from None

    def faults(self, model: type[BaseModel], data: dict[str, Any] | None = None) -> list[BadInput]:
        """All that keeps `data` (the whole file unless given) from being a `model`, in the order of its lines."""
        try:
            model.model_validate(self.data if data is None else data)
        except ValidationError as fault:
            return self._as_bad_inputs(fault, model)
        return []

    def _as_bad_inputs(self, fault: ValidationError, model: type[BaseModel]) -> list[BadInput]:
        """Errors in the order of the file's lines, a missing key last; what a union lets through is told at once."""
        at: dict[KeyPath, list[Any]] = {}
        for problem in fault.errors(include_url=False):
            at.setdefault(tuple(step for step in problem["loc"] if not BRANCH.fullmatch(str(step))), []).append(problem)
        deepest = [place for place in at if not any(place == longer[: len(place)] != longer for longer in at)]
        lines = {place: typed.line for place, typed in self.typed.items()}
        deepest.sort(key=lambda place: (at[place][0]["type"] == "missing", lines.get(place, 0)))
        pairs = {place: [_translated(problem, place, model) for problem in at[place]] for place in deepest}
        return [
            self.error(place, found=branches[0][0], allowed=" or ".join(dict.fromkeys(part for _, part in branches)))
            for place, branches in pairs.items()
        ]


def _translated(problem: Any, place: KeyPath, model: type[BaseModel]) -> tuple[str | None, str]:
    """What was found, None for the value as typed, and what is allowed."""
    listed = next((step for step in reversed(place) if isinstance(step, str)), "values")
    pattern = str(problem.get("ctx", {}).get("pattern", ""))
    meanings = (meaning for part, meaning in PATTERNS.items() if part in pattern)
    return reading.translated(
        problem, absent=("no such key", "{} is required"), unknown=_fields(model, place),
        types=TYPES | {"tuple_type": f"a list of {listed}"},
        pattern=next(meanings, "lower-case letters, digits and _"),
    )  # fmt: skip


def _fields(model: type[BaseModel], place: KeyPath) -> str:
    """Keys allowed beside an unknown one at `place`, the likeliest first."""
    for step in place[:-1]:
        if isinstance(step, str) and step in model.model_fields:
            model = _inner_model(model.model_fields[step].annotation) or model
    hint = meant(str(place[-1]), model.model_fields) if place else ""
    return hint + ", ".join(model.model_fields)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as ``tuple[Override, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_inner_model, get_args(annotation))), None)


def load_yaml(path: Path) -> Document:
    """Read one YAML file strictly.

    Raises
    ------
    BadInput
        The file is missing, empty, binary, not UTF-8, not YAML, larger than 1 MB, not a mapping, repeats a key, uses
        an anchor or tag, or has an unquoted number with a leading zero.
    """
    return parse_yaml(reading.cached_contents(path), where=paths.relative(path))


@lru_cache(maxsize=256)
def parse_yaml(raw: bytes, *, where: str, under: str = "") -> Document:
    """The bytes of a YAML file as a :class:`Document`; the same bytes are parsed once.

    The file is a mapping; with `under` it is a list, which stands under that key of the document.
    """
    kind, allowed = (yaml.SequenceNode, f"a YAML list of {under}") if under else (yaml.MappingNode, MAPPING)
    text = _decode(raw, where, allowed)
    try:
        _refuse_tags(text, where)
        root = yaml.compose(text, Loader=Loader)
        if not isinstance(root, kind):
            what = "no content" if root is None else text.strip().splitlines()[0][:60]
            raise BadInput(where, found=what, allowed=allowed)
        reader = _Reader(where)
        content = reader.value(root, (under,) if under else ())
        return Document(where, {under: content} if under else cast("dict[str, Any]", content), reader.typed)
    except yaml.MarkedYAMLError as fault:
        missing = re.fullmatch(r"(?:did|could) not find expected (.*)", fault.problem or "")
        why = f"{missing[1]} is missing" if missing else fault.problem or "it cannot be read"
        mark, last = fault.problem_mark, len(text.splitlines())  # the parser counts a line more at an early end
        line = f", line {min(mark.line + 1, last)}" if mark is not None else ""
        raise BadInput(where, found=f"not YAML: {why}{line}", allowed=allowed) from None
    except (yaml.YAMLError, RecursionError):
        raise BadInput(where, found="text that is not YAML", allowed=allowed) from None


def _refuse_tags(text: str, where: str) -> None:
    """A value's type is told by how it is written, never by a tag; most files have no sign that could begin one."""
    if "!" not in text:
        return
    for event in yaml.parse(text, Loader=Loader):
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            line = f"line {event.start_mark.line + 1}" if event.start_mark else ""
            raise BadInput(where, line, found=f"the tag {tag}", allowed="a value without a tag")


def _decode(raw: bytes, where: str, allowed: str) -> str:
    """UTF-8 text of a file that holds some."""
    if len(raw) > MAX_BYTES:
        raise BadInput(where, found=f"{len(raw):,} bytes", allowed=f"at most {MAX_BYTES:,} bytes")
    if b"\0" in raw:
        raise BadInput(where, found="a binary file", allowed="a text file in UTF-8")
    text = reading.decoded(raw.removeprefix(codecs.BOM_UTF8), where=where)
    if not text.strip():
        raise BadInput(where, found="an empty file", allowed=allowed)
    return text


class _Reader:
    """Turns composed nodes into plain Python and records what was typed."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.typed: dict[KeyPath, Typed] = {}
        self._seen: set[int] = set()

    def _refuse(self, place: KeyPath, node: yaml.Node, found: str, allowed: str) -> BadInput:
        key = f"{reading.dotted(place)} (line {node.start_mark.line + 1})".strip()
        return BadInput(self.where, key, found=found, allowed=allowed)

    def value(self, node: yaml.Node, place: KeyPath) -> object:
        """The Python value of `node`, which stands at `place`."""
        if id(node) in self._seen:
            raise self._refuse(place, node, "an alias (*name)", "the value written out")
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        self.typed[place] = Typed(_summary(node), node.start_mark.line + 1, getattr(node, "style", None) in ("'", '"'))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, position)) for position, item in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, place: KeyPath) -> dict[Hashable, object]:
        self.typed[place] = Typed(_summary(node), node.start_mark.line + 1)
        content: dict[Hashable, object] = {}
        for key_node, item in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key == "<<":
                raise self._refuse(place, key_node, "a key that is not text", "text as key")
            if key in content:
                raise self._refuse((*place, key), key_node, f"the key {key} twice", "each key once")
            content[key] = self.value(item, (*place, key))
        return content

    def _scalar(self, node: yaml.Node, place: KeyPath) -> object:
        text = str(node.value)
        if node.tag not in PLAIN_TAGS:
            raise self._refuse(place, node, f"the tag {node.tag}", "a value without a tag")
        if getattr(node, "style", None):
            return text
        if LEADING_ZERO.fullmatch(text):
            raise self._refuse(place, node, text, f'digits with a leading zero in quotes: "{text}"')
        if DECIMAL.fullmatch(text):
            vanishes = float(text) == 0 and re.search("-|[1-9]", text.lower().partition("e")[0])
            if len(text) > MOST_DIGITS or not math.isfinite(float(text)) or vanishes:
                allowed = f"a finite number of at most {MOST_DIGITS} digits; 0 is written 0"
                raise self._refuse(place, node, text, allowed)
        return _plain(text)


def _plain(text: str) -> object:
    """The value of an unquoted scalar: exactly a number, a date, true, false or null; otherwise its text."""
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return float(text)
    if DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text  # 2025-02-30: the schema refuses it and quotes it
    return text


def _summary(node: yaml.Node) -> str:
    """A node as messages quote it."""
    if isinstance(node, yaml.ScalarNode):
        text = str(node.value)
        quoted = f'"{text}"' if node.style in ("'", '"') else text or "nothing"
        return quoted if len(quoted) <= 80 else quoted[:77] + "..."
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    items = ", ".join(_summary(item) for item in node.value[:SHOWN])
    return f"a list of {len(node.value)}" + (f" ({items}{', …' if len(node.value) > SHOWN else ''})" if items else "")
