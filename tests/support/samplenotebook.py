"""A small executed notebook with one chart of every kind, and one that makes a front page, for the tests of pages."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tradeexposure.core import files, paths, published_rows, results_csv
from tradeexposure.publishing import manifest, page
from tradeexposure.publishing.over_editions import farm_page
from tradeexposure.reporting import charts, pieces, results_book, tables
from tradeexposure.reporting.pieces import Cell, Charge, Coming, Figure, Link, Row

MONTHS = pd.date_range("2018-01-01", "2024-12-01", freq="MS")
ANSWER = "**Doubling is unlikely: C$2 bn of C$9 bn (10% to 30%).** It was C$5 bn in 2024."
FRONT_NOTEBOOK = "80_compare_things"
BARE = {
    "scenario": "deal_2026", "title": "A deal", "parameters": {}, "packages": {}, "inputs": {}, "outputs": {},
    "source": {"code": "", "data": "", "lock": "", "digest": "", "notebooks": {}}, "tolerances": {}, "headline": [],
    manifest.RUN: {"finished": "2026-11-25T10:20:30Z"},
}  # fmt: skip
LEAD = "China charges 14.9% on seed; 100% on meal returns on 1 January 2027."
STAKES = {"Alberta": ("ab", 1.1e9), "Saskatchewan": ("sk", 2.2e9), "Manitoba": ("mb", 0.6e9)}
SIMULATED = "scenario.canola.producer_price_change"
CLAIM = "The deal pays C$5 m a year."
UNKNOWN = "**The price.** It cannot be told; [how it is made](40_x_y.html#number-a.b)."


def pages(notebook: nbformat.NotebookNode, *, edition: Mapping[str, Any], **made_of: Any) -> dict[str, str]:
    """The report of a notebook, language → page, with the stamp of its edition; `made_of` as of ``page.unstamped``."""
    return page.stamped(page.unstamped(notebook, edition=edition, **made_of), edition)


def sales() -> pd.DataFrame:
    """Invented volumes: month × country."""
    places = {"china": 300.0, "japan": 180.0, "united_states": 90.0}
    return pd.concat(
        pd.DataFrame(
            {"month": MONTHS, "country": name, "volume_kt": [top - 2 * (step % 9) for step in range(len(MONTHS))]}
        )
        for name, top in places.items()
    )


#: What :func:`every_chart` draws, for tests that are told apart by it before anything is drawn.
CHARTS = ("lines", "bars", "columns", "stacked", "fan", "steps", "dots", "map")


@lru_cache
def every_chart() -> dict[str, Any]:
    """One chart of each builder."""
    events = pd.DataFrame({"date": pd.to_datetime(["2019-03-01", "2019-03-26"]), "label": ["First", "Second"]})
    years = pd.DataFrame({"year": range(2015, 2025), "value_cad": [1e9 * step for step in range(1, 11)]})
    ahead = pd.DataFrame({"year": range(2024, 2030), "value_cad": 1e10, "level": 0.8}).assign(
        low=[1e10 - 5e8 * step for step in range(6)], high=[1e10 + 7e8 * step for step in range(6)]
    )
    rates = pd.DataFrame(
        {
            "date_from": pd.to_datetime(["2018-01-01", "2025-08-14"]),
            "date_to": pd.to_datetime(["2025-08-13", "2026-02-28"]),
            "rate": [0.09, 0.848],
        }
    )
    provinces = pd.DataFrame({"province": ["sk", "ab", "Manitoba"], "receipts_cad": [2.1e9, 1.2e9, None]})
    odds = pd.DataFrame(
        {"model": ["exponential_smoothing", "structural"], "p": [0.1, 0.3], "low": [0.05, 0.2], "high": [0.2, 0.5]}
    )
    lines = charts.lines(sales(), x="month", y="volume_kt", group="country", y_title="Volume (kt)")
    money: dict[str, Any] = {"numbers": "money"}
    return {
        "lines": charts.with_events(lines, events),
        "bars": charts.bars(provinces.dropna(), category="province", value="receipts_cad", value_title="C$", **money),
        "columns": charts.bars(years, category="year", value="value_cad", horizontal=False, value_title="C$", **money),
        "stacked": charts.stacked(sales(), x="month", y="volume_kt", group="country", area=True, y_title="Volume (kt)"),
        "fan": charts.fan(years, ahead, x="year", y="value_cad", y_title="C$"),
        "steps": charts.steps(rates, start="date_from", end="date_to", y="rate", y_title="Rate"),
        "dots": charts.dots_ranges(
            odds, label="model", value="p", low="low", high="high", numbers="share", reference=0.5
        ),
        "map": charts.province_map(provinces, province="province", value="receipts_cad", value_title="C$", **money),
    }


def drawn_anew() -> str:
    """Specifications of all charts, one of them interactive and also drawn, as JSON; made now, kept by nobody."""
    by_name = every_chart.__wrapped__()
    by_name["columns"] = by_name["columns"].interactive()
    specified: dict[str, Any] = {name: charts.spec_of(chart, title=name, alt=name) for name, chart in by_name.items()}
    return json.dumps({**specified, "drawn": charts.svg(specified["columns"])})


def shown(data: dict[str, Any]) -> nbformat.NotebookNode:
    """One output."""
    return new_output("display_data", data=data)


def code(source: str, *outputs: nbformat.NotebookNode, name: str, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    """One executed code cell."""
    return new_code_cell(source, outputs=list(outputs), execution_count=1, id=name, metadata={"tags": list(tags)})


def book() -> results_book.Book:
    """Two published numbers, one with a range."""
    published = results_book.Book("10_map_sample")
    published.add("trade.two_way_china.2024", 1.18923e11, label="Two-way trade", unit="CAD", period="2024", digits=4)
    published.add(
        "trade.double.probability",
        0.2,
        low=0.1,
        high=0.3,
        level=0.95,
        label="<b>Odds</b> | doubling",
        unit="probability",
    )
    return published


def published(numbers: results_book.Book | None = None) -> pd.DataFrame:
    """What a book published (that of :func:`book`), with the words that join the rows after the notebook."""
    return results_csv.frame_of((numbers or book())._rows.values())


@lru_cache
def bundle(name: str) -> str:
    """Output of one chart as JSON, of which each notebook makes its own."""
    output = charts.output(charts.spec_of(every_chart()[name], title=f"Title of {name}", alt=f"Words for {name}"))
    return json.dumps(output)


def spec(name: str) -> dict[str, Any]:
    """Specification of one chart."""
    return dict(json.loads(bundle(name))[charts.MIME])


def chart_cells(*, drawn: tuple[str, ...] = CHARTS) -> list[nbformat.NotebookNode]:
    """One cell for every chart in `drawn`."""
    return [chart_cell(name, tags=("headline",) if name == "fan" else ()) for name in drawn]


def chart_cell(name: str, *, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    """One cell with a chart."""
    return code(f"charts.show({name})", shown(json.loads(bundle(name))), name=f"chart-{name}", tags=tags)


def notebook(*extra: nbformat.NotebookNode, drawn: tuple[str, ...] = CHARTS) -> nbformat.NotebookNode:
    """The sample: title, a table, the charts in `drawn`, the answer, the results."""
    table = tables.bundle(pd.DataFrame({"Country": ["China"], "Share": [0.0412]}), caption="Shares & more")
    rows = list(book()._rows.values())
    cells = [
        new_markdown_cell("# Map the <sample>\n\nHow much is it?", id="title"),
        code('scenario: str = "deal_2026"  # a name', name="parameters", tags=("parameters",)),
        new_markdown_cell("## What it says\n\n<script>alert(1)</script> [link](javascript:alert(1))", id="intent"),
        code("tables.show(frame)\n\nif a < b and '</pre>':\n    pass", shown(table), name="table"),
        *chart_cells(drawn=drawn),
        *extra,
        new_markdown_cell("## The answer", id="says"),
        code("book.say()", shown({"text/markdown": ANSWER, "text/plain": ANSWER}), name="answer", tags=("answer",)),
        new_markdown_cell("## Save", id="saves"),
        code("book.save()", shown({published_rows.MIME: {"rows": rows}, "text/html": "<table></table>"}), name="save"),
        new_markdown_cell("## What this does not show\n\nAnything real.", id="limits"),
    ]
    return new_notebook(cells=cells)


def sources() -> pd.DataFrame:
    """One source, as of ``data.sources``."""
    return pd.DataFrame(
        [
            {
                "name": "sample", "title": "Invented figures", "publisher": "Nobody", "table_number": "00-00-0000-01",
                "address": "https://www.example.org/table", "licence": "Open Licence", "coverage": "2018 to 2024",
                "vintage": "2026-01", "caveat": "Made up & small",
            }
        ]
    )  # fmt: skip


def edition(**over: Any) -> dict[str, Any]:
    """A stamp."""
    facts = pd.DataFrame({"Importer": ["china"], "Rate": ["14.9%"]})
    return {
        "scenario": "deal_2026", "title": "The deal holds", "question": "What then?", "notebook": "10_map_sample",
        "source": {"digest": "ab12"}, "commit": "c0ffee", "packages": {"python": "3.11"}, "facts": facts, **over,
    }  # fmt: skip


def shelves(folder: Path) -> list[manifest.PublishedEdition]:
    """Two scenarios, as a run leaves them: the sample's numbers, one that another scenario repeats among them."""
    return [
        shelf(folder, name, change=change, against=against)
        for name, change, against in (("deal_2026", 5e8, "the duties before"), ("escalation", -9e8, "the deal"))
    ]


def empty_edition(folder: Path, *pages: str) -> Path:
    """An edition with a manifest and empty pages."""
    folder.mkdir(parents=True)
    for name in pages:
        (folder / name).write_text("<p>Nothing</p>", encoding="utf-8")
    outputs = {name: manifest.digest_at(folder / name) for name in pages}
    record = {**BARE, "pages": [{"file": name, "title": "A page"} for name in pages], "outputs": outputs}
    (folder / manifest.NAME).write_bytes(manifest.dump(record))
    return folder


def shelf(folder: Path, name: str, *, change: float, against: str) -> manifest.PublishedEdition:
    """One of :func:`shelves`: a change of `change` dollars with its range, and what another scenario's would be."""
    numbers = results_book.Book("70_use_scenario")
    shared: dict[str, Any] = {"unit": "CAD per year", "level": 0.9, "digits": 2,
                              "period": f"a year, against: {against}"}  # fmt: skip
    numbers.add("use.change", change, low=change - 2e8, high=change + 3e8, label="Growers' income, change", **shared)
    numbers.add("use.change.escalation", -9e8, low=-1e9, high=-6e8, label="If it breaks down", **shared)
    (folder / name).mkdir()
    text = results_csv.text(published(numbers))
    (folder / name / "results.csv").write_text(text, "utf-8")
    record = {
        "scenario": name, "title": f"What {name} brings", "headline": ["use.change", "use.change.escalation"],
        "parameters": {"70_use_scenario": {"scenario": name}}, "digits": {"use.change": 2, "use.change.escalation": 2},
        "outputs": {"results.csv": files.digest(text.encode())}, "pages": [{"file": "90_write_brief.html"}],
    }  # fmt: skip
    return manifest.PublishedEdition(folder / name, record)


def front_notebook(*extra: nbformat.NotebookNode, address: str = "40_x_y.html#number-a.b") -> nbformat.NotebookNode:
    """Claim, story and basis; five numbers, a chart, a table, links, two halves, and what comes `extra`."""
    rows = (
        Row("The <deal> holds", "What then?", (Cell("+C$5 m", "C$1 m to C$9 m", 3), Cell("no change")), "deal"),
        Row("It breaks down", "What if?", (Cell("−C$5 m", "−C$9 m to −C$1 m", -1), Cell("0", "−1 to +1")), "other"),
    )
    table = pieces.outcomes("If …", ("Growers", "Cars"), {"Compared with nothing": rows}, caption="Change")
    links = pieces.links({"Growers": (Link("Farms", "#farms"), Link("Prices", address))}, columns=5)
    answer = f"{CLAIM}\n\nIn January they agreed.\n\nEach number is a year's, see [how](70_u_s.html)."
    cells: list[Any] = [
        new_markdown_cell("# What would each change?\n\nHow much?", id="title"),
        code("front.five()", shown(pieces.headline_numbers([Figure("C$5 m", "a year", address)])),
             name="five", tags=("front",)),
        new_markdown_cell("## How far does it move?", id="chart-intent"),
        chart_cell(CHARTS[0], tags=("headline", "front")),
        new_markdown_cell("## What would each scenario change?\n\nA row each.", id="outcomes-intent"),
        code("front.outcomes()", shown(table), name="outcomes", tags=("front",)),
        code("front.links()", shown(links), name="readers", tags=("front",)),
        new_markdown_cell("## What does a farm get?", id="farms-intent"),
        code("front.farms()", shown({"text/markdown": "C$9 a farm", "text/plain": ""}), name="farms",
             tags=("front", "half")),
        new_markdown_cell("## What is not known?", id="unknown-intent"),
        code("book.say()", shown({"text/markdown": UNKNOWN, "text/plain": ""}), name="unknown",
             tags=("front", "half")),
        code("left_out()", shown({"text/markdown": "Not for the front page", "text/plain": ""}), name="other"),
        *extra,
        new_markdown_cell("## The answer", id="says"),
        code("book.say()", shown({"text/markdown": answer, "text/plain": ""}), name="answer", tags=("answer",)),
    ]  # fmt: skip
    return new_notebook(cells=cells)


def today_cells(*, newest: tuple[str, str] = ("2026-08", "August 2026")) -> list[nbformat.NotebookNode]:
    """What leads a front page: a sentence, duties of which one ends, what was seen, and dates to come."""
    charges = [Charge("Seed", "into China", ("9% ordinary duty",), "since 1 Mar 2026", "14.9%"),
               Charge("Meal", "into China", ("100% suspended",), "to 31 Dec 2026", "5%", "2026-12-31")]  # fmt: skip
    coming = [Coming("2026-12-31", "31 December 2026", "The suspension ends", "Meal pays more.", "It costs C$1 m."),
              Coming("2027-07-31", "July 2027, day not set", "A review", "It may end.", counted=False),
              Coming("2031-02-28", "28 February 2031", "The duty ends", "Five years are over.")]  # fmt: skip
    also = [Coming("2030-12-31", "31 December 2030", "A programme (ends)", "")]
    seen = [Figure("+65%", "exports on a year before. Could be noise (p = 0.49).", newest=newest)]
    says = f"{LEAD}\n\nWe cannot tell what it did."
    return [
        code("book.say()", shown({"text/markdown": says, "text/plain": says}), name="lead", tags=("lead",)),
        new_markdown_cell("## What is charged?", id="charged-intent"),
        code("charged()", shown(pieces.charges(charges, as_of="As of 29 September 2026")), name="charged",
             tags=("front", "today")),
        new_markdown_cell("## What has happened since?", id="seen-intent"),
        code("seen()", shown(pieces.headline_numbers(seen)), name="seen", tags=("front", "today")),
        new_markdown_cell("## What comes next?", id="coming-intent"),
        code("coming()", shown(pieces.dates(coming, also, as_of="As known on 29 September 2026")), name="coming",
             tags=("front", "today")),
    ]  # fmt: skip


def front_edition(
    folder: Path,
    name: str,
    *extra: nbformat.NotebookNode,
    finished: str = "2026-11-27T06:00:00Z",
    front: bool = True,
    **run: Any,
) -> Path:
    """An edition as a run leaves it, in a folder of `folder`; `run` is added to what its manifest says of the run."""
    place = folder / name
    place.mkdir(parents=True)
    (place / manifest.RESULTS).write_text("result_id\n", "utf-8")
    if front:
        (place / f"{FRONT_NOTEBOOK}.ipynb").write_text(nbformat.writes(front_notebook(*extra)), "utf-8")
    record = {
        "scenario": name, "title": f"Title {name}", "question": "What then?", "commit": "c0ffee", "headline": [],
        "source": {"code": "c", "data": "d", "lock": "l", "digest": "x", "notebooks": {}}, "packages": {}, "inputs": {},
        "parameters": {}, "vintages": {"prices": "2026-04"},
        "outputs": {manifest.RESULTS: files.digest(b"result_id\n")}, "tolerances": {}, "digits": {},
        "pages": [{"file": "90_write_brief.html", "title": "Brief"}], "compares": [FRONT_NOTEBOOK] if front else [],
        manifest.RUN: {"finished": finished, **run},
    }  # fmt: skip
    (place / manifest.NAME).write_text(json.dumps(record), "utf-8")
    return place


def publish(edition: Path, numbers: Mapping[str, float]) -> manifest.PublishedEdition:
    """Give an edition of :func:`front_edition` these numbers, by identifier, as if its run had published them."""
    return publish_rows(edition, [{"result_id": name, "value": value} for name, value in numbers.items()])


def publish_rows(folder: Path, rows: Sequence[Mapping[str, Any]]) -> manifest.PublishedEdition:
    """An edition with these rows of ``results.csv``; the rest of a manifest that is there stays."""
    text = pd.DataFrame(rows, columns=list(results_csv.COLUMNS)).to_csv(index=False)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / manifest.RESULTS).write_text(text, "utf-8")
    known = manifest.read(folder) or {"scenario": folder.name}
    record = {**known, "outputs": {**known.get("outputs", {}), manifest.RESULTS: files.digest(text.encode())}}
    (folder / manifest.NAME).write_bytes(manifest.dump(record))
    return manifest.PublishedEdition(folder, record)


@lru_cache(maxsize=1)
def stakes() -> dict[str, float]:
    """Receipts at stake by province, made up, and by region as the notebook publishes them, by identifier."""
    from tradeexposure import data
    from tradeexposure.canola.exposure import receipts, results

    rows = [(geo, *place_and_stake) for geo, place_and_stake in STAKES.items()]
    stake = pd.DataFrame(rows, columns=["geo", "place", "at_stake_cad"])
    areas = data.geography.canola_subdivisions(data.load("census_canola_by_subdivision"))
    placed = results.regions(receipts.allocation(areas, data.load("census_crop_farms"), stake), year=2024)
    by_province = {f"canola.receipts_at_stake_cad.{place}.2024": value for place, value in STAKES.values()}
    return {**by_province, **dict(zip(placed["result_id"], placed["value"], strict=True))}


def farm_prices() -> list[dict[str, str]]:
    """Rows of a ``results.csv`` with the committed farm price of every scenario, as the comparison publishes it."""
    with paths.path("reports", "scenarios.csv").open(encoding="utf-8", newline="") as stream:
        every = list(csv.DictReader(stream))
    return [{"result_id": row["result_id"].replace(SIMULATED, f"{farm_page.PRICE_CHANGE}.{row['scenario']}"),
             **{end: row[end] for end in farm_page.ENDS}}
            for row in every if row["result_id"].startswith(SIMULATED)]  # fmt: skip


def publish_farm_prices(folder: Path, rows: list[dict[str, str]] | None = None) -> manifest.PublishedEdition:
    """An edition with those numbers, or all of :func:`farm_prices`."""
    return publish_rows(folder, farm_prices() if rows is None else rows)
