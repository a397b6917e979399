"""How a published number came about, followed back from an edition: what shows it, what made it, what would move it.

All of it is read from the executed notebooks of the edition: the book noted the making when the number was added
(:mod:`tradeexposure.reporting.result_lineage`), and what shows a number is looked up in the outputs.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from operator import itemgetter
from pathlib import Path
from textwrap import shorten
from typing import Any

from tradeexposure.core import paths, published_rows, units
from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import SENTENCE_END, as_written
from tradeexposure.publishing import manifest
from tradeexposure.publishing.provenance.lineage import Basis, EditionLineage, described_tables
from tradeexposure.reporting import chart_style, result_lineage
from tradeexposure.reporting.numbers import number as number_of

VERSION = "1"  # of docs/schemas/explanation-1.json; another number once a reader of this one would misread it
PUBLISHED = ("value", "low", "high", "level")
MOST = 3  # sentences, charts and assumptions that are named
LETTERS = 200  # of a sentence, where it is told which say a number
SHOWN = 2  # digits of a number at an end of an assumption
PACKAGE = "lib/tradeexposure/"  # where functions lie
ENDS = re.compile(r"scenario\.sensitivity\.(?P<output>\w+)\.(?P<prior>\w+)\.at_(?P<end>low|high)")
CHART_DIGITS = 4  # of numbers in a chart's data
ROW = re.compile(r"^\| (A\d+) \| (.+?) \|.*\| ([^|]*) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """Where a number is to be seen: notebook, cell, and the words (a sentence, or a chart's title)."""

    notebook: str
    cell: str
    words: str

    def __str__(self) -> str:
        return f"{shorten(self.words, LETTERS, placeholder=' …')} ({self.notebook}, cell {self.cell})"


@dataclass(frozen=True, repr=False)
class Explanation:
    """How a number came about."""

    #: What it is; `written` is value and range with their unit.
    result_id: str
    label: str
    written: str
    method: str
    #: Where it is made, and the address of its row on the page.
    notebook: str
    cell: str
    page: str
    #: What shows it; `printed` are the cells with a table that holds it, the one of all published numbers last.
    sentences: tuple[Shown, ...]
    charts: tuple[Shown, ...]
    printed: tuple[Shown, ...]
    #: The function whose result it is (with its place in the package), and those that made what it rests on.
    function: str
    steps: tuple[str, ...]
    #: What it rests on, each in a line with its source; facts share one by party, and so do priors.
    tables: tuple[str, ...]
    facts: tuple[str, ...]
    assumptions: tuple[str, ...]
    #: Names of what it rests on by itself, and of what it rests on through earlier numbers alone.
    basis: Basis
    further: Basis
    moved_by: tuple[str, ...]  #: What would move it.

    def __repr__(self) -> str:
        return f"<Explanation of {self.result_id}: {self.written}; made in {self.notebook}, cell {self.cell}>"

    def __str__(self) -> str:
        steps = ", ".join(step.removeprefix(PACKAGE) for step in self.steps)
        further = {"policy facts" if kind == "facts" else kind: [name.removeprefix(":") for name in names]
                   for kind, names in vars(self.further).items()}  # fmt: skip
        parts = {
            "said in": map(str, self.sentences), "drawn in": map(str, self.charts), "tabled in": map(str, self.printed),
            "made in": [f"notebooks/{self.notebook}.ipynb, cell {self.cell}"],
            "function": [self.function or "computed in the cell"], "after": [steps], "tables": self.tables,
            "policy facts": self.facts, "assumptions": self.assumptions, "choices": [", ".join(self.basis.choices)],
            "earlier numbers": [name.removeprefix(":") for name in self.basis.numbers],
            "through these": [f"{kind}: {', '.join(names)}" for kind, names in further.items() if names],
            "would move": self.moved_by, "page": [self.page],
        }  # fmt: skip
        lines = [f"{self.label}: {self.written}", f"  {self.result_id}" + (f"; {self.method}" if self.method else "")]
        for name, items in parts.items():
            lines += [f"{'' if place else name:<16}{line}" for place, line in enumerate(filter(None, items))]
        return "\n".join(lines)


def number(result_id: str, folder: Path) -> tuple[Mapping[str, Any], str]:
    """The row of a published number, with its digits, and how it is written.

    Raises
    ------
    BadInput
        No such number, with the closest ones.
    """
    record, frame = manifest.edition(folder), manifest.numbers(folder).set_index("result_id", drop=False)
    if result_id not in frame.index:
        beside = [path.parent.name for path in sorted(folder.absolute().parent.glob(f"*/{manifest.RESULTS}"))
                  if f"\n{result_id}," in path.read_text("utf-8", errors="replace")]  # fmt: skip
        close = get_close_matches(result_id, frame.index, n=MOST, cutoff=0.4)
        allowed = (
            f"a number of {record['scenario']}; it is one of {', '.join(beside)}: give --edition" if beside else ""
        )
        raise BadInput("ID", found=result_id, allowed=allowed or ", ".join(close) or "an identifier of docs/results.md")
    row = {str(key): value for key, value in frame.loc[result_id].items()}
    row["digits"] = record.get("digits", {}).get(result_id)
    written = manifest.written(row)
    return row, written["value"] + (f" ({written['range']})" if written["range"] else "")


def explain(result_id: str, folder: Path) -> Explanation:
    """How a number of an edition came about.

    Raises
    ------
    BadInput
        No such edition or number, or an edition of a version that did not note how numbers are made.
    """
    edition = EditionLineage(folder)
    row, written = number(result_id, folder)
    name, books = str(row["notebook"]), edition.books
    if result_id not in edition.makings:
        again = f"type: tradeexposure run {edition.scenario}"
        raise BadInput(paths.relative(folder), result_id, found="no note of how it is made", allowed=again)
    making, value = edition.makings[result_id][1], written.partition(" (")[0]
    cells, published = result_lineage.in_notebook(books[name])[2].get(result_id, ()), number_of(row)
    rounded = [published.at(digits) for digits in range(1, published.digits + 1)]  # a sentence may say fewer, no sign
    spellings = {text for each in rounded for text in (each.text, each.range, each.size.text, each.size.range) if text}
    sentences = _saying(name, books[name], value, cells, spellings)
    if re.search(r"C\$|[a-z]", value):  # of later notebooks; a bare share or count would be chance
        sentences += [shown for later, book in books.items() if later > name for shown in _saying(later, book, value)]
    own, whole = edition.direct(result_id), edition.whole(result_id)
    priors = [f"priors: {', '.join(own.priors)}"] if own.priors else []
    return Explanation(
        result_id, str(row["label"]), written, str(row["method"]), name,
        result_lineage.cell_of(books[name], making.cell),
        f"{paths.relative(folder)}/{name}.html#number-{result_id}", tuple(sentences[:MOST]),
        tuple(_drawing(name, books[name], float(row["value"])))[:MOST],
        _printing(name, books[name], result_id, value),
        result_lineage.placed(making.function), tuple(map(result_lineage.placed, making.steps)), _tables(own.tables),
        _facts(own.facts), (*priors, *_register(making, own.priors)),
        own, whole - own, _moved_by(edition, result_id),
    )  # fmt: skip


def _saying(
    name: str, notebook: Mapping[str, Any], value: str, cells: Any = (), spellings: Collection[str] = ()
) -> list[Shown]:
    """Sentences of the `cells` that were noted to say a number, in any spelling; then those of others that hold it."""
    ranked = []
    for cell in notebook["cells"]:
        noted = result_lineage.digest("".join(cell["source"])) in cells
        # No part of a longer number; `a year` may be left out.
        bare = "|".join(re.escape(text.removesuffix(" a year")) for text in ({value, *spellings} if noted else {value}))
        written = re.compile(rf"(?<![\d.,{units.MINUS}])(?:{bare})(?![\d%])(?![.,]\d)")
        texts = (as_written("".join(output.get("data", {}).get("text/markdown", ""))).replace("**", "")
                 for output in cell.get("outputs", []))  # fmt: skip
        sentences = (" ".join(part.split()) for text in texts for part in SENTENCE_END.split(text))
        ranked += [(not noted, Shown(name, str(cell["id"]), sentence)) for sentence in sentences
                   if written.search(sentence)]  # fmt: skip
    return [shown for _, shown in sorted(ranked, key=itemgetter(0))]


def _drawing(name: str, notebook: Mapping[str, Any], value: float) -> Iterator[Shown]:
    """Charts of the notebook that draw a number: to three digits, as estimates are published with fewer than drawn."""
    wanted = units.significant(units.significant(value, CHART_DIGITS), 3)
    for cell, spec in published_rows.shown(notebook, chart_style.MIME) if value else ():
        cells = (each for rows in chart_style.data_sets(spec).values() for row in rows for each in row.values())
        numbers = (each for each in cells if isinstance(each, int | float) and not isinstance(each, bool))
        if any(units.significant(float(each), 3) == wanted for each in numbers):
            yield Shown(name, str(cell["id"]), " ".join(str(spec.get("usermeta", {}).get("title", "")).split()))


def _printing(name: str, notebook: Mapping[str, Any], result_id: str, value: str) -> tuple[Shown, ...]:
    """Tables with a cell that holds the number; the table of published numbers also has its identifier."""
    texts = {value, re.sub(r" (?:kt|vehicles|a year|per \w+|points|months)\b", "", value)}
    wanted = re.compile(rf"<td[^>]*>\s*(?:{'|'.join(map(re.escape, map(html.escape, texts)))})\s*</td>")
    tables: list[Shown] = []
    last: list[Shown] = []
    for cell, content in published_rows.shown(notebook, "text/html"):
        text = "".join(content)
        if wanted.search(text):
            caption = re.search(r"<caption[^>]*>(.*?)</caption>", text, flags=re.DOTALL)
            title = html.unescape(re.sub(r"<[^>]*>", "", caption[1])).strip() if caption else "Table"
            own = f">{result_id}<" in text
            (last if own else tables).append(Shown(name, str(cell["id"]), title))
    return (*tables[: MOST - 1], *last)


def _tables(names: tuple[str, ...]) -> tuple[str, ...]:
    from tradeexposure import data

    if not names:
        return ()
    lines = []
    for row in data.sources(sorted(set(names) & set(data.names()))).to_dict("records"):
        by = ", ".join(filter(None, (str(row["publisher"]), str(row["table_number"]))))
        lines.append(f"{row['name']}: {row['title']} ({by}; vintage {row['vintage']})")
    return tuple(lines)


def _facts(names: tuple[str, ...]) -> tuple[str, ...]:
    """A line for each party whose measures they are."""
    from tradeexposure.policy import tariff_schedule

    measures = {measure.id: measure for measure in tariff_schedule.all_measures().held}
    by_party: dict[str, list[str]] = {}
    for name in names:
        by_party.setdefault(tariff_schedule.vocabulary().parties[measures[name].imposer], []).append(name)
    return tuple(f"{party}: {', '.join(ids)}" for party, ids in by_party.items())


def _register(making: result_lineage.Lineage, priors: Collection[str]) -> tuple[str, ...]:
    """Assumptions of the register that name one of the functions; of those that name priors too, one of `priors`."""
    from tradeexposure.policy import assumptions

    path, known = paths.path("ASSUMPTIONS.md"), set(assumptions.load())
    functions = [function.partition(":") for function in (making.function, *making.steps) if function]
    ends = {f"{module.rpartition('.')[2]}.py:{name}" for module, _, name in functions}  # as the register names them
    rows = ROW.findall(path.read_text("utf-8")) if path.is_file() else []
    named = [(key, text, {part.rpartition("/")[2] for part in re.findall(r"`([^`]+)`", used)})
             for key, text, used in rows]  # fmt: skip
    return tuple(f"{key}: {text.partition(' | ')[0]}" for key, text, used in named
                 if used & ends and (not used & known or used & {*priors}))  # fmt: skip


def _moved_by(edition: EditionLineage, result_id: str) -> tuple[str, ...]:
    """What would move a number: first the assumptions whose ends are published for it, the strongest first."""
    kinds = {"tables": "a revision of a table", "facts": "another rate or day of a policy fact",
             "priors": "other values of an assumption", "choices": "another choice in data/studies.yml",
             "numbers": "another earlier number"}  # fmt: skip
    own, parts = edition.direct(result_id), result_id.split(".")
    headline = parts[2] if len(parts) == len(("scenario", "canola", "name")) and parts[0] == "scenario" else ""
    ends: dict[str, dict[str, Mapping[str, Any]]] = {}
    ways = [way for kind, way in kinds.items() if getattr(own, kind)]
    for key, row in edition.rows.items():
        end = ENDS.fullmatch(key)
        stem = end["output"].rstrip("s") if end else ""  # grower_income_change_cad of its growers' income
        if end and headline and (headline.startswith(stem) or stem.startswith(headline)):
            ends.setdefault(end["prior"], {})[end["end"]] = row
    pairs = [(prior, rows["low"], rows["high"]) for prior, rows in ends.items() if len(rows) == len(("low", "high"))]
    ranked = sorted(pairs, key=lambda pair: -abs(pair[2]["value"] - pair[1]["value"]))
    written = [(prior, *(units.write(end["value"], end["unit"], SHOWN) for end in both)) for prior, *both in ranked]
    strongest = [f"{prior}: {low} at its low end, {high} at its high end" for prior, low, high in written[:MOST]]
    return (*strongest, ", ".join((*ways, "another choice in the cells of its notebook")))


def as_json(explained: Explanation, folder: Path, *, version: str = VERSION) -> str:
    """An explanation of a number of the edition in `folder` for machines, as ``docs/schemas`` describes it.

    Raises
    ------
    BadInput
        A version that is not written.
    """
    from tradeexposure.policy import assumptions, tariff_schedule

    if version != VERSION:
        raise BadInput("--schema", found=version or "nothing", allowed=VERSION)
    edition = EditionLineage(folder)
    row, own = edition.rows[explained.result_id], explained.basis
    places = {"sentence": explained.sentences, "chart": explained.charts, "table": explained.printed}
    measures = {measure.id: measure for measure in tariff_schedule.all_measures().held}
    known = assumptions.load()
    content = {
        "schema": f"explanation-{VERSION}",
        "edition": edition.scenario,
        "id": explained.result_id,
        **{name: None if math.isnan(row[name]) else row[name] for name in PUBLISHED},
        **{name: str(row[name]) for name in ("label", "unit", "period", "geography", "method")},
        "written": explained.written,
        "made_in": {"notebook": f"notebooks/{explained.notebook}.ipynb", "cell": explained.cell,
                    "function": explained.function, "steps": list(explained.steps)},
        "shown": [{"as": kind, "notebook": place.notebook, "cell": place.cell, "words": place.words}
                  for kind, shown in places.items() for place in shown],
        "rests_on": {**_listed(own), "tables": described_tables(own.tables, edition.record),
                     "facts": [{"id": name, "title": measures[name].title, "instrument": measures[name].instrument}
                               for name in own.facts],
                     "priors": [{"name": name, "title": known[name].title, "evidence": known[name].evidence}
                                for name in own.priors]},
        "through_earlier_numbers": _listed(explained.further),
        "page": explained.page,
    }  # fmt: skip
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def _listed(basis: Basis) -> dict[str, Any]:
    return {kind: list(names) for kind, names in vars(basis).items()}
