"""The committed pages in both languages: the same figures, ranges, links and downloads, block by block."""

from __future__ import annotations

import base64
import csv
import html
import io
import re
from collections import Counter
from pathlib import Path

import pytest

from tradeexposure.core import paths
from tradeexposure.publishing.languages.matching import Translator

REPORTS = paths.CHECKOUT / "reports"
#: Front page, tracker, map and a farm's numbers stand over the editions.
PAGES = sorted(page for page in (*REPORTS.glob("published/*/*.html"), *REPORTS.glob("*.html"))
               if ".fr" not in page.suffixes)  # fmt: skip
Both = tuple[str, str]

UNREAD = re.compile(r"<(script|style|svg|pre)\b.*?</\1>", flags=re.DOTALL)
INLINE = re.compile(r"</?(?:a|strong|em|code|span|sub|sup|time|wbr)\b[^>]*>")
ENGLISH = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
FRENCH = re.compile(r"\d{1,3}(?:[\u00a0\u202f]\d{3}(?!\d))+(?:,\d+)?|\d+(?:[.,]\d+)?")
YEARS = re.compile(r"(?<!\d)(\d\d)(\d\d)-\1(\d\d)(?!\d)")  # a crop year, whose second year English shortens


@pytest.fixture(scope="module", params=PAGES, ids=lambda page: page.stem)
def both(request: pytest.FixtureRequest) -> Both:
    page: Path = request.param
    return page.read_text("utf-8"), page.with_suffix(".fr.html").read_text("utf-8")


def test_every_page_is_there() -> None:
    assert len(PAGES) >= 12 and {"index", "measures", "90_write_brief"} <= {page.stem for page in PAGES}


def blocks(text: str) -> list[str]:
    """Text of each block of a page's body, marks within it left out; both languages have the same blocks."""
    body = UNREAD.sub("", text.partition("<body>")[2].partition('id="run-stamp"')[0])
    body = re.sub(r'<p(?: class="\w+")?>(?:<strong>)?[^<]*anglais\.(?:</strong>)?</p>\n', "", body)
    return [html.unescape(block).strip() for block in re.split(r"<[^>]*>", INLINE.sub("", body))]


def numbers(text: str, *, french: bool) -> Counter[str]:
    if french:
        figures = (figure.replace("\u00a0", "").replace("\u202f", "").replace(",", ".") for figure in
                 FRENCH.findall(YEARS.sub(r"\1\2-\3", text)))  # fmt: skip
    else:
        figures = (figure.replace(",", "") for figure in ENGLISH.findall(text))
    return Counter(figures)


def addresses(text: str) -> list[str]:
    """What each link leads to, the languages' own pages as one."""
    kept = [link for link in re.findall(r'href="([^"]*)"', text) if not link.startswith("data:")]
    own = [link.replace(".fr.html", ".html").replace("brief.fr.pdf", "brief.pdf") for link in kept]
    return [link.replace("/fr/", "/en/", 1) if "statcan.gc.ca" in link else link for link in own]


def test_every_text_has_a_message(both: Both) -> None:
    shown = both[1].partition('id="run-stamp"')[0]
    english = [html.unescape(text) for text in re.findall(r'<span lang="en">([^<]*)', shown)]
    assert english == []


def breaking(page: str) -> list[str]:
    """Texts of a page with a colon that may begin a line; what is left out is a word."""
    read = re.sub(r"(?s)<(script|style|pre|code|svg)\b.*?</\1>", "x", page)
    return re.findall(r">([^<]*\w :[^<]*)<", read)


def test_no_colon_begins_a_line(both: Both) -> None:
    assert breaking(both[1]) == []


def test_no_country_stands_without_its_article(both: Both) -> None:
    assert re.findall(r"[^\d\W] à (?:Chine|Japon|Mexique|États-Unis|Royaume-Uni|Union européenne)\b", both[1]) == []


def test_a_colon_that_may_begin_a_line_is_found(through: Translator) -> None:
    joined = through.text("Canola seed: 5.2%")
    assert joined and breaking(f"<p>{joined}</p>") == [] and breaking("<p>Graines : 5,2 %</p>") == ["Graines : 5,2 %"]


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("5.9% · 1 Mar 2026 to 28 Feb 2031 by its own terms",
         "5,9 % · du 1er mars 2026 au 28 février 2031 selon ses propres dispositions"),
        ("Forecast of China's imports: C$740 m a year", "Prévision des importations chinoises : 740 M$ par an"),
    ],
)  # fmt: skip
def test_a_value_beside_a_label_is_no_part_of_it(english: str, french: str, through: Translator) -> None:
    """Read “du 5,9 % · 1er mars 2026 au …”, as if the rate were where the span begins."""
    translated = through.text(english)
    assert translated and translated.replace("\u00a0", " ") == french


def test_both_say_the_same_figures_block_by_block(both: Both) -> None:
    english, french = (blocks(text) for text in both)
    assert len(english) == len(french)
    differing = [(block, its_french) for block, its_french in zip(english, french, strict=True) if block != its_french]
    wrong = [pair for pair in differing if numbers(pair[0], french=False) != numbers(pair[1], french=True)]
    assert not wrong


def test_both_lead_to_the_same(both: Both) -> None:
    english, french = (addresses(text) for text in both)
    assert english == french


def _figures(text: str) -> list[list[str]]:
    """Cells of a file, words left out."""
    rows = csv.reader(io.StringIO(text.replace("\u00a0%", "%")))
    return [["" if re.search(r"[^\W\d_]", cell) else cell for cell in row] for row in rows]


def test_both_have_the_same_downloads(both: Both) -> None:
    files = [re.findall(r'href="data:text/csv[^,]*,([^"]*)"', text) for text in both]
    english, french = ([_figures(base64.b64decode(download).decode()) for download in downloads] for downloads in files)
    assert english == french and len(re.findall(r"<img ", both[0])) == len(re.findall(r"<img ", both[1]))
