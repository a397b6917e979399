"""What real files of the Grain Commission look like: each is read right, or refused in one line that says why.

Rows are written here; none is copied from a file.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import samplefiles
from publishers import LIMITS, source
from samplefiles import Table, cells, passed_on, read, refused

from tradeexposure.refresh.publishers.source_files import READERS
from tradeexposure.refresh.publishers.sources_schema import Part
from tradeexposure.refresh.table_build import rows_of

#: Not the sum of the grades that the file has beside it.
ALL_GRADES = b"2025,January,Canola,All grades combined,99,TERMINALS,Vancouver,Asia,China P.R.\r\n"


class TestGrainCommission:
    """The Commission's exports.csv and weekly file (github.com/dsanchezp18/maplestats-mcp, modules/cgc;
    github.com/cuddjim/monthly_crops, get_cgc.R: ``ktonnes`` in lower case, years with other headings)."""

    CASE = samplefiles.GrainCommission()

    def text(self) -> str:
        return self.CASE.HEADING + self.CASE.ROWS + self.CASE.MORE

    def read(self, tmp_path: Path, text: str) -> Table:
        return read(tmp_path, text.encode(), "grain", self.CASE.part(), self.CASE.FIELDS)

    @pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig"])
    def test_as_it_is_and_saved_again_by_a_spreadsheet_program(self, tmp_path: Path, encoding: str):
        """The file of September 2026, row by row as github.com/dsanchezp18/maplestats-mcp copies it."""
        text = self.text()
        if encoding == "utf-8-sig":
            text = text.replace("\r\n", ",,\r\n") + ",,,,,,,,,,\r\nSource: Canadian Grain Commission,,,,,,,,,,\r\n"
        assert read(tmp_path, text.encode(encoding), "grain", self.CASE.part(), self.CASE.FIELDS) == self.CASE.FOUND

    def test_the_older_layout(self, tmp_path: Path):
        """Months as numbers, grains in capitals, no region of the world where a container was filled."""
        text = self.CASE.HEADING + (
            "2024,8,CANOLA,NO. 1 CANADA,359.06,Vancouver,Pacific,Asia,China P.R.\r\n"
            "2024,8,CANOLA,NO. 2 CANADA,358.98,Prince Rupert,Pacific,Asia,China P.R.\r\n"
            "2024,8,RYE,NO. 1 CW,1.2,Montréal,St. Lawrence,Western Europe,Italy\r\n"
        )
        rows = read(tmp_path, text.encode(), "grain", self.CASE.part("canola"), self.CASE.FIELDS)
        assert rows == [["2024-08", "canola", "China P.R.", "Asia", "718"]]

    def test_what_has_no_region_is_told(self, tmp_path: Path):
        path = tmp_path / "exports.csv"
        path.write_text(self.text(), "utf-8", newline="")
        with READERS["grain"](path, source("grain"), LIMITS, "month") as sheet:
            assert sheet.notes == (
                "left out 1 row without a known region of the world, 2.0 kt of all grains (Not Specified)",
            )

    @passed_on
    def test_passed_on(self, tmp_path: Path, how: Callable[[Table], str]):
        assert self.read(tmp_path, how(cells(self.text()))) == self.CASE.FOUND

    def test_sub_totals_do_not_count_twice(self, tmp_path: Path):
        more = (
            "2025,January,Canola,No.1 CANADA,300.25,TERMINALS,Vancouver,Asia,Total Asia\r\n"
            "2025,January,Canola,No.1 CANADA,300.25,TERMINALS,Vancouver,,Total\r\n"
            "2025,January,Total grains,No.1 CANADA,300.25,TERMINALS,Vancouver,Asia,China P.R.\r\n"
            "2025,January,Canola,No.1 CANADA,300.25,SUB-TOTAL,Vancouver,Asia,China P.R.\r\n"
            "2025,January,Canola,All grades combined,300.25,TERMINALS,Vancouver,Asia,China P.R.\r\n"
        )
        assert self.read(tmp_path, self.text() + more) == self.CASE.FOUND

    def month(self, *more: str) -> str:
        """October 2014 with shipments to twenty destinations, and `more` rows."""
        line = "2014,October,Canola,No.1 CANADA,{volume},TERMINALS,Vancouver,Western Hemisphere,{destination}\r\n"
        rows = [line.format(volume=f"{n + 1}.5", destination=f"Country {n}") for n in range(20)]
        return self.CASE.HEADING + "".join([*rows, *(rows[int(n)] for n in more)])

    def test_two_shipments_that_are_alike_both_count(self, tmp_path: Path):
        """As in the file itself: canola to Ecuador in October 2014, to Colombia in May 2015."""
        path = tmp_path / "exports.csv"
        path.write_text(self.month("3", "3"), "utf-8", newline="")
        recipe = Part(**self.CASE.part("canola"))
        with READERS["grain"](path, source("grain"), LIMITS, "month") as sheet:
            (rows,) = rows_of(sheet, [recipe], period="month", known={})
        volume = {tuple(key.values()): numbers["volume_kt"] for key, numbers in rows}
        assert volume["2014-10", "canola", "Country 3", "Western Hemisphere"] == Decimal("13.5")
        assert volume["2014-10", "canola", "Country 4", "Western Hemisphere"] == Decimal("5.5")
        assert sheet.notes == ("counted 2 rows that repeat another as shipments of their own (2014-10)",)

    def test_a_month_that_was_pasted_twice(self, tmp_path: Path):
        text = self.month(*map(str, range(20)))
        refused(
            lambda: read(tmp_path, text.encode(), "grain", self.CASE.part("canola"), self.CASE.FIELDS),
            "found 20 of the 40 rows of 2014-10 twice", "the publisher's file repeats itself",
        )  # fmt: skip

    @pytest.mark.parametrize("volume", ["12,5", "1,23", '"1.234,5"', "n/a", "1 2"])
    def test_a_volume_that_can_be_read_in_two_ways(self, tmp_path: Path, volume: str):
        text = self.text().replace("300.25", f'"{volume}"' if '"' not in volume else volume)
        refused(lambda: self.read(tmp_path, text), "where a number belongs (Ktonnes)")

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            (lambda content: content + ALL_GRADES, "found All grades combined beside grades"),
            (lambda content: content.replace(b"Lentil", b"Lentiles"), "found no Grain for lentils (nearest: Lentiles)"),
            (lambda content: b"<!DOCTYPE html>\r\n<html><head><title>Error 404</title>", "found no column Year"),
            (lambda content: content + b"\x81", "neither UTF-8 nor Windows-1252"),
        ],
        ids=["all grades beside grades", "another label", "a page in place of the file", "another encoding"],
    )  # fmt: skip
    def test_another_file_is_told(self, tmp_path: Path, change: Callable[[bytes], bytes], refusal: str):
        content = change(self.text().encode())
        refused(lambda: read(tmp_path, content, "grain", self.CASE.part(), self.CASE.FIELDS), refusal)
