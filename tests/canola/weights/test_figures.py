"""What the pictures of the weights draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tradeexposure.canola.weights import figures, history, simulated_history, study, weights
from tradeexposure.canola.weights.study import WeightedStudy


def test_a_duty_that_ends_trade_is_drawn_as_no_gain() -> None:
    """What is left of a subtraction there differs between processors, and would be read as a number."""
    gains = {"value": [8.2754e8, -1.8e-5], "low": [4.7e8, -4e-4], "high": [1.5e9, np.nan]}
    drawn = figures.duties(pd.DataFrame({"duty": [0.0, 0.848], "with_meal": False, **gains})).layer[0].data
    assert drawn["value"].tolist() == [827.54, 0.0] and drawn["low"].tolist() == [470.0, 0.0]
    assert not np.signbit(drawn[["value", "low"]].to_numpy()).any()
    assert drawn["high"].isna().tolist() == [False, True]  # what is not there is not none


@pytest.fixture(scope="module")
def weighed() -> WeightedStudy:
    """Three draws, of which data leave the second."""
    simulated = pd.DataFrame({"price_2019": [-0.3, -0.1, 0.1], "spring_2026": np.log([400.0, 700.0, 900.0])})
    simulated = simulated.assign(china_deal_kt=[3000.0, 4000.0, 5000.0], rivals_2019=np.log([500.0, 1000.0, 1500.0]))
    seen = (
        history.about("farm_price_2019", "Farm price", "price_2019", 0.0, 0.05, official=True, source=""),
        history.bound("least", "spring_bookings", "Booked", "spring_2026", 625.0, 0.5),
    )
    weight = {"prior": np.full(3, 1 / 3), "official": np.full(3, 1 / 3), "all": np.array([0.0, 1.0, 0.0])}
    steps = {"prior": [], "official": ["farm_price_2019"], "all": ["farm_price_2019", "spring_bookings"]}
    parameters = pd.DataFrame({"rival_turning": [1.0, 2.0, 30.0]})
    simulations = simulated_history.SimulatedHistory(parameters, simulated, 1000.0)
    return study.WeightedStudy(
        simulations, seen, weights.log_likelihoods(seen, simulated), steps, weight, np.array([2.0, 20, 60])
    )


def test_fits_are_distances_in_spreads(weighed: WeightedStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.chart_builders, "dots_ranges", lambda frame, **_: frame)
    drawn = pd.DataFrame(figures.fits(weighed)).set_index(["datum", "data"])["value"]
    after = figures.NAMES["all"]
    assert drawn["Farm price", after] == pytest.approx(-2.0)
    assert drawn["Booked", after] == pytest.approx(np.log(700 / 625) / 0.5)
    assert figures.fits_title(weighed) == "Least well met: farm price, 2.0 spreads off"


def test_classes_hold_all_of_the_probability(weighed: WeightedStudy) -> None:
    drawn = figures.reshuffling(weighed, bounds=[0.25, 0.75]).data
    assert drawn.groupby("data")["share"].sum().tolist() == pytest.approx([1.0] * 3)
    shares = drawn[drawn["data"] == figures.NAMES["prior"]].set_index("class")["share"]
    assert shares.tolist() == pytest.approx([1 / 3] * 3) and list(shares.index) == [
        "Under 25%",
        "25% to 75%",
        "Over 75%",
    ]


def test_what_was_told_stands_beside_what_is_simulated(weighed: WeightedStudy) -> None:
    drawn = figures.china(weighed, [("Deal", "from all", "china_deal_kt", 4500.0),
                                    ("2019", "from rivals", "rivals_2019", np.nan)]).data  # fmt: skip
    rows = drawn.set_index(["episode", "kind"])["value"]
    assert rows["Deal, from all", "Simulated"] == pytest.approx(4.0) and rows["Deal, from all", "Reported"] == 4.5
    assert rows["2019, from rivals", "Simulated"] == pytest.approx(1.0) and len(rows) == 3


def test_evidence_is_drawn_as_odds_against_the_first() -> None:
    table = pd.DataFrame({"model": ["Free", "Pool"], "all": [-8.0, -9.0], "official": [-3.0, -2.5]})
    drawn = figures.evidence(table).data
    assert drawn.set_index("data")["evidence"].to_dict() == {figures.NAMES["all"]: -1.0, figures.NAMES["official"]: 0.5}
