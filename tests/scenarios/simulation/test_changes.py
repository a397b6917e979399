"""Outputs of the deal have the sign that their economics gives them, and the account takes the same numbers."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from second_routes import car_account_routes

from tradeexposure.core.errors import RunFailed
from tradeexposure.policy import regimes
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.scenarios.simulation import changes, models, results
from tradeexposure.scenarios.simulation.changes import Outputs
from tradeexposure.scenarios.simulation.models import Pair, Simulation
from tradeexposure.vehicles.market import demand_system, model

DEARER = 0.1  # of the value: what another duty adds
OIL = ("united_states", "oil")


@pytest.fixture(scope="module")
def dearer(deal: Simulation) -> Simulation:
    """Cars where the United States charge more on those of Canada than in what it is measured against."""
    law = deal.regimes.scenario
    charged = replace(law, us_vehicle_duty=law.us_vehicle_duty + DEARER)
    return models.solve_vehicles(deal.setting, Pair(charged, deal.regimes.against))


def test_lower_duties_of_china_sell_more_seed_there_and_less_elsewhere_at_a_higher_price(deal: Simulation) -> None:
    canola, market = changes.canola_change(deal.market), deal.market
    rising = ("producer_price_change", "receipts_change_cad", "china_volume_change_kt")
    assert all((canola[name] > 0).all() for name in rising) and (canola["diverted_kt"] < 0).all()
    before = market.against.volume(*SEED_TO_CHINA)
    assert canola["china_volume_kt"] == pytest.approx(before + canola["china_volume_change_kt"])
    now, then = (1 + side.farm_price_change for side in (market.scenario, market.against))
    assert then * (1 + canola["producer_price_change"]) == pytest.approx(now), (
        "a share of the price that it is measured against"
    )


def test_a_duty_of_the_united_states_costs_sales_of_oil_there(deal: Simulation) -> None:
    charged = regimes.canola_against(deal.setting.compared)
    more = Pair({**charged, OIL: charged[OIL] + DEARER}, charged)
    market = models.market_of(deal.setting, deal.setting.weighted, more)
    rows = results.united_states(Simulation(deal.setting, markets={"": market})).iloc[0]
    assert rows["low"] < rows["value"] < rows["high"] < 0


def test_cars_from_china_pay_duty_please_buyers_and_take_from_all_others(deal: Simulation, cars: Outputs) -> None:
    assert all((values > 0).all() for name, values in cars.items() if name != "quota_rent_cad")
    assert (cars["quota_rent_cad"] >= 0).all() and (cars["quota_rent_cad"] > 0).any()
    assert all((changes.gap(deal.vehicles, name) < 0).all() for name in ("us_surtax_cad", results.ASSEMBLED))
    assert cars["displaced.electric"] + cars["displaced.other_cars"] == pytest.approx(cars["displaced"])
    assert (cars["displaced"] <= cars["china_built_registrations_change"]).all()


def test_a_duty_of_the_united_states_costs_exports_and_assembly_and_more_in_the_long_run(
    dearer: Simulation,
) -> None:
    soon, late = (changes.gap(pair, changes.EXPORTS) for pair in (dearer.us, dearer.us_long))
    assert (late < soon).all() and (soon < 0).all()
    lost = results.vehicles(dearer, {}).set_index("result_id")["value"]
    through = lost["scenario.ev.domestic_assembly_change.through_united_states"]
    assert lost["scenario.ev.domestic_assembly_change"] < through < 0
    rows = results.united_states(dearer).set_index("result_id")["value"]
    assert rows["scenario.us.vehicle_export_change_cad.long_run"] < rows["scenario.us.vehicle_export_change_cad"] < 0


@pytest.mark.parametrize("ending", ["", "first_year"])
def test_the_account_has_the_changes_of_its_own_year(deal: Simulation, ending: str) -> None:
    lines = changes.accounts(deal)[ending]
    pair = deal.first_year if ending else deal.vehicles
    parts = {"car_buyers": "consumer_surplus_cad", "revenue": "tariff_revenue_cad", "surtax_lost": "us_surtax_cad"}
    for line, name in parts.items():
        assert lines[line] == pytest.approx(changes.gap(pair, name)), line
    assert (lines["quota_rent"] >= 0).all() and (lines["quota_rent"] <= changes.gap(pair, "quota_rent_cad")).all()
    assert (lines["rebates"] > 0).all(), "cars from China come without one and take from those with one"
    assert np.array_equal(lines["growers"], deal.markets[ending].income)
    assert (lines["handlers"] > 0).all() and np.median(lines["users"]) < 0


def test_lines_sum_draw_by_draw(deal: Simulation) -> None:
    both = changes.accounts(deal)[""]
    sums = ("canada_cad", "canada_without_crushers")
    assert (*both,) == (*sums, *changes.CANOLA_LINES, *changes.VEHICLE_LINES)
    assert np.allclose(
        both["canada_cad"], deal.market.account.total + changes.car_account(deal.vehicles).total, rtol=1e-12
    )
    assert np.allclose(both["canada_cad"] - both["crushers"], both["canada_without_crushers"])


@pytest.mark.parametrize("apart", [-1.0, 1.0])
def test_a_draw_whose_lines_are_not_its_total_is_refused(apart: float) -> None:
    parts = dict.fromkeys(changes.CANOLA_LINES, np.full(3, 100.0))
    crops = SimpleNamespace(**parts, total=np.array([400.0, 400.0, 400.0 + apart]))
    cars = SimpleNamespace(**dict.fromkeys(changes.VEHICLE_LINES, np.ones(3)), total=np.full(3, 5.0))
    with pytest.raises(RunFailed, match=r"does not sum in draw 2: C\$1 apart"):
        changes.together(crops, cars)  # type: ignore[arg-type]
    crops.total = np.full(3, 400.0)
    assert changes.together(crops, cars)["canada_cad"].tolist() == [405.0] * 3  # type: ignore[arg-type]


def test_buyers_gain_by_demand(deal: Simulation) -> None:
    cars, drawn, sides = deal.setting.vehicles, deal.setting.cars, (deal.vehicles.against, deal.vehicles.scenario)
    demand = demand_system.calibrate(cars, drawn)
    others = [
        (1 - demand.china_share)
        * demand_system.weight_factor(demand, model.rebate_wedge(cars, drawn, regime)["others"])
        for regime in (deal.regimes.against, deal.regimes.scenario)
    ]
    weights = [
        np.where(np.isinf(side.price_change_cad), 0.0,
                 demand.appeal * demand_system.weight_factor(demand, np.nan_to_num(side.price_change_cad, posinf=0.0)))
        for side in sides
    ]  # fmt: skip
    again = car_account_routes.buyers_by_demand(demand, (weights[0], weights[1]), (others[0], others[1]))
    assert np.abs(changes.car_account(deal.vehicles).car_buyers / again - 1).max() < 1e-9


def test_incomes_stand_on_rows_of_their_own(deal: Simulation) -> None:
    """Without weights and by official data alone the same model takes other rows, so other numbers of the same sign."""
    solved, setting = models.incomes(deal), deal.setting
    for name, rows in (("unweighted", setting.draws), ("official_data_only", setting.official)):
        alone = models.market_of(setting, rows, deal.duties)
        assert np.abs(solved[name] - alone.income).max() < 1 and (solved[name] > 0).all()
        assert np.abs(solved[name] / deal.market.income - 1).max() > 0.1
    assert (solved["seed_only"] > 0).all() and (solved["meal_only"] > 0).all()
    seed, meal = solved["seed_only"], solved["meal_only"]
    assert np.median(seed) > np.median(meal), "the cut on seed is the deal's larger part"
    apart = np.abs(seed + meal - deal.market.income) / deal.market.income
    assert np.median(apart) < 0.1, "duties on seed and meal are nearly two questions"
