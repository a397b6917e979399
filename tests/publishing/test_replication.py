"""The report of a recomputation says what came out again, in both languages, of numbers altered or not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tradeexposure.core import paths, results_csv
from tradeexposure.publishing import replication
from tradeexposure.publishing.languages import markup

KEY = "canola.farms.bc.2021"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with numbers and manifest of the published edition, and the template."""
    there = paths.root()
    for place in ("reports/template", "data/geography"):  # names of places are the same in either language
        shutil.copytree(there / place, tmp_path / place)
    folder = tmp_path / "reports" / "published" / "deal_2026"
    folder.mkdir(parents=True)
    for name in ("results.csv", "manifest.json"):
        shutil.copy(there / "reports" / "published" / "deal_2026" / name, folder)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    return tmp_path


def test_all_equal_is_said_in_both_languages(root: Path):
    kept = replication.record("deal_2026", [], seconds=61.2)
    total = len(results_csv.read(root / "reports" / "published" / "deal_2026" / "results.csv"))
    assert (kept["numbers"], kept["equal"], kept["seconds"]) == (total, total, 61)
    assert sum(each["numbers"] for each in kept["notebooks"]) == total
    english, french = replication.pages(kept).values()
    assert f"Yes: all {total} numbers came out" in english and f"<code>{kept['ended']}</code>" in english
    assert 'lang="fr-CA"' in french and "Oui : les" in french.replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")
    assert "What differs" not in english
    assert markup.english_texts(french) == set()


def test_what_differs_is_listed_and_counted_in_its_notebook(root: Path):
    line = f"{KEY}: value is published as 1, recomputed as 137"
    path = root / "reports" / "published" / "deal_2026" / "results.csv"
    path.write_text(path.read_text("utf-8").replace(f"{KEY},", f"{KEY},", 1).replace(",137,", ",1,", 1), "utf-8")
    page = replication.write("deal_2026", [line], seconds=61).read_text("utf-8")
    kept = replication.record("deal_2026", [line], seconds=61)
    assert kept["numbers"] - kept["equal"] == 1 and f"<code>{line}</code>" in page
    (own,) = [each for each in kept["notebooks"] if each["numbers"] != each["equal"]]
    assert own["name"] == "20_measure_canola_exposure"
    assert f"No: {kept['equal']} of {kept['numbers']} numbers" in page
    assert (root / "reports" / "_build" / "replication" / "replication.fr.html").is_file()
