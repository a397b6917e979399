"""Sets the numerical environment of tests and notebooks before anything imports numpy; deals tests out to processes."""

from __future__ import annotations

import gc
import os
import re
import signal
import time
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

# Imports neither numpy nor pandas: several BLAS threads would change the last digits of an estimate.
from tradeexposure.runner.notebook_task import ENVIRONMENT

TURN = "TRADEEXPOSURE_TURN"
EDITION = "tests/system/test_edition.py"
NOTEBOOKS = Path(__file__).parent / "notebooks"
HAD_TURN = NOTEBOOKS.parent / "reports" / "_build" / "turn.txt"

pytest_plugins = ["nbval.plugin"]
os.environ.update(ENVIRONMENT)
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # papermill's command sets it: one warm server for all
if hasattr(time, "tzset"):
    time.tzset()

# Tests that share something costly go to one process together, in the order in which this is written: long ones first,
# so that short ones fill the gaps in the end, and those that wait more than they compute beside the edition, which
# fills the processors. What the groups of a pattern match names the lot, or the pattern where it has none.
LOTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(tests/system/test_edition)\.py",
        r"(tests/system/test_sweep)\.py",
        r"(tests/system/test_pipeline\.py::TestEdition)",  # makes the project that the rest of the file copies
        # One browser, which waits for its pages beside what follows; they show the same samples.
        r"(tests/system/)(?:lab/test_jupyterlab|test_reports|test_explain|pages/\w+)\.py",
        r"(tests/rules/test_hygiene\.py::test_style_and_types\[mypy)",
        r"(tests/system/test_refresh\.py(?:::Test\w+)?)",
        r"(tests/system/test_pipeline\.py::Test(?!Skipping).*)",
        r"(lib/warmkernel/tests)/",  # their kernels come from one server
        r"(tests/system/(?:\w+/)?\w+)\.py",
        r"(notebooks/\w+)",  # cells of one notebook share a kernel; by now the edition that most of them replay is made
        r"tests/(?:scenarios/(?:simulation|explorer)/|publishing/test_explorer)",  # the same scenarios, solved
        r"tests/(?:publishing/(?!languages/)|reporting/test_charts)",  # the same drawings
        r"tests/rules/(?!test_published_fits)",  # the same trees of the code
        r"(tests/(?:canola|data|scenarios)/)",  # the same tables and bases
        r"(tests/publishing/languages)/",  # the same catalogues
        r"(tests/\w+/(?:\w+/)*test_(?:counterfactual|forecasting|study))\.py",
    )
)


def lot(nodeid: str) -> tuple[int, str]:
    """Rank and name of the lot of a test; without a pattern that is its file."""
    for rank, pattern in enumerate(LOTS):
        match = pattern.match(nodeid)
        if match:
            return rank, " ".join(match.groups()) or pattern.pattern
    return len(LOTS), nodeid.partition("::")[0]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--edition", help="a copy of the project whose executions the comparison of notebooks replays")
    parser.addoption(
        "--shuffle", metavar="SEED", help="files, classes and tests in an order by chance; cells in theirs"
    )
    parser.addoption("--browser", metavar="PROGRAM", help="shows pages, instead of the quickest Chromium that is there")


def shuffle(items: list[pytest.Item], seed: str) -> None:
    """Put files, the classes of a file and the tests of a class in an order that follows from a seed."""

    def chances(item: pytest.Item) -> list[int]:
        file, *parts = item.nodeid.split("::")
        names = [file] if file.endswith(".ipynb") else [file, *parts[:-1], item.nodeid]
        return [zlib.crc32(f"{seed} {name}".encode()) for name in names]

    items.sort(key=chances)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the search for garbage in what is imported and collected, all of which stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000)  # objects; with the usual 700 tests take a tenth longer
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, None, None]:
    """Put lots of a lower rank first, the notebook that is executed in turn last; all else stays in its order."""
    if config.option.shuffle:
        shuffle(items, config.option.shuffle)
    yield  # pytest puts those together that share a parameter of a fixture
    turn = f"notebooks/{os.environ.get(TURN) or '-'}.ipynb"
    items.sort(key=lambda item: (item.nodeid.startswith(turn), lot(item.nodeid)[0]))
    if any(item.nodeid.startswith(EDITION) for item in items) and not config.option.edition:
        import storednotebooks

        config.option.edition = str(storednotebooks.place(config._tmp_path_factory))
        for item in items:
            if item.nodeid.startswith("notebooks/"):  # the first may wait for the edition
                item.add_marker(pytest.mark.timeout(storednotebooks.PATIENCE_SECONDS))


def next_turn() -> str:
    """The notebook after the one that the last session executed in turn."""
    names = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    last = HAD_TURN.read_text("utf-8").strip() if HAD_TURN.is_file() else ""
    return next((name for name in names if name > last), names[0])


def pytest_configure(config: pytest.Config) -> None:
    """Say which notebook has its turn; worker processes are told by the environment."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background; what tests start inherits it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not os.environ.get("CI") and not hasattr(config, "workerinput"):
        os.environ[TURN] = next_turn()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, list[Any], list[Any]]:
    """Compare the committed notebooks with a real execution, as `storednotebooks` says."""
    files = yield
    if file_path.suffix != ".ipynb" or file_path.parent != NOTEBOOKS:
        return files
    from storednotebooks import IPyNbFile, StoredNotebook

    return [StoredNotebook.from_parent(parent, path=file_path) if type(file) is IPyNbFile else file for file in files]


def pytest_sessionfinish() -> None:
    """Spare the search for garbage in what ends with the process."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Send along how a notebook was compared."""
    report = yield
    how = getattr(item.parent, "how", None)
    if how is not None and call.when == "call":
        report.user_properties.append(("notebook", [item.path.stem, *how]))
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which notebooks were verified from the store, and which were executed."""
    reports = [entry for group in terminalreporter.stats.values() for entry in group]
    shown = [value for entry in reports for name, value in getattr(entry, "user_properties", ()) if name == "notebook"]
    compared = {name: (how, times, seconds) for name, how, times, seconds in shown}
    if not compared:
        return
    from storednotebooks import told

    turn = os.environ.get(TURN, "")
    if turn in compared:
        HAD_TURN.parent.mkdir(parents=True, exist_ok=True)
        HAD_TURN.write_text(f"{turn}\n", "utf-8")
    terminalreporter.section("notebooks")
    for line in told(compared, turn):
        terminalreporter.write_line(line)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal out whole lots, in the order of collection."""
    from xdist.scheduler import LoadScopeScheduling

    class Lots(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return lot(nodeid)[1]

        def remove_node(self, node: Any) -> str | None:
            lost = super().remove_node(node)
            if lost:  # its lot would be dealt out again, and the next process die of it
                pytest.exit(f"{node.gateway.id} died in {lost}: the run ends here", returncode=1)
            return lost

    config.option.loadscopereorder = False
    return Lots(config, log)
