"""Exact likelihoods of monthly models in one to three parameters: states, coefficients and scale concentrated out.

Each is the likelihood that ``statsmodels`` evaluates by a Kalman filter over the months (tests compare them), written
so that an evaluation takes a tenth of a millisecond:

- exponential smoothing: the errors of an innovations model are a rational filter of the series, and the first
  states enter as regressors of it (De Livera, Hyndman and Snyder 2011, equation 10);
- structural model and airline model: differenced, both are moving averages of about a year, whose covariance is
  banded, so that one banded Cholesky factor gives likelihood and errors. Diffuse first states and an unknown drift
  are integrated out (de Jong 1991; Harville 1974).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import polynomial
from scipy.linalg.lapack import dpbtrf, dposv, dtbtrs
from scipy.optimize import minimize
from scipy.signal import lfilter, lfiltic

from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import RunFailed

SEASON = 12  # months
LOWEST, HIGHEST = 1e-4, 1 - 1e-4  # bounds of a smoothing parameter, those of statsmodels
MA_LIMIT = 1 - 1e-6  # of an airline coefficient: at one the likelihood still exists, its mirror image begins
SEASON_SCALE = 0.01  # the season's share of the variance is searched in per cent, where the optimiser works
STEP = 1e-5  # of numerical derivatives: error of the likelihood's slope below 1e-6
SEARCH = {"ftol": 1e-14, "gtol": 1e-5, "maxiter": 500}

# Polynomials in the lag operator, lowest power first.
DIFFERENCE = np.array([1.0, -1.0])
YEAR_SUM = np.ones(SEASON)
YEAR_DIFFERENCE = polynomial.polymul(DIFFERENCE, YEAR_SUM)
TWICE_DIFFERENCED = polynomial.polymul(DIFFERENCE, YEAR_DIFFERENCE)  # over a month and a year


@dataclass(frozen=True)
class Maximum:
    """Where a search ended."""

    parameters: Floats  #: In the order of the model's parameters in statsmodels.
    loglikelihood: float
    converged: bool


def _padded(coefficients: Floats, lag: int, length: int) -> Floats:
    """Polynomial × lag^`lag`, with `length` coefficients."""
    return np.pad(coefficients, (lag, length - lag - len(coefficients)))


class Smoothing:
    """Exponential smoothing, additive, of a season of twelve months, with or without a trend.

    Parameters
    ----------
    values : ndarray, shape (n,)
    trend : bool

    Notes
    -----
    ``φ(L) y = θ(L) e`` with ``φ = (1-L)(1-L¹²)`` and ``θ = φ + αL(1-L¹²) + βL(1+…+L¹¹) + γL¹²(1-L)``; without a
    trend one factor (1-L) less throughout.
    """

    def __init__(self, values: Floats, *, trend: bool) -> None:
        self.trend, self._count, self._values = trend, len(values), values
        count = self._count
        self._whole = TWICE_DIFFERENCED if trend else YEAR_DIFFERENCE
        size = len(self._whole)
        level, season = (YEAR_DIFFERENCE, DIFFERENCE) if trend else (YEAR_SUM, np.ones(1))
        slopes = [_padded(level, 1, size), _padded(season, SEASON, size)]
        self._slopes = np.array([slopes[0], _padded(YEAR_SUM, 1, size), slopes[1]] if trend else slopes)
        first = np.zeros(count)
        first[::SEASON] = 1.0
        time = np.arange(1.0, count + 1) / count
        columns = [np.resize(np.roll(np.eye(SEASON)[0], month), count) for month in range(SEASON)]
        known = np.column_stack([*columns, time] if trend else columns)
        self._start = np.linalg.lstsq(known, values, rcond=None)[0]  # the solve is then for small numbers
        rest = values - known @ self._start
        self._filtered = lfilter(self._whole, [1.0], np.array([rest, first, time] if trend else [rest, first]))

    def errors(self, parameters: Floats) -> tuple[Floats, Floats]:
        """One-step errors, shape (n,), at the first states that make their squares smallest, and these.

        The states are the pattern of the twelve months, level included, and the trend over the whole series.
        """
        through = lfilter([1.0], self._whole + parameters @ self._slopes, self._filtered)
        shifted = np.concatenate([np.zeros(SEASON - 1), through[1]])
        months = np.lib.stride_tricks.sliding_window_view(shifted, SEASON)[:, ::-1]
        states = np.column_stack([months, through[2]]) if self.trend else np.ascontiguousarray(months)
        _, state, failed = dposv(states.T @ states, states.T @ through[0])
        if failed:
            raise RunFailed("exponential smoothing: its first states cannot be told apart")
        return through[0] - states @ state, self._start + state

    def first_states(self, parameters: Floats) -> tuple[float, float | None, Floats]:
        """Level and trend (None without one) before the first month, and the pattern of the first twelve months."""
        states = self.errors(parameters)[1]
        level = float(states[:SEASON].mean())
        return level, float(states[-1]) / self._count if self.trend else None, states[:SEASON] - level

    def loglike(self, parameters: Floats) -> tuple[float, Floats]:
        """Log-likelihood and its gradient."""
        errors, _ = self.errors(parameters)
        count, squares = self._count, float(errors @ errors)
        again = lfilter([1.0], self._whole + parameters @ self._slopes, errors)
        lags = np.array([errors[lag:] @ again[: count - lag] for lag in range(len(self._whole))])
        return -0.5 * count * (np.log(2 * np.pi * squares / count) + 1), count / squares * (self._slopes @ lags)

    def ahead(self, parameters: Floats, steps: int) -> tuple[Floats, Floats]:
        """Mean (steps,) and covariance (steps, steps) of the next values."""
        errors, weights = self.errors(parameters)[0], self._whole + parameters @ self._slopes
        begun = lfiltic(weights, self._whole, self._values[::-1], errors[::-1])
        mean, _ = lfilter(weights, self._whole, np.zeros(steps), zi=begun)
        root = lfilter(weights, self._whole, np.eye(steps), axis=0)
        return mean, (errors**2).mean() * (root @ root.T)

    def maximise(self, start: tuple[float, ...]) -> Maximum:
        """Search from `start`: level, (trend,) season, with trend below level and season below one minus level."""

        def loss(point: Floats) -> tuple[float, Floats]:
            parameters, turn = self._inside(point)
            value, slope = self.loglike(parameters)
            return -value, -(turn.T @ slope)

        first = np.array(start)
        room = self._room(first[0])
        first[1:] = (first[1:] - LOWEST) / room
        limits = [(LOWEST, HIGHEST)] + [(0.0, 1.0)] * len(room)
        optimum = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=limits, options=SEARCH)
        return Maximum(self._inside(optimum.x)[0], -float(optimum.fun), bool(optimum.success))

    def _room(self, level: float) -> Floats:
        season = min(HIGHEST, 1 - level) - LOWEST
        return np.array([min(HIGHEST, level) - LOWEST, season] if self.trend else [season])

    def _inside(self, point: Floats) -> tuple[Floats, Floats]:
        """Parameters from the level and the others' places between their limits (0 to 1); derivatives."""
        room = self._room(point[0])
        turn = np.diag(np.concatenate([[1.0], room]))
        turn[-1, 0] = -point[-1]
        if self.trend:
            turn[1, 0] = point[1]
        return np.concatenate([point[:1], LOWEST + room * point[1:]]), turn


def autocovariances(coefficients: Floats, length: int) -> Floats:
    """Autocovariances, lags 0 to `length` - 1, of a moving average of shocks of variance one."""
    products = np.zeros(length)
    products[: len(coefficients)] = np.correlate(coefficients, coefficients, "full")[len(coefficients) - 1 :]
    return products


def banded(columns: Floats, covariances: Floats) -> tuple[Floats, float]:
    """Columns with the covariance taken out (independent, variance one), and the logarithm of its determinant.

    Parameters
    ----------
    columns : ndarray, shape (n, k)
    covariances : ndarray, shape (b,)
        Autocovariances of each column, zero from lag b on.
    """
    factor = _factor(len(columns), covariances)
    return dtbtrs(factor, columns, uplo="L")[0], 2 * float(np.log(factor[0]).sum())


def _factor(count: int, covariances: Floats) -> Floats:
    """The bands of the Cholesky factor of `count` months' covariance."""
    bands = np.empty((len(covariances), count), order="F")
    bands[:] = covariances[:, None]
    factor, failed = dpbtrf(bands, lower=1, overwrite_ab=1)
    if failed:
        raise RunFailed("a moving average whose covariance is not positive definite")
    return factor


def _search(
    value: Callable[[Floats], float], start: Floats, limits: list[tuple[float, float]]
) -> tuple[Floats, float, bool]:
    """Where `value` is highest within `limits`, by central differences."""
    low, high = np.array(limits).T

    def loss(point: Floats) -> tuple[float, Floats]:
        slope = np.empty(len(point))
        for place in range(len(point)):
            up, down = point.copy(), point.copy()
            up[place] = min(point[place] + STEP, high[place])
            down[place] = max(point[place] - STEP, low[place])
            slope[place] = (value(up) - value(down)) / (up[place] - down[place])
        return -value(point), -slope

    optimum = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits, options=SEARCH)
    return optimum.x, -float(optimum.fun), bool(optimum.success)


def _expected(columns: Floats, covariances: Floats, steps: int) -> tuple[Floats, Floats, Floats]:
    """Columns (n, k) as :func:`banded` leaves them, what they say of each of the next `steps` months, and the root of
    the covariance that is left.

    The Cholesky factor of past and future together has what the past says of the future below the past's own, and
    the future's root at its end.
    """
    known, reach = len(columns), len(covariances) - 1
    bands = _factor(known + steps, covariances)
    seen = np.arange(known - reach, known + steps)
    lags = np.arange(known, known + steps)[:, None] - seen
    factor = np.where((lags >= 0) & (lags <= reach), bands[np.clip(lags, 0, reach), seen], 0.0)
    scaled = dtbtrs(bands[:, :known], columns, uplo="L")[0]
    return scaled, factor[:, :reach] @ scaled[-reach:], factor[:, reach:]


def _summed_up(values: Floats, differences: Floats, mean: Floats, root: Floats) -> tuple[Floats, Floats]:
    """Mean and root of the covariance of what follows `values`, from those of its differences."""
    begun = lfiltic([1.0], differences, values[: -len(differences) : -1])
    return lfilter([1.0], differences, mean, zi=begun)[0], lfilter([1.0], differences, root, axis=0)


class Structural:
    """Random walk with drift, irregular and seasonal pattern of twelve months that changes slowly.

    Over twelve months the difference of the series is twelve drifts, plus twelve months of the walk's steps, the
    irregular's difference over the year, and the difference of two seasonal shocks.
    """

    def __init__(self, values: Floats) -> None:
        moved = values[SEASON:] - values[:-SEASON]
        self._values, self._columns = values, np.column_stack([moved, np.ones(len(moved))])
        parts = (YEAR_DIFFERENCE, YEAR_SUM, DIFFERENCE)  # irregular, walk, season
        self._covariances = np.array([autocovariances(part, SEASON + 1) for part in parts])

    def loglike(self, shares: Floats) -> tuple[float, float]:
        """Log-likelihood at variances in the proportion of `shares` (irregular, walk, season), and their scale."""
        scaled, determinant = banded(self._columns, shares @ self._covariances)
        outcome, drift = scaled.T
        free, weight = len(outcome) - 1, drift @ drift
        scale = float(outcome @ outcome - (drift @ outcome) ** 2 / weight) / free
        return -0.5 * (free * (np.log(2 * np.pi * scale) + 1) + determinant + np.log(weight)), scale

    def ahead(self, variances: Floats, steps: int) -> tuple[Floats, Floats]:
        """Mean (steps,) and covariance (steps, steps) of the next values at variances of irregular, walk and season."""
        scaled, expected, root = _expected(self._columns, variances @ self._covariances, steps)
        outcome, drift = scaled.T
        weight, unseen = drift @ drift, 1 - expected[:, 1]  # how much of the drift the months before do not tell
        moved = expected[:, 0] + unseen * (drift @ outcome) / weight
        roots = np.column_stack([root, unseen / np.sqrt(weight)])
        mean, roots = _summed_up(self._values, YEAR_DIFFERENCE, moved, roots)
        return mean, roots @ roots.T

    def maximise(self, start: tuple[float, ...]) -> Maximum:
        """Search from `start`: variances of irregular, walk and season."""
        both = start[0] + start[1]
        first = np.array([start[0] / both, start[2] / both / SEASON_SCALE])

        def shares(point: Floats) -> Floats:
            return np.array([point[0], 1 - point[0], SEASON_SCALE * point[1]])

        limits = [(0.0, 1.0), (0.0, 1e4)]
        best, value, converged = _search(lambda point: self.loglike(shares(point))[0], first, limits)
        return Maximum(self.loglike(shares(best))[1] * shares(best), value, converged)


class Airline:
    """The (0,1,1)(0,1,1) model of Box and Jenkins, of twelve months."""

    def __init__(self, values: Floats) -> None:
        moved = np.diff(values)
        self._values, self._columns = values, (moved[SEASON:] - moved[:-SEASON])[:, None]

    def loglike(self, coefficients: Floats) -> tuple[float, float]:
        """Log-likelihood at the coefficients of a month and of a year, and the variance of the shocks."""
        scaled, determinant = banded(self._columns, self._covariances(coefficients))
        outcome = scaled[:, 0]
        scale = float(outcome @ outcome) / len(outcome)
        return -0.5 * (len(outcome) * (np.log(2 * np.pi * scale) + 1) + determinant), scale

    @staticmethod
    def _covariances(coefficients: Floats) -> Floats:
        """Autocovariances of the differenced series, shape (14,), at shocks of variance one."""
        month, year = coefficients
        weights = np.zeros(SEASON + 2)
        weights[[0, 1, SEASON, SEASON + 1]] = 1.0, month, year, month * year
        return autocovariances(weights, SEASON + 2)

    def ahead(self, coefficients: Floats, steps: int) -> tuple[Floats, Floats]:
        """Mean (steps,) and covariance (steps, steps) of the next values at coefficients of a month and of a year."""
        scaled, expected, root = _expected(self._columns, self._covariances(coefficients), steps)
        mean, root = _summed_up(self._values, TWICE_DIFFERENCED, expected[:, 0], root)
        return mean, (scaled**2).mean() * (root @ root.T)

    def maximise(self, start: tuple[float, ...]) -> Maximum:
        """Search from `start`: the coefficients of a month and of a year."""
        limits = [(-MA_LIMIT, MA_LIMIT)] * 2
        best, value, converged = _search(lambda coefficients: self.loglike(coefficients)[0], np.array(start), limits)
        return Maximum(best, value, converged)
