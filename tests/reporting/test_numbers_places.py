"""Where numbers stand in a text: as a book says them, and in words that were written elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tradeexposure.reporting import numbers, results_book
from tradeexposure.reporting.numbers import Number


def gain(key: str, value: float, low: float | None, high: float | None, unit: str = "CAD per year") -> Number:
    return Number(key, key, value, low, high, 0.9, unit)


GAIN, LOSS = gain("a.gain", 5e8, 2e8, 9e8), gain("a.loss", -3e6, -9e6, -1e6)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    outputs: list[dict[str, Any]] = []

    def display(bundle: dict[str, Any], *, raw: bool, metadata: dict[str, Any] | None = None) -> None:
        outputs.append({"data": bundle, "metadata": metadata or {}})

    monkeypatch.setattr("IPython.display.display", display)
    return outputs


def test_a_book_says_where_its_numbers_stand(shown: list[dict[str, Any]]) -> None:
    book = results_book.Book("10_map_trade")
    book.add("a.sold", 4e9, label="Sold", unit="CAD")
    book.add("a.fall", -0.2, label="Fall", unit="change", low=-0.3, high=-0.1)
    book.say("In {year} C$ {a.sold} fell by {a.fall:full}, {a.fall:range}.", year="2024")
    text, places = shown[0]["data"]["text/plain"], numbers.places_of(shown[0])
    assert [(one.result_id, text[one.start : one.end]) for one in places] == [
        ("a.sold", "C$4.00 bn"), ("a.fall", "−20.0% (−30.0% to −10.0%)"), ("a.fall", "−30.0% to −10.0%"),
    ]  # fmt: skip
    book.say("Nothing is said.")
    assert numbers.places_of(shown[1]) == [] and shown[1]["metadata"] == {}


def test_words_written_elsewhere_hold_numbers_with_their_ranges() -> None:
    text = f"They gain {GAIN.full}; others lose {LOSS.size.full}, as {LOSS.opposite.plain} more would. C$500 m alone."
    places = numbers.places_in(text, {"70_simulate": [GAIN, LOSS]})
    assert [(one.result_id, one.notebook) for one in places] == [
        ("a.gain", "70_simulate"), ("a.loss", "70_simulate"), ("a.loss", "70_simulate"),
    ]  # fmt: skip
    assert text[places[0].start : places[0].end] == GAIN.full


def test_no_part_of_a_longer_number_and_no_bare_one_is_taken() -> None:
    assert numbers.places_in(f"−{GAIN.plain} and 1{GAIN.plain}", {"70": [GAIN]}) == []
    assert numbers.places_in("p 0.17", {"70": [gain("a.p", 0.17, None, None, "pvalue")]}) == []
    assert numbers.places_in("It gained.", {}) == []


def test_of_numbers_written_the_same_the_first_counts() -> None:
    same = gain("a.same", 5e8, 2e8, 9e8)
    assert [one.result_id for one in numbers.places_in(GAIN.full, {"70": [GAIN, same]})] == ["a.gain"]
