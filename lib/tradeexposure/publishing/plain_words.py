"""Plain words: what a page may not say to a busy reader, as far as a machine can tell."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tradeexposure.core import published_rows
from tradeexposure.core.text import SENTENCE_END
from tradeexposure.reporting import chart_style

LEAD_WORDS, SENTENCE_NUMBERS = 30, 4  # a gain has a value, two ends, and the duty that it is compared with
LEAST_HEADLINES, MOST_HEADLINES = 3, 6
#: Verbs that would make a title an order; the first word of a notebook's name is one too.
ORDERS = {
    "ask", "assess", "brief", "build", "calculate", "check", "choose", "compare", "compute", "describe", "draw",
    "estimate", "explain", "explore", "find", "fit", "forecast", "identify", "look", "map", "measure", "model",
    "predict", "quantify", "read", "report", "run", "set", "show", "simulate", "study", "summarise", "tell", "test",
    "track", "turn", "weigh", "write",
}  # fmt: skip
MINUS = "[\N{MINUS SIGN}-]"
#: What is never said → what is said instead.
BANNED = {
    re.compile(r"\bin that order\b", re.I): "name each thing beside its number",
    re.compile(rf"\b(?:by|change of) {MINUS}(?:C\$)?\d"): "“fell by 66% to 77%”: {id:size_range} in a sentence that "
    "follows the sign",
    re.compile(r"\borigins told apart", re.I): "“origin matters”",
    re.compile(
        r"\b(?:not|cannot|neither|nor|no|never)(?: [\w’']+){0,2} (?:exclude[sd]?|rule[sd]? out|fails?|lacks?|"
        r"un(?:likely|able|known|certain|clear|important)|im(?:possible|probable))\b|\b(?:not|never) without\b",
        re.I,
    ): "what may be: this is a double negation",
}
#: Technical names that a page needs once, where the plain one is introduced.
ONCE = ("Armington",)
NO_QUANTITY = re.compile(
    r"`[^`]*`|\b(?:19|20)\d\d(?:[-\N{EN DASH}]\d\d(?:\d\d)?)?\b|"
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
QUANTITY = re.compile(r"\d[\d,]*(?:\.\d+)?")
P_VALUE = re.compile(r"\bp[- ]?values?\b|\bp\b\s*(?:=|<|is|of)?\s*\d", re.I)
WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")

Cell = Mapping[str, Any]


def faults(notebook: Mapping[str, Any], *, name: str) -> list[str]:
    """What the page of an executed notebook (its JSON) says in words that are not plain, one line each.

    Parameters
    ----------
    name : str
        Stem of the notebook's file.
    """
    return [*_title(notebook, name), *_headline(notebook), *_answer(notebook), *_banned(notebook)]


def _title(notebook: Mapping[str, Any], name: str) -> Iterator[str]:
    title = next((line[2:] for cell in notebook["cells"] for line in _text(cell["source"]).splitlines()
                  if line.startswith("# ")), "")  # fmt: skip
    first = title.split(" ")[0].lower()
    if first in ORDERS or first == name.split("_")[1]:
        yield f"the title is an order ({title}); make it a question or a finding"


def _headline(notebook: Mapping[str, Any]) -> Iterator[str]:
    """Which results lead the page, once some are published."""
    there = {row["result_id"] for row in published_rows.numbers_of(notebook)}
    named = notebook["metadata"].get("tradeexposure", {}).get("headline", [])
    gone = [key for key in named if key not in there]
    if there and gone:
        yield f"headline {', '.join(gone)} was not published"
    if there and not min(LEAST_HEADLINES, len(there)) <= len(named) <= MOST_HEADLINES:
        yield f"{len(named)} results lead the page; name {LEAST_HEADLINES} to {MOST_HEADLINES} as metadata headline"


def _answer(notebook: Mapping[str, Any]) -> Iterator[str]:
    """First sentence and numbers of the cell tagged `answer`."""
    tagged = [cell for cell in notebook["cells"] if "answer" in cell["metadata"].get("tags", [])]
    answers = [_text(output["data"]["text/plain"]) for cell in tagged for output in cell["outputs"]
            if "text/markdown" in output.get("data", {})]  # fmt: skip
    sentences = [sentence for text in answers for sentence in sentences_of(text)]
    for lead in sentences[:1]:
        if words(lead) > LEAD_WORDS:
            yield f"the answer's first sentence has {words(lead)} words; at most {LEAD_WORDS}: {lead}"
        if P_VALUE.search(lead):
            yield f"a p-value in the answer's first sentence; say it further down: {lead}"
    for sentence in sentences:
        if numbers(sentence) > SENTENCE_NUMBERS:
            yield f"{numbers(sentence)} numbers in a sentence of the answer; at most {SENTENCE_NUMBERS}: {sentence}"


def _banned(notebook: Mapping[str, Any]) -> Iterator[str]:
    counts = Counter(" ".join(text.split()) for text in texts(notebook))
    for text in counts:
        for pattern, instead in BANNED.items():
            for match in pattern.finditer(text):
                yield f"“{match[0]}” in “{text[max(match.start() - 60, 0) : match.end() + 20]}”; say {instead}"
    for technical in ONCE:
        count = sum(text.count(technical) * times for text, times in counts.items())
        if count > 1:
            yield f"“{technical}” stands {count} times on the page; introduce the plain name beside it once"


def sentences_of(text: str) -> list[str]:
    """Sentences of a Markdown text, paragraph by paragraph."""
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    return [sentence.strip() for part in parts for sentence in SENTENCE_END.split(part) if sentence.strip()]


def words(text: str) -> int:
    """How many words a sentence has; a number is one."""
    return len(WORD.findall(text))


def numbers(text: str) -> int:
    """How many numbers a sentence asks a reader to hold: dates and code are none, each end of a range is one."""
    return len(QUANTITY.findall(NO_QUANTITY.sub("", text)))


def texts(notebook: Mapping[str, Any]) -> Iterator[str]:
    """What a reader of the page sees, piece by piece: prose, what is said, captions, tables, labels, charts' words."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield re.sub(r"`[^`]*`", "", _text(cell["source"]))
        for output in cell.get("outputs", []):
            yield from _of_output(output.get("data", {}))


def _of_output(data: Mapping[str, Any]) -> Iterator[str]:
    if published_rows.MIME in data:
        yield from (str(row["label"]) for row in data[published_rows.MIME]["rows"])
    elif chart_style.MIME in data:
        yield from _of_chart(data[chart_style.MIME])
    elif "text/html" in data:
        cells = re.split(r"</(?:t[hdr]|caption)>", _text(data["text/html"]))
        yield from (html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in cells)
    elif "text/markdown" in data and published_rows.TABLE_MIME not in data:
        yield _text(data["text/plain"])


def _of_chart(spec: Mapping[str, Any]) -> Iterator[str]:
    """Title, alternative text, and the names in the data, each once."""
    yield spec["usermeta"]["title"]
    yield spec["description"]
    rows = (row for data in spec.get("datasets", {}).values() for row in data)
    yield from dict.fromkeys(item for row in rows for item in row.values() if isinstance(item, str))


def _text(value: str | list[str]) -> str:
    """A text as one; in a file it may be a list of lines."""
    return value if isinstance(value, str) else "".join(value)
