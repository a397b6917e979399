"""A small project that has computed nothing yet."""

from __future__ import annotations

import pytest
from tinyproject import Project


@pytest.fixture(scope="module")
def bare(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the small project without editions or a store."""
    project = Project(tmp_path_factory.mktemp("hostile") / "copy", like=finished)
    project.uncomputed()
    return project
