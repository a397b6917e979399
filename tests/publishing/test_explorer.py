"""The explorer's piece of a page: what stands there without scripts is what the grid holds, in the page's words."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from copy import deepcopy
from itertools import pairwise

import pytest
import samplenotebook
import samplerows as sample
from markupsafe import Markup

from tradeexposure.core import published_rows, units
from tradeexposure.publishing import explorer, template_files
from tradeexposure.publishing.languages import pages

DEAL = {"seed": 0.149, "meal": 0.05, "quota": 49_000.0, "us": 0.25}


@pytest.fixture(scope="module")
def piece() -> Markup:
    return explorer.piece(sample.data())


def test_outcomes_of_the_start_stand_there_before_any_script_runs(piece: Markup):
    outcomes = sample.solved().between(DEAL)
    low, value, high = outcomes["income"]
    assert f'<p class="value">{units.write(value, "CAD per year", 2)}</p>' in piece.replace("\u00a0", " ")
    ends = f"{units.write(low, 'CAD', 2)} and {units.write(high, 'CAD per year', 2)}"
    assert f"Growers gain: 90% of simulations fall between {ends}." in piece.replace("\u00a0", " ")
    assert piece.count('class="outcome"') == 5


def test_words_from_the_notebook_are_escaped_and_nothing_is_styled_in_place(piece: Markup):
    assert "A &lt;larger&gt; quota" in piece
    assert not re.search(r"\sstyle=|\son\w+=|<larger>", piece)


def test_data_of_the_page_are_those_handed_over(piece: Markup):
    embedded = json.loads(re.search(r'id="explorer-data">(.*?)</script>', piece, re.DOTALL)[1])
    handed = sample.data()
    assert embedded["levers"] == handed["levers"]
    for mine, theirs in zip(embedded["outcomes"], handed["outcomes"], strict=True):
        low, high = mine.pop("domain")
        assert mine == theirs
        ends = [value * mine["scale"] for table in mine["tables"] for value in (*explorer.numbers(table), 0)]
        assert low < min(ends) and high > max(ends)


def test_a_preset_has_its_line_and_an_outcome_what_it_leaves_out(piece: Markup):
    preset = (
        '<button type="button" class="button" data-preset="0" aria-pressed="true" aria-describedby="explorer-preset-0">'
    )
    assert f'{preset}The deal’s duties and quota</button> <small id="explorer-preset-0">Every lever where' in piece
    assert piece.count("<small id=") == 1  # the two others are a user's own
    for key in ("sales", "welfare"):
        box = piece.split(f'data-outcome="{key}"')[1].split('<div class="outcome"')[0]
        assert '<p class="off" data-off="us" hidden>' in box
    assert piece.count("data-off=") == 2


def test_every_strip_has_a_scale_in_round_numbers_and_what_it_counts(piece: Markup):
    boxes = piece.replace("\u00a0", " ").split('<div class="outcome"')[1:]
    assert len(boxes) == 5
    units_of = ("C$ a year", "change in per cent", "cars a year", "C$ a year", "C$ a year")
    for box, counted in zip(boxes, units_of, strict=True):
        assert f"<small>{counted}</small>" in box
        ticks = [(float(at), text) for at, text in re.findall(r'<text x="([-\d.]+)%"[^>]*>([^<]+)</text>', box)]
        zero = float(re.search(r'class="zero" x1="([\d.]+)%', box)[1])
        assert explorer.LEAST_TICKS <= len(ticks) <= 2 * explorer.LEAST_TICKS, ticks
        assert {at for at, text in ticks if text in ("C$0", "0", "0%")} == {zero}
        steps = {round(right - left, 1) for (left, _), (right, _) in pairwise(ticks)}
        assert max(steps) - min(steps) <= 0.11 and all(0 <= at <= 100 for at, _ in ticks)


def test_tables_hold_medians_and_ranges_of_the_grid(piece: Markup):
    text = piece.replace("\u00a0", " ")
    tables = sample.solved().begun
    for key, at, row, unit in (
        ("price", {"seed": 0.149, "meal": 0.05}, "14.9%", "change"),
        ("cars", {"quota": 63_037.0}, "63,037", "vehicles per year"),
        ("sales", {"us": 1.0}, "100%", "CAD per year"),
        ("welfare", {"seed": 0.848, "meal": 0.05, "quota": 49_000.0}, "84.8%", "CAD per year"),
    ):
        low, value, high = tables[key].between(at)
        cell = f"{units.write(value, unit, 2)}<small>{units.write_range(low, high, unit, 2)}</small>"
        rows = re.findall(rf'<tr><th scope="row">{re.escape(row)}</th>.*?</tr>', text, re.DOTALL)
        assert any(cell in line for line in rows), key


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ((1e8, 2e8, 3e8), "up C$100 m C$300 m a year"),
        ((-3e8, -2e8, -1e8), "down C$100 m C$300 m a year"),
        ((-1e8, 2e8, 3e8), f"open {units.MINUS}C$100 m C$300 m a year"),
        ((0.0, 0.0, 3e8), "rarely C$0 C$300 m a year"),
        ((0.0, 0.0, 0.0), "none"),
    ],
)
def test_a_sentence_follows_the_direction(outcome: tuple[float, float, float], sentence: str):
    messages = {"rise": "up {low} {high}", "fall": "down {low} {high}", "undetermined": "open {low} {high}",
                "zero_median": "rarely {low} {high}", "none": "none"}  # fmt: skip
    assert explorer.sentence(messages, outcome, "CAD per year", 2) == sentence


def test_a_fall_in_per_cent_has_no_plus_sign():
    sentence = explorer.sentence({"fall": "falls {low} {high}"}, (-0.075, -0.036, -0.009), "change", 2)
    assert sentence == "falls 0.90% 7.5%"


def test_a_long_grid_is_shown_at_round_settings_with_those_of_the_presets():
    nodes = [round(0.09 + 0.01 * step, 4) for step in range(102)]
    nodes = sorted([*nodes, 0.149])
    few = explorer._few(nodes, [0.149], most=24)
    assert few == [0.09, 0.1, 0.149, *[round(0.15 + 0.05 * step, 4) for step in range(20)]]
    assert explorer._few([5.0, 6.0, 7.0], [6.0], most=24) == [5.0, 6.0, 7.0]


def test_a_page_with_the_explorer_allows_its_script_and_one_without_does_not():
    def drawn(*cells: object) -> str:
        book = samplenotebook.published()
        notebook = samplenotebook.notebook(*cells, drawn=("fan",))
        edition, sources = samplenotebook.edition(), samplenotebook.sources()
        return samplenotebook.pages(notebook, edition=edition, sources=sources, results=book)["en"]

    shown = samplenotebook.shown({published_rows.EXPLORER_MIME: deepcopy(sample.data()), "text/plain": "Explorer"})
    cell = samplenotebook.code("front_page.panel.show(grid)", shown, name="explore", tags=("explorer",))
    with_it, without = drawn(cell), drawn()
    assert 'id="explorer-data"' in with_it and "script-src &#39;sha256-" in with_it
    script = (template_files.folder() / explorer.SCRIPTS[-1]).read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert digest in html.unescape(with_it) and script in with_it
    assert digest not in html.unescape(without) and script not in without


def test_scales_are_written_in_french_too(piece: Markup):
    french = pages.french(f"<!DOCTYPE html><html><body><main>{piece}</main></body></html>").page.replace("\u00a0", " ")
    ticks = re.findall(r"<text[^>]*>([^<]+)</text>", french)
    assert {"0 $", "+20 %", "50 000"} <= set(ticks) and not any("C$" in text for text in ticks)
