"""Prices by month: conversion, windows, and input that must be refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.price_effect import prices
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import months

MONTHS = pd.date_range("2000-01", periods=120, freq="MS")


def series(values: np.ndarray | None = None, index: pd.DatetimeIndex = MONTHS) -> pd.Series:
    drawn = np.exp(np.random.default_rng(1).normal(0, 0.1, len(index)).cumsum()) * 500
    return pd.Series(drawn if values is None else values, index=index, name="canola price")


def commodity_rows(name: str, months: pd.DatetimeIndex = MONTHS, price: float = 100.0) -> pd.DataFrame:
    return pd.DataFrame({"month": months, "commodity": name, "price_usd": price, "per": "tonne"})


def rates(months: pd.DatetimeIndex = MONTHS) -> pd.DataFrame:
    return pd.DataFrame({"month": months, "cad_per_usd": np.linspace(1.0, 1.5, len(months))})


def test_world_prices_are_dollars_times_the_rate_of_the_same_month() -> None:
    world = prices.world_prices(commodity_rows("soybeans"), rates())
    assert world["soybeans"].iloc[0] == pytest.approx(100.0)
    assert world["soybeans"].iloc[-1] == pytest.approx(150.0)


def test_a_month_without_a_rate_is_refused() -> None:
    with pytest.raises(BadInput, match="no 2001-01"):
        prices.world_prices(commodity_rows("soybeans"), rates().drop(index=12))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (series().drop(MONTHS[50]), "no 2004-03"),
        (pd.concat([series(), series().iloc[[7]]]), "2000-08 twice"),
        (series(np.full(120, 400.0)), "always 400.0"),
        (series(np.where(np.arange(120) == 3, 0.0, 400.0 + np.arange(120))), "2000-04: found 0.0"),
        (series().iloc[:50], "50 months"),
    ],
)
def test_a_price_that_cannot_be_used_is_refused(bad: pd.Series, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        months.complete_prices(bad)


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        (("2019-3x", "2020-02", None), "a month as 2019-03"),
        (("2020-03", "2020-02", None), "a last month not before the first"),
        (("2019-03", "2020-02", "2019-03"), "a month before 2019-03"),
    ],
)
def test_impossible_windows_are_refused(dates: tuple[str, str, str | None], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        months.window("2019", *dates)


def panel() -> pd.DataFrame:
    world = pd.DataFrame({"soybeans": series().to_numpy()[::-1], "palm_oil": series().to_numpy() ** 0.5}, index=MONTHS)
    world.loc[MONTHS[:12], "palm_oil"] = np.nan
    return prices.log_panel(series(), world)


def test_the_panel_holds_logs_and_keeps_late_starters_missing() -> None:
    logs = panel()
    assert np.exp(logs[prices.TARGET].iloc[5]) == pytest.approx(series().iloc[5])
    assert logs["palm_oil"].isna().sum() == 12 and logs.index.freqstr == "MS"


HOLED = panel()["soybeans"].mask(MONTHS == "2005-05-01")


@pytest.mark.parametrize(
    ("changed", "columns", "until", "message"),
    [
        ({}, ["canola", "beans"], "2005-01", "beans; allowed: canola, soybeans"),
        ({}, ["canola", "palm_oil"], "2005-01", "months from 2001-01 to 2009-12"),
        ({}, ["canola"], "2010-01", "months from 2000-01 to 2009-12"),
        ({"soybeans": HOLED}, ["canola", "soybeans"], "2009-12", "2005-05: found no price"),
        ({"soybeans": 6.0}, ["canola", "soybeans"], "2009-12", "soybeans: found always the same"),
    ],
)
def test_months_and_columns_that_are_not_held_are_refused(
    changed: dict[str, object], columns: list[str], until: str, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        months.complete_logs(panel().assign(**changed), columns, start="2000-01", until=pd.Timestamp(until))


def test_the_prairie_price_is_the_mean_of_three_provinces() -> None:
    farm = data.load("farm_prices_monthly")
    own = farm[(farm["crop"] == "canola") & (farm["month"] >= "2013-01")]
    mean = prices.farm_price(own, crop="canola", provinces=("Alberta", "Manitoba", "Saskatchewan"))
    published = data.load("canola_price_prairies_monthly").set_index("month")["price_cad_per_tonne"]
    both = pd.concat([mean, published], axis=1, join="inner")
    assert len(both) > 100 and (both.iloc[:, 0] - both.iloc[:, 1]).abs().max() < 0.011


def test_a_crop_without_one_of_the_provinces_is_refused() -> None:
    with pytest.raises(BadInput, match="no province"):
        prices.farm_price(data.load("farm_prices_monthly"), crop="soybeans", provinces=("Yukon",))
