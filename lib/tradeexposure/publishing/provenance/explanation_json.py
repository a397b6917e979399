"""An explanation for machines: JSON of a version that ``docs/schemas`` describes."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tradeexposure.core.errors import BadInput
from tradeexposure.publishing.provenance.explanation import Explanation
from tradeexposure.publishing.provenance.lineage import Basis, EditionLineage, described_tables

VERSION = "1"  # of docs/schemas/explanation-1.json; another number once a reader of this one would misread it
NUMBERS = ("value", "low", "high", "level")


def text(explained: Explanation, folder: Path, *, version: str = VERSION) -> str:
    """The JSON of an explanation of a number of the edition in `folder`.

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
        **{name: None if math.isnan(row[name]) else row[name] for name in NUMBERS},
        **{name: str(row[name]) for name in ("label", "unit", "period", "geography", "method")},
        "written": explained.written,
        "made_in": {"notebook": f"notebooks/{explained.notebook}.ipynb", "cell": explained.cell,
                    "function": explained.function, "steps": list(explained.steps)},
        "shown": [{"as": kind, "notebook": place.notebook, "cell": place.cell, "words": place.words}
                  for kind, shown in places.items() for place in shown],
        "rests_on": {**_names(own), "tables": described_tables(own.tables, edition.record),
                     "facts": [{"id": name, "title": measures[name].title, "instrument": measures[name].instrument}
                               for name in own.facts],
                     "priors": [{"name": name, "title": known[name].title, "evidence": known[name].evidence}
                                for name in own.priors]},
        "through_earlier_numbers": _names(explained.further),
        "page": explained.page,
    }  # fmt: skip
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)


def _names(basis: Basis) -> dict[str, Any]:
    return {kind: list(names) for kind, names in vars(basis).items()}
