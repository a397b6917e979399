"""Figures of a dataclass: all of them, and none left out unseen. Solutions that are shared: for the same inputs alone,
equal to what is solved, never changed, only for a while.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, make_dataclass, replace
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.market import bases, logit, logit_solver
from tradeexposure.core import arrays
from tradeexposure.core.arrays import DOCUMENTS, Floats, content, numeric_content
from tradeexposure.policy import assumptions, regimes

MORE = {("china", "seed"): 0.848}


@dataclass(frozen=True, eq=False)
class Inner:
    share: float
    years: int
    table: pd.DataFrame = field(metadata=DOCUMENTS)


@dataclass(frozen=True, eq=False)
class Outer:
    price: Floats
    inner: Inner
    target: Floats | None = None


def known(part: Outer) -> tuple[object, ...]:
    return tuple(map(content, numeric_content(part)))


def test_figures_are_arrays_as_they_are_held_and_what_is_none_is_not_left_out() -> None:
    price, table = np.ones((2, 3)), pd.DataFrame()
    figures = list(numeric_content(Outer(price, Inner(0.5, 4, table))))
    assert figures[0] is price
    assert [each.tolist() for each in figures[1:]] == [[0.5], [4], []]
    part = make_dataclass("Part", [("year", str)])
    with arrays.shared(), pytest.raises(TypeError, match=r"Part\.year"):
        arrays.solution_of("some", (part("2024"),), lambda: part("2025"))


def test_every_figure_tells_one_from_another_and_a_document_does_not() -> None:
    price, table = np.ones(2), pd.DataFrame()
    usual = known(Outer(price, Inner(0.5, 4, table)))
    others = [
        Outer(price + 1e-12, Inner(0.5, 4, table)),
        Outer(price, Inner(0.5 + 1e-12, 4, table)),
        Outer(price, Inner(0.5, 5, table)),
        Outer(price, Inner(0.5, 4, table), target=price),
    ]
    assert usual not in map(known, others)
    assert usual == known(Outer(price.copy(), Inner(0.5, 4, pd.DataFrame({"note": ["other"]}))))


@pytest.mark.parametrize("value", ["text", [1.0], (1.0,), {"a": 1.0}, np.int64(3), pd.DataFrame()], ids=repr)
def test_a_field_of_another_kind_is_an_error_unless_it_is_a_document(value: object) -> None:
    plain = make_dataclass("Plain", [("price", Floats), ("other", object)])
    named = make_dataclass("Named", [("price", Floats), ("other", object, field(metadata=DOCUMENTS))])
    price = np.ones(2)
    with pytest.raises(TypeError, match=r"Plain\.other is of "):
        list(numeric_content(plain(price, value)))
    assert list(numeric_content(named(price, value))) == [price]


def test_packed_numbers_come_back_digit_by_digit() -> None:
    values = np.array([[0.0, 1023.4, -1023.4], [123.45, -0.012345, 0.00123456], [7.0, 999.999, -1e-12]])
    text = arrays.packed(values)
    assert len(text["numbers"]) == 4 * values.size
    back = arrays.unpacked(**text)
    assert back[:-1].tolist() == values.ravel()[:-1].tolist() and back[-1] == 0.0
    assert arrays.unpacked(**arrays.packed(np.zeros(2))).tolist() == [0.0, 0.0]
    np.testing.assert_allclose(arrays.unpacked(**arrays.packed(np.array([4.2e9, -1.0]))), [4.2e9, 0.0], atol=5e3)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_not_packed(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        arrays.packed(np.array([1.0, value]))


@pytest.fixture(scope="module")
def some() -> pd.DataFrame:
    return assumptions.draws(400, seed=3)


def same(left: object, right: object) -> bool:
    pairs = [(getattr(left, each.name), getattr(right, each.name)) for each in fields(left)]
    return all(before.tobytes() == after.tobytes() for before, after in pairs)


def test_a_shared_solution_is_what_is_solved_and_other_inputs_are_solved_anew(some: pd.DataFrame):
    base = bases.today(*(some[name].to_numpy(float) for name in logit.BASE), regimes.base_canola())
    behaviour = logit.behaviour(base, logit.with_kappa(some, "acreage"))
    plain = logit_solver.simulate(base, behaviour, MORE)
    supply = behaviour.other_supply.copy()
    supply[7] += 1e-12
    others = [
        (base, replace(behaviour, other_supply=supply), MORE),
        (base, behaviour, {("china", "seed"): 0.848 + 1e-12}),
        (replace(base, harvest_kt=base.harvest_kt * (1 + 1e-12)), behaviour, MORE),
    ]
    with arrays.shared() as solved:
        first = logit_solver.simulate(base, behaviour, dict(MORE))
        with mock.patch.object(logit_solver, "_newton", side_effect=AssertionError("solved")):
            assert logit_solver.simulate(base, replace(behaviour), dict(MORE)) is first
        for inputs in others:
            assert logit_solver.simulate(*inputs) is not first
        assert solved.total() == 1 + len(others)
        assert logit_solver.simulate(base, behaviour, MORE, near=first) is not first
        left = np.full(len(some), 0.5)
        assert logit_solver.simulate(base, behaviour, MORE, kept_in_china=left) is not first
    assert same(first, plain)
    with pytest.raises(ValueError, match="read-only"):
        first.volume_kt[0] = 0.0
    assert logit_solver.simulate(base, behaviour, MORE) is not first  # the scope is closed


@dataclass
class Number:
    """A part of a key, and a solution."""

    value: float


def test_objects_are_the_same_only_if_they_are_the_very_ones_and_the_oldest_solution_goes_first():
    rows = [Number(1.0), Number(1.0)]
    with arrays.shared() as solved:
        ask = [arrays.solution_of("m", (), lambda: Number(2.0), same=(number,)) for number in (*rows, rows[0])]
        assert solved["m"] == 2 and ask[0] is ask[2] and ask[0] is not ask[1]
        for value in range(arrays.MOST):
            arrays.solution_of("n", (Number(value),), lambda: Number(0.0))
        arrays.solution_of("m", (), lambda: Number(2.0), same=(rows[0],))
        assert solved["m"] == 2, "another model's solutions make no room"
        for value in range(arrays.MOST):
            arrays.solution_of("m", (Number(value),), lambda: Number(0.0))
        arrays.solution_of("m", (), lambda: Number(2.0), same=(rows[0],))
        assert solved["m"] == 2 + arrays.MOST + 1
