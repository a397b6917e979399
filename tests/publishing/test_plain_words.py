"""Words that are not plain are found, and plain ones are left alone."""

from __future__ import annotations

from typing import Any

import pytest

from tradeexposure.core import published_rows
from tradeexposure.publishing import plain_words
from tradeexposure.reporting import charts

PLAIN = (
    "China's purchases fell by 66% to 77% in 2019. That is C$1.4 bn (C$0.82 bn to C$2.2 bn) at farm prices.\n\n"
    "How sure: p is 0.034, the smallest possible among 28 placebos."
)


def notebook(
    answer: str = PLAIN, *, title: str = "What did the measures do?", prose: str = "", headline: int = 3,
    chart: str = "Exports fell in 2019", labels: tuple[str, ...] = ("a", "b", "c", "d"),
) -> dict[str, Any]:  # fmt: skip
    """A page of a few words, with as many published numbers as labels."""
    spec = {"usermeta": {"title": chart}, "description": chart, "datasets": {"table_1": [{"name": "China", "x": 1}]}}
    rows = [{"result_id": f"x.{place}", "label": label, "value": 1.0} for place, label in enumerate(labels)]
    said = {"output_type": "display_data", "data": {"text/markdown": answer, "text/plain": answer}}
    return {
        "metadata": {"tradeexposure": {"headline": [f"x.{place}" for place in range(headline)]}},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": [f"# {title}\n", "\n", prose]},
            {"cell_type": "code", "metadata": {"tags": ["answer"]}, "source": "", "outputs": [said]},
            {"cell_type": "code", "metadata": {}, "source": "", "outputs": [{"data": {charts.MIME: spec}}]},
            {"cell_type": "code", "metadata": {}, "source": "",
             "outputs": [{"data": {published_rows.MIME: {"rows": rows}}}]},
        ],
    }  # fmt: skip


def faults(**over: Any) -> list[str]:
    return plain_words.faults(notebook(**over), name="30_estimate_trade")


@pytest.mark.parametrize(
    "over",
    [
        {},
        {"title": "Trade with China has levelled off"},
        {"title": "Reports say it fell"},
        {"answer": "It fell by 66% to 77% from March 2019 to 28 February 2020, in the crop year 2019-20, to 1,400 kt."},
        {"prose": "Where it rose by 3% is not known."},
        {"prose": "Origin matters (the Armington model)."},
        {"prose": "It cannot be told; other years had none, and buyers tell origins apart."},
        {"labels": ("a",), "headline": 1},
    ],
)  # fmt: skip
def test_plain_words_are_left_alone(over: dict[str, Any]) -> None:
    assert faults(**over) == []


@pytest.mark.parametrize(
    ("over", "named"),
    [
        ({"title": "Estimate what it did"}, "the title is an order"),
        ({"title": "Weigh the models"}, "the title is an order"),
        ({"headline": 2}, "2 results lead the page"),
        ({"headline": 7, "labels": tuple("abcdefgh")}, "7 results lead the page"),
        ({"headline": 5}, "headline x.4 was not published"),
        ({"answer": f"It fell {'very ' * 30}far."}, "first sentence has 33 words"),
        ({"answer": "It fell, with p\n0.043. More."}, "a p-value in the answer's first sentence"),
        ({"answer": "It fell (p-value of 4%)."}, "a p-value in the answer's first sentence"),
        ({"answer": "It fell. By 1%, 2%, 3.5%, 4% and C$1,000."}, "5 numbers in a sentence"),
        ({"prose": "Oil, seed and meal, in\nthat order."}, "“in that order”"),
        ({"chart": "They changed by \N{MINUS SIGN}3%"}, "“by \N{MINUS SIGN}3”"),
        ({"prose": "Growers lose, a change of \N{MINUS SIGN}C$3 m."}, "change of \N{MINUS SIGN}C$3"),
        ({"labels": ("a", "Price, origins told apart", "c")}, "origins told apart"),
        ({"prose": "It is not unlikely."}, "this is a double negation"),
        ({"prose": "A fall cannot be excluded."}, "this is a double negation"),
        ({"prose": "Origin matters (Armington).", "chart": "By the Armington model"}, "stands 3 times"),
    ],
)  # fmt: skip
def test_each_fault_is_named(over: dict[str, Any], named: str) -> None:
    found = faults(**over)
    assert found
    assert any(named in line for line in found)


def test_a_sentence_ends_where_a_reader_stops() -> None:
    text = "The U.S. Treasury said so. In the US. *Then* it fell by 3.5% to 4%.\n\n**Bold.** End"
    assert plain_words.sentences_of(text) == [
        "The U.S. Treasury said so.", "In the US.", "*Then* it fell by 3.5% to 4%.", "**Bold.**", "End",
    ]  # fmt: skip
