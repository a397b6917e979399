"""Declared faults: checked every time, applied only where the entry says so."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

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


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  status: open\n", "", "entries[0].status (line 2): found no such key; allowed: status is required"),
        ("status: open", "status: unsure", "entries[0].status (line 5): found unsure; allowed: open, settled"),
        ("  status: open", "  state: open", "found unknown key state; allowed: did you mean status? id, table"),
        ('"2021-03"', "2021", 'month (line 8): found 2021; allowed: text; write digits in quotes: "0512"'),
        ("handling: applied", "handling: caveat", "apply (line 12): found apply; allowed: apply exactly where"),
        ("    sum: [volume_kt]\n    set: {region: Europe}\n", "", "apply (line 12): found neither sum nor set"),
        ("column: volume_kt", "column: volume", "twice: found column volume; allowed: month, place"),
        (ENTRY, "one: two", "found one: two; allowed: a YAML list of entries"),
        (ENTRY, "- {", "found not YAML: node content is missing, line 1"),
        (ENTRY, ENTRY + ENTRY, "entries[1].id (line 16): found twice twice; allowed: every id once"),
    ],
)
def test_entry_that_cannot_be_used(old: str, new: str, told: str) -> None:
    with pytest.raises(BadInput) as caught:
        corrections.apply(frame("0.1", "0.2"), corrections.parse(ENTRY.replace(old, new).encode()))
    assert told in str(caught.value)


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


def test_source_that_mends_its_fault_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    shutil.copytree(root / "data", tmp_path / "data")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    path = tmp_path / "data" / "tables" / "grain_exports_monthly.csv"
    path.write_text(path.read_text("utf-8").replace("2021-03,durum,Italy,Africa,33.5\n", ""), encoding="utf-8")
    with pytest.raises(BadInput, match=r"durum_italy_twice.*review this entry"):
        data.accept()
    with pytest.raises(BadInput, match="durum_italy_twice: found 57 in volume_kt"):
        data.load("grain_exports_monthly")


REGION = "set: {region: Western Europe}"


@pytest.mark.parametrize(
    ("old", "new", "told", "vintage"),
    [
        (REGION, "set: {region: Nowhere}", r": row \d+, column region: found Nowhere; allowed: Africa, ", ""),
        (REGION, "set: {region: Nowhere}", r": row \d+, column region: found Nowhere; allowed: ", "2026-12-01"),
        (REGION, "set: {volume_kt: '-1'}", r": row \d+, column volume_kt: found -1; allowed: minimum 0", ""),
        (REGION, "set: {month: '2021-13'}", r": row \d+, column month: found 2021-13; allowed: months", ""),
        (REGION, "set: {destination: Algeria}", r"\.apply: found month=2021-03, .*=Algeria twice; allowed: every", ""),
        ("sum: [volume_kt]", "sum: [region]", r"\.apply\.sum: found region \(Africa, Western Europe\); allowed: ", ""),
    ],
)
def test_a_wrong_correction_is_named_and_not_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path, old: str, new: str, told: str, vintage: str
) -> None:
    shutil.copytree(root / "data", tmp_path / "data")
    folder = tmp_path / "data"
    if vintage:
        folder = folder / "vintages" / vintage
        folder.mkdir(parents=True)
        shutil.copytree(root / "data" / "tables", folder / "tables")
        for name in ("datapackage.json", "corrections.yml"):
            shutil.copy(root / "data" / name, folder)
        (folder / vintages.MARK).write_text("{}")
        monkeypatch.setenv(vintages.VARIABLE, vintage)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    text = (folder / "corrections.yml").read_text("utf-8")
    assert old in text
    (folder / "corrections.yml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BadInput) as caught:
        data.load("grain_exports_monthly")
    place = folder.relative_to(tmp_path).as_posix()
    line = str(caught.value)
    assert re.match(re.escape(f"{place}/corrections.yml: durum_italy_twice") + told, line) and "/tables/" not in line
    assert data.validate()[0] == line
