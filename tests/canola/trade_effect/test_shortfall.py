"""Shortfalls and where the seed went: identities, known losses, limits, prices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.trade_effect import shortfall
from tradeexposure.core.errors import BadInput

WINDOW, BASELINE = ("2019-03", "2020-02"), [("2014-08", "2019-02")]
MODELS = ("structural", "sarimax")
MONTHS = pd.date_range("2014-08", "2020-07", freq="MS", name="month")
INSIDE = (WINDOW[0] <= MONTHS) & (WINDOW[1] >= MONTHS)


def monthly(rng: np.random.Generator, *, lost: float = 0.0, taken: float = 0.0) -> pd.DataFrame:
    """China and Other around fixed means; in the window China loses and Other gains kt a month."""
    frame = pd.DataFrame(
        {"China": 350 + rng.normal(0, 20, len(MONTHS)), "Other": 450 + rng.normal(0, 20, len(MONTHS))}, MONTHS
    )
    frame.loc[INSIDE, "China"] -= lost
    frame.loc[INSIDE, "Other"] += taken
    return frame


def simulated(frame: pd.DataFrame, **options) -> shortfall.VolumePaths:
    settings = {"window": WINDOW, "baseline": BASELINE, "draws": 1000, "models": MODELS, **options}
    return shortfall.simulate(frame, **{"rng": np.random.default_rng(9), **settings})


def test_a_known_shortfall_and_a_known_diversion_are_recovered():
    paths = simulated(monthly(np.random.default_rng(1), lost=200, taken=150))
    gap = shortfall.median_range(paths.gap("China"), level=0.95)
    assert gap["value"] == pytest.approx(2400, abs=150) and gap["low"] < 2400 < gap["high"]
    assert np.median(shortfall.share_taken(paths, ["Other"])) == pytest.approx(0.75, abs=0.1)
    assert np.median(paths.change("China")) == pytest.approx(-200 / 350, abs=0.05)


def test_the_shortfall_is_path_minus_actual_and_money_is_tonnes_times_price():
    paths = simulated(monthly(np.random.default_rng(3), lost=100))
    prices = pd.Series(np.linspace(400, 500, len(MONTHS)), MONTHS)
    by_hand = ((paths.draws["China"] - paths.actual["China"].to_numpy()) * prices[paths.months].to_numpy()).sum(axis=1)
    assert shortfall.value_cad(paths, prices) == pytest.approx(by_hand * 1e3)
    table = shortfall.path_table(paths, level=0.8)
    assert (table["low"] <= table["volume_kt"]).all() and (table["volume_kt"] <= table["high"]).all()


def test_series_that_moved_together_are_drawn_together():
    rng = np.random.default_rng(5)
    frame = monthly(rng)
    frame["Twin"] = frame["China"] + rng.normal(0, 2, len(MONTHS))
    paths = simulated(frame, draws=2000)
    assert np.corrcoef(paths.gap("China"), paths.gap("Twin"))[0, 1] > 0.8
    assert abs(np.corrcoef(paths.gap("China"), paths.gap("Other"))[0, 1]) < 0.4


def test_the_standardised_gap_agrees_with_the_simulation():
    frame = monthly(np.random.default_rng(6), lost=120)
    mean, error = shortfall.standardised_gap(frame["China"], window=WINDOW, baseline=BASELINE, models=MODELS)
    draws = simulated(frame, draws=20000).gap("China")
    assert mean == pytest.approx(draws.mean(), rel=0.02)
    assert error == pytest.approx(draws.std(), rel=0.08)


def test_supply_is_what_the_harvest_leaves_or_what_did_leave():
    frame = monthly(np.random.default_rng(7))
    frame.loc["2020-01-01", "Other"] = 9000.0  # a month in the window says nothing about what could be shipped
    crush = pd.Series(800.0, MONTHS)
    harvest = pd.Series({"2018-19": 25000.0, "2019-20": 1000.0})
    limits = shortfall.limits(frame, crush, harvest, window=WINDOW)
    total = frame.sum(axis=1)
    assert limits.most_monthly == pytest.approx(total[:"2019-02"].max())
    assert limits.most_monthly < 2000 < total.max()
    before = total["2018-08":"2019-02"].sum()
    assert limits.supply["2019-03-01"] == pytest.approx(25000 - 12 * 800 - before)
    assert limits.supply["2019-08-01"] == pytest.approx(total["2019-08":"2020-02"].sum())


def test_limits_bind():
    frame = monthly(np.random.default_rng(8), lost=300)
    small = shortfall.Limits(300.0, pd.Series(700.0, pd.DatetimeIndex(MONTHS[INSIDE])))
    paths = simulated(frame, limit={"China": small})
    assert paths.draws["China"].max() <= 300
    assert paths.draws["China"].sum(axis=1).max() <= 1400 + 1e-6


def test_bad_input_is_refused():
    frame = monthly(np.random.default_rng(10))
    with pytest.raises(BadInput, match="2020-08"):
        simulated(frame, window=("2020-06", "2020-09"))
    with pytest.raises(BadInput, match="2014-07"):
        simulated(frame, baseline=[("2014-07", "2019-02")])
    paths = simulated(frame)
    with pytest.raises(BadInput, match="no price in 2019-03"):
        shortfall.value_cad(paths, pd.Series([1.0], [pd.Timestamp("2019-04-01")]))
    with pytest.raises(BadInput, match="2019-20"):
        shortfall.limits(frame, pd.Series(1.0, MONTHS), pd.Series({"2018-19": 1.0}), window=WINDOW)


def test_where_seed_went_is_told_without_the_market_and_the_crush() -> None:
    """Shipments of 12 months against a path of 40 kt: China and crushers rise most, and are no destination."""
    months = pd.date_range("2019-03", "2020-02", freq="MS")
    for europe, largest in ((90.0, "European Union"), (45.0, "Japan")):
        actual = pd.DataFrame({"China": 900.0, "European Union": europe, "Japan": 50.0, "Home crush": 900.0}, months)
        paths = shortfall.VolumePaths(months, {name: np.full((50, 12), 40.0) for name in actual}, actual)
        rises = shortfall.where_it_went(paths, level=0.8)
        assert rises.set_index("name").loc["European Union", "value"] == 12 * (europe - 40)
        assert shortfall.largest_rise(rises) == largest


def balance() -> pd.DataFrame:
    months = pd.date_range("2016-08", "2019-10", freq="MS", name="month")
    monthly = pd.DataFrame({"China": 300.0, "Japan": 150.0, "Other": 50.0}, months)
    monthly.loc["2018-08":, "China"] = 100.0
    harvest = pd.Series({"2016-17": 16000.0, "2017-18": 15000.0, "2018-19": 16500.0, "2019-20": 1.0})
    return shortfall.crop_years(monthly, pd.Series(700.0, months), harvest)


def test_the_account_closes_and_only_full_crop_years_are_kept():
    table = balance()
    assert table.index.tolist() == ["2016-17", "2017-18", "2018-19"]
    assert (table[list(shortfall.PARTS)].sum(axis=1) == table["harvest_kt"]).all()
    changes = shortfall.changes(table, year="2018-19", against=["2016-17", "2017-18"]).set_index("part")["change_kt"]
    expected = {"china_kt": -2400, "others_kt": 0, "crush_kt": 0, "residual_kt": 3400, "harvest_kt": 1000}
    assert changes.to_dict() == expected
    with pytest.raises(BadInput, match="2020-21"):
        shortfall.changes(table, year="2020-21", against=["2016-17"])
