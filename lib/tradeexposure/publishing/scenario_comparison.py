"""Scenarios side by side: one row each with its headline numbers, and each number drawn across the scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tradeexposure.core.text import capital

if TYPE_CHECKING:
    from tradeexposure.publishing.drawings import Drawing
    from tradeexposure.publishing.manifest import Shelf

LISTED = 1_000  # rows of the table; more would make a page that cannot be mailed
DRAWN = 40  # scenarios a reader can still tell apart in one drawing
SAID = 12  # scenarios whose numbers the alternative text names
STYLES = {"CAD": "money", "share": "share", "rate": "share", "probability": "share", "change": "share"}


@dataclass(frozen=True)
class Panel:
    """One headline number across scenarios: identifier, label, and its drawing (None where there are too many)."""

    result_id: str
    label: str
    drawing: Drawing | None


def page(editions: Sequence[Shelf], *, stamp: str, index: str = "index.html", points: str = "") -> str:
    """The page that compares editions of one vintage.

    Parameters
    ----------
    editions : sequence of Shelf
        At least two, in the order of the rows.
    stamp : str
        Digest of what the page is made from, shown at its end.
    index, points : str
        Addresses of the list of editions and, for a grid, of the file that says what each scenario assumes.

    Returns
    -------
    str
        A whole HTML document that asks nothing of the network.
    """
    from tradeexposure.policy import scenarios
    from tradeexposure.publishing import page as publishing_page

    named = set(scenarios.names())
    numbers = {edition.name: _headline(edition, named) for edition in editions}
    columns = list(dict.fromkeys(key for rows in numbers.values() for key in rows))
    labels = {key: row["label"] for rows in numbers.values() for key, row in rows.items()}
    model = {
        "columns": [(key, labels[key]) for key in columns],
        "rows": [_row(edition, numbers[edition.name], columns) for edition in editions[:LISTED]],
        "count": len(editions),
        "panels": [panel(key, numbers) for key in columns],
        "drawn": DRAWN,
        "stamp": stamp,
        "index": index,
        "points": points,
    }
    return publishing_page.comparison(model)


def _headline(edition: Shelf, named: set[str]) -> dict[str, dict[str, Any]]:
    """Headline numbers of the notebooks that depend on the scenario, by identifier.

    One with the name of a scenario in its identifier is that scenario's whichever edition repeats it, and left out.
    """
    parameters = edition.made["parameters"]
    rows = (
        row
        for row in edition.headline()
        if "scenario" in parameters.get(row["notebook"], {}) and not named.intersection(row["result_id"].split("."))
    )
    return {row["result_id"]: row for row in rows}


def _row(edition: Shelf, numbers: Mapping[str, Mapping[str, Any]], columns: Sequence[str]) -> dict[str, Any]:
    from tradeexposure.publishing import page as publishing_page

    last = edition.made["pages"][-1]["file"]
    return {
        "name": edition.name,
        "title": edition.made["title"],
        "address": f"{edition.folder.name}/{last}",
        "periods": list(dict.fromkeys(row["period"] for row in numbers.values() if row["period"])),
        "cells": [publishing_page.written(numbers[key]) if key in numbers else None for key in columns],
    }


def panel(key: str, numbers: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Panel:
    """One number drawn across the scenarios that have it, with its range."""
    there = {name: rows[key] for name, rows in numbers.items() if key in rows}
    label = str(next(iter(there.values()))["label"])
    return Panel(key, label, None if len(there) > DRAWN else _drawing(key, label, there))


def _drawing(key: str, label: str, there: Mapping[str, Mapping[str, Any]]) -> Drawing:
    import pandas as pd

    from tradeexposure.publishing import drawings
    from tradeexposure.reporting import charts

    rows = [
        {"scenario": name, **{bound: row[bound] for bound in ("value", "low", "high")}} for name, row in there.items()
    ]
    unit, levels = next(iter(there.values()))["unit"], {row["level"] for row in there.values() if row["level"] > 0}
    style = STYLES.get(unit, "money" if unit.startswith("CAD ") else "plain")
    span = f"{min(levels):.0%} range" if len(levels) == 1 else "range"
    frame = pd.DataFrame(rows)
    ends = frame[["value", "low", "high"]].stack()
    chart = charts.dots_ranges(
        frame, label="scenario", value="value", low="low", high="high", numbers=style,
        value_title=f"{_on_axis(unit)}; bars: {span}", reference=0.0 if ends.min() <= 0 <= ends.max() else None,
    )  # fmt: skip
    return drawings.drawing(charts.spec_of(chart, title=label, alt=_said(label, there)), where=key)


def _on_axis(unit: str) -> str:
    """A unit as an axis says it, the number's name standing above: ``C$ a year``, ``Vehicles a year``."""
    return capital(unit.replace("CAD", "C$").replace(" per year", " a year"))


def _said(label: str, there: Mapping[str, Mapping[str, Any]]) -> str:
    """The drawing in words: every scenario where there are few, otherwise the lowest and the highest."""
    from tradeexposure.publishing import page as publishing_page

    ordered = sorted(there, key=lambda name: float(there[name]["value"]))
    words = {name: publishing_page.written(there[name]) for name in ordered}
    chosen = ordered if len(ordered) <= SAID else [ordered[0], ordered[-1]]
    told = [f"{name} {words[name]['value']}" + (f" ({words[name]['range']})" if words[name]["range"] else "")
            for name in chosen]  # fmt: skip
    which = "by scenario, from the lowest" if len(ordered) <= SAID else f"lowest and highest of {len(ordered)}"
    return f"{label}, {which}: {'; '.join(told)}."
