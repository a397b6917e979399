"""What was observed in 2019, 2025 and 2026, and how likely each draw of the market model makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from tradeexposure import data
from tradeexposure.canola.market import base_year, bases
from tradeexposure.canola.market.base_year import Floats
from tradeexposure.canola.weights.bank import Paths2019

#: Vessels that load seed for China in two months without a measure, and the shape of how they bunch.
VESSELS, BUNCHING = 13.0, 10.0
#: The final duty and the deposit between which importers' expectation lies.
LOWEST, HIGHEST = 0.059, 0.758
#: Bookings told by the trade, kt: middle, and the spread of its log.
BOOKED, BOOKED_SPREAD = 625.0, 0.5
#: Step of futures on 12 August 2025: C$30 to 50 of about 690, and the spread of its log.
STEP, STEP_SPREAD = 40.0 / 690.0, 0.03
MEAL_SPREAD = 0.15
MEAL_MONTHS, MEAL_BEFORE = ("2025-04", "2025-12"), ("2024-04", "2024-12")
#: Least probability of what was seen; no draw is ruled out for good by one datum.
SINGULAR = 1e-9
Rows = npt.NDArray[np.intp]


class Datum(Protocol):
    """One thing observed."""

    @property
    def key(self) -> str: ...

    @property
    def official(self) -> bool: ...

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
        return np.asarray(
            -0.5 * sum((part[:, None] - all_of[None]) ** 2 for part, all_of in zip(seen, scaled, strict=True))
        )


@dataclass(frozen=True, eq=False)
class NothingShipped:
    """Two months without a vessel: some importers wait, the others' vessels bunch (negative binomial).

    `waiting` is the part of importers who wait where they expect the lowest duty; it falls in a line to none where
    they expect the deposit to be kept. `seen` is whether nothing was shipped.
    """

    waiting: float
    key: str = "D5"
    label: str = "no seed to China, September and October 2025"
    official: bool = True
    source: str = base_year.EXPORTS

    def chance(self, simulated: pd.DataFrame) -> Floats:
        """Probability of no vessel, (draw,)."""
        vessels = VESSELS * simulated["kept_2025"].to_numpy(dtype=float)
        waits = self.waiting * (HIGHEST - simulated["expected"].to_numpy(dtype=float)) / (HIGHEST - LOWEST)
        return np.asarray(waits + (1 - waits) * (1 + vessels / BUNCHING) ** -BUNCHING)

    def log_likelihood(self, simulated: pd.DataFrame) -> Floats:
        """Log of the chance of what was seen, (draw,)."""
        return np.log(np.maximum(self.chance(simulated), SINGULAR))

    def synthetic(self, simulated: pd.DataFrame, truths: Rows, rng: np.random.Generator) -> Floats:
        """Log likelihoods (history, draw) of what would have been observed, were the draws `truths` true."""
        chance = self.chance(simulated)
        nothing = rng.random(len(truths)) < chance[truths]
        some = np.log(np.maximum(1 - chance, SINGULAR)), np.log(np.maximum(chance, SINGULAR))
        return np.where(nothing[:, None], some[1][None], some[0][None])


def of(estimates: Mapping[str, tuple[float, float, float]], paths: Paths2019, *, waiting: float) -> list[Datum]:
    """Everything observed.

    Parameters
    ----------
    estimates : mapping
        ``canola.price_effect.2019`` and ``canola.price_effect.2025_aug``: value, low, high of a 95% interval.
    paths : Paths2019
        Joint draws of the notebook on canola trade.
    waiting : float
        Of :class:`NothingShipped`.
    """
    return [
        _price("D1", "farm price, March 2019 to February 2020", "price_2019", estimates["canola.price_effect.2019"]),
        _others_and_crush(paths),
        _price("D4", "farm price under the deposit", "price_2025", estimates["canola.price_effect.2025_aug"]),
        NothingShipped(waiting),
        _one("D6", "seed booked by China, spring 2026", "spring_2026", np.log(BOOKED), BOOKED_SPREAD, official=False),
        _one("D7", "step of futures, 12 August 2025", "price_step_2025", np.log1p(-STEP), STEP_SPREAD, official=False),
        _one("D10", "meal against soybean meal, 2025", "meal_2025", meal_change(), MEAL_SPREAD, official=True),
    ]


def _one(key: str, label: str, column: str, value: float, spread: float, *, official: bool) -> Normal:
    source = "trade press" if not official else "canola_ev_trade_value_monthly, canola_crush_monthly"
    return Normal(key, label, (column,), np.array([value]), np.array([[spread**2]]), official, source)


def _price(key: str, label: str, column: str, estimate: tuple[float, float, float]) -> Normal:
    """A price effect as a normal in logs, its interval two and a half to ninety-seven and a half per cent."""
    value, low, high = np.log1p(np.asarray(estimate))
    spread = (high - low) / (2 * NormalDist().inv_cdf(0.975))
    return Normal(key, label, (column,), np.array([value]), np.array([[spread**2]]), True, "40_estimate_canola_price")


def _others_and_crush(paths: Paths2019) -> Normal:
    """Rise of others' purchases and of home crush in 2019, jointly, at the shortfall of the same draw."""
    some = paths.shortfall > 0
    both = np.stack([paths.others[some], paths.crush[some]], axis=1)
    known = np.stack([np.ones(some.sum()), paths.shortfall[some]], axis=1)
    (constant, slope), *_ = np.linalg.lstsq(known, both, rcond=None)
    covariance = np.cov((both - known @ np.stack([constant, slope])).T)
    return Normal("D2-D3", "seed that others and crushers took, 2019", ("others_2019_kt", "crush_2019_kt"), constant,
                  covariance, True, "30_estimate_canola_trade", "shortfall_2019_kt", slope)  # fmt: skip


def meal_change() -> float:
    """Log change of meal's export value over output against soybean meal, April to December 2025 on 2024."""
    table = data.load("canola_ev_trade_value_monthly")
    value = table[table["hs"] == "2306.41.00"].set_index("month")["value_cad"]
    output = data.load(base_year.CRUSH).set_index("month")["meal_produced_kt"]
    soybean = bases.world_price("soybean_meal")

    def relative(first: str, last: str) -> float:
        return float(value[first:last].sum() / output[first:last].sum() / soybean[first:last].mean())

    return float(np.log(relative(*MEAL_MONTHS) / relative(*MEAL_BEFORE)))
