"""The models beside published numbers: a study of the quota as printed, an estimate, a worked example reproduced."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import samplerows
from scipy.optimize import least_squares

from tradeexposure import data
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.policy import cusma_claims, regimes
from tradeexposure.reporting import results_book
from tradeexposure.reporting.numbers import Number, number
from tradeexposure.scenarios.simulation import results, tables, validation
from tradeexposure.scenarios.simulation.models import Setting
from tradeexposure.scenarios.simulation.validation import Example
from tradeexposure.vehicles.market.base_year import ORIGINS


@pytest.fixture(scope="module")
def setting() -> Setting:
    return samplerows.setting()


def estimate(low: float, high: float) -> Number:
    months = {"period": "2025-04 to 2025-12", "tables": "merchandise_trade_monthly"}
    return number({"result_id": validation.TARIFF, "value": (low + high) / 2, "low": low, "high": high, "level": 0.95,
                   "unit": "change", **months})  # fmt: skip


@pytest.fixture(scope="module")
def case() -> Example:
    return validation.example()


def test_the_published_study_is_read_as_it_is_printed():
    table = data.load("benchmarks_vehicles")
    assert validation.published_quota_study(table).to_dict() == pytest.approx({
        "china_built": 49_000, "additional_evs": 30_745, "displaced_evs": 18_255, "displaced_share": 18_255 / 49_000,
        "china_share_of_evs": 0.233,
    })  # fmt: skip
    with pytest.raises(BadInput, match=r"net additional EVs / displaced other EVs.*0 rows"):
        validation.published_quota_study(table.head(3))


def test_the_base_year_of_cars_is_held_against_the_newest_half_year():
    table = data.load("vehicle_registrations_canada_quarterly")
    electric = table[table["fuel"] == "battery electric"].assign(year=lambda rows: rows["quarter"].astype(str).str[:4])
    months = electric["quarter"].astype(str).str[5:7].astype(int)
    first, whole = (part.groupby("year")["registrations"].sum() for part in (electric[months < 7], electric))
    by_hand = first["2026"] * whole["2025"] / first["2025"] / whole["2023"]
    assert validation.base_year_at_pace(2026, seasonal=2025) == pytest.approx(by_hand) and abs(by_hand - 1) < 0.05


def test_everything_beside_is_published(setting: Setting):
    book = results_book.Book("70_simulate_scenario")
    study = validation.quota_study(setting, seed=samplerows.SEED, replaced=samplerows.REPLACED)
    estimated = estimate(-0.31, 0.22)
    tariff = validation.us_tariff(setting, estimated, seed=samplerows.SEED, replaced=samplerows.REPLACED)
    for rows in (
        results.quota_rows(study),
        results.example_rows(validation.worked_example()),
        results.tariff_rows(tariff, estimated),
    ):
        book.add_frame(rows)
    rows = book.frame().set_index("result_id")
    simulated = rows.loc["scenario.validation.us_tariff.passenger_vehicles"]
    repeated = rows.loc["scenario.validation.us_tariff.estimated"]
    assert (simulated["period"], simulated["level"], repeated["level"]) == (estimated.period, 0.9, 0.95)
    assert (repeated["low"], repeated["high"], repeated["tables"]) == (-0.31, 0.22, "merchandise_trade_monthly")
    assert rows.loc["scenario.validation.gsim.largest_difference", "value"] == 0
    assert rows.loc["scenario.validation.quota.china_built.sawyer", "value"] == 49000
    assert len(tables.quota_study(study)) == len(study)


def test_the_study_is_the_deals_first_year_at_the_same_draws():
    setting, year = samplerows.setting(), samplerows.simulation().first_year.scenario
    study = validation.quota_study(setting, seed=samplerows.SEED, replaced=samplerows.REPLACED).set_index("quantity")
    assert validation.DRAWS == samplerows.DRAWS
    ours, electric = study["value"], sum(year.registrations[name] for name in ORIGINS)
    assert ours["china_built"] == np.median(year.registrations["china"])
    assert ours["china_share_of_evs"] == pytest.approx(np.median(year.registrations["china"] / electric))
    assert 0 < ours["displaced_share"] < 1 and 0 < ours["additional_evs"] < ours["china_built"]
    assert ours["displaced_evs"] + ours["additional_evs"] == pytest.approx(ours["china_built"], rel=0.02)
    assert (study["low"] < ours).all() and (ours < study["high"]).all()


def test_the_duty_of_2025_by_hand(setting: Setting) -> None:
    """One duty from its first day to the estimate's last month, against that of the eve; elasticity and weight."""
    simulated = validation.us_tariff(setting, estimate(-0.31, 0.22), seed=samplerows.SEED, replaced=samplerows.REPLACED)
    some = setting.draws[["us_content", "us_vehicle_demand"]]  # the deal fixes no prior
    claimed = cusma_claims.read().claimed["8703"]
    charged = claimed * 0.25 * (1 - some["us_content"]) + (1 - claimed) * 0.275
    change = ((1 + charged) / (1 + (1 - claimed) * 0.025)) ** -some["us_vehicle_demand"] - 1
    np.testing.assert_allclose(simulated["passenger_vehicles"], change)
    trade = data.load("merchandise_trade_monthly").query("flow == 'export' and product == 'autos_and_parts'")
    trade = trade[(trade["partner"] == "united_states") & (trade["month"].dt.year == 2024)]
    share = setting.us.exports_cad / trade["value_cad_millions"].sum() / 1e6
    np.testing.assert_allclose(simulated["vehicles_and_parts"], share * change)
    for first, last in (("2025-04-03", "2025-12-31"), ("2023-12-31", "2024-12-31")):
        same = [regimes.vehicles_on(date.fromisoformat(day)).us_vehicle_duty for day in (first, last)]
        assert same[0] == same[1]


@pytest.mark.parametrize(
    ("low", "high", "neither"),
    [(-0.31, 0.22, True), (-0.31, -0.01, False), (0.01, 0.22, False), (-0.02, 0.22, False)],
)
def test_an_estimate_that_overlaps_and_holds_no_change_neither_refutes_nor_bears_out(
    low: float, high: float, neither: bool
) -> None:
    simulated = pd.DataFrame({"low": [-0.26, -0.14], "high": [-0.07, -0.04]})
    assert validation.cannot_tell(simulated, estimate(low, high)) is neither


def test_the_published_example_is_reproduced_to_its_decimals() -> None:
    example = validation.worked_example()
    assert validation.example_reproduced(example) and example["residual"].max() < 1e-9
    assert not validation.example_reproduced(example.assign(log_linear=example["log_linear"] + 1e-4))


def test_exact_solution_by_another_route(case: Example) -> None:
    """Sales and purchases in levels, cell by cell, by least squares instead of a root in logs."""
    spent = case.value * case.power_before

    def miss(price: np.ndarray) -> np.ndarray:
        left = []
        for seller in range(4):
            bought = 0.0
            for buyer in range(4):
                paid = price * case.power_after[:, buyer] / case.power_before[:, buyer]
                share = spent[:, buyer] / spent[:, buyer].sum()
                index = (share @ paid ** (1 - case.substitution)) ** (1 / (1 - case.substitution))
                relative = (paid[seller] / index) ** -case.substitution
                bought += case.value[seller, buyer] * relative * index**case.import_demand
            left.append(bought - case.value[seller].sum() * price[seller] ** case.export_supply)
        return np.array(left)

    levels = least_squares(miss, np.ones(4), xtol=1e-15, ftol=1e-15, gtol=1e-15).x - 1
    np.testing.assert_allclose(validation.solve_example(case)["exact"], levels, rtol=1e-6)


def test_unchanged_tariffs_change_nothing(case: Example) -> None:
    solution = validation.solve_example(replace(case, power_after=case.power_before))
    assert solution[["log_linear", "exact"]].abs().max(axis=None) < 1e-12


def test_bad_tables_are_named() -> None:
    flows = data.load(validation.GSIM_FLOWS)
    signs = {"import_demand": -1.25, "export_supply": 1.5, "substitution": 5.0}
    with pytest.raises(BadInput, match=r"import_demand_elasticity.*found 1.25.*less than 0"):
        validation.of_tables(flows, {**signs, "import_demand": 1.25})
    with pytest.raises(BadInput, match=r"substitution_elasticity.*found -5.*more than 0"):
        validation.of_tables(flows, {**signs, "substitution": -5.0})
    with pytest.raises(BadInput, match="15 rows"):
        validation.of_tables(flows.iloc[1:], signs)
    unsold = flows.assign(trade_value=flows["trade_value"].where(flows["exporter"] != "US", 0.0))
    with pytest.raises(BadInput, match="a country without trade"):
        validation.of_tables(unsold, signs)


def test_no_number_without_a_solution(case: Example) -> None:
    far = replace(case, power_after=case.power_before * np.where(np.eye(4) > 0, 1.0, np.nan))
    with pytest.raises(NotConverged, match="substitution=5"):
        validation.exact(far, start=np.zeros(4))
