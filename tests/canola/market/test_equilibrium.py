"""The canola model: every limit it must satisfy, in both closures, and a second route through scipy."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from second_routes import canola_market_routes

from tradeexposure.canola.market import base_year, closures, equilibrium, newton, parameters, solver
from tradeexposure.core.errors import BadInput, NotConverged, RunFailed
from tradeexposure.policy.canola_cells import MARKETS, PRODUCTS

CHINA, SEED = MARKETS.index("china"), PRODUCTS.index("seed")
CLOSURES = closures.CLOSURES
STATUS_QUO = {("china", "seed"): 0.848, ("china", "oil"): 1.09, ("china", "meal"): 1.05}
DEAL = {("china", "seed"): 0.149, ("china", "oil"): 1.09, ("china", "meal"): 0.05}
US = {("united_states", product): 0.5 for product in PRODUCTS}
EMBARGO = {("china", product): np.inf for product in PRODUCTS}
BOTH = EMBARGO | {("united_states", product): np.inf for product in PRODUCTS}
REGIMES = {"status quo": STATUS_QUO, "deal": DEAL, "United States": US, "embargo": EMBARGO, "both": BOTH}


def sided(rng: np.random.Generator, n: int, median: float, low: float, high: float) -> np.ndarray:
    z = rng.normal(size=n) / 1.645
    return median * np.where(z < 0, median / low, high / median) ** z


def draws(n: int, seed: int = 1) -> pd.DataFrame:
    """Draws from the priors' ranges, without the module that reads the priors."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "seed_supply": rng.triangular(0.2, 0.45, 0.9, n),
            "seed_substitution": sided(rng, n, 5, 2.5, 10),
            "seed_substitution_japan": 25.0,
            "oil_substitution": sided(rng, n, 8, 4, 17) + rng.integers(0, 2, n),
            "meal_substitution": sided(rng, n, 8, 4, 16) + rng.integers(0, 2, n),
            "import_demand_china": rng.uniform(0.5, 2, n),
            "import_demand_others": rng.uniform(0.3, 1.5, n),
            "other_supply": rng.uniform(0.3, 1.5, n),
            "crush_elasticity": rng.uniform(0.2, 1, n),
            "crush_capacity_kt": 12_500.0,
            "oil_yield": 0.425,
            "meal_yield": 0.584,
            "freight_wedge_cad_t": rng.uniform(15, 60, n),
            "farm_pass_through": rng.uniform(0.8, 1, n),
            "rerouting": rng.uniform(0, 0.2, n),
        }
    )


@pytest.fixture(scope="module")
def base() -> base_year.CanolaBase:
    return base_year.calibrate()


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("seed_supply", [None, 0.0, 0.3])
def test_unchanged_duties_change_nothing(base, closure, seed_supply):
    some = draws(200) if seed_supply is None else draws(200).assign(seed_supply=seed_supply)
    same = {(m, p): base.duty[i, j] for i, m in enumerate(MARKETS) for j, p in enumerate(PRODUCTS)}
    for duties in ({}, same):
        found = equilibrium.simulate(base, some, duties, closure=closure)
        assert np.abs(found.farm_price_change).max() < 1e-12
        assert np.abs(found.producer_surplus_cad).max() < 1 and np.abs(found.receipts_change_cad).max() < 1
        assert np.abs(found.volume_kt - base.canada_kt).max() < 1e-8 and np.abs(found.diverted_kt).max() < 1e-8
        assert found.crush_kt == pytest.approx(base.crush_kt, abs=1e-8)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("regime", REGIMES)
def test_markets_clear_and_tonnes_add_up(base, closure, regime):
    found = equilibrium.simulate(base, draws(1500), REGIMES[regime], closure=closure)
    assert found.residual.max() < 1e-9
    exports = found.volume_kt[..., SEED].sum(axis=1)
    uses = exports + found.crush_kt + base.stock_change_kt
    assert uses == pytest.approx(found.supply_kt, rel=1e-9)
    assert (exports <= found.supply_kt - base.stock_change_kt).all()
    assert (found.crush_kt <= 12_500 * (1 + 1e-12)).all() and found.volume_kt.min() >= 0
    moved = found.volume_kt - base.canada_kt
    assert found.diverted_kt == pytest.approx(np.delete(moved, CHINA, axis=1)[..., SEED].sum(axis=1), abs=1e-6)


@pytest.mark.parametrize("closure", CLOSURES)
def test_origins_add_up_to_the_market(base, closure):
    given = parameters.arranged_draws(base, draws(300), STATUS_QUO)
    prepared = equilibrium.PREPARE[closure](base, given)
    unknowns, _ = solver.solve(base, prepared, solver.from_base(prepared))
    trade = prepared.at(unknowns[:3], unknowns[3:])
    assert trade.canada + trade.others == pytest.approx(trade.total, rel=1e-12)
    assert trade.canada.min() >= 0 and trade.others.min() >= -1e-9


@pytest.mark.parametrize("closure", CLOSURES)
def test_imposing_then_removing_returns_to_the_base(base, closure):
    some = draws(200)
    equilibrium.simulate(base, some, STATUS_QUO, closure=closure)
    removed = equilibrium.simulate(base, some, {}, closure=closure)
    assert np.abs(removed.farm_price_change).max() < 1e-12
    # And on the way itself: from the solution under the duties, base duties lead back to base prices.
    imposed = equilibrium.PREPARE[closure](base, parameters.arranged_draws(base, some, STATUS_QUO))
    there, _ = solver.solve(base, imposed, solver.from_base(imposed))
    free = equilibrium.PREPARE[closure](base, parameters.arranged_draws(base, some, {}))
    back, residual = solver.solve(base, free, there)
    assert residual.max() < 1e-9
    found = free.at(back[:3], back[3:])
    assert np.abs(found.log_price).max() < 1e-8 and found.canada == pytest.approx(
        np.broadcast_to(base.canada_kt[..., None], found.canada.shape), abs=1e-4
    )


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("product", PRODUCTS)
def test_the_price_falls_with_chinas_duty_down_to_the_embargo(base, closure, product):
    some, start = draws(300), base.duty[CHINA, PRODUCTS.index(product)]
    rates = [0.0, 0.05, start, 0.1, 0.15, 0.25, 0.5, 0.85, 1.5, 4.0, 50.0, 1e6, np.inf]
    found = [equilibrium.simulate(base, some, {("china", product): rate}, closure=closure) for rate in sorted(rates)]
    prices = np.array([one.farm_price_change for one in found])
    surplus = np.array([one.producer_surplus_cad for one in found])
    assert (np.diff(prices, axis=0) <= 1e-9).all() and (np.diff(surplus, axis=0) <= 1).all()
    volumes = np.array([one.volume("china", product) for one in found])
    assert (np.diff(volumes, axis=0) <= 1e-6).all()
    assert volumes[-1].max() < 1e-6 and (prices >= prices[-1] - 1e-9).all()


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_very_large_duty_is_the_embargo(base, closure):
    some = draws(300)
    embargo = equilibrium.simulate(base, some, EMBARGO, closure=closure)
    large = equilibrium.simulate(base, some, dict.fromkeys(EMBARGO, 1e9), closure=closure)
    assert large.farm_price_change == pytest.approx(embargo.farm_price_change, abs=1e-6)
    assert embargo.volume_kt[:, CHINA].max() < 1e-6


def test_infinite_substitution_without_a_wedge_loses_china_at_a_small_price(base):
    duty = {("china", "seed"): STATUS_QUO["china", "seed"]}
    some = draws(300).assign(freight_wedge_cad_t=0.0, rerouting=0.0)
    one = equilibrium.simulate(base, some, duty, closure="homogeneous")
    assert one.volume("china", "seed").max() < 1e-6 and np.abs(one.farm_price_change).max() < 1e-9
    falls = []
    for sigma in (20.0, 100.0, 1000.0):
        close = some.assign(seed_substitution=sigma, seed_substitution_japan=sigma)
        found = equilibrium.simulate(base, close, duty, closure="armington")
        falls.append(np.abs(found.farm_price_change).max())
    assert found.volume("china", "seed").max() < 1e-6 and falls[0] > falls[1] > falls[2] and falls[2] < 0.005


def test_the_wedge_bounds_the_one_goods_price(base):
    some = draws(300).assign(rerouting=0.0)
    found = equilibrium.simulate(base, some, {("china", "seed"): np.inf}, closure="homogeneous")
    wedge = some["freight_wedge_cad_t"] / base.farm_price_cad_t
    assert (-found.farm_price_change <= wedge * 1.1).all() and (found.farm_price_change < 0).all()


def test_only_chinas_buyers_reroute_and_what_they_take_is_their_share(base):
    some = draws(300)
    found = equilibrium.simulate(base, some, EMBARGO, closure="homogeneous")
    lost = base.canada_kt[CHINA, SEED] * some["rerouting"].to_numpy()
    assert found.rerouted_kt[:, SEED] == pytest.approx(lost, rel=1e-9)
    never = equilibrium.simulate(base, some, US, closure="homogeneous")
    assert np.abs(never.rerouted_kt).max() < 1e-6
    assert np.abs(equilibrium.simulate(base, some, EMBARGO, closure="armington").rerouted_kt).max() == 0


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_deal_gains_at_most_what_the_status_quo_lost(base, closure):
    some = draws(500)
    quo = equilibrium.simulate(base, some, STATUS_QUO, closure=closure)
    deal = equilibrium.simulate(base, some, DEAL, closure=closure)
    gain = deal.producer_surplus_cad - quo.producer_surplus_cad
    assert (gain >= 0).all() and (gain <= -quo.producer_surplus_cad).all()


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("regime", ["status quo", "deal", "United States"])
def test_scipy_finds_the_same_solution(base, closure, regime):
    some = draws(6, seed=4)
    found = equilibrium.simulate(base, some, REGIMES[regime], closure=closure)
    route = getattr(canola_market_routes, closure)
    agreed = 0
    for at in range(len(some)):
        try:
            again = route(base, some.iloc[at].to_dict(), REGIMES[regime])
        except NotConverged:
            continue  # scipy gives up on some switches of origin; the agreement of the others is what counts
        arrived = found.volume_kt[at].copy()
        arrived[CHINA] += found.rerouted_kt[at]
        arrived[MARKETS.index("others")] -= found.rerouted_kt[at]
        assert arrived == pytest.approx(again.volume_kt, abs=1e-5)
        assert found.farm_price_change[at] == pytest.approx(again.farm_price - 1, abs=1e-6)
        assert found.crush_kt[at] == pytest.approx(again.crush_kt, rel=1e-6)
        agreed += 1
    assert agreed >= (6 if closure == "armington" else 4)


@pytest.mark.parametrize("closure", CLOSURES)
def test_derivatives_agree_with_differences(base, closure):
    given = parameters.arranged_draws(base, draws(40, seed=8), STATUS_QUO)
    prepared = equilibrium.PREPARE[closure](base, given)
    rng, step = np.random.default_rng(2), 1e-6
    at = solver.from_base(prepared) + rng.uniform(-0.03, 0.03, (6, 40))
    exact = solver.balance(base, prepared, at).jacobian
    for column in range(6):
        shift = np.zeros((6, 1))
        shift[column] = step
        up, down = (solver.balance(base, prepared, at + sign * shift).left for sign in (1, -1))
        assert (up - down) / (2 * step) == pytest.approx(exact[:, column], rel=2e-4, abs=2e-4)


def test_producer_surplus_is_the_area_along_the_supply_curve(base):
    some = draws(20)
    found = equilibrium.simulate(base, some, STATUS_QUO, closure="armington")
    marketed = base.harvest_kt - base.stock_change_kt
    for at in range(len(some)):
        prices = np.linspace(1, 1 + found.farm_price_change[at], 4001)
        sold = base.harvest_kt * prices ** some["seed_supply"][at] - base.stock_change_kt
        area = base.receipts_cad / marketed * np.trapezoid(sold, prices)
        assert found.producer_surplus_cad[at] == pytest.approx(area, rel=1e-6)


def test_capacity_binds_and_is_never_exceeded(base):
    some = draws(300).assign(crush_capacity_kt=base.crush_kt * 1.01, crush_elasticity=1.0)
    found = equilibrium.simulate(base, some, {("china", "seed"): np.inf}, closure="armington")
    assert found.crush_at_capacity.any() and found.residual.max() < 1e-9
    assert (found.crush_kt <= base.crush_kt * 1.01 + 1e-6).all()


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_draw_has_one_answer_alone_or_among_others_and_duties_may_differ_by_draw(base, closure):
    some = draws(60)
    rates = np.random.default_rng(5).uniform(0, 1, 60)
    together = equilibrium.simulate(base, some, STATUS_QUO | {("china", "seed"): rates}, closure=closure)
    for at in (0, 31, 59):
        alone = equilibrium.simulate(
            base, some.iloc[[at]], STATUS_QUO | {("china", "seed"): rates[at]}, closure=closure
        )
        assert alone.farm_price_change[0] == pytest.approx(together.farm_price_change[at], abs=1e-10)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("regime", REGIMES)
def test_one_leap_from_the_base_is_enough(base, closure, regime):
    prepared = equilibrium.PREPARE[closure](base, parameters.arranged_draws(base, draws(500), REGIMES[regime]))
    _, residual = solver.solve(base, prepared, solver.from_base(prepared))
    assert residual.max() < 1e-9


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_hard_start_is_solved_in_stages(base, closure):
    given = parameters.arranged_draws(base, draws(50), STATUS_QUO)
    unknowns, residual = equilibrium._in_stages(base, given, closure, 8)
    prepared = equilibrium.PREPARE[closure](base, given)
    leap, _ = solver.solve(base, prepared, solver.from_base(prepared))
    assert residual.max() < 1e-9
    assert prepared.at(unknowns[:3], unknowns[3:]).log_price == pytest.approx(
        prepared.at(leap[:3], leap[3:]).log_price, abs=1e-8
    )


def test_a_draw_that_no_longer_moves_is_left_and_others_are_solved(base, monkeypatch):
    given = parameters.arranged_draws(base, draws(2), STATUS_QUO)
    prepared = equilibrium.PREPARE["armington"](base, given)
    true, points = solver.balance, []

    def kinked(base, closure, unknowns):
        """The first draw has something left wherever it goes."""
        points.append(unknowns)
        found = true(base, closure, unknowns)
        found.left[2, closure.drawn.seed_supply == given.seed_supply[0]] = 1e-3
        return found

    monkeypatch.setattr(solver, "balance", kinked)
    _, residual = solver.solve(base, prepared, solver.from_base(prepared))
    assert residual[0] >= 1e-3 and residual[1] < 1e-9
    assert len(points) < solver.STEPS * solver.HALVINGS / 4


@pytest.mark.parametrize("closure", CLOSURES)
def test_many_starts_find_the_solution_near_by(base, closure):
    given = parameters.arranged_draws(base, draws(3), STATUS_QUO)
    prepared = equilibrium.PREPARE[closure](base, given)
    leap, _ = solver.solve(base, prepared, solver.from_base(prepared))
    found, residual = equilibrium._from_many_starts(base, given, closure, np.intp(1), leap[:, 1] + 0.01)
    assert residual < 1e-9 and found == pytest.approx(leap[:, 1], abs=1e-8)


@pytest.mark.parametrize("closure", CLOSURES)
def test_batches_do_not_change_a_draw(base, closure, monkeypatch):
    some = draws(25)
    whole = equilibrium.simulate(base, some, STATUS_QUO, closure=closure)
    monkeypatch.setattr(equilibrium, "BATCH", 10)
    batched = equilibrium.simulate(base, some, STATUS_QUO, closure=closure)
    for field in dataclasses.fields(whole):
        one, other = getattr(whole, field.name), getattr(batched, field.name)
        if field.name != "residual":
            assert other.shape == one.shape and other == pytest.approx(one, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("duties", [DEAL, STATUS_QUO, EMBARGO], ids=["deal", "status quo", "embargo"])
def test_a_line_through_a_few_draws_leads_all_to_what_each_solves_from_the_base(base, closure, duties, monkeypatch):
    some, begun = draws(3 * newton.PILOTS), []
    line = newton.line
    monkeypatch.setattr(newton, "line", lambda *given: begun.append(line(*given)) or begun[-1])
    whole = equilibrium.simulate(base, some, duties, closure=closure)
    assert len(begun) == 1 and begun[0] is not None
    groups = [some.iloc[first : first + newton.PILOTS] for first in range(0, len(some), newton.PILOTS)]
    plain = equilibrium.joined([equilibrium.simulate(base, rows, duties, closure=closure) for rows in groups])
    assert len(begun) == 1
    for field in dataclasses.fields(whole):
        if field.name != "residual":
            one, other = getattr(whole, field.name), getattr(plain, field.name)
            assert other == pytest.approx(one, rel=1e-8, abs=1e-8 * max(1.0, np.abs(one).max())), field.name


def test_no_line_is_drawn_through_draws_that_were_not_solved():
    traits, solved = np.random.default_rng(3).normal(size=(2, 12)), np.zeros((6, 12))
    solved[0] = 1 + 2 * traits[0] - traits[1]
    left = np.where(np.arange(12) < 6, 1.0, 0.0)
    solved[:, :6] = 1e6
    line = newton.line(traits, solved, left)
    assert line is not None and line(np.array([[1.0], [3.0]]))[0] == pytest.approx(0.0, abs=1e-12)
    assert newton.line(traits, solved, np.where(np.arange(12) < 7, 1.0, 0.0)) is None


def test_the_step_solves_the_equations_and_a_singular_draw_leaves_the_others_alone():
    rng = np.random.default_rng(11)
    jacobian, left = np.zeros((6, 6, 8)), rng.normal(size=(6, 8)) / 100
    jacobian[:3] = rng.normal(size=(3, 6, 8))
    for good in range(3):
        jacobian[3 + good, [good, 3 + good]] = rng.uniform(1, 2, (2, 8))
    jacobian[:, :, 5] = np.diag([1.0, 2.0, 0.0, 1.0, 1.0, 1.0])
    left[2, 5] = 0.0
    step = solver._step(jacobian, left)
    for at in range(8):
        exact = np.linalg.lstsq(jacobian[..., at], -left[:, at], rcond=None)[0]
        limit = newton.LONGEST_STEP / max(np.abs(exact).max(), newton.LONGEST_STEP)
        assert step[:, at] == pytest.approx(exact * limit, rel=1e-9, abs=1e-12)


def test_a_draw_without_a_solution_is_named_with_its_parameters(base, monkeypatch):
    monkeypatch.setattr(solver, "STEPS", 1)
    with pytest.raises(NotConverged, match=r"canola, armington: draw 0 .*seed_supply=") as caught:
        equilibrium.simulate(base, draws(3), STATUS_QUO, closure="armington")
    assert isinstance(caught.value, RunFailed)
    assert caught.value.parameters["oil_yield"] == 0.425 and caught.value.residual > 1e-9


def test_the_equivalent_tariff_gives_the_fall(base):
    some, falls = draws(200), np.random.default_rng(7).uniform(0.65, 0.82, 200)
    tariff = equilibrium.equivalent_tariff(base, some, falls)
    found = equilibrium.simulate(base, some, {("china", "seed"): tariff}, closure="armington")
    assert found.volume("china", "seed") / base.canada_kt[CHINA, SEED] == pytest.approx(1 - falls, abs=1e-7)
    assert (tariff > base.duty[CHINA, SEED]).all()


def test_the_equivalent_tariff_of_one_good_is_where_trade_switches(base):
    some = draws(30)
    tariff = equilibrium.equivalent_tariff(base, some, 0.7, closure="homogeneous")
    below, above = (
        equilibrium.simulate(base, some, {("china", "seed"): tariff + shift}, closure="homogeneous")
        for shift in (-1e-4, 1e-4)
    )
    kept = 0.3 * base.canada_kt[CHINA, SEED]
    assert (below.volume("china", "seed") >= kept - 1e-6).all() and (above.volume("china", "seed") <= kept + 1e-6).all()


@pytest.mark.parametrize("fall", [0.0, 1.0, -0.1, np.nan])
def test_a_fall_outside_its_range_is_refused(base, fall):
    with pytest.raises(BadInput, match="above 0 and below 1"):
        equilibrium.equivalent_tariff(base, draws(2), fall)


def test_falling_root_finds_roots_and_jumps_and_says_when_there_is_none():
    places = np.array([0.1, 2.0, 9.0])
    half, first = np.full(3, 0.5), {"low": np.zeros(3), "high": np.full(3, 0.5)}
    smooth = solver.falling_root(lambda x, rows: np.exp(-x / places[rows]), half, **first)
    assert smooth == pytest.approx(places * np.log(2), abs=1e-9)
    beside = {"low": places - 1e-11, "high": places + 1e-11}
    for where in (first, beside):
        jumps = solver.falling_root(lambda x, rows: np.where(x < places[rows], 1.0, 0.0), half, **where)
        assert jumps == pytest.approx(places, abs=1e-9)
    far = solver.falling_root(lambda x, rows: np.exp(-x / places[rows]), half, **beside)
    assert far == pytest.approx(places * np.log(2), abs=1e-9)
    asked: list[tuple[float, int]] = []

    def told(x, rows):
        asked.extend(zip(x.tolist(), rows.tolist(), strict=True))
        return np.exp(-x / places[rows])

    assert (solver.falling_root(told, half, **first) == smooth).all()
    assert len(asked) == len(set(asked)), "an argument was asked for twice"
    with pytest.raises(RunFailed, match="draw 1: not even an embargo"):
        solver.falling_root(
            lambda x, rows: np.where(rows == 1, 1.0, np.exp(-x)), half[:2], low=np.zeros(2), high=half[:2]
        )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed_supply": -0.1}, "seed_supply"),
        ({"other_supply": 0.0}, "a positive number"),
        ({"oil_substitution": np.nan}, "oil_substitution"),
        ({"rerouting": 1.5}, "a share from 0 to 1"),
        ({"crush_capacity_kt": 9000.0}, "at least the base crush"),
        ({"oil_yield": 0.2}, "exports over crush"),
    ],
)
def test_bad_draws_are_refused(base, change, said):
    with pytest.raises(BadInput, match=said):
        equilibrium.simulate(base, draws(3).assign(**change), STATUS_QUO, closure="armington")


def test_missing_columns_no_draws_unknown_closures_and_bad_duties_are_refused(base):
    some = draws(3)
    for bad, duties, closure in (
        (some.drop(columns="rerouting"), {}, "armington"),
        (some.iloc[:0], {}, "armington"),
        (some, {}, "cobweb"),
        (some, {("china", "peas"): 0.1}, "armington"),
        (some, {("china", "seed"): np.zeros(2)}, "armington"),
        (some, {("china", "seed"): -1.0}, "homogeneous"),
    ):
        with pytest.raises(BadInput):
            equilibrium.simulate(base, bad, duties, closure=closure)


@pytest.mark.parametrize("closure", CLOSURES)
def test_inputs_are_not_changed(base, closure):
    some, before = draws(20), dataclasses.replace(base, canada_kt=base.canada_kt.copy(), duty=base.duty.copy())
    copy = some.copy()
    equilibrium.simulate(base, some, STATUS_QUO, closure=closure)
    equilibrium.equivalent_tariff(base, some, 0.7)
    pd.testing.assert_frame_equal(some, copy)
    assert np.array_equal(base.canada_kt, before.canada_kt) and np.array_equal(base.duty, before.duty)
