"""The matrix of the EV sector: what cells show."""

from __future__ import annotations

import pandas as pd

from tradeexposure.policy import tariff_schedule
from tradeexposure.vehicles.exposure import stakeholder_matrix
from tradeexposure.vehicles.exposure.stakeholder_matrix import Entry

CELL = Entry("china_surtax", "buyers", "loses", 2.2e9, share=0.29, share_low=0.2, share_high=0.3, share_of="supply")


def test_the_quota_is_set_against_each_base() -> None:
    fuels = {"battery electric": 10, "plug-in hybrid electric": 10, "hybrid electric": 20, "all fuel types": 100}
    counted = pd.DataFrame([{"year": 2025, "fuel": fuel, "registrations": count} for fuel, count in fuels.items()])
    shares = stakeholder_matrix.quota_shares(5, counted, year=2025).set_index("key")["share"]
    assert shares.to_dict() == {"plug_in": 0.25, "battery": 0.5, "with_hybrids": 0.125, "all": 0.05}


def test_the_matrix_shows_money_duty_and_share_shaded_by_direction() -> None:
    stopped = Entry("several", "projects", "loses", 22e9)
    cells = stakeholder_matrix.matrix([CELL, Entry("china_surtax", "assembly", "gains"), stopped])
    trade, capital = stakeholder_matrix.heat(cells).values()
    buyers, assembly, *others = trade[0].cells
    assert (buyers.value, buyers.range, buyers.shade) == ("C$2.20 bn", "29.0%", -3)
    assert (assembly.value, assembly.shade) == ("not held", 1) and {cell.value for cell in others} == {""}
    assert [row.title for row in capital] == ["Capital stopped"]
    assert capital[0].cells[3].shade == -1, "capital is not shaded beside a year's trade"


def test_short_names_lose_their_dates() -> None:
    shown = stakeholder_matrix.with_names(stakeholder_matrix.matrix([Entry("china_quota", "buyers", "gains")]))
    assert shown["short"].tolist() == ["Quota for China-built EVs"]


def test_measures_stand_since_the_days_that_their_names_say() -> None:
    named = {
        "us_vehicles": "us_232_vehicles",
        "canada_surtax_us": "canada_auto_surtax",
        "china_quota": "canada_ev_quota",
    }
    facts = {key: tariff_schedule.get(name) for key, name in named.items()}
    days = {key: stakeholder_matrix.MEASURES[key].rpartition("since ")[2] for key in facts}
    assert days == {key: f"{fact.effective}" for key, fact in facts.items()}
    assert {fact.end for fact in facts.values()} == {None}
    over = tariff_schedule.get("canada_ev_surtax")
    assert stakeholder_matrix.MEASURES["china_surtax"].endswith(f", {over.effective:%Y-%m} to {over.end:%Y-%m}")
