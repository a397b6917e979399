"""Entry of makers: limits, carry-over, the first count as a likelihood, and day-by-day sales beside it."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from second_routes import car_account_routes

from tradeexposure.policy import assumptions, regimes
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.market import entry, model
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, EvBase
from tradeexposure.vehicles.market.model import FILLED, UNFILLED

DRAWS, SEED = 2000, 3


@pytest.fixture(scope="module")
def opening() -> VehicleRegime:
    return regimes.vehicles_at_opening()


@pytest.fixture(scope="module")
def draws() -> pd.DataFrame:
    return assumptions.draws(DRAWS, seed=SEED)


def cars(outcome: object) -> np.ndarray:
    return outcome.registrations[CHINA_BUILT]  # type: ignore[attr-defined]


def test_all_makers_there_sell_the_lesser_of_demand_and_usable_quota(
    base: EvBase, draws: pd.DataFrame, opening: VehicleRegime
) -> None:
    for regime in (opening, regimes.year_five(opening)):
        usable = regime.quota * (1 - regime.price_capped_share * (1 - draws["under_cap_share"]))
        free = model.offer(base, draws, regime).cars
        assert 0.1 < (free > usable).mean() < 0.9
        np.testing.assert_allclose(cars(model.simulate(base, draws, regime)), np.minimum(free, usable), rtol=1e-12)


def test_entry_at_once_makes_the_first_year_a_year_like_any_other(
    base: EvBase, draws: pd.DataFrame, opening: VehicleRegime
) -> None:
    at_once = draws.assign(entry_months=0.0)
    for regime in (opening, regimes.year_five(replace(opening, first_window=63_037 / 2)), replace(opening, quota=None)):
        first, steady = entry.first_year(base, at_once, regime), model.simulate(base, at_once, regime)
        assert model.quota_probabilities(first.quota_outcome) == model.quota_probabilities(steady.quota_outcome)
        for each in fields(first):
            early, late = getattr(first, each.name), getattr(steady, each.name)
            pairs = [(early[key], late[key]) for key in early] if isinstance(early, dict) else [(early, late)]
            for mine, theirs in pairs:
                np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-6, err_msg=each.name)


def test_what_the_first_window_leaves_is_carried_over(
    base: EvBase, draws: pd.DataFrame, opening: VehicleRegime
) -> None:
    """Day by day beside it, at windows of which the first binds, the second alone, or none."""
    assert (opening.first_window, opening.quota) == (24_500, 49_000)
    demand, outcome = model.offer(base, draws, opening).cars, entry.first_year(base, draws, opening)
    late = np.flatnonzero(
        (outcome.quota_outcome == FILLED) & (entry.bought_by(6, demand, draws["entry_months"]) < 24_500)
    )
    early = np.flatnonzero(entry.bought_by(6, demand, draws["entry_months"].to_numpy()) > 24_500)
    free = np.flatnonzero(outcome.quota_outcome == UNFILLED)
    assert min(len(late), len(early), len(free)) > 10
    for place in (*late[:3], *early[:3], *free[:3]):
        by_days = car_account_routes.first_year_by_days(
            demand[place], draws["entry_months"].iloc[place], first_window=24_500, quota=49_000
        )
        assert cars(outcome)[place] == pytest.approx(by_days, rel=1e-4)
    np.testing.assert_allclose(cars(outcome)[[*late, *early]], 49_000, rtol=1e-12)
    assert (cars(outcome)[free] < 49_000).all()
    assert (cars(outcome) <= cars(model.simulate(base, draws, opening)) * (1 + 1e-9)).all()


def test_unused_permits_of_a_reserved_part_are_not_carried_over(
    base: EvBase, draws: pd.DataFrame, opening: VehicleRegime
) -> None:
    regime = replace(opening, price_capped_share=0.5)
    usable = 49_000 * (0.5 + 0.5 * draws["under_cap_share"].to_numpy())
    outcome = entry.first_year(base, draws, regime)
    full = outcome.quota_outcome == FILLED
    assert full.any() and (cars(outcome) <= usable * (1 + 1e-12)).all()
    np.testing.assert_allclose(cars(outcome)[full], usable[full], rtol=1e-12)


def test_cars_bought_by_a_month_are_the_integral_of_what_is_on_offer() -> None:
    months = np.linspace(0, 5, 20_001)
    share = 1 - np.exp(-months / 9.0)
    by_hand = 30_000 / 12 * np.trapezoid(share, months)
    assert entry.bought_by(5.0, np.array([30_000.0]), np.array([9.0]))[0] == pytest.approx(by_hand, rel=1e-7)
    assert entry.bought_by(5.0, np.array([30_000.0]), np.array([0.0]))[0] == pytest.approx(12_500)
    slow = entry.bought_by(6.0, np.array([30_000.0, 30_000.0]), np.array([4.0, 40.0]))
    assert slow[0] > slow[1] > 0


def test_the_count_weighs_by_a_normal_in_logs(base: EvBase, draws: pd.DataFrame, opening: VehicleRegime) -> None:
    likelihood = entry.log_likelihood(base, draws, opening)
    few = draws.head(5)
    demand = model.offer(base, few, opening).cars
    for place, (_, row) in enumerate(few.iterrows()):
        tau, month = row["entry_months"], row["count_months"]
        expected = demand[place] / 12 * (month - tau * (1 - np.exp(-month / tau)))
        z = (np.log(2910) - np.log(expected)) / 0.3
        assert likelihood[place] == pytest.approx(-z * z / 2, rel=1e-10)
    assert base.counted == 2910 and (likelihood <= 0).all()


def test_weighed_draws_have_the_weighted_distribution(
    base: EvBase, draws: pd.DataFrame, opening: VehicleRegime
) -> None:
    weight = entry.weight(entry.log_likelihood(base, draws, opening))
    assert weight.sum() == pytest.approx(1)
    weighed = entry.weighed(base, draws, opening, seed=SEED)
    demand = model.offer(base, draws, opening).cars
    plain = np.quantile(model.offer(base, weighed, opening).cars, [0.05, 0.5, 0.95])
    order = np.argsort(demand)
    weighted = np.interp([0.05, 0.5, 0.95], np.cumsum(weight[order]), demand[order])
    np.testing.assert_allclose(plain, weighted, rtol=0.01)
    for name in ("entry_months", "count_months", "china_appeal"):
        assert weighed[name].mean() == pytest.approx(draws[name] @ weight, rel=0.03)
    pd.testing.assert_frame_equal(weighed, entry.weighed(base, draws, opening, seed=SEED))
    assert (weighed.index == draws.index).all()
    assert abs(np.corrcoef(np.arange(DRAWS), model.offer(base, weighed, opening).cars)[0, 1]) < 0.1


def test_draws_that_count_are_kish_s(base: EvBase, draws: pd.DataFrame, opening: VehicleRegime) -> None:
    alike = pd.concat([draws.head(1)] * 40, ignore_index=True)
    assert entry.draws_that_count(base, alike, opening) == pytest.approx(40)
    far = alike.assign(china_appeal=np.where(np.arange(40) < 4, alike["china_appeal"], 1e-6))
    assert entry.draws_that_count(base, far, opening) == pytest.approx(4, rel=1e-6)
    assert 0.2 * DRAWS < entry.draws_that_count(base, draws, opening) < 0.6 * DRAWS


def test_a_count_made_early_says_more_demand_or_faster_entry(
    base: EvBase, draws: pd.DataFrame, opening: VehicleRegime
) -> None:
    def first(month: float) -> float:
        weighed = entry.weighed(base, draws.assign(count_months=month), opening, seed=SEED)
        return float(np.median(cars(entry.first_year(base, weighed, opening))))

    path = [first(float(month)) for month in (2, 3, 4, 5, 6)]
    assert path == sorted(path, reverse=True) and path[0] > 2 * path[-1]


def test_nobody_enters_where_makers_were_there_or_are_kept_out(
    base: EvBase, draws: pd.DataFrame, opening: VehicleRegime
) -> None:
    for regime in (replace(opening, entering=False), replace(opening, quota=0.0)):
        first, steady = entry.first_year(base, draws, regime), model.simulate(base, draws, regime)
        np.testing.assert_array_equal(cars(first), cars(steady))
    free = entry.first_year(base, draws, replace(opening, quota=None))
    demand = model.offer(base, draws, opening).cars
    expected = entry.bought_by(12, demand, draws["entry_months"].to_numpy())
    np.testing.assert_allclose(cars(free), expected, rtol=1e-10)
    closed = replace(opening, quota=0.0, first_window=0.0, china_above=opening.china_within)
    np.testing.assert_allclose(cars(entry.first_year(base, draws, closed)), expected, rtol=1e-10)


def test_the_first_year_adds_up(base: EvBase, draws: pd.DataFrame, opening: VehicleRegime) -> None:
    outcome = entry.first_year(base, draws, opening)
    assert outcome.residual.max() < 1e-9
    np.testing.assert_allclose(outcome.rent_per_car_cad * cars(outcome), outcome.quota_rent_cad, rtol=1e-12)
    np.testing.assert_allclose(outcome.rent_abroad_cad + outcome.rent_home_cad, outcome.quota_rent_cad)
    lost = sum(outcome.displaced.values()) + outcome.additional
    np.testing.assert_allclose(lost, cars(outcome), rtol=1e-9)
    assert (outcome.quota_rent_cad[outcome.quota_outcome == FILLED] > 0).all()
    # Cars that are not on offer yet make those that are no dearer.
    wedge = model.offer(base, draws, opening)
    unfilled = outcome.quota_outcome == UNFILLED
    dearer = 5000 * draws["rebate_pass_through"].to_numpy() + wedge.within.price_change
    np.testing.assert_allclose(outcome.price_change_cad[unfilled], dearer[unfilled], rtol=1e-9)
