"""How packages and tests are laid out: small folders, modules and functions; a test beside each module it is about."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from trees import parsed, statements

ROOT = Path(__file__).resolve().parents[2]
LIBRARY, TESTS = ROOT / "lib", ROOT / "tests"
PACKAGE = LIBRARY / "tradeexposure"
KERNELS = LIBRARY / "warmkernel"
MODULES = sorted([*PACKAGE.rglob("*.py"), *(KERNELS / "src").rglob("*.py"), KERNELS / "bench.py"])
LARGEST_FOLDER = 15  # modules, without __init__
LONGEST_MODULE = 500  # lines
LONGEST_FUNCTION = 40  # lines, without its docstring
MAY_IMPORT = "\n\nMay import: "
THEMES = "trade, canola, vehicles"

# Folders of tests that are about the project, not about one package.
BY_SUBJECT = {"rules", "second_routes", "system", "support", "golden"}
# Tests of a package that are about a subject and no module of it.
SUBJECTS = {
    "data/test_shipped_tables.py": "the data package as a whole",
    "publishing/test_chart_faults.py": "charts of all pages, as they are drawn",
}


def full_folders(files: list[Path]) -> dict[str, int]:
    """Folders that hold more modules than may stand beside each other."""
    counted = Counter(path.parent for path in files if path.name != "__init__.py")
    return {str(folder): count for folder, count in counted.items() if count > LARGEST_FOLDER}


def function_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    documented = ast.get_docstring(node) is not None
    docstring = node.body[0].end_lineno - node.body[0].lineno + 1 if documented else 0
    return node.end_lineno - node.lineno + 1 - docstring


def long_functions(code: str) -> list[str]:
    """Functions with too many lines from `def` to the last one; docstrings do not count, decorators neither."""
    return [
        node.name
        for node in statements(parsed(code))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and function_length(node) > LONGEST_FUNCTION
    ]


def says_its_job(code: str) -> bool:
    """Whether a package begins with its job in one paragraph and then with what it may import."""
    job, _, allowed = (ast.get_docstring(parsed(code)) or "").partition(MAY_IMPORT)
    return bool(job) and "\n\n" not in job and job.endswith(".") and allowed.endswith(".")


def may_import(code: str) -> list[str]:
    """Dotted names, below the project's own, of what a package says it may import."""
    allowed = (ast.get_docstring(parsed(code)) or "").partition(MAY_IMPORT)[2].removesuffix(".")
    return re.split(r",\s+|\s+and\s+", re.sub(r"the\s+themes", THEMES, allowed))


def imported(code: str) -> set[str]:
    """Dotted names, below the project's own, that a module imports, in functions too."""
    nodes = [node for node in statements(parsed(code)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {f"{getattr(node, 'module', '')}.{alias.name}".lstrip(".") for node in nodes for alias in node.names}
    return {name.partition(".")[2] for name in names if name.startswith(f"{PACKAGE.name}.")}


def unsaid(package: str, *modules: str, name: str) -> list[str]:
    """What the modules of a package import beyond the package itself and what it says it may import."""
    allowed = tuple(f"{permitted}." for permitted in (name, *may_import(package)))
    return sorted({dotted for code in modules for dotted in imported(code) if not f"{dotted}.".startswith(allowed)})


def is_about(test: Path) -> bool:
    """Whether a test is named after a module at the same place, or after one and an aspect of it (`page_links`)."""
    named = test.stem.removeprefix("test_")
    folder = PACKAGE / test.relative_to(TESTS).parent
    modules = [path.stem for path in folder.glob("*.py")]
    return any(named == module or named.startswith(f"{module}_") for module in modules)


def test_folders_are_small():
    assert full_folders(MODULES) == {}
    assert full_folders(sorted([*TESTS.rglob("*.py"), *(KERNELS / "tests").rglob("*.py")])) == {}
    modules = [Path("lib/a/__init__.py"), *(Path(f"lib/a/module_{number}.py") for number in range(LARGEST_FOLDER))]
    assert full_folders(modules) == {}
    assert full_folders([*modules, Path("lib/a/another.py")]) == {"lib/a": LARGEST_FOLDER + 1}


def test_modules_and_functions_are_short():
    lengths = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count("\n") for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}
    long = {path.relative_to(ROOT).as_posix(): long_functions(path.read_text("utf-8")) for path in MODULES}
    assert {name: functions for name, functions in long.items() if functions} == {}
    body = "    x = 1\n" * (LONGEST_FUNCTION - 1)
    assert long_functions(f'def f():\n    """One\n\n    Two."""\n{body}') == []
    assert long_functions(f"def f():\n{body}    x = 2\n") == ["f"]


def test_every_package_and_module_says_its_job_and_what_it_may_import():
    packages = [path for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]
    assert packages
    assert [path.parent.name for path in packages if not says_its_job(path.read_text("utf-8"))] == []
    assert says_its_job('"""What is charged.\n\nMay import: core.\n"""')
    for text in ("What is charged.", "May import: core.", "What is charged.\n\nAnd more.\n\nMay import: core.\n", ""):
        assert not says_its_job(f'"""{text}"""'), text
    silent = [path.name for path in MODULES if not ast.get_docstring(parsed(path.read_text("utf-8")))]
    assert silent == []


def test_every_package_imports_only_what_it_says():
    beyond, unknown = {}, []
    for folder in (path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE):
        package, *modules = (path.read_text("utf-8") for path in sorted(folder.glob("*.py")))
        name = ".".join(folder.relative_to(PACKAGE).parts)
        beyond[name] = unsaid(package, package, *modules, name=name)
        places = {module: PACKAGE / module.replace(".", "/") for module in may_import(package)}
        unknown += [key for key, place in places.items() if not (place.is_dir() or place.with_suffix(".py").is_file())]
    assert {name: names for name, names in beyond.items() if names} == {}
    assert unknown == ["nothing of the project's own"]  # of core
    package = '"""What is sold.\n\nMay import: core, data.tables\nand the themes.\n"""'
    fine = "import re\nfrom tradeexposure import canola, core\nfrom tradeexposure.sales.shops import open"
    assert unsaid(package, fine, "import tradeexposure.data.tables", name="sales") == []
    more = "def f():\n    from tradeexposure import data\n    from tradeexposure.salesmen import one"
    assert unsaid(package, fine, more, name="sales") == ["data", "salesmen.one"]


def test_each_test_is_about_a_module_at_the_same_place():
    tests = [path for path in TESTS.rglob("test_*.py") if path.relative_to(TESTS).parts[0] not in BY_SUBJECT]
    about_none = sorted(path.relative_to(TESTS).as_posix() for path in tests if not is_about(path))
    assert about_none == sorted(SUBJECTS), "name it after a module, or list its subject"
    assert is_about(TESTS / "core/test_units.py") and is_about(TESTS / "core/test_units_of_money.py")
    assert not is_about(TESTS / "core/test_nothing.py") and not is_about(TESTS / "policy/test_units.py")


def test_helpers_stand_in_support_alone():
    """No test file is imported by another: what two need is in tests/support."""
    borrowed = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted(TESTS.rglob("*.py"))
        for node in statements(parsed(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (getattr(node, "module", None) or "", *(alias.name for alias in node.names))
        if name.rpartition(".")[2].startswith("test_")
    ]
    assert borrowed == []


def bound_twice(code: str) -> list[str]:
    """Names that the top level of a module gives a value more than once: the later one would win without a word."""
    names = Counter(
        name
        for node in parsed(code).body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)]
            if isinstance(node, ast.Assign)
            else [node.target.id]
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
            else []
        )
    )
    return [name for name, times in names.items() if times > 1]


def test_no_module_gives_a_name_two_values():
    twice = {path.relative_to(ROOT).as_posix(): bound_twice(path.read_text("utf-8")) for path in MODULES}
    assert {path: names for path, names in twice.items() if names} == {}
    assert bound_twice("PRICE = 1\nCOST: int = 2\ndef f(): pass\nPRICE, OTHER = 3, 4\nCOST: int = 5\n") == [
        "PRICE",
        "COST",
    ]


def names_the_project(text: str) -> bool:
    return PACKAGE.name in text.lower()


def test_the_warm_kernel_names_nothing_of_the_project():
    files = [path for path in KERNELS.rglob("*") if path.suffix in (".py", ".md", ".toml") or path.name == "LICENSE"]
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "bench.py"} <= {path.name for path in files}
    assert [path.name for path in files if names_the_project(path.read_text("utf-8"))] == []
    assert names_the_project('SWITCH = "TRADEEXPOSURE_WARM"') and not names_the_project('SWITCH = "WARMKERNEL_ENABLE"')
