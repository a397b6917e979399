"""The headline estimates of notebooks 30, 40 and 60 on the shipped data, each a second time by other code."""

from __future__ import annotations

import pandas as pd
import pytest
from second_routes import demand_routes, price_routes, volume_routes

from tradeexposure import data
from tradeexposure.canola import price_effect, trade_effect
from tradeexposure.canola.trade_effect.episodes import BEFORE_2019, EPISODES
from tradeexposure.econometrics import months
from tradeexposure.vehicles import demand


@pytest.fixture(scope="module")
def volumes() -> trade_effect.study.Sources:
    names = ("grain_exports_monthly", "canola_crush_monthly", "field_crops_annual", "canola_balance_forecasts")
    return trade_effect.study.arrange(*map(data.load, names), data.load("canola_price_prairies_monthly"))


def test_the_fall_of_2019_by_a_glm_with_dummies(volumes: trade_effect.study.Sources) -> None:
    canola, first = volumes.flows.query("crop == 'canola'"), EPISODES["2019"]
    rows = {"window": first.window, "baseline": first.baseline}
    ours = trade_effect.effects.difference(canola, **rows)
    panel = trade_effect.effects.sample(canola, unit="China", **rows)
    again = volume_routes.glm_change(panel, effects=[("destination", "calendar_month"), "month"])
    assert ours.change == pytest.approx(again, abs=1e-6) and again < -0.5


def test_the_paths_of_2019_by_state_space_models(volumes: trade_effect.study.Sources) -> None:
    before = volumes.monthly["China"].loc[slice(*BEFORE_2019)]
    ahead = months.months_of(EPISODES["2019"].window)
    assert volume_routes.largest_gap(before, months=ahead, shapes={"structural": 0.3, "sarimax": 0.5}) < 0.1


@pytest.mark.long
def test_the_price_of_2019_by_statsmodels() -> None:
    world = price_effect.prices.world_prices(data.load("commodity_prices_monthly"), data.load("exchange_rate_monthly"))
    price = data.load("canola_price_prairies_monthly").set_index("month")["price_cad_per_tonne"]
    panel = price_effect.prices.log_panel(price, world)
    window = price_effect.plan.windows(fit_2025="2024-08")["2019"]
    assert abs(price_routes.statespace_gap(panel, price_effect.plan.HEADLINE, window)) < 1e-3
    assert abs(price_routes.levels_gap(panel, price_effect.plan.HEADLINE, window)) < 1e-9


@pytest.fixture(scope="module")
def rebates() -> pd.DataFrame:
    fuel, vehicle = demand.plan.VEHICLES["bev"]
    tables = data.load("vehicle_registrations_quarterly"), data.load("ev_rebates")
    return demand.plan.panel(*tables, fuel=fuel, vehicle=vehicle)


def test_the_answer_to_a_rebate_by_absorbed_effects(rebates: pd.DataFrame) -> None:
    assert demand_routes.ppml_gap(rebates, demand.plan.HEADLINE) < 1e-6


def test_the_declared_answers_on_the_basis_of_the_bootstrap(rebates: pd.DataFrame) -> None:
    logit = "fractional_logit"  # its odds become registrations, so its coefficient is another number
    named = {name: spec for name, spec in demand.plan.DECLARED.items() if spec.estimator != logit}
    gaps = {name: demand_routes.bootstrap_gap(rebates, spec) for name, spec in named.items()}
    assert max(gaps.values()) < 1e-6, gaps


def test_the_permutation_ranks_what_the_full_estimate_says(rebates: pd.DataFrame) -> None:
    assert demand_routes.first_step_gap(rebates, demand.plan.HEADLINE) < 0.05
