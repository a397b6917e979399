"""What a page shows of an executed notebook: the answer, the headline chart, how sure it is, then section by section.

Markdown becomes HTML here: no raw HTML, no script addresses, no pictures from elsewhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any

import mistune
from markupsafe import Markup

from tradeexposure.core import published_rows
from tradeexposure.core.text import SENTENCE_END, as_written
from tradeexposure.publishing import drawings, explorer
from tradeexposure.reporting import chart_style, pieces

if TYPE_CHECKING:
    from nbformat import NotebookNode


ANSWER, HEADLINE, DETAIL = "answer", "headline", "detail"  # tags of the cells that go to the top
CELL = "cell "  # how a message names one
FRONT = "front"  # of those that stand on the front page too
PRINT = "print"  # of a Markdown cell whose section is printed; where there is one, other sections are not
SLUG = re.compile(r"[^a-z0-9]+")
CELLS = r"(?s)<t[dh]\b[^>]*>(.*?)</t[dh]>"
WORDY = 45  # letters of a cell: from there on a phone shows the table's rows as cards
MOST_LABELS = 7  # columns of a card; a wider table scrolls
BOX = '<div class="scroll" role="group" tabindex="0" aria-label="{}">{}</div>'
LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
ABOVE = "Shown at the top of the page."  # in the place of a chart
MADE = "How this number is made"  # what a link from a number says
NUMBER = "#number-"  # and the identifier of a published number: its row in the table of all of them
SHORTEST_SENTENCE = 30  # letters
#: Markup that a notebook's table may keep.
TAGS = ["table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "p", "em", "strong", "code", "br", "sub",
        "sup"]  # fmt: skip
ATTRIBUTES = {"table": ["class"], "th": ["class", "scope", "colspan", "rowspan"], "td": ["class", "colspan", "rowspan"]}


@dataclass
class Block:
    """Something between two others on a page: `kind` is prose, output, chart, piece, explorer or code.

    `anchor` is what links of the front page lead to.
    """

    kind: str
    content: Any
    name: str = ""
    number: int = 0
    anchor: str = ""


@dataclass
class Section:
    """A heading of second level and what follows it.

    `lifted` when its output stands at the top of the page, `printed` when a short print of the page holds it.
    """

    title: str
    anchor: str
    blocks: list[Block] = field(default_factory=list)
    lifted: bool = False
    printed: bool = False

    @property
    def is_shown(self) -> bool:
        """Whether anything is left to show here."""
        return any(block.kind in ("output", "chart", "explorer") or not self.lifted for block in self.blocks)


@dataclass
class Report:
    """A page before it is written."""

    title: str
    question: Markup
    answer: list[Block]
    headline: list[Block]
    detail: list[Block]
    sections: list[Section]

    @property
    def short(self) -> bool:
        """Whether only a part of the page is printed."""
        return any(section.printed for section in self.sections)

    @property
    def explores(self) -> bool:
        """Whether the page holds an explorer."""
        return any(block.kind == "explorer" for part in self.sections for block in part.blocks)

    @property
    def lead(self) -> str:
        """The first sentence of the answer, without marks."""
        answer = next((str(block.content) for block in self.answer if block.kind == "output"), "")
        first = re.search(r"<p>(.*?)</p>", answer, flags=re.DOTALL)
        return unescape(" ".join(re.sub(r"<[^>]*>", "", first[1]).split())) if first else self.title

    def charts(self) -> Iterator[Block]:
        """Every chart, in the order of the page."""
        below = [item for part in self.sections for item in part.blocks]
        for block in [*self.answer, *self.headline, *self.detail, *below]:
            if block.kind == "chart":
                yield block


def read(notebook: NotebookNode) -> Report:
    """The report in an executed notebook.

    Raises
    ------
    ValueError
        No first heading, no cell tagged `answer` with an output, a failed cell, or a chart without
        alternative text.
    """
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    heading = next(headings(first, 1), "")
    if not heading:
        raise ValueError("no title: the first Markdown cell starts with '# ' and a question or a finding")
    title, question = plain(heading), Markup(markdown_html(_without_title(first).split("\n## ")[0]))
    report = Report(title, question, [], [], [], [Section("About this notebook", "")])
    opened = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            source = cell.source if opened else _without_title(cell.source)
            opened = True
            _prose(report, source, printed=PRINT in cell.metadata.get("tags", []))
        elif cell.cell_type == "code":
            _code(report, cell)
    report.sections = [part for part in report.sections if part.is_shown]
    if not report.answer:
        raise ValueError("no answer: tag the cell that says it with 'answer' (book.say) and run the notebook")
    number_charts(report.charts())
    taken: dict[str, int] = {}
    for section in report.sections:
        base = slug(section.title)
        taken[base] = taken.get(base, 0) + 1
        section.anchor = base if taken[base] == 1 else f"{base}-{taken[base]}"
    return report


def _without_title(source: str) -> str:
    return re.sub(r"^# +.+$", "", source, count=1, flags=re.MULTILINE).strip()


def _prose(report: Report, source: str, *, printed: bool) -> None:
    """Add a Markdown cell; a second-level heading opens a section. The opening is shown on top, not here."""
    parts = re.split(r"^(?=#{1,2} )", source, flags=re.MULTILINE)
    for part in parts:
        name = next(iter([*headings(part, 2), *headings(part, 1)]), "")
        if name:
            part = part.split("\n", 1)[1] if "\n" in part else ""
            report.sections.append(Section(plain(name), "", printed=printed))
        first = len(report.sections) == 1 and not report.sections[0].blocks
        if part.strip() and not (first and Markup(markdown_html(part.strip())) == report.question):
            report.sections[-1].blocks.append(Block("prose", Markup(markdown_html(part, top=3))))


def _code(report: Report, cell: Mapping[str, Any]) -> None:
    """Add a code cell: its outputs where they belong, its source folded."""
    tags = cell["metadata"].get("tags", [])
    blocks = blocks_of(cell, lead=ANSWER in tags)
    if FRONT in tags and blocks:
        blocks[0].anchor = str(cell.get("id", ""))
    section = report.sections[-1]
    if ANSWER in tags:
        report.answer += blocks
        section.lifted = True
    elif DETAIL in tags:
        report.detail += blocks
        section.lifted = True
    elif HEADLINE in tags:
        report.headline += blocks
        section.blocks.append(Block("prose", Markup(f'<p class="aside">{ABOVE}</p>')))
    else:
        section.lifted = section.lifted or any(
            published_rows.MIME in output.get("data", {}) for output in cell["outputs"]
        )
        section.blocks += blocks
    section.blocks.append(Block("code", _highlighted(cell["source"]), name=str(cell.get("id", ""))))


def blocks_of(cell: Mapping[str, Any], *, lead: bool = False, own: bool = True) -> list[Block]:
    """What a page shows of an executed cell; `lead` sets the first sentence apart.

    Numbers lead to the rows of the notebook's `own` page; on another page they do not.
    """
    where = f"{CELL}{cell.get('id', '')}"
    return [block for output in cell["outputs"] for block in _output(output, where, lead=lead, own=own)]


def _output(output: Mapping[str, Any], where: str, *, lead: bool, own: bool) -> Iterator[Block]:
    """What a page shows of one output; `lead` sets the first sentence apart. Published numbers have their own table."""
    if output["output_type"] == "error":
        raise ValueError(f"{where} failed with {output['ename']}: {output['evalue']}; a failed run is not published")
    if output["output_type"] == "stream":
        yield _printed(output["text"])
        return
    data = output.get("data", {})
    if published_rows.MIME in data or published_rows.NEUTRAL_MIME in data:
        return
    if published_rows.EXPLORER_MIME in data:
        yield Block("explorer", explorer.piece(data[published_rows.EXPLORER_MIME]))
    elif pieces.MIME in data:
        yield Block("piece", data[pieces.MIME])
    elif chart_style.MIME in data:
        yield Block("chart", drawings.drawing(data[chart_style.MIME], where=where), name=where.removeprefix(CELL))
    elif any(kind.startswith("image/") or "vnd.vega" in kind for kind in data):
        raise ValueError(f"{where}: a picture without alternative text; show charts with charts.show")
    else:
        yield from _text_blocks(output, lead=lead, own=own)


def _text_blocks(output: Mapping[str, Any], *, lead: bool, own: bool) -> Iterator[Block]:
    """A table, with nothing in it but table markup, in a box of its own that scrolls; Markdown; or printed text."""
    data = output.get("data", {})
    if "text/html" in data:
        import bleach  # type: ignore[import-untyped]

        bare = re.sub(r"<(style|script)\b.*?</\1>", "", data["text/html"], flags=re.DOTALL | re.IGNORECASE)
        clean = bleach.clean(bare, tags=TAGS, attributes=ATTRIBUTES, strip=True)
        caption = re.search(r"<caption[^>]*>(.*?)</caption>", clean, flags=re.DOTALL)
        name = re.sub(r"<[^>]*>", "", caption[1]).strip() if caption else "Table"
        yield Block("output", Markup(BOX.format(html.escape(html.unescape(name)), with_labels(clean))))
    elif "text/markdown" in data:
        places = published_rows.places_of(output) if own else []
        text = linked(data.get("text/plain", ""), places) or as_written(data["text/markdown"])
        text = with_lead(text) if lead else text
        yield Block("output", Markup(markdown_html(text, top=3)))
    elif "text/plain" in data:
        yield _printed(data["text/plain"])


def _printed(text: str) -> Block:
    return Block("output", Markup(f'<pre class="printed" tabindex="0">{html.escape(text)}</pre>'))


def linked(text: str, places: Sequence[published_rows.NumberSpan]) -> str:
    """Markdown with a link from each number to its row among the published ones; empty where none stands in it."""
    if not places:
        return ""
    taken = [match.span() for match in LINK.finditer(text)]
    for place in reversed(places):
        if not any(start < place.end and place.start < end for start, end in taken):
            page = f"{place.notebook}.html" if place.notebook else ""
            number = text[place.start : place.end]
            text = f"{text[: place.start]}[{number}]({page}{NUMBER}{place.result_id}){text[place.end :]}"
    return text


def with_labels(table: str) -> str:
    """A table in which every cell says its heading, where a phone shows rows as cards: those that hold long words.

    Parameters
    ----------
    table : str
        Markup of one table; it stays as it is without one row of headings, or where cells are short. One of a single
        row is turned on its side.
    """
    head, body = re.search(r"<thead.*?</thead>", table, flags=re.DOTALL), table.rpartition("</thead>")[2]
    longest = max((len(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(CELLS, body)), default=0)
    if not head or head[0].count("<tr") != 1 or longest < WORDY:
        return table
    labels = [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(CELLS, head[0])]
    if len(labels) > MOST_LABELS:
        return table
    if body.count("<tr") == 1:  # a row for each of its cells: on a phone one row would fill the screen
        cells = zip(labels, re.findall(CELLS, body), strict=True)
        turned = "".join(f'<tr><th scope="row">{label}</th><td>{cell}</td></tr>' for label, cell in cells)
        return f"{table[: -len(body)].replace(head[0], '')}<tbody>{turned}</tbody></table>"
    marks = ["", *(f' data-label="{label}"' if label else "" for label in labels[1:])]

    def labelled(row: re.Match[str]) -> str:
        following = iter(marks)
        cells = re.sub(r"<t[dh](?=[ >])", lambda cell: cell[0] + next(following, ""), row[0])
        return re.sub(r"<td(?=[^>]*>\s*–\s*</td>)", "<td data-none", cells)  # a dash tells nothing under its label

    rows = re.sub(r"<tr.*?</tr>", labelled, body, flags=re.DOTALL)
    opened = re.sub(r'^<table(?: class="([^"]*)")?>', r'<table class="\1 cards">', table[: -len(body)])
    return opened.replace('class=" cards"', 'class="cards"') + rows


@lru_cache(maxsize=512)  # estimates stand on the pages of every scenario
def _highlighted(source: str) -> Markup:
    from IPython.lib.lexers import IPython3Lexer
    from pygments import highlight
    from pygments.formatters import HtmlFormatter

    return Markup(highlight(source or " ", IPython3Lexer(), HtmlFormatter(nowrap=True)))


def number_charts(shown: Iterable[Block]) -> None:
    """Number the charts of a page, and tell apart those of one cell: its name is their anchor, and stays."""
    taken: dict[str, int] = {}
    for number, block in enumerate(shown, 1):
        block.number = number
        place = taken[block.name] = taken.get(block.name, 0) + 1
        block.name = block.name if place == 1 else f"{block.name}-{place}"


def slug(text: str) -> str:
    """`text` as an anchor: lower case, words joined by hyphens."""
    return SLUG.sub("-", text.lower()).strip("-") or "section"


class _Renderer(mistune.HTMLRenderer):
    """Headings one level down and with anchors; tables and equations scroll in boxes of their own; no pictures."""

    def __init__(self, top: int) -> None:
        super().__init__(escape=True)
        self.top = top

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        depth = min(max(level, self.top), 6)
        anchor = f' id="{slug(unescape(re.sub("<[^>]*>", "", text)))}"' if depth == self.top else ""
        return f"<h{depth}{anchor}>{text}</h{depth}>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        return f'<pre tabindex="0"><code>{html.escape(code, quote=False)}</code></pre>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if NUMBER not in url:
            return str(super().link(text, url, title))
        return f'<a class="said" href="{html.escape(url)}" title="{MADE}">{text}</a>'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        raise ValueError(f"Markdown cell shows the picture {url!r}: pages hold charts only, use charts.show")


@lru_cache(maxsize=512)  # what a notebook says stands on the pages of every scenario
def markdown_html(text: str, *, top: int = 2) -> str:
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
    markup = str(_markdown(top)(text))
    markup = re.sub(r"<thead>\s*<tr>(\s*<th[^>]*></th>)+\s*</tr>\s*</thead>\s*", "", markup)
    markup = re.sub(r"<th[^>]*></th>", "<td></td>", markup)
    tables = re.compile(r"<table>.*?</table>", re.DOTALL)
    return tables.sub(lambda table: BOX.format("Table", with_labels(table[0])), markup)


@cache
def _markdown(top: int) -> mistune.Markdown:
    return mistune.create_markdown(renderer=_Renderer(top), plugins=["table", "strikethrough"])


def plain(text: str) -> str:
    """The words of `text`, without marks."""
    return unescape(" ".join(re.sub(r"<[^>]*>", "", markdown_html(text)).split()))


def headings(text: str, level: int) -> Iterator[str]:
    """Text of each heading of exactly `level` in a Markdown source."""
    texts = re.findall(rf"^{'#' * level} +(.+?)\s*#*$", text, flags=re.MULTILINE)
    yield from texts


def with_lead(text: str) -> str:
    """`text` with the first sentence of its first paragraph as a paragraph of its own."""
    first, gap, rest = text.strip().partition("\n\n")
    for end in SENTENCE_END.finditer(first):
        whole = first[: end.start()]
        if len(whole) >= SHORTEST_SENTENCE and whole.count("**") % 2 == 0:
            return f"{whole}\n\n{first[end.end() :]}{gap}{rest}"
    return text
