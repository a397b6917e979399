"""The base year of the electric-car model: official totals, figures by origin, and what must be refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.policy import assumptions
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles import registrations
from tradeexposure.vehicles.exposure import sector
from tradeexposure.vehicles.market import base_year
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, ORIGINS, OTHER_CARS, EvBase

REFERENCE = VehicleRegime(china_within=0.061, rebate_cad=5000.0, rebate_china_cad=5000.0)


def test_registrations_add_up_to_the_official_totals(base: EvBase) -> None:
    table = data.load("vehicle_registrations_canada_quarterly")
    year = table[table["quarter"].dt.year == 2023].groupby("fuel")["registrations"].sum()
    assert base.electric == pytest.approx(year["battery electric"], rel=1e-12)
    assert base.market == pytest.approx(year["all fuel types"], rel=1e-12)
    assert base.registrations[CHINA_BUILT] == 41_678 and min(base.registrations.values()) > 0


def test_others_divide_as_in_british_columbia_without_china(base: EvBase) -> None:
    rest = base.electric - base.registrations[CHINA_BUILT]
    shares = [base.registrations[origin] / rest for origin in ORIGINS[1:]]
    north, home = (0.4996 + 0.0400) / (1 - 0.1655), 0.0002 / (1 - 0.1655)
    assert shares == pytest.approx([north, 1 - north - home, home])


def test_customs_share_is_import_value_over_price_without_duty(base: EvBase) -> None:
    value = 2.2e9 / 41_678
    assert base.customs_share == pytest.approx(value / ((59_990 + 69_900) / 2 - 0.061 * value))
    assert base.customs_share == pytest.approx(0.855, abs=5e-4)
    _, low, high = base_year.customs_share(data.load("ev_prices"), year=2023, rate=0.061)
    assert low < base.customs_share < high < 1


def test_every_cell_has_its_source_and_says_whether_it_is_assumed(base: EvBase) -> None:
    cells = base.cells().set_index("cell")
    named = {"price_cad", "market_price_cad", "customs_share", "canadian_share_of_other_cars", "assembly",
             "counted"}  # fmt: skip
    assert set(cells.index) == named | {f"registrations.{name}" for name in base.registrations}
    assert all(cells.loc[name, "value"] == getattr(base, name) for name in named)
    assert (cells["source"] != "").all() and cells["value"].gt(0).all()
    assert sorted(cells.index[~cells["assumed"]]) == ["assembly", f"registrations.{OTHER_CARS}"]
    assert "one outlet, the day of the count is not held" in cells.loc["counted", "source"]
    table = base.cells()
    table.loc[:, "value"] = 0.0
    assert base.cells()["value"].gt(0).all()


def test_the_price_of_any_new_car_is_the_mean_of_the_months_held(base: EvBase) -> None:
    assert base.market_price_cad == pytest.approx((55_378 + 57_959) / 2)
    with pytest.raises(BadInput, match=r"found no month.*a year with one"):
        base_year.market_price(data.load("ev_prices"), year=2020)


def test_what_is_not_held_is_refused() -> None:
    with pytest.raises(BadInput, match=r"2 quarters.*a year with four"):
        base_year.calibrate(REFERENCE, year=2026)
    with pytest.raises(BadInput, match="found 0 rows"):
        base_year.calibrate(REFERENCE, year=2024)
    with pytest.raises(BadInput, match="quota: found 10; allowed: none"):
        base_year.calibrate(replace(REFERENCE, quota=10.0))


def test_rivals_are_the_seven_models_of_february_2026(base: EvBase) -> None:
    """Their mean, and the gaps of the one China-built car with a price that `china_price_gap` spans."""
    assert len(set(base_year.RIVALS)) == 7
    assert base.price_cad == pytest.approx((48_418 + 43_418 + 46_315 + 44_650 + 47_833 + 49_118 + 49_990) / 7)
    item = "Tesla Model 3 Premium RWD (Shanghai-built, 6.1% quota)"
    listed = base_year.price_of(data.load("ev_prices"), item, period="2026-05")
    gaps = [1 - (listed + freight) / base.price_cad for freight in (0, 2000)]
    assert gaps == pytest.approx([0.16, 0.12], abs=5e-3)
    ends = assumptions.load()["china_price_gap"].distribution
    assert all(ends.low < gap < ends.high for gap in gaps)


def test_the_half_year_of_2026_makes_a_year_like_the_base(base: EvBase) -> None:
    assert base_year.year_at_pace_of(2026, seasonal=2025) == pytest.approx(70_393 / (55_937 / 116_067))
    assert base_year.year_at_pace_of(2026, seasonal=2025) == pytest.approx(146_000, rel=1e-3)
    assert base.electric == 143_666
    assert base_year.year_at_pace_of(2025, seasonal=2025) == pytest.approx(116_067)


def test_priors_of_shares_are_what_the_sources_say(base: EvBase) -> None:
    national = registrations.quarterly(data.load(registrations.NATIONAL))
    dependence = sector.dependence(data.load("ev_imports_by_origin"), data.load("chinese_built_share"),
                                   registrations.yearly(national))  # fmt: skip
    share = dependence.loc[dependence["supply"], "share"]
    known = assumptions.load()
    ends = known["china_share_2023"].distribution
    stated = [ends.low, ends.mode, ends.high]
    assert stated == pytest.approx([share.min(), share.iloc[0], share.max()], abs=6e-4)
    american = base_year.built("United States", base_year.NEWER_ELECTRIC)
    china = base_year.built("China", base_year.NEWER_ELECTRIC)
    ends = known["us_built_share"].distribution
    assert ends.low < american < american / (1 - china) < ends.high
    assert [american, american / (1 - china)] == pytest.approx([0.5, 0.6], abs=5e-3)
    assert base.counted == 2910


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("china_within", -0.1),
        ("quota", -1.0),
        ("first_window", -1.0),
        ("us_surtax", -0.25),
        ("price_capped_share", 1.2),
        ("us_vehicle_duty", float("nan")),
    ],
)
def test_a_regime_refuses_what_no_regime_can_be(field: str, value: float) -> None:
    with pytest.raises(BadInput, match=field):
        replace(REFERENCE, **{field: value})


def test_a_regime_refuses_a_lower_rate_above_the_quota() -> None:
    with pytest.raises(BadInput, match="china_above"):
        replace(REFERENCE, quota=10.0, china_above=0.0)
