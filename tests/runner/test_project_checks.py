"""Tables are read before a run, once for the same data, code and packages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tradeexposure import data
from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.data import edition_inputs
from tradeexposure.runner import project_checks


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was loaded, in a project without outlines of its own where the table `bad` is refused."""
    found: list[str] = []

    def load(name: str) -> None:
        found.append(name)
        if name == "bad":
            raise BadInput(name, found="a fault", allowed="none")

    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.setattr(data, "names", lambda: ["one", "two"])
    monkeypatch.setattr(data, "load", load)
    monkeypatch.setattr(project_checks, "maps", lambda: found.append("outlines"))
    monkeypatch.setattr(edition_inputs, "folder_digests", lambda root, groups: dict.fromkeys(groups, "same"))
    return found


def test_tables_that_were_whole_are_not_read_again(read: list[str]) -> None:
    project_checks.load_tables()
    project_checks.load_tables()
    assert read == ["one", "two", "outlines"]


@pytest.mark.parametrize("group", ["code", "data", "lock"])
def test_of_other_sources_they_are_read_again(read: list[str], monkeypatch: pytest.MonkeyPatch, group: str) -> None:
    project_checks.load_tables()
    monkeypatch.setattr(
        edition_inputs, "folder_digests", lambda root, groups: {**dict.fromkeys(groups, "same"), group: "other"}
    )
    project_checks.load_tables()
    assert read == ["one", "two", "outlines"] * 2


def test_a_faulty_one_is_refused_each_time(read: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "names", lambda: ["one", "bad"])
    for _ in range(2):
        with pytest.raises(BadInput, match="a fault"):
            project_checks.load_tables()


def test_a_published_scenario_that_the_table_of_all_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One of the project; the numbers of the user's own lie beside its edition."""
    root, place = paths.root(), "notebooks/68_simulate_scenarios.ipynb"
    for name in ("notebooks", "reports", "data/scenarios"):
        (tmp_path / name).mkdir(parents=True)
    shutil.copy(root / place, tmp_path / place)
    rows = (root / "reports" / "scenarios.csv").read_text("utf-8").splitlines(keepends=True)
    without = "".join(row for row in rows if not row.startswith("escalation,"))
    (tmp_path / "reports" / "scenarios.csv").write_text(without, "utf-8")
    for folder in ("published/deal_2026", "published/escalation", "private/of_ones_own"):
        (tmp_path / "reports" / folder).mkdir(parents=True)
        (tmp_path / "reports" / folder / "manifest.json").write_text("{}", "utf-8")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    assert project_checks.not_tabulated() == [], "a scenario that is gone is in no table"
    for name in ("deal_2026", "escalation", "of_ones_own"):
        (tmp_path / "data" / "scenarios" / f"{name}.yml").touch()
    assert project_checks.not_tabulated() == [
        "reports/scenarios.csv: made without escalation, which is published; type: tradeexposure outputs "
        "68_simulate_scenarios"
    ]
