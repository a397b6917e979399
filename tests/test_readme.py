"""The README's table of answers and its picture say what the committed notebooks say."""

from __future__ import annotations

from tradeexposure import notebooks, project, refresh


def test_pictures_are_those_of_the_committed_notebooks() -> None:
    executed = {notebook: notebook.path.read_text("utf-8") for notebook in notebooks.discover()}
    drawn = refresh.pictures(executed)
    assert len(drawn) == len(executed)
    assert {path: path.read_text("utf-8") for path in drawn} == drawn


def test_answers_are_those_of_the_committed_notebooks() -> None:
    readme = project.path("README.md").read_text("utf-8")
    start, end = refresh.split_readme(project.path("README.md"))
    executed = {notebook: notebook.path.read_text("utf-8") for notebook in notebooks.discover()}
    assert readme[len(start) : -len(end)].strip() == refresh.answers(executed)
