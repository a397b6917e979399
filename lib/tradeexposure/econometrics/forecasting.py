"""Long-horizon forecasts of a monthly flow, and the chance that a calendar year reaches a target.

Four families of linear Gaussian models of the flow's logarithm, fitted by maximum likelihood
(`statsmodels <https://www.statsmodels.org>`_):

- ``exponential_smoothing``: level, trend and season revised by a share of each error (additive in logs).
- ``structural``: random walk with drift, irregular and slowly changing season (unobserved components).
- ``sarima``: (0,1,1)(0,1,1) of twelve months, the airline model of Box and Jenkins.
- ``no_trend``: exponential smoothing that rules out growth; what the future looks like if growth stops.

The joint distribution of all future months follows exactly from a model's state-space form, so that the only
approximation left is the sum of twelve log-normal months: simulated for chances, matched for intervals.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.tools.sm_exceptions import ModelWarning
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing
from statsmodels.tsa.statespace.kalman_filter import MEMORY_CONSERVE, MEMORY_NO_FORECAST
from statsmodels.tsa.statespace.mlemodel import MLEModel
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tradeexposure.core.errors import BadInput, RunFailed

SEASON = 12  # months
MINIMUM_MONTHS = 96  # eight years: a yearly pattern and a drift cannot be told apart in less
PERCENT = 100.0  # logs enter as 100 × log so that variances are near 1, where the optimiser works
PRECISE, QUICK = (1e3, 1e-8), (1e7, 1e-6)  # L-BFGS-B's factr and pgtol
LIKELIHOOD_TOLERANCE = 1e-3  # two starts agree when their log-likelihoods do; moves no printed digit

#: family → starting values (constrained scale). None is the package's own guess. Variances of the
#: structural model are in squared per cent; the other two concentrate the variance out.
STARTS: dict[str, tuple[tuple[float, ...] | None, ...]] = {
    "exponential_smoothing": ((0.5, 0.02, 0.005), (0.5, 0.0003, 0.0003), (0.8, 0.05, 0.1), (0.2, 0.002, 0.3), None),
    "no_trend": ((0.5, 0.005), (0.8, 0.1), (0.2, 0.3), None),
    "structural": ((15.0, 12.0, 0.1), (40.0, 4.0, 1.0), (4.0, 40.0, 0.01), None),
    "sarima": ((-0.4, -0.9), (-0.6, -0.7), (-0.1, -0.4), None),
}
FAMILIES = tuple(STARTS)
#: The families that let the flow grow at the pace of its past: one model each.
WITH_TREND = ("exponential_smoothing", "structural", "sarima")


def months_above_zero(series: pd.Series, *, minimum: int = MINIMUM_MONTHS) -> pd.Series:
    """`series` with a monthly frequency, or refused.

    Raises
    ------
    BadInput
        Index not monthly, a gap, a repeated month, too few months, a value that is missing, zero or negative.
    """
    name = str(series.name or "series")
    if not isinstance(series.index, pd.DatetimeIndex) or not (series.index.day == 1).all():
        raise BadInput(name, "month", found=type(series.index).__name__, allowed="first days of months")
    if series.index.has_duplicates:
        repeated = series.index[series.index.duplicated()][0]
        raise BadInput(name, "month", found=f"{repeated:%Y-%m} twice", allowed="each month once")
    ordered = series.sort_index()
    if len(ordered) < minimum:
        raise BadInput(name, found=f"{len(ordered)} months", allowed=f"at least {minimum}")
    span = pd.date_range(ordered.index[0], ordered.index[-1], freq="MS")
    if len(span) != len(ordered):
        raise BadInput(
            name, "month", found=f"no {span.difference(pd.DatetimeIndex(ordered.index))[0]:%Y-%m}", allowed="no gap"
        )
    bad = ordered[~(ordered > 0) | ~np.isfinite(ordered)]
    if len(bad):
        raise BadInput(name, f"{bad.index[0]:%Y-%m}", found=str(bad.iloc[0]), allowed="a value above zero")
    return ordered.asfreq("MS")


def full_years(series: pd.Series) -> pd.Series:
    """Totals of the calendar years of which all twelve months are there; index year."""
    grouped = series.groupby(pd.DatetimeIndex(series.index).year)
    return grouped.sum()[grouped.size() == SEASON]


class Smoothing(ExponentialSmoothing):  # type: ignore[misc]  # statsmodels publishes no types
    """Exponential smoothing of which the initial states are concentrated out in one least-squares solve.

    The parent does the same (De Livera, Hyndman and Snyder 2011, equation 10) through a general regression with a
    constraint and a loop over the months, which takes four times as long; a test compares the two likelihoods.
    """

    def _compute_concentrated_states(self, params: np.ndarray, *args: Any, **kwargs: Any) -> tuple[Any, Any, Any]:
        kwargs["conserve_memory"] = MEMORY_CONSERVE & ~MEMORY_NO_FORECAST
        MLEModel.loglike(self, params, *args, **kwargs)
        errors = np.array(self.ssm._kalman_filter.forecast_error[0], copy=True)
        design = self["design", :, 1:].copy()
        if self.trend:
            design[0, 1] = 1.0
        design[0, -SEASON:] = np.eye(SEASON)[-1]  # the pattern of a year ago is the last of the seasonal states
        step = self["transition", 1:, 1:] - self["selection", 1:] @ design
        rows = design
        while len(rows) < self.nobs:  # rows[k] = design × step^k, doubled at each pass
            rows, step = np.vstack([rows, rows @ step]), step @ step
        effects = rows[: self.nobs]
        free = np.hstack([effects[:, :-SEASON], effects[:, -SEASON:-1] - effects[:, -1:]])  # seasonals sum to zero
        states = np.linalg.lstsq(free, errors, rcond=None)[0]
        seasonal = np.append(states[1 - SEASON :], -states[1 - SEASON :].sum())
        return states[0], states[1] if self.trend else None, seasonal


def _model(log_percent: pd.Series, family: str) -> Any:
    if family == "exponential_smoothing":
        return Smoothing(log_percent, trend=True, seasonal=SEASON, initialization_method="concentrated")
    if family == "no_trend":  # exponential smoothing again, growth ruled out
        return Smoothing(log_percent, seasonal=SEASON, initialization_method="concentrated")
    if family == "structural":  # random walk with drift + irregular + changing seasonal
        return UnobservedComponents(log_percent, "lldtrend", seasonal=SEASON)
    if family == "sarima":  # differenced beforehand: the same likelihood with half the states
        return _airline(log_percent, simple_differencing=True)
    raise BadInput("family", found=family, allowed=", ".join(FAMILIES))


def _airline(log_percent: pd.Series, *, simple_differencing: bool) -> SARIMAX:
    return SARIMAX(
        log_percent,
        order=(0, 1, 1),
        seasonal_order=(0, 1, 1, SEASON),
        concentrate_scale=True,
        simple_differencing=simple_differencing,
    )


def _maximise(model: Any, start: tuple[float, ...] | None, *, precise: bool) -> Any:
    factr, pgtol = PRECISE if precise else QUICK
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelWarning)  # convergence is checked below, not warned about
        warnings.simplefilter("ignore", UserWarning)
        return model.fit(start_params=start, disp=False, maxiter=500, pgtol=pgtol, factr=factr, cov_type="none")


def fit(series: pd.Series, *, family: str, precise: bool = True) -> Any:
    """Maximum-likelihood fit of one family, from starts that are tried until two agree.

    Parameters
    ----------
    series : Series
        CAD by month, above zero.
    family : {"exponential_smoothing", "no_trend", "structural", "sarima"}
    precise : bool
        Stop only where published digits no longer move; a backtest, which fits hundreds, may stop earlier.

    Returns
    -------
    statsmodels results of 100 × log(series).

    Raises
    ------
    BadInput
        See :func:`months_above_zero`; unknown family.
    RunFailed
        No two starting points reached the same highest likelihood.
    """
    log_percent = PERCENT * np.log(months_above_zero(series))
    model = _model(log_percent, family)
    found: list[Any] = []
    for start in STARTS[family]:
        found.append(_maximise(model, start, precise=precise))
        agreed = _agreed(found)
        if agreed is not None:
            params = agreed.params
            return _airline(log_percent, simple_differencing=False).filter(params) if family == "sarima" else agreed
    reached = ", ".join(f"{result.llf:.4f}" for result in found)
    raise RunFailed(f"{family} on {series.name}: starting points disagree (log-likelihoods {reached})")


def _agreed(found: list[Any]) -> Any | None:
    """The first of two converged fits that share the highest likelihood; its last bit does not decide."""
    highest = max((result.llf for result in found if np.isfinite(result.llf)), default=np.inf)
    best = [result for result in found if highest - result.llf < LIKELIHOOD_TOLERANCE]
    converged = [result for result in best if result.mle_retvals["converged"]]
    return converged[0] if len(converged) > 1 else None


@dataclass(frozen=True)
class Forecast:
    """Joint forecast of the months after an origin.

    Attributes
    ----------
    series, family : str
        What was forecast, and the family that did.
    observed : Series
        CAD by month up to the origin.
    months : DatetimeIndex
        The months forecast, length ``n``.
    mean : ndarray, shape (n,)
        Mean of the logarithm.
    covariance : ndarray, shape (n, n)
        Covariance of the logarithm across months.
    """

    series: str
    family: str
    observed: pd.Series
    months: pd.DatetimeIndex
    mean: np.ndarray
    covariance: np.ndarray

    @property
    def origin(self) -> pd.Timestamp:
        """Last month the model saw."""
        return self.observed.index[-1]


def moments(result: Any, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean, shape (steps,), and covariance, shape (steps, steps), of the next observations.

    Propagates the last filtered state through the transition matrix: for i ≤ j the covariance is
    ``Z P_i (T')^(j-i) Z'``, plus the observation noise on the diagonal (Durbin and Koopman 2012, ch. 4).

    Raises
    ------
    ValueError
        The model's matrices change over time.
    """
    matrices = result.filter_results
    parts = (matrices.design, matrices.transition, matrices.selection, matrices.state_cov, matrices.obs_cov)
    if any(part.shape[-1] != 1 for part in parts):
        raise ValueError("moments() needs a model whose matrices do not change over time")
    design, transition, selection, shocks, noise = (part[..., 0] for part in parts)
    state, spread = matrices.predicted_state[:, -1], matrices.predicted_state_cov[..., -1]
    added = selection @ shocks @ selection.T
    reach = [design[0]]  # row k: design × transition^k
    for _ in range(steps - 1):
        reach.append(reach[-1] @ transition)
    ahead, mean, covariance = np.array(reach), np.empty(steps), np.empty((steps, steps))
    for row in range(steps):
        mean[row] = design[0] @ state
        covariance[row, row:] = covariance[row:, row] = ahead[: steps - row] @ (spread @ design[0])
        covariance[row, row] += noise[0, 0]
        state, spread = transition @ state, transition @ spread @ transition.T + added
    return mean, covariance


def forecast(
    series: pd.Series, *, family: str, until: int, origin: str | None = None, precise: bool = True
) -> Forecast:
    """Forecast every month after `origin` (default: the last held) to December of year `until`.

    Raises
    ------
    BadInput
        Origin not among the months held, or not before `until`; see :func:`fit`.
    """
    whole = months_above_zero(series)
    end = whole.index[-1] if origin is None else pd.Timestamp(origin)
    if end not in whole.index:
        raise BadInput(
            "origin", found=str(origin), allowed=f"a month from {whole.index[0]:%Y-%m} to {whole.index[-1]:%Y-%m}"
        )
    months = pd.date_range(end, pd.Timestamp(until, 12, 1), freq="MS")[1:]
    if months.empty:
        raise BadInput("until", found=str(until), allowed=f"a year that ends after {end:%Y-%m}")
    observed = whole.loc[:end]
    mean, covariance = moments(fit(observed, family=family, precise=precise), len(months))
    return Forecast(str(series.name), family, observed, months, mean / PERCENT, covariance / PERCENT**2)


def forecasts(
    series: Mapping[str, pd.Series],
    *,
    until: int,
    origins: Sequence[str],
    families: Sequence[str] = FAMILIES,
) -> list[Forecast]:
    """:func:`forecast` for every series × origin × family, in that order; `series` maps its name to CAD by month."""
    return [
        forecast(values.rename(name), family=family, origin=origin, until=until)
        for name, values in series.items()
        for origin in origins
        for family in families
    ]


def normals(rng: np.random.Generator, *, draws: int, months: int) -> np.ndarray:
    """Standard normal draws, shape (draws, months), in pairs of opposite sign."""
    half = rng.standard_normal(((draws + 1) // 2, months))
    return np.vstack([half, -half])[:draws]


def totals(given: Forecast, shocks: np.ndarray) -> pd.DataFrame:
    """Simulated calendar-year totals.

    Parameters
    ----------
    given : Forecast
    shocks : ndarray, shape (draws, at least the months forecast)
        From :func:`normals`; the same shocks for every model make their difference exact.

    Returns
    -------
    DataFrame
        One row per draw, one column per calendar year after the origin (CAD); months already seen enter as they were.
    """
    steps = len(given.months)
    if shocks.shape[1] < steps:
        raise ValueError(f"{shocks.shape[1]} months of shocks for {steps} months of forecast")
    root = np.linalg.cholesky(given.covariance)
    months = np.exp(given.mean + shocks[:, :steps] @ root.T)
    years = given.months.year
    seen = _begun(given)
    summed = {year: months[:, years == year].sum(axis=1) + seen * (year == years[0]) for year in years.unique()}
    return pd.DataFrame(summed)


def bands(given: Forecast, *, levels: Sequence[float] = (0.8, 0.95)) -> pd.DataFrame:
    """Central intervals of the calendar-year totals.

    A sum of twelve strongly correlated log-normal months is close to log-normal itself: its mean and variance, which
    are exact, give the interval (Fenton 1960). No simulation error, so that coverage does not hang on the draws.

    Returns
    -------
    DataFrame
        Key level, year; columns median, low, high (CAD). Months already seen enter as they were.
    """
    months, years = np.exp(given.mean + np.diag(given.covariance) / 2), given.months.year
    names, seen = years.unique(), _begun(given)
    member = (years.to_numpy()[:, None] == names.to_numpy()).astype(float)  # months × years
    mean = months @ member
    products = np.outer(months, months) * np.expm1(given.covariance)
    variance = np.einsum("iy,ij,jy->y", member, products, member, optimize=True)
    spread = np.sqrt(np.log1p(variance / mean**2))
    middle = np.log(mean) - spread**2 / 2
    already = np.where(names == years[0], seen, 0.0)
    frames = []
    for level in levels:
        reach = norm.ppf((1 + level) / 2) * spread
        edges = {"median": 0.0, "low": -reach, "high": reach}
        values = {name: already + np.exp(middle + shift) for name, shift in edges.items()}
        frames.append(pd.DataFrame({"year": names, "level": level, **values}))
    return pd.concat(frames, ignore_index=True)


def _begun(given: Forecast) -> float:
    """Total of the months of the first forecast year that were already seen (CAD)."""
    known = pd.DatetimeIndex(given.observed.index).year == given.months[0].year
    return float(given.observed[known].sum())


def probabilities(made: Iterable[Forecast], targets: pd.DataFrame, shocks: np.ndarray) -> pd.DataFrame:
    """Chance that each target is reached, by model and origin.

    Parameters
    ----------
    made : iterable of Forecast
    targets : DataFrame
        Columns series, target (its name), year, target_cad.
    shocks : ndarray
        From :func:`normals`.

    Returns
    -------
    DataFrame
        Key series, target, origin, family; columns year, target_cad, probability (0–1).
    """
    rows = []
    for given in made:
        simulated = totals(given, shocks)
        for aim in targets[targets["series"] == given.series].to_dict("records"):
            if aim["year"] not in simulated:
                raise BadInput("targets", "year", found=str(aim["year"]), allowed=f"up to {given.months[-1].year}")
            chance = float((simulated[aim["year"]] >= aim["target_cad"]).mean())
            rows.append({**aim, "origin": given.origin, "family": given.family, "probability": chance})
    columns = ["series", "target", "origin", "family", "year", "target_cad", "probability"]
    return pd.DataFrame(rows, columns=columns)
