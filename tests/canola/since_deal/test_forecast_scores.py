"""Frozen forecasts against what came: known errors and ranks, crop years that are over, coverage that is told late."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tradeexposure.canola.since_deal import forecast_scores, forecasts, results
from tradeexposure.data import frozen_forecasts
from tradeexposure.data.frozen_forecasts import COLUMNS
from tradeexposure.reporting import Book

PRICE, EXPORTS = "farm_price", "canola_exports"
VALUES = {
    PRICE: pd.Series(np.arange(600.0, 614.0), pd.date_range("2026-07", periods=14, freq="MS"), name=PRICE),
    EXPORTS: pd.Series(5e8, pd.date_range("2026-07", periods=13, freq="MS"), name=EXPORTS),
}


def forecast(series: str, target: str, horizon: str, *, value: float, **changed: object) -> dict[str, object]:
    row = dict.fromkeys(COLUMNS, "") | {"forecast_id": f"forecast.{series}.{horizon}", "series": series}
    row |= {"vintage": "shipped", "unit": "CAD per tonne", "newest": "2026-07", "target": target, "horizon": horizon}
    return row | {"value": value, "low": value / 1.2, "high": value * 1.2, "level": 0.9} | changed


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["vintage", *COLUMNS, "series"]).astype(
        dict.fromkeys(("value", "low", "high", "level"), "float64")
    )


NOTHING = frame()


def test_an_error_and_a_rank_that_are_known() -> None:
    sigma = math.log(1.2) / stats.norm.ppf(0.95)
    (row,) = forecast_scores.scored(
        frame(forecast(PRICE, "2026-08", "1", value=601 / math.exp(sigma))), VALUES
    ).to_dict("records")  # fmt: skip
    assert row["seen"] == 601.0 and row["error"] == pytest.approx(sigma)
    assert row["rank"] == pytest.approx(stats.norm.cdf(1.0)), "one standard deviation above the median"
    assert row["inside"] == 1 and row["label"] == "Farm price of canola on the Prairies"


@pytest.mark.parametrize(("value", "inside"), [(601 * 1.19, 1), (601 * 1.21, 0), (601 / 1.19, 1), (601 / 1.21, 0)])
def test_inside_is_the_range_as_it_was_frozen(value: float, inside: int) -> None:
    scores = forecast_scores.scored(frame(forecast(PRICE, "2026-08", "1", value=value)), VALUES)
    assert scores["inside"].tolist() == [inside]
    assert (scores["rank"].between(0.05, 0.95)).tolist() == [bool(inside)]


def test_what_has_no_outcome_waits() -> None:
    rows = frame(
        forecast(PRICE, "2027-08", "1", value=600.0), forecast(PRICE, "2027-09", "2", value=600.0),
        forecast("", "a year", "", value=0.04) | {"forecast_id": "scenario.canola.producer_price_change"},
        forecast("another_series", "2026-08", "1", value=1.0),
    )  # fmt: skip
    assert forecast_scores.scored(rows, VALUES)["target"].tolist() == ["2027-08"]


def test_a_crop_year_is_over_with_its_last_month() -> None:
    prices = frame(forecast(PRICE, "2026-27", "crop_year", value=600.0))
    assert forecast_scores.scored(prices, VALUES)["seen"].tolist() == [VALUES[PRICE]["2026-08":"2027-07"].mean()]  # type: ignore[misc]
    sums = frame(forecast(EXPORTS, "2026-27", "crop_year", value=6e9))
    assert forecast_scores.scored(sums, VALUES)["seen"].tolist() == [6e9], "dollars of a year are a sum, prices a mean"
    assert forecast_scores.scored(sums, {EXPORTS: VALUES[EXPORTS][:-1]}).empty


def many(origins: int, *, outside: int) -> pd.DataFrame:
    """A series forecast from so many months, `outside` of them far off."""
    rows = [
        forecast(PRICE, "2026-08", "1", value=601 * (2 if number < outside else 1.001), vintage=f"v{number}",
                 newest=f"{2000 + number // 12}-{number % 12 + 1:02d}") for number in range(origins)
    ]  # fmt: skip
    return forecast_scores.scored(frame(*rows), VALUES)


def test_coverage_is_told_from_thirty_origins_on() -> None:
    assert forecast_scores.coverage(many(29, outside=3)) == {}
    assert forecast_scores.coverage(many(30, outside=3)) == {0.8: 0.9, 0.9: 0.9}
    twice = pd.concat([many(15, outside=0), many(15, outside=0).assign(vintage="again")])
    assert forecast_scores.coverage(twice) == {}, "thirty forecasts from fifteen months"


@pytest.mark.parametrize(
    ("rows", "start"),
    [
        (NOTHING, "No forecast was frozen with an earlier vintage yet"),
        (frame(forecast(PRICE, "2030-01", "1", value=1.0)), "Forecasts frozen with earlier vintages: 1. None has"),
        (frame(forecast(PRICE, "2026-08", "1", value=601.0)), "Forecasts frozen with earlier vintages that have an "
         "outcome: 1; inside their range: 1. How often ranges hold: too few to tell."),
    ],
    ids=["none", "waiting", "one"],
)  # fmt: skip
def test_the_sentence_follows_what_is_held(rows: pd.DataFrame, start: str, capsys: pytest.CaptureFixture[str]) -> None:
    scores = forecast_scores.scored(rows, VALUES)
    book = Book("55_track_the_deal")
    book.add_frame(forecast_scores.result_frame(rows, scores))
    book.publish_table("forecast_scores", scores)
    assert list(scores) == forecast_scores.COLUMNS
    book.say(forecast_scores.sentence(rows, scores))
    assert start in capsys.readouterr().out


def test_coverage_is_published_once_it_is_told() -> None:
    scores = many(30, outside=3)
    published = forecast_scores.result_frame(frame(forecast(PRICE, "2026-08", "1", value=601.0)), scores).set_index(
        "result_id"
    )
    assert published.loc["track.frozen_forecasts.coverage_80", "value"] == 0.9
    assert published.loc["track.frozen_forecasts.with_outcome", "value"] == 30
    assert published.loc["track.frozen_forecasts.inside", "value"] == 27
    assert "coverage_90}" in forecast_scores.sentence(frame(forecast(PRICE, "2026-08", "1", value=601.0)), scores)


def test_table_and_chart_show_outcomes_beside_forecasts() -> None:
    rows = frame(
        forecast(PRICE, "2026-08", "1", value=601.0), forecast(PRICE, "2026-09", "1", value=700.0),
        forecast(EXPORTS, "2026-27", "crop_year", value=6e9, unit="CAD"),
    )  # fmt: skip
    scores = forecast_scores.scored(rows, VALUES)
    shown = forecast_scores.table(scores)
    assert list(shown) == list(forecast_scores.TABLE["columns"])
    assert shown.loc[shown["target"] == "2026-09", "seen"].tolist() == ["C$602 per tonne"]
    drawn = forecast_scores.beside(scores).to_dict()
    cells = [cell for data in drawn["datasets"].values() for point in data for cell in map(str, point.values())]
    assert {cell for cell in cells if "2026" in cell} == {
        "2026-09, 1 ahead, Farm price of canola on the Prairies",
        "2026-27, crop year, Canola seed exported to all countries",
    }


@pytest.mark.long
def test_what_an_edition_publishes_is_frozen_and_scored_once_it_came() -> None:
    """From the forecasts of a vintage that ends in May to the figures of one that ends a year later."""
    index = pd.date_range(end="2027-08", periods=122, freq="MS", name="month")
    rng = np.random.default_rng(5)
    values = pd.Series(600 * np.exp(rng.normal(0, 0.03, len(index)).cumsum()), index, name=PRICE)
    (price,) = (series for series in forecasts.SERIES if series.name == PRICE)
    own = replace(price, first="2024-12")  # type: ignore[misc]
    ahead = forecasts.forecast(own, values[:"2026-05"], months_ahead=3, burn_in=24, draws=2000, seed=1)
    book = Book("55_track_the_deal")
    book.add_frame(results.forecast_rows([ahead]))
    numbers = book.frame().assign(label="as it was worded", method="then")
    rows = [*csv.DictReader(frozen_forecasts.content(numbers).splitlines())]
    assert [row["target"] for row in rows] == ["2026-06", "2026-07", "2026-08", "2025-26"]
    assert {row["newest"] for row in rows} == {"2026-05"}
    frozen = frame(*({"vintage": "shipped", "series": PRICE, **row} for row in rows)).astype(
        dict.fromkeys(frozen_forecasts.NUMBERS, "float64")
    )
    scores = forecast_scores.scored(frozen, {PRICE: values})
    assert scores["seen"].tolist() == [*values["2026-06":"2026-08"], values["2025-08":"2026-07"].mean()]  # type: ignore[misc]
    published = numbers.set_index("result_id").loc[[row["forecast_id"] for row in rows], "value"]
    assert scores["value"].tolist() == published.tolist()
    assert forecast_scores.scored(frozen, {PRICE: values[:"2026-06"]})["target"].tolist() == ["2026-06"]  # type: ignore[misc]
