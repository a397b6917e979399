"""Words put together: a capital letter, a list, a sentence; and where a sentence ends."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Not after a single capital, as in "U.S."; closing marks belong to the sentence.
SENTENCE_END = re.compile(r"(?:(?<=[.!?])(?<!\W[A-Z]\.)|(?<=[.!?]\*\*))\s+(?=[\"“*\[(]*[A-Z])")


def listing(items: Sequence[str]) -> str:
    """``one, two and three``."""
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def sentence(text: str) -> str:
    """`text` with a capital and one full stop."""
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def capital(text: str) -> str:
    """`text` with a capital first letter."""
    return text[:1].upper() + text[1:]
