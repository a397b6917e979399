"""Rendered English text read back through messages and written in French.

A text is one piece of a page as ``markup`` has it. It is read as the first of these that it can be: a message; a
message in another case; numbers and dates; a message with something in its placeholders, the one that says most
first; several messages side by side. What stands in a placeholder is read in the same way. A reading counts only
where the French holds the numbers of the English and no other (``french_numbers.same_numbers``).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate, pairwise

from tradeexposure.core.text import capital
from tradeexposure.publishing.languages import french_numbers, markup

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PART = re.compile(r"(\{[^{}]*\}|</?\w+>)")
WORDS = re.compile(r"[^\W\d_]{2,}")
OPEN = re.compile(r"<(\w+)(?:#\d+)?>")
OPENING = re.compile(r"(<\w+)>")  # as a message has it, without a number
#: What a heading says of a drawn range, after the axis title.
ENDS = ("{what}: low", "{what}: high", "{what}: low ({span})", "{what}: high ({span})")
#: Names of files, columns and tables, abbreviations, symbols, placeholders alone: the same in any language.
IDENTIFIER = re.compile(
    r"[\w:*/#@=~&-]*\w[._][\w.:*/#@=~&-]*\w|[A-Z]{1,5}\d[\w-]*|[A-Z]{2,}|\W*|[a-z]\d?"
    r"|<code>[^<]*</code>|(?:\{\w+\}|\W)+"
)
#: Sentences, wherever one may end: those that belong together are put together again.
END = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?]</a>)|(?<=[.!?]</n>)|(?<=[.!?]</em>)|(?<=[.!?]</strong>)|(?<=[.!?][”\")]))(?<!\bNo\.)\s+"
)
LOOSE = (", ", "; ", ": ")  # what a piece may begin with that another has cut off
CLOSING = re.compile(r"\)?\.?$")
MOST_TOGETHER = 6  # sentences that one message may hold once it is filled in
DATED = re.compile(r"(.*[^\W\d]) ((?:19|20)\d\d)")  # a label and a year
#: Placeholders that hold names rather than words, and how one looks.
KEPT = {"{cell}", "{hs}", "{scenario}", "{edition}", "{commit}", "{project}", "{file}", "{anchor}"}
NAME = re.compile(r"\S+|[\d., ]+|.*\.\w+")
FIRST = 30  # letters, in which the first word ends
LETTERS_OF_A_WORD = 8  # a message that says no more than one word of so many letters may stand for anything
#: Where code puts labels side by side, the widest apart first, and what stands there in French.
JOINTS = ((" · ", " · "), (" – ", " – "), ("; ", "; "), (": ", f"{french_numbers.SPACE}: "), (" (", " ("),
          (", ", ", "), (" and ", " et "), (" → ", " → "), (" to ", " à "))  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A message with placeholders, as a pattern of the texts that it becomes; two forms in French where it counts."""

    message: str
    french: str | tuple[str, str]

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
    def says_little(self) -> bool:
        """Whether it is placeholders and one short word: only numbers, dates and exact messages stand in such.

        Where that word is one that joins numbers, only numbers and dates.
        """
        return bool(re.fullmatch(rf"\s*[^\W\d_]{{1,{LETTERS_OF_A_WORD}}}\s*", self.literal))

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Its words, placeholders and marks, in their order."""
        return tuple(part for part in PART.split(self.message) if part)

    @cached_property
    def ends(self) -> tuple[str, str]:
        """What it begins and ends with in any case."""
        return tuple("" if part[0] in "{<" else part for part in (self.parts[0], self.parts[-1]))  # type: ignore[return-value]

    @cached_property
    def words_in_order(self) -> tuple[str, ...]:
        """What stands in a text between what is filled in; of an opening mark what comes before its number."""
        return tuple(OPENING.sub(r"\1", part) for part in self.parts if not part.startswith("{"))

    def may_be(self, text: str) -> bool:
        """Whether a text begins and ends as this message does and has its words in their order."""
        first, last = self.ends
        if not (text.startswith(first) and text.endswith(last)):
            return False
        place = 0
        for literal in self.words_in_order:
            start = text.find(literal, place)
            if start < 0:
                return False
            place = start + len(literal)
        return True

    def filled(self, values: Mapping[str, str], count: str) -> Iterator[str]:
        """Parts in French with `values` in them, in the form for the English number `count`."""
        form = self.french if isinstance(self.french, str) else self.french[french_numbers.is_plural(count)]
        return (values.get(part, part) for part in PART.split(form))


def _glued(left: str) -> bool:
    """Whether a placeholder after `left` is an ending, which may be empty and holds no label of its own."""
    return left[-1:].isalpha() or left[-1:] == "}"


def _beginning(part: str, text: str) -> str | None:
    """What `text` begins with where that is this part of a message; an opening mark has its number there."""
    if not OPENING.fullmatch(part):
        return part if text.startswith(part) else None
    mark = OPEN.match(text)
    return mark[0] if mark and mark[1] == part[1:-1] else None


Value = Callable[[str], str | None]
Sentences = tuple[tuple[str, bool], ...]
Slot = tuple[str, str, str]  # part of a message, what stands there, the same in French


class Translator:
    """Text of pages in French, through `messages` (English → French, both as catalogues have them).

    `pieces` are those that were read, as :meth:`sentences` gives them.

    A pair of French texts is the singular and the plural of a message that counts.
    """

    def __init__(self, messages: Mapping[str, str | tuple[str, str]]) -> None:
        self.exact = {**french_numbers.COUNTRIES, **{message: french if isinstance(french, str) else french[1]
                                              for message, french in messages.items()}}  # fmt: skip
        templates = [Template(message, french) for message, french in messages.items() if PART.search(message)]
        common = Counter(word for template in templates for word in template.words)
        self._by_word: dict[str, list[Template]] = defaultdict(list)
        for template in templates:
            if template.words:
                self._by_word[min(sorted(template.words), key=lambda word: common[word])].append(template)
        self._going_on = {pair for message in self.exact for pair in _going_on(message)}
        self._known: dict[str, str | None] = {}
        self.pieces: dict[str, Sentences] = {}

    def text(self, text: str) -> str | None:
        """A piece in French; None where a part of it is no message."""
        sentences = self.sentences(text)
        return " ".join(french for french, _ in sentences) if all(known for _, known in sentences) else None

    def sentences(self, text: str) -> Sentences:
        """A piece, sentence by sentence: in French where it can be, and whether it is."""
        if text not in self.pieces:
            self.pieces[text] = tuple(self._sentences(text))
        return self.pieces[text]

    def _sentences(self, text: str) -> Iterator[tuple[str, bool]]:
        parts = END.split(text)
        ends = [place for place, pair in enumerate(pairwise(parts), 1) if not self._goes_on(*pair)]
        if not ends and (whole := self._message(text)) is not None:
            yield whole, True
            return
        place = 0
        while place < len(parts):
            end = next((end for end in ends if end > place), len(parts))
            for count in range(min(MOST_TOGETHER, end - place), 0, -1):
                french = self._marked(" ".join(parts[place : place + count]))
                if french is not None:
                    yield french, True
                    place += count
                    break
            else:
                yield parts[place], False
                place += 1

    def _goes_on(self, sentence: str, following: str) -> bool:
        """Whether a message may go on where a sentence ends: one that says the words on both sides, or has a
        placeholder on one; before a number or a sign any may.
        """
        last, first = _bare(sentence)[-1:], _bare(following)[:1]
        pairs = {(left, right) for left in (*last, "") for right in (*first, "")}
        return not any(map(WORDS.search, first)) or not self._going_on.isdisjoint(pairs)

    def _marked(self, text: str) -> str | None:
        """Sentences of which the mark that opens or closes belongs to more than them."""
        before, bare, after = "", text, ""
        if (opening := OPEN.match(text)) and f"</{opening[1]}>" not in text:
            before, bare = opening[0], text[opening.end() :]
        if (closing := re.search(r"</(\w+)>$", bare)) and not re.search(rf"<{closing[1]}[#>]", bare):
            bare, after = bare[: closing.start()], closing[0]
        french = self._message(bare)
        return None if french is None else f"{before}{french}{after}"

    def _message(self, text: str) -> str | None:
        """A message, numbers, or messages side by side, in French."""
        text = text.strip()
        if text not in self._known:
            self._known[text] = self._find(text)
        return self._known[text]

    def _find(self, text: str) -> str | None:
        ways = (self._as_exact, self._as_number, self._as_rest, self._as_wrapped, self._as_template, self._side_by_side)
        readings = (french for way in ways if (french := way(text)) is not None)
        candidates = map(french_numbers.with_dates_joined, readings)
        there = {*PLACEHOLDER.findall(text)}  # one that a message misspells would stay in the French
        filled = (french for french in candidates if {*PLACEHOLDER.findall(french)} <= there)
        return next((french for french in filled if french_numbers.same_numbers(text, french)), None)

    def _as_exact(self, text: str) -> str | None:
        for case, change in _cases(text):
            if case in self.exact:
                return change(self.exact[case])
        return None

    def _as_number(self, text: str) -> str | None:
        number = french_numbers.french(text)
        return text if number is None and IDENTIFIER.fullmatch(text) else number

    def _as_rest(self, text: str) -> str | None:
        """What is left of a text of which another message has the beginning."""
        rest = self._message(text[2:]) if text[:2] in LOOSE else None
        return None if rest is None else f"{text[:2]}{rest}"

    def _as_wrapped(self, text: str) -> str | None:
        """A text that one mark, brackets or quotation marks hold as a whole."""
        mark = OPEN.match(text) if text[:1] == "<" else None
        closing = f"</{mark[1]}>" if mark else ""
        if mark and text.endswith(closing) and not re.search(rf"</?{mark[1]}[#>]", text[mark.end() : -len(closing)]):
            opening, inside = mark[0], text[mark.end() : -len(closing)]
        elif text.startswith("(") and text.endswith(")") and text.count("(") == 1:
            opening, inside, closing = "(", text[1:-1], ")"
        elif text.startswith("“") and text.endswith(("”", "”.")) and text.count("“") == 1:
            inside, _, stop = text[1:].rpartition("”")
            opening, closing = f"«{french_numbers.SPACE}", f"{french_numbers.SPACE}»{stop}"
        else:
            return None
        french = self._message(inside)
        return None if french is None else f"{opening}{french}{closing}"

    def _as_template(self, text: str) -> str | None:
        cases = _cases(text)
        for template in self._candidates(text):
            for case, change in (case for case in cases if template.may_be(case[0])):
                french = self._filled(template, case)
                if french is not None and french_numbers.same_numbers(case, french):
                    return change(french)
        return None

    def _candidates(self, text: str) -> list[Template]:
        """Messages that may have the words of `text`: the end of a range, then that which says most first."""
        present = {*WORDS.findall(text), *WORDS.findall(_small(text[:FIRST])), *WORDS.findall(capital(text[:FIRST]))}
        candidates = (template for word in present for template in self._by_word.get(word, ())
                 if template.weight <= len(text) + 1 and template.words <= present)  # fmt: skip
        return sorted(
            candidates,
            key=lambda template: (template.message not in ENDS, -template.weight, template.message),
        )

    def _filled(self, template: Template, text: str) -> str | None:
        """A message in French with what stands in it; None where some of that is no message."""
        for slots in self._values(template.parts, text, self._inside(template)):
            names = {slot: french for slot, _, french in slots if slot.startswith("{")}
            if all(names[slot] == french for slot, _, french in slots if slot in names):
                count = next((english for _, english, _ in slots if re.fullmatch(french_numbers.NUMBER, english)), "")
                marks: dict[str, list[str]] = defaultdict(list)  # as they stand in the text
                for part, mark, _ in slots:
                    marks[part].append(mark)
                parts = (marks[part].pop(0) if part.startswith("<") and marks.get(part) else part
                         for part in template.filled(names, count))  # fmt: skip
                # Without the spaces that an empty placeholder leaves.
                return re.sub(r" +(?=[,.)])", "", re.sub(r" {2,}", " ", "".join(parts))).strip()
        return None

    def _inside(self, template: Template) -> Value:
        """What may stand in the placeholders of a message."""
        if not template.says_little:
            return self._message
        return self._as_number if template.words <= french_numbers.WORDS.keys() else self._simple

    def _simple(self, text: str) -> str | None:
        """A number, a date or an exact message."""
        exact = self._as_exact(text)
        return self._as_number(text) if exact is None else exact

    def _values(self, parts: tuple[str, ...], text: str, value: Value, left: str = "") -> Iterator[tuple[Slot, ...]]:
        """Ways in which `text` is these parts of a message, each with what stands in its placeholders."""
        if not parts:
            if not text:
                yield ()
            return
        first, rest = parts[0], parts[1:]
        if not first.startswith("{"):
            literal = _beginning(first, text)
            if literal is not None:
                for slots in self._values(rest, text[len(literal) :], value, first):
                    yield ((first, literal, literal), *slots) if first.startswith("<") else slots
            return
        for end in _ends(rest, text):
            fits = ": " not in text[:end] if _glued(left) else end > 0
            french = _value(text[:end], first, value) if fits else None
            if french is not None:
                for slots in self._values(rest, text[end:], value, first):
                    yield ((first, text[:end], french), *slots)

    def _side_by_side(self, text: str) -> str | None:
        """Labels that code puts beside each other."""
        if (dated := DATED.fullmatch(text)) and (label := self._message(dated[1])) is not None:
            return f"{label} {dated[2]}"
        for joint, between in JOINTS:
            for place in _places(text, joint):
                first = self._message(text[:place])
                if first is None:
                    continue
                rest = text[place + len(joint) :]
                closing = CLOSING.search(rest)[0] if joint == " (" else ""  # type: ignore[index]
                second = self._message(rest.removesuffix(closing))
                if second is not None:
                    return f"{first}{between}{second}{closing}"
        return None


def _bare(text: str) -> list[str]:
    """What stands between the spaces of a text, without marks."""
    return markup.TAG.sub("", text).split()


def _going_on(message: str) -> Iterator[tuple[str, str]]:
    """What stands on both sides of each place in a message where a sentence may end; nothing for a placeholder."""
    for before, after in pairwise(_bare(message)):
        left, right = ("" if "{" in part else part for part in (before, after))
        if left != right and (not left or END.search(f"{before} {after}")):
            yield left, right


def _cases(text: str) -> list[tuple[str, Callable[[str], str]]]:
    """A text as its message may have it, and what then makes the French one of it.

    A line begins with a capital and ends with a full stop, which a message by itself may lack, or have.
    """
    bare = text.removesuffix(".")
    stop = text[len(bare) :]
    cases: list[tuple[str, Callable[[str], str]]] = [(text, str)]
    for case, change in ((bare, str), (_small(bare), capital), (capital(bare), _small)):
        if stop:
            cases.append((case, partial(_ended, change=change, stop=".")))
        if case != bare:
            cases.append((f"{case}{stop}", change))
        if not stop and (text[-1:].isalnum() or text.endswith(")")):
            cases.append((f"{case}.", partial(_ended, change=change, stop="")))
    return cases


def _ended(french: str, *, change: Callable[[str], str], stop: str) -> str:
    return f"{change(french).removesuffix('.')}{stop}"


def _ends(rest: tuple[str, ...], text: str) -> list[int]:
    """Where a placeholder may end that `rest` of the message follows."""
    if not rest:
        return [len(text)]
    if rest[0].startswith("{"):
        return [match.start() for match in re.finditer(r"(?=[ ,;:(])|$", text)][::-1]  # the longest that is a message
    if OPENING.fullmatch(rest[0]):
        return [mark.start() for mark in OPEN.finditer(text) if mark[1] == rest[0][1:-1]]
    parts = text.split(rest[0])[:-1]
    return [end - len(rest[0]) for end in accumulate(len(part) + len(rest[0]) for part in parts)]


def _value(text: str, slot: str, value: Value) -> str | None:
    """What stands in a placeholder, in French, with the spaces around it."""
    bare = text.strip()
    kept = not bare or (slot in KEPT and NAME.fullmatch(bare))
    french = bare if kept else value(bare)
    return None if french is None else text.replace(bare, french) if bare else text


def _places(text: str, joint: str) -> Iterator[int]:
    """Where `joint` stands in `text` outside of marks that it would tear, the last first."""
    place = text.rfind(joint)
    while place > 0:
        before = text[:place]
        if len(OPEN.findall(before)) == before.count("</"):
            yield place
        place = text.rfind(joint, 0, place)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
