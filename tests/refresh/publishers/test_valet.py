"""What real files of the Bank of Canada look like: each is read right, or refused in one line that says why.

Rows are written here; none is copied from a file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import samplefiles
from publishers import BOM, LIMITS, source
from samplefiles import Table, read, refused

from tradeexposure.refresh.publishers.source_files import READERS


class TestBankOfCanada:
    """Valet's documentation (bankofcanada.ca/valet/docs); no rate on weekends (github.com/ebuchman/rates)."""

    CASE = samplefiles.BankOfCanada()

    def csv(self, *more: str) -> str:
        lines = [f'"{day}","{value}"' for day, value in self.CASE.DAYS]
        head = ['"TERMS AND CONDITIONS"', '"https://x"', "", '"SERIES"', '"id","label"', '"FXUSDCAD","USD/CAD"', ""]
        return "\r\n".join([*head, '"OBSERVATIONS"', '"date","FXUSDCAD"', *lines, *more]) + "\r\n"

    def json(self, *more: Any) -> bytes:
        days = [{"d": day, "FXUSDCAD": {"v": value}} for day, value in self.CASE.DAYS]
        return json.dumps({"observations": [*days, *more]}).encode()

    def read(self, tmp_path: Path, content: bytes) -> Table:
        return read(tmp_path, content, "valet", self.CASE.PART, self.CASE.FIELDS)

    @pytest.mark.parametrize("cell", [{}, {"v": ""}, {"v": None}])
    def test_a_holiday(self, tmp_path: Path, cell: dict[str, Any]):
        more = [{"d": "2025-04-18", "FXUSDCAD": cell}, {"d": "2025-04-19"}]
        assert self.read(tmp_path, self.json(*more)) == self.CASE.MEANS

    def test_a_holiday_in_csv(self, tmp_path: Path):
        assert self.read(tmp_path, self.csv('"2025-04-18",""').encode()) == self.CASE.MEANS

    @pytest.mark.parametrize(
        "change",
        [
            lambda text: BOM.decode() + text,
            lambda text: text.replace("\r\n", "\n"),
            lambda text: text.replace('"', ""),
            lambda text: text.replace("\r\n", ",\r\n") + ",,\r\n",
            lambda text: text.replace('"date","FXUSDCAD"', '"date","FXUSDCAD","FXEURCAD"').replace(
                '"1.4424"', '"1.4424","1.51"').replace('"1.4501"', '"1.4501",""').replace('"1.4306"', '"1.4306","1.5"'),
        ],
        ids=["mark", "line feeds", "no quotes", "saved again", "another series"],
    )  # fmt: skip
    def test_csv_passed_on(self, tmp_path: Path, change: Callable[[str], str]):
        assert self.read(tmp_path, change(self.csv()).encode()) == self.CASE.MEANS

    @pytest.mark.parametrize(
        ("line", "refusal"),
        [
            ('"2025-04-30","1.4306"', "found FXUSDCAD of 2025-04-30 twice"),
            ('"2025-04-02","Bank holiday"', "found 'Bank holiday' where a number belongs (2025-04-02)"),
            ('"2025-04-02","1,4306"', "found '1,4306' where a number belongs"),
            ('"2025-04-02","1","4306"', "found a row of 3 cells under 2 headings"),
            ('"04/02/2025","1.43"', "where a reference period belongs"),
        ],
    )
    def test_what_is_not_sure_is_refused(self, tmp_path: Path, line: str, refusal: str):
        refused(lambda: self.read(tmp_path, self.csv(line).encode()), refusal)

    def test_errors_below_the_days(self, tmp_path: Path):
        """As the edition of 2017 ends: unquoted, the same heading again, -64 on each day without a rate
        (github.com/zjmoo123/pyqt_gui_excese, FX_RATES_DAILY.csv)."""
        text = self.csv("", "ERRORS", "date,FXUSDCAD", "2025-03-05,-64", "2025-04-18,-64").replace('"', "")
        assert self.read(tmp_path, text.encode()) == self.CASE.MEANS

    @pytest.mark.parametrize(
        ("last", "left_out"),
        [("2025-05-29", False), ("2025-05-30", False), ("2025-05-28", True), ("2025-05-02", True)],
    )
    def test_a_last_month_that_is_not_whole(self, tmp_path: Path, last: str, left_out: bool):
        """30 May 2025 is a Friday: the last day may be a holiday, two days before the end are the month's running."""
        path = tmp_path / "rates"
        path.write_bytes(self.json({"d": last, "FXUSDCAD": {"v": "1.4"}}))
        with READERS["valet"](path, source("valet"), LIMITS, "month") as sheet:
            months = [row[1] for row in sheet.rows]
        assert months == ["2025-03", "2025-04", *([] if left_out else ["2025-05"])]
        note = f"left out 2025-05, of which there are rates to {last} only: refresh again when it is over"
        assert sheet.notes == ((note,) if left_out else ())

    @pytest.mark.parametrize(
        ("content", "refusal"),
        [
            (b'{"message": "Series not found"}', "found no observations"),
            (b'{"observations": [1]}', "found no observations"),
            (b'"x"\r\n', "found no section OBSERVATIONS"),
        ],
    )
    def test_no_observations(self, tmp_path: Path, content: bytes, refusal: str):
        refused(lambda: self.read(tmp_path, content), refusal)

    def test_the_other_way_round(self, tmp_path: Path):
        content = self.json().replace(b"FXUSDCAD", b"FXCADUSD")
        refused(lambda: self.read(tmp_path, content), "found no Series FXUSDCAD (nearest: FXCADUSD)")
