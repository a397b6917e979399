"""What real files of the Census Bureau look like: each is read right, or refused in one line that says why.

Rows are written here; none is copied from a file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import samplefiles
from publishers import LIMITS, source
from samplefiles import Table, read, refused, shuffled

from tradeexposure.refresh.publishers import source_files, sources_schema
from tradeexposure.refresh.publishers.source_files import READERS, Span
from tradeexposure.refresh.table_build import joined, rows_of


class TestCensusBureau:
    """Census Bureau, "Guide to using U.S. international trade datasets in the Census API" (output format, missing
    values); github.com/rahulAgrBej/us_census_fish_trade, explore.py (a column that is filtered by comes again)."""

    CASE = samplefiles.CensusBureau()
    FOUND = [["2026-02", "1514110000", "100", "60"], ["2026-02", "1514190000", "7", "7"]]  # noqa: RUF012

    def read(self, tmp_path: Path, rows: Any) -> Table:
        return read(tmp_path, json.dumps(rows).encode(), "census", self.CASE.PART, self.CASE.FIELDS)

    @pytest.mark.parametrize("seed", range(4))
    def test_columns_in_any_order(self, tmp_path: Path, seed: int):
        lines = [["" if cell is None else cell for cell in line] for line in self.CASE.ROWS]
        assert self.read(tmp_path, shuffled(lines, seed)) == self.FOUND

    def test_a_column_that_comes_twice(self, tmp_path: Path):
        rows = [[*line, line[1]] for line in self.CASE.ROWS]
        assert self.read(tmp_path, rows) == self.FOUND
        rows[2][-1] = "1221"
        refused(lambda: self.read(tmp_path, rows), "found two columns called CTY_CODE that differ")

    def test_numbers_that_are_numbers_and_names_in_small_letters(self, tmp_path: Path):
        rows = [[cell if n == 0 or i != 3 or cell is None else int(cell) for i, cell in enumerate(line)]
                for n, line in enumerate(self.CASE.ROWS)]  # fmt: skip
        assert self.read(tmp_path, [[name.lower() for name in rows[0]], *rows[1:]]) == self.FOUND

    @pytest.mark.parametrize("cell", [None, "", "-"])
    def test_a_sum_with_a_part_that_is_not_known_is_not_known(self, tmp_path: Path, cell: Any):
        rows = [*self.CASE.ROWS, ["1514110000", "1220", "N", cell, "2026-02"]]
        assert self.read(tmp_path, rows)[0] == ["2026-02", "1514110000", "", "60"]

    @pytest.mark.parametrize(
        ("row", "refusal"),
        [
            (["1514110000", "1220", "S", "60", "2026-02"], "found the same row twice: 1514110000, 1220, S, 60"),
            (["1514110000", "1220", "N", "(D)", "2026-02"], "found '(D)' where a number belongs (CON_VAL_MO)"),
            (["1514110000", "1220", "N", True, "2026-02"], "found 'True' where a number belongs"),
            (["1514110000", "1220", "N", "60"], "found rows of another length than the heading"),
        ],
    )
    def test_what_is_not_sure_is_refused(self, tmp_path: Path, row: list[Any], refusal: str):
        refused(lambda: self.read(tmp_path, [*self.CASE.ROWS, row]), refusal)

    @pytest.mark.parametrize("content", [b"{}", b"[1]", b"[[], [1]]", b"error: unknown variable"])
    def test_no_table(self, tmp_path: Path, content: bytes):
        refused(lambda: read(tmp_path, content, "census", self.CASE.PART, self.CASE.FIELDS), "found ")

    def test_a_column_with_another_name(self, tmp_path: Path):
        rows = [["GEN_VAL_MO" if cell == "CON_VAL_MO" else cell for cell in line] for line in self.CASE.ROWS]
        refused(lambda: self.read(tmp_path, rows), "found no column CON_VAL_MO", "(nearest: GEN_VAL_MO)")

    def test_every_source_is_asked_chapter_by_chapter(self):
        """Questions for all lines at once run out of the service's 60 seconds."""
        sources = {name: where for name, where in sources_schema.load().sources.items() if where.kind == "census"}
        assert len(sources) == 4
        span = Span("2025-01", "2026-11")
        for name, where in sources.items():
            asked = dict(source_files._addresses(name, where, where.address, span))
            assert list(asked) == [f"{name}-{chapter}" for chapter in ("12", "15", "23", "85", "87")]
            assert all(f"hs?I_COMMODITY={label[-2:]}*&get=I_COMMODITY," in address for label, address in asked.items())
            assert name != "us_census" or "time=from+2025-01+to+2026-11&" in asked["us_census-87"]

    def test_the_world_is_no_partner(self, tmp_path: Path):
        """``SUMMARY_LVL=DET`` gives its row too; the shipped recipe takes the partners that the table holds."""
        heading = ["I_COMMODITY", "CTY_NAME", "CON_VAL_YR", "CAL_DUT_YR", "time", "COMM_LVL", "SUMMARY_LVL"]
        asked = ["2024-12", "HS6", "DET", "120510"]
        rows = [
            ["120510", "TOTAL FOR ALL COUNTRIES", "300", "30", *asked],
            ["120510", "CANADA", "200", "0", *asked],
            ["120510", "AUSTRALIA", "100", "30", *asked],
        ]
        path = tmp_path / "answer"
        path.write_text(json.dumps([[*heading, heading[0]], *rows]))
        recipe = sources_schema.load().tables["us_imports_by_partner_2024"].parts[0]
        partners = {"partner": ["Australia", "Canada", "European Union"]}
        with READERS["census"](path, source("census"), LIMITS, "year") as sheet:
            taken = rows_of(sheet, [recipe], period="", known=partners)
        rows = joined(taken, recipe.measures, fields=("partner", "hs6", "value_usd", "duty_usd"))
        assert rows.values.tolist() == [
            ["Australia", "120510", "100", "30"], ["Canada", "120510", "200", "0"],
        ]  # fmt: skip
