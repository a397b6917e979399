"""Import closures from the text of code: parents, late and relative imports, and what cannot be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradeexposure.core import paths
from tradeexposure.runner.kernels import import_closure
from tradeexposure.runner.kernels.import_closure import ImportGraph

FILES = {
    "a/__init__.py": "",
    "a/one.py": "from a import two\n",
    "a/two.py": "def late():\n    import a.deep.leaf\n",
    "a/alone.py": "if TYPE_CHECKING:\n    from a import one\nelse:\n    from a import two\n",
    "a/deep/__init__.py": "from . import beside\n",
    "a/deep/leaf.py": "from ..far import thing\n",
    "a/deep/beside.py": "",
    "a/far.py": "thing = 1\n",
    "a/lazy/__init__.py": (
        "def __getattr__(name):\n    from importlib import import_module\n    return import_module(f'a.lazy.{name}')\n"
    ),
    "a/lazy/part.py": "",
    "a/named.py": "from importlib import import_module\nimport_module('a.far')\n",
    "a/all.py": "from a.deep import *\n",
    "a/page.html": "<p>",
}


@pytest.fixture
def tree(tmp_path: Path) -> ImportGraph:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return ImportGraph.of(tmp_path)


DEEP = {"a", "a.deep", "a.deep.beside", "a.deep.leaf", "a.far"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("a.far.thing", {"a", "a.far"}),
        ("a.two", DEEP | {"a.two"}),
        ("a.one", DEEP | {"a.one", "a.two"}),
        ("a.alone", DEEP | {"a.alone", "a.two"}),
        ("a.named", {"a", "a.named", "a.far"}),
        ("a.all", DEEP | {"a.all"}),
        ("numpy.linalg", set()),
    ],
)
def test_all_that_an_import_runs(tree: ImportGraph, wanted: str, expected: set[str]):
    assert set(tree.closure([wanted])) == expected


def test_what_cannot_be_told_is_everything(tree: ImportGraph):
    assert set(tree.closure(["a.lazy"])) == set(tree.modules)
    assert import_closure.imports("%matplotlib inline") == (import_closure.EVERYTHING,)


def test_a_digest_holds_the_modules_and_the_files_beside_them(tree: ImportGraph, tmp_path: Path):
    before = {name: tree.digest(tree.closure([name])) for name in ("a.far", "a.deep.beside")}
    (tmp_path / "a" / "page.html").write_text("<b>", "utf-8")
    after = ImportGraph.of(tmp_path)
    assert after.digest(after.closure(["a.far"])) != before["a.far"]
    (tmp_path / "a" / "page.html").write_text("<p>", "utf-8")
    (tmp_path / "a" / "two.py").write_text("# edited", "utf-8")
    after = ImportGraph.of(tmp_path)
    assert after.digest(after.closure(["a.far"])) == before["a.far"]


def test_a_package_is_found_before_a_module_of_its_name(tree: ImportGraph, tmp_path: Path):
    (tmp_path / "a" / "deep.py").write_text("", "utf-8")
    assert ImportGraph.of(tmp_path).modules["a.deep"] == "a/deep/__init__.py"


def test_notebooks_of_the_project_import_less_than_all():
    tree = ImportGraph.of(paths.path("lib"))
    theme = set(tree.closure(["tradeexposure.canola.price_effect"]))
    assert "tradeexposure.core.loaded_files" in theme
    assert not {name for name in theme if ".vehicles" in name or ".runner" in name or ".scenarios" in name}
