"""What asks its surroundings is seen in the text, and what only looks alike is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.runner import notebooks, project_checks, task_keys
from tradeexposure.runner.kernels import undeclared_reads

ASKS = {
    "os.environ['HOME']": "os.environ", "os.environ.get('HOME')": "os.environ", "os.getenv('HOME')": "os.getenv",
    "os.path.exists(x)": "os.path.exists", "os.stat(x)": "os.stat", "os.open(x, 0)": "os.open", "open(x)": "open",
    "list(map(open, x))": "open", "os.listdir(x)": "os.listdir", "Path(x).exists()": "Path(x).exists",
    "x.is_file()": "x.is_file", "list(x.glob('*'))": "x.glob", "x.open()": "x.open", "x.read_text()": "x.read_text",
    "list(map(Path.exists, x))": "Path.exists", "pd.read_csv(x)": "pd.read_csv", "np.loadtxt(x)": "np.loadtxt",
    "exec(x)": "exec", "eval(x)": "eval", "__import__(x)": "__import__", "getattr(os, x)(os.scandir)": "os.scandir",
}  # fmt: skip
IMPORTS = {
    "import subprocess": "subprocess", "import urllib.request as web": "urllib.request",
    "from glob import glob": "glob",
    "from os import environ": "os.environ", "from os.path import exists as there": "os.path.exists",
    "import socket, json": "socket", "from importlib import import_module": "importlib",
    "import lxml.etree": "lxml.etree",
    "from pandas import read_csv": "pandas.read_csv", "import ctypes": "ctypes",
}  # fmt: skip


@pytest.mark.parametrize("asked", ASKS)
def test_a_question_is_seen_wherever_it_stands(asked: str):
    for code in (f"y = {asked}\n", f"def f(x):\n    return {asked}\n", f"class A:\n    y = [{asked} for x in ()]\n"):
        assert [what for _, what in undeclared_reads.questions(code)] == [ASKS[asked]]


@pytest.mark.parametrize("line", IMPORTS)
def test_an_import_of_what_asks_is_seen(line: str):
    for code in (line, f"def f():\n    {line}\n    return 1\n"):
        assert [what for _, what in undeclared_reads.questions(code)] == [IMPORTS[line]]


@pytest.mark.parametrize(
    "code",
    [
        "import re\npattern = re.compile('open')", "import os\nfolder = os.path.join('a', 'b')", "frame.eval('a + b')",
        "pd.read_csv(io.StringIO(text))", "def f(rise, open):\n    return {'open': open}", "study.read_panel(frame)",
        "from tradeexposure.core import reading", "words = 'import socket'", "scenarios.compared('open')",
        "market.open_economy = 1",
    ],
)  # fmt: skip
def test_what_looks_alike_is_no_question(code: str):
    assert list(undeclared_reads.questions(code)) == []


def test_what_is_no_python_fails_by_itself_but_for_commands_of_ipython():
    assert list(undeclared_reads.questions("value = (1 +\nopen")) == []
    questions = list(undeclared_reads.questions("value = 1\n%env HOME\n!cat x\n"))
    assert [line for line, _ in questions] == [2, 3] and all("a command of IPython" in what for _, what in questions)


def test_the_names_that_a_text_is_first_searched_for_are_all_that_are_refused():
    """What is not parsed would not be seen."""
    for code in (*ASKS, *IMPORTS):
        assert undeclared_reads.SUSPECT.search(code), code


def test_the_projects_own_code_asks_only_what_is_declared():
    known = task_keys.of_project()
    undeclared_reads.check(project_checks.code_of(notebooks.discover()))
    for name, declared in undeclared_reads.DECLARED.items():
        text = (known.tree.folder / known.tree.modules[name]).read_text("utf-8")
        assert {what for _, what in undeclared_reads.questions(text)} == declared, f"{name}: take it off the list"


def test_a_cell_and_a_module_that_ask_are_refused_in_one_line(monkeypatch: pytest.MonkeyPatch):
    (notebook, *_) = notebooks.discover()
    cells = [{"cell_type": "code", "source": "x = 1\nopen('x')", "metadata": {}}]
    asking = replace(notebook, content={**notebook.content, "cells": cells}, digest="another")
    with pytest.raises(BadInput) as caught:
        undeclared_reads.check(project_checks.code_of([asking]))
    refusal = "cell 1, line 2: found open; allowed: what a loader gives out, such as data.load"
    assert str(caught.value) == f"{paths.relative(notebook.path)}: {refusal}"
    monkeypatch.setattr(undeclared_reads, "DECLARED", {})
    with pytest.raises(BadInput, match=r"^lib/tradeexposure/__init__\.py: tradeexposure, line 13: found importlib; "):
        undeclared_reads.check(project_checks.code_of([notebook]))
