"""The front page: what the notebook that compares says, then what can be taken along, and the editions by name.

It knows no economics: cells tagged `front` are placed in the notebook's order, each under the heading it stands below,
after the answer. A cell that is tagged `half` too shares its line with the next such one. One tagged `lead` says what
the page begins with in the answer's place; those tagged `today` too stand under it, on the first screen, and then the
answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tradeexposure.core.text import SENTENCE_END, as_written
from tradeexposure.policy import duty_tables
from tradeexposure.publishing import explorer, manifest, page_model
from tradeexposure.publishing.manifest import RESULTS, PublishedEdition
from tradeexposure.publishing.page_model import ANSWER, FRONT, Block
from tradeexposure.publishing.reuse import citing

if TYPE_CHECKING:
    from nbformat import NotebookNode

HALF, LEAD, TODAY = "half", "lead", "today"
#: Files of an edition that a reader may take along, by how their names end: what is not there is not offered.
TAKEN = {
    ".pdf": "The brief on two pages (PDF)",
    "_brief.html": "The brief as a page",
    ".xlsx": "All results (Excel)",
    RESULTS: "All results (CSV)",
    ".zip": "All charts (SVG, PNG)",
}


@dataclass
class Part:
    """A heading of the front page and what stands below it; `anchor` is the cell's id."""

    title: str
    anchor: str
    blocks: list[Block]
    half: bool = False
    today: bool = False


@dataclass
class Front:
    """What a notebook gives the front page: one sentence, the paragraphs under it, and the parts.

    `lead` is the sentence that the page begins with instead, and `status` what stands under it.
    """

    claim: str = ""
    story: list[Markup] = field(default_factory=list)
    lead: str = ""
    status: list[Markup] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    @property
    def description(self) -> str:
        """The claim and the sentence after it: a search page or a link's card shows no gain without the other."""
        after = " ".join(self.story[0].striptags().split()) if self.story else ""
        return " ".join(filter(None, (self.claim, SENTENCE_END.split(after)[0])))

    @property
    def title(self) -> str:
        """What the page begins with."""
        return self.lead or self.claim

    @property
    def blocks(self) -> list[Block]:
        """All that stands below headings."""
        return [block for part in self.parts for block in part.blocks]

    @property
    def explores(self) -> bool:
        """Whether the page holds an explorer."""
        return any(block.kind == "explorer" for block in self.blocks)


def of(editions: Sequence[PublishedEdition]) -> PublishedEdition | None:
    """The edition whose notebook makes the front page: the newest of those that have one; None without any."""
    candidates = [edition for edition in editions if edition.record.get("compares") and _notebook(edition).is_file()]
    return max(candidates, key=lambda edition: (edition.finished, edition.name), default=None)


def _notebook(edition: PublishedEdition) -> Path:
    return edition.folder / f"{edition.record['compares'][0]}.ipynb"


def read(notebook: NotebookNode) -> Front:
    """The front page in an executed notebook.

    Raises
    ------
    ValueError
        No answer, a failed cell, or a chart without alternative text.
    """
    front, title = Front(), ""
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            title = next(page_model.headings(cell.source, 2), title)
        elif ANSWER in tags:
            front.claim, front.story = _said(cell)
        elif LEAD in tags:
            front.lead, front.status = _said(cell)
        elif FRONT in tags:
            blocks = page_model.blocks_of(cell, own=False)
            part = Part(page_model.plain(title), str(cell.id), blocks, HALF in tags, TODAY in tags)
            if front.parts and front.parts[-1].title == part.title and blocks:
                blocks[0].anchor = part.anchor  # which it keeps under the heading of the part before it
                front.parts[-1].blocks += blocks
            else:
                front.parts.append(part)
    if not front.claim:
        raise ValueError("no answer: tag the cell that says it with 'answer' (book.say) and run the notebook")
    page_model.number_charts(block for block in front.blocks if block.kind == "chart")
    return front


def _said(cell: NotebookNode) -> tuple[str, list[Markup]]:
    """The first paragraph that a cell says, without marks, and the others."""
    texts = [
        as_written(output["data"]["text/markdown"]) for output in cell.outputs if "text/markdown" in output["data"]
    ]
    first, *rest = "\n\n".join(texts).split("\n\n")
    return page_model.plain(first), [Markup(page_model.markdown_html(paragraph)) for paragraph in rest]


def pages(
    edition: PublishedEdition, listed: Sequence[Mapping[str, Any]], over: Mapping[str, str], languages: Sequence[str]
) -> dict[str, str]:
    """The whole page, language → HTML.

    Parameters
    ----------
    edition : PublishedEdition
        As of :func:`of`.
    listed : sequence of mapping
        Manifests of all editions, each with `folder` (relative to the page), in the order of the page.
    over : mapping
        Addresses of what stands over all editions.
    languages : sequence of str
        As of ``page.stamped``.

    Raises
    ------
    ValueError
        As of :func:`read`, or a page that would fetch something or is too big.
    """
    import nbformat

    from tradeexposure.publishing import page as publishing_page

    front = read(nbformat.read(_notebook(edition), as_version=4))
    there = sorted(path.name for path in edition.folder.iterdir())
    model = {**publishing_page.LISTED, **_model(front, edition, listed, there), "over": over}
    scripts = (*publishing_page.OF_CHARTS, *([publishing_page.COUNTING] if front.lead else ()),
               *(explorer.SCRIPTS if front.explores else ()))  # fmt: skip
    charts = [block.content for block in front.blocks if block.kind == "chart"]
    texts = publishing_page.alone("index", model, languages, template="front", own=scripts, charts=charts)
    for names in (manifest.PRINTED_IN, manifest.CARD_IN):
        if manifest.FRENCH in texts and names[manifest.FRENCH] in there:
            french = texts[manifest.FRENCH]
            texts[manifest.FRENCH] = french.replace(f'/{names[manifest.ENGLISH]}"', f'/{names[manifest.FRENCH]}"')
    return texts


def _model(
    front: Front, edition: PublishedEdition, listed: Sequence[Mapping[str, Any]], there: Sequence[str]
) -> dict[str, Any]:
    """What the page shows; `there` are names of the edition's files."""
    own = next(entry for entry in listed if entry["scenario"] == edition.name)
    notebook, vintages = edition.record["compares"][0], [*edition.record.get("vintages", {}).values()]
    since = edition.record.get(manifest.RUN, {}).get("since") or None
    if since:  # one of the same day is not named by it
        before = _day(since["finished"])
        since = {**since, "day": before if before != _day(edition.finished) else ""}
    file = f"{own['folder']}/{notebook}.html"
    return {
        "front": front,
        "cite": partial(
            citing.citation, page=front.title, edition=edition.name, file=file, data=citing.data_to(vintages)
        ),
        "credit": f"{citing.computed(edition.name, vintages)} {citing.REUSE_OWN}",
        "description": front.description,
        "card": f"{own['folder']}/{manifest.CARD}" if manifest.CARD in there else "",
        "edition": {**own, "notebook": notebook, "day": _day(edition.finished)},
        "folder": own["folder"],
        "since": since,
        "files": taken(there),
        "drawn": {},  # numbers of charts are on notebooks' pages
        "briefs": {entry["scenario"]: f"{entry['folder']}/{entry['pages'][-1]['file']}" for entry in listed},
        "editions": listed,
    }


def _day(finished: str) -> str:
    """The day of an ISO time as a sentence writes it; empty for none."""
    return duty_tables.long_day(date.fromisoformat(finished[:10])) if finished else ""


def taken(names: Iterable[str]) -> list[tuple[str, str]]:
    """Words and name of each file of an edition, of all its `names`, that a reader may take along."""
    return [(label, name) for end, label in TAKEN.items() for name in names
            if name.endswith(end) and name != manifest.PRINTED_IN[manifest.FRENCH]]  # fmt: skip
