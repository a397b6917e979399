"""Publishers' files written from the tables, in each publisher's own format, and a local server that hands them out.

Each writer takes a table as text and writes what the publisher would: byte order mark, quoting, symbols for what is
missing, scalar factors, title rows, a description beside the data, and rows that no recipe wants. The formats are
those of the publishers' documentation (see the modules ``source_*``). Labels come from ``data/sources.yml``, so that a
round trip shows that recipe and format fit; the hand-written files of the unit tests do not look there.
"""

from __future__ import annotations

import csv
import io
import json
import threading
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pandas as pd

from tradeexposure.refresh.publishers.sources_schema import Catalogue, Dimension, Limits, Part, Source, Table

BOM = b"\xef\xbb\xbf"
SCALARS = {0: "units ", 3: "thousands ", 6: "millions "}
TAIL = (
    "UOM", "UOM_ID", "SCALAR_FACTOR", "SCALAR_ID", "VECTOR", "COORDINATE", "VALUE", "STATUS", "SYMBOL", "TERMINATED",
    "DECIMALS",
)  # fmt: skip
FRENCH = {
    "REF_DATE": "PÉRIODE DE RÉFÉRENCE", "GEO": "GÉO", "UOM": "UNITÉ DE MESURE",
    "UOM_ID": "IDENTIFICATEUR D'UNITÉ DE MESURE", "SCALAR_FACTOR": "FACTEUR SCALAIRE",
    "SCALAR_ID": "IDENTIFICATEUR SCALAIRE", "VECTOR": "VECTEUR", "COORDINATE": "COORDONNÉE", "VALUE": "VALEUR",
    "STATUS": "STATUT", "SYMBOL": "SYMBOLE", "TERMINATED": "TERMINÉ", "DECIMALS": "DÉCIMALES",
}  # fmt: skip
#: Power of ten Statistics Canada states the values of a table in.
POWERS = {"statcan_12100011": 6, "statcan_12100182": 3, "statcan_32100045": 3}
LIMITS = Limits(
    connect_seconds=1, read_seconds=1, total_seconds=5, longest_wait_seconds=1, attempts=1, bytes=10**8,
    unpacked_bytes=10**8, reading_seconds=60, reading_memory=10**9,
)  # fmt: skip
NOTES = '"Note ID",Note\r\n1,"Figures for ""recent"" periods, and only those,\r\nare revised."\r\n'


def source(kind: str, **more: Any) -> Source:
    """A source of no table."""
    common = {"title": "A source", "address": "https://example.org/f", "every": "month", "lag_days": 0}
    return Source(**{**common, "kind": kind, **more})


@dataclass(frozen=True)
class Observation:
    """One number of a full table: reference date, label per dimension, unit, value (None: not published), symbol."""

    date: str
    labels: Mapping[str, str]
    unit: str
    value: Decimal | None
    symbol: str = ""


def full_table(product: str, observations: Iterable[Observation], *, power: int = 0) -> bytes:
    """A full-table zip of Statistics Canada."""
    rows = list(observations)
    names = list(dict.fromkeys(name for row in rows for name in row.labels))
    heading = ["REF_DATE", "GEO", "DGUID", *(name for name in names if name != "GEO"), *TAIL]
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heading)
    vectors: dict[tuple[str, ...], int] = {}
    for row in rows:
        series = (*row.labels.values(), row.unit)
        vector = vectors.setdefault(series, len(vectors) + 1)
        value = "" if row.value is None else format(row.value.scaleb(-power).normalize(), "f")
        decimals = str(len(value.partition(".")[2]))
        writer.writerow([
            row.date, row.labels.get("GEO", "Canada"), "2021A000011124",
            *(row.labels[name] for name in heading[3:-11]),
            row.unit, "81", SCALARS[power], str(power), f"v{1000 + vector}", f"1.{vector}", value, row.symbol, "", "",
            decimals,
        ])  # fmt: skip
    description = f'"Cube Title","Product Id"\r\n"A table, with a comma","{product}"\r\n\r\n{NOTES}'
    return zipped(
        {f"{product}.csv": BOM + out.getvalue().encode(), f"{product}_MetaData.csv": BOM + description.encode()}
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip with these files, the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 25, 8, 30, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _date(period: str) -> str:
    """A period as Statistics Canada writes reference dates: a quarter by its first month."""
    year, _, quarter = period.partition("Q")
    return f"{year}-{3 * int(quarter) - 2:02d}" if quarter else period


def _label(dimension: Dimension, value: str) -> str:
    labels = dimension.members.get(value)
    return _plain(labels[0]) if labels else value.replace(".", "") if dimension.points else value


def _plain(label: str) -> str:
    return label.removesuffix("*") + (", all of it" if label.endswith("*") else "")


def statcan_observations(frame: pd.DataFrame, table: Table, part: Part) -> Iterator[Observation]:
    """What a full table must hold so that `part` gives the rows of `frame` that are its own."""
    fixed = {name.split(" | ")[-1]: _plain(labels[0]) for name, labels in part.where.items()}
    everything = _own(frame, table, part)
    for row in everything.to_dict("records"):
        labels = {d.column[0]: _label(d, row[d.into]) for d in part.dimensions}
        for measure in part.measures:
            extra = {name: _plain(labels[0]) for name, labels in measure.where.items()}
            value = Decimal(row[measure.into]) / measure.factor if row[measure.into] else None
            whole = {"GEO": "Canada"} | fixed | labels | extra
            unit = measure.unit[0]
            yield Observation(_date(row[table.into]), whole, unit, value, "" if value is not None else "..")
            if part.less:
                subtracted = {name: _plain(labels[0]) for name, labels in part.less.items()}
                us_value = _partner(frame, row, "united_states", table)
                yield Observation(_date(row[table.into]), {**whole, **subtracted}, unit, us_value / measure.factor)


def _own(frame: pd.DataFrame, table: Table, part: Part) -> pd.DataFrame:
    """Rows of a table that come from one part, differences turned back into the whole."""
    rows = frame[frame[table.into] >= part.since]
    for column, value in part.constants.items():
        rows = rows[rows[column] == value]
    for dimension in part.dimensions:
        if dimension.members or dimension.keep:
            rows = rows[rows[dimension.into].isin([*dimension.members, *dimension.keep])]
    if part.less:
        name = part.measures[0].into
        sums = [
            str(Decimal(row[name]) + _partner(frame, row, "united_states", table)) for row in rows.to_dict("records")
        ]
        rows = rows.assign(**{name: sums})
    return rows


def _partner(frame: pd.DataFrame, row: Mapping[str, str], partner: str, table: Table) -> Decimal:
    key = f"partner of {id(frame)}"
    if key not in _LOOKUP:
        _LOOKUP.clear()
        names = ("month", "flow", "product", "partner")
        records = frame.to_dict("records")
        _LOOKUP[key] = {tuple(r[name] for name in names): r["value_cad_millions"] for r in records}
    return Decimal(_LOOKUP[key][row["month"], row["flow"], row["product"], partner])


_LOOKUP: dict[str, dict[tuple[str, ...], str]] = {}


def distractors(observations: Sequence[Observation]) -> Iterator[Observation]:
    """Rows beside the wanted ones: another member in each dimension, and values that were not published."""
    first = observations[0]
    for name in first.labels:
        if name != "GEO" or "Number of farms reporting" not in first.labels.values():
            yield Observation(first.date, {**first.labels, name: f"Another {name.lower()}"}, "Percent", Decimal("1.5"))
    for symbol in ("x", "F", "..", "..."):
        yield Observation(first.date, {**first.labels, "GEO": "Small Areas n.e.c."}, first.unit, None, symbol)


def statcan_file(source: str, catalogue: Catalogue, tables: Mapping[str, pd.DataFrame]) -> bytes:
    """The full-table zip of a source, from all tables that rest on it."""
    rows: dict[tuple[Any, ...], Observation] = {}
    for name, table in catalogue.tables.items():
        for part in table.parts:
            if part.source == source and name in tables:
                for row in statcan_observations(tables[name], table, part):
                    rows.setdefault((row.date, frozenset(row.labels.items())), row)
    wanted = list(rows.values())
    every = [*distractors(wanted), *wanted]
    return full_table(source.removeprefix("statcan_"), every, power=POWERS.get(source, 0))


GRAIN = ("Year", "Month", "Grain", "Grade", "Ktonnes", "Elevator", "Region", "Global_region", "Destination")
#: The Commission's own names where they are not ours with a capital (maplestats-mcp: ``Lentil``, ``Türkiye``).
GRAIN_NAMES = {"lentils": "Lentil", "oats": "Oat"}
DESTINATION_NAMES = {"Turkey": "Türkiye"}


def grain_file(frame: pd.DataFrame) -> bytes:
    """exports.csv, each shipment split over two elevators, with rows that no recipe wants.

    As it was read in September 2026 (github.com/dsanchezp18/maplestats-mcp, ``modules/cgc/__tests__/test_client.py``):
    Windows-1252, months as names, six decimals, ``--`` for no grade, containers, imported grain, and a destination that
    is not specified, without a region.
    """
    rows: list[dict[str, str]] = []
    for row in frame.to_dict("records"):
        year, month = row["month"].split("-")
        volume = Decimal(row["volume_kt"])
        half = (volume / 2).quantize(Decimal("0.001"))
        common = {
            "year": year, "month": MONTH_NAMES[int(month)], "grade": "No.1 CW RS", "global_region": row["region"],
            "grain": GRAIN_NAMES.get(row["grain"], row["grain"].capitalize()),
            "destination": DESTINATION_NAMES.get(row["destination"], row["destination"]),
        }  # fmt: skip
        for elevator, region, amount in (
            ("TERMINALS", "Vancouver", half), ("PRIMARY", "Prairie Elevators", volume - half),
        ):  # fmt: skip
            rows.append({**common, "elevator": elevator, "region": region, "ktonnes": f"{amount:.6f}"})
        rows.append({**common, "elevator": "CONTAINER", "region": "Unlicensed", "grade": "--", "ktonnes": "3.217"})
    rows.append({**rows[0], "grain": "Canaryseed", "ktonnes": "12.5"})
    rows.append({**rows[0], "grain": "US Corn", "ktonnes": "9.5"})
    rows.append({**rows[0], "destination": "Not Specified", "global_region": "", "ktonnes": "2"})
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(GRAIN)
    writer.writerows([row[name.lower()] for name in GRAIN] for row in rows)
    return out.getvalue().encode("cp1252")


MONTH_NAMES = (
    "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
COLUMNS = {
    "crude_oil": ("Crude oil, average", "($/bbl)"), "barley": ("Barley", "($/mt)"), "maize": ("Maize", "($/mt)"),
    "palm_oil": ("Palm oil", "($/mt)"), "rapeseed_oil": ("Rapeseed oil", "($/mt)"),
    "soybean_meal": ("Soybean meal", "($/mt)"), "soybean_oil": ("Soybean oil", "($/mt)"),
    "soybeans": ("Soybeans", "($/mt)"), "sunflower_oil": ("Sunflower oil", "($/mt)"), "urea": ("Urea ", "($/mt)"),
    "wheat_hrw": ("Wheat, US HRW **", "($/mt)"),
}  # fmt: skip


TITLES = (
    "World Bank Commodity Price Data (The Pink Sheet)",
    "monthly prices in nominal US dollars, 1960 to present",
    "(monthly series are available only in nominal US dollar terms)",
    "Updated on November 04, 2026",
)


def pink_sheet(frame: pd.DataFrame) -> bytes:
    """The World Bank's workbook: four title rows, names, units, codes, months; ``…`` where there is no price.

    As the release of 2026-05-04 (github.com/sebapi747/gold, ``CMO-Historical-Data-Monthly.csv``): a third row of codes,
    ``...`` beside ``…``, marks and blanks after names, prices with more digits than they are read with.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "AFOSHEET"
    sheet = book.create_sheet("Monthly Prices")
    for title in TITLES:
        sheet.append([title])
    sheet.append([None, *(name for name, _ in COLUMNS.values()), "Coal, Australian"])
    sheet.append([None, *(unit for _, unit in COLUMNS.values()), "($/mt)"])
    sheet.append([None, *(name.upper() for name in COLUMNS), "COAL_AUS"])
    prices = {(row["month"], row["commodity"]): float(row["price_usd"]) for row in frame.to_dict("records")}
    sheet.append(["1984M12", *("…" for _ in COLUMNS), 48.0])
    for month in sorted({month for month, _ in prices}):
        missing = "…" if month < "2000" else "..."
        values = [prices.get((month, commodity), missing) for commodity in COLUMNS]
        sheet.append([month.replace("-", "M"), *values, 100.5])
    sheet.append(["** formerly US HRW, no. 1"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def valet(frame: pd.DataFrame) -> bytes:
    """The Bank of Canada's answer: the last `days_observed` weekdays of each month, all at the month's mean."""
    days = [
        (f"{day:%Y-%m-%d}", row["cad_per_usd"])
        for row in frame.to_dict("records")
        for day in pd.bdate_range(row["month"], pd.Period(row["month"]).end_time)[-int(row["days_observed"]) :]
    ]
    answer = {
        "terms": {"url": "https://www.bankofcanada.ca/terms/"},
        "seriesDetail": {"FXUSDCAD": {"label": "USD/CAD", "description": "US dollar to Canadian dollar"}},
        "observations": [{"d": day, "FXUSDCAD": {"v": value}} for day, value in days],
    }  # fmt: skip
    return json.dumps(answer).encode()


CIMT_COMMON = ("Value/Valeur", "Quantity/Quantité", "Unit of Measure/Unité de Mesure")


def cimt(year: str, number: str, code: str, rows: Iterable[Mapping[str, str]], *, province: bool) -> bytes:
    """A year's zip: the data in a folder, other levels of the classification and a description of codes beside it.

    `rows` have ``month`` (202503), ``code``, ``country``, ``province``, ``value``, ``quantity`` and ``unit``.
    """
    names = [
        "YearMonth/AnnéeMois",
        code,
        "Country/Pays",
        *(["Province"] if province else []),
        "State/État",
        *CIMT_COMMON,
    ]
    out = io.StringIO(newline="")
    out.write(",".join(names) + "\r\n")
    for row in rows:
        cells = [row["month"], row["code"], row["country"], *([row["province"]] if province else [])]
        cells += ["TX" if row["country"] == "US" else ""]
        quoted = ",".join(f'"{cell}"' if cell else "" for cell in cells)
        out.write(f'{quoted},{row["value"]},{row["quantity"]},"{row["unit"]}"\r\n')
    folder = f"CIMT-CICM_{year}"
    return zipped({
        f"{folder}/{number}_{year}12N.csv": BOM + out.getvalue().encode(),
        f"{folder}/ODPFN022_{year}12N.csv": "YearMonth/AnnéeMois,HS2\r\n".encode(),
        f"{folder}/ODPF_6_CtyDesc.TXT": "CN\tChina\tChine\r\n".encode("latin-1"),
    })  # fmt: skip


def census(frame: pd.DataFrame) -> bytes:
    """The Census Bureau's answer: each line once with the CUSMA subcode and once without, higher levels mixed in."""
    rows: list[list[str | None]] = [["I_COMMODITY", "CTY_CODE", "CTY_SUBCODE", "CON_VAL_MO", "time", "COMM_LVL"]]
    for row in frame.to_dict("records"):
        claimed = Decimal(row["cusma_claimed_usd"])
        rest = Decimal(row["value_usd"]) - claimed
        rows.append([row["hts10"], "1220", "S", str(claimed), row["month"], "HS10"])
        rows.append([row["hts10"], "1220", "-", str(rest), row["month"], "HS10"])
    rows.append(["9999999999", "1220", "-", None, "2025-01", "HS10"])
    rows.append(["8703", "1220", "-", "5", "2025-01", "HS4"])
    return json.dumps(rows).encode()


def census_chapter(answer: bytes, chapter: str) -> bytes:
    """Rows of one chapter; what is asked for and filtered by comes twice, at the end too."""
    heading, *rows = json.loads(answer)
    return json.dumps(
        [[*heading, heading[0]], *([*row, row[0]] for row in rows if row[0].startswith(chapter))]
    ).encode()


HEADING_2024 = ["I_COMMODITY", "I_COMMODITY_SDESC", "CTY_SUBCODE", "CON_VAL_YR", "CAL_DUT_YR"]
ASKED_LINES = ["time", "CTY_CODE", "SUMMARY_LVL2", "COMM_LVL"]


def census_2024(frame: pd.DataFrame) -> bytes:
    """Imports of 2024 by line and subcode: duty on what is not claimed, and a line of another heading."""
    rows: list[list[str | None]] = [[*HEADING_2024, *ASKED_LINES]]
    asked = ["2024-12", "1220", "HSCYCS", "HS10"]
    for row in frame.to_dict("records"):
        value = Decimal(row["value_usd"])
        claimed = (value * Decimal(row["cusma_share_2024"])).quantize(Decimal(1))
        name = row["description"].upper()
        for subcode, part, duty in (("S", claimed, "0"), ("00", value - claimed, row["duty_usd"])):
            if part or duty != "0" or subcode == "00":
                rows.append([row["hts10"], name, subcode, str(part), duty, *asked])
    rows.append(["0101210010", "PURE-BRED BREEDING HORSES", "00", "500", "0", *asked])
    rows.append(["8703", "MOTOR CARS", "00", "500", "0", "2024-12", "1220", "HSCYCS", "HS4"])
    return json.dumps(rows).encode()


def census_2025_12(frame: pd.DataFrame) -> bytes:
    """Imports of December 2025: no row where nothing was imported, and a line that was not imported in 2024."""
    rows: list[list[str | None]] = [["I_COMMODITY", "CTY_SUBCODE", "CON_VAL_MO", *ASKED_LINES]]
    asked = ["2025-12", "1220", "HSCYCS", "HS10"]
    for row in frame[frame["cusma_share_2025_12"] != "0"].to_dict("records"):
        claimed = 10_000_000 * Decimal(row["cusma_share_2025_12"])
        rows.append([row["hts10"], "S+", str(claimed.quantize(Decimal(1))), *asked])
        rows.append([row["hts10"], "00", str((10_000_000 - claimed).quantize(Decimal(1))), *asked])
    rows.append(["8708999999", "S", "700", *asked])
    return json.dumps(rows).encode()


def census_partners(frame: pd.DataFrame) -> bytes:
    """Imports of 2024 by partner: the Union by its members and once more as a group, the world, a partner not held."""
    rows: list[list[str | None]] = [
        ["I_COMMODITY", "CTY_NAME", "CON_VAL_YR", "CAL_DUT_YR", "time", "COMM_LVL", "SUMMARY_LVL"]
    ]
    for row in frame.to_dict("records"):
        value, duty = int(row["value_usd"]), int(row["duty_usd"])
        names = {row["partner"]: (value, duty)}
        if row["partner"] == "European Union":
            names = {"Germany": (value - value // 3, duty), "Denmark, except Greenland": (value // 3, 0)}
            rows.append([row["hs6"], "EUROPEAN UNION", str(value + 1), str(duty), "2024-12", "HS6", "CGP"])
        for name, (part, paid) in names.items():
            rows.append([row["hs6"], name.upper(), str(part), str(paid), "2024-12", "HS6", "DET"])
    for name, code, level in (("UKRAINE", "870899", "DET"), ("TOTAL FOR ALL COUNTRIES", "870899", "DET")):
        rows.append([code, name, "12", "3", "2024-12", "HS6", level])
    rows.append(["010121", "CANADA", "12", "3", "2024-12", "HS6", "DET"])
    rows.append(["8708", "CANADA", "12", "3", "2024-12", "HS4", "DET"])
    return json.dumps(rows).encode()


def cube(product: str | int, end: str, released: str, **changed: Any) -> dict[str, Any]:
    """One table as the Web Data Service describes it, members and footnotes included."""
    member = {"memberId": 1, "parentMemberId": None, "memberNameEn": "Canada", "memberNameFr": "Canada", "geoLevel": 0}
    return {
        "status": "SUCCESS",
        "object": {
            "responseStatusCode": 0, "productId": product, "cansimId": "", "cubeTitleEn": "A table",
            "cubeTitleFr": "Un tableau à « guillemets »", "cubeStartDate": "1997-01-01", "cubeEndDate": end,
            "frequencyCode": 6, "nbSeriesCube": 171, "nbDatapointsCube": 3129, "releaseTime": released,
            "archiveStatusCode": "2", "archiveStatusEn": "CURRENT - a cube available to the public",
            "subjectCode": ["350102", "4211"], "surveyCode": ["3313"],
            "dimension": [{"dimensionPositionId": 1, "dimensionNameEn": "Geography", "member": [member]}],
            "footnote": [{"footnoteId": 1, "footnotesEn": "Figures are revised."}], **changed,
        },
    }  # fmt: skip


@dataclass
class Answer:
    """What the server says to a path."""

    content: bytes
    kind: str = "application/octet-stream"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    #: Break off after so many bytes, this often.
    cut: int | None = None
    cuts: int = 1
    #: Seconds before each chunk, and bytes per chunk.
    pause: float = 0.0
    chunk: int = 65536
    #: Say nothing of how to recognise the file.
    nameless: bool = False


class Publisher:
    """A server on this machine; `answers` maps a path to an answer, or to a function of how often it was asked.

    A path with a question mark answers questions that begin so.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[int], Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.counts: dict[str, int] = defaultdict(int)
        self.posted: list[bytes] = []
        self.base = ""

    def times(self, path: str) -> int:
        """How often `path` was asked for."""
        return self.counts[path]

    def answer(self, path: str) -> Answer | None:
        answer = self.answers.get(path)
        self.counts[path] += 1
        return answer(self.counts[path]) if callable(answer) else answer


class QuietServer(ThreadingHTTPServer):
    """Says nothing when a client hangs up early, which some tests make it do."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Leave the terminal to the command under test."""


@contextmanager
def serving() -> Iterator[Publisher]:
    """Run a :class:`Publisher` on a free port of this machine."""
    publisher = Publisher()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            publisher.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def do_GET(self) -> None:
            asked = (key for key in publisher.answers if "?" in key and self.path.startswith(key))
            path = next(asked, self.path.partition("?")[0])
            publisher.asked.append((self.path, dict(self.headers.items())))
            answer = publisher.answer(path) or Answer(b"<html>not here</html>", "text/html", 404)
            try:
                _send(self, answer)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    server = QuietServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    publisher.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Send an answer, or that nothing changed."""
    tag = f'"{hash(answer.content) & 0xFFFFFFFF:x}"'
    content, status, extra = answer.content, answer.status, dict(answer.headers)
    if status == 200 and not answer.nameless:
        extra["ETag"] = tag
        if handler.headers.get("If-None-Match") == tag:
            handler.send_response(304)
            handler.send_header("ETag", tag)
            handler.end_headers()
            return
    handler.send_response(status)
    for name, value in {"Content-Type": answer.kind, "Content-Length": str(len(content)), **extra}.items():
        handler.send_header(name, value)
    handler.end_headers()
    end = len(content)
    if answer.cut is not None and status == 200 and answer.cuts > 0:
        end, answer.cuts = answer.cut, answer.cuts - 1
    for start in range(0, end, answer.chunk):
        time.sleep(answer.pause)
        handler.wfile.write(content[start : min(start + answer.chunk, end)])
        handler.wfile.flush()
    if end < len(content):
        handler.close_connection = True
        handler.connection.close()
