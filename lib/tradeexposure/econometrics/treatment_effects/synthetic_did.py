"""Synthetic difference-in-differences for one treated unit (Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021).

Controls are weighted so that together they move as the treated unit did before, periods so that they resemble those
after; the estimate is the difference in differences under both sets of weights. A constant gap between the treated
unit and its controls, and between periods, is no obstacle. Nothing here knows what is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import nnls
from scipy.stats import norm

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.treatment_effects import placebo

LEAST = 2  # controls: each placebo is left with one fewer
TIME_RIDGE = 1e-6  # of the noise, so that equal periods get equal weights
PASSES = 30  # of the solver per weight


@dataclass(frozen=True)
class Estimate:
    """A synthetic difference-in-differences."""

    effect: float  #: Mean over the periods after, in the units of the outcome.
    #: By control and by period before; at least zero, sum one.
    unit_weights: pd.Series
    time_weights: pd.Series
    difference: float  #: The same with equal weights: plain difference-in-differences.


@dataclass(frozen=True)
class Tested:
    """An estimate among those of its controls, each taken for treated in turn."""

    estimate: Estimate
    placebos: pd.Series  #: Effect by control; the treated unit serves none of them.
    rank: placebo.Rank  #: Two-sided p-value, its floor and the place among the placebos.
    std_error: float  #: Root of the placebo variance, which supposes that the treated unit is as noisy as its controls.

    def interval(self, level: float) -> tuple[float, float]:
        """Effects within the normal quantiles of `level` times the standard error."""
        reach = float(norm.ppf((1 + level) / 2)) * self.std_error
        return self.estimate.effect - reach, self.estimate.effect + reach

    def change(self, level: float) -> dict[str, float]:
        """Of an outcome in logs the effect as a share, `value`, `low` and `high`, with the `level` of its interval."""
        ends = zip(("value", "low", "high"), (self.estimate.effect, *self.interval(level)), strict=True)
        return {**{name: float(np.expm1(end)) for name, end in ends}, "level": level}

    def shown(self) -> dict[str, float]:
        """The same as a table has it: `controls`, `change`, `plain`, `p_value`, `floor`, `std_error` (of the log)."""
        return {
            "controls": self.rank.count,
            "change": float(np.expm1(self.estimate.effect)),
            "plain": float(np.expm1(self.estimate.difference)),
            "p_value": self.rank.p_value,
            "floor": self.rank.floor,
            "std_error": self.std_error,
        }


def simplex_weights(
    columns: np.ndarray, target: np.ndarray, *, ridge: float = 0.0, constant: bool = True
) -> np.ndarray:
    """Weights, at least zero and with sum one, under which columns come nearest to a target, up to a `constant` or not.

    Minimises, over the weights and the constant, the mean squared error plus ridge² times the sum of squared weights.
    """
    length, count = columns.shape
    errors = columns - target[:, None]
    centred = errors - errors.mean(axis=0) if constant else errors
    stacked = np.vstack([centred, np.sqrt(length) * ridge * np.eye(count)])
    size = np.linalg.norm(stacked.mean(axis=1))
    if size == 0:  # equal weights already meet the target
        return np.full(count, 1 / count)
    # The point of a convex hull nearest to the origin: for non-negative u the sum of |stacked·u|² and (Σu − 1)² is
    # least where u is proportional to the weights looked for, whatever the scale of `stacked`.
    weights, _ = nnls(np.vstack([stacked / size, np.ones(count)]), np.append(np.zeros(len(stacked)), 1.0),
                    maxiter=PASSES * count)  # fmt: skip
    return np.asarray(weights / weights.sum())


def weighted_difference(
    before: pd.DataFrame, after: pd.DataFrame, treated: str, *, units: pd.Series, times: pd.Series
) -> float:
    """Difference of the treated unit and its weighted controls, of the periods after and the weighted ones before."""
    change = after.mean() - before.mul(times, axis=0).sum()
    return float(change[treated] - (change.drop(treated) * units).sum())


def estimate(before: pd.DataFrame, after: pd.DataFrame, treated: str) -> Estimate:
    """The effect on one unit.

    Parameters
    ----------
    before, after : DataFrame
        Outcome, one row a period, one column a unit, the same units in both; periods left out between them are
        compared with nothing.
    treated : str
        The unit treated in all periods `after`; all others are controls.

    Raises
    ------
    BadInput
        Unequal units, the treated one not among them, a missing outcome, fewer than two controls, no period before or
        after.
    """
    if not before.columns.is_unique or list(before.columns) != list(after.columns):
        raise BadInput("panel", "units", found=f"{before.shape[1]} before, {after.shape[1]} after",
                       allowed="the same before and after, each once")  # fmt: skip
    if treated not in before:
        raise BadInput("panel", "treated", found=treated, allowed=", ".join(map(str, before.columns)))
    controls = before.drop(columns=treated)
    if controls.shape[1] < LEAST or before.empty or after.empty:
        raise BadInput("panel", found=f"{controls.shape[1]} controls, {len(before)} periods before, {len(after)} after",
                       allowed=f"at least {LEAST}, 1 and 1")  # fmt: skip
    if not (np.isfinite(before.to_numpy()).all() and np.isfinite(after.to_numpy()).all()):
        raise BadInput("panel", found="a missing outcome", allowed="a finite number for each unit and period")
    changes = np.diff(controls.to_numpy(), axis=0)
    noise = float(np.std(changes, ddof=1)) if changes.size else 0.0  # one period before: the weights are equal
    units = simplex_weights(controls.to_numpy(), before[treated].to_numpy(), ridge=len(after) ** 0.25 * noise)
    times = simplex_weights(controls.to_numpy().T, after[controls.columns].mean().to_numpy(), ridge=TIME_RIDGE * noise)
    weights = {"units": pd.Series(units, controls.columns), "times": pd.Series(times, before.index)}
    equal = {name: pd.Series(1 / len(weight), weight.index) for name, weight in weights.items()}
    return Estimate(
        effect=weighted_difference(before, after, treated, **weights),
        unit_weights=weights["units"],
        time_weights=weights["times"],
        difference=weighted_difference(before, after, treated, **equal),
    )


def placebo_test(before: pd.DataFrame, after: pd.DataFrame, treated: str) -> Tested:
    """:func:`estimate`, ranked among the same of every control with the treated unit left out."""
    actual = estimate(before, after, treated)
    calm = before.drop(columns=treated), after.drop(columns=treated)
    effects = pd.Series({unit: estimate(*calm, str(unit)).effect for unit in calm[0]}, dtype=float)
    return Tested(actual, effects, placebo.rank(actual.effect, effects), float(effects.std(ddof=0)))
