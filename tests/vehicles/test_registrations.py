"""Registrations: the gap between the nation and its published provinces, which no missing row becomes part of."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.vehicles import registrations

FUELS = {"battery electric": 1, "plug-in hybrid electric": 1, "gasoline": 8, "all fuel types": 10}
PLACES = [*registrations.PROVINCES, "Yukon", "Canada"]


def table() -> pd.DataFrame:
    """Each place registers one car of each kind a quarter in ten; Canada twelve times that."""
    rows = [
        (quarter, geo, fuel, "all", count * (12 if geo == "Canada" else 1))
        for quarter in pd.to_datetime(["2024-01-01", "2024-04-01"])
        for geo in PLACES
        for fuel, count in FUELS.items()
    ]
    return pd.DataFrame(rows, columns=["quarter", "geo", "fuel", "vehicle_type", "registrations"])


def test_what_is_not_published_is_the_nation_less_provinces_and_territories() -> None:
    frame = registrations.quarterly(table())
    beside = registrations.national_beside_provinces(frame, frame[frame["geo"] == "Canada"])
    assert len(beside) == 2 * len(FUELS)
    battery = beside[beside["fuel"] == "battery electric"].iloc[0]
    assert (battery["canada"], battery["provinces"], battery["territories"]) == (12, 8, 1)
    assert battery["not_published"] == 3 and battery["revision"] == 0


def test_a_missing_province_never_becomes_part_of_the_gap() -> None:
    frame = registrations.quarterly(table())
    national = frame[frame["geo"] == "Canada"]
    without = frame[~((frame["geo"] == "Manitoba") & (frame["quarter"] == "2024-04-01"))]
    with pytest.raises(BadInput, match=r"Manitoba, .*: found no row in 2024Q2"):
        registrations.national_beside_provinces(without, national)
    alberta = frame[frame["geo"] == "Manitoba"].assign(geo="Alberta")
    with pytest.raises(BadInput, match="found Alberta"):
        registrations.national_beside_provinces(pd.concat([frame, alberta]), national)


def test_a_count_in_another_unit_is_told_by_the_sum_of_fuels() -> None:
    frame = data.load(registrations.NATIONAL)
    newest = (frame["quarter"] == "2026-04-01") & (frame["fuel"] == "battery electric")
    with pytest.raises(BadInput, match="2026Q2, Canada: found 507,129, all fuels added up; allowed: 547,673"):
        registrations.quarterly(frame.assign(registrations=frame["registrations"].mask(newest, 41)))


def test_the_share_of_the_quarters_is_the_published_one() -> None:
    national = registrations.quarterly(data.load(registrations.NATIONAL))
    years = registrations.yearly(national)
    ours = registrations.zev_share(years[years["quarters"] == 4]).set_index("year")["zev_share"]
    published = data.load("zev_share_annual").query("geo == 'Canada' and year >= 2017").set_index("year")["zev_share"]
    assert (ours - published).abs().max() < 1e-4
    assert years[years["year"] == 2026]["quarters"].unique().tolist() == [2]


def test_the_nation_is_its_parts_in_the_tables() -> None:
    national = registrations.quarterly(data.load(registrations.NATIONAL))
    provincial = registrations.quarterly(data.load(registrations.PROVINCIAL))
    beside = registrations.national_beside_provinces(provincial, national)
    assert (beside["provinces"] + beside["territories"] + beside["not_published"] == beside["canada"]).all()
