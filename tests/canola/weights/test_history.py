"""What was seen: quoted figures and tables, and the likelihood that each datum gives to a draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tradeexposure.canola.weights import history
from tradeexposure.canola.weights.history import ZeroShipmentDatum
from tradeexposure.canola.weights.simulated_history import Paths2019, SimulatedHistory
from tradeexposure.core.errors import BadInput


def _waits(waiting: float) -> ZeroShipmentDatum:
    return ZeroShipmentDatum("empty_autumn", "", waiting, vessels=13.0, bunching=10.0, expected=(0.059, 0.758))


def test_what_the_trade_told_is_in_the_table() -> None:
    reports = history.trade_reports()
    assert reports["booked"] == 625.0 and reports["forecast"] == 3100.0 and reports["cargoes"] == 540.0
    assert reports["step"] == pytest.approx(1 - 40 / 680.8)


@pytest.mark.parametrize(
    ("study", "effect", "message"),
    [
        ("Nobody", "price fall", "Nobody: effect=price fall: found 0 rows; allowed: exactly one row"),
        ("Trade", "Chinese bookings of Canadian seed for spring 2026", "found 3 rows"),
    ],
)
def test_a_quote_that_is_not_one_row_is_refused(study: str, effect: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        history.quoted(study, effect)


def test_china_bought_from_rivals_what_canada_did_not_sell() -> None:
    rivals = history.china_imports(2019, "rivals")
    assert (rivals.min(), rivals.max()) == (680.0, 1120.0)
    assert history.china_imports(2019, "all")["market_centre"] == 2740.0
    assert history.china_outlook(2026) == 5000.0
    with pytest.raises(BadInput, match="1990, rivals"):
        history.china_imports(1990, "rivals")
    with pytest.raises(BadInput, match=r"marketing_year=1990.*found 0 rows"):
        history.china_outlook(1990)


def test_meal_after_the_deal_is_below_2025_and_above_the_last_winter() -> None:
    spring, year, winter = ("2026-03", "2026-04"), ("2025-04", "2025-12"), ("2025-11", "2026-02")
    assert history.meal_change(spring, year) == pytest.approx(-0.07, abs=0.005)
    assert history.meal_change(spring, winter) == pytest.approx(0.05, abs=0.005)
    parts = history.meal_change(spring, winter) + history.meal_change(winter, year)
    assert parts == pytest.approx(history.meal_change(spring, year)) and np.isfinite(parts)


def test_published_elasticities_are_those_of_the_table() -> None:
    """Of seed itself the tariff elasticity was left blank; others are of oilseeds or American imports."""
    published = history.elasticities()
    assert set(published["product"]) == {"seed", "oil", "meal"} and (published["value"].dropna() > 0).all()
    blank = published[published["value"].isna()]
    assert blank["description"].tolist() == ["canola seed"]
    assert history.elasticities_of_seed() == (3.13, 25.03)


def test_others_and_crush_recover_the_line_they_were_drawn_from(paths: Paths2019) -> None:
    both = history.others_and_crush("taken_2019", "", paths, factor=2.0, source="30")
    assert both.slope[0] == pytest.approx(0.45, abs=0.1)
    assert both.observed == pytest.approx([800, 1100], abs=350)
    assert np.sqrt(np.diag(both.covariance)) == pytest.approx([1000 * 2**0.5, 700], rel=0.1)  # others' variance doubled
    drawn = history.others_and_crush("taken_2019", "", paths, source="", factor=1.0).covariance
    assert both.covariance[0, 0] == pytest.approx(2 * drawn[0, 0])
    assert both.covariance.ravel()[1:] == pytest.approx(drawn.ravel()[1:])


def test_price_takes_the_published_interval() -> None:
    estimate = pd.Series({"value": -0.046, "low": -0.16, "high": 0.081, "level": 0.95, "notebook": "40"})
    price = history.price("farm_price_2019", "", "price_2019", estimate)
    spread = float(np.sqrt(price.covariance[0, 0]))
    assert np.expm1(price.observed[0] - 1.96 * spread) == pytest.approx(-0.16, abs=0.003)
    assert np.expm1(price.observed[0] + 1.96 * spread) == pytest.approx(0.081, abs=0.003)


def test_no_vessel_is_a_negative_binomial_with_waiting() -> None:
    kept = np.array([0.0, 0.1, 0.5, 1.0])
    simulated = pd.DataFrame({"kept_2025": kept, "expected": 0.758})
    mean, shape = 13.0 * kept, 10.0
    exact = stats.nbinom.pmf(0, shape, shape / (shape + mean))
    assert np.allclose(_waits(1.0).chance(simulated), exact)  # who expects the deposit does not wait
    low = simulated.assign(expected=0.059)
    assert np.allclose(_waits(1.0).chance(low), 1.0)
    assert np.allclose(_waits(0.0).chance(low), exact)
    assert np.allclose(_waits(0.5).chance(low), 0.5 + 0.5 * exact)


@pytest.mark.parametrize("side", ["least", "most"])
def test_a_bound_is_an_event_of_its_normal(side: str) -> None:
    simulated = pd.DataFrame({"x": np.linspace(-60.0, 90.0, 301)})
    bound = history.bound(side, "x", "", "x", 1000.0, 0.5)  # type: ignore[arg-type]
    happens, fails = bound.log_chances(simulated)
    assert np.allclose(np.exp(happens) + np.exp(fails), 1.0)
    exact = stats.norm(np.log(1000.0), 0.5)
    tail = exact.logcdf if side == "least" else exact.logsf
    assert np.allclose(happens, tail(simulated["x"]))
    steps = np.diff(bound.log_likelihood(simulated))
    assert (steps >= 0).all() if side == "least" else (steps <= 0).all()
    assert np.isfinite(happens).all()


def test_no_bound_weighs_nothing(simulations: SimulatedHistory) -> None:
    for bound in (
        history.bound("least", "x", "", "spring_2026", 0.0, 0.5),
        history.bound("most", "x", "", "china_2025", np.inf, 0.35),
    ):
        assert (bound.log_likelihood(simulations.simulated) == 0).all()


def test_synthetic_events_happen_as_often_as_their_truth_says() -> None:
    simulated = pd.DataFrame({"x": [6.0, 6.5, 7.5]})
    bound = history.bound("least", "x", "", "x", 700.0, 0.5)
    many = bound.synthetic(simulated)
    seen = many.seen(np.repeat(np.arange(3), 20_000), np.random.default_rng(5))
    often = seen.reshape(3, -1).mean(axis=1)
    assert often == pytest.approx(np.exp(bound.log_likelihood(simulated)), abs=0.01)
    happens, fails = bound.log_chances(simulated)
    each = seen @ many.slopes + many.constant
    assert np.allclose(each, np.where(seen == 1, happens, fails))
