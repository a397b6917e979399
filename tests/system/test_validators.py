"""Crate, Croissant and what a forge reads by the reference packages that ``make validators`` installs (CI does)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sampleedition

from tradeexposure import data
from tradeexposure.publishing import manifest
from tradeexposure.publishing.provenance import structured_data
from tradeexposure.publishing.provenance.lineage import EditionLineage

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv" / "validators" / "bin" / "python"
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not PYTHON.exists() and "CI" not in os.environ, reason="no validators; type: make validators"),
]


def said(kind: str, place: Path) -> dict[str, Any]:
    command = [str(PYTHON), str(ROOT / "tests" / "support" / "validate_formats.py"), kind, str(place)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return dict(json.loads(ended.stdout.strip().split("\n")[-1]))


def test_a_crate_keeps_the_profiles_of_workflow_and_provenance_run(tmp_path: Path):
    folder = sampleedition.write(tmp_path / "deal_2026", sampleedition.notebooks())
    (folder / "70_use_scenario.html").write_text("<p>It gains.</p>", "utf-8")
    record = manifest.edition(folder)
    contents = {name: (folder / name).read_bytes() for name in record["outputs"]}
    (folder / "sample_rows.csv").write_text("a\n1\n", "utf-8")
    content = structured_data.research_object(record, EditionLineage(folder), contents, ["70_use_scenario.html"])
    (folder / structured_data.NAME).write_text(content, "utf-8")
    report = said("crate", folder)
    assert report.pop("entities") > 200 and report == {"wrong": []}


def test_croissant_is_read_and_nothing_is_wrong():
    report = said("croissant", ROOT / "data" / "croissant.json")
    shipped = [name for name in data.names() if not data.describe(name).get("private")]
    assert report["records"] == sorted(shipped) and report["wrong"] == []


#: What a public forge and archives read, and by which of the schemas that ``check-jsonschema`` brings.
FORGE = {
    ".github/workflows/*.yml": "vendor.github-workflows",
    ".github/ISSUE_TEMPLATE/[!c]*.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    "CITATION.cff": "vendor.citation-file-format",
}


def by_schema(schema: str, *places: Path) -> tuple[int, str]:
    command = [str(PYTHON), "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, places)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize(("pattern", "schema"), FORGE.items())
def test_files_of_a_forge_keep_its_schema(pattern: str, schema: str):
    assert by_schema(schema, *sorted(ROOT.glob(pattern))) == (0, "ok -- validation done\n")


def test_every_file_of_the_forge_has_a_schema():
    files = {path for path in (ROOT / ".github").rglob("*") if path.is_file()}
    assert files == {path for pattern in FORGE for path in ROOT.glob(pattern)} - {ROOT / "CITATION.cff"}
