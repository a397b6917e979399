"""What eight provinces allow to conclude: a wild cluster bootstrap and a permutation of rebate paths.

The permutation hands every province's path of rebates to every province. Without an effect, and if it was chance
which province had which path, each assignment is as likely as the one that happened. All assignments are enumerated:
the model is fitted once without the rebate, and each assignment's effect is the first Newton step from there.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference import wild_bootstrap
from tradeexposure.vehicles.demand import estimators
from tradeexposure.vehicles.demand.estimators import TIMINGS, Specification

LARGEST = 8  # provinces: 40,320 assignments
TIE = 1e-9  # relative difference below which two effects are the same


@dataclass(frozen=True)
class Permutation:
    """An estimate among those of all assignments of rebate paths to provinces."""

    estimate: float  #: First-step estimate of the actual assignment, log change per C$1,000.
    p_value: float  #: Share of assignments, the actual one included, with an estimate at least as large in size.
    floor: float  #: One over the number of different assignments.
    #: Different assignments, and different paths.
    assignments: int
    paths: int
    #: Quantiles of the estimates over all assignments.
    q05: float
    q95: float


def wild_sample(frame: pd.DataFrame, spec: Specification) -> wild_bootstrap.WildSample:
    """The regression of a specification as the wild bootstrap takes it, clusters = provinces."""
    rows = estimators.sample(frame, spec)
    design = estimators.effects_design(rows, trends=spec.trends)
    trends = [str(name) for name in design if str(name).startswith("trend ")]
    full = pd.concat([rows, design[trends]], axis=1)
    family = estimators.ESTIMATORS[spec.estimator].family
    outcome = {"poisson": "registrations", "binomial": "share", "gaussian": "log_share"}[family]
    return wild_bootstrap.wild_sample(
        full, outcome=outcome, tested=list(TIMINGS[spec.timing]), cluster="geo",
        controls=trends, effects=["geo", "quarter"], family=family,
        offset="log_total" if family == "poisson" else None, weights="total" if family == "binomial" else None,
    )  # fmt: skip


def bootstrap(
    frame: pd.DataFrame, spec: Specification, *, level: float
) -> tuple[wild_bootstrap.WildTest, tuple[float, float]]:
    """Test that the effect is zero, every pattern of signs taken; lowest and highest effect that is not rejected.

    The ends are missing where there are none: a side without end, or a set with a gap (zero is not rejected but lies
    outside the stretch around the estimate).
    """
    sample = wild_sample(frame, spec)
    test, (low, high) = wild_bootstrap.wild_test(sample), wild_bootstrap.confidence_set(sample, level=level)
    gap = test.p_value > 1 - level and not low <= 0 <= high
    closed = np.isfinite([low, high]).all() and not gap
    return test, (low, high) if closed else (float("nan"), float("nan"))


def permute(frame: pd.DataFrame, spec: Specification) -> Permutation:
    """Rank a specification among all assignments of paths to provinces.

    Raises
    ------
    BadInput
        Too many provinces to enumerate.
    """
    rows = estimators.sample(frame, spec)
    provinces = list(dict.fromkeys(rows["geo"]))
    if len(provinces) > LARGEST:
        raise BadInput("permutation", "provinces", found=str(len(provinces)), allowed=f"at most {LARGEST}")
    effects = _first_steps(frame, rows, spec, provinces, _orders(len(provinces)))
    paths = frame[frame["geo"].isin(provinces)].pivot(index="geo", columns="quarter", values="rebate")
    kinds = np.unique(paths.to_numpy(), axis=0, return_counts=True)[1]
    different = math.factorial(len(provinces)) // math.prod(math.factorial(int(count)) for count in kinds)
    q05, q95 = np.quantile(effects, [0.05, 0.95])
    larger = np.abs(effects) >= abs(effects[0]) * (1 - TIE)
    return Permutation(float(effects[0]), float(larger.mean()), 1 / different, different, len(kinds),
                       float(q05), float(q95))  # fmt: skip


@lru_cache(maxsize=LARGEST)
def _orders(size: int) -> Ints:
    """Every order of `size` things, shape (orders, size). Shared between callers: never change it."""
    return np.array(list(itertools.permutations(range(size))))


def _first_steps(
    frame: pd.DataFrame, rows: pd.DataFrame, spec: Specification, provinces: list[str], orders: Ints
) -> Floats:
    """Effect of each assignment (rows of `orders`: which province's path each one gets), shape (assignments,)."""
    names, size = list(TIMINGS[spec.timing]), len(provinces)
    effects = estimators.effects_design(rows, trends=spec.trends)
    residual, weights = estimators.ESTIMATORS[spec.estimator].null(rows, effects)
    root = np.sqrt(weights)[:, None]
    basis = np.linalg.qr(root * effects.to_numpy())[0] / root  # orthonormal under the weights
    handed = _handed(frame, rows, names, provinces)
    inside = handed - basis @ (basis.T @ (weights[:, None] * handed))
    information = (weights[:, None] * inside).T @ handed
    cells = np.arange(size)[:, None] * size + orders.T
    blocks = [slice(place * size**2, (place + 1) * size**2) for place in range(len(names))]
    scores = np.stack([(residual @ handed[:, block])[cells].sum(axis=0) for block in blocks], axis=1)
    matrices = np.empty((len(orders), len(names), len(names)))
    for row, left in enumerate(blocks):
        for column, right in enumerate(blocks):
            matrices[:, row, column] = _summed(information[left, right], cells)
    return np.asarray(np.linalg.solve(matrices, scores[:, :, None])[:, :, 0].sum(axis=1))


def _summed(table: Floats, cells: Ints) -> Floats:
    """Sum of a `table` (c, c) over all pairs of the cells (places, assignments) of each assignment."""
    both = table + table.T
    both[np.diag_indices_from(both)] /= 2
    flat, total = both.ravel(), np.zeros(cells.shape[1])
    for row, column in itertools.combinations_with_replacement(cells, 2):
        total += flat[row * len(both) + column]
    return total


def _handed(frame: pd.DataFrame, rows: pd.DataFrame, names: list[str], provinces: list[str]) -> Floats:
    """Column (timing, province, giver): the giver's whole path in the province's rows, zero elsewhere."""
    columns = []
    for name in names:
        wide = frame.pivot(index="quarter", columns="geo", values=name)
        path = wide.reindex(rows["quarter"])[provinces].to_numpy()
        for province in provinces:
            own = (rows["geo"] == province).to_numpy()
            columns.append(np.where(own[:, None], path, 0.0))
    return np.hstack(columns)
