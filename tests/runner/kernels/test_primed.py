"""What the process that kernels are copies of has parsed: everything, and given out nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

ASKED = """
from tradeexposure import data
from tradeexposure.core import reads
from tradeexposure.data import tables
from tradeexposure.runner.kernels import primed
parsed = tables._loaded.cache_info()
print(reads._State.given_out, parsed.currsize == parsed.misses == len(data.names()))
data.load("farm_prices_monthly")
print(tables._loaded.cache_info().misses - parsed.misses, reads._State.given_out > 0)
"""


@pytest.mark.long
def test_everything_is_parsed_and_nothing_given_out() -> None:
    ended = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["0", "True", "0", "True"]
