"""What a wild cluster bootstrap works on: one tested regressor, everything else as a basis, and the fit of both.

Kept apart from the bootstrap, which knows neither frames nor maximisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, special

from tradeexposure.core.errors import BadInput, RunFailed

Floats = npt.NDArray[np.float64]
Family = Literal["gaussian", "poisson", "binomial"]
FAMILIES: tuple[Family, ...] = ("gaussian", "poisson", "binomial")
WHERE = "wild bootstrap"
COLLINEAR = 1e-8  # part of a regressor's length that the others leave unexplained
SETTLED = 1e-10  # change of the linear predictor, root mean square with the working weights
STEPS = 100
HALVINGS = 30


@dataclass(frozen=True)
class WildSample:
    """One regression.

    Attributes
    ----------
    outcome, tested, weights, offset : ndarray, shape (n,)
    basis : ndarray, shape (n, k)
        Orthonormal; spans controls, fixed effects and the constant.
    clusters : ndarray of int, shape (n,)
        0 to `n_clusters` − 1.
    n_clusters : int
    family : {"gaussian", "poisson", "binomial"}
        Links: identity, log, logit.
    """

    outcome: Floats
    tested: Floats
    basis: Floats
    weights: Floats
    offset: Floats
    clusters: npt.NDArray[np.intp]
    n_clusters: int
    family: Family


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
        A column that is missing or has holes, one cluster only, an outcome outside the family's range, weights that
        are not positive, a coefficient that controls and effects leave without identification.
    """
    names = [tested] if isinstance(tested, str) else list(tested)
    optional = [name for name in (weights, offset) if name]
    _refuse_holes(frame, [outcome, *names, cluster, *controls, *effects, *optional], family)
    codes, levels = pd.factorize(frame[cluster], sort=True)
    if len(levels) < 2:
        raise BadInput(WHERE, cluster, found="one cluster", allowed="two or more")
    y, w = _numbers(frame, outcome), _numbers(frame, weights) if weights else np.ones(len(frame))
    _refuse_values(outcome, y, weights or "weights", w, family)
    first = _numbers(frame, names[0])
    columns = [np.ones(len(frame)), *(_numbers(frame, name) - first for name in names[1:])]
    columns += [_numbers(frame, name) for name in controls]
    dummies = [pd.get_dummies(frame[name]).to_numpy(dtype=float) for name in effects]
    basis = _basis(np.column_stack([*columns, *dummies]))
    _refuse_collinear(" + ".join(names), first, basis, w)
    added = _numbers(frame, offset) if offset else np.zeros(len(frame))
    return WildSample(y, first, basis, w, added, codes.astype(np.intp), len(levels), family)


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    return frame[name].to_numpy(dtype=float)


def _refuse_holes(frame: pd.DataFrame, names: Sequence[str], family: str) -> None:
    if family not in FAMILIES:
        raise BadInput(WHERE, "family", found=str(family), allowed=", ".join(FAMILIES))
    for name in names:
        if name not in frame:
            raise BadInput(WHERE, name, found="no such column", allowed=", ".join(map(str, frame.columns)))
        if frame[name].isna().any():
            raise BadInput(WHERE, name, found=f"{int(frame[name].isna().sum())} missing values", allowed="none")


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


def _loss(sample: WildSample, predictor: Floats) -> float:
    """Minus the log likelihood, up to a constant."""
    with np.errstate(over="ignore"):
        growth = np.exp(predictor) if sample.family == "poisson" else np.logaddexp(0.0, predictor)
    return float(sample.weights @ (growth - sample.outcome * predictor))


def fitted(sample: WildSample, *, null: float | None = None) -> Fitted:
    """Highest likelihood, with the tested coefficient at `null` or free.

    Raises
    ------
    RunFailed
        No maximum within the steps allowed: separated observations, such as a level without a positive outcome.
    """
    free = null is None
    design = np.column_stack([sample.tested / np.abs(sample.tested).max(), sample.basis]) if free else sample.basis
    fixed = sample.offset + (0.0 if null is None else null) * sample.tested
    values, predictor = np.zeros(design.shape[1]), fixed
    if sample.family == "gaussian":
        values = _solve(design, sample.weights, sample.outcome - fixed)
        predictor = fixed + design @ values
    else:
        values, predictor = _climb(sample, design, fixed)
    coefficient = float(values[0] / np.abs(sample.tested).max()) if null is None else null
    return Fitted(coefficient, predictor)


def _solve(design: Floats, weights: Floats, outcome: Floats) -> Floats:
    root = np.sqrt(weights)
    return np.asarray(np.linalg.lstsq(root[:, None] * design, root * outcome, rcond=None)[0])


def _climb(sample: WildSample, design: Floats, fixed: Floats) -> tuple[Floats, Floats]:
    """Newton steps from near the observed outcomes, halved until the likelihood rises."""
    start = np.log(sample.outcome + sample.outcome.mean()) if sample.family == "poisson" else 0.0 * fixed
    values = _solve(design, sample.weights, start - fixed)
    predictor = fixed + design @ values
    height = _loss(sample, predictor)
    for _ in range(STEPS):
        mean, working = mean_and_weights(sample, predictor)
        gradient = design.T @ (sample.weights * (sample.outcome - mean))
        try:
            step = np.linalg.solve(design.T @ (working[:, None] * design), gradient)
        except np.linalg.LinAlgError:
            break
        change = design @ step
        share, height = _shorten(sample, predictor, change, height)
        values, predictor = values + share * step, predictor + share * change
        if share == 1 and working @ change**2 <= SETTLED**2 * working.sum():
            return values, predictor
    raise RunFailed(f"wild bootstrap: the {sample.family} likelihood has no maximum (separated observations?)")


def _shorten(sample: WildSample, predictor: Floats, change: Floats, height: float) -> tuple[float, float]:
    share = 1.0
    for _ in range(HALVINGS):
        reached = _loss(sample, predictor + share * change)
        if reached <= height + 1e-12 * abs(height):
            return share, reached
        share /= 2
    raise RunFailed(f"wild bootstrap: no step raises the {sample.family} likelihood (separated observations?)")
