"""The one way a file that somebody else wrote is read: its kind, size and encoding are looked at before its content.

A named pipe would be waited for, a device read without end, a folder or a loop of links is no file: each is refused
before a byte is read. What is read is bytes, UTF-8 text, or JSON whose keys are single and whose numbers are finite.
"""

from __future__ import annotations

import codecs
import errno
import json
import math
import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tradeexposure.core import files, paths
from tradeexposure.core.errors import BadInput

MEGABYTE = 1_000_000
MOST_BYTES = 200 * MEGABYTE  # no file of the project is a hundredth of this; an endless one is noticed here
DEEPEST = 100  # levels of lists and mappings in one another; ours have ten
LONGEST_NUMBER = 40  # digits of a whole number that JSON may hold; more are a mistake, and Python refuses 4,300
KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)
Model = TypeVar("Model", bound=BaseModel)


def contents(path: Path, *, where: str = "", allowed: str = "", most: int = MOST_BYTES) -> bytes:
    """The bytes of a regular file.

    Parameters
    ----------
    path : Path
        The file.
    where : str
        How messages name it; relative to the project unless given.
    allowed : str
        What to do about it where it cannot be read.
    most : int
        Bytes it may have.

    Raises
    ------
    BadInput
        No such file, one that may not be read, something else than a regular file, or too large a one.
    """

    def refused(found: str, todo: str = allowed or "a readable file") -> BadInput:
        return BadInput(where or paths.relative(path), found=found, allowed=todo)

    try:
        # Without waiting: opening a named pipe that nobody writes to would never end.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        raise refused(reason(error)) from None
    try:
        there = os.fstat(handle)
        if not stat.S_ISREG(there.st_mode):
            raise refused(file_kind(there.st_mode))
        with os.fdopen(handle, "rb", closefd=False) as stream:
            raw = stream.read(most + 1) if there.st_size <= most else b""
    except OSError as error:
        raise refused(reason(error)) from None
    finally:
        os.close(handle)
    if there.st_size > most or len(raw) > most:
        raise refused(f"{max(there.st_size, len(raw)):,} bytes", f"at most {most:,} bytes")
    return raw


_kept: files.UnlessWritten[bytes] = files.UnlessWritten()


def cached_contents(path: Path, *, where: str = "", allowed: str = "") -> bytes:
    """As :func:`contents`, and the same object as long as nobody writes or replaces the file."""
    return _kept(path, lambda: contents(path, where=where, allowed=allowed))


def reason(error: Exception) -> str:
    """Why the system refused, in a few words."""
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "links that lead in a circle"
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__


def file_kind(mode: int) -> str:
    """What something is that is no regular file."""
    return next((name for test, name in KINDS if test(mode)), "something that is no file")


def text(path: Path, *, where: str = "", allowed: str = "", most: int = MOST_BYTES) -> str:
    """The text of a file in UTF-8; :class:`BadInput` as for :func:`contents`, or where it is none."""
    label = where or paths.relative(path)
    return decoded(contents(path, where=label, allowed=allowed, most=most), where=label, allowed=allowed)


def decoded(raw: bytes, *, where: str, allowed: str = "") -> str:
    """Bytes as UTF-8 text without a byte order mark; :class:`BadInput` names the line of the first that is none."""
    todo = allowed or "a text file in UTF-8"
    if raw.startswith(codecs.BOM_UTF8):
        raise BadInput(where, found="a byte order mark", allowed="a text in UTF-8 without one")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        raise BadInput(where, f"line {line}", found="bytes that are not UTF-8", allowed=todo) from None


class _Refused(ValueError):
    """JSON that the standard library takes and a file of ours may not hold; the value as typed."""


def json_of(raw: bytes, *, where: str, allowed: str) -> Any:
    """The content of a JSON file.

    Raises
    ------
    BadInput
        Not UTF-8, not JSON, nested too deeply, a key twice in one mapping, or a number that is infinite, none, or of
        more than 40 digits.
    """
    document = decoded(raw, where=where, allowed=allowed)
    try:
        content = json.loads(
            document, object_pairs_hook=_single, parse_float=_finite, parse_int=_short, parse_constant=_finite
        )
        shallow(content)
        if b"\\ud" in raw or b"\\uD" in raw:  # the escape of half a character, which no text can be written with
            json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError as fault:
        raise BadInput(where, found=f"half a character ({fault.object[fault.start]!a})", allowed=allowed) from None
    except _Refused as fault:
        raise BadInput(where, found=str(fault), allowed=allowed) from None
    except RecursionError:
        raise BadInput(where, found=f"more than {DEEPEST} levels", allowed=allowed) from None
    except ValueError as fault:
        raise BadInput(where, found=f"no JSON ({fault})", allowed=allowed) from None
    return content


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"the key {twice} twice")
    return content


def _finite(typed: str) -> float:
    value = float(typed)
    if not math.isfinite(value):
        raise _Refused(typed)
    return value


def _short(typed: str) -> int:
    if len(typed) > LONGEST_NUMBER:
        raise _Refused(typed)
    return int(typed)


def shallow(content: Any) -> None:
    """``RecursionError`` for plain Python nested more than :data:`DEEPEST` levels deep."""
    level = [content] if isinstance(content, dict | list) else []
    for _ in range(DEEPEST):
        inside = (outer.values() if isinstance(outer, dict) else outer for outer in level)
        level = [inner for values in inside for inner in values if isinstance(inner, dict | list)]
        if not level:
            return
    raise RecursionError


class Wrong(ValueError):
    """A rule of a model that is broken by one value among several.

    Parameters
    ----------
    found, allowed : str
        The value as typed, and what would be accepted.
    key : str
        Where it stands inside the model.
    """

    def __init__(self, found: str, allowed: str, *, key: str = "") -> None:
        self.found, self.key = found, key
        super().__init__(allowed)


def as_model(model: type[Model], content: Any, *, where: str, name: Callable[[Any, Any], str] | None = None) -> Model:
    """Plain Python as a typed model; the first fault becomes a :class:`BadInput` that names its key and value.

    Parameters
    ----------
    model : type of BaseModel
        What the file must be.
    content : object
        As read.
    where : str
        The file.
    name : callable, optional
        Path of the fault and `content` → key for the message; ``a[0].b`` unless given.
    """
    try:
        return model.model_validate(content)
    except ValidationError as fault:
        first = missing_last(fault.errors(include_url=False))[0]
    broken = first.get("ctx", {}).get("error")
    place = tuple(first["loc"])
    if isinstance(broken, Wrong) and broken.key:
        place = (*place, broken.key)
    key = dotted(place) if name is None else name(place, content)
    found, allowed = translated(
        first, absent=("no {}", "it is required"), unknown="the keys of this kind of file", types=JSON_TYPES,
        pattern="text like {}",
    )  # fmt: skip
    raise BadInput(where, key, found=_quoted(first["input"]) if found is None else found, allowed=allowed) from None


def dotted(place: Sequence[int | str]) -> str:
    """``("a", 0, "b")`` as ``a[0].b``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


PERCENT = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) ?%")
#: What a value may be by type of pydantic's error: in every kind of file, and in JSON alone.
TYPES = {
    "string_too_short": "text that is not empty",
    "too_short": "a list that is not empty",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
}
JSON_TYPES = {
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def missing_last(problems: list[Any]) -> list[Any]:
    """Pydantic's errors, those of a missing key last, since it may be another one misspelt."""
    return sorted(problems, key=lambda problem: problem["type"] == "missing")


def translated(
    problem: Any, *, absent: tuple[str, str], unknown: str, types: Mapping[str, str], pattern: str
) -> tuple[str | None, str]:
    """What was found, None for the value as typed, and what is allowed, from one of pydantic's errors.

    `absent` tells both of a missing key, ``{}`` for its name; `unknown` the keys beside an unknown one; `types` what a
    value may be by type of error, beside :data:`TYPES`; `pattern` what a text may be, ``{}`` for its pattern.
    """
    kind, context = problem["type"], problem.get("ctx", {})
    broken = context.get("error")
    if kind == "missing":
        found, allowed = (text.format(problem["loc"][-1]) for text in absent)
        return found, allowed
    if kind == "extra_forbidden":
        return f"unknown key {problem['loc'][-1]}", unknown
    if kind in {"value_error", "assertion_error"}:
        return (broken.found if isinstance(broken, Wrong) else None), str(broken)
    if kind == "string_pattern_mismatch":
        return None, pattern.format(context.get("pattern", ""))
    if kind == "literal_error":
        return None, str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    if kind == "float_type" and (percent := PERCENT.fullmatch(str(problem["input"]))):
        return None, f"a number; {percent[1]} per cent is written {float(percent[1]) / 100:.6g}"
    return None, ({**types, **TYPES}).get(kind, problem["msg"].removeprefix("Input should be ").lower())


def _quoted(value: Any) -> str:
    """A value of a JSON file as messages quote it."""
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if value is not None and not isinstance(value, str | int | float | bool):
        return "a mapping"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
