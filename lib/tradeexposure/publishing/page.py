"""Executed notebooks as pages: one file each, nothing fetched, the answer first."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

from markupsafe import Markup, escape

from tradeexposure.core import published_rows
from tradeexposure.core.text import day_in_words
from tradeexposure.publishing import explorer, manifest, template_files
from tradeexposure.publishing.manifest import ENGLISH, FRENCH
from tradeexposure.publishing.provenance import structured_data
from tradeexposure.publishing.reuse import citing
from tradeexposure.reporting import result_lineage

if TYPE_CHECKING:
    import pandas as pd
    from nbformat import NotebookNode

    from tradeexposure.publishing.drawings import Drawing
    from tradeexposure.publishing.page_model import Block

INDEX = "index.html"
IN_FULL, BY_NAME = 40, 2_000  # editions listed with their pages; of more than these so many by name
LISTED = {"most": IN_FULL, "named": BY_NAME}
COUNTING = "counting.js"  # days to the dates of a page, from the reader's own
DRAWN_SHOWN = 2  # results named under a chart; more are folded
TOLD = ("label", "value", "low", "high", "unit")  # what a reader sees of them
LIMIT_BYTES = 2_000_000
#: Of an edition: its scenario, which any page of an estimate names, and what stands in the run stamp alone.
SCENARIO = ("scenario", "title", "question")
STAMP_ALONE = frozenset({"source", "commit", "parameters", "packages", "vintages"})
MARK, FIRST_MARK = "\N{OBJECT REPLACEMENT CHARACTER}", 0xE000  # in the place of either until it is known
MARKS = re.compile(f"{MARK}[{chr(FIRST_MARK)}-\uf8ff]")
NAMES_CARD = re.compile(r'<meta property="og:image"[^>]*>\n?')  # for who shows a link to a page
OF_CHARTS = ("save_chart.js", "hover.js")  # scripts of a page whose charts are used and pointed at
REVIEW_BYTES = 60_000_000  # drawings of two editions side by side, looked at on the machine that made them
REQUEST = re.compile(r"""<(?:script|img|source|iframe|link(?! rel="alternate" )|object|embed)[^>]*"""
                     r"""\s(?:src|href|srcset)=["'](?!data:)""")  # fmt: skip
HAN = re.compile("[\u3400-\u9fff]")
#: What is left as it is, or Chinese characters with the digits between them.
CHINESE = re.compile(r"(<(?:script|style|title)\b.*?</(?:script|style|title)>|<[^>]*>)"
                     r"|([\u3400-\u9fff](?:[\u3400-\u9fff0-9]*[\u3400-\u9fff])?)", flags=re.DOTALL)  # fmt: skip


def stamped(marked: Mapping[str, str], edition: Mapping[str, Any]) -> dict[str, str]:
    """Pages of :func:`unstamped` with the run stamp of an edition and the words of its scenario; without `card` they
    name none.

    Two rebuilds differ in the element ``run-stamp`` alone.
    """
    filled = {}
    for language, page in marked.items():
        plain, text = {}, {}  # what stands for each mark: in the head, and where it names things, plain text
        for place, (name, value) in enumerate(later(edition)):
            written = markup = str(escape(value))
            if name in SCENARIO[1:] and language == FRENCH:
                from tradeexposure.publishing.languages import pages as french

                written, markup = french.words(value)
            plain[stand_in(place)], text[stand_in(place)] = written, _chinese(markup)
        head, end, body = page.partition("</head>")
        head = head if edition.get("card") else NAMES_CARD.sub("", head)
        filled[language] = structured_data.completed(_put(head, plain), language) + end + _put(body, text)
    return filled


def _put(text: str, values: Mapping[str, str]) -> str:
    """`text` with words in the place of its marks."""
    return MARKS.sub(lambda match: values.get(match[0], match[0]), text)


def without_stamp(edition: Mapping[str, Any]) -> dict[str, Any]:
    """What a page says of an edition apart from its run stamp and its scenario."""
    return {name: value for name, value in edition.items() if name not in {*STAMP_ALONE, *SCENARIO}}


def stand_in(place: int) -> str:
    """What stands for the words of a place in :func:`later`: no letter and no digit, so that all languages keep it."""
    return f"{MARK}{chr(FIRST_MARK + place)}"


def later(edition: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What stands as marks in a page of :func:`unstamped`: its run stamp, and the words of its scenario."""
    return [*stamp(edition), *((name, str(edition[name])) for name in SCENARIO if edition.get(name))]


def unstamped(
    notebook: NotebookNode,
    *,
    edition: Mapping[str, Any],
    sources: pd.DataFrame,
    results: pd.DataFrame,
    languages: Sequence[str] = (ENGLISH,),
) -> dict[str, str]:
    """The report of one executed notebook, language → page, with marks in the place of what the run stamp and the
    scenario say.

    Parameters
    ----------
    notebook : NotebookNode
        Executed; the cell tagged `answer` and the chart of the cell tagged `headline` go to the top.
    edition : mapping
        Stamp of the edition: `scenario` (name), `title`, `question`, `notebook` (stem), and what goes into the
        run stamp (`source`, `commit`, `parameters`, `packages`, `vintages`); optional are `facts`, a frame of the
        policy facts it takes as given, or `facts_page`, the address of the page that has it, and `measures`, that of
        the tracker, and `card`, that of the picture that stands for it.
    sources : DataFrame
        As of ``data.sources``.
    results : DataFrame
        As of ``results_csv.frame_of``.
    languages : sequence of str
        English, and any other that is wanted.

    Returns
    -------
    dict
        Whole HTML documents that ask nothing of the network; two rebuilds are the same.

    Raises
    ------
    ValueError
        A chart without alternative text, a cell that failed, no answer, or a page over 2 MB.
    """
    from tradeexposure.publishing import page_model

    marks = {name: stand_in(place) for place, (name, _) in enumerate(later(edition))}
    names, where = [name for name, _ in stamp(edition)], str(edition.get("notebook", "page"))
    edition = {**without_stamp(edition), **{name: marks[name] for name in SCENARIO if name in marks}}
    model, scenario = page_model.read(notebook), marks.get("scenario", "")
    rows, reach = _records(results), citing.data_to(sources["vintage"].astype(str))
    shown = {
        "report": model,
        "short": model.short,
        "edition": dict(edition),
        "facts": _facts(edition.get("facts")),
        "sources": _records(sources, missing=""),
        "makings": _makings(notebook),
        **_numbers(notebook, model.charts(), rows, sources, edition=scenario),
        "drawn_shown": DRAWN_SHOWN,
        "stamp": [(name, marks[name]) for name in names],
        "cite": partial(citing.citation, page=model.title, edition=scenario, file=f"{where}.html", data=reach),
        "credit": citing.credit(sources, edition=scenario),
        "reach": reach and day_in_words(reach),
        "structured": structured_data.of_notebook(_records(sources, missing="")),
        "description": model.lead,
        "card": edition.get("card", ""),
        "other": _in_french(f"{where}.html", languages),
    }
    own = (*OF_CHARTS, *(explorer.SCRIPTS if model.explores else ()))
    text = _whole("report.html.j2", shown, where=where, own=own)
    charts = [block.content for block in model.charts()]
    # A page that sums up, told by what it sets apart for other pages, is said whole in each language.
    working = not any({"front", "print"} & {*cell.metadata.get("tags", ())} for cell in notebook.cells)
    return in_languages(text, languages, charts=charts, where=where, working=working)


def _records(frame: pd.DataFrame, *, missing: str | None = None) -> list[dict[str, Any]]:
    """Rows as plain values, with `missing` for those that are not there; for the few here pandas takes longer."""
    names = list(map(str, frame))
    rows = zip(*(frame[name].tolist() for name in names), strict=True)
    if missing is None:
        return [dict(zip(names, row, strict=True)) for row in rows]
    return [{name: missing if cell is None or cell != cell else cell for name, cell in zip(names, row, strict=True)}
            for row in rows]  # fmt: skip


def _in_french(name: str, languages: Sequence[str]) -> str:
    """Where the page beside this one is, in the other language; empty without one."""
    return manifest.address(name, FRENCH) if FRENCH in languages else ""


def in_languages(
    text: str,
    languages: Sequence[str],
    *,
    charts: Sequence[Drawing] = (),
    where: str,
    working: bool = False,
    stays: Callable[[str], bool] = lambda address: False,
) -> dict[str, str]:
    """A page in English, and beside it in the other `languages`; `charts` and the rest as ``languages.pages`` has them.

    Raises
    ------
    ValueError
        A page that would fetch something, or is too big.
    """
    texts = {ENGLISH: text}
    if FRENCH in languages:
        from tradeexposure.publishing.languages import pages as translation

        french = translation.french(text, charts=charts, working=working, stays=stays)
        page = _chinese(french.page).replace(f'content="{manifest.CARD}"', f'content="{manifest.CARD_IN[FRENCH]}"')
        texts[FRENCH] = structured_data.completed(page, FRENCH)
        _refuse(texts[FRENCH], f"{where} in French")
    return texts


def _makings(notebook: NotebookNode) -> dict[str, Any]:
    """How the numbers of a page are made, each way once, and number → its way; empty where nothing was noted."""
    from tradeexposure.policy import tariff_schedule

    by, of, _ = result_lineage.in_notebook(notebook)
    ways = [
        {"cell": result_lineage.cell_of(notebook, making.cell), "function": result_lineage.placed(making.function),
         "steps": [result_lineage.placed(step) for step in making.steps], "tables": making.tables,
         "facts": tariff_schedule.ids_of(making.facts),
         "priors": making.priors, "choices": making.choices, "numbers": making.numbers}
        for making in by
    ]  # fmt: skip
    return {"ways": ways, "of": {key: place + 1 for key, place in of.items()}}


def _numbers(
    notebook: NotebookNode,
    charts: Iterable[Block],
    rows: Sequence[Mapping[str, Any]],
    sources: pd.DataFrame,
    *,
    edition: str,
) -> dict[str, Any]:
    """Published numbers as they are read: `headlines` in the order they are named, `others`, and those of each chart.

    By number of a chart `drawn` are the numbers it shows, `credits` who made its data.
    """
    read = {str(row["result_id"]): manifest.written(row) for row in rows}
    first = published_rows.leading(notebook.metadata.get("tradeexposure", {}).get("headline", ()), read)
    drawn, credits = {}, {}
    for block in charts:
        own = _numbers_of_chart(block, rows)
        drawn[block.number] = list(map(manifest.written, own))
        tables = _tables_of_chart(block, own)
        makers = sources[sources["name"].isin(tables or ())]
        credits[block.number] = (
            "" if tables is None else citing.credit(makers, edition=edition, message=citing.OF_CHART)
        )
    others = [row for key, row in read.items() if key not in first]
    return {"headlines": [read[key] for key in first], "others": others, "drawn": drawn, "credits": credits}


def _tables_of_chart(chart: Block, own: Sequence[Mapping[str, Any]]) -> Collection[str] | None:
    """Tables behind a chart: those of its `own` numbers where each names some, else those that its cell read.

    None where neither is known, of a chart of earlier notebooks' numbers: the page's credit holds then.
    """
    tables = [str(row["tables"] or "").split("; ") for row in own]
    if tables and all(map(all, tables)):
        return {name for names in tables for name in names}
    return cast("list[str] | None", chart.content.source.get("usermeta", {}).get("tables"))


def _numbers_of_chart(chart: Block, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows of the published numbers that a chart shows: those it names, and those found in its data.

    Of several that say the same, the first.

    Raises
    ------
    ValueError
        A name that no number has.
    """
    shown = set(citing.drawn_numbers(chart.content.data, rows))
    for name in chart.content.results:
        identifiers = fnmatch.filter((str(row["result_id"]) for row in rows), name)
        if not identifiers:
            raise ValueError(f"chart {chart.content.title!r} shows {name}, which was not published")
        shown.update(identifiers)
    distinct: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in rows:
        if row["result_id"] in shown:
            distinct.setdefault(tuple(row[part] for part in TOLD), row)
    return list(distinct.values())


def index(
    editions: Sequence[Mapping[str, Any]],
    *,
    over: Mapping[str, str] | None = None,
    languages: Sequence[str] = (ENGLISH,),
) -> dict[str, str]:
    """``reports/index.html`` where no notebook makes it: the editions by name; language → page.

    Parameters
    ----------
    editions : sequence of mapping
        As of :func:`newest_first`.
    over : mapping, optional
        Addresses of what stands over all editions: `measures`, and of several `comparison` (pages) and `results` (a
        file).
    """
    shown = {"editions": editions, **LISTED, "over": dict(over or {})}
    return alone("index", shown, languages, template="index_without_front_page", own=())


def newest_first(editions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Manifests, each with `folder` (relative to the page), in the order of a list, and when each was `finished`."""
    by_name = sorted(editions, key=lambda edition: str(edition["scenario"]))
    listed = [{**edition, "finished": manifest.finished(edition)} for edition in by_name]
    return sorted(listed, key=itemgetter("finished"), reverse=True)


def alone(
    name: str,
    model: Mapping[str, Any],
    languages: Sequence[str],
    *,
    template: str = "",
    own: Sequence[str] | None = None,
    charts: Sequence[Drawing] = (),
) -> dict[str, str]:
    """A page over editions, language → page, of ``NAME.html.j2`` and ``NAME.js``, or another `template` and `own`
    scripts.

    Its model has a `description`, or an `answer` that describes it, and of `editions` that it leads to `folder` and
    `languages`.
    """
    where = f"{name}.html"
    english = {each["folder"] for each in model.get("editions", ()) if FRENCH not in each.get("languages", ())}
    shown = {"index": INDEX, "description": model.get("answer"), **model, "other": _in_french(where, languages)}
    scripts = (f"{name}.js",) if own is None else own
    text = _whole(f"{template or name}.html.j2", shown, where=where, own=scripts)
    return in_languages(text, languages, charts=charts, where=where,
                        stays=lambda address: address.rpartition("/")[0] in english)  # fmt: skip


def changes(model: Mapping[str, Any]) -> str:
    """The page that says what changed between editions, from the model of ``edition_comparison.as_html``."""
    return _whole("changes.html.j2", dict(model), where="the comparison of editions")


def review(model: Mapping[str, Any]) -> str:
    """The page that says what a vintage would change before it is put in force, from ``refresh.review``."""
    return _whole("review.html.j2", dict(model), where="the review", most=REVIEW_BYTES)


def _facts(facts: Any) -> dict[str, Any] | None:
    """A frame of policy facts as headings and rows; None when there is none."""
    if facts is None or len(facts) == 0:
        return None
    return {"headings": list(facts), "rows": [list(map(str, row.values())) for row in _records(facts, missing="")]}


def stamp(edition: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a page says about the run that made it."""
    source = edition.get("source", {})
    digest = source.get("digest", "") if isinstance(source, Mapping) else source
    listed = {
        "Scenario": edition.get("scenario", ""),
        "Parameters": _pairs(edition.get("parameters", {})),
        "Sources": digest,
        "Commit before it": edition.get("commit", ""),
        "Finished": manifest.finished(edition),
        "Packages": _pairs(edition.get("packages", {})),
        "Data vintages": _pairs(edition.get("vintages", {})),
    }
    return [(name, str(text)) for name, text in listed.items() if text]


def _pairs(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    nested = any(isinstance(item, Mapping) for item in value.values())
    return ("; " if nested else ", ").join(
        f"{key}: {_pairs(item) or 'none'}" if isinstance(item, Mapping) else f"{key} {item}"
        for key, item in sorted(value.items())
    )


def _whole(
    template: str,
    shown: dict[str, Any],
    *,
    where: str,
    most: int = LIMIT_BYTES,
    own: Sequence[str] = (),
) -> str:
    """A document from a template, with its style and scripts inlined and allowed by their digests.

    `own` names scripts of the template's folder that this page has.
    """
    folder = template_files.folder()
    style = template_files.text(folder / "style.css")
    scripts = [template_files.text(folder / name) for name in own]
    allowed = " ".join(map(_digest, scripts)) or "'none'"
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src {_digest(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    inlined = {"style": Markup(style), "scripts": [Markup(script) for script in scripts], "policy": policy,
               **template_files.whom_to_ask()}  # fmt: skip
    filled = template_files.render(template, {"structured": structured_data.article(), **shown, **inlined})
    text = structured_data.completed(_chinese(filled), ENGLISH)
    _refuse(text, where, most)
    return text


def _refuse(text: str, where: str, most: int = LIMIT_BYTES) -> None:
    """ValueError for a page that would ask the network for something, or is too big to be mailed."""
    match = REQUEST.search(re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL))
    if match:
        raise ValueError(f"{where}: the page would fetch something: {match[0]}")
    if len(text.encode()) > most:
        raise ValueError(f"{where}: the page has {len(text.encode()):,} bytes, more than {most:,}; show fewer data")


@lru_cache(maxsize=16)
def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _chinese(page: str) -> str:
    """A page whose Chinese words, outside of tags, scripts and styles, say which language they are."""
    if not HAN.search(page):
        return page
    return CHINESE.sub(lambda match: match[1] or f'<span lang="zh">{match[2]}</span>', page)
