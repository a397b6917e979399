"""Each limit is broken by what it forbids, on either side of the comparison, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import samplerows

from tradeexposure.policy import regimes
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.reporting import claims
from tradeexposure.scenarios.simulation import model_checks
from tradeexposure.scenarios.simulation.models import Pair, Simulation

SIDES = ("scenario", "against")
LITTLE = 1e-6


def broken(stated: list[claims.Claim]) -> set[str]:
    return {claim.sentence for claim in claims.false_claims(stated)}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("name", "change", "limit"),
    [
        ("residual", lambda now, most: now + 2 * model_checks.RESIDUAL, "residual of canola"),
        ("volume_kt", lambda now, most: np.where(now == now.max(), -LITTLE, now), "no negative volume"),
        ("crush_kt", lambda now, most: most * (1 + LITTLE), "crush within capacity"),
        ("supply_kt", lambda now, most: now / 10, "exports within supply"),
    ],
)
def test_a_solution_of_canola_that_cannot_be_is_named(
    deal: Simulation, side: str, name: str, change: Any, limit: str
) -> None:
    market = deal.market
    now = getattr(market, side)
    wrong = replace(now, **{name: change(getattr(now, name), market.behaviour.capacity_kt)})
    simulation = replace(deal, markets={"": replace(market, **{side: wrong})})
    assert broken(model_checks.checks_of_canola(simulation)) - {"the account of canola is the area of net exports"} == {
        limit
    }
    assert not broken(model_checks.checks_of_canola(deal))


@pytest.mark.parametrize(
    ("side", "changed", "limit"),
    [
        *((side, {"residual": np.array([2 * model_checks.RESIDUAL])}, "residual of electric cars") for side in SIDES),
        *((side, {"registrations": {"china": np.linspace(-LITTLE, 1.0, samplerows.DRAWS)}}, "no negative registrations")
          for side in SIDES),
        ("against", {"quota_rent_cad": np.array([-1.0])}, "rent only with a quota and never negative"),
        ("scenario", {"rent_home_cad": np.array([1.0])}, "rent of the scenario adds up"),
        ("scenario", {"rent_abroad_cad": np.array([1.0])}, "rent of the scenario adds up"),
        ("scenario", {"within_quota": np.array([49_001.0])}, "cars within the quota stay in it"),
    ],
)  # fmt: skip
def test_a_solution_of_cars_that_cannot_be_is_named(
    deal: Simulation, side: str, changed: dict[str, Any], limit: str
) -> None:
    wrong = replace(getattr(deal.vehicles, side), **changed)
    simulation = replace(deal, vehicles=replace(deal.vehicles, **{side: wrong}))
    assert broken(model_checks.checks_of_vehicles(simulation)) == {limit}
    assert not broken(model_checks.checks_of_vehicles(deal))


def test_rent_without_a_car_is_named(deal: Simulation) -> None:
    own = deal.vehicles.scenario
    cars = {**own.registrations, "china": np.zeros(samplerows.DRAWS)}
    rent = np.full(samplerows.DRAWS, 5.0)
    wrong = replace(own, registrations=cars, quota_rent_cad=rent, rent_home_cad=rent, rent_abroad_cad=0 * rent)
    simulation = replace(deal, vehicles=Pair(wrong, deal.vehicles.against))
    assert broken(model_checks.checks_of_vehicles(simulation)) == {"no rent without cars"}


def test_what_is_tried_is_a_ban_and_its_end_and_the_draw_that_moves_most_counts(
    deal: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float, Any]] = []

    def solved(rows: pd.DataFrame, duties: Any, near: Any = None) -> Any:
        asked.append((float(duties[SEED_TO_CHINA]), near))
        return SimpleNamespace(farm_price_change=np.array([0.0, -0.2, 0.1]))

    monkeypatch.setattr(model_checks, "_solved_under", solved)
    ordinary = regimes.base_canola()[SEED_TO_CHINA]
    assert model_checks.unchanged(deal.setting) == 0.2 == model_checks.returns(deal.setting)
    assert [duty for duty, _ in asked] == [ordinary, np.inf, ordinary]
    assert asked[0][1] is None and asked[2][1].farm_price_change[1] == -0.2


def test_the_price_may_rise_nowhere_along_the_ladder(deal: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = model_checks.few(deal.setting)
    draws, steps = len(setting.weighted), len(model_checks.LADDER)
    price = np.repeat(-0.01 * np.arange(steps), draws).reshape(steps, draws)
    price[3, 5] += 0.03  # one draw, one step
    monkeypatch.setattr(model_checks, "_solved_under", lambda *_: SimpleNamespace(farm_price_change=price.ravel()))
    assert model_checks.steepest_rise(setting) == pytest.approx(0.02)
