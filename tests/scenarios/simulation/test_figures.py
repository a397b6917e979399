"""Charts of the deal draw the rows that their titles name, each under the regime, year and place that it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.exposure.figures import FEWEST_FARMS
from tradeexposure.econometrics.inference.draws import spread
from tradeexposure.reporting.charts import Drawn
from tradeexposure.scenarios.simulation import changes, figures, simulate, tables, variants
from tradeexposure.scenarios.simulation.changes import Outputs
from tradeexposure.scenarios.simulation.models import Simulation


def drawn(figure: Drawn | str, key: str) -> list[Mapping[str, Any]]:
    """The rows of a chart that have a value under a name."""
    assert isinstance(figure, Drawn)
    return [row for rows in figure.chart.to_dict()["datasets"].values() for row in rows if key in row]


def test_registrations_stand_under_the_regime_that_has_them(deal: Simulation, cars: Outputs) -> None:
    against, scenario = deal.vehicles.against.registrations, deal.vehicles.scenario.registrations
    rows = drawn(figures.registrations(spread(cars["china_built_registrations_change"]), against, scenario), "Regime")
    value = {(row["Built in"], row["Regime"]): row["value"] for row in rows}
    assert value["China", "Measured against"] == 0 < value["China", "Scenario"]
    others = {place for place, _ in value} - {"China"}
    assert len(others) == 3
    assert all(value[place, "Scenario"] < value[place, "Measured against"] for place in others)


@pytest.mark.parametrize(
    ("first", "last", "phrase"),
    [
        (2e8, 8e7, "worth C$200 m where duties are low, C$80 m where high"),
        (2e8, 1e6, "little where high"),
        (8e7, 2e8, "depends on the seed duty without it"),
    ],
)
def test_the_title_of_the_curve_follows_what_ten_points_are_worth(first: float, last: float, phrase: str) -> None:
    gains = {"15": 1e8, "15.first_year": 2e8, "85": 1e9, "85.first_year": 2e9, "first_ten": first, "last_ten": last}
    duties = {"15": 0.149, "85": 0.848, "first_ten": 0.249, "last_ten": 0.748}
    figure = figures.curve({name: np.full(3, value) for name, value in gains.items()}, duties, own=False)
    value = {(row["when"], row["duty"]): row["value"] for row in drawn(figure, "duty")}
    assert phrase in figure.title
    assert value == {("after adjustment", 0.149): 1e8, ("first year", 0.149): 2e8, ("after adjustment", 0.848): 1e9,
                     ("first year", 0.848): 2e9}  # fmt: skip


def test_the_account_draws_all_who_gain_or_lose_and_none_who_does_not(deal: Simulation) -> None:
    lines = tables.account(changes.accounts(deal)[""])
    still = lines["line"] == "Rent of the quota that stays in Canada"
    for end in ("value", "low", "high"):
        lines.loc[still, end] = 0.0
    rows = drawn(figures.account(lines, spread(np.full(3, 1e9))), "Who")
    assert [row["Who"] for row in rows] == lines["line"][~still].tolist()


def test_provinces_with_many_farms_are_drawn_from_the_largest_on(deal: Simulation) -> None:
    shares = simulate.provinces()
    split = variants.by_province(deal.market.income, shares)
    rows = drawn(figures.provinces(deal.market.income, split, shares), "Province")
    assert [row["Province"] for row in rows][:3] == ["Saskatchewan", "Alberta", "Manitoba"]
    places, farms = shares.set_index("geo")["place"], shares.set_index("geo")["farms"]
    assert {row["Province"] for row in rows} == set(farms[(farms >= FEWEST_FARMS) & (places != "canada")].index)
    assert all(row["low"] < row["value"] < row["high"] for row in rows)


def test_the_ranking_draws_what_moves_an_output_and_not_the_rest() -> None:
    shares = {"seed_scale_cad_t": 0.6, "seed_supply": 0.2, "spare_capacity": 0.001}
    ranks = pd.DataFrame({"output": "grower_income", "assumption": list(shares), "share": list(shares.values())})
    rows = drawn(figures.ranking(ranks, variants.first(ranks)), "share")
    assert [row["share"] for row in rows] == [0.6, 0.2]
