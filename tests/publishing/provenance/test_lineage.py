"""What a number rests on, by itself and through earlier numbers."""

from __future__ import annotations

import json
from pathlib import Path

from tradeexposure.core import published_rows
from tradeexposure.policy import scenarios
from tradeexposure.publishing.provenance.lineage import Basis, EditionLineage, described_tables
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
