"""Event studies of trade flows: Poisson pseudo-maximum likelihood with absorbed fixed effects.

`fit_ppml` answers as Stata's ppmlhdfe does (Correia, Guimarães and Zylkin 2020, Stata Journal 20(1)): separated
observations and singletons are dropped and counted, and standard errors are robust or clustered with the factor
n/(n − 1) or G/(G − 1). It differs where a number would mislead: a coefficient that the data do not identify is an
error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special, stats

from tradeexposure.absorb import Floats, Ints, Weighted
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.irls import Fit, Sample, deviance
from tradeexposure.panel import WHERE, Panel, Term, read_panel
from tradeexposure.ppml import Estimate, estimate

COVARIANCE_TOLERANCE = 1e-9  # of the regressors' last projection; its error enters the covariance squared
COVARIANCE_LIMIT = 1e-5  # of that projection: what rounding may leave
PERFECT = 1e-10  # residuals below this share of the outcome leave nothing to judge the fit by


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
    n_clusters : tuple of int
        Clusters in each dimension; empty where standard errors are only robust.
    converged : bool
        Always True: a fit that did not converge is an error.
    iterations : int
    log_likelihood, deviance, pseudo_r2 : float
        At the maximum; the pseudo R² is McFadden's, against a constant alone.
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
    n_clusters: tuple[int, ...]
    converged: bool
    iterations: int
    log_likelihood: float
    deviance: float
    pseudo_r2: float
    fitted: pd.Series[float]

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """Normal confidence intervals: regressors by `low` and `high`."""
        reach = float(stats.norm.ppf(0.5 + level / 2)) * self.std_errors
        return pd.DataFrame({"low": self.coefficients - reach, "high": self.coefficients + reach})


def fit_ppml(
    data: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    effects: Sequence[Term],
    cluster: Term | list[Term] | None = None,
    weights: str | None = None,
    offset: str | None = None,
    exposure: str | None = None,
    separated: Literal["drop", "raise"] = "drop",
    max_iterations: int = 200,
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
    cluster : str, tuple of str, or list of these, optional
        Clusters of the standard errors; a list means clustering by each (Cameron, Gelbach and Miller 2011). Without it
        they are robust to heteroskedasticity.
    weights : str, optional
        Column of sampling weights > 0.
    offset, exposure : str, optional
        Column added to the linear predictor, or whose log is.
    separated : {"drop", "raise"}
        What to do with separated observations.
    max_iterations : int
        Newton steps allowed.

    Returns
    -------
    PoissonFit

    Raises
    ------
    BadInput
        For a missing or incomplete column, a negative or constant outcome, fewer than two clusters, separated
        observations that are to be raised, and regressors that the effects, each other or separation leave
        without identification; the message names them.
    RunFailed
        Where the likelihood does not reach its maximum or fits every row.

    Notes
    -----
    The standard errors are asymptotic. In simulated panels with over-dispersed outcomes and regressors that lean on
    the effects, robust 95% intervals held the truth in 86% of 500 draws at 400 rows and in 90% at 6,400. With a single
    treated cluster, clustered errors say nothing: use permutation.
    """
    if separated not in ("drop", "raise"):
        raise BadInput(WHERE, "separated", found=str(separated), allowed="drop, raise")
    panel = read_panel(data, outcome, list(regressors), effects, cluster, weights, offset, exposure)
    found = estimate(panel, separated=separated, max_iterations=max_iterations)
    return _result(panel, found, data.index)


def _result(panel: Panel, found: Estimate, labels: pd.Index) -> PoissonFit:
    """Turn the estimate into the units of the data and the labels (n,) of its rows."""
    covariance, n_clusters = _covariance(panel, found)
    names = pd.Index(panel.names, name="regressor")
    covariance = covariance / np.outer(panel.scales, panel.scales)
    likelihood, null = _log_likelihoods(found.sample, found.fit)
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
        converged=found.fit.converged,
        iterations=found.fit.iterations,
        log_likelihood=likelihood,
        deviance=deviance(found.sample, found.fit.predictor),
        pseudo_r2=1 - likelihood / null,
        fitted=pd.Series(np.exp(found.fit.predictor), labels[found.used], name="fitted"),
    )


def _covariance(panel: Panel, found: Estimate) -> tuple[Floats, tuple[int, ...]]:
    """Sandwich covariance of the scaled coefficients (k, k), and the number of clusters in each dimension."""
    sample, fitted = found.sample, np.exp(found.fit.predictor)
    residual = sample.outcome - fitted
    if np.abs(residual).max() <= PERFECT * sample.outcome.max():
        raise RunFailed("the model fits every row exactly: nothing is left to judge its coefficients by")
    weighted = Weighted(sample.effects, sample.weights * fitted)
    inside, _ = weighted.residualise(sample.regressors, tolerance=COVARIANCE_TOLERANCE)
    if weighted.leftover(inside) > COVARIANCE_LIMIT:
        raise RunFailed("the regressors could not be separated from the fixed effects: they are almost collinear")
    bread = np.linalg.inv((inside * weighted.weights[:, None]).T @ inside)
    scores = inside * (sample.weights * residual)[:, None]
    clusters = [code[found.used] for code in panel.clusters]
    meat, n_clusters = _meat(scores, clusters)
    covariance = bread @ meat @ bread
    return _nearest_covariance(covariance) if len(clusters) > 1 else covariance, n_clusters


def _meat(scores: Floats, clusters: list[Ints]) -> tuple[Floats, tuple[int, ...]]:
    """Outer product of scores (n, k), summed within clusters; several dimensions by inclusion and exclusion."""
    if not clusters:
        return scores.T @ scores * (len(scores) / (len(scores) - 1)), ()
    counts = tuple(len(np.unique(code)) for code in clusters)
    if min(counts) < 2:
        raise BadInput(WHERE, "cluster", found=f"{min(counts)} cluster", allowed="at least two")
    meat = np.zeros((scores.shape[1], scores.shape[1]))
    for subset in range(1, 2 ** len(clusters)):
        chosen = [code for place, code in enumerate(clusters) if subset >> place & 1]
        groups = pd.DataFrame(dict(enumerate(chosen))).groupby(list(range(len(chosen))), sort=False).ngroup().to_numpy()
        sums = np.empty((groups.max() + 1, scores.shape[1]))
        for column in range(scores.shape[1]):
            sums[:, column] = np.bincount(groups, scores[:, column])
        meat += (-1) ** (len(chosen) + 1) * (sums.T @ sums)
    return meat * (min(counts) / (min(counts) - 1)), counts


def _nearest_covariance(covariance: Floats) -> Floats:
    """Remove the negative directions that clustering in several dimensions can leave (k, k)."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return (vectors * np.maximum(values, 0.0)) @ vectors.T


def _log_likelihoods(sample: Sample, fit: Fit) -> tuple[float, float]:
    """Log likelihood at the maximum, and with a constant alone."""
    base = special.gammaln(sample.outcome + 1)
    mean = np.average(sample.outcome, weights=sample.weights)
    full = sample.outcome * fit.predictor - np.exp(fit.predictor) - base
    return float(sample.weights @ full), float(sample.weights @ (sample.outcome * np.log(mean) - mean - base))
