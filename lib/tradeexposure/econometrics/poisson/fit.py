"""Poisson pseudo-maximum likelihood with absorbed fixed effects: read the frame, drop what is separated, climb, judge.

`fit_ppml` answers as Stata's ppmlhdfe does (Correia, Guimarães and Zylkin 2020, Stata Journal 20(1)): separated
observations and singletons are dropped and counted, and standard errors are robust or clustered with the factor
n/(n − 1) or G/(G − 1). It differs where a number would mislead: a coefficient that the data do not identify is an
error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import linalg

from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.econometrics.poisson.absorbed_effects import Effects, Weighted, effects
from tradeexposure.econometrics.poisson.newton import DRIFT, Fit, Sample, climb, deviance
from tradeexposure.econometrics.poisson.separation import Flags, certify, lonely_levels

Term = str | tuple[str, ...]  # a column, or columns whose combinations are meant

WHERE = "fit_ppml"
RANK_TOLERANCE = 1e-6  # share of a regressor's spread that must be left after the effects and the other regressors
PROJECTION = 1e-8
COVARIANCE_TOLERANCE = 1e-9  # of the regressors' last projection; its error enters the covariance squared
COVARIANCE_LIMIT = 1e-5  # of that projection: what rounding may leave
MOST_STEPS = 200
PERFECT = 1e-10  # residuals below this share of the outcome leave nothing to judge the fit by


@dataclass(frozen=True)
class Panel:
    """A checked sample of n rows: `outcome`, `offset` (n,), `regressors` (n, k) centred and divided by `scales` (k,),
    and level numbers (n,) for each of the `terms` absorbed and, if there are any, of the clusters."""

    names: list[str]
    outcome: Floats
    regressors: Floats
    scales: Floats
    offset: Floats
    terms: list[tuple[str, ...]]
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
    _check_regressors(outcome, regressors)
    centred, scales = scaled(
        np.column_stack([_numbers(data, name) for name in regressors] or [np.empty((len(data), 0))])
    )
    return Panel(
        names=regressors,
        outcome=_outcome(data, outcome),
        regressors=centred,
        scales=scales,
        offset=_numbers(data, offset) if offset else np.zeros(len(data)),
        terms=terms or [()],
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


def _check_regressors(outcome: str, regressors: list[str]) -> None:
    doubled = sorted({name for name in regressors if regressors.count(name) > 1})
    if doubled:
        raise BadInput(WHERE, "regressors", found=f"{', '.join(doubled)} twice", allowed="each regressor once")
    if outcome in regressors:
        raise BadInput(WHERE, "regressors", found=f"the outcome {outcome}", allowed="other columns")


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


def scaled(values: Floats) -> tuple[Floats, Floats]:
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

    Returns
    -------
    Estimate

    Raises
    ------
    BadInput
        Where nothing is left, or regressors are not identified.
    RunFailed
        Where the likelihood does not reach its maximum.
    """
    gone, alone = lonely_levels(panel.outcome, panel.codes)
    fit: Fit | None = None
    while True:
        used = ~(gone | alone)
        same = near if near is not None and np.array_equal(near.used, used) else None
        sample = _sample(panel, used, same.sample.effects if same else None)
        if same and fit is None and np.array_equal(same.sample.regressors, sample.regressors):
            fit = replace(same.fit, iterations=0, converged=False)
        else:
            _check_rank(panel, sample, bool(gone.any()))
            fit = _effects_of(same, sample) if same and fit is None else fit
        fit, more = _climb_or_separate(sample, fit)
        if fit.converged:
            return Estimate(sample, fit, gone, alone)
        gone = gone.copy()
        gone[np.flatnonzero(used)[more]] = True
        empty, single = lonely_levels(panel.outcome, panel.codes, dropped=gone | alone)
        gone, alone = gone | empty, alone | single
        kept = ~(gone | alone)[used]
        fit = replace(fit, predictor=fit.predictor[kept], step=fit.step[kept])


def _effects_of(near: Estimate, sample: Sample) -> Fit:
    """Where the steps begin on a sample of other regressors: at the effects of a fit to the same rows."""
    effects = near.fit.predictor - near.sample.regressors @ near.fit.coefficients
    k = sample.regressors.shape[1]
    return Fit(effects, np.zeros(k), np.ones(len(effects)), 0, False)


def _climb_or_separate(sample: Sample, start: Fit | None) -> tuple[Fit, Flags]:
    """Climb until the maximum is reached, or until a certificate shows which rows are separated."""
    fit = climb(sample, start, max_iterations=MOST_STEPS)
    while not fit.converged:
        suspects = (sample.outcome == 0) & (fit.step < DRIFT)
        certificate = certify(sample.outcome, sample.regressors, sample.effects, suspects)
        if certificate.any():
            return fit, certificate > 0
        fit = climb(sample, fit, max_iterations=MOST_STEPS, cleared=fit.iterations)
    return fit, np.zeros(len(sample.outcome), bool)


def _sample(panel: Panel, used: Flags, absorbed: Effects | None = None) -> Sample:
    if not used.any():
        raise BadInput(
            WHERE, "data", found="no row left after separated rows and singletons", allowed="coarser effects"
        )
    if absorbed is None:
        absorbed = effects([pd.factorize(code[used])[0].astype(np.intp) for code in panel.codes])
    return Sample(panel.outcome[used], panel.regressors[used], absorbed, panel.offset[used])


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
    inside, _ = sample.effects.unweighted.residualise(sample.regressors, tolerance=PROJECTION)
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
    """A fitted Poisson model with absorbed effects.

    Attributes
    ----------
    coefficients, std_errors : Series
        One value per regressor, in the order given: a change in the log of the expected outcome.
    covariance : DataFrame
        Regressors by regressors.
    n_obs, n_separated, n_singletons : int
        Rows used; rows dropped because they are separated, or alone in a level.
    dropped : Series
        "separated" or "singleton" for each dropped row of the data, by its label.
    n_clusters : int
        0 where standard errors are only robust.
    iterations : int
    deviance : float
    fitted : Series
        Expected outcome of each row used, by its label.
    """

    coefficients: pd.Series[float]
    std_errors: pd.Series[float]
    covariance: pd.DataFrame
    n_obs: int
    n_separated: int
    n_singletons: int
    dropped: pd.Series[str]
    n_clusters: int
    iterations: int
    deviance: float
    fitted: pd.Series[float]


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
    found = estimate(panel)
    return _result(panel, found, data.index)


def _result(panel: Panel, found: Estimate, labels: pd.Index) -> PoissonFit:
    """Turn the estimate into the units of the data and the labels (n,) of its rows."""
    covariance, n_clusters = _covariance(panel, found)
    names = pd.Index(panel.names, name="regressor")
    covariance = covariance / np.outer(panel.scales, panel.scales)
    reasons = np.where(found.separated, "separated", "singleton")[~found.used]
    return PoissonFit(
        coefficients=pd.Series(found.fit.coefficients / panel.scales, names, name="coefficient"),
        std_errors=pd.Series(np.sqrt(np.diag(covariance)), names, name="std_error"),
        covariance=pd.DataFrame(covariance, names, names),
        n_obs=int(found.used.sum()),
        n_separated=int(found.separated.sum()),
        n_singletons=int(found.singletons.sum()),
        dropped=pd.Series(reasons, labels[~found.used], name="reason", dtype="str"),
        n_clusters=n_clusters,
        iterations=found.fit.iterations,
        deviance=deviance(found.sample, found.fit.predictor),
        fitted=pd.Series(np.exp(found.fit.predictor), labels[found.used], name="fitted"),
    )


def _covariance(panel: Panel, found: Estimate) -> tuple[Floats, int]:
    """Sandwich covariance of the scaled coefficients (k, k), and the number of clusters."""
    sample, fitted = found.sample, np.exp(found.fit.predictor)
    residual = sample.outcome - fitted
    if np.abs(residual).max() <= PERFECT * sample.outcome.max():
        raise RunFailed("the model fits every row exactly: nothing is left to judge its coefficients by")
    weighted = Weighted(sample.effects, fitted)
    inside, _ = weighted.residualise(sample.regressors, tolerance=COVARIANCE_TOLERANCE)
    if weighted.leftover(inside) > COVARIANCE_LIMIT:
        raise RunFailed("the regressors could not be separated from the fixed effects: they are almost collinear")
    bread = np.linalg.inv((inside * weighted.weights[:, None]).T @ inside)
    clusters = None if panel.clusters is None else panel.clusters[found.used]
    meat, n_clusters = _meat(inside * residual[:, None], clusters)
    return bread @ meat @ bread, n_clusters


def _meat(scores: Floats, clusters: Ints | None) -> tuple[Floats, int]:
    """Outer product of scores (n, k), summed within clusters where there are any, and the number of clusters."""
    if clusters is None:
        return scores.T @ scores * (len(scores) / (len(scores) - 1)), 0
    groups = pd.factorize(clusters)[0]
    count = int(groups.max()) + 1
    if count < 2:
        raise BadInput(WHERE, "cluster", found=f"{count} cluster", allowed="at least two")
    sums: Floats = np.column_stack([np.bincount(groups, column, count) for column in scores.T])
    return np.asarray(sums.T @ sums * (count / (count - 1))), count
