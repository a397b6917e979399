"""Statistics Canada's Canadian International Merchandise Trade (CIMT), a zip per year from 1988 on.

Each zip holds one file per level of the Harmonized System; ``ODPFN014`` imports by HS10, ``ODPFN016`` domestic exports
by HS8 with the province of origin, ``ODPFN017`` total exports by HS8, which has no column for the province. Headings
are bilingual with a slash (``Country/Pays``); values are dollars, countries are two-letter codes, one row per month,
code, country, province and US state. Weights are kilograms (``KGM``) or tonnes (``TNE``), air dry ones too (``KSD``,
``TSD``), as the tariff line says; here they are all ``KGM``. Kilograms of a named substance (``KNS``) are another
weight than that of the goods: they keep their unit, and a recipe has to name it.

Not every code is a country of today: ``CA`` is Canada's own goods that come back, ``ZX`` an unknown country, ``ZZ`` the
high seas, and those that are gone keep theirs (``SU``, ``YU``). Newfoundland and Labrador is ``NF`` to October 2002 and
``NL`` from November. They are trade and stay; recipes say what is made of them (`members`).

Measured by others on the files of all years (186 million rows of imports, read in September 2026):

- ``ODPFN014_YYYYMMx.csv``: the letter is C in the early years and N later.
- Values are never blank or negative. Quantities are 0 under the unit ``N/A`` where the line asks for none (as in
  github.com/pedrocondor/oec-etl, ``etl/countries/canada/README.md``): that is no quantity and not 0.
- No complete key stands twice (``ODPFN018_202512N.csv``, 1.2 million rows): a row that does is refused, not added.
- The state is blank unless the partner is the United States; text files beside the data are Windows-1252.
- A year's zip is published anew as a whole. A missing one may come as a web page with status 200.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tradeexposure.refresh.publishers import archive
from tradeexposure.refresh.publishers.sheet import Cell, Row, Sheet, column, in_period, number, table_rows
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

PERIOD = ("YearMonth/AnnéeMois",)
UNIT = ("Unit of Measure/Unité de Mesure",)
VALUE = "Value/Valeur"
QUANTITY = "Quantity/Quantité"
DOLLARS = "dollars"
KILOGRAMS = "KGM"
#: Kilograms in what the publisher counts weights of goods in.
WEIGHTS = {KILOGRAMS: 1, "KSD": 1, "TNE": 1000, "TSD": 1000}
NO_UNIT = ("", "N/A")  # the tariff line asks for no quantity


@contextmanager
def opened(path: Path, source: Source, limits: Limits, frequency: str) -> Iterator[Sheet]:
    """One year's zip as a sheet."""

    def wanted(name: str) -> bool:
        return name.startswith(source.member) and name.casefold().endswith(".csv")

    with archive.member(path, source, limits, wanted) as text:
        reader = csv.reader(text, strict=True)
        header = next(reader, [])
        when, unit = column(header, PERIOD, source.title), column(header, UNIT, source.title)
        numbers = {name: column(header, (name,), source.title) for name in (VALUE, QUANTITY)}

        def cell(row: Row, name: str) -> Cell:
            text = row[numbers[name or VALUE]].strip()
            value = number(text, source.title, name) if text else None
            if name != QUANTITY:
                return Cell(value, DOLLARS)
            stated = row[unit].strip()
            if not value and stated.upper() in NO_UNIT:
                return Cell(None, stated)
            if value is not None and stated in WEIGHTS:
                return Cell(value * WEIGHTS[stated], KILOGRAMS)
            return Cell(value, stated)

        rows = table_rows(reader, len(header), source.title)
        yield Sheet(source.title, tuple(header), rows, lambda row: in_period(row[when], frequency, source.title), cell)
