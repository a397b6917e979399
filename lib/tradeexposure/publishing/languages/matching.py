"""Rendered English text read back through messages and written in French.

A text is one piece of a page as ``markup`` has it. It is a message, or a message with something in its placeholders,
or several of them side by side, or numbers; what stands in a placeholder is one of these again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tradeexposure.publishing.languages import figures, markup

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PART = re.compile(r"(\{[^{}]*\}|</?\w+>)")
WORDS = re.compile(r"[^\W\d_]{2,}")
OPEN = re.compile(r"<(\w+)(?:#\d+)?>")
IDENTIFIER = re.compile(r"[\w.:*/#@=~&-]*[_./:*#@=][\w.:*/#@=~&-]*|[A-Z]{1,5}\d[\w-]*|[A-Z]{2,}|\W*|[a-z]\d?"
                        r"|<code>[^<]*</code>")
#: Sentences, wherever one may end: those that belong together are put together again.
END = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?]</a>)|(?<=[.!?]</n>)|(?<=[.!?]</em>)|(?<=[.!?]</strong>)|(?<=[.!?][”\")]))(?<!\bNo\.)\s+"
)
LOOSE = (", ", "; ", ": ")  # what a piece may begin with that another has cut off
CLOSING = re.compile(r"\)?\.?$")
MOST_TOGETHER = 6  # sentences that one message may hold once it is filled in
DATED = re.compile(r"(.*[^\W\d]) ((?:19|20)\d\d)")  # a label and a year
#: Placeholders that hold names rather than words.
KEPT = {"{cell}", "{hs}", "{scenario}", "{edition}", "{commit}", "{project}", "{file}", "{anchor}"}
#: Where code puts labels side by side, the widest apart first, and what stands there in French.
JOINTS = ((" · ", " · "), (" – ", " – "), ("; ", "; "), (": ", " : "), (" (", " ("), (", ", ", "), (" and ", " et "),
          (" → ", " → "), (" to ", " à "))  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A message with placeholders, as a pattern of the texts that it becomes."""

    message: str
    told: str

    @cached_property
    def literal(self) -> str:
        """What it says in any case."""
        return markup.TAG.sub("", PLACEHOLDER.sub(" ", self.message))

    @cached_property
    def words(self) -> frozenset[str]:
        """Words of that."""
        return frozenset(WORDS.findall(self.literal))

    @cached_property
    def weight(self) -> int:
        """How much it says: letters without spaces."""
        return len(self.literal.replace(" ", ""))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Its words, placeholders and marks, in their order."""
        return tuple(part for part in PART.split(self.message) if part)

    @cached_property
    def ends(self) -> tuple[str, str]:
        """What it begins and ends with in any case."""
        return tuple("" if part[0] in "{<" else part for part in (self.parts[0], self.parts[-1]))  # type: ignore[return-value]

    def may_be(self, text: str, words: set[str]) -> bool:
        """Whether a text of these words is worth a closer look."""
        first, last = self.ends
        return text.startswith(first) and text.endswith(last) and self.words <= words and self.weight <= len(text)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a text looks like that may be this message."""
        return re.compile("".join(".+?" if part.startswith("{") else _literal(part) for part in self.parts), re.DOTALL)


def _literal(part: str) -> str:
    """A pattern of a part that stands in a text as it is; an opening mark has its number there."""
    return f"{re.escape(part[:-1])}(?:#\\d+)?>" if re.fullmatch(r"<\w+>", part) else re.escape(part)


@lru_cache(maxsize=None)
def _compiled(part: str) -> re.Pattern[str]:
    return re.compile(_literal(part))


class Translator:
    """Text of pages in French, through `messages` (English → French, both as catalogues have them)."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        plain = {message: told for message, told in messages.items() if not PART.search(message)}
        self.exact = {**figures.COUNTRIES, **plain}
        self._by_word: dict[str, list[Template]] = defaultdict(list)
        for message, told in messages.items():
            if PART.search(message):
                one = Template(message, told)
                self._by_word[max(sorted(one.words), key=len, default="")].append(one)
        self._known: dict[str, str | None] = {}
        self._pieces: dict[str, tuple[tuple[str, bool], ...]] = {}

    def text(self, text: str) -> str | None:
        """A piece in French; None where a part of it is no message."""
        found = self.sentences(text)
        return " ".join(told for told, _ in found) if all(known for _, known in found) else None

    def sentences(self, text: str) -> tuple[tuple[str, bool], ...]:
        """A piece, sentence by sentence: in French where it can be, and whether it is."""
        if text not in self._pieces:
            self._pieces[text] = tuple(self._sentences(text))
        return self._pieces[text]

    def _sentences(self, text: str) -> Iterator[tuple[str, bool]]:
        whole = self._one(text)
        if whole is not None:
            yield whole, True
            return
        parts = END.split(text)
        place = 0
        while place < len(parts):
            for count in range(min(MOST_TOGETHER, len(parts) - place), 0, -1):
                found = self._marked(" ".join(parts[place : place + count]))
                if found is not None:
                    yield found, True
                    place += count
                    break
            else:
                yield parts[place], False
                place += 1

    def _marked(self, text: str) -> str | None:
        """Sentences of which the mark that opens or closes belongs to more than them."""
        before, bare, after = "", text, ""
        if (opening := OPEN.match(text)) and f"</{opening[1]}>" not in text:
            before, bare = opening[0], text[opening.end() :]
        if (closing := re.search(r"</(\w+)>$", bare)) and not re.search(rf"<{closing[1]}[#>]", bare):
            bare, after = bare[: closing.start()], closing[0]
        found = self._one(bare)
        return None if found is None else f"{before}{found}{after}"

    def _one(self, text: str) -> str | None:
        """A message, numbers, or messages side by side, in French."""
        text = text.strip()
        if text not in self._known:
            self._known[text] = self._find(text)
        return self._known[text]

    def _find(self, text: str) -> str | None:
        if text[:2] in LOOSE:
            rest = self._one(text[2:])
            return None if rest is None else f"{text[:2]}{rest}"
        wrapped = _wrapped(text)
        if wrapped:
            inner = self._one(wrapped[1])
            return None if inner is None else f"{wrapped[0]}{inner}{wrapped[2]}"
        for way in (self._as_message, self._as_other_case, self._side_by_side):
            found = way(text)
            if found is not None:
                return found
        return None

    def _as_message(self, text: str) -> str | None:
        if text in self.exact:
            return self.exact[text]
        number = figures.french(text)
        if number is not None or IDENTIFIER.fullmatch(text):
            return text if number is None else number
        for one in self._candidates(text):
            told = self._filled(one, text) if one.pattern.fullmatch(text) else None
            if told is not None:
                return told
        return None

    def _candidates(self, text: str) -> list[Template]:
        """Messages that `text` may be, those that say most first."""
        words = set(WORDS.findall(text))
        return sorted((one for word in words for one in self._by_word.get(word, ())
                       if one.may_be(text, words)), key=lambda one: (-one.weight, one.message))  # fmt: skip

    def _filled(self, one: Template, text: str) -> str | None:
        """A message in French with what stands in it; None where some of that is no message."""
        values = next(self._values(one.parts, text), None)
        if values is None:
            return None
        tags: dict[str, list[str]] = defaultdict(list)
        for slot, value in values:
            tags[slot].append(value)
        names = {slot: found[0] for slot, found in tags.items() if slot.startswith("{")}
        parts = [names[part] if part in names else tags[part].pop(0) if tags.get(part) else part
                 for part in PART.split(one.told)]  # fmt: skip
        return "".join(parts)

    def _values(self, parts: tuple[str, ...], text: str) -> Iterator[tuple[tuple[str, str], ...]]:
        """Ways in which `text` is these parts of a message, each with what stands in its placeholders, in French."""
        if not parts:
            if not text:
                yield ()
            return
        first, rest = parts[0], parts[1:]
        if not first.startswith("{"):
            found = _compiled(first).match(text)
            if found:
                for values in self._values(rest, text[found.end() :]):
                    yield ((first, found[0]), *values) if first.startswith("<") and first[1] != "/" else values
            return
        ends = [found.start() for found in _compiled(rest[0]).finditer(text)] if rest else [len(text)]
        for end in (one for one in ends if one):
            told = self._one(text[:end])
            if told is None and first in KEPT:
                told = text[:end]
            if told is not None:
                for values in self._values(rest, text[end:]):
                    yield ((first, told), *values)

    def _as_other_case(self, text: str) -> str | None:
        """A message that begins a line with a capital, or ends one with a full stop, which it has not by itself."""
        bare = text.removesuffix(".")
        end = text[len(bare) :]
        small = bare[:1].lower() + bare[1:]
        large = bare[:1].upper() + bare[1:]
        for other, change in ((bare, str), (small, _capital), (large, _small)):
            if other != text and (told := self._as_message(other)) is not None:
                return change(told) + ("" if told.endswith(".") else end)
        if text[-1:].isalnum() or text.endswith(")"):
            told = self._as_message(f"{text}.")
            return None if told is None else told.removesuffix(".")
        return None

    def _side_by_side(self, text: str) -> str | None:
        """Labels that code puts beside each other."""
        if dated := DATED.fullmatch(text):
            first = self._one(dated[1])
            return None if first is None else f"{first} {dated[2]}"
        for joint, told in JOINTS:
            for place in _places(text, joint):
                first = self._one(text[:place])
                if first is None:
                    continue
                rest = text[place + len(joint) :]
                closing = CLOSING.search(rest)[0] if joint == " (" else ""  # type: ignore[index]
                second = self._one(rest.removesuffix(closing))
                if second is not None:
                    return f"{first}{told}{second}{closing}"
        return None


def _places(text: str, joint: str) -> Iterator[int]:
    """Where `joint` stands in `text` outside of marks that it would tear, the last first."""
    place = text.rfind(joint)
    while place > 0:
        before = text[:place]
        if len(OPEN.findall(before)) == before.count("</"):
            yield place
        place = text.rfind(joint, 0, place)


def _wrapped(text: str) -> tuple[str, str, str] | None:
    """A text that one mark, or quotation marks, hold as a whole: opening, inside, closing."""
    opening = OPEN.match(text) if text[:1] == "<" else None
    if opening and text.endswith(closing := f"</{opening[1]}>"):
        inside = text[opening.end() : -len(closing)]
        if not re.search(rf"</?{opening[1]}[#>]", inside):
            return opening[0], inside, closing
    if text.startswith("“") and text.endswith(("”", "”.")) and text.count("“") == 1:
        inside, _, end = text[1:].rpartition("”")
        return f"«{figures.SPACE}", inside, f"{figures.SPACE}»{end}"
    return None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
