"""Tests of one coefficient with few clusters: the wild cluster bootstrap, with the null imposed.

Least squares: the restricted bootstrap-t of Cameron, Gelbach and Miller (2008, Review of Economics and Statistics
90(3)), in the form of Roodman, MacKinnon, Nielsen and Webb (2019, Stata Journal 19(1)), which never refits. Poisson
and (fractional) logit models: the score bootstrap of Kline and Santos (2012, Journal of Econometric Methods 1(1)): the
model is fitted once under the null and the clusters' scores change sign. Each draw is studentised with the residuals
that one Newton step leaves, which is the least-squares bootstrap of the working response with the working weights.

Every pattern of signs is taken: nothing is random, and no p-value is below 2 / 2^G.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import linalg, special

from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput, RunFailed

Family = Literal["gaussian", "poisson", "binomial"]
FAMILIES: tuple[Family, ...] = ("gaussian", "poisson", "binomial")
WHERE = "wild bootstrap"
COLLINEAR = 1e-8  # part of a regressor's length that the others leave unexplained
SETTLED = 1e-9  # change of the coefficients, on an orthonormal basis, in one step
STEPS = 100
MOST_CLUSTERS = 12  # 4,096 patterns of signs
TIE = 1e-9  # relative difference below which two statistics are the same number
FLAT = 1e-20  # a variance this small beside the squared numerator's terms is zero
COARSE, FINE = 0.5, 1e-3  # steps of the search for the ends of a confidence set, in standard errors
REACH = 40  # coarse steps after which a side counts as unbounded


@dataclass(frozen=True)
class WildSample:
    """One regression.

    Attributes
    ----------
    outcome, tested, weights, offset : ndarray, shape (n,)
    basis : ndarray, shape (n, k)
        Orthonormal; spans controls, fixed effects and the constant.
    members : ndarray, shape (G, n)
        One where a row belongs to a cluster, else zero.
    family : {"gaussian", "poisson", "binomial"}
        Links: identity, log, logit.
    """

    outcome: Floats
    tested: Floats
    basis: Floats
    weights: Floats
    offset: Floats
    members: Floats
    family: Family

    @property
    def n_clusters(self) -> int:
        """Number of clusters, G."""
        return len(self.members)


@dataclass(frozen=True)
class Fitted:
    """Where the likelihood is highest: `coefficient` of the tested regressor and linear `predictor` (n,)."""

    coefficient: float
    predictor: Floats


def wild_sample(
    frame: pd.DataFrame,
    *,
    outcome: str,
    tested: str | Sequence[str],
    cluster: str,
    controls: Sequence[str] = (),
    effects: Sequence[str] = (),
    weights: str | None = None,
    offset: str | None = None,
    family: Family = "gaussian",
) -> WildSample:
    """Read a regression from a frame.

    Parameters
    ----------
    frame : DataFrame
        One row per observation, complete in the columns named.
    tested : str or sequence of str
        Column whose coefficient is tested; of several columns, the sum of their coefficients.
    controls, effects : sequence of str
        Columns of numbers; columns of labels, a dummy for each. A constant is always in.
    offset : str, optional
        Added to the linear predictor.
    family : {"gaussian", "poisson", "binomial"}
        ``binomial``: a share from 0 to 1; give the number of trials as weights.

    Raises
    ------
    BadInput
        A column that is missing or has holes, one cluster only or more than twelve, an outcome outside the family's
        range, weights that are not positive, a coefficient that controls and effects leave without identification.
    """
    names = [tested] if isinstance(tested, str) else list(tested)
    optional = [name for name in (weights, offset) if name]
    if family not in FAMILIES:
        raise BadInput(WHERE, "family", found=str(family), allowed=", ".join(FAMILIES))
    for column in [outcome, *names, cluster, *controls, *effects, *optional]:
        if column not in frame:
            raise BadInput(WHERE, column, found="no such column", allowed=", ".join(map(str, frame.columns)))
        if frame[column].isna().any():
            raise BadInput(WHERE, column, found=f"{int(frame[column].isna().sum())} missing values", allowed="none")
    codes, levels = pd.factorize(frame[cluster], sort=True)
    if len(levels) < 2:
        raise BadInput(WHERE, cluster, found="one cluster", allowed="two or more")
    if len(levels) > MOST_CLUSTERS:
        raise BadInput(WHERE, cluster, found=f"{len(levels)} clusters", allowed=f"at most {MOST_CLUSTERS}")
    y, w = _numbers(frame, outcome), _numbers(frame, weights) if weights else np.ones(len(frame))
    _refuse_values(outcome, y, weights or "weights", w, family)
    first = _numbers(frame, names[0])
    columns = [np.ones(len(frame)), *(_numbers(frame, name) - first for name in names[1:])]
    columns += [_numbers(frame, name) for name in controls]
    dummies = [pd.get_dummies(frame[name]).to_numpy(dtype=float) for name in effects]
    basis = _basis(np.column_stack([*columns, *dummies]))
    _refuse_collinear(" + ".join(names), first, basis, w)
    added = _numbers(frame, offset) if offset else np.zeros(len(frame))
    members = (codes == np.arange(len(levels))[:, None]).astype(float)
    return WildSample(y, first, basis, w, added, members, family)


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    return frame[name].to_numpy(dtype=float)


def _refuse_values(outcome: str, y: Floats, weights: str, w: Floats, family: Family) -> None:
    low = -np.inf if family == "gaussian" else 0.0
    high = 1.0 if family == "binomial" else np.inf
    if not np.isfinite(y).all() or y.min() < low or y.max() > high:
        raise BadInput(WHERE, outcome, found=f"{y.min():g} to {y.max():g}", allowed=f"finite numbers {low} to {high}")
    if not np.isfinite(w).all() or w.min() <= 0:
        raise BadInput(WHERE, weights, found=f"{w.min():g}", allowed="finite numbers above zero")


def _basis(columns: Floats) -> Floats:
    """Orthonormal basis of columns (n, k) that may be redundant."""
    sizes = np.sqrt((columns**2).sum(axis=0))
    left, upper, _ = linalg.qr(columns[:, sizes > 0] / sizes[sizes > 0], mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(upper)) > COLLINEAR).sum())
    return np.asarray(left[:, :rank])


def _refuse_collinear(name: str, tested: Floats, basis: Floats, weights: Floats) -> None:
    root = np.sqrt(weights)
    spanned = np.linalg.qr(root[:, None] * basis)[0]
    left = root * tested - spanned @ (spanned.T @ (root * tested))
    if not np.isfinite(tested).all() or left @ left <= COLLINEAR**2 * float((root * tested) @ (root * tested)):
        raise BadInput(WHERE, name, found="a coefficient that is not identified",
                       allowed="a regressor that controls and effects do not span")  # fmt: skip


def mean_and_weights(sample: WildSample, predictor: Floats) -> tuple[Floats, Floats]:
    """Expected outcome and working weights, each (n,)."""
    if sample.family == "gaussian":
        return predictor, sample.weights
    if sample.family == "poisson":
        mean = np.exp(predictor)
        return mean, sample.weights * mean
    mean = special.expit(predictor)
    return mean, sample.weights * mean * (1 - mean)


def fitted(sample: WildSample, *, null: float | None = None, near: Fitted | None = None) -> Fitted:
    """Highest likelihood, with the tested coefficient at `null` or free; the search begins at `near`.

    Raises
    ------
    RunFailed
        No maximum within the steps allowed: separated observations, such as a level without a positive outcome.
    """
    size = float(np.abs(sample.tested).max())
    design = np.column_stack([sample.tested / size, sample.basis]) if null is None else sample.basis
    fixed = sample.offset + (0.0 if null is None else null) * sample.tested
    if sample.family == "gaussian":
        root = np.sqrt(sample.weights)
        values = np.linalg.lstsq(root[:, None] * design, root * (sample.outcome - fixed), rcond=None)[0]
    else:
        values = _likeliest(sample, design, fixed, None if near is None else near.predictor)
    return Fitted(float(values[0]) / size if null is None else null, fixed + design @ values)


def _likeliest(sample: WildSample, design: Floats, fixed: Floats, start: Floats | None = None) -> Floats:
    """Coefficients of a Poisson or logit model; where observations are separated they never settle.

    The steps of statsmodels' GLM without its pseudo-inverses (a test compares the two), from its own start or from the
    predictor `start` (n,).
    """
    poisson, before = sample.family == "poisson", np.full(design.shape[1], np.inf)
    outcome = sample.outcome
    if start is None:
        mean = (outcome + outcome.mean()) / 2 if poisson else (outcome + 0.5) / 2
        predictor = np.log(mean) if poisson else np.log(mean / (1 - mean))
    else:
        predictor, mean = start, np.exp(start) if poisson else 1 / (1 + np.exp(-start))
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            spread = mean if poisson else mean * (1 - mean)
            weighted = (sample.weights * spread)[:, None] * design
            working = predictor + (outcome - mean) / spread - fixed
            try:
                values = np.linalg.solve(weighted.T @ design, weighted.T @ working)
            except np.linalg.LinAlgError:
                break
            if not np.isfinite(values).all():
                break
            if np.abs(values - before).max() <= SETTLED:
                return np.asarray(values)
            before, predictor = values, fixed + design @ values
            mean = np.exp(predictor) if poisson else 1 / (1 + np.exp(-predictor))
    raise RunFailed(f"wild bootstrap: the {sample.family} likelihood has no maximum (separated observations?)")


@dataclass(frozen=True)
class WildTest:
    """A test of one coefficient."""

    coefficient: float  #: Estimate without the null.
    statistic: float  #: t statistic of the sample.
    #: Two-sided: share of sign patterns, the sample included, with a statistic at least as large in size.
    p_value: float
    floor: float  #: Smallest value that `p_value` can take.
    n_clusters: int


def sign_patterns(n_clusters: int) -> Floats:
    """Signs of the clusters, shape (G, 2^G), the first pattern all ones: the sample itself."""
    return np.array(list(itertools.product([1.0, -1.0], repeat=n_clusters))).T


def wild_test(sample: WildSample, *, null: float = 0.0) -> WildTest:
    """Test that the coefficient of `sample` equals `null`.

    Raises
    ------
    RunFailed
        A likelihood without maximum, or clusters whose scores are all zero.

    Notes
    -----
    Size of the 5% test in simulated panels: see ``tests/econometrics/inference/test_wild_bootstrap.py``. With one or
    two treated clusters the test hardly ever rejects (MacKinnon and Webb 2017): use permutation.
    """
    statistics = _statistics(sample, null, sign_patterns(sample.n_clusters))
    return WildTest(
        coefficient=fitted(sample).coefficient, statistic=float(statistics[0]),
        p_value=_p_value(statistics), floor=_floor(sample), n_clusters=sample.n_clusters,
    )  # fmt: skip


def _floor(sample: WildSample) -> float:
    """The sample itself always counts, and its mirror image too."""
    return float(2 / 2**sample.n_clusters)


def _p_value(statistics: Floats) -> float:
    sizes = np.abs(statistics)
    return float((sizes >= sizes[0] * (1 - TIE)).mean())


def _statistics(sample: WildSample, null: float, signs: Floats, near: Fitted | None = None) -> Floats:
    """t statistic of every pattern of `signs` (G, patterns), shape (patterns,)."""
    numerator, spread = _score_parts(sample, null, signs, near)
    variance = (spread**2).sum(axis=0)
    if variance[0] <= FLAT * max(float(np.abs(numerator).max()) ** 2, np.finfo(float).tiny):
        raise RunFailed("wild bootstrap: the scores of the clusters are all zero")
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics: Floats = numerator / np.sqrt(_factor(sample) * variance)
    return np.where(np.isnan(statistics), np.inf, statistics)


def _factor(sample: WildSample) -> float:
    """Small-sample factor of the variance: G/(G − 1), in least squares also (n − 1)/(n − k)."""
    count, clusters = len(sample.outcome), sample.n_clusters
    freedom = (count - 1) / (count - 1 - sample.basis.shape[1]) if sample.family == "gaussian" else 1.0
    return freedom * clusters / (clusters - 1)


def _score_parts(sample: WildSample, null: float, signs: Floats, near: Fitted | None = None) -> tuple[Floats, Floats]:
    """Coefficient less null of each pattern, (patterns,), and its clusters' parts of the variance, (G, patterns)."""
    mean, working = mean_and_weights(sample, fitted(sample, null=null, near=near).predictor)
    root = np.sqrt(working)
    residual = np.where(working > 0, sample.weights * (sample.outcome - mean) / np.maximum(root, FLAT), 0.0)
    basis, tested = root[:, None] * sample.basis, root * sample.tested
    moved = sample.members @ (residual[:, None] * basis)
    solved = np.linalg.solve(basis.T @ basis, np.column_stack([basis.T @ tested, moved.T]))
    tested = tested - basis @ solved[:, 0]
    size = float(tested @ tested)
    own = sample.members @ (tested * residual) / size
    reaction = sample.members @ (tested[:, None] * basis) @ solved[:, 1:] / size
    reaction += np.outer(sample.members @ tested**2 / size, own)
    return own @ signs, own[:, None] * signs - reaction @ signs


def standard_error(sample: WildSample) -> float:
    """Cluster-robust standard error of the coefficient, as in :data:`WildTest.statistic` of a Wald test."""
    ones = np.ones((sample.n_clusters, 1))
    _, spread = _score_parts(sample, fitted(sample).coefficient, ones)
    return float(np.sqrt(_factor(sample) * (spread**2).sum()))


def confidence_set(sample: WildSample, *, level: float = 0.95) -> tuple[float, float]:
    """Lowest and highest value that :func:`wild_test` does not reject, to a thousandth of a standard error.

    A side without end is infinite. The search goes outward in half standard errors and refines the first rejection that
    is followed by another.

    Raises
    ------
    BadInput
        A level outside (0, 1).
    RunFailed
        A level that the smallest possible p-value cannot reject at, and as :func:`wild_test`.
    """
    if not 0 < level < 1:
        raise BadInput(WHERE, "level", found=str(level), allowed="a number between 0 and 1")
    if _floor(sample) > 1 - level:
        raise RunFailed(f"wild bootstrap: {sample.n_clusters} clusters cannot reject at {1 - level:.3f}")
    signs, free, step = sign_patterns(sample.n_clusters), fitted(sample), standard_error(sample)

    def kept(distance: float) -> bool:
        return _p_value(_statistics(sample, free.coefficient + distance * step, signs, free)) > 1 - level

    low, high = (free.coefficient + side * step * _end(kept, side) for side in (-1, 1))
    return low, high


def _end(kept: Callable[[float], bool], side: int) -> float:
    """Distance of the end on one side, in standard errors; infinite where nothing is rejected."""
    last = 0
    for place in range(1, REACH + 1):
        if kept(side * place * COARSE):
            last = place
        elif place - last >= 2:
            break
    if last == REACH:
        return float("inf")
    inside, outside = last * COARSE, (last + 1) * COARSE
    while outside - inside > FINE:
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if kept(side * middle) else (inside, middle)
    return inside
