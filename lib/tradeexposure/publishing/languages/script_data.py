"""Data that the scripts of a page show, in French."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tradeexposure.publishing import template_files
from tradeexposure.publishing.languages import french_numbers

if TYPE_CHECKING:
    from tradeexposure.publishing.drawings import Drawing
    from tradeexposure.publishing.languages.matching import Translator

SPACE = french_numbers.SPACE
#: Key → how the explorer writes numbers: marks of a number, and what stands before and after a sum of dollars.
WRITING = {
    "decimal": ",", "thousands": SPACE, "percent": f"{SPACE}%",
    "dollars": [["", f"{SPACE}$"], ["", f"{SPACE}M$"], ["", f"{SPACE}G$"]],
}  # fmt: skip
#: Keys of texts that a reader sees.
SAID = {"help", "label", "duty", "note", "since", "until", "answer", "said", "unchanged"}
MAPPED = {"titles", "messages"}  # keys of objects all of whose texts a reader sees
VALUES = "values-"


def french(name: str, data: str, drawing: Drawing | None, through: Translator) -> tuple[str, list[str]]:
    """The data of an element, as JSON, in French, and what of it has no message.

    Parameters
    ----------
    name : str
        Its identifier: ``values-N`` of a chart, anything else of a script that shows words.
    drawing : Drawing, optional
        The chart before it, in French.
    """
    if name.startswith(VALUES):
        return (str(template_files.json_script(drawing.values)) if drawing else data), []
    lost: list[str] = []

    def translate(text: str) -> str:
        translated = through.exact.get(text) or through.text(text.replace(SPACE, " "))
        if translated is None and text.strip():
            lost.append(text)
        return text if translated is None else translated

    members = _in_french(json.loads(data), translate)
    if "months" in members:
        months = french_numbers.FRENCH.months["format"]["wide"]
        members |= {"months": [months[month] for month in range(1, 13)], "first_of_month": "1er"}
    if "writing" in members:
        members["writing"] = WRITING
        for unit, text in members["suffixes"].items():  # what follows a number
            members["suffixes"][unit] = f"{SPACE if text else ''}{french_numbers.WORDS.get(text.strip(), text.strip())}"
    return str(template_files.json_script(members)), lost


def _in_french(value: Any, translate: Callable[[str], str], key: str = "") -> Any:
    """A value with its texts translated, that of `key` in an object."""
    if key in SAID and isinstance(value, str):
        return translate(value) if value.strip() else value
    if key in MAPPED:
        return {name: translate(text) for name, text in value.items()}
    if isinstance(value, dict):
        return {name: _in_french(item, translate, name) for name, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict | list):
        return [_in_french(item, translate) for item in value]
    return value
