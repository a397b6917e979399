"""What an edition says to machines: pages in their own words; a research object in which nothing hangs loose."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import samplenotebook as sample

from tradeexposure.core import files, published_rows, results_csv
from tradeexposure.publishing import manifest, page
from tradeexposure.publishing.provenance import structured_data
from tradeexposure.publishing.provenance.lineage import EditionLineage


def told(text: str) -> dict[str, Any]:
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, flags=re.DOTALL)
    return dict(json.loads(block))


@cache
def pages_of(**edition: Any) -> dict[str, str]:
    notebook = sample.notebook(sample.code("book.add()", name="adds"), drawn=("fan",))
    rows = notebook.cells[-2].outputs[0].data[published_rows.MIME]["rows"]
    return sample.pages(
        notebook, edition={**sample.edition(), **edition}, sources=sample.sources(),
        results=results_csv.frame_of(rows), languages=("en", "fr"),
    )  # fmt: skip


def test_a_page_says_its_own_title_and_description_in_its_language():
    for language, text in pages_of().items():
        content = told(text)
        title = re.search(r"<title>(.*?)</title>", text)
        assert title and content["headline"] == html.unescape(title[1])
        assert content["inLanguage"] == language == content["about"]["inLanguage"]
        assert content["@type"] == "Article" and content["description"]


def test_it_leads_to_its_numbers_and_to_the_tables_behind_them():
    about = told(pages_of()["en"])["about"]
    assert [file["contentUrl"] for file in about["distribution"]] == [
        "results.csv", "results.xlsx", "ro-crate-metadata.json",
    ]  # fmt: skip
    titles = list(sample.sources()["title"])
    assert [table["name"] for table in about["isBasedOn"]] == titles and about["license"] == structured_data.LICENCE


def test_the_words_of_a_scenario_cannot_end_the_data():
    text = pages_of(title='</script><script>alert("x")</script>', question="Is it <b>5%</b>?")["en"]
    assert "alert(" not in re.sub(r"&lt;.*?&gt;", "", text) or "<script>alert" not in text
    assert told(text)["about"]["name"] == told(text)["headline"]


def test_a_page_over_editions_has_them_too():
    content = told(page.index([], languages=("en",))["en"])
    assert content["headline"] and "about" not in content


def test_a_page_without_such_data_stays_as_it_is():
    assert structured_data.completed("<html><title>x</title></html>", "en") == "<html><title>x</title></html>"


def test_columns_of_the_numbers_are_described_in_their_order():
    content = json.loads(structured_data.csvw())
    columns = content["tableSchema"]["columns"]
    assert [column["name"] for column in columns] == list(results_csv.COLUMNS)
    assert {column["name"] for column in columns if column["datatype"] == "number"} == set(results_csv.NUMBERS)
    assert (content["url"], content["tableSchema"]["primaryKey"]) == ("results.csv", "result_id")


ROOT = Path(__file__).resolve().parents[3]
#: Named by their addresses alone.
ELSEWHERE = {structured_data.SPECIFICATION, "http://schema.org/CompletedActionStatus"}


def crate(folder: Path, **entries: Any) -> str:
    record = {**manifest.edition(folder), **entries}
    contents = {name: (folder / name).read_bytes() for name in record["outputs"]}
    return structured_data.research_object(record, EditionLineage(folder), contents, ["70_use_scenario.html"])


def entities(text: str) -> dict[str, dict[str, Any]]:
    graph = json.loads(text)["@graph"]
    by_name = {entity["@id"]: entity for entity in graph}
    assert len(by_name) == len(graph), "an entity stands twice"
    return by_name


def named(value: Any) -> Iterator[str]:
    """What a property leads to."""
    if isinstance(value, dict):
        yield value["@id"]
    elif isinstance(value, list):
        for part in value:
            yield from named(part)


def behind(known: dict[str, dict[str, Any]], name: str) -> set[str]:
    """All that an entity is based on, however far back."""
    bases: set[str] = set()
    todo = [name]
    while todo:
        for further in named(known[todo.pop()].get("isBasedOn", [])):
            if further not in bases:
                bases.add(further)
                todo.append(further)
    return bases


def test_every_name_leads_to_an_entity(edition: Path):
    known = entities(crate(edition))
    loose = {name for entity in known.values() for value in entity.values() for name in named(value)} - {*known}
    assert loose <= ELSEWHERE


def test_a_number_leads_to_cell_function_tables_and_sources(edition: Path):
    known = entities(crate(edition))
    number = known["#number-use.gain"]
    assert (number["value"], number["minValue"], number["maxValue"], number["unitText"]) == (
        1.2e9,
        1e9,
        2e9,
        "CAD per year",
    )
    bases = behind(known, "#number-use.gain")
    assert {"#cell-70_use_scenario-work", "#function-tradeexposure.canola.exposure.receipts:at_stake"} <= bases
    assert known["#cell-70_use_scenario-work"]["isPartOf"] == {"@id": "70_use_scenario.ipynb"}
    tables = {name for name in bases if name.startswith("#table-")}
    assert tables == {"#table-grain_exports_monthly", "#table-canola_crush_monthly", "#table-benchmarks_canola"}
    grain = known["#table-grain_exports_monthly"]
    assert known[grain["publisher"]["@id"]]["name"] == "Canadian Grain Commission"
    assert known[grain["license"]["@id"]]["url"].startswith("https://open.canada.ca/") and grain["url"]
    assert {"#fact-china_seed_antidumping", "#prior-seed_supply", "#number-use.rows.above", "sample_rows.csv"} <= bases
    assert not any("canada_ev" in name or "china_appeal" in name for name in bases)


def test_a_repeated_number_leads_to_what_it_repeats(edition: Path):
    known = entities(crate(edition))
    assert "#number-use.gain" in behind(known, "#number-brief.gain")
    assert "#number-us_338_extended-use.cars" in behind(known, "#number-brief.gain.other")


def test_notebooks_are_steps_with_their_parameters_and_results(edition: Path):
    known = entities(crate(edition))
    workflow = known[known["./"]["mainEntity"]["@id"]]
    steps = [known[name] for name in named(workflow["step"])]
    assert [known[step["workExample"]["@id"]]["@id"] for step in steps] == [
        "60_weigh.ipynb",
        "70_use_scenario.ipynb",
        "90_brief.ipynb",
    ]
    (value,) = (entity for name, entity in known.items() if name.startswith("#value-"))
    assert (value["name"], value["value"]) == ("scenario", "deal_2026")
    done = known["#execution-70_use_scenario"]
    assert {"#number-use.gain", "#number-use.cars", "#number-use.bare"} == {*named(done["result"])}
    assert {"#table-ev_prices", value["@id"]} <= {*named(done["object"])}


def test_files_have_their_digests_and_pages_none(edition: Path):
    known, record = entities(crate(edition)), manifest.edition(edition)
    for name, digest in record["outputs"].items():
        assert known[name]["sha256"] == digest
    assert "sha256" not in known["70_use_scenario.html"], "a page leads to it, and cannot hold its digest"


def test_software_is_that_of_the_lock(edition: Path):
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    packages = [entity for name, entity in entities(crate(edition)).items() if name.startswith("#package-")]
    assert len(packages) > 100
    for package in packages:
        assert f"\n{package['name']}=={package['version']}" in f"\n{lock}"


def test_two_builds_are_equal_whenever_they_were_made(edition: Path):
    later = {**manifest.edition(edition), "run": {"finished": "2031-01-01T00:00:00Z", "seconds": {"x": 1.0}}}
    assert crate(edition) == crate(edition, **later)


@pytest.mark.parametrize(
    ("newest", "day"),
    [("2026-09-30", "2026-09-30"), ("2026-09", "2026-09-30"), ("2024-02", "2024-02-29"), ("", "0001-01-01")],
)
def test_it_is_dated_by_the_newest_figures(newest: str, day: str):
    assert structured_data.dated(newest) == day


def test_an_edition_that_lacks_scenarios_says_that_it_is_a_draft(edition: Path):
    assert "creativeWorkStatus" not in entities(crate(edition))["./"]
    assert entities(crate(edition, lacking=["escalation"]))["./"]["creativeWorkStatus"] == "Draft: without escalation"


@pytest.mark.long
def test_the_published_edition_has_one_that_holds_every_number():
    folder = ROOT / "reports" / "published" / "deal_2026"
    content = (folder / structured_data.NAME).read_bytes()
    record = manifest.edition(folder)
    assert record["outputs"][structured_data.NAME] == files.digest(content)
    known = entities(content.decode())
    for key in EditionLineage(folder).rows:
        bases = behind(known, f"#number-{key}")
        assert any(name.startswith("#cell-") for name in bases), key
    for name, entity in known.items():
        if name.startswith("#table-"):
            assert entity["sha256"] == record["inputs"][f"data/tables/{name.removeprefix('#table-')}.csv"]
            assert entity["publisher"] and entity["license"], name
