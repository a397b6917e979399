"""Words put together: a capital letter, a count, a list; where a sentence ends; Markdown that holds dollars."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: JupyterLab reads whatever stands between two dollar signs as a formula, escaped or not, but not in here.
NO_FORMULA = '<div class="mathjax_ignore">{}</div>'
#: Not after a single capital, as in "U.S."; closing marks belong to the sentence.
SENTENCE_END = re.compile(r"(?:(?<=[.!?])(?<!\W[A-Z]\.)|(?<=[.!?]\*\*))\s+(?=[\"“*\[(]*[A-Z])")

#: Small counts; the place is the number.
COUNTS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip


def in_words(count: int) -> str:
    """``four``; in figures beyond :data:`COUNTS`."""
    return COUNTS[count] if count < len(COUNTS) else str(count)


def listing(items: Sequence[str]) -> str:
    """``one, two and three``."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def some(names: Sequence[str], most: int = 5) -> str:
    """The first names of many, and how many more there are: ``one, two and 3 more``."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


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
    escaped = no_formula(markdown.strip())
    return {"text/markdown": NO_FORMULA.format(f"\n\n{escaped}\n\n"), "text/plain": markdown}


def no_formula(markdown: str) -> str:
    """Markdown whose dollars are money."""
    return markdown.replace("$", r"\$")


def as_written(output: str) -> str:
    """The Markdown that :func:`as_output` was given; any other as it stands, but for escaped dollars."""
    opening, closing = NO_FORMULA.format("\n\n|\n\n").split("|")
    return output.removeprefix(opening).removesuffix(closing).replace(r"\$", "$")
