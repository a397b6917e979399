"""The public surface: its examples run, its names are typed, listed and found late."""

from __future__ import annotations

import doctest
import inspect
import pydoc
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from pandas.api.types import is_datetime64_any_dtype

import tradeexposure as te
from tradeexposure import public
from tradeexposure.core import paths

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "python.md"
FUNCTIONS = [name for name in te.__all__ if name not in ("BadInput", "RunFailed")]


@pytest.mark.long
def test_examples_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    ran = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert ran.failed == 0 and ran.attempted >= 10
    assert doctest.testmod(te).failed == 0


def test_every_name_has_an_example():
    text = PAGE.read_text("utf-8")
    assert [name for name in te.__all__ if f"te.{name}" not in text] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_name_is_typed_and_says_what_it_is(name: str):
    function = getattr(te, name)
    assert function is getattr(public, name) and inspect.getdoc(function)
    signature = inspect.signature(function)
    hints = [*(parameter.annotation for parameter in signature.parameters.values()), signature.return_annotation]
    assert inspect.Signature.empty not in hints


def test_help_lists_every_name():
    listed = pydoc.plain(pydoc.render_doc(te))
    assert [name for name in FUNCTIONS if not re.search(rf"^    {name}\(", listed, flags=re.MULTILINE)] == []


def test_stub_and_package_have_the_same_names():
    stub = (ROOT / "lib" / "tradeexposure" / "__init__.pyi").read_text("utf-8")
    assert sorted(re.findall(r"import \w+ as (\w+)", stub)) == sorted(te.__all__)


def test_an_import_waits_for_nothing():
    code = "import sys, tradeexposure as te; te.__doc__; print([n for n in ('pandas', 'pydantic') if n in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_an_unknown_name_is_none_of_the_package():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        te.nothing  # noqa: B018


def test_representations_are_short():
    duty = te.rate("china", "canada", "canola_seed", "2026-10-01")
    shown = [duty, te.about("canola_crush_monthly"), te.scenario("deal_2026"), te.result("canola.farms.bc.2021")]
    assert max(len(repr(answer)) for answer in shown) < 120
    assert repr(te.rate("china", "canada", "canola_seed", "2026-10-01", scenario="escalation")) != repr(duty)


def test_an_announced_end_is_named_on_days_before_and_after_it():
    meal = te.rate("china", "canada", "canola_meal", "2027-02-01")
    assert meal.rate == 1.05 and meal.ends == ("china_meal_peas_suspension ends 2026-12-31",)
    assert repr(meal).endswith("china_mfn_meal + china_meal_additional; china_meal_peas_suspension ends 2026-12-31>")
    assert "canola meal and peas suspended: ended on 31 December 2026 by its own terms unless renewed" in meal.note
    assert te.rate("china", "canada", "canola_meal", "2026-10-01").ends == meal.ends
    assert te.rate("china", "canada", "canola_oil", "2031-12-31").ends == ()


def test_only_what_is_public_is_listed():
    assert dir(te) == sorted(te.__all__)


@pytest.mark.long
def test_the_figures_of_a_chart_are_those_it_draws(monkeypatch: pytest.MonkeyPatch):
    read = public._specifications
    monkeypatch.setattr(public, "_specifications", cache(lambda scenario: [*read(scenario)]))  # once for all charts
    listed = te.charts()
    assert listed.index.is_unique and (listed["title"].str.len() > 0).all()
    drawn = te.chart("60_estimate_ev_demand", "shares")
    assert is_datetime64_any_dtype(drawn["quarter"]) and str(drawn["quarter"].min()) == "2017-01-01 00:00:00"
    assert not is_datetime64_any_dtype(drawn["geo"])
    shares = drawn.select_dtypes("number").iloc[:, 0]
    assert len(drawn) > 90 and 0 < shares.max() < 1, "three series of quarters"
    effects = te.chart("60_estimate_ev_demand", "declared").set_index("specification")["estimate"]
    published = te.result("ev.demand_semi_elasticity.bev").value
    assert effects["All eight provinces"] == pytest.approx(published, rel=0.02)
    charts = [te.chart(*place).drop(columns="layer", errors="ignore") for place in listed.index]
    assert all(len(each) and not each.isna().all(axis=1).any() for each in charts)


def test_figures_of_an_altered_notebook_are_refused(tmp_path: Path):
    folder = shutil.copytree(ROOT / "reports" / "published" / "deal_2026", tmp_path / "edition")
    path = folder / "60_estimate_ev_demand.ipynb"
    path.write_text(path.read_text("utf-8").replace("0.", "1.", 1), "utf-8")
    with pytest.raises(te.BadInput, match=r"60_estimate_ev_demand\.ipynb: found a file that was altered since"):
        te.charts(str(folder))


def test_what_is_not_there_is_refused():
    for call in (lambda: te.results("nothing"), lambda: te.result("nothing")):
        with pytest.raises(te.BadInput):
            call()


def test_numbers_of_a_grid_that_was_never_run_are_refused_with_the_command(tmp_path, monkeypatch):
    (tmp_path / "data" / "scenarios" / "grids").mkdir(parents=True)
    (tmp_path / "data" / "scenarios" / "grids" / "duties.yml").touch()
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    with pytest.raises(te.BadInput, match=r"found duties; .* type: tradeexposure run --grid data/scenarios/grids/dut"):
        te.results("duties")


ALTERED = {
    "results": lambda folder: te.results(folder),
    "result": lambda folder: te.result("canola.farms.bc.2021", scenario=folder),
    "explain": lambda folder: te.explain("canola.farms.bc.2021", scenario=folder),
    "compare": lambda folder: te.compare("deal_2026", folder),
}


@pytest.mark.parametrize("call", ALTERED.values(), ids=ALTERED)
def test_numbers_altered_by_hand_are_refused(tmp_path: Path, call: Callable[[str], object]):
    for name in ("manifest.json", "results.csv"):
        shutil.copy(ROOT / "reports" / "published" / "deal_2026" / name, tmp_path)
    assert not te.results(str(tmp_path)).empty
    path = tmp_path / "results.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace(",0.", ",1.", 1), "utf-8")
    assert path.read_text("utf-8") != text
    with pytest.raises(te.BadInput, match=r"results\.csv: found a file that was altered since"):
        call(str(tmp_path))


SEED = ("china", "canada", "canola_seed", "2026-10-01")
FARMS = "canola.farms.bc.2021"
WRONG = {
    "rate: a day that is a list": (lambda: te.rate(*SEED[:3], [2026]), "rate: on: found [2026]; allowed: a day"),
    "rate: a day that is true": (lambda: te.rate(*SEED[:3], True), "rate: on: found True"),
    "rate: a claim that is none": (lambda: te.rate(*SEED, claim=None), "rate: claim: found None; allowed: True or"),
    "rate: a share as text": (lambda: te.rate(*SEED, us_content="0.4"), "rate: us_content: found '0.4'"),
    "rate: a share that is true": (lambda: te.rate(*SEED, us_content=True), "rate: us_content: found True"),
    "rate: a quota that is none": (lambda: te.rate(*SEED, quota=None), "rate: quota: found None; allowed: within"),
    "rate: a scenario by number": (lambda: te.rate(*SEED, scenario=2026), "rate: scenario: found 2026"),
    "rate: no day": (lambda: te.rate(*SEED[:3]), "rate: found missing a required argument: 'on'; allowed: rate("),
    "rate: a name that it does not take": (lambda: te.rate(*SEED, quta="above"), "unexpected keyword argument 'quta'"),
    "load: none": (lambda: te.load(None), "load: table: found None; allowed: a name as text"),
    "about: a list": (lambda: te.about(["wheat"]), "about: table: found ['wheat']"),
    "scenario: none": (lambda: te.scenario(None), "scenario: name: found None"),
    "results: a folder that is no edition": (lambda: te.results("data"), "data: found no edition"),
    "results: a path": (lambda: te.results(Path("reports")), "results: scenario: found "),
    "results: a stem that is none": (lambda: te.results(stem=None), "results: stem: found None"),
    "results: a stem of nothing": (lambda: te.results(stem="nothing."), "results: stem: found nothing.; allowed: the"),
    "results: a stem by place": (lambda: te.results("deal_2026", "canola"), "allowed: results(scenario, *, stem)"),
    "result: a number": (lambda: te.result(2021), "result: result_id: found 2021"),
    "result: a scenario that is none": (lambda: te.result(FARMS, scenario=None), "result: scenario: found None"),
    "compare: none": (lambda: te.compare("deal_2026", None), "compare: after: found None"),
    "explain: none": (lambda: te.explain(None), "explain: result_id: found None"),
    "explain: a misspelt name": (lambda: te.explain(FARMS, scenario="dael_2026"), "did you mean deal_2026?"),
    "run: no names": (lambda: te.run([]), "run: names: found []; allowed: a list of names of scenarios"),
    "run: no scenario": (lambda: te.run(["no_such_deal"]), "found no_such_deal; allowed: "),
    "run: half a worker": (lambda: te.run(["deal_2026"], workers=0.5), "run: workers: found 0.5; allowed: a whole"),
    "chart: no notebook": (lambda: te.chart("60", "tariff"), "chart: notebook: found '60'; allowed: 10_map_trade, "),
    "chart: a cell without": (lambda: te.chart("60_estimate_ev_demand", "fits"), "chart: cell: found 'fits'; allowed"),
    "charts: no edition": (lambda: te.charts("dael_2026"), "did you mean deal_2026?"),
    "tables: too much": (lambda: te.tables("wheat"), "tables: found too many positional arguments"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "named"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_told_in_one_line(call: Callable[[], object], named: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(te.BadInput) as refused:
        call()
    assert named in str(refused.value) and "\n" not in str(refused.value)


def test_a_scenario_named_twice_is_simulated_once(monkeypatch: pytest.MonkeyPatch):
    simulated: list[str] = []
    monkeypatch.setattr("tradeexposure.scenarios.simulation.simulate.of_committed",
                        lambda names, **_: simulated.extend(names) or te.tables("stop"))  # fmt: skip
    with pytest.raises(te.BadInput, match="tables: found too many"):
        te.simulate(["deal_2026", "escalation", "deal_2026"])
    assert simulated == ["deal_2026", "escalation"]


def test_a_comparison_has_the_ranges_of_both_sides():
    sides = [f"{bound}_{side}" for bound in ("value", "low", "high") for side in ("before", "after")]
    assert [*te.compare("deal_2026", "deal_2026")] == ["label", "unit", *sides, "change"]


def test_it_is_known_of_each_parameter_what_it_takes():
    asked = {arg.annotation for name in FUNCTIONS for arg in inspect.signature(getattr(te, name)).parameters.values()}
    assert asked == set(public.TAKEN)
