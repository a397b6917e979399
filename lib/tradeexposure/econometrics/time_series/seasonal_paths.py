"""A monthly volume without the measure: two time-series models fitted to the months before it.

Both are a mean with a fixed season plus correlated noise, in kilotonnes, never in logs (a random walk in logs
multiplies without limit). They differ in the noise:

- ``structural``: a local level, the structural time series of Harvey (1989): a random walk seen through noise;
- ``sarimax``: an autoregression of one month around a constant, SARIMAX (1,0,0) with seasonal regressors.

One number shapes each covariance. It is averaged over a grid by its marginal likelihood instead of maximised, mean
and variance are integrated out, so that the paths carry the uncertainty about every parameter, months can be left
out, and no optimiser can stop early. Given the number, forecasts equal those of ``statsmodels`` (a test and the
notebook compare them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.linalg.lapack import dtrtri

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series.months import count as months_from

MODELS = ("structural", "sarimax")
SEASON = 12
MOST_WAVES = 5  # the sixth has half as many degrees of freedom and adds nothing a grain season shows
ROUNDED = 24  # months to which a run of them is filled up, for factors shared by windows that follow each other
LEAST_SPARE = 8  # months more than mean and season have parameters
#: structural: deviation of the level's monthly step ÷ that of the noise. Above 1 the level follows every month.
#: sarimax: autoregression of one month.
SHAPES: dict[str, np.ndarray] = {"structural": np.linspace(0.0, 1.0, 21), "sarimax": np.linspace(-0.5, 0.95, 30)}


@dataclass(frozen=True)
class Posterior:
    """Paths of one series in the months asked for, at every point of the grid."""

    #: Shape (g,). Grid and the probability of each point.
    shapes: np.ndarray
    weights: np.ndarray
    coefficients: np.ndarray  #: Shape (g, k). Of the mean and of each wave, cosine before sine; kt.
    #: Shape (g,). Variance of the shocks of one month, those of the noise in the structural model; kt².
    scales: np.ndarray
    means: np.ndarray  #: Shape (g, h).
    factors: np.ndarray  #: Shape (g, h, h). Lower Cholesky factor of the scale matrix.
    freedom: int  #: Degrees of freedom of the t distribution that mean and scale belong to.
    whitened: pd.Series  #: One-step errors of the fit at the most probable shape, of unit variance, by month.

    @property
    def mean(self) -> np.ndarray:
        """Expected path, shape (h,)."""
        return self.weights @ self.means


def waves_for(months: int) -> int:
    """Pairs of waves in the season: one per full year of the baseline, five at most."""
    return int(min(MOST_WAVES, months // SEASON))


def _season(month: np.ndarray, waves: int) -> np.ndarray:
    angle = 2 * np.pi * (month - 1) / SEASON
    pairs = [wave(order * angle) for order in range(1, waves + 1) for wave in (np.cos, np.sin)]
    return np.column_stack([np.ones(len(month)), *pairs])


def months_held(series: pd.Series, months: pd.DatetimeIndex, *, waves: int) -> pd.Series:
    """The months of `series` that hold a value.

    Raises
    ------
    BadInput
        Index with a gap or a repeated month, a constant series, too few months, a month to predict that is fitted.
    """
    name = str(series.name or "series")
    if not isinstance(series.index, pd.DatetimeIndex) or series.index.has_duplicates:
        raise BadInput(name, "month", found="a repeated month", allowed="each month once")
    if months_from(series.index.min(), series.index.max()) != len(series):
        raise BadInput(name, "month", found="a gap", allowed="months in a row (a month without value is NaN)")
    used = series.dropna().sort_index()
    least = 1 + 2 * waves + LEAST_SPARE
    if len(used) < least:
        raise BadInput(name, found=f"{len(used)} months", allowed=f"at least {least} for {waves} pairs of waves")
    if not used.std() > 0:
        raise BadInput(name, found=f"{used.iloc[0]} in every month", allowed="a series that varies")
    both = used.index.intersection(months)
    if not len(months) or len(both):
        raise BadInput(name, "window", found=f"{both[0]:%Y-%m} among the months fitted" if len(both) else "no month",
                       allowed="months that are not fitted")  # fmt: skip
    return used


def covariances(time: np.ndarray, *, model: str, shapes: Sequence[float]) -> np.ndarray:
    """Covariance of the noise between the months `time` (whole numbers), up to a factor; shape (g, n, n)."""
    squares = np.array([shape**2 for shape in shapes])[:, None, None]
    if model == "structural":
        steps = np.minimum.outer(time, time) - time.min()
        return np.asarray(squares * steps + np.eye(len(time)))
    powers = np.array(shapes)[:, None] ** np.arange(np.ptp(time) + 1)
    return np.asarray(powers.take(np.abs(np.subtract.outer(time, time)), axis=1) / (1 - squares))


def posterior(
    series: pd.Series, *, months: pd.DatetimeIndex, model: str, waves: int, shapes: np.ndarray | None = None
) -> Posterior:
    """Fit one model to the months of `series` that hold a value and predict `months`.

    Parameters
    ----------
    series : Series
        kt by month, NaN where a month is not to be fitted.
    months : DatetimeIndex
        Months to predict, in order, later or earlier than those fitted.
    waves : int
        Pairs of yearly waves in the season.
    shapes : ndarray, optional
        Grid of the shape; :data:`SHAPES` by default.

    Raises
    ------
    BadInput
        See :func:`months_held`.
    """
    used = months_held(series, months, waves=waves)
    if model not in MODELS:
        raise BadInput("model", found=model, allowed=", ".join(MODELS))
    grid = SHAPES[model] if shapes is None else np.atleast_1d(shapes)
    both = pd.DatetimeIndex([*used.index, *months])
    shared = _shared(tuple(both.year * 12 + both.month), len(used), waves, model, tuple(grid))
    known, freedom = used.to_numpy(), len(used) - 1 - 2 * waves
    white = shared.white @ known
    coefficients = (shared.inner @ (shared.regressed.mT @ white[..., None]))[..., 0]
    whitened = white - (shared.regressed @ coefficients[..., None])[..., 0]
    scales = (whitened**2).sum(axis=1) / freedom
    logs = -shared.determinants - freedom / 2 * np.log(scales)
    weights, best = np.exp(logs - logs.max()), int(logs.argmax())
    return Posterior(
        shapes=grid,
        weights=weights / weights.sum(),
        coefficients=coefficients,
        scales=scales,
        means=coefficients @ shared.ahead.T + (shared.across @ whitened[..., None])[..., 0],
        factors=np.sqrt(scales)[:, None, None] * shared.roots,
        freedom=freedom,
        whitened=pd.Series(whitened[best] / np.sqrt(scales[best]), used.index),
    )


@dataclass(frozen=True)
class _Shared:
    """What is the same for every series of the same months, at the g points of a grid: all but the n values observed.

    Generalised least squares: `white` (g, n, n) takes values to noise of unit variance, `regressed` (g, n, k) is what
    it makes of the season, `inner` (g, k, k) the inverse of its cross product; `ahead` (h, k) is the season of the
    months to predict, `across` (g, h, n) what they have of the noise. `roots` (g, h, h) are Cholesky factors of what is
    uncertain about these, up to the scale; `determinants` (g,) enter the likelihood.
    """

    white: np.ndarray
    regressed: np.ndarray
    inner: np.ndarray
    ahead: np.ndarray
    across: np.ndarray
    roots: np.ndarray
    determinants: np.ndarray


@lru_cache(
    maxsize=64
)  # sets of months, with a model each: cells of an episode share theirs, provinces those of placebos
def _shared(time: tuple[int, ...], count: int, waves: int, model: str, shapes: tuple[float, ...]) -> _Shared:
    """The months `time`, of which the first `count` are fitted and the others predicted."""
    full, design = len(time), _season((np.array(time) - 1) % SEASON + 1, waves)
    if time == tuple(range(time[0], time[0] + full)):  # the factors of months in a row are part of those of more
        time = tuple(range(time[0], time[0] + -(-full // ROUNDED) * ROUNDED))
    factors, whitening = _factors(time, model, shapes)
    across, new = factors[:, count:full, :count], factors[:, count:full, count:full]
    white, basis, ahead = whitening[:, :count, :count], design[:count], design[count:]
    regressed = white @ basis
    inner = np.linalg.inv(regressed.mT @ regressed)
    unexplained = ahead - across @ regressed
    inside = new @ new.mT + unexplained @ inner @ unexplained.mT
    logs = np.log(np.diagonal(factors, axis1=1, axis2=2)[:, :count]).sum(axis=1)
    determinants = logs - 0.5 * np.linalg.slogdet(inner)[1]
    return _Shared(white, regressed, inner, ahead, across, np.linalg.cholesky(inside), determinants)


@lru_cache(maxsize=16)
def _factors(time: tuple[int, ...], model: str, shapes: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Lower Cholesky factors of the covariances of months, and their inverses; both of shape (g, n, n)."""
    factors = np.linalg.cholesky(covariances(np.array(time), model=model, shapes=shapes))
    return factors, np.array([dtrtri(factor.T)[0].T for factor in factors])


def draw(posterior: Posterior, *, normals: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Paths of one series.

    Parameters
    ----------
    normals : ndarray, shape (draws, h)
        Standard normal shocks, which may be shared or correlated between series.

    Returns
    -------
    ndarray, shape (draws, h)
        kt by draw and month; may be negative (see :func:`within`).
    """
    draws = len(normals)
    edges = (np.arange(draws) + rng.random()) / draws  # every shape drawn as often as its weight says
    place = np.minimum(np.searchsorted(np.cumsum(posterior.weights), edges), len(posterior.weights) - 1)
    heavy = np.sqrt(posterior.freedom / rng.chisquare(posterior.freedom, draws))
    shocks = np.einsum("dij,dj->di", posterior.factors[place], normals)
    return posterior.means[place] + heavy[:, None] * shocks


def within(paths: np.ndarray, *, most_monthly: float, supply: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Paths kept between nothing and what could be shipped.

    Parameters
    ----------
    paths : ndarray, shape (draws, h)
    most_monthly : float
        The most that leaves in a month.
    supply, groups : ndarray, shape (h,)
        kt available over all months of the same group (a crop year), repeated in each of its months; the group.

    Returns
    -------
    ndarray, shape (draws, h)
        A crop year that would need more than its supply is scaled down to it.
    """
    kept = np.clip(paths, 0.0, most_monthly)
    for group in np.unique(groups):
        here = groups == group
        total = kept[:, here].sum(axis=1)
        kept[:, here] *= np.minimum(1.0, supply[here][0] / np.maximum(total, 1e-9))[:, None]
    return kept
