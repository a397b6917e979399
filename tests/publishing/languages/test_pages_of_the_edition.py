"""Every word of the committed charts has its message, but for those that stay English by intent; of the pages see
``test_pages_say_the_same.py``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ownpages import in_shipped_words, shipped

from tradeexposure.core import paths, provinces
from tradeexposure.publishing.languages import catalogues, charts, french_numbers, matching, pages

REPORTS = paths.CHECKOUT / "reports"
NOTEBOOKS = shipped((REPORTS / "published").glob("*/*.ipynb"))
CODES = set(provinces.PROVINCES.values())  # by which shapes of a map are found; nobody reads them


@pytest.fixture(scope="module")
def through() -> matching.Translator:
    return matching.Translator(catalogues.messages())


def specifications(value: Any) -> Iterator[dict[str, Any]]:
    """Charts in what a notebook holds."""
    if isinstance(value, dict) and {"$schema", "usermeta"} <= value.keys():
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from specifications(item)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_every_word_of_a_chart_has_its_message(notebook: Path, through: matching.Translator) -> None:
    lost: list[str] = []

    def told(text: str) -> str | None:
        found = through.text(in_shipped_words(text.replace(french_numbers.SPACE, " ")))
        lost.extend([text] if found is None else [])
        return found

    for spec in specifications(json.loads(notebook.read_text("utf-8"))):
        charts.french(spec, told)
    assert set(lost) <= CODES


def test_what_is_a_readers_own_is_left_to_check(tmp_path: Path, through: matching.Translator) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "seed_duty_25.yml").write_text("title: My duty & mine\nquestion: What if it's so?\n", "utf-8")
    (tmp_path / "25_of_mine.ipynb").write_text('{"metadata": {"tradeexposure": {"private": true}}}', "utf-8")
    (tmp_path / "20_shared.ipynb").write_text('{"metadata": {}}', "utf-8")
    editions = tmp_path / "published"
    kept = [tmp_path / "index.html", editions / "deal_2026" / "20_shared.html"]
    own = [editions / "deal_2026" / "25_of_mine.html", editions / "seed_duty_25" / "20_shared.html"]
    assert shipped([*own, *kept], notebooks=tmp_path) == sorted(kept)
    page = "<p>Compared with “My duty &amp; mine”</p><p>What if it&#x27;s so?</p><p>Nobody’s own sentence.</p>"
    assert len(pages.french(page, through=through).lost) == 3
    assert pages.french(in_shipped_words(page, folder=folder), through=through).lost == ("Nobody’s own sentence.",)
