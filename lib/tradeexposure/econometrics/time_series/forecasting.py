"""Long-horizon forecasts of a monthly flow, and the chance that a calendar year reaches a target.

Four families of linear Gaussian models of the flow's logarithm, fitted by maximum likelihood; results and forecasts are
those of `statsmodels <https://www.statsmodels.org>`_ (tests compare them):

- ``exponential_smoothing``: level, trend and season revised by a share of each error (additive in logs).
- ``structural``: random walk with drift, irregular and slowly changing season (unobserved components).
- ``sarima``: (0,1,1)(0,1,1) of twelve months, the airline model of Box and Jenkins.
- ``no_trend``: exponential smoothing that rules out growth; what the future looks like if growth stops.

The joint distribution of all future months follows exactly from a model, so that the only approximation left is the sum
of twelve log-normal months: simulated for chances, matched for intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import special
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing
from statsmodels.tsa.statespace.sarimax import SARIMAX
from statsmodels.tsa.statespace.structural import UnobservedComponents

from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.time_series.concentrated_likelihoods import Airline, Maximum, Smoothing, Structural

SEASON = 12  # months
MINIMUM_MONTHS = 96  # eight years: a yearly pattern and a drift cannot be told apart in less
PERCENT = 100.0  # logs enter as 100 × log so that variances are near 1, where the optimiser works
LIKELIHOOD_TOLERANCE = 1e-6  # two starts agree when their log-likelihoods do; moves no printed digit

#: family → starting values, in the order of :attr:`Fit.parameters`. Variances count by their proportion.
#: Of ``no_trend`` two lie near a season that hardly changes, two near one that does: either may be the likelier.
STARTS: dict[str, tuple[tuple[float, ...], ...]] = {
    "exponential_smoothing": ((0.5, 0.02, 0.005), (0.5, 3e-4, 3e-4), (0.8, 0.05, 0.1), (0.2, 0.002, 0.3)),
    "no_trend": ((0.5, 0.005), (0.8, 0.1), (0.2, 0.3), (0.3, 0.02)),
    "structural": ((15.0, 12.0, 0.1), (40.0, 4.0, 1.0), (4.0, 40.0, 0.01)),
    "sarima": ((-0.4, -0.9), (-0.6, -0.7), (-0.1, -0.4)),
}
LIKELIHOODS: dict[str, Callable[[np.ndarray], Any]] = {
    "exponential_smoothing": partial(Smoothing, trend=True),
    "no_trend": partial(Smoothing, trend=False),  # growth ruled out
    "structural": Structural,  # random walk with drift, irregular, changing season
    "sarima": Airline,
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
    if isinstance(series.index, pd.DatetimeIndex) and series.index.freqstr == "MS":
        return _above_zero(series, name, minimum)  # sorted, without gap or repeated month
    if not isinstance(series.index, pd.DatetimeIndex) or not (series.index.day == 1).all():
        raise BadInput(name, "month", found=type(series.index).__name__, allowed="first days of months")
    if series.index.has_duplicates:
        repeated = series.index[series.index.duplicated()][0]
        raise BadInput(name, "month", found=f"{repeated:%Y-%m} twice", allowed="each month once")
    ordered = series.sort_index()
    span = pd.date_range(ordered.index[0], ordered.index[-1], freq="MS")
    if len(span) != len(ordered):
        raise BadInput(
            name, "month", found=f"no {span.difference(pd.DatetimeIndex(ordered.index))[0]:%Y-%m}", allowed="no gap"
        )
    return _above_zero(ordered.asfreq("MS"), name, minimum)


def _above_zero(ordered: pd.Series, name: str, minimum: int) -> pd.Series:
    if len(ordered) < minimum:
        raise BadInput(name, found=f"{len(ordered)} months", allowed=f"at least {minimum}")
    values = ordered.to_numpy()
    good = (values > 0) & np.isfinite(values)
    if not good.all():
        bad = ordered[~good]
        raise BadInput(name, f"{bad.index[0]:%Y-%m}", found=str(bad.iloc[0]), allowed="a value above zero")
    return ordered


def full_years(series: pd.Series) -> pd.Series:
    """Totals of the calendar years of which all twelve months are there; index year."""
    grouped = series.groupby(pd.DatetimeIndex(series.index).year)
    return grouped.sum()[grouped.size() == SEASON]


@dataclass(frozen=True)
class Fit:
    """Maximum-likelihood fit of one family."""

    log_percent: pd.Series  #: 100 × log of the flow, by month.
    family: str
    #: In the order of the model's parameters in statsmodels: smoothing parameters; variances of irregular, walk and
    #: season; coefficients of a month and of a year.
    parameters: np.ndarray
    #: Diffuse of the structural model, of the differenced series of the airline model; scale concentrated out.
    loglikelihood: float

    def model(self) -> Any:
        """The model in statsmodels, where its filter, forecasts and simulations are."""
        if self.family == "structural":
            return UnobservedComponents(self.log_percent, "lldtrend", seasonal=SEASON, use_exact_diffuse=True)
        if self.family == "sarima":
            orders = {"order": (0, 1, 1), "seasonal_order": (0, 1, 1, SEASON)}
            return SARIMAX(self.log_percent, **orders, concentrate_scale=True)
        likelihood = LIKELIHOODS[self.family](self.log_percent.to_numpy())
        level, trend, season = likelihood.first_states(self.parameters)
        known = {"initial_level": level, "initial_seasonal": season[::-1]}  # the last month first
        known |= {"initial_trend": trend} if trend is not None else {}
        options = {"trend": trend is not None, "seasonal": SEASON, "initialization_method": "known"}
        return ExponentialSmoothing(self.log_percent, **options, **known)

    def results(self) -> Any:
        """The results object of statsmodels at the parameters."""
        return self.model().filter(self.parameters)


def fit(series: pd.Series, *, family: str, minimum: int = MINIMUM_MONTHS) -> Fit:
    """Maximum-likelihood fit of one family, from starts that are tried until two agree.

    Parameters
    ----------
    series : Series
        CAD by month, above zero.
    family : {"exponential_smoothing", "no_trend", "structural", "sarima"}
    minimum : int
        Months without which a series is refused.

    Raises
    ------
    BadInput
        See :func:`months_above_zero`; unknown family.
    RunFailed
        No two starting points reached the same highest likelihood.
    """
    if family not in LIKELIHOODS:
        raise BadInput("family", found=family, allowed=", ".join(FAMILIES))
    log_percent = PERCENT * np.log(months_above_zero(series, minimum=minimum))
    likelihood = LIKELIHOODS[family](log_percent.to_numpy())
    maxima: list[Maximum] = []
    for start in STARTS[family]:
        maxima.append(likelihood.maximise(start))
        highest = max((tried.loglikelihood for tried in maxima if np.isfinite(tried.loglikelihood)), default=np.inf)
        best = [tried for tried in maxima if highest - tried.loglikelihood < LIKELIHOOD_TOLERANCE]
        converged = [tried for tried in best if tried.converged]
        if len(converged) > 1:  # the first of them is taken: the last bit of the likelihood does not decide
            return Fit(log_percent, family, converged[0].parameters, converged[0].loglikelihood)
    reached = ", ".join(f"{maximum.loglikelihood:.4f}" for maximum in maxima)
    raise RunFailed(f"{family} on {series.name}: starting points disagree (log-likelihoods {reached})")


@dataclass(frozen=True)
class Forecast:
    """Joint forecast of the months after an origin."""

    #: What was forecast, and the family that did.
    series: str
    family: str
    observed: pd.Series  #: CAD by month up to the origin.
    months: pd.DatetimeIndex  #: The months forecast, length ``n``.
    mean: np.ndarray  #: Shape (n,). Mean of the logarithm.
    covariance: np.ndarray  #: Shape (n, n). Covariance of the logarithm across months.

    @property
    def origin(self) -> pd.Timestamp:
        """Last month the model saw."""
        return self.observed.index[-1]


def moments(fitted: Fit, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean, shape (steps,), and covariance, shape (steps, steps), of the next observations."""
    ahead: tuple[np.ndarray, np.ndarray] = LIKELIHOODS[fitted.family](fitted.log_percent.to_numpy()).ahead(
        fitted.parameters, steps
    )
    return ahead


def forecast(series: pd.Series, *, family: str, until: int, origin: str | None = None) -> Forecast:
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
    mean, covariance = moments(fit(observed, family=family), len(months))
    return Forecast(str(series.name), family, observed, months, mean / PERCENT, covariance / PERCENT**2)


def forecasts(
    series: Mapping[str, pd.Series],
    *,
    until: int,
    origins: Sequence[str | None],
    families: Sequence[str] = FAMILIES,
) -> list[Forecast]:
    """:func:`forecast` for every series × origin × family, in that order; `series` maps its name to CAD by month.

    An origin of None is the last month held of each series.
    """
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


def totals(forecast: Forecast, shocks: np.ndarray, *, years: Collection[int] | None = None) -> pd.DataFrame:
    """Simulated calendar-year totals.

    Parameters
    ----------
    forecast : Forecast
    shocks : ndarray, shape (draws, at least the months forecast)
        From :func:`normals`; the same shocks for every model make their difference exact.
    years : collection of int, optional
        Which years; default: all.

    Returns
    -------
    DataFrame
        One row per draw, one column per calendar year after the origin (CAD); months already seen enter as they were.
    """
    steps = len(forecast.months)
    if shocks.shape[1] < steps:
        raise ValueError(f"{shocks.shape[1]} months of shocks for {steps} months of forecast")
    root = np.linalg.cholesky(forecast.covariance)
    ahead, seen, summed = forecast.months.year, _begun(forecast), {}
    for year in ahead.unique():
        if years is None or year in years:
            within = ahead == year
            months = np.exp(forecast.mean[within] + shocks[:, :steps] @ root[within].T)
            summed[year] = months.sum(axis=1) + seen * (year == ahead[0])
    return pd.DataFrame(summed)


def bands(forecast: Forecast, *, levels: Sequence[float] = (0.8, 0.95)) -> pd.DataFrame:
    """Central intervals of the calendar-year totals.

    A sum of twelve strongly correlated log-normal months is close to log-normal itself: its mean and variance, which
    are exact, give the interval (Fenton 1960). No simulation error, so that coverage does not hang on the draws.

    Returns
    -------
    DataFrame
        Key level, year; columns median, low, high (CAD). Months already seen enter as they were.
    """
    months, years = np.exp(forecast.mean + np.diag(forecast.covariance) / 2), forecast.months.year
    names, seen = years.unique(), _begun(forecast)
    member = (years.to_numpy()[:, None] == names.to_numpy()).astype(float)  # months × years
    mean = months @ member
    products = np.outer(months, months) * np.expm1(forecast.covariance)
    variance = (member * (products @ member)).sum(axis=0)
    spread = np.sqrt(np.log1p(variance / mean**2))
    middle = np.log(mean) - spread**2 / 2
    already = np.where(names == years[0], seen, 0.0)
    frames = []
    for level in levels:
        reach = special.ndtri((1 + level) / 2) * spread
        edges = {"median": 0.0, "low": -reach, "high": reach}
        values = {name: already + np.exp(middle + shift) for name, shift in edges.items()}
        frames.append(pd.DataFrame({"year": names, "level": level, **values}))
    return pd.concat(frames, ignore_index=True)


def _begun(forecast: Forecast) -> float:
    """Total of the months of the first forecast year that were already seen (CAD)."""
    months = forecast.months[0].month - 1
    return float(forecast.observed.iloc[-months:].sum()) if months else 0.0


def probabilities(forecasts: Iterable[Forecast], targets: pd.DataFrame, shocks: np.ndarray) -> pd.DataFrame:
    """Chance that each target is reached, by model and origin.

    Parameters
    ----------
    forecasts : iterable of Forecast
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
    for forecast in forecasts:
        aims = targets[targets["series"] == forecast.series]
        simulated = totals(forecast, shocks, years=set(aims["year"]))
        for aim in aims.to_dict("records"):
            if aim["year"] not in simulated:
                raise BadInput("targets", "year", found=str(aim["year"]), allowed=f"up to {forecast.months[-1].year}")
            chance = float((simulated[aim["year"]] >= aim["target_cad"]).mean())
            rows.append({**aim, "origin": forecast.origin, "family": forecast.family, "probability": chance})
    columns = ["series", "target", "origin", "family", "year", "target_cad", "probability"]
    return pd.DataFrame(rows, columns=columns)
