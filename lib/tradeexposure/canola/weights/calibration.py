"""Whether the weights do what weights should: synthetic histories from the priors, whose truth is known.

A draw is taken as true, a history is drawn from it, and the draws are weighted by that history. Over many of them the
rank of the truth in its posterior is uniform, and a 90% range holds it nine times in ten (Cook, Gelman and Rubin
2006). This tests the code, not the model: the histories come from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from tradeexposure.canola.weights import weights
from tradeexposure.canola.weights.history import Datum
from tradeexposure.core.arrays import Floats
from tradeexposure.econometrics.inference.draws import LEVEL

TOGETHER = 50  # histories at once: their likelihoods stay in memory
LEAST_LOG = -50.0  # of a weight over the largest: processors are many times slower on the smallest numbers


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

    Parameters
    ----------
    values : DataFrame
        Quantities whose truth is ranked, a row per draw.
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
            effective.append(weights.effective_share(weight))
    return Calibration(np.array(ranks), tuple(map(str, values.columns)), np.array(effective))
