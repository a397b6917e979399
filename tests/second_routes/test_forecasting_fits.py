"""Fits of the forecasting families on the shipped data: no start of statsmodels' own search ends higher."""

from __future__ import annotations

import functools

import pandas as pd
import pytest
from second_routes import forecasting_routes

from tradeexposure import data
from tradeexposure.econometrics.time_series import backtests, forecasting
from tradeexposure.trade import flows

LIKELIHOOD = 1e-6  # what a search may leave unfound of the log-likelihood; moves no printed digit
NEAR = 0.01  # of an interval's bounds: statsmodels' search stops earlier where the likelihood is flat
FIRST, LAST = 2006, 2025

fit = forecasting.fit


@functools.cache
def series() -> dict[str, pd.Series]:
    return flows.target_series(flows.flows(data.load("merchandise_trade_monthly")))


def by_statsmodels(observed: pd.Series, *, family: str) -> forecasting.Fit:
    """The best of statsmodels' searches, once ours was found to end no lower, as from each of its own starts."""
    ours = fit(observed, family=family)
    parameters, value = forecasting_routes.from_every_start(ours.log_percent, family)
    assert forecasting_routes.model(ours.log_percent, family).loglike(ours.parameters) >= value - LIKELIHOOD
    likelihood = forecasting.LIKELIHOODS[family](ours.log_percent.to_numpy())
    for start in forecasting.STARTS[family]:
        assert likelihood.maximise(start).loglikelihood <= ours.loglikelihood + LIKELIHOOD
    return forecasting.Fit(ours.log_percent, family, parameters, value)


def assert_equal_backtests(name: str, family: str, *, first: int, until: str, patch: pytest.MonkeyPatch) -> None:
    options = {"first": first, "horizon": 10, "families": [family]}
    ours = backtests.backtest(series()[name].loc[:until], **options)
    patch.setattr(forecasting, "fit", by_statsmodels)
    theirs = backtests.backtest(series()[name].loc[:until], **options)
    pd.testing.assert_frame_equal(ours, theirs, rtol=NEAR)  # what is covered must be the same


@pytest.mark.parametrize("family", forecasting.FAMILIES)
@pytest.mark.parametrize(("name", "origin"), [("non_us", 2006), ("china", 2023)])
@pytest.mark.long
def test_no_start_of_statsmodels_ends_higher(
    family: str, name: str, origin: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_equal_backtests(name, family, first=origin, until=f"{origin + 1}-12", patch=monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("family", forecasting.FAMILIES)
@pytest.mark.parametrize("name", flows.TARGETED)
def test_no_start_of_statsmodels_ends_higher_at_any_origin(
    family: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_equal_backtests(name, family, first=FIRST, until=f"{LAST}-12", patch=monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("family", forecasting.FAMILIES)
def test_no_start_of_statsmodels_ends_higher_at_the_last_month(family: str) -> None:
    for observed in series().values():
        by_statsmodels(observed, family=family)
