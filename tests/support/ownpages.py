"""Which published pages and words are a reader's own: that they lack French is counted by ``check`` and no fault."""

from __future__ import annotations

import html
from collections.abc import Iterable
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
    known = yaml.safe_load((SCENARIOS / f"{SHIPPED}.yml").read_text("utf-8"))
    for path in sorted(folder.glob("*.yml")):
        if catalogues.is_private(path):
            own = yaml.safe_load(path.read_text("utf-8"))
            for key in ("title", "question"):
                for form in (str, html.escape, lambda words: html.escape(words, quote=False)):
                    text = text.replace(form(str(own[key])), form(str(known[key])))
    return text
