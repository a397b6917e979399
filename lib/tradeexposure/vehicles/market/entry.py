"""Makers of China-built cars enter over months: cars by a month, the first year, and what the first count says.

Makers enter at rate 1/tau, tau = `entry_months`: after t months 1 - exp(-t/tau) of full demand D is on offer, and
D/12 (t - tau (1 - exp(-t/tau))) cars have found a buyer. The first count of cars under the quota weighs draws of D and
tau by a normal in logarithms; its day is drawn.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats
from tradeexposure.econometrics.inference.draws import resample
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.market import model
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, EvBase
from tradeexposure.vehicles.market.model import EvOutcome

MONTHS = 12  # of a year, in which the quota has two windows
HALF = MONTHS / 2


def bought_by(month: float | Floats, demand: Floats, entry_months: Floats) -> Floats:
    """China-built cars that buyers took by a month, were there no quota; `demand` is a year's with all makers there."""
    with np.errstate(divide="ignore"):
        missed = -entry_months * np.expm1(-np.asarray(month) / entry_months)
    return np.asarray(demand / MONTHS * (month - missed))


def log_likelihood(base: EvBase, draws: pd.DataFrame, opening: VehicleRegime) -> Floats:
    """What the count of the first window says of each draw, (draw,).

    Parameters
    ----------
    draws : DataFrame
        As of :func:`model.simulate`, with `entry_months`, `count_months` and `count_error`.
    opening : VehicleRegime
        Under which the cars were counted, as of :func:`tradeexposure.policy.regimes.vehicles_at_opening`.
    """
    month, entry, error = (draws[name].to_numpy(float) for name in ("count_months", "entry_months", "count_error"))
    expected = bought_by(month, model.offer(base, draws, opening).cars, entry)
    return np.asarray(-(((np.log(base.counted) - np.log(expected)) / error) ** 2) / 2)


def weight(log_likelihoods: Floats) -> Floats:
    """Weights of the draws, summing to one."""
    likelihood = np.exp(log_likelihoods - log_likelihoods.max())
    return np.asarray(likelihood / likelihood.sum())


def draws_that_count(base: EvBase, draws: pd.DataFrame, opening: VehicleRegime) -> float:
    """How many draws of equal weight say as much as those that the first count leaves (Kish)."""
    return float(1 / (weight(log_likelihood(base, draws, opening)) ** 2).sum())


def weighed(base: EvBase, draws: pd.DataFrame, opening: VehicleRegime, *, seed: int) -> pd.DataFrame:
    """As many draws, each as often as the count of the first window bears it out, in random order."""
    weights = weight(log_likelihood(base, draws, opening))
    taken = resample(weights, len(draws), by=model.offer(base, draws, opening).cars)
    return draws.iloc[np.random.default_rng(seed).permutation(taken)].set_axis(draws.index)


def first_year(base: EvBase, draws: pd.DataFrame, regime: VehicleRegime) -> EvOutcome:
    """The first year of a regime: its two half years, in which more and more makers are on the market.

    What the quota of the first half leaves is carried over to the second. A regime that makers do not enter under, or
    that lets none in, has a year like any other.
    """
    shut = regime.china_above is None and regime.quota is not None and not np.any(regime.quota)
    if not regime.entering or shut:
        return model.simulate(base, draws, regime)
    entry = draws["entry_months"].to_numpy(float)
    demand = model.offer(base, draws, regime).cars
    first, whole = (bought_by(month, demand, entry) for month in (HALF, MONTHS))
    windows = (None, None) if regime.quota is None else (regime.first_window, regime.quota)
    early = model.simulate(base, draws, replace(regime, quota=_a_year(windows[0])), on_offer=2 * first)
    left: float | Floats | None = windows[1]
    if left is not None:
        usable_part = model.usable_quota(replace(regime, quota=1.0), draws)
        left = left - early.within_quota / 2 / usable_part
    late = model.simulate(base, draws, replace(regime, quota=_a_year(left)), on_offer=2 * (whole - first))
    # Both halves are at a year's rate: the year is their mean, and how its quota ends is how the second window does.
    means = {each.name: _mean(getattr(early, each.name), getattr(late, each.name)) for each in fields(EvOutcome)}
    cars = means["registrations"][CHINA_BUILT]
    rent = np.divide(means["quota_rent_cad"], cars, out=np.zeros_like(cars), where=cars > 0)
    residual = np.maximum(early.residual, late.residual)
    return EvOutcome(**means | {"quota_outcome": late.quota_outcome, "rent_per_car_cad": rent, "residual": residual})


def _a_year(window: float | Floats | None) -> Any:
    """A half year's window at a year's rate."""
    return None if window is None else 2 * window


def _mean(early: Any, late: Any) -> Any:
    if isinstance(early, dict):
        return {name: _mean(early[name], late[name]) for name in early}
    return (early + late) / 2
