"""Every word of the committed charts has its message, but for those that stay English by intent; of the pages see
``test_pages_say_the_same.py``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tradeexposure.core import paths, provinces
from tradeexposure.data import geography
from tradeexposure.publishing.languages import catalogues, charts_and_scripts, french_numbers, matching

REPORTS = paths.CHECKOUT / "reports"
NOTEBOOKS = sorted((REPORTS / "published").glob("*/*.ipynb"))
CODES = set(provinces.PROVINCES.values())  # by which shapes of a map are found; nobody reads them


@pytest.fixture(scope="module")
def through() -> matching.Translator:
    return matching.Translator({name: name for name in geography.place_names()} | catalogues.messages())


def specifications(value: Any) -> Iterator[dict[str, Any]]:
    """Charts in what a notebook holds."""
    if isinstance(value, dict) and {"$schema", "usermeta"} <= value.keys():
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from specifications(item)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_every_word_of_a_chart_has_its_message(notebook: Path, through: matching.Translator) -> None:
    lost: list[str] = []

    def told(text: str) -> str | None:
        found = through.text(text.replace(french_numbers.SPACE, " "))
        lost.extend([text] if found is None else [])
        return found

    for spec in specifications(json.loads(notebook.read_text("utf-8"))):
        charts_and_scripts.chart(spec, told)
    assert set(lost) <= CODES
