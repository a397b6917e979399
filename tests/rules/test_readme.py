"""The README's table of answers and its picture say what the committed notebooks say."""

from __future__ import annotations

import json

import pytest

from tradeexposure.core import paths, results_csv
from tradeexposure.publishing import page
from tradeexposure.runner import committed_outputs, notebooks

EDITION = paths.path("reports", "published", "deal_2026")


def test_pictures_are_those_of_the_committed_notebooks() -> None:
    executed = {notebook: notebook.path.read_text("utf-8") for notebook in notebooks.discover()}
    drawn = committed_outputs.pictures(executed)
    assert len(drawn) == len(executed)
    assert {path: path.read_text("utf-8") for path in drawn} == drawn


def test_answers_are_those_of_the_committed_notebooks() -> None:
    readme = paths.path("README.md").read_text("utf-8")
    start, end = committed_outputs.split_readme(paths.path("README.md"))
    executed = {notebook: notebook.path.read_text("utf-8") for notebook in notebooks.discover()}
    assert readme[len(start) : -len(end)].strip() == committed_outputs.answers(executed)


@pytest.mark.skipif(not EDITION.is_dir(), reason="no edition is published")
def test_answers_are_those_of_the_published_edition() -> None:
    """Second route: from the edition's files alone, row by row."""
    readme = paths.path("README.md").read_text("utf-8")
    start, end = committed_outputs.split_readme(paths.path("README.md"))
    manifest = json.loads((EDITION / "manifest.json").read_text("utf-8"))
    published = results_csv.read(EDITION / "results.csv").set_index("result_id", drop=False)
    shown = published.loc[manifest["headline"]]
    shown = shown.assign(digits=shown["result_id"].map(manifest["digits"]))
    rows = readme[len(start) : -len(end)].strip().splitlines()[2:]
    assert rows == page.readme_table(shown).splitlines()[2:]
    assert len(rows) == len(manifest["headline"])
