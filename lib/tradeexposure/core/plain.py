"""Text of unknown origin as one line that a terminal can show: no control characters, not too long; its streams."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import unicodedata
from typing import Any

LONGEST = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins to compute
#: Kinds of characters that steer a terminal or hide: controls, formats (writing directions among them), lone
#: surrogates, private ones, and separators of lines and paragraphs.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def unseen(text: str) -> str:
    """The first character of `text` that cannot be seen, empty where all can; a line's end counts."""
    if text.isascii() and text.isprintable():
        return ""
    return next((letter for letter in text if unicodedata.category(letter) in UNSEEN), "")


def visible(text: str) -> str:
    r"""`text` with every character that cannot be seen written as its escape (``\x1b``); white space is one space."""
    joined = " ".join(text.split())
    if joined.isascii() and joined.isprintable():
        return joined
    return "".join(_escape(letter) if unicodedata.category(letter) in UNSEEN else letter for letter in joined)


def brief(text: str, most: int = LONGEST) -> str:
    """`text` made visible; a longer one than `most` letters is cut and its length told."""
    if len(text) <= most:
        return visible(text)
    return f"{visible(text[:most])}… ({len(text):,} letters)"


def indented(line: str) -> str:
    """One line made visible, with the spaces it begins with and those between its columns."""
    return "".join(_escape(letter) if unicodedata.category(letter) in UNSEEN else letter for letter in line)


def as_cell(text: str) -> str:
    """`text` as a spreadsheet shows it: one that would be taken for a formula gets an apostrophe before it."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def from_cell(text: str) -> str:
    """What :func:`as_cell` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text


def cell(value: Any) -> Any:
    """A value as a spreadsheet takes it: a number as it is, a text by :func:`as_cell`, and nothing as None."""
    if isinstance(value, str):
        return as_cell(value) or None
    return None if value is None or value != value else value


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def fill_closed_streams() -> list[str]:
    """Let standard streams that are closed lead nowhere, and name them.

    The next file that is opened would stand in their place, as workers and kernels would find out.
    """
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for _ in closed:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # which takes the lowest number that is free
    if "stderr" in closed:
        sys.stderr = os.fdopen(2, "w", closefd=False)
    return closed


def discard_output() -> None:
    """Spare the interpreter the attempt to write what is left when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show_any_letter() -> None:
    """Let a terminal that lacks a letter show its escape instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
