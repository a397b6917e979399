"""Weights of draws from what was observed, what each datum does to an answer, and whether weights do what they should.

The last by synthetic histories from the priors, whose truth is known: a draw is taken as true, a history is drawn from
it, and the draws are weighted by that history. Over many of them the rank of the truth in its posterior is uniform, and
a 90% range holds it nine times in ten (Cook, Gelman and Rubin 2006). This tests the code, not the model: the histories
come from it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from tradeexposure.canola.weights.history import Datum
from tradeexposure.core.arrays import Floats
from tradeexposure.econometrics.inference.draws import LEVEL, TAILS

TOGETHER = 50  # histories at once: their likelihoods stay in memory
LEAST_LOG = -50.0  # of a weight over the largest: processors are many times slower on the smallest numbers
PARTS = 50  # of the draws, whose scatter says how sure a quantile is: to a tenth of itself


def log_likelihoods(history: Sequence[Datum], simulated: pd.DataFrame) -> pd.DataFrame:
    """Row per draw, column per datum."""
    return pd.DataFrame({datum.key: datum.log_likelihood(simulated) for datum in history})


def combine(likelihoods: pd.DataFrame, keys: Collection[str], *, prior: Floats | float = 0.0) -> Floats:
    """Weights of all draws from some data, summing to one; equal where there are none.

    `prior` (array (draw,)): log of another prior's density over that of the one that was drawn from, up to a constant.
    """
    total = likelihoods[list(keys)].to_numpy(dtype=float).sum(axis=1) + prior
    weight = np.exp(total - total.max())
    return np.asarray(weight / weight.sum())


def log_evidence(likelihoods: pd.DataFrame, keys: Collection[str]) -> float:
    """Log of the mean likelihood of some data over the draws, up to the constant that their likelihoods leave out."""
    total = likelihoods[list(keys)].to_numpy(dtype=float).sum(axis=1)
    most = total.max()
    return float(most + np.log(np.exp(total - most).mean()))


def effective_rows(weight: Floats) -> float:
    """Kish's effective number of draws: one over the sum of squared weights."""
    return float(1 / (weight**2).sum())


def effective_share(weight: Floats) -> float:
    """The same as a part of all draws."""
    return effective_rows(weight) / len(weight)


def quantiles(values: Floats, weight: Floats, shares: Sequence[float]) -> Floats:
    """Weighted quantiles: the midpoints of the weights' steps, joined by lines."""
    order = np.argsort(values)
    steps = np.cumsum(weight[order]) - weight[order] / 2
    return np.asarray(np.interp(shares, steps, values[order]))


def summary(values: Floats, weight: Floats) -> dict[str, float]:
    """Median and central range: `value`, `low`, `high`, `level`."""
    low, value, high = quantiles(values, weight, TAILS)
    return {"value": float(value), "low": float(low), "high": float(high), "level": LEVEL}


def monte_carlo_errors(values: Floats, weight: Floats) -> dict[str, float]:
    """Monte Carlo standard errors of the median and of both ends of the range: `value`, `low`, `high`.

    Quantiles of equal parts of the draws, each weighed by itself, scatter the square root of their number as widely
    as those of all draws.
    """
    rows = np.array_split(np.arange(len(values)), PARTS)
    each = pd.DataFrame(summary(values[some], weight[some] / weight[some].sum()) for some in rows)
    scatter = each[["low", "value", "high"]].std() / PARTS**0.5
    return {str(end): float(size) for end, size in scatter.items()}


def probability(condition: np.ndarray, weight: Floats) -> float:
    """Weight of the draws for which a condition holds."""
    return float(weight[condition].sum())


def leave_one_out_shifts(
    likelihoods: pd.DataFrame, values: Floats, keys: Sequence[str], *, beside: Sequence[str] = ()
) -> pd.DataFrame:
    """What each datum does to the median of `values`; those `beside` are not among the others' company.

    Returns
    -------
    DataFrame
        `datum`; `alone` with its range `alone_low`, `alone_high` and `pull` = alone less unweighted; `left_out` with
        `left_out_low`,
        `left_out_high`, the answer of all others (none for those beside); `effective_share` of the datum alone.
    """
    plain = summary(values, combine(likelihoods, []))["value"]
    rows = []
    for key in (*keys, *beside):
        alone, others = combine(likelihoods, [key]), [each for each in keys if each != key]
        own = summary(values, alone)
        row = {"datum": key, "alone": own["value"], "alone_low": own["low"], "alone_high": own["high"],
               "pull": own["value"] - plain, "effective_share": effective_share(alone)}  # fmt: skip
        if key in keys:
            rest = summary(values, combine(likelihoods, others))
            row |= {"left_out": rest["value"], "left_out_low": rest["low"], "left_out_high": rest["high"]}
        rows.append(row)
    return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Calibration:
    """`ranks` (history, quantity) of the truth from 0 to 1, `quantities`, and each history's `effective` share."""

    ranks: Floats
    quantities: tuple[str, ...]
    effective: Floats

    def coverage(self) -> pd.DataFrame:
        """`quantity`, `coverage` of the 90% range, `p_value` of uniform ranks (Kolmogorov and Smirnov)."""
        tail = (1 - LEVEL) / 2
        inside = (self.ranks > tail) & (self.ranks < 1 - tail)
        tests = [float(stats.kstest(column, "uniform").pvalue) for column in self.ranks.T]
        return pd.DataFrame({"quantity": self.quantities, "coverage": inside.mean(axis=0), "p_value": tests})


def calibrate(
    history: Sequence[Datum], simulated: pd.DataFrame, values: pd.DataFrame, *, histories: int, seed: int
) -> Calibration:
    """Weight the simulations by `histories` synthetic histories and rank the truth of each.

    `values`: quantities whose truth is ranked, a row per draw.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(b"calibration")))
    truths = rng.permutation(len(simulated))[:histories]
    known = [column.to_numpy(dtype=float) for _, column in values.items()]
    each = [datum.synthetic(simulated) for datum in history]
    slopes = np.vstack([datum.slopes for datum in each])
    constant = np.sum([datum.constant for datum in each], axis=0)
    ranks, effective = [], []
    for first in range(0, histories, TOGETHER):
        some = truths[first : first + TOGETHER]
        total = np.hstack([datum.seen(some, rng) for datum in each]) @ slopes
        total += constant
        for truth, row in zip(some, total, strict=True):  # a row at a time stays in the processor's cache
            row[truth] = -np.inf  # the truth is none of the simulations
            weight = np.exp(np.maximum(row - row.max(), LEAST_LOG))
            weight /= weight.sum()
            ranks.append([weight @ (column < column[truth]).astype(float) for column in known])
            effective.append(effective_share(weight))
    return Calibration(np.array(ranks), tuple(map(str, values.columns)), np.array(effective))
