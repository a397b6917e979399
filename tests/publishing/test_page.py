"""Pages: what stands where, what is escaped, what is refused; the same bytes again."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import altair as alt
import pandas as pd
import pytest
import samplenotebook as sample
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook, new_output
from pageread import words

from tradeexposure.core import paths, published_rows
from tradeexposure.publishing import page as publishing_page
from tradeexposure.publishing import page_model
from tradeexposure.reporting import charts


class Outline(HTMLParser):
    """Tags in order, with their attributes, and the text under each id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def make(notebook=None, **over) -> str:
    return sample.pages(
        notebook or sample.notebook(),
        edition=sample.edition(**over),
        sources=sample.sources(),
        results=sample.published(),
    )["en"]


def small(*extra: NotebookNode) -> NotebookNode:
    """The sample with the headline's chart alone, for what the others play no part in."""
    return sample.notebook(*extra, drawn=("fan",))


@pytest.fixture(scope="module")
def page() -> str:
    return make()


def policy(page: str) -> str:
    return str(next(attrs["content"] for attrs in Outline(page).all("meta") if "http-equiv" in attrs))


def test_the_page_says_whom_to_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contact and the repository's issues where they are configured, else who published the pages."""
    none = "no address is set on them"
    assert none in words(make(small())) and "mailto:" not in make(small())
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    (tmp_path / "CITATION.cff").write_text('title: x\nrepository-code: "https://example.org/owner/name/"\n', "utf-8")
    page = make(small())
    assert '<a href="https://example.org/owner/name/issues">' in page and none not in words(page)
    contact = 'contact:\n  - name: "Press desk"\n    email: "press@example.org"\nversion: 1\n'
    (tmp_path / "CITATION.cff").write_text(f"title: x\n{contact}", "utf-8")
    page = make(small())
    assert '<a href="mailto:press@example.org">press@example.org</a>' in page and none not in words(page)
    elsewhere = 'contact:\n  - name: "Press desk"\nauthors:\n  - name: "A"\n    email: "a@example.org"\n'
    (tmp_path / "CITATION.cff").write_text(elsewhere, "utf-8")
    assert none in words(make(small())), "an author's address is no contact's"


def test_the_brief_names_its_deal_and_the_date_of_its_data() -> None:
    brief = sample.notebook(drawn=("fan",))
    brief.cells[-1].metadata.setdefault("tags", []).append("print")
    page = make(brief)
    assert "<title>The deal holds: who gains, who pays, and how sure, data to " in page
    assert re.search(r"Edition \w+ · The deal holds · data to (?:\d+ )?[A-Z][a-z]+ 2026", words(page))
    assert "– The deal holds</title>" in make(small()), "other pages are not about the deal alone"


def test_page_has_the_parts_of_a_document(page: str) -> None:
    outline = Outline(page)
    assert page.startswith("<!DOCTYPE html>")
    assert outline.all("html")[0]["lang"] == "en-CA"
    assert len(outline.all("h1")) == len(outline.all("main")) == len(outline.all("title")) == 1
    assert "<title>Map the &lt;sample&gt; – The deal holds</title>" in page
    targets = {attrs["id"] for _, attrs in outline.tags if attrs.get("id")}
    links = [attrs["href"][1:] for attrs in outline.all("a") if (attrs.get("href") or "").startswith("#")]
    assert "main" in links and set(links) <= targets
    assert len(targets) == len([attrs for _, attrs in outline.tags if attrs.get("id")])


def test_policy_allows_exactly_the_scripts_and_style_of_the_page(page: str) -> None:
    allowed = policy(page)
    inlined = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", page, flags=re.DOTALL)
    digests = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inlined}
    assert len(inlined) == 3  # style, pointing at marks, what is taken along
    assert set(re.findall(r"'sha256-[^']+'", allowed)) == digests
    assert "default-src 'none'" in allowed and "unsafe" not in allowed
    assert not re.search(r'\sstyle="|\son\w+="', re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL))


def test_nothing_is_fetched_and_the_page_can_be_mailed(page: str) -> None:
    outline = Outline(page)
    assert all((attrs.get("src") or "").startswith("data:") for attrs in outline.all("img"))
    assert all((attrs.get("srcset") or "").startswith("data:") for attrs in outline.all("source"))
    assert not outline.all("link") and not outline.all("iframe")
    assert len(page.encode()) < publishing_page.LIMIT_BYTES


def test_answer_comes_first_and_the_headline_chart_below_it(page: str) -> None:
    page = page[page.index("<body>") :]
    places = [
        page.index(text) for text in ("<h1>", "Doubling is unlikely", 'alt="Words for fan"', "Contents", ">Results<")
    ]
    assert places == sorted(places)
    assert page.count("Doubling is unlikely") == page.count('alt="Words for fan"') == 1
    assert '<h2 id="the-answer">' not in page and '<h2 id="save">' not in page
    assert "C$2 bn of C$9 bn (10% to 30%).</strong>".replace(" bn", "\N{NO-BREAK SPACE}bn") in page


def test_how_sure_the_answer_is_stands_below_it_and_nowhere_else() -> None:
    doubt = {"text/markdown": "It may be **otherwise**.", "text/plain": "It may be otherwise."}
    page = make(small(sample.code("book.say()", sample.shown(doubt), name="detail", tags=("detail",))))
    places = [page.index(text) for text in ('alt="Words for fan"', 'id="how-sure"', "may be <strong>", ">Results<")]
    assert places == sorted(places) and page.count("may be <strong>otherwise") == 1
    assert 'href="#how-sure"' in page and "how-sure" not in make(small())


def test_every_chart_has_its_words_and_its_data(page: str) -> None:
    outline = Outline(page)
    assert sorted(attrs["alt"] for attrs in outline.all("img")) == sorted(
        f"Words for {name}" for name in sample.every_chart()
    )
    files = [attrs for attrs in outline.all("a") if "download" in attrs]
    assert len({attrs["download"] for attrs in files}) == len(files) >= len(sample.every_chart())


def test_the_run_stamp_names_every_parameter(page: str) -> None:
    chosen = {"10_map": {"draws": 40000, "check": "2024-12"}, "30_none": {}}
    assert dict(publishing_page.stamp(sample.edition(parameters=chosen)))["Parameters"] == (
        "10_map: check 2024-12, draws 40000; 30_none: none"
    )


def test_every_chart_tells_its_values_and_no_page_carries_what_draws(page: str) -> None:
    values = re.findall(r'<script type="application/json" class="values"[^>]*>(.*?)</script>', page, flags=re.DOTALL)
    assert len(values) == page.count("<figure") == len(sample.CHARTS)
    assert all(json.loads(data)["wide"] for data in values)
    assert "vegaEmbed" not in page and len(page.encode()) < 600_000


def test_everything_is_escaped(page: str) -> None:
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    assert 'href="javascript' not in page
    assert "Map the &lt;sample&gt;</h1>" in page
    assert "&lt;b&gt;Odds&lt;/b&gt; | doubling" in page
    assert "Made up &amp; small" in page
    assert "&lt;/pre&gt;" in page
    assert 'aria-label="Shares &amp; more"' in page


def test_tables_keep_nothing_but_their_markup() -> None:
    text = '<style>th{}</style><table onclick="x()"><tr><td style="a">1<img src="http://x"><script>y()</script></td></tr></table>'
    cell = sample.code("x", sample.shown({"text/html": text}), name="bad")
    page = make(small(cell))
    assert "<table><tbody><tr><td>1</td></tr></tbody></table>" in page
    assert "onclick" not in page and "http://x" not in page and "y()" not in page and "th{}" not in page


def test_results_carry_unit_range_and_level(page: str) -> None:
    text = words(page)
    assert "C$118.9 bn" in text
    assert "10.0% to 30.0% 95% range" in text
    assert 'href="results.csv"' in page and 'href="10_map_sample.ipynb"' in page


def test_named_numbers_alone_stand_open_and_the_others_are_folded_below() -> None:
    leading = small()
    leading.metadata["tradeexposure"] = {"headline": ["trade.double.probability"]}
    stamp = {"edition": sample.edition(), "sources": sample.sources(), "results": sample.published()}
    start, folded, rest = sample.pages(leading, **stamp)["en"].partition('<details class="more">')
    assert [key for key in ("trade.double.probability", "trade.two_way_china.2024") if f"number-{key}" in start] == [
        "trade.double.probability"
    ]
    assert folded and "All other 1 published numbers" in rest and 'id="number-trade.two_way_china.2024"' in rest
    unnamed = sample.pages(small(), **stamp)["en"]
    assert "All 2 published numbers" in unnamed


def test_sources_facts_and_scenario_stand_at_the_end(page: str) -> None:
    text = words(page)
    assert "Nobody , 00-00-0000-01" in text or "Nobody, 00-00-0000-01" in text
    assert "Open Licence" in text and 'href="https://www.example.org/table"' in page
    assert "The deal holds" in text and "What then?" in text and "14.9%" in text
    assert 'href="../../index.html"' in page


def test_every_chart_has_an_anchor_of_its_own_that_its_citation_names(page: str) -> None:
    names = [attrs["id"] for attrs in Outline(page).all("figure")]
    assert len(set(names)) == len(names) == len(sample.every_chart()) and "chart-chart-lines" in names
    cited = re.findall(r'<span class="cite">(.*?)</span>', page)
    assert sorted(text.rpartition("#")[2] for text in cited) == sorted(names)
    assert all("Edition deal_2026, data to January 2026. 10_map_sample.html#" in text for text in cited)
    assert 'data-credit="Data behind the page: Nobody. ' in page and "Licences: Open Licence." in page


def test_two_charts_of_a_cell_have_two_anchors() -> None:
    twice = sample.notebook(drawn=("fan", "bars"))
    cell = next(cell for cell in twice.cells if cell.id == "chart-bars")
    cell.outputs = cell.outputs * 2
    names = [attrs["id"] for attrs in Outline(make(twice)).all("figure")]
    assert {"chart-chart-bars", "chart-chart-bars-2"} <= set(names) and len(set(names)) == len(names)


def test_a_link_to_the_page_shows_its_title_and_the_answer(page: str) -> None:
    properties = {attrs["property"]: attrs["content"] for attrs in Outline(page).all("meta") if "property" in attrs}
    assert properties["og:title"] == "Map the <sample> – The deal holds"
    assert properties["og:description"] == "Doubling is unlikely: C$2 bn of C$9 bn (10% to 30%)."
    assert "og:image" not in properties
    assert '<meta property="og:image" content="card.png">' in make(small(), card="card.png")


def test_a_page_without_the_duties_says_where_they_stand() -> None:
    page = make(small(), facts=None, facts_page="90_write_brief.html", measures="../../measures.html")
    assert "14.9%" not in words(page)
    assert 'href="90_write_brief.html#edition-scenario"' in page and page.count('href="../../measures.html"') == 2


def test_chinese_words_say_so_where_they_are_read_and_nowhere_else() -> None:
    facts = pd.DataFrame({"Law": ["Announcement 2025 No. 3 (税委会公告2025年第3号), Annex 1"]})
    page = make(small(), facts=facts, question="关税 & more", title="公告")
    assert 'No. 3 (<span lang="zh">税委会公告2025年第3号</span>), Annex 1' in page
    assert '<span lang="zh">关税</span> &amp; more' in page
    assert "<title>Map the &lt;sample&gt; – 公告</title>" in page and 'content="Map the &lt;sample&gt; – 公告"' in page


def test_two_rebuilds_differ_in_the_run_stamp_alone() -> None:
    page = make(small())
    assert make(small()) == page
    rebuilt = make(small(), commit="0" * 40, source={"digest": "ffff"}, packages={"python": "3.13"})
    cut = re.compile(r'<footer[^>]*id="run-stamp".*?</footer>', flags=re.DOTALL)
    assert rebuilt != page
    assert len(cut.findall(page)) == 1
    assert cut.sub("", rebuilt) == cut.sub("", page)


def drop_alt(notebook):
    chart = next(cell for cell in notebook.cells if cell.id == "chart-bars")
    chart.outputs[0].data[charts.MIME]["description"] = " "
    return notebook


REFUSED = {
    "no alternative text": lambda: drop_alt(sample.notebook(drawn=("fan", "bars"))),
    "a picture without alternative text": lambda: small(
        sample.code("plot()", sample.shown({"image/png": "aaaa", "text/plain": "figure"}), name="png")
    ),
    "more than 2,000,000": lambda: small(
        sample.code("print(x)", new_output("stream", text="x" * publishing_page.LIMIT_BYTES), name="long")
    ),
    "failed with KeyError": lambda: small(
        sample.code("x", new_output("error", ename="KeyError", evalue="'y'", traceback=[]), name="raised")
    ),
    "pages hold charts only": lambda: small(new_markdown_cell("![](https://example.org/a.png)", id="pic")),
    "no answer": lambda: new_notebook(cells=[new_markdown_cell("# A title", id="t")]),
    "no title": lambda: new_notebook(cells=[new_markdown_cell("words", id="t")]),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_page_that_cannot_be_trusted_is_refused(fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        make(REFUSED[fault]())


def test_a_tagged_section_makes_a_short_print_of_the_page() -> None:
    section = new_markdown_cell("## Printed\n\nThis is.", metadata={"tags": [page_model.PRINT]})
    model = page_model.read(small(section))
    assert model.short and [part.title for part in model.sections if part.printed] == ["Printed"]
    assert not page_model.read(small()).short
    text = make(small(section))
    assert '<main id="main" class="wrap short"' in text and text.count('<section class="printed"') == 2


def edition(name: str, finished: str) -> dict:
    pages = [{"file": "10_map_trade.html", "title": "Map <it>"}]
    stamped = sample.edition(scenario=name, title=f"Title {name}")
    return {**stamped, "folder": f"published/{name}", "pages": pages, "run": {"finished": finished}}


def test_index_lists_editions_newest_first() -> None:
    listed = [
        edition("older", "2026-01-01T00:00:00Z"),
        edition("newer", "2026-02-01T00:00:00Z"),
        edition("same", "2026-01-01T00:00:00Z"),
    ]
    ordered = publishing_page.newest_first(listed)
    assert ordered == publishing_page.newest_first(listed[::-1])
    page = publishing_page.index(ordered)["en"]
    places = [page.index(f"Title {name}</a>") for name in ("newer", "older", "same")]
    assert places == sorted(places)
    links = {attrs["href"] for attrs in Outline(page).all("a")}
    assert {f"published/newer/{name}" for name in ("10_map_trade.html", "results.csv", "manifest.json")} <= links
    assert len(Outline(page).all("h1")) == 1 and "script-src 'none'" in policy(page)


@pytest.mark.long
def test_an_index_of_ten_thousand_editions_lists_the_newest_and_says_how_many_there_are() -> None:
    name = "china_seed_antidumping_rate_0p099__canada_ev_quota_annual_vehicles_{:05}"
    first = edition("", "2026-01-01T00:00:00Z")
    each = [{"scenario": name.format(number), "title": f"Title {number}"} for number in range(10_000)]
    listed = publishing_page.newest_first([{**first, **own, "folder": own["scenario"]} for own in each])
    pages = publishing_page.index(listed, languages=("en", "fr"))
    assert pages["en"].count("<li>") == publishing_page.BY_NAME and "Editions in all: 10,000." in words(pages["en"])
    assert "Nombre d’éditions" in words(pages["fr"])
    assert "Editions in all" not in publishing_page.index(listed[: publishing_page.BY_NAME])["en"]


def test_index_without_editions_says_so() -> None:
    assert "No edition has been published yet" in publishing_page.index([])["en"]


def test_an_edition_hands_its_digits_to_the_pages_over_it(tmp_path: Path) -> None:
    for shelf in sample.shelves(tmp_path):
        assert {row["digits"] for row in shelf.headline()} == {2}
        assert not {"digits", "tolerance"} & set(shelf.written_numbers()[0])


def test_charts_name_the_results_that_they_show() -> None:
    frame = pd.DataFrame({"name": ["Odds"], "value": [20.0], "low": [10.0], "high": [30.0]})
    chart = alt.Chart(frame).mark_point().encode(x="value:Q", y="name:N", tooltip=["low:Q", "high:Q"])
    spec = charts.spec_of(chart, title="Odds", alt="One dot with its range.")
    page = make(small(sample.code("charts.show()", sample.shown({charts.MIME: spec}), name="odds")))
    said_there = [attrs["href"] for attrs in Outline(page).all("a") if attrs.get("class") == "said"]
    assert said_there == ["#number-trade.double.probability"] and "Results in this chart: " in words(page)
    assert "Results in this chart" not in words(make(small()))


def test_numbers_of_a_chart_are_grouped_and_signed() -> None:
    rows = pd.DataFrame({"year": [2024, 2025], "value": [120000000.0, -0.25]})
    spec = charts.spec_of(charts.lines(rows, x="year", y="value", y_title="C$"), title="Gain", alt="One line.")
    made = make(small(sample.code("charts.show()", sample.shown({charts.MIME: spec}), name="gain")))
    assert {"2024", "120,000,000", "−0.25"} <= set(re.findall(r'<td class="number">([^<]*)</td>', made))


def page_with(chart: alt.Chart, *results: str, tables: str = "") -> str:
    """A page with one more chart that names `results`; `tables` stand behind all its numbers."""
    spec = charts.spec_of(chart, title="Sum", alt="One dot.", results=results)
    frame = sample.published()
    return sample.pages(
        small(sample.code("charts.show()", sample.shown({charts.MIME: spec}), name="sum")),
        edition=sample.edition(), sources=sample.sources(), results=frame.assign(tables=tables or frame["tables"]),
    )["en"]  # fmt: skip


def test_a_chart_may_name_results_and_is_credited_to_their_sources() -> None:
    dot = alt.Chart(pd.DataFrame({"value": [118.9]})).mark_point().encode(x="value:Q")
    own = sample.sources()["name"].iloc[0]
    named = page_with(dot, "trade.two_way*", tables=own)
    assert "Results in this chart: Two-way trade" in words(named)
    assert named.count('data-credit="Data behind the chart: Nobody. ') == 1, "the other chart names no results"
    assert "Data behind the chart" not in page_with(dot, "trade.two_way*", tables=f"{own}; ")
    with pytest.raises(ValueError, match=r"'Sum' shows trade\.none"):
        page_with(dot, "trade.none*")


def test_a_chart_without_published_numbers_is_credited_to_what_its_cell_read() -> None:
    """And to nobody where the cell read facts alone; the page's credit is left where nothing is known."""
    grain, farm = "grain_exports_monthly", "farm_prices_monthly"
    own, unknown = [{"tables": f"{grain}; {farm}"}], [{"tables": grain}, {"tables": ""}]
    for read, numbers, behind in (
        ([farm], [], [farm]), ([], [], []), (None, [], None), ([farm], own, {grain, farm}), ([farm], unknown, [farm]),
    ):  # fmt: skip
        meta = {} if read is None else {"tables": read}
        chart = SimpleNamespace(content=SimpleNamespace(source={"usermeta": meta}))
        assert publishing_page._tables_of_chart(chart, numbers) == behind


def test_of_results_that_say_the_same_a_chart_names_the_first() -> None:
    row = {"result_id": "a.first", "label": "Cars", "value": 3.0, "low": 1.0, "high": 4.0, "unit": "count"}
    rows = [row, row | {"result_id": "a.second"}, row | {"result_id": "a.third", "high": 5.0}]
    chart = SimpleNamespace(content=SimpleNamespace(data=[], results=("a.*",), title="Cars"))
    assert [number["result_id"] for number in publishing_page._numbers_of_chart(chart, rows)] == ["a.first", "a.third"]


def test_pages_are_made_without_what_builds_charts(imported: dict[str, set[str]]) -> None:
    """Workers that make pages would wait for it: half of what these import."""
    assert "altair" not in imported["pages"]


def test_what_was_said_neutrally_is_for_the_run_and_no_page() -> None:
    shown = sample.shown({published_rows.NEUTRAL_MIME: [{"sentence": "a"}], "text/plain": "Not said here: “a”"})
    assert "Not said here" not in make(small(sample.code("claims.assert_claims(stated)", shown, name="check")))


def test_why_a_chart_ends_stands_under_it_in_both_languages() -> None:
    spec = charts.spec_of(
        charts.lines(sample.sales(), x="month", y="volume_kt", group="country", y_title="kt"),
        title="Seed to China", alt="Lines.", until="grain_exports_monthly",
    )  # fmt: skip
    cell = sample.code("charts.show()", sample.shown({charts.MIME: spec, "text/plain": "Lines."}), name="ends")
    pages = sample.pages(
        sample.notebook(cell, drawn=()), edition=sample.edition(), sources=sample.sources(),
        results=sample.published(), languages=("en", "fr"),
    )  # fmt: skip
    figure = re.search(r'<figure id="chart-ends".*?</figure>', pages["en"], flags=re.DOTALL)
    aside = '<p class="aside ends">Figures end with October 2025. '
    assert figure and figure[0].index("</picture>") < figure[0].index(aside) < figure[0].index("Use this chart")
    assert '<p class="aside ends">Les chiffres s’arrêtent à octobre 2025. Le fichier' in pages["fr"]
    assert pages["en"].count('class="aside ends"') == 1, "other charts go as far as there are figures"
