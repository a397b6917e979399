"""Rows of the deal stand under the names of what they are, and the same number is the same wherever it is published."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import samplerows

from tradeexposure.scenarios.simulation import changes, models, results, simulate, tables, validation, variants
from tradeexposure.scenarios.simulation.models import Simulation

EV, WELFARE, INCOME = "scenario.ev", "scenario.welfare", "scenario.canola.grower_income_change_cad"
FINAL, YEAR = "against_final_duty", "first_year"


@pytest.fixture(scope="module")
def rows(deal: Simulation) -> pd.DataFrame:
    """Every row of the deal but those of its curve."""
    shares = simulate.provinces()
    markets = {ending: changes.canola_change(market) for ending, market in deal.markets.items()}
    split = variants.by_province(deal.market.income, shares)
    frames = [
        results.canola(markets[""], split, models.incomes(deal), deal.setting),
        results.beside(markets, {}, variants.turning(deal), shares, deal.setting),
        results.vehicles(deal, variants.treatments(deal)),
        results.entering(variants.entering(deal), deal.setting),
        results.welfare(changes.accounts(deal), deal.setting),
    ]
    return pd.concat(frames).set_index("result_id")


def test_chinas_duties_are_those_of_the_scenario_and_of_both_counterfactuals(rows: pd.DataFrame) -> None:
    charged = {"seed": (0.149, 0.848, 0.149), "oil": (1.09, 1.09, 1.09), "meal": (0.05, 1.05, 1.05)}
    for product, duties in charged.items():
        stem = f"scenario.canola.china_{product}_duty"
        assert rows.loc[[stem, f"{stem}.against", f"{stem}.{FINAL}"], "value"].tolist() == pytest.approx(duties)


def test_rent_ends_and_duty_rises_where_more_cars_may_come_at_the_ordinary_rate(rows: pd.DataFrame) -> None:
    closed, free = ({name: rows.loc[f"{EV}.{name}{ending}"] for name in ("quota_rent_cad", "tariff_revenue_cad")}
                    for ending in ("", ".mfn"))  # fmt: skip
    assert free["quota_rent_cad"]["high"] == 0 < closed["quota_rent_cad"]["high"]
    assert free["tariff_revenue_cad"]["value"] > closed["tariff_revenue_cad"]["value"] > 0


def test_assembly_is_lost_at_home_where_no_duty_of_the_united_states_differs(rows: pd.DataFrame) -> None:
    stem = f"{EV}.domestic_assembly_change"
    assert rows.loc[f"{stem}.home_market", "high"] < 0 == rows.loc[f"{stem}.through_united_states", "value"]
    assert rows.loc[stem, "value"] == rows.loc[f"{stem}.home_market", "value"]


def test_the_first_year_fills_less_of_the_quota_and_loses_less_surtax(rows: pd.DataFrame) -> None:
    value = rows["value"]
    assert 0 <= value[f"{EV}.quota_regime.filled.{YEAR}"] < value[f"{EV}.quota_regime.filled"]
    assert value[f"{EV}.surtax_lost_cad"] < value[f"{EV}.surtax_lost_cad.{YEAR}"] < 0
    assert value[f"{EV}.entry_months"] > 0 and 0 < value[f"{EV}.draws_that_count"] < samplerows.DRAWS
    assert 0 < value[f"{EV}.quota_used.{YEAR}"] < value[f"{EV}.quota_used"] <= 1
    assert 0 < value[f"{EV}.displaced.electric"] < value[f"{EV}.displaced"]


def test_the_account_says_what_the_parts_on_canola_and_cars_say(rows: pd.DataFrame) -> None:
    value = rows["value"]
    lines = {"surtax_lost": "surtax_lost_cad", "revenue": "tariff_revenue_cad", "car_buyers": "consumer_surplus_cad"}
    for line, number in lines.items():
        assert value[f"{WELFARE}.{line}"] == value[f"{EV}.{number}"], line
    assert value[f"{WELFARE}.growers"] == value[INCOME]
    for ending in (f".{YEAR}", f".{FINAL}"):
        assert value[f"{WELFARE}.growers{ending}"] == value[f"{INCOME}{ending}"]
    assert value[f"{WELFARE}.surtax_lost.{YEAR}"] == value[f"{EV}.surtax_lost_cad.{YEAR}"]
    assert value[f"{WELFARE}.crushers"] < 0 and value[f"{WELFARE}.canada_cad"] != value[f"{WELFARE}.growers"]
    assert value[f"{WELFARE}.canada_without_crushers"] > value[f"{WELFARE}.canada_cad"]
    assert f"{WELFARE}.car_buyers.{FINAL}" not in value, "cars do not hang on what China would have charged"


def test_periods_say_of_which_year_a_number_is(rows: pd.DataFrame, deal: Simulation) -> None:
    first = set(rows.index[rows["period"].fillna("").str.startswith("the first year")])
    assert first == {key for key in rows.index if YEAR in key.split(".") or key.endswith(".faded")}
    crop_year = deal.setting.scenario.model_copy(update={"horizon": "crop_year"})
    short = replace(deal.setting, compared=replace(deal.setting.compared, scenario=crop_year))
    assert short.period().startswith("the first year")


def test_the_published_numbers_stand_beside_ours_as_they_were_printed() -> None:
    ours = {"value": 47_000.0, "low": 20_000.0, "high": 49_000.0, "published": 48_000.0}
    study = pd.DataFrame([{"quantity": "china_built", **ours}])
    rows = results.quota_rows(study).set_index("result_id")["value"]
    stem = f"{results.VALIDATION_STEM}.quota.china_built"
    assert (rows[stem], rows[f"{stem}.sawyer"]) == (47_000, 48_000)
    shown = tables.quota_study(study).iloc[0]
    assert (shown["ours"], shown["span"], shown["published"]) == (
        "47,000 vehicles a year", "20,000 to 49,000 vehicles a year", "48,000 vehicles a year"
    )  # fmt: skip


def test_a_difference_from_the_published_decimals_is_told_with_its_size() -> None:
    example_table = validation.worked_example()
    moved = example_table.assign(log_linear=example_table["log_linear"] - 2e-4)
    for example, apart in ((example_table, 0.0), (moved, 2e-4)):
        rows = results.example_rows(example).set_index("result_id")["value"]
        assert rows[f"{results.VALIDATION_STEM}.gsim.largest_difference"] == pytest.approx(apart)
