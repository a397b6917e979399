"""Rendered text as messages have it: one piece per paragraph, item, heading or cell, inline marks as bare tags.

A piece is the text of one block with ``<strong>``, ``<a>`` and their like in it, without attributes. Sentences of a
piece are messages of their own. Texts that stay English on French pages, for want of a message, are marked.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tradeexposure.publishing import manifest

INLINE = {"a", "strong", "em", "code", "span", "sub", "sup", "time"}
BLOCK = re.compile(r'class="(?:button|how)\b')
HIDDEN = re.compile(r'class="(?:hidden|on-day)"|lang=')
#: A piece of links alone: each of them stands for itself.
LINKS = re.compile(r"(?:<a>(?:(?!</?a>).)*</a>[ ,;·]*)+")
LINK = re.compile(r"<a>((?:(?!</?a>).)*)</a>")
TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)\b[^>]*>")
#: Where a sentence ends; of a template also before a placeholder.
END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?]</a>)|(?<=[.!?]</em>)|(?<=[.!?]</strong>)|(?<=[.!?][”\")]))"
                 r"(?<!\b[A-Z]\.)(?<!\be\.g\.)(?<!\bvs\.)(?<!\bNo\.)\s+(?=(?:<\w+>)*[\"“\[({]*[A-Z{])")  # fmt: skip
MARKDOWN = re.compile(r"\n|\*\*|\]\(|`|^#+ |^- |^\*[^* ]")
WRAPPED = re.compile(r"<(strong|em)>(.*)</\1>")
ENGLISH_TEXT, ENGLISH_PICTURE, ENGLISH_WORDS = '<span lang="en">', '<img lang="en"', "data-english="
IN_ENGLISH = (
    re.compile(rf"{ENGLISH_TEXT}(.*?)</span>", flags=re.DOTALL), re.compile(rf'{ENGLISH_PICTURE}[^>]* alt="([^"]*)"'),
    re.compile(rf'{ENGLISH_WORDS}"([^"]*)"'),
)  # fmt: skip
BETWEEN = "&#10;"  # words of a picture


def mark(name: str, tag: str) -> str:
    """A tag as pieces have it: one within a text bare, any other a line break, which ends a piece.

    Buttons, small print and spans that only lay out stand for themselves; hidden words belong to what they explain.
    """
    bare = name.strip("/").lower()
    if (
        bare not in INLINE
        or BLOCK.search(tag)
        or (bare == "span" and not name.startswith("/") and not HIDDEN.search(tag))
    ):
        return f"<{'/' if name.startswith('/') else ''}{bare} block>"
    return f"<{name.lower()}>"


def pieces(markup: str) -> Iterator[str]:
    """Text of each block in HTML `markup`, in its order."""
    text, last = "", 0
    for tag in TAG.finditer(markup):
        text += html.unescape(markup[last : tag.start()])
        last, name = tag.end(), tag[1].lower()
        if name in INLINE and not tag[0].endswith(" block>"):
            text += f"</{name}>" if tag[0].startswith("</") else f"<{name}>"
        else:
            yield from _pieces_of_block(text)
            text = ""
    yield from _pieces_of_block(text + html.unescape(markup[last:]))


def _pieces_of_block(text: str) -> Iterator[str]:
    text = " ".join(text.split())
    if LINKS.fullmatch(text):
        yield from (link_text for link_text in LINK.findall(text) if link_text.strip())
    elif text:
        yield text


def of_source(text: str) -> Iterator[str]:
    """Sentences of a text as it stands in a source, Markdown or plain."""
    from tradeexposure.publishing.page_model import markdown_html

    blocks = pieces(markdown_html(text)) if MARKDOWN.search(text.strip()) else _pieces_of_block(text)
    for block in blocks:
        for sentence in END.split(block):
            yield bare(sentence)


def bare(sentence: str) -> str:
    """A sentence without marks around the whole of it, and without those left open by the split."""
    match = WRAPPED.fullmatch(sentence)
    sentence = match[2] if match and f"<{match[1]}>" not in match[2] else sentence
    for name in ("strong", "em"):
        if sentence.count(f"<{name}>") != sentence.count(f"</{name}>"):
            sentence = sentence.replace(f"<{name}>", "").replace(f"</{name}>", "")
    return sentence.strip()


def marked_english(text: str) -> str:
    """A text, as HTML, that says that it is English."""
    return f"{ENGLISH_TEXT}{text}</span>"


def marked_picture(tag: str, english: Iterable[str]) -> str:
    """The tag of a drawn image, with the words in it that are English."""
    texts = BETWEEN.join(map(html.escape, english))
    return tag.replace("<img", f'<img {ENGLISH_WORDS}"{texts}"', 1) if texts else tag


def english_texts(page: str) -> set[str]:
    """The texts of a French page that are marked, and those of its pictures."""
    return {text for pattern in IN_ENGLISH for texts in pattern.findall(page) for text in texts.split(BETWEEN)}


def untranslated(editions: Iterable[Path]) -> int:
    """How many different texts the French pages in folders of editions have in English."""
    pages = (page for folder in editions for page in folder.glob(manifest.address("*.html", manifest.FRENCH)))
    contents = (page.read_bytes() for page in pages)
    some = (
        page.decode()
        for page in contents
        if any(mark.encode() in page for mark in (ENGLISH_TEXT, ENGLISH_PICTURE, ENGLISH_WORDS))
    )
    return len(set().union(*map(english_texts, some)))  # hardly any page has one
