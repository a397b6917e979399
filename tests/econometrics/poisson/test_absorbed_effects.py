"""Absorbed effects against least squares on dummies, with the dense factor and with gradient steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.econometrics.poisson import absorbed_effects

SIZES = [(9,), (9, 7), (7, 9), (9, 7, 5), (12, 8, 6, 3)]


def sample(sizes: tuple[int, ...], n: int = 300) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Level numbers, weights over six orders of magnitude and columns of very different size."""
    rng = np.random.default_rng(len(sizes))
    codes = [pd.factorize(rng.integers(0, size, n))[0].astype(np.intp) for size in sizes]
    return codes, np.exp(rng.uniform(-7, 7, n)), rng.normal(size=(n, 3)) * [1.0, 1e6, 1e-6]


def with_dummies(codes: list[np.ndarray], weights: np.ndarray, columns: np.ndarray) -> np.ndarray:
    design = np.hstack([np.eye(code.max() + 1)[code] for code in codes])
    root = np.sqrt(weights)[:, None]
    return columns - design @ np.linalg.lstsq(root * design, root * columns, rcond=1e-12)[0]


@pytest.mark.parametrize("levels", [0, 600])
@pytest.mark.parametrize("sizes", SIZES)
def test_residuals_are_those_of_dummies(monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...], levels: int) -> None:
    monkeypatch.setattr(absorbed_effects, "DENSE_LEVELS", levels)
    codes, weights, columns = sample(sizes)
    weighted = absorbed_effects.Weighted(absorbed_effects.effects(codes), weights)
    residuals, values = weighted.residualise(columns, tolerance=1e-12)
    assert np.allclose(
        residuals / columns.std(axis=0), with_dummies(codes, weights, columns) / columns.std(axis=0), atol=1e-6
    )
    assert np.allclose(columns - residuals, weighted.effects.spread(values.first, values.rest))
    assert weighted.leftover(residuals) < 1e-8 < weighted.leftover(columns)


@pytest.mark.parametrize("sparse", [0.0, 1.0])
@pytest.mark.parametrize("sizes", SIZES[1:])
def test_the_factor_is_that_of_the_written_out_equations(
    monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...], sparse: float
) -> None:
    """Whether the cross-tabulation is squared as it is or written out first."""
    monkeypatch.setattr(absorbed_effects, "SPARSE", sparse)
    codes, _, _ = sample(sizes)
    weights = np.random.default_rng(7).uniform(0.5, 2.0, len(codes[0]))
    weighted = absorbed_effects.Weighted(absorbed_effects.effects(codes), weights)
    dummies = [np.eye(size)[code] for code, size in zip(weighted.effects.codes, weighted.effects.sizes, strict=True)]
    first, rest = dummies[0], np.hstack(dummies[1:])
    crossed = (rest * weights[:, None]).T
    schur = crossed @ rest - (crossed @ first / (weights @ first)) @ (crossed @ first).T
    upper = np.triu(weighted.factor[0])
    assert np.allclose(upper.T @ upper, schur, atol=1e-7 * np.abs(schur).max())


@pytest.mark.parametrize("levels", [0, 600])
def test_a_column_solved_with_others_is_that_solved_alone(monkeypatch: pytest.MonkeyPatch, levels: int) -> None:
    """Each with its own tolerance; a column that is already free of the effects stays as it is."""
    monkeypatch.setattr(absorbed_effects, "DENSE_LEVELS", levels)
    codes, weights, columns = sample((9, 7, 5))
    weighted = absorbed_effects.Weighted(absorbed_effects.effects(codes), weights)
    columns[:, 0] = weighted.residualise(columns[:, :1], tolerance=1e-12)[0][:, 0]
    together, _ = weighted.residualise(columns, tolerance=np.array([1e-2, 1e-12, 1e-12]))
    alone = np.hstack([weighted.residualise(columns[:, [place]], tolerance=1e-12)[0] for place in range(3)])
    scale = columns.std(axis=0)
    assert np.allclose(together / scale, alone / scale, atol=1e-6)
    assert np.allclose(together[:, 0], columns[:, 0], atol=1e-6)


def test_a_start_does_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absorbed_effects, "DENSE_LEVELS", 0)
    codes, weights, columns = sample((9, 7, 5))
    effects = absorbed_effects.effects(codes)
    _, values = absorbed_effects.Weighted(effects, np.ones(len(weights))).residualise(columns, tolerance=1e-3)
    fresh, _ = absorbed_effects.Weighted(effects, weights).residualise(columns, tolerance=1e-12)
    warm, _ = absorbed_effects.Weighted(effects, weights).residualise(columns, tolerance=1e-12, start=values)
    assert np.allclose(fresh / columns.std(axis=0), warm / columns.std(axis=0), atol=1e-6)


def test_repeated_and_nested_effects_are_harmless() -> None:
    codes, weights, columns = sample((9, 7))
    plain, _ = absorbed_effects.Weighted(absorbed_effects.effects(codes), weights).residualise(columns, tolerance=1e-12)
    doubled = [*codes, codes[0], codes[1] // 2]
    again, _ = absorbed_effects.Weighted(absorbed_effects.effects(doubled), weights).residualise(
        columns, tolerance=1e-12
    )
    assert np.allclose(plain / columns.std(axis=0), again / columns.std(axis=0), atol=1e-6)
