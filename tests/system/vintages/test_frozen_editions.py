"""Forecasts are frozen with the edition that is published, once a vintage, and what was frozen is held against it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
import tinyproject
from tinyproject import Project

from tradeexposure.core import files, paths
from tradeexposure.data import frozen_forecasts, vintages

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
NEXT = "2027-01-15"
BOOK = """book = Book("{name}")
shared = {"low": 1.0, "high": 9.0, "level": 0.9, "unit": "ratio", "tables": "grain_weekly"}
book.add("forecast.count.1", value, label="Count: forecast of 2026-10", period="2026-10", **shared)
book.add("scenario.canola.china_volume_kt", value, label="Seed", period="a year", **shared)
book.add("{area}.number.2024", value, label="A number", **shared)"""


@pytest.fixture
def project(finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose first notebook forecasts; nothing was frozen with the editions that are there."""
    copied = Project(tmp_path / "copy", like=finished)
    shutil.rmtree(copied.root / "data" / "forecasts", ignore_errors=True)
    copied.write("10_count_things", {**tinyproject.ESTIMATE, "book": BOOK})
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(copied.root))
    monkeypatch.delenv(vintages.VARIABLE, raising=False)
    return copied


def noted(project: Project, scenario: str = "deal_2026") -> dict[str, str]:
    return json.loads((project.published / scenario / "manifest.json").read_text("utf-8")).get("forecasts", {})


def new_vintage(root: Path) -> None:
    folder = root.joinpath(*vintages.VINTAGES, NEXT)
    folder.mkdir(parents=True)
    for name in vintages.FILES:
        (folder / name).symlink_to(root / "data" / name)
    (folder / vintages.MARK).write_text("{}", "utf-8")


def test_frozen_once_with_the_edition_that_is_published(project: Project):
    place = project.root / frozen_forecasts.where("shipped")
    assert project.inside("run", "deal_2026", "--out", str(project.root / "elsewhere")).returncode == 0
    assert not place.parent.exists(), "an edition elsewhere freezes nothing"
    ended = project.inside("run", *tinyproject.SCENARIOS)
    assert ended.returncode == 0, ended.stderr
    assert noted(project) == {"data/forecasts/shipped.csv": files.digest_of_file(place)}
    assert noted(project, "status_quo_2025") == {}
    rows = csv.DictReader(place.read_text("utf-8").splitlines())
    assert [(row["forecast_id"], row["value"], row["newest"]) for row in rows] == [
        ("forecast.count.1", "6", "2026-09"), ("scenario.canola.china_volume_kt", "6", ""),
    ]  # fmt: skip
    before = project.files()
    again = project.inside("run", *tinyproject.SCENARIOS)
    assert again.stdout.count("unchanged") == 2 and project.files() == before
    checked = project.inside("check")
    assert "frozen forecasts: fine" in checked.stdout and "forecasts" not in checked.stderr
    assert "made from other data" not in checked.stderr, "its own forecasts are no input of an edition"

    project.write("10_count_things", {**tinyproject.ESTIMATE, "book": BOOK}, work="value = 3.0 * times")
    assert project.inside("run", "deal_2026").returncode == 0
    assert place.read_bytes() == before["data/forecasts/shipped.csv"], "the next edition on it leaves them as they are"

    new_vintage(project.root)
    assert project.inside("vintages", NEXT).returncode == 0
    assert not (project.root / frozen_forecasts.where(NEXT)).exists(), "the edition writes them, not the switch"
    assert project.inside("run", "deal_2026").returncode == 0
    assert list(frozen_forecasts.digests()) == ["shipped", NEXT] and set(noted(project)) == {
        frozen_forecasts.where(NEXT)
    }
    inputs = json.loads((project.published / "deal_2026" / "manifest.json").read_text("utf-8"))["inputs"]
    assert inputs["data/forecasts/shipped.csv"] == files.digest_of_file(place), "an edition rests on those it may score"
    assert "frozen forecasts: fine" in project.inside("check").stdout


def test_an_edition_that_was_published_before_its_vintage_was_in_force(project: Project):
    new_vintage(project.root)
    assert project.inside("--vintage", NEXT, "run", "deal_2026").returncode == 0
    assert noted(project) == {} and not frozen_forecasts.digests(), "the vintage may still be thrown away"
    assert project.inside("vintages", NEXT).returncode == 0
    assert project.inside("run", "deal_2026").returncode == 0
    assert list(frozen_forecasts.digests()) == [NEXT] and list(noted(project)) == [frozen_forecasts.where(NEXT)]


def test_what_was_edited_is_refused(project: Project):
    assert project.inside("run", "deal_2026").returncode == 0
    place = project.root / frozen_forecasts.where("shipped")
    listed = place.with_name(frozen_forecasts.DIGESTS)
    whole = place.read_text("utf-8")
    place.write_text(whole.replace(",6,", ",7,"), "utf-8")
    before = project.files()
    for command in (("run", "deal_2026"), ("run", "status_quo_2025"), ("check",)):
        ended = project.inside(*command)
        lines = [line for line in ended.stderr.splitlines() if "data/forecasts/shipped.csv: digest: found " in line]
        assert ended.returncode == 2 and len(lines) == 1, (command, ended.stderr)
        assert "restore it with 'git checkout -- data/forecasts'" in lines[0]
    assert project.files() == before
    listed.write_text(json.dumps({"shipped": files.digest_of_file(place)}), "utf-8")
    remark = "data/forecasts/shipped.csv: not as reports/published/deal_2026 was published with"
    assert remark in project.inside("check").stderr, "with the digest changed too, the edition says so"
