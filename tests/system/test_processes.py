"""The processes that tests are dealt out to: one that dies ends the run with an error; in any order all pass."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import storednotebooks
from xdist.scheduler import LoadScopeScheduling

TESTS = """\
import os
import pytest

@pytest.mark.parametrize("number", range(4))
def test_fine(number):
    assert number < 4

def test_dies():
    os._exit(3)
"""


def test_one_that_dies_is_not_replaced(root: Path, monkeypatch: pytest.MonkeyPatch):
    """Its tests would be dealt out again, and the next process die of them."""
    monkeypatch.setattr(LoadScopeScheduling, "__init__", lambda *_: None)
    monkeypatch.setattr(LoadScopeScheduling, "remove_node", lambda *_: lost)
    config, node = SimpleNamespace(option=SimpleNamespace()), SimpleNamespace(gateway=SimpleNamespace(id="gw1"))
    dealt = runpy.run_path(str(root / "conftest.py"))["pytest_xdist_make_scheduler"](config, None)
    lost = None
    assert dealt.remove_node(node) is None, "it had done all that it was given"
    lost = "test_one.py::test_dies"
    with pytest.raises(pytest.exit.Exception, match=r"^gw1 died in test_one\.py::test_dies: the run ends"):
        dealt.remove_node(node)


@pytest.mark.slow  # three processes, for what the test above has in one
def test_one_that_dies_ends_the_run_with_an_error(root: Path, tmp_path: Path):
    shutil.copy(root / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text(storednotebooks.SETTINGS, "utf-8")
    for name in ("one", "other"):
        (tmp_path / f"test_{name}.py").write_text(TESTS if name == "one" else TESTS.partition("\ndef test_dies")[0])
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2"], cwd=tmp_path, env={**os.environ, "CI": "true"}, text=True,
        capture_output=True, check=False, timeout=240,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stdout
    assert "died in test_one.py::test_dies: the run ends here" in ended.stdout + ended.stderr
    assert "replacing crashed worker" not in ended.stdout


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_all_pass_in_an_order_by_chance(root: Path, seed: str):
    """No test needs what an earlier one left."""
    command = [sys.executable, "-m", "pytest", "-m", "not slow", "-n", "2", "-q", "--shuffle", seed]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-5000:]
    assert int(re.findall(r"(\d+) passed", ended.stdout)[-1]) > 5000
