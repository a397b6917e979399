"""The Global Simulation Model: the published example to four decimals, and the exact solution beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import least_squares

from tradeexposure import data
from tradeexposure.core.errors import BadInput, NotConverged
from tradeexposure.scenarios.simulation import gsim
from tradeexposure.scenarios.simulation.gsim import Example


@pytest.fixture(scope="module")
def case() -> Example:
    return gsim.example()


def test_log_linear_solution_is_the_published_one(case: Example) -> None:
    found = gsim.solve(case).set_index("country")["log_linear"]
    published = data.load(gsim.RESULTS).set_index("country")["producer_price_change"]
    assert found.round(4).to_dict() == published.to_dict()


def test_the_published_example_is_reproduced_to_its_decimals() -> None:
    found = gsim.worked_example()
    assert gsim.example_reproduced(found) and found["residual"].max() < 1e-9
    assert not gsim.example_reproduced(found.assign(log_linear=found["log_linear"] + 1e-4))


def test_exact_solution_clears_every_market_and_has_the_same_signs(case: Example) -> None:
    found = gsim.solve(case)
    assert found["residual"].max() < 1e-9
    assert (np.sign(found["exact"]) == np.sign(found["log_linear"])).all()


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

    other = least_squares(miss, np.ones(4), xtol=1e-15, ftol=1e-15, gtol=1e-15).x - 1
    np.testing.assert_allclose(gsim.solve(case)["exact"], other, rtol=1e-6)


def test_both_agree_in_the_limit_of_a_small_change(case: Example) -> None:
    gaps = []
    for size in (1e-2, 1e-3):
        after = case.power_before * (1 + size * (case.change - 1))
        found = gsim.solve(replace(case, power_after=after))
        gaps.append(np.abs(found["exact"] - found["log_linear"]).max())
    assert gaps[1] < 1e-6 and gaps[1] < gaps[0] / 50  # the difference is of second order


def test_unchanged_tariffs_change_nothing(case: Example) -> None:
    found = gsim.solve(replace(case, power_after=case.power_before))
    assert found[["log_linear", "exact"]].abs().max(axis=None) < 1e-12


def test_bad_tables_are_named() -> None:
    flows, signs = (
        data.load(gsim.FLOWS),
        {"import_demand": -1.25, "export_supply": 1.5, "substitution": 5.0},
    )
    with pytest.raises(BadInput, match=r"import_demand_elasticity.*found 1.25.*less than 0"):
        gsim.of_tables(flows, {**signs, "import_demand": 1.25})
    with pytest.raises(BadInput, match=r"substitution_elasticity.*found -5.*more than 0"):
        gsim.of_tables(flows, {**signs, "substitution": -5.0})
    with pytest.raises(BadInput, match="15 rows"):
        gsim.of_tables(flows.iloc[1:], signs)
    with pytest.raises(BadInput, match="a country without trade"):
        gsim.of_tables(flows.assign(trade_value=flows["trade_value"].where(flows["exporter"] != "US", 0.0)), signs)


def test_no_number_without_a_solution(case: Example) -> None:
    far = replace(case, power_after=case.power_before * np.where(np.eye(4) > 0, 1.0, np.nan))
    with pytest.raises(NotConverged, match="substitution=5"):
        gsim.exact(far, start=np.zeros(4))


def test_shares_sum_to_one(case: Example) -> None:
    assert isinstance(gsim.solve(case), pd.DataFrame)
    np.testing.assert_allclose(case.export_share.sum(axis=1), 1)
    np.testing.assert_allclose(case.spending_share.sum(axis=0), 1)
