"""What real files of Statistics Canada look like: each is read right, or refused in one line that says why.

Rows are written here; none is copied from a file.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from publishers import BOM, FRENCH, Observation, full_table, zipped
from samplefiles import HEADING, PRICE, PRICES, Table, cells, passed_on, read, refused, row, statcan, written

from tradeexposure.refresh.publishers import sources_schema


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

    def test_french_decimals(self, tmp_path: Path):
        """A comma, by the guide; readers set "," as decimal and "." as grouping mark (cansim, issue 53)."""
        for value in ("912,11", "912.11"):
            assert self.read(tmp_path, self.french(value)) == self.FOUND
        for value in ("1.912,11", "1,912,110"):
            refused(lambda value=value: self.read(tmp_path, self.french(value)), "where a number belongs (VALUE)")

    @pytest.mark.parametrize("symbol", ["..", "...", "x", "F", "<LOD", "<LDD"])
    def test_what_was_not_published_has_no_row(self, tmp_path: Path, symbol: str):
        """The last two are too small to be measured; French files write ``<LDD``."""
        text = HEADING + row("912.11") + row("", status=symbol, date="2021-12")
        assert self.read(tmp_path, text) == self.FOUND

    @pytest.mark.parametrize(
        ("text", "refusal"),
        [
            *((HEADING + row("0", status=mark), f"found the value '0' under '{mark}'")  # nobody published a 0
              for mark in (".", "..", "...", "x", "F")),
            (HEADING + row("", status="t"), "no value under the unknown symbol 't'"),  # it stands in TERMINATED
            # NAPCS names come with a code in brackets, ``Wheat [112]``; without it two may look alike.
            (
                HEADING + row("912.11") + row("7", product="Canola (including rapeseed) [9]"),
                "found 'Canola (including rapeseed) [113111]' and 'Canola (including rapeseed) [9]', which the code "
                "alone tells apart; select by DGUID",
            ),
            # French 32-10-0154 has ``Unité de mesure`` and ``UNITÉ DE MESURE``.
            ((HEADING + row("1")).replace('"DGUID"', '"uom"'), "found 2 columns called UOM"),
            # 98-10 tables have a column per member and no VALUE (cansim, issues 106 and 122).
            (
                HEADING.replace('"VALUE","STATUS"', '"Total - Sex:Total[1]","Symbol"') + row("1"),
                "found no column VALUE or VALEUR among REF_DATE",
            ),
            (HEADING + row("1", unit="Dollars per bushel"), "found the unit 'Dollars per bushel' for price"),
            (HEADING + row("1", scale='"thousands","0"'), "scalar factor 'thousands' with number '0'"),
            (HEADING + row("1", product="Canola (incl. rapeseed)"), "canola (nearest: Canola (incl. rapeseed))"),
            (HEADING + row("1", product="Rye"), "found no Farm products for canola; the publisher's layout"),
            (HEADING.replace("Farm products", "Products") + row("1"), "found no column Farm products"),
            (HEADING + row("1", date="November 2021"), "where a reference period belongs"),
            (HEADING + row("1", date="2021-13"), "where a reference period belongs"),
            (HEADING + row("1") + row("2"), "found two values for 2021-11, Alberta, canola: 1 and 2"),
            (HEADING + row("", status=".."), "found no number for price"),
        ],
    )  # fmt: skip
    def test_a_changed_layout_is_told(self, tmp_path: Path, text: str, refusal: str):
        refused(lambda: self.read(tmp_path, text), refusal)

    def test_a_zip_without_the_table(self, tmp_path: Path):
        refused(lambda: self.read(tmp_path, HEADING + row("1"), name="data.csv"), "found 0 data files in the zip")

    @pytest.mark.parametrize(
        "rows",
        [
            *(row("912.11", status=remark) for remark in ("E", "r", "p", "A")),
            row("912.11").replace('"","","2"', '"r","t","2"'), row("912.11") * 2,
        ],
        ids=["E", "r", "p", "A", "a series that ended", "the same row twice"],
    )  # fmt: skip
    def test_a_remark_on_a_value_leaves_it(self, tmp_path: Path, rows: str):
        assert self.read(tmp_path, HEADING + rows) == self.FOUND

    def test_a_table_that_changed_its_scale_between_periods(self, tmp_path: Path):
        """Each row has its own scalar factor (12-10-0182: thousands)."""
        rows = self.read(tmp_path, HEADING + row("912.11") + row("0.9", scale='"thousands","3"', date="2021-12"))
        assert [line[3] for line in rows] == ["912.11", "900"]

    def test_a_filter_that_nothing_passes_says_the_nearest_label(self, tmp_path: Path):
        """12-10-0182 calls its members otherwise than 12-10-0011 (``Domestic exports``, ``Re-exports``)."""
        part = {**PRICES, "where": {"GEO": ["Albertha", "Prairies"]}}
        content = statcan(row("1"))
        refused(
            lambda: read(tmp_path, content, "statcan", part, PRICE),
            "found no GEO Albertha or Prairies (nearest: Alberta)",
        )


class TestCensusOfAgriculture:
    """32-10-0309 as it is published (first lines of github.com/guchio2366-dev/insight-journal,
    32100309-metadata.csv): codes in brackets after places, which alone tell some of them apart; UOM is ``Number``
    whatever is measured; ``F`` has no value. The numbers of the places are made up."""

    LINES = (
        ("Canada [000000000]", "2021A000011124", "Number of farms reporting", "27862", ""),
        ("Canada [000000000]", "2021A000011124", "Hectares", "9012449", "A"),
        ("Saskatchewan [PR470000000]", "2021A000247", "Hectares", "5004455", "A"),
        ("Halifax, Nova Scotia [CD120900009]", "2021A00031209", "Hectares", "12", "B"),
        ("Halifax, Nova Scotia [CCS120900034]", "2021S00081209034", "Hectares", "7", "B"),
        ("Halifax, Nova Scotia [CD120900009]", "2021A00031209", "Acres", "", "F"),
    )
    PART: dict[str, Any] = {  # noqa: RUF012
        "source": "census",
        "where": {"Field crops and hay": ["Canola (rapeseed)"]},
        "dimensions": [{"column": ["DGUID"], "into": "place", "members": {
            "canada": ["2021A000011124"], "saskatchewan": ["2021A000247"], "halifax_division": ["2021A00031209"],
            "halifax_subdivision": ["2021S00081209034"],
        }}],
        "measures": [{"into": "hectares", "unit": ["Number"], "where": {"Unit of measure": ["Hectares"]}}],
    }  # fmt: skip

    def read(self, tmp_path: Path, **changed: Any) -> Table:
        heading = HEADING.replace('"Farm products"', '"Field crops and hay","Unit of measure"')
        body = "".join(
            f'"2021","{place}","{code}","Canola (rapeseed)","{measure}","Number","223","units","0","v1","1.1.1",'
            f'"{value}","{status}","","","0"\r\n'
            for place, code, measure, value, status in self.LINES
        )
        content = statcan(body, heading=heading, name="32100309.csv")
        return read(
            tmp_path, content, "statcan", {**self.PART, **changed}, ("year", "place", "hectares"), frequency="year"
        )

    def test_places_by_their_code_and_hectares_that_are_numbers(self, tmp_path: Path):
        assert self.read(tmp_path) == [
            ["2021", "canada", "9012449"], ["2021", "halifax_division", "12"], ["2021", "halifax_subdivision", "7"],
            ["2021", "saskatchewan", "5004455"],
        ]  # fmt: skip

    @pytest.mark.parametrize("add", [False, True])
    def test_places_that_their_code_alone_tells_apart_are_not_made_one(self, tmp_path: Path, add: bool):
        named = [{"column": ["GEO"], "into": "place", "keep": ["Canada", "Halifax, Nova Scotia"]}]
        refused(
            lambda: self.read(tmp_path, dimensions=named, add=add),
            "found 'Halifax, Nova Scotia [CD120900009]' and 'Halifax, Nova Scotia [CCS120900034]', which the code",
        )

    def test_places_that_keep_their_code_stay_apart(self, tmp_path: Path):
        rows = self.read(tmp_path, dimensions=[{"column": ["GEO"], "into": "place", "every": True}])
        assert [line[2] for line in rows if "Halifax" in line[1]] == ["7", "12"]


class TestExportsOfFarmAndFood:
    """12-10-0175 and 12-10-0163 by the shipped recipes, their labels and scalars as public readers have them
    (github.com/JeremyHennessy/AtlanticBridge-Signals; github.com/BLeFort2025/AMO_Booth_App_2026)."""

    NAPCS = "North American Product Classification System (NAPCS)"
    FARM, CANOLA = "Farm, fishing and intermediate food products [C11]", "Canola (including rapeseed) [113]"
    PARTNERS = ("All countries", "China", "Japan", "Mexico", "United States", "Türkiye")

    def shipped(self, table: str) -> dict[str, Any]:
        return sources_schema.load().tables[table].parts[0].model_dump()

    def provinces(self, *, trade: str = "Domestic export", power: int = 3) -> bytes:
        """A month of each province and partner: 1,000 thousand dollars, one more for each row, and rows beside them."""
        every = itertools.product(("Saskatchewan", "Alberta", "Manitoba", "Ontario", "Canada"), self.PARTNERS)
        rows = []
        for number, (place, partner) in enumerate(every):
            labels = {"GEO": place, "Trade": trade, self.NAPCS: self.FARM, "Principal trading partners": partner}
            rows += [
                Observation("2026-03", labels, "Dollars", Decimal(1000 + number) * 1000),
                Observation("2026-03", labels | {"Trade": "Import"}, "Dollars", Decimal(5)),
                Observation("2026-03", labels | {self.NAPCS: "Total of all merchandise"}, "Dollars", Decimal(7)),
            ]
        return full_table("12100175", rows, power=power)

    def test_domestic_exports_in_thousands(self, tmp_path: Path):
        fields = ("month", "province", "partner", "value_cad_millions")
        rows = read(tmp_path, self.provinces(), "statcan", self.shipped("farm_food_exports_monthly"), fields)
        assert [line[1:3] for line in rows] == [
            [place, partner]
            for place in ("Alberta", "Manitoba", "Saskatchewan")
            for partner in ("china", "japan", "mexico", "united_states", "world")
        ]
        values = {(line[1], line[2]): line[3] for line in rows}
        assert values["Saskatchewan", "world"] == "1" and values["Saskatchewan", "china"] == "1.001"
        assert values["Alberta", "united_states"] == "1.01"

    def test_a_flow_that_the_table_does_not_have(self, tmp_path: Path):
        recipe = self.shipped("farm_food_exports_monthly")
        refused(
            lambda: read(tmp_path, self.provinces(trade="Re-export"), "statcan", recipe, ("month",)),
            "found no Trade Domestic export",
        )

    def canola(self, **changed: str) -> bytes:
        labels = {
            "GEO": "Canada", "Trade": "Export", "Basis": "Customs", "Seasonal adjustment": "Unadjusted",
            self.NAPCS: self.CANOLA,
        } | changed  # fmt: skip
        unwanted = {
            "Trade": "Import", "Basis": "Balance of payments", "Seasonal adjustment": "Seasonally adjusted",
            self.NAPCS: "Wheat [112]",
        }  # fmt: skip
        rows = [Observation("2026-08", labels, "Dollars", Decimal("402.1") * 10**6)]
        rows += [Observation("2026-08", labels | {name: by}, "Dollars", Decimal(9)) for name, by in unwanted.items()]
        return full_table("12100163", rows, power=6)

    def test_canola_in_millions(self, tmp_path: Path):
        recipe = self.shipped("canola_exports_monthly")
        rows = read(tmp_path, self.canola(), "statcan", recipe, ("month", "value_cad_millions"))
        assert rows == [["2026-08", "402.1"]]

    @pytest.mark.parametrize(
        ("heading", "label"),
        [("Basis", "Customs basis"), ("Seasonal adjustment", "Raw"), (NAPCS, "Rapeseed [113]"), ("Trade", "Exports")],
    )
    def test_a_label_that_changed(self, tmp_path: Path, heading: str, label: str):
        recipe, content = self.shipped("canola_exports_monthly"), self.canola(**{heading: label})
        refused(lambda: read(tmp_path, content, "statcan", recipe, ("month",)), f"found no {heading}")
