"""The documentation is short, reachable, names commands and packages that exist; its generated pages are current.

That paths and names in `file.py:name` exist is asked of every Markdown file in ``test_hygiene.py``.
"""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
import typer

from tradeexposure import cli
from tradeexposure.runner import committed_outputs, notebooks

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lib" / "tradeexposure"
GENERATED = ("docs/answers.md", "docs/results.md", "docs/figures.md")
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "lib" / "warmkernel").glob("*.md"),
    ]
)
LONGEST_PAGE, LONGEST_GENERATED = 150, 200  # lines
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
CODE = re.compile(r"^```(?!mermaid)\w*\n(.*?)^```|`([^`\n]+)`|^    ([^\n]+)$", flags=re.M | re.S)
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)\b")
COMMAND = re.compile(r"(?<!import )\btradeexposure(?: --vintage \w+)? ([a-z]+)\b")
OPTION = re.compile(r"\btradeexposure [^`\n]*?(--[a-z]+)")
ROW = re.compile(r"^\| `(\w+)` \| .+ \| (.+) \|$", flags=re.M)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_of(text: str) -> str:
    """What a page shows as code, one piece a line."""
    return "\n".join(part for match in CODE.findall(text) for part in match if part)


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    executed = {
        notebook: notebook.path.read_text("utf-8") for notebook in notebooks.discover() if not notebook.marks.private
    }
    return {named(path): text for path, text in committed_outputs.pages(executed).items()}


@pytest.mark.parametrize("page", ["README.md", *GENERATED])
def test_generated_page_is_that_of_the_committed_notebooks(page: str, generated: dict[str, str]):
    assert (ROOT / page).read_text("utf-8") == generated[page], "run: make outputs"


def test_every_published_number_has_its_stem_in_the_catalogue(generated: dict[str, str]):
    """Second route: counts of the catalogue against the published identifiers themselves."""
    published = (ROOT / "reports" / "published" / "deal_2026" / "results.csv").read_text("utf-8").splitlines()[1:]
    rows = re.findall(r"^\| `([\w.]+)` \| (\d+) \|", generated["docs/results.md"], flags=re.M)
    assert sum(int(number) for _, number in rows) == len(published)
    for stem, number in rows:
        assert sum(line.startswith((f"{stem}.", f"{stem},")) for line in published) == int(number), stem


def test_pages_are_short():
    lines = {named(page): page.read_text("utf-8").count("\n") for page in PAGES}
    longest = {page: LONGEST_GENERATED if page in GENERATED else LONGEST_PAGE for page in lines}
    assert {page: count for page, count in lines.items() if count >= longest[page]} == {}


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        links = [(page.parent / link).resolve() for link in LINK.findall(page.read_text("utf-8"))]
        waiting += [link for link in links if link.suffix == ".md" and link.is_file() and link not in reached]
    assert [named(page) for page in PAGES if page not in reached] == []


def test_commands_exist():
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), flags=re.M))
    command = typer.main.get_command(cli.app)
    options = {option for known in command.commands.values() for parameter in known.params for option in parameter.opts}
    for page in PAGES:
        code = code_of(page.read_text("utf-8"))
        assert set(MAKE.findall(code)) <= targets, named(page)
        assert set(COMMAND.findall(code)) <= set(command.commands), named(page)
        assert set(OPTION.findall(code)) <= options | {"--vintage", "--help"}, named(page)


def test_commands_are_found():
    text = "Run `make gone` or\n\n    tradeexposure lost deal_2026 --never\n\nmake nothing of it."
    code = code_of(text)
    assert (MAKE.findall(code), COMMAND.findall(code), OPTION.findall(code)) == (["gone"], ["lost"], ["--never"])


def without_tests(code: str) -> list[str]:
    """Words behind `-k` in a pytest command by which no test of its place is called."""
    absent = []
    for line in re.findall(r"^.*\bpytest .* -k .*$", code, flags=re.M):
        typed = shlex.split(line)
        places = [ROOT / argument for argument in typed if (ROOT / argument).exists() and argument.startswith("tests")]
        files = [path for place in places for path in ([place] if place.is_file() else place.rglob("test_*.py"))]
        texts = [f"class Test{path.stem}\n{path.read_text('utf-8')}" for path in files]
        for word in set(re.findall(r"\w+", typed[typed.index("-k") + 1])) - {"or", "and", "not"}:
            called = re.compile(rf'(?:def test|class Test)\w*{word}|"{word}"', flags=re.I)
            absent += [word] if not any(map(called.search, texts)) else []
    return absent


def test_commands_and_tests_that_are_asked_for_are_found():
    absent = {named(page): stray for page in PAGES if (stray := without_tests(code_of(page.read_text("utf-8"))))}
    assert absent == {}
    word = "un" + "written"  # which this file holds nowhere
    code = f'python -m pytest tests/rules -k "docs or {word}"\npython -m pytest -n 0 -k {word} tests/rules/test_docs.py'
    assert without_tests(code.replace(word, "commands")) == []
    assert without_tests(code) == [word, word]


def test_architecture_lists_every_package_with_what_it_may_import():
    page = dict(ROW.findall((ROOT / "docs" / "architecture.md").read_text("utf-8")))
    imports = {}
    for path in sorted(PACKAGE.glob("*/__init__.py")):
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        imports[path.parent.name] = docstring.partition("May import: ")[2].partition(".")[0]
    assert page == imports
