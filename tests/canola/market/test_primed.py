"""What the process that kernels are copies of has worked out of the market: its bases, and given out nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

#: Two copies of one process, as kernels are, so that what both import is imported once, and what no kernel does not.
ASKED = """
import tradeexposure.runner.kernels.lean
import importlib, json, multiprocessing
import numpy as np
from tradeexposure import data
from tradeexposure.canola.market import bases
from tradeexposure.core import reads
from tradeexposure.policy import regimes

def asked(*first):
    for name in first:
        importlib.import_module(name)
    before = reads._State.given_out
    load, read = data.load, []
    data.load = lambda name: read.append(name) or load(name)
    with reads.recording() as entries:
        base = bases.today(np.array([0.6]), np.array([40.0]), regimes.base_canola())
    return before, len(read), sorted([*key, digest] for key, digest in entries.items()), base.table.to_csv()

with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as copies:
    print(json.dumps([copies.apply(asked), copies.apply(asked, ["tradeexposure.canola.market.primed"])]))
"""


@pytest.mark.long
def test_a_base_of_what_was_worked_out_before_is_the_same_and_records_the_same() -> None:
    ended = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    (before, read, entries, table), (given_out, read_again, entries_again, table_again) = json.loads(ended.stdout)
    assert (before, given_out) == (0, 0)
    assert isinstance(read, int) and isinstance(read_again, int) and read > 20 * read_again
    assert entries and entries_again == entries
    assert table_again == table
