"""What cannot be used is refused in one line, with exit status 2, before anything is started or written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tinyproject import ESTIMATE, SIMULATION, Project

from tradeexposure.cli import main
from tradeexposure.core import paths

SCENARIO = "data/scenarios/deal_2026.yml"
TABLE = "data/tables/farm_prices_monthly.csv"
SHORT_TABLE = "data/tables/gsim_results.csv"
DESCRIPTION = "data/datapackage.json"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def tiny(shared: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that nothing was run in yet."""
    copy = Project(tmp_path / "copy", like=shared)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(copy.root))
    return copy


@pytest.fixture
def refused(tiny: Project, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run the command; the one line it refuses with, after proof that it wrote nothing."""

    def call(*arguments: str) -> str:
        before = tiny.files(without="none")
        status = main(list(arguments))
        shown = capsys.readouterr()
        assert status == 2, shown.err
        assert shown.out == ""
        assert re.fullmatch(r"error: .+\n", shown.err)
        assert tiny.files(without="none") == before
        return shown.err

    return call


def replace(tiny: Project, name: str, old: str, new: str) -> None:
    text = (tiny.root / name).read_text("utf-8")
    assert old in text
    (tiny.root / name).write_text(text.replace(old, new, 1), "utf-8")


class TestCommandLine:
    @pytest.mark.parametrize(
        "name", ["nothing", "../deal_2026", "data/scenarios/deal_2026.yml", "deal_2026.yml", "", ".", "/etc/passwd"]
    )
    def test_scenario_that_is_not_there_or_is_a_path(self, refused, name: str):
        assert "deal_2026" in refused("run", "--", name)

    def test_all_scenarios_are_looked_at_first(self, refused):
        assert "nothing" in refused("run", "deal_2026", "nothing")

    @pytest.mark.parametrize("count", ["0", "-1"])
    def test_no_workers(self, refused, count: str):
        assert f"--workers: found {count}" in refused("run", "deal_2026", "--workers", count)

    @pytest.mark.parametrize(
        "arguments",
        [(), ("run",), ("nonsense",), ("run", "deal_2026", "--workers", "two"), ("run", "deal_2026", "--nonsense")],
        ids=lambda arguments: " ".join(arguments) or "nothing",
    )
    def test_usage(self, refused, arguments: tuple[str, ...]):
        assert "tradeexposure --help" in refused(*arguments)

    def test_workers_of_a_cluster(self, refused):
        assert "one of the two" in refused("run", "deal_2026", "--workers", "2", "--cluster", "tcp://127.0.0.1:1")

    @pytest.mark.parametrize("place", ["README.md/below", "README.md", "/proc/nowhere", "/sys/kernel"])
    def test_folder_that_cannot_be_written(self, refused, tiny: Project, place: str):
        assert "--out: found" in refused("run", "deal_2026", "--out", str(tiny.root / place))

    def test_folder_that_holds_something_else(self, refused, tiny: Project, tmp_path: Path):
        (tmp_path / "deal_2026").mkdir()
        (tmp_path / "deal_2026" / "thesis.doc").write_text("mine", "utf-8")
        assert "holds something else" in refused("run", "deal_2026", "--out", str(tmp_path))

    @pytest.mark.parametrize("command", ["compare"])
    def test_folders_that_are_no_editions(self, refused, tiny: Project, command: str):
        (tiny.root / "empty").mkdir()
        assert "no such folder" in refused(command, str(tiny.root / "nothing"), str(tiny.root / "empty"))


class TestScenarioFile:
    @pytest.mark.parametrize(
        ("added", "typed"),
        [
            ("surprise: 1\n", "surprise"),
            ("facts_on: 2026-13-45\n", "2026-13-45"),
            ("facts_on: soon\n", "soon"),
            ("title: [1, 2]\n", "title"),
            ("name: status_quo_2025\n", "status_quo_2025"),
            ("overrides:\n- {measure: china_seed_antidumping, rate: 84.8, reason: x}\n", "84.8"),
            ("overrides:\n- {measure: china_seed_antidumping, rate: high, reason: x}\n", "high"),
            ("overrides:\n- {measure: nonsense, rate: 0.1, reason: x}\n", "nonsense"),
            (
                "hypothetical:\n- {id: x, title: x, imposer: NO, origins: [canada], products: [peas], kind: duty, "
                "stacking: additional, rate: 0.1, effective: 2026-01-01, instrument: x, confidence: assumption}\n",
                "found NO; allowed: canada, china, united_states",
            ),
            ("overrides: no\n", "found no; allowed: a list of overrides"),
            ("title: [1, 2\n", "found not YAML: "),
            ("hypothetical:\n- {id: x, imposer: china, origin: canada, hs_scope: [0512]}\n", "0512"),
            ("title: again\ntitle: twice\n", "title"),
            ("assumptions: {import_demand_china: -1.2}\n", "found -1.2; allowed: a number above 0: an elasticity"),
            ("assumptions: {under_cap_share: 50}\n", "found 50; allowed: a share from 0 to 1"),
            ("assumptions: {demand: 1}\n", "unknown prior demand"),
            (
                "quantities:\n- {measure: canada_ev_quota, name: annual_vehicles, value: -1, reason: x}\n",
                "found -1; allowed: 0 or more vehicles a year",
            ),
            (
                "overrides:\n- {measure: china_seed_antidumping, end: 2020-01-01, reason: x}\n",
                "allowed: an end on or after the effective date 2026-03-01",
            ),
            ("against: nothing\n", "found nothing; allowed: before_measures"),
            ("against: cusma_lapse\n", "no circle (deal_2026 against cusma_lapse against deal_2026)"),
            ("horizon: decade\n", "found decade; allowed: acreage, crop_year"),
            ("licence_suspension: true\n", "found true; allowed: false"),
        ],
    )
    def test_content(self, refused, tiny: Project, added: str, typed: str):
        key = added.split(":")[0]
        lines = (tiny.root / SCENARIO).read_text("utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if not line.startswith(f"{key}:"))
        (tiny.root / SCENARIO).write_text(kept + added, "utf-8")
        message = refused("run", "deal_2026")
        assert SCENARIO in message
        assert typed in message

    @pytest.mark.parametrize(
        "content", [b"", b"\x00\x01\x02\xff", b"{not: [yaml", b"just words", b"title: caf\xe9\n"], ids=repr
    )
    def test_that_is_none(self, refused, tiny: Project, content: bytes):
        (tiny.root / SCENARIO).write_bytes(content)
        assert SCENARIO in refused("run", "deal_2026")

    def test_with_priors_that_are_none(self, refused, tiny: Project):
        replace(tiny, "data/priors.yml", "low: 0.4, high: 0.6", "low: 0.6, high: 0.4")
        assert "data/priors.yml: priors[" in refused("run", "deal_2026")

    def test_is_found_by_every_command(self, refused, tiny: Project):
        (tiny.root / SCENARIO).write_bytes(b"")
        assert SCENARIO in refused("scenarios")


class TestTable:
    def test_with_a_changed_byte(self, refused, tiny: Project):
        content = (tiny.root / TABLE).read_bytes()
        last = next(place for place in range(len(content) - 1, 0, -1) if content[place : place + 1].isdigit())
        other = b"1" if content[last : last + 1] != b"1" else b"2"
        (tiny.root / TABLE).write_bytes(content[:last] + other + content[last + 1 :])
        assert TABLE in refused("run", "deal_2026")

    def test_without_a_column(self, refused, tiny: Project):
        lines = (tiny.root / SHORT_TABLE).read_text("utf-8").splitlines()
        (tiny.root / SHORT_TABLE).write_text("\n".join(line.split(",")[0] for line in lines) + "\n", "utf-8")
        message = refused("run", "deal_2026")
        assert SHORT_TABLE in message
        assert "producer_price_change" in message

    def test_with_a_key_twice(self, refused, tiny: Project):
        lines = (tiny.root / SHORT_TABLE).read_text("utf-8").splitlines()
        (tiny.root / SHORT_TABLE).write_text("\n".join([*lines, lines[-1]]) + "\n", "utf-8")
        assert SHORT_TABLE in refused("run", "deal_2026")

    def test_in_another_unit(self, refused, tiny: Project):
        description = json.loads((tiny.root / DESCRIPTION).read_text("utf-8"))
        fields = [field for resource in description["resources"] for field in resource["schema"]["fields"]]
        field = next(field for field in fields if field["name"].endswith("_cad"))
        field["unit"] = "kilotonnes"
        (tiny.root / DESCRIPTION).write_text(json.dumps(description), "utf-8")
        message = refused("run", "deal_2026")
        assert DESCRIPTION in message
        assert "kilotonnes" in message

    @pytest.mark.parametrize("content", [b"", b"country,producer_price_change\n", b"country\xff\xfe\n"], ids=repr)
    def test_that_is_none(self, refused, tiny: Project, content: bytes):
        (tiny.root / SHORT_TABLE).write_bytes(content)
        assert SHORT_TABLE in refused("run", "deal_2026")

    def test_that_is_missing(self, refused, tiny: Project):
        (tiny.root / SHORT_TABLE).unlink()
        assert SHORT_TABLE in refused("run", "deal_2026")


class TestNotebook:
    def test_without_a_parameters_cell(self, refused, tiny: Project):
        replace(tiny, "notebooks/10_count_things.ipynb", '"parameters"\n', '"else"\n')
        assert "notebooks/10_count_things.ipynb: parameters: found 0 cells" in refused("run", "deal_2026")

    @pytest.mark.parametrize("code", ["times = input()", "import os", "times: int = 3 +", "a, b = 1, 2"])
    def test_with_parameters_that_are_no_literals(self, refused, tiny: Project, code: str):
        tiny.write("10_count_things", ESTIMATE, parameters=code)
        assert "10_count_things.ipynb: parameters" in refused("run", "deal_2026")

    def test_with_a_parameter_nobody_gives(self, refused, tiny: Project):
        tiny.write("10_count_things", ESTIMATE, parameters="times: int")
        assert "10_count_things.ipynb: times: found no value" in refused("run", "deal_2026")

    def test_that_wants_another_type(self, refused, tiny: Project):
        tiny.write("70_use_scenario", SIMULATION, parameters="scenario: int = 3")
        assert "scenario: found 'deal_2026'; allowed: a value of type int" in refused("run", "deal_2026")

    def test_with_a_missing_kernel(self, refused, tiny: Project):
        replace(tiny, "notebooks/10_count_things.ipynb", '"name": "python3"', '"name": "julia-9"')
        message = refused("run", "deal_2026")
        assert "no kernel 'julia-9'" in message
        assert "python3" in message

    @pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe"], ids=repr)
    def test_that_is_none(self, refused, tiny: Project, content: bytes):
        (tiny.root / "notebooks" / "10_count_things.ipynb").write_bytes(content)
        assert "notebooks/10_count_things.ipynb" in refused("run", "deal_2026")

    def test_none_at_all(self, refused, tiny: Project):
        for path in (tiny.root / "notebooks").iterdir():
            path.unlink()
        assert "notebooks: found no notebook" in refused("run", "deal_2026")


def test_readme_without_a_place_for_the_answers(refused, tiny: Project):
    (tiny.root / "README.md").write_text("# Nothing\n", "utf-8")
    assert "README.md" in refused("outputs")
