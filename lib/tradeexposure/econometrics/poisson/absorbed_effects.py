"""Least squares on fixed effects without dummies: the effects are solved for level by level, never written as columns.

The weighted normal equations of the effects are block-structured. The effect with the most levels is eliminated
exactly (its block is diagonal); the rest, the Schur complement, is solved by conjugate gradients. These are the
alternating projections of Guimarães and Portugal (2010) and Correia (2017), "Linear models with high-dimensional fixed
effects", accelerated and carried out in the space of levels, not of rows. Where the rest is small, its Cholesky factor
is the preconditioner and the answer comes in two or three steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg, sparse

from tradeexposure.core.arrays import Floats, Ints

DENSE_LEVELS = 600  # up to here a dense factor costs less than the gradient steps it saves
DENSE_CELLS = 4_000_000  # 32 MB for the cross-tabulation written out
SPARSE = 0.05  # share of its cells up to which a cross-tabulation is squared as it is, not written out
MAX_STEPS = 5_000  # a well-posed panel takes under a hundred
PATIENCE = 200  # steps without a smaller score before rounding is taken to be the limit
PATIENCE_FACTORED = 5  # the same with a factor, where each step should leave almost nothing
NOISE = 1e-13  # of the columns' own size: below it a score is rounding
SMALLEST = 1e-200  # a score of exactly zero is compared with this
RIDGE = 1e-10  # relative; the rest is singular by one direction per connected component, and the factor must not be


@dataclass(frozen=True)
class Crossing:
    """Sparsity of one weighted cross-tabulation: which cell each row falls in, and where that cell sits.

    `member` is (n,), the cell of each row; `indices` and `indptr` are the compressed rows of a matrix of `shape`.
    """

    member: Ints
    indices: Ints
    indptr: Ints
    shape: tuple[int, int]

    def fill(self, weights: Floats) -> sparse.csr_array:
        """Sum the weights (n,) within each cell."""
        data = np.bincount(self.member, weights, len(self.indices))
        return sparse.csr_array((data, self.indices, self.indptr), shape=self.shape)


@dataclass(frozen=True)
class Effects:
    """Fixed effects of a sample of n rows, the one with the most levels first.

    `codes` holds one (n,) array of level numbers per effect and `sizes` their numbers of levels; `border` crosses the
    other effects with the first, `inner` the other effects with each other (None with two effects or fewer).
    """

    codes: tuple[Ints, ...]
    sizes: tuple[int, ...]
    border: Crossing | None
    inner: Crossing | None

    @property
    def n_rest(self) -> int:
        """Levels left after the first effect is eliminated."""
        return sum(self.sizes[1:])

    @cached_property
    def unweighted(self) -> Weighted:
        """The normal equations with every row of weight one."""
        return Weighted(self, np.ones(len(self.codes[0])))

    def totals(self, values: Floats) -> tuple[Floats, Floats]:
        """Sum columns (n, k) within the levels of the first effect and of the others, stacked."""
        width = values.shape[1]
        sums = [np.empty((size, width)) for size in self.sizes]
        for code, size, total in zip(self.codes, self.sizes, sums, strict=True):
            for column in range(width):
                total[:, column] = np.bincount(code, values[:, column], size)
        return sums[0], np.vstack(sums[1:]) if len(sums) > 1 else np.empty((0, width))

    def spread(self, first: Floats, rest: Floats) -> Floats:
        """Give each row the sum of its levels' values: (G, k) levels to (n, k) rows."""
        total = np.take(first, self.codes[0], axis=0)
        start = 0
        for code, size in zip(self.codes[1:], self.sizes[1:], strict=True):
            total += np.take(rest[start : start + size], code, axis=0)
            start += size
        return total


@dataclass(frozen=True)
class Levels:
    """Values of every level for k columns: `first` (G0, k) and `rest` (R, k)."""

    first: Floats
    rest: Floats


def effects(codes: Sequence[Ints]) -> Effects:
    """Prepare fixed effects from one array of level numbers (0, 1, …, none unused) per effect.

    Parameters
    ----------
    codes : sequence of (n,) int arrays
        At least one.

    Returns
    -------
    Effects
        With the effects sorted by their number of levels, largest first.
    """
    sized = sorted(((int(code.max()) + 1, code) for code in codes), key=lambda pair: -pair[0])
    sizes, ordered = tuple(size for size, _ in sized), tuple(code for _, code in sized)
    starts = np.concatenate([[0], np.cumsum(sizes[1:])]).astype(np.intp)
    rest = [code + start for code, start in zip(ordered[1:], starts, strict=False)]
    border = inner = None
    if rest:
        border = _cross(rest, [ordered[0]] * len(rest), (int(starts[-1]), sizes[0]))
    pairs = [(one, other) for one in range(len(rest)) for other in range(len(rest)) if one != other]
    if pairs:
        side = int(starts[-1])
        inner = _cross([rest[one] for one, _ in pairs], [rest[other] for _, other in pairs], (side, side))
    return Effects(ordered, sizes, border, inner)


def _cross(rows: list[Ints], columns: list[Ints], shape: tuple[int, int]) -> Crossing:
    """Number the cells (row level, column level) that occur, in row order."""
    import pandas as pd

    keys = np.concatenate(rows) * shape[1] + np.concatenate(columns)
    found, cells = pd.factorize(keys)
    order = np.argsort(cells, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    row, column = np.divmod(cells[order], shape[1])
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=shape[0]))])
    return Crossing(rank[found], column.astype(np.int32), indptr.astype(np.int32), shape)


class Weighted:
    """The normal equations of the effects under one set of row weights.

    Parameters
    ----------
    effects : Effects
        Of the sample.
    weights : (n,) float array
        Positive.
    """

    def __init__(self, effects: Effects, weights: Floats) -> None:
        self.effects, self.weights = effects, weights
        first, rest = effects.totals(weights[:, None])
        self.first, self.diagonal = first[:, 0], rest[:, 0]
        self.border = self.inner = None
        if effects.border is not None:
            self.border = effects.border.fill(np.tile(weights, len(effects.codes) - 1))
            self.border_turned = self.border.T
            eliminated = self.border.data**2 / self.first[self.border.indices]
            rows = np.repeat(np.arange(effects.n_rest), np.diff(self.border.indptr))
            self.schur_diagonal = self.diagonal - np.bincount(rows, eliminated, effects.n_rest)
            self.schur_diagonal = np.maximum(self.schur_diagonal, 1e-8 * self.diagonal)
        if effects.inner is not None:
            pairs = (len(effects.codes) - 1) * (len(effects.codes) - 2)
            self.inner = effects.inner.fill(np.tile(weights, pairs))
        self.factor = self._factorise() if self._small() else None

    def _small(self) -> bool:
        return 0 < self.effects.n_rest <= DENSE_LEVELS and self.effects.n_rest * self.effects.sizes[0] <= DENSE_CELLS

    def _factorise(self) -> tuple[Floats, bool]:
        """Cholesky factor of the rest, kept regular by a small ridge: a preconditioner, not the equations."""
        assert self.border is not None
        table = self.border if self.border.nnz < SPARSE * math.prod(self.border.shape) else self.border.toarray()
        product = (table / self.first) @ table.T
        schur = -(product.toarray() if sparse.issparse(product) else product)
        if self.inner is not None:
            schur += self.inner.toarray()
        schur[np.diag_indices_from(schur)] += self.diagonal * (1 + RIDGE) + RIDGE * self.diagonal.max() * 1e-3
        return linalg.cho_factor(schur, overwrite_a=True, check_finite=False)

    def _precondition(self, residual: Floats) -> Floats:
        if self.factor is not None:
            return linalg.cho_solve(self.factor, residual, check_finite=False)
        return residual / self.schur_diagonal[:, None]

    def _apply(self, rest: Floats) -> Floats:
        """Schur complement times (R, k)."""
        product = self.diagonal[:, None] * rest - self.border @ ((self.border_turned @ rest) / self.first[:, None])
        if self.inner is not None:
            product += self.inner @ rest
        return product

    def solve(self, columns: Floats, *, tolerance: float | Floats, start: Levels | None = None) -> Levels:
        """Regress columns on the effects.

        Parameters
        ----------
        columns : (n, k) float array
            What is regressed.
        tolerance : float or (k,) float array
            Size of the remaining score of each column, relative to the score of the column itself.
        start : Levels, optional
            Values to begin from.

        Returns
        -------
        Levels
            Values of the levels, (G0, k) and (R, k); defined up to what the effects share.
        """
        weighted = self.weights[:, None] * columns
        first, rest = self.effects.totals(weighted)
        if self.border is None:
            return Levels(first / self.first[:, None], rest)
        target = rest - self.border @ (first / self.first[:, None])
        noise = NOISE**2 * np.einsum("ij,ij->j", weighted, columns)
        # With a factor a fresh start costs no more, and drift along what the effects share cannot build up.
        begin = np.zeros_like(target) if start is None or self.factor is not None else start.rest
        solved = self._descend(target, begin, tolerance, noise)
        return Levels((first - self.border_turned @ solved) / self.first[:, None], solved)

    def _descend(self, target: Floats, start: Floats, tolerance: float | Floats, noise: Floats) -> Floats:
        """Preconditioned conjugate gradients, all columns at once, each with its own step.

        Stops at the tolerance, or where rounding keeps the score from falling further: callers check what they need.
        """
        wait = PATIENCE if self.factor is None else PATIENCE_FACTORED
        size = self._size(target)
        goal = np.maximum(tolerance**2 * size, np.maximum(noise, SMALLEST))
        values = np.where(size > 0, start, 0.0)
        residual = target - self._apply(values) if values.any() else target
        move, before = np.zeros_like(target), np.ones(target.shape[1])
        best, best_values, patience = np.inf, values, wait
        for step in range(MAX_STEPS):
            left = self._size(residual) / goal
            furthest = float(left.max(initial=0.0))
            if furthest < best:
                best, best_values, patience = furthest, values, wait
            patience -= 1
            if best <= 1 or patience == 0:
                break
            towards = self._precondition(residual)
            slope = np.einsum("ij,ij->j", residual, towards)
            move = towards + move * (slope / before if step else 0.0)
            before = np.where(slope > 0, slope, 1.0)
            image = self._apply(move)
            bend = np.einsum("ij,ij->j", move, image)
            moving = (bend > 0) & (left > 1)  # a column that is done stays: what is left of it is rounding
            length = np.where(moving, slope / np.where(moving, bend, 1.0), 0.0)
            values, residual = values + length * move, residual - length * image
        return best_values

    def _size(self, scores: Floats) -> Floats:
        """Squared size of each column of scores (R, k), in units in which levels count by their weight."""
        return np.einsum("ij,ij->j", scores, scores / self.diagonal[:, None])

    def residualise(
        self, columns: Floats, *, tolerance: float | Floats, start: Levels | None = None
    ) -> tuple[Floats, Levels]:
        """What the effects leave unexplained of columns (n, k), and the values of the levels."""
        levels = self.solve(columns, tolerance=tolerance, start=start)
        return columns - self.effects.spread(levels.first, levels.rest), levels

    def leftover(self, residuals: Floats) -> float:
        """Largest score of a residual column (n, k) with the levels, relative to the column: zero once projected."""
        weighted = self.weights[:, None] * residuals
        first, rest = self.effects.totals(weighted)
        score = np.sum(first**2 / self.first[:, None], axis=0) + self._size(rest)
        own = np.einsum("ij,ij->j", weighted, residuals)
        return float(np.sqrt((score / np.maximum(own, SMALLEST)).max(initial=0.0)))
