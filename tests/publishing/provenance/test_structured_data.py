"""What pages and ``results.csv`` say of themselves to machines: in the words of the page, and with nothing fetched."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import samplenotebook as sample

from tradeexposure.core import published_rows, results_csv
from tradeexposure.publishing import page
from tradeexposure.publishing.provenance import structured_data


def told(text: str) -> dict[str, Any]:
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, flags=re.DOTALL)
    return dict(json.loads(block))


def page_of(language: str, **edition: Any) -> str:
    notebook = sample.notebook(sample.code("book.add()", name="adds"))
    rows = notebook.cells[-2].outputs[0].data[published_rows.MIME]["rows"]
    return page.pages(
        notebook, edition={**sample.edition(), **edition}, sources=sample.sources(),
        results=results_csv.frame_of(rows), languages=("en", "fr"),
    )[language]  # fmt: skip


def test_a_page_says_its_own_title_and_description_in_its_language():
    for language in ("en", "fr"):
        text = page_of(language)
        content = told(text)
        title = re.search(r"<title>(.*?)</title>", text)
        assert title and content["headline"] == html.unescape(title[1])
        assert content["inLanguage"] == language == content["about"]["inLanguage"]
        assert content["@type"] == "Article" and content["description"]


def test_it_leads_to_its_numbers_and_to_the_tables_behind_them():
    about = told(page_of("en"))["about"]
    assert [file["contentUrl"] for file in about["distribution"]] == [
        "results.csv", "results.xlsx", "ro-crate-metadata.json",
    ]  # fmt: skip
    titles = list(sample.sources()["title"])
    assert [table["name"] for table in about["isBasedOn"]] == titles and about["license"] == structured_data.LICENCE


def test_the_words_of_a_scenario_cannot_end_the_data():
    text = page_of("en", title='</script><script>alert("x")</script>', question="Is it <b>5%</b>?")
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
