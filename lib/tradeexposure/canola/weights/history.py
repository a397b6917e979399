"""What was observed in 2019, 2025 and 2026, and how likely each draw of the market model makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Protocol

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.canola.exposure import seed_exports
from tradeexposure.canola.market import base_year, bases
from tradeexposure.canola.weights.bank import Paths2019
from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.econometrics.months import Span

#: Least probability of what was seen; no draw is ruled out for good by one datum.
SINGULAR = 1e-9
MEAL_LINE, SEED_LINE = "2306.41.00", "1205.10.20"
TONNES_IN_KT = 1e3
Rows = Ints


class Datum(Protocol):
    """One thing observed."""

    @property
    def key(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def official(self) -> bool: ...

    @property
    def source(self) -> str: ...

    def log_likelihood(self, simulated: pd.DataFrame) -> Floats: ...

    def synthetic(self, simulated: pd.DataFrame, truths: Rows, rng: np.random.Generator) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Normal:
    """Quantities observed with normal error around what a draw simulates.

    Attributes
    ----------
    columns : tuple of str
        Of the bank's simulated quantities.
    observed : array (k,)
    covariance : array (k, k)
    given : str
        A column that the observed values depend on linearly, with `slope` (k,); none if empty.
    """

    key: str
    label: str
    columns: tuple[str, ...]
    observed: Floats
    covariance: Floats
    official: bool
    source: str
    given: str = ""
    slope: Floats = field(default_factory=lambda: np.zeros(0))

    def apart(self, simulated: pd.DataFrame) -> Floats:
        """Simulated less what the given column explains, (draw, k); comparable with `observed`."""
        found = simulated[list(self.columns)].to_numpy(dtype=float)
        return found - simulated[[self.given]].to_numpy(dtype=float) * self.slope if self.given else found

    def log_likelihood(self, simulated: pd.DataFrame) -> Floats:
        """Log of the density of what was observed, up to a constant, (draw,)."""
        root = np.linalg.cholesky(self.covariance)
        scaled = np.linalg.solve(root, (self.apart(simulated) - self.observed).T)
        return np.asarray(-0.5 * (scaled**2).sum(axis=0))

    def synthetic(self, simulated: pd.DataFrame, truths: Rows, rng: np.random.Generator) -> Floats:
        """Log likelihoods (history, draw) of what would have been observed, were the draws `truths` true."""
        root = np.linalg.cholesky(self.covariance)
        scaled = np.linalg.solve(root, self.apart(simulated).T)
        seen = scaled[:, truths] + rng.standard_normal((len(scaled), len(truths)))
        found = np.zeros((len(truths), scaled.shape[1]))
        for row, one in zip(found, seen.T, strict=True):  # a row at a time stays in the processor's cache
            for value, simulated_there in zip(one, scaled, strict=True):
                row += (value - simulated_there) ** 2
        found *= -0.5
        return found


@dataclass(frozen=True, eq=False)
class NothingShipped:
    """Two months without a vessel: some importers wait, the others' vessels bunch (negative binomial).

    Attributes
    ----------
    waiting : float
        Part of importers who wait where they expect the lowest duty of `expected`; it falls in a line to none where
        they expect the highest.
    vessels, bunching : float
        Vessels that load in two months without a measure, and the shape of how they bunch.
    """

    key: str
    label: str
    waiting: float
    vessels: float
    bunching: float
    expected: tuple[float, float]
    official: bool = True
    source: str = base_year.EXPORTS

    def chance(self, simulated: pd.DataFrame) -> Floats:
        """Probability of no vessel, (draw,)."""
        low, high = self.expected
        vessels = self.vessels * simulated["kept_2025"].to_numpy(dtype=float)
        waits = self.waiting * (high - simulated["expected"].to_numpy(dtype=float)) / (high - low)
        return np.asarray(waits + (1 - waits) * (1 + vessels / self.bunching) ** -self.bunching)

    def log_likelihood(self, simulated: pd.DataFrame) -> Floats:
        """Log of the chance of what was seen, (draw,)."""
        return np.log(np.maximum(self.chance(simulated), SINGULAR))

    def synthetic(self, simulated: pd.DataFrame, truths: Rows, rng: np.random.Generator) -> Floats:
        """Log likelihoods (history, draw) of what would have been observed, were the draws `truths` true."""
        chance = self.chance(simulated)
        nothing = rng.random(len(truths)) < chance[truths]
        some = np.log(np.maximum(1 - chance, SINGULAR)), np.log(np.maximum(chance, SINGULAR))
        return np.where(nothing[:, None], some[1][None], some[0][None])


def about(key: str, label: str, column: str, value: float, spread: float, *, official: bool, source: str) -> Normal:
    """One quantity seen to lie about a value, in the unit of the simulated column (logs where that is a log)."""
    return Normal(key, label, (column,), np.array([value]), np.array([[spread**2]]), official, source)


def trade_press(key: str, label: str, column: str, value: float, spread: float) -> Normal:
    """A quantity told by the trade (tonnes, or a ratio of prices), its error a spread of its logarithm."""
    return about(key, label, column, float(np.log(value)), spread, official=False, source="trade press")


def price(key: str, label: str, column: str, estimate: pd.Series) -> Normal:
    """A published price effect as a normal in logs.

    Parameters
    ----------
    estimate : Series
        A row of published results: `value`, `low`, `high` and the `level` of its interval.
    """
    value, low, high = np.log1p(estimate[["value", "low", "high"]].to_numpy(dtype=float))
    spread = (high - low) / (2 * NormalDist().inv_cdf((1 + float(estimate["level"])) / 2))
    return about(key, label, column, value, spread, official=True, source=str(estimate.get("notebook", "")))


def others_and_crush(key: str, label: str, paths: Paths2019, *, source: str) -> Normal:
    """Rise of others' purchases and of home crush in 2019, jointly, at the shortfall of the same draw."""
    some = paths.shortfall > 0
    both = np.stack([paths.others[some], paths.crush[some]], axis=1)
    known = np.stack([np.ones(some.sum()), paths.shortfall[some]], axis=1)
    (constant, slope), *_ = np.linalg.lstsq(known, both, rcond=None)
    covariance = np.cov((both - known @ np.stack([constant, slope])).T)
    return Normal(key, label, ("others_2019_kt", "crush_2019_kt"), constant, covariance, True, source,
                  "shortfall_2019_kt", slope)  # fmt: skip


def meal_price(span: Span) -> float:
    """Meal's export value per tonne of output, over the price of soybean meal; means of the months of a span."""
    table = data.load("canola_ev_trade_value_monthly")
    value = table[table["hs"] == MEAL_LINE].set_index("month")["value_cad"].sort_index()
    output = data.load(base_year.CRUSH).set_index("month")["meal_produced_kt"].sort_index()
    first, last = span
    made = output[first:last].sum() * TONNES_IN_KT
    return float(value[first:last].sum() / made / bases.world_price("soybean_meal")[first:last].mean())


def meal_change(months: Span, before: Span) -> float:
    """Log change of :func:`meal_price` from the months before."""
    return float(np.log(meal_price(months) / meal_price(before)))


def spring_ratio(years: Sequence[int]) -> pd.Series:
    """Seed exported to all countries in March and April over January and February, by year; tonnes."""
    monthly = seed_exports.monthly_exports(data.load(base_year.EXPORTS))
    total = monthly.groupby("month")["volume_kt"].sum()
    return pd.Series({year: _ratio(total, year) for year in years})


def spring_ratio_by_value(year: int) -> float:
    """The same by customs value."""
    table = data.load("canola_ev_trade_value_monthly")
    return _ratio(table[table["hs"] == SEED_LINE].set_index("month")["value_cad"].sort_index(), year)


def _ratio(monthly: pd.Series, year: int) -> float:
    return float(monthly[f"{year}-03" : f"{year}-04"].sum() / monthly[f"{year}-01" : f"{year}-02"].sum())
