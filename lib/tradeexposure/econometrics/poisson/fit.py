"""Poisson pseudo-maximum likelihood with absorbed effects: read the frame, drop what is separated, maximise, judge.

`fit_ppml` answers as Stata's ppmlhdfe does (Correia, Guimarães and Zylkin 2020, Stata Journal 20(1)): separated
observations and singletons are dropped and counted, and standard errors are robust or clustered with the factor
n/(n − 1) or G/(G − 1). It differs where a number would mislead: a coefficient that the data do not identify is an
error. `Repeated` fits one equation many times, for its coefficient alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import linalg

from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.poisson.newton import (
    WHERE,
    Effects,
    Fit,
    Flags,
    Projection,
    Sample,
    deviance,
    maximise,
    singletons_and_empty,
)

Term = str | tuple[str, ...]  # a column, or columns whose combinations are meant

RANK_TOLERANCE = 1e-6  # share of a regressor's spread that must be left after the effects and the other regressors
COVARIANCE_LIMIT = 1e-5  # share of the regressors' last projection that a further one may remove
PERFECT = 1e-10  # residuals below this share of the outcome leave nothing to judge the fit by


@dataclass(frozen=True)
class Panel:
    """A checked sample of n rows: `outcome`, `offset` (n,), `regressors` (n, k) centred and divided by `scales` (k,),
    and level numbers (n,) for each effect absorbed and, if there are any, of the clusters."""

    names: list[str]
    outcome: Floats
    regressors: Floats
    scales: Floats
    offset: Floats
    codes: list[Ints]
    clusters: Ints | None


def read_panel(
    data: pd.DataFrame,
    outcome: str,
    regressors: list[str],
    effects: Sequence[Term],
    cluster: Term | None,
    offset: str | None,
) -> Panel:
    """Check the columns of a frame and read them; the parameters are those of `fit_ppml`."""
    terms = [_term(effect) for effect in ([effects] if isinstance(effects, str) else effects)]
    groups = [_term(cluster)] if cluster else []
    _check_columns(data, [outcome, *regressors, *([offset] if offset else [])], [*terms, *groups])
    doubled = sorted({name for name in regressors if regressors.count(name) > 1})
    if doubled:
        raise BadInput(WHERE, "regressors", found=f"{', '.join(doubled)} twice", allowed="each regressor once")
    if outcome in regressors:
        raise BadInput(WHERE, "regressors", found=f"the outcome {outcome}", allowed="other columns")
    centred, scales = _scaled(
        np.column_stack([_numbers(data, name) for name in regressors] or [np.empty((len(data), 0))])
    )
    return Panel(
        names=regressors,
        outcome=_outcome(data, outcome),
        regressors=centred,
        scales=scales,
        offset=_numbers(data, offset) if offset else np.zeros(len(data)),
        codes=[level_numbers(data, term) for term in terms] or [np.zeros(len(data), np.intp)],
        clusters=level_numbers(data, groups[0]) if groups else None,
    )


def level_numbers(data: pd.DataFrame, columns: tuple[str, ...]) -> Ints:
    """Number the combinations of columns that occur, from 0, for each row."""
    numbers = pd.factorize(data[columns[0]])[0].astype(np.intp)
    for column in columns[1:]:
        more, values = pd.factorize(data[column])
        numbers = pd.factorize(numbers * len(values) + more)[0].astype(np.intp)
    return numbers


def _term(term: Term) -> tuple[str, ...]:
    columns = (term,) if isinstance(term, str) else tuple(term)
    if not columns:
        raise BadInput(WHERE, "effects", found="an empty tuple", allowed="a column or a tuple of columns")
    return columns


def _check_columns(data: pd.DataFrame, numbers: list[str], terms: list[tuple[str, ...]]) -> None:
    """Refuse an empty frame and columns that are missing, doubled or incomplete."""
    if data.empty:
        raise BadInput(WHERE, "data", found="no rows", allowed="at least one")
    for name in dict.fromkeys([*numbers, *(column for term in terms for column in term)]):
        if name not in data.columns:
            raise BadInput(WHERE, str(name), found="no such column", allowed=", ".join(map(str, data.columns)))
        if list(data.columns).count(name) > 1:
            raise BadInput(WHERE, str(name), found="two columns of this name", allowed="one")
        empty = int(data[name].isna().sum())
        if empty:
            raise BadInput(
                WHERE, str(name), found=f"{empty} missing values", allowed="none: drop or fill the rows first"
            )


def _numbers(data: pd.DataFrame, name: str) -> Floats:
    """A column as finite numbers (n,)."""
    if not (pd.api.types.is_numeric_dtype(data[name]) or pd.api.types.is_bool_dtype(data[name])):
        raise BadInput(WHERE, name, found=f"values of type {data[name].dtype}", allowed="numbers")
    values = data[name].to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise BadInput(WHERE, name, found="infinite values", allowed="finite numbers")
    return values


def _outcome(data: pd.DataFrame, name: str) -> Floats:
    values = _numbers(data, name)
    if values.min() < 0:
        raise BadInput(
            WHERE, name, found=f"{int((values < 0).sum())} negative values", allowed="values of zero or more"
        )
    if values.max() == 0:
        raise BadInput(WHERE, name, found="zero in every row", allowed="an outcome that is positive somewhere")
    if values.min() == values.max():
        raise BadInput(WHERE, name, found=f"{values[0]:g} in every row", allowed="an outcome that varies")
    return values


def _scaled(values: Floats) -> tuple[Floats, Floats]:
    """Centre columns (n, k) and divide them by their standard deviations; constants become zero."""
    centred = values - values.mean(axis=0)
    spread = centred.std(axis=0)
    constant = spread <= 1e-12 * np.abs(values).max(axis=0, initial=0.0)
    scales = np.where(constant, 1.0, spread)
    return np.where(constant, 0.0, centred) / scales, scales


@dataclass(frozen=True)
class Estimate:
    """The maximum on the rows `used`, and why the others were dropped; the flags are (n,) over all rows."""

    sample: Sample
    fit: Fit
    separated: Flags
    singletons: Flags

    @property
    def used(self) -> Flags:
        """Rows in the likelihood."""
        return ~(self.separated | self.singletons)


def estimate(panel: Panel, *, near: Estimate | None = None) -> Estimate:
    """Find the maximum of the likelihood on the rows that are neither separated nor alone in a level.

    Parameters
    ----------
    panel : Panel
    near : Estimate, optional
        Of the same effects: where the same rows are used they are not numbered again, and the steps begin there, with
        other regressors at its effects alone.

    Raises
    ------
    BadInput
        Where nothing is left, or regressors are not identified.
    RunFailed
        Where the likelihood does not reach its maximum.
    """
    alone, gone = singletons_and_empty(panel.outcome, panel.codes, np.zeros(len(panel.outcome), bool))
    fit: Fit | None = None
    while True:
        used = ~(gone | alone)
        same = near if near is not None and np.array_equal(near.used, used) else None
        sample = _sample(panel, used, same.sample.effects if same else None)
        if same and fit is None and np.array_equal(same.sample.regressors, sample.regressors):
            fit = replace(same.fit, iterations=0)
        else:
            _check_rank(panel, sample, bool(gone.any()))
            if same and fit is None:
                effects = same.fit.predictor - same.sample.regressors @ same.fit.coefficients
                fit = Fit(effects, np.zeros(sample.regressors.shape[1]), 0)
        fit, separated = maximise(sample, fit)
        if not separated.any():
            return Estimate(sample, fit, gone, alone)
        gone = gone.copy()
        gone[np.flatnonzero(used)[separated]] = True
        single, empty = singletons_and_empty(panel.outcome, panel.codes, gone | alone)
        gone, alone = gone | empty, alone | single
        fit = replace(fit, predictor=fit.predictor[~(gone | alone)[used]])


def _sample(panel: Panel, used: Flags, effects: Effects | None = None) -> Sample:
    if not used.any():
        raise BadInput(
            WHERE, "data", found="no row left after separated rows and singletons", allowed="coarser effects"
        )
    effects = effects or Effects([pd.factorize(code[used])[0].astype(np.intp) for code in panel.codes])
    return Sample(panel.outcome[used], panel.regressors[used], effects, panel.offset[used])


def _check_rank(panel: Panel, sample: Sample, dropped: bool) -> None:
    """Refuse regressors that the effects or the other regressors explain on the rows used."""
    if not (lost := _dependent(panel.names, sample)):
        return
    everywhere = dropped and set(lost) - set(_dependent(panel.names, _sample(panel, np.ones(len(panel.outcome), bool))))
    why = (
        "identified only by separated observations (zero outcomes that the model fits by minus infinity)"
        if everywhere
        else "collinear with the fixed effects or with each other"
    )
    raise BadInput(WHERE, "regressors", found=f"{', '.join(lost)} {why}", allowed="regressors that vary on their own")


def _dependent(names: list[str], sample: Sample) -> list[str]:
    """Names of regressors without variation of their own; those that share it are all named."""
    if not names:
        return []
    inside = sample.effects.unweighted.residualise(sample.regressors)
    spread = np.sqrt(np.mean(inside**2, axis=0))
    absorbed = spread <= RANK_TOLERANCE
    if absorbed.any():
        return [name for name, lost in zip(names, absorbed, strict=True) if lost]
    triangle, order = linalg.qr(inside / spread / np.sqrt(len(inside)), mode="r", pivoting=True)
    triangle = triangle[: len(names)]
    small = np.abs(np.diag(triangle)) <= RANK_TOLERANCE
    if not small.any():
        return []
    rank = int(np.argmax(small))
    shares = linalg.solve_triangular(triangle[:rank, :rank], triangle[:rank, rank:])
    partners = np.any(np.abs(shares) > RANK_TOLERANCE, axis=1)
    members = np.concatenate([order[:rank][partners], order[rank:]])
    return [names[place] for place in sorted(members)]


@dataclass(frozen=True)
class PoissonFit:
    """A fitted Poisson model with absorbed effects."""

    #: One value per regressor, in the order given: a change in the log of the expected outcome.
    coefficients: pd.Series[float]
    std_errors: pd.Series[float]
    covariance: pd.DataFrame  #: Regressors by regressors.
    #: Rows used; rows dropped because they are separated, or alone in a level.
    n_obs: int
    n_separated: int
    n_singletons: int
    dropped: pd.Series[str]  #: "separated" or "singleton" for each dropped row of the data, by its label.
    n_clusters: int  #: 0 where standard errors are only robust.
    iterations: int
    deviance: float
    fitted: pd.Series[float]  #: Expected outcome of each row used, by its label.


def fit_ppml(
    data: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    effects: Sequence[Term],
    cluster: Term | None = None,
    offset: str | None = None,
) -> PoissonFit:
    """Fit E[outcome] = exp(regressors · coefficients + effects) by Poisson pseudo-maximum likelihood.

    Parameters
    ----------
    data : DataFrame
        One row per observation, complete in the columns named below.
    outcome : str
        Column of values ≥ 0, zeros included; need not be counts.
    regressors : sequence of str
        Columns of numbers.
    effects : sequence of str or tuple of str
        Fixed effects: one level per value of a column or per combination of a tuple's columns. Empty: a constant.
    cluster : str or tuple of str, optional
        Clusters of the standard errors; without it they are robust to heteroskedasticity.
    offset : str, optional
        Column added to the linear predictor.

    Returns
    -------
    PoissonFit

    Raises
    ------
    BadInput
        For a missing or incomplete column, a negative or constant outcome, fewer than two clusters, and regressors
        that the effects, each other or separation leave without identification; the message names them.
    RunFailed
        Where the likelihood does not reach its maximum or fits every row.

    Notes
    -----
    The standard errors are asymptotic. In simulated panels with over-dispersed outcomes and regressors that lean on
    the effects, robust 95% intervals held the truth in 86% of 500 draws at 400 rows and in 90% at 6,400. With a single
    treated cluster, clustered errors say nothing: use permutation.
    """
    panel = read_panel(data, outcome, list(regressors), effects, cluster, offset)
    best, labels = estimate(panel), data.index
    covariance, n_clusters = _covariance(panel, best)
    names = pd.Index(panel.names, name="regressor")
    covariance = covariance / np.outer(panel.scales, panel.scales)
    reasons = np.where(best.separated, "separated", "singleton")[~best.used]
    return PoissonFit(
        coefficients=pd.Series(best.fit.coefficients / panel.scales, names, name="coefficient"),
        std_errors=pd.Series(np.sqrt(np.diag(covariance)), names, name="std_error"),
        covariance=pd.DataFrame(covariance, names, names),
        n_obs=int(best.used.sum()),
        n_separated=int(best.separated.sum()),
        n_singletons=int(best.singletons.sum()),
        dropped=pd.Series(reasons, labels[~best.used], name="reason", dtype="str"),
        n_clusters=n_clusters,
        iterations=best.fit.iterations,
        deviance=deviance(best.sample, best.fit.predictor),
        fitted=pd.Series(np.exp(best.fit.predictor), labels[best.used], name="fitted"),
    )


def _covariance(panel: Panel, best: Estimate) -> tuple[Floats, int]:
    """Sandwich covariance of the scaled coefficients (k, k), and the number of clusters."""
    sample, fitted = best.sample, np.exp(best.fit.predictor)
    residual = sample.outcome - fitted
    if np.abs(residual).max() <= PERFECT * sample.outcome.max():
        raise RunFailed("the model fits every row exactly: nothing is left to judge its coefficients by")
    projection = Projection(sample.effects, fitted)
    inside = projection.residualise(sample.regressors)
    removed = inside - projection.residualise(inside)
    if np.any(fitted @ removed**2 > COVARIANCE_LIMIT**2 * (fitted @ inside**2)):
        raise RunFailed("the regressors could not be separated from the fixed effects: they are almost collinear")
    bread = np.linalg.inv((inside * fitted[:, None]).T @ inside)
    scores = inside * residual[:, None]
    if panel.clusters is None:
        return bread @ (scores.T @ scores * (len(scores) / (len(scores) - 1))) @ bread, 0
    groups = pd.factorize(panel.clusters[best.used])[0]
    count = int(groups.max()) + 1
    if count < 2:
        raise BadInput(WHERE, "cluster", found=f"{count} cluster", allowed="at least two")
    sums: Floats = np.column_stack([np.bincount(groups, column, count) for column in scores.T])
    return bread @ (sums.T @ sums * (count / (count - 1))) @ bread, count


@dataclass(frozen=True)
class Coefficient:
    """A change in the log of the expected outcome; rows used, and rows dropped because they are separated; deviance."""

    value: float
    n_obs: int
    n_separated: int
    deviance: float


class Repeated:
    """One equation of one regressor fitted many times: other rows treated, or another outcome on the same rows.

    What the fits share is read once, and a fit begins where the one before ended. No standard error is computed.

    Parameters
    ----------
    data, outcome, effects
        As for :func:`fit_ppml`.
    regressor
        What messages call the regressor.

    Raises
    ------
    BadInput
        As :func:`fit_ppml` does for these.
    """

    def __init__(
        self, data: pd.DataFrame, *, outcome: str, effects: Sequence[Term], regressor: str = "regressor"
    ) -> None:
        self._panel = replace(read_panel(data, outcome, [], effects, None, None), names=[regressor])
        self._last: Estimate | None = None

    def fit(self, regressor: Floats, *, outcome: Floats | None = None) -> Coefficient:
        """The coefficient of a regressor (n,), finite numbers; `outcome` (n,) in place of the data's.

        Raises
        ------
        BadInput, RunFailed
            As for :func:`fit_ppml`.
        """
        chosen = self._panel.outcome if outcome is None else outcome
        if not (np.isfinite(chosen).all() and chosen.min() >= 0 < chosen.max()):
            raise BadInput(WHERE, "outcome", found="none above zero, or one below", allowed="values of zero or more")
        values, scales = _scaled(regressor[:, None])
        panel = replace(self._panel, outcome=chosen, regressors=values, scales=scales)
        best = self._last = estimate(panel, near=self._last)
        return Coefficient(
            float(best.fit.coefficients[0] / scales[0]), int(best.used.sum()), int(best.separated.sum()),
            deviance(best.sample, best.fit.predictor),
        )  # fmt: skip
