"""Pages speak plainly: committed notebooks and messages keep the rules of ``publishing/plain_words.py``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trees import committed_notebooks

from tradeexposure.publishing import plain_words
from tradeexposure.runner import notebook_rules, notebooks


@pytest.mark.parametrize("path", committed_notebooks(), ids=lambda path: path.stem)
def test_a_page_speaks_plainly(path: Path) -> None:
    assert notebook_rules.plain_check(notebooks.read(path)) == []
    assert [*plain_words.long_in_french(json.loads(path.read_text("utf-8")))] == []


def test_what_pages_say_in_both_languages_is_plain() -> None:
    assert plain_words.message_faults() == []
