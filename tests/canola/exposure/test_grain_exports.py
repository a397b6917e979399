"""Exports of grains: hand-computed examples, zeros kept, flows by market, and input that must be refused."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.canola.exposure import grain_exports
from tradeexposure.core.errors import BadInput
from tradeexposure.data.geography import CHINA

MONTHS = pd.date_range("2018-08", "2020-07", freq="MS", name="month")


def exports(rows: list[tuple[str, str, float]], *, other_grain: pd.DatetimeIndex | None = None) -> pd.DataFrame:
    """A small table of monthly exports; `other_grain` months are covered by a wheat row."""
    canola = pd.DataFrame(rows, columns=["month", "destination", "volume_kt"]).assign(grain="canola")
    canola["month"] = pd.to_datetime(canola["month"])
    if other_grain is None:
        return canola
    wheat = pd.DataFrame({"month": other_grain, "destination": "Japan", "volume_kt": 1.0, "grain": "wheat"})
    return pd.concat([canola, wheat], ignore_index=True)


def test_absent_rows_become_zeros_in_covered_months() -> None:
    months = pd.date_range("2025-08", "2025-10", freq="MS")
    panel = grain_exports.monthly_exports(
        exports([("2025-08", CHINA, 114.0), ("2025-08", "Japan", 157.0)], other_grain=months)
    )
    assert len(panel) == 3 * 2
    china = panel[panel["destination"] == CHINA].set_index("month")["volume_kt"]
    assert china.tolist() == [114.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("rows", "grain", "message"),
    [
        ([("2025-08", CHINA, 1.0), ("2025-10", CHINA, 1.0)], "canola", "no row at all in 2025-09"),  # no zero
        ([("2025-08", CHINA, 1.0)], "rye", "rye"),
    ],
)
def test_impossible_exports_are_refused(rows: list[tuple[str, str, float]], grain: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        grain_exports.monthly_exports(exports(rows), grain=grain)


def test_crop_years_begin_in_august() -> None:
    months = pd.Series(pd.to_datetime(["2023-07-01", "2023-08-01", "2000-01-01"]))
    assert grain_exports.year_of(months, year="crop").tolist() == ["2022-23", "2023-24", "1999-00"]
    assert grain_exports.year_of(months).tolist() == ["2023", "2023", "2000"]
    with pytest.raises(BadInput, match="fiscal"):
        grain_exports.year_of(months, year="fiscal")


def test_crop_years_and_calendar_years_share_out_the_same_total(two_years: pd.DataFrame) -> None:
    calendar = grain_exports.annual_exports(two_years)
    crop = grain_exports.annual_exports(two_years, year="crop")
    assert calendar["volume_kt"].sum() == crop["volume_kt"].sum() == 3 * 24 + 12
    assert set(crop["months"]) == {12}
    assert calendar.drop_duplicates("year")["months"].tolist() == [5, 12, 7]


def test_concentration_by_hand(two_years: pd.DataFrame) -> None:
    crop = grain_exports.concentration(grain_exports.annual_exports(two_years, year="crop")).set_index("year")
    assert crop.loc["2020-21", "share_of_exports"] == pytest.approx(12 / 48)
    assert crop.loc["2020-21", "effective_markets"] == pytest.approx(1 / (0.25**2 + 0.75**2))
    assert crop.loc["2021-22", "share_of_exports"] == 0
    assert crop.loc["2021-22", "effective_markets"] == 1


def test_concentration_needs_the_market_and_exports() -> None:
    panel = grain_exports.annual_exports(grain_exports.monthly_exports(exports([("2025-08", "Japan", 0.0)])))
    with pytest.raises(BadInput, match="China"):
        grain_exports.concentration(panel)
    with pytest.raises(BadInput, match="no exports"):
        grain_exports.concentration(panel.assign(destination=CHINA))


def test_groups_keep_the_total(two_years: pd.DataFrame) -> None:
    more = pd.concat([two_years, two_years[two_years["destination"] == "Japan"].assign(destination="France")])
    grouped = grain_exports.group_destinations(more, keep=["China", "European Union"])
    assert grouped["volume_kt"].sum() == more["volume_kt"].sum()
    assert set(grouped["destination"]) == {"China", "European Union", "Other"}


def test_known_months_and_years(seed: pd.DataFrame) -> None:
    china = seed[seed["destination"] == CHINA].set_index("month")["volume_kt"]
    assert china["2024-08-01"] == 718.0
    assert china["2025-09-01"] == china["2025-10-01"] == 0
    crop = grain_exports.concentration(grain_exports.annual_exports(seed, year="crop")).set_index("year")
    assert crop.loc["2022-23", "market_kt"] == pytest.approx(4710, abs=5)  # as quoted by the commission
    assert grain_exports.change_so_far(seed) == pytest.approx(2022.4 / 5571.3 - 1, abs=1e-4)
    until_august = china["2024-01":"2024-08"].sum() / china["2023-01":"2023-08"].sum() - 1
    assert grain_exports.change_so_far(seed, until="2024-08") == pytest.approx(until_august)


def two_crops() -> pd.DataFrame:
    """Two crops; canola to Italy in one month only, wheat nowhere but China."""
    rows = [{"month": month, "grain": "wheat", "destination": "China P.R.", "volume_kt": 10.0} for month in MONTHS]
    rows += [{"month": month, "grain": "canola", "destination": "Japan", "volume_kt": 5.0} for month in MONTHS[::2]]
    rows += [{"month": MONTHS[0], "grain": "canola", "destination": name, "volume_kt": 3.0}
             for name in ("Italy", "Spain", "China P.R.", "Oman")]  # fmt: skip
    return pd.DataFrame(rows)


def test_flows_hold_every_month_keep_zeros_and_sum_the_union_and_the_rest():
    every = grain_exports.flows(two_crops(), crops=["canola", "wheat"])
    apart = grain_exports.markets_apart(every, markets=["China", "Japan", "European Union"])
    assert apart.groupby(["crop", "destination"]).size().eq(len(MONTHS)).all()
    wide = grain_exports.by_month(apart)
    assert wide.loc["2018-08-01"].to_dict() == {"China": 3, "European Union": 6, "Japan": 5, "Other": 3}
    assert wide.loc["2018-09-01"].sum() == 0
    assert apart["volume_kt"].sum() == two_crops()["volume_kt"].sum()
    regular = grain_exports.regular_cells(every, months=MONTHS[:5], share=0.6)  # Japan's in three months of five
    assert regular.to_numpy().tolist() == [["canola", "Japan", 0.6], ["wheat", "China", 1.0]]


def test_flows_refuse_unknown_markets_crops_and_holes():
    with pytest.raises(BadInput, match="Atlantis"):
        grain_exports.markets_apart(grain_exports.flows(two_crops(), crops=["canola"]), markets=["Atlantis"])
    with pytest.raises(BadInput, match="barley"):
        grain_exports.flows(two_crops(), crops=["barley"])
    table = two_crops()
    with pytest.raises(BadInput, match="2018-10"):
        grain_exports.flows(table[table["month"] != "2018-10-01"], crops=["canola"])
    with pytest.raises(BadInput, match="oats"):
        grain_exports.by_month(grain_exports.flows(two_crops(), crops=["canola"]), crop="oats")
    for volume in (-1.0, float("inf")):
        with pytest.raises(BadInput, match="missing or negative"):
            grain_exports.by_month(grain_exports.flows(two_crops(), crops=["canola"]).assign(volume_kt=volume))
