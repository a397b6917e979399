"""The monthly review: the next vintage made aside, the default edition on it, and one page that says what it would
change: tables, claims, numbers and charts, before and after.

Nothing that is in force or published changes here. ``tradeexposure refresh --accept NAME`` is the word, ``--drop NAME``
the other one.
"""

from __future__ import annotations

import ast
import base64
import csv
import io
import json
import shutil
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import files, paths, reading, results_csv, units
from tradeexposure.core.errors import BadInput
from tradeexposure.data import edition_inputs, frozen_forecasts, vintages
from tradeexposure.publishing import edition_comparison, manifest
from tradeexposure.publishing import page as publishing_page
from tradeexposure.refresh.revisions import Revision
from tradeexposure.refresh.run import Outcome
from tradeexposure.reporting import chart_style
from tradeexposure.runner import edition_places, notebooks, pipeline
from tradeexposure.runner.plan import NO_NUMBERS, TaskResult

PLACE = ("reports", "_build", "monthly")
#: What a notebook says in place of stopping at a claim that no longer holds.
UNTRUE = "no longer true: "
CLAIMING = ("book.check", "book.rising", "claims.assert_claims")  # calls of a notebook by which it claims
#: Rows of a table that are listed one by one; the rest is counted.
LISTED = 40
SVG = "image/svg+xml"


@dataclass(frozen=True)
class Chart:
    """A chart of an executed notebook: what it is called, what it says without eyes, and its drawing."""

    title: str
    alt: str
    svg: str

    @property
    def address(self) -> str:
        """The drawing as a data address."""
        return f"data:{SVG};base64,{base64.b64encode(self.svg.encode()).decode()}"


@dataclass(frozen=True)
class Rebuilt:
    """The default edition on a vintage that is not in force."""

    #: The edition, or what was reached of it where it could not be finished: its executed notebooks and their numbers.
    folder: Path
    missing: tuple[str, ...]  #: Notebooks that did not come to their end, so that their numbers are not there.
    untrue: dict[str, tuple[str, ...]]  #: Notebook → claims that no longer hold.
    stopped: tuple[str, ...] = ()  #: Why notebooks could not be run to their end, one line each.


def published(scenario: str) -> Path:
    """Folder of the published edition of a scenario; :class:`BadInput` without one, as there is nothing to compare."""
    folder = edition_places.default_target() / scenario
    if not manifest.read(folder):
        found, allowed = f"{scenario}, which is not published", f"tradeexposure run {scenario}, then this again"
        raise BadInput("--review", found=found, allowed=allowed)
    return folder


def write(scenario: str, outcome: Outcome) -> None:
    """Write the page that says what the vintage of `outcome` would change, if it made one.

    `scenario`: the edition to rebuild; it is compared with the published one.
    """
    if outcome.name:
        before, path = published(scenario), paths.path(*PLACE, f"{outcome.name}.html")
        files.write(path, page(outcome, scenario, before, rebuild(outcome.name, before)))
        print(f"review page: {path.as_uri()}")


def rebuild(name: str, before: Path) -> Rebuilt:
    """The published edition `before` on the vintage `name`, as the notebooks are; what no longer holds is told.

    A claim that fails ends a notebook. Where a notebook is ended, all are run once more, and each says what no longer
    holds and goes on, so that numbers and charts can be looked at all the same. A notebook that ends for another reason
    is named with it; the others' numbers and charts are there.
    """
    place, scenario = paths.path(*PLACE, name), before.name
    shutil.rmtree(place, ignore_errors=True)
    folder = place / scenario
    with vintages.pinned(name):
        if not pipeline.run([scenario], out=place, languages=pipeline.ENGLISH).failed:
            return Rebuilt(folder, (), {})
        summary = pipeline.run([scenario], out=place, languages=pipeline.ENGLISH, change=softened)
        reached = summary.reached.get(scenario, ())
        if summary.failed:
            _reached(folder, before, reached)
    there = notebooks.discover()
    numbered = {item.name for item in reached if item.numbers != NO_NUMBERS}
    missing = sorted({each.name for each in there} - numbered) if summary.failed else ()
    # What ran were notebooks that were let go on: the edition is one of the notebooks as they were written.
    record = json.loads((folder / manifest.NAME).read_text("utf-8"))
    record["inputs"] |= {f"notebooks/{each.path.name}": each.digest for each in there}
    (folder / manifest.NAME).write_bytes(manifest.dump(record))
    return Rebuilt(folder, tuple(missing), _untrue(folder), tuple(summary.failed.get(scenario, ())))


def softened(source: str) -> str:
    """`source` with each assertion and claim at its top level printed where it fails, in place of ending there."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.Assert) or ast.unparse(node).partition("(")[0] in CLAIMING:
            typed = lines[node.lineno - 1 : node.end_lineno]
            sentence = " ".join(" ".join(typed).split())  # of an assertion, which says nothing itself
            shown = f"({UNTRUE!r} + line for line in str(error).splitlines()[1:] or [{sentence!r}])"
            body = textwrap.indent("\n".join(typed), "    ").splitlines()
            printing = f"    print(*{shown}, sep='\\n')"
            lines[node.lineno - 1 : node.end_lineno] = ["try:", *body, "except AssertionError as error:", printing]
    return "\n".join(lines)


def _untrue(folder: Path) -> dict[str, tuple[str, ...]]:
    """Claims that executed notebooks said no longer hold."""
    claims: defaultdict[str, list[str]] = defaultdict(list)
    for name, cell in _cells(folder):
        for output in cell.get("outputs", ()):
            lines = "".join(output.get("text", "")).splitlines()
            claims[name] += [line.removeprefix(UNTRUE) for line in lines if line.startswith(UNTRUE)]
    return {name: tuple(lines) for name, lines in claims.items() if lines}


def _cells(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The cells of the notebooks in a folder, each with its notebook's name."""
    for path in sorted(folder.glob("*.ipynb")):
        yield from ((path.stem, cell) for cell in json.loads(path.read_text("utf-8"))["cells"])


def _reached(folder: Path, before: Path, executed: Sequence[TaskResult]) -> None:
    """An edition that could not be finished, as far as it came.

    The numbers of the notebooks that ran stand under the manifest of the edition before, with what they rest on now.
    """
    folder.mkdir()
    for item in executed:
        (folder / f"{item.name}.ipynb").write_text(item.notebook, "utf-8")
        for name, text in json.loads(item.tables).items():
            files.write(folder / f"{name}.csv", text)
    rows = [row for item in executed for row in json.loads(item.numbers)]
    text = results_csv.text(results_csv.frame_of(rows))
    (folder / manifest.RESULTS).write_text(text, "utf-8", newline="")
    known = manifest.read(before)
    inputs = {path: digest for path, digest in known["inputs"].items() if not path.startswith("data/")}
    groups = edition_inputs.inputs(paths.root())
    inputs |= {path: digest for group in groups.values() for path, digest in group.items() if path.startswith("data/")}
    outputs = {path.name: files.digest(path.read_bytes()) for path in sorted(folder.iterdir())}
    (folder / manifest.NAME).write_bytes(manifest.dump({**known, "inputs": inputs, "outputs": outputs}))


def page(outcome: Outcome, scenario: str, before: Path, rebuilt: Rebuilt) -> str:
    """The page as HTML, which opens offline; `before` is the folder of the published edition."""
    difference = edition_comparison.compare(before, rebuilt.folder, without=rebuilt.missing)
    pairs = chart_pairs(_charts(before), _charts(rebuilt.folder))
    return publishing_page.review({
        "name": outcome.name, "before": outcome.before, "scenario": scenario,
        "kept": outcome.kept, "left_out": outcome.left_out, "notes": outcome.notes,
        "retired": outcome.retired, "tables": [_table(revision) for revision in outcome.revisions],
        **_scores(rebuilt.folder),
        "untrue": [{"notebook": name, "claims": claims} for name, claims in rebuilt.untrue.items()],
        "stopped": rebuilt.stopped, "missing": rebuilt.missing,
        "numbers": moved(difference.numbers), "same": difference.same,
        "code": len(difference.inputs.get("code", ())),
        "charts": [pair for pair in pairs if not pair["same"]],
        "unchanged": [pair for pair in pairs if pair["same"]],
    })  # fmt: skip


def _scores(folder: Path) -> dict[str, list[dict[str, Any]] | None]:
    """Of forecasts frozen with earlier vintages: each with its outcome, newest first, and what is published of all.

    That is how many have an outcome and how many held; `scores` is None where they were not scored.
    """
    numbers = results_csv.read(folder / manifest.RESULTS)
    published = numbers[numbers["result_id"].str.startswith(f"{frozen_forecasts.SCORED}.")].to_dict("records")
    scored = [{"label": row["label"], "value": units.write(row["value"], row["unit"], 2)} for row in published]
    path = folder / f"{frozen_forecasts.SCORES}.csv"
    if not path.is_file():
        return {"scores": None, "scored": scored}
    rows = csv.DictReader(io.StringIO(reading.text(path), newline=""))
    scores = [{
        **row, **{name: units.write(float(row[name]), row["unit"], 3) for name in ("value", "low", "high", "seen")},
        "error": f"{float(row['error']):+.2f}", "rank": f"{float(row['rank']):.2f}",
    } for row in sorted(rows, key=lambda row: (row["target"], row["vintage"]), reverse=True)]  # fmt: skip
    return {"scores": scores, "scored": scored}


def _table(revision: Revision) -> dict[str, Any]:
    """A table's revisions as the page lists them."""
    revised = [{
        "key": change.key, "column": change.column, "before": f"{change.before:g}", "after": f"{change.after:g}",
        "share": change.percent,
    } for change in revision.changes[:LISTED]]  # fmt: skip
    return {
        "name": revision.table,
        "told": revision.lines()[0].removeprefix(f"{revision.table}: "),
        "problems": revision.problems,
        "revised": revised,
        "more_revised": max(0, len(revision.changes) - LISTED),
        "count_added": len(revision.added),
        "count_lost": len(revision.vanished),
        "added": revision.added[-LISTED:],
        "more_added": max(0, len(revision.added) - LISTED),
        "lost": revision.vanished[:LISTED],
        "more_lost": max(0, len(revision.vanished) - LISTED),
    }


def moved(numbers: pd.DataFrame) -> list[dict[str, Any]]:
    """Numbers that differ, largest first in widths of the range they had.

    Numbers without a range come after those with one, by their relative change; added and lost ones are last.

    Parameters
    ----------
    numbers : DataFrame
        As of :func:`edition_comparison.compare`.
    """
    width = (numbers["high_before"] - numbers["low_before"]).abs()
    step = (numbers["value_after"] - numbers["value_before"]).abs()
    ranges = (step / width.where(width > 0)).astype(float)
    order = pd.DataFrame({
        "group": np.select([ranges.notna(), numbers["kind"] == "changed"], [0, 1], default=2),
        "size": -ranges.fillna(numbers["change"].abs().astype(float)).fillna(0.0),
        "result_id": numbers["result_id"],
    })  # fmt: skip
    differing = []
    for place in order.sort_values(["group", "size", "result_id"]).index:
        row, widths = numbers.loc[place], ranges[place]
        change = row["change"]
        differing.append({
            "result_id": row["result_id"], "label": row["label"], "kind": row["kind"], "reason": row["reason"],
            "before": _value_and_range(row, "before"), "after": _value_and_range(row, "after"),
            "change": "" if pd.isna(change) else f"{change:+.1%}",
            "ranges": "" if pd.isna(widths) else f"{widths:.2f}", "beyond": bool(widths > 1),
        })  # fmt: skip
    return differing


def _value_and_range(row: pd.Series, side: str) -> dict[str, str]:
    """Value and range of one side with their unit; empty where the number is not there."""
    if pd.isna(row[f"value_{side}"]):
        return {"value": "", "range": ""}
    bounds = {name: row[f"{name}_{side}"] for name in ("value", "low", "high")}
    return manifest.written({**bounds, **{name: row[name] for name in ("result_id", "label", "unit")}})


def _charts(folder: Path) -> dict[tuple[str, str, int], Chart]:
    """Every chart of the executed notebooks in a folder: notebook, cell and place in it → chart."""
    charts = {}
    for name, cell in _cells(folder):
        bundles = (output.get("data", {}) for output in cell.get("outputs", ()))
        drawn = [bundle for bundle in bundles if chart_style.MIME in bundle and SVG in bundle]
        for place, bundle in enumerate(drawn):
            title = bundle[chart_style.MIME].get("title", "")
            text = title.get("text", "") if isinstance(title, Mapping) else title
            shown = " ".join(text) if isinstance(text, list) else str(text)
            chart = Chart(shown, "".join(bundle.get("text/plain", "")), "".join(bundle[SVG]))
            charts[name, str(cell.get("id", "")), place] = chart
    return charts


def chart_pairs(
    before: Mapping[tuple[str, str, int], Chart], after: Mapping[tuple[str, str, int], Chart]
) -> list[dict[str, Any]]:
    """Charts of two editions side by side, in the order of the pages; one that is on one side only says so."""
    pairs = []
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        named = new or old
        if named is not None:
            same = old is not None and new is not None and old.svg == new.svg
            pairs.append({
                "notebook": key[0], "title": named.title or named.alt, "before": old, "after": new, "same": same,
            })  # fmt: skip
    return sorted(pairs, key=lambda pair: str(pair["notebook"]))
