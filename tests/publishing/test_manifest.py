"""The manifest of an edition as a commit holds it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import samplenotebook as sample

from tradeexposure.core import paths
from tradeexposure.publishing import manifest


def test_the_committed_edition_is_read_from_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = sample.front_edition(tmp_path, "deal")
    monkeypatch.setattr(paths, "root", lambda: tmp_path)
    with manifest.committed(folder) as none:
        assert none is None
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    (folder / manifest.NAME).write_text("{}", "utf-8")
    with manifest.committed(folder) as committed:
        assert committed is not None and manifest.read(committed)["scenario"] == "deal"
    with manifest.committed(tmp_path / "other") as none:
        assert none is None


def test_what_an_edition_does_not_say_is_told_in_a_line_each(tmp_path: Path) -> None:
    folder = sample.front_edition(tmp_path, "deal")
    assert manifest.neutral(folder) == []
    record = manifest.read(folder)
    unsaid = {"sentence": "growers gain", "found": "a loss", "where": "The answer", "said": "growers' income changes"}
    (folder / manifest.NAME).write_bytes(manifest.dump({**record, "neutral": {"90_write_brief": [unsaid]}}))
    line = "“growers gain” is not said (The answer): found a loss; in its place: “growers' income changes”"
    assert manifest.neutral(folder) == [line]
    assert manifest.neutral(tmp_path / "nowhere") == []


def test_numbers_are_written_with_the_digits_they_were_published_with() -> None:
    row = {"result_id": "a.b", "label": "x", "value": 3e10, "low": None, "high": None, "unit": "CAD"}
    assert manifest.written({**row, "digits": 4})["value"] == "C$30.00 bn"
    assert manifest.written({**row, "digits": 2})["value"] == "C$30 bn"
    assert manifest.written(row)["value"] == "C$30.0 bn", "an edition that does not state its digits"
