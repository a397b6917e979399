"""Poisson pseudo-maximum likelihood by Newton steps (iteratively reweighted least squares) with absorbed effects.

The steps are inexact: the effects are solved for only as closely as the distance to the maximum deserves. The maximum
does not depend on it, because it is where the scores of the regressors and of every level vanish. A step that settles
on *every* row also proves that the maximum exists: where observations are separated their linear predictors fall by
about one per step for ever (Correia, Guimarães and Zylkin 2019, arXiv:1903.01633).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import RunFailed
from tradeexposure.econometrics.poisson.absorbed_effects import Effects, Levels, Weighted

MEAN_STEP = 1e-9  # fitted-value-weighted root mean square of a step in the linear predictor
ANY_STEP = 1e-6  # the same for the row that moves most: none is on its way to minus infinity
DRIFT = -0.5  # a row that still falls by more than this while the rest has settled is suspected of separation
SETTLED = 1e-2
RANGE = 500.0  # of linear predictors told apart: separated rows can fall until their fitted values underflow
SWEEPS = 3  # rounds of exact one-effect updates before the first step
HALVINGS = 30
PAUSE = 10  # steps before rows that were cleared of separation are suspected again
REGRESSOR_TOLERANCE = 1e-3  # error of the regressors' projections enters the rate of convergence squared


@dataclass(frozen=True)
class Sample:
    """What enters the likelihood: `outcome`, `offset` (n,), `regressors` (n, k) and the fixed effects."""

    outcome: Floats
    regressors: Floats
    effects: Effects
    offset: Floats


@dataclass(frozen=True)
class Fit:
    """Where the steps ended: `predictor` (n,), `coefficients` (k,), the last `step` (n,) and how many were taken."""

    predictor: Floats
    coefficients: Floats
    step: Floats
    iterations: int
    converged: bool


def deviance(sample: Sample, predictor: Floats) -> float:
    """Twice the distance of the log likelihood from a perfect fit; infinite where a fitted value overflows."""
    positive = sample.outcome > 0
    with np.errstate(over="ignore"):
        total = np.sum(np.exp(predictor) - sample.outcome)
    logs = np.log(sample.outcome[positive]) - predictor[positive]
    return float(2 * (total + sample.outcome[positive] @ logs))


def starting_values(sample: Sample) -> Floats:
    """Linear predictor (n,) with the effects fitted alone, by iterative proportional fitting."""
    fitted = np.exp(sample.offset - sample.offset.mean())
    for _ in range(SWEEPS):
        for code, size in zip(sample.effects.codes, sample.effects.sizes, strict=True):
            ratio = np.bincount(code, sample.outcome, size) / np.bincount(code, fitted, size)
            fitted *= ratio[code]
    return np.log(fitted)


def climb(sample: Sample, start: Fit | None = None, *, max_iterations: int = 200, cleared: int = -PAUSE) -> Fit:
    """Take Newton steps until every row has settled, or until some rows look separated.

    Parameters
    ----------
    sample : Sample
        Every level must have a positive outcome.
    start : Fit, optional
        Where an earlier climb on these rows stopped.
    max_iterations : int
        Steps in all, including those of `start`.
    cleared : int
        Step at which the suspects were last cleared.

    Returns
    -------
    Fit
        `converged` is False where rows are suspected of separation: those with `step` below `DRIFT`.

    Raises
    ------
    RunFailed
        Where the steps run out or no step raises the likelihood.
    """
    k = sample.regressors.shape[1]
    fit = start or Fit(starting_values(sample), np.zeros(k), np.ones(len(sample.outcome)), 0, False)
    zero, levels, size, height = sample.outcome == 0, None, 1.0, deviance(sample, fit.predictor)
    for iteration in range(fit.iterations + 1, max_iterations + 1):
        change, step, levels = _newton(sample, fit, levels, forcing=min(1e-2, 0.1 * size))
        share, height = _shorten(sample, fit.predictor, step, height)
        fit = Fit(fit.predictor + share * step, fit.coefficients + share * change, step, iteration, False)
        size = _mean_step(sample, fit.predictor, step)
        if share == 1 and size <= MEAN_STEP and np.abs(step).max() <= ANY_STEP:
            return Fit(fit.predictor, fit.coefficients, step, iteration, True)
        if size < SETTLED and iteration >= cleared + PAUSE and np.any(step[zero] < DRIFT):
            return fit
    raise RunFailed(f"the Poisson likelihood has no maximum within {max_iterations} steps (last step {size:.1e})")


def _newton(sample: Sample, fit: Fit, levels: Levels | None, *, forcing: float) -> tuple[Floats, Floats, Levels]:
    """One step: change of the coefficients (k,) and of the linear predictor (n,)."""
    fitted = np.exp(np.maximum(fit.predictor, fit.predictor.max() - RANGE))
    weighted = Weighted(sample.effects, fitted)
    working = sample.outcome / fitted - 1
    columns = np.column_stack([working, sample.regressors])
    tolerance = np.array([forcing, *[REGRESSOR_TOLERANCE] * sample.regressors.shape[1]])
    residuals, levels = weighted.residualise(columns, tolerance=tolerance, start=levels)
    levels.rest[:, 0] = 0.0  # the next working response has nothing of this one
    left, inside = residuals[:, 0], residuals[:, 1:]
    scaled = inside * weighted.weights[:, None]
    change: Floats = np.asarray(np.linalg.solve(scaled.T @ inside, scaled.T @ left), float)
    step: Floats = working - left + inside @ change
    return change, step, levels


def _shorten(sample: Sample, predictor: Floats, step: Floats, height: float) -> tuple[float, float]:
    """Largest share of the step, by halving, that does not raise the deviance; and the deviance there."""
    share = 1.0
    allowed = height + 1e-9 * abs(height) + 1e-12 * float(sample.outcome.sum())
    for _ in range(HALVINGS):
        reached = deviance(sample, predictor + share * step)
        if reached <= allowed:
            return share, reached
        share /= 2
    raise RunFailed("no step raises the Poisson likelihood; the regressors are too badly scaled or almost collinear")


def _mean_step(sample: Sample, predictor: Floats, step: Floats) -> float:
    """Root mean square of the step over rows, weighted by fitted values."""
    share = np.exp(predictor)
    return float(np.sqrt(share @ step**2 / share.sum()))
