"""Long-horizon forecasts of a monthly flow, and the chance that a calendar year reaches a target.

The joint distribution of all future months follows exactly from a model's state-space form, so that the
only approximation left is the sum of twelve log-normal months: simulated for chances, matched for intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from tradeexposure import families as models
from tradeexposure.core.errors import BadInput


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
        Origin not among the months held, or not before `until`; see :func:`families.fit`.
    """
    whole = models.checked(series)
    end = whole.index[-1] if origin is None else pd.Timestamp(origin)
    if end not in whole.index:
        raise BadInput(
            "origin", found=str(origin), allowed=f"a month from {whole.index[0]:%Y-%m} to {whole.index[-1]:%Y-%m}"
        )
    months = pd.date_range(end, pd.Timestamp(until, 12, 1), freq="MS")[1:]
    if months.empty:
        raise BadInput("until", found=str(until), allowed=f"a year that ends after {end:%Y-%m}")
    observed = whole.loc[:end]
    mean, covariance = moments(models.fit(observed, family=family, precise=precise), len(months))
    return Forecast(str(series.name), family, observed, months, mean / models.PERCENT, covariance / models.PERCENT**2)


def forecasts(
    series: Mapping[str, pd.Series],
    *,
    until: int,
    origins: Sequence[str],
    families: Sequence[str] = models.FAMILIES,
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
