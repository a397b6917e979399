"""Solutions that are kept: given for the same inputs alone, equal to what is solved, and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, make_dataclass, replace
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.market import base_year, bases, draws, equilibrium, logit_solver, solutions, solver
from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.policy import assumptions, regimes

MORE = {("china", "seed"): 0.848}


@pytest.fixture
def kept() -> Iterator[None]:
    """Solutions are kept by the test alone."""
    with mock.patch.dict(solutions._State.held, clear=True):
        yield


@pytest.fixture(scope="module")
def some() -> pd.DataFrame:
    return assumptions.draws(400, seed=3)


def same(one: object, other: object) -> bool:
    pairs = [(getattr(one, each.name), getattr(other, each.name)) for each in fields(one)]
    return all(left.tobytes() == right.tobytes() for left, right in pairs)


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_kept_solution_is_what_is_solved_and_other_inputs_are_solved_anew(kept: None, some: pd.DataFrame, closure):
    base = base_year.calibrate(year=2024, duties=regimes.base_canola())
    plain = equilibrium.simulate(base, some, MORE, closure=closure)
    assert not solutions._State.held
    with solutions.keeping():
        first = equilibrium.simulate(base, some.copy(), dict(MORE), closure=closure)
    with mock.patch.object(solver, "solve", side_effect=AssertionError("solved")):
        assert equilibrium.simulate(base, some.copy(), dict(MORE), closure=closure) is first
    assert same(first, plain)
    moved = some.copy()
    moved.loc[7, "other_supply"] += 1e-12
    others = [
        (base, moved, MORE, closure),
        (base, some, {("china", "seed"): 0.848 + 1e-12}, closure),
        (replace(base, harvest_kt=base.harvest_kt * (1 + 1e-12)), some, MORE, closure),
        (base, some, MORE, CLOSURES[CLOSURES.index(closure) - 1]),
    ]
    for *given, named in others:
        assert equilibrium.simulate(*given, closure=named) is not first
    assert len(solutions._State.held) == 1  # what was asked for later is not kept
    with pytest.raises(ValueError, match="read-only"):
        first.volume_kt[0] = 0.0


def test_a_kept_solution_of_the_market_of_origins_is_what_is_solved(kept: None, some: pd.DataFrame):
    columns = [some[name].to_numpy(float) for name in draws.BASE]
    base = bases.today(*columns, regimes.base_canola())
    behaviour = draws.behaviour(base, some)
    plain = logit_solver.simulate(base, behaviour, MORE)
    with solutions.keeping():
        first = logit_solver.simulate(base, behaviour, MORE)
    assert same(first, plain)
    assert logit_solver.simulate(base, behaviour, MORE) is first
    assert logit_solver.simulate(base, behaviour, MORE, near=first) is not first
    left = np.full(len(some), 0.5)
    assert logit_solver.simulate(base, behaviour, MORE, kept_in_china=left) is not first
    assert logit_solver.simulate(replace(base, crush_kt=base.crush_kt * 0.999), behaviour, MORE) is not first


def test_what_is_no_figure_is_not_left_out_of_what_a_solution_is_kept_under(kept: None):
    part = make_dataclass("Part", [("year", str)])
    with solutions.keeping(), pytest.raises(TypeError, match=r"Part\.year"):
        solutions.of("some", (part("2024"),), lambda: part("2025"))
