"""What charts are drawn from and scripts of a page show, in French: words, names in data, numbers and months."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from babel import Locale

from tradeexposure.publishing import drawings, template_files
from tradeexposure.publishing.drawings import Drawing
from tradeexposure.publishing.languages import french_numbers
from tradeexposure.publishing.languages.french_numbers import SPACE
from tradeexposure.reporting import chart_style

if TYPE_CHECKING:
    from tradeexposure.publishing.languages.matching import Translator

Translate = Callable[[str], str | None]

EXPRESSIONS = {"labelExpr", "test", "filter", "calculate", "expr"}
AS_IT_IS = {"$schema", "usermeta", "config", "datasets"}
WORDS = {"title", "text", "description"}
NAMES = {"domain", "sort", "values"}
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
LINES = re.compile(r"\((\{.*\})\)\[datum\.label\]", flags=re.DOTALL)
TITLE_LETTERS = 76  # of a title on one line, as ``charts.TITLE_WIDTH``, whose module loads Altair
LEGEND_LETTERS, LEGEND_COLUMNS = 90, 4  # of all names of a legend on one line; columns where they are more
TIME = re.compile(r"\d{4}-\d\d-\d\dT")
#: A million dollars on an axis: d3 writes the sign before the letter.
DOLLARS = (f"datum.value == 0 ? '0{SPACE}$' : replace(replace(replace(datum.label, '$G', 'G$$'), '$M', 'M$$'), "
           "'$k', 'k$$')")  # fmt: skip
MARKS: dict[str, Any] = {"decimal": ",", "thousands": SPACE, "percent": f"{SPACE}%"}  # of a number
#: Key → how the explorer writes numbers: their marks, and what stands before and after a sum of dollars.
WRITING = MARKS | {
    "colon": f"{SPACE}: ",
    "to": " à ",
    "dollars": [["", f"{SPACE}$"], ["", f"{SPACE}M$"], ["", f"{SPACE}G$"]],
}
#: Keys of texts that a reader sees.
SAID = {"help", "label", "duty", "note", "since", "until", "answer", "said", "unchanged"}
MAPPED = {"titles", "messages"}  # keys of objects all of whose texts a reader sees
VALUES = "values-"


def chart(spec: dict[str, Any], translate: Translate) -> dict[str, Any]:
    """A copy of `spec`, as ``charts.show`` makes it, in French; what `translate` does not know stays.

    Names in data, domains, orders and expressions are replaced alike, so that colours, rows and events stay theirs.
    """
    translated = _Words(translate, spec)
    copy = {key: item if key in AS_IT_IS else translated.of(item, key) for key, item in spec.items()}
    meta = {**spec.get("usermeta", {}), "title": translate(spec["usermeta"]["title"]) or spec["usermeta"]["title"]}
    config = {**spec.get("config", {}), "locale": locale()}
    spec = {**copy, "usermeta": meta, "config": config, "datasets": translated.data(spec.get("datasets", {}))}
    if sum(map(len, drawings.legend_names(spec))) > LEGEND_LETTERS:
        settings = spec["config"]
        spec = {**spec, "config": {**settings, "legend": {**settings.get("legend", {}), "columns": LEGEND_COLUMNS}}}
    return spec


def drawing_of(drawing: Drawing, translate: Translate) -> Drawing:
    """A chart drawn with French words."""
    return drawings.drawing(chart(dict(drawing.source), translate), where=drawing.title)


def locale() -> dict[str, Any]:
    """Numbers and months of Canadian French, as Vega wants them."""
    months, days = _names("months", 1, 13), _names("days", 0, 7)
    days = {width: [*week[-1:], *week[:-1]] for width, week in days.items()}  # weeks of d3 begin on Sunday
    return {
        "number": MARKS | {"grouping": [3], "currency": ["", f"{SPACE}$"], "minus": "\N{MINUS SIGN}"},
        "time": {"dateTime": "%Y-%m-%d %H:%M", "date": "%Y-%m-%d", "time": "%H:%M", "periods": ["", ""],
                 "days": days["wide"], "shortDays": days["abbreviated"],
                 "months": months["wide"], "shortMonths": months["abbreviated"]},
    }  # fmt: skip


def _names(kind: str, first: int, end: int) -> dict[str, list[str]]:
    known: Locale = french_numbers.FRENCH
    formats = getattr(known, kind)["format"]
    return {width: [formats[width][place] for place in range(first, end)] for width in ("wide", "abbreviated")}


class _Words:
    """Words of one chart; `names` are those in its data, English → French."""

    def __init__(self, translate: Translate, spec: dict[str, Any]) -> None:
        self.translate = translate
        rows = (row for rows in chart_style.data_sets(spec).values() for row in rows)
        texts = dict.fromkeys(text for row in rows for text in row.values() if isinstance(text, str))
        self.names = {text: self.name(text) for text in texts}

    def name(self, text: str) -> str:
        """A name in data."""
        return text if TIME.match(text) else self.translate(text) or text

    def of(self, value: Any, key: str = "", above: str = "") -> Any:
        """Any part of the specification, which stands under `key`, that one under `above`."""
        if key in WORDS or (key == "value" and above == "text"):
            return self.words(value, key, above)
        if isinstance(value, dict):
            parts = {name: self.of(item, name, key) for name, item in self._titled(value, key).items()}
            return parts | self._folded(value.get("labelExpr"))
        if isinstance(value, list):
            if key in NAMES and all(isinstance(item, str) for item in value):
                return [self.name(item) for item in value]
            return [self.of(item, key, above) for item in value]
        return self.expression(value) if isinstance(value, str) and key in EXPRESSIONS else value

    def data(self, value: Any) -> Any:
        """Data, however deep."""
        if isinstance(value, dict):
            return {key: self.data(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.data(item) for item in value]
        return self.names.get(value, value) if isinstance(value, str) else value

    def words(self, value: Any, key: str, above: str) -> Any:
        """A title or text: one line, or lines of one sentence."""
        if isinstance(value, str):
            return self.translate(value) or value
        if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
            width = max(map(len, value)) if len(value) > 1 else TITLE_LETTERS
            return textwrap.wrap(self.name(" ".join(value)), width)
        return self.of(value, "", key)

    def expression(self, text: str) -> str:
        """An expression with the names that it speaks of."""
        if "'C$0'" in text:
            return DOLLARS

        def literal(match: re.Match[str]) -> str:
            inner = json.loads(match[0]) if match[0][0] == '"' else match[0][1:-1]
            if inner == "0%":
                return f"'0{MARKS['percent']}'"
            return json.dumps(self.names[inner], ensure_ascii=False) if inner in self.names else match[0]

        return LITERAL.sub(literal, text)

    def _titled(self, value: dict[str, Any], key: str) -> dict[str, Any]:
        """A tooltip's field with its name as title where it has none."""
        if key == "tooltip" and isinstance(value.get("field"), str) and "title" not in value:
            return {**value, "title": value["field"]}
        return value

    def _folded(self, expression: Any) -> dict[str, Any]:
        """What an axis says of names in several lines, folded anew; nothing for another expression."""
        match = LINES.fullmatch(expression) if isinstance(expression, str) else None
        if not match:
            return {}
        folded = json.loads(match[1])
        width = max(len(line) for lines in folded.values() for line in lines)
        lines = {self.name(name): textwrap.wrap(self.name(" ".join(own)), width) for name, own in folded.items()}
        return {"labelExpr": f"({json.dumps(lines)})[datum.label]", "labelOffset": drawings.centred(lines)}


def script(name: str, data: str, drawing: Drawing | None, through: Translator) -> tuple[str, list[str]]:
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

    members = _members(json.loads(data), translate)
    if "months" in members:
        months = french_numbers.FRENCH.months["format"]["wide"]
        members |= {"months": [months[month] for month in range(1, 13)], "first_of_month": "1er"}
    if "writing" in members:
        members["writing"] = WRITING
        for unit, text in members["suffixes"].items():  # what follows a number
            members["suffixes"][unit] = f"{SPACE if text else ''}{french_numbers.WORDS.get(text.strip(), text.strip())}"
    return str(template_files.json_script(members)), lost


def _members(value: Any, translate: Callable[[str], str], key: str = "") -> Any:
    """A value with its texts translated, that of `key` in an object."""
    if key in SAID and isinstance(value, str):
        return translate(value) if value.strip() else value
    if key in MAPPED:
        return {name: translate(text) for name, text in value.items()}
    if isinstance(value, dict):
        return {name: _members(item, translate, name) for name, item in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict | list):
        return [_members(item, translate) for item in value]
    return value
