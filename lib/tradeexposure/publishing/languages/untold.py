"""Texts that stay English on French pages for want of a message: how they are marked, and how many there are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tradeexposure.publishing import manifest

TEXT, PICTURE = '<span lang="en">', '<img lang="en"'
SAID = (re.compile(rf"{TEXT}(.*?)</span>", flags=re.DOTALL), re.compile(rf'{PICTURE}[^>]* alt="([^"]*)"'))


def marked(text: str) -> str:
    """A text, as HTML, that says that it is English."""
    return f"{TEXT}{text}</span>"


def on_page(page: str) -> set[str]:
    """The texts of a French page that are marked, and those of its pictures."""
    return {text for pattern in SAID for text in pattern.findall(page)}


def count(editions: Iterable[Path]) -> int:
    """How many different texts the French pages in folders of editions have in English."""
    pages = (page for folder in editions for page in folder.glob(manifest.address("*.html", manifest.FRENCH)))
    contents = (page.read_bytes() for page in pages)
    some = (page.decode() for page in contents if TEXT.encode() in page or PICTURE.encode() in page)  # hardly any
    return len(set().union(*map(on_page, some)))
