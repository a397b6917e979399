"""The forecasting families fitted by statsmodels alone: its likelihoods, its search, its tries from several starts."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.tools.sm_exceptions import ModelWarning
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing
from statsmodels.tsa.statespace.kalman_filter import MEMORY_CONSERVE, MEMORY_NO_FORECAST
from statsmodels.tsa.statespace.mlemodel import MLEModel
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tradeexposure.econometrics.time_series import forecasting

STOP = {"factr": 1e3, "pgtol": 1e-8, "maxiter": 500}


class Smoothing(ExponentialSmoothing):
    """Exponential smoothing of which the initial states are concentrated out in one least-squares solve.

    The parent does the same (De Livera, Hyndman and Snyder 2011, equation 10) through a general regression with a
    constraint and a loop over the months, which takes four times as long.
    """

    def _compute_concentrated_states(self, params: np.ndarray, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
        kwargs["conserve_memory"] = MEMORY_CONSERVE & ~MEMORY_NO_FORECAST
        MLEModel.loglike(self, params, *args, **kwargs)
        errors = np.array(self.ssm._kalman_filter.forecast_error[0], copy=True)
        design = self["design", :, 1:].copy()
        if self.trend:
            design[0, 1] = 1.0
        design[0, -12:] = np.eye(12)[-1]  # the pattern of a year ago is the last of the seasonal states
        step = self["transition", 1:, 1:] - self["selection", 1:] @ design
        rows = design
        while len(rows) < self.nobs:  # rows[k] = design × step^k, doubled at each pass
            rows, step = np.vstack([rows, rows @ step]), step @ step
        effects = rows[: self.nobs]
        free = np.hstack([effects[:, :-12], effects[:, -12:-1] - effects[:, -1:]])  # seasonals sum to zero
        states = np.linalg.lstsq(free, errors, rcond=None)[0]
        seasonal = np.append(states[-11:], -states[-11:].sum())
        return states[0], states[1] if self.trend else None, seasonal


def model(log_percent: pd.Series, family: str, *, smoothing: type[ExponentialSmoothing] = ExponentialSmoothing) -> Any:
    """The model as statsmodels alone would fit it."""
    if family in ("exponential_smoothing", "no_trend"):
        trend = family == "exponential_smoothing"
        return smoothing(log_percent, trend=trend, seasonal=12, initialization_method="concentrated")
    if family == "structural":
        return UnobservedComponents(log_percent, "lldtrend", seasonal=12, use_exact_diffuse=True)
    options = {"concentrate_scale": True, "simple_differencing": True}  # the likelihood of the differenced series
    return SARIMAX(log_percent, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), **options)


def from_every_start(log_percent: pd.Series, family: str) -> tuple[np.ndarray, float]:
    """Parameters and log-likelihood of the best of statsmodels' own searches, one from each start."""
    built, fits = model(log_percent, family, smoothing=Smoothing), []
    for start in forecasting.STARTS[family]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ModelWarning)
            warnings.simplefilter("ignore", UserWarning)
            fits.append(built.fit(start_params=start, disp=False, cov_type="none", **STOP))
    best = max(fits, key=lambda result: result.llf)
    return np.asarray(best.params), float(best.llf)
