"""Loading a table: known figures, types, and one clear line for every way a table can be broken."""

from __future__ import annotations

import json
import os
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core import loaded_files, paths
from tradeexposure.core.errors import BadInput
from tradeexposure.data import table_schema

GRAIN = "grain_exports_monthly"
RATE = "exchange_rate_monthly"


def edit(folder: Path, name: str, change: Callable[[str], str]) -> None:
    """Rewrite a table's text."""
    path = folder / "tables" / f"{name}.csv"
    path.write_bytes(change(path.read_bytes().decode("utf-8")).encode("utf-8"))


def edit_package(folder: Path, change: Callable[[dict], None]) -> None:
    """Rewrite the descriptor; `change` gets a mapping from table to its resource."""
    path = folder / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    change({resource["name"]: resource for resource in package["resources"]})
    path.write_text(json.dumps(package), encoding="utf-8")


def refusal(name: str) -> str:
    """The message with which a table is refused."""
    with pytest.raises(BadInput) as caught:
        data.load(name)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_two_way_trade_with_china_is_the_published_total() -> None:
    trade = data.load("merchandise_trade_monthly")
    china = trade.query("partner == 'china' and product == 'all' and month.dt.year == 2024")
    assert china["value_cad_millions"].sum() == pytest.approx(118_923.0, abs=0.05)
    assert china.groupby("flow")["value_cad_millions"].sum().round(1).to_dict() == {
        "export": 30_003.3,
        "import": 88_919.7,
    }


@pytest.mark.parametrize(
    ("name", "rows", "column", "total"),
    [
        ("canola_seed_exports_annual", "year == 2012", "volume_kg", 8_338_938_512),
        ("canola_seed_exports_annual", "year == 2012", "value_cad", 5_207_101_948),
        ("canola_crush_monthly", "month.dt.year == 2024", "seed_crushed_kt", 11_375.2),
        # Both figures of two publishers that disagree.
        (
            "canola_export_snapshots",
            "year == 2024 and market == 'China' and product == 'oil'",
            "volume_t",
            644 + 15_351,
        ),
    ],
)
def test_published_totals(name: str, rows: str, column: str, total: float) -> None:
    assert data.load(name).query(rows)[column].sum() == pytest.approx(total, abs=1)


def test_duplicate_durum_row_is_summed() -> None:
    grain = data.load(GRAIN)
    row = grain[grain["month"] == "2021-03-01"].query("grain == 'durum' and destination == 'Italy'")
    assert row[["region", "volume_kt"]].values.tolist() == [["Western Europe", 90.5]]
    assert not grain.duplicated(["month", "grain", "destination"]).any()


def test_rates_and_shares_are_fractions() -> None:
    assert data.load("zev_share_annual")["zev_share"].max() < 0.5
    rates = data.load("us_rates_by_date")
    assert set(rates["additional_rate_without_claim"]) == {0.0, 0.10, 0.25, 0.35}
    oil = rates[rates["date_from"] == "2025-08-01"].query("product == 'canola oil'").iloc[0]
    assert (oil["mfn_rate"], oil["additional_rate_without_claim"], oil["additional_rate_with_claim"]) == (
        0.064,
        0.35,
        0,
    )


def test_a_table_that_a_caller_changed_is_loaded_unchanged() -> None:
    first = data.load(RATE)
    kept = first.copy()
    first.loc[:, "cad_per_usd"] = 0.0
    first["more"] = 1
    data.describe(RATE)["schema"]["fields"].clear()
    pd.testing.assert_frame_equal(data.load(RATE), kept)


def test_bytes_that_changed_count_though_size_and_time_stayed(copy: Path) -> None:
    path = copy / "tables" / f"{RATE}.csv"
    before, loaded = path.stat(), data.load(RATE)
    edit(copy, RATE, lambda text: text[:-2] + str((int(text[-2]) + 1) % 10) + text[-1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size and "hash" in refusal(RATE)
    assert data.accept() == [RATE] and data.accept() == []
    assert not data.load(RATE).equals(loaded)


def test_types_of_columns() -> None:
    registrations = data.load("vehicle_registrations_canada_quarterly")
    assert registrations["quarter"].min() == pd.Timestamp("2017-01-01")
    assert registrations["quarter"].dt.month.isin([1, 4, 7, 10]).all()
    assert registrations["registrations"].dtype == "int64"
    rebates = data.load("ev_rebates")
    assert rebates["date_end"].isna().sum() == 28
    assert rebates["income_tested"].dtype == bool
    assert rebates["note"].notna().all()
    assert data.load("field_crops_annual")["yield_kg_per_ha"].isna().any()
    assert "1205100020" in set(data.load("us_imports_from_canada_monthly")["hts10"]), "tariff codes stay text"
    assert "120" in set(data.load("elasticities_trade")["code"])


def test_sources_credit_each_table_once() -> None:
    credit = data.sources([RATE, GRAIN, RATE])
    assert credit["name"].tolist() == [RATE, GRAIN]
    assert (credit[["title", "publisher", "licence", "coverage", "vintage", "caveat"]] != "").all(axis=None)
    assert credit.set_index("name").loc[GRAIN, "licence"] == "Open Government Licence – Canada"
    assert list(data.sources([]).columns) == list(data.SOURCE_COLUMNS)


def test_loading_needs_no_heavy_package(imported: dict[str, set[str]]) -> None:
    assert {"frictionless", "statsmodels", "altair"} & imported["tables"] == set()


def test_unknown_name_suggests_the_nearest() -> None:
    message = refusal("grain_export_monthly")
    assert "found grain_export_monthly; allowed: grain_exports_monthly" in message


def test_descriptor_without_a_hash(copy: Path) -> None:
    edit_package(copy, lambda tables: [tables[RATE].pop(entry) for entry in ("hash", "bytes")])
    assert f"{RATE}.bytes: found no bytes" in refusal(RATE)
    assert data.accept() == [RATE]
    assert len(data.load(RATE)) == 437


def test_column_names_promise_their_unit() -> None:
    promised = {
        "volume_kt": "kilotonnes", "volume_t": "tonnes", "yield_kg_per_ha": "kilograms per hectare",
        "price_cad_per_tonne": "CAD per tonne", "value_cad_millions": "CAD millions", "cad_per_usd": "CAD per USD",
        "zev_share": "share", "amount_cad": "CAD", "farms": "", "trust": "",
    }  # fmt: skip
    assert {name: table_schema.promised_unit(name) for name in promised} == promised


BREAKS: dict[str, tuple[Callable[[str], str], str]] = {
    "a column is gone": (lambda text: text.replace("cad_per_usd", "rate", 1), "cad_per_usd"),
    "a cell is no number": (lambda text: text.replace("1990-01,1.172,", "1990-01,much,"), "found much"),
    "a key is there twice": (lambda text: text + text.splitlines()[-1] + "\n", "found"),
    "no rows": (lambda text: text.splitlines()[0] + "\n", "allowed: a heading and at least one row of figures\n"),
    "a month far ahead": (lambda text: text + "2036-05,1.37,20\n", "found 2036-05"),
    "a month later than its vintage": (lambda text: text + "2026-06,1.37,20\n", "found 2026-06"),
    "a month missing inside": (lambda text: re.sub(r"\n2010-05,.*", "", text), "found no row 2010-05"),
    "a power of ten": (
        lambda text: re.sub(r"\n(20[12]\d-\d\d),1\.", r"\n\1,1000.", text),
        "allowed: maximum 1.8",
    ),
}


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("fault", [*BREAKS, "not UTF-8"])
def test_a_broken_table_is_not_accepted(copy: Path, capsys: pytest.CaptureFixture[str], fault: str) -> None:
    """By the command; another table changed soundly: its hash is not written either."""
    edit(copy, "canola_crush_monthly", lambda text: "\n".join(text.splitlines()[:-1]) + "\n")
    change, part = BREAKS.get(fault, (lambda text: text, "line 2: found byte 0xff that is not UTF-8"))
    edit(copy, RATE, change)
    path = copy / "tables" / f"{RATE}.csv"
    if fault == "not UTF-8":
        path.write_bytes(path.read_bytes().replace(b"1990-01", b"1990-\xff1"))
    before = tree(copy)
    with pytest.raises(SystemExit, match=r"^2$"):
        runpy.run_module("tradeexposure.data", run_name="__main__")
    shown = capsys.readouterr()
    assert tree(copy) == before
    assert shown.out == "" and shown.err.count("\n") == 1
    assert shown.err.startswith(f"error: data/tables/{RATE}.csv: ") and part in shown.err and "allowed: " in shown.err


def test_every_source_of_a_table_is_linked() -> None:
    credit = data.sources(["merchandise_trade_monthly"]).iloc[0]
    assert credit["address"].endswith("1210001101")
    (further,) = credit["further"]
    assert "12-10-0182-01" in further[0] and further[1].endswith("1210018201")
    assert f"<{further[1]}>" in "".join(data.generated().values())


def test_caveats_of_licence_and_of_copies() -> None:
    soy, rates = data.describe("soybean_exports_canada_annual"), data.describe("us_rates_by_date")
    assert "non-commercial" in soy["caveat"] and "MIT licence does not cover" in soy["caveat"]
    assert "copies" in rates["caveat"]


def test_the_newest_day_is_that_of_weeks_months_and_quarters_and_years_are_left_out() -> None:
    """Each beside the last cell of the file itself."""
    last = {name: max(data.load(name)[column]) for name, column in (("grain_weekly", "week_ending"), (GRAIN, "month"))}
    assert data.newest(["grain_weekly"]) == last["grain_weekly"].date()
    assert data.newest([GRAIN]) == (last[GRAIN] + pd.offsets.MonthEnd(1)).date()
    assert data.newest([GRAIN, "grain_weekly", GRAIN]) == data.newest(["grain_weekly"])
    quarters = data.load("vehicle_registrations_canada_quarterly")["quarter"].max()
    assert data.newest(["vehicle_registrations_canada_quarterly"]) == (quarters + pd.offsets.QuarterEnd(1)).date()
    assert data.newest(["field_crops_annual", "canola_balance_forecasts"]) is None and data.newest([]) is None


def test_why_figures_end_is_said_while_they_end_there_alone(copy: Path) -> None:
    day, why = data.ending(GRAIN)
    assert f"{day:%Y-%m}" == "2025-10" == f"{data.load(GRAIN)['month'].max():%Y-%m}" and why.endswith(".")
    assert data.ending("grain_weekly") is None and data.ending("field_crops_annual") is None
    package = json.loads((copy / "datapackage.json").read_text("utf-8"))
    own = next(resource for resource in package["resources"] if resource["name"] == GRAIN)
    own["ends"]["at"] = "2025-09"
    (copy / "datapackage.json").write_text(json.dumps(package), "utf-8")
    assert data.ending(GRAIN) is None, "a later month is held than the one that was declared"


def test_every_declared_end_is_that_of_its_table() -> None:
    declared = [name for name in data.names() if data.describe(name).get("ends")]
    assert declared and all(data.ending(name) for name in declared)
    ends, why = data.ending("canola_ev_trade_value_monthly")
    assert data.newest(["canola_exports_monthly"]) > ends and "newer months are held of seed alone" in why


def test_the_folder_of_tables_may_be_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = data.names()
    (tmp_path / "data").symlink_to(paths.path("data"))
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    with loaded_files.recording() as entries:
        assert data.names() == shipped
    assert set(entries) == {("file", "data/datapackage.json")}


def test_electric_car_imports_have_every_month_or_are_refused() -> None:
    months = pd.date_range("2024-01", "2024-12", freq="MS")
    cars = pd.DataFrame({"month": months[::-1], "flow": "imports", "hs": "8703.80.00", "value_cad": range(12, 0, -1)})
    others = cars.assign(hs="1205.10.10", value_cad=99)
    assert data.electric_car_imports(pd.concat([others, cars])).to_dict() == dict(
        zip(months, range(1, 13), strict=True)
    )
    with pytest.raises(BadInput, match=r"no 8703\.80\.00 in 2024-05"):
        data.electric_car_imports(cars[cars["month"] != "2024-05-01"])
    with pytest.raises(BadInput, match="no imports"):
        data.electric_car_imports(cars.assign(flow="exports"))
