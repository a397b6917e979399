"""The French page of an English one: each text through its message, all else as it is.

A text without a message stays English, says so (``lang="en"``), and is counted. Pages of methods keep the text of
their working in English: headings, charts and tables in it are French, a table where each of its cells is.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import html
import io
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tradeexposure.core import files, paths
from tradeexposure.data import geography, result_words
from tradeexposure.publishing import manifest
from tradeexposure.publishing.languages import catalogues, charts_and_scripts, french_numbers, markup
from tradeexposure.publishing.languages.matching import Sentences, Translator

if TYPE_CHECKING:
    from tradeexposure.publishing.drawings import Drawing, Picture

KEPT = ("reports", "_build", "french")
MOST_KEPT = 100  # pages, of which each holds what no page before it had
SUFFIX = f".{manifest.FRENCH}"
DOCTYPE = "<!DOCTYPE html>"
LINKS = re.compile(r"(?:<[an]#\d+>(?:(?!</?[an]\b).)*</[an]>[ ,;·.]*)+")
LINK = re.compile(r"</?[an]\b")
LINKS_PART = re.compile(r"<[an]#\d+>|</[an]>[ ,;·.]*|(?:(?!</?[an]\b).)+")
TAG = re.compile(r'<(/?)([a-zA-Z][\w-]*)((?:[^>"]|"[^"]*")*)>')
LESS, NO_MARK = re.compile(r"<(?=[/\w])"), "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
MARK = re.compile(r"(<code>.*?</code>|</?\w+(?:#\d+)?>)")
ATTRIBUTE = re.compile(r'\b(aria-label|alt|title|data-words|data-label|data-copied|data-credit|content)="([^"]*)"')
HREF = re.compile(r'\bhref="([^"]*)"')
PAGE = re.compile(r"((?:[\w.-]+/)*[\w-]+)\.html(#.*)?")
IN_DRAWING = re.compile(r"(<text\b[^>]*>)([^<]+)(?=</text>)")
CSV = "data:text/csv;charset=utf-8;base64,"
#: Addresses of Statistics Canada that are the same in French but for the language in them.
STATCAN = re.compile(r"https://www(?:150)?\.statcan\.gc\.ca/(?:t1/tbl1/en/|en/reference/)")
CITED = re.compile(r'(<span class="cite">[^<]*?)(?<!\.fr)\.html(?=#)')
FIRST = re.compile(r"(<(script|style|svg|title)\b.*?</\2>|<[^>]*>)|\b1er\b", re.DOTALL)
HEADING, WHOLE_NAME = re.compile(r"<(h[1-4])\b.*?</\1>", re.DOTALL), "États-Unis"
ZH = re.compile(r'<span lang="zh">([^<]*)</span>')
#: Elements whose content is no text of the page.
WHOLE = {"style", "svg", "pre", "script"}
#: Sections of a method's page that are no working.
TOLD = {"published-numbers", "edition-scenario", "how-made", "data-sources", "how-sure", "what-this-does-not-show"}
#: Blocks that can say themselves that their text is English.
SAYING = {"p", "li", "td", "th", "h3", "h4", "h5", "dd", "dt", "summary"}
SWITCH = re.compile(r'<(a|link)( rel="alternate")? hreflang="fr"(?: lang="fr")? href="([^"]*)">(?:[^<]*</a>)?')
TO_ENGLISH = {"link": '<link rel="alternate" hreflang="en" href="{}">',
              "a": '<a hreflang="en" lang="en" href="{}">English</a>'}  # fmt: skip
WORKING = "The working below is in English."


@dataclass(frozen=True)
class French:
    """A page, and what of it has no message."""

    page: str
    lost: tuple[str, ...]


def translator() -> Translator:
    """Of catalogues and labels; what it has found is kept for other pages, and in files for other processes."""
    return _translator(_folder().name)


@lru_cache(maxsize=1)
def _translator(_: str) -> Translator:
    through = Translator({name: name for name in geography.place_names()} | catalogues.messages())
    through.pieces.update(_kept_pieces())
    return through


def _folder() -> Path:
    """Where readings are kept, under the digest of what they follow from: catalogues, labels, places, code, Babel."""
    folders = (paths.path(*folder) for folder in (result_words.FOLDER, geography.FOLDER))
    made_of = files.digest_of([_code(), *(files.hashes(folder, root=paths.root()) for folder in folders)])
    return paths.path(*KEPT) / made_of


@lru_cache(maxsize=1)
def _code() -> str:
    made_of = [file.read_bytes() for end in ("py", "po") for file in sorted(catalogues.HOME.rglob(f"*.{end}"))]
    return files.digest(b"".join([metadata.version("babel").encode(), *made_of]))


def _kept_pieces() -> dict[str, Sentences]:
    """What was read for earlier pages."""
    pieces: dict[str, Sentences] = {}
    folder = _folder()
    for place in folder.glob("*.json"):
        for text, sentences in json.loads(files.kept(place, folder.name) or "{}").items():
            pieces[text] = tuple((french, known) for french, known in sentences)
    return pieces


def _keep(pieces: Mapping[str, Sentences]) -> None:
    """Add a file with what was read for a page; where nothing can be written, it is read again."""
    text, folder = json.dumps(pieces, ensure_ascii=False), _folder()
    files.make_room(folder, MOST_KEPT)
    files.keep(folder / f"{files.digest(text)}.json", folder.name, text)
    with contextlib.suppress(OSError):
        for older in {*folder.parent.iterdir()} - {folder}:
            shutil.rmtree(older, ignore_errors=True)


def french(
    page: str,
    *,
    charts: Sequence[Drawing] = (),
    working: bool = False,
    stays: Callable[[str], bool] = lambda address: False,
    through: Translator | None = None,
) -> French:
    """The page in French.

    Parameters
    ----------
    page : str
        English, as ``publishing.page`` makes it.
    charts : sequence of Drawing
        Its charts, in their order, which are drawn anew; without them they stay as they are.
    working : bool
        Whether sections that only a method's page has stay English.
    stays : callable
        Whether a page at an address, relative to this one, is there in English alone.
    through : Translator, optional
        Instead of that of the catalogues.
    """
    own = through is None
    through = through or translator()
    before = len(through.pieces)
    walk = _Walk(through, [_in_french_words(chart, through) for chart in charts], working, stays)
    text = walk.through(ZH.sub(r"\1", page))
    if own and len(through.pieces) > before:
        _keep(dict(islice(through.pieces.items(), before, None)))
    text = text.replace('<html lang="en-CA">', '<html lang="fr-CA">', 1)
    text = CITED.sub(rf"\1{SUFFIX}.html", text)
    text = FIRST.sub(lambda match: match[1] or "1<sup>er</sup>", text)
    whole = f'<span class="whole">{WHOLE_NAME}</span>'
    text = HEADING.sub(lambda match: match[0].replace(WHOLE_NAME, whole), text)
    back = SWITCH.sub(lambda tag: TO_ENGLISH[tag[1]].format(tag[3].replace(f"{SUFFIX}.html", ".html")), text)
    return French(back, tuple(walk.lost))


def _in_french_words(chart: Drawing, through: Translator) -> tuple[Drawing, list[str]]:
    """A chart drawn in French, and its words that have no message; codes by which a map finds its shapes are none."""
    lost = dict[str, None]()

    def translate(text: str) -> str | None:
        translated = through.text(text)
        if translated is None and text not in geography.PROVINCES.values():
            lost[text] = None
        return translated

    return charts_and_scripts.drawing_of(chart, translate), list(lost)


def words(text: str) -> tuple[str, str]:
    """Words of a scenario in French, as HTML: plain, or English as a whole; and sentence by sentence, saying which are
    English.
    """
    sentences = translator().sentences(text)
    plain = " ".join(french for french, _ in sentences) if all(known for _, known in sentences) else text
    marked = [_escaped(french) if known else markup.marked_english(_escaped(french)) for french, known in sentences]
    return html.escape(plain), " ".join(marked)


@dataclass
class _Walk:
    """One way through a page; `out` is what was written, `run` the text and marks since the last block began."""

    translate: Translator
    drawings: Sequence[tuple[Drawing, Sequence[str]]]  # in French, and words that are not
    method: bool
    stays: Callable[[str], bool]
    out: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    run: list[tuple[str, str]] = field(default_factory=list)  # what a piece has, what the page has
    inline: list[str] = field(default_factory=list)  # marks that are open; empty for one that ended a piece
    place: int = 0  # of the chart
    within: str = ""  # "", or the block that holds what is read now: h1, h2, th, title, figcaption
    figure: bool = False  # what is read now is in a chart
    working: bool = False
    begun: bool = False  # the working was announced
    stamp: bool = False  # of the run, which stands last

    def through(self, page: str) -> str:
        """Walk over `page`; what is written in French."""
        last = len(DOCTYPE) if page.startswith(DOCTYPE) else 0
        self.out.append(page[:last])
        while tag := TAG.search(page, last):
            if tag.start() > last:
                self._text(page[last : tag.start()])
            last = self._tag(tag, page)
        self._text(page[last:])
        self._flush()
        return "".join(self.out)

    def _text(self, raw: str) -> None:
        """Words; a sign before a letter that is no mark is kept apart from marks."""
        self.run.append((LESS.sub(NO_MARK, html.unescape(raw)), raw))

    def _tag(self, tag: re.Match[str], page: str) -> int:
        """Write one tag, or the whole element that no one reads; where to go on."""
        closing, name, attributes = tag[1], tag[2].lower(), tag[3]
        alone = not closing and (name in WHOLE or (name in ("a", "span") and 'lang="' in attributes))
        if alone or (not closing and name in ("code", "table")):
            end = page.find(f"</{name}>", tag.end()) + len(name) + 3
        if not closing and name == "code":
            inner = re.sub(r"<[^>]*>", "", page[tag.start() : end])
            kind = self.within == "th"
            raw = page[tag.start() : end]
            if kind:
                self._flush(raw)
            else:
                self.run.append((f"<code>{html.unescape(inner)}</code>", raw))
            return end
        if alone:
            self._flush(self._element(tag, page[tag.end() : end]))
            return end
        if not closing and name == "table" and self._is_working():
            self._flush(self._table(page[tag.start() : end]))
            return end
        if name in markup.INLINE:
            self._mark(closing, name, attributes)
        elif name == "wbr":
            self.run.append(("", tag[0]))
        else:
            self._block(tag, closing, name, attributes)
        return tag.end()

    def _mark(self, closing: str, name: str, attributes: str) -> None:
        """A tag within a text, or one that ends a piece as ``markup.mark`` says."""
        raw = f"<{closing}{name}{self._attributes(name, attributes)}>"
        if closing:
            mark = self.inline.pop() if self.inline else ""
        else:
            is_number = name == "a" and 'class="said"' in attributes
            ends = markup.mark(name, f"<{name}{attributes}>").endswith(" block>")
            mark = "" if ends else "n" if is_number else name
            self.inline.append(mark)
        if not mark:
            self._flush(raw)
        elif closing:
            self.run.append((f"</{mark}>", raw))
        else:
            self.run.append((f"<{mark}#{len(self.run)}>", raw))

    def _block(self, tag: re.Match[str], closing: str, name: str, attributes: str) -> None:
        self._flush()
        if name in ("h1", "h2", "th", "title", "figcaption"):
            self.within = "" if closing else name
        self.figure = not closing if name == "figure" else self.figure
        self.stamp = self.stamp or name == "footer"
        if name == "section":
            labelled = re.search(r'aria-labelledby="([^"]*)"', attributes)
            self.working = bool(self.method and not closing and labelled and labelled[1] not in TOLD)
            if self.working and not self.begun:
                self.begun = True
                self.out.append(f"<p><strong>{html.escape(self.translate.text(WORKING) or WORKING)}</strong></p>\n")
        if name == "img" and self._drawn():
            french, english = self.drawings[self.place]
            self.place += 1
            self.lost += english
            marked = markup.marked_picture(self._attributed(tag), english)
            self.out.append(_with_picture(marked, "src", french.wide))
        elif name == "source" and (drawing := self._drawn()) and drawing.narrow:
            self.out.append(_with_picture(tag[0], "srcset", drawing.narrow))
        else:
            self.out.append(tag[0] if closing else self._attributed(tag))

    def _drawn(self) -> Drawing | None:
        return self.drawings[self.place][0] if self.figure and self.place < len(self.drawings) else None

    def _attributed(self, tag: re.Match[str]) -> str:
        return f"<{tag[2]}{self._attributes(tag[2].lower(), tag[3])}>"

    def _attributes(self, name: str, attributes: str) -> str:
        """Attributes of a tag: those that are read in French, links to the French pages."""
        if "=" not in attributes:
            return attributes
        if "href=" in attributes and 'rel="alternate"' not in attributes:
            attributes = HREF.sub(lambda match: f'href="{self._address(match[1])}"', attributes)
        if name == "meta" and not re.search(r'"(?:description|og:title|og:description)"', attributes):
            return attributes
        before = len(self.lost)
        translated = ATTRIBUTE.sub(self._attribute, attributes)
        return f' lang="en"{translated}' if name == "img" and len(self.lost) > before else translated

    def _attribute(self, match: re.Match[str]) -> str:
        text = html.unescape(match[2])
        french = self._translated(text) if text.strip() else text
        if french is None:
            self.lost.append(text)
            return match[0]
        return f'{match[1]}="{html.escape(french)}"'

    def _translated(self, text: str) -> str | None:
        return self.translate.text(" ".join(text.replace(french_numbers.SPACE, " ").split()))

    def _address(self, address: str) -> str:
        if address.startswith(CSV):
            return CSV + _in_french_rows(address.removeprefix(CSV), self._translated)
        if STATCAN.match(address):
            return address.replace("/en/", "/fr/", 1)
        match = PAGE.fullmatch(address)
        if not match or match[1].endswith(SUFFIX) or self.stays(address.partition("#")[0]):
            return address
        return f"{manifest.address(f'{match[1]}.html', manifest.FRENCH)}{match[2] or ''}"

    def _element(self, tag: re.Match[str], rest: str) -> str:
        """An element that is taken as it is, but for data a script shows, words in drawings and what was printed."""
        name = re.search(r'id="([\w-]+)"', tag[3])
        if tag[2] == "script" and name and 'type="application/json"' in tag[3]:
            data, _, end = rest.rpartition("</")
            before = 0 < self.place <= len(self.drawings)
            drawing = self.drawings[self.place - 1][0] if self.figure and before else None
            translated, lost = charts_and_scripts.script(name[1], data, drawing, self.translate)
            self.lost += lost
            return f"{tag[0]}{translated}</{end}"
        if tag[2] == "svg":
            drawn = IN_DRAWING.sub(lambda text: text[1] + (self._translated(text[2]) or text[2]), rest)
            return self._attributed(tag) + drawn
        if tag[2] == "pre" and 'class="printed"' in tag[3]:
            return f'<pre lang="en"{tag[3]}>{rest}'
        return tag[0] + rest

    def _table(self, table: str) -> str:
        """A table of the working: French as a whole, or English."""
        inner = _Walk(self.translate, (), False, self.stays)
        translated = inner.through(table)
        return translated if not inner.lost else table.replace("<table", '<table lang="en"', 1)

    def _is_working(self) -> bool:
        return self.working and not self.figure and self.within != "h2"

    def _flush(self, raw: str = "") -> None:
        """Write the piece that ends here, and the tag that ends it."""
        run, self.run = self.run, []
        if run:
            self._piece(run)
        if raw:
            self.out.append(raw)

    def _piece(self, run: list[tuple[str, str]]) -> None:
        text = "".join(part for part, _ in run).replace(french_numbers.SPACE, " ")
        source = "".join(raw for _, raw in run)
        piece = " ".join(text.split())
        stamped = self.stamp and self.out[-1].startswith("<dd")
        if not stamped and not re.search(r"[^\W_]", MARK.sub("", piece)):
            self.out.append(source)
            return
        if stamped or self._is_working():
            opened = re.fullmatch(r"<(\w+)([^>]*)>", self.out[-1]) if self.out else None
            if opened and opened[1] in SAYING:
                self.out[-1] = f'<{opened[1]} lang="en"{opened[2]}>'
                self.out.append(source)
            else:
                self.out.append(f'<span class="working" lang="en">{source}</span>')
            return
        translated = self._in_french(piece, dict(run))
        before, after = (re.match(r"\s*", part)[0] for part in (text, text[::-1]))  # type: ignore[index]
        self.out.append(f"{before}{translated}{after[::-1]}")

    def _in_french(self, piece: str, raw: Mapping[str, str]) -> str:
        """A piece in French; sentences without a message stay, and say that they are English."""
        links = LINKS.fullmatch(piece)
        if not links:
            return self._sentences(piece, raw)
        parts = LINKS_PART.findall(piece)
        return "".join(_raw(part, raw) if LINK.match(part) else self._sentences(part, raw) for part in parts)

    def _sentences(self, piece: str, raw: Mapping[str, str]) -> str:
        sentences = self.translate.sentences(piece)
        if all(known for _, known in sentences):
            translated = " ".join(_raw(french, raw) for french, _ in sentences)
            return french_numbers.in_full(translated) if self.within in ("h1", "figcaption") else translated
        self.lost += [french for french, known in sentences if not known]
        if self.within == "title":
            return _raw(piece, raw)
        marks = [re.findall(r"<(/?)\w+(?:#\d+)?>", re.sub(r"</?code>", "", french)) for french, _ in sentences]
        if any(tags.count("") != tags.count("/") for tags in marks):
            return markup.marked_english(_raw(piece, raw))
        texts = [(_raw(french, raw), known) for french, known in sentences]
        return " ".join(text if known else markup.marked_english(text) for text, known in texts)


def _raw(french: str, raw: Mapping[str, str]) -> str:
    """A piece as the page has it: marks with their attributes, words escaped."""
    closing = {"</n>": "</a>"}
    return "".join(
        raw.get(part, closing.get(part, part)) if MARK.fullmatch(part) else _escaped(part)
        for part in MARK.split(french)
    )


def _escaped(text: str) -> str:
    return html.escape(text.replace(NO_MARK, "<"), quote=False)


def _with_picture(tag: str, name: str, picture: Picture) -> str:
    """A tag of an image with another drawing in it."""
    for key, value in ((name, picture.address), ("width", picture.width), ("height", picture.height)):
        before, _, rest = tag.partition(f' {key}="')
        tag = f'{before} {key}="{value}"{rest.partition(chr(34))[2]}'
    return tag


def _in_french_rows(encoded: str, translate: Callable[[str], str | None]) -> str:
    """A CSV file in base64 with its headings and words in French, its numbers and dates as they are."""
    text, translated = io.StringIO(), dict[str, str]()
    writer = csv.writer(text, lineterminator="\n")
    for row in csv.reader(io.StringIO(base64.b64decode(encoded).decode())):
        for cell in {*row} - {*translated}:
            translated[cell] = (translate(cell) if re.search(r"[^\W\d_]", cell) else None) or cell
        writer.writerow([translated[cell] for cell in row])
    return base64.b64encode(text.getvalue().encode()).decode()
