"""The rules a committed notebook keeps: its structure, its size, and the hygiene of its outputs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tradeexposure.core import paths as core_paths
from tradeexposure.publishing import plain_words
from tradeexposure.runner import notebooks

CODE_CELLS, CELL_LINES, CODE_LINES, WORDS_PER_LINE = 34, 15, 300, 4
CLAIM = re.compile(r"book\.(check|rising)\(")  # how a cell claims that a sentence holds
CLAIM_LINES = 60  # of claims, which stand below their sentences and are counted apart from the code that computes
PACKAGE_IMPORTS = 4
COMPREHENSIONS = 2
ESTIMATES, ESTIMATORS = re.compile(r"[0-9]{2}_estimate_"), {"fit_ppml", "ols", "glm"}
CLOSING = ("## Checks", "## The answer", "## Save", "## What this does not show")
#: What the first three of them hold; of a notebook that tabulates scenarios the table is all it hands over.
NEEDED = (("assert", "book.check("), ("book.say(",), ("book.save()", "book.publish_scenarios("))
FORBIDDEN = {
    ast.FunctionDef: "def",
    ast.AsyncFunctionDef: "async def",
    ast.ClassDef: "class",
    ast.For: "for",
    ast.AsyncFor: "async for",
    ast.While: "while",
    ast.Try: "try",
    ast.With: "with",
}
FILES = re.compile(r"^(open|Path|read_\w+|to_csv|to_json|to_excel|to_parquet|write_text|write_bytes|savefig)$")
PATH_TEXT = re.compile(r"^(\.{0,2}/|[A-Za-z]:\\)|\.(csv|json|ya?ml|ipynb|html|xlsx?|parquet)$")
HUMAN_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f-]+)?")
TIMING = ("papermill", "execution", "ExecuteTime")
OUTPUTS = "type: tradeexposure outputs"
# Left out of the search for numbers: code, addresses, dates, years, numbers of tables, a unit.
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
NO_FACT = re.compile(
    r"`[^`]*`|\]\([^)]*\)|https?://\S+|\b\d{4}-\d\d(-\d\d)?\b|\b(19|20)\d\d\b|\b\d\d-\d\d-\d{4}\b"
    rf"|\b\d{{1,2}} ({MONTHS})\b|C\$1,000\b"
)
ISO_DAY, DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b"), re.compile(rf"\b(\d{{1,2}})\s({MONTHS})\s(\d{{4}})\b")
FACT = re.compile(r"(?<![\w.])\d[\d,]*\d(?:\.\d+)?|(?<![\w.])\d\.\d+")
RATE = re.compile(r"(?<![\w.])\d[\d.]*(?=%)|(?<=C\$)\d[\d,]*\d")  # a rate or a sum, in what a cell says
NO_RATE = re.compile(r"\{[^{}]*\}|\b(?:80|90|95|at 5|below 5)%|C\$1,000\b")  # placeholders, levels, a unit
WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’-]*")

Cell = Mapping[str, Any]


def notebooks_check(folder: Path | None = None) -> list[str]:
    """Check every notebook of a folder, ``notebooks/`` by default.

    Returns
    -------
    list of str
        One line per broken rule: notebook, cell (counted from 1 over all cells, with its id), and what to do.

    Raises
    ------
    BadInput
        No notebook, or one that cannot be read.
    """
    paths = core_paths.notebooks(folder)
    checked = [notebooks.read(path) for path in paths] if paths else notebooks.discover()
    problems = [problem for notebook in checked for problem in (*notebook_check(notebook), *plain_check(notebook))]
    if not problems:
        for notebook in checked:
            notebooks.check_format(notebook)
    return problems


def notebook_check(notebook: notebooks.Notebook) -> list[str]:
    """Rules that one notebook breaks, one line each."""
    where, cells = core_paths.relative(notebook.path), list(notebook.content["cells"])
    problems = [f"{where}: {problem}" for problem in (*_file(notebook), *_size(cells))]
    own = (_estimated,) if ESTIMATES.match(notebook.name) else ()
    for rule in (_opening, _closing, _tagged, _facts, _code, _imports, _hygiene, *own):
        for index, problem in rule(cells):
            problems.append(f"{where}: cell {index + 1} ({cells[index].get('id', 'no id')}): {problem}")
    return [f"{line} {notebook.name}" if line.endswith(OUTPUTS) else line for line in problems]


def plain_check(notebook: notebooks.Notebook) -> list[str]:
    """What a notebook's page says in words that are not plain, one line each."""
    where = core_paths.relative(notebook.path)
    return [f"{where}: {problem}" for problem in plain_words.faults(notebook.content, name=notebook.name)]


def _is(cell: Cell, kind: str) -> bool:
    return bool(cell["cell_type"] == kind)


def _codes(cells: list[Cell]) -> list[tuple[int, Cell]]:
    return [(index, cell) for index, cell in enumerate(cells) if _is(cell, "code")]


def _file(notebook: notebooks.Notebook) -> Iterator[str]:
    content = notebook.content
    if not re.fullmatch(r"[0-9]{2}(_[a-z0-9]+){2,}", notebook.name):
        yield "name is not NN_verb_noun.ipynb"
    if (content.get("nbformat"), content.get("nbformat_minor")) < (4, 5):
        yield "older than format 4.5, so without cell ids; save it in JupyterLab"
    metadata = content.get("metadata", {})
    if metadata.get("kernelspec") != notebooks.KERNELSPEC:
        yield f"kernelspec is not {json.dumps(notebooks.KERNELSPEC)}; {OUTPUTS}"
    if "version" in metadata.get("language_info", {}):
        yield f"names a version of Python; {OUTPUTS}"
    foreign = sorted(set(metadata) - {"kernelspec", "language_info", "tradeexposure"})
    if foreign:
        yield f"metadata {', '.join(foreign)}; {OUTPUTS}"


def _size(cells: list[Cell]) -> Iterator[str]:
    codes = [cell for _, cell in _codes(cells)]
    calls = (node for cell in codes for node in _parsed(cell) if CLAIM.match(ast.unparse(node)))
    claimed = sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in calls)
    stripped = (line.strip() for cell in codes for line in notebooks.source(cell).splitlines())
    lines = sum(bool(line) and not line.startswith("#") for line in stripped) - claimed
    count = sum(len(WORD.findall(notebooks.source(cell))) for cell in cells if _is(cell, "markdown"))
    if len(codes) > CODE_CELLS:
        yield f"{len(codes)} code cells; at most {CODE_CELLS}"
    if lines > CODE_LINES:
        yield f"{lines} lines of code; at most {CODE_LINES}: move logic to lib/"
    if claimed > CLAIM_LINES:
        yield f"{claimed} lines of claims; at most {CLAIM_LINES}: claim several things of one sentence at once"
    if count < WORDS_PER_LINE * lines:
        yield f"{count} words for {lines} lines of code; at least {WORDS_PER_LINE} a line"


def _opening(cells: list[Cell]) -> Iterator[tuple[int, str]]:
    """Title and question, what it reads, writes and takes, parameters, imports, in this order."""
    title = notebooks.source(cells[0]) if cells else ""
    headings = [line for line in title.splitlines() if line.startswith("#")]
    if not (_is(cells[0], "markdown") and len(headings) == 1 and title.startswith("# ") and "?" in title):
        yield 0, "is not one heading '# …' and the question"
    table = notebooks.source(cells[1]) if len(cells) > 1 else ""
    if len(cells) > 1 and not all(word in table for word in ("Reads", "Writes", "Takes", "|")):
        yield 1, "is not the table of what the notebook reads, writes and takes"
    codes = _codes(cells)
    if codes and "parameters" not in notebooks.tags(codes[0][1]):
        yield codes[0][0], "the first code cell is not the one tagged parameters"
    for index, cell in codes[:1]:
        for line in notebooks.source(cell).splitlines():
            if line.strip() and not line.startswith("#") and not re.match(r"\w+: \w+.* = .*  # \S", line):
                yield index, f"parameter without annotation or comment: {line.strip()}"


def _closing(cells: list[Cell]) -> Iterator[tuple[int, str]]:
    """The closing sections, in their order, each with what belongs in it."""
    headings = [(index, line) for index, cell in enumerate(cells) if _is(cell, "markdown")
                for line in notebooks.source(cell).splitlines() if line.startswith("## ")]  # fmt: skip
    names = [line.strip() for _, line in headings]
    if names[-len(CLOSING) :] != list(CLOSING):
        yield len(cells) - 1, f"the last sections are not {', '.join(CLOSING)}"
        return
    starts = [index for index, _ in headings[-len(CLOSING) :]]
    sections = [cells[start:end] for start, end in zip(starts, [*starts[1:], len(cells)], strict=True)]
    for start, section, needed in zip(starts, sections, NEEDED, strict=False):
        code = "\n".join(notebooks.source(cell) for cell in section if _is(cell, "code"))
        if not any(call in code for call in needed):
            yield start, f"this section has no {' or '.join(needed)}"
    if any(_is(cell, "code") for cell in sections[-1]):
        yield starts[-1], "code after the results were saved"


def _tagged(cells: list[Cell]) -> Iterator[tuple[int, str]]:
    answers = [index for index, cell in enumerate(cells) if "answer" in notebooks.tags(cell)]
    headlines = [index for index, cell in enumerate(cells) if "headline" in notebooks.tags(cell)]
    if len(answers) != 1 or "book.say(" not in notebooks.source(cells[answers[0]]):
        yield answers[-1] if answers else len(cells) - 1, "not exactly one book.say cell tagged answer"
    if len(headlines) > 1:
        yield headlines[-1], "a second cell tagged headline"
    for previous, index in zip(_codes(cells), _codes(cells)[1:], strict=False):
        if index[0] - previous[0] < 2 and "imports" not in str(index[1].get("id")):
            yield index[0], "no sentence of intent or reading between two code cells"


def _facts(cells: list[Cell]) -> Iterator[tuple[int, str]]:
    """Numbers in Markdown are fixed facts that the next code cell asserts, in whatever power of ten; rates and sums in
    texts of code, and days of a year anywhere, are asserted in any cell.
    """
    everywhere = set().union(*(_asserted(cell) for _, cell in _codes(cells)))
    statements = [ast.unparse(part) for _, cell in _codes(cells) for part in _parsed(cell)]
    days = {day for text in statements if CLAIM.match(text) or text[:7] == "assert " for day in ISO_DAY.findall(text)}
    for index, cell in enumerate(cells):
        if _is(cell, "markdown"):
            text = notebooks.source(cell)
            asserted = next((_asserted(code) for place, code in _codes(cells) if place > index), set())
            for number in FACT.findall(NO_FACT.sub("", text)):
                if _digits(number) not in asserted:
                    yield index, f"{number} is not asserted in the next code cell; assert it, or write it with book.say"
        else:
            text = "\n".join(value for value in _constants(cell) if " " in value)
            for number in RATE.findall(NO_RATE.sub("", text)):
                if _digits(number) not in everywhere:
                    yield index, f"{number} is asserted in no cell; assert it, or write it by its identifier"
        for day, month, year in DAY.findall(text):
            iso = f"{year}-{MONTHS.split('|').index(month) + 1:02}-{int(day):02}"
            if iso not in days:
                yield index, f"{day} {month} {year} is asserted in no cell; assert {iso}, or leave the day out"


def _asserted(cell: Cell) -> set[str]:
    """Digits of the numbers in a cell that asserts or claims; its sentences and days are no fact of their own."""
    numbers = filter(re.compile(r"[\d.,e+-]+%?").fullmatch, _constants(cell))
    asserts = re.search(rf"assert |{CLAIM.pattern}", notebooks.source(cell))
    return {_digits(number) for number in numbers if asserts and not ISO_DAY.match(number)}


def _constants(cell: Cell) -> list[str]:
    nodes = (node for part in _parsed(cell) for node in ast.walk(part))
    return [str(node.value) for node in nodes if isinstance(node, ast.Constant)]


def _digits(number: str) -> str:
    """Significant digits: 84.8% and 0.848 are one fact."""
    return re.sub(r"\D", "", number).strip("0")


def _code(cells: list[Cell]) -> Iterator[tuple[int, str]]:
    for index, cell in _codes(cells):
        text = notebooks.source(cell)
        if len(text.splitlines()) > CELL_LINES:
            yield index, f"{len(text.splitlines())} lines; at most {CELL_LINES}"
        if re.search(r";\s*$", text, re.MULTILINE):
            yield index, "a trailing semicolon; write _ = … to hide a value"
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            yield index, f"no plain Python: {(error.text or '').strip()}"
            continue
        for problem in dict.fromkeys(_statements(tree)):
            yield index, problem


def _statements(tree: ast.AST) -> Iterator[str]:
    nodes = list(ast.walk(tree))
    for node in nodes:
        if type(node) in FORBIDDEN:
            yield f"{FORBIDDEN[type(node)]}: logic belongs in lib/"
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if FILES.match(name):
            yield f"{name}: notebooks read and write no files; use data.load and book.save"
        if name == "summary":
            yield "summary: show a rounded table with tables.show"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and PATH_TEXT.search(node.value.strip()):
            yield f"a path: {node.value.strip()}"
    loops = [node for node in nodes if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)]
    if len(loops) > COMPREHENSIONS or any(len(loop.generators) > 1 for loop in loops):
        yield "comprehensions that carry logic; move it to lib/"


def _imports(cells: list[Cell]) -> Iterator[tuple[int, str]]:
    """All imports in one cell, the second one with code; few of them from the package."""
    for position, (index, cell) in enumerate(_codes(cells)):
        text = notebooks.source(cell)
        has_import = re.search(r"^\s*(import|from)\s", text, re.MULTILINE)
        if position == 1 and not has_import:
            yield index, "the second code cell is not the import cell"
        if position != 1 and has_import:
            yield index, "an import outside the import cell"
        own = len(re.findall(r"^\s*(?:import|from)\s+tradeexposure\b", text, re.MULTILINE))
        if own > PACKAGE_IMPORTS:
            yield index, f"{own} imports from tradeexposure; at most {PACKAGE_IMPORTS}: import its packages"


def _estimated(cells: list[Cell]) -> Iterator[tuple[int, str]]:
    """A notebook that estimates fits its equation in a cell, shows the coefficients, and publishes that fit."""
    statements = [(index, node) for index, cell in _codes(cells) for node in _parsed(cell)]
    fits: dict[str, int] = {}  # name of a fit → its cell
    for index, node in statements:
        called = {ast.unparse(call.func).rpartition(".")[2] for call in ast.walk(node) if isinstance(call, ast.Call)}
        if isinstance(node, ast.Assign) and called & ESTIMATORS:
            fits |= {target.id: index for target in node.targets if isinstance(target, ast.Name)}
    if not fits:
        yield len(cells) - 1, f"no cell fits the equation: call one of {', '.join(sorted(ESTIMATORS))}"
    names = [(node, part) for _, node in statements for part in ast.walk(node) if isinstance(part, ast.Name)]
    for name, index in fits.items():
        uses = {node for node, part in names if part.id == name and isinstance(part.ctx, ast.Load)}
        uses = {node for node in uses if not isinstance(node, ast.Assert)}
        shown = [node for node in uses if ast.unparse(node).startswith("tables.show(")]
        if not shown:
            yield index, f"{name} is not shown below its equation; show its coefficients with tables.show"
        if len(uses) == len(shown):
            yield index, f"{name} is handed to nothing that is published"


def _parsed(cell: Cell) -> list[ast.stmt]:
    try:
        return ast.parse(notebooks.source(cell)).body
    except SyntaxError:  # the rule on code tells it
        return []


def _hygiene(cells: list[Cell]) -> Iterator[tuple[int, str]]:
    """Executed once from top to bottom without an error or timing, with outputs, with ids a person can read."""
    ids = [str(cell.get("id", "")) for cell in cells]
    stale: dict[int, str] = {}  # what :data:`OUTPUTS` mends
    for index, cell in enumerate(cells):
        if not HUMAN_ID.fullmatch(ids[index]) or RANDOM_ID.fullmatch(ids[index]):
            yield index, 'give the cell a readable id, such as parameters: "id" in the file, which JupyterLab hides'
        if ids.index(ids[index]) != index:
            yield index, "the same id as an earlier cell"
        if set(cell.get("metadata", {})) & set(TIMING):
            stale[index] = "timing metadata"
    for number, (index, cell) in enumerate(_codes(cells), start=1):
        if any(output.get("output_type") == "error" for output in cell.get("outputs", [])):
            yield index, f"an error among its outputs; repair it, then {OUTPUTS}"
        if cell.get("execution_count") != number:
            stale.setdefault(index, f"execution count {cell.get('execution_count')}, not {number}")
        elif re.search(r"\bbook\.(say|save)\(|\.show\(", notebooks.source(cell)) and not cell.get("outputs"):
            stale.setdefault(index, "no outputs")
    if stale:  # one line for all that comes of no execution, or of one in JupyterLab
        (index, first), more = next(iter(stale.items())), len(stale) - 1
        yield index, f"{first}{f', and so with {more} more cells' if more else ''}; {OUTPUTS}"
