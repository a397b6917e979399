"""Rows of publishers' files as the tests of their readers use them, and the recipes they are read by."""

from __future__ import annotations

import csv
import io
import random
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from publishers import BOM, LIMITS, source, zipped

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import sources_schema
from tradeexposure.refresh.publishers.source_files import READERS
from tradeexposure.refresh.publishers.sources_schema import Part
from tradeexposure.refresh.table_build import joined, rows_of

Table = list[list[str]]
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
        taken = rows_of(sheet, [recipe], period=fields[0], known={})
    rows: list[list[str]] = joined(taken, recipe.measures, fields=fields).values.tolist()
    return rows


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


class MerchandiseTrade:
    """A part of CIMT's imports."""

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


class GrainCommission:
    """The Commission's exports.csv of September 2026 in part (github.com/dsanchezp18/maplestats-mcp)."""

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
        recipe = sources_schema.load().tables["grain_exports_monthly"].parts[0].model_dump()
        grain = recipe["dimensions"][0]
        grain["members"] = {name: grain["members"][name] for name in grains or ("canola", "lentils", "oats", "wheat")}
        return recipe


class WorldBank:
    """The Pink Sheet of 2026-05-04 in part (github.com/sebapi747/gold)."""

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


class BankOfCanada:
    """Three days of Valet."""

    PART: dict[str, Any] = {  # noqa: RUF012
        "source": "boc",
        "where": {"Series": ["FXUSDCAD"]},
        "measures": [
            {"into": "rate", "column": "Mean", "unit": ["CAD per USD"], "decimals": 4},
            {"into": "days", "column": "Days", "unit": ["days"]},
        ],
    }
    FIELDS = ("month", "rate", "days")
    DAYS = (("2025-03-03", "1.4424"), ("2025-03-04", "1.4501"), ("2025-04-30", "1.4306"))
    MEANS = [["2025-03", "1.4463", "2"], ["2025-04", "1.4306", "1"]]  # noqa: RUF012


class CensusBureau:
    """A part of an answer of the Census Bureau."""

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


def refused(call: Callable[[], Any], *parts: str) -> None:
    """It is refused in one line that names the source and says all of `parts`."""
    with pytest.raises(SourceFailed) as failed:
        call()
    line = str(failed.value)
    assert line.startswith("A source: ") and "\n" not in line
    for part in parts:
        assert part in line


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
