"""The digest of a file as the project lies there is the one that its loader noted."""

from __future__ import annotations

import json
from datetime import date

import pytest
import samplerows

from tradeexposure import data
from tradeexposure.core import earlier_results, loaded_files, paths
from tradeexposure.data import geography
from tradeexposure.policy import assumptions, scenarios, studies, tariff_schedule
from tradeexposure.reporting import Book
from tradeexposure.runner import edition_places, notebooks, pipeline, plan, task_keys
from tradeexposure.runner.kernels import environment_key
from tradeexposure.runner.task_keys import TaskInputs

ROW = {"result_id": "a.b.2024", "label": "A", "value": 1.0, "unit": "ratio", "notebook": "10_a", "digits": 3}


@pytest.fixture(scope="module")
def known() -> task_keys.TaskKeys:
    return task_keys.TaskKeys({})


@pytest.mark.parametrize(
    "asked",
    [
        data.names,
        *(lambda name=name: data.load(name) for name in ("gsim_results", "grain_exports_monthly")),
        lambda: data.sources(["gsim_results"]),
        lambda: tariff_schedule.get("canada_ev_surtax"),
        lambda: list(tariff_schedule.all_measures()),
        lambda: tariff_schedule.rate(imposer="china", origin="canada", product="canola_meal", on="2025-06-01"),
        lambda: tariff_schedule.all_measures().find("nonsense"),
        lambda: studies.limit("shutting_duty"),
        lambda: studies.market_base("today"),
        lambda: studies.base_years("other_canola_base"),
        tariff_schedule.vocabulary,
        lambda: dict(assumptions.load()),
        lambda: scenarios.compared("deal_2026"),
        scenarios.names,
        lambda: studies.episodes("2019", "2025"),
        studies.episodes,
        studies.baselines,
        lambda: geography.outlines("prairie_subdivisions"),
    ],
)
def test_what_loaders_record_is_what_the_project_says(known: task_keys.TaskKeys, asked):
    with loaded_files.recording() as entries:
        asked()
    noted = [(kind, name, digest) for (kind, name), digest in entries.items() if digest]
    assert noted
    assert known.changed_inputs(noted, TaskInputs()) == []


def test_what_is_given_has_the_digest_that_the_book_records(tmp_path, monkeypatch):
    own, other_rows = json.dumps([ROW]), [{**ROW, "value": 2.0}, {**ROW, "result_id": "a.c.2024"}]
    every = samplerows.tables({"mine": [ROW], "other": other_rows})
    handed = TaskInputs("mine", own=(own,), tables=('{"pairs": "x\\n1\\n"}', every))
    path = tmp_path / "handover.json"
    path.write_text(handed.text(), "utf-8")
    monkeypatch.setenv(earlier_results.VARIABLE, str(path))
    book = Book("90_z")
    with loaded_files.recording() as entries:
        book.earlier_results("a.b.2024")
        book.earlier_results("a.b.2024", scenario="other")
        book.earlier_results(stem="a.")
        book.earlier_table("pairs")
        book.simulated("a.b.2024", "a.c.2024")
    assert ("number", "other:a.c.2024") in entries
    assert {key: handed.digest(*key) for key in entries} == entries
    changed = TaskInputs("mine", own=(own.replace("1.0", "1.5"),), tables=handed.tables)
    moved = {key for key, digest in entries.items() if changed.digest(*key) != digest}
    assert {("number", ":a.b.2024"), ("numbers", ":a.")} <= moved
    assert not moved & {("number", "other:a.b.2024"), ("handed", "pairs"), ("handed", "scenarios")}


def test_an_entry_of_an_unknown_kind_is_never_found_again(known: task_keys.TaskKeys):
    assert known.changed_inputs([("weather", "*", "sunny")], TaskInputs()) == ["weather *"]


def test_the_title_of_a_point_is_in_no_key_until_it_is_asked_for(known: task_keys.TaskKeys):
    deal = scenarios.load("deal_2026").model_copy(update={"name": "point"})
    titled, later = (deal.model_copy(update=change) for change in ({"title": "Other"}, {"facts_on": date(2026, 12, 1)}))
    notebook = notebooks.read(paths.path("notebooks", "68_simulate_scenarios.ipynb"))
    tasks = [
        plan.Task(notebook, {"scenarios": ["point"]}, definitions=(("point", scenario.model_dump_json()),))
        for scenario in (deal, titled, later)
    ]
    assert len({known.static_key(task) for task in tasks}) == 1
    entries = [("scenario", "point", deal.digest("scenario")), ("words", "point", deal.digest("words"))]
    moved = [known.changed_inputs(entries, TaskInputs(defined=dict(task.definitions))) for task in tasks]
    assert moved == [[], ["words point"], ["scenario point"]]


def test_an_edition_is_unchanged_only_on_the_machine_that_computed_it(tmp_path, monkeypatch):
    """Sources alone do not tell: another processor, Python, package, thread setting or name beside the notebooks."""
    places, done = [tmp_path / "out"], {"deal_2026": "sources"}
    (tmp_path / "notebooks").mkdir()
    edition_places.build_folder(*places).mkdir(parents=True)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    pipeline._note_computed(places, done)
    assert pipeline._computed(places) == done
    changes = [
        lambda patch: patch.setattr(environment_key, "processor_kind", lambda: "another"),
        lambda patch: patch.setattr(environment_key, "python", lambda: "another"),
        lambda patch: patch.setenv("OPENBLAS_CORETYPE", "another"),
        lambda _: (tmp_path / "notebooks" / "numpy.py").touch(),
    ]
    for change in changes:
        with monkeypatch.context() as patch:
            change(patch)
            assert pipeline._computed(places) == {}
    (tmp_path / "notebooks" / "numpy.py").unlink()
    with monkeypatch.context() as patch:
        patch.setenv("EDITOR", "another")
        patch.setenv("OMP_NUM_THREADS", "7")  # kernels have their own
        assert pipeline._computed(places) == done
