"""Which published pages and words are a reader's own: that they lack French is counted by ``check`` and no fault."""

from __future__ import annotations

import html
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from tradeexposure.core import paths
from tradeexposure.policy import scenarios
from tradeexposure.publishing.languages import catalogues

SHIPPED = "deal_2026"
SCENARIOS = paths.CHECKOUT / "data" / "scenarios"


def shipped(pages: Iterable[Path], *, notebooks: Path = paths.CHECKOUT / "notebooks") -> list[Path]:
    """Files of editions, and pages over them, without editions of one's own scenarios and pages of own notebooks."""
    return sorted(
        page
        for page in pages
        if (page.parent.parent.name != "published" or page.parent.name in scenarios.SHIPPED)
        and not ((notebook := notebooks / f"{page.stem}.ipynb").is_file() and catalogues.is_private(notebook))
    )


def in_shipped_words(text: str, *, folder: Path = SCENARIOS) -> str:
    """`text` with titles and questions of one's own scenarios replaced by those of a scenario that is translated."""
    for own, known in _own_words(folder):
        text = text.replace(own, known)
    return text


@cache
def _own_words(folder: Path) -> list[tuple[str, str]]:
    """Titles and questions of one's own scenarios, as pages write them, each with that of the shipped one."""
    known = yaml.safe_load((SCENARIOS / f"{SHIPPED}.yml").read_text("utf-8"))
    drafts = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*.yml"))
              if catalogues.is_private(path)]  # fmt: skip
    forms = (str, html.escape, lambda words: html.escape(words, quote=False))
    return [(form(str(own[key])), form(str(known[key]))) for own in drafts for key in ("title", "question")
            for form in forms]  # fmt: skip
