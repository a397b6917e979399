"""Messages in the sources: whole sentences, labels and headings with named placeholders, by Babel extraction methods.

Each method has Babel's signature: file, keywords, comment tags, options → line, function, message, comments.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import yaml

from tradeexposure.core import strict_yaml, units
from tradeexposure.publishing.languages import markup

Found = Iterator[tuple[int, str, str, list[str]]]

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
#: What a computer reads rather than a person: addresses, paths, identifiers, expressions, colours.
CODE = re.compile(
    r"://|^[#@/\\^.%]|^\S*\.(?:csv|html|ipynb|yml|py|json|xlsx|svg|png|js|css|j2)$|datum\.|window\.|==|indexof\(|[a-z]\(|\\[dsw]"
    r"|^[\w.:*/{}|%-]*[_.:/*|%][\w.:*/{}|%-]*$|^[a-z0-9_.{}-]+$|^[A-Z0-9_]+$|^(?:application|text)/"
    r"|<(?:svg|table|div|tr|td|th|p)\b"
)
#: Strings of code that look like words: markup, and settings of charts.
SETTING = re.compile(r"\w=\"|^(?:fit-[xy]|padding|container|nominal)$|</?svg\b")
TABLES = re.compile(r"(?:\w+_\w+|\{\w+\})(?:; (?:\w+_\w+|\{\w+\}))*")  # names of tables
WORD = re.compile(r"[^\W\d_]{2,}")
#: What bars or bands show, after an axis title: messages of their own, since tables head columns with them.
BARS = re.compile(r"; (bars|band|bands|rule|point|line): |; (?=\{[A-Z]+\}$)")
#: Before a sentence that a caveat may stand before, and the comma or bracket by which a label is put to another.
LOOSE = re.compile(r"^\{\w+\}(?=<)|^[,;:] ?|[,;] ?$")
HANZI = re.compile(r" \([^()]*[\u4e00-\u9fff][^()]*\)")  # a name in Chinese, which not every page repeats
RANGE = re.compile(r"^(?:\W|\d|\b(?:to|and|Q\d)\b)*$")  # numbers and dates alone
#: Statements of a template, and tags of one, in which expressions and statements may stand.
CONTROL = re.compile(r"\{%.*?%\}", flags=re.DOTALL)
JINJA_TAG = re.compile(
    r"<(/?[a-zA-Z]\w*)(?:\{%.*?%\}|\{\{.*?\}\}|\"(?:\{%.*?%\}|\{\{.*?\}\}|[^\"])*\"|[^<>\"])*>", flags=re.DOTALL
)
#: Attributes that are read out or shown.
ATTRIBUTE = re.compile(
    r"\b(?:aria-label|alt|title|data-words|data-copied)=\"((?:\{%.*?%\}|\{\{.*?\}\}|[^\"])*)\"", flags=re.DOTALL
)
#: Columns of frames that stand where words may stand.
FRAME_COLUMNS = {
    "against", "answer", "canada", "canola", "china", "coverage", "crop", "crushed", "date", "datum", "destination",
    "estimate", "ev", "family", "fit", "geo", "good", "measure", "method", "middle", "model", "name", "province",
    "provinces", "quarter", "rebate", "registrations", "source", "span", "specification", "step", "us",
}  # fmt: skip
#: Calls and arguments whose words no reader of a page sees.
UNSEEN_CALLS = {
    "Claim", "Series", "TypeVar", "assign", "check", "compile", "drop", "glm", "isin", "of_study", "ols", "pivot",
    "query", "rename_axis", "result_rows", "rising", "startswith", "sub",
}  # fmt: skip
UNSEEN_ARGUMENTS = {"quantity", "study"}
#: Arguments by which a notebook says something.
SEEN_ARGUMENTS = {"title", "alt", "caption", "x_title", "y_title", "columns", "label", "labels", "groups", "first",
                  "legend"}  # fmt: skip
WHOLE_TAGS = {"answer", "detail", "headline", "front", "print"}
LABEL = 70  # letters: longer strings of a method's cells are sentences of its working text
LIMITS = "What this does not show"


def messages_of(text: str) -> Iterator[str]:
    """Messages in one text of a source: its sentences that hold words."""
    for sentence in (part for piece in markup.of_source(text) for part in BARS.split(piece) if part):
        sentence = markup.bare(LOOSE.sub("", with_names_alone(sentence)))
        rest = re.sub(r"<code>.*?</code>", "", PLACEHOLDER.sub("", sentence))
        if WORD.search(RANGE.sub("", markup.TAG.sub("", rest))):
            yield sentence


def with_names_alone(sentence: str) -> str:
    """Placeholders by name alone, each its own: ``{id:size_full}`` is ``{id}``, a second ``{step}`` is ``{step_2}``."""
    taken: dict[str, str] = {}
    times: Counter[str] = Counter()

    def name(match: re.Match[str]) -> str:
        whole = match[1].replace("!r", "")
        short = whole.partition(":")[0]
        chosen = short if taken.setdefault(short, whole) == whole else whole.replace(":", "_")
        times[chosen] += 1
        return f"{{{chosen}{f'_{times[chosen]}' if times[chosen] > 1 else ''}}}"

    return PLACEHOLDER.sub(name, sentence)


def python(fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Mapping[str, Any]) -> Found:
    """Words in a Python module: strings and f-strings, but for docstrings, errors, keys and names."""
    tree = ast.parse(fileobj.read().decode())
    keyed = set(str(options.get("keys", "")).split())  # names of mappings whose keys are shown
    for mapping in (part.value for part in tree.body if isinstance(part, ast.Assign) and keyed & set(_targets(part))):
        for node in mapping.keys if isinstance(mapping, ast.Dict) else ():
            if node and _plain(node):
                yield node.lineno, "", _text(node), []
    single, only = bool(options.get("single")), set(str(options.get("only", "")).split())
    named = ((part, {*_targets(part)}) for part in tree.body)
    tree.body = [part for part, names in named if "__all__" not in names and (not only or only & names)]
    for node, named_so in _strings(tree):
        text = _text(node)
        if single or seen(text, single=named_so):
            for message in messages_of(text):
                yield node.lineno, "", message, []


def _targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def seen(text: str, *, single: bool) -> bool:
    """Whether a string is meant for readers; `single` allows one word in lower case."""
    text = text.strip()
    bare = PLACEHOLDER.sub("", text)
    if not WORD.search(bare):
        return False
    if text in units.FORMATS or SETTING.search(text) or TABLES.fullmatch(text):
        return False
    if single and re.fullmatch(r"[a-z]+(?:-[a-z]+)*", text):
        return text not in FRAME_COLUMNS
    return not CODE.search(text) and (" " in text or text[0].isupper())


UNREAD = ("annotation", "returns", "decorator_list")  # parts of a statement that reach no page
SILENT = ast.Raise | ast.Assert | ast.Import | ast.ImportFrom | ast.Compare  # their strings reach no page


def _strings(tree: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    """Every string that a module may show, and whether it is a value of a table of names."""
    if isinstance(tree, SILENT) or (isinstance(tree, ast.Expr) and _plain(tree.value)):
        return
    if isinstance(tree, ast.JoinedStr) or (isinstance(tree, ast.Constant) and _plain(tree)):
        yield tree, False
        for part in getattr(tree, "values", ()):
            if isinstance(part, ast.FormattedValue):
                yield from _strings(part.value)
    elif isinstance(tree, ast.Dict):
        for value in tree.values:
            yield from (((string, True) for string, _ in _strings(value)) if _plain(value) else _strings(value))
    elif isinstance(tree, ast.Call):
        yield from _arguments(tree)
    elif isinstance(tree, ast.Subscript):
        yield from _strings(tree.value)
    else:
        fields = [part for name, part in ast.iter_fields(tree) if name not in UNREAD]
        for part in (item for field in fields for item in (field if isinstance(field, list) else [field])):
            yield from _strings(part) if isinstance(part, ast.AST) else ()


def _plain(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _arguments(call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
    yield from _strings(call.func)
    if _called(call) in UNSEEN_CALLS:
        return
    for argument in call.args:
        yield from _strings(argument)
    for keyword in call.keywords:
        if keyword.arg in SEEN_ARGUMENTS and _plain(keyword.value):
            yield keyword.value, True
        elif keyword.arg not in UNSEEN_ARGUMENTS:
            yield from _strings(keyword.value)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _text(node: ast.expr) -> str:
    """A string as a template: expressions of an f-string are placeholders named after them."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    parts = [f"\x01{_name(part.value)}\x02" if isinstance(part, ast.FormattedValue) else str(getattr(part, "value", ""))
             for part in getattr(node, "values", ())]  # fmt: skip
    text = "".join(parts)
    inner = re.compile(r"\{([^{}]*\x01[^{}]*)\}")
    text = inner.sub(lambda match: f"{{{match[1]}}}".replace("\x01", "").replace("\x02", ""), text)
    return text.replace("\x01", "{").replace("\x02", "}")


def _name(node: ast.expr) -> str:
    """The name of a placeholder: that of the variable, attribute, key or function of an expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return (
            node.attr
            if node.attr not in ("text", "bare", "full", "plain", "span", "title", "words")
            else _name(node.value)
        )
    if isinstance(node, ast.Subscript):
        return (
            _text(node.slice)
            if _plain(node.slice)
            else _name(node.slice if isinstance(node.slice, ast.Name) else node.value)
        )
    if isinstance(node, ast.Call):
        return _name(node.args[0]) if node.args and not _plain(node.args[0]) else _name(node.func)
    if isinstance(node, ast.IfExp):
        return _name(node.body) if not _plain(node.body) else _name(node.test)
    inner = next((part for part in ast.walk(node) if isinstance(part, ast.Name)), None)
    return inner.id if inner else "value"


def notebook(fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Mapping[str, Any]) -> Found:
    """Words of a notebook: all of one that is `whole`, else title, question, headings, limits, charts and tables."""
    whole = str(options.get("whole", "")).lower() == "true"
    section = ""
    for number, cell in enumerate(json.load(fileobj)["cells"], 1):
        source, tags = "".join(cell["source"]), set(cell["metadata"].get("tags", ()))
        if cell["cell_type"] == "markdown":
            section = (re.findall(r"^## +(.+)$", source, flags=re.MULTILINE) or [section])[-1]
            opening = number == 1 or whole or bool(tags & WHOLE_TAGS) or section == LIMITS
            shown = source if opening else "\n\n".join(re.findall(r"^##? .+$", source, flags=re.MULTILINE))
            texts: Sequence[str] = [shown]
        elif "parameters" in tags or cell["cell_type"] != "code":
            continue
        else:
            texts = list(_of_code(source, whole=whole or bool(tags & WHOLE_TAGS)))
        for text in texts:
            for message in messages_of(text):
                yield number, "", message, []


def _of_code(source: str, *, whole: bool) -> Iterator[str]:
    """Words in a cell's code: all of them, or those of titles, captions and headings."""
    tree = ast.parse(source)
    texts = [text for node, single in _strings(tree) if seen(text := _text(node), single=single)]
    keys = (key for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys if key and _plain(key))
    texts += [text for key in keys if " " in (text := _text(key)) and seen(text, single=False)]
    if whole:
        yield from texts
        return
    yield from (text for text in texts if len(text) <= LABEL and not re.search(r"[{\n]", text))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) not in UNSEEN_CALLS):
        for keyword in call.keywords:
            if keyword.arg in SEEN_ARGUMENTS:
                yield from (text for node, _ in _strings(keyword.value) if seen(text := _text(node), single=True))


def template(fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Mapping[str, Any]) -> Found:
    """Words of a page's template: text between blocks and control statements, and attributes that are read out."""
    source = re.sub(r"\{#.*?#\}", "", fileobj.read().decode(), flags=re.DOTALL)
    source = re.sub(r"<(script|style)\b.*?</\1>|<!DOCTYPE[^>]*>", "", source, flags=re.DOTALL)
    pieces: list[tuple[int, str]] = []

    def marked(tag: re.Match[str]) -> str:
        line = source.count("\n", 0, tag.start()) + 1
        for value in ATTRIBUTE.findall(tag[0]):
            pieces.extend((line, _filled(part)) for part in CONTROL.split(value))
        return markup.mark(tag[1], tag[0]) + "\n" * tag[0].count("\n")

    for call in re.finditer(r"\{\{ *(?:numbers|listed)\((.*?)\) *\}\}", source):
        line = source.count("\n", 0, call.start()) + 1
        pieces += [(line, label) for label in re.findall(r"\"([A-Z][^\"]*)\"", call[1])]
    text = JINJA_TAG.sub(marked, source)
    line = 1
    for part in re.split(f"({CONTROL.pattern})", text):
        if not part.startswith("{%"):
            pieces += [(line, piece) for piece in markup.pieces(_filled(part))]
        line += part.count("\n")
    for line, piece in pieces:
        for message in messages_of(_balanced(piece)):
            yield line, "", message, []


def _filled(text: str) -> str:
    """Text of a template with named placeholders in the place of its expressions, without those that write markup."""

    def named(written: re.Match[str]) -> str:
        """``{{ edition.title or edition.scenario }}`` as ``{title}``."""
        names = re.findall(r"[a-z_]+", re.sub(r"\"[^\"]*\"", "", written[1].partition("|")[0].partition(" or ")[0]))
        return f"{{{names[-1] if names else 'value'}}}"

    return re.sub(r"\{\{(.*?)\}\}", named, re.sub(r"\{\{ *switch\b.*?\}\}", "", text), flags=re.DOTALL)


def _balanced(text: str) -> str:
    """`text` without tags that open or close nothing in it."""
    for name in set(markup.TAG.findall(text)):
        if text.count(f"<{name}>") != text.count(f"</{name}>"):
            text = text.replace(f"<{name}>", "").replace(f"</{name}>", "")
    whole = re.fullmatch(r"<(\w+)>(.*)</\1>", text)
    return whole[2] if whole and f"<{whole[1]}>" not in whole[2] else text


def data(fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Mapping[str, Any]) -> Found:
    """Words of a file of facts: values of the keys in the option ``keys``, whatever is above them.

    What is marked ``private: true`` is left out, or with the option ``private`` all else.
    """
    keys = set(str(options["keys"]).split())
    but = set(str(options.get("but", "")).split())
    document = yaml.compose(fileobj.read().decode(), Loader=strict_yaml.Loader)
    split = set(str(options.get("split", "")).split())
    own = bool(options.get("private"))
    parts = _private_parts(document) if own else [document]
    for line, text, key in (value for part in parts for value in _values(part, keys, but, own=own)):
        for part in text.split("; ") if key in split else [text.replace("`", "")]:
            if WORD.search(part):
                for spelled in dict.fromkeys((part, HANZI.sub("", part))):
                    for message in messages_of(spelled):
                        yield line, "", message, []


def table(fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Mapping[str, Any]) -> Found:
    """Words in the cells of a table's ``columns``, without what stands in brackets."""
    rows = csv.DictReader(fileobj.read().decode().splitlines())
    for line, row in enumerate(rows, 2):
        for name in str(options["columns"]).split():
            for message in messages_of(re.sub(r" \([^)]*\)", "", row[name])):
                yield line, "", message, []


def _is_private(node: yaml.MappingNode) -> bool:
    return any(key.value == "private" and value.value == "true" for key, value in node.value)


def _private_parts(node: Any) -> Iterator[yaml.MappingNode]:
    """What is marked as private in a file, or the whole of it."""
    if isinstance(node, yaml.MappingNode) and _is_private(node):
        yield node
    elif isinstance(node, yaml.CollectionNode):
        for item in node.value:
            yield from _private_parts(item[1] if isinstance(item, tuple) else item)


def _values(
    node: Any, keys: set[str], but: set[str], *, within: str = "", own: bool = False
) -> Iterator[tuple[int, str, str]]:
    """Line, text and key of every text below one of `keys`; of a private part where it is one's `own`."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value if own or not _is_private(node) else ():
            if key.value not in but:
                yield from _values(value, keys, but, within=key.value if key.value in keys else within)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _values(item, keys, but, within=within)
    elif within and isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str"):
        yield node.start_mark.line + 1, str(node.value), within
