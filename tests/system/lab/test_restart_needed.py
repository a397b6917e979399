"""A kernel of `make lab`: an edited function applies in the next cell, an edited value that others hold is named."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[3]
FILES = ("ipython_kernel_config.py", "restart_needed.py")
MODULES = {
    "__init__.py": "",
    "units.py": "from functools import cache\n\nSCALE = 2\nALONE = 1\n\n\ndef times(x):\n    return 10 * x\n\n\n"
    "@cache\ndef kept():\n    return 1\n",
    "rows.py": "from tradeexposure.units import SCALE, kept, times\n\n\n"
    "def row(x):\n    return SCALE * times(x) + kept()\n",
}


class Kernel:
    """A kernel with the profile of `make lab` and a small package of the project's name."""

    def __init__(self, folder: Path) -> None:
        self.package = folder / "library" / "tradeexposure"
        self.package.mkdir(parents=True)
        for name, text in MODULES.items():
            (self.package / name).write_text(text, "utf-8")
        profile = folder / "ipython" / "profile_default"
        profile.mkdir(parents=True)
        for name in FILES:
            shutil.copy(ROOT / "tools" / "lab" / name, profile)
        own = {"IPYTHONDIR": str(folder / "ipython"), "PYTHONPATH": str(self.package.parent)}
        self.manager = KernelManager(kernel_name="python3")
        self.manager.kernel_spec.argv[0] = sys.executable
        self.manager.kernel_spec.metadata.pop("kernel_provisioner", None)
        self.manager.start_kernel(env={**os.environ, **own})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str) -> str:
        """What the cell printed or showed."""
        seen: list[str] = []

        def look(message: dict[str, Any]) -> None:
            content = message["content"]
            seen.append(
                content.get("text") or content.get("data", {}).get("text/plain", "") or content.get("evalue", "")
            )

        reply = self.client.execute_interactive(code, output_hook=look, timeout=60)
        self.cells = reply["content"]["execution_count"]
        return "".join(seen)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a module, with a time of change that differs."""
        path = self.package / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
        later = time.time() + 5
        os.utime(path, (later, later))


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


def test_functions_apply_and_held_values_are_named(kernel: Kernel) -> None:
    assert kernel.run("from tradeexposure import rows, units\nrows.row(1)") == "21"
    assert kernel.cells == 1, "the profile is none"
    kernel.edit("units.py", "10 * x", "100 * x")
    assert kernel.run("rows.row(1)") == "201", "the function applies, and nothing is said"
    kernel.edit("units.py", "ALONE = 1", "ALONE = 3")
    assert kernel.run("units.ALONE") == "3", "a value that nobody holds applies too"
    kernel.edit("units.py", "SCALE = 2", "SCALE = 5")
    printed = kernel.run("rows.row(1)")
    assert "restart needed: SCALE changed (tradeexposure.units), and tradeexposure.rows holds the old one" in printed
    assert "restart needed: SCALE" in kernel.run("1"), "until the kernel is restarted"
    kernel.edit("units.py", "SCALE = 5", "SCALE = 2")
    assert "restart" not in kernel.run("1"), "or the edit undone"
    kernel.edit("units.py", "return 1", "return 7")
    assert "restart needed: kept changed" in kernel.run("1"), "a cached function keeps what it returned"
    kernel.run("from tradeexposure.units import ALONE")
    kernel.edit("units.py", "ALONE = 3", "ALONE = 4")
    assert "restart needed: ALONE changed (tradeexposure.units), and this notebook holds" in kernel.run("ALONE")
