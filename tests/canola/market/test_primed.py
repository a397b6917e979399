"""What the process that kernels are copies of has worked out of the market: its bases, and given out nothing."""

from __future__ import annotations

import json
import subprocess
import sys

ASKED = """
import json, sys
import numpy as np
from tradeexposure import data
from tradeexposure.canola.market import bases
from tradeexposure.core import reads
from tradeexposure.policy import regimes
if sys.argv[1:]:
    from tradeexposure.canola.market import primed
before = reads._State.given_out
load, read = data.load, []
data.load = lambda name: read.append(name) or load(name)
with reads.recording() as entries:
    base = bases.today(np.array([0.6]), np.array([40.0]), regimes.base_canola())
print(json.dumps([before, len(read), sorted([*key, digest] for key, digest in entries.items()), base.table.to_csv()]))
"""


def asked(*arguments: str) -> list[object]:
    ended = subprocess.run([sys.executable, "-c", ASKED, *arguments], capture_output=True, text=True, check=True)
    return list(json.loads(ended.stdout))


def test_a_base_of_what_was_worked_out_before_is_the_same_and_records_the_same() -> None:
    before, read, entries, table = asked()
    given_out, read_again, entries_again, table_again = asked("primed")
    assert (before, given_out) == (0, 0)
    assert isinstance(read, int) and isinstance(read_again, int) and read > 20 * read_again
    assert entries and entries_again == entries
    assert table_again == table
