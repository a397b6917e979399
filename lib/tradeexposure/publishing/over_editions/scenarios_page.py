"""Scenarios side by side: one row each with its headline numbers, and each number drawn across the scenarios."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tradeexposure.core.text import capital, from_cell
from tradeexposure.publishing import manifest

if TYPE_CHECKING:
    from tradeexposure.publishing.drawings import Drawing
    from tradeexposure.publishing.manifest import PublishedEdition

LISTED = 1_000  # rows of the table; more would make a page that cannot be mailed
DRAWN = 40  # scenarios a reader can still tell apart in one drawing
CELLS = 600  # of all heat maps and curves of a grid; each takes up to two kilobytes of a page that must be mailed
BOUNDS = ("value", "low", "high")
SAID = 12  # scenarios whose numbers the alternative text names
AXES = ("x", "y")  # along which a number of a grid is drawn
NO_POINTS = pd.DataFrame()
STYLES = {"CAD": "money", "share": "share", "rate": "share", "probability": "share", "change": "share"}


def pages(
    editions: Sequence[PublishedEdition],
    *,
    stamp: str,
    place: Path | None = None,
    index: str = "index.html",
    points: str = "",
    grid: str = "",
    languages: Sequence[str] = (manifest.ENGLISH,),
) -> dict[str, str]:
    """The page that compares editions of one vintage, language → HTML.

    Parameters
    ----------
    editions : sequence of PublishedEdition
        At least two, in the order of the rows.
    stamp : str
        Digest of what the page is made from, shown at its end.
    place : Path, optional
        The folder of the page; that of the first edition by default.
    index, points : str
        Addresses of the list of editions and, for a grid, of the file that says what each scenario assumes.
    grid : str
        Text of that file: its order is that of the rows, and what it varies is drawn along the axes.

    languages : sequence of str
        As of ``page.stamped``.

    Returns
    -------
    dict
        Whole HTML documents that ask nothing of the network.
    """
    from tradeexposure.policy import scenarios
    from tradeexposure.publishing import page as publishing_page

    named = {*scenarios.shipped(), *(edition.name for edition in editions)}
    place = place or editions[0].folder.parent
    varied = _points(grid)
    places = {name: number for number, name in enumerate(varied.index)}
    ordered = sorted(editions, key=lambda edition: places.get(edition.name, len(places)))  # others last, as they come
    numbers = {edition.name: _headline(edition, named) for edition in ordered}
    columns = list(dict.fromkeys(key for rows in numbers.values() for key in rows))
    labels = {key: row["label"] for rows in numbers.values() for key, row in rows.items()}
    along = varied if len(editions) * len(columns) <= CELLS else NO_POINTS
    groups = _groups(ordered, place, numbers, columns, along)
    model = {
        "columns": [(key, labels[key]) for key in columns],
        "groups": groups,
        "count": len(editions),
        "listed": LISTED,
        "drawn": 0 if _axes(along) else DRAWN,
        "stamp": stamp,
        "index": index,
        "points": points,
        "editions": [{**each.record, "folder": each.address(place)} for each in editions],
    }
    charts = [chart for group in groups for chart in group["panels"].values() if chart]
    return publishing_page.alone("comparison", model, languages, own=("hover.js",), charts=charts)


def _groups(
    editions: Sequence[PublishedEdition],
    place: Path,
    numbers: Mapping[str, Mapping[str, Mapping[str, Any]]],
    columns: Sequence[str],
    varied: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Editions by what their numbers are measured against, each group in their order with its rows and drawings."""
    by_baseline: dict[str, list[PublishedEdition]] = {}
    for edition in editions:
        named = (manifest.baseline_of(str(row["period"])) for row in numbers[edition.name].values())
        against = next(filter(None, named), "")
        by_baseline.setdefault(against, []).append(edition)
    groups = []
    for against, same in by_baseline.items():
        own = {edition.name: numbers[edition.name] for edition in same}
        there = [key for key in columns if any(key in rows for rows in own.values())]
        rows = []
        for edition in same[:LISTED]:
            shown = own[edition.name]
            last = [f"{edition.address(place)}/{page['file']}" for page in edition.record["pages"][-1:]]
            rows.append({
                "name": edition.name,
                "title": edition.record["title"],
                "address": next(iter(last), ""),
                "periods": list(dict.fromkeys(row["period"] for row in shown.values() if row["period"])),
                "cells": [manifest.written(shown[key]) if key in shown else None for key in columns],
            })  # fmt: skip
        groups.append({"against": against, "rows": rows, "panels": {key: panel(key, own, varied) for key in there}})
    return groups


def _headline(edition: PublishedEdition, named: set[str]) -> dict[str, dict[str, Any]]:
    """Headline numbers of the notebooks that depend on the scenario, by identifier.

    One with the name of a scenario in its identifier is that scenario's whichever edition repeats it, and left out;
    so is what a brief restates.
    """
    parameters = edition.record["parameters"]
    rows = (
        row
        for row in edition.headline()
        if "scenario" in parameters.get(row["notebook"], {})
        and not row["notebook"].endswith("_brief")
        and not named.intersection(row["result_id"].split("."))
    )
    return {row["result_id"]: row for row in rows}


def panel(
    key: str, numbers: Mapping[str, Mapping[str, Mapping[str, Any]]], varied: pd.DataFrame = NO_POINTS
) -> Drawing | None:
    """One number across the scenarios that have it, with its range; None where they are too many to tell apart.

    A curve or a heat map where numbers are varied, else a dot for each scenario. It is told in words too: every
    scenario where there are few, otherwise the lowest and the highest.
    """
    from tradeexposure.publishing import drawings
    from tradeexposure.reporting import charts

    there = {name: rows[key] for name, rows in numbers.items() if key in rows}
    over = varied.loc[list(there)] if {*there} <= {*varied.index} else NO_POINTS
    axes = AXES[: _axes(over)]
    if not axes and len(there) > DRAWN:
        return None
    cells = {name: manifest.written(row) for name, row in there.items()}
    ordered = sorted(there, key=lambda name: float(there[name]["value"]))
    chosen = ordered if len(ordered) <= SAID else [ordered[0], ordered[-1]]
    points = [f"{name} {cells[name]['value']}" + (f" ({cells[name]['range']})" if cells[name]["range"] else "")
              for name in chosen]  # fmt: skip
    which = "by scenario, from the lowest" if len(ordered) <= SAID else f"lowest and highest of {len(ordered)}"
    label = str(next(iter(there.values()))["label"])
    frame = pd.DataFrame([{"scenario": name, "text": cells[name]["value"], **{bound: row[bound] for bound in BOUNDS}}
                          for name, row in there.items()])  # fmt: skip
    for axis, typed in zip(axes, over.to_numpy().T, strict=False):
        frame = frame.assign(**{axis: typed.astype(float), f"{axis}_typed": typed})
    chart = _chart(frame, label, [*map(str, over)][: len(axes)], unit=str(next(iter(there.values()))["unit"]),
                   span=_span({row["level"] for row in there.values() if row["level"] > 0}))  # fmt: skip
    alt = f"{label}, {which}: {'; '.join(points)}."
    return drawings.drawing(charts.spec_of(chart, title=label, alt=alt), where=key)


def _chart(frame: pd.DataFrame, label: str, titles: Sequence[str], *, unit: str, span: str) -> Any:
    """A number over one varied number, or two, of these titles; without any, a dot with its range a scenario."""
    from tradeexposure.reporting import charts, study_charts

    numbers = STYLES.get(unit, "money" if unit.startswith("CAD ") else "plain")
    axis = capital(unit.replace("CAD", "C$").replace(" per year", " a year"))  # the number's name stands above
    if len(titles) == len(AXES):
        frame = frame.sort_values(["y", "x"], ascending=[False, True], ignore_index=True)
        headings = dict(zip(("x_typed", "y_typed", "value"), (*titles, label), strict=True))
        return study_charts.over_two(frame, titles=headings)
    if titles:
        return study_charts.over_one(
            frame, x="x", typed="x_typed", x_title=titles[0], value_title=f"{axis}; band: {span}",
            numbers=numbers,
        )  # fmt: skip
    ends = frame[list(BOUNDS)].stack()
    return charts.dots_ranges(
        frame, label="scenario", numbers=numbers, value_title=f"{axis}; bars: {span}",
        reference=0.0 if ends.min() <= 0 <= ends.max() else None,
    )  # fmt: skip


def _span(levels: Collection[float]) -> str:
    """What the ranges are, in words."""
    return f"{min(levels):.0%} range" if len(levels) == 1 else "range"


def _points(grid: str) -> pd.DataFrame:
    """The points in the text of a ``grid.csv``, all as typed: one row a scenario, a column for what is varied."""
    if not grid:
        return NO_POINTS
    rows = pd.read_csv(io.StringIO(grid), dtype=str, keep_default_na=False, index_col=0).map(from_cell)
    keys = [str(key).split(".") for key in rows]  # overrides.china_seed.rate is shown as China seed: rate
    return rows.set_axis([capital(": ".join(parts[1:] or parts).replace("_", " ")) for parts in keys], axis=1)


def _axes(points: pd.DataFrame) -> int:
    """1 for a curve and 2 for a heat map; 0 where more is varied, or what is no number."""
    numeric = points.apply(pd.to_numeric, errors="coerce").notna().all(axis=None)
    return len(points.columns) if numeric and len(points.columns) <= len(AXES) else 0
