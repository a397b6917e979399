"""Tables and texts are looked at before a run, once for the same data, code and packages."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tradeexposure import data
from tradeexposure.core import paths, published_rows
from tradeexposure.core.errors import BadInput
from tradeexposure.data import edition_inputs, frozen_forecasts
from tradeexposure.policy import studies, tariff_schedule
from tradeexposure.publishing import template_files
from tradeexposure.publishing.languages import markup
from tradeexposure.runner import notebooks, project_checks
from tradeexposure.runner.kernels import undeclared_reads


@pytest.mark.parametrize("changed", ["code", "data", "lock", "template", "a notebook", "a fault", ""])
def test_inputs_in_order_are_looked_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: str) -> None:
    looked: list[str] = []
    groups = dict.fromkeys(("code", "data", "lock", "template"), "same")

    def check(texts: object) -> None:
        looked.append("inputs")
        if changed == "a fault" and len(looked) == 1:
            raise BadInput("notebooks/10.ipynb", found="open", allowed="what a loader gives out")

    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.setattr(edition_inputs, "folder_digests", lambda root, names: {name: groups[name] for name in names})
    for module, name in ((studies, "baselines"), (tariff_schedule, "all_measures"), (template_files, "check"),
                         (data, "load"), (project_checks, "maps"), (project_checks, "_check_kernels"),
                         (notebooks, "check_format")):  # fmt: skip
        monkeypatch.setattr(module, name, lambda *_: None)
    monkeypatch.setattr(data, "names", lambda: ["a table"])
    monkeypatch.setattr(frozen_forecasts, "digests", dict)
    monkeypatch.setattr(undeclared_reads, "check", check)
    notebook: Any = SimpleNamespace(name="10", path=tmp_path / "10.ipynb")
    notebook.path.write_text("1", "utf-8")
    with pytest.raises(BadInput) if changed == "a fault" else nullcontext():
        project_checks.validate_inputs([notebook])
    groups |= {changed: "other"} if changed in groups else {}
    notebook.path.write_text("2" if changed == "a notebook" else "1", "utf-8")
    for _ in range(2):
        project_checks.validate_inputs([notebook])
    assert len(looked) == (2 if changed else 1)


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
    page = tmp_path / "reports" / "published" / "deal_2026" / "10_trade.fr.html"
    page.write_text(markup.marked_english("Ruritania"), "utf-8")
    assert project_checks.not_tabulated() == [], "a scenario that is gone is in no table"
    for name in ("deal_2026", "escalation", "of_ones_own"):
        (tmp_path / "data" / "scenarios" / f"{name}.yml").touch()
    assert project_checks.not_tabulated() == [
        "reports/scenarios.csv: made without escalation, which is published; type: tradeexposure outputs "
        "68_simulate_scenarios"
    ]
    debt = "reports/published/deal_2026: texts without French on its pages: 1; see docs/how-to/translate.md"
    assert debt in project_checks.debts()


def test_of_a_notebook_that_stopped_no_words_are_missed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(published_rows, "numbers_of", lambda content: [])
    assert project_checks.words_of_results() == []
