"""Plain words: what a page may not say to a busy reader, as far as a machine can tell.

What is never said, and what is said instead, stands in ``plain_words.yml``, in English and French.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from tradeexposure.core import paths, published_rows, reading
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Listed, Strict, Text, load_yaml
from tradeexposure.core.text import SENTENCE_END
from tradeexposure.data import result_words
from tradeexposure.policy import scenarios
from tradeexposure.reporting import chart_style

LEAD_WORDS, SENTENCE_NUMBERS = 30, 4  # a gain has a value, two ends, and the duty that it is compared with
LEAST_HEADLINES, MOST_HEADLINES = 1, 6
#: Verbs that would make a title an order; the first word of a notebook's name is one too.
ORDERS = {
    "ask", "assess", "brief", "build", "calculate", "check", "choose", "compare", "compute", "describe", "draw",
    "estimate", "explain", "explore", "find", "fit", "forecast", "identify", "look", "map", "measure", "model",
    "predict", "quantify", "read", "report", "run", "set", "show", "simulate", "study", "summarise", "tell", "test",
    "track", "turn", "weigh", "write",
}  # fmt: skip
HOME = Path(__file__).with_suffix(".yml")
MOST_TITLE, MOST_SCENARIO = 80, 45  # letters
#: Sources of messages that are notes on data, which may speak as methods do.
NOTES = ("data/datapackage.json", "data/parameters/", "data/tables/")
#: What kind of range a page shows: said in one sentence.
KIND_OF_RANGE = re.compile(r"\b(?:is|are) not (?:a )?confidence intervals?\b")
AROUND = 12  # letters on both sides of a word by which its line is looked for
#: Technical names that a page needs once, where the plain one is introduced.
ONCE = ("Armington",)
NO_QUANTITY = re.compile(
    r"`[^`]*`|\b(?:19|20)\d\d(?:[-\N{EN DASH}]\d\d(?:\d\d)?)?\b|"
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
QUANTITY = re.compile(r"\d[\d,]*(?:\.\d+)?")
P_VALUE = re.compile(r"\bp[- ]?values?\b|\bp\b\s*(?:=|<|is|of)?\s*\d", re.I)
IDENTIFIER = re.compile(r"`[^`]*`|\b\w+_\w+\b|\b\w+\.(?:csv|py|yml|ipynb|html)\b|\b(?=[a-f]*\d)[0-9a-f]{8,40}\b")
WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")

Cell = Mapping[str, Any]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"a pattern ({error})") from None
    return text


class Never(Strict):
    """A pattern that no text holds, what to `say` instead, and a text that the pattern finds."""

    never: Annotated[Text, AfterValidator(_pattern)]
    say: Text
    such_as: Text


class Words(Strict):
    """The file: what holds `everywhere`, in what pages say in both languages, and in French."""

    everywhere: Listed[Never]
    read_by_all: Listed[Never]
    french: Listed[Never]


@lru_cache(maxsize=1)
def words_never_said() -> Words:
    """What ``plain_words.yml`` holds.

    Raises
    ------
    BadInput
        A pattern that cannot be read, a key that is unknown or missing.
    """
    return load_yaml(HOME).validate(Words)


def never_said(text: str, *lists: tuple[Never, ...]) -> Iterator[tuple[re.Match[str], str]]:
    """Each place of a text that one of the lists bans, and what to say instead."""
    for entry in (entry for entries in lists for entry in entries):
        for match in _banned_pattern(entry.never).finditer(text):
            yield match, entry.say


@cache
def _banned_pattern(never: str) -> re.Pattern[str]:
    return re.compile(never, re.IGNORECASE)


def faults(notebook: Mapping[str, Any], *, name: str) -> list[str]:
    """What the page of an executed notebook (its JSON) says in words that are not plain, one line each.

    Parameters
    ----------
    name : str
        Stem of the notebook's file.
    """
    return [*_titles(notebook, name), *_headline(notebook), *_answer(notebook), *_banned(notebook)]


def message_faults() -> list[str]:
    """What is not plain in what pages say in both languages, one line each, with file and line.

    Of English it is the source's line, of French the catalogue's. Titles of scenarios are measured too.
    """
    banned, problems = words_never_said(), []
    for name in scenarios.names():
        try:
            title = scenarios.load(name).title
        except BadInput as unread:
            problems.append(str(unread))
            continue
        if len(title) > MOST_SCENARIO:
            long = f"the title has {len(title)} letters; at most {MOST_SCENARIO}: {title}"
            problems.append(f"data/scenarios/{name}.yml: {long}")
    for source, english, french_at, french in _messages():
        if not source.startswith(NOTES):
            problems += [f"{_line(source, english, match)}: {_told(english, match, say)}"
                         for match, say in never_said(english, banned.everywhere, banned.read_by_all)]  # fmt: skip
        problems += [f"{french_at or _line(source, french, match)}: {_told(french, match, say)}"
                     for match, say in never_said(french, banned.french)]  # fmt: skip
    return problems


def _messages() -> Iterator[tuple[str, str, str, str]]:
    """Each message of the catalogues: its source and English, where its French stands, and that.

    Labels and names of published numbers have their French beside the English.
    """
    from tradeexposure.publishing.languages import catalogues

    for domain in catalogues.DOMAINS:
        catalogue = paths.relative(catalogues.address(domain))
        for message in (message for message in catalogues.read(domain) if message.id):
            at = f"{catalogue}:{message.lineno}"
            source = message.locations[0][0] if message.locations else at.partition(":")[0]
            yield from ((source, english, at, french) for english, french in catalogues.forms(message))
    for wording in filter(None, map(result_words.of, result_words.names())):
        labels = [pattern.label for pattern in wording.patterns]
        labels += [label for by in wording.file.names.values() for label in by.values()]
        yield from ((wording.document.where, label.en, "", label.fr) for label in labels)


def _line(source: str, text: str, match: re.Match[str]) -> str:
    """The file of a message with the line of a word in it, as far as the message stands on one line there."""
    content = reading.text(paths.CHECKOUT / source)
    lines: list[tuple[str, str]] = []
    if source.endswith(".ipynb"):
        for index, cell in enumerate(json.loads(content)["cells"], 1):  # without its outputs
            place = f"{source}: {_cell(index, cell)}, line"
            lines += [(f"{place} {number}", line) for number, line in enumerate(_text(cell["source"]).splitlines(), 1)]
    else:
        lines = [(f"{source}:{number}", line) for number, line in enumerate(content.splitlines(), 1)]
    near = text[max(match.start() - AROUND, 0) : match.end() + AROUND]
    return next((place for part in (near, match[0]) for place, line in lines if part in line), source)


def _cell(index: int, cell: Cell) -> str:
    return f"cell {index} ({cell.get('id', 'no id')})"


def _told(text: str, match: re.Match[str], say: str) -> str:
    return f"“{match[0]}” in “{text[max(match.start() - 60, 0) : match.end() + 20]}”; say {say}"


def _titles(notebook: Mapping[str, Any], name: str) -> Iterator[str]:
    """Of the page and of its charts."""
    lines = (line for cell in notebook["cells"] for line in _text(cell["source"]).splitlines())
    titles = [("the title", next((line[2:] for line in lines if line.startswith("# ")), ""))]
    for index, cell in enumerate(notebook["cells"], 1):
        shown = (output.get("data", {}).get(chart_style.MIME) for output in cell.get("outputs", []))
        chart = f"{_cell(index, cell)}: the title of a chart"
        titles += [(chart, spec["usermeta"]["title"]) for spec in shown if spec]
    first = titles[0][1].split(" ")[0].lower()
    if first in ORDERS or first == name.split("_")[1]:
        yield f"the title is an order ({titles[0][1]}); make it a question or a finding"
    for which, title in titles:
        if len(title) > MOST_TITLE:
            yield f"{which} has {len(title)} letters; at most {MOST_TITLE}: {title}"


def _headline(notebook: Mapping[str, Any]) -> Iterator[str]:
    """Which results lead the page, once some are published."""
    there = {row["result_id"] for row in published_rows.numbers_of(notebook)}
    named = notebook["metadata"].get("tradeexposure", {}).get("headline", [])
    gone = [key for key in named if key not in there]
    if there and gone:
        allowed = f"numbers that it publishes, such as {min(there)}"
        yield f"metadata tradeexposure.headline: found {', '.join(gone)}; allowed: {allowed}"
    if there and not min(LEAST_HEADLINES, len(there)) <= len(named) <= MOST_HEADLINES:
        yield f"{len(named)} results lead the page; name {LEAST_HEADLINES} to {MOST_HEADLINES} as metadata headline"


def _answer(notebook: Mapping[str, Any]) -> Iterator[str]:
    """First sentence and numbers of the cell tagged `answer`, tables left out."""
    tagged = [cell for cell in notebook["cells"] if "answer" in cell["metadata"].get("tags", [])]
    answers = [_text(output["data"]["text/plain"]) for cell in tagged for output in cell["outputs"]
            if "text/markdown" in output.get("data", {})]  # fmt: skip
    sentences = [sentence for text in answers for sentence in sentences_of(text) if not sentence.startswith("|")]
    for lead in sentences[:1]:
        if words(lead) > LEAD_WORDS:
            yield f"the answer's first sentence has {words(lead)} words; at most {LEAD_WORDS}: {lead}"
        if P_VALUE.search(lead):
            yield f"a p-value in the answer's first sentence; say it further down: {lead}"
        if name := IDENTIFIER.search(lead):
            yield f"an identifier ({name[0]}) in the answer's first sentence; say it further down: {lead}"
    for sentence in sentences:
        if numbers(sentence) > SENTENCE_NUMBERS:
            yield f"{numbers(sentence)} numbers in a sentence of the answer; at most {SENTENCE_NUMBERS}: {sentence}"


def _banned(notebook: Mapping[str, Any]) -> Iterator[str]:
    counts, places = Counter[str](), dict[str, str]()
    for place, text in texts(notebook):
        counts[text] += 1
        places.setdefault(text, place)
    for text, place in places.items():
        for match, say in never_said(" ".join(text.split()), words_never_said().everywhere):
            line = text[: text.find(match[0])].count("\n") + 1 if match[0] in text else 1
            yield f"{place}, line {line}: {_told(' '.join(text.split()), match, say)}"
    kinds = sum(len(KIND_OF_RANGE.findall(text)) * times for text, times in counts.items())
    if kinds > 1:
        yield f"what kind of range is shown stands {kinds} times on the page; say it once"
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


def texts(notebook: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a reader of the page sees, each with its cell: prose, what is said, tables, labels, charts' words."""
    for index, cell in enumerate(notebook["cells"], 1):
        place = _cell(index, cell)
        if cell["cell_type"] == "markdown":
            yield place, re.sub(r"`[^`]*`", "", _text(cell["source"]))
        for output in cell.get("outputs", []):
            yield from ((place, text) for text in _of_output(output.get("data", {})))


def _of_output(data: Mapping[str, Any]) -> Iterator[str]:
    if published_rows.MIME in data:
        yield from (str(row["label"]) for row in data[published_rows.MIME]["rows"])
    elif chart_style.MIME in data:
        spec = data[chart_style.MIME]
        yield from (spec["usermeta"]["title"], spec["description"])
        items = (item for rows in chart_style.data_sets(spec).values() for row in rows for item in row.values())
        yield from dict.fromkeys(item for item in items if isinstance(item, str))  # names in the data, each once
    elif "text/html" in data:
        cells = re.split(r"</(?:t[hdr]|caption)>", _text(data["text/html"]))
        yield from (html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in cells)
    elif "text/markdown" in data and published_rows.TABLE_MIME not in data:
        yield _text(data["text/plain"])


def _text(value: str | list[str]) -> str:
    """A text as one; in a file it may be a list of lines."""
    return value if isinstance(value, str) else "".join(value)
