"""The EV sector's sides: figures from the right rows, no double counting, and input that must be refused."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.data import cited_figures
from tradeexposure.vehicles import registrations
from tradeexposure.vehicles.exposure import projects, stakeholder_matrix, supply
from tradeexposure.vehicles.exposure.stakeholder_matrix import Entry

CELL = Entry("china_surtax", "buyers", "loses", 2.2e9, share=0.29, share_low=0.2, share_high=0.3, share_of="supply")


def test_a_figure_comes_from_exactly_one_row() -> None:
    table = pd.DataFrame({"period": ["2023", "2023", "2024"], "value": [1.0, 2.0, None]})
    for year, found in (("2023", "2 rows"), ("2022", "0 rows"), ("2024", "0 rows")):
        with pytest.raises(BadInput, match=found):
            cited_figures.figure(table, "table", period=year)


def test_the_budget_offices_total_and_the_list_are_never_added() -> None:
    table = data.load(projects.PROJECTS)
    money = projects.capital(table).set_index("key")
    total = table.loc[table["project"] == projects.ALL_PROJECTS, "announced_investment_cad"].item()
    rest = table.loc[table["project"] != projects.ALL_PROJECTS, "announced_investment_cad"].sum()
    assert money.loc["announced", "value_cad"] == total and money.loc["listed", "value_cad"] == rest
    stopped = money.loc["stopped"]
    assert stopped["value_cad"] == money.loc[["paused", "cancelled"], "value_cad"].sum() == 22e9
    assert stopped["high_cad"] == 23.2e9


def test_a_project_whose_status_changed_is_refused_until_read() -> None:
    table = data.load(projects.PROJECTS)
    honda = table["project"] == "Honda EV value chain"
    with pytest.raises(BadInput, match="Honda EV value chain: construction resumed"):
        projects.projects(
            table.assign(latest_known_status=table["latest_known_status"].mask(honda, "construction resumed"))
        )
    with pytest.raises(BadInput, match="Honda EV value chain: Postponed"):
        projects.projects(table.assign(state_words=table["state_words"].mask(honda)))
    with pytest.raises(BadInput, match=r"found -1\.5e"):
        projects.projects(table.assign(announced_investment_cad=table["announced_investment_cad"].mask(honda, -15e9)))


def test_dependence_ranges_over_flows_and_leaves_the_old_fleet_out() -> None:
    counted = pd.DataFrame({"year": [2023], "fuel": [registrations.BATTERY], "registrations": [100_000]})
    found = supply.dependence(data.load(supply.IMPORTS), data.load(supply.BUILT), counted).set_index("key")
    assert found.loc["sent", "share"] == 41_678 / 100_000
    assert found.loc["value", "share"] == pytest.approx(2.2 / (2.2 + 2.7 + 1.2 + 0.82))
    assert found.index[~found["supply"]].tolist() == ["fleet"]


def test_exports_of_years_that_are_not_over_keep_their_months() -> None:
    months = pd.date_range("2024-01", "2025-02", freq="MS")
    parts = [
        pd.DataFrame({"month": months, "flow": "export", "partner": partner, "product": "autos_and_parts",
                      "value_cad_millions": value})
        for partner, value in (("united_states", 9.0), ("non_us", 1.0))
    ]  # fmt: skip
    trade = pd.concat(parts, ignore_index=True)
    yearly = supply.auto_exports(trade)
    assert yearly["months"].tolist() == [12, 2] and yearly["us_cad"].tolist() == [108e6, 18e6]
    assert yearly["us_share"].tolist() == [0.9, 0.9]
    assert supply.same_months(trade)["us_cad"].tolist() == [18e6, 18e6]
    later = parts[0].tail(1).assign(product="all", month=pd.Timestamp("2025-08-01"))
    assert supply.same_months(pd.concat([trade, later]))["months"].tolist() == [2, 2]
    with pytest.raises(BadInput, match="missing or negative month"):
        supply.auto_exports(trade.drop(index=3))


def test_ontario_is_read_from_the_notes() -> None:
    staff = data.load(supply.WORKERS)
    assert supply.ontario_shares(staff) == {2016: 0.85, 2018: 0.81, 2021: 0.79}
    assert supply.ontario_floor(staff) == (128_000, 100_000)
    with pytest.raises(BadInput, match="note of 2023"):
        supply.ontario_floor(staff.assign(note=""))


def test_drives_share_out_all_vehicles() -> None:
    lines = pd.DataFrame(
        {"hts10": ["8703800020", "8703230140", "8704600000", "8708295160"], "value_usd": [1.0, 7.0, 2.0, 99.0]}
    )
    found = supply.powertrains(lines).set_index("kind")["share"]
    assert found["Battery-electric cars"] == 0.1 and found["Other"] == 0.7 and found.sum() == pytest.approx(1)


def test_the_quota_is_set_against_each_base() -> None:
    fuels = {"battery electric": 10, "plug-in hybrid electric": 10, "hybrid electric": 20, "all fuel types": 100}
    counted = pd.DataFrame([{"year": 2025, "fuel": fuel, "registrations": count} for fuel, count in fuels.items()])
    found = stakeholder_matrix.quota_shares(5, counted, year=2025).set_index("key")["share"]
    assert found.to_dict() == {"plug_in": 0.25, "battery": 0.5, "with_hybrids": 0.125, "all": 0.05}


def test_the_matrix_shows_money_duty_and_share_shaded_by_direction() -> None:
    stopped = Entry("several", "projects", "loses", 22e9)
    cells = stakeholder_matrix.matrix([CELL, Entry("china_surtax", "assembly", "gains"), stopped])
    trade, capital = stakeholder_matrix.heat(cells).values()
    buyers, assembly, *others = trade[0].cells
    assert (buyers.value, buyers.range, buyers.shade) == ("C$2.20 bn", "29.0%", -3)
    assert (assembly.value, assembly.shade) == ("not held", 1) and {one.value for one in others} == {""}
    assert [one.title for one in capital] == ["Capital stopped"]
    assert capital[0].cells[3].shade == -1, "capital is not shaded beside a year's trade"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"direction": "suffers"}, "direction: found suffers"),
        ({"measure": "tariff"}, "measure: found tariff"),
        ({"share": 29.0}, "share: found 29"),
        ({"share": 0.1}, "a share outside its range"),
        ({"flow_cad": -1.0}, "flow_cad: found -1"),
        ({"share_of": ""}, "a share of nothing"),
    ],
)
def test_impossible_cells_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        stakeholder_matrix.matrix([dataclasses.replace(CELL, **changes)])
    with pytest.raises(BadInput, match="a repeated cell"):
        stakeholder_matrix.matrix([CELL, CELL])


def test_short_names_lose_their_dates_and_keep_their_numbers() -> None:
    shown = stakeholder_matrix.with_names(stakeholder_matrix.matrix([Entry("china_quota", "buyers", "gains")]))
    assert shown["short"].tolist() == ["Quota of 49,000 China-built EVs"]


def test_a_rounded_import_value_lies_within_half_of_its_last_digit() -> None:
    rows = supply.china_imports(data.load(supply.IMPORTS)).set_index("year")
    rounded = rows.dropna(subset=["low_cad", "high_cad"])
    assert len(rounded) and (rounded["low_cad"] < rounded["value_cad"]).all()
    assert (rounded["high_cad"] - rounded["value_cad"]).to_numpy() == pytest.approx(supply.ROUNDED)
