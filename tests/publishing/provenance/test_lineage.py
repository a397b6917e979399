"""What a number rests on, by itself and through earlier numbers, by sector, and why it can differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sampleedition

from tradeexposure.core import published_rows
from tradeexposure.policy import assumptions, scenarios, tariff_schedule
from tradeexposure.publishing import edition_comparison
from tradeexposure.publishing.provenance import lineage
from tradeexposure.publishing.provenance.lineage import Basis, EditionLineage, described_tables, reason_for
from tradeexposure.reporting import result_lineage

ROOT = Path(__file__).resolve().parents[3]


def test_of_what_a_cell_read_what_belongs_to_a_numbers_tables_counts(edition: Path):
    known = EditionLineage(edition)
    gain, cars = known.direct("use.gain"), known.direct("use.cars")
    assert gain.tables == ("grain_exports_monthly", "canola_crush_monthly") and cars.tables[0] == "ev_prices"
    assert "china_seed_antidumping" in gain.facts and not any(name.startswith("canada") for name in gain.facts)
    assert "canada_ev_surtax" in cars.facts and not any(name.startswith("china") for name in cars.facts)
    assert (gain.priors, gain.choices) == (("seed_supply",), ("today",))
    assert (cars.priors, cars.choices) == (("china_appeal",), ("shutting_duty",))
    assert gain.numbers == (":use.rows.above", "sample_rows") and cars.numbers == (":use.cars.answer",)


def test_of_measures_on_a_trade_only_those_that_can_charge_count(edition: Path):
    """An investigation stands on file and charges nothing; a measure that the cell asked for by name is kept."""
    facts = EditionLineage(edition).direct("use.gain").facts
    assert "china_seed_investigation" not in facts and "china_seed_deposit" in facts


def test_a_number_that_repeats_another_rests_on_what_that_rests_on(edition: Path):
    known = EditionLineage(edition)
    assert known.origin("brief.gain") == "deal_2026:use.gain" and known.origin("use.gain") == ""
    assert (
        known.direct("brief.gain").facts == ()
        and known.whole("brief.gain").facts[:1] == known.whole("use.gain").facts[:1]
    )
    whole = known.whole("brief.gain")
    assert "benchmarks_canola" in whole.tables and "meal_yield" in whole.priors and "china_mfn_meal" in whole.facts


def test_a_number_of_another_scenario_rests_on_the_measures_that_it_changes_too(edition: Path):
    known, changed = EditionLineage(edition), scenarios.load("us_338_extended")
    named = {override.measure for override in changed.overrides} | {change.measure for change in changed.quantities}
    more = set(known.whole("brief.gain.other").facts) - set(known.whole("use.cars").facts)
    assert more <= named


def test_bases_are_joined_and_parted_by_name():
    first, second = Basis(tables=("a", "b")), Basis(tables=("b", "c"), facts=("x",))
    assert first | second == Basis(tables=("a", "b", "c"), facts=("x",))
    assert (first | second) - first == Basis(tables=("c",), facts=("x",))


def test_every_committed_number_states_tables_that_its_cell_read():
    """A row that states a table which nothing read for it says what is not so, or was made before the book noted it."""
    wrong = []
    for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        book = json.loads(path.read_text("utf-8"))
        by, of, _ = result_lineage.in_notebook(book)
        for row in published_rows.numbers_of(book):
            making = by[of[row["result_id"]]]
            stated = set(filter(None, map(str.strip, row["tables"].split(";"))))
            unread = [] if making.numbers and not making.tables else sorted(stated - set(making.tables))
            wrong += [f"{row['result_id']}: {', '.join(unread)}"] if unread else []
    assert not wrong, "\n".join(wrong[:20])


def test_a_table_has_the_digest_of_the_edition_and_the_words_of_the_descriptor():
    inputs = {"data/vintages/2026-12-01/tables/grain_weekly.csv": "b" * 64, "data/studies.yml": "c" * 64}
    row, undated = described_tables(["grain_weekly", "ev_prices", "no_such_table"], {"inputs": inputs})
    assert (row["name"], row["sha256"]) == ("grain_weekly", "b" * 64) and undated["sha256"] == ""
    assert row["publisher"] == "Canadian Grain Commission" and row["licence"] and row["address"].startswith("https://")


def test_tables_of_one_sector_alone_decide():
    assert lineage.sectors_of_tables(["grain_exports_monthly", "exchange_rate_monthly"]) == {"canola"}
    assert lineage.sectors_of_tables(["vehicle_production", "vehicle_trade_shares"]) == {"us"}
    assert lineage.sectors_of_tables(["exchange_rate_monthly"]) == {"canola", "ev", "us"}, "nothing tells: any"
    assert lineage.sectors_of_tables(["merchandise_trade_monthly", "no_such_table"]) == set()


def test_a_duty_rests_on_no_table_and_its_name_tells():
    assert lineage.sectors_of_name("scenario.canola.china_meal_duty") == {"canola"}
    assert lineage.sectors_of_name("scenario.sensitivity.consumer_surplus.us_car_value_cad") == set(), (
        "nothing tells: any"
    )


def test_a_measure_belongs_where_its_products_are():
    of = {measure.id: lineage.sectors_of_measure(measure) for measure in tariff_schedule.all_measures()}
    assert of["china_seed_antidumping"] == {"canola"} and of["canada_ev_surtax"] == {"ev"}
    assert of["us_cusma"] == {"canola", "ev", "us"} and of["china_pork_additional"] == set()


def test_priors_are_those_that_say_they_move_it():
    known = assumptions.load()
    assert lineage.priors_of(("*", "seed_supply"), frozenset({"us"})) == ()
    assert lineage.priors_of(("us_content", "seed_supply"), frozenset({"us"})) == ("us_content",)
    assert lineage.priors_of(("*",), frozenset()) == tuple(known)


def test_choices_are_those_of_the_sectors():
    both = ("shutting_duty", "least_rival_share", "before_2019")
    assert lineage.choices_of(both, frozenset({"ev"})) == ("shutting_duty",)
    every = lineage.choices_of(("*", "2019"), frozenset({"canola"}))
    assert {"2019", "before_2019"} <= {*every} and not {"*", "shutting_duty"} & {*every}
    assert lineage.choices_of(both, frozenset({"canola"})) == both[1:] and lineage.choices_of(both, frozenset()) == both


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
        books = sampleedition.notebooks(value)
        editions.append(sampleedition.write(tmp_path / digest, books, inputs=inputs, named=named))
    return dict(edition_comparison.compare(*editions).numbers.set_index("result_id")["reason"])


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
