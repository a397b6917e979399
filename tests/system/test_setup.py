"""Set-up: the lock, the conda route, the script behind make, and what git sees."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tradeexposure.runner import notebook_task, notebooks, task_keys
from warmkernel import __main__ as kernelspecs

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?: ; [^\\]+?)?(?: --hash=sha256:[0-9a-f]{64})+")


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lock_entries() -> list[str]:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def project(folder: str = ".") -> dict:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text("utf-8"))


def requirement_names(requirements: list[str]) -> set[str]:
    return {normalised(re.match(r"[A-Za-z0-9._-]+", text)[0]) for text in requirements}


def test_lock_pins_every_package_exactly_and_with_hashes():
    unpinned = [entry[:80] for entry in lock_entries() if not PIN.fullmatch(entry)]
    assert unpinned == []


def test_lock_has_one_version_per_package():
    counts = Counter(normalised(PIN.fullmatch(entry)["name"]) for entry in lock_entries())
    assert [name for name, count in counts.items() if count > 1] == []
    assert len(counts) > 100


def test_lock_names_no_address():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-", re.sub(r"^\s+--hash=", "", text, flags=re.M), flags=re.M)


def test_lock_holds_every_dependency_and_the_build_backend():
    pyproject, kernels = project(), project("lib/warmkernel")
    wanted = requirement_names(
        [
            *pyproject["project"]["dependencies"],
            *(name for extra in pyproject["project"]["optional-dependencies"].values() for name in extra),
            *pyproject["dependency-groups"]["dev"],
            *pyproject["build-system"]["requires"],
            *kernels["project"]["dependencies"],
            *kernels["project"]["optional-dependencies"]["test"],
        ]
    )
    locked = {normalised(PIN.fullmatch(entry)["name"]) for entry in lock_entries()}
    assert wanted - locked == set()


def test_conda_route_installs_the_same_lock_and_project():
    text = (ROOT / "environment.yml").read_text("utf-8")
    environment = yaml.safe_load(text)
    assert environment["name"] == project()["project"]["name"]
    assert environment["channels"] == ["conda-forge"]
    assert environment["dependencies"] == [
        f"python {project()['project']['requires-python']}",
        "pip",
        {"pip": ["-r requirements.lock"]},
    ]
    second_line = "install --no-deps --no-build-isolation -e . -e ./lib/warmkernel"
    assert f"pip {second_line}" in text
    assert second_line in (ROOT / "tools/set-up.sh").read_text("utf-8")


@dataclass
class Checkout:
    """A folder with the set-up script and stand-ins for python and uv that only note how they were called."""

    folder: Path
    programs: Path

    def program(self, name: str, body: str) -> None:
        path = self.programs / name
        path.unlink(missing_ok=True)  # where it leads to the machine's own
        path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
        path.chmod(0o755)

    def python(self, name: str, *, version: str, with_venv: bool = True) -> None:
        fits = version.split(".")[1] in ("11", "12", "13")
        self.program(
            name,
            f"""
            case "$*" in
              *version_info*) exit {0 if fits else 1} ;;
              *ensurepip*) exit {0 if with_venv else 1} ;;
              *sys.executable*) echo "$0" ;;
              *--version*) echo "Python {version}" ;;
              "-c "*) exit 0 ;;
              *kernels.environment_key*) [ ! -f unlike ] || cat unlike ;;
              *"${{HANG_ON:-nothing at all}}"*) : >reached; exec sleep 60 ;;
              *"${{FAIL_ON:-nothing at all}}"*) echo "${{SAYING:-}}"; exit 1 ;;
              "-m venv .venv") echo "{name} $*" >>calls; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
              *) echo "{name} $*" >>calls ;;
            esac""",
        )

    def uv(self) -> None:
        self.program(
            "uv",
            """
            case "$1" in
              --version) echo "uv 1" ;;
              venv) echo "uv $*" >>calls; mkdir -p .venv/bin
                    printf '#!/bin/sh\\n' >.venv/bin/python; chmod +x .venv/bin/python ;;
              *) echo "uv $*" >>calls ;;
            esac""",
        )

    def start(self, **variables: str) -> subprocess.Popen[str]:
        (self.folder / "calls").unlink(missing_ok=True)
        return subprocess.Popen(
            ["sh", "tools/set-up.sh"], cwd=self.folder, env={"PATH": str(self.programs), **variables}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def set_up(self, **variables: str) -> subprocess.CompletedProcess[str]:
        with self.start(**variables) as begun:
            out, error = begun.communicate()
        return subprocess.CompletedProcess(begun.args, begun.returncode, out, error)

    def set_up_until(self, step: str, end: signal.Signals) -> None:
        """Begin a set-up and end all of it in a step."""
        reached = self.folder / "reached"
        reached.unlink(missing_ok=True)
        with self.start(HANG_ON=step) as begun:
            while not reached.exists() and begun.poll() is None:
                time.sleep(0.01)
            os.killpg(begun.pid, end)
        assert reached.exists()

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text("utf-8").splitlines() if path.exists() else []

    def installed(self) -> str:
        """Which steps the last set-up did."""
        text = "\n".join(self.calls)
        return f"{'lock' if '--require-hashes' in text else ''} {'project' if '-e .' in text else ''}".strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder, programs = tmp_path / "checkout", tmp_path / "programs"
    (folder / "tools").mkdir(parents=True)
    programs.mkdir()
    shutil.copy(ROOT / "tools/set-up.sh", folder / "tools")
    (folder / "requirements.lock").write_text("a==1\n", "utf-8")
    (folder / "lib/warmkernel").mkdir(parents=True)
    for place in (folder, folder / "lib/warmkernel"):
        (place / "pyproject.toml").write_text("[project]\n", "utf-8")
    for name in ("sh", "dirname", "cksum", "cat", "rm", "mkdir", "mv", "cp", "chmod", "sleep"):
        (programs / name).symlink_to(shutil.which(name))
    return Checkout(folder, programs)


def test_without_uv_the_environment_is_made_by_venv_and_pip(checkout: Checkout):
    checkout.python("python3", version="3.11.7")
    done = checkout.set_up()
    assert done.returncode == 0, done.stderr
    assert checkout.calls[0] == "python3 -m venv .venv"
    assert checkout.calls[1].endswith(f"--require-hashes --no-deps -r {checkout.folder}/requirements.lock")
    assert checkout.calls[2].endswith("--no-deps --no-build-isolation -e . -e ./lib/warmkernel")
    assert all("-m pip install" in call for call in checkout.calls[1:3])
    assert checkout.calls[3].endswith("-m warmkernel"), "the environment's own kernel is the warm one"


def test_uv_is_used_when_it_is_on_the_path(checkout: Checkout):
    checkout.python("python3", version="3.12.1")
    checkout.uv()
    assert checkout.set_up().returncode == 0
    assert [call.split()[0] for call in checkout.calls] == ["uv", "uv", "uv"]
    assert f"--require-hashes --no-deps -r {checkout.folder}/requirements.lock" in checkout.calls[1]
    assert checkout.calls[2].endswith("--no-deps --no-build-isolation -e . -e ./lib/warmkernel")


def test_an_environment_that_uv_made_gets_pip_where_uv_is_gone(checkout: Checkout):
    checkout.python("python3", version="3.12.1")
    checkout.uv()
    checkout.set_up()
    (checkout.programs / "uv").unlink()
    body = """case "$*" in "-m ensurepip") : >pip ;; "-m pip"*) [ -f pip ] && echo "$*" >>calls ;; esac"""
    checkout.program(str(checkout.folder / ".venv/bin/python"), body)
    (checkout.folder / "pyproject.toml").write_text("[project]\nname='b'\n", "utf-8")
    assert (checkout.set_up().returncode, checkout.installed()) == (0, "project")


def test_a_second_set_up_does_nothing(checkout: Checkout):
    checkout.python("python3", version="3.13.5")
    checkout.set_up()
    again = checkout.set_up()
    assert (again.returncode, again.stdout, again.stderr, checkout.calls) == (0, "", "", [])


def test_what_changed_is_installed_again_and_nothing_else(checkout: Checkout):
    checkout.python("python3", version="3.11.7")
    checkout.set_up()
    os.utime(checkout.folder / "requirements.lock", (1, 1))
    assert (checkout.set_up().returncode, checkout.installed()) == (0, "")
    for place in (checkout.folder, checkout.folder / "lib/warmkernel"):
        (place / "pyproject.toml").write_text("[project]\nname='b'\n", "utf-8")
        assert (checkout.set_up().returncode, checkout.installed()) == (0, "project")
    (checkout.folder / "requirements.lock").write_text("a==2\n", "utf-8")
    assert (checkout.set_up().returncode, checkout.installed()) == (0, "lock project")
    assert checkout.calls[0] == "python3 -m venv .venv"


@pytest.fixture
def moved(checkout: Checkout) -> Checkout:
    """One whose environment is of another folder, with a file in it to know it by."""
    checkout.python("python3", version="3.11.7")
    checkout.set_up()
    (checkout.folder / ".venv/kept").touch()
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("moved"))
    return checkout


def environments(checkout: Checkout) -> list[str]:
    """Those that lie there; which of them is the first is known by what is kept in it."""
    return sorted(path.relative_to(checkout.folder).as_posix() for path in checkout.folder.glob(".venv*/kept"))


STEPS = ("-m venv", "--require-hashes", "-e .", "-m warmkernel")


@pytest.mark.parametrize("step", STEPS)
def test_a_set_up_that_fails_leaves_the_environment_before_it(moved: Checkout, step: str):
    assert moved.set_up(FAIL_ON=step).returncode == 1
    assert environments(moved) == [".venv/kept"]
    assert (moved.set_up().returncode, moved.installed()) == (0, "lock project")
    assert environments(moved) == [] and not (moved.folder / ".venv.before").exists()


@pytest.mark.parametrize(("step", "end"), [*((step, signal.SIGKILL) for step in STEPS), (STEPS[1], signal.SIGINT)])
def test_so_does_one_that_is_killed(moved: Checkout, step: str, end: signal.Signals):
    moved.set_up_until(step, end)
    assert environments(moved) == [".venv.before/kept" if end is signal.SIGKILL else ".venv/kept"]
    assert moved.set_up(FAIL_ON="-m venv").returncode == 1
    assert environments(moved) == [".venv/kept"]
    assert (moved.set_up().returncode, moved.installed()) == (0, "lock project")
    assert environments(moved) == []


def test_one_killed_when_all_was_done_is_not_begun_again(moved: Checkout):
    moved.set_up()
    (moved.folder / ".venv.before").mkdir()
    assert (moved.set_up().returncode, moved.calls) == (0, [])
    assert not (moved.folder / ".venv.before").exists()


@pytest.mark.parametrize(
    "saying",
    [
        "WARNING: Retrying after connection broken by 'NewConnectionError(...)': /simple/a/",
        "ERROR: Could not find a version that satisfies the requirement a==1 (from versions: none)",
        "error: Failed to fetch\n  Caused by: error sending request for url\n  Caused by: dns error",
    ],
    ids=["pip", "pip without retries", "uv"],
)
def test_a_network_that_is_missing_is_told_in_one_line(checkout: Checkout, saying: str):
    checkout.python("python3", version="3.11.7")
    done = checkout.set_up(FAIL_ON="--require-hashes", SAYING=saying)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("set-up: the first call needs a network")


def test_another_complaint_is_shown_as_it_is(checkout: Checkout):
    checkout.python("python3", version="3.11.7")
    done = checkout.set_up(FAIL_ON="--require-hashes", SAYING="ERROR: hashes\nof a do not match")
    assert (done.returncode, done.stderr) == (1, "ERROR: hashes\nof a do not match\n")


def test_packages_that_are_not_those_of_the_lock_are_installed_again(checkout: Checkout):
    checkout.python("python3", version="3.11.7")
    checkout.set_up()
    (checkout.folder / "unlike").write_text("no altair\n", "utf-8")
    done = checkout.set_up()
    assert (done.returncode, checkout.installed()) == (0, "lock")
    assert "set-up: no altair\n" in done.stdout
    assert not any("venv .venv" in call for call in checkout.calls), "what is there is mended"


def test_the_environment_says_where_the_project_lies_from_where_it_lies(checkout: Checkout):
    """Python 3.11 and 3.12 read such a file in the letters of the system: with LC_ALL=C an accent ended them."""
    checkout.python("python3", version="3.11.7")
    packages = checkout.folder / ".venv/lib/python3.11/site-packages"
    checkout.set_up()
    packages.mkdir(parents=True)
    led = {"tradeexposure": "lib", "warmkernel": "lib/warmkernel/src"}
    for name in led:
        (packages / f"__editable__.{name}-0.1.0.pth").write_text("/été/lib\n", "utf-8")
    (checkout.folder / "pyproject.toml").write_text("[project]\nname='b'\n", "utf-8")
    assert (checkout.set_up().returncode, checkout.installed()) == (0, "project")
    for name, place in led.items():
        line = (packages / f"__editable__.{name}-0.1.0.pth").read_text("ascii").strip()
        assert os.path.normpath(packages / line) == str(checkout.folder / place)


@pytest.mark.parametrize(("step", "again"), [("--require-hashes", "lock project"), ("-e .", "project")])
def test_an_interrupted_set_up_is_not_taken_for_a_finished_one(checkout: Checkout, step: str, again: str):
    checkout.python("python3", version="3.11.7")
    assert checkout.set_up(FAIL_ON=step).returncode != 0
    assert (checkout.folder / ".venv/bin/python").exists()
    assert (checkout.set_up().returncode, checkout.installed()) == (0, again)
    assert (checkout.set_up().returncode, checkout.installed()) == (0, "")


def test_the_first_python_that_fits_is_picked(checkout: Checkout):
    checkout.python("python3", version="3.10.4")
    checkout.python("python3.13", version="3.13.5", with_venv=False)
    checkout.python("python3.12", version="3.12.1")
    done = checkout.set_up()
    assert done.returncode == 0, done.stderr
    assert checkout.calls[0] == "python3.12 -m venv .venv"
    assert "Python 3.12.1" in done.stdout


def test_no_python_that_fits_is_said_clearly_and_nothing_is_removed(checkout: Checkout):
    checkout.python("python3", version="3.14.0")
    kept = checkout.folder / ".venv/kept"
    kept.mkdir(parents=True)
    done = checkout.set_up()
    assert done.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "found Python 3.14.0" in done.stderr
    assert kept.exists()


def test_uv_fetches_a_python_when_none_fits(checkout: Checkout):
    checkout.python("python3", version="3.9.2")
    checkout.uv()
    assert checkout.set_up().returncode == 0
    assert checkout.calls[0] == "uv venv --quiet --python >=3.11,<3.14 .venv"


def test_a_python_without_venv_is_said_clearly(checkout: Checkout):
    checkout.python("python3", version="3.11.2", with_venv=False)
    done = checkout.set_up()
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


def test_an_interpreter_can_be_named(checkout: Checkout):
    checkout.python("python3", version="3.11.7")
    checkout.python("other", version="3.12.1")
    assert checkout.set_up(PYTHON="other").returncode == 0
    assert checkout.calls[0] == "other -m venv .venv"
    checkout.python("old", version="3.9.1")
    shutil.rmtree(checkout.folder / ".venv")
    assert "PYTHON=old is not Python 3.11, 3.12 or 3.13" in checkout.set_up(PYTHON="old").stderr


#: What is around the tests, without what `make test JOBS=0` hands on.
SURROUNDINGS = {name: value for name, value in os.environ.items() if name not in ("CI", "JOBS", "MAKEFLAGS")}


def make(*arguments: str, **more: str) -> str:
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    command, environment = ["make", "--no-print-directory", *arguments], SURROUNDINGS | more
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_make_alone_lists_the_commands():
    listed = make()
    assert all(
        f"  {name} " in listed
        for name in ("report", "test", "test-fast", "lab", "outputs", "refresh", "check", "lint", "lock", "clean")
    )


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("report", ".venv/bin/tradeexposure run deal_2026"),
        ("outputs", ".venv/bin/tradeexposure outputs"),
        ("refresh", ".venv/bin/tradeexposure refresh"),
        ("check", ".venv/bin/tradeexposure check"),
        ("test", '.venv/bin/python -m pytest -m "not slow" -n 2'),
        ("test-pages", '.venv/bin/python -m pytest -m "not slow" -n 2 --browser chromium tests/system/pages'),
        ("test-fast", '.venv/bin/python -m pytest -m "not slow and not long" --ignore tests/system -n 2 -q tests'),
        ("lab", ".venv/bin/jupyter lab"),
    ],
)
def test_make_sets_up_first(target: str, command: str):
    lines = make("-n", target).splitlines()
    assert lines[0] == "sh tools/set-up.sh"
    assert any(command in line for line in lines[1:])


def test_an_area_is_a_folder_of_tests():
    whole, area = make("-n", "test-fast").split(), make("-n", "test-fast", "AREA=canola/market").split()
    assert whole[-1] == "tests" and area[-1] == "tests/canola/market"
    assert whole[:-1] == area[:-1] and (ROOT / area[-1]).is_dir()


def test_make_fixes_the_numerical_environment(tmp_path: Path):
    rules = (ROOT / "Makefile").read_text("utf-8") + "\nenvironment:\n\t@env\n"
    (tmp_path / "Makefile").write_text(rules, "utf-8")
    printed = make("-f", str(tmp_path / "Makefile"), "environment")
    for name, value in notebook_task.ENVIRONMENT.items():
        assert f"{name}={value}\n" in printed


def test_kernels_that_plain_tools_start_have_the_numerical_environment():
    preload, watch, environment, *_ = kernelspecs.settings(ROOT)
    numerical = {name for name in notebook_task.ENVIRONMENT if "THREADS" in name} | {"PYTHONHASHSEED", "TZ"}
    assert environment == {name: notebook_task.ENVIRONMENT[name] for name in numerical}
    assert preload and all(Path(path).exists() for path in watch)


def test_kernels_have_imported_all_that_notebooks_can():
    preload, *_ = kernelspecs.settings(ROOT)
    below = tuple(name.removesuffix("*") for name in preload if name.endswith(".*"))
    known = task_keys.of_project()
    wanted = {name for notebook in notebooks.discover() for name in known.modules(notebook)}
    missing = [name for name in wanted if not f"{name}.".startswith(below) and name not in preload]
    assert wanted and not set(missing) - {"tradeexposure"}
    assert preload[0] == "tradeexposure.runner.kernels", "before what it spares them is imported"


def test_tests_run_in_the_numerical_environment():
    assert {name: os.environ.get(name) for name in notebook_task.ENVIRONMENT} == notebook_task.ENVIRONMENT


def test_licence_is_mit():
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.startswith("MIT License")
    assert "The tradeexposure authors" in text
    assert project()["project"]["license"] == "MIT"


def test_citation_agrees_with_the_project():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == project()["project"]["version"]
    assert citation["license"] == project()["project"]["license"]
    assert citation["authors"] == [{"name": "The tradeexposure authors"}]


@pytest.mark.parametrize(
    ("path", "hidden"),
    [
        ("lib/tradeexposure/new.py", False),
        ("lib/warmkernel/src/warmkernel/new.py", False),
        ("data/tables/new.csv", False),
        ("data/parameters/new.yml", False),
        ("reports/published/deal_2026/results.csv", False),
        ("lib/warmkernel/build/x", True),
        ("reports/_build/x", True),
        (".venv/bin/python", True),
        ("notebooks/.ipynb_checkpoints/x.ipynb", True),
    ],
)
def test_git_ignores_what_is_made_and_nothing_else(path: str, hidden: bool):
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "-c", "safe.directory=*", "check-ignore", "--quiet", "--no-index", path]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == (0 if hidden else 1)


def test_scripts_are_executable():
    for name in (".ci/run", "tools/set-up.sh", "tools/test-pythons.sh"):
        assert os.access(ROOT / name, os.X_OK), f"chmod +x {name}"
    assert "set -euo pipefail" in (ROOT / ".ci/run").read_text("utf-8")


def test_continuous_integration_installs_a_browser_and_retries_once(checkout: Checkout):
    (checkout.folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", checkout.folder / ".ci")
    for name in ("bash", "env", "head"):
        (checkout.programs / name).symlink_to(shutil.which(name))
    checkout.python("python3", version="3.11.2", with_venv=False)
    checkout.program("id", "echo 0")
    checkout.program("git", "")
    checkout.program("sleep", "")
    checkout.program("make", 'echo "make $* CI=${CI:-}${WARMKERNEL_ENABLE:+ cold}" >>calls')
    checkout.program(
        "apt-get",
        """
        echo "apt-get $*" >>calls
        case "$1" in install) [ -f failed_once ] || { : >failed_once; exit 100; }
          printf '#!/bin/sh\n' >"${0%/*}/chromium"; chmod +x "${0%/*}/chromium" ;; esac""",
    )
    done = subprocess.run(
        [checkout.folder / ".ci/run"], env={"PATH": str(checkout.programs)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    install = "apt-get install -y --no-install-recommends chromium fonts-dejavu-core chromium-headless-shell"
    install += " fonts-liberation python3-venv"
    assert checkout.calls[:4] == ["apt-get update", install, "apt-get update", install]
    wanted = ["make test CI=true", "make test-pages BROWSER=chromium CI=true", "make verify CI= cold"]
    assert checkout.calls[-3:] == wanted


def test_where_nothing_is_skipped_the_validators_are_installed_before_the_tests():
    assert "validators" not in make("-n", "test")
    asked = make("-n", "test", CI="true")
    assert asked.index("set-up.sh validators") < asked.index("pytest")
