"""Sets the numerical environment of tests and notebooks before anything imports numpy; deals tests out to processes."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

# Imports neither numpy nor pandas: several BLAS threads would change the last digits of an estimate.
from tradeexposure.runner.notebook_task import ENVIRONMENT, leave_out_slow_imports

if TYPE_CHECKING:
    import pytest

leave_out_slow_imports()
pytest_plugins = ["nbval.plugin"]
os.environ.update(ENVIRONMENT)
if hasattr(time, "tzset"):
    time.tzset()

# Tests that share something costly go to one process together, in the order in which this is written: long ones first,
# so that short ones fill the gaps in the end. What the groups of a pattern match names the lot; without a pattern a
# lot is a file.
LOTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(tests/system/test_edition)\.py",
        r"(tests/system/test_sweep)\.py",
        r"(tests/system/test_pipeline\.py::TestEdition)",  # makes the project that the rest of the file copies
        r"(notebooks/\w+)",  # cells of one notebook share a kernel
        r"(tests/rules/test_hygiene\.py::test_style_and_types\[mypy)",
        r"(tests/system/lab/test_jupyterlab)\.py",
        r"(tests/system/test_reports\.py)::\w+\[(\w+/\w+)",  # a published page, opened once for several tests
        r"(tests/system/test_reports)\.py",
        r"(tests/system/test_pipeline\.py::Test(?!Skipping).*)",
        r"(tests/system/test_(?:pipeline|cli|committed_outputs))\.py",
        r"(tests/\w+/(?:\w+/)*test_(?:page|charts|counterfactual|forecasting|tables|shipped_tables))\.py",
    )
)


def lot(nodeid: str) -> tuple[int, str]:
    """Rank and name of the lot of a test."""
    for rank, pattern in enumerate(LOTS):
        found = pattern.match(nodeid)
        if found:
            return rank, " ".join(found.groups())
    return len(LOTS), nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put lots of a lower rank first; everything else stays in its order."""
    items.sort(key=lambda item: lot(item.nodeid)[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal out whole lots, in the order of collection."""
    from xdist.scheduler import LoadScopeScheduling

    class Lots(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return lot(nodeid)[1]

    config.option.loadscopereorder = False
    return Lots(config, log)
