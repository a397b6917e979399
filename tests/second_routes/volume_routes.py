"""The estimates of the volume notebook a second time, by other code: dummies in a GLM, and state-space models."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.linalg import qr
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tradeexposure.canola.trade_effect.effects import Term
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.poisson.fit import fit_ppml
from tradeexposure.econometrics.time_series.seasonal_paths import posterior, waves_for

INDEPENDENT = 1e-9  # of the longest column: what a dummy must add to those before it
UNIT_NOISE = 1.0  # forecasts do not depend on the scale of the noise, only on the shape


def yearly_waves(months: pd.DatetimeIndex, *, waves: int) -> np.ndarray:
    """A constant and `waves` pairs of yearly waves; shape (n, 1 + 2 waves)."""
    angles = np.outer(2 * np.pi * (months.month - 1) / 12, range(1, waves + 1))
    pairs = [wave(angle) for angle in angles.T for wave in (np.cos, np.sin)]
    return np.column_stack([np.ones(len(months)), *pairs])


def glm_change(panel: pd.DataFrame, *, effects: Sequence[Term]) -> float:
    """The change on the treated rows of :func:`effects.sample` by a GLM with one dummy per effect."""
    dropped = fit_ppml(panel, outcome="volume_kt", regressors=["treated"], effects=effects).dropped
    kept = panel.drop(index=dropped.index)
    blocks = [kept[["treated"]].astype(float)]
    for term in effects:
        names = kept[[term] if isinstance(term, str) else list(term)].astype(str).agg("|".join, axis=1)
        blocks.append(pd.get_dummies(names, dtype=float))
    design = _independent(pd.concat(blocks, axis=1).to_numpy())
    fit = GLM(kept["volume_kt"].to_numpy(), design, family=Poisson()).fit(maxiter=200, tol=1e-12)
    return float(np.expm1(fit.params[0]))


def _independent(design: np.ndarray) -> np.ndarray:
    """The first column and as many others as are independent of it and of each other."""
    upper, order = qr(design[:, 1:], mode="r", pivoting=True)
    size = np.abs(np.diag(upper))
    chosen = np.sort(order[: int((size > INDEPENDENT * size[0]).sum())])
    return np.column_stack([design[:, 0], design[:, 1 + chosen]])


def state_space_path(series: pd.Series, *, months: int, model: str, waves: int, shape: float) -> np.ndarray:
    """Forecast of the `months` after `series` by ``statsmodels`` at a given shape of the noise, coefficients estimated.

    Parameters
    ----------
    series : Series
        kt by month (monthly frequency, NaN where a month is not fitted).
    """
    ahead = pd.date_range(series.index[-1], periods=months + 1, freq="MS")[1:]
    season, later = (yearly_waves(pd.DatetimeIndex(index), waves=waves)[:, 1:] for index in (series.index, ahead))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if model == "structural":
            build = UnobservedComponents(series, "llevel", exog=season, mle_regression=False, use_exact_diffuse=True)
            fitted = build.smooth([UNIT_NOISE, shape**2 * UNIT_NOISE])
        elif model == "sarimax":
            whole = np.column_stack([np.ones(len(series)), season])
            later = np.column_stack([np.ones(months), later])
            build = SARIMAX(series, exog=whole, order=(1, 0, 0), mle_regression=False)
            fitted = build.smooth([shape, UNIT_NOISE])
        else:
            raise BadInput("model", found=model, allowed="structural, sarimax")
        return np.asarray(fitted.forecast(months, exog=later))


def largest_gap(series: pd.Series, *, months: pd.DatetimeIndex, shapes: Mapping[str, float]) -> float:
    """Largest difference in kt between the paths of :mod:`seasonal_paths` and the state-space forecasts, by model."""
    waves = waves_for(len(series))
    gaps = []
    for model, shape in shapes.items():
        ours = posterior(series, months=months, model=model, waves=waves, shapes=np.array([shape])).mean
        theirs = state_space_path(series, months=len(months), model=model, waves=waves, shape=shape)
        gaps.append(np.abs(ours - theirs).max())
    return float(max(gaps))
