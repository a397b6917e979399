"""Pages speak plainly: the committed notebooks keep the rules of ``publishing/plain_words.py``."""

from __future__ import annotations

import pytest

from tradeexposure.runner import notebook_rules, notebooks


@pytest.mark.parametrize("notebook", notebooks.discover(), ids=lambda notebook: notebook.name)
def test_a_page_speaks_plainly(notebook: notebooks.Notebook) -> None:
    assert notebook_rules.plain_check(notebook) == []
