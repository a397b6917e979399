"""The pages of scenarios other than the default have French too: what they take as given, and what is said of them."""

from __future__ import annotations

import html

import pytest
from samplebrief import CASES, frame, mine
from tinyproject import SHIPPED

from tradeexposure.policy import duty_tables, scenarios
from tradeexposure.publishing.languages import markup, pages
from tradeexposure.publishing.languages.matching import Translator
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.brief import inputs, sentences, tables

pytestmark = pytest.mark.usefixtures("loaded_once")

OTHERS = [name for name in SHIPPED if name != "deal_2026"]


def page(brief: inputs.Brief, *others: inputs.Brief) -> str:
    """A page of the tables and the words of a scenario, and of its words where others hold the outcomes."""
    chosen = brief.scenario
    parts = [f"<h1>{html.escape(chosen.title)}</h1><p>{html.escape(chosen.question)}</p>"]
    for table in (duty_tables.table(chosen), tables.box(brief.compared), tables.across(brief).drop(columns="here")):
        cells = table.map(lambda cell: html.escape(str(cell)))
        parts.append(cells.to_html(index=False, header=False, escape=False))
    answers = [text for each in (brief, *others) for text in sentences.answer(each).values()]
    texts = [*answers, *duty_tables.on_its_day(chosen)]
    parts += [f"<p>{html.escape(text)}</p>" for text in texts]
    return f'<!DOCTYPE html>\n<html lang="en-CA"><body>{"".join(parts)}</body></html>'


def made(name: str, case: str) -> inputs.Brief:
    known = {shipped: scenarios.load(shipped) for shipped in SHIPPED}
    numbers = Numbers(frame(CASES[case]))
    return inputs.Brief(known[name], numbers, {name: inputs.headlines(numbers, known[name])}, known)


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_is_left_in_english(name: str, through: Translator) -> None:
    cases = ("deal", "loss", "undetermined") if name != "licence_ban_2019" else ("no cars",)
    translated = pages.french(page(*(made(name, case) for case in cases)), through=through)
    assert translated.lost == () and markup.english_texts(translated.page) == set()


@pytest.mark.parametrize("also", ["final_duty_2026", "us_338_extended"])
def test_nor_of_a_scenario_of_ones_own_but_its_title(also: str, through: Translator) -> None:
    translated = pages.french(page(mine(also)).replace("“Mine”", "“The deal breaks down”"), through=through)
    assert set(translated.lost) == {"Mine"}
