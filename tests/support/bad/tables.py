"""Cases of bad input in the files of a vintage: descriptor, corrections, tables, notes of vintages, forecasts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bad.inputs import (
    CORRECTIONS,
    PACKAGE,
    TABLE,
    TABLE_FILE,
    Case,
    appended,
    edited,
    fifo,
    folder,
    kinds,
    linked,
    nothing,
    removed,
    replaced,
    written,
)  # fmt: skip

ENTRY = """- id: one
  table: gsim_results
  handling: applied
  status: open
  reason: made up
  expect:
    - where: {country: US}
      column: producer_price_change
      values: ["0.0792"]
  apply:
    where: {country: US}
    sum: [producer_price_change]
    set: {country: US}
"""
#: Tables that cases change, corrections are of or maps are drawn from: the project of the cases has no other.
OUTLINES, DESCRIBED = "data/geography/prairie_subdivisions.json", "data/geography/outlines.json"
DEEP = "[" * 5_000 + "]" * 5_000


def described(edit: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """The descriptor of one table changed."""

    def change(package: dict[str, Any]) -> None:
        edit(next(resource for resource in package["resources"] if resource["name"] == TABLE))

    return edited(PACKAGE, change)


def column(edit: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """The last column of that table changed: it is a number."""
    return described(lambda table: edit(table["schema"]["fields"][-1]))


def rules(**constraints: Any) -> Callable[[Path], None]:
    """Other constraints of its first column, a text."""
    return described(lambda table: table["schema"]["fields"][0].update(constraints=constraints))


def put(**entries: Any) -> Callable[[Path], None]:
    """Other entries of the table's descriptor."""
    return described(lambda table: table.update(entries))


def without(entry: str) -> Callable[[Path], None]:
    """The table's descriptor without an entry."""
    return described(lambda table: table.pop(entry))


def _package(name: str, change: Callable[[Path], None], *named: str) -> Case:
    return Case(f"descriptor: {name}", change, (PACKAGE, *named))


DESCRIPTOR = [
    *kinds(PACKAGE),
    _package("a list", written(PACKAGE, "[]")),
    _package("a number", written(PACKAGE, "7")),
    _package("null", written(PACKAGE, "null")),
    _package("cut off", written(PACKAGE, '{"resources": [')),
    _package("too deep", written(PACKAGE, DEEP)),
    _package("with a byte order mark", written(PACKAGE, b"\xef\xbb\xbf{}"), "byte order mark"),
    _package("a key twice", replaced(PACKAGE, '"name": "', '"title": "x", "title": "y", "name": "'), "title twice"),
    _package("infinite", replaced(PACKAGE, '"bytes": ', '"bytes": 1e999, "more": '), "1e999"),
    _package("no number", replaced(PACKAGE, '"bytes": ', '"bytes": NaN, "more": '), "NaN"),
    _package("a number of 5,000 digits", replaced(PACKAGE, '"bytes": ', f'"bytes": {"9" * 5000}, "more": ')),
    _package("half a character", replaced(PACKAGE, '"title": "', '"title": "\\ud800'), "ud800"),
    _package("no resources", edited(PACKAGE, lambda p: p.update(resources=[])), "resources"),
    _package("resources gone", edited(PACKAGE, lambda p: p.pop("resources") and None), "resources"),
    _package("resources a mapping", edited(PACKAGE, lambda p: p.update(resources={})), "resources"),
    _package(
        "a resource that is null", edited(PACKAGE, lambda p: p["resources"].append(None)), "a table without a name"
    ),
    _package("a resource that is a number", edited(PACKAGE, lambda p: p["resources"].append(3)), "found 3"),
    _package("a resource that is text", edited(PACKAGE, lambda p: p["resources"].append("x")), "found x"),
    _package("a table twice", edited(PACKAGE, lambda p: p["resources"].append(p["resources"][0])), "twice"),
    _package("title of all null", edited(PACKAGE, lambda p: p.update(title=None)), "title", "null"),
    *[
        _package(f"{entry} is {json.dumps(value)}", put(**{entry: value}), TABLE, entry)
        for entry in ("path", "title", "publisher", "licenses", "vintage", "accessed", "bytes", "hash", "key", "schema")
        for value in (None, 7.5, {})
    ],
    *[
        _package(f"without {entry}", without(entry), TABLE, f"no {entry}")
        for entry in (
            "path",
            "title",
            "licenses",
            "attribution",
            "coverage",
            "accessed",
            "trust",
            "bytes",
            "hash",
            "key",
            "schema",
        )
    ],
    _package("accessed on no day", put(accessed="2026-02-30"), TABLE, "accessed", "2026-02-30", "YYYY-MM-DD"),
    _package("name is null", put(name=None), "name"),
    _package("name is a list", put(name=[1]), "name"),
    _package("name climbs", put(name="../../etc/passwd"), "name"),
    _package("path climbs", put(path="../secret.csv"), "../secret.csv"),
    _package("path is absolute", put(path="/etc/passwd"), "/etc/passwd"),
    _package("title blank", put(title="  "), TABLE, "title"),
    _package("title steers the terminal", put(title="\x1b[31mred"), TABLE, "title", "\\x1b"),
    _package("address runs a script", put(address="javascript:alert(1)"), TABLE, "address", "javascript:alert(1)"),
    _package("address reads a file", put(address="file:///etc/passwd"), TABLE, "address"),
    _package("licences empty", put(licenses=[]), TABLE, "licenses"),
    _package("licences text", put(licenses="open"), TABLE, "licenses", "open"),
    _package("a licence that is text", put(licenses=["open"]), TABLE, "licenses"),
    _package("a licence without a title", put(licenses=[{"name": "x"}]), TABLE, "title"),
    _package("sources text", put(sources="here"), TABLE, "sources", "here"),
    _package("a source that is a number", put(sources=[4]), TABLE, "sources"),
    _package("a bound that is no column", column(lambda number: number.update(at_most="worth")), "at_most", "worth"),
    _package("a whole of no column", put(whole={"place": "Canada"}), TABLE, "whole", "place"),
    _package("trust unknown", put(trust="Z"), TABLE, "trust", "Z"),
    _package("hash of another kind", put(hash="md5:1234"), TABLE, "hash", "md5:1234"),
    _package("hash too short", put(hash="sha256:12"), TABLE, "hash"),
    _package("bytes negative", put(bytes=-1), TABLE, "bytes", "-1"),
    _package("bytes text", put(bytes="many"), TABLE, "bytes", "many"),
    _package("key empty", put(key=[]), TABLE, "key"),
    _package("key text", put(key="month"), TABLE, "key", "month"),
    _package("key of an unknown column", put(key=["nope"]), TABLE, "key", "nope"),
    _package("key of numbers", put(key=[1]), TABLE, "key"),
    _package("schema without fields", put(schema={}), TABLE, "fields"),
    _package("fields empty", put(schema={"fields": []}), TABLE, "fields"),
    _package("fields a mapping", put(schema={"fields": {}}), TABLE, "fields"),
    _package("a field that is null", put(schema={"fields": [None]}), TABLE, "fields"),
    _package("a field without a name", column(lambda c: c.pop("name")), TABLE, "name"),
    _package("a field without a type", column(lambda c: c.pop("type")), TABLE, "type"),
    _package("a field of an unknown type", column(lambda c: c.update(type="geojson")), TABLE, "geojson"),
    _package("a field whose type is a number", column(lambda c: c.update(type=3)), TABLE, "type"),
    _package("a field without a description", column(lambda c: c.pop("description")), TABLE, "description"),
    _package("a field in no unit", column(lambda c: c.pop("unit", None)), TABLE, "unit"),
    _package("a field in an unknown unit", column(lambda c: c.update(unit="bushels")), TABLE, "bushels"),
    _package("constraints a list", column(lambda c: c.update(constraints=[])), TABLE, "constraints"),
    _package("constraints null", column(lambda c: c.update(constraints=None)), TABLE, "constraints"),
    _package("constraints text", column(lambda c: c.update(constraints="x")), TABLE, "constraints"),
    _package("required is text", rules(required="yes"), TABLE, "required", "yes"),
    _package("enum a number", rules(enum=3), TABLE, "enum"),
    _package("enum empty", rules(enum=[]), TABLE, "enum"),
    _package("enum of numbers", rules(enum=[1, 2]), TABLE, "enum"),
    _package("pattern broken", rules(pattern="[a"), TABLE, "pattern", "[a"),
    _package("pattern without end", rules(pattern="(a+)+$"), TABLE, "pattern", "(a+)+$"),
    _package("pattern of alternatives without end", rules(pattern="(a|a)*b"), TABLE, "(a|a)*b"),
    _package("pattern with many repetitions", rules(pattern="a*a*a*a*b"), TABLE, "a*a*a*a*b"),
    _package("pattern a number", rules(pattern=3), TABLE, "pattern"),
    _package("minimum text", column(lambda c: c.update(constraints={"minimum": "x"})), TABLE, "minimum"),
    _package("minimum of a text", rules(minimum=3), TABLE, "constraints"),
    _package("maximum below minimum", column(lambda c: c.update(constraints={"minimum": 3, "maximum": 1})), "maximum"),
]


def _corrected(name: str, change: Callable[[Path], None], *named: str) -> Case:
    return Case(f"corrections: {name}", change, (CORRECTIONS, *named))


def entry(old: str, new: str) -> Callable[[Path], None]:
    """One entry with a part replaced."""
    assert old in ENTRY
    return appended(CORRECTIONS, ENTRY.replace(old, new, 1))


EXPECTED = """    - where: {country: US}
      column: producer_price_change
      values: ["0.0792"]
"""
APPLIED = """
    where: {country: US}
    sum: [producer_price_change]
    set: {country: US}
"""
REGION = "set: {region: Western Europe}"
DECLARED = [
    *kinds(CORRECTIONS),
    _corrected("text", written(CORRECTIONS, "words")),
    _corrected("a mapping", written(CORRECTIONS, "a: b\n"), "found a: b; allowed: a YAML list of entries"),
    _corrected("too deep", written(CORRECTIONS, DEEP)),
    _corrected("an entry that is text", written(CORRECTIONS, "- x\n")),
    _corrected("an entry that is a list", written(CORRECTIONS, "- [x]\n")),
    _corrected("a key twice", entry("  status: open", "  status: open\n  status: open"), "status"),
    _corrected("an alias", written(CORRECTIONS, "- &a {id: x}\n- *a\n"), "alias"),
    _corrected("a tag", written(CORRECTIONS, "- !!python/object:os.system {}\n")),
    *[
        _corrected(f"without {key}", entry(f"  {key}: {value}\n", ""), key)
        for key, value in (("table", TABLE), ("handling", "applied"), ("status", "open"), ("reason", "made up"))
    ],
    *[
        _corrected(f"{new}", replaced(CORRECTIONS, old, new), refusal)
        for old, new, refusal in (
            (REGION, "set: {region: Nowhere}", "column region: found Nowhere; allowed: Africa, "),
            (REGION, "set: {volume_kt: '-1'}", "column volume_kt: found -1; allowed: minimum 0"),
            (REGION, "set: {month: '2021-13'}", "column month: found 2021-13; allowed: months"),
            (REGION, "set: {destination: Algeria}", ".apply: found month=2021-03, "),
            ("sum: [volume_kt]", "sum: [region]", ".apply.sum: found region (Africa, Western Europe); allowed: "),
        )
    ],
    _corrected("no YAML", written(CORRECTIONS, "- {"), "found not YAML: node content is missing, line 1"),
    _corrected("an id twice", appended(CORRECTIONS, ENTRY + ENTRY), "found one twice; allowed: every id once"),
    _corrected("id in capitals", entry("id: one", "id: ONE"), "ONE"),
    _corrected("handling unknown", entry("applied", "mended"), "handling", "mended"),
    _corrected(
        "status unknown", entry("status: open", "status: shut"), ".status (line ", "found shut; allowed: open, settled"
    ),
    _corrected("reason blank", entry("made up", '"  "'), "reason"),
    _corrected(
        "a key unknown",
        entry("  status: open", "  status: open\n  stat: open"),
        "found unknown key stat; allowed: did you mean status? id, table",
    ),
    _corrected(
        "a year unquoted",
        entry("where: {country: US}", "where: {country: 2021}"),
        'found 2021; allowed: text; write digits in quotes: "0512"',
    ),
    _corrected("expect text", entry(f"\n{EXPECTED}", " x\n"), "expect", "found x"),
    _corrected("expect empty", entry(f"\n{EXPECTED}", " []\n"), "expect"),
    _corrected("expect a list of numbers", entry(f"\n{EXPECTED}", " [1, 2]\n"), "expect"),
    _corrected("expect without where", entry("    - where: {country: US}\n      column", "    - column"), "where"),
    _corrected("expect where text", entry("where: {country: US}", "where: US"), "where", "US"),
    _corrected("expect without column", entry("      column: producer_price_change\n", ""), "column"),
    _corrected("expect without values", entry('      values: ["0.0792"]\n', ""), "values"),
    _corrected("expect values text", entry('values: ["0.0792"]', "values: one"), "values", "one"),
    _corrected("apply text", entry(APPLIED, " x\n"), "apply", "found x"),
    _corrected("apply empty", entry(APPLIED, " {}\n"), "apply"),
    _corrected("apply without where", entry("    where: {country: US}\n    sum", "    sum"), "apply", "where"),
    _corrected("apply that does nothing", entry(APPLIED, "\n    where: {country: US}\n"), "found neither sum nor set"),
    _corrected("sum text", entry("sum: [producer_price_change]", "sum: all"), "sum", "all"),
    _corrected("set a list", entry("set: {country: US}", "set: [a]"), "set"),
    _corrected("applied without apply", entry(f"  apply:{APPLIED}", ""), "no apply"),
    _corrected("a caveat with apply", entry("applied", "caveat"), "found apply; allowed: apply exactly where"),
    _corrected("of a column that is not there", entry("column: producer_price_change", "column: nope"), "nope"),
    _corrected("of rows that are not there", entry("- where: {country: US}", "- where: {country: Nowhere}"), "Nowhere"),
]


def table(name: str, change: Callable[[Path], None], *named: str) -> Case:
    """A broken table."""
    return Case(f"table: {name}", change, named or (TABLE_FILE,))


def grown(line: str) -> Callable[[Path], None]:
    """The table with another line at its end."""

    def change(root: Path) -> None:
        path = root / TABLE_FILE
        path.write_bytes(path.read_bytes() + line.encode())

    return change


def number(typed: str, file: str = TABLE_FILE) -> Callable[[Path], None]:
    """A table whose last cell is another."""

    def change(root: Path) -> None:
        lines = (root / file).read_text("utf-8").splitlines()
        lines[-1] = ",".join([*lines[-1].split(",")[:-1], typed])
        (root / file).write_text("\n".join(lines) + "\n", "utf-8")

    return change


RATES, EMPLOYED, REBATES = (
    f"data/tables/{name}.csv" for name in ("exchange_rate_monthly", "auto_employment", "ev_rebates")
)


def _another_byte(root: Path) -> None:
    content = (root / RATES).read_bytes()
    last = next(place for place in range(len(content) - 1, 0, -1) if content[place : place + 1].isdigit())
    digit = b"1" if content[last : last + 1] != b"1" else b"2"
    (root / RATES).write_bytes(content[:last] + digit + content[last + 1 :])


def _lines(edit: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    """The table with its lines edited."""

    def change(root: Path) -> None:
        path = root / TABLE_FILE
        path.write_text("\n".join(edit(path.read_text("utf-8").splitlines())) + "\n", "utf-8")

    return change


def _another_unit(package: Any) -> None:
    fields = [field for resource in package["resources"] for field in resource["schema"]["fields"]]
    next(field for field in fields if field["name"].endswith("_cad"))["unit"] = "kilotonnes"


TABLES = [
    *kinds(TABLE_FILE),
    table("another digit", _another_byte, f"{RATES}: hash: found sha256:", f"git checkout -- {RATES}",
          "python -m tradeexposure.data"),
    *[table(f"a row {new}", replaced(RATES, "1990-01,1.172,21", new), RATES, refusal) for new, refusal in (
        ("1990-01,1.172", "row 2: found 2 cells; allowed: 3 cells"),
        ("1990-13,1.172,21", "row 2, column month: found 1990-13; allowed: months such as"),
        ("1990-01,n/a,21", "row 2, column cad_per_usd: found n/a; allowed: numbers such as"),
        ("1990-01,,21", "row 2, column cad_per_usd: found an empty cell; allowed: a value"),
        ("1990-01,-1.172,21", "row 2, column cad_per_usd: found -1.172; allowed: minimum 0"),
        ("1990-01,1.172,21.5", "row 2, column days_observed: found 21.5; allowed: whole numbers"),
        ("1990-01,1.172,99", "row 2, column days_observed: found 99; allowed: maximum 23"),
        ('1990-01,"1.172,21', "found no CSV"),
    )],
    table("columns in another order", replaced(RATES, "month,cad_per_usd", "cad_per_usd,month"), RATES,
          "the order cad_per_usd, month, days_observed"),
    table("a word that is none of its column", replaced(EMPLOYED, "151700,workers", "151700,jobs"), EMPLOYED,
          "row 2, column unit: found jobs; allowed: workers, share, change"),
    table("a day that does not exist", replaced(REBATES, "2019-05-01,2022-04-24", "2019-05-01,2022-04-31"), REBATES,
          "column date_end: found 2022-04-31; allowed: a day that exists"),
    table("a column less", _lines(lambda lines: [line.split(",")[0] for line in lines]), TABLE_FILE,
          "columns: found no column producer_price_change", "allowed: country, "),
    table("a key twice", _lines(lambda lines: [*lines, lines[-1]]), TABLE_FILE, " twice", "data/corrections.yml"),
    table("no rows", _lines(lambda lines: lines[:1]), TABLE_FILE, "found no rows"),
    table("another unit", edited(PACKAGE, _another_unit), PACKAGE, ".unit: found kilotonnes; allowed: CAD"),
    *[table(f"content {content!a}", written(TABLE_FILE, content), TABLE_FILE)
      for content in (b"country,producer_price_change\n", b"country\xff\xfe\n")],
    table("no file", removed(TABLE_FILE), f"{TABLE_FILE}: found No such file or directory; allowed: restore it with"),
    *[
        table(f"a number written {typed!a}", number(typed), TABLE_FILE)
        for typed in ("much", "1e999", "-1e999", "inf", "nan", "0x10", "1,5", "1_000", "12 %", "١٢٧", "9" * 60)
    ],
    table("an infinite number is quoted", number("1e999"), TABLE_FILE, "1e999"),
    table("digits of another script are quoted", number("１２７"), TABLE_FILE, "１２７"),
    table("a zero byte", grown("\0"), TABLE_FILE, "\\x00"),
    table("an escape", grown("\x1b[31m"), TABLE_FILE, "\\x1b"),
    table("a hidden direction", grown("\u202e"), TABLE_FILE, "\\u202e"),
    table("a row too short", grown("x\n"), TABLE_FILE, "cells"),
    table("a row too long", grown("a,b,c,d,e,f,g,h,i,j\n"), TABLE_FILE, "cells"),
    table("an open quote", grown('"x'), TABLE_FILE),
    table("no heading", written(TABLE_FILE, "\n\n\n"), TABLE_FILE),
    table("another heading", replaced(TABLE_FILE, "country", "land"), TABLE_FILE,
          "no column country; unknown column land"),
    table("a byte order mark", written(TABLE_FILE, b"\xef\xbb\xbfcountry\nx\n"), TABLE_FILE),
    table("whole numbers too large", lambda root: _whole(root, "9" * 30), "9" * 30),
    table("outlines cut off", written(OUTLINES, '{"objects": {'), OUTLINES, "no JSON"),
    table("outlines that are a pipe", fifo(OUTLINES), OUTLINES, "a named pipe"),
    table("outlines with other land", replaced(OUTLINES, '"km2":1021', '"km2":1020'), OUTLINES, "hash", "git checkout"),
    table("no outlines", removed(OUTLINES), OUTLINES, "git checkout"),
    table("outlines of no known trust", replaced(DESCRIBED, '"trust": "C"', '"trust": "Z"'), DESCRIBED, "found Z"),
    table("outlines of nobody", replaced(DESCRIBED, '"publisher"', '"by"'), DESCRIBED, ".publisher: found no"),
    table("outlines elsewhere", edited(DESCRIBED, lambda d: d["resources"][0].update(path="../secret.json")), DESCRIBED,
          "path: found ../secret.json; allowed: prairie_subdivisions.json"),
    table("outlines that nobody describes", replaced(DESCRIBED, '"name": "provinces"', '"name": "province"'), DESCRIBED,
          "province.json"),
    Case("check: outlines cut off", written(OUTLINES, '{"objects": {'), (OUTLINES, "no JSON"), ("check",)),
    Case("table: no folder", removed("data/tables"), ("data/tables",)),
    Case("check: no folder of tables", removed("data/tables"), ("data/tables",), ("check",)),
    Case("check: a table is a folder", folder(TABLE_FILE), (TABLE_FILE,), ("check",)),
]  # fmt: skip


def _whole(root: Path, typed: str) -> None:
    """Some table's last whole number replaced, whichever table has one as its last column."""
    package = json.loads((root / PACKAGE).read_text("utf-8"))
    for resource in package["resources"]:
        if resource["schema"]["fields"][-1]["type"] == "integer":
            number(typed, f"data/tables/{resource['name']}.csv")(root)
            return
    name, place = next(
        (resource["name"], place)
        for resource in package["resources"]
        for place, field in enumerate(resource["schema"]["fields"])
        if field["type"] == "integer"
    )
    path = root / f"data/tables/{name}.csv"
    lines = path.read_text("utf-8").splitlines()
    parts = lines[-1].split(",")
    lines[-1] = ",".join([*parts[:place], typed, *parts[place + 1 :]])
    path.write_text("\n".join(lines) + "\n", "utf-8")


CURRENT = "data/vintages/CURRENT"
NOTES = [
    *kinds(CURRENT),
    Case("CURRENT blank", written(CURRENT, " \n"), (CURRENT, "nothing")),
    Case("CURRENT unknown", written(CURRENT, "2031-01-01\n"), (CURRENT, "2031-01-01")),
    Case("CURRENT climbs", written(CURRENT, "../..\n"), (CURRENT, "../..")),
    Case("CURRENT large", written(CURRENT, "x" * 5000), (CURRENT,)),
    Case("--vintage empty", nothing, ("--vintage", "nothing"), ("--vintage", "", "scenarios")),
    Case("--vintage unknown", nothing, ("--vintage", "2031"), ("--vintage", "2031", "scenarios")),
    Case("vintages empty", nothing, ("VINTAGE",), ("vintages", "")),
    Case("vintages unknown", nothing, ("2031-01-01",), ("vintages", "2031-01-01")),
    Case(
        "a vintage without tables put in force",
        written("data/vintages/2026-12-01/vintage.json", "{}"),
        ("data/vintages/2026-12-01/datapackage.json",),
        ("vintages", "2026-12-01"),
    ),
    Case("refresh --check of nothing", nothing, ("nope",), ("refresh", "--check", "nope")),
    Case("refresh of nothing", nothing, ("nope",), ("refresh", "nope")),
    Case("refresh --preview of nothing", nothing, ("nope",), ("refresh", "--preview", "nope")),
    Case("refresh --accept of nothing", nothing, ("--accept", "nope"), ("refresh", "--accept", "nope")),
    Case("refresh without a descriptor", removed(PACKAGE), (PACKAGE,), ("refresh", "--check")),
    Case("refresh with a broken descriptor", written(PACKAGE, "{"), (PACKAGE,), ("refresh",)),
    Case(
        "refresh of a table that is neither there nor described",
        nothing,
        (PACKAGE, "resources: merchandise_trade_monthly", "its entry there, or a descriptor in data/sources.yml"),
        ("refresh", "--check"),
    ),
    Case("refresh without corrections", removed(CORRECTIONS), (CORRECTIONS,), ("refresh",)),
    Case("refresh with a pipe", fifo(CORRECTIONS), (CORRECTIONS,), ("refresh",)),
    Case("a table linked to itself", linked(TABLE_FILE, f"{TABLE}.csv"), (TABLE_FILE,), ("check",)),
]
FROZEN, DIGESTS = "data/forecasts/2026-12-01.csv", "data/forecasts/digests.json"


def frozen(content: str | None, listed: str) -> Callable[[Path], None]:
    """Forecasts of a vintage, or none, in the place of those that are there, and the list of digests."""

    def change(root: Path) -> None:
        for path in root.joinpath("data", "forecasts").glob("*.csv"):
            path.unlink()
        if content is not None:
            written(FROZEN, content)(root)
        written(DIGESTS, listed)(root)

    return change


NAMED = json.dumps({"2026-12-01": "0" * 64})
WORDED = "data/results/10_map_trade.yml"
GROUP = (
    "groups:\n  - unit: {unit}\n    rows:\n      trade.sum.{{year}}: {{en: 'Sum, {{year}}', fr: 'Somme, {{{year}}}'}}\n"
)
RESULT_WORDS = [
    Case(
        "result words: placeholder",
        written(WORDED, GROUP.format(unit="CAD", year="an")),
        (WORDED, "fr (line 4): found"),
    ),
    Case("result words: unit", written(WORDED, GROUP.format(unit="ducats", year="year")), (WORDED, "found ducats")),
    Case("result words: no YAML", written(WORDED, "groups: ["), (f"{WORDED}: found not YAML",)),
]
FORECASTS = [
    *kinds(DIGESTS),
    Case("forecasts: edited", frozen("x\n", NAMED), (FROZEN, "digest", "git checkout -- data/forecasts")),
    Case("forecasts: edited, another run", frozen("x\n", NAMED), (FROZEN, "digest"), ("run", "status_quo_2025")),
    Case("forecasts: edited, and looked at", frozen("x\n", NAMED), (FROZEN, "digest"), ("check",)),
    Case("forecasts: of no digest", frozen("x\n", "{}"), (f"{FROZEN}: found a file that digests.json does not",)),
    Case("forecasts: gone", frozen(None, NAMED), (f"{FROZEN}: found no such file; allowed: the file that digests",)),
    *[Case(f"forecasts: {name}", written(f"data/forecasts/{name}", "x"), (f"{name}: found a file of no vintage",))
      for name in ("mine.csv", "shipped.txt")],
    Case("digests: a list", written(DIGESTS, "[]"), (DIGESTS, "found no mapping")),
    Case("digests: cut off", written(DIGESTS, "{"), (DIGESTS, "found no JSON")),
    Case("digests: one that is none", written(DIGESTS, '{"2026-12-01": "abc"}'), (f"{DIGESTS}: 2026-12-01: found",)),
    Case("digests: of no vintage", written(DIGESTS, '{"mine": "0"}'), (f"{DIGESTS}: mine: found 0",)),
    Case("digests: twice", written(DIGESTS, '{"shipped": "a", "shipped": "b"}'), (DIGESTS, "shipped")),
]  # fmt: skip
