"""Declared faults: checked every time, applied only where the entry says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import refreshing

from tradeexposure import data
from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.data import corrections, vintages

ENTRY = """
- id: twice
  table: any
  handling: applied
  status: open
  reason: two rows of one shipment
  expect:
    - where: {month: "2021-03", place: Italy}
      column: volume_kt
      values: ["0.1", "0.2"]
  apply:
    where: {month: "2021-03", place: Italy}
    sum: [volume_kt]
    set: {region: Europe}
"""


def frame(*volumes: str) -> pd.DataFrame:
    """Two rows of Italy around one of Spain."""
    return pd.DataFrame(
        {
            "month": ["2021-03"] * 3,
            "place": ["Italy", "Spain", "Italy"],
            "region": ["Africa", "Europe", "Europe"],
            "volume_kt": [volumes[0], "5", volumes[1]],
        },
        dtype="object",
    )


def test_rows_are_joined_without_rounding_and_others_kept() -> None:
    before = frame("0.1", "0.2")
    joined = corrections.apply(before, corrections.parse(ENTRY.encode()))
    pd.testing.assert_frame_equal(before, frame("0.1", "0.2"))
    assert joined.to_dict("list") == {
        "month": ["2021-03", "2021-03"],
        "place": ["Italy", "Spain"],
        "region": ["Europe", "Europe"],
        "volume_kt": ["0.3", "5"],
    }


def test_what_was_expected_and_is_gone() -> None:
    with pytest.raises(BadInput, match=r"twice: found 0\.1, 0\.4 in volume_kt .*review this entry"):
        corrections.apply(frame("0.1", "0.4"), corrections.parse(ENTRY.encode()))
    with pytest.raises(BadInput, match="found no row in volume_kt"):
        corrections.apply(frame("0.1", "0.2").iloc[[1]], corrections.parse(ENTRY.encode()))


def test_every_known_fault_is_declared(root: Path) -> None:
    entries = corrections.parse((root / "data" / "corrections.yml").read_bytes())
    assert {(entry["table"], entry["handling"]) for entry in entries} == {
        ("grain_exports_monthly", "applied"),
        ("canola_price_prairies_monthly", "caveat"),
        ("canola_export_snapshots", "caveat"),
        ("canola_exports_compiled", "caveat"),
        ("grain_weekly", "caveat"),
    }


def test_fields_of_a_caveat_carry_it(root: Path) -> None:
    entries = corrections.parse((root / "data" / "corrections.yml").read_bytes())
    for entry in entries:
        if entry["handling"] == "caveat":
            fields = {field["name"]: field for field in data.describe(entry["table"])["schema"]["fields"]}
            assert all("caveat" in fields[expectation["column"]] for expectation in entry["expect"]), entry["id"]


def test_source_that_mends_its_fault_is_noticed(copy: Path) -> None:
    path = copy / "tables" / "grain_exports_monthly.csv"
    path.write_text(path.read_text("utf-8").replace("2021-03,durum,Italy,Africa,33.5\n", ""), encoding="utf-8")
    with pytest.raises(BadInput, match=r"durum_italy_twice.*review this entry"):
        data.accept()
    with pytest.raises(BadInput, match="durum_italy_twice: found 57 in volume_kt"):
        data.load("grain_exports_monthly")


def test_a_wrong_correction_of_a_later_vintage_is_named_and_not_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    folder = tmp_path / "data" / "vintages" / "2026-12-01"
    shutil.copytree(root / "data", folder, ignore=shutil.ignore_patterns("vintages"))
    (folder / vintages.MARK).write_text("{}")
    refreshing.keep_tables(folder, ["grain_exports_monthly"])
    monkeypatch.setenv(vintages.VARIABLE, folder.name)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    wrong = (folder / "corrections.yml").read_text("utf-8").replace("{region: Western Europe}", "{region: Nowhere}")
    (folder / "corrections.yml").write_text(wrong, "utf-8")
    with pytest.raises(BadInput) as caught:
        data.load("grain_exports_monthly")
    line = str(caught.value)
    assert (
        line.startswith("data/vintages/2026-12-01/corrections.yml: durum_italy_twice: row ") and "/tables/" not in line
    )
    assert data.validate()[0] == line
