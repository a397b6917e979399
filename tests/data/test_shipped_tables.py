"""The data package as a whole: valid for the Frictionless framework, complete, credited, and its codebook current."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core import paths

NAMES = data.names()
CITED_IN_ROWS = "quoted-facts"
STATISTICS_CANADA = "Statistics Canada"
#: Words that would send a reader to something this project does not hold.
FOREIGN = re.compile(r"\(here\)|file here|\bhere\)|\.\./|pages read|excerpt|see report|from memory", re.I)


@pytest.mark.long
def test_package_is_valid() -> None:
    from frictionless import Package

    report = Package.from_descriptor(str(paths.path("data", "datapackage.json"))).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])[:5]
    assert len(report.tasks) == len(NAMES)


@pytest.mark.long
def test_nothing_is_wrong() -> None:
    assert data.validate() == []


@pytest.mark.parametrize("name", NAMES)
def test_table_loads_and_its_key_is_unique(name: str) -> None:
    frame = data.load(name)
    resource = data.describe(name)
    assert len(frame) > 0
    assert not frame.duplicated(resource["key"]).any()
    assert resource["schema"].get("primaryKey", resource["key"]) == resource["key"]


@pytest.mark.parametrize("name", NAMES)
def test_descriptor_is_complete(name: str) -> None:
    resource = data.describe(name)
    for entry in (
        "title",
        "publisher",
        "attribution",
        "coverage",
        "vintage",
        "trust",
        "caveat",
        "key",
        "hash",
        "bytes",
    ):
        assert resource[entry], entry
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


@pytest.mark.parametrize("name", NAMES)
def test_coverage_is_what_the_table_covers(name: str) -> None:
    frame, coverage = data.load(name), data.describe(name)["coverage"]
    time = next(
        (column for column in ("month", "quarter", "year", "census_year", "marketing_year") if column in frame), ""
    )
    if not time:
        return
    ends = [frame[time].min(), frame[time].max()]
    if time == "month":
        ends = [f"{end:%Y-%m}" for end in ends]
    if time == "quarter":
        ends = [f"{end.year}Q{end.quarter}" for end in ends]
    if name.startswith("benchmarks"):
        return
    assert coverage == f"{ends[0]} to {ends[1]}"


@pytest.mark.parametrize("name", NAMES)
def test_text_speaks_of_this_project_only(name: str) -> None:
    for column, cells in data.load(name).select_dtypes("str").items():
        found = cells[cells.str.contains(FOREIGN)]
        assert found.empty, f"{column}: {found.iloc[0]}"
    assert not FOREIGN.search(json.dumps(data.describe(name)))


def test_every_press_figure_names_its_source() -> None:
    for name in NAMES:
        frame = data.load(name)
        for column in {"source", "source_title", "source_url", "trust"} & set(frame.columns):
            assert (frame[column] != "").all(), f"{name}.{column}"
            assert not frame[column].str.contains(r"\(same\)|as above").any(), f"{name}.{column}"


def test_monthly_series_have_no_gap() -> None:
    for name in ("canola_price_prairies_monthly", "exchange_rate_monthly", "canola_crush_monthly"):
        months = data.load(name)["month"]
        assert months.tolist() == pd.date_range(months.min(), months.max(), freq="MS").tolist()
    trade = data.load("merchandise_trade_monthly")
    for _, series in trade.groupby(["flow", "partner", "product"]):
        months = series["month"]
        assert len(months) == len(pd.date_range(months.min(), months.max(), freq="MS"))


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


def test_claims_and_duty_never_exceed_the_value() -> None:
    monthly = data.load("us_imports_from_canada_monthly")
    assert (monthly["cusma_claimed_usd"] <= monthly["value_usd"]).all()
    yearly = data.load("us_imports_from_canada_2024")
    assert (yearly["duty_usd"] <= yearly["value_usd"]).all()


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


def test_all_fuels_are_the_sum_of_the_fuels() -> None:
    fuels = data.load("vehicle_registrations_canada_quarterly").pivot(
        index="quarter", columns="fuel", values="registrations"
    )
    total = fuels.pop("all fuel types")
    assert (fuels.sum(axis="columns") - total).abs().max() <= 5


def test_codebook_is_current(root: Path) -> None:
    assert (root / "data" / "CODEBOOK.md").read_text("utf-8") == data.codebook_text(), (
        "data/CODEBOOK.md is out of date; write it with 'python -m tradeexposure.data'"
    )


def test_codebook_names_every_table_and_column() -> None:
    text = data.codebook_text()
    for name in NAMES:
        assert f"\n## {name}\n" in text
        for field in data.describe(name)["schema"]["fields"]:
            assert f"| `{field['name']}` | {field['type']} | {field.get('unit', '')} |" in text


@pytest.mark.long
def test_validate_reports_every_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    shutil.copytree(root / "data", tmp_path / "data")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    tables = tmp_path / "data" / "tables"
    (tables / "gsim_results.csv").unlink()
    (tables / "stray.csv").write_text("a\n1\n")
    rate = tables / "exchange_rate_monthly.csv"
    rate.write_text(rate.read_text("utf-8") + "2026-06,,1\n", encoding="utf-8")
    (tmp_path / "data" / "CODEBOOK.md").write_text("old")
    problems = data.validate()
    assert len(problems) == 4
    for told in ("gsim_results.csv", "stray.csv", "row 439, column cad_per_usd", "CODEBOOK.md: out of date"):
        assert sum(told in problem for problem in problems) == 1, told
