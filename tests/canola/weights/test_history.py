"""What the tables hold of what was seen: quoted figures, China's imports, meal's price."""

from __future__ import annotations

import numpy as np
import pytest

from tradeexposure.canola.weights import history
from tradeexposure.core.errors import BadInput


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
