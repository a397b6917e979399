"""Lines and branches that the quick tests reach, by package: ``make coverage``.

Kernels, browsers and whole runs are left out: what they reach is reached in other processes. The figure is stated in
CONTRIBUTING.md and on a badge, and is no gate.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import badges

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
START, END = "<!-- coverage:start -->", "<!-- coverage:end -->"
QUICK = ("-m", "pytest", "-m", "not slow and not long", "--ignore", "tests/system", "-n", "2", "-q", "tests")
SETTINGS = """[run]
branch = true
parallel = true
patch = subprocess
source = lib/tradeexposure
data_file = {folder}/data
"""
COUNTED = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def measured(folder: Path) -> dict[str, list[int]]:
    """Package → covered lines, lines, covered branches, branches; `all` is the sum."""
    settings = folder / "coveragerc"
    settings.write_text(SETTINGS.format(folder=folder), "utf-8")
    command, options = [sys.executable, "-m", "coverage"], f"--rcfile={settings}"
    if subprocess.run([*command, "run", options, *QUICK], cwd=ROOT).returncode > 1:  # one: a test failed, all were run
        raise SystemExit("coverage: the quick tests did not run to their end")
    subprocess.run([*command, "combine", options, "--quiet"], cwd=ROOT, check=True)
    report = folder / "report.json"
    subprocess.run([*command, "json", options, "--quiet", "-o", str(report)], cwd=ROOT, check=True)
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * len(COUNTED))
    for name, file in json.loads(report.read_text("utf-8"))["files"].items():
        inside = Path(name).relative_to("lib/tradeexposure")
        package = inside.parts[0] if len(inside.parts) > 1 else "commands and public functions"
        for key in (package, "all"):
            sums[key] = [total + file["summary"][part] for total, part in zip(sums[key], COUNTED, strict=True)]
    return dict(sums)


def table(sums: dict[str, list[int]]) -> str:
    """Rows of a Markdown table, packages by name and all of them last."""
    names = sorted(sums, key=lambda name: (name == "all", name))
    rows = [f"| {name} | {share(*sums[name][:2])} | {share(*sums[name][2:])} |" for name in names]
    return "\n".join(["| package | lines | branches |", "|---|---:|---:|", *rows])


def share(part: int, whole: int) -> str:
    """A share in whole per cent, rounded down: 100% is all of it."""
    return f"{100 * part // whole}%" if whole else "–"


def main() -> None:
    """Measure, then write page and badge."""
    with tempfile.TemporaryDirectory() as folder:
        sums = measured(Path(folder))
    text = PAGE.read_text("utf-8")
    before, after = text.split(START)[0], text.split(END)[1]
    PAGE.write_text(f"{before}{START}\n\n{table(sums)}\n\n{END}{after}", "utf-8")
    badges.write("coverage", "lines reached by quick tests", share(*sums["all"][:2]))
    print(table(sums))


if __name__ == "__main__":
    main()
