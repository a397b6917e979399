"""Newton's method: equations of three, steps that are shortened or halved, and where a search begins."""

from __future__ import annotations

import numpy as np
import pytest

from tradeexposure.canola.market import newton


def test_cramer_solves_three_equations() -> None:
    rng = np.random.default_rng(1)
    rows, sides = rng.normal(size=(3, 3, 5)), rng.normal(size=(3, 5))
    plain = np.stack([np.linalg.solve(rows[..., at], sides[:, at]) for at in range(5)], axis=1)
    assert np.allclose(newton.cramer(rows, sides), plain, rtol=1e-10)


def test_a_step_is_shortened_as_a_whole() -> None:
    step = np.array([[0.2, -2.0, 0.1], [0.1, 1.0, -3.0]])
    assert newton.bounded(step) == pytest.approx(np.array([[0.2, -0.5, 0.5 / 30], [0.1, 0.25, -0.5]]))
    assert newton.bounded(step, np.array([[0.5], [1.5]])) == pytest.approx(
        np.array([[0.2, -0.5, 0.05], [0.1, 0.25, -1.5]])
    )


def test_what_is_left_is_the_largest_and_no_number_is_infinite() -> None:
    left = np.array([[0.1, np.nan, -0.3], [-0.2, 1.0, 0.1]])
    assert newton.residual(left).tolist() == [0.2, np.inf, 0.3]


def test_a_step_is_halved_until_less_is_left_and_at_most_so_often() -> None:
    at, step, size = np.zeros((1, 4)), np.ones((1, 4)), np.array([1.0, 1.0, 1.0, 2.0])
    asked: list[list[float]] = []

    def residual_of(rows: np.ndarray, tried: np.ndarray) -> np.ndarray:
        asked.append(tried[0].tolist())
        return np.where((tried[0] <= 0.25) & (rows != 2), 0.5, 1.0)

    reached = newton.halved(at, step, size, residual_of, most=3)
    assert reached.tolist() == [[0.25, 0.25, 0.125, 1.0]]
    assert asked == [[1.0, 1.0, 1.0, 1.0], [0.5, 0.5, 0.5], [0.25, 0.25, 0.25]]
    assert newton.halved(at, step, size, residual_of, most=0).tolist() == [[1.0] * 4]
    small = np.full(4, newton.TOLERANCE)
    assert newton.halved(at, step, small, residual_of, most=3).tolist() == [[1.0] * 4]


def test_pilots_are_spread_over_many_draws_by_an_odd_step() -> None:
    assert newton.pilots(2 * newton.PILOTS) is None
    rows = newton.pilots(10_000)
    assert rows is not None and rows.step % 2 == 1
    assert newton.PILOTS * 0.9 <= len(range(10_000)[rows]) <= newton.PILOTS * 1.1


def test_a_line_is_found_again_without_the_draws_that_did_not_end() -> None:
    rng = np.random.default_rng(2)
    traits = np.concatenate([rng.normal(5, 2, (3, 60)), np.full((1, 60), 7.0)])
    solved = np.array([[1.0, -2.0, 0.5, 0.0], [0.0, 3.0, 0.0, 0.0]]) @ traits + np.array([[0.3], [-1.0]])
    left = np.zeros(60)
    spoilt = solved.copy()
    spoilt[:, :20], left[:20] = 99.0, 1.0
    line = newton.line(traits, spoilt, left)
    assert line is not None and np.allclose(line(traits), solved, atol=1e-10)
    left[:31] = 1.0
    assert newton.line(traits, spoilt, left) is None
