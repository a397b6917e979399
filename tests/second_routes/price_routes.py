"""The price counterfactual a second way, by other code than that behind the results."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect import counterfactual
from tradeexposure.canola.price_effect.counterfactual import Counterfactual
from tradeexposure.canola.price_effect.prices import TARGET
from tradeexposure.core.errors import RunFailed
from tradeexposure.econometrics.time_series import arma_regression, error_correction
from tradeexposure.econometrics.time_series.months import Window, complete_logs

PERCENT = 100.0  # logs enter as 100 × log so that the variance is near 1, where the optimiser works


def statespace_gap(panel: pd.DataFrame, spec: Counterfactual, window: Window) -> float:
    """Difference of the ``arma`` effect on the data of `spec` from that of statsmodels' SARIMAX (share).

    Raises
    ------
    RunFailed
        SARIMAX did not converge.
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    outcome, design, seen = _arranged(panel, spec, window)
    model = SARIMAX(outcome[:seen], exog=design[:seen], order=(1, 0, 1), concentrate_scale=True)
    start = [*np.linalg.lstsq(design[:seen], outcome[:seen], rcond=None)[0], 0.9, 0.3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(start_params=start, disp=False, maxiter=1000, pgtol=1e-6, factr=10.0, cov_type="none")
    if not fitted.mle_retvals["converged"]:
        raise RunFailed("SARIMAX did not converge")
    return _apart(panel, spec, window, model="arma", ahead=fitted.forecast(len(outcome) - seen, exog=design[seen:]))


def structural_gap(panel: pd.DataFrame, spec: Counterfactual, window: Window) -> float:
    """Difference of the ``components`` effect from that of statsmodels' local level with the same covariates (share).

    The local level has no moving average of the other sign, which monthly means ask for: the two are near, not equal.
    """
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    outcome, design, seen = _arranged(panel, spec, window)
    level = {"mle_regression": False, "use_exact_diffuse": True}
    kept = slice(0, design.shape[1] - 1)  # the level is the constant
    model = UnobservedComponents(outcome[:seen], "llevel", exog=design[:seen, kept], **level)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(disp=False, maxiter=500, cov_type="none")
    ahead = fitted.forecast(len(outcome) - seen, exog=design[seen:, kept])
    return _apart(panel, spec, window, model="components", ahead=ahead)


def _arranged(panel: pd.DataFrame, spec: Counterfactual, window: Window) -> tuple[np.ndarray, np.ndarray, int]:
    """Outcome, regressors scaled to near orthogonal (the constant last) and months to the origin; logs in per cent."""
    logs = complete_logs(panel, [TARGET, *spec.prices], start=spec.start, until=window.last)
    world = logs.drop(columns=TARGET)
    lagged = pd.concat({lag: world.shift(lag) for lag in range(spec.lags + 1)}, axis=1).iloc[spec.lags :]
    terms = error_correction.deterministic_terms(
        pd.DatetimeIndex(lagged.index), spec.deterministic, since=logs.index[0]
    )
    design = PERCENT * np.hstack([lagged.to_numpy(), terms])
    seen = len(logs.loc[: window.origin]) - spec.lags
    scaled = design @ np.linalg.inv(np.linalg.qr(design[:seen])[1]) * np.sqrt(seen)
    return PERCENT * logs[TARGET].to_numpy()[spec.lags :], scaled, seen


def _apart(panel: pd.DataFrame, spec: Counterfactual, window: Window, *, model: str, ahead: np.ndarray) -> float:
    """Effect of a path in per cent less that of our `model` on the same data."""
    logs = complete_logs(panel, [TARGET], start=spec.start, until=window.last)[TARGET].iloc[-len(ahead) :]
    central = np.asarray(ahead) / PERCENT
    path = arma_regression.Path(pd.DatetimeIndex(logs.index), logs.to_numpy(), central, np.empty((0, len(central))))
    ours = counterfactual.with_variant(spec, model=model)
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
