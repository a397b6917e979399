"""Text as it is shown: words put together, Markdown whose dollars are money, one line that a terminal can show, cells
of a spreadsheet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

#: JupyterLab reads whatever stands between two dollar signs as a formula, escaped or not, but not in here.
NO_FORMULA = '<div class="mathjax_ignore">{}</div>'
#: Not after a single capital, as in "U.S."; closing marks belong to the sentence.
SENTENCE_END = re.compile(r"(?:(?<=[.!?])(?<!\W[A-Z]\.)|(?<=[.!?]\*\*))\s+(?=[\"“*\[(]*[A-Z])")

#: Small counts; the place is the number.
COUNTS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
LONGEST = 200  # letters of a text of unknown origin
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins to compute
#: Kinds of characters that steer a terminal or hide: controls, formats (writing directions among them), lone
#: surrogates, private ones, and separators of lines and paragraphs.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def in_words(count: int) -> str:
    """``four``; in figures beyond :data:`COUNTS`."""
    return COUNTS[count] if count < len(COUNTS) else str(count)


def day_in_words(day: date | str) -> str:
    """A day, or a month in ISO's form, as a sentence says it: ``30 September 2026``, ``September 2026``."""
    iso = f"{day}"[:10]
    first = date.fromisoformat(f"{iso}-01"[:10])
    return f"{first.day} {first:%B %Y}" if iso == f"{first}" else f"{first:%B %Y}"


def listing(items: Sequence[str]) -> str:
    """``one, two and three``."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def some(names: Sequence[str], most: int = 5) -> str:
    """The first names of many, and how many more there are: ``one, two and 3 more``."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def meant(typed: str, known: Iterable[str]) -> str:
    """``did you mean china? ``, to stand before the names that are allowed; empty where none is close."""
    close = get_close_matches(typed, list(known), n=1)
    return f"did you mean {close[0]}? " if close else ""


def capital(text: str) -> str:
    """`text` with a capital first letter."""
    return text[:1].upper() + text[1:]


def as_output(markdown: str) -> dict[str, str]:
    """The output of a cell that says `markdown`, whose dollars are money.

    Returns
    -------
    dict
        ``text/markdown``, and ``text/plain`` as it was given.
    """
    escaped = markdown.strip().replace("$", r"\$")
    return {"text/markdown": NO_FORMULA.format(f"\n\n{escaped}\n\n"), "text/plain": markdown}


def as_written(output: str) -> str:
    """The Markdown that :func:`as_output` was given; any other as it stands, but for escaped dollars."""
    opening, closing = NO_FORMULA.format("\n\n|\n\n").split("|")
    return output.removeprefix(opening).removesuffix(closing).replace(r"\$", "$")


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


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


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
