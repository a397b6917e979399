"""Tariff exposure by hand and by a daily calendar, on the facts in force, and input that must be refused."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.core.errors import BadInput
from tradeexposure.policy import tariff_index, tariff_schedule


@pytest.fixture
def rates() -> pd.DataFrame:
    rows = [
        ("seed", "2025-01-01", "2025-08-13", 0.09),
        ("seed", "2025-08-14", "2025-12-31", 0.848),
        ("meal", "2025-01-01", "2025-03-19", 0.05),
        ("meal", "2025-03-20", "2026-06-30", 1.05),
    ]
    frame = pd.DataFrame(rows, columns=["product", "date_from", "date_to", "rate"])
    return frame.assign(date_from=pd.to_datetime(frame["date_from"]), date_to=pd.to_datetime(frame["date_to"]))


def test_tariff_exposure_by_hand(rates: pd.DataFrame) -> None:
    weights = pd.Series({"seed": 0.8, "meal": 0.2})
    index = tariff_index.tariff_exposure(weights, rates, dates=["2025-08-14", "2025-01-01", "2025-03-20", "2025-03-19"])
    assert index["date_from"].is_monotonic_increasing
    assert index["rate"].tolist() == pytest.approx([0.082, 0.082, 0.282, 0.8 * 0.848 + 0.2 * 1.05])


def test_stretches_join_and_agree_with_a_daily_calendar(rates: pd.DataFrame) -> None:
    weights = pd.Series({"seed": 0.8, "meal": 0.2})
    steps = tariff_index.tariff_exposure(weights, rates)
    assert f"{steps['date_to'].iloc[-1]:%Y-%m-%d}" == "2025-12-31"  # where the shorter path ends
    assert (steps["date_from"].iloc[1:].to_numpy() - steps["date_to"].iloc[:-1].to_numpy() == pd.Timedelta("1D")).all()
    days = pd.date_range("2025-01-01", "2025-12-31")
    daily = sum(
        weight * rates[rates["product"] == product].set_index("date_from")["rate"].reindex(days).ffill()
        for product, weight in weights.items()
    )
    spread = steps.set_index("date_from")["rate"].reindex(days).ffill()
    assert (spread - daily).abs().max() < 1e-12


@pytest.mark.parametrize("weights", [{"seed": 80.0, "meal": 20.0}, {"seed": 1.2, "meal": -0.2}, {"seed": float("nan")}])
def test_weights_that_are_no_shares_are_refused(rates: pd.DataFrame, weights: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="shares of 0 or more with a sum of 1"):
        tariff_index.tariff_exposure(pd.Series(weights), rates)


def test_a_product_without_rates_is_refused(rates: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match="rates of oil"):
        tariff_index.tariff_exposure(pd.Series({"seed": 0.5, "oil": 0.5}), rates)
    rates.loc[3, "rate"] = float("nan")
    with pytest.raises(BadInput, match="no rate"):
        tariff_index.tariff_exposure(pd.Series({"seed": 0.8, "meal": 0.2}), rates)


def test_a_product_without_weight_needs_no_rate(rates: pd.DataFrame) -> None:
    index = tariff_index.tariff_exposure(pd.Series({"seed": 1.0, "oil": 0.0}), rates, dates=["2025-09-01"])
    assert index["rate"].item() == 0.848


def test_a_day_outside_the_stretches_is_refused(rates: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match="2024-12-31"):
        tariff_index.tariff_exposure(pd.Series({"seed": 0.8, "meal": 0.2}), rates, dates=["2024-12-31"])


def fake_timeline(*, product: str, start: str, end: str, settled: bool = False) -> pd.DataFrame:
    """A duty of 0.1 with a deposit of 0.7 in June, settled at 0.2."""
    top = {"canola_seed": 0.3 if settled else 0.8}.get(product, 0.1)
    starts = pd.to_datetime([start, "2025-06-01", "2025-07-01"])
    ends = pd.to_datetime(["2025-05-31", "2025-06-30", end])
    return pd.DataFrame({"date_from": starts, "date_to": ends, "rate": [0.1, top, 0.1], "status": "known"})


def test_index_on_chosen_days_by_hand() -> None:
    products = {"seed": "canola_seed", "oil": "canola_oil"}
    window = {"start": "2025-01-01", "end": "2025-12-31"}
    border = tariff_index.by_product(products, fake_timeline, **window)
    owed = tariff_index.by_product(products, fake_timeline, **window, settled=True)
    baskets = {"a": pd.Series({"seed": 0.8, "oil": 0.2}), "b": pd.Series({"seed": 0.5, "oil": 0.5})}
    index = tariff_index.on_days(baskets, border, owed, dates=["2025-05-31", "2025-06-01"])
    assert index["date"].tolist() == ["2025-05-31", "2025-06-01"]
    assert index.loc[0, ["rate", "low", "high", "owed"]].tolist() == pytest.approx([0.1] * 4)
    assert index.loc[1, ["rate", "low", "high"]].tolist() == pytest.approx([0.66, 0.45, 0.66])
    assert index.loc[1, ["owed", "owed_low", "owed_high"]].tolist() == pytest.approx([0.26, 0.2, 0.26])


def test_events_take_their_dates_from_the_measures() -> None:
    measures = tariff_schedule.all_measures()
    marks = tariff_index.measure_dates(measures).set_index("label")["date"]
    assert f"{marks['Seed deposit +75.8%']:%Y-%m-%d}" == "2025-08-14"
    assert "Eased" not in set(tariff_index.measure_dates(measures, until=pd.Timestamp("2025-10-31"))["label"])
    with pytest.raises(BadInput, match="no_such_measure"):
        tariff_index.measure_dates(measures, {"no_such_measure": "x"})
    with pytest.raises(BadInput, match="china_seed_investigation: rate: found none"):
        tariff_index.measure_dates(measures, {"china_seed_investigation": "+{rate}"})
