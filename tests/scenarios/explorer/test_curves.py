"""Curves between settings: exact at nodes, on cubics and straight lines, and never across a join."""

from __future__ import annotations

import numpy as np
import pytest

from tradeexposure.scenarios.explorer.curves import Surface, Table, weights

NODES = np.array([0.0, 1.0, 2.5, 3.0, 4.5, 6.0])


@pytest.mark.parametrize("joins", [(), (2,), range(6)])
def test_a_node_counts_for_itself_alone(joins: tuple[int, ...]):
    for place, node in enumerate(NODES):
        assert weights(NODES, node, joins).tolist() == np.eye(len(NODES))[place].tolist()


def test_a_cubic_is_exact_on_cubics_and_neighbouring_joins_make_straight_lines():
    for at in (0.3, 1.7, 2.75, 5.9):
        assert weights(NODES, at) @ NODES**3 == pytest.approx(at**3)
        assert weights(NODES, at, range(6)) @ np.abs(NODES - 2.5) == pytest.approx(abs(at - 2.5))
        assert np.count_nonzero(weights(NODES, at)) == 4


def test_no_curve_looks_across_a_join():
    bent = np.where(NODES < 2.5, 0.0, (NODES - 2.5) ** 2)
    assert weights(NODES, 2.0, [2]) @ bent == 0.0
    assert weights(NODES, 2.8, [2]) @ bent == pytest.approx(0.09)
    assert weights(NODES, 2.0) @ bent != pytest.approx(0.0, abs=1e-3)


def test_ends_of_a_range_stay_in_order():
    table = Table.of(
        {"seed": NODES[:4]}, {}, np.array([[0.0, 0.0, 9.0], [0.0, 0.0, 0.1], [0.0, 0.0, 0.1], [0.0, 0.0, 9.0]])
    )
    low, value, high = table.between({"seed": 1.6})
    assert low <= value <= high


def test_an_end_near_nothing_is_held_against_its_range_and_a_narrow_range_against_the_widest():
    """A low end that crosses zero is no more off than the others; a number that hardly varies is held to something."""
    table = Table.of({"seed": np.array([0.0, 1.0])}, {}, np.array([[-5.0, 40.0, 95.0], [-105.0, 40.0, 95.0]]))
    assert table.scale(np.array([0.001, 50.0, 100.0]), 0.01).tolist() == [pytest.approx(99.999)]
    assert table.scale(np.array([[7.0, 7.0, 7.0], [6.0, 8.0, 9.0]]), 0.01).tolist() == [[2.0], [3.0]]


def test_a_surface_gives_what_was_solved_and_cubics_between():
    def rows(seed: np.ndarray, meal: np.ndarray) -> np.ndarray:
        both = np.stack([seed**3 + 2 * meal + 0.5 * seed * meal**2, seed * meal], axis=-1)
        return both[..., None, :]  # one value, two rows

    seeds, across, lines = np.linspace(0, 1, 7), np.linspace(0, 1, 4), np.array([0.1, 0.9])
    meals = np.array([0.1, 0.3, 0.6, 0.9, 1.0])
    levels = np.stack([rows(seeds, np.full(7, meal)) for meal in lines])
    part = ((meals - 0.1) / 0.8)[None, :, None, None]
    ends = [rows(across, np.full(4, meal))[:, None] for meal in lines]
    bent = rows(*np.meshgrid(across, meals, indexing="ij")) - ((1 - part) * ends[0] + part * ends[1])
    surface = Surface(seeds, lines, levels, across, meals, bent)
    asked = np.array([0.0, 0.37, 0.9]), np.array([0.1, 0.45, 1.0])
    np.testing.assert_allclose(surface.over(*asked), rows(*np.meshgrid(*asked, indexing="ij")), atol=1e-12)
