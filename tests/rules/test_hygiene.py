"""What the project keeps to everywhere: notebooks as executed, no trace of a machine, true paths."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from trees import code_cells, committed_notebooks, defines, imports_of

from tradeexposure.publishing.languages import catalogues
from tradeexposure.runner import notebooks

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = committed_notebooks()

# Each part begins with one sign, which is looked for quickly; what stands before it is looked at afterwards.
MACHINE_PATH = re.compile(r"/(?<![\w.~$})*-]/)(?:work|root|home|tmp|Users|opt|mnt)/\w|:(?<=[A-Z]:)\\\\?Users\\")
REGISTRY = re.compile(
    r"\.(?:(?<=pypi\.)(?:org|python)|(?<=pythonhosted\.)org|(?:(?<=npmjs\.)|(?<=anaconda\.))(?:org|com)|(?<=crates\.)io)"
)

FOLDERS = r"lib|data|docs|notebooks|reports|tests|tools|benchmarks|\.ci"
NAMED_PATH = re.compile(rf"(?<![\w/.:-])(?:{FOLDERS})/[\w./*<>{{}}-]*\w/?(?::\w+)?")
NAMED_FILE = re.compile(r"`([\w./-]+\.(?:py|md|yml|toml|csv|ipynb|html|json|lock|sh|cff)(?::[\w.]+)?)`")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
REFERENCE = re.compile(r":(func|class|meth|mod|data|attr|exc):`~?([\w.]+)`")
PLACEHOLDER = re.compile(r"[<>{}]|\bNN_|\b(?:NAME|SCENARIO|PLACE|YEAR)\b")
PACKAGE = ROOT / "lib" / "tradeexposure"  # pages name its modules from here
REMOVED = re.compile(r"^    rm -\w+ (.+)$", flags=re.M)  # the page had its reader begin it
MADE = re.compile(r"^(?:\.venv|reports/(?:_build|private))(?:/|$)")


@cache
def tracked() -> tuple[Path, ...]:
    """Files that git has, or would have after `git add`, without scenarios, notebooks and facts of one's own."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    drafts = {path for path in catalogues.private_texts() if path.suffix != ".json"}
    return tuple(path for name in sorted(set(names)) if name and (path := ROOT / name).is_file() and path not in drafts)


def tracked_text(ending: str = "") -> Iterator[tuple[str, str]]:
    """Name and text of every tracked file that is text and whose name has an ending."""
    for path in (path for path in tracked() if path.name.endswith(ending)):
        content = path.read_bytes()
        if b"\0" not in content[:8000] and not content.startswith(b"%PDF"):
            yield path.relative_to(ROOT).as_posix(), content.decode("utf-8")


def test_notebooks_keep_to_their_anatomy():
    from tradeexposure.runner import notebook_rules

    shipped = tuple(f"notebooks/{path.name}:" for path in NOTEBOOKS)  # of a draft `check` says it
    broken = notebook_rules.notebooks_check(ROOT / "notebooks")
    assert len(shipped) > 8 and [line for line in broken if line.startswith(shipped)] == []


def test_what_a_refresh_can_move_is_a_claim_that_names_the_number():
    """A bare assertion is left to days and rates of the law, choices, quoted figures and sums of a notebook's own."""
    sources = (cell.source for path in NOTEBOOKS for cell in code_cells(path))
    assert sum(len(re.findall(r"^assert ", source, re.MULTILINE)) for source in sources) <= 14


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_hides_nothing_from_the_comparison_and_records_no_machine(path: Path):
    """Beyond what its anatomy asks: format, kernel, no error and no time."""
    cells = code_cells(path)
    assert cells[-1].outputs, "the last code cell publishes the results"
    assert sum(bool(cell.outputs) for cell in cells) >= len(cells) // 2
    assert all(set(cell["metadata"]) <= {"tags"} for cell in notebooks.read(path).content["cells"])
    for cell in cells:
        marks = {tag.replace("_", "-").lower() for tag in cell.metadata.get("tags", [])}
        assert not {mark for mark in marks if mark.startswith("nbval") or mark == "raises-exception"}, cell.id
        assert "NBVAL_" not in cell.source, cell.id
        assert not [output for output in cell.outputs if output.output_type == "stream"], cell.id
        kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
        assert not kinds & {"image/png", "image/jpeg"}, f"{cell.id}: pictures are not compared"


def test_text_names_no_machine_and_no_package_registry_and_ends_lines_one_way():
    named, wrong = [], []
    for name, text in tracked_text():
        matches = [match for pattern in (MACHINE_PATH, REGISTRY) for match in pattern.finditer(text)]
        named += [f"{name}: …{text[max(match.start() - 30, 0) : match.end() + 30]!r}…" for match in matches]
        wrong += [name] if "\r" in text or (text and not text.endswith("\n")) else []
    assert named == wrong == []


def paths_named_in(text: str) -> set[str]:
    """Paths of the project that a Markdown text names; placeholders, what make builds and what it removes left out."""
    removed = {path for line in REMOVED.findall(text) for path in line.split()}
    named = {match[0] for match in NAMED_PATH.finditer(text)}
    named |= set(NAMED_FILE.findall(text)) | set(LINK.findall(text))
    return {name for name in named - removed if not PLACEHOLDER.search(name) and not MADE.match(name)}


def is_there(name: str, beside: Path) -> bool:
    """Whether a path exists, seen from the project, the package or the naming file; in `file.py:name` the name too."""
    place, _, dotted = name.partition(":")
    wanted = place.rstrip("/").removeprefix("./")
    bases = (ROOT, PACKAGE, beside)
    hits = (base.glob(wanted) if "*" in wanted else [base / wanted] for base in bases)
    files = [hit for each in hits for hit in each if hit.exists()]
    if not files and "/" not in place:
        files = [path for path in tracked() if path.name == place]
    if not dotted:
        return bool(files)
    return any(defines(hit.read_text("utf-8"), dotted) for hit in files if hit.suffix == ".py")


def test_paths_named_in_markdown_exist():
    pages = [path for path in tracked() if path.suffix == ".md"]
    missing = [
        f"{page.relative_to(ROOT).as_posix()}: {name}"
        for page in pages
        for name in sorted(paths_named_in(page.read_text("utf-8")))
        if not is_there(name, page.parent)
    ]
    assert ROOT / "README.md" in pages
    assert missing == []
    text = "See `results.csv`, lib/gone.py, [x](data/gone/) and `data/tables/NAME.csv`; `a.py:f`, <https://a.b/lib/c>."
    text += "\n\n    tradeexposure new table mine\n    rm -f data/tables/mine.csv\n\nUntil then data/tables/mine.csv."
    assert paths_named_in(text) == {"results.csv", "lib/gone.py", "data/gone/", "a.py:f"}
    assert not is_there("lib/gone.py", ROOT)
    assert is_there("tests/rules/test_hygiene.py:is_there", ROOT)
    assert not is_there("tests/rules/test_hygiene.py:gone", ROOT)
    assert is_there("core/errors.py:BadInput", ROOT)
    assert is_there("reporting/results_book.py:Book.say", ROOT)
    assert not is_there("reporting/results_book.py:Book.gone", ROOT)
    assert is_there("reporting/results_book.py:say", ROOT)
    assert not is_there("reporting/results_book.py:Book.Book", ROOT)
    assert is_there("../README.md", ROOT / "docs")
    assert not is_there("../gone.md", ROOT / "docs")


@cache
def modules() -> dict[str, list[tuple[str, str]]]:
    """Last part of a module's name → whole name and text of every module and package that ends so."""
    by_end: dict[str, list[tuple[str, str]]] = {}
    for name, text in tracked_text(".py"):
        parts = name.removesuffix(".py").removesuffix("/__init__").split("/")
        by_end.setdefault(parts[-1], []).append((".".join(["", *parts]), text))
    return by_end


def is_referred_to(kind: str, dotted: str, code: str) -> bool:
    """Whether a reference in the text of a module leads somewhere: in it, by its imports, from some module on."""
    first, dot, rest = dotted.partition(".")
    if defines(code, dotted):
        return True
    if not dot and kind != "mod":
        return first in imports_of(code)
    parts = (imports_of(code).get(first, first) + dot + rest).split(".")
    return any(
        not inner or defines(text, ".".join(inner)) or inner[0] in imports_of(text)
        for place in range(1, len(parts) + 1)
        for whole, text in modules().get(parts[place - 1], ())
        if whole.endswith("." + ".".join(parts[:place]))
        for inner in [parts[place:]]
    )


def test_names_referred_to_in_code_exist():
    missing = [
        f"{name}: {match[0]}"
        for name, code in tracked_text(".py")
        for match in REFERENCE.finditer(code)
        if not is_referred_to(match[1], match[2], code)
    ]
    assert missing == []
    code = "from core.errors import BadInput\nfrom tradeexposure.reporting import numbers as shown\ndef here(): ..."
    for kind, dotted in (
        ("func", "here"), ("class", "BadInput"), ("class", "shown.Number"), ("attr", "shown.Number.prose"),
        ("mod", "seasonal_paths"), ("func", "stacking.combine"), ("meth", "tradeexposure.reporting.Book.say"),
    ):  # fmt: skip
        assert is_referred_to(kind, dotted, code), dotted
    for kind, dotted in (
        ("func", "gone"), ("func", "seasonal_paths"), ("mod", "gone"), ("func", "stacking.gone"),
        ("attr", "shown.Number.gone"), ("func", "tradeexposure.policy.scenario_schema.check"),
    ):  # fmt: skip
        assert not is_referred_to(kind, dotted, code), dotted


def test_each_dependency_is_named_once():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = [
        *pyproject["project"]["dependencies"],
        *(name for extra in pyproject["project"]["optional-dependencies"].values() for name in extra),
        *pyproject["dependency-groups"]["dev"],
    ]
    assert len(listed) == len({re.split(r"[^\w-]", name)[0].lower() for name in listed})


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("ruff", "check", "."), id="ruff-check"),
        pytest.param(("ruff", "format", "--check", "."), id="ruff-format"),
        pytest.param(("mypy",), id="mypy", marks=[pytest.mark.long, pytest.mark.timeout(1200)]),
    ],
)
def test_style_and_types(command: tuple[str, ...]):
    drafts = [f"notebooks/{each.path.name}" for each in notebooks.discover() if each.marks.private]
    without = [f"--extend-exclude={draft}" for draft in drafts if command[0] == "ruff"]
    typed = [sys.executable, "-m", *command, *without]
    done = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run: make lint\n{done.stdout}{done.stderr}"


def test_pre_commit_runs_the_same_tools():
    import yaml

    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    entries = [hook["entry"] for hook in hooks[0]["hooks"]]
    for tool in ("ruff check", "ruff format", "mypy"):
        assert any(entry.startswith(f".venv/bin/{tool}") for entry in entries)
