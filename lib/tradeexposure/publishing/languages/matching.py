"""Rendered English text read back through messages and written in French.

A text is one piece of a page as ``markup`` has it. It is a message, or a message with something in its placeholders,
or several of them side by side, or numbers; what stands in a placeholder is one of these again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from tradeexposure.publishing.languages import figures, markup

Way = Callable[[str], "str | None"]

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PART = re.compile(r"((?:\{[^{}]*\})+|</?\w+>)")  # placeholders side by side are one
WORDS = re.compile(r"[^\W\d_]{2,}")
OPEN = re.compile(r"<(\w+)(?:#\d+)?>")
#: What is the same in each language: identifiers, codes, single letters, code, a message's placeholders alone.
IDENTIFIER = re.compile(
    r"(?!\w+[.:]$)[\w.:*/#@=~&-]*[_./:*#@=][\w.:*/#@=~&-]*|[A-Z]{1,5}\d[\w-]*|[A-Z]{2,}|\W*|[a-z]\d?"
    r"|<code>[^<]*</code>|(?:\{\w+\}|\W)+"
)
#: Sentences, wherever one may end: those that belong together are put together again.
END = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?]</a>)|(?<=[.!?]</n>)|(?<=[.!?]</em>)|(?<=[.!?]</strong>)|(?<=[.!?][”\")]))(?<!\bNo\.)\s+"
)
LOOSE = (", ", "; ", ": ")  # what a piece may begin with that another has cut off
CLOSING = re.compile(r"\)?\.?$")
WEAK = 7  # letters; a message that has no more of its own may be read into many texts
MOST_TOGETHER = 6  # sentences that one message may hold once it is filled in
DATED = re.compile(r"(.*[^\W\d]) ((?:19|20)\d\d)")  # a label and a year
ORIGINAL = re.compile(r" \([\u3400-\u9fff\d]+\)")  # a title in Chinese, which some pages leave out
NAME = re.compile(r"[^<>.;:]{1,80}|[\w./-]+")
#: Placeholders that hold names rather than words.
KEPT = {"{cell}", "{hs}", "{scenario}", "{edition}", "{commit}", "{project}", "{file}", "{anchor}"}
#: Where code puts labels side by side, the widest apart first, and what stands there in French.
JOINTS = (
    (" · ", " · "), ("; for ", "; pour "), (" – ", " – "), ("; ", "; "), (": ", " : "), (" (", " ("), (", ", ", "),
    (" and ", " et "), (" → ", " → "), (" to ", " à "),
)  # fmt: skip


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
        return re.compile("".join(".*?" if part.startswith("{") else _literal(part) for part in self.parts), re.DOTALL)


def _literal(part: str) -> str:
    """A pattern of a part that stands in a text as it is; an opening mark has its number there."""
    return f"{re.escape(part[:-1])}(?:#\\d+)?>" if re.fullmatch(r"<\w+>", part) else re.escape(part)


def _next(values: list[str]) -> str:
    """The next of the values of a placeholder or mark, in their order; the last one as often as it is wanted."""
    return values.pop(0) if len(values) > 1 else values[0]


@cache
def _compiled(part: str) -> re.Pattern[str]:
    return re.compile(_literal(part))


class Translator:
    """Text of pages in French, through `messages` (English → French, both as catalogues have them)."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self.messages = messages
        self.exact = {**figures.COUNTRIES, **messages}
        self.exact |= {ORIGINAL.sub("", message): ORIGINAL.sub("", told)
                       for message, told in messages.items() if ORIGINAL.search(message)}  # fmt: skip
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
            if inner is not None:
                return f"{wrapped[0]}{inner}{wrapped[2]}"
        for way in (self._exactly, self._strongly, self._as_number, self._side_by_side, self._weakly):
            found = way(text)
            if found is not None:
                return found
        return None

    def _exactly(self, text: str) -> str | None:
        return self._in_cases(text, self.exact.get)

    def _strongly(self, text: str) -> str | None:
        return self._in_cases(text, lambda one: self._template(one, self._one, weak=False))

    def _weakly(self, text: str) -> str | None:
        """A message that says little by itself, such as ``{cars} of {quota}``: what stands in it is no other such."""
        return self._in_cases(text, lambda one: self._template(one, self._plainly, weak=True))

    def _plainly(self, text: str) -> str | None:
        return self._exactly(text) or self._as_number(text)

    def _as_number(self, text: str) -> str | None:
        number = figures.french(text)
        return text if number is None and IDENTIFIER.fullmatch(text) else number

    def _in_cases(self, text: str, way: Way) -> str | None:
        """A text as it is; or one that a capital at its beginning, or a full stop at its end, sets apart from it."""
        found = way(text)
        if found is not None or not text:
            return found
        bare = text.removesuffix(".")
        end = text[len(bare) :]
        small, large = bare[:1].lower() + bare[1:], bare[:1].upper() + bare[1:]
        for other, change in ((bare, str), (small, _capital), (large, _small)):
            if other != text and (told := way(other)) is not None:
                return change(told) + ("" if told.endswith(".") else end)
        if text[-1:].isalnum() or text.endswith(")"):
            told = way(f"{text}.")
            return None if told is None else told.removesuffix(".")
        return None

    def _template(self, text: str, inside: Way, *, weak: bool) -> str | None:
        for one in self._candidates(text):
            if (one.weight <= WEAK) == weak and one.pattern.fullmatch(text):
                told = self._filled(one, text, inside)
                if told is not None:
                    return told
        return None

    def _candidates(self, text: str) -> list[Template]:
        """Messages that `text` may be, those that say most first."""
        words = set(WORDS.findall(text))
        return sorted((one for word in words for one in self._by_word.get(word, ())
                       if one.may_be(text, words)), key=lambda one: (-one.weight, one.message))  # fmt: skip

    def _filled(self, one: Template, text: str, inside: Way) -> str | None:
        """A message in French with what stands in it; None where some of that is no message."""
        values = next(self._values(one.parts, text, inside), None)
        if values is None:
            return None
        slots: dict[str, list[str]] = defaultdict(list)
        for slot, value in values:
            slots[slot].append(value)
        if any(slot not in one.told for slot in slots):
            for slot in [slot for slot in slots if slot.count("{") > 1]:  # apart in French: the last of them holds all
                *before, last = PLACEHOLDER.finditer(slot)
                slots |= {last[0]: slots.pop(slot), **{empty[0]: [""] for empty in before}}
        told = [_next(slots[part]) if slots.get(part) else part for part in PART.split(one.told)]
        return None if any(part.startswith("{") and part in one.told for part in told) else "".join(told)

    def _values(self, parts: tuple[str, ...], text: str, inside: Way) -> Iterator[tuple[tuple[str, str], ...]]:
        """Ways in which `text` is these parts of a message, each with what stands in its placeholders, in French."""
        if not parts:
            if not text:
                yield ()
            return
        first, rest = parts[0], parts[1:]
        if not first.startswith("{"):
            found = _compiled(first).match(text)
            if found:
                for values in self._values(rest, text[found.end() :], inside):
                    yield ((first, found[0]), *values) if first.startswith("<") and first[1] != "/" else values
            return
        ends = [found.start() for found in _compiled(rest[0]).finditer(text)] if rest else [len(text)]
        for end in (*filter(None, ends), *([0] if 0 in ends else ())):
            told = inside(text[:end].strip()) if end else ""
            if told is None and first in KEPT and NAME.fullmatch(text[:end]):
                told = text[:end]
            if told is not None:
                for values in self._values(rest, text[end:], inside):
                    yield ((first, told), *values)

    def _side_by_side(self, text: str) -> str | None:
        """Labels that code puts beside each other."""
        if (dated := DATED.fullmatch(text)) and (first := self._one(dated[1])) is not None:
            return f"{first} {dated[2]}"
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
