"""What is installed beside the project, as the key of every task holds it."""

from __future__ import annotations

import re
import site
from pathlib import Path

import pytest

from tradeexposure import cli
from tradeexposure.core import paths
from tradeexposure.runner.kernels import environment_key

RECORD = "pandas/core.py,sha256=one,10\npandas/__pycache__/core.cpython-311.pyc,,\n../../../bin/tool,sha256=here,3\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages with one package, a file of paths, and the project."""
    for name, text in {"pandas-3.1.1": RECORD, "tradeexposure-0.1.0": "x,sha256=one,1\n"}.items():
        (tmp_path / f"{name}.dist-info").mkdir()
        (tmp_path / f"{name}.dist-info" / "RECORD").write_text(text, "utf-8")
    (tmp_path / "more.pth").write_text("elsewhere\n", "utf-8")
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(tmp_path)])
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(tmp_path / "none"))
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "noticed"),
    [
        ("pandas-3.1.1.dist-info/RECORD", "core.py,sha256=one", "core.py,sha256=two", True),
        ("more.pth", "elsewhere", "import surprise", True),
        ("pandas-3.1.1.dist-info/RECORD", "sha256=here", "sha256=there", False),
        ("tradeexposure-0.1.0.dist-info/RECORD", "one", "two", False),
    ],
)
def test_another_build_of_the_same_version_is_noticed_and_where_it_lies_is_not(
    folder: Path, file: str, old: str, new: str, noticed: bool
) -> None:
    before, path = environment_key.packages(), folder / file
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert (environment_key.packages() != before) == noticed


def test_one_more_package_is_noticed(folder: Path) -> None:
    before = environment_key.packages()
    (folder / "plugin-1.0.dist-info").mkdir()
    assert environment_key.packages() != before


PINNED = """\
altair==5.5.0 \\
    --hash=sha256:0
pandas==3.1.1 \\
    --hash=sha256:0
typing-extensions==4.1 ; python_full_version < '3.99' \\
    --hash=sha256:0
colorama==0.4.6 ; sys_platform == 'another' \\
    --hash=sha256:0
"""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of packages."""
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(tmp_path)])
    monkeypatch.setattr(site, "ENABLE_USER_SITE", False)
    return tmp_path


@pytest.mark.parametrize(
    ("packages", "unlike"),
    [
        (("altair-5.5.0", "pandas-3.1.1", "typing_extensions-4.1", "more-1.0"), []),
        (("pandas-2.3.3", "typing_extensions-4.1"), ["no altair", "pandas 2.3.3 instead of 3.1.1"]),
        (("altair-5.5.0", "pandas-3.1.1"), ["no typing-extensions"]),
    ],
)
def test_packages_that_are_not_those_of_the_lock_are_named(bare: Path, packages: tuple[str, ...], unlike: list[str]):
    for package in packages:
        (bare / f"{package}.dist-info").mkdir()
    assert environment_key.differences(PINNED) == unlike


def test_here_all_packages_are_those_of_the_lock(root: Path) -> None:
    lock = (root / environment_key.LOCK).read_text("utf-8")
    assert environment_key.differences(lock) == []
    named = environment_key.differences(re.sub(r"^([\w.-]+)==", r"\g<1>==9999.", lock, flags=re.M))
    assert len(named) > 150 and "pandas" in " ".join(named), "every entry that is for this system is read"


@pytest.mark.parametrize("command", [["check"], ["run", "deal_2026"], ["verify", "deal_2026"]])
def test_a_command_names_them_and_what_to_type(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    (bare / "pandas-2.3.3.dist-info").mkdir()
    (bare / "data").mkdir()
    (bare / "data" / "datapackage.json").touch()
    (bare / environment_key.LOCK).write_text(PINNED, "utf-8")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(bare))
    assert cli.main(command) == cli.REFUSED
    line = capsys.readouterr().err
    assert line.startswith("error: requirements.lock: found no altair, pandas 2.3.3 instead of 3.1.1, no typing-ext")
    assert line.endswith("type: make set-up\n") and line.count("\n") == 1


def test_a_project_without_a_lock_asks_for_none(bare: Path) -> None:
    assert environment_key.summary(bare / environment_key.LOCK) == ""
