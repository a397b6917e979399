"""How a number is made is noted from the code that runs: cell, function, tables, facts, priors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from tradeexposure.core import earlier_results
from tradeexposure.core.published_rows import MIME, numbers_of
from tradeexposure.reporting import Book, claims, result_lineage

CELLS = {
    "parameters": "year = 2024\nunused = 1",
    "imports": "from tradeexposure import data\nfrom tradeexposure.canola.exposure import grain_exports, harvests\n"
    "from tradeexposure.policy import assumptions, tariff_schedule\nfrom tradeexposure.reporting import Book",
    "book": 'book = Book("20_a_b")',
    "load": 'crush, other = data.load("canola_crush_monthly"), data.load("farm_prices_monthly")\n'
    'monthly = grain_exports.monthly_exports(data.load("grain_exports_monthly"))',
    "other": 'duty = tariff_schedule.get("china_seed_antidumping").rate\nprior = assumptions.load()["seed_supply"]',
    "crushed": 'use = harvests.use_of_seed(monthly, crush)\ntotal = use["crush_kt"].sum()\n'
    'book.add("a.crushed", total, label="x", unit="kilotonnes")',
    "duty": 'book.add("a.duty", duty, label="x", unit="rate")\n'
    'book.add("a.prior", prior.distribution.high, label="x", unit="ratio")',
    "plain": 'book.add("a.plain", year / 2, label="x", unit="ratio")',
    "say": 'book.say("It is {a.crushed}.")',
    "charts": "from tradeexposure.reporting import result_lineage\n"
    "of_crush = (use, result_lineage.tables_of_what_runs())[1]\n"
    "of_duty = (duty, result_lineage.tables_of_what_runs())[1]\nof_none = result_lineage.tables_of_what_runs()",
}


@pytest.fixture(scope="module", params=[True, False], ids=["with a history", "as nbval runs cells"])
def shell(request: pytest.FixtureRequest) -> Iterator[InteractiveShell]:
    """An IPython session in which the cells ran."""
    session = InteractiveShell.instance(config=Config({"HistoryManager": {"hist_file": ":memory:"}}))
    for source in CELLS.values():
        session.run_cell(source, store_history=request.param, silent=False).raise_error()
    yield session
    InteractiveShell.clear_instance()


@pytest.fixture
def making(shell: InteractiveShell) -> dict[str, result_lineage.Lineage]:
    """Number → its making, as a notebook hands it over."""
    by, of, _ = result_lineage.of_payload(json.loads(json.dumps(shell.user_ns["book"]._notes.as_json())))
    return {key: by[place] for key, place in of.items()}


def test_the_cell_is_the_one_that_added_it(making: dict[str, result_lineage.Lineage]):
    cells = {"a.crushed": "crushed", "a.duty": "duty", "a.prior": "duty", "a.plain": "plain"}
    assert {key: lineage.cell for key, lineage in making.items()} == {
        key: result_lineage.digest(CELLS[name]) for key, name in cells.items()
    }


def test_the_function_is_the_one_whose_result_it_is(making: dict[str, result_lineage.Lineage]):
    package = "tradeexposure.canola.exposure"
    assert (making["a.crushed"].function, making["a.crushed"].steps) == (
        f"{package}.harvests:use_of_seed",
        (f"{package}.grain_exports:monthly_exports",),
    )
    assert making["a.plain"].function == ""


@pytest.mark.parametrize("claim", ['book.check("it is so", False, 1)', "claims.assert_claims([untrue])"])
@pytest.mark.parametrize(("run", "session"), [("", ""), ("", "30.ipynb"), ("its.json", "30.ipynb")])
def test_a_false_claim_stops_runs_papermill_and_nbval_and_nobody_in_jupyterlab(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, run: str, session: str, claim: str
):
    monkeypatch.setenv(earlier_results.VARIABLE, run)
    monkeypatch.setenv(earlier_results.SESSION, session)
    shell.push({"claims": claims, "untrue": claims.Claim("it is so", False)})
    kept = len(shell.user_ns["In"]) > 1
    ended = shell.run_cell(claim, store_history=kept)
    assert (ended.error_in_exec is None) == (kept and bool(session) and not run)


def test_only_what_its_statements_read_is_behind_it(making: dict[str, result_lineage.Lineage]):
    assert making["a.crushed"].tables == ("canola_crush_monthly", "grain_exports_monthly")
    assert (making["a.duty"].facts, making["a.duty"].tables) == (("china_seed_antidumping",), ())
    assert making["a.prior"].priors == ("seed_supply",) and making["a.prior"].facts == ()
    assert not (making["a.plain"].tables or making["a.plain"].facts or making["a.plain"].priors)


def test_a_chart_rests_on_the_tables_that_its_statements_read(shell: InteractiveShell):
    behind = {name: shell.user_ns[name] for name in ("of_crush", "of_duty", "of_none")}
    tables = ["canola_crush_monthly", "grain_exports_monthly"]
    assert behind == {"of_crush": tables, "of_duty": [], "of_none": None}


def test_the_cell_that_says_it_is_noted(shell: InteractiveShell):
    _, _, cells = result_lineage.of_payload(shell.user_ns["book"]._notes.as_json())
    assert cells == {"a.crushed": [result_lineage.digest(CELLS["say"])]}


def test_notes_travel_beside_the_rows_and_hold_no_path(shell: InteractiveShell):
    payload = {"rows": list(shell.user_ns["book"]._rows.values()), **shell.user_ns["book"]._notes.as_json()}
    cells: list[dict[str, Any]] = [
        {"id": name, "cell_type": "code", "source": source} for name, source in CELLS.items()
    ]
    notebook = {"cells": [*cells, {"id": "save", "cell_type": "code", "source": "book.save()",
                                   "outputs": [{"data": {MIME: payload}}]}]}  # fmt: skip
    assert [row["result_id"] for row in numbers_of(notebook)] == ["a.crushed", "a.duty", "a.prior", "a.plain"]
    by, of, _ = result_lineage.in_notebook(notebook)
    assert result_lineage.cell_of(notebook, by[of["a.plain"]].cell) == "plain"
    assert "/" not in json.dumps(payload["made"])


def test_nothing_is_noted_outside_a_notebook():
    if InteractiveShell.initialized():
        InteractiveShell.clear_instance()
    book = Book("20_a_b")
    book.add("a.x", 1.0, label="x", unit="ratio")
    assert book._notes.as_json() == {}
