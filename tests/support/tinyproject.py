"""A project with small notebooks and the real data, in a folder of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

import psutil

from tradeexposure import cli
from tradeexposure.core import files, paths
from tradeexposure.runner import committed_outputs, executors, project_checks

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tradeexposure.cli"]
SCENARIOS = ("deal_2026", "status_quo_2025")
#: What the project ships, each with what it is measured against. A user's own scenario is no concern of a test.
AGAINST = {
    "status_quo_2025": "before_measures", "licence_ban_2019": "before_measures", "deal_2026": "status_quo_2025",
    "deal_lapses_2027": "deal_2026", "full_normalisation": "deal_2026", "escalation": "deal_2026",
    "us_338_extended": "deal_2026", "us_retaliation_100": "deal_2026", "cusma_lapse": "deal_2026",
    "quota_2030": "deal_2026", "final_duty_2026": "before_measures",
}  # fmt: skip
SHIPPED = sorted(AGAINST)
#: Packages that no small notebook imports: their code is not copied, unless a test asks for the whole.
UNUSED = ("canola", "econometrics", "publishing", "refresh", "scenarios", "trade", "vehicles", "warmkernel")
#: Tables of the project that tests copy.
TABLES = (
    "auto_employment", "canola_crush_monthly", "canola_export_snapshots", "census_canola_by_subdivision", "ev_rebates",
    "exchange_rate_monthly", "farm_prices_monthly", "grain_exports_monthly", "grain_weekly", "gsim_results",
    "us_imports_from_canada_2024", "us_rates_by_date",
)  # fmt: skip
PINNED = ("altair", "numpy", "pandas", "papermill", "scipy", "statsmodels")  # what a small lock holds of the real one
DRAWN_FROM = (("data", "parameters"), ("reports", "template"))
README = "# Tiny\n\n{}\n\nold\n\n{}\n\nrest\n"

ESTIMATE = {
    "parameters": "times: int = 3  # how often\n",
    "imports": "from tradeexposure.reporting import Book",
    "validate": "assert times > 0",
    "work": "value = 2.0 * times",
    "book": (
        'book = Book("{name}")\n'
        'book.add("{area}.number.2024", value, label="A number", unit="ratio", low=value, high=value + 1, level=0.9, '
        'tables="farm_prices_monthly")'
    ),
    "answer": 'book.say("The number is {{area}.number.2024:full}.")',
    "save": "book.save()",
}
# Behind the back of the rule on what is asked: no result depends on how long it took.
WAIT = 'import os, time\nvalue = 1.5\ntime.sleep(float(getattr(os, "environ").get("TINY_SLEEP", 0)))'
SIMULATION = {
    **ESTIMATE,
    "parameters": 'scenario: str = "deal_2026"  # a name in data/scenarios\n',
    "validate": "assert scenario",
    "work": "value = float(len(scenario))",
}

# Works out every scenario at once, or those that it is given.
TABLE = {
    "parameters": "scenarios: list = []  # all where it is empty\n",
    "imports": (
        "import pandas as pd\nfrom tradeexposure.policy import scenarios as policy\n"
        "from tradeexposure.reporting import Book"
    ),
    "validate": "names = scenarios or policy.shipped()\nfailed: dict = {}",
    "work": "values = dict(zip(names, map(float, map(len, names))))",
    "book": (
        'book = Book("{name}")\n'
        'words = {"label": "A number", "unit": "ratio", "period": "2024", "geography": "canada", "method": "", '
        '"notebook": "70_use_scenario", "tables": "farm_prices_monthly", "digits": 3, "level": 0.9, "against": ""}\n'
        'rows = [{**words, "scenario": name, "result_id": "use.number.2024", "value": value, "low": value, '
        '"high": value + 1} for name, value in values.items()]\n'
        "book.publish_scenarios(pd.DataFrame(rows), failed)"
    ),
    "answer": 'book.say("Every scenario.")',
}

# Builds on the simulation, for its own scenario and for all others.
BRIEF = {
    **SIMULATION,
    "imports": "from tradeexposure.policy import scenarios\nfrom tradeexposure.reporting import Book",
    "validate": "chosen = scenarios.load(scenario)",
    "work": 'book = Book("{name}")\n'
    'own = book.earlier_results("use.number.2024", scenario=scenario)["value"].item()\n'
    'beside = book.simulated("use.number.2024")["value"].sum()\n'
    'estimate = book.earlier_results("count.number.2024")["value"].item()',
    "book": 'shared = {"label": "A number", "unit": "ratio", "tables": "farm_prices_monthly"}\n'
    'book.add("{area}.own.2024", own, low=own, high=own + 1, level=0.9, **shared)\n'
    'book.add("{area}.sum.2024", beside, **shared)\n'
    'book.add("{area}.estimate.2024", estimate, **shared)',
    "answer": 'book.say("The number is {{area}.own.2024:full}.")',
}

# Runs once, for no scenario, and sets all of them side by side.
COMPARISON = {
    **ESTIMATE,
    "work": 'book = Book("{name}")\nbeside = book.simulated("use.number.2024")["value"]\n'
    'estimate = book.earlier_results("count.number.2024")["value"].item()',
    "book": 'book.add("{area}.sum.2024", beside.sum() + estimate, label="A sum", unit="ratio", '
    'tables="farm_prices_monthly")',
    "answer": 'book.say("The sum is {{area}.sum.2024}.\\n\\nOf all scenarios.")',
}
COMPARES = {"compares": True}


def notebook(cells: dict[str, str], *, name: str, area: str) -> dict[str, Any]:
    """A notebook, not executed, with one code cell per item and a title."""
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# Test {name}\n\nDoes it run?"}
    codes = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": key,
            "metadata": {"tags": [key]} if key in ("parameters", "answer") else {},
            "outputs": [],
            "source": source.replace("{name}", name).replace("{area}", area),
        }
        for key, source in cells.items()
    ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return {"cells": [title, *codes], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def copied(source: Path, target: Path) -> Path:
    """A copy of a folder, of which tests make hundreds: ``cp`` takes a seventh of the time that Python does."""
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", f"{source}/.", target], check=True)
    return target


class Threads(ThreadPoolExecutor):
    """Workers as threads of this process: what a worker imports takes a second."""

    def shutdown(self, wait: bool = True, *, kill_workers: bool = False) -> None:
        super().shutdown(wait=wait, cancel_futures=kill_workers)


def measures(*, languages: Sequence[str]) -> dict[str, str]:
    """In the place of the tracker of measures, which takes a second to draw: another page where facts are others."""
    made_from = [files.hashes(paths.path(*folder), root=paths.root()) for folder in DRAWN_FROM]
    return dict.fromkeys(languages, files.digest_of(made_from))


def plain(faults: Callable[[], list[str]]) -> list[str]:
    """What is not plain in the words of pages, which are the checkout's, and in titles and labels of a project."""
    worded = [files.hashes(paths.path("data", folder), root=paths.root()) for folder in ("scenarios", "results")]
    return list(_plain(faults, json.dumps(worded)))


@lru_cache(maxsize=8)
def _plain(faults: Callable[[], list[str]], _: str) -> list[str]:
    return faults()


@lru_cache(maxsize=1000)
def _once(function: Callable[[str], Any], argument: str) -> Any:
    """What a function makes of the same text."""
    output = function(argument)
    return tuple(output) if isinstance(output, Iterator) else output


@contextlib.contextmanager
def paid_once() -> Iterator[None]:
    """A run in this process, which imports, draws and reads what stays as it is once for all runs.

    Workers are threads of it, and the process that kernels are copies of is there already.
    """
    from tradeexposure.publishing import plain_words
    from tradeexposure.publishing.languages import catalogues
    from tradeexposure.publishing.over_editions import measures_page
    from tradeexposure.runner.kernels import environment_key, undeclared_reads

    with (
        mock.patch.object(executors, "_local", Threads),
        mock.patch.object(executors.Pool, "begin"),
        mock.patch.object(measures_page, "pages", measures),
        mock.patch.object(plain_words, "message_faults", partial(plain, plain_words.message_faults)),
        mock.patch.object(catalogues, "read", partial(_once, catalogues.read)),
        mock.patch.object(undeclared_reads, "questions", partial(_once, undeclared_reads.questions)),
        mock.patch.object(environment_key, "differences", partial(_once, environment_key.differences)),
    ):
        yield


class Project:
    """The folder, and the command run in it."""

    def __init__(self, root: Path, *, like: Project | None = None, whole: bool = False) -> None:
        """A copy of `like`, or a new one; its code holds the `whole` package, or what small notebooks need."""
        self.root = root
        if like:
            copied(like.root, root)
            return
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "tests", *(() if whole else UNUSED))
        # Words of results belong to the notebooks of the checkout.
        shutil.copytree(ROOT / "data", root / "data", ignore=shutil.ignore_patterns("results"))
        # Digests are taken of this copy; the installed package is what runs.
        shutil.copytree(ROOT / "lib", root / "lib", ignore=ignored)
        shutil.copytree(ROOT / "reports" / "template", root / "reports" / "template")
        entries = re.split(r"(?m)^(?=[\w.-]+==)", (ROOT / "requirements.lock").read_text("utf-8"))
        pinned = "".join(entry for entry in entries if entry.partition("==")[0] in PINNED)
        (root / "requirements.lock").write_text(pinned, "utf-8")
        (root / "notebooks").mkdir()
        self.write("10_count_things", ESTIMATE)
        self.write("20_wait_awhile", ESTIMATE, work=WAIT)
        self.write("70_use_scenario", SIMULATION)
        (root / "README.md").write_text(README.format(*committed_outputs.MARKERS), "utf-8")

    @classmethod
    def at(cls, root: Path) -> Project:
        """The project that is in `root` already."""
        there = cls.__new__(cls)
        there.root = root
        return there

    @property
    def published(self) -> Path:
        return self.root / "reports" / "published"

    def uncomputed(self) -> None:
        """Take away editions and all that is kept between runs, but the word that inputs were found in order."""
        checked = self.root.joinpath(*project_checks.CHECKED)
        word = checked.read_bytes()
        for folder in (checked.parent, self.published):
            shutil.rmtree(folder)
        checked.parent.mkdir()
        checked.write_bytes(word)

    def keep_scenarios(self, *names: str) -> None:
        """Leave these scenarios alone; one that names another beside what it is measured against no longer does."""
        for path in (self.root / "data" / "scenarios").glob("*.yml"):
            if path.stem not in names:
                path.unlink()
                continue
            lines = path.read_text("utf-8").splitlines(keepends=True)
            path.write_text("".join(line for line in lines if not line.startswith("also_against:")), "utf-8")

    def write(self, name: str, cells: dict[str, str], marks: dict[str, Any] | None = None, **changed: str) -> Path:
        """Write a notebook; `marks` are its own metadata, `changed` replaces cells by their id."""
        path = self.root / "notebooks" / f"{name}.ipynb"
        book = notebook({**cells, **changed}, name=name, area=name.split("_")[1])
        book["metadata"] |= {"tradeexposure": marks} if marks else {}
        path.write_text(json.dumps(book, indent=1) + "\n", "utf-8")
        return path

    def plant(self, faults: Mapping[str, str]) -> dict[str, str]:
        """Leave one notebook that runs, and put each fault into a notebook of its own; fault → name of the notebook."""
        for path in (self.root / "notebooks").glob("*.ipynb"):
            path.unlink()
        self.write("10_count_things", ESTIMATE)
        names = {fault: f"{number}_wait_awhile" for number, fault in enumerate(faults, 11)}
        for fault, name in names.items():
            self.write(name, ESTIMATE, work=f"{faults[fault]}\nvalue = 1.5")
        return names

    def environment(self, **extra: str) -> dict[str, str]:
        return {**os.environ, "TRADEEXPOSURE_ROOT": str(self.root), **extra}

    def call(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """The command's status and what it printed."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment(**extra),
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=270,
            check=False,
        )

    def inside(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """The same in this process, kernels aside: what command and workers import is not paid for again."""
        out, error = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment(**extra)),
            paid_once(),
            contextlib.chdir(self.root),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(error),
        ):
            status = cli.main(list(arguments))
        return subprocess.CompletedProcess(list(arguments), status, out.getvalue(), error.getvalue())

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        """The command, left running."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            env=self.environment(**extra),
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell without job control starts its background jobs with Ctrl-C ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def kernels(self) -> list[psutil.Process]:
        """Processes at work in the folder of its notebooks."""
        processes = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.cwd() == str(self.root / "notebooks"):
                    processes.append(process)
        return processes

    def files(self, *, without: str = "_build") -> dict[str, bytes]:
        """Every file of the project by its path, what is built aside left out."""
        paths = (path for path in self.root.rglob("*") if path.is_file() and without not in path.parts)
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in sorted(paths)}
