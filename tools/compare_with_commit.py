"""``make same`` (``BASE=HEAD``, ``COLD=1``): does the working tree publish what a commit did? For what moves no number.

The working tree is copied, everything in the copy is computed from nothing, and what it publishes is held against what
`BASE` holds: the numbers to the byte, the pages' words in both languages (not their drawings), what is refused and in
which words, and what ten numbers rest on. Differences are printed, and end the command with status 1; nothing in the
project is written, and there is nothing for ``verify`` to add: all was recomputed.
"""

from __future__ import annotations

import argparse
import difflib
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
PLUG_IN = (str(Path(__file__).parent),)  # where pytest finds this module
KEPT = PROJECT / "reports" / "_build" / "same"  # what commits refuse, which does not change
LINES = "SAME_REFUSALS"  # file that receives refusals, when this module is a plug-in of pytest
#: Files that must be the same to the byte; of an edition, below its folder.
NUMBERS = ("reports/scenarios.csv",)
OF_AN_EDITION = ("results.csv", "canola_draws_2019.csv", "canola_weighted_rows.csv")
#: One number of each kind, each resting on other tables, facts, priors and notebooks.
EXPLAINED = (
    *("trade.non_us_export_share.2024", "canola.receipts_at_stake_cad.sk.2024", "canola.trade_effect.2019"),
    *("canola.price_effect.2019", "ev.us_tariff_exposure_cad.vehicles.2026-07-24"),
    *("ev.demand_semi_elasticity.bev.allowed", "canola.substitution.posterior"),
    *("scenario.canola.grower_income_change_cad", "scenario.welfare.canada_cad", "brief.canada_cad"),
)
#: What an explanation rests on; where it is said and by which function may change.
RESTS_ON = ("tables", "policy facts", "priors", "assumptions", "choices", "earlier numbers")
UNREAD = re.compile(
    r"<script(?![^>]*application/json)\b.*?</script>|<(style|svg|pre)\b.*?</\1>|<details class=\"code\".*?</details>",
    flags=re.DOTALL,
)  # a script that is data holds words and numbers that readers see
STAMP = re.compile(r'<[^<>]*id="run-stamp"')
DIGEST = re.compile(r"\b[0-9a-f]{12,64}\b")
MOST_LINES = 20  # printed of one difference


def words(page: str) -> list[str]:
    """The words of a page, a block a line; without code, drawings, run stamp and digests."""
    body = UNREAD.sub("", STAMP.split(page.partition("<body>")[2])[0])
    blocks = (html.unescape(block).strip() for block in re.split(r"<[^>]*>", DIGEST.sub("…", body)))
    return [block for block in blocks if block]


def basis(explanation: str) -> list[str]:
    """Of an explanation, the number itself and what it rests on: headings start a line, their rows are set in."""
    kept, heading = [], ""
    for number, line in enumerate(explanation.splitlines()):
        if line[:1].strip():
            heading = next((name for name in RESTS_ON if line.startswith(name)), "")
        if heading or number == 0:
            kept.append(" ".join(line.split()))
    return kept


def differences(name: str, before: list[str], after: list[str]) -> list[str]:
    """What differs between two texts under the name of what they are; empty where nothing does."""
    lines = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
    changed = [line for line in lines if not line.startswith("@@")]
    if not changed:
        return []
    more = [f"  … and {len(changed) - MOST_LINES} more"] if len(changed) > MOST_LINES else []
    return [f"{name}: {len(changed)} lines differ", *(f"  {line[:200]}" for line in changed[:MOST_LINES]), *more]


def pages_of(tree: Path, edition: str) -> set[str]:
    """Pages over the editions and of one of them, below a tree."""
    folders = (tree / "reports", tree / edition)
    return {page.relative_to(tree).as_posix() for folder in folders for page in folder.glob("*.html")}


def compared_files(before: Path, after: Path, scenario: str) -> Iterator[str]:
    """Differences of numbers, to the byte, and of the words of pages, between two trees."""
    edition = f"reports/published/{scenario}"
    for name in (*NUMBERS, *(f"{edition}/{name}" for name in OF_AN_EDITION)):
        old, new = ((tree / name).read_bytes() for tree in (before, after))
        if old != new:
            lines = differences(name, old.decode().splitlines(), new.decode().splitlines())
            yield from lines or [f"{name}: other bytes"]
    left, right = (pages_of(tree, edition) for tree in (before, after))
    yield from (f"{name}: only {'before' if name in left else 'after'}" for name in sorted(left ^ right))
    for name in sorted(left & right):
        yield from differences(name, *(words((tree / name).read_text("utf-8")) for tree in (before, after)))


def command(tree: Path, *arguments: str, cold: bool = False) -> str:
    """What Python prints when it is called on a tree and its own code."""
    own = {"TRADEEXPOSURE_ROOT": str(tree), "PYTHONPATH": os.pathsep.join([str(tree / "lib"), *PLUG_IN])}
    environment = {**os.environ, **own, **({"WARMKERNEL_ENABLE": "0"} if cold else {})}
    called = [sys.executable, "-m", *arguments]
    ended = subprocess.run(called, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        shown = f"{ended.stdout[-2000:]}{ended.stderr[-4000:]}"
        sys.exit(f"same: {' '.join(arguments)} ended with status {ended.returncode}\n{shown}")
    return ended.stdout


def explanations(tree: Path, scenario: str) -> dict[str, list[str]]:
    """Identifier → what it rests on."""
    return {key: basis(command(tree, "tradeexposure.cli", "explain", key, "--edition", scenario)) for key in EXPLAINED}


def refusals(tree: Path) -> dict[str, str]:
    """Case of ``tests/system/refusals`` → the lines with which it was refused."""
    with tempfile.TemporaryDirectory(prefix="same-") as folder:
        os.environ[LINES] = str(Path(folder) / "lines.json")
        command(tree, "pytest", "-q", "-n", "0", "-p", Path(__file__).stem, "tests/system/refusals/test_bad_inputs.py")
        del os.environ[LINES]
        return dict(json.loads((Path(folder) / "lines.json").read_text("utf-8")))


def pytest_configure(config: Any) -> None:
    """As a plug-in: note what the command says of each case."""
    from tradeexposure import cli

    refusals: dict[str, str] = {}
    config.same_refusals = refusals
    main = cli.main

    def noted(arguments: Any = None) -> int:
        terminal, sys.stderr = sys.stderr, io.StringIO()
        try:
            return main(arguments)
        finally:
            text, sys.stderr = sys.stderr.getvalue(), terminal
            print(text, end="", file=terminal)
            refusals[os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]] = text

    cli.main = noted


def pytest_unconfigure(config: Any) -> None:
    """Write down what was noted."""
    Path(os.environ[LINES]).write_text(json.dumps(config.same_refusals), "utf-8")


def refused_before(tree: Path, commit: str) -> dict[str, str]:
    """Refusals of a commit, asked once for each."""
    kept = KEPT / f"{commit}.json"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(refusals(tree)), "utf-8")
    return dict(json.loads(kept.read_text("utf-8")))


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=PROJECT, check=True, capture_output=True, text=True).stdout


def copied(folder: Path) -> Path:
    """The working tree as it is, without what git ignores."""
    for name in filter(None, git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    return folder


def proof(base: str, scenario: str, *, cold: bool) -> list[str]:
    """Every difference, a line each, between a commit and the working tree computed anew."""
    commit = git("rev-parse", base).strip()
    with tempfile.TemporaryDirectory(prefix="same-") as aside:
        before, after = Path(aside, "before"), Path(aside, "after")
        git("worktree", "add", "--detach", str(before), commit)
        try:
            copied(after)
            for name in OF_AN_EDITION:  # only what is computed now is to be there
                (after / "reports" / "published" / scenario / name).unlink(missing_ok=True)
            command(after, "tradeexposure.cli", "outputs", cold=cold)  # executes all, and the run takes what it gave
            command(after, "tradeexposure.cli", "run", scenario, cold=cold)
            lines = [*compared_files(before, after, scenario)]
            old, new = (explanations(tree, scenario) for tree in (before, after))
            lines += [line for key in EXPLAINED for line in differences(f"explain {key}", old[key], new[key])]
            old_lines, new_lines = refused_before(before, commit), refusals(after)
            for name in sorted({*old_lines, *new_lines}):
                texts = (refused.get(name, "").splitlines() for refused in (old_lines, new_lines))
                lines += differences(f"refusal {name}", *texts)
            return lines
        finally:
            git("worktree", "remove", "--force", str(before))


def main() -> int:
    """Print what differs; the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--base", default="HEAD", help="a commit (HEAD)")
    options.add_argument("--scenario", default="deal_2026", help="whose edition (deal_2026)")
    options.add_argument("--cold", action="store_true", help="start each kernel from nothing")
    asked = options.parse_args()
    lines = proof(asked.base, asked.scenario, cold=asked.cold)
    print("\n".join(lines) or f"same as {asked.base}: numbers, words of pages, refusals, explanations")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
