"""Tables with digest, publisher, licence and address."""

from __future__ import annotations

from tradeexposure.publishing.provenance import tables


def test_a_table_has_the_digest_of_the_edition_and_the_words_of_the_descriptor():
    made = {"inputs": {"data/vintages/2026-12-01/tables/grain_weekly.csv": "b" * 64, "data/studies.yml": "c" * 64}}
    row, undated = tables.rows(["grain_weekly", "ev_prices", "no_such_table"], made)
    assert (row["name"], row["sha256"]) == ("grain_weekly", "b" * 64) and undated["sha256"] == ""
    assert row["publisher"] == "Canadian Grain Commission" and row["licence"] and row["address"].startswith("https://")
