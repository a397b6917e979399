"""Cases of bad input on the command line, in published editions, in the template, and in the environment."""

from __future__ import annotations

from pathlib import Path

from bad.facts import in_the_way
from bad.inputs import Case, Change, edited, fifo, folder, kinds, linked, nothing, removed, written

DEAL, QUO = "reports/published/deal_2026", "reports/published/status_quo_2025"
COMPARE = ("compare", DEAL, QUO)
MANIFEST, RESULTS, EXECUTED = (f"{DEAL}/{name}" for name in ("manifest.json", "results.csv", "10_count_things.ipynb"))
EXPLAIN = ("explain", "count.number.2024")
INDEX, CHECK = "reports/index.html", ("check",)
RUN = ("run", "deal_2026")
OUT = (*RUN, "--out", "mine")
LONG = "a" * 5000

ADDRESSES = (
    "", "/etc/passwd", "127.0.0.1", "foo://a:1", "http://127.0.0.1:1", "inproc://x", "nonsense", "tcp://",
    "tcp://127.0.0.1:abc", "tcp://:::", "tcp://[::1:80", "tls://127.0.0.1:1", "ucx://a:1", "tcp://127.0.0.1:1",
    "tcp://127.0.0.1:99999", "tcp://127.0.0.1", "tcp:127.0.0.1:1", "file:///etc/passwd", "tcp://a b:1", "tcp://\x1b:1",
)  # fmt: skip
COMMANDS = [
    *[Case(f"--cluster {typed!a}", nothing, ("--cluster",), (*RUN, "--cluster", typed)) for typed in ADDRESSES],
    *[
        Case(
            f"--workers {typed!a}",
            nothing,
            ("--workers: found", typed.strip() or "nothing"),
            (*RUN, "--workers", typed),
        )
        for typed in ("1.5", "nan", "inf", "two", "0", "-1", "", "1e3", "99999999", "１", "0x2")
    ],
    *[
        Case(
            f"{option} {typed!a}",
            nothing,
            (f"{option}: found", typed or "nothing"),
            (command, "deal_2026", option, typed),
        )
        for option, typed, command in (
            ("--cell-seconds", "1.5", "run"),
            ("--cell-seconds", "-1", "run"),
            ("--cell-seconds", "", "outputs"),
            ("--cell-seconds", "nan", "verify"),
            ("--cell-memory", "4GB", "run"),
            ("--cell-memory", "-1", "outputs"),
            ("--cell-memory", "inf", "verify"),
        )
    ],
    *[
        Case(f"--lang {typed!a}", nothing, ("--lang: found",), (*RUN, "--lang", typed))
        for typed in ("", "french", "FR", "de")
    ],
    *[
        Case(f"--threshold {typed!a}", nothing, ("--threshold",), (*COMPARE, "--threshold", typed))
        for typed in ("", "-1", "nan", "few", "1%")
    ],
    Case("--out empty", nothing, ("--out",), (*RUN, "--out", "")),
    Case("--out blank", nothing, ("--out",), (*RUN, "--out", "  ")),
    Case("--out with a zero byte", nothing, ("--out",), (*RUN, "--out", "a\0b")),
    Case("--out with a long name", nothing, ("--out", "…"), (*RUN, "--out", LONG)),
    Case("--out with many folders", nothing, ("--out", "…"), (*RUN, "--out", "x/" * 3000)),
    Case("--out below a file", nothing, ("--out",), (*RUN, "--out", "README.md/x")),
    Case("--out a device", nothing, ("--out",), (*RUN, "--out", "/dev/null")),
    Case("--out a circle of links", linked("round", "round"), ("--out",), (*RUN, "--out", "round")),
    Case("--html a folder", folder("page"), ("--html",), (*COMPARE, "--html", "page")),
    Case("--html with a long name", nothing, ("--html",), (*COMPARE, "--html", LONG)),
    Case("--html empty", nothing, ("--html",), (*COMPARE, "--html", "")),
    *[
        Case(f"--out {place}", nothing, ("--out: found",), (*RUN, "--out", place))
        for place in ("README.md", "/proc/nowhere", "/sys/kernel")
    ],
    *[
        Case(
            f"--out {place}",
            nothing,
            ("--out", place, "among what editions are made"),
            (*RUN, "--out", place),
        )
        for place in ("lib", "lib/tradeexposure/new", "notebooks", "data/tables", "reports/template/x")
    ],
    Case("--html among notebooks", nothing, ("--html", "notebooks"), (*COMPARE, "--html", "notebooks/page.html")),
    Case(
        "--out that holds something else", written("mine/deal_2026/thesis.doc", "mine"), ("holds something else",), OUT
    ),
    *[
        Case(f"a scenario {name!a}", nothing, ("scenario: ", "found ", why, "deal_2026"), ("run", "--", name))
        for name, why in (
            ("nothing", "allowed: cusma_lapse, deal_2026, "),
            ("deal_2025", "did you mean deal_2026? cusma_lapse"),
            ("../deal_2026", "(a path)"),
            ("..\\deal_2026", "(a path)"),
            ("data/scenarios/deal_2026.yml", "(a path)"),
            ("deal_2026.yml", "(a path); allowed: did you mean deal_2026"),
            ("", "nothing"),
            (".", "."),
            ("/etc/passwd", "(a path)"),
            ("DEAL_2026", "DEAL_2026"),
        )
    ],
    Case("one scenario of two unknown", nothing, ("nothing",), ("run", "deal_2026", "nothing")),
    Case(
        "workers of a cluster", nothing, ("one of the two",), (*RUN, "--workers", "2", "--cluster", "tcp://127.0.0.1:1")
    ),
    *[
        Case(f"usage: {' '.join(typed) or 'nothing'}", nothing, ("tradeexposure --help",), typed)
        for typed in ((), ("run",), ("nonsense",), (*RUN, "--workers", "two"), (*RUN, "--nonsense"))
    ],
    Case("compare with an empty folder", folder("empty"), ("reports/published",), ("compare", "empty", "empty")),
    Case("a scenario of 100,000 letters", nothing, ("letters",), ("run", "a" * 100_000)),
    Case("a scenario with escapes", nothing, ("\\x1b",), ("run", "\x1b[31mred")),
    Case("a scenario with two lines", nothing, ("scenario",), ("run", "a\nb")),
    Case("a scenario that hides", nothing, ("\\u202e",), ("run", "a\u202eb")),
    Case("a scenario of half a character", nothing, ("\\udcff",), ("run", "\udcff")),
    Case("an option unknown", nothing, ("--nonsense",), (*RUN, "--nonsense")),
    Case("an option with escapes", nothing, ("\\x1b",), (*RUN, "--\x1b[31m")),
    Case("--yes alone", nothing, ("--yes",), (*RUN, "--yes")),
    Case("nothing to run", nothing, ("SCENARIO",), ("run",)),
    Case("compare with nothing", nothing, ("A",), ("compare", "", DEAL)),
    Case("compare with a long name", nothing, ("A", "…"), ("compare", LONG, DEAL)),
    Case("compare with what is not there", nothing, ("nowhere",), ("compare", "nowhere", DEAL)),
    Case("compare with a file", nothing, ("README.md",), ("compare", "README.md", DEAL)),
    Case("a brief of nothing", nothing, ("SCENARIO",), ("brief", "", "--pdf")),
    Case("a brief of a scenario unknown", nothing, ("deal_2025", "deal_2026"), ("brief", "deal_2025", "--pdf")),
    Case("a brief before its edition", nothing, ("tradeexposure run escalation",), ("brief", "escalation", "--pdf")),
    Case("pictures of a folder without an edition", folder("empty"), ("empty", "an edition"), ("headlines", "empty")),
    Case("a brief of a folder without an edition", folder("empty"), ("empty", "an edition"), ("brief", "empty")),
    Case("a refresh of no source", nothing, ("SOURCE: found statcan", "statcan_12100011"), ("refresh", "statcan")),
    Case(
        "a refresh accepted for another table",
        nothing,
        ("--accept: found x; allowed: canola_crush_monthly",),
        ("refresh", "statcan_32100352", "--accept", "x"),
    ),
    Case("outputs with workers", nothing, ("--workers", "two"), ("outputs", "--workers", "two")),
    Case("outputs without a README", removed("README.md"), ("README.md",), ("outputs",)),
    Case("outputs without a place for the answers", written("README.md", "# Nothing\n"), ("README.md",), ("outputs",)),
    Case("outputs with a pipe for a README", fifo("README.md"), ("README.md",), ("outputs",)),
]


def compared(name: str, change: Change, *named: str) -> Case:
    """A published edition that cannot be compared."""
    return Case(f"compare: {name}", change, named, COMPARE)


def manifest(**entries: object) -> Change:
    """The manifest with other entries."""
    return edited(MANIFEST, lambda record: record.update(entries))


def row(typed: str) -> Change:
    """The results with another value in their first row."""

    def change(root: Path) -> None:
        lines = (root / RESULTS).read_text("utf-8").splitlines()
        cells = lines[1].split(",")
        cells[2] = typed
        (root / RESULTS).write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", "utf-8")

    return change


EDITIONS = [
    *[compared(f"a manifest that is {case.name.rpartition(' is ')[2]}", case.change, DEAL) for case in kinds(MANIFEST)],
    *[compared(f"results that are {case.name.rpartition(' is ')[2]}", case.change, RESULTS) for case in kinds(RESULTS)],
    *[
        compared(f"{entry} of the manifest {value}", manifest(**{entry: value}), DEAL)
        for entry in ("inputs", "outputs", "headline", "tolerances", "parameters", "source", "pages", "packages")
        for value in (None, "x", 3)
    ],
    compared("a manifest too deep", written(MANIFEST, "[" * 5_000 + "]" * 5_000), DEAL),
    *[compared(f"a value {typed!a}", row(typed), RESULTS) for typed in ("six", "inf", "1e999", "1,0", "٣")],
    compared("no heading", written(RESULTS, "a,b\n1,2\n"), RESULTS, "result_id"),
    compared("cut off in a row", lambda root: _cut(root), RESULTS, "cells"),
    compared("cut off after a row", lambda root: _cut(root, b"\n"), RESULTS, "altered", "tradeexposure run deal_2026"),
    compared("another number", row("7.5"), RESULTS, "altered", "tradeexposure run deal_2026"),
    compared("digits of another number", manifest(digits={"count.number.2024": 1}), MANIFEST, "altered"),
    *[compared(f"a manifest whose run is {value}", manifest(run=value), DEAL) for value in (None, "x", 3, [])],
    *[
        Case(f"explain: {name}", change, (named, "altered", "tradeexposure run deal_2026"), EXPLAIN)
        for name, change, named in (
            ("another number", row("7.5"), RESULTS),
            ("another output", edited(EXECUTED, lambda notebook: notebook["cells"].pop()), EXECUTED),
        )
    ],
    *[
        Case(f"check: {entry} of the manifest {value}", manifest(**{entry: value}), (DEAL,), CHECK)
        for entry, value in (("outputs", []), ("outputs", None), ("inputs", 3))
    ],
    Case("explain: a schema unknown", nothing, ("--schema", "allowed: 1"), (*EXPLAIN, "--json", "--schema", "2")),
    Case("explain: a schema without JSON", nothing, ("--schema without --json",), (*EXPLAIN, "--schema", "1")),
    Case(
        "explain: a number of another edition", nothing, ("ID", "count.number.2025"), ("explain", "count.number.2025")
    ),
    Case("check: an index that is no text", written(INDEX, b"\xff\xfe"), (INDEX,), CHECK),
    Case("check: an index that is a pipe", fifo(INDEX), (INDEX,), CHECK),
    Case("a file in an edition's place", in_the_way(DEAL), (DEAL,), RUN),
    Case("a link in an edition's place", linked(DEAL, "/etc"), (DEAL,), RUN),
    Case("something else in an edition's place", removed(MANIFEST), (DEAL,), RUN),
    *[
        Case(f"{name} of somebody else", written(f"mine/{name}", "mine"), ("--out", f"mine/{name}"), OUT)
        for name in ("index.html", "results.csv", "comparison.html", "grid.csv")
    ],
]


def _cut(root: Path, after: bytes = b",") -> None:
    content = (root / RESULTS).read_bytes().rstrip(b"\n")
    (root / RESULTS).write_bytes(content[: content.rindex(after) + (after == b"\n")])


TEMPLATE = "reports/template"
# A notebook that changed makes the run look at the template.
STALE = edited(
    "notebooks/10_count_things.ipynb", lambda n: n["cells"][1].update(source="times: int = 4  # how often\n")
)


def drawn(name: str, change: Change, *named: str) -> Case:
    """A template that cannot be used."""
    return Case(f"template: {name}", change, named, RUN)


TEMPLATES = [
    drawn("no style", removed(f"{TEMPLATE}/style.css"), "style.css"),
    drawn("no script", removed(f"{TEMPLATE}/hover.js"), "hover.js"),
    drawn("no report", removed(f"{TEMPLATE}/report.html.j2"), "report.html.j2"),
    drawn("a report with an open block", written(f"{TEMPLATE}/report.html.j2", "{% if %}"), "report.html.j2"),
    drawn("a report with an unknown block", written(f"{TEMPLATE}/report.html.j2", "{% nonsense %}"), "report.html.j2"),
    drawn("a report that is no text", written(f"{TEMPLATE}/report.html.j2", b"\xff"), "report.html.j2"),
    drawn("a style that is a pipe", fifo(f"{TEMPLATE}/style.css"), "style.css"),
    drawn("a style that is a folder", folder(f"{TEMPLATE}/style.css"), "style.css"),
]
