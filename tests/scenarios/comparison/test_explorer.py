"""What the notebook hands to the page: small, whole sentences for every direction, claims that can fail."""

from __future__ import annotations

import json
import string
from typing import get_args

import pandas as pd
import pytest
import samplebrief
import samplerows as sample

from tradeexposure.core import published_rows, units
from tradeexposure.publishing import explorer as publishing
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.comparison import explorer, grid
from tradeexposure.scenarios.comparison.grid import Grid
from tradeexposure.scenarios.comparison.inputs import Compared


@pytest.fixture(scope="module")
def found() -> Grid:
    return sample.solved()


def published(found: Grid) -> pd.DataFrame:
    """What the scenario notebook would publish at the levers of the deal."""
    ends = found.start.solved(found.named["deal_2026"])
    rows = {
        ("deal_2026", name): [units.significant(value, 2) for value in ends[key]] for key, name in grid.OUTCOMES.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["low", "value", "high"]).set_axis(
        pd.MultiIndex.from_tuples(rows, names=["scenario", "result_id"])
    )


def test_every_message_is_a_sentence_with_known_places():
    for _, unit, messages in explorer.OUTCOME_WORDS.values():
        assert unit in units.FORMATS
        assert set(messages) <= set(get_args(units.Direction)) and {"rarely", "none"} <= set(messages)
        for text in messages.values():
            assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= {"low", "high"}
            assert text[0].isupper() and text.endswith(".")


def test_every_direction_that_occurs_has_its_sentence(found: Grid):
    for key, table in found.tables.items():
        ends = table.values.reshape(-1, 3)
        directions = {units.direction(value, low, high) for low, value, high in ends.tolist()}
        assert directions <= set(explorer.OUTCOME_WORDS[key][2]), key


def test_the_data_hold_the_grid(found: Grid):
    data = sample.data()
    for outcome in data["outcomes"]:
        table = found.tables[outcome["key"]]
        assert [axis["lever"] for axis in outcome["axes"]] == list(table.nodes)
        assert [len(axis["nodes"]) for axis in outcome["axes"]] == list(table.values.shape[:-1])
        assert outcome["high"][-1] * outcome["scale"] == pytest.approx(table.values.ravel()[-1])
    assert [lever["start"] for lever in data["levers"]] == [0.149, 49_000, 0.25]
    assert data["presets"][1]["levers"] == {"seed": 0.848, "quota": 49_000, "us": 0.25}


@pytest.fixture(scope="module")
def curve() -> explorer.Curve:
    """The gain by what would have come, made by hand, without two of the duties."""
    numbers = Numbers(samplebrief.frame(samplebrief.second(1)))
    kept = Numbers.__new__(Numbers)
    kept._rows = {key: one for key, one in numbers.items() if key.rpartition(".")[2] not in ("20", "80")}
    return explorer.curve_of(Compared(kept, {}, {}, {}))


def test_the_duty_that_would_have_come_is_a_lever_of_its_own(found: Grid, curve: explorer.Curve):
    assert (curve.duties[0], curve.duties[1], curve.duties[-1]) == (0.149, 0.25, 0.848)
    alone, data = explorer.as_json(found), explorer.as_json(found, curve)
    assert data["levers"][:-1] == alone["levers"] and data["outcomes"][:-1] == alone["outcomes"]
    lever, outcome = data["levers"][-1], data["outcomes"][-1]
    assert (lever["key"], lever["low"], lever["high"], lever["start"]) == ("otherwise", 0.149, 0.848, 0.848)
    assert outcome["axes"] == [{"lever": "otherwise", "nodes": list(curve.duties)}]
    for end, first, last in zip(("low", "value", "high"), curve.gains[0], curve.gains[-1], strict=True):
        held = [outcome[end][place] * outcome["scale"] for place in (0, -1)]
        assert held == pytest.approx([first, last])
    assert {preset["levers"]["otherwise"] for preset in data["presets"]} == {0.848}
    assert "{gain}" in data["said"] and "{gain}" not in alone["said"]
    note = "Had China settled on 14.9% without the deal, they would gain C$130 m (C$20 m to C$240 m) a year, all of it"
    assert note in data["notes"][0] and note not in alone["notes"][0]


def test_the_page_has_the_lever_and_its_table(found: Grid, curve: explorer.Curve):
    text = publishing.piece(json.loads(json.dumps(explorer.as_json(found, curve)))).replace("\N{NO-BREAK SPACE}", " ")
    assert 'data-lever="otherwise"' in text and 'data-outcome="gain"' in text
    assert "C$640 m" in text and "C$130 m" in text


def test_notes_take_their_numbers_from_the_run(found: Grid):
    text = " ".join(sample.data()["notes"])
    runs = sum(map(len, found.nodes.values()))
    error = units.write(max(found.errors.values()), "share", 2)
    duties = "5% on canola meal and 109% on oil"
    parts = [
        "“A final duty as high as the deposit, for good”",
        duties,
        f"{runs} runs",
        "1,000 simulations",
        "At 3 settings",
        error,
    ]
    for part in parts:
        assert part in text


def test_the_page_gets_data_and_the_analyst_one_line(found: Grid, monkeypatch: pytest.MonkeyPatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    explorer.show(found)
    assert shown[0][published_rows.EXPLORER_MIME] == sample.data()
    assert "\n" not in shown[0]["text/plain"]
    monkeypatch.setattr(explorer, "LARGEST", 100)
    with pytest.raises(ValueError, match="longer steps"):
        explorer.show(found)


def test_errors_are_published(found: Grid):
    rows = explorer.error_rows(found).set_index("result_id")
    assert list(rows.index) == ["explorer.error.max", *(f"explorer.error.{key}.max" for key in grid.OUTCOMES)]
    assert rows.loc["explorer.error.max", "value"] == rows["value"].iloc[1:].max() > 0


def test_a_claim_fails_where_the_published_number_is_another(found: Grid):
    rows = published(found)
    assert all(claim.holds for claim in explorer.claims(found, rows)[1:])
    rows.loc[("deal_2026", grid.OUTCOMES["welfare"]), "high"] *= 1.1
    assert [claim.holds for claim in explorer.claims(found, rows)[1:]] == [True, True, True, True, False]
    assert explorer.claims(found, rows)[0].holds == (max(found.errors.values()) <= explorer.MOST_APART)
