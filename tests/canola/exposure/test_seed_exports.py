"""Exposure of exports: hand-computed examples, second routes, and input that must be refused."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.canola.exposure import seed_exports
from tradeexposure.core import provinces
from tradeexposure.core.errors import BadInput

CHINA = provinces.CHINA


def exports(rows: list[tuple[str, str, float]], *, other_grain: pd.DatetimeIndex | None = None) -> pd.DataFrame:
    """A small table of monthly exports; `other_grain` months are covered by a wheat row."""
    canola = pd.DataFrame(rows, columns=["month", "destination", "volume_kt"]).assign(grain="canola")
    canola["month"] = pd.to_datetime(canola["month"])
    if other_grain is None:
        return canola
    wheat = pd.DataFrame({"month": other_grain, "destination": "Japan", "volume_kt": 1.0, "grain": "wheat"})
    return pd.concat([canola, wheat], ignore_index=True)


@pytest.fixture
def two_years() -> pd.DataFrame:
    """2020-08 to 2022-07: China takes 1 kt a month in the first crop year, nothing after; Japan 3 kt throughout."""
    months = pd.date_range("2020-08", "2022-07", freq="MS")
    rows = [(f"{month:%Y-%m}", "Japan", 3.0) for month in months]
    rows += [(f"{month:%Y-%m}", CHINA, 1.0) for month in months[:12]]
    return seed_exports.monthly_exports(exports(rows, other_grain=months))


def test_absent_rows_become_zeros_in_covered_months() -> None:
    months = pd.date_range("2025-08", "2025-10", freq="MS")
    panel = seed_exports.monthly_exports(
        exports([("2025-08", CHINA, 114.0), ("2025-08", "Japan", 157.0)], other_grain=months)
    )
    assert len(panel) == 3 * 2
    china = panel[panel["destination"] == CHINA].set_index("month")["volume_kt"]
    assert china.tolist() == [114.0, 0.0, 0.0]


def test_a_month_without_any_row_is_a_hole_not_a_zero() -> None:
    with pytest.raises(BadInput, match="no row at all in 2025-09"):
        seed_exports.monthly_exports(exports([("2025-08", CHINA, 1.0), ("2025-10", CHINA, 1.0)]))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("2025-08", CHINA, -1.0)], "found -1.0"),
        ([("2025-08", CHINA, 1.0), ("2025-08", CHINA, 2.0)], "repeated key"),
    ],
)
def test_impossible_exports_are_refused(rows: list[tuple[str, str, float]], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        seed_exports.monthly_exports(exports(rows))


def test_unknown_grain_is_refused() -> None:
    with pytest.raises(BadInput, match="rye"):
        seed_exports.monthly_exports(exports([("2025-08", CHINA, 1.0)]), grain="rye")


def test_crop_years_begin_in_august() -> None:
    months = pd.Series(pd.to_datetime(["2023-07-01", "2023-08-01", "2000-01-01"]))
    assert seed_exports.year_of(months, year="crop").tolist() == ["2022-23", "2023-24", "1999-00"]
    assert seed_exports.year_of(months).tolist() == ["2023", "2023", "2000"]
    with pytest.raises(BadInput, match="fiscal"):
        seed_exports.year_of(months, year="fiscal")


def test_crop_years_and_calendar_years_share_out_the_same_total(two_years: pd.DataFrame) -> None:
    calendar = seed_exports.annual_exports(two_years)
    crop = seed_exports.annual_exports(two_years, year="crop")
    assert calendar["volume_kt"].sum() == crop["volume_kt"].sum() == 3 * 24 + 12
    assert set(crop["months"]) == {12}
    assert calendar.drop_duplicates("year")["months"].tolist() == [5, 12, 7]


def test_concentration_by_hand(two_years: pd.DataFrame) -> None:
    crop = seed_exports.concentration(seed_exports.annual_exports(two_years, year="crop")).set_index("year")
    assert crop.loc["2020-21", "share_of_exports"] == pytest.approx(12 / 48)
    assert crop.loc["2020-21", "effective_markets"] == pytest.approx(1 / (0.25**2 + 0.75**2))
    assert crop.loc["2021-22", "share_of_exports"] == 0
    assert crop.loc["2021-22", "effective_markets"] == 1


def test_concentration_needs_the_market_and_exports() -> None:
    panel = seed_exports.annual_exports(seed_exports.monthly_exports(exports([("2025-08", "Japan", 0.0)])))
    with pytest.raises(BadInput, match="China"):
        seed_exports.concentration(panel)
    with pytest.raises(BadInput, match="no exports"):
        seed_exports.concentration(panel.assign(destination=CHINA))


def test_groups_keep_the_total(two_years: pd.DataFrame) -> None:
    more = pd.concat([two_years, two_years[two_years["destination"] == "Japan"].assign(destination="France")])
    grouped = seed_exports.group_destinations(more, keep=["China", "European Union"])
    assert grouped["volume_kt"].sum() == more["volume_kt"].sum()
    assert set(grouped["destination"]) == {"China", "European Union", "Other"}


@pytest.fixture
def crush() -> pd.DataFrame:
    return pd.DataFrame({"month": pd.date_range("2020-01", "2022-12", freq="MS"), "seed_crushed_kt": 4.0})


def test_use_of_seed_by_hand(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    use = seed_exports.use_of_seed(two_years, crush, year="crop").set_index("year")
    assert use.loc["2020-21", "share_of_use"] == pytest.approx(12 / (48 + 48))
    assert use.loc["2021-22", "share_of_use"] == 0
    assert seed_exports.use_of_seed(two_years, crush)["year"].tolist() == ["2021"]  # the only full calendar year


def test_a_missing_month_of_crush_leaves_the_year_out(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    holed = crush[crush["month"] != "2021-03-01"]
    assert seed_exports.use_of_seed(two_years, holed).empty


def test_shares_of_production_by_hand(two_years: pd.DataFrame, crush: pd.DataFrame) -> None:
    crops = pd.DataFrame({"year": [2020, 2021], "geo": "Canada", "crop": "canola", "production_t": [100e3, 80e3]})
    use = seed_exports.use_of_seed(two_years, crush, year="crop")
    shares = seed_exports.shares_of_production(use, crops).set_index("year")
    assert shares.loc["2020-21", ["exported", "crushed", "to_market", "other"]].tolist() == pytest.approx(
        [0.48, 0.48, 0.12, 0.04]
    )
    assert (shares[["exported", "crushed", "other"]].sum(axis=1) - 1).abs().max() < 1e-12


@pytest.fixture(scope="module")
def seed() -> pd.DataFrame:
    return seed_exports.monthly_exports(data.load("grain_exports_monthly"))


def test_known_months_and_years(seed: pd.DataFrame) -> None:
    china = seed[seed["destination"] == CHINA].set_index("month")["volume_kt"]
    assert china["2024-08-01"] == 718.0
    assert china["2025-09-01"] == china["2025-10-01"] == 0
    crop = seed_exports.concentration(seed_exports.annual_exports(seed, year="crop")).set_index("year")
    assert crop.loc["2022-23", "market_kt"] == pytest.approx(4710, abs=5)  # as quoted by the commission
    assert seed_exports.change_so_far(seed) == pytest.approx(2022.4 / 5571.3 - 1, abs=1e-4)
