"""Published numbers are rounded once, refused when malformed, and travel unchanged."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
import samplerows

from tradeexposure.core import earlier_results, results_csv, text
from tradeexposure.core.errors import BadInput
from tradeexposure.reporting import results_book


@pytest.fixture
def book() -> results_book.Book:
    sample = results_book.Book("10_map_sample")
    sample.add("trade.two_way_china.2024", 118_923e6, label="Two-way trade", unit="CAD", digits=4)
    sample.add("canola.price_effect.2019", -0.03612, label="Effect", unit="change", low=-0.05, high=-0.0111, level=0.95)
    return sample


def test_words_are_rounded_once_from_what_is_published(book: results_book.Book, shown: list[dict[str, Any]]) -> None:
    """Two pages say C$350 m of 354.7: the one that publishes two digits, and the one that publishes three."""
    ends = {"low": 354.7e6, "high": 1.234e9, "unit": "CAD per year", "label": "Gain"}
    book.add("canola.gain.short", 714.2e6, digits=2, **ends)
    book.add("canola.gain.long", 714.2e6, digits=2, kept=3, **ends)
    book.say("{canola.gain.short:plain}; {canola.gain.long:plain}; {canola.gain.long:range.2}")
    assert shown[0]["data"]["text/plain"].count("C$350 m to C$1.2 bn") == 3
    published = book.frame().set_index("result_id").loc["canola.gain.long"]
    assert published[["value", "low", "high", "tolerance"]].tolist() == [714e6, 354.7e6, 1.23e9, 1e6]


def test_tolerance_defaults_to_one_unit_of_the_last_digit(book: results_book.Book) -> None:
    tolerance = book.frame().set_index("result_id")["tolerance"]
    assert tolerance["trade.two_way_china.2024"] == pytest.approx(1e8)
    assert tolerance["canola.price_effect.2019"] == pytest.approx(1e-4)


def test_prose_takes_every_number_from_a_result(book: results_book.Book, shown: list[dict[str, Any]]) -> None:
    book.say("{trade.two_way_china.2024} in {year}; {canola.price_effect.2019:full}", year="2024")
    assert shown[0]["data"] == text.as_output(shown[0]["data"]["text/plain"])
    assert shown[0]["data"]["text/plain"] == "C$120 bn in 2024; \u22123.6% (\u22125.0% to \u22121.1%)"


@pytest.mark.parametrize(
    ("template", "written"),
    [
        ("{canola.price_effect.2019:size}", "3.6%"),
        ("{canola.price_effect.2019:size_range}", "1.1% to 5.0%"),
        ("{canola.price_effect.2019:size_full}", "3.6% (1.1% to 5.0%)"),
        ("{canola.price_effect.2019:size_range.3}", "1.11% to 5.00%"),
        ("{trade.two_way_china.2024}", "C$120 bn"),
        ("{trade.duty}", "84.8%"),
        ("{trade.shipped:millions}", "3.6 (2.8 to 4.8)"),
        ("{trade.two_way_china.2024:value.9}", "C$118.9 bn"),
        ("{trade.rise:size}", "6.4 points"),
        ("{trade.rise:size_range}", "5 to 7 points"),
        ("{trade.open:size_full}", "+1% (\u22122% to +3%)"),
        ("{trade.gain:full}", "C$500 m (C$200 m to C$1.2 bn) a year"),
    ],
)
def test_sizes_have_no_sign_and_two_digits_but_duties_all(
    book: results_book.Book, shown: list[dict[str, Any]], template: str, written: str
) -> None:
    """A number whose range holds zero keeps its sign, since no sentence can name its direction."""
    book.add("trade.rise", 0.064, label="Rise", unit="points", digits=2)
    book.add("trade.gain", 500e6, label="Gain", unit="CAD per year", low=200e6, high=1.2e9)
    book.add("trade.duty", 0.848, label="Duty", unit="rate")
    book.add("trade.shipped", 3_551.0, label="Seed", unit="kilotonnes per year", low=2_849.0, high=4_812.0)
    book.add("trade.open", 0.01, label="Open", unit="change", low=-0.02, high=0.03, digits=1)
    if "rise:size_range" in template:
        book.add("trade.ranged", 0.06, label="Rise", unit="points", low=0.05, high=0.07, digits=1)
        template = template.replace("trade.rise", "trade.ranged")
    book.say(template)
    assert shown[0]["data"]["text/plain"] == written


@pytest.mark.parametrize(
    "template",
    ["{trade.two_way_china.2023}", "{trade.two_way_china.2024:range}", "{trade.two_way_china.2024:size_range}",
     "{trade.two_way_china.2024:sise}"],
)  # fmt: skip
def test_prose_refuses_what_was_not_published(book: results_book.Book, template: str) -> None:
    with pytest.raises(ValueError, match=r"no such result; did you mean [a-z_.]*2024\? publ|no range|no such form"):
        book.say(template)


def test_a_number_of_ones_own_is_worded_in_the_file_of_its_notebook() -> None:
    with pytest.raises(BadInput, match=r"no pattern for canola\.own; allowed: .*word-a-result\.md"):
        results_book.Book("20_measure_canola_exposure").add("canola.own", 1.0, label="Own", unit="share")


@pytest.mark.parametrize(("low", "high", "word"), [(-0.2, -0.1, "fell"), (0.1, 0.3, "rose"), (-0.2, 0.1, "unclear")])
def test_a_sentence_is_chosen_by_what_the_range_says(
    book: results_book.Book, low: float, high: float, word: str
) -> None:
    book.add("canola.effect", (low + high) / 2, label="Effect", unit="change", low=low, high=high)
    assert book.sentence_by_sign("canola.effect", rise="rose", fall="fell", undetermined="unclear") == word
    with pytest.raises(ValueError, match="no such result"):
        book.sentence_by_sign("canola.gone", rise="rose", fall="fell", undetermined="unclear")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"result_id": "Trade.X"}, "no result id"),
        ({"result_id": "trade"}, "no result id"),
        ({"result_id": "trade.two_way_china.2024"}, "published before"),
        ({"unit": "dollars"}, "unknown unit"),
        ({"value": math.nan}, "cannot be published"),
        ({"low": 2.0, "high": 3.0}, "does not hold"),
        ({"low": 0.5}, "does not hold"),
        ({"level": 95.0}, "not between 0 and 1"),
    ],
)
def test_malformed_numbers_are_refused(book: results_book.Book, changes: dict[str, Any], message: str) -> None:
    number = {"result_id": "trade.other.2024", "value": 1.0, "label": "x", "unit": "ratio", **changes}
    with pytest.raises(ValueError, match=message):
        book.add(**number)


def test_results_travel_from_notebook_to_file_unchanged(
    book: results_book.Book, shown: list[dict[str, Any]], tmp_path: Path
) -> None:
    book.save()
    output = nbformat.v4.new_output("display_data", data=shown[0]["data"])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("book.save()", outputs=[output])])
    nbformat.validate(notebook)
    carried = results_csv.from_notebook(nbformat.reads(nbformat.writes(notebook), as_version=4))
    (tmp_path / "results.csv").write_text(results_csv.text(carried), "utf-8", newline="")
    pd.testing.assert_frame_equal(results_csv.read(tmp_path / "results.csv"), carried[list(results_csv.COLUMNS)])
    assert "118900000000,,,," in (tmp_path / "results.csv").read_text("utf-8")


@pytest.fixture
def given_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run gives the notebook that comes after two others."""
    rows = {name: book_of(value).frame() for name, value in (("deal", 1.0), ("quo", 2.0), ("point", 3.0))}
    lists = {name: frame.to_json(orient="records") for name, frame in rows.items()}
    every = samplerows.tables({name: json.loads(lists[name]) for name in ("deal", "quo")}, {"deal": "quo"})
    text = earlier_results.as_json("point", [lists["point"]], {}, [every])
    (tmp_path / "handover.json").write_text(text, "utf-8")
    monkeypatch.setenv(earlier_results.VARIABLE, str(tmp_path / "handover.json"))


def book_of(value: float) -> results_book.Book:
    book = results_book.Book("70_x_y")
    book.add("scenario.income.sk", value, low=value - 0.5, high=value + 0.5, level=0.9, label="Income", unit="CAD")
    book.add("scenario.volume", value, label="Volume", unit="kilotonnes")
    return book


@pytest.mark.usefixtures("given_file")
class TestEarlier:
    def test_gives_rows_in_the_order_asked_for(self):
        rows = results_book.Book("90_a_b").earlier_results("scenario.volume", "scenario.income.sk")
        assert rows.index.tolist() == ["scenario.volume", "scenario.income.sk"]
        assert [rows.index.name, *rows.columns] == [
            *(name for name in results_csv.COLUMNS if name not in results_book.WORDS),
            "digits",
        ]
        assert rows.loc["scenario.income.sk", ["value", "low", "high", "level"]].tolist() == [3.0, 2.5, 3.5, 0.9]

    def test_of_another_scenario_or_of_all(self):
        book = results_book.Book("90_a_b")
        values = [
            book.earlier_results("scenario.volume", scenario=name)["value"].item() for name in ("deal", "quo", "point")
        ]
        assert values == [1.0, 2.0, 3.0]
        rows = book.simulated("scenario.volume")
        assert rows.index.tolist() == [("deal", "scenario.volume"), ("quo", "scenario.volume")], "not the point"
        assert rows["against"].tolist() == ["quo", ""] and rows["value"].tolist() == [1.0, 2.0]
        with pytest.raises(BadInput, match=r"found scenario\.price"):
            book.simulated("scenario.price")

    def test_of_all_that_begin_alike(self):
        book = results_book.Book("90_a_b")
        assert book.earlier_results(stem="scenario.").index.tolist() == ["scenario.income.sk", "scenario.volume"]
        assert book.earlier_results("scenario.volume", stem="scenario.income")["digits"].tolist() == [3, 3]
        with pytest.raises(BadInput, match=r"found scenario\.price"):
            book.earlier_results(stem="scenario.price")

    def test_names_close_ids_and_known_scenarios(self):
        book = results_book.Book("90_a_b")
        with pytest.raises(BadInput, match=r"found scenario\.income; allowed: scenario\.income\.sk"):
            book.earlier_results("scenario.income")
        with pytest.raises(BadInput, match="found nothing; allowed: deal, quo"):
            book.earlier_results("scenario.volume", scenario="nothing")


def test_a_number_said_is_that_of_the_scenario_asked_for_whatever_others_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: list[dict[str, Any]]
) -> None:
    """A notebook that runs for no scenario quotes one of them and shows all."""
    rows = {name: json.loads(book_of(value).frame().to_json(orient="records"))
            for name, value in (("deal", 1.0), ("quo", 2.0))}  # fmt: skip
    text = earlier_results.as_json("", [], {}, [samplerows.tables(rows, {"deal": "quo"})])
    (tmp_path / "handover.json").write_text(text, "utf-8")
    monkeypatch.setenv(earlier_results.VARIABLE, str(tmp_path / "handover.json"))
    book = results_book.Book("80_a_b")
    book.earlier_results("scenario.volume", scenario="deal")
    book.simulated("scenario.volume", "scenario.income.sk")
    book.say("China buys {scenario.volume}.")
    assert shown[-1]["data"]["text/plain"] == "China buys 1.0 kt."
    with pytest.raises(ValueError, match="no such result"):
        book.say("Growers earn {scenario.income.sk}.")


def test_an_estimate_is_given_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "handover.json").write_text(earlier_results.NOTHING, "utf-8")
    monkeypatch.setenv(earlier_results.VARIABLE, str(tmp_path / "handover.json"))
    with pytest.raises(BadInput, match="no earlier notebook's numbers are given here"):
        results_book.Book("30_a_b").earlier_results("scenario.volume")
