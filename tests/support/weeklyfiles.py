"""The Grain Commission's weekly files, written from the table: one per crop year, with a grain nobody asks for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

import pandas as pd

HEADING = (
    "Crop Year", "Grain Week", "Week Ending Date", "worksheet", "metric", "period", "grain", "grade", "Region",
    "Ktonnes",
)  # fmt: skip
TO_DATE, LEVEL = "Crop Year", "Current Week"
LINES = {
    ("deliveries", "all"): ("Primary", "Deliveries", TO_DATE, "Manitoba"),
    ("crush", "all"): ("Process", "Milled/MFG Grain", TO_DATE, ""),
    ("exports", "direct"): ("Primary Shipment Distribution", "Shipment Distribution", TO_DATE, "Export Destinations"),
    ("exports", "vancouver"): ("Terminal Exports", "Exports", TO_DATE, "Vancouver"),
    ("exports", "prince_rupert"): ("Terminal Exports", "Exports", TO_DATE, "Prince Rupert"),
    ("exports", "thunder_bay"): ("Terminal Exports", "Exports", TO_DATE, "Thunder Bay"),
    ("exports", "st_lawrence"): ("Terminal Exports", "Exports", TO_DATE, "St. Lawrence"),
    ("exports", "churchill"): ("Terminal Exports", "Exports", TO_DATE, "Churchill"),
    ("stocks", "country_elevators"): ("Primary", "Stocks", LEVEL, "Manitoba"),
    ("stocks", "process_elevators"): ("Process", "Stocks", LEVEL, "Manitoba"),
    ("stocks", "terminal_elevators"): ("Terminal Stocks", "Stocks", LEVEL, "Vancouver"),
}


def crop_years(table: pd.DataFrame) -> dict[str, bytes]:
    """Crop year as addresses have it (2026-27) → its file, from the table as text.

    Where that holds no port of the Pacific, all of it is Vancouver's.
    """
    ports = table[table["place"] == "vancouver"]["week_ending"]
    alone = (table["place"] == "pacific") & ~table["week_ending"].isin(ports)
    named = table.assign(place=table["place"].mask(alone, "vancouver"))
    return {f"{year[:4]}-{year[7:]}": _file(rows) for year, rows in named.groupby("crop_year")}


def _file(rows: pd.DataFrame) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADING)
    for row in rows.to_dict("records"):
        writer.writerows(_lines(row))
    return out.getvalue().encode("cp1252")


def _lines(row: Mapping[str, str]) -> Iterator[list[str]]:
    """What stands for one row: nothing for those that are sums of others."""
    year, month, day = row["week_ending"].split("-")
    week = [row["crop_year"], row["week"], f"{day}/{month}/{year}"]
    if (row["item"], row["place"]) in LINES:
        worksheet, metric, period, region = LINES[row["item"], row["place"]]
        grade = "No.1 CANADA" if worksheet.startswith("Terminal") else ""
        for grain, volume in (("Canola", row["volume_kt"]), ("Wheat", "1,191.10")):
            yield [*week, worksheet, metric, period, grain, grade, region, volume]
    if row["item"] == "deliveries":
        for grain in ("Canola", "Wheat"):
            yield [*week, "Process", "Producer Deliveries", TO_DATE, grain, "", "", "0.0"]
