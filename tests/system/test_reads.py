"""What runs again after which edit, and that nothing is read behind the back of a task's key."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
from bad.facts import FACT
from bad.inputs import replaced, written
from tinyproject import BRIEF, ESTIMATE, SCENARIOS, SIMULATION, Project
from tinyproject import TABLE as EVERY

from tradeexposure.runner.kernels import undeclared_reads

DEAL, QUO = SCENARIOS
RUN = ("run", DEAL, "--lang", "en")  # nothing here looks at a French page
IMPORTS = ESTIMATE["imports"]
#: Notebooks that read other kinds of entries each.
READERS = {
    "10_count_things": ("from tradeexposure import data", 'value = float(len(data.load("gsim_results")))'),
    "15_need_nothing": (
        "from tradeexposure.econometrics.time_series import months", "value = float(len(months.__doc__))"
    ),
    "30_facts_taken": (
        "from tradeexposure.policy import tariff_schedule", "value = float(len(tariff_schedule.all_measures()))"
    ),
    "40_fact_and_prior_taken": (
        "from tradeexposure.policy import assumptions, tariff_schedule",
        'value = assumptions.load()["seed_supply"].distribution.numbers()["low"]\n'
        'value += tariff_schedule.get("canada_ev_surtax").rate',
    ),
    "60_settings_taken": (
        "from tradeexposure.policy import scenarios",
        'chosen = scenarios.compared("deal_2026").scenario.model_copy(update={"horizon": "acreage"})\n'
        "value = float(chosen.facts_on.year)",
    ),
}  # fmt: skip
#: One whose words stand in a file of their own.
WORDED = "12_word_rows"
ADD = 'book = Book("{name}")\nbook.add("{area}.number.2024", value, low=value, high=value + 1, level=0.9)'
WORDS = f"data/results/{WORDED}.yml"
#: Of the simulation, and of its table of every scenario.
SIMULATED = "data/results/70_use_scenario.yml"
PATTERNS = """groups:
  - unit: ratio
    tables: [farm_prices_monthly]
    method: counted by hand
    rows:
      word.number.{year}:
        en: How many there were in {year}
        fr: Combien il y en avait en {year}
"""
OF_SCENARIOS = """groups:
  - unit: ratio
    digits: 3
    period: "{period}"
    tables: [farm_prices_monthly]
    rows:
      use.number.{year}:
        en: A number of {year}
        fr: Un nombre de {year}
"""
TITLES = "compared = scenarios.compared(scenario)\nvalue = float(len(compared.scenario.title))\n"
PUBLISH = (
    'book = Book("{name}")\n'
    'earlier = book.earlier_results("count.number.2024")["value"].item()\n'
    'book.add("use.number.2024", value, low=value, high=value, level=0.9, '
    'period=f"against {compared.against_title}")\n'
    'book.say("Against {against} it is {use.number.2024}.", against=compared.against_title)'
)
SETTINGS = "values = {name: float(len(policy.compared(name).scenario.horizon)) for name in names}"
POLICY = "from tradeexposure.policy import scenarios\n"


def ran(output: str) -> set[str]:
    """Tasks that were executed."""
    return set(re.findall(r"^(\S+): ran in", output, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of readers, run once."""
    project = Project(tmp_path_factory.mktemp("reads") / "made", whole=True)
    (project.root / "notebooks" / "20_wait_awhile.ipynb").unlink()
    for name, (imports, work) in READERS.items():
        project.write(name, ESTIMATE, imports=f"{imports}\n{IMPORTS}", work=work)
    (project.root / WORDS).parent.mkdir()
    (project.root / WORDS).write_text(PATTERNS, "utf-8")
    project.write(WORDED, ESTIMATE, book=ADD)
    project.write("70_use_scenario", SIMULATION, imports=POLICY + IMPORTS, work=TITLES, book=PUBLISH)
    (project.root / SIMULATED).write_text(OF_SCENARIOS, "utf-8")
    handed = EVERY["book"].replace('"label": "A number"', '"label": "", "fills": \'{"period": "2024"}\'')
    project.write("68_use_scenarios", EVERY, work=SETTINGS, book=handed)
    project.write("90_write_brief", BRIEF)
    project.keep_scenarios(*SCENARIOS, "escalation")
    ended = project.inside(*RUN, "--workers", "2")
    assert ended.returncode == 0, ended.stderr
    assert len(ran(ended.stdout)) == len(READERS) + 4
    return project


@pytest.fixture
def project(readers: Project, tmp_path: Path) -> Project:
    """A copy of it."""
    return Project(tmp_path / "copy", like=readers)


def titled(name: str) -> Callable[[Path], None]:
    """Another title for a scenario."""

    def change(root: Path) -> None:
        path = root / "data" / "scenarios" / f"{name}.yml"
        path.write_text(re.sub(r"^title: .*$", "title: Another title", path.read_text("utf-8"), flags=re.M), "utf-8")

    return change


def leave(project: Project, *names: str) -> None:
    """Take away all other notebooks."""
    for path in (project.root / "notebooks").glob("*.ipynb"):
        if path.stem not in names:
            path.unlink()


def no_edition(root: Path) -> None:
    shutil.rmtree(root / "reports" / "published")


def several(root: Path) -> None:
    """A fact added; a prior; how many digits of a number are shown; a new notebook; another way to the same number."""
    written("data/parameters/zz.yml", FACT)(root)
    replaced("data/priors.yml", "low: 0.2, mode: 0.45, high: 0.9", "low: 0.21, mode: 0.45, high: 0.9")(root)
    replaced(WORDS, "unit: ratio", "unit: ratio\n    digits: 2")(root)
    Project.at(root).write("25_look_around", ESTIMATE)
    counted(" + 0.0")(root)


def counted(more: str) -> Callable[[Path], None]:
    """A number that others build on with `more` added to it."""
    imports, work = READERS["10_count_things"]
    cells = {"imports": f"{imports}\n{IMPORTS}", "work": f"{work}{more}"}
    return lambda root: Project.at(root).write("10_count_things", ESTIMATE, **cells) and None


def other_number(root: Path) -> None:
    """Another number than that, and the prior as it was: what was read with it before counts again."""
    replaced("data/priors.yml", "low: 0.21, mode: 0.45, high: 0.9", "low: 0.2, mode: 0.45, high: 0.9")(root)
    counted(" + 1.0")(root)


#: Each way in which an edit may reach tasks, run; which tasks every kind of edit reaches is held by `test_key_truth`.
EDITS = {
    "nothing, published anew": (no_edition, set()),
    "the title of a scenario that another is measured against": (
        titled(DEAL), {f"{DEAL}/70_use_scenario", f"{DEAL}/90_write_brief"},
    ),
    "what a scenario sets, and another is measured against": (
        replaced(f"data/scenarios/{DEAL}.yml", "\nfacts_on:", "\nhorizon: crop_year\nfacts_on:"),
        {"60_settings_taken", "68_use_scenarios", f"{DEAL}/70_use_scenario", f"{DEAL}/90_write_brief"},
    ),
    "several that have nothing in common": (
        several, {"10_count_things", "25_look_around", "30_facts_taken", "40_fact_and_prior_taken", WORDED},
    ),
    "an estimate that gives another number": (
        other_number, {"10_count_things", f"{DEAL}/70_use_scenario", f"{DEAL}/90_write_brief"},
    ),
}  # fmt: skip


def test_an_edit_runs_what_reads_it_and_nothing_else(project: Project):
    """One after the other."""
    for edit, (change, expected) in EDITS.items():
        change(project.root)
        ended = project.inside(*RUN, "--workers", "2")
        assert ended.returncode == 0, ended.stderr
        assert ran(ended.stdout) == expected, edit


def test_a_relabel_appears_everywhere_and_runs_nothing(project: Project):
    """In both languages: numbers, workbook, page and the published notebook; and again when it is taken back."""
    leave(project, "10_count_things", WORDED, "68_use_scenarios", "70_use_scenario", "90_write_brief")
    assert ran(project.inside(*RUN).stdout) == set()
    edition = project.published / DEAL
    before = (edition / "results.csv").read_text("utf-8")
    assert "word.number.2024,How many there were in 2024,6," in before and ",counted by hand," in before
    for old, new in (("How many there were", "What was counted"), ("counted by hand", "counted twice"),
                     ("Combien il y en avait", "Ce qui a été compté")):  # fmt: skip
        replaced(WORDS, old, new)(project.root)
    replaced(SIMULATED, "A number", "A length")(project.root)
    ended = project.inside("run", DEAL)
    assert ended.returncode == 0 and ran(ended.stdout) == set(), ended.stderr
    shown = {name: (edition / name).read_text("utf-8") for name in ("results.csv", f"{WORDED}.html", f"{WORDED}.ipynb")}
    assert all("What was counted in 2024" in text and "How many" not in text for text in shown.values())
    moved = {"How many there were": "What was counted", "by hand": "twice", "A number of 2024": "A length of 2024"}
    assert shown["results.csv"] == reduce(lambda text, old: text.replace(old, moved[old]), moved, before) != before
    french = (edition / f"{WORDED}.fr.html").read_text("utf-8")
    assert "Ce qui a été compté en 2024" in french and "What was counted" not in french
    labels = pd.read_excel(edition / "results.xlsx", sheet_name=None)
    assert any(sheet.astype(str).eq("What was counted in 2024").any(axis=None) for sheet in labels.values())
    every = project.root / "reports" / "scenarios.csv"
    ended = project.inside("outputs", "90")
    assert ended.returncode == 0, ended.stderr
    assert ran(ended.stdout) == {"70_use_scenario", "90_write_brief"}
    assert every.read_text("utf-8").count(",A length of 2024,") == 3
    (project.root / WORDS).write_text(PATTERNS, "utf-8")
    (project.root / SIMULATED).write_text(OF_SCENARIOS, "utf-8")
    assert ran(project.inside(*RUN).stdout) == set()
    assert (edition / "results.csv").read_text("utf-8") == before


TABLE = "../data/tables/gsim_results.csv"
#: A read behind the back of the key: what a cell does, and what its kernel says where it can tell.
PLANTED = {
    "a file": (f'value = float(len(open("{TABLE}").read()))', "it reads data/tables/gsim_results.csv"),
    "a file by pandas": (f'import pandas\nvalue = float(len(pandas.read_csv("{TABLE}")))', "data/tables/gsim_"),
    "a fact": (
        "from tradeexposure.core import paths\n"
        'value = float(len(paths.path("data", "parameters", "vocabulary.yml").read_bytes()))',
        "it reads data/parameters/vocabulary.yml",
    ),
    "a read that is caught": (
        f'try:\n    open("{TABLE}")\nexcept Exception:\n    pass\nvalue = 1.0', "it reads data/tables/gsim_results.csv",
    ),
    "a file through a link elsewhere": (
        f'import os, tempfile\nlink = os.path.join(tempfile.mkdtemp(), "x.csv")\n'
        f'os.symlink(os.path.abspath("{TABLE}"), link)\nvalue = float(len(open(link).read()))', "it reads ",
    ),
    "the state of a file through a folder's link": (
        'import os, tempfile\nlink = os.path.join(tempfile.mkdtemp(), "x")\n'
        'os.symlink(os.path.abspath("../data"), link)\nvalue = float(os.path.exists(os.path.join(link, "x")))',
        "",
    ),
    "a file mapped into memory": (
        f'import mmap, os\nvalue = float(len(mmap.mmap(os.open("{TABLE}", os.O_RDONLY), 0, prot=mmap.PROT_READ)))',
        "it reads data/tables/gsim_results.csv",
    ),
    "a database, which would be made": (
        'import sqlite3\nsqlite3.connect("../data/x.db")\nvalue = 1.0', "it writes data/x.db",
    ),
    "a file from another folder": (
        'import os\nos.chdir("../data/tables")\nvalue = float(len(open("gsim_results.csv").read()))',
        "it reads data/tables/gsim_results.csv",
    ),
    "a file below an open folder": (
        'import os\nroot = os.open("/", os.O_RDONLY)\n'
        f'path = os.path.abspath("{TABLE}")[1:]\nvalue = float(os.open(path, os.O_RDONLY, dir_fd=root) > 0)', "",
    ),
    "the state of a file below an open folder": (
        'import os\nroot = os.open("/", os.O_RDONLY)\n'
        f'path = os.path.abspath("{TABLE}")[1:]\nvalue = float(os.stat(path, dir_fd=root).st_size)',
        "",
    ),
    "the network": ('import socket\nsocket.getaddrinfo("localhost", 80)\nvalue = 1.0', "it asks the network"),
    "the environment as a whole": ('import os\nvalue = float(len(dict(os.environ)))', ""),
    "an earlier notebook": ('value = float(len(open("10_count_things.ipynb").read()))', "it reads notebooks/10_count"),
    "a list of files": ('import os\nvalue = float(len(os.listdir("../data")))', "it reads data"),
    "files by a pattern": ('import glob\nvalue = float(len(glob.glob("../data/*")))', "data"),
    "whether a file exists": ('import os\nvalue = float(os.path.exists("../data/x"))', ""),
    "the state of a file": (f'import os\nvalue = float(os.stat("{TABLE}").st_size)', ""),
    "a path that exists": (f'import pathlib\nvalue = float(pathlib.Path("{TABLE}").is_file())', ""),
    "the environment": ('import os\nvalue = float(os.environ.get("HOME", "") != "")', ""),
    "the environment by getenv": ('import os\nvalue = float(len(os.getenv("PATH")))', ""),
    "another program": ('import subprocess\nvalue = float(subprocess.call(["true"]) + 1)', "another program (true)"),
    "an import that nothing tells": (
        'exec("import tradeexposure.trade.flows")\nvalue = 1.0', "it reads lib/tradeexposure/",
    ),
    "a module that another one imported": (
        "import tradeexposure\nvalue = float(len(tradeexposure.trade.__doc__))", "has no attribute 'trade'",
    ),
    "a library that opens files unseen": (
        "import importlib\nvalue = float(len(importlib.import_module('lxml').__doc__ or ''))", "",
    ),
    "a loader's own reader": (
        "from tradeexposure.core import paths, reading\n"
        'value = float(len(reading.contents(paths.path("data", "priors.yml"))))', "it reads data/priors.yml",
    ),
    "a list of files behind the rule's back": (
        'import os\nvalue = float(len(getattr(os, "listdir")("../data")))', "it reads data",
    ),
    "what is for prompts": (
        "import tradeexposure as te\nvalue = float(len(te.scenario_names()))", "it reads lib/tradeexposure/",
    ),
}  # fmt: skip


#: Those that a kernel sees as well, some of the same way left out, and one that is caught, as all are there; nothing
#: tells Python's hooks of the others.
ALIKE = ("a file", "a fact", "an earlier notebook", "files by a pattern", "a read that is caught")
WITHIN = [planted for planted, (_, reason) in PLANTED.items() if reason and planted not in ALIKE]
#: What the text of a planted read is refused for before a run; all others fail in their kernels.
BEFORE = {
    "a file": "open", "a file by pandas": "pandas.read_csv", "a read that is caught": "open",
    "a fact": "….read_bytes",
    "a file through a link elsewhere": "open", "the state of a file through a folder's link": "os.path.exists",
    "a file mapped into memory": "mmap", "a database, which would be made": "sqlite3",
    "a file from another folder": "open", "a file below an open folder": "os.open",
    "the state of a file below an open folder": "os.open", "the network": "socket",
    "the environment as a whole": "os.environ", "an earlier notebook": "open", "a list of files": "os.listdir",
    "files by a pattern": "glob", "whether a file exists": "os.path.exists", "the state of a file": "os.stat",
    "a path that exists": f"pathlib.Path('{TABLE}').is_file", "the environment": "os.environ",
    "the environment by getenv": "os.getenv", "another program": "subprocess", "an import that nothing tells": "exec",
    "a library that opens files unseen": "importlib",
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_read_is_refused_before_a_run_or_in_it(planted: str):
    work, within = PLANTED[planted]
    asks = sorted(undeclared_reads.questions(work))
    assert BEFORE.get(planted) == (asks[0][1] if asks else None)
    assert asks or within


def test_a_run_says_which_cell_asks_and_starts_nothing(project: Project):
    project.write("15_need_nothing", ESTIMATE, work=PLANTED["whether a file exists"][0])
    ended = project.inside(*RUN)
    line = "error: notebooks/15_need_nothing.ipynb: cell 5, line 2: found os.path.exists; allowed: what a loader gives"
    assert ended.returncode == 2 and ended.stderr.startswith(line) and ended.stderr.count("\n") == 1
    assert ran(ended.stdout) == set()


#: All of them in one cell, which catches what it is told of each; the watch, which tells the first alone, begins anew.
IN_ONE = f"""\
import os
here = os.getcwd()
for source in {[PLANTED[planted][0] for planted in WITHIN]}:
    try:
        exec(source, {{}})
        print("nothing")
    except Exception as error:
        print(*str(error).split())
        raised = error.__traceback__
        while raised.tb_next:
            raised = raised.tb_next
        if "_State" in raised.tb_frame.f_globals:
            raised.tb_frame.f_globals["_State"].refused = False
    os.chdir(here)
value = 1.0"""


def test_a_read_that_the_key_does_not_cover_fails_in_its_kernel_too(project: Project):
    """Each by itself, and the run that caught them all; it does not look at the text here. A number without words fails
    its own notebook beside it.
    """
    project.write("15_need_nothing", ESTIMATE, work=IN_ONE)
    replaced(WORDS, "word.number.{year}", "word.others.{year}")(project.root)
    with mock.patch.object(undeclared_reads, "check"):
        ended = project.inside(*RUN)
    failed = "reports/_build/failed/estimates/15_need_nothing.ipynb"
    reason = "UndeclaredRead: it reads data/tables/gsim_results.csv, which its key does not cover"
    assert ended.returncode == 1
    assert f"error: notebooks/15_need_nothing.ipynb: {reason}; failed notebook: {failed}\n" in ended.stderr
    wordless = f"{WORDS}: groups: found no pattern for word.number.2024; allowed: one for each number of the notebook"
    assert wordless in ended.stderr
    cells = json.loads((project.root / failed).read_text("utf-8"))["cells"]
    printed = "".join("".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", ()))
    for line, planted in zip(printed.splitlines(), WITHIN, strict=True):
        assert PLANTED[planted][1] in line, planted


def test_damaged_or_missing_entries_of_the_store_run_all(project: Project):
    """A project without any store is what `readers` begins with."""
    some, of_deal = {"10_count_things", "68_use_scenarios"}, {"70_use_scenario", "90_write_brief"}
    leave(project, *some, *of_deal)
    kept = sorted((project.root / "reports" / "_build" / "store").glob("*.reads"))
    for path in kept[::2]:
        path.write_bytes(path.read_bytes()[:-9])
    for path in kept[1::2]:
        path.unlink()
    no_edition(project.root)
    assert ran(project.inside(*RUN).stdout) == some | {f"{DEAL}/{name}" for name in of_deal}


def test_what_a_task_read_is_kept_with_its_result(readers: Project):
    """A look at the store: every reader has its own files, and none was missed."""
    reads = [json.loads(path.read_text("utf-8"))["names"][0] for path in
             (readers.root / "reports" / "_build" / "store").glob("*.reads")]  # fmt: skip
    kinds = {tuple(name) for names in reads for name in names}
    wanted = {
        *(("table", "gsim_results"), ("file", "data/parameters/canada_on_china.yml"), ("parameters", "*")),
        *(("file", "data/priors.yml"), ("scenario", DEAL), ("words", DEAL)),
        *(("handed", "scenarios"), ("number", ":count.number.2024")),
    }
    assert wanted <= kinds
