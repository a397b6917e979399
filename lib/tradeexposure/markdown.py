"""Markdown cells and sentences as HTML: no raw HTML, no script addresses, no pictures from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import mistune

SLUG = re.compile(r"[^a-z0-9]+")
# Not after a single capital, as in "U.S."; closing marks belong to the sentence.
SENTENCE_END = re.compile(r"(?:(?<=[^A-Z\s][.!?])|(?<=[.!?]\*\*))\s+(?=[\"*\[(]*[A-Z])")
SHORTEST_SENTENCE = 30  # letters


def slug(text: str) -> str:
    """`text` as an anchor: lower case, words joined by hyphens."""
    return SLUG.sub("-", text.lower()).strip("-") or "section"


class _Renderer(mistune.HTMLRenderer):
    """Headings one level down and with anchors; tables scroll inside their own box; no pictures."""

    def __init__(self, top: int) -> None:
        super().__init__(escape=True)
        self.top = top

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        depth = min(max(level, self.top), 6)
        anchor = f' id="{slug(unescape(re.sub("<[^>]*>", "", text)))}"' if depth == self.top else ""
        return f"<h{depth}{anchor}>{text}</h{depth}>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        raise ValueError(f"Markdown cell shows the picture {url!r}: pages hold charts only, use charts.show")


def _safe_table(text: str) -> str:
    """Tables in boxes that scroll, without header cells that say nothing."""
    text = re.sub(r"<thead>\s*<tr>(\s*<th[^>]*></th>)+\s*</tr>\s*</thead>\s*", "", text)
    text = re.sub(r"<th[^>]*></th>", "<td></td>", text)
    return re.sub(r"<table>", '<div class="scroll" role="group" tabindex="0" aria-label="Table"><table>', text).replace(
        "</table>", "</table></div>"
    )


def html(text: str, *, top: int = 2) -> str:
    """`text` (Markdown) as HTML.

    Parameters
    ----------
    top : int
        Level of the highest heading; higher ones are lowered to it.

    Raises
    ------
    ValueError
        A picture: its address would be a request, or a file beside the page.
    """
    convert = mistune.create_markdown(renderer=_Renderer(top), plugins=["table", "strikethrough"])
    return _safe_table(str(convert(text)))


def plain(text: str) -> str:
    """The words of `text`, without marks."""
    return unescape(" ".join(re.sub(r"<[^>]*>", "", html(text)).split()))


def headings(text: str, level: int) -> Iterator[str]:
    """Text of each heading of exactly `level` in a Markdown source."""
    found = re.findall(rf"^{'#' * level} +(.+?)\s*#*$", text, flags=re.MULTILINE)
    yield from found


def with_lead(text: str) -> str:
    """`text` with the first sentence of its first paragraph as a paragraph of its own."""
    first, gap, rest = text.strip().partition("\n\n")
    for end in SENTENCE_END.finditer(first):
        whole = first[: end.start()]
        if len(whole) >= SHORTEST_SENTENCE and whole.count("**") % 2 == 0:
            return f"{whole}\n\n{first[end.end() :]}{gap}{rest}"
    return text
