"""What the reference packages say of a crate or of Croissant: run by the Python of ``make validators``, prints JSON.

Nothing is fetched: the context of RO-Crate is the one that ``rocrate`` brings. It is that of a later version; the four
terms whose addresses changed since 1.1 are given those of 1.1.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

CRATE = "ro-crate-metadata.json"
TERMS = "https://bioschemas.org/"
OF_1_1 = {
    "ComputationalWorkflow": f"{TERMS}ComputationalWorkflow",
    "FormalParameter": f"{TERMS}FormalParameter",
    "input": f"{TERMS}ComputationalWorkflow#input",
    "output": f"{TERMS}ComputationalWorkflow#output",
}
PROFILE = "provenance-run-crate"  # with those that it extends, of which workflow-ro-crate is one


def crate(folder: Path) -> dict[str, Any]:
    """How many entities are read, and what is wrong by the profile."""
    import rocrate
    from rocrate.rocrate import ROCrate
    from rocrate_validator import models, services

    context = json.loads((Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_text("utf-8"))["@context"]
    report: dict[str, Any] = {"entities": len(list(ROCrate(folder).get_entities()))}
    with tempfile.TemporaryDirectory() as aside:
        copy = Path(shutil.copytree(folder, Path(aside) / "crate"))
        content = json.loads((copy / CRATE).read_text("utf-8"))
        (copy / CRATE).write_text(json.dumps({**content, "@context": context | OF_1_1}), "utf-8")
        settings = services.ValidationSettings(
            rocrate_uri=str(copy), profile_identifier=PROFILE, requirement_severity=models.Severity.REQUIRED,
            skip_availability_check=True,
        )  # fmt: skip
        report["wrong"] = [str(issue.message) for issue in services.validate(settings).get_issues()]
    return report


def croissant(file: Path) -> dict[str, Any]:
    """What is read of a Croissant file, and what is wrong with it."""
    import mlcroissant

    metadata = mlcroissant.Dataset(jsonld=file).metadata
    return {"records": sorted(record.id for record in metadata.record_sets),
            "wrong": [*metadata.ctx.issues.errors], "warned": [*metadata.ctx.issues.warnings]}  # fmt: skip


if __name__ == "__main__":
    look = {"crate": crate, "croissant": croissant}[sys.argv[1]]
    print(json.dumps(look(Path(sys.argv[2]))))
