"""Where numbers stand in a text: as a book says them, its own and those of earlier notebooks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from tradeexposure.core import published_rows
from tradeexposure.reporting import numbers, results_book
from tradeexposure.reporting.numbers import NUMBER_FORMATS, Number, Numbers, newest_figure


def gain(key: str, value: float, low: float | None, high: float | None, unit: str = "CAD per year") -> Number:
    return Number(key, value, low, high, 0.9, unit)


GAIN, LOSS = gain("a.gain", 5e8, 2e8, 9e8), gain("a.loss", -3e6, -9e6, -1e6)
CHANCE = gain("a.chance", 0.84, None, None, "probability")


def test_a_book_says_where_its_numbers_stand(shown: list[dict[str, Any]]) -> None:
    book = results_book.Book("10_map_sample")
    book.add("a.sold", 4e9, label="Sold", unit="CAD")
    book.add("a.fall", -0.2, label="Fall", unit="change", low=-0.3, high=-0.1)
    book.say("In {year} C$ {a.sold} fell by {a.fall:full}, {a.fall:range}.", year="2024")
    text, places = shown[0]["data"]["text/plain"], published_rows.places_of(shown[0])
    assert [(place.result_id, text[place.start : place.end]) for place in places] == [
        ("a.sold", "C$4.0 bn"), ("a.fall", "−20% (−30% to −10%)"), ("a.fall", "−30% to −10%"),
    ]  # fmt: skip
    book.say("Nothing is said.")
    assert published_rows.places_of(shown[1]) == [] and shown[1]["metadata"] == {}


def test_sentences_ask_for_numbers_of_the_book_and_of_earlier_notebooks(
    shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = results_book.Book("90_brief")
    book.add("a.own", 7.0, label="Own", unit="count")
    monkeypatch.setitem(book._taken, "70_simulate", {"a.gain": GAIN, "a.loss": LOSS, "a.chance": CHANCE})
    gained, lost, chance = (number.named for number in (GAIN, LOSS, CHANCE))
    sentence = f"They gain {gained.full}, lose {lost.size.plain} in {chance.full} of draws, {lost.size.bare} at once."
    book.say("{sentence} {a.own}", sentence=sentence)
    text, places = shown[0]["data"]["text/plain"], published_rows.places_of(shown[0])
    assert text == (
        f"They gain {GAIN.full}, lose {LOSS.size.plain} in {CHANCE.text} of draws, {LOSS.size.bare} at once. 7"
    )
    assert [(place.result_id, place.notebook, text[place.start : place.end]) for place in places] == [
        ("a.gain", "70_simulate", GAIN.full), ("a.loss", "70_simulate", LOSS.size.plain),
        ("a.chance", "70_simulate", CHANCE.text), ("a.loss", "70_simulate", LOSS.size.bare), ("a.own", "", "7"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["", *NUMBER_FORMATS])
def test_a_message_asks_by_identifier_for_what_a_book_writes(shown: list[dict[str, Any]], form: str) -> None:
    book = results_book.Book("10_map_sample")
    book.add("a.fall", -0.2, label="Fall", unit="change", low=-0.3, high=-0.1, digits=2)
    book.add("a.fall.long_run", -0.4, label="Fall", unit="change", low=-0.5, high=-0.2, digits=2)
    ending = f":{form}" if form else ""
    book.say(f"{{a.fall{ending}}}, {{a.fall.long_run{ending}}}")
    numbers, message = Numbers(book.frame()), f"{{id{ending}}}, {{id.long_run{ending}}}"
    assert message.format(id=numbers.stem("a.fall")) == shown[0]["data"]["text/plain"]
    book.say(message.format(id=numbers.named().stem("a.fall")))
    assert shown[1] == shown[0]


def test_a_message_that_asks_for_what_was_not_published_is_refused() -> None:
    with pytest.raises(KeyError, match=r"a\.gone"):
        "{id.gone:full}".format(id=Numbers(results_book.Book("10_map_sample").frame()).stem("a"))


def test_prose_has_two_digits_and_duties_those_of_the_law() -> None:
    published = (("a.fall", -0.687, "change"), ("a.duty", 0.848, "rate"), ("a.few", 0.5, "change"))
    rows = [
        {"result_id": key, "label": key, "value": value, "unit": unit, "digits": 3} for key, value, unit in published
    ]
    numbers = Numbers(pd.DataFrame(rows)).prose()
    assert [number.bare for number in numbers.values()] == ["\N{MINUS SIGN}69%", "84.8%", "+50%"]
    asked = [number.bare for number in numbers.named().values()]
    assert asked == ["{a.fall:bare.2}", "{a.duty:bare.3}", "{a.few:bare.2}"]


@pytest.mark.parametrize(
    ("period", "tables", "newest"),
    [
        ("2026-03 to 2026-08", "prices", ("2026-08", "August 2026")),
        ("2026-03 to 2026-05", "prices", ("2026-05", "May 2026")),
        ("2024", "prices", ("2024-12", "2024")),
        ("a year, against: “The deal of 2024”", "harvests; prices", ("2026-08", "August 2026")),
        ("", "sales; prices", ("2026-09", "September 2026")),
        ("2026-10-01", "harvests", ("", "")),
        ("2026-10-01", "", ("", "")),
    ],
)
def test_the_newest_figure_is_that_of_the_tables_and_of_no_month_after_the_period(
    monkeypatch: pytest.MonkeyPatch, period: str, tables: str, newest: tuple[str, str]
) -> None:
    days = {"prices": date(2026, 8, 31), "sales": date(2026, 9, 27)}
    asked = lambda names: max((days[name] for name in names if name in days), default=None)  # noqa: E731
    monkeypatch.setattr(numbers.data, "newest", asked)
    assert newest_figure(replace(GAIN, period=period, tables=tables)) == newest


def test_of_several_numbers_the_newest_figure_counts() -> None:
    old, new = (replace(GAIN, period=period, tables="farm_food_exports_monthly") for period in ("2020", "2024"))
    assert newest_figure(old, new) == ("2024-12", "2024")


def test_a_number_whose_median_is_nothing_has_no_sign_that_could_be_said() -> None:
    assert (GAIN.direction, LOSS.direction, CHANCE.direction) == ("rise", "fall", "rise")
    assert gain("a.rare", 0.0, 0.0, 5e6).direction == "undetermined" == gain("a.both", 1e6, -1e6, 5e6).direction
    assert gain("a.none", 0.0, 0.0, 0.0).direction == "none"


def test_the_opposite_of_a_gain_is_a_loss_as_large() -> None:
    turned = GAIN.opposite
    assert (turned.value, turned.low, turned.high) == (-5e8, -9e8, -2e8)
    assert turned.opposite == GAIN and turned.direction == "fall"
    assert (turned.size.value, turned.size.ends) == (5e8, (2e8, 9e8))


def test_few_are_counted_whole_and_many_in_digits() -> None:
    written = {0.0: "0", 5.44: "5", 54.4: "54", -9.6: "\N{MINUS SIGN}10", 99.7: "100", 104.4: "100", 14_677.0: "15,000"}
    for value, text in written.items():
        assert gain("a.cars", value, None, None, "vehicles per year").bare == text
    assert replace(GAIN, unit="count", value=54.4, low=5.4, high=5400.0, digits=1).plain == "54 (5 to 5,000)"
