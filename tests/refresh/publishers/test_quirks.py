"""What real files look like beyond their documentation: each is read right, or refused in one line that says why.

Each quirk names where it is documented or was seen. Rows are written here; none is copied from a file.
"""

from __future__ import annotations

import csv
import io
import json
import random
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import samplefiles
from publishers import BOM, FRENCH, zipped
from samplefiles import HEADING, PRICE, PRICES, read, row, statcan

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sheet import number, plain

Table = list[list[str]]


def refused(call: Callable[[], Any], *told: str) -> None:
    """It is refused in one line that names the source and says all of `told`."""
    with pytest.raises(SourceFailed) as failed:
        call()
    line = str(failed.value)
    assert line.startswith("A source: ") and "\n" not in line
    for words in told:
        assert words in line


def cells(text: str) -> Table:
    return list(csv.reader(io.StringIO(text, newline="")))


def written(rows: Table, *, end: str = "\r\n", last: bool = True, quote: int = csv.QUOTE_ALL) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=quote).writerows(rows)
    return out.getvalue() if last else out.getvalue().removesuffix(end)


def shuffled(rows: Table, seed: int) -> Table:
    """Columns in another order, with one more, and the rows below the heading in another order."""
    order = list(range(len(rows[0])))
    chance = random.Random(seed)
    chance.shuffle(order)
    below = [[line[place] for place in order] + ["note"] for line in rows[1:]]
    chance.shuffle(below)
    return [[rows[0][place] for place in order] + ["Remark"], *below]


#: What a program that passes a CSV on may do to it.
PASSED_ON: dict[str, Callable[[Table], str]] = {
    "as it is": written,
    "line feeds": lambda rows: written(rows, end="\n"),
    "no line end at the end": lambda rows: written(rows, last=False),
    "blank lines at the end": lambda rows: written(rows) + "\r\n\r\n",
    "no needless quotes": lambda rows: written(rows, quote=csv.QUOTE_MINIMAL),
    "blanks around every cell": lambda rows: written([[f" {cell} " for cell in line] for line in rows]),
    "blanks that do not break": lambda rows: written([[cell.replace(" ", "\u00a0") for cell in line] for line in rows]),
    "accents as marks of their own": lambda rows: unicodedata.normalize("NFD", written(rows)),
    "headings in capitals": lambda rows: written([[cell.upper() for cell in rows[0]], *rows[1:]]),
    **{f"another order {seed}": lambda rows, seed=seed: written(shuffled(rows, seed)) for seed in range(6)},
}  # fmt: skip
passed_on = pytest.mark.parametrize("how", PASSED_ON.values(), ids=PASSED_ON)


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("12345.6", "12345.6"), ("12 345.6", "12345.6"), ("1\u202f234\u00a0567", "1234567"), ("-0.50", "-0.5"),
         (".5", "0.5"), ("1.2E+5", "120000"), ("+3", "3")],
    )  # fmt: skip
    def test_are_read_as_typed(self, text: str, value: str):
        assert number(text, "A source", "VALUE") == Decimal(value)

    @pytest.mark.parametrize(
        "text",
        ["12,5", "1,234.5", "3 4", "1 23", "1_000", "12.3.4", "٣", "inf", "--", "", "1e999999999", "#N/A"],
    )
    def test_that_are_none_are_refused(self, text: str):
        refused(lambda: number(text, "A source", "VALUE"), "where a number belongs (VALUE)")


def test_labels_are_the_same_however_they_are_stored():
    assert plain("  Türkiye\u00a0 [792]") == plain("Tu\u0308rkiye") == "türkiye"


class TestStatisticsCanada:
    """Full Table Download user guide (statcan.gc.ca/en/developers/csv/user-guide), standard table symbols
    (statcan.gc.ca/en/concepts/definitions/guide-symbol), and users of the files: github.com/mountainMath/cansim."""

    LINES = cells(
        HEADING + row("912.11") + row("1,5", product="Potatoes, Québec") + row("", status="..", date="2021-12")
    )
    FOUND = [["2021-11", "Alberta", "canola", "912.11"]]  # noqa: RUF012

    def read(self, tmp_path: Path, text: str, *, encoding: str = "utf-8", name: str = "32100077.csv") -> Table:
        content = zipped({name: text.encode(encoding), "32100077_MetaData.csv": BOM + b'"Cube Title"\r\n'})
        return read(tmp_path, content, "statcan", PRICES, PRICE)

    @passed_on
    def test_passed_on(self, tmp_path: Path, how: Callable[[Table], str]):
        assert self.read(tmp_path, how(self.LINES)) == self.FOUND

    def test_an_older_encoding_is_told_by_its_bytes(self, tmp_path: Path):
        assert (
            self.read(tmp_path, HEADING + row("912.11") + row("1", product="Québec"), encoding="cp1252") == self.FOUND
        )

    def test_bytes_that_change_their_encoding_are_told(self, tmp_path: Path):
        body = (HEADING + row("912.11") * 900 + row("1", product="Québec")).encode("cp1252")
        refused(
            lambda: read(tmp_path, zipped({"32100077.csv": body}), "statcan", PRICES, PRICE), "bytes that are not utf-8"
        )

    def test_a_name_in_capitals(self, tmp_path: Path):
        assert self.read(tmp_path, HEADING + row("912.11"), name="32100077.CSV") == self.FOUND

    def french(self, value: str) -> str:
        lines = cells(HEADING + row(value))
        lines[0] = [FRENCH.get(name, name) for name in lines[0]]
        lines[1] = ["unités " if cell == "units " else cell for cell in lines[1]]
        return written(lines).replace('","', '";"')

    @pytest.mark.parametrize("value", ["912,11", "912.11"])
    def test_french_decimals(self, tmp_path: Path, value: str):
        """A comma, by the guide; readers set "," as decimal and "." as grouping mark (cansim, issue 53)."""
        assert self.read(tmp_path, self.french(value)) == self.FOUND

    @pytest.mark.parametrize("value", ["1.912,11", "1,912,110"])
    def test_french_thousands_are_not_guessed_at(self, tmp_path: Path, value: str):
        refused(lambda: self.read(tmp_path, self.french(value)), "where a number belongs (VALUE)")

    @pytest.mark.parametrize("symbol", [".", "..", "...", "x", "F"])
    def test_a_number_under_the_symbol_of_none(self, tmp_path: Path, symbol: str):
        """As 0 it would be a figure nobody published."""
        refused(lambda: self.read(tmp_path, HEADING + row("0", status=symbol)), f"found the value '0' under '{symbol}'")

    @pytest.mark.parametrize("symbol", ["..", "x", "F"])
    def test_a_symbol_in_place_of_the_value(self, tmp_path: Path, symbol: str):
        refused(lambda: self.read(tmp_path, HEADING + row(symbol)), f"found '{symbol}' where a number belongs")

    def test_a_series_that_ended_and_symbols_in_their_own_column(self, tmp_path: Path):
        text = HEADING + row("912.11").replace('"","","2"', '"r","t","2"')
        assert self.read(tmp_path, text) == self.FOUND

    def test_a_table_that_changed_its_scale_between_periods(self, tmp_path: Path):
        """Each row has its own scalar factor (12-10-0182: thousands)."""
        found = self.read(tmp_path, HEADING + row("912.11") + row("0.9", scale='"thousands","3"', date="2021-12"))
        assert [line[3] for line in found] == ["912.11", "900"]

    def test_the_same_row_twice_counts_once(self, tmp_path: Path):
        assert self.read(tmp_path, HEADING + row("912.11") * 2) == self.FOUND

    def test_two_members_that_are_told_apart_by_their_code_alone(self, tmp_path: Path):
        """NAPCS names come with a code in brackets, ``Wheat [112]``; without it two may look alike."""
        text = HEADING + row("912.11") + row("7", product="Canola (including rapeseed) [9]")
        refused(lambda: self.read(tmp_path, text), "found two values for 2021-11, Alberta, canola: 912.11 and 7")

    def test_a_dimension_that_is_called_like_a_column(self, tmp_path: Path):
        """French 32-10-0154 has ``Unité de mesure`` and ``UNITÉ DE MESURE``."""
        text = (HEADING + row("1")).replace('"DGUID"', '"uom"')
        refused(lambda: self.read(tmp_path, text), "found 2 columns called UOM")

    def test_the_wide_layout_of_census_tables(self, tmp_path: Path):
        """98-10 tables have a column per member and no VALUE (cansim, issues 106 and 122)."""
        text = HEADING.replace('"VALUE","STATUS"', '"Total - Sex:Total[1]","Symbol"') + row("1")
        refused(lambda: self.read(tmp_path, text), "found no column VALUE or VALEUR among REF_DATE")

    def test_a_filter_that_nothing_passes_says_the_nearest_label(self, tmp_path: Path):
        """12-10-0182 calls its members otherwise than 12-10-0011 (``Domestic exports``, ``Re-exports``)."""
        part = {**PRICES, "where": {"GEO": ["Albertha", "Prairies"]}}
        content = statcan(row("1"))
        refused(
            lambda: read(tmp_path, content, "statcan", part, PRICE),
            "found no GEO Albertha or Prairies (nearest: Alberta)",
        )


class TestMerchandiseTrade:
    """Statistics Canada 71-607-X2021004; github.com/pedrocondor/oec-etl, etl/countries/canada/README.md (``N/A``)."""

    CASE = samplefiles.MerchandiseTrade()
    FOUND = [  # noqa: RUF012
        ["2024-03", "8703800011", "CN", "1250000", "30"],
        ["2024-03", "8703800011", "US", "700000", "10"],
        ["2024-03", "8703800012", "CN", "800000", "20"],
    ]

    def read(self, tmp_path: Path, text: str, *, name: str = "ODPFN014_202412N.csv", **part: Any) -> Table:
        content = zipped({f"CIMT/{name}": text.encode(), "CIMT/ODPF_1_HS10Desc.TXT": "Côte".encode("cp1252")})
        return read(tmp_path, content, "cimt", {**self.CASE.PART, **part}, self.CASE.FIELDS, member="ODPFN014_")

    @passed_on
    def test_passed_on(self, tmp_path: Path, how: Callable[[Table], str]):
        assert self.read(tmp_path, how(cells(self.CASE.TEXT))) == self.FOUND

    def test_the_letter_of_early_years(self, tmp_path: Path):
        assert self.read(tmp_path, self.CASE.TEXT, name="ODPFN014_200212C.csv") == self.FOUND

    def test_no_quantity_is_not_nothing(self, tmp_path: Path):
        text = self.CASE.TEXT.replace(',30,"NMB"', ',0,"N/A"').replace(',20,"NMB"', ',,""')
        assert [line[4] for line in self.read(tmp_path, text)] == ["", "10", ""]

    def test_a_quantity_without_a_unit(self, tmp_path: Path):
        text = self.CASE.TEXT.replace(',30,"NMB"', ',30,"N/A"')
        refused(lambda: self.read(tmp_path, text), "found the unit 'N/A' for vehicles, expected NMB")

    def test_a_sum_with_a_part_that_is_not_known_is_not_known(self, tmp_path: Path):
        text = self.CASE.TEXT + '"202403","8703800011","CN","ON",,5,0,"N/A"\r\n'
        assert self.read(tmp_path, text)[0] == ["2024-03", "8703800011", "CN", "1250005", ""]

    def test_two_units_in_one_sum(self, tmp_path: Path):
        text = self.CASE.TEXT + '"202403","8703800011","CN","ON",,5,900,"KGM"\r\n'
        measures = [
            {"into": "value_cad", "column": "Value/Valeur"},
            {"into": "vehicles", "column": "Quantity/Quantité"},
        ]
        refused(
            lambda: self.read(tmp_path, text, measures=measures),
            "found vehicles of 2024-03, 8703800011, CN in two units, nmb and kgm",
        )

    def test_a_row_that_is_there_twice(self, tmp_path: Path):
        text = self.CASE.TEXT + self.CASE.TEXT.splitlines(keepends=True)[1]
        refused(
            lambda: self.read(tmp_path, text), "found the same row twice: 202403, 8703800011, CN, BC, 1250000, 30, NMB"
        )

    def test_two_files_of_one_level(self, tmp_path: Path):
        content = zipped({f"ODPFN014_2024{month}N.csv": self.CASE.TEXT.encode() for month in ("11", "12")})
        refused(
            lambda: read(tmp_path, content, "cimt", self.CASE.PART, self.CASE.FIELDS, member="ODPFN014_"),
            "found 2 data files in the zip (ODPFN014_202411N.csv, ODPFN014_202412N.csv)",
        )

    def test_codes_without_their_last_digits(self, tmp_path: Path):
        """Another level of the system in the same place."""
        text = self.CASE.TEXT.replace("87038000", "8702").replace("HS10", "HS6")
        refused(lambda: self.read(tmp_path, text), "found no column HS10 among YearMonth/AnnéeMois, HS6")

    def test_no_code_that_begins_as_wanted(self, tmp_path: Path):
        text = self.CASE.TEXT.replace("870380", "870360")
        refused(lambda: self.read(tmp_path, text), "found no HS10 870380*", "(nearest: ")


class TestGrainCommission:
    """The Commission's exports.csv and weekly file (github.com/dsanchezp18/maplestats-mcp, modules/cgc;
    github.com/cuddjim/monthly_crops, get_cgc.R: ``ktonnes`` in lower case, years with other headings)."""

    CASE = samplefiles.GrainCommission()

    def text(self) -> str:
        return self.CASE.HEADING + self.CASE.ROWS + self.CASE.MORE

    def read(self, tmp_path: Path, text: str) -> Table:
        return read(tmp_path, text.encode(), "grain", self.CASE.part(), self.CASE.FIELDS)

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

    def test_all_grades_beside_grades_they_are_not_the_sum_of(self, tmp_path: Path):
        more = "2025,January,Canola,All grades combined,99,TERMINALS,Vancouver,Asia,China P.R.\r\n"
        refused(lambda: self.read(tmp_path, self.text() + more), "found All grades combined beside grades")

    def test_a_row_that_is_there_twice(self, tmp_path: Path):
        more = self.CASE.ROWS.splitlines(keepends=True)[3]
        refused(lambda: self.read(tmp_path, self.text() + more), "found the same row twice: 2025, January, Canola")

    @pytest.mark.parametrize("volume", ["12,5", "1,23", '"1.234,5"', "n/a", "1 2"])
    def test_a_volume_that_can_be_read_in_two_ways(self, tmp_path: Path, volume: str):
        text = self.text().replace("300.25", f'"{volume}"' if '"' not in volume else volume)
        refused(lambda: self.read(tmp_path, text), "where a number belongs (Ktonnes)")

    def test_another_unit_in_the_heading(self, tmp_path: Path):
        text = self.text().replace("Ktonnes", "Tonnes")
        refused(lambda: self.read(tmp_path, text), "found no column Ktonnes", "(nearest: Tonnes)")


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
        ("change", "told"),
        [
            (lambda book, sheet: sheet.cell(8, 7, "1,301.45"), "found '1,301.45' where a number belongs (Wheat"),
            (lambda book, sheet: sheet.cell(8, 7, "#REF!"), "found '#REF!' where a number belongs"),
            (lambda book, sheet: sheet.cell(6, 7, "(cents/bushel)"), "found the unit 'cents/bushel' for price"),
            (lambda book, sheet: setattr(sheet.cell(6, 7), "value", None), "found the unit '' for price"),
            (lambda book, sheet: sheet.cell(5, 5, "Wheat, US HRW"), "found two values for 2026-04, tonne, wheat"),
            (lambda book, sheet: sheet.cell(5, 7, "Wheat, Canadian"), "found no Commodity for wheat (nearest: "),
            (lambda book, sheet: sheet.append(["2026M05", *[1.0] * 6]), "found two values for 2026-05"),
            (lambda book, sheet: book.create_sheet("Monthly Prices"), "found 2 sheets called Monthly Prices"),
        ],
    )  # fmt: skip
    def test_what_is_not_sure_is_refused(self, tmp_path: Path, change: Callable[[Any, Any], None], told: str):
        refused(lambda: self.read(tmp_path, change), told)

    def test_months_as_serial_numbers_are_not_guessed_at(self, tmp_path: Path):
        def change(_: Any, sheet: Any) -> None:
            for place, cell in enumerate((date(2026, 4, 1), date(2026, 5, 1))):
                sheet.cell(8 + place, 1, (cell - date(1899, 12, 30)).days)

        refused(lambda: self.read(tmp_path, change), "found no row of months")


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
        ("line", "told"),
        [
            ('"2025-04-01","1.4306"', "found FXUSDCAD of 2025-04-01 twice"),
            ('"2025-04-02","Bank holiday"', "found 'Bank holiday' where a number belongs (2025-04-02)"),
            ('"2025-04-02","1,4306"', "found '1,4306' where a number belongs"),
            ('"2025-04-02","1","4306"', "found a row of 3 cells under 2 headings"),
            ('"04/02/2025","1.43"', "where a reference period belongs"),
        ],
    )
    def test_what_is_not_sure_is_refused(self, tmp_path: Path, line: str, told: str):
        refused(lambda: self.read(tmp_path, self.csv(line).encode()), told)

    def test_a_day_that_is_there_twice(self, tmp_path: Path):
        more = {"d": "2025-04-01", "FXUSDCAD": {"v": "1.4306"}}
        refused(lambda: self.read(tmp_path, self.json(more)), "found FXUSDCAD of 2025-04-01 twice")

    def test_the_other_way_round(self, tmp_path: Path):
        content = self.json().replace(b"FXUSDCAD", b"FXCADUSD")
        refused(lambda: self.read(tmp_path, content), "found no Series FXUSDCAD (nearest: FXCADUSD)")


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
        ("row", "told"),
        [
            (["1514110000", "1220", "S", "60", "2026-02"], "found the same row twice: 1514110000, 1220, S, 60"),
            (["1514110000", "1220", "N", "(D)", "2026-02"], "found '(D)' where a number belongs (CON_VAL_MO)"),
            (["1514110000", "1220", "N", "1,000", "2026-02"], "found '1,000' where a number belongs"),
            (["1514110000", "1220", "N", True, "2026-02"], "found 'True' where a number belongs"),
            (["1514110000", "1220", "N", "60"], "found rows of another length than the heading"),
        ],
    )
    def test_what_is_not_sure_is_refused(self, tmp_path: Path, row: list[Any], told: str):
        refused(lambda: self.read(tmp_path, [*self.CASE.ROWS, row]), told)

    def test_a_column_with_another_name(self, tmp_path: Path):
        rows = [["GEN_VAL_MO" if cell == "CON_VAL_MO" else cell for cell in line] for line in self.CASE.ROWS]
        refused(lambda: self.read(tmp_path, rows), "found no column CON_VAL_MO", "(nearest: GEN_VAL_MO)")

    def test_no_subcode_of_the_agreement(self, tmp_path: Path):
        rows = [["-" if cell in ("S", "S+") else cell for cell in line] for line in self.CASE.ROWS]
        rows[3][3] = "8"
        refused(lambda: self.read(tmp_path, rows), "found no CTY_SUBCODE S or S+")
