"""What runs again after which edit, counted on the project's own notebooks in a copy of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from bad.facts import FACT
from tinyproject import AGAINST, ESTIMATE, ROOT, Project

DEAL = "deal_2026"
SIMULATIONS = {f"{name}/70_simulate_scenario" for name in AGAINST}
BRIEF, BESIDE = f"{DEAL}/90_write_brief", "80_compare_scenarios"  # what lists all scenarios
ESTIMATES = {path.stem for path in (ROOT / "notebooks").glob("[1-6]*.ipynb")}
COPIED = ("data", "lib", "notebooks", "reports/template", "reports/_build/store")

#: What draws priors and takes windows of the studies; with it what asks for duties, and for measures by their ids.
DRAWING = {"65_weigh_canola_models", "68_simulate_scenarios", f"{DEAL}/70_simulate_scenario", BRIEF, BESIDE}
ASKING_DUTIES = DRAWING | {"20_measure_canola_exposure", "50_measure_ev_exposure"}
ASKING_CHINA = {"30_estimate_canola_trade", "55_track_the_deal"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]  # it executes simulations, a dozen in all


def ran(project: Project) -> set[str]:
    """Tasks that a run of the shipped scenario executes."""
    ended = project.inside("run", DEAL, "--workers", "2")
    assert ended.returncode == 0, ended.stderr
    return set(re.findall(r"^(\S+): ran in", ended.stdout, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The whole project, run once; what the checkout's own store holds already is not computed again."""
    root = tmp_path_factory.mktemp("real") / "whole"
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("requirements.lock", "README.md", "ASSUMPTIONS.md"):
        shutil.copy(ROOT / name, root)
    project = Project.at(root)
    shipped = {f"{name}.yml" for name in AGAINST}
    for path in (root / "data" / "scenarios").glob("*.yml"):
        if path.name not in shipped:
            path.unlink()
    assert ran(project) <= {*ESTIMATES, *SIMULATIONS, BRIEF, BESIDE}
    return project


@pytest.fixture
def project(whole: Project, tmp_path: Path) -> Project:
    return Project(tmp_path / "copy", like=whole)


def titled(name: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        path = project.root / "data" / "scenarios" / f"{name}.yml"
        path.write_text(re.sub(r"^title: .*$", "title: Another title", path.read_text("utf-8"), flags=re.M), "utf-8")

    return change


def naming(scenario: str) -> set[str]:
    """The two notebooks that list all scenarios, and the simulation that is run where it is of this one."""
    return {BRIEF, BESIDE} | ({f"{DEAL}/70_simulate_scenario"} if scenario == DEAL else set())


def remark(file: str) -> Callable[[Project], None]:
    return lambda project: (project.root / file).open("a", encoding="utf-8").write("# a remark\n") and None


def remarked(module: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        path = project.root / "lib" / "tradeexposure" / module
        path.write_text("# edited\n" + path.read_text("utf-8"), "utf-8")

    return change


def fact(imposer: str, origin: str, product: str, **changes: str) -> Callable[[Project], None]:
    """One more fact, on a trade."""
    text = FACT.replace("imposer: canada", f"imposer: {imposer}").replace("[china]", f"[{origin}]")
    for old, new in {"peas": product, **changes}.items():
        text = text.replace(old, new)
    return lambda project: (project.root / "data" / "parameters" / "zz.yml").write_text(text, "utf-8") and None


EDITS: dict[str, tuple[Callable[[Project], None], set[str]]] = {
    "a title that none is measured against": (titled("quota_2030"), naming("quota_2030")),
    # The limits of every simulation look at what the arrangement sets, and ask for none of its words.
    "a title that others are measured against": (titled(DEAL), naming(DEAL)),
    "the price study, numbers as before": (remarked("canola/price_effect/study.py"), {"40_estimate_canola_price"}),
    "a new notebook": (lambda project: project.write("25_look_around", ESTIMATE) and None, {"25_look_around"}),
    "one more fact, on any trade": (fact("canada", "china", "peas"), ASKING_DUTIES),
    "a remark on facts of China": (remark("data/parameters/china_on_canada.yml"), ASKING_DUTIES | ASKING_CHINA),
    "a remark on priors": (remark("data/priors.yml"), DRAWING | {"40_estimate_canola_price"}),
    "a remark on studies": (
        remark("data/studies.yml"), DRAWING | {"30_estimate_canola_trade", "40_estimate_canola_price"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_runs_what_reads_it_and_nothing_else(project: Project, edit: str) -> None:
    change, expected = EDITS[edit]
    change(project)
    assert ran(project) == expected
