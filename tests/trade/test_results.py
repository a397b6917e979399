"""What the trade map publishes: identifiers, the middle model, and a range that holds every model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from choices import of

from tradeexposure import data
from tradeexposure.econometrics.time_series import forecasting
from tradeexposure.reporting import chart_style, results_book
from tradeexposure.trade import figures, flows, results

CHANCES = {"exponential_smoothing": 0.6, "no_trend": 0.1, "structural": 0.5, "sarima": 0.7}
PROMISED = {
    "trade.two_way_china.2024",
    "trade.exports_china.2026_jan_aug.change_on_year",
    "trade.imports_us.2026_jan_aug",
    "trade.non_us_export_share.2024",
    "trade.non_us_export_share.2024.ex_precious_metals",
    "trade.non_us_export_share.2025",
    "trade.non_us_export_share.2025.ex_precious_metals",
    "trade.us_import_share.2024",
    "trade.double_non_us.2035.required_growth",
    "trade.double_non_us.2035.probability",
    "trade.double_non_us.2035.probability_ex_precious_metals",
    "trade.double_non_us.2035.probability_low",
    "trade.double_non_us.2035.probability_high",
    "trade.china_target.2030.probability",
    "trade.china_target.2030.probability.base_2025",
    "trade.china_target.2030.required_growth.base_2025",
    "trade.double_non_us.2035.probability.base_2025_origin_2024-12",
    "trade.double_non_us.2035.required_growth_left.base_2025_ex_precious_metals",
}

NOTEBOOK = of(10, "targets")


@pytest.fixture(scope="module")
def monthly() -> pd.DataFrame:
    return flows.flows(data.load("merchandise_trade_monthly"))


@pytest.fixture(scope="module")
def chances(monthly: pd.DataFrame) -> pd.DataFrame:
    """Invented chances, lower from the older origin, for every target."""
    targets = flows.targets(flows.by_year(monthly), NOTEBOOK.aims)[["series", "target", "year", "target_cad"]]
    rows = [
        {**aim, "origin": pd.Timestamp(origin), "family": family, "probability": chance * factor}
        for aim in targets.to_dict("records")
        for origin, factor in (("2024-12-01", 0.5), ("2026-04-01", 1.0))
        for family, chance in CHANCES.items()
    ]
    return pd.DataFrame(rows)


def test_the_headline_is_the_middle_of_three_and_the_range_holds_all_four(chances: pd.DataFrame) -> None:
    headline = results.headline_probability(chances).set_index(["series", "target", "origin"])
    row = headline.loc[("non_us", "2035 at 2 × 2024", pd.Timestamp("2026-04-01"))]
    assert (row["value"], row["low"], row["high"]) == (0.6, 0.1, 0.7)
    assert set(forecasting.WITH_TREND) == set(CHANCES) - {"no_trend"}


def test_every_promised_number_is_published_once(monthly: pd.DataFrame, chances: pd.DataFrame) -> None:
    yearly, book = flows.by_year(monthly), results_book.Book("10_map_trade")
    variants = flows.break_variants(monthly, date="2025-03", clean_until="2024-12")
    for frame in (
        results.flow_rows(yearly, years=(2024, 2025)),
        results.months_rows(flows.newest(monthly, data.load("partner_trade_monthly"))),
        results.share_rows(yearly, years=(2024, 2025)),
        results.market_rows(flows.effective_markets(yearly), years=(2024, 2025)),
        results.break_rows(variants, date="2025-03").assign(period="2025-03 to 2026-02"),
        results.target_rows(flows.targets(yearly, NOTEBOOK.aims)),
        results.base_rate_rows(flows.base_rates(monthly, spans=NOTEBOOK.spans)),
        results.probability_rows(chances),
    ):
        book.add_frame(frame)  # refuses a repeated id, an unknown unit, a range that misses its value
    published = book.frame().set_index("result_id")
    assert set(published.index) >= PROMISED
    assert published.at["trade.double_non_us.2035.probability", "value"] == 0.6
    assert published.at["trade.exports_china.2026_jan_aug", "value"] == 29_015.8e6  # added up from the months
    assert published.at["trade.exports_china.2026_jan_aug", "period"] == "2026, January to August"
    assert published.at["trade.double_non_us.2035.probability_low", "value"] == 0.1
    assert published.at["trade.double_non_us.2035.probability.origin_2024-12", "value"] == 0.3
    assert published.at["trade.double_non_us.2034.probability", "period"] == "2034"
    change = published.loc["trade.us_export_share_break.2025-03"]
    before, after = (published.at[f"{change.name}.{part}", "value"] for part in ("before", "after"))
    assert change["unit"] == "points" and change["value"] == pytest.approx(after - before, abs=1.5e-3)
    assert published.at["trade.double_non_us.2035.required_growth", "value"] == pytest.approx(
        2 ** (1 / 11) - 1, abs=5e-5
    )


def test_coverage_is_published_at_the_stated_horizons() -> None:
    coverage = pd.DataFrame(
        {"series": "non_us", "family": "sarima", "level": [0.8, 0.8, 0.95], "horizon_years": [5, 7, 5],
         "coverage": [0.9, 0.8, 1.0], "above_median": 0.4, "windows": [15, 13, 15], "independent": [3, 2, 3]}
    )  # fmt: skip
    published = results.coverage_rows(coverage).set_index("result_id")["value"]
    assert published.to_dict() == {
        "trade.coverage.sarima.non_us.5y.level_80": 0.9,
        "trade.above_median.sarima.non_us.5y": 0.4,
        "trade.coverage.sarima.non_us.5y.level_95": 1.0,
        "trade.backtest_origins.7y": 13.0,
        "trade.backtest_independent.7y": 2.0,
    }


def test_the_specifications_show_every_model_and_origin(chances: pd.DataFrame) -> None:
    shown = figures.specifications(chances)
    columns = figures.TABLES["chances"]["columns"]
    assert len(shown) == 16 and set(shown.columns) == set(columns)
    assert list(columns.values())[3:] == ["Exponential smoothing", "No trend", "Structural time series", "SARIMA"]
    assert shown["series"].iloc[0] == "Exports outside the United States"


def test_the_coverage_table_and_title_say_how_many_forecasts_were_checked() -> None:
    coverage = pd.DataFrame(
        [("non_us", family, 0.8, years, covered / origins, origins)
         for family, covered in (("sarima", 13), ("structural", 14), ("no_trend", 19))
         for years, origins in ((1, 19), (2, 18))],
        columns=["series", "family", "level", "horizon_years", "coverage", "windows"],
    )  # fmt: skip
    style = figures.coverage_style(coverage)
    assert list(style["columns"].values()) == ["What", "Interval", "Model", "1 (19)", "2 (18)"]
    assert set(style["columns"]) == set(figures.coverage_table(coverage).columns)
    title = figures.coverage_title(coverage, series="non_us")
    assert "13 to 14 of 19 outcomes in their 80% interval one year ahead" in title


def test_every_fan_opens_at_the_last_year_observed(monthly: pd.DataFrame) -> None:
    seen = flows.target_series(monthly)["non_us"]
    months = pd.date_range(seen.index[-1], "2028-12-01", freq="MS")[1:]
    forecasts = [
        forecasting.Forecast("non_us", family, seen, months, np.full(len(months), 23.6), np.eye(len(months)) / 100)
        for family in ("no_trend", "sarima")
    ]
    drawn = figures.export_fans(forecasts, series="non_us", target=370e9).to_dict()
    (rows,) = drawn["datasets"].values()
    frame = pd.DataFrame(rows)
    assert drawn["facet"]["sort"] == ["No trend", "SARIMA"] == list(frame["model"].unique())
    ahead = frame.dropna(subset="middle")
    first = ahead[ahead["year"] == 2025]
    assert len(first) == 2 and set(ahead["year"]) == {2025, 2026, 2027, 2028}
    total = round(flows.by_year(monthly).at[2025, "exports_non_us_cad"] / 1e9, 1)
    assert (first[["low", "middle", "high", "seen"]] == total).all(axis=None)
    marks = [layer["mark"] for layer in drawn["spec"]["layer"]]
    assert marks[-1]["color"] not in chart_style.colours(["no_trend", "sarima", "structural", "exponential_smoothing"])


def test_the_days_on_which_us_rates_changed() -> None:
    changes = figures.us_measures(data.load("us_rates_by_date"), until=pd.Timestamp("2025-12-31"))
    assert changes["date"].dt.strftime("%Y-%m-%d").tolist() == ["2025-03-04", "2025-04-03", "2025-08-01"]
    assert changes["label"].tolist() == ["Goods without claim +25%", "Cars +25%", "Goods without claim +35%"]


def test_each_series_has_its_own_newest_origin(chances: pd.DataFrame) -> None:
    later = chances["series"].eq("china") & chances["origin"].eq(pd.Timestamp("2026-04-01"))
    moved = chances.assign(origin=chances["origin"].mask(later, pd.Timestamp("2026-08-01")))
    rows = results.probability_rows(moved).set_index("result_id")
    assert set(rows.index) == set(results.probability_rows(chances)["result_id"])
    assert rows.at["trade.china_target.2030.probability", "seen"] == "August 2026"
    assert rows.at["trade.double_non_us.2035.probability", "seen"] == "April 2026"
    assert results.verdict(moved) == results.verdict(chances)


@pytest.mark.parametrize(
    ("values", "phrase"),
    [((0.1, 0.6, 0.7, 0.8), "three models in four expect"), ((0.1, 0.48, 0.54, 0.49), "one model in four expects"),
     ((0.1, 0.2, 0.3, 0.4), "no model expects"), ((0.6, 0.6, 0.7, 0.8), "all four models expect")],
)  # fmt: skip
def test_the_title_counts_the_models_that_expect_doubling(values: tuple[float, ...], phrase: str) -> None:
    newest = {"series": "non_us", "target": "2035 at 2 × 2024", "origin": pd.Timestamp("2026-04-01")}
    odds = pd.DataFrame([{**newest, "probability": value} for value in values])
    aside = odds.assign(origin=pd.Timestamp("2024-12-01"), probability=0.9)
    assert phrase in figures.fan_title(pd.concat([aside, odds, odds.assign(series="china", probability=0.9)]))
