"""What is installed beside the project, as the key of every task holds it."""

from __future__ import annotations

import site
from pathlib import Path

import pytest

from tradeexposure.runner.kernels import installed

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
    before, path = installed.packages(), folder / file
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert (installed.packages() != before) == noticed


def test_one_more_package_is_noticed(folder: Path) -> None:
    before = installed.packages()
    (folder / "plugin-1.0.dist-info").mkdir()
    assert installed.packages() != before
