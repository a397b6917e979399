"""The data package as a whole: valid for the Frictionless framework, complete, credited, and its codebook current."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core import paths

NAMES = [name for name in data.names() if not data.describe(name).get("private")]
CITED_IN_ROWS = "quoted-facts"
NEVER_EMPTY = (
    "title", "publisher", "attribution", "coverage", "vintage", "accessed", "trust", "caveat", "key", "hash", "bytes",
)  # fmt: skip
STATISTICS_CANADA = "Statistics Canada"
#: Columns of time, the finest first, and how coverage is written by each; benchmarks are of no period of their own.
TIMES = {
    "week_ending": "{:%Y-%m-%d}", "month": "{:%Y-%m}", "quarter": "{0.year}Q{0.quarter}", "year": "{}",
    "census_year": "{}", "marketing_year": "{}", "harvest_year": "{}",
}  # fmt: skip
#: Words that would send a reader to something this project does not hold.
FOREIGN = re.compile(r"\(here\)|file here|\bhere\)|\.\./|pages read|excerpt|see report|from memory", re.I)


@pytest.mark.long
def test_package_is_valid() -> None:
    from frictionless import Package

    report = Package.from_descriptor(str(paths.path("data", "datapackage.json"))).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])[:5]
    assert len(report.tasks) == len(data.names())


@pytest.mark.long
def test_nothing_is_wrong() -> None:
    assert data.validate() == []


@pytest.mark.parametrize("name", NAMES)
def test_descriptor_is_complete(name: str) -> None:
    resource = data.describe(name)
    assert all(resource[entry] for entry in NEVER_EMPTY)
    assert resource["schema"].get("primaryKey", resource["key"]) == resource["key"]
    licence = resource["licenses"][0]
    fields = [field["name"] for field in resource["schema"]["fields"]]
    if licence["name"] == CITED_IN_ROWS:
        assert {"source", "source_title", "study"} & set(fields) or resource["tableNumber"]
    else:
        assert licence["path"].startswith("https://")
        assert resource["address"].startswith("https://")
    if resource["publisher"] == STATISTICS_CANADA:
        assert licence["title"] == "Statistics Canada Open Licence"
        assert resource["attribution"].startswith("Adapted from Statistics Canada")
    for field in resource["schema"]["fields"]:
        assert field["description"].endswith("."), field["name"]


def test_no_table_was_read_before_the_state_that_it_is_of_nor_later_than_today() -> None:
    for name in NAMES:
        resource = data.describe(name)
        days = re.findall(r"\d{4}-\d{2}-\d{2}", resource["vintage"])
        assert max(days, default="2026-11-25") <= resource["accessed"] <= f"{pd.Timestamp.now():%Y-%m-%d}", name


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("benchmarks")])
def test_coverage_is_what_the_table_covers(name: str) -> None:
    frame = data.load(name)
    time = next((column for column in TIMES if column in frame), "")
    if time:
        first, last = (TIMES[time].format(end) for end in (frame[time].min(), frame[time].max()))
        assert data.describe(name)["coverage"] == f"{first} to {last}"


@pytest.mark.parametrize("name", NAMES)
def test_text_speaks_of_this_project_only(name: str) -> None:
    for column, cells in data.load(name).select_dtypes("str").items():
        foreign = cells[cells.str.contains(FOREIGN)]
        assert foreign.empty, f"{column}: {foreign.iloc[0]}"
    assert not FOREIGN.search(json.dumps(data.describe(name)))


def test_every_press_figure_names_its_source() -> None:
    for name in NAMES:
        frame = data.load(name)
        for column in {"source", "source_title", "source_url", "trust"} & set(frame.columns):
            assert (frame[column] != "").all(), f"{name}.{column}"
            assert not frame[column].str.contains(r"\(same\)|as above").any(), f"{name}.{column}"


def test_trade_with_partners_is_the_newest_reading() -> None:
    """C$ millions to the tenth, of 2025 and January to August 2026, as added up by hand from the published months."""
    newest = data.load("partner_trade_monthly")
    years = newest.groupby(["flow", "partner", newest["month"].dt.year])["value_cad_millions"].sum().round(1)
    assert years.to_dict() == {
        ("export", "china", 2025): 35034.3, ("export", "china", 2026): 29015.8,
        ("export", "united_states", 2025): 562698.2, ("export", "united_states", 2026): 388856.4,
        ("import", "china", 2025): 90628.3, ("import", "china", 2026): 60485.2,
        ("import", "united_states", 2025): 361792.0, ("import", "united_states", 2026): 258078.9,
    }  # fmt: skip
    key = ["month", "flow", "partner"]
    before = data.load("merchandise_trade_monthly").query("product == 'all'").set_index(key)["value_cad_millions"]
    revised = (
        newest.set_index(key)["value_cad_millions"].div(before).sub(1).dropna().groupby("partner").agg(["min", "max"])
    )
    assert revised.round(3).loc["china"].tolist() == [-0.002, 0.046]
    assert revised.round(3).loc["united_states"].tolist() == [-0.024, 0.019]


def test_the_prairie_price_ends_before_a_month_of_one_province() -> None:
    price = data.load("canola_price_prairies_monthly").set_index("month")["price_cad_per_tonne"]
    assert f"{price.index[-1]:%Y-%m}" == "2026-06" and 731.13 not in price.tolist()


def test_weekly_grain_is_the_sum_of_what_was_published() -> None:
    """Totals of the published rows, added up outside this project: (rows, kilotonnes) of each item and place."""
    weekly = data.load("grain_weekly")
    totals = weekly.groupby(["item", "place"])["volume_kt"].agg(["size", "sum"]).round(1)
    assert {key: tuple(row) for key, row in zip(totals.index, totals.to_numpy(), strict=True)} == {
        ("crush", "all"): (682, 2818136.8),
        ("deliveries", "all"): (682, 6458930.2),
        ("exports", "all"): (680, 3113619.8),
        ("exports", "churchill"): (680, 5079.1),
        ("exports", "direct"): (682, 129095.1),
        ("exports", "pacific"): (680, 2738246.9),
        ("exports", "prince_rupert"): (421, 150276.6),
        ("exports", "st_lawrence"): (680, 60247.0),
        ("exports", "thunder_bay"): (680, 180970.3),
        ("exports", "vancouver"): (421, 1503915.6),
        # Without week 30 of 2025-26: 975.0 in country elevators, 1,424.4 in all.
        ("stocks", "all"): (668, 798808.9 - 1424.4),
        ("stocks", "country_elevators"): (668, 487627.1 - 975.0),
        ("stocks", "process_elevators"): (669, 104703.0),
        ("stocks", "terminal_elevators"): (669, 206478.8),
    }


def test_weekly_grain_adds_up_over_places_and_weeks() -> None:
    weekly = data.load("grain_weekly")
    wide = weekly.pivot(index="week_ending", columns=["item", "place"], values="volume_kt")
    ports = wide["exports"]
    places = ports[["pacific", "thunder_bay", "st_lawrence", "churchill", "direct"]].sum(axis="columns", skipna=False)
    assert (places - ports["all"]).abs().max() < 0.11
    assert (
        ports[["vancouver", "prince_rupert"]].sum(axis="columns", skipna=False) - ports["pacific"]
    ).abs().max() < 0.11
    stocks = wide["stocks"]
    assert (stocks.drop(columns="all").sum(axis="columns", skipna=False) - stocks["all"]).abs().max() < 0.11
    first = pd.to_datetime(weekly["crop_year"].str[:4] + "-08-01")
    assert weekly["week_ending"].between(first, first + pd.DateOffset(years=1) - pd.Timedelta(days=1)).all()
    assert ((weekly["week_ending"] - first).dt.days // 7 - weekly["week"]).abs().max() <= 1
    assert not weekly.duplicated(["crop_year", "week", "item", "place"]).any()


def test_prairie_farm_and_food_exports_to_china_from_march_to_august() -> None:
    """C$ millions, as added up by hand from the published months."""
    china = data.load("farm_food_exports_monthly").query("partner == 'china' and 3 <= month.dt.month <= 8")
    years = china.groupby(china["month"].dt.year)["value_cad_millions"].sum().round(2)
    assert years.to_dict() == {
        2018: 3406.69, 2019: 1950.99, 2020: 2914.33, 2021: 3279.73, 2022: 1899.85, 2023: 3549.75, 2024: 3609.66,
        2025: 2075.56, 2026: 3424.13,
    }  # fmt: skip
    whole = data.load("farm_food_exports_monthly")
    assert (len(whole), round(whole["value_cad_millions"].sum(), 3)) == (1352, 457641.204)
    parts = whole[whole["partner"] != "world"].groupby(["month", "province"])["value_cad_millions"].sum()
    assert (parts <= whole[whole["partner"] == "world"].set_index(["month", "province"])["value_cad_millions"]).all()


def test_canola_exports_to_the_world_from_march_to_august() -> None:
    exports = data.load("canola_exports_monthly").set_index("month")["value_cad_millions"]
    assert (len(exports), round(exports.sum(), 1)) == (200, 90312.5)
    spring = exports[exports.index.month.isin(range(3, 9))].groupby(lambda month: month.year).sum().round(1)
    assert {year: spring[year] for year in (2024, 2025, 2026)} == {2024: 3035.4, 2025: 2772.5, 2026: 4042.0}


def test_harvest_releases() -> None:
    releases = data.load("canola_production_releases")
    assert (len(releases), round(releases["production_mt"].sum(), 2)) == (20, 355.35)
    assert (releases["released"].dt.year == releases["harvest_year"]).all()
    day = releases["released"].dt.strftime("%y%m%d")
    assert all(stamp in address for stamp, address in zip(day, releases["source"], strict=True))
    september = releases[releases["release"] == "August model-based"].set_index("harvest_year")["production_mt"]
    assert september.to_dict() == {2020: 19.4, 2021: 12.8, 2022: 19.1, 2023: 17.4, 2024: 19.0, 2025: 20.0, 2026: 22.05}


def test_seed_imports_of_china() -> None:
    """Rivals are the total less Canada's, on the count that the row names; Canadian shipments are those we hold."""
    table = data.load("china_seed_imports")
    volume = table.set_index(["year", "origin", "basis"])["volume_kt"]
    customs = volume.xs((2024, "chinese_customs"), level=("year", "basis"))
    assert customs["rivals"] == customs["all"] - customs["canada"]
    exported = volume[2023, "canada", "canadian_exports"]
    assert volume[2023, "rivals", "less_canadian_exports"] == volume[2023, "all", "chinese_customs"] - exported
    for year, basis in [(2019, "shipped_in_year"), (2019, "shipped_month_earlier"), (2020, "shipped_month_earlier")]:
        rivals = volume[year, "rivals", f"less_{basis}"]
        assert rivals == volume[year, "all", "market_centre"] - volume[year, "canada", basis]
        shift = int(basis == "shipped_month_earlier")
        shipped = data.load("grain_exports_monthly").query("grain == 'canola' and destination == 'China P.R.'")
        months = shipped["month"] + pd.DateOffset(months=shift)
        assert shipped[months.dt.year == year]["volume_kt"].sum() == pytest.approx(volume[year, "canada", basis], abs=5)
    assert set(table["trust"]) == {"medium"}
    assert not table["address"].str.contains("squidsite|tridge").any()
    assert table["address"].notna().all()


def test_what_the_market_is_weighed_by_is_quoted_with_its_source() -> None:
    """Bookings, a step of futures and a forecast that notebook 65 weighs: value, unit, and where it was read."""
    quoted = data.load("benchmarks_canola").set_index("effect")
    unit = "million tonnes"
    for effect, value, written in [
        ("November ICE canola futures, close of the day before", 680.8, "C$/t"),
        ("China canola imports 2025/26, forecast and what it was cut from", 3.1, unit),
        ("Chinese bookings of Australian seed, to load November 2025-January 2026", 0.54, unit),
        ("Australian canola crop 2019-20, forecast", 2.1, unit),
    ]:
        assert (quoted.loc[effect, "value"], quoted.loc[effect, "unit"]) == (value, written)
    cargoes = quoted.loc[["Chinese bookings of Canadian seed for spring 2026"]]
    assert {"at least 10 cargoes, about 600,000 t"} < set(cargoes["stated"])
    assert cargoes["value"].dropna().tolist() == [0.6, 0.65]
    assert quoted["source"].str.contains("https://|http://").all()


def test_rebate_periods_do_not_overlap() -> None:
    rebates = data.load("ev_rebates").sort_values("date_start")
    public = rebates[~rebates["programme"].str.contains("non-government") & (rebates["amount_cad"] >= 0)]
    for key, group in public.groupby(["jurisdiction", "vehicle"]):
        ends, starts = group["date_end"].iloc[:-1], group["date_start"].iloc[1:]
        assert (ends.to_numpy() < starts.to_numpy()).all(), key


def test_us_rates_leave_no_day_out() -> None:
    for product, rows in data.load("us_rates_by_date").groupby("product"):
        rows = rows.sort_values("date_from")
        following = rows["date_from"].iloc[1:].reset_index(drop=True)
        assert (rows["date_to"].iloc[:-1].reset_index(drop=True) + pd.Timedelta(days=1) == following).all(), product
        assert pd.isna(rows["date_to"].iloc[-1])


def test_us_imports_of_canola_in_2025_agree_with_the_compiled_headings() -> None:
    monthly = data.load("us_imports_from_canada_monthly").query("month.dt.year == 2025")
    compiled = data.load("canola_exports_compiled").query("basis == 'us_imports' and period == '2025'")
    headings = compiled.set_index("product")["value_usd"]
    for heading in ("1205", "1514", "151411", "151419", "230641"):
        lines = monthly[monthly["hts10"].str.startswith(heading)]
        assert lines["value_usd"].sum() == pytest.approx(headings[heading], abs=1), heading
    cars = monthly[monthly["hts10"].str.startswith("8703")]["value_usd"].sum()
    assert cars / headings["8703"] == pytest.approx(21.3 / 25.1, abs=0.005)


def test_us_imports_by_line_sum_to_those_by_partner() -> None:
    lines = data.load("us_imports_from_canada_2024")
    partner = data.load("us_imports_by_partner_2024").query("partner == 'Canada'").set_index("hs6")["value_usd"]
    summed = lines.groupby(lines["hts10"].str[:6])["value_usd"].sum()
    shared = summed.index.intersection(partner.index)
    assert len(shared) > 40
    assert (summed[shared] / partner[shared] - 1).abs().max() < 0.001


#: Columns of figures alike in size: a zero, or one figure in another unit, is none of them.
BOUNDED = {
    "canola_price_prairies_monthly": "price_cad_per_tonne",
    "farm_prices_monthly": "price_cad_per_tonne", "commodity_prices_monthly": "price_usd",
    "canola_exports_monthly": "value_cad_millions", "canola_crush_monthly": "seed_crushed_kt",
    "merchandise_trade_monthly": "value_cad_millions", "farm_food_exports_monthly": "value_cad_millions",
    "partner_trade_monthly": "value_cad_millions", "canola_ev_trade_value_monthly": "value_cad",
}  # fmt: skip


@pytest.mark.parametrize("name", BOUNDED)
def test_no_figure_is_nothing_or_a_thousand_times_its_size(name: str) -> None:
    cells = data.load(name)[BOUNDED[name]]
    fields = {field["name"]: field["constraints"] for field in data.describe(name)["schema"]["fields"]}
    rules = fields[BOUNDED[name]]
    assert 0 < rules["minimum"] <= cells.min() and cells.max() <= rules["maximum"] < 1000 * cells.median()


def test_what_is_written_from_the_descriptor_is_current() -> None:
    for path, text in data.generated().items():
        assert path.read_text("utf-8") == text, f"{path.name} is out of date: python -m tradeexposure.data"


def test_codebook_names_every_table_and_column() -> None:
    text = next(text for path, text in data.generated().items() if path.name == "CODEBOOK.md")
    for name in NAMES:
        resource = data.describe(name)
        line = text.partition(f"| [{name}]")[2].partition("\n")[0]
        assert f"\n## {name}\n" in text and line.endswith(f"| {resource['accessed']} | {resource['trust']} |")
        for field in resource["schema"]["fields"]:
            assert f"| `{field['name']}` | {field['type']} | {field.get('unit', '')} |" in text


@pytest.mark.long
def test_validate_reports_every_fault(copy: Path) -> None:
    tables = copy / "tables"
    (tables / "gsim_results.csv").unlink()
    (tables / "stray.csv").write_text("a\n1\n")
    rate = tables / "exchange_rate_monthly.csv"
    rate.write_text(rate.read_text("utf-8") + "2026-06,,1\n", encoding="utf-8")
    (copy / "CODEBOOK.md").write_text("old")
    problems = data.validate()
    assert len(problems) == 4
    for fault in ("gsim_results.csv", "stray.csv", "row 439, column cad_per_usd", "CODEBOOK.md: out of date"):
        assert sum(fault in problem for problem in problems) == 1, fault
