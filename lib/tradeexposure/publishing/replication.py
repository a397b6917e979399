"""The dated report of a recomputation from nothing: which published numbers came out again, where, how long it took."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tradeexposure.core import files, paths, results_csv
from tradeexposure.publishing import edition_index, manifest
from tradeexposure.publishing.manifest import LANGUAGES

PLACE = ("reports", "_build", "replication")
RECORD, NAME = "replication.json", "replication"
MOST = 200  # differences that the page lists; the record has them all
GIB = 2**30


def record(scenario: str, differences: Sequence[str], *, seconds: float) -> dict[str, Any]:
    """What is kept of a recomputation of a published edition.

    Parameters
    ----------
    scenario : str
        The scenario of the edition.
    differences : sequence of str
        Lines of ``pipeline.verify``, each of which begins with an identifier.
    seconds : float
        How long it took by the clock.
    """
    folder = edition_index.folder_of(scenario)
    numbers, published = results_csv.read(folder / manifest.RESULTS), manifest.read(folder)  # altered or not
    moved = {line.partition(":")[0] for line in differences}
    by_notebook = numbers.assign(moved=numbers["result_id"].isin(moved)).groupby("notebook", sort=True)["moved"]
    return {
        "scenario": scenario,
        "ended": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "seconds": round(seconds),
        "numbers": len(numbers),
        "equal": int((~numbers["result_id"].isin(moved)).sum()),
        "notebooks": [
            {"name": str(name), "numbers": len(each), "equal": int((~each).sum())} for name, each in by_notebook
        ],
        "differences": list(differences),
        "edition": {"digest": published["source"]["digest"], "packages": published["packages"] == manifest.packages()},
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "processors": os.cpu_count() or 0,
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB, 1),
        },
    }


def pages(kept: dict[str, Any]) -> dict[str, str]:
    """The page of a record, language → HTML."""
    from tradeexposure.publishing import page

    shown = {**kept, "differences": kept["differences"][:MOST], "more": max(0, len(kept["differences"]) - MOST)}
    return page.alone(NAME, shown, LANGUAGES, own=())


def write(scenario: str, differences: Sequence[str], *, seconds: float) -> Path:
    """Write record and pages; the page in English."""
    folder = paths.path(*PLACE)
    kept = record(scenario, differences, seconds=seconds)
    folder.mkdir(parents=True, exist_ok=True)
    for language, text in pages(kept).items():
        files.write(folder / manifest.address(f"{NAME}.html", language), text)
    files.write(folder / RECORD, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return folder / f"{NAME}.html"
