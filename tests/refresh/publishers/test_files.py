"""Publishers' formats, written out by hand as their documentation has them, and what is read from them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from publishers import BOM, LIMITS, Observation, full_table, source, zipped

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import catalogue as publishers_catalogue
from tradeexposure.refresh.publishers.catalogue import Measure, Part
from tradeexposure.refresh.publishers.files import READERS
from tradeexposure.refresh.publishers.sheet import in_period
from tradeexposure.refresh.table_build import Rows, lines, merged, rounded, rows_of, shared

HEADING = (
    '"REF_DATE","GEO","DGUID","Farm products","UOM","UOM_ID","SCALAR_FACTOR","SCALAR_ID","VECTOR","COORDINATE",'
    '"VALUE","STATUS","SYMBOL","TERMINATED","DECIMALS"\r\n'
)
PRICES: dict[str, Any] = {
    "source": "prices",
    "dimensions": [
        {"column": ["GEO", "GÉO"], "into": "province", "keep": ["Alberta"]},
        {
            "column": ["Farm products", "Produits agricoles"],
            "into": "crop",
            "members": {"canola": ["Canola (including rapeseed) [113111]", "Canola (y compris le colza) [113111]"]},
        },
    ],
    "measures": [{"into": "price", "unit": ["Dollars per metric tonne", "Dollars par tonne métrique"]}],
}


def read(
    tmp_path: Path, content: bytes, kind: str, part: dict[str, Any], fields: Sequence[str], *, frequency: str = "month",
    **more: Any,
) -> list[list[str]]:  # fmt: skip
    """Rows that a file gives under the recipe `part`."""
    path = tmp_path / "file"
    path.write_bytes(content)
    recipe = Part(**part)
    with READERS[kind](path, source(kind, **more), LIMITS, frequency) as sheet:
        found = rows_of(sheet, [recipe], period=fields[0], held={})[0]
    return lines([rounded(found, recipe.measures)], fields, [])


def statcan(body: str, *, heading: str = HEADING, name: str = "32100077.csv", bom: bytes = BOM) -> bytes:
    meta = '"Cube Title","Product Id"\r\n"Farm product prices, crops and livestock","32100077"\r\n'
    return zipped({name: bom + (heading + body).encode(), name.replace(".", "_MetaData."): BOM + meta.encode()})


def row(
    value: str, *, status: str = "", scale: str = '"units ","0"', unit: str = "Dollars per metric tonne",
    date: str = "2021-11", product: str = "Canola (including rapeseed) [113111]",
) -> str:  # fmt: skip
    return (
        f'"{date}","Alberta","2016A000248","{product}","{unit}","78",{scale},"v31212060","5.9","{value}","{status}",'
        '"","","2"\r\n'
    )


PRICE = ("month", "province", "crop", "price")


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


class TestGrainCommissionAsItIs:
    """The file of September 2026, row by row as github.com/dsanchezp18/maplestats-mcp copies it
    (modules/cgc/__tests__/test_client.py): Windows-1252, months as names, ``Lentil``, grade ``--``, containers, a blank
    region."""

    HEADING = "Year,Month,Grain,Grade,Ktonnes,Elevator,Region,Global_region,Destination\r\n"
    ROWS = (
        "2024,July,Wheat,No.1 CW RS,100.5,TERMINALS,Vancouver,Asia,Japan\r\n"
        "2024,August,Wheat,No.1 CW RS,200.000000,TERMINALS,Vancouver,Asia,Japan\r\n"
        "2024,August,Wheat,No.2 CW RS,50,TERMINALS,Vancouver,Asia,China P.R.\r\n"
        "2025,January,Canola,No.1 CANADA,300.25,TERMINALS,Vancouver,Asia,China P.R.\r\n"
        "2025,February,Lentil,--,1.5,CONTAINER,Unlicensed,Eastern Europe,Türkiye\r\n"
        "2025,March,Peas,All grades combined,2,PRIMARY,Prairie Elevators,,Not Specified\r\n"
    )
    #: Made after the same pattern: what the recipe needs besides, and quirks of the Commission's weekly file.
    MORE = (
        "2025,March,Lentil,--,16.000000,TERMINALS,Vancouver,Eastern Europe,Türkiye\r\n"
        '2025,March,Oat,No.2 CW,"1,191.10",PRIMARY,Prairie Elevators,Western Hemisphere,United States\r\n'
        "2025,March,Oat,No.3 CW,(0.4),PRIMARY,Prairie Elevators,Western Hemisphere,United States\r\n"
        "2025,March,Oat,OTHER,.,PRIMARY,Prairie Elevators,Western Hemisphere,United States\r\n"
        "2025,March,US Corn,--,9.5,TERMINALS,Bay & Lakes,Western Europe,Ireland\r\n"
        "2025,March,Wheat,No.1 CW RS,7.25,TERMINALS,Vancouver,Far East,Japan\r\n"
    )
    FIELDS = ("month", "grain", "destination", "region", "volume_kt")
    FOUND = [  # noqa: RUF012
        ["2024-07", "wheat", "Japan", "Asia", "100.5"],
        ["2024-08", "wheat", "China P.R.", "Asia", "50"],
        ["2024-08", "wheat", "Japan", "Asia", "200"],
        ["2025-01", "canola", "China P.R.", "Asia", "300.3"],
        ["2025-03", "lentils", "Turkey", "Eastern Europe", "16"],
        ["2025-03", "oats", "United States", "Western Hemisphere", "1190.7"],
        ["2025-03", "wheat", "Japan", "Asia", "7.3"],
    ]

    def part(self, *grains: str) -> dict[str, Any]:
        """The shipped recipe, of grains that stand in these rows."""
        recipe = publishers_catalogue.load().tables["grain_exports_monthly"].parts[0].model_dump()
        grain = recipe["dimensions"][0]
        grain["members"] = {name: grain["members"][name] for name in grains or ("canola", "lentils", "oats", "wheat")}
        return recipe

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
                "left out 1 rows without a known region of the world, 2.0 kt of all grains (Not Specified)",
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


class TestWorldBank:
    PART: dict[str, Any] = {  # noqa: RUF012
        "source": "bank",
        "constants": {"per": "tonne"},
        "dimensions": [
            {"column": ["Commodity"], "into": "commodity", "members": {"wheat": ["Wheat, US HRW"], "urea": ["Urea"]}}
        ],
        "measures": [{"into": "price", "unit": ["$/mt"], "decimals": 2}],
    }
    FIELDS = ("month", "commodity", "price", "per")

    def saved_again(
        self, *, blank: int = 0, codes: int | None = None, dates: bool = False, text: bool = False
    ) -> bytes:
        """The release of 2026-05-04 in part (github.com/sebapi747/gold), as a spreadsheet program saves it.

        `blank` columns stand before the months; a row of codes stands `codes` rows below the names; months become
        dates, numbers text.
        """
        book = openpyxl.Workbook()
        page = book.active
        page.title = "monthly prices "
        rows: list[list[Any]] = [
            ["World Bank Commodity Price Data (The Pink Sheet)"],
            ["monthly prices in nominal US dollars, 1960 to present"],
            ["(monthly series are available only in nominal US dollars)"],
            ["Updated on May 04, 2026"],
            [
                None,
                "Crude oil, average",
                "Coal, South African **",
                "Urea ",
                "Tin",
                "Natural gas index",
                "Wheat, US HRW",
            ],
            [None, "($/bbl)", "($/mt)", "($/mt)", "($/mt)", "(2010=100)", "($/mt)"],
        ]
        if codes is not None:
            named = [None, "CRUDE_PETRO", "COAL_SAFRICA", "UREA_EE_BULK", "Tin", "iNATGAS", "WHEAT_US_HRW"]
            rows.insert(4 + codes, named)
        rows += [
            ["2026M04", 1.63000011444, "…", "...", 2180.4, "..", 301.456789],
            ["2026M05", 1.63, "…", 770.5, 2180.4, "..", 303],
            [None, None],
            ["** average of several ports"],
        ]
        for row in rows:
            cells = [
                date(int(cell[:4]), int(cell[5:]), 1) if dates and n == 0 and str(cell)[4:5] == "M"
                else str(cell) if text and isinstance(cell, (int, float)) else cell
                for n, cell in enumerate(row)
            ]  # fmt: skip
            page.append([*[None] * blank, *cells, None, None])
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

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


class TestBankOfCanada:
    PART: dict[str, Any] = {  # noqa: RUF012
        "source": "boc",
        "where": {"Series": ["FXUSDCAD"]},
        "measures": [
            {"into": "rate", "column": "Mean", "unit": ["CAD per USD"], "decimals": 4},
            {"into": "days", "column": "Days", "unit": ["days"]},
        ],
    }
    FIELDS = ("month", "rate", "days")
    DAYS = (("2025-03-03", "1.4424"), ("2025-03-04", "1.4501"), ("2025-04-01", "1.4306"))
    MEANS = [["2025-03", "1.4463", "2"], ["2025-04", "1.4306", "1"]]  # noqa: RUF012

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


class TestMerchandiseTrade:
    TEXT = (
        "YearMonth/AnnéeMois,HS10,Country/Pays,Province,State/État,Value/Valeur,Quantity/Quantité,"
        "Unit of Measure/Unité de Mesure\r\n"
        '"202403","8703800011","CN","BC",,1250000,30,"NMB"\r\n'
        '"202403","8703800012","CN","BC",,0800000,20,"NMB"\r\n'
        '"202403","8703800011","US","ON","MI",700000,10,"NMB"\r\n'
        '"202403","0101210000","US","ON","MI",7,1,"NMB"\r\n'
    )
    PART: dict[str, Any] = {  # noqa: RUF012
        "source": "cimt",
        "add": True,
        "dimensions": [
            {"column": ["HS10"], "into": "hs10", "prefixes": ["870380"]},
            {"column": ["Country/Pays"], "into": "country", "every": True},
        ],
        "measures": [
            {"into": "value_cad", "column": "Value/Valeur", "unit": ["dollars"]},
            {"into": "vehicles", "column": "Quantity/Quantité", "unit": ["NMB"]},
        ],
    }
    FIELDS = ("month", "hs10", "country", "value_cad", "vehicles")

    def archive(self, text: str = TEXT) -> bytes:
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


class TestCensusBureau:
    PART: dict[str, Any] = {  # noqa: RUF012
        "source": "census",
        "add": True,
        "dimensions": [{"column": ["I_COMMODITY"], "into": "hts10", "prefixes": ["1514"]}],
        "measures": [
            {"into": "value", "column": "CON_VAL_MO"},
            {"into": "claimed", "column": "CON_VAL_MO", "where": {"CTY_SUBCODE": ["S", "S+"]}},
        ],
    }
    FIELDS = ("month", "hts10", "value", "claimed")
    ROWS = (
        ["I_COMMODITY", "CTY_CODE", "CTY_SUBCODE", "CON_VAL_MO", "time"],
        ["1514110000", "1220", "S", "60", "2026-02"],
        ["1514110000", "1220", "-", "40", "2026-02"],
        ["1514190000", "1220", "S+", "7", "2026-02"],
        ["8703230100", "1220", "-", None, "2026-02"],
    )

    def test_claimed_and_all(self, tmp_path: Path):
        found = read(
            tmp_path, json.dumps(self.ROWS).encode(), "census", self.PART, ("month", "hts10", "value", "claimed")
        )
        assert found == [["2026-02", "1514110000", "100", "60"], ["2026-02", "1514190000", "7", "7"]]

    def test_shares_of_a_part_in_its_whole(self):
        whole, part = Measure(into="value"), Measure(into="share", over="value", decimals=2)
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
