"""Notebooks that would change the project, hang, flood or fill the memory: each fails by name, the others go on."""

from __future__ import annotations

import re
from pathlib import Path
from unittest import mock

import nbformat
import papermill
import psutil
import pytest
from tinyproject import SIMULATION, Project

from tradeexposure.core import paths
from tradeexposure.runner.kernels import undeclared_reads

TABLE = "../data/tables/gsim_results.csv"
FILE = "data/tables/gsim_results.csv"
#: What a cell does, and what is said of it: these in one kernel of plain papermill, each caught by the cell.
CHANGES = {
    "os.rename": (f'import os\nos.rename("{TABLE}", "../../x.csv")', f"it removes {FILE}"),
    "os.replace of another file": (
        f'import os, tempfile\nos.replace(tempfile.mkstemp()[1], "{TABLE}")', f"it writes {FILE}",
    ),
    "os.truncate": (f'import os\nos.truncate("{TABLE}", 0)', f"it writes {FILE}"),
    "os.link": (f'import os\nos.link("{TABLE}", "../../x.csv")', f"it writes {FILE}"),
    "os.symlink": ('import os\nos.symlink("/", "../data/x")', "it writes data/x"),
    "a folder": ('import os\nos.mkdir("../data/x")', "it writes data/x"),
    "folders": ('import os\nos.makedirs("../data/x/y")', "it writes data/x"),
    "a tree removed": ('import shutil\nshutil.rmtree("../data")', "it removes data"),
    "a copy": (f'import os, shutil\nshutil.copy(os.__file__, "{TABLE}")', f"it writes {FILE}"),
    "open to write": (f'open("{TABLE}", "w")', f"it writes {FILE}"),
    "open to add": ('open("../data/x.csv", "a")', "it writes data/x.csv"),
    "open beside the notebooks": ('open("x.csv", "w")', "it writes notebooks/x.csv"),
    "os.open": (f'import os\nos.open("{TABLE}", os.O_RDWR)', f"it writes {FILE}"),
    "os.open below an open folder": (
        'import os\nroot = os.open("/", os.O_RDONLY)\n'
        # Python does not tell from which open folder; os.open itself is refused before a run.
        f'os.open(os.path.abspath("{TABLE}")[1:], os.O_WRONLY, dir_fd=root)', "it writes notebooks/",
    ),
    "os.remove below an open folder": (
        f'import os\nroot = os.open("/", os.O_RDONLY)\nos.remove(os.path.abspath("{TABLE}")[1:], dir_fd=root)',
        f"it removes {FILE}",
    ),
    "pathlib": (f'import pathlib\npathlib.Path("{TABLE}").unlink()', f"it removes {FILE}"),
    "pandas": (f'import pandas\npandas.DataFrame().to_csv("{TABLE}")', "it writes data/tables"),
    "code": ('open("../lib/tradeexposure/core/units.py", "a")', "it writes lib/tradeexposure/core/units.py"),
    "through a link elsewhere": (
        'import os, tempfile\nlink = os.path.join(tempfile.mkdtemp(), "x")\n'
        'os.symlink(os.path.abspath("../data"), link)\n'
        'os.remove(os.path.join(link, "tables", "gsim_results.csv"))', f"it removes {FILE}",
    ),
    "a folder above": ('import os\nos.rename(os.path.abspath("../.."), "../../../moved")', "it removes /"),
}  # fmt: skip
#: And these in a run, each in a notebook of its own.
IN_A_RUN = {
    "os.remove": (f'import os\nos.remove("{TABLE}")', f"it removes {FILE}"),
    "what is caught": (
        f'import os\nfor _ in range(2):\n    try:\n        os.remove("{TABLE}")\n    except Exception:\n        pass',
        f"it removes {FILE}",
    ),
    "what follows a read that was caught": (
        f'import os\ntry:\n    open("{TABLE}")\nexcept Exception:\n    pass\nos.remove("{TABLE}")',
        f"it removes {FILE}",
    ),
    "a program after one that was caught": (
        'import subprocess\ntry:\n    subprocess.run("true")\nexcept Exception:\n    pass\n'
        'subprocess.run(["rm", "-r", "../data"])', "it starts another program (true)",
    ),
}  # fmt: skip
#: The same with options `--cell-seconds 6 --cell-memory 0.6`.
FAULTS = {
    "a cell that hangs": ("import time\ntime.sleep(60)", "not done after 6 s"),
    "a kernel that sends no reply": (f"value = {' + '.join(['1'] * 20_000)}", "not done after 6 s"),
    "a flood of lines": ("while True:\n    print('x' * 100)", "it prints more than 1,000,000 letters: print less"),
    "a flood of tables": (
        "from IPython.display import HTML, display\nwhile True:\n    display(HTML('<b>x</b>' * 10_000))",
        "it shows more than 2,000,000 letters besides what it prints: show less",
    ),
    "one large picture": (
        "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>' * 500_000))",
        "it shows more than 2,000,000 letters besides what it prints: show less",
    ),
    "memory": (
        "kept = []\nwhile True:\n    kept.append(b'x' * 10_000_000)",
        "it takes more than 0.6 GB of memory; --cell-memory sets the limit",
    ),
    "a fault in a string": ("value = f'{1 +}'", "SyntaxError: "),
    "a fault in evaluated code": ("value = eval('1 +')", "SyntaxError: invalid syntax"),
    "an indent": ("  value = 1", "IndentationError: unexpected indent"),
    "many open files": (
        "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (2_000, 2_000))\n"
        "files = [open('/dev/null') for _ in range(30_000)]", "OSError: [Errno 24] Too many open files",
    ),
}  # fmt: skip


def reasons(project: Project, faults: dict[str, tuple[str, str]], *options: str) -> dict[str, str]:
    """What a run says of each, all of the project's other files as they were."""
    names = project.plant({fault: source for fault, (source, _) in faults.items()})
    before = project.files()
    with mock.patch.object(undeclared_reads, "check"):  # it refuses many of them before; here a run is to
        ended = project.inside("run", "deal_2026", "--lang", "en", "--workers", "2", *options)
    assert ended.returncode == 1 and re.search("^10_count_things: (ran in|unchanged)", ended.stdout, re.MULTILINE)
    assert project.files() == before
    *lines, _ = ended.stderr.splitlines()
    by_notebook = {re.search(r"notebooks/(\w+)\.ipynb", line)[1]: line for line in lines}
    assert len(by_notebook) == len(lines) == len(faults)
    return {fault: by_notebook[name] for fault, name in names.items()}


@pytest.fixture(scope="module")
def changing(bare: Project) -> dict[str, str]:
    return reasons(bare, IN_A_RUN)


@pytest.fixture(scope="module")
def faulty(bare: Project) -> dict[str, str]:
    return reasons(bare, FAULTS, "--cell-seconds", "6", "--cell-memory", "0.6")


@pytest.mark.parametrize("change", IN_A_RUN)
def test_a_change_of_a_file_of_the_project_fails_the_run_and_does_not_happen(changing: dict[str, str], change: str):
    assert IN_A_RUN[change][1] in changing[change]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_cell_that_takes_too_much_or_is_broken_fails_by_name(faulty: dict[str, str], fault: str):
    work, reason = FAULTS[fault]
    assert f", code cell 4 ({work.splitlines()[0].strip()}" in faulty[fault]
    assert "which its key does not cover" not in faulty[fault]
    assert f"): {reason}" in faulty[fault]


def test_outputs_refuse_a_change_too(bare: Project):
    names = bare.plant({"os.remove": IN_A_RUN["os.remove"][0]})
    before = bare.files()
    ended = bare.inside("outputs", names["os.remove"])
    assert ended.returncode == 1 and IN_A_RUN["os.remove"][1] in ended.stderr
    assert bare.files() == before


#: A process in a session of its own, which has lost its parent.
LEAVES = """\
import os, time
if not os.fork():
    os.setsid()
    if os.fork():
        os._exit(0)
    time.sleep(1000)
value = 1.5
"""
GONE_SECONDS = 10


def test_what_a_notebook_leaves_behind_ends_with_its_kernel(bare: Project):
    names = bare.plant({"a process": LEAVES})
    ended = bare.inside("outputs", names["a process"])
    assert ended.returncode == 0, ended.stderr
    assert not psutil.wait_procs(bare.kernels(), timeout=GONE_SECONDS)[1]


#: All in a cell of plain papermill.
PLAIN = f"""\
import tempfile
from pathlib import Path

def refused(source):
    try:
        exec(source, {{}})
    except RuntimeError as error:
        return str(error).partition(";")[0]
    return "nothing"

assert Path("{TABLE}").read_text()
Path(tempfile.mkdtemp(), "elsewhere").write_text("x")
for source in {[source for source, _ in CHANGES.values()]}:
    print(refused(source))
"""


@pytest.mark.parametrize("switch", ["1", "0"], ids=["warm", "cold"])
def test_papermill_alone_refuses_it_too_and_leaves_nothing_behind(
    finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switch: str
):
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(finished.root))
    monkeypatch.setenv("WARMKERNEL_ENABLE", switch)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PLAIN + LEAVES)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    before = finished.files()
    executed = papermill.execute_notebook(
        tmp_path / "in.ipynb", tmp_path / "out.ipynb", cwd=finished.root / "notebooks", progress_bar=False
    )
    # Newer Pythons warn of a fork beside threads, on the other stream.
    printed = "".join(output.text for output in executed.cells[0].outputs if output.get("name") == "stdout")
    for line, (change, (_, message)) in zip(printed.splitlines(), CHANGES.items(), strict=True):
        assert line.startswith(message), change
    assert finished.files() == before
    assert not psutil.wait_procs(finished.kernels(), timeout=GONE_SECONDS)[1]


UNSEEN = f"""\
import ctypes, os
assert ctypes.CDLL(None).truncate(os.path.abspath("{TABLE}").encode(), 10) == 0
value = 1.5
"""


def test_what_nobody_saw_change_is_not_published(finished: Project, tmp_path: Path):
    """A cell that goes round Python: its run is not refused, and its data are not those that were planned."""
    project = Project(tmp_path / "copy", like=finished)
    before = project.files(without="data")
    project.write("70_use_scenario", SIMULATION, work=UNSEEN)
    with mock.patch.object(undeclared_reads, "check"):
        ended = project.inside("run", "deal_2026", "--lang", "en")
    assert ended.returncode == 1
    assert f"deal_2026: {FILE} changed since the run was planned" in ended.stderr
    after = project.files(without="data")
    assert {name for name in before if before[name] != after[name] and "_build" not in name} == {
        "notebooks/70_use_scenario.ipynb"
    }
