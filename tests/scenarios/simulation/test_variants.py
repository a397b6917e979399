"""The deal looked at otherwise: by hectare, by what importers expect, on other base years, by what may move it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tradeexposure.canola.market import logit
from tradeexposure.policy import regimes, scenarios
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.scenarios.simulation import changes, models, simulate, variants
from tradeexposure.scenarios.simulation.models import Simulation


def test_a_province_gains_in_proportion_and_its_farms_and_hectares_share_that() -> None:
    shares = simulate.provinces().set_index("place")
    split = variants.by_province(np.array([1e9, 2e9, 3e9]), shares.reset_index()).set_index(["measure", "place"])
    assert (split["low"] < split["value"]).all() and (split["value"] < split["high"]).all()
    for place, row in shares.iterrows():
        total = split.loc[("total", place), "value"]
        assert total == pytest.approx(2e9 * row["share"])
        assert split.loc[("per_farm", place), "value"] * row["farms"] == pytest.approx(total)
        assert split.loc[("per_hectare", place), "value"] * row["area_ha"] == pytest.approx(total)


def test_who_expected_more_of_the_deposit_gains_more_by_its_end(deal: Simulation) -> None:
    rows, against = deal.setting.weighted, deal.duties.against
    expected = variants.with_expected(against, rows)
    assert expected is not None and {**expected, SEED_TO_CHINA: 0} == {**against, SEED_TO_CHINA: 0}
    ordinary = regimes.base_canola()[SEED_TO_CHINA]
    assert np.asarray(expected[SEED_TO_CHINA]) - ordinary == pytest.approx(rows["duty_expected_2025"].to_numpy())
    share = variants.expected_duty_income(deal) / deal.market.income
    assert np.corrcoef(share, rows["duty_expected_2025"])[0, 1] > 0.8


def test_other_base_years_give_another_gain(deal: Simulation) -> None:
    (elsewhere, _), own = variants.other_choices(deal).values(), deal.market.income
    assert (elsewhere > 0).all() and 0.02 < abs(np.median(elsewhere) / np.median(own) - 1) < 0.5


def test_segmented_rivals_turn_no_seed_at_all(deal: Simulation) -> None:
    rows = deal.setting.weighted.assign(**{logit.KAPPA: 0.0})
    apart = models.market_of(deal.setting, rows, deal.duties, deal.market.base).income
    assert np.abs(variants.turning(deal)["segmented"] - apart).max() < 1


def test_what_is_ranked_has_the_sign_of_what_is_published(deal: Simulation) -> None:
    ranked_outputs = variants.outputs(deal)
    assert set(ranked_outputs) == {"grower_income", "displaced_registrations", "consumer_surplus"}
    assert all((values > 0).all() for values in ranked_outputs.values())
    assert (
        ranked_outputs["displaced_registrations"] > changes.vehicle_change(deal.vehicles)["displaced.electric"]
    ).all()


def test_acreage_and_the_episode_are_ranked_where_they_count(deal: Simulation) -> None:
    def ranked(**chosen: object) -> set[str]:
        changed = scenarios.load("deal_2026").model_copy(update=chosen)
        setting = replace(deal.setting, compared=replace(deal.setting.compared, scenario=changed))
        return set(variants.inputs(setting, variants.GROWERS))

    own, within_a_year, suspended = ranked(), ranked(horizon="crop_year"), ranked(licence_suspension=True)
    assert own - within_a_year == {logit.GROWTH} and logit.TURNING in within_a_year
    assert suspended - own == {variants.EPISODE} and logit.KAPPA not in own


def test_an_open_rebate_is_that_of_all_other_cars(deal: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    laws: list[VehicleRegime] = []

    def simulated(base: object, drawn: object, regime: VehicleRegime) -> SimpleNamespace:
        laws.append(regime)
        return SimpleNamespace(registrations={"china": np.zeros(1)})

    monkeypatch.setattr(variants.model, "simulate", simulated)
    monkeypatch.setattr(variants.entry, "first_year", simulated)
    law = deal.regimes.scenario
    variants.car_choices(deal.setting, law)
    # Regimes hold arrays, which newer Pythons do not compare: fields that differ are not the same object.
    differing = [{key for key, value in vars(regime).items() if value is not getattr(law, key)} for regime in laws]
    assert differing.count({"rebate_china_cad"}) == 2 and law.rebate_cad == 5000.0
    assert {regime.rebate_china_cad for regime in laws} == {law.rebate_china_cad, 5000.0}
