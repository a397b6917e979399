"""Imports that a process which runs notebooks is spared."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOADED = "import sys; {}; import jsonschema; print(sys.modules.get('rfc3987_syntax') is not None)"


@pytest.mark.long
@pytest.mark.parametrize("module", ["runner.kernels", "runner.notebook_task", "runner.pipeline"])
def test_who_runs_notebooks_is_spared_the_grammar_of_addresses(module: str) -> None:
    command = [sys.executable, "-c", LOADED.format(f"import tradeexposure.{module}")]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout == "False\n"
