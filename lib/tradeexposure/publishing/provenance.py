"""How a published number came about, followed back from an edition: what shows it, what made it, what would move it.

All of it is read from the executed notebooks of the edition: the book noted the making when the number was added
(:mod:`tradeexposure.reporting.result_lineage`), and what shows a number is looked up in the outputs.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from tradeexposure.core import paths, units
from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import SENTENCE_END, as_written
from tradeexposure.publishing import manifest
from tradeexposure.reporting import result_lineage
from tradeexposure.reporting.numbers import number as number_of

ALL = "*"
MOST = 3  # sentences and charts that are named
CHART_DIGITS = 4  # of numbers in a chart's data
CHART = "application/vnd.vegalite.v5+json"
ROW = re.compile(r"^\| (A\d+) \| (.+?) \|.*\| ([^|]*) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """Where a number is to be seen: notebook, cell, and the words (a sentence, or a chart's title)."""

    notebook: str
    cell: str
    words: str


@dataclass(frozen=True, repr=False)
class Explanation:
    """How a number came about.

    Attributes
    ----------
    result_id, label, written, method
        What it is; `written` is value and range with their unit.
    notebook, cell, page
        Where it is made, and the address of its row on the page.
    sentences, charts, printed
        What shows it; `printed` are the cells with a table that holds it, the one of all published numbers last.
    function, steps
        The function whose result it is (with its place in the package), and those that made what it rests on.
    tables, facts, assumptions, choices, numbers
        What these read, each in a line with its source.
    moved_by
        What would move it.
    """

    result_id: str
    label: str
    written: str
    method: str
    notebook: str
    cell: str
    page: str
    sentences: tuple[Shown, ...]
    charts: tuple[Shown, ...]
    printed: tuple[Shown, ...]
    function: str
    steps: tuple[str, ...]
    tables: tuple[str, ...]
    facts: tuple[str, ...]
    assumptions: tuple[str, ...]
    choices: tuple[str, ...]
    numbers: tuple[str, ...]
    moved_by: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Explanation of {self.result_id}: {self.written}; made in {self.notebook}, cell {self.cell}>"

    def __str__(self) -> str:
        shown = [f"{sentence.words} ({sentence.notebook}, cell {sentence.cell})" for sentence in self.sentences]
        drawn = [f"{chart.words} ({chart.notebook}, cell {chart.cell})" for chart in self.charts]
        tabled = [f"{table.words} ({table.notebook}, cell {table.cell})" for table in self.printed]
        parts = {
            "said in": shown, "drawn in": drawn, "tabled in": tabled,
            "made in": [f"notebooks/{self.notebook}.ipynb, cell {self.cell}"],
            "function": [self.function or "computed in the cell"], "after": self.steps, "tables": self.tables,
            "policy facts": self.facts, "assumptions": self.assumptions, "choices": self.choices,
            "earlier numbers": self.numbers, "would move": self.moved_by, "page": [self.page],
        }  # fmt: skip
        lines = [f"{self.label}: {self.written}", f"  {self.result_id}" + (f"; {self.method}" if self.method else "")]
        for name, items in parts.items():
            lines += [
                f"{name if first else '':<16}{line}"
                for first, line in zip([True, *[False] * len(items)], items, strict=False)
            ]
        return "\n".join(lines)


def number(result_id: str, folder: Path) -> tuple[Mapping[str, Any], str]:
    """The row of a published number and how it is written; :class:`BadInput` with the closest ones where it is not."""
    from tradeexposure.publishing import page

    record, frame = manifest.edition(folder), manifest.numbers(folder).set_index("result_id", drop=False)
    if result_id not in frame.index:
        close = get_close_matches(result_id, frame.index, n=MOST, cutoff=0.4)
        raise BadInput("ID", found=result_id, allowed=", ".join(close) or "an identifier of docs/results.md")
    row = {str(key): value for key, value in frame.loc[result_id].items()}
    written = page.written({**row, "digits": record.get("digits", {}).get(result_id)})
    return row, written["value"] + (f" ({written['range']})" if written["range"] else "")


def explain(result_id: str, folder: Path) -> Explanation:
    """How a number of an edition came about.

    Raises
    ------
    BadInput
        No such edition or number, or an edition of a version that did not note how numbers are made.
    """
    from tradeexposure.policy import tariff_schedule

    row, written = number(result_id, folder)
    name = str(row["notebook"])
    executed = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    manifest.refuse_altered(folder, manifest.edition(folder), [path.name for path in executed])
    books = {path.stem: _read(path, path.stat().st_mtime_ns) for path in executed}
    by, of, cells_by_number = result_lineage.in_notebook(books[name])
    if result_id not in of:
        again = f"type: tradeexposure run {manifest.edition(folder)['scenario']}"
        raise BadInput(paths.relative(folder), result_id, found="no note of how it is made", allowed=again)
    making = by[of[result_id]]
    value = written.partition(" (")[0]
    cells = cells_by_number.get(result_id, ())
    sentences = [*_saying(name, books[name], value, cells, _spellings(row, folder)),
                 *_said_elsewhere(books, name, value)]  # fmt: skip
    making = replace(making, facts=tariff_schedule.ids_of(making.facts))
    facts, assumed = _facts(making.facts), (*_priors(making.priors), *_register(making))
    return Explanation(
        result_id, str(row["label"]), written, str(row["method"]), name,
        result_lineage.cell_of(books[name], making.cell),
        f"{paths.relative(folder)}/{name}.html#number-{result_id}", tuple(sentences[:MOST]),
        tuple(_drawing(books, name, float(row["value"])))[:MOST],
        _printing(name, books[name], result_id, value),
        result_lineage.placed(making.function), tuple(map(result_lineage.placed, making.steps)), _tables(making.tables),
        facts, assumed,
        making.choices, tuple(name.removeprefix(":") for name in making.numbers), _moved_by(making, folder),
    )  # fmt: skip


@lru_cache(maxsize=16)
def _read(path: Path, _: int) -> dict[str, Any]:
    return dict(json.loads(path.read_text("utf-8")))


def _texts(notebook: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Cells with the Markdown that they show."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/markdown")
            if text:
                yield cell, as_written("".join(text))


def _saying(
    name: str, notebook: Mapping[str, Any], value: str, cells: Any = (), spellings: Collection[str] = ()
) -> list[Shown]:
    """Sentences of the `cells` that were noted to say a number, in any spelling; then those of others that hold it."""
    ranked = []
    for cell, text in _texts(notebook):
        noted = result_lineage.digest("".join(cell["source"])) in cells
        meant = {value, *spellings} if noted else {value}
        ranked += [(not noted, Shown(name, str(cell["id"]), sentence)) for sentence in _sentences(text)
                 if any(_holds(sentence, spelling) for spelling in meant)]  # fmt: skip
    return [shown for _, shown in sorted(ranked, key=itemgetter(0))]


def _spellings(row: Mapping[str, Any], folder: Path) -> set[str]:
    """How a sentence may write a number: the value or its range, without the sign, at fewer digits."""
    published = number_of({**row, "digits": manifest.edition(folder).get("digits", {}).get(row["result_id"])})
    rounded = [published.at(digits) for digits in range(1, published.digits + 1)]
    written = (text for each in rounded for text in (each.text, each.range, each.size.text, each.size.range))
    return set(filter(None, written))


def _said_elsewhere(books: Mapping[str, Mapping[str, Any]], name: str, value: str) -> list[Shown]:
    """Sentences of later notebooks that hold a number with its unit; a bare share or count would be chance."""
    if not re.search(r"C\$|[a-z]", value):
        return []
    return [shown for later, book in books.items() if later > name for shown in _saying(later, book, value)]


def _sentences(text: str) -> list[str]:
    return [" ".join(part.split()) for part in SENTENCE_END.split(text.replace("**", ""))]


def _holds(sentence: str, value: str) -> bool:
    """Whether a written number stands in a sentence and is no part of a longer one; `a year` may be left out."""
    bare = value.removesuffix(" a year")
    return re.search(rf"(?<![\d.,{units.MINUS}]){re.escape(bare)}(?![\d%])(?![.,]\d)", sentence) is not None


def _drawing(books: Mapping[str, Mapping[str, Any]], name: str, value: float) -> Iterator[Shown]:
    """Charts of the notebook that draw a number."""
    wanted = units.significant(value, CHART_DIGITS)
    for cell in books[name]["cells"]:
        for output in cell.get("outputs", []):
            spec = output.get("data", {}).get(CHART)
            if spec and value and any(_close(drawn, wanted) for drawn in _numbers(spec.get("datasets", {}))):
                yield Shown(name, str(cell["id"]), " ".join(str(spec.get("usermeta", {}).get("title", "")).split()))


def _printing(name: str, notebook: Mapping[str, Any], result_id: str, value: str) -> tuple[Shown, ...]:
    """Tables with a cell that holds the number; the table of published numbers also has its identifier."""
    texts = {value, re.sub(r" (?:kt|vehicles|a year|per \w+|points|months)\b", "", value)}
    wanted = re.compile(rf"<td[^>]*>\s*(?:{'|'.join(map(re.escape, map(html.escape, texts)))})\s*</td>")
    tables: list[Shown] = []
    last: list[Shown] = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            text = "".join(output.get("data", {}).get("text/html", ""))
            if wanted.search(text):
                caption = re.search(r"<caption[^>]*>(.*?)</caption>", text, flags=re.DOTALL)
                title = html.unescape(re.sub(r"<[^>]*>", "", caption[1])).strip() if caption else "Table"
                own = f">{result_id}<" in text
                (last if own else tables).append(Shown(name, str(cell["id"]), title))
    return (*tables[: MOST - 1], *last)


def _close(drawn: float, wanted: float) -> bool:
    """Equal to three digits: estimates are published with fewer than charts draw."""
    return units.significant(drawn, 3) == units.significant(wanted, 3)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def _tables(names: tuple[str, ...]) -> tuple[str, ...]:
    from tradeexposure import data

    if not names:
        return ()
    rows = data.sources(sorted(set(names) & set(data.names()))).to_dict("records")
    return tuple(map(_source, rows))


def _source(row: Mapping[Any, Any]) -> str:
    """A table with its publisher, table number and vintage."""
    by = ", ".join(filter(None, (str(row["publisher"]), str(row["table_number"]))))
    return f"{row['name']}: {row['title']} ({by}; vintage {row['vintage']})"


def _facts(names: tuple[str, ...]) -> tuple[str, ...]:
    from tradeexposure.policy import tariff_schedule

    measures = {measure.id: measure for measure in tariff_schedule.all_measures()}
    lines = [f"{name}: {measures[name].title} ({measures[name].instrument})" for name in names if name in measures]
    return (*lines, *(["all measures of data/parameters"] if ALL in names else []))


def _priors(names: tuple[str, ...]) -> tuple[str, ...]:
    from tradeexposure.policy import assumptions

    priors = assumptions.load()
    named = [name for name in names if name in priors]
    wanted = named or (list(priors) if ALL in names else [])
    return tuple(f"{name}: {priors[name].title} ({priors[name].evidence})" for name in wanted)


def _register(making: result_lineage.Lineage) -> tuple[str, ...]:
    """Assumptions of the register that name one of the functions."""
    path = paths.path("ASSUMPTIONS.md")
    ends = {_end(function) for function in (making.function, *making.steps) if function}
    rows = ROW.findall(path.read_text("utf-8")) if path.is_file() else []
    return tuple(f"{key}: {assumption.partition(' | ')[0]}" for key, assumption, used in rows
                 if {part.rpartition("/")[2] for part in re.findall(r"`([^`]+)`", used)} & ends)  # fmt: skip


def _end(function: str) -> str:
    """``receipts.py:at_stake`` of a function, as the register names it."""
    module, _, name = function.partition(":")
    return f"{module.rpartition('.')[2]}.py:{name}"


def _moved_by(making: result_lineage.Lineage, folder: Path) -> tuple[str, ...]:
    """What would move a number; with what an end of a prior does to a simulated one, where that is published."""
    frame = manifest.numbers(folder)
    ends = frame[frame["result_id"].str.contains(r"\.sensitivity\..*\.at_(?:low|high)$")]
    ways = [f"a revision of {name}" for name in making.tables]
    ways += [f"another rate or day of {'a policy fact' if name == ALL else name}" for name in making.facts]
    if making.priors:
        ways.append(
            "other values of its priors" if ALL in making.priors else f"other values of {', '.join(making.priors)}"
        )
        ways += [f"{html.unescape(str(row['label']))}: {row['value']:,.0f}" for row in ends.to_dict("records")
                 if ALL in making.priors or str(row["result_id"]).split(".")[-2] in making.priors]  # fmt: skip
    ways += [f"other {name} in data/studies.yml" for name in making.choices if name != ALL]
    ways += ["other windows or baselines in data/studies.yml"] if ALL in making.choices else []
    ways += [f"another {name.removeprefix(':')}" for name in making.numbers]
    return (*ways, "another choice in the cells of its notebook")
