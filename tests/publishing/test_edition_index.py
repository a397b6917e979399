"""What stands over editions, in the languages that these are in, and what is noted of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import samplenotebook as sample

from tradeexposure.core import files
from tradeexposure.publishing import edition_index, manifest
from tradeexposure.publishing.over_editions import measures_page

OVER = ("index", "measures")


@pytest.fixture(scope="module", autouse=True)
def duties(loaded_once: None) -> Iterator[None]:
    """No fact changes here: the steps of all duties are looked up once, and the tracker is drawn once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(measures_page, "duty_lines", cache(measures_page.duty_lines))
        patched.setattr(measures_page, "pages", cache(measures_page.pages))
        yield


def written(edition: Path, *languages: str) -> dict[str, str]:
    """Pages over an edition that is in `languages`, by name."""
    record = {**manifest.read(edition), "languages": list(languages)}
    (edition / manifest.NAME).write_bytes(manifest.dump(record))
    edition_index.write(edition.parent, [edition.name])
    return {path.name: path.read_text("utf-8") for path in edition.parent.glob("*.html")}


def test_pages_over_editions_are_in_their_languages_and_lead_to_each_other(tmp_path: Path) -> None:
    edition = sample.front_edition(tmp_path / "over", "deal")
    assert set(written(edition, "en")) == {f"{name}.html" for name in OVER}
    both = written(edition, "en", "fr")
    assert set(both) == {f"{name}{end}.html" for name in OVER for end in ("", ".fr")}
    for name in OVER:
        english, french = both[f"{name}.html"], both[f"{name}.fr.html"]
        assert f'hreflang="fr" lang="fr" href="{name}.fr.html">Français' in english and '<html lang="en-CA">' in english
        assert f'hreflang="en" lang="en" href="{name}.html">English' in french and '<html lang="fr-CA">' in french
    assert set(written(edition, "en")) == {f"{name}.html" for name in OVER}


def test_a_french_index_leads_to_english_pages_where_an_edition_has_no_others(tmp_path: Path) -> None:
    older = sample.front_edition(tmp_path / "over", "older", finished="2026-01-01T00:00:00Z", front=False)
    written(older, "en")
    french = written(sample.front_edition(tmp_path / "over", "deal"), "en", "fr")["index.fr.html"]
    assert 'href="older/' in french and ".fr.html" not in "".join(
        part.partition('"')[0] for part in french.split('href="older/')[1:]
    )
    assert 'href="deal/' in french


def test_a_map_is_there_where_receipts_by_region_were_published_and_an_altered_one_is_seen(tmp_path: Path) -> None:
    edition = sample.front_edition(tmp_path / "over", "deal")
    assert "map.html" not in written(edition, "en")["index.html"]
    sample.publish(edition, sample.stakes())
    pages = written(edition, "en", "fr")
    assert (
        'href="map.html">Canola map</a>' in pages["index.html"]
        and 'href="map.fr.html">Carte du canola</a>' in pages["index.fr.html"]
    )
    assert {"map.html", "map.fr.html"} <= set(pages) and edition_index.altered(tmp_path / "over") == []
    page = tmp_path / "over" / "map.html"
    page.write_text(pages["map.html"].replace("Where is", "Where was"), "utf-8")
    assert edition_index.altered(tmp_path / "over") == [page]
    assert written(edition, "en", "fr") == pages
    sample.publish(edition, {})
    assert not {"map.html", "map.fr.html"} & set(written(edition, "en", "fr"))


def test_a_farms_page_stands_where_the_farm_price_of_each_scenario_is_published(tmp_path: Path) -> None:
    edition = sample.front_edition(tmp_path / "over", "deal")
    sample.publish_farm_prices(edition)
    pages = written(edition, "en", "fr")
    assert {"farm.html", "farm.fr.html"} <= pages.keys()
    assert 'href="farm.html">Your farm' in pages["index.html"] and 'href="farm.fr.html">' in pages["index.fr.html"]
    farm = edition.with_name("farm.html")
    assert edition_index.altered(edition.parent) == [] and edition_index.is_current(edition.parent, ["deal"])
    farm.write_text(pages["farm.html"].replace("C$", "US$"), "utf-8")
    assert edition_index.altered(edition.parent) == [farm] and not edition_index.is_current(edition.parent, ["deal"])
    assert written(edition, "en", "fr")["farm.html"] == pages["farm.html"]
    sample.publish_farm_prices(edition, [])
    without = written(edition, "en", "fr")
    assert (
        "farm.html" not in without
        and "farm.html" not in without["index.html"]
        and edition_index.altered(edition.parent) == []
    )


class TestMeasures:
    """The tracker is made again only where something that it is made from is another than was noted."""

    @pytest.fixture
    def over(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
        edition = sample.front_edition(tmp_path / "over", "deal", front=False)

        def write(*languages: str) -> list[str]:
            """Write what stands over an edition in `languages`; those that the tracker was made in."""
            tracked: list[str] = []

            def pages(*, languages: tuple[str, ...]) -> dict[str, str]:
                tracked.extend(languages)
                return {language: f"<p>{language}</p>" for language in languages}

            monkeypatch.setattr(measures_page, "pages", pages)
            record = {**manifest.read(edition), "languages": list(languages)}
            (edition / manifest.NAME).write_bytes(manifest.dump(record))
            edition_index.write(edition.parent, [edition.name])
            return tracked

        assert write("en", "fr") == ["en", "fr"]
        return write

    def test_of_the_same_facts_it_is_left_as_it_is(self, over: Callable[..., list[str]]) -> None:
        assert over("en", "fr") == []

    @pytest.mark.parametrize("name", ["measures.html", "measures.fr.html"])
    def test_an_altered_or_missing_page_is_made_again(
        self, over: Callable[..., list[str]], tmp_path: Path, name: str
    ) -> None:
        page = tmp_path / "over" / name
        text = page.read_text()
        page.write_text(f"{text} ")
        assert over("en", "fr") == ["en", "fr"] and page.read_text() == text
        page.unlink()
        assert over("en", "fr") == ["en", "fr"] and page.read_text() == text

    def test_in_other_languages_it_is_made_again(self, over: Callable[..., list[str]]) -> None:
        assert over("en") == ["en"]
        assert over("en", "fr") == ["en", "fr"]

    @pytest.mark.parametrize("group", ["code", "data", "lock", "template"])
    def test_of_other_sources_it_is_made_again(
        self, over: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, group: str
    ) -> None:
        real = edition_index.edition_inputs.folder_digests
        monkeypatch.setattr(
            edition_index.edition_inputs, "folder_digests", lambda root: {**real(root), group: files.digest("another")}
        )
        assert over("en", "fr") == ["en", "fr"]
        assert over("en", "fr") == []


def executed(path: Path, *, source: str = "1 + 1", text: str = "2") -> Path:
    cell = {"cell_type": "code", "source": source, "outputs": [{"text": text}] if text else []}
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "# Sum"}, cell]}), "utf-8")
    return path


def test_a_part_is_noted_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("page", "utf-8")
    edition_index.note(tmp_path, outputs={"../a.ipynb": "1"}, drawn=["2"])
    edition_index.note(tmp_path, pages=edition_index.digests(tmp_path, [page, tmp_path / "gone.html"]))
    noted = edition_index.read_notes(tmp_path)
    assert noted.pages == {"index.html": files.digest("page"), "gone.html": ""}
    assert (noted.outputs, noted.drawn) == ({"../a.ipynb": "1"}, ["2"])


@pytest.mark.parametrize("text", ["", "[]", '{"pages": []}', '{"more": {}}', "\x00"])
def test_another_file_notes_nothing(tmp_path: Path, text: str) -> None:
    edition_index.record_path(tmp_path).write_text(text, "utf-8")
    assert edition_index.read_notes(tmp_path) == edition_index.Noted()


def test_of_a_notebook_the_outputs_count(tmp_path: Path) -> None:
    place = tmp_path / "reports"
    first = edition_index.digests(place, [executed(tmp_path / "a.ipynb")])
    assert list(first) == ["../a.ipynb"]
    assert edition_index.digests(place, [executed(tmp_path / "a.ipynb", source="3 - 1")]) == first
    assert edition_index.digests(place, [executed(tmp_path / "a.ipynb", text="3")]) != first
    assert edition_index.digests(place, [executed(tmp_path / "a.ipynb", text="")]) == {"../a.ipynb": ""}
