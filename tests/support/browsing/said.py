"""What published pages say of published numbers: each with its identifier, its sentence, and how it is written.

A page leads from each number to its row, by an address that ends in ``#number-ID``. What is folded is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tradeexposure.core.published_rows import places_of
from tradeexposure.core.text import SENTENCE_END
from tradeexposure.publishing.languages import french_numbers
from tradeexposure.reporting.numbers import number
from tradeexposure.scenarios.brief import inputs
from tradeexposure.scenarios.comparison.inputs import HEADLINES
from tradeexposure.scenarios.simulation.messages import INCOME

NUMBER = "number-"
HIDDEN = {"script", "style", "svg", "noscript", "template", "details", "head", "footer"}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
NOTES = {"sources", "way"}  # classes of what is said of data and code, not of results
BLOCKS = {"p", "li", "td", "th", "h1", "h2", "h3", "dt", "dd", "figcaption", "caption", "summary", "div", "small"}
#: The gain of the notebook on weights, and its parts that the scenario notebook gives too.
WEIGHED = "canola.weights.gain_cad"
WEIGHED_TOO = ("seed_only", "meal_only", "first_year", inputs.SECOND, f"{inputs.SECOND}.first_year")
#: The gain over a duty that stays, under every identifier → the one over the duty that China settled on.
PAIRS = {
    **{f"{stem}{own}": f"{stem}{own}.{inputs.SECOND}"
       for part in inputs.BESIDE for stem in (HEADLINES[part], inputs.PUBLISHED[part])
       for own in ("", f".{inputs.DEAL}")},
    **{inputs.HEADLINES[part]: second for part, second in inputs.BESIDE.items()},
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A number on a page: where, in which sentence, whose, as it is written there."""

    page: str
    sentence: str
    result_id: str
    text: str
    in_table: bool = False


class Screen(HTMLParser):
    """A page as it is first seen: its blocks of text, and the numbers in them by their place in all of the text."""

    def __init__(self, page: str, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self.text, self.block = page, "", 0
        self.numbers: list[tuple[int, int, str]] = []  # from, to, identifier
        self.tables: set[int] = set()  # where words and numbers in tables begin
        self._open: list[tuple[str, bool]] = []
        self._number: tuple[int, str] | None = None
        depth = 0
        for part in re.split(r"(</?details\b)", text):  # most of a page is folded
            depth += {"<details": 1, "</details": -1}.get(part, 0)
            if not depth:
                self.feed(part)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in BLOCKS:
            self.text += "\n"
        if tag in VOID:
            return
        inside = bool(self._open) and self._open[-1][1]
        folded = tag in HIDDEN or named.get("class") in NOTES
        folded = folded or (tag != "main" and ("hidden" in named or named.get("class") == "hidden"))
        self._open.append((tag, inside or folded))
        key = (named.get("href") or "").partition(f"#{NUMBER}")[2] or (named.get("id") or "").partition(NUMBER)[2]
        if key and not self._open[-1][1]:
            self._number = (len(self.text), key)

    def handle_endtag(self, tag: str) -> None:
        if all(tag != opened for opened, _ in self._open):
            return
        while self._open and self._open.pop()[0] != tag:
            pass
        if self._number and tag in ("a", "tr"):
            begun, key = self._number
            self.numbers.append((begun, len(self.text), key))
            if tag == "tr" or self._in_table():
                self.tables.add(begun)
            self._number = None
        if tag in BLOCKS:
            self.text += "\n"

    def _in_table(self) -> bool:
        return any(outer == "table" for outer, _ in self._open)

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1][1]):
            if self._in_table():
                self.tables.add(self.text.rfind("\n") + 1)
            self.text += data.replace("\N{NO-BREAK SPACE}", " ")

    def said(self) -> Iterator[Said]:
        """Its numbers that lead to a row, each with the sentence around it."""
        for begun, end, key in self.numbers:
            first = self.text.rfind("\n", 0, begun) + 1
            block = self.text[first : self.text.find("\n", end)]
            text = " ".join(self.text[begun:end].split())
            yield Said(self.page, _around(block, begun - first), key, text, begun in self.tables)

    def sentences(self) -> Iterator[str]:
        """What stands outside of tables, sentence by sentence."""
        begun = 0
        for block in self.text.split("\n"):
            if begun not in self.tables:
                yield from filter(None, (" ".join(part.split()) for part in SENTENCE_END.split(block)))
            begun += len(block) + 1


def alone(screen: Screen, letters: int, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Gains over a duty that stays with no gain over the settled one within some letters of visible text.

    Parameters
    ----------
    rows : mapping
        Published rows by identifier: the second gain may stand there as a link to its row or as its value alone.
    """
    lonely = []
    for begun, end, key in screen.numbers:
        if key not in PAIRS:
            continue
        second = {PAIRS[gain] for gain in PAIRS if quantity(gain) == quantity(key)}
        if second & {
            named for start, stop, named in screen.numbers if start < end + letters and stop > begun - letters
        }:
            continue
        text = plain(screen.text[max(begun - letters, 0) : end + letters])
        values = {form for result_id in second & {*rows} for form in in_both(amounts(rows[result_id]))}
        if not any(value in text for value in values):
            lonely.append(f"{screen.page}: {key}: {plain(screen.text[max(begun - 60, 0) : end + 60])}")
    return lonely


def in_both(forms: Iterable[str]) -> set[str]:
    """Numbers as the English page writes them and as the French one does."""
    written = {*forms}
    return {plain(form) for form in (*written, *filter(None, map(french_numbers.french, written)))}


def quantity(key: str) -> str:
    """The simulation's identifier of a number that other notebooks repeat under their own."""
    if key == WEIGHED or key.removeprefix(f"{WEIGHED}.") in WEIGHED_TOO:
        return key.replace(WEIGHED, INCOME)
    second = f".{inputs.SECOND}" if key.endswith(f".{inputs.SECOND}") else ""
    bare = key.removesuffix(second).removesuffix(f".{inputs.DEAL}")
    for part, simulated in {**inputs.HEADLINES, **inputs.OWN}.items():
        own = inputs.PUBLISHED[part]
        if bare in (own, f"comparison.{own.partition('.')[2]}"):
            return simulated + second
    return key


def of_notebook(path: Path) -> list[Said]:
    """What an executed notebook says in sentences."""
    sentences = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            plain = "".join(output.get("data", {}).get("text/plain", ()))
            for place in places_of(output):
                sentence = _around(plain, place.start)
                sentences.append(Said(path.stem, sentence, place.result_id, plain[place.start : place.end]))
    return sentences


def _around(text: str, place: int) -> str:
    """The sentence of a text that holds a place."""
    begun = 0
    for end in (*SENTENCE_END.finditer(text), None):
        if end is None or place < end.end():
            return " ".join(text[begun : end.start() if end else len(text)].split())
        begun = end.end()
    return text


def charts_of(path: Path) -> list[Mapping[str, Any]]:
    """Specifications of the charts that an executed notebook shows."""
    outputs = (output for cell in json.loads(path.read_text("utf-8"))["cells"] for output in cell.get("outputs", ()))
    return [spec for output in outputs for kind, spec in output.get("data", {}).items() if "vegalite" in kind]


#: Part of a number as it is written → whether it has the value, and the range.
PARTS = {"text": (1, 0), "bare": (1, 0), "range": (0, 1), "span": (0, 1), "full": (1, 1), "plain": (1, 1)}


def readings(row: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """How pages of both languages may write a number → value and range as English writes them at so many digits."""
    known: dict[str, tuple[str, str]] = {}
    for digits in range(1, int(row["digits"] or 3) + 1):
        figure = number({**row, "digits": digits})
        bare, span = figure.size.bare.lstrip("+"), figure.size.span
        written = {getattr(form, part): (bare * value, span * ends) for form in (figure, figure.size, figure.opposite)
                   for part, (value, ends) in PARTS.items()}  # fmt: skip
        if figure.unit.startswith("kilotonnes"):
            written[figure.millions] = (bare, span)
        for text, read in written.items():
            for form in in_both([text]) - {""}:
                known.setdefault(form, read)
    return known


#: Sums, shares and counts as English and French write them.
AMOUNT = re.compile(
    r"C\$[\d.,]*\d(?: bn\b| m\b)?|\d[\d,]*(?:\.\d+)?%|\b[1-9]\d{0,2}(?:,\d{3})+\b(?! ?%)"
    r"|\d[\d ]*(?:,\d+)? (?:[GM]?\$|%)|\b\d{1,3}(?: \d{3})+\b(?! (?:[GM]?\$|%))"
)


def forms(row: Mapping[str, Any]) -> set[str]:
    """How a page may write a published number: its value, its range and both, with its sign and without."""
    figure = number(row)
    parts = {"text", "bare", "span", "range", "full", "plain"}
    written = {getattr(form, part) for form in (figure, figure.size, figure.opposite) for part in parts}
    return {text.replace("\N{NO-BREAK SPACE}", " ").lstrip("+") for text in written if text}


def amounts(row: Mapping[str, Any]) -> set[str]:
    """How a sentence may write the value of a number alone, without its suffix."""
    figure = number(row)
    return {form.bare.lstrip("+") for form in (figure, figure.size)}


def plain(text: str) -> str:
    """What is written without its sign and without spaces that do not break."""
    return re.sub(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+", " ", text).strip().lstrip("+-\N{MINUS SIGN}")
