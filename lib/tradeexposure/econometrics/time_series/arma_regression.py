"""Regression whose errors follow an ARMA(1,1), in levels or in first differences, by exact maximum likelihood.

The coefficients and the variance are concentrated out, so that one or two parameters remain and a fit takes
milliseconds; the likelihood is that of ``statsmodels``' SARIMAX and local-level models (a test compares them).

In differences with a moving average of one month the error is a random walk seen through noise (a negative
coefficient: the local-level model of Harvey 1989) or through monthly averaging (a positive one: Working 1960
puts it at 0.27 for the mean of a random walk over each month).
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.fft import dst
from scipy.linalg.lapack import dtbtrs
from scipy.optimize import minimize

from tradeexposure.core.arrays import content
from tradeexposure.core.errors import RunFailed

AR_LIMIT = 0.995  # nearer to one the error is a random walk, which is the model in differences
MA_LIMIT = 0.98
AR_GRID = (0.0, 0.7, 0.93, 0.99)
MA_GRID = (-0.97, -0.9, -0.75, -0.5, -0.25, 0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 0.95)
STARTS = 6  # best points of the grid that the search may begin from
SEARCH = {"ftol": 1e-13, "gtol": 1e-5, "maxiter": 500}
AGREEMENT = 1e-5  # of the log-likelihood between two starting points; moves no printed digit
COLLINEAR = 1e-7  # length of a regressor of length one that the others leave unexplained
STEP = 1e-4  # of the numerical second derivative of the log-likelihood
PARAMETER_DRAWS = 50  # of the error's parameters; the rest of the draws is shared out among them


@dataclass(frozen=True)
class ArmaFit:
    """A fitted regression with ARMA errors."""

    parameters: np.ndarray  #: (φ, θ), or (θ,) in differences.
    coefficients: np.ndarray  #: Shape (k,).
    variance: float  #: Of the innovations.
    covariance: np.ndarray  #: Shape (k, k). Of the coefficients given the parameters.
    loglikelihood: float


def innovations(columns: np.ndarray, phi: float, theta: float) -> tuple[np.ndarray, np.ndarray]:
    """One-step errors of each column under an ARMA(1,1) of unit innovation variance, and their variances.

    The quasi-differenced series has a covariance with three diagonals, so the exact errors follow from one
    bidiagonal solve.
    """
    quasi = np.array(columns, order="F")  # as the solver wants it: nothing is copied again
    if phi:
        quasi[1:] -= phi * columns[:-1]
    variances = _variances(len(columns), phi, theta)
    bands = np.ones((2, len(quasi)), order="F")
    bands[1] = theta / variances
    unrolled, failed = dtbtrs(bands, quasi, uplo="L", diag="U", overwrite_b=True)
    if failed:
        raise RunFailed("regression with ARMA errors: no errors at these parameters")
    return np.asarray(unrolled), variances


@lru_cache(maxsize=1024)  # the grid of a fit, and the draws of its parameters, ask again for the same
def _variances(count: int, phi: float, theta: float) -> np.ndarray:
    """One-step error variances: v' = 1 + θ² − θ² / v, so that (v − 1) / (v − θ²) falls by θ² each month.

    Shared between callers: never change it.
    """
    apart = ((phi + theta) / (1 + phi * theta)) ** 2 * theta ** (2 * np.arange(count))
    return np.asarray((1 - theta**2 * apart) / (1 - apart))


def concentrated(both: np.ndarray, phi: float, theta: float) -> tuple[float, np.ndarray, float, np.ndarray]:
    """Log-likelihood with coefficients and variance concentrated out, and what they then are.

    Parameters
    ----------
    both : ndarray, shape (n, 1 + k)
        Outcome and regressors, these near orthogonal (see :func:`orthogonal`).

    Returns
    -------
    loglikelihood, coefficients, variance, inverse of the regressors' weighted cross product
    """
    return _best(*innovations(both, phi, theta))


def _best(errors: np.ndarray, variances: np.ndarray) -> tuple[Any, np.ndarray, Any, np.ndarray]:
    """As :func:`concentrated`, from one-step errors of outcome and regressors; of many parameters where these are."""
    scaled = errors / np.sqrt(variances)[..., None]
    outcome, regressors = scaled[..., :1], scaled[..., 1:]
    inverse = np.linalg.inv(regressors.mT @ regressors)
    coefficients = inverse @ (regressors.mT @ outcome)
    rest = outcome - regressors @ coefficients
    count = variances.shape[-1]
    variance = (rest.mT @ rest)[..., 0, 0] / count
    value = -0.5 * (count * (np.log(2 * np.pi * variance) + 1) + np.log(variances).sum(axis=-1))
    return value, coefficients[..., 0], variance, inverse


def orthogonal(both: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and orthonormal regressors, and the matrix that turns their coefficients into the given ones'.

    Raises
    ------
    RunFailed
        Collinear regressors.
    """
    scale = np.sqrt((both[:, 1:] ** 2).sum(axis=0))
    if not (scale > 0).all():
        raise RunFailed("regression with ARMA errors: a regressor is zero throughout")
    basis, upper = np.linalg.qr(both[:, 1:] / scale)
    if np.abs(np.diag(upper)).min() < COLLINEAR:
        raise RunFailed("regression with ARMA errors: the regressors are collinear")
    return np.column_stack([both[:, 0], basis]), np.linalg.inv(upper) / scale[:, None]


def pair(parameters: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """(φ, θ) from the parameters of a fit; φ is zero in differences."""
    return (0.0, float(parameters[0])) if len(parameters) == 1 else (float(parameters[0]), float(parameters[1]))


_fits: dict[Hashable, ArmaFit] = {}


def fit(both: np.ndarray, *, differenced: bool) -> ArmaFit:
    """Maximum likelihood from several starting points that must agree; once for the same figures, shared by callers.

    Parameters
    ----------
    both : ndarray, shape (n, 1 + k)
        Outcome and regressors; already differenced if `differenced` (the error is then an MA(1)).

    Raises
    ------
    RunFailed
        Collinear regressors, or no two starting points that reach the same highest likelihood.
    """
    asked = content(both), differenced
    if asked in _fits:
        return _fits[asked]
    basis, turn = orthogonal(both)
    limits = np.array([MA_LIMIT] if differenced else [AR_LIMIT, MA_LIMIT])
    waves = Waves(basis)

    def loss(point: np.ndarray, unit: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = waves.loglike(*pair(point * unit))
        return -value, -slope[-len(point) :] * unit

    points = [(theta,) for theta in MA_GRID] if differenced else list(itertools.product(AR_GRID, MA_GRID[::2]))
    maxima: list[tuple[float, np.ndarray]] = []
    highest = np.argsort(-waves.heights(np.array([pair(point) for point in points])), kind="stable")
    for start in np.array(points)[highest[:STARTS]]:
        unit = np.sqrt((1 - start**2) / len(both))  # a standard error, in which the search takes steps of about one
        bounds = np.column_stack([-limits, limits]) / unit[:, None]
        result = minimize(loss, start / unit, (unit,), jac=True, method="L-BFGS-B", bounds=bounds, options=SEARCH)
        maxima = sorted([*maxima, (-float(result.fun), result.x * unit)], key=lambda maximum: -maximum[0])
        if len(maxima) > 1 and maxima[0][0] - maxima[1][0] < AGREEMENT:
            break
    else:
        reached = ", ".join(f"{value:.4f}" for value, _ in maxima)
        raise RunFailed(f"regression with ARMA errors: starting points disagree (log-likelihoods {reached})")
    parameters = maxima[0][1]
    value, coefficients, variance, inverse = concentrated(basis, *pair(parameters))
    covariance = variance * (turn @ inverse @ turn.T)
    _fits[asked] = ArmaFit(parameters, turn @ coefficients, variance, covariance, value)
    return _fits[asked]


class Waves:
    """Outcome and regressors as sums of sine waves, in which a moving average of one month is diagonal.

    The quasi-differences of :func:`innovations` have the covariance of a moving average, whose eigenvectors are sine
    waves whatever its coefficient (Anderson 1971, section 6.5), but for the variance of the first month. The
    likelihood of :func:`concentrated` and its slope then need weighted sums alone (a test compares them).

    Parameters
    ----------
    both : ndarray, shape (n, 1 + k)
        Outcome and orthonormal regressors (see :func:`orthogonal`).
    """

    def __init__(self, both: np.ndarray) -> None:
        basis, count = both[:, 1:], len(both)
        rest = both[:, 0] - basis @ (basis.T @ both[:, 0])  # the solve is then for small numbers
        now = np.column_stack([rest, basis])
        waves = dst(np.hstack([now, np.vstack([np.zeros_like(now[:1]), now[:-1]])]), type=1, axis=0, norm="ortho")
        self._now, self._before = waves[:, : now.shape[1]], waves[:, now.shape[1] :]
        angles = np.pi * np.arange(1, count + 1) / (count + 1)
        self._cosines, self._first = 2 * np.cos(angles), np.sqrt(2 / (count + 1)) * np.sin(angles)

    def heights(self, points: np.ndarray) -> np.ndarray:
        """The log-likelihoods at several (φ, θ), shape (g, 2), at once; shape (g,)."""
        phi, theta = points.T[..., None]
        spread = 1 + theta**2 + theta * self._cosines
        columns, first = self._now - phi[..., None] * self._before, (self._first / spread)[:, None]
        excess = (phi * (2 * theta + phi * (1 + theta**2)) / (1 - phi**2))[..., None]
        whole, edge = 1 + excess * (first @ self._first)[..., None], first @ columns
        cross = columns.mT @ (columns / spread[..., None]) - excess / whole * edge.mT @ edge
        squares = (cross[:, :1, :1] - cross[:, :1, 1:] @ np.linalg.solve(cross[:, 1:, 1:], cross[:, 1:, :1]))[:, 0, 0]
        count = spread.shape[1]
        logs = np.log(spread).sum(axis=1) + np.log(whole[:, 0, 0])
        return np.asarray(-0.5 * (count * (np.log(2 * np.pi * squares / count) + 1) + logs))

    def loglike(self, phi: float, theta: float) -> tuple[float, np.ndarray]:
        """The log-likelihood and its derivatives to φ and θ, shape (2,); where the coefficients are best they stay."""
        spread, by_theta = 1 + theta**2 + theta * self._cosines, 2 * theta + self._cosines
        columns, first = self._now - phi * self._before, self._first / spread
        more, moved = 1 - phi**2, 1 + phi * theta
        excess = phi * (2 * theta + phi * (1 + theta**2)) / more  # of the first month's variance
        weight = self._first @ first
        whole = 1 + excess * weight
        less, edge = excess / whole, first @ columns
        cross = columns.T @ (columns / spread[:, None]) - less * np.outer(edge, edge)
        own = np.append(1.0, -np.linalg.solve(cross[1:, 1:], cross[1:, 0]))
        squares, count = float(cross[0] @ own), len(spread)
        logs = np.log(spread).sum() + np.log(whole)
        value = -0.5 * (count * (np.log(2 * np.pi * squares / count) + 1) + logs)
        by_excess = np.array([2 * (phi + theta) * moved / more**2, 2 * phi * moved / more])
        by_weight = np.array([0.0, -(by_theta * first) @ first])
        by_less = (by_excess - excess**2 * by_weight) / whole**2
        scaled, before, start = columns @ own / spread, self._before @ own, float(edge @ own)
        by_start = -np.array([first @ before, (by_theta * first) @ scaled])
        by_squares = -np.array([2 * scaled @ before, (by_theta * scaled) @ scaled])
        by_squares -= 2 * less * start * by_start + by_less * start**2
        by_logs = (by_excess * weight + excess * by_weight) / whole
        by_logs[1] += (by_theta / spread).sum()
        return value, -0.5 * (count * by_squares / squares + by_logs)


def parameter_draws(both: np.ndarray, fitted: ArmaFit, *, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Parameters drawn from their asymptotic normal distribution, kept inside the limits; shape (draws, 1 or 2).

    `both` has near orthogonal regressors (see :func:`orthogonal`).
    """
    size = len(fitted.parameters)
    limits = np.array([MA_LIMIT] if size == 1 else [AR_LIMIT, MA_LIMIT]) - 2 * STEP
    centre = np.clip(fitted.parameters, -limits, limits)
    curvature = np.zeros((size, size))
    for row in range(size):
        for column in range(row + 1):  # the lower triangle is all that the eigenvalues are taken of
            curvature[row, column] = _second_difference(both, centre, row, column)
    values, vectors = np.linalg.eigh(-curvature, UPLO="L")
    spread = vectors / np.sqrt(np.maximum(values, 1.0))  # a flat likelihood leaves a parameter to its limits
    return np.clip(centre + rng.standard_normal((draws, size)) @ spread.T, -limits, limits)


def _second_difference(both: np.ndarray, centre: np.ndarray, row: int, column: int) -> float:
    total = 0.0
    for first in (1, -1):
        for second in (1, -1):
            moved = centre.copy()
            moved[row] += first * STEP / 2
            moved[column] += second * STEP / 2
            total += first * second * concentrated(both, *pair(moved))[0]
    return total / STEP**2


@dataclass(frozen=True)
class Path:
    """Observed and counterfactual outcome (a log) after the origin."""

    months: pd.DatetimeIndex  #: Months after the origin.
    actual: np.ndarray  #: Shape (months,). Missing after the last month observed.
    central: np.ndarray  #: Shape (months,). At the estimates and without errors: the median.
    draws: np.ndarray  #: Shape (draws, months). With parameter and error uncertainty; no rows if none were asked for.


def arma_paths(
    whole: np.ndarray, *, horizon: int, base: float | None, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Path of a regression with ARMA errors over the last `horizon` rows, and simulated paths.

    Parameters
    ----------
    whole : ndarray, shape (n + horizon, 1 + k)
        Outcome and regressors; outcomes of the last `horizon` rows are not read.
    base : float or None
        Where `whole` is in first differences, the level before the path begins; None in levels.

    Returns
    -------
    central, shape (horizon,), and drawn, shape (draws, horizon)
    """
    seen, ahead = whole[:-horizon], whole[-horizon:, 1:]
    fitted = fit(seen, differenced=base is not None)
    last = innovations(seen, *pair(fitted.parameters))[0][-1]
    coefficients, nothing = fitted.coefficients[None, None], np.zeros((1, 1, horizon))
    central = _ahead(seen[-1], last[None], ahead, fitted.parameters[None], coefficients, nothing, base)[0, 0]
    if not draws:
        return central, np.empty((0, horizon))
    basis, turn = orthogonal(seen)
    each, freedom, sizes = -(-draws // PARAMETER_DRAWS), len(seen) - len(turn), (len(turn), horizon)
    sampled = parameter_draws(basis, fitted, draws=PARAMETER_DRAWS, rng=rng)
    rest, variances = map(np.array, zip(*(innovations(basis, *pair(some)) for some in sampled), strict=True))
    _, centre, variance, inverse = _best(rest, variances)
    drawn = [(rng.chisquare(freedom, each), *(rng.standard_normal((each, size)) for size in sizes)) for _ in sampled]
    heavy, noise, errors = map(np.array, zip(*drawn, strict=True))
    deviation = np.sqrt(variance[:, None] * len(seen) / heavy)[..., None]
    coefficients = centre[:, None] + deviation * (noise @ np.linalg.cholesky((inverse + inverse.mT) / 2).mT)
    paths = _ahead(basis[-1], rest[:, -1], ahead @ turn, sampled, coefficients, deviation * errors, base)
    return central, paths.reshape(-1, horizon)[:draws]


def _ahead(
    last: np.ndarray,
    rest: np.ndarray,
    ahead: np.ndarray,
    parameters: np.ndarray,
    coefficients: np.ndarray,
    errors: np.ndarray,
    base: float | None,
) -> np.ndarray:
    """Paths one per row of `coefficients` (parameters, draw, k) and `errors` (parameters, draw, month), after a month
    whose row is `last` and whose errors are `rest` (parameters, 1 + k).

    What is left of the level and of the error of that month fades by φ; an error of the path stays, at φ + θ of itself
    a month later, and fades too.
    """
    phi, theta = np.array([pair(some) for some in parameters]).T[..., None]
    steps = np.arange(errors.shape[-1])
    fading = phi**steps
    stays = np.hstack([np.ones_like(phi), (phi + theta) * fading])
    spread = np.tril(stays[:, np.abs(np.subtract.outer(steps, steps))])
    level = last[0] - coefficients @ last[1:]
    error = rest[:, :1] - (coefficients @ rest[:, 1:, None])[..., 0]
    paths = coefficients @ ahead.T + (phi * level + theta * error)[..., None] * fading[:, None] + errors @ spread.mT
    return paths if base is None else base + paths.cumsum(axis=-1)
