"""Shared by all tests: the checkout and the browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from tradeexposure.data import vintages
from tradeexposure.publishing.chromium import BROWSERS, HOW_TO_INSTALL

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tinyproject import Project

    from tradeexposure.publishing.languages.matching import Translator

ROOT = Path(__file__).resolve().parents[1]
#: Chromium without its windows, where it is installed too: a fifth less of the processor for the same pages.
WITHOUT_WINDOWS = "chromium-headless-shell"
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    # Nobody looks at the pixels of what is shown; where there is memory for them, all below it is painted too.
    "--force-gpu-mem-available-mb=1",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Threads that look for garbage cost a tenth of what pages take, and save nothing where tests fill the processors.
    "--js-flags=--single-threaded-gc",
]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Unit tests pin figures of the shipped vintage: they run on it whichever vintage is in force."""
    with pytest.MonkeyPatch.context() as patch:
        if not {"system", "rules"} & set(item.path.parts):
            patch.setenv(vintages.VARIABLE, vintages.SHIPPED)
        return (yield)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what drafts lack, as a run and ``check`` do; no test asks it of them."""
    from tradeexposure.publishing.languages import catalogues

    for path, count in catalogues.private_texts().items():
        terminalreporter.write_line(catalogues.lacks_french(path, count))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a notebook's cells show, one after the other: `data` and `metadata` of each output."""
    outputs: list[dict[str, Any]] = []

    def display(bundle: dict[str, Any], *, raw: bool, metadata: dict[str, Any] | None = None) -> None:
        outputs.append({"data": bundle, "metadata": metadata or {}})

    monkeypatch.setattr("IPython.display.display", display)
    return outputs


@pytest.fixture(scope="session")
def imported() -> dict[str, set[str]]:
    """Modules that a process of its own has once it loads a table, then may run notebooks, then may make pages."""
    stages = {"tables": "from tradeexposure import data; data.load('exchange_rate_monthly')",
              "notebooks": "import tradeexposure.runner.notebook_task, jsonschema",
              "pages": "from tradeexposure.publishing import languages, page, page_model; import "
              "tradeexposure.publishing.languages.pages"}  # fmt: skip
    code = "import sys\nthere = lambda: print(*(name for name, module in sys.modules.items() if module))\n"
    code += "".join(f"{stage}\nthere()\n" for stage in stages.values())
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    return {name: set(line.split()) for name, line in zip(stages, ended.stdout.splitlines(), strict=True)}


@pytest.fixture(scope="module")
def loaded_once() -> Iterator[None]:
    """No scenario and no fact changes here: each scenario is checked once."""
    from tradeexposure.policy import scenarios

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scenarios, "load", cache(scenarios.load))
        yield


@pytest.fixture(scope="session")
def through() -> Translator:
    """What pages are read through, with nothing kept from earlier pages."""
    from tradeexposure.data import geography
    from tradeexposure.publishing.languages import catalogues, matching

    return matching.Translator({name: name for name in geography.place_names()} | catalogues.messages())


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small project with both scenarios published, made once for all processes; tests change copies of it."""
    # With all that runs editions, which the process that deals tests spares.
    import refreshing
    from tinyproject import SCENARIOS, TABLES, Project

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished"
    with FileLock(f"{folder}.lock"):
        if folder.is_dir():
            return Project.at(folder)
        project = Project(folder.with_name("unfinished"))
        refreshing.keep_tables(project.root / "data", TABLES)
        ended = project.inside("run", *SCENARIOS, "--workers", "2")
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.count("ran in") == 4, "two estimates once, and the scenario's notebook twice"
        project.root.rename(folder)
        return Project.at(folder)


def program(needed: str, *names: str) -> str:
    """Path of the first of these browsers that is there; without one tests are skipped, or fail where CI is set."""
    there = next(filter(None, map(shutil.which, names)), None)
    if there is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"the browser tests need {needed}")
    return there


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium, which prints pages."""
    return program(HOW_TO_INSTALL, *BROWSERS)


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A headless Chromium that makes no request of its own."""
    asked = request.config.option.browser
    path = program(f"{asked} on PATH", asked) if asked else program(HOW_TO_INSTALL, WITHOUT_WINDOWS, *BROWSERS)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
        yield launched
        launched.close()
