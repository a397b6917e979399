"""The price counterfactual a second way, by other code than that behind the results."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect import counterfactual
from tradeexposure.canola.price_effect.counterfactual import Counterfactual
from tradeexposure.canola.price_effect.prices import TARGET
from tradeexposure.core.errors import RunFailed
from tradeexposure.econometrics import arma_regression, error_correction
from tradeexposure.econometrics.months import Window, complete_logs

PERCENT = 100.0  # logs enter as 100 × log so that the variance is near 1, where the optimiser works


def statespace_gap(panel: pd.DataFrame, spec: Counterfactual, window: Window) -> float:
    """Difference of the ``arma`` effect on the data of `spec` from that of statsmodels' SARIMAX (share).

    Raises
    ------
    RunFailed
        SARIMAX did not converge.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    logs = complete_logs(panel, [TARGET, *spec.prices], start=spec.start, until=window.last)
    world = logs.drop(columns=TARGET)
    lagged = pd.concat({lag: world.shift(lag) for lag in range(spec.lags + 1)}, axis=1).iloc[spec.lags :]
    terms = error_correction.deterministic_terms(
        pd.DatetimeIndex(lagged.index), spec.deterministic, since=logs.index[0]
    )
    design = PERCENT * np.hstack([lagged.to_numpy(), terms])
    outcome = PERCENT * logs[TARGET].to_numpy()[spec.lags :]
    seen = len(logs.loc[: window.origin]) - spec.lags
    scaled = design @ np.linalg.inv(np.linalg.qr(design[:seen])[1]) * np.sqrt(seen)
    model = SARIMAX(outcome[:seen], exog=scaled[:seen], order=(1, 0, 1), concentrate_scale=True)
    start = [*np.linalg.lstsq(scaled[:seen], outcome[:seen], rcond=None)[0], 0.9, 0.3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(start_params=start, disp=False, maxiter=1000, pgtol=1e-6, factr=10.0, cov_type="none")
    if not fitted.mle_retvals["converged"]:
        raise RunFailed("SARIMAX did not converge")
    ahead = np.asarray(fitted.forecast(len(outcome) - seen, exog=scaled[seen:])) / PERCENT
    ours = counterfactual.with_variant(spec, model="arma")
    months = pd.DatetimeIndex(logs.index[seen + spec.lags :])
    path = arma_regression.Path(months, logs[TARGET].to_numpy()[seen + spec.lags :], ahead, np.empty((0, len(ahead))))
    return counterfactual.effect(path, window).share - counterfactual.estimate(panel, ours, window).share


def levels_gap(panel: pd.DataFrame, spec: Counterfactual, window: Window) -> float:
    """Difference of an ``ardl`` effect from that of the same model in levels, by statsmodels' ARDL (share)."""
    from statsmodels.tsa.ardl import ARDL

    logs = complete_logs(panel, [TARGET, *spec.prices], start=spec.start, until=window.last)
    before, after = logs.loc[: window.origin], logs.loc[window.origin :].iloc[1:]
    lags = spec.lags + 1
    model = ARDL(before[TARGET], lags, before.drop(columns=TARGET), order=lags, causal=False, trend="c")
    fitted = model.fit()
    ahead = fitted.predict(start=len(before), end=len(logs) - 1, exog_oos=after.drop(columns=TARGET))
    path = arma_regression.Path(
        pd.DatetimeIndex(after.index), after[TARGET].to_numpy(), np.asarray(ahead), np.empty((0, len(after)))
    )
    return counterfactual.effect(path, window).share - counterfactual.estimate(panel, spec, window).share
