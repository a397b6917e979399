"""Publishers' formats, written out by hand as their documentation has them, and what is read from them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from publishers import BOM, LIMITS, Observation, full_table, source, zipped
from samplefiles import (
    HEADING,
    PRICE,
    PRICES,
    BankOfCanada,
    CensusBureau,
    GrainCommission,
    MerchandiseTrade,
    WorldBank,
    read,
    row,
    statcan,
)

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.files import READERS
from tradeexposure.refresh.publishers.sheet import in_period
from tradeexposure.refresh.publishers.sources_schema import MeasuredColumn
from tradeexposure.refresh.table_build import Rows, lines, merged, rounded, shared


class TestStatisticsCanada:
    def read(self, tmp_path: Path, content: bytes) -> list[list[str]]:
        return read(tmp_path, content, "statcan", PRICES, PRICE)

    def test_mark_quotes_and_the_description_beside_it(self, tmp_path: Path):
        body = row("912.11") + row("1.5", product='Canola, ""other"" [9]')
        assert self.read(tmp_path, statcan(body)) == [["2021-11", "Alberta", "canola", "912.11"]]

    def test_without_a_mark(self, tmp_path: Path):
        assert self.read(tmp_path, statcan(row("1"), bom=b"")) == [["2021-11", "Alberta", "canola", "1"]]

    @pytest.mark.parametrize("symbol", ["..", "x", "F", "..."])
    def test_what_was_not_published_has_no_row(self, tmp_path: Path, symbol: str):
        found = self.read(tmp_path, statcan(row("900.00") + row("", status=symbol, date="2021-12")))
        assert found == [["2021-11", "Alberta", "canola", "900"]]

    @pytest.mark.parametrize("symbol", ["E", "r", "p", "A"])
    def test_a_remark_on_a_value_leaves_it(self, tmp_path: Path, symbol: str):
        assert self.read(tmp_path, statcan(row("900.5", status=symbol)))[0][3] == "900.5"

    def test_scalar_factor(self, tmp_path: Path):
        assert self.read(tmp_path, statcan(row("0.9", scale='"thousands","3"')))[0][3] == "900"

    def test_french(self, tmp_path: Path):
        labels = {"GEO": "Alberta", "Produits agricoles": "Canola (y compris le colza) [113111]"}
        rows = [Observation("2021-11", labels, "Dollars par tonne métrique", Decimal("912.11"))]
        assert self.read(tmp_path, full_table("32100077", rows, french=True))[0][3] == "912.11"

    def test_thousands_of_columns(self, tmp_path: Path):
        more = "".join(f',"Characteristic {n}"' for n in range(3000))
        heading = HEADING.replace("\r\n", f"{more}\r\n")
        body = row("912.11").replace("\r\n", ',"..."' * 3000 + "\r\n")
        assert self.read(tmp_path, statcan(body, heading=heading))[0][3] == "912.11"

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (statcan(row("1", unit="Dollars per bushel")), "found the unit 'Dollars per bushel' for price"),
            (statcan(row("1", scale='"thousands","0"')), "scalar factor 'thousands' with number '0'"),
            (statcan(row("", status="Z")), "unknown symbol 'Z'"),
            (statcan(row("12,5")), "found '12,5' where a number belongs"),
            (statcan(row("NaN")), "found 'NaN' where a number belongs"),
            (statcan(row("1", product="Canola (incl. rapeseed)")), "canola (nearest: Canola (incl. rapeseed))"),
            (statcan(row("1", product="Rye")), "found no Farm products for canola; the publisher's layout"),
            (statcan(row("1"), heading=HEADING.replace("Farm products", "Products")), "found no column Farm products"),
            (statcan(row("1"), heading=HEADING.replace("SCALAR_ID", "POWER")), "found no column SCALAR_ID"),
            (statcan(row("1", date="November 2021")), "where a reference period belongs"),
            (statcan(row("1", date="2021-13")), "where a reference period belongs"),
            (statcan(row("1") + row("2")), "found two values for 2021-11, Alberta, canola: 1 and 2"),
            (statcan(row("1") + '"2021-12","Alberta","short"\r\n'), "found a row of 3 cells under 15 headings"),
            (statcan(row("", status="..")), "found no number for price"),
            (statcan(row("1"), name="data.csv"), "found 0 data files in the zip"),
        ],
    )
    def test_a_changed_layout_is_told(self, tmp_path: Path, content: bytes, told: str):
        with pytest.raises(SourceFailed) as failed:
            self.read(tmp_path, content)
        assert told in str(failed.value)
        assert str(failed.value).startswith("A source: ")


class TestGrainCommission:
    PART: dict[str, Any] = {  # noqa: RUF012
        "source": "grain",
        "add": True,
        "dimensions": [
            {"column": ["Grain"], "into": "grain", "members": {"canola": ["Canola"], "durum": ["Amber durum"]}},
            {"column": ["Destination"], "into": "destination", "every": True},
        ],
        "measures": [{"into": "kt", "unit": ["kilotonnes"], "decimals": 1}],
    }
    FIELDS = ("month", "grain", "destination", "kt")
    OLD = (
        "Year,Month,Grain,Grade,Ktonnes,Elevator,Region,Global_region,Destination\r\n"
        "2024,8,CANOLA,NO. 1 CANADA,359.06,Vancouver,Pacific,Asia,China P.R.\r\n"
        "2024,8,CANOLA,NO. 2 CANADA,358.98,Prince Rupert,Pacific,Asia,China P.R.\r\n"
        "2024,8,AMBER DURUM,NO. 1 CW,30.0,Montréal,St. Lawrence,Western Europe,Italy\r\n"
        "2024,8,RYE,NO. 1 CW,1.2,Montréal,St. Lawrence,Western Europe,Italy\r\n"
    )
    NEW = (
        "year,month,grain,grade,elevator,region,global region,destination,ktonnes\r\n"
        "2024,August,Canola,NO. 1 CANADA,Vancouver,Pacific,Asia,China P.R.,718.04\r\n"
        "2024,August,Canola,NO. 1 CANADA,CONTAINER,CONTAINER,Asia,China P.R.,5.5\r\n"
        "2024,August,Amber durum,NO. 1 CW,Montréal,St. Lawrence,Western Europe,Italy,30\r\n"
        "\r\n"
    )

    @pytest.mark.parametrize("text", [OLD, NEW])
    def test_both_layouts_give_the_same(self, tmp_path: Path, text: str):
        found = read(tmp_path, text.encode(), "grain", self.PART, self.FIELDS)
        assert found == [["2024-08", "canola", "China P.R.", "718"], ["2024-08", "durum", "Italy", "30"]]

    def test_a_changed_layout_is_told(self, tmp_path: Path):
        with pytest.raises(SourceFailed, match="found no column Ktonnes"):
            read(tmp_path, self.OLD.replace("Ktonnes", "Tonnes").encode(), "grain", self.PART, self.FIELDS)

    def test_bytes_of_no_known_encoding_are_told(self, tmp_path: Path):
        with pytest.raises(SourceFailed, match="neither UTF-8 nor Windows-1252"):
            read(tmp_path, self.OLD.encode() + b"\x81", "grain", self.PART, self.FIELDS)


class TestGrainCommissionAsItIs(GrainCommission):
    """The file of September 2026, row by row as github.com/dsanchezp18/maplestats-mcp copies it
    (modules/cgc/__tests__/test_client.py): Windows-1252, months as names, ``Lentil``, grade ``--``, containers, a blank
    region."""

    def test_is_read(self, tmp_path: Path):
        content = (self.HEADING + self.ROWS + self.MORE).encode("cp1252")
        assert read(tmp_path, content, "grain", self.part(), self.FIELDS) == self.FOUND

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    def test_saved_again_by_a_spreadsheet_program(self, tmp_path: Path, encoding: str):
        text = (self.HEADING + self.ROWS + self.MORE).replace("\r\n", ",,\r\n")
        text += ",,,,,,,,,,\r\nSource: Canadian Grain Commission,,,,,,,,,,\r\n"
        assert read(tmp_path, text.encode(encoding), "grain", self.part(), self.FIELDS) == self.FOUND

    def test_columns_in_another_order_and_names_in_capitals(self, tmp_path: Path):
        rows = list(csv.reader(io.StringIO(self.HEADING + self.ROWS + self.MORE)))
        out = io.StringIO(newline="")
        csv.writer(out).writerows(
            [cell.upper() for cell in reversed(row)] if n == 0 else row[::-1] for n, row in enumerate(rows)
        )
        assert read(tmp_path, out.getvalue().encode("cp1252"), "grain", self.part(), self.FIELDS) == self.FOUND

    def test_what_has_no_region_is_told(self, tmp_path: Path):
        path = tmp_path / "exports.csv"
        path.write_bytes((self.HEADING + self.ROWS + self.MORE).encode("cp1252"))
        with READERS["grain"](path, source("grain"), LIMITS, "month") as sheet:
            assert sheet.notes == (
                "left out 1 row without a known region of the world, 2.0 kt of all grains (Not Specified)",
            )

    def test_an_unknown_label_says_the_nearest_known_one(self, tmp_path: Path):
        content = (self.HEADING + self.ROWS + self.MORE.replace("Lentil", "Lentiles")).encode("cp1252")
        with pytest.raises(SourceFailed, match=r"found no Grain for lentils \(nearest: Lentiles\)"):
            read(tmp_path, content, "grain", self.part(), self.FIELDS)

    def test_an_unknown_heading_says_the_nearest_known_one(self, tmp_path: Path):
        content = (self.HEADING.replace("Ktonnes", "Kt tonnes") + self.ROWS).encode("cp1252")
        with pytest.raises(SourceFailed, match=r"found no column Ktonnes .*\(nearest: Kt tonnes"):
            read(tmp_path, content, "grain", self.part(), self.FIELDS)

    def test_the_page_that_stands_for_a_missing_file(self, tmp_path: Path):
        with pytest.raises(SourceFailed, match="found no column Year"):
            read(
                tmp_path, b"<!DOCTYPE html>\r\n<html><head><title>Error 404</title>", "grain", self.part(), self.FIELDS
            )


class TestWorldBank(WorldBank):
    @pytest.mark.parametrize(
        "how",
        [
            {}, {"codes": 2}, {"codes": 1}, {"codes": 0}, {"blank": 1}, {"dates": True}, {"text": True},
            {"codes": 2, "blank": 1, "dates": True, "text": True},
        ],
        ids=str,
    )  # fmt: skip
    def test_headings_are_found_by_what_they_say(self, tmp_path: Path, how: dict[str, Any]):
        found = read(tmp_path, self.saved_again(**how), "pinksheet", self.PART, self.FIELDS)
        assert found == [
            ["2026-04", "wheat", "301.46", "tonne"],
            ["2026-05", "urea", "770.5", "tonne"],
            ["2026-05", "wheat", "303", "tonne"],
        ]

    def test_a_wrong_statement_of_the_used_range(self, tmp_path: Path):
        with zipfile.ZipFile(io.BytesIO(self.saved_again(codes=2))) as packed:
            inside = {name: packed.read(name) for name in packed.namelist()}
        sheet = "xl/worksheets/sheet1.xml"
        inside[sheet] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', inside[sheet])
        assert b'<dimension ref="A1"' in inside[sheet]
        found = read(tmp_path, zipped(inside), "pinksheet", self.PART, self.FIELDS)
        assert len(found) == 3

    def test_a_renamed_column_is_known_by_its_code(self, tmp_path: Path):
        part = {**self.PART, "dimensions": [{"column": ["Commodity"], "into": "commodity",
                "members": {"wheat": ["Wheat, hard red", "WHEAT_US_HRW"], "urea": ["UREA_EE_BULK"]}}]}  # fmt: skip
        found = read(tmp_path, self.saved_again(codes=2), "pinksheet", part, self.FIELDS)
        assert [row[1] for row in found] == ["wheat", "urea", "wheat"]

    def workbook(self, *, unit: str = "($/mt)", sheet: str = "Monthly Prices", titles: int = 4) -> bytes:
        book = openpyxl.Workbook()
        page = book.active
        page.title = sheet
        for number in range(titles):
            page.append([f"World Bank Commodity Price Data, line {number}"])
        page.append([None, "Wheat, US HRW **", "Urea "])
        page.append([None, unit, "($/mt)"])
        page.append(["2026M04", 301.456789, "…"])
        page.append(["2026M05", 303, 770.5])
        page.append(["Source: see the sheet Description"])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    @pytest.mark.parametrize("titles", [1, 4, 6])
    def test_title_rows_and_gaps(self, tmp_path: Path, titles: int):
        found = read(tmp_path, self.workbook(titles=titles), "pinksheet", self.PART, self.FIELDS)
        assert found == [
            ["2026-04", "wheat", "301.46", "tonne"],
            ["2026-05", "urea", "770.5", "tonne"],
            ["2026-05", "wheat", "303", "tonne"],
        ]

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ({"unit": "($/bu)"}, "found the unit '\\$/bu' for price"),
            ({"sheet": "Prices"}, "found the sheets Prices, not Monthly Prices"),
            ({"sheet": "Monthly Price"}, r"not Monthly Prices \(nearest: Monthly Price\)"),
            ({"unit": "($/t oz)"}, r"found the unit '\$/t oz' for price"),
        ],
    )
    def test_a_changed_layout_is_told(self, tmp_path: Path, content: dict[str, Any], told: str):
        with pytest.raises(SourceFailed, match=told):
            read(tmp_path, self.workbook(**content), "pinksheet", self.PART, self.FIELDS)

    def test_no_workbook(self, tmp_path: Path):
        with pytest.raises(SourceFailed, match="found no workbook"):
            read(tmp_path, zipped({"readme.txt": b"hello"}), "pinksheet", self.PART, self.FIELDS)


class TestBankOfCanada(BankOfCanada):
    def test_json(self, tmp_path: Path):
        days = [{"d": day, "FXUSDCAD": {"v": value}} for day, value in self.DAYS]
        content = json.dumps({"terms": {}, "observations": [*days, {"d": "2025-04-02", "FXUSDCAD": {}}]}).encode()
        assert read(tmp_path, content, "valet", self.PART, self.FIELDS) == self.MEANS

    def test_csv(self, tmp_path: Path):
        days = "\r\n".join(f'"{day}","{value}"' for day, value in self.DAYS)
        head = '"TERMS AND CONDITIONS"\r\n"https://x"\r\n\r\n"SERIES"\r\n"id","label"\r\n"FXUSDCAD","USD/CAD"\r\n\r\n'
        content = f'{head}"OBSERVATIONS"\r\n"date","FXUSDCAD"\r\n{days}\r\n'.encode()
        assert read(tmp_path, content, "valet", self.PART, self.FIELDS) == self.MEANS

    @pytest.mark.parametrize("content", [b'{"message": "Series not found"}', b'{"observations": [1]}', b'"x"\r\n'])
    def test_no_observations(self, tmp_path: Path, content: bytes):
        with pytest.raises(SourceFailed, match=r"found no (observations|section OBSERVATIONS)"):
            read(tmp_path, content, "valet", self.PART, self.FIELDS)


class TestMerchandiseTrade(MerchandiseTrade):
    def archive(self, text: str = MerchandiseTrade.TEXT) -> bytes:
        inside = {"CIMT/ODPFN014_202412N.csv": BOM + text.encode(), "CIMT/ODPFN022_202412N.csv": b"YearMonth\r\n"}
        return zipped(inside | {"CIMT/ODPF_6_CtyDesc.TXT": "CI\tCôte d'Ivoire".encode("latin-1")})

    def test_imports(self, tmp_path: Path):
        found = read(tmp_path, self.archive(), "cimt", self.PART, self.FIELDS, member="ODPFN014_")
        assert found == [
            ["2024-03", "8703800011", "CN", "1250000", "30"],
            ["2024-03", "8703800011", "US", "700000", "10"],
            ["2024-03", "8703800012", "CN", "800000", "20"],
        ]

    def test_another_unit_is_told(self, tmp_path: Path):
        with pytest.raises(SourceFailed, match="found the unit 'LTR' for vehicles"):
            read(
                tmp_path,
                self.archive(self.TEXT.replace("NMB", "LTR")),
                "cimt",
                self.PART,
                self.FIELDS,
                member="ODPFN014_",
            )

    @pytest.mark.parametrize(("unit", "weight"), [("KGM", "30"), ("TNE", "30000")])
    def test_weights_are_kilograms(self, tmp_path: Path, unit: str, weight: str):
        part = {**self.PART, "measures": [{"into": "kg", "column": "Quantity/Quantité", "unit": ["KGM"]}]}
        content = self.archive(self.TEXT.replace("NMB", unit))
        found = read(tmp_path, content, "cimt", part, ("month", "hs10", "country", "kg"), member="ODPFN014_")
        assert found[0] == ["2024-03", "8703800011", "CN", weight]

    def test_another_file_is_told(self, tmp_path: Path):
        with pytest.raises(SourceFailed, match="found 0 data files"):
            read(tmp_path, self.archive(), "cimt", self.PART, self.FIELDS, member="ODPFN099_")


class TestCensusBureau(CensusBureau):
    def test_claimed_and_all(self, tmp_path: Path):
        found = read(
            tmp_path, json.dumps(self.ROWS).encode(), "census", self.PART, ("month", "hts10", "value", "claimed")
        )
        assert found == [["2026-02", "1514110000", "100", "60"], ["2026-02", "1514190000", "7", "7"]]

    def test_shares_of_a_part_in_its_whole(self):
        whole, part = MeasuredColumn(into="value"), MeasuredColumn(into="share", over="value", decimals=2)
        rows = Rows(("line",), {
            ("a",): {"value": Decimal(3), "share": Decimal(1)}, ("b",): {"value": Decimal(3)},
            ("c",): {"share": Decimal(1)}, ("d",): {"value": Decimal(0), "share": Decimal(0)},
        })  # fmt: skip
        found = lines([rounded(shared(rows, [whole, part]), [part])], ("line", "value", "share"), ["value"])
        assert found == [["a", "3", "0.33"], ["b", "3", "0"], ["d", "0", "0"]]

    def test_parts_complete_each_other_and_what_both_give_stays_twice(self):
        first = Rows(("line",), {("a",): {"value": Decimal(1)}}, {("a",): {"name": "Oil"}})
        second = Rows(("line",), {("a",): {"claimed": Decimal(2)}, ("b",): {"claimed": Decimal(3)}})
        fields = ("line", "name", "value", "claimed")
        assert lines(merged([first, second]), fields, []) == [["a", "Oil", "1", "2"], ["b", "", "", "3"]]
        assert lines(merged([first, second, first]), fields, []) == [
            ["a", "Oil", "1", ""], ["a", "Oil", "1", "2"], ["b", "", "", "3"],
        ]  # fmt: skip

    @pytest.mark.parametrize("content", [b"{}", b"[1]", b"[[], [1]]", b"error: unknown variable"])
    def test_no_table(self, tmp_path: Path, content: bytes):
        with pytest.raises(SourceFailed):
            read(tmp_path, content, "census", self.PART, self.FIELDS)


@pytest.mark.parametrize(
    ("text", "frequency", "period"),
    [
        ("2025-03", "month", "2025-03"),
        ("2025-03-01", "month", "2025-03"),
        ("202503", "month", "2025-03"),
        ("2025-10", "quarter", "2025Q4"),
        ("2025", "year", "2025"),
        ("202503", "year", "2025"),
    ],
)
def test_reference_periods(text: str, frequency: str, period: str):
    assert in_period(text, frequency, "x") == period
