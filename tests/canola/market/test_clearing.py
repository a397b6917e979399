"""What is left on the markets: its derivatives, Newton's step from them, and the supply of seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samplerows import priors, today

from tradeexposure.canola.market import clearing, logit
from tradeexposure.canola.market.clearing import Case, Task
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.tariff_index import AT_CHINA, SEED

N = 40
LONGEST = np.array([0.5] * 6 + [1.5, 0.5])[:, None]


def case(*, imposed: bool) -> Case:
    drawn = priors(N, 4, "crop_year").assign(rival_kappa=np.append(np.inf, priors(N - 1, 4, "acreage")["rival_kappa"]))
    base = today(drawn)
    duties = regimes.canola(scenarios.load("status_quo_2025"))
    factor = logit.log_factors(base.duty[..., 0], duties, N)
    target = np.linspace(np.log(300), np.log(4000), N) if imposed else None
    return Case(base, logit.behaviour(base, drawn), factor, target)


def somewhere(task: Task, spread: float = 0.05) -> Floats:
    size = clearing.UNKNOWNS + (task.log_target is not None)
    return np.random.default_rng(3).normal(0, spread, (size, N))


def slopes(task: Task, unknowns: Floats) -> Floats:
    """Central differences of what is left, (equation, coordinate, draw)."""
    found, step = np.empty((len(unknowns), len(unknowns), N)), 1e-6
    for at in range(len(unknowns)):
        move = np.zeros_like(unknowns)
        move[at] = step
        up, down = (clearing.at(task, unknowns + sign * move).left for sign in (1, -1))
        found[:, at] = (up - down) / (2 * step)
    return found


@pytest.mark.parametrize("imposed", [False, True])
def test_the_step_solves_all_equations_at_once(imposed: bool) -> None:
    task = case(imposed=imposed).task()
    unknowns = somewhere(task)
    flows = clearing.at(task, unknowns)
    whole = np.linalg.solve(np.moveaxis(slopes(task, unknowns), -1, 0), -np.moveaxis(flows.left, -1, 0)[..., None])[
        ..., 0
    ].T
    longest = LONGEST[: len(whole)]
    whole /= np.maximum((np.abs(whole) / longest).max(axis=0), 1)
    assert np.allclose(clearing.step(flows.point), whole, rtol=1e-6, atol=1e-7)
    far = clearing.step(clearing.at(task, somewhere(task, 1.0)).point)
    assert (np.abs(far) <= longest * (1 + 1e-12)).all()
    assert (np.abs(far[6]) > 0.5).any()  # s may run further than prices


@pytest.mark.parametrize("imposed", [False, True])
def test_derivatives_are_those_of_what_is_left(imposed: bool) -> None:
    task = case(imposed=imposed).task()
    unknowns = somewhere(task)
    point, found = clearing.at(task, unknowns).point, slopes(task, unknowns)

    def same(ours: Floats, theirs: Floats) -> bool:
        return np.allclose(ours, theirs, rtol=1e-5, atol=1e-7)

    assert same(point.own, found[:3, :3])
    for good in (1, 2):
        assert same(point.own_others[good - 1], found[good, 3 + good])
        assert same(point.others_own[good - 1], found[3 + good, good])
        assert same(point.others_others[good - 1], found[3 + good, 3 + good])
    assert same(point.seed, found[np.ix_([0, 3, 6], [0, 3, 6])])
    if imposed:
        assert same(point.duty[:3], found[7, [0, 3, 6]]) and same(found[7, 7], found[7, 0])
        assert same(point.duty[3:], found[[0, 6], 7])
    zero = np.ones(found.shape, dtype=bool)
    zero[np.ix_([0, 1, 2], [0, 1, 2])] = zero[np.ix_([0, 3, 6, -1], [0, 3, 6, -1])] = False
    for good in (1, 2):
        zero[np.ix_([good, 3 + good], [good, 3 + good])] = False
    assert np.abs(found[zero]).max() < 1e-7  # what no derivative is held of


def test_a_part_of_a_case_leads_from_the_base() -> None:
    whole = case(imposed=True)
    none, half, all_of_it = (whole.part(share) for share in (0.0, 0.5, 1.0))
    usual = np.log(whole.base.canada_kt[AT_CHINA, SEED])
    assert np.allclose(none.log_target, usual) and np.abs(none.log_factor).max() == 0
    assert np.allclose(half.log_target, (usual + whole.log_target) / 2)
    assert np.allclose(half.log_factor, whole.log_factor / 2)
    assert np.allclose(all_of_it.log_target, whole.log_target)
    assert np.abs(clearing.at(none.task(), none.start()).left).max() < 1e-12


def test_some_draws_of_a_task_are_those_draws() -> None:
    whole = case(imposed=True)
    rows = np.array([3, 11, 30])
    one, other = whole.take(rows).task(), whole.task().take(rows)
    at = somewhere(one)[:, :3]
    assert np.allclose(clearing.at(one, at).left, clearing.at(other, at).left, rtol=1e-13)


def test_growers_surplus_is_the_area_left_of_supply() -> None:
    base = today(priors(1, 4, "acreage"))
    elasticity, farm = np.array([0.6]), np.array([0.8])
    prices = np.linspace(0.8, 1, 20_001)
    marketed = base.harvest_kt * prices**elasticity - base.stock_change_kt
    area = -np.trapezoid(marketed, prices) / (base.harvest_kt - base.stock_change_kt) * base.receipts_cad
    assert clearing.producer_surplus(base, elasticity, farm) == pytest.approx(area, rel=1e-7)


def test_supply_follows_the_farm_price_to_its_floor() -> None:
    price, through, elasticity = np.array([550.0, 700.0, 1.0]), np.array([0.0015, 0.0015, 0.01]), np.full(3, 0.4)
    farm, supply, slope = clearing.farm_supply(20_000.0, through, elasticity, price, 600.0)
    assert farm == pytest.approx([0.925, 1.15, clearing.FLOOR])
    assert supply == pytest.approx(20_000 * farm**0.4)
    step = 1e-6
    up, down = (
        clearing.farm_supply(20_000.0, through, elasticity, price * np.exp(by), 600.0)[1] for by in (step, -step)
    )
    assert slope == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-9)
    assert slope[2] == 0


def test_full_plants_crush_no_more_and_an_empty_margin_nothing() -> None:
    few = case(imposed=False)
    task = replace(few, behaviour=replace(few.behaviour, capacity_kt=few.base.crush_kt + np.zeros(N))).task()
    dear, cheap = np.zeros((3, N)), np.zeros((3, N))
    dear[1], cheap[0] = 0.3, 2.0
    full, empty = clearing._supplied(task, dear), clearing._supplied(task, cheap)
    assert (full.crush == few.base.crush_kt).all() and (full.margin > 1).all()
    assert (empty.crush == 0).all() and (empty.margin == 0).all()
    assert np.allclose(full.home, task.usual.home * np.exp(-task.behaviour.home_use * dear[1:]))
    assert (clearing._supply_slopes(task, full)[[1, 0], [2, 1]] == 0).all()


def test_cramer_solves_three_equations() -> None:
    rng = np.random.default_rng(1)
    rows, sides = rng.normal(size=(3, 3, 5)), rng.normal(size=(3, 5))
    plain = np.stack([np.linalg.solve(rows[..., at], sides[:, at]) for at in range(5)], axis=1)
    assert np.allclose(clearing.cramer(rows, sides), plain, rtol=1e-10)


def test_a_step_is_shortened_as_a_whole() -> None:
    step = np.array([[0.2, -2.0, 0.1], [0.1, 1.0, -3.0]])
    shortened = np.array([[0.2, -0.5, 0.05], [0.1, 0.25, -1.5]])
    assert clearing.bounded(step, np.array([[0.5], [1.5]])) == pytest.approx(shortened)
