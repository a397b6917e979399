"""What real files of the World Bank look like: each is read right, or refused in one line that says why.

Rows are written here; none is copied from a file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import samplefiles
from publishers import zipped
from samplefiles import Table, read, refused


class TestWorldBank:
    """Releases of 2015 to 2026 as their readers describe them: github.com/sebapi747/gold (2026-05-04);
    github.com/jpu585/Commodity-Price-Risk-in-Phosphorus-Recycling-Investments, 01_data_read.R (title row, sheets
    ``Monthly Prices`` and ``Monthly Indices``); openpyxl's documentation (hidden columns are read like others)."""

    CASE = samplefiles.WorldBank()

    def book(self, change: Callable[[Any, Any], None]) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(self.CASE.saved_again(codes=2)))
        change(book, book["monthly prices "])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def read(self, tmp_path: Path, change: Callable[[Any, Any], None]) -> Table:
        return read(tmp_path, self.book(change), "pinksheet", self.CASE.PART, self.CASE.FIELDS)

    def found(self, tmp_path: Path) -> Table:
        return self.read(tmp_path, lambda book, sheet: None)

    @pytest.mark.parametrize(
        "how",
        [
            {}, {"codes": 2}, {"codes": 1}, {"codes": 0}, {"blank": 1}, {"dates": True}, {"text": True},
            {"codes": 2, "blank": 1, "dates": True, "text": True},
        ],
        ids=str,
    )  # fmt: skip
    def test_headings_are_found_by_what_they_say(self, tmp_path: Path, how: dict[str, Any]):
        rows = read(tmp_path, self.CASE.saved_again(**how), "pinksheet", self.CASE.PART, self.CASE.FIELDS)
        assert rows == [
            ["2026-04", "wheat", "301.46", "tonne"], ["2026-05", "urea", "770.5", "tonne"],
            ["2026-05", "wheat", "303", "tonne"],
        ]  # fmt: skip

    def test_a_wrong_statement_of_the_used_range(self, tmp_path: Path):
        with zipfile.ZipFile(io.BytesIO(self.CASE.saved_again(codes=2))) as packed:
            inside = {name: packed.read(name) for name in packed.namelist()}
        sheet = "xl/worksheets/sheet1.xml"
        inside[sheet] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', inside[sheet])
        assert b'<dimension ref="A1"' in inside[sheet]
        assert len(read(tmp_path, zipped(inside), "pinksheet", self.CASE.PART, self.CASE.FIELDS)) == 3

    def test_a_renamed_column_is_known_by_its_code(self, tmp_path: Path):
        part = {**self.CASE.PART, "dimensions": [{"column": ["Commodity"], "into": "commodity",
                "members": {"wheat": ["Wheat, hard red", "WHEAT_US_HRW"], "urea": ["UREA_EE_BULK"]}}]}  # fmt: skip
        rows = read(tmp_path, self.CASE.saved_again(codes=2), "pinksheet", part, self.CASE.FIELDS)
        assert [row[1] for row in rows] == ["wheat", "urea", "wheat"]

    @pytest.mark.parametrize(
        "change",
        [
            lambda book, sheet: [book.create_sheet(name, 0) for name in ("AFOSHEET", "Monthly Indices")],
            lambda book, sheet: setattr(sheet.column_dimensions["E"], "hidden", True),
            lambda book, sheet: sheet.insert_cols(4),
            lambda book, sheet: sheet.append(["Note", "Wheat, US HRW", "is no. 1"]),
            lambda book, sheet: sheet.insert_rows(5, amount=2),
            lambda book, sheet: sheet.cell(5, 7, "Wheat,\u00a0US  HRW **"),
            lambda book, sheet: sheet.cell(8, 7, "301.456789 "),
            lambda book, sheet: sheet.append(["2026M06", *["..."] * 6]),
        ],
        ids=[
            "more sheets", "a hidden column", "an empty column", "a note", "empty rows", "blanks that do not break",
            "a number as text", "a month without prices",
        ],
    )  # fmt: skip
    def test_saved_again(self, tmp_path: Path, change: Callable[[Any, Any], None]):
        assert self.read(tmp_path, change) == self.found(tmp_path)

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            (lambda book, sheet: sheet.cell(8, 7, "1,301.45"), "found '1,301.45' where a number belongs (Wheat"),
            (lambda book, sheet: sheet.cell(6, 7, "(cents/bushel)"), "found the unit 'cents/bushel' for price"),
            (lambda book, sheet: setattr(sheet.cell(6, 7), "value", None), "found the unit '' for price"),
            (lambda book, sheet: sheet.move_range("D5:G5", cols=-2), "found the unit '$/bbl' for price, expected $/mt"),
            (lambda book, sheet: sheet.cell(5, 5, "Wheat, US HRW"), "found two values for 2026-04, tonne, wheat"),
            (lambda book, sheet: sheet.cell(5, 7, "Wheat, Canadian"), "found no Commodity for wheat (nearest: "),
            (lambda book, sheet: book.create_sheet("Monthly Prices"), "found 2 sheets called Monthly Prices"),
            (lambda book, sheet: setattr(sheet, "title", "Monthly Price"), "(nearest: Monthly Price)"),
            (lambda book, sheet: setattr(sheet, "title", "Prices"), "found the sheets Prices, not Monthly Prices"),
        ],
    )  # fmt: skip
    def test_what_is_not_sure_is_refused(self, tmp_path: Path, change: Callable[[Any, Any], None], refusal: str):
        refused(lambda: self.read(tmp_path, change), refusal)

    def test_no_workbook(self, tmp_path: Path):
        content = zipped({"readme.txt": b"hello"})
        refused(lambda: read(tmp_path, content, "pinksheet", self.CASE.PART, self.CASE.FIELDS), "found no workbook")

    def test_months_as_serial_numbers_are_not_guessed_at(self, tmp_path: Path):
        def change(_: Any, sheet: Any) -> None:
            for place, cell in enumerate((date(2026, 4, 1), date(2026, 5, 1))):
                sheet.cell(8 + place, 1, (cell - date(1899, 12, 30)).days)

        refused(lambda: self.read(tmp_path, change), "found no row of months")
