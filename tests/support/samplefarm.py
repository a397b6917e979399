"""An edition that published the farm price of every scenario, as the comparison does: the committed numbers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tradeexposure.core import files, paths
from tradeexposure.publishing import manifest
from tradeexposure.publishing.farm import page
from tradeexposure.publishing.manifest import Shelf

SIMULATED = "scenario.canola.producer_price_change"


def numbers() -> list[dict[str, str]]:
    """Rows of a ``results.csv``."""
    with paths.path("reports", "scenarios.csv").open(encoding="utf-8", newline="") as stream:
        every = list(csv.DictReader(stream))
    return [{"result_id": row["result_id"].replace(SIMULATED, f"{page.PRICE}.{row['scenario']}"),
             **{end: row[end] for end in page.ENDS}}
            for row in every if row["result_id"].startswith(SIMULATED)]  # fmt: skip


def publish(folder: Path, rows: list[dict[str, str]] | None = None) -> Shelf:
    """An edition with those numbers, or all of :func:`numbers`; the rest of a manifest that is there stays."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["result_id", *page.ENDS], lineterminator="\n")
    writer.writeheader()
    writer.writerows(numbers() if rows is None else rows)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / manifest.RESULTS).write_text(text.getvalue(), "utf-8")
    place = folder / manifest.NAME
    known = json.loads(place.read_text("utf-8")) if place.is_file() else {"scenario": folder.name}
    made = {**known, "outputs": {manifest.RESULTS: files.digest(text.getvalue())}}
    place.write_text(json.dumps(made), "utf-8")
    return Shelf(folder, made)
