"""The estimate: drop what is separated, refuse what is not identified, climb to the maximum."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import linalg

from tradeexposure.absorb import Ints, Weighted, effects
from tradeexposure.core.errors import BadInput
from tradeexposure.irls import DRIFT, Fit, Sample, climb
from tradeexposure.panel import WHERE, Panel
from tradeexposure.separation import Flags, certify, lonely_levels

RANK_TOLERANCE = 1e-6  # share of a regressor's spread that must be left after the effects and the other regressors
PROJECTION = 1e-8


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


def estimate(panel: Panel, *, separated: str, max_iterations: int) -> Estimate:
    """Find the maximum of the likelihood on the rows that are neither separated nor alone in a level.

    Parameters
    ----------
    panel : Panel
    separated : {"drop", "raise"}
    max_iterations : int

    Returns
    -------
    Estimate

    Raises
    ------
    BadInput
        Where nothing is left, regressors are not identified, or separated rows are found and not wanted.
    RunFailed
        Where the likelihood does not reach its maximum.
    """
    gone, alone = lonely_levels(panel.outcome, panel.codes)
    fit: Fit | None = None
    while True:
        _refuse(panel, gone, separated)
        used = ~(gone | alone)
        sample = _sample(panel, used)
        _check_rank(panel, sample, bool(gone.any()))
        fit, more = _climb_or_separate(sample, fit, max_iterations)
        if fit.converged:
            return Estimate(sample, fit, gone, alone)
        gone = gone.copy()
        gone[np.flatnonzero(used)[more]] = True
        empty, single = lonely_levels(panel.outcome, panel.codes, dropped=gone | alone)
        gone, alone = gone | empty, alone | single
        kept = ~(gone | alone)[used]
        fit = replace(fit, predictor=fit.predictor[kept], step=fit.step[kept])


def _climb_or_separate(sample: Sample, start: Fit | None, max_iterations: int) -> tuple[Fit, Flags]:
    """Climb until the maximum is reached, or until a certificate shows which rows are separated."""
    fit = climb(sample, start, max_iterations=max_iterations)
    while not fit.converged:
        suspects = (sample.outcome == 0) & (fit.step < DRIFT)
        certificate = certify(sample.outcome, sample.regressors, sample.effects, suspects)
        if certificate.any():
            return fit, certificate > 0
        fit = climb(sample, fit, max_iterations=max_iterations, cleared=fit.iterations)
    return fit, np.zeros(len(sample.outcome), bool)


def _sample(panel: Panel, used: Flags) -> Sample:
    if not used.any():
        raise BadInput(
            WHERE, "data", found="no row left after separated rows and singletons", allowed="coarser effects"
        )
    codes: list[Ints] = [pd.factorize(code[used])[0].astype(np.intp) for code in panel.codes]
    return Sample(panel.outcome[used], panel.regressors[used], effects(codes), panel.weights[used], panel.offset[used])


def _refuse(panel: Panel, gone: Flags, separated: str) -> None:
    """Refuse separated rows where they are not to be dropped."""
    if separated == "raise" and gone.any():
        raise BadInput(
            WHERE,
            "outcome",
            found=f"{int(gone.sum())} separated rows (first at position {int(np.argmax(gone))}): levels or combinations"
            " with zero outcomes only",
            allowed='rows without them, or separated="drop"',
        )


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
    inside, _ = Weighted(sample.effects, sample.weights).residualise(sample.regressors, tolerance=PROJECTION)
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
