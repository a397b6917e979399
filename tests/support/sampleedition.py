"""An edition of three small notebooks: rows that are weighed, one cell that works out two models, repeated numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import samplenotebook as sample

from tradeexposure.core import published_rows, results_csv
from tradeexposure.publishing import manifest
from tradeexposure.reporting import Book, charts, result_lineage, tables

SOURCE = 'book.add("use.gain", worth)'
CANOLA, CARS = "grain_exports_monthly; canola_crush_monthly", "ev_prices; vehicle_production"
#: What the cell of both models read.
READ = {
    "cell": result_lineage.digest(SOURCE), "function": "tradeexposure.canola.exposure.receipts:at_stake",
    "tables": ["grain_exports_monthly", "canola_crush_monthly", "ev_prices", "vehicle_production"],
    "facts": ["canada_ev_quota", "china/canada/canola_seed", "canada/china/electric_vehicles"],
    "priors": ["*", "seed_supply", "china_appeal", "us_content"], "choices": ["today", "shutting_duty"],
    "numbers": [":use.rows.above", ":use.cars.answer", "sample_rows"], "scenarios": ["deal_2026"],
}  # fmt: skip
WEIGHED = {"cell": result_lineage.digest("weigh()"), "function": "tradeexposure.canola.weights.results:rows",
           "tables": ["benchmarks_canola", "canola_crush_monthly"], "facts": ["china/canada/canola_meal"],
           "priors": ["meal_yield"]}  # fmt: skip


def rows_of(notebook: str, rows: Mapping[str, str], value: float = 1.2e9) -> list[dict[str, Any]]:
    """Published rows, each with the tables that it states."""
    book = Book(notebook)
    for key, stated in rows.items():
        book.add(key, value, low=1e9, high=2e9, level=0.9, label="Gain", unit="CAD per year", digits=2, tables=stated)
    return list(book._rows.values())


def code(name: str, source: str, **data: Any) -> dict[str, Any]:
    outputs = [{"data": {key.replace("__", "/"): value for key, value in data.items()}}] if data else []
    return {"id": name, "cell_type": "code", "source": source, "outputs": outputs}


def saved(payload: dict[str, Any]) -> dict[str, Any]:
    return {"id": "save", "cell_type": "code", "source": "book.save()",
            "outputs": [{"data": {published_rows.MIME: payload}}]}  # fmt: skip


def notebooks(value: float = 1.2e9) -> dict[str, dict[str, Any]]:
    """Name → executed notebook; `value` is that of all numbers."""
    earlier = {"use.rows.above": "canola_crush_monthly", "use.cars.answer": "ev_rebates"}
    weighed = {"rows": rows_of("60_weigh", earlier, value),
               "made": {"by": [WEIGHED, {**WEIGHED, "facts": [], "tables": ["ev_rebates"]}],
                        "of": {"use.rows.above": 0, "use.cars.answer": 1, "sample_rows": 0}}}  # fmt: skip
    used = {"rows": rows_of("70_use_scenario", {"use.gain": CANOLA, "use.cars": CARS, "use.bare": ""}, value),
            "made": {"by": [READ], "of": {"use.gain": 0, "use.cars": 0}, "said": {"use.gain": []}}}  # fmt: skip
    repeats = {"cell": result_lineage.digest("repeat()"), "function": "tradeexposure.scenarios.brief.inputs:published"}
    copies = {"brief.gain": "deal_2026:use.gain", "brief.gain.other": "us_338_extended:use.cars"}
    repeated = {"rows": rows_of("90_brief", {"brief.gain": CANOLA, "brief.gain.other": CARS}, value),
            "made": {"by": [{**repeats, "numbers": [origin]} for origin in copies.values()],
                     "of": {key: place for place, key in enumerate(copies)}}}  # fmt: skip
    bars = charts.bars(sample.sales().head(1).assign(volume_kt=1.2e9), category="country", value="volume_kt")
    chart = charts.output(charts.spec_of(bars, title="What it gains", alt="One bar."))
    answer = r"It costs nothing. It gains \$1 at least, in all C\$1.2 bn a year (C\$1.0 bn to C\$2.0 bn). It is over."
    frame = results_csv.frame_of(used["rows"][:1])
    shown = tables.bundle(frame[["label"]].assign(value="C$1.2 bn"), caption="By table")
    drawn = {"id": "draw", "cell_type": "code", "source": "charts.show()", "outputs": [{"data": chart}]}
    tabled = {"id": "table", "cell_type": "code", "source": "tables.show()", "outputs": [{"data": {**shown}}]}
    return {
        "60_weigh": {"cells": [code("weigh", "weigh()"), saved(weighed)]},
        "70_use_scenario": {"cells": [code("work", SOURCE), code("say", "book.say()", text__markdown=answer), drawn,
                                      tabled, saved(used)]},
        "90_brief": {"cells": [code("repeat", "repeat()"), saved(repeated)]},
    }  # fmt: skip


def write(folder: Path, books: Mapping[str, dict[str, Any]], **entries: Any) -> Path:
    """An edition of executed notebooks; `entries` of its manifest."""
    folder.mkdir(exist_ok=True)
    rows = [row for book in books.values() for row in published_rows.numbers_of(book)]
    for name, book in books.items():
        (folder / f"{name}.ipynb").write_text(json.dumps(book), "utf-8")
    (folder / "results.csv").write_text(results_csv.text(results_csv.frame_of(rows)), "utf-8", newline="")
    record = {
        "scenario": "deal_2026", "title": "The deal",
        "parameters": {name: {"scenario": "deal_2026"} if name[0] == "7" else {} for name in books},
        "question": "What does it gain?", "vintages": {"ev_prices": "file that ends with 2026-08"}, "languages": ["en"],
        "packages": {"python": "3.11.7"}, "inputs": {"data/tables/ev_prices.csv": "a" * 64},
        "outputs": {path.name: manifest.digest_at(path) for path in folder.iterdir() if path.name != manifest.NAME},
        "tolerances": {}, "headline": ["use.gain"], "pages": [{"file": "70_use_scenario.html", "title": "It gains"}],
        "digits": {row["result_id"]: 2 for row in rows},
        "source": {"code": "", "data": "", "lock": "", "digest": "", "notebooks": {}}, **entries,
    }  # fmt: skip
    (folder / manifest.NAME).write_bytes(manifest.dump(record))
    return folder
