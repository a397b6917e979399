"""The maximum of the Poisson pseudo-likelihood with absorbed effects, and the rows that leave it without one.

Newton steps, that is iteratively reweighted least squares. The effects are never written as dummies: in their weighted
normal equations the block of the largest effect is diagonal and eliminated exactly, and the Schur complement of the
others is factorised. A step that settles on *every* row also proves that the maximum exists.

Zero outcomes are *separated* where some combination z of regressors and effects is zero wherever the outcome is
positive, nowhere negative, and positive for them: their predictors fall by about one per step for ever, so that no
maximum exists (Correia, Guimarães and Zylkin 2019, arXiv:1903.01633, proposition 1). Such a z is a certificate.
Separated rows say nothing about the other coefficients; the maximum on the rest is the right one (proposition 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, sparse

from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import BadInput, RunFailed

Flags = NDArray[np.bool_]

WHERE = "fit_ppml"
MOST_LEVELS = 3_000  # beside the largest effect: their factor is dense, and takes the cube of their number
RIDGE = 1e-12  # relative; the Schur complement is singular by one direction per connected component
PASSES = 2  # the second projection removes what ridge and rounding leave of the first
MEAN_STEP = 1e-6  # fitted-value-weighted root mean square of the last step in the linear predictor: its square is left
ANY_STEP = 3e-5  # the same for the row that moves most: none is on its way to minus infinity
DRIFT = -0.5  # a zero that still falls by more than this while the rest has settled is suspected of separation
SETTLED = 1e-2
PAUSE = 10  # steps before zeros that the programme cleared are suspected again
MOST_STEPS = 200
HALVINGS = 30
SWEEPS = 3  # rounds of exact one-effect updates before the first step
RANGE = 500.0  # of linear predictors told apart: separated rows can fall until their fitted values underflow
EXACT = 1e-6  # what a certificate may differ from zero where the outcome is positive, and lie below it elsewhere
PROGRAMME_SECONDS = 120.0


class Effects:
    """Fixed effects of a sample of n rows.

    Parameters
    ----------
    codes : sequence of (n,) int arrays
        Level numbers (0, 1, …, none unused) of each effect, at least one.

    Attributes
    ----------
    codes : list of (n,) int arrays
        Largest effect first.
    first, rest : sparse arrays (levels, n)
        One where a row is in the level: those of the largest effect, and of the others stacked.
    first_turned, rest_turned : sparse arrays (n, levels)
    """

    def __init__(self, codes: Sequence[Ints]) -> None:
        self.codes = sorted(codes, key=lambda code: -code.max())
        rows = np.arange(len(codes[0]))
        tables = [sparse.csr_array((np.ones(len(rows)), (code, rows))) for code in self.codes]
        self.first = tables[0]
        self.rest = sparse.vstack([sparse.csr_array((0, len(rows))), *tables[1:]], format="csr")
        self.first_turned, self.rest_turned = self.first.T.tocsr(), self.rest.T.tocsr()
        if self.rest.shape[0] > MOST_LEVELS:
            raise BadInput(
                WHERE, "effects", found=f"{self.rest.shape[0]:,} levels beside the largest effect",
                allowed=f"at most {MOST_LEVELS:,}",
            )  # fmt: skip

    @cached_property
    def unweighted(self) -> Projection:
        """The projection with every row of weight one."""
        return Projection(self, np.ones(len(self.codes[0])))


class Projection:
    """Least squares on effects under row weights (n,), all positive."""

    def __init__(self, effects: Effects, weights: Floats) -> None:
        self.effects, self.weights = effects, weights
        self.first = effects.first @ weights
        self.scale = np.sqrt(effects.rest @ weights)
        weighted = _times(effects.rest, weights)
        self.border = weighted @ effects.first_turned
        schur = (weighted @ effects.rest_turned).toarray()
        schur -= (_times(self.border, 1 / self.first) @ self.border.T).toarray()
        schur /= self.scale[:, None] * self.scale
        schur[np.diag_indices_from(schur)] += RIDGE
        self.factor = linalg.cho_factor(schur, overwrite_a=True, check_finite=False)

    def residualise(self, columns: Floats) -> Floats:
        """What the effects leave unexplained of columns (n, k)."""
        first, scale = self.first[:, None], self.scale[:, None]
        for _ in range(PASSES):
            weighted = self.weights[:, None] * columns
            totals = self.effects.first @ weighted
            score = self.effects.rest @ weighted - self.border @ (totals / first)
            rest = linalg.cho_solve(self.factor, score / scale, check_finite=False) / scale
            columns = columns - self.effects.first_turned @ ((totals - self.border.T @ rest) / first)
            columns -= self.effects.rest_turned @ rest
        return columns


def _times(table: sparse.csr_array, factors: Floats) -> sparse.csr_array:
    """A table with each column multiplied by its factor."""
    return sparse.csr_array((table.data * factors[table.indices], table.indices, table.indptr), shape=table.shape)


@dataclass(frozen=True)
class Sample:
    """What enters the likelihood: `outcome`, `offset` (n,), `regressors` (n, k) and the fixed effects."""

    outcome: Floats
    regressors: Floats
    effects: Effects
    offset: Floats


@dataclass(frozen=True)
class Fit:
    """Where the steps ended: `predictor` (n,), `coefficients` (k,) and how many were taken."""

    predictor: Floats
    coefficients: Floats
    iterations: int


def deviance(sample: Sample, predictor: Floats) -> float:
    """Twice the distance of the log likelihood from a perfect fit; infinite where a fitted value overflows."""
    positive = sample.outcome > 0
    with np.errstate(over="ignore"):
        total = np.sum(np.exp(predictor) - sample.outcome)
    logs = np.log(sample.outcome[positive]) - predictor[positive]
    return float(2 * (total + sample.outcome[positive] @ logs))


def maximise(sample: Sample, start: Fit | None = None) -> tuple[Fit, Flags]:
    """Take Newton steps until every row has settled, or until a certificate shows that some are separated.

    Parameters
    ----------
    sample : Sample
        Every level must have a positive outcome.
    start : Fit, optional
        Where earlier steps on these rows stopped; its iterations count.

    Returns
    -------
    fit : Fit
        The maximum where no row is separated.
    separated : (n,) bool array

    Raises
    ------
    RunFailed
        Where the steps run out or no step raises the likelihood.
    """
    fit = start or Fit(_starting_values(sample), np.zeros(sample.regressors.shape[1]), 0)
    zero, cleared, size, height = sample.outcome == 0, -PAUSE, 1.0, deviance(sample, fit.predictor)
    for iteration in range(fit.iterations + 1, MOST_STEPS + 1):
        change, step = _newton(sample, fit)
        share, height = _shorten(sample, fit.predictor, step, height)
        fit = Fit(fit.predictor + share * step, fit.coefficients + share * change, iteration)
        size = float(np.sqrt(np.average(step**2, weights=np.exp(fit.predictor))))
        if share == 1 and size <= MEAN_STEP and np.abs(step).max() <= ANY_STEP:
            return fit, np.zeros(len(zero), bool)
        if size < SETTLED and iteration >= cleared + PAUSE and np.any(step[zero] < DRIFT):
            separated = separated_rows(sample.outcome, sample.regressors, sample.effects)
            if separated.any():
                return fit, separated
            cleared = iteration
    raise RunFailed(f"the Poisson likelihood has no maximum within {MOST_STEPS} steps (last step {size:.1e})")


def _starting_values(sample: Sample) -> Floats:
    """Linear predictor (n,) with the effects fitted alone, by iterative proportional fitting."""
    fitted = np.exp(sample.offset - sample.offset.mean())
    for _ in range(SWEEPS):
        for code in sample.effects.codes:
            fitted *= (np.bincount(code, sample.outcome) / np.bincount(code, fitted))[code]
    return np.log(fitted)


def _newton(sample: Sample, fit: Fit) -> tuple[Floats, Floats]:
    """One step: change of the coefficients (k,) and of the linear predictor (n,)."""
    fitted = np.exp(np.maximum(fit.predictor, fit.predictor.max() - RANGE))
    working = sample.outcome / fitted - 1
    residuals = Projection(sample.effects, fitted).residualise(np.column_stack([working, sample.regressors]))
    left, inside = residuals[:, 0], residuals[:, 1:]
    scaled = inside * fitted[:, None]
    change: Floats = np.asarray(np.linalg.solve(scaled.T @ inside, scaled.T @ left), float)
    return change, working - left + inside @ change


def _shorten(sample: Sample, predictor: Floats, step: Floats, height: float) -> tuple[float, float]:
    """Largest share of the step, by halving, that does not raise the deviance; and the deviance there."""
    share = 1.0
    allowed = height + 1e-9 * abs(height) + 1e-12 * float(sample.outcome.sum())
    for _ in range(HALVINGS):
        reached = deviance(sample, predictor + share * step)
        if reached <= allowed:
            return share, reached
        share /= 2
    raise RunFailed("no step raises the Poisson likelihood; the regressors are too badly scaled or almost collinear")


def singletons_and_empty(outcome: Floats, codes: Sequence[Ints], dropped: Flags) -> tuple[Flags, Flags]:
    """Find, repeatedly, rows alone in their level and rows in levels without a positive outcome.

    Parameters
    ----------
    outcome : (n,) float array
    codes : sequence of (n,) int arrays
        Level numbers of each fixed effect.
    dropped : (n,) bool array
        Rows already out of the sample; they are in neither answer.

    Returns
    -------
    singletons, empty : (n,) bool arrays
        Disjoint; without them every level has at least two rows and a positive outcome. A lone row with outcome zero
        is in the second.
    """
    singletons, empty = np.zeros(len(outcome), bool), np.zeros(len(outcome), bool)
    while True:
        kept = ~(singletons | empty | dropped)
        zero, alone = np.zeros(len(outcome), bool), np.zeros(len(outcome), bool)
        for code in codes:
            zero |= np.bincount(code, outcome * kept)[code] == 0
            alone |= np.bincount(code, kept)[code] == 1
        zero, alone = zero & kept, alone & ~zero & kept
        if not (zero.any() or alone.any()):
            return singletons, empty
        singletons, empty = singletons | alone, empty | zero


def separated_rows(outcome: Floats, regressors: Floats, effects: Effects) -> Flags:
    """All rows (n,) that are separated, by a certificate from linear programming.

    Among the functions that are zero where the outcome (n,) is positive and nowhere negative, find one that reaches one
    on as many rows as possible.

    Raises
    ------
    RunFailed
        Where the programme is not solved in `PROGRAMME_SECONDS`, or its certificate does not hold.
    """
    zero, positive = np.flatnonzero(outcome == 0), np.flatnonzero(outcome)
    design = sparse.hstack([sparse.csr_array(regressors), effects.first_turned, effects.rest_turned], format="csr")
    width, reached = design.shape[1], len(zero)
    solved = optimize.linprog(
        np.concatenate([np.zeros(width), -np.ones(reached)]),
        A_ub=sparse.hstack([-design[zero], sparse.eye_array(reached)]),
        b_ub=np.zeros(reached),
        A_eq=sparse.hstack([design[positive], sparse.csr_array((len(positive), reached))]),
        b_eq=np.zeros(len(positive)),
        bounds=[(None, None)] * width + [(0.0, 1.0)] * reached,
        options={"time_limit": PROGRAMME_SECONDS},
    )
    if solved.x is None or solved.status != 0:
        raise RunFailed("the separation check did not settle; coarser fixed effects or fewer regressors may help")
    certificate = design @ solved.x[:width]
    if max(np.abs(certificate[positive]).max(), -certificate.min()) > EXACT * max(1.0, certificate.max()):
        raise RunFailed("the separation check gave no certificate; coarser fixed effects or fewer regressors may help")
    return np.asarray((outcome == 0) & (certificate > 0.5))
