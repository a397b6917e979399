"""An explanation for machines: JSON of a version that ``docs/schemas`` describes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import manifest
from tradeexposure.publishing.provenance import tables
from tradeexposure.publishing.provenance.explanation import Explanation, Shown
from tradeexposure.publishing.provenance.lineage import Basis, EditionLineage

VERSION = "1"  # of docs/schemas/explanation-1.json; another number once a reader of this one would misread it
NUMBERS = ("value", "low", "high", "level")


def text(explained: Explanation, folder: Path, *, version: str = VERSION) -> str:
    """The JSON of an explanation of a number of the edition in `folder`.

    Raises
    ------
    BadInput
        A version that is not written.
    """
    if version != VERSION:
        raise BadInput("--schema", found=version or "nothing", allowed=VERSION)
    edition = EditionLineage(folder)
    row, own = edition.rows[explained.result_id], explained.basis
    content = {
        "schema": f"explanation-{VERSION}",
        "edition": edition.scenario,
        "id": explained.result_id,
        **{name: None if math.isnan(row[name]) else row[name] for name in NUMBERS},
        **{name: str(row[name]) for name in ("label", "unit", "period", "geography", "method")},
        "written": explained.written,
        "made_in": {"notebook": f"notebooks/{explained.notebook}.ipynb", "cell": explained.cell,
                    "function": explained.function, "steps": list(explained.steps)},
        "shown": _shown(explained),
        "rests_on": {**_names(own), "tables": tables.rows(own.tables, manifest.edition(folder)),
                     "facts": _facts(own.facts), "priors": _priors(own.priors)},
        "through_earlier_numbers": _names(explained.further),
        "page": explained.page,
    }  # fmt: skip
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def _shown(explained: Explanation) -> list[dict[str, str]]:
    places: Mapping[str, Iterable[Shown]] = {
        "sentence": explained.sentences, "chart": explained.charts, "table": explained.printed,
    }  # fmt: skip
    return [{"as": kind, "notebook": place.notebook, "cell": place.cell, "words": place.words}
            for kind, shown in places.items() for place in shown]  # fmt: skip


def _names(basis: Basis) -> dict[str, Any]:
    return {kind: list(names) for kind, names in vars(basis).items()}


def _facts(ids: Iterable[str]) -> list[dict[str, str]]:
    from tradeexposure.policy import tariff_schedule

    measures = {measure.id: measure for measure in tariff_schedule.all_measures().held}
    return [{"id": name, "title": measures[name].title, "instrument": measures[name].instrument} for name in ids]


def _priors(names: Iterable[str]) -> list[dict[str, str]]:
    from tradeexposure.policy import assumptions

    known = assumptions.load()
    return [{"name": name, "title": known[name].title, "evidence": known[name].evidence} for name in names]
