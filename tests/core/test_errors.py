"""What cannot be used is one line, in a notebook too."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tradeexposure.core.errors import BadInput


def test_a_notebook_shows_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell()
    shell.push({"refused": BadInput("parameters", "draws", found="2000.5", allowed="a whole number")})
    shell.run_cell("raise refused")
    assert capsys.readouterr().out.strip() == "BadInput: parameters: draws: found 2000.5; allowed: a whole number"
