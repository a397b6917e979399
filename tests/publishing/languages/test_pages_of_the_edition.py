"""Every text of the committed English pages and charts has its message, but for those that stay English by intent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ownpages import in_shipped_words, shipped

from tradeexposure.core import paths, provinces, strict_yaml
from tradeexposure.publishing.languages import catalogues, charts, french_numbers, matching, pages

REPORTS = paths.CHECKOUT / "reports"
PAGES = (*shipped(page for page in (REPORTS / "published").glob("*/*.html") if ".fr" not in page.suffixes),
         *shipped(page for page in REPORTS.glob("*.html") if ".fr" not in page.suffixes))  # fmt: skip
NOTEBOOKS = shipped((REPORTS / "published").glob("*/*.ipynb"))
CODES = set(provinces.PROVINCES.values())  # by which shapes of a map are found; nobody reads them
METHODS = ("10", "20", "30", "40", "50", "55", "60", "65", "70")


def titles_of_sources(value: Any, *, within: bool = False) -> Iterator[str]:
    """Titles of press, laws and data in files of facts: a publication keeps the name that it is found by."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from titles_of_sources(item, within=within or key == "sources")
    elif isinstance(value, list):
        for item in value:
            yield from titles_of_sources(item, within=within)
    elif within:
        yield str(value)


@pytest.fixture(scope="module")
def through() -> matching.Translator:
    return matching.Translator(catalogues.messages())


@pytest.fixture(scope="module")
def stays() -> str:
    """All that stays English, as one text."""
    texts = (file.read_text("utf-8") for file in (paths.CHECKOUT / "data/parameters").glob("*.yml"))
    facts = (yaml.load(text, Loader=strict_yaml.Loader) for text in texts)
    return "\n".join(title for one in facts for title in titles_of_sources(one))


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_text_has_its_message(page: Path, through: matching.Translator, stays: str) -> None:
    text = in_shipped_words(page.read_text("utf-8"))
    found = pages.french(text, working=page.name.startswith(METHODS), through=through)
    assert [text for text in found.lost if text not in stays] == []
    assert breaking(found.page) == []


def breaking(page: str) -> list[str]:
    """Texts of a page with a colon that may begin a line."""
    return re.findall(
        r">([^<]*\w :[^<]*)<", re.sub(r"(?s)<(script|style|pre|code|svg)\b.*?</\1>", "x", page)
    )  # what is left out is a word


def test_a_colon_that_may_begin_a_line_is_found(through: matching.Translator) -> None:
    joined = through.text("Canola seed: 5.2%")
    assert joined and breaking(f"<p>{joined}</p>") == [] and breaking("<p>Graines : 5,2 %</p>") == ["Graines : 5,2 %"]


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


def test_a_text_without_a_message_is_found(through: matching.Translator) -> None:
    page = PAGES[-1].read_text("utf-8").replace("</main>", "<p>Nobody has translated this sentence.</p></main>", 1)
    assert "Nobody has translated this sentence." in pages.french(page, through=through).lost
