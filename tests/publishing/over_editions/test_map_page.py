"""The page of the map: published numbers alone for money, Census hectares for land, areas that keep their sizes."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import samplenotebook as sample
from pageread import downloads

from tradeexposure import data
from tradeexposure.data import geography
from tradeexposure.publishing import manifest
from tradeexposure.publishing import page as publishing_page
from tradeexposure.publishing.manifest import PublishedEdition
from tradeexposure.publishing.over_editions import map_page

LIMIT = 600_000


def in_languages(*languages: str) -> dict[str, str]:
    shown = map_page.model(sample.stakes())
    return publishing_page.alone("map", shown, languages)


@pytest.fixture(scope="module")
def page() -> str:
    return in_languages("en")["en"]


def cells(page: str) -> dict[str, list[str]]:
    """Each region's row as it is read, without its name."""
    rows = re.findall(r'<tr data-region="(\d+)">(.*?)</tr>', page)
    return {
        region: [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        for region, row in rows
    }


def edition(folder: Path, published: dict[str, float]) -> PublishedEdition:
    """An edition with these numbers."""
    place = sample.front_edition(folder, "deal")
    sample.publish(place, published)
    return PublishedEdition(place, manifest.read(place))


@pytest.mark.long
def test_both_languages_are_light_ask_for_nothing_and_are_the_same_bytes_again() -> None:
    pages = in_languages("en", "fr")
    assert in_languages("en", "fr") == pages and len(pages) == 2
    for page in pages.values():
        assert len(page.encode()) < LIMIT and publishing_page.REQUEST.search(page) is None and "style=" not in page
    assert 'lang="en"' not in re.sub(r'<(?:a|link)[^>]*hreflang="en"[^>]*>', "", pages["fr"])


def test_receipts_of_regions_are_the_published_ones(page: str) -> None:
    shown, numbers = cells(page), sample.stakes()
    for name, place, regions, short in (
        ("Alberta", "ab", 8, "1,639"), ("Saskatchewan", "sk", 7, "4,102"), ("Manitoba", "mb", 12, "6,759"),
    ):  # fmt: skip
        stem = f"{map_page.ALLOCATED}.{place}."
        stakes = {key.removeprefix(stem).split(".")[0]: value for key, value in numbers.items() if key.startswith(stem)}
        left = stakes.pop("not_placed")
        assert {region: f"{value / 1e6:,.0f}" for region, value in stakes.items()}.items() <= {
            region: row[1] for region, row in shown.items()
        }.items()
        assert len(stakes) == regions - (place == "sk")
        row = re.search(r"Not placed</th>(.*?)</tr>", page.partition(f'colspan="6">{name}<')[2])
        assert row and re.findall(r'"number">([\d,]+)<', row[1]) == [short, f"{left / 1e6:,.0f}"]
    assert shown["4707"] == ["1,809", "–", "–", "1", "1"]
    assert shown["4703"] == ["at least 652,867", shown["4703"][1], "5", "15", "72"]


def test_a_region_without_a_withheld_row_is_no_lower_bound(page: str) -> None:
    for region, (area, _, withheld, *_) in cells(page).items():
        assert area.startswith("at least") is (withheld != "–"), region


def test_the_answer_is_the_census_and_the_published_receipts(page: str) -> None:
    answer = re.sub("<[^>]*>", "", re.search(r'class="answer".*?</section>', page, re.DOTALL)[0])
    assert "4.8 of Canada&#39;s 9.0 million hectares of canola in 2021, Alberta 2.7 and Manitoba 1.4." in answer
    assert "C$2.2 bn in Saskatchewan, C$1.1 bn in Alberta and C$600 m in Manitoba" in answer


def test_the_headline_counts_subdivisions(page: str) -> None:
    share = geography.canola_subdivisions(data.load(geography.CANOLA_TABLE))["share"].dropna()
    assert f"a fifth or more of the land in {(share >= 0.2).sum()} of {len(share)} subdivisions" in page


def test_british_columbia_and_the_east_are_told_in_words(page: str) -> None:
    assert "at least 39,125 of that province&#39;s 41,820 hectares" in page
    assert "Ontario 17,433 hectares, Quebec 12,793 hectares, New Brunswick 505 hectares" in page
    assert "they grew 0.8% of Canada&#39;s canola" in page


def test_places_are_the_rows_of_the_table(page: str) -> None:
    table = data.load("census_canola_by_subdivision").set_index("ccsuid")
    places = json.loads(re.search(r'id="map-data">(.*?)</script>', page)[1])["places"]
    assert len(places) == 479
    tisdale = next(place for place in places if place[0] == "Tisdale No. 427")
    row = table[table["name"] == "Tisdale No. 427"].iloc[0]
    assert tisdale[1:5] == ["sk", row["agricultural_region"], row["canola_ha"], row["quality"]]
    withheld = [place for place in places if place[4] == "F"]
    assert len(withheld) == 18 and all(place[3] is None and place[5] is None for place in withheld)


def test_the_file_holds_every_subdivision_and_leaves_what_is_withheld_empty(page: str) -> None:
    rows = downloads(page)["canola_by_subdivision.csv"]
    assert len(rows) == 479
    assert all((row["Canola (ha)"] == "") is (row["Quality grade"] == "F") for row in rows)
    assert rows[3]["CCSUID"] == "4601046" and rows[3]["Canola (ha)"] == "2949"


@pytest.mark.long
def test_an_edition_is_read_and_one_without_regions_has_no_page(page: str, tmp_path: Path) -> None:
    assert map_page.pages(edition(tmp_path / "whole", sample.stakes())) == {"en": page}
    provinces = {name: value for name, value in sample.stakes().items() if name.startswith(f"{map_page.STAKE}.")}
    assert map_page.pages(edition(tmp_path / "part", provinces)) == {} == map_page.pages(None)


def test_numbers_that_somebody_altered_are_not_shown(tmp_path: Path) -> None:
    shelf = edition(tmp_path, sample.stakes())
    path = shelf.folder / manifest.RESULTS
    path.write_text(path.read_text("utf-8").replace("2200000000", "9200000000"), "utf-8")
    assert map_page.pages(shelf) == {}


def test_the_newest_year_whose_receipts_are_placed_is_shown() -> None:
    later = {name.replace(".2024", ".2025"): 2 * value for name, value in sample.stakes().items()}
    shown = map_page.model({**sample.stakes(), **later})
    assert shown["year"] == "2025" and "in 2025." in shown["stakes"]
    assert shown["provinces"][0]["published"] == "2,200"


@pytest.fixture(scope="module")
def areas() -> pd.DataFrame:
    return geography.canola_subdivisions(data.load(geography.CANOLA_TABLE))


@pytest.fixture(scope="module")
def drawn(areas: pd.DataFrame) -> map_page.Drawing:
    return map_page.drawing_of(areas)


def rings(path: str) -> list[list[tuple[float, float]]]:
    """Points of each ring of a path, by reading it as a browser does."""
    outlines = []
    for ring in re.findall(r"M([^z]+)z", path):
        start, steps = (list(map(float, re.findall(r"-?[\d.]+", part))) for part in ring.split("l"))
        points = [(start[0], start[1])]
        for right, down in zip(steps[::2], steps[1::2], strict=True):
            points.append((points[-1][0] + right, points[-1][1] + down))
        outlines.append(points)
    return outlines


def size(ring: list[tuple[float, float]]) -> float:
    closed = [*ring, ring[0]]
    return sum(x * v - u * y for (x, y), (u, v) in pairwise(closed)) / 2


def test_drawn_areas_are_as_the_land_that_they_stand_for(areas: pd.DataFrame, drawn: map_page.Drawing) -> None:
    large = areas["km2"] > 500
    sizes = [abs(sum(map(size, rings(place.path)))) for place in drawn.places]
    scale = pd.Series(sizes)[large] / areas["km2"][large]
    assert (scale / scale.median() - 1).abs().max() < 0.03


def test_withheld_is_grey_and_caution_is_hatched(areas: pd.DataFrame, drawn: map_page.Drawing) -> None:
    grades = areas["quality"].tolist()
    assert [place.shade == "kf" for place in drawn.places] == [grade == "F" for grade in grades]
    assert [place.hatched for place in drawn.places] == [grade == "E" for grade in grades]
    assert {place.shade for place in drawn.places} == {*geography.CLASSES}


def test_where_canola_is_grown_lies_in_the_frame(areas: pd.DataFrame, drawn: map_page.Drawing) -> None:
    grown = [place for place, area in zip(drawn.places, areas["canola_ha"], strict=True) if area > 5_000]
    assert all(0 < place.x < drawn.width and 0 < place.y < drawn.height for place in grown)
    assert [name.title for name in drawn.provinces] == ["Manitoba", "Saskatchewan", "Alberta"]
    assert all(0 < name.x < drawn.width and 15 < name.y < drawn.height for name in drawn.provinces)
    west = {name.title: name.x for name in drawn.provinces}
    assert west["Alberta"] < west["Saskatchewan"] < west["Manitoba"]


def test_paths_have_tenths_and_no_step_that_goes_nowhere(drawn: map_page.Drawing) -> None:
    for place in drawn.places:
        assert re.fullmatch(r"(?:M-?\d+(?:\.\d)? ?-?\d+(?:\.\d)?l(?:[- ]?\d+(?:\.\d)?)+z)+", place.path), place.path
        assert all(point != then for ring in rings(place.path) for point, then in pairwise(ring))
