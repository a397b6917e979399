"""The EV sector's sides: figures from the right rows, no double counting, and input that must be refused."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.vehicles import registrations
from tradeexposure.vehicles.exposure import results, sector


def test_a_figure_comes_from_exactly_one_row() -> None:
    table = pd.DataFrame({"period": ["2023", "2023", "2024"], "value": [1.0, 2.0, None]})
    for year, message in (("2023", "2 rows"), ("2022", "0 rows"), ("2024", "0 rows")):
        with pytest.raises(BadInput, match=message):
            data.figure(table, "table", period=year)


def test_a_later_count_under_the_quota_leaves_the_first_one_as_it_is_and_is_the_newest_told() -> None:
    table = data.load(sector.IMPORTS)
    first = table[table["measure"] == sector.ADMITTED]

    def counts(*later: tuple[str, float]) -> pd.DataFrame:
        rows = [first.assign(period=period, value=value) for period, value in later]
        return sector.counts(pd.concat([table, *rows], ignore_index=True))

    pd.testing.assert_frame_equal(counts(("2026-12", 31_000.0)).head(1), counts())
    assert counts()["vehicles"].tolist() == first["value"].tolist()
    assert "newest" not in results.admitted_sentence(counts())
    admitted = counts(("2026-03..2026-12", 31_000.0), ("2026-03-01..2026-09-30", 9_000.0))
    ids = [f"ev.quota_admitted.{key}" for key in ("first_count", "2026-09-30", "2026-12")]
    assert results.admitted(admitted)["result_id"].tolist() == ids
    assert results.admitted_sentence(admitted).endswith(
        "At the newest count, March 2026 to December 2026, {ev.quota_admitted.2026-12} had entered."
    )
    with pytest.raises(BadInput, match="the day they were counted to"):
        counts(("2026-03..(undated, next)", 31_000.0))


def test_the_budget_offices_total_and_the_list_are_never_added() -> None:
    table = data.load(sector.PROJECTS)
    money = sector.capital(table).set_index("key")
    total = table.loc[table["project"] == sector.ALL_PROJECTS, "announced_investment_cad"].item()
    rest = table.loc[table["project"] != sector.ALL_PROJECTS, "announced_investment_cad"].sum()
    assert money.loc["announced", "value_cad"] == total and money.loc["listed", "value_cad"] == rest
    stopped = money.loc["stopped"]
    assert stopped["value_cad"] == money.loc[["paused", "cancelled"], "value_cad"].sum() == 22e9
    assert stopped["high_cad"] == 23.2e9


def test_a_project_whose_status_changed_is_refused_until_read() -> None:
    table = data.load(sector.PROJECTS)
    honda = table["project"] == "Honda EV value chain"
    with pytest.raises(BadInput, match="Honda EV value chain: construction resumed"):
        sector.projects(
            table.assign(latest_known_status=table["latest_known_status"].mask(honda, "construction resumed"))
        )
    with pytest.raises(BadInput, match="Honda EV value chain: Postponed"):
        sector.projects(table.assign(state_words=table["state_words"].mask(honda)))


def test_dependence_ranges_over_flows_and_leaves_the_old_fleet_out() -> None:
    counted = pd.DataFrame({"year": [2023], "fuel": [registrations.BATTERY], "registrations": [100_000]})
    dependence = sector.dependence(data.load(sector.IMPORTS), data.load(sector.BUILT), counted).set_index("key")
    assert dependence.loc["sent", "share"] == 41_678 / 100_000
    assert dependence.loc["value", "share"] == pytest.approx(2.2 / (2.2 + 2.7 + 1.2 + 0.82))
    assert dependence.index[~dependence["supply"]].tolist() == ["fleet"]


def test_exports_of_years_that_are_not_over_keep_their_months() -> None:
    months = pd.date_range("2024-01", "2025-02", freq="MS")
    parts = [
        pd.DataFrame({"month": months, "flow": "export", "partner": partner, "product": "autos_and_parts",
                      "value_cad_millions": value})
        for partner, value in (("united_states", 9.0), ("non_us", 1.0))
    ]  # fmt: skip
    trade = pd.concat(parts, ignore_index=True)
    yearly = sector.auto_exports(trade)
    assert yearly["months"].tolist() == [12, 2] and yearly["us_cad"].tolist() == [108e6, 18e6]
    assert yearly["us_share"].tolist() == [0.9, 0.9]
    assert sector.same_months(trade)["us_cad"].tolist() == [18e6, 18e6]
    later = parts[0].tail(1).assign(product="all", month=pd.Timestamp("2025-08-01"))
    assert sector.same_months(pd.concat([trade, later]))["months"].tolist() == [2, 2]
    with pytest.raises(BadInput, match="missing or negative month"):
        sector.auto_exports(trade.drop(index=3))
    less = parts[0].assign(product="all", value_cad_millions=8.0)
    with pytest.raises(BadInput, match=r"autos_and_parts, 20.*: found 9\.0; allowed: at most 8\.0, all goods"):
        sector.auto_exports(pd.concat([trade, less]))


def test_ontario_is_read_from_the_notes() -> None:
    staff = data.load(sector.WORKERS)
    assert sector.ontario_shares(staff) == {2016: 0.85, 2018: 0.81, 2021: 0.79}
    assert sector.ontario_floor(staff) == (128_000, 100_000)
    with pytest.raises(BadInput, match="note of 2023"):
        sector.ontario_floor(staff.assign(note=""))


def test_drives_share_out_all_vehicles() -> None:
    lines = pd.DataFrame(
        {"hts10": ["8703800020", "8703230140", "8704600000", "8708295160"], "value_usd": [1.0, 7.0, 2.0, 99.0]}
    )
    shares = sector.powertrains(lines).set_index("kind")["share"]
    assert shares["Battery-electric cars"] == 0.1 and shares["Other"] == 0.7 and shares.sum() == pytest.approx(1)


def test_a_rounded_import_value_lies_within_half_of_its_last_digit() -> None:
    rows = sector.china_imports(data.load(sector.IMPORTS)).set_index("year")
    rounded = rows.dropna(subset=["low_cad", "high_cad"])
    assert len(rounded) and (rounded["low_cad"] < rounded["value_cad"]).all()
    assert (rounded["high_cad"] - rounded["value_cad"]).to_numpy() == pytest.approx(sector.ROUNDED)


def monthly_imports(last: str = "2026-04") -> pd.DataFrame:
    months = pd.date_range("2024-01", last, freq="MS")
    values = (months.year - 2023).astype(float)  # 1 in 2024, 2 in 2025, 3 in 2026
    return pd.DataFrame({"month": months, "flow": "imports", "hs": "8703.80.00", "value_cad": values})


def test_full_years_and_parts_beside_the_year_before() -> None:
    table = sector.electric_imports(data.electric_car_imports(monthly_imports()), "2026-03-01").set_index("suffix")
    assert table["value_cad"].to_dict() == {"2024": 12, "2025": 24, "2025_jan_apr": 8, "2026_jan_apr": 12,
                                            "2025_mar_apr": 4, "2026_mar_apr": 6}  # fmt: skip
    assert table["change"].isna().to_list() == [True, False, False, False, False, False]
    assert table.loc["2026_mar_apr", "change"] == 0.5 and table.loc["2025", "change"] == 1


def test_a_year_that_is_over_is_told_once() -> None:
    table = sector.electric_imports(data.electric_car_imports(monthly_imports("2026-12")), "2026-03-01")
    assert table["suffix"].is_unique and {"2026", "2026_jan_dec"} & set(table["suffix"])
    rows = results.electric_imports(table)
    assert rows["result_id"].is_unique and rows["value"].notna().all()


def test_the_text_names_numbers_that_are_published() -> None:
    table = sector.electric_imports(data.electric_car_imports(monthly_imports()), "2026-03-01")
    text, rows = results.electric_imports_sentence(table), results.electric_imports(table)
    named = {part.split("}")[0] for part in text.split("{")[1:]}
    assert named and named <= set(rows["result_id"])
