"""Regression whose errors follow an ARMA(1,1), in levels or in first differences, by exact maximum likelihood.

The coefficients and the variance are concentrated out, so that one or two parameters remain and a fit takes
milliseconds; the likelihood is that of ``statsmodels``' SARIMAX and local-level models (a test compares them).

In differences with a moving average of one month the error is a random walk seen through noise (a negative
coefficient: the local-level model of Harvey 1989) or through monthly averaging (a positive one: Working 1960
puts it at 0.27 for the mean of a random walk over each month).
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
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
    """A fitted regression with ARMA errors.

    Attributes
    ----------
    parameters : ndarray
        (φ, θ), or (θ,) in differences.
    coefficients : ndarray, shape (k,)
    variance : float
        Of the innovations.
    covariance : ndarray, shape (k, k)
        Of the coefficients given the parameters.
    loglikelihood : float
    at_limit : bool
        Whether a parameter sits at its limit.
    """

    parameters: np.ndarray
    coefficients: np.ndarray
    variance: float
    covariance: np.ndarray
    loglikelihood: float
    at_limit: bool


def innovations(columns: np.ndarray, phi: float, theta: float) -> tuple[np.ndarray, np.ndarray]:
    """One-step errors of each column under an ARMA(1,1) of unit innovation variance, and their variances.

    The quasi-differenced series has a covariance with three diagonals, so the exact errors follow from one
    bidiagonal solve.
    """
    quasi = np.array(columns, order="F")  # as the solver wants it: nothing is copied again
    if phi:
        quasi[1:] -= phi * columns[:-1]
    variances = _variances(len(columns), phi, theta)
    return _unrolled(quasi, theta / variances), variances


def _unrolled(columns: np.ndarray, follows: np.ndarray) -> np.ndarray:
    """Each column less, month by month, `follows` of the month before times what this gave there."""
    bands = np.ones((2, len(columns)), order="F")
    bands[1] = follows
    found, failed = dtbtrs(bands, columns, uplo="L", diag="U", overwrite_b=True)
    if failed:
        raise RunFailed("regression with ARMA errors: no errors at these parameters")
    return np.asarray(found)


@lru_cache(maxsize=1024)  # the grid of a fit, and the draws of its parameters, ask again for the same
def _variances(count: int, phi: float, theta: float) -> np.ndarray:
    """One-step error variances: v' = 1 + θ² − θ² / v, so that (v − 1) / (v − θ²) falls by θ² each month.

    Shared between callers: never change it.
    """
    apart = ((phi + theta) / (1 + phi * theta)) ** 2 * theta ** (2 * np.arange(count))
    return np.asarray((1 - theta**2 * apart) / (1 - apart))


def _variance_slopes(count: int, phi: float, theta: float) -> np.ndarray:
    """Derivatives of the one-step error variances to φ and θ; shape (2, count)."""
    square, twice, across = theta**2, 2 * np.arange(count), (1 + phi * theta) ** 2
    first, falling = (phi + theta) / (1 + phi * theta), theta**twice
    apart = first**2 * falling
    earlier = np.append(0.0, falling[:-1])
    by_phi = 2 * first * (1 - square) / across * falling
    by_theta = 2 * first * (1 - phi**2) / across * falling + first**2 * twice * theta * earlier
    by_apart = (1 - square) / (1 - apart) ** 2
    return np.stack([by_apart * by_phi, by_apart * by_theta - 2 * theta * apart / (1 - apart)])


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


def _best(errors: np.ndarray, variances: np.ndarray) -> tuple[float, np.ndarray, float, np.ndarray]:
    """As :func:`concentrated`, from one-step errors of outcome and regressors."""
    scaled = errors / np.sqrt(variances)[:, None]
    outcome, regressors = scaled[:, 0], scaled[:, 1:]
    inverse = np.linalg.inv(regressors.T @ regressors)
    coefficients = inverse @ (regressors.T @ outcome)
    rest = outcome - regressors @ coefficients
    count = len(outcome)
    variance = float(rest @ rest) / count
    value = -0.5 * (count * (np.log(2 * np.pi * variance) + 1) + np.log(variances).sum())
    return value, coefficients, variance, inverse


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


def pair(parameters: np.ndarray) -> tuple[float, float]:
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
    if asked not in _fits:
        _fits[asked] = _likeliest(both, differenced)
    return _fits[asked]


def _likeliest(both: np.ndarray, differenced: bool) -> ArmaFit:
    basis, turn = orthogonal(both)
    limits = [(-MA_LIMIT, MA_LIMIT)] if differenced else [(-AR_LIMIT, AR_LIMIT), (-MA_LIMIT, MA_LIMIT)]

    def loss(given: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = sloped(basis, *pair(given))
        return -value, -slope[-len(given) :]

    points = [(theta,) for theta in MA_GRID] if differenced else list(itertools.product(AR_GRID, MA_GRID[::2]))
    found: list[tuple[float, np.ndarray]] = []
    for start in sorted(points, key=lambda point: -concentrated(basis, *pair(np.asarray(point)))[0])[:STARTS]:
        result = minimize(loss, np.asarray(start), jac=True, method="L-BFGS-B", bounds=limits, options=SEARCH)
        found = sorted([*found, (-float(result.fun), result.x)], key=lambda one: -one[0])
        if len(found) > 1 and found[0][0] - found[1][0] < AGREEMENT:
            return _result(basis, turn, found[0][1], limits)
    reached = ", ".join(f"{value:.4f}" for value, _ in found)
    raise RunFailed(f"regression with ARMA errors: starting points disagree (log-likelihoods {reached})")


def sloped(both: np.ndarray, phi: float, theta: float) -> tuple[float, np.ndarray]:
    """The log-likelihood of :func:`concentrated` and its derivatives to φ and θ, (2,).

    Where the coefficients are the best ones they need not be followed: only the regression's error is unrolled again.
    """
    errors, variances = innovations(both, phi, theta)
    value, coefficients, variance, _ = _best(errors, variances)
    own = np.concatenate([[1.0], -coefficients])
    rest, level = errors @ own, both @ own
    by = _variance_slopes(len(both), phi, theta)
    follows = np.array([[0.0], [1.0]]) / variances - theta * by / variances**2
    moved = np.zeros((len(both), 2), order="F")
    moved[1:] = -(follows[:, :-1] * rest[:-1]).T
    moved[1:, 0] -= level[:-1]
    by_rest = _unrolled(moved, theta / variances).T
    squares = (2 * rest * by_rest / variances - rest**2 * by / variances**2).sum(axis=1)
    return value, -0.5 * (squares / variance + (by / variances).sum(axis=1))


def _result(basis: np.ndarray, turn: np.ndarray, parameters: np.ndarray, limits: list[tuple[float, float]]) -> ArmaFit:
    value, coefficients, variance, inverse = concentrated(basis, *pair(parameters))
    at_limit = any(min(here - low, high - here) < STEP for here, (low, high) in zip(parameters, limits, strict=True))
    return ArmaFit(parameters, turn @ coefficients, variance, variance * (turn @ inverse @ turn.T), value, at_limit)


def parameter_draws(both: np.ndarray, fitted: ArmaFit, *, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Parameters drawn from their asymptotic normal distribution, kept inside the limits; shape (draws, 1 or 2).

    `both` has near orthogonal regressors (see :func:`orthogonal`).
    """
    size = len(fitted.parameters)
    limits = np.array([MA_LIMIT] if size == 1 else [AR_LIMIT, MA_LIMIT]) - 2 * STEP
    centre = np.clip(fitted.parameters, -limits, limits)
    curvature = np.empty((size, size))
    for row in range(size):
        for column in range(size):
            curvature[row, column] = _second_difference(both, centre, row, column)
    values, vectors = np.linalg.eigh(-(curvature + curvature.T) / 2)
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


def last_errors(both: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """One-step error of each column in the last month; shape (1 + k,)."""
    errors: np.ndarray = innovations(both, *pair(parameters))[0][-1]
    return errors


@dataclass(frozen=True)
class Path:
    """Observed and counterfactual outcome (a log) after the origin.

    Attributes
    ----------
    months : DatetimeIndex
        Months after the origin.
    actual : ndarray, shape (months,)
        Missing after the last month observed.
    central : ndarray, shape (months,)
        At the estimates and without errors: the median.
    draws : ndarray, shape (draws, months)
        With parameter and error uncertainty; no rows if none were asked for.
    """

    months: pd.DatetimeIndex
    actual: np.ndarray
    central: np.ndarray
    draws: np.ndarray


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
    walks, start = base is not None, base or 0.0
    seen, ahead = whole[:-horizon], whole[-horizon:, 1:]
    fitted = fit(seen, differenced=walks)
    one = fitted.coefficients[None, :]
    central = _arma_ahead(seen, ahead, fitted.parameters, one, np.zeros((1, horizon)), walks, start)[0]
    if not draws:
        return central, np.empty((0, horizon))
    basis, turn = orthogonal(seen)
    found, each = [], -(-draws // PARAMETER_DRAWS)
    for parameters in parameter_draws(basis, fitted, draws=PARAMETER_DRAWS, rng=rng):
        _, centre, variance, inverse = concentrated(basis, *pair(parameters))
        freedom = len(seen) - len(centre)
        deviation = np.sqrt(variance * len(seen) / rng.chisquare(freedom, each))
        noise = rng.standard_normal((each, len(centre))) @ np.linalg.cholesky((inverse + inverse.T) / 2).T
        errors = deviation[:, None] * rng.standard_normal((each, horizon))
        given = (centre + deviation[:, None] * noise) @ turn.T
        found.append(_arma_ahead(seen, ahead, parameters, given, errors, walks, start))
    return central, np.vstack(found)[:draws]


def _arma_ahead(
    seen: np.ndarray,
    ahead: np.ndarray,
    parameters: np.ndarray,
    coefficients: np.ndarray,
    errors: np.ndarray,
    walks: bool,
    base: float,
) -> np.ndarray:
    """Paths after the last row of `seen`, one per row of `coefficients` and `errors`."""
    phi, theta = pair(parameters)
    last = last_errors(seen, parameters)
    error = last[0] - coefficients @ last[1:]
    level = seen[-1, 0] - coefficients @ seen[-1, 1:]
    found = []
    for step in range(errors.shape[1]):
        level = phi * level + theta * error + errors[:, step]
        error = errors[:, step]
        found.append(coefficients @ ahead[step] + level)
    paths = np.column_stack(found)
    return base + paths.cumsum(axis=1) if walks else paths
