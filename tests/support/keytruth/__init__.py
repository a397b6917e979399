"""What must run again after which edit, and what must not: written from what the loaders give out, before any key.

A task here is a notebook of one cell that asks the project's loaders for something. An edit changes one thing of a
project; beside it stand the tasks that must have another key (what they are given is another thing), those that may (it
stands in a file that they are given something of) and, all others, those that must not.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from samplerows import tables as tables_of_scenarios
from tinyproject import ESTIMATE, Project

VINTAGE = "2026-12-01"
FACTS, PRIORS, STUDIES = "data/parameters", "data/priors.yml", "data/studies.yml"
OWN, ASIDE = f"data/vintages/{VINTAGE}", "data"  # the vintage in force, and the one before it
SEED = '{"imposer": "china", "origin": "canada", "product": "canola_seed", "on": "2025-09-01"}'
POLICY = "from tradeexposure.policy import {}"
#: Task → what its cell imports, and what it computes.
TASKS = {
    "table": ("from tradeexposure import data", 'data.load("gsim_results").to_csv()'),
    "corrected": ("from tradeexposure import data", 'data.load("grain_exports_monthly").to_csv()'),
    "origin": ("from tradeexposure import data", 'data.sources(["gsim_results"]).to_csv()'),
    "fact": (POLICY.format("tariff_schedule"), 'tariff_schedule.get("canada_ev_surtax")'),
    "absent": (POLICY.format("tariff_schedule"), 'tariff_schedule.all_measures().find("nonsense")'),
    "duty": (POLICY.format("tariff_schedule"), f"tariff_schedule.rate(**{SEED})"),
    "facts": (POLICY.format("tariff_schedule"), "list(tariff_schedule.all_measures())"),
    "lines": (POLICY.format("scenarios"), 'scenarios.duties_by_line("quota_2030").to_csv()'),
    "prior": (POLICY.format("assumptions"), 'assumptions.load()["seed_supply"]'),
    "draws": (POLICY.format("assumptions"), "assumptions.draws(4, seed=1).to_csv()"),
    "window": (POLICY.format("studies"), 'studies.episodes("2019")'),
    "limit": (POLICY.format("studies"), 'studies.limit("shutting_duty")'),
    "base": (
        "from tradeexposure.canola.market import bases",  # the second is kept from the first
        '[bases.seed_by_market(bases.usual_years("before_2019")), *(bases._capacity("today") for _ in range(2))]',
    ),
    "sets": (POLICY.format("scenarios"), 'scenarios.load("escalation").overrides'),
    "title": (POLICY.format("scenarios"), 'scenarios.compared("quota_2030").against_title'),
    "names": (POLICY.format("scenarios"), "scenarios.shipped()"),
    "all_names": (POLICY.format("scenarios"), "scenarios.names()"),
    "outlines": (
        "from tradeexposure.data import geography",
        '(geography.describe_outlines("provinces"), geography.outlines("provinces")["bbox"])',
    ),
    "forecasts": ("from tradeexposure.data import frozen_forecasts", "frozen_forecasts.earlier().to_csv()"),
    "vintage": ("from tradeexposure.data import vintages", "vintages.selected()"),
    "number": (
        "from tradeexposure.reporting import Book", 'Book("90_z").earlier_results("a.b.2024")["value"].tolist()',
    ),
    "handed": ("from tradeexposure.reporting import Book", 'Book("90_z").earlier_table("pairs").to_csv()'),
    "every": ("from tradeexposure.reporting import Book", 'Book("90_z").simulated("a.b.2024")["value"].tolist()'),
    "nothing": ("from tradeexposure.econometrics.time_series import months", "months.__doc__"),
}  # fmt: skip
#: What a cell does with what it computes: shown as a digest, any difference is seen.
SHOWN = "text = str({})\nvalue = 1.0\nprint(hashlib.sha256(text.encode()).hexdigest())"
#: What earlier tasks hand over, without which some tasks cannot run.
HANDED = ("number", "handed", "every")
ALL = frozenset(TASKS)
#: Those that are given anything out of each file or folder.
OF_FACTS = {"fact", "absent", "duty", "facts", "lines"}
OF_PRIORS, OF_STUDIES = {"prior", "draws"}, {"window", "limit", "base"}
OF_TABLE = {"corrected", "base"}  # of grain_exports_monthly
ROW = {"result_id": "a.b.2024", "label": "A", "value": 1.0, "unit": "ratio", "notebook": "10_a", "digits": 3}


def notebook_of(task: str) -> str:
    return f"{10 + list(TASKS).index(task)}_{task}_asked"


@cache
def tables_of(every: str) -> str:
    return tables_of_scenarios({"mine": json.loads(every)})


@dataclass
class Given:
    """What is not in files: variables, packages, processor, parameters, and what earlier tasks hand over."""

    environment: dict[str, str] = field(default_factory=dict)
    python: str = ""
    processor: str = ""
    parameters: dict[str, dict[str, object]] = field(default_factory=dict)
    rows: list[dict[str, object]] = field(default_factory=lambda: [ROW, {**ROW, "result_id": "a.c.2024"}])
    table: str = "x\n1\n"
    every: list[dict[str, object]] = field(default_factory=lambda: [ROW])

    def own(self) -> str:
        return json.dumps(self.rows)

    def tables(self) -> tuple[str, ...]:
        return json.dumps({"pairs": self.table}), tables_of(json.dumps(self.every))


class Edited:
    """A project that is edited, and put back as it was."""

    def __init__(self, root: Path, rng: random.Random) -> None:
        self.root, self.rng, self.given = root, rng, Given()
        self._before: dict[Path, bytes | None] = {}

    def put(self, file: str, content: str | bytes) -> None:
        path = self.root / file
        self._before.setdefault(path, path.read_bytes() if path.is_file() else None)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def take_away(self, file: str) -> None:
        self._before.setdefault(self.root / file, (self.root / file).read_bytes())
        (self.root / file).unlink()

    def text(self, file: str) -> str:
        return (self.root / file).read_text("utf-8")

    def remark(self, file: str) -> None:
        self.put(file, self.text(file) + f"# {self.rng.random()}\n")

    def sub(self, file: str, pattern: str, new: Callable[[re.Match[str]], str], *, place: int | None = None) -> None:
        """Put something else in the place of one match of a pattern, any where none is named."""
        text = self.text(file)
        matches = list(re.finditer(pattern, text, flags=re.M))
        match = matches[place] if place is not None else self.rng.choice(matches)
        assert new(match) != match[0]
        self.put(file, text[: match.start()] + new(match) + text[match.end() :])

    def undo(self) -> None:
        for path, before in self._before.items():
            path.unlink() if before is None else path.write_bytes(before)
        self._before, self.given = {}, Given()


def cell_of(name: str, folder: str = OWN, *, accepted: bool = True) -> Callable[[Edited], None]:
    """Another digit in a table, which its descriptor accepts or does not."""

    def change(project: Edited) -> None:
        file, described = f"{folder}/tables/{name}.csv", f"{folder}/datapackage.json"
        project.sub(file, r"(?<=\.)\d(?=\d*(,|$))", lambda match: str((int(match[0]) + 1) % 10))
        if accepted:
            package, content = json.loads(project.text(described)), (project.root / file).read_bytes()
            row = next(row for row in package["resources"] if row["name"] == name)
            row |= {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
            project.put(described, json.dumps(package, indent=2, ensure_ascii=False) + "\n")

    return change


def described(name: str, key: str) -> Callable[[Edited], None]:
    """Another text in what is said of a table, of the package itself where no table is named."""

    def change(project: Edited) -> None:
        package = json.loads(project.text(f"{OWN}/datapackage.json"))
        row = next((row for row in package["resources"] if row["name"] == name), package)
        row[key] += f" {project.rng.random()}"
        project.put(f"{OWN}/datapackage.json", json.dumps(package, indent=2, ensure_ascii=False) + "\n")

    return change


def put(file: str, text: str) -> Callable[[Edited], None]:
    return lambda project: project.put(file, text)


def remark(*files: str) -> Callable[[Edited], None]:
    return lambda project: project.remark(project.rng.choice(files))


def other(file: str, pattern: str, *, place: int | None = 0) -> Callable[[Edited], None]:
    """Another number or word, told by a group of a pattern, in a file."""

    def changed(match: re.Match[str], rng: random.Random) -> str:
        old = match["x"]
        new = f"{float(old) * (1 + rng.uniform(0.001, 0.01)):.6f}" if re.fullmatch(r"[\d.]+", old) else f"{old} anew"
        return match[0].replace(old, new)

    return lambda project: project.sub(file, pattern, lambda match: changed(match, project.rng), place=place)


NEW_FACT = """\
title: one more
sources: {{s: {{title: nobody}}}}
measures:
  - {{id: one_more, title: t, imposer: {imposer}, origins: [{origin}], products: [{product}], hs: ["1205"], kind: duty,
     stacking: additional, rate: {rate}, effective: 2025-01-01, instrument: i, confidence: high, sources: [s]}}
"""


def fact(imposer: str, origin: str, product: str) -> Callable[[Edited], None]:
    def change(project: Edited) -> None:
        rate = round(project.rng.uniform(0.01, 0.5), 4)
        project.put(f"{FACTS}/zz.yml", NEW_FACT.format(imposer=imposer, origin=origin, product=product, rate=rate))

    return change


def noted(file: str, measure: str) -> Callable[[Edited], None]:
    """Another title for one measure of a file."""
    return other(f"{FACTS}/{file}.yml", rf"- id: {measure}\n +title: (?P<x>.*)$")


def scenario(name: str, pattern: str) -> Callable[[Edited], None]:
    return other(f"data/scenarios/{name}.yml", pattern)


def module(*paths: str) -> Callable[[Edited], None]:
    return remark(*(f"lib/tradeexposure/{path}" for path in paths))


def cell(name: str) -> Callable[[Edited], None]:
    file = f"notebooks/{notebook_of(name)}.ipynb"
    return lambda project: project.sub(file, r"value = ", lambda match: "value  = ", place=0)


def _sets(name: str, value: Callable[[Edited], object]) -> Callable[[Edited], None]:
    return lambda project: setattr(project.given, name, value(project))


#: Edit → how, the tasks that must have another key, and further ones that may.
EDITS: dict[str, tuple[Callable[[Edited], None], set[str], set[str]]] = {
    # Tables: one with its own entry of the descriptor and its own corrections.
    "a cell of a table": (cell_of("gsim_results"), {"table", "origin"}, set()),
    "a cell of a corrected table": (cell_of("grain_exports_monthly"), {"corrected", "base"}, set()),
    "a cell that no descriptor accepts": (cell_of("gsim_results", accepted=False), {"table"}, {"origin"}),
    "a cell of another table": (cell_of("farm_prices_monthly"), set(), set()),
    "a cell of a table of another vintage": (cell_of("gsim_results", ASIDE), set(), set()),
    "the title of a table": (described("gsim_results", "title"), {"origin"}, {"table"}),
    "the caveat of another table": (described("farm_prices_monthly", "caveat"), set(), set()),
    "the title of the package": (described("", "title"), set(), set()),
    "why a table is corrected": (
        other(f"{OWN}/corrections.yml", r"(?P<x>Durum to Italy)"), set(), OF_TABLE,
    ),
    "what a correction sets": (
        lambda project: project.sub(f"{OWN}/corrections.yml", r"region: Western Europe\}", lambda _: "region: Asia}"),
        {"corrected"}, OF_TABLE,
    ),
    "why another table is corrected": (
        other(f"{OWN}/corrections.yml", r"(?P<x>Alberta published)"), set(), set(),
    ),
    "a remark on corrections": (remark(f"{OWN}/corrections.yml"), set(), OF_TABLE),
    "another vintage in force, with the same tables": (
        put("data/vintages/CURRENT", "shipped\n"), {"vintage", "forecasts"}, set(),
    ),
    # Facts: an id is in one file, a duty may be in any.
    "a fact that is asked for": (noted("canada_on_china", "canada_ev_surtax"), {"fact", "facts"}, OF_FACTS),
    "a fact on a trade that is asked for": (noted("china_on_canada", "china_seed_deposit"), {"duty", "facts"},
                                           OF_FACTS - {"fact"}),
    "a fact of another file": (noted("united_states", "us_232_vehicles"), {"facts"}, OF_FACTS - {"fact"}),
    "a remark on facts of China": (remark(f"{FACTS}/china_on_canada.yml"), set(), OF_FACTS - {"fact"}),
    "a remark on facts of Canada": (remark(f"{FACTS}/canada_on_china.yml"), set(), OF_FACTS),
    "a remark on the vocabulary": (remark(f"{FACTS}/vocabulary.yml"), set(), OF_FACTS),
    "one more fact that nobody asks for": (fact("canada", "china", "peas"), {"facts"}, OF_FACTS - {"fact"}),
    "one more fact on a trade that is asked for": (
        fact("china", "canada", "canola_seed"), {"duty", "facts", "lines"}, OF_FACTS - {"fact"},
    ),
    # Priors, studies, scenarios, outlines.
    "a number of a prior": (other(PRIORS, r"triangular, low: (?P<x>[\d.]+)"), OF_PRIORS, set()),
    "a number of another prior": (
        other(PRIORS, r"lognormal, low: (?P<x>[\d.]+)", place=None), {"draws"}, OF_PRIORS,
    ),
    "why a prior is": (other(PRIORS, r'evidence: "(?P<x>[^"]+)"', place=5), set(), OF_PRIORS),
    "a remark on priors": (remark(PRIORS), set(), OF_PRIORS),
    "months of a window": (
        other(STUDIES, r"(?P<x>twelve months from the first bar)"), {"window"}, OF_STUDIES,
    ),
    "the reason of another window": (other(STUDIES, r"(?P<x>oil and meal taxed)"), set(), OF_STUDIES),
    "a limit": (other(STUDIES, r"key: shutting_duty\n +value: (?P<x>[\d.]+)"), {"limit"}, OF_STUDIES),
    "a remark on studies": (remark(STUDIES), set(), OF_STUDIES),
    "what a scenario sets": (scenario("escalation", r"(?P<x>the surtax of 2024 again)"), {"sets"}, set()),
    "the title of a scenario that is asked for": (scenario("deal_2026", r"^title: (?P<x>.*)$"), {"title"}, set()),
    "the question of a scenario": (scenario("deal_2026", r"^question: (?P<x>.*)$"), set(), {"title"}),
    "the title of another scenario": (scenario("escalation", r"^title: (?P<x>.*)$"), set(), set()),
    "what another scenario sets": (scenario("us_338_extended", r"reason: (?P<x>[^}\n]*)"), set(), set()),
    "a remark in a scenario": (remark("data/scenarios/escalation.yml", "data/scenarios/deal_2026.yml"), set(), set()),
    "a scenario of the project less": (
        lambda project: project.take_away("data/scenarios/licence_ban_2019.yml"), {"names", "all_names"}, set(),
    ),
    "one more scenario of one's own": (
        lambda project: project.put("data/scenarios/zz.yml",
                                    project.text("data/scenarios/quota_2030.yml").replace("quota_2030", "zz", 1)),
        {"all_names"}, set(),
    ),
    "the outlines of provinces": (
        other("data/geography/outlines.json", r"(?P<x>Provinces and territories of Canada, simplified)"),
        {"outlines"}, set(),
    ),
    "a remark on where figures come from": (remark("data/sources.yml"), set(), set()),
    # Forecasts of vintages before the one in force.
    "a forecast of an earlier vintage": (
        lambda project: (_frozen(project, "shipped", more=True)), {"forecasts"}, set(),
    ),
    "forecasts of the vintage in force": (lambda project: _frozen(project, VINTAGE), set(), set()),
    # Code: modules of the closure, and what could take a library's place.
    "a module of all": (module("core/errors.py", "core/files.py"), set(ALL), set()),
    "the machinery": (module("runner/notebook_task.py", "runner/kernels/environment_key.py"), set(ALL), set()),
    "the warm kernel": (remark("lib/warmkernel/src/warmkernel/server.py"), set(ALL), set()),
    "a module that nothing imports": (
        module("canola/price_effect/study.py", "vehicles/demand/study.py", "publishing/page.py"), set(), set(),
    ),
    "a module that one imports": (
        module("econometrics/time_series/months.py"), {"nothing"}, {"base", "lines", "sets", "title"},
    ),
    "a name that could take a library's place": (put("lib/numpy_more.py", ""), set(ALL), set()),
    "a file beside the notebooks": (put("notebooks/helper.py", ""), set(ALL), set()),
    "a page's template": (remark("reports/template/style.css"), set(), set()),
    # Cells and parameters.
    "a cell": (cell("prior"), {"prior"}, set()),
    "parameters": (
        lambda project: project.given.parameters.update({"table": {"times": project.rng.random()}}), {"table"}, set(),
    ),
    # What numbers are computed with.
    "the lock": (remark("requirements.lock"), set(ALL), set()),
    "threads of linear algebra": (
        lambda project: project.given.environment.update(
            {project.rng.choice(["OMP_DYNAMIC", "OPENBLAS_CORETYPE", "LC_ALL", "NPY_DISABLE_CPU_FEATURES"]): "x"}
        ), set(ALL), set(),
    ),
    "a variable that no library reads": (
        lambda project: project.given.environment.update({"EDITOR": str(project.rng.random())}), set(), set(),
    ),
    "another package or Python": (_sets("python", lambda project: str(project.rng.random())), set(ALL), set()),
    "another processor": (_sets("processor", lambda project: f"{project.rng.random()}"[2:]), set(ALL), set()),
    # What earlier tasks hand over.
    "an earlier number": (
        _sets("rows", lambda project: [{**ROW, "value": project.rng.random()}, {**ROW, "result_id": "a.c.2024"}]),
        {"number"}, set(),
    ),
    "another earlier number": (
        _sets("rows", lambda project: [ROW, {**ROW, "result_id": "a.c.2024", "value": project.rng.random()}]),
        set(), set(),
    ),
    "an earlier table": (_sets("table", lambda project: f"x\n{project.rng.random()}\n"), {"handed"}, set()),
    "a number of a scenario": (
        _sets("every", lambda project: [{**ROW, "value": project.rng.random()}]), {"every"}, set(),
    ),
}  # fmt: skip


def _frozen(project: Edited, name: str, *, more: bool = False) -> None:
    """A file of frozen forecasts with its digest in the list; with one row fewer where it is to be another one."""
    lines = project.text("data/forecasts/shipped.csv").splitlines(keepends=True)
    if more:
        lines.pop(project.rng.randrange(1, len(lines)))
    text = "".join(lines)
    project.put(f"data/forecasts/{name}.csv", text)
    listed = json.loads(project.text("data/forecasts/digests.json"))
    listed[name] = hashlib.sha256(text.encode()).hexdigest()
    project.put("data/forecasts/digests.json", json.dumps(listed, indent=1, sort_keys=True) + "\n")


def made(root: Path) -> Project:
    """The project that is edited: one notebook a task, and a vintage in force after the shipped one."""
    project = Project(root, whole=True)
    for path in (root / "notebooks").glob("[12]*.ipynb"):
        path.unlink()
    for name, (imports, value) in TASKS.items():
        imported = f"import hashlib\n{imports}\n{ESTIMATE['imports']}"
        project.write(notebook_of(name), ESTIMATE, imports=imported, work=SHOWN.format(value))
    own = root / OWN
    own.mkdir(parents=True)
    shutil.copytree(root / "data" / "tables", own / "tables")
    for name in ("datapackage.json", "corrections.yml"):
        shutil.copy(root / "data" / name, own)
    (own / "vintage.json").write_text("{}\n", "utf-8")
    (root / "data" / "vintages" / "CURRENT").write_text(f"{VINTAGE}\n", "utf-8")
    return project
