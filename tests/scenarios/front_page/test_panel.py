"""What the notebook hands to the page: small, whole sentences for every direction, claims that can fail."""

from __future__ import annotations

import string
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
import samplebrief
import samplerows as sample

from tradeexposure.core import arrays, published_rows, units
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.comparison.inputs import Compared
from tradeexposure.scenarios.explorer import grid
from tradeexposure.scenarios.explorer.grid import Grid
from tradeexposure.scenarios.explorer.levers import View
from tradeexposure.scenarios.front_page import panel


@pytest.fixture(scope="module")
def sample_grid() -> Grid:
    return sample.solved()


def published(sample_grid: Grid) -> pd.DataFrame:
    """What the scenario notebook would publish at the levers of the deal."""
    deal = sample.setting().scenario
    rows = {
        ("deal_2026", grid.published_as(key, view, deal)): [units.significant(value, 2) for value in ends]
        for view, outcomes in sample.start().solved(sample_grid.named["deal_2026"]).items()
        for key, ends in outcomes.items()
    }
    index = pd.MultiIndex.from_tuples(rows, names=["scenario", "result_id"])
    table = pd.DataFrame(list(rows.values()), index=index, columns=["low", "value", "high"])
    return table.assign(tables=[f"behind {key}" for _, key in rows])


def test_every_message_is_a_sentence_with_known_places():
    notes = [note["messages"] for notes in panel.OFF_WORDS.values() for note in notes if "messages" in note]
    for messages in (*(messages for *_, messages in panel.OUTCOME_WORDS.values()), *notes):
        assert set(messages) <= set(get_args(units.Direction)) and {"zero_median", "none"} <= set(messages)
        for text in messages.values():
            assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= {"low", "value", "high"}
            assert text[0].isupper() and text.endswith(".")
    assert {unit for _, unit, _ in panel.OUTCOME_WORDS.values()} <= set(units.FORMATS)


def test_a_sum_that_leaves_out_a_part_names_what_it_covers_and_judges_nobody():
    _, _, messages = panel.OUTCOME_WORDS["welfare"]
    assert len(messages) == len(get_args(units.Direction))
    for text in messages.values():
        assert text.startswith("The sum over canola, car buyers and public revenue ")
        assert "Canada" not in text and "gain" not in text and "lose" not in text


def test_every_direction_that_occurs_has_its_sentence(sample_grid: Grid):
    for tables in sample_grid.tables.values():
        for key, table in tables.items():
            ends = table.values.reshape(-1, 3)
            directions = {units.direction(value, low, high) for low, value, high in ends.tolist()}
            assert directions <= set(panel.OUTCOME_WORDS[key][2]), key


def test_the_data_hold_the_grid(sample_grid: Grid):
    data = sample.data()
    for outcome in data["outcomes"]:
        for view, place in outcome["views"].items():
            table, mine = sample_grid.tables[View(*view.split())][outcome["key"]], outcome["tables"][place]
            assert [axis["lever"] for axis in mine["axes"]] == list(table.nodes)
            assert [len(axis["nodes"]) for axis in mine["axes"]] == list(table.values.shape[:-1])
            assert [axis["joins"] for axis in mine["axes"]] == list(table.joins.values())
            unpacked = arrays.unpacked(mine["numbers"], mine["decimals"]) * outcome["scale"]
            np.testing.assert_allclose(unpacked, table.values.ravel(), rtol=1e-9, atol=1e-11 * np.ptp(table.values))
        hangs_on = {"cars": 2, "sales": 2}.get(outcome["key"], 4)  # on the horizon alone, or on both choices
        assert (len(outcome["views"]), len(outcome["tables"])) == (4, hangs_on)
    assert [lever["start"] for lever in data["levers"]] == [0.149, 0.05, 49_000, 0.25]
    assert data["presets"][1]["levers"] == {"seed": 0.848, "meal": 0.05, "quota": 49_000, "us": 0.25}


def test_what_a_lever_does_not_reach_is_said_beside_the_number(sample_grid: Grid):
    """The US duty moves sales alone: beside the sum, what is not in it; beside sales, what scenarios charge more."""
    off = {outcome["key"]: outcome.get("off") for outcome in sample.data()["outcomes"]}
    assert {key: [part["lever"] for part in parts] for key, parts in off.items()} == {
        "income": [], "price": [], "cars": [], "sales": ["us"], "welfare": ["us"]}  # fmt: skip
    assert (off["welfare"][0]["of"], "charge the whole car" in off["sales"][0]["words"]) == ("sales", True)
    assert all(text.startswith("Not in this sum: car sales") for text in off["welfare"][0]["messages"].values())
    assert "us" not in sample_grid.begun["welfare"].nodes


def test_counterfactuals_of_the_edition_and_both_horizons_can_be_chosen():
    against, when = sample.data()["choices"]
    assert [option["key"] for option in against["options"]] == ["status_quo_2025", "final_duty_2026"]
    assert [option["label"] for option in against["options"]][1] == "No deal: China settles on 14.9% on seed"
    assert [option["key"] for option in when["options"]] == ["adjusted", "first_year"]


def test_the_gain_over_the_settled_duty_stands_beside_the_levers(sample_grid: Grid):
    numbers = Numbers(samplebrief.frame(samplebrief.second(1)))
    beside = panel.settled(Compared(numbers, {}, {}, {}))
    note = (
        "Had China settled on 14.9% anyway, the deal would bring growers C$130 m (C$20 m to C$240 m) a year, all of it"
    )
    assert note in panel.as_json(sample_grid, beside)["notes"][0] and note not in panel.as_json(sample_grid)["notes"][0]


def test_notes_take_their_numbers_from_the_run(sample_grid: Grid):
    text = " ".join(sample.data()["notes"])
    error = units.write(max(sample_grid.errors.values()), "share", 2)
    parts = [
        "“The deal of January 2026 in force”",
        "109% on it",
        f"{sample_grid.runs} runs",
        "1,000 simulations",
        "At 3 settings",
        error,
    ]
    for part in parts:
        assert part in text


def test_the_page_gets_data_and_the_analyst_one_line(
    sample_grid: Grid, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    panel.show(sample_grid)
    assert shown[0]["data"][published_rows.EXPLORER_MIME] == sample.data()
    assert "\n" not in shown[0]["data"]["text/plain"]
    monkeypatch.setattr(panel, "LARGEST", 100)
    with pytest.raises(ValueError, match="longer steps"):
        panel.show(sample_grid)


def test_errors_are_published(sample_grid: Grid):
    behind = published(sample_grid)
    rows = panel.error_rows(sample_grid, behind).set_index("result_id")
    assert list(rows.index) == ["explorer.error.max", *(f"explorer.error.{key}.max" for key in grid.OUTCOMES)]
    assert rows.loc["explorer.error.max", "value"] == rows["value"].iloc[1:].max() > 0
    price = behind.loc[("deal_2026", grid.OUTCOMES["price"]), "tables"]
    assert rows.loc["explorer.error.price.max", "sources"] == price
    assert rows.loc["explorer.error.max", "sources"] == "; ".join(rows["sources"].iloc[1:])


def test_a_claim_fails_where_the_published_number_is_another(sample_grid: Grid):
    rows = published(sample_grid)
    assert set(rows.index.get_level_values(1)) == set(grid.numbers(sample_grid))
    whole = panel.claims(sample_grid, rows)
    assert len(whole) == 1 + 4 * 5 and all(claim.holds for claim in whole[1:])
    rows.loc[("deal_2026", f"{grid.OUTCOMES['welfare']}.against_final_duty.first_year"), "high"] *= 1.1
    assert [claim.holds for claim in panel.claims(sample_grid, rows)[1:]] == [True] * 19 + [False]
    assert panel.claims(sample_grid, rows)[0].holds == (max(sample_grid.errors.values()) <= panel.MOST_APART)
