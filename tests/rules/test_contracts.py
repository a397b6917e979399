"""Imports go one way: the layers of the package, nothing that the runner must not know, no cycles, no exception."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import tradeexposure

ROOT = Path(__file__).resolve().parents[2]


def lint(folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", code, "--config", str(config), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_imports_go_one_way():
    done = lint(ROOT, ROOT / ".importlinter")
    assert done.returncode == 0, f"run: make lint\n{done.stdout}{done.stderr}"


def test_no_import_is_excused():
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", "utf-8")
    assert len(contracts.sections()) >= 7
    for name in contracts.sections():
        assert not {"ignore_imports", "unmatched_ignore_imports_alerting"} & set(contracts[name]), name


def test_the_package_names_its_packages_in_the_order_of_their_layers():
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", "utf-8")
    layers = contracts["importlinter:contract:floors"]["layers"].split("\n")
    order = [set(re.findall(r"\w+", layer)) for layer in reversed(layers) if layer not in ("", "cli", "public")]
    layering = (tradeexposure.__doc__ or "").partition("imports only what stands before it:")[2]
    assert [set(re.findall(r"\w+", part)) - {"and"} for part in layering.split(";")] == order


def test_a_wrong_direction_is_noticed(tmp_path: Path):
    config = tmp_path / "wrong.ini"
    config.write_text(
        "[importlinter]\nroot_package = tradeexposure\n\n[importlinter:contract:wrong]\nname = Wrong\ntype = layers\n"
        "layers =\n    tradeexposure.core\n    tradeexposure.data\n",
        "utf-8",
    )
    done = lint(ROOT, config)
    assert done.returncode == 1 and "tradeexposure.data is not allowed to import tradeexposure.core" in done.stdout
