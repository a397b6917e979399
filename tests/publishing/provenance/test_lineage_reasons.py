"""Why a number can differ: the changed fact, prior, choice or table that it rests on, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sampleedition

from tradeexposure.publishing import edition_comparison
from tradeexposure.publishing.provenance.lineage import Basis, reason_for

SEED, CARS = "china_seed_antidumping", "canada_ev_surtax"
NAMED = {
    "facts": {SEED: "1", CARS: "1"},
    "priors": {"seed_supply": "1", "china_appeal": "1"},
    "choices": {"today": "1"},
}
FILES = {"facts": "data/parameters/measures.yml", "priors": "data/priors.yml", "choices": "data/studies.yml"}


def compared(tmp_path: Path, kind: str, name: str) -> dict[str, str]:
    """Number → reason, where one entry of a file became another and all numbers moved."""
    editions = []
    for digest, value in (("1", 1.2e9), ("2", 1.3e9)):
        inputs = {"data/tables/ev_prices.csv": "a", FILES[kind]: digest}
        named = {**NAMED, kind: {**NAMED[kind], name: digest}}
        books = {key: moved(book, value) for key, book in sampleedition.notebooks().items()}
        editions.append(sampleedition.write(tmp_path / digest, books, inputs=inputs, named=named))
    return dict(edition_comparison.compare(*editions).numbers.set_index("result_id")["reason"])


def moved(book: dict[str, Any], value: float) -> dict[str, Any]:
    for row in next(iter(book["cells"][-1]["outputs"][0]["data"].values()))["rows"]:
        row["value"] = value
    return book


@pytest.mark.parametrize(
    ("kind", "name", "gain", "cars"),
    [
        ("facts", SEED, f"assumption ({SEED})", "none"),
        ("facts", CARS, "none", f"assumption ({CARS})"),
        ("facts", "china_duty_of_tomorrow", "none", "none"),
        ("priors", "seed_supply", "assumption (seed_supply)", "none"),
        ("priors", "china_appeal", "none", "assumption (china_appeal)"),
        ("choices", "today", "assumption (today)", "none"),
    ],
)
def test_the_entry_that_changed_is_named_where_a_number_rests_on_it(
    tmp_path: Path, kind: str, name: str, gain: str, cars: str
):
    reasons = compared(tmp_path, kind, name)
    assert (reasons["use.gain"], reasons["use.cars"]) == (gain, cars)
    assert reasons["brief.gain"] == gain, "what it repeats rests on it"


def test_files_whose_entries_were_not_noted_stand_for_all_of_them():
    inputs = {"data": [], "assumption": ["data/parameters/x.yml", "data/priors.yml"], "code": []}
    known = Basis(tables=("a",), facts=(SEED,))
    assert reason_for("a", "70_e_f", inputs, simulated=True, basis=known) == "assumption"
    only = {"facts": {SEED}, "priors": {"us_content"}}
    assert reason_for("a", "70_e_f", inputs, simulated=True, basis=known, named=only) == f"assumption ({SEED})"
    assert reason_for("a", "70_e_f", inputs, simulated=True, basis=Basis(tables=("a",)), named=only) == "none"


def test_no_table_that_a_number_does_not_rest_on_is_behind_it():
    inputs = {"data": ["data/tables/a.csv", "data/tables/b.csv"], "assumption": [], "code": []}
    assert reason_for("a", "70_e_f", inputs, simulated=True) == "data (a, b)", "nothing was noted: any may be"
    assert reason_for("a", "70_e_f", inputs, simulated=True, basis=Basis(tables=("a",))) == "data (a)"
    assert reason_for("", "70_e_f", inputs, simulated=True, basis=Basis()) == "none"


def test_several_reasons_are_all_named():
    inputs = {"data": ["data/tables/a.csv"], "assumption": ["data/parameters/x.yml"], "code": []}
    assert reason_for("a; b", "10_a_b", inputs) == "data (a) and assumption"
    assert reason_for("", "10_a_b", inputs) == "data (a) and assumption", "no table stated: any may be behind it"


def test_a_simulation_builds_on_earlier_notebooks_and_an_estimate_on_no_scenario():
    inputs = {"data": ["data/tables/z.csv"], "assumption": ["scenario"], "code": ["notebooks/20_c_d.ipynb"]}
    assert reason_for("a", "70_e_f", inputs, simulated=True) == "data (z) and assumption and code"
    assert reason_for("a", "10_a_b", inputs) == "none"
    priors = {"data": [], "assumption": ["data/priors.yml"], "code": ["notebooks/90_g_h.ipynb"]}
    assert reason_for("a", "70_e_f", priors, simulated=True) == "assumption"


def test_many_tables_are_counted():
    inputs = {"data": [f"data/tables/{name}.csv" for name in "abcd"], "assumption": [], "code": []}
    assert reason_for("a; b", "70_e_f", inputs, simulated=True) == "data (any of 4 tables)"
    assert reason_for("a; b", "10_a_b", inputs) == "data (a, b)"
