"""Which observations make the Poisson likelihood run away: empty levels, singletons and the iterative rectifier.

Zero outcomes are *separated* where some combination z of regressors and fixed effects is zero wherever the outcome is
positive, nowhere negative, and positive for them: their fitted values can go to zero for ever, so that no maximum
exists (Correia, Guimarães and Zylkin 2019, arXiv:1903.01633, proposition 1). Such a z is a certificate. Separated
observations say nothing about the other coefficients, and the maximum on the rest is the right answer (proposition 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from tradeexposure.core.arrays import Floats, Ints
from tradeexposure.core.errors import RunFailed
from tradeexposure.econometrics.poisson.absorbed_effects import Effects, Levels, Weighted

Flags = NDArray[np.bool_]

HEAVY = 1e4  # weight of a positive outcome in the constrained fit; multipliers remove what it leaves
EXACT = 1e-7  # largest value of a certificate where the outcome is positive
POSITIVE = 1e-4  # a certificate's value that counts as above zero; certificates are of the order of one
INNER = 1e-9  # tolerance of each projection
MAX_ROUNDS = 100  # nearly all settle within ten; the others hardly move after a hundred
MAX_MULTIPLIERS = 200
PROGRAMME_SECONDS = 120.0


def lonely_levels(outcome: Floats, codes: Sequence[Ints], dropped: Flags | None = None) -> tuple[Flags, Flags]:
    """Find rows in levels without a positive outcome and, repeatedly, rows alone in their level.

    Parameters
    ----------
    outcome : (n,) float array
    codes : sequence of (n,) int arrays
        Level numbers of each fixed effect.
    dropped : (n,) bool array, optional
        Rows already out of the sample; they are in neither answer.

    Returns
    -------
    separated, singletons : (n,) bool arrays
        Disjoint; without them every level has at least two rows and a positive outcome. A lone row with outcome zero
        counts as separated.
    """
    separated, singletons = np.zeros(len(outcome), bool), np.zeros(len(outcome), bool)
    out = separated if dropped is None else dropped
    while True:
        kept = ~(separated | singletons | out)
        empty, alone = np.zeros(len(outcome), bool), np.zeros(len(outcome), bool)
        for code in codes:
            empty |= np.bincount(code, outcome * kept)[code] == 0
            alone |= np.bincount(code, kept)[code] == 1
        empty, alone = empty & kept, alone & ~empty & kept
        if not (empty.any() or alone.any()):
            return separated, singletons
        separated, singletons = separated | empty, singletons | alone


@dataclass(frozen=True)
class Constrained:
    """Least squares on regressors and effects among the functions that vanish on the `held` rows (n,).

    `inside` are the regressors (n, k) after the effects under `weighted`'s weights, `turned` their weighted
    pseudo-inverse (k, n).
    """

    held: Flags
    weighted: Weighted
    inside: Floats
    turned: Floats

    def fit(self, target: Floats, pull: Floats, levels: Levels | None) -> tuple[Floats, Floats, Levels | None]:
        """Project target (n,) on the functions; `pull` (n,) are the multipliers to begin from.

        Returns the projection, the multipliers and the values of the levels.
        """
        for _ in range(MAX_MULTIPLIERS):
            aim = np.where(self.held, pull, target)[:, None]
            left, levels = self.weighted.residualise(aim, tolerance=INNER, start=levels)
            left -= self.inside @ (self.turned @ left)
            fitted = (aim - left)[:, 0]
            if np.abs(fitted[self.held]).max() <= EXACT:
                return fitted, pull, levels
            pull = pull - np.where(self.held, fitted, 0.0)
        raise RunFailed("the separation check could not hold its certificate at zero where the outcome is positive")


def constrained(held: Flags, regressors: Floats, effects: Effects) -> Constrained:
    """Prepare the constrained fit: which rows are held at zero (n,), regressors (n, k) and effects."""
    weighted = Weighted(effects, np.where(held, HEAVY, 1.0))
    scale = np.sqrt(np.mean(regressors**2, axis=0))
    inside, _ = weighted.residualise(regressors / np.where(scale > 0, scale, 1.0), tolerance=INNER)
    scaled = inside * weighted.weights[:, None]
    return Constrained(
        held, weighted, inside, np.linalg.pinv(scaled.T @ inside, rcond=1e-12, hermitian=True) @ scaled.T
    )


def rectify(outcome: Floats, regressors: Floats, effects: Effects, candidates: Flags | None = None) -> Floats:
    """Certificate of separation by the iterative rectifier.

    Starting from one on every zero outcome, alternate a least-squares fit that is held at zero where the outcome is
    positive with the removal of its negative part, until the fit has none. Where it over-fits no row, the rows it
    under-fits cannot be separated (the residual is orthogonal to every certificate), and are held at zero as well.

    Parameters
    ----------
    outcome : (n,) float array
    regressors : (n, k) float array
    effects : Effects
    candidates : (n,) bool array, optional
        Look only for certificates that are zero elsewhere: quick, and what is found is separated, but not all of it.

    Returns
    -------
    (n,) float array
        The certificate: positive on separated rows, zero on the others.

    Raises
    ------
    RunFailed
        Where the rounds run out.
    """
    problem = constrained((outcome > 0) if candidates is None else ~candidates | (outcome > 0), regressors, effects)
    rectified, pull, levels = np.where(problem.held, 0.0, 1.0), np.zeros(len(outcome)), None
    for _ in range(MAX_ROUNDS):
        if problem.held.all():
            return np.zeros(len(outcome))
        fitted, pull, levels = problem.fit(rectified, pull, levels)
        residual = np.where(problem.held, 0.0, rectified - fitted)
        if fitted[~problem.held].min() >= -POSITIVE / 10:
            return np.where(~problem.held & (fitted > POSITIVE), fitted, 0.0)
        if residual.min() >= -EXACT:
            problem = constrained(problem.held | (residual > POSITIVE), regressors, effects)
            pull = np.zeros(len(outcome))
        rectified = np.where(problem.held, 0.0, np.maximum(fitted, 0.0))
    raise RunFailed(f"the separation check did not settle in {MAX_ROUNDS} rounds")


def certify(outcome: Floats, regressors: Floats, effects: Effects, suspects: Flags) -> Floats:
    """Certificate of separation (n,): zero everywhere only if no row is separated.

    Tried in turn: the rectifier among the `suspects` (n,) alone, which is quick and mostly enough; the rectifier among
    all zero outcomes; and linear programming where that does not settle.
    """
    with suppress(RunFailed):
        within = rectify(outcome, regressors, effects, suspects)
        if within.any():
            return within
    try:
        return rectify(outcome, regressors, effects)
    except RunFailed:
        return linear_programme(outcome, regressors, effects)


def linear_programme(outcome: Floats, regressors: Floats, effects: Effects) -> Floats:
    """Certificate of separation by linear programming: exact and complete, but slow on large samples.

    Among the functions that are zero where the outcome is positive and nowhere negative, find one that reaches one on
    as many rows as possible. The rectifier's second route, and what is left where it does not settle.

    Parameters
    ----------
    outcome : (n,) float array
    regressors : (n, k) float array
    effects : Effects

    Returns
    -------
    (n,) float array
        The certificate: at least one on separated rows, zero on the others.

    Raises
    ------
    RunFailed
        Where the programme is not solved in `PROGRAMME_SECONDS`.
    """
    n, zero = len(outcome), np.flatnonzero(outcome == 0)
    rows = np.arange(n)
    dummies = [sparse.csr_array((np.ones(n), (rows, code))) for code in effects.codes]
    design = sparse.hstack([sparse.csr_array(regressors), *dummies], format="csr")
    k, reached = design.shape[1], len(zero)
    solved = optimize.linprog(
        np.concatenate([np.zeros(k), -np.ones(reached)]),
        A_ub=sparse.hstack([-design[zero], sparse.eye_array(reached)]),
        b_ub=np.zeros(reached),
        A_eq=sparse.hstack([design[np.flatnonzero(outcome)], sparse.csr_array((n - reached, reached))]),
        b_eq=np.zeros(n - reached),
        bounds=[(None, None)] * k + [(0.0, 1.0)] * reached,
        options={"time_limit": PROGRAMME_SECONDS},
    )
    if solved.x is None or solved.status != 0:
        raise RunFailed("the separation check did not settle; coarser fixed effects or fewer regressors may help")
    certificate = np.zeros(n)
    certificate[zero] = np.where(solved.x[k:] > 0.5, design[zero] @ solved.x[:k], 0.0)
    return certificate
