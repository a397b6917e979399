"""Customs figures and what the canola exposure notebook publishes and draws."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import customs_values, figures, results, seed_exports
from tradeexposure.core import provinces
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import tariff_schedule


@pytest.fixture
def two_years() -> pd.DataFrame:
    """2020-08 to 2022-07: China takes 1 kt a month in the first crop year, nothing after; Japan 3 kt throughout."""
    months = pd.date_range("2020-08", "2022-07", freq="MS")
    china = pd.DataFrame({"month": months, "destination": provinces.CHINA, "volume_kt": [1.0] * 12 + [0.0] * 12})
    return pd.concat([china, pd.DataFrame({"month": months, "destination": "Japan", "volume_kt": 3.0})])


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-01"),
        ("2024-03", "2024-03-01", "2024-03-01"),
        ("2017-18", "2017-08-01", "2018-07-01"),
        ("2010-11", "2010-08-01", "2011-07-01"),  # the year after, so a crop year and not November
        ("2024-08..2025-06", "2024-08-01", "2025-06-01"),
    ],
)
def test_cited_periods(text: str, first: str, last: str) -> None:
    assert customs_values.period_bounds(text) == (pd.Timestamp(first), pd.Timestamp(last))


@pytest.mark.parametrize("text", ["last year", "2024-15", "to 2022", ""])
def test_other_periods_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="period"):
        customs_values.period_bounds(text)


def test_gap_between_sources_by_hand(two_years: pd.DataFrame) -> None:
    cited = pd.DataFrame(
        [
            ("2021", "China", "canadian_exports", 8.0),
            ("2020-21", "World", "canadian_exports", 50.0),
            ("2019", "World", "canadian_exports", 9.0),
        ],
        columns=["period", "destination", "basis", "volume_kt"],
    )
    beside = customs_values.beside_licensed(two_years, cited).set_index("period")
    assert beside.loc["2021", "licensed_kt"] == 7  # January to July
    assert beside.loc["2021", "gap"] == pytest.approx(-1 / 8)
    assert beside.loc["2020-21", "licensed_kt"] == 48
    assert "2019" not in beside.index  # not covered by the licensed facilities' months


def test_every_conflicting_value_is_kept() -> None:
    figures = pd.DataFrame(
        [("seed", 4.0e9), ("meal", 9.21e8), ("oil", 1.5e6), ("oil", 20.6e6)], columns=["product", "value_cad"]
    ).assign(year=2024, market="China")
    values = customs_values.product_values(figures, market="China").set_index("product")
    assert values.loc["oil", ["low_cad", "high_cad", "sources"]].tolist() == [1.5e6, 20.6e6, 2]
    with pytest.raises(BadInput, match="no meal"):
        customs_values.product_values(figures[figures["product"] != "meal"], market="China")


def test_ranges_span_the_sources_where_there_are_two() -> None:
    yearly = pd.DataFrame({"year": ["2023", "2024"], "market_kt": [4.0, 6.0], "share_of_exports": [0.5, 0.6]})
    others = pd.DataFrame(
        [
            ("2024", "China", "canadian_exports", 5.8),
            ("2024", "China", "chinese_imports", 6.1),
            ("2024", "World", "canadian_exports", 10.0),
        ],
        columns=["period", "destination", "basis", "volume_kt"],
    )
    ranged = customs_values.with_ranges(yearly, others).set_index("year")
    assert ranged.loc["2023", ["low_kt", "high_kt", "low_share", "high_share"]].isna().all()
    assert ranged.loc["2024", ["low_kt", "high_kt"]].tolist() == [5.8, 6.1]
    assert ranged.loc["2024", ["low_share", "high_share"]].tolist() == pytest.approx([0.58, 0.6])


def test_baskets_keep_both_figures_for_oil() -> None:
    values = pd.DataFrame(
        {"product": ["seed", "oil", "meal"], "low_cad": [80e6, 0.0, 20e6], "high_cad": [80e6, 25e6, 20e6]}
    )
    low, high = customs_values.baskets(values).values()
    assert low.to_dict() == pytest.approx({"seed": 0.8, "oil": 0.0, "meal": 0.2})
    assert high.to_dict() == pytest.approx({"seed": 0.64, "oil": 0.2, "meal": 0.16})
    mix = customs_values.product_mix(values).set_index("product")
    assert mix.loc["seed", ["share", "low", "high"]].tolist() == pytest.approx([0.8, 0.64, 0.8])


def test_published_figures_must_be_found_once() -> None:
    table = pd.DataFrame({"study": ["A and B"], "effect": ["x"], "value": [23.0], "unit": "percent", "period": "2023"})
    row = customs_values.beside_published(table, {("A", "x"): 0.24}).iloc[0]
    assert row[["published", "ours"]].tolist() == [0.23, 0.24]
    with pytest.raises(BadInput, match="0 rows"):
        customs_values.beside_published(table, {("C", "x"): 0.24})


@pytest.fixture(scope="module")
def seed() -> pd.DataFrame:
    return seed_exports.monthly_exports(data.load("grain_exports_monthly"))


def test_identifiers_of_a_year_that_is_not_over_are_marked(seed: pd.DataFrame) -> None:
    calendar = seed_exports.concentration(seed_exports.annual_exports(seed))
    crop_years = seed_exports.concentration(seed_exports.annual_exports(seed, year="crop"))
    nothing = pd.DataFrame([("1990", "China", "canadian_exports", 1.0), ("1990", "World", "canadian_exports", 2.0)])
    nothing.columns = pd.Index(["period", "destination", "basis", "volume_kt"])
    ids = set(results.exports(calendar, crop_years, seed, nothing)["result_id"])
    assert {f"canola.exports_china_kt.{year}" for year in range(2015, 2025)} <= ids
    assert "canola.exports_china_kt.2025_jan_oct" in ids
    assert not ids & {"canola.exports_china_kt.2014", "canola.exports_china_kt.2025"}


def test_the_charts_hold_what_they_say(seed: pd.DataFrame) -> None:
    by_month = figures.destinations(seed, tariff_schedule.all_measures()).to_dict()
    assert any("Two exporters barred" in str(rows) for rows in by_month["datasets"].values())
    drawn = pd.DataFrame(max(by_month["datasets"].values(), key=len))
    last = drawn[drawn["month"] == drawn["month"].max()].set_index("destination")["volume_kt"]
    assert list(last.index) == ["China", "European Union", "All other countries"]
    newest = seed[seed["month"] > seed["month"].max() - pd.DateOffset(months=12)]
    assert last["China"] == pytest.approx(newest.loc[newest["destination"] == "China", "volume_kt"].sum())
    assert last.sum() == pytest.approx(newest["volume_kt"].sum())
    few = pd.DataFrame({"geo": ["New Brunswick", "Alberta"], "farms": [6, 11615]}).assign(
        at_stake_per_farm_cad=2.0, low_per_farm_cad=1.0, high_per_farm_cad=3.0
    )
    per_farm = str(figures.per_farm(few).to_dict()["datasets"])
    assert "New Brunswick" not in per_farm and "Lowest, C$ per farm" in per_farm and "geo" not in per_farm


def test_a_tariff_is_drawn_once_where_two_bases_agree() -> None:
    days = pd.to_datetime(["2024-01-01", "2025-01-01", "2026-01-01", "2026-08-31"])
    rates = {"owed": (0.1, 0.3, 0.2), "border": (0.1, 0.9, 0.2)}
    paths = pd.DataFrame(
        [{"date_from": days[at], "date_to": days[at + 1], "rate": rate, "basis": basis, "basket": basket}
         for basis, all_rates in rates.items() for basket in ("low", "high") for at, rate in enumerate(all_rates)]
    )  # fmt: skip
    drawn = figures.tariff(paths, tariff_schedule.all_measures()).to_dict()["datasets"].values()
    stretches = next(rows for rows in drawn if len(rows) == 4)
    assert [(row["What is charged"], row["rate"]) for row in stretches] == [
        ("Border", 0.1), ("Border", 0.9), ("Border", 0.2), ("Owed", 0.3),
    ]  # fmt: skip
