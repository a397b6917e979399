"""Scenarios side by side: one row each with its headline numbers, and each number drawn across the scenarios."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradeexposure.core.plain import from_cell
from tradeexposure.core.text import capital
from tradeexposure.publishing import manifest

if TYPE_CHECKING:
    from tradeexposure.publishing.drawings import Drawing
    from tradeexposure.publishing.manifest import PublishedEdition

LISTED = 1_000  # rows of the table; more would make a page that cannot be mailed
DRAWN = 40  # scenarios a reader can still tell apart in one drawing
CELLS = 600  # of all heat maps and curves of a grid; each takes up to two kilobytes of a page that must be mailed
BOUNDS = ("value", "low", "high")
SAID = 12  # scenarios whose numbers the alternative text names
MOST_AXES, AXES = 2, ("x", "y")  # along which a number of a grid is drawn
STYLES = {"CAD": "money", "share": "share", "rate": "share", "probability": "share", "change": "share"}


@dataclass(frozen=True)
class GridAxes:
    """The points of a grid: along which axes a number can be drawn, labelled as typed."""

    titles: tuple[str, ...] = ()  #: What is varied, as an axis is named.
    #: Scenario → value of each key, as typed, in the order of the file.
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def axes(self) -> int:
        """1 for a curve and 2 for a heat map; 0 where more is varied, or what is no number."""
        try:
            numeric = all(abs(float(text)) >= 0 for typed in self.values.values() for text in typed)
        except ValueError:
            return 0
        return len(self.titles) if numeric and 1 <= len(self.titles) <= MOST_AXES else 0

    def holds(self, scenario: str) -> bool:
        """Whether a scenario is a point of the grid."""
        return scenario in self.values

    def place(self, scenario: str) -> int:
        """The row of a scenario in the file; those that are no points come last, in their own order."""
        places = {name: place for place, name in enumerate(self.values)}
        return places.get(scenario, len(places))

    def at(self, scenario: str) -> dict[str, Any]:
        """Where a scenario stands: `x` and, of two axes, `y` as numbers, and as typed in `x_typed` and `y_typed`."""
        typed = dict(zip(AXES, self.values[scenario], strict=False))
        return {key: float(text) for key, text in typed.items()} | {f"{key}_typed": text for key, text in typed.items()}


NO_AXES = GridAxes()


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
        As of ``page.pages``.

    Returns
    -------
    dict
        Whole HTML documents that ask nothing of the network.
    """
    from tradeexposure.policy import scenarios
    from tradeexposure.publishing import page as publishing_page

    named = {*scenarios.shipped(), *(edition.name for edition in editions)}
    place = place or editions[0].folder.parent
    varied = grid_axes(grid)
    ordered = sorted(editions, key=lambda edition: varied.place(edition.name))
    numbers = {edition.name: _headline(edition, named) for edition in ordered}
    columns = list(dict.fromkeys(key for rows in numbers.values() for key in rows))
    labels = {key: row["label"] for rows in numbers.values() for key, row in rows.items()}
    along = varied if len(editions) * len(columns) <= CELLS else NO_AXES
    groups = _groups(ordered, place, numbers, columns, along)
    model = {
        "columns": [(key, labels[key]) for key in columns],
        "groups": groups,
        "count": len(editions),
        "listed": LISTED,
        "drawn": DRAWN if along.axes == 0 else 0,
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
    varied: GridAxes,
) -> list[dict[str, Any]]:
    """Editions by what their numbers are measured against, each group in their order with its rows and drawings."""
    from tradeexposure.publishing import page as publishing_page

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
                "cells": [publishing_page.written(shown[key]) if key in shown else None for key in columns],
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
    key: str, numbers: Mapping[str, Mapping[str, Mapping[str, Any]]], varied: GridAxes = NO_AXES
) -> Drawing | None:
    """One number across the scenarios that have it, with its range; None where they are too many to tell apart.

    A curve or a heat map where numbers are varied, else a dot for each scenario. It is told in words too: every
    scenario where there are few, otherwise the lowest and the highest.
    """
    from tradeexposure.publishing import drawings
    from tradeexposure.publishing import page as publishing_page
    from tradeexposure.reporting import charts

    there = {name: rows[key] for name, rows in numbers.items() if key in rows}
    over = varied if all(map(varied.holds, there)) else NO_AXES
    if not over.axes and len(there) > DRAWN:
        return None
    cells = {name: publishing_page.written(row) for name, row in there.items()}
    ordered = sorted(there, key=lambda name: float(there[name]["value"]))
    chosen = ordered if len(ordered) <= SAID else [ordered[0], ordered[-1]]
    points = [f"{name} {cells[name]['value']}" + (f" ({cells[name]['range']})" if cells[name]["range"] else "")
              for name in chosen]  # fmt: skip
    which = "by scenario, from the lowest" if len(ordered) <= SAID else f"lowest and highest of {len(ordered)}"
    label = str(next(iter(there.values()))["label"])
    rows = [{"scenario": name, "text": cells[name]["value"], **{bound: row[bound] for bound in BOUNDS},
             **(over.at(name) if over.axes else {})} for name, row in there.items()]  # fmt: skip
    chart = _chart(rows, label, over, unit=str(next(iter(there.values()))["unit"]),
                   span=_span({row["level"] for row in there.values() if row["level"] > 0}))  # fmt: skip
    alt = f"{label}, {which}: {'; '.join(points)}."
    return drawings.drawing(charts.spec_of(chart, title=label, alt=alt), where=key)


def _chart(rows: Sequence[Mapping[str, Any]], label: str, varied: GridAxes, *, unit: str, span: str) -> Any:
    """A number over one varied number, or two; without any, a dot with its range for each scenario."""
    import pandas as pd

    from tradeexposure.reporting import charts, study_charts

    frame, numbers = pd.DataFrame(rows), STYLES.get(unit, "money" if unit.startswith("CAD ") else "plain")
    axis = capital(unit.replace("CAD", "C$").replace(" per year", " a year"))  # the number's name stands above
    if varied.axes == MOST_AXES:
        frame = frame.sort_values(["y", "x"], ascending=[False, True], ignore_index=True)
        x_title, y_title = varied.titles
        return study_charts.over_two(frame, titles={"x_typed": x_title, "y_typed": y_title, "value": label})
    if varied.axes:
        return study_charts.over_one(
            frame, x="x", typed="x_typed", x_title=varied.titles[0], value_title=f"{axis}; band: {span}",
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


def grid_axes(text: str) -> GridAxes:
    """The points in the text of a ``grid.csv``; none where it is empty."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if len(rows) < 2:
        return NO_AXES
    keys = [key.split(".") for key in rows[0][1:]]  # overrides.china_seed.rate is shown as China seed: rate
    titles = tuple(capital(": ".join(parts[1:] or parts).replace("_", " ")) for parts in keys)
    return GridAxes(titles, {row[0]: tuple(map(from_cell, row[1:])) for row in rows[1:]})
