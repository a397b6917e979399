"""A claim that no longer holds is told with its sentence, the number found and its place."""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import CodeType, MappingProxyType
from typing import Any

import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core import earlier_results, paths, published_rows
from tradeexposure.core.results_csv import frame_of
from tradeexposure.reporting import Book, claims, result_lineage
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.numbers import Number

TRUE = Claim("Saskatchewan has the largest share", True, "55%", "Share growers' income out")
FALSE = Claim("growers gain", False, "\N{MINUS SIGN}C$3 m a year", "the title of the first chart")


def test_what_fails_names_sentence_number_and_place() -> None:
    with pytest.raises(AssertionError) as caught:
        claims.assert_claims([TRUE], [FALSE, Claim("provinces add up", False)])
    assert str(caught.value).splitlines() == [
        "no longer true:",
        "“growers gain”: found \N{MINUS SIGN}C$3 m a year (the title of the first chart)",
        "“provinces add up”",
    ]


def test_with_choices_of_ones_own_the_page_says_it_and_goes_on() -> None:
    chosen = {"baseline_2019": ["2014-08", "2018-02"]}
    text = claims.caveat([FALSE], chosen)
    assert "baseline_2019 = ['2014-08', '2018-02']" in text and str(FALSE) in text and TRUE.sentence not in text
    assert claims.caveat([], chosen) == ""


NEUTRAL = Claim("growers gain in every draw", False, "a duty that rises", "The answer", neutral="some gain, some lose")


def test_a_sentence_that_holds_is_said_and_the_neutral_one_where_it_does_not() -> None:
    assert NEUTRAL.said == NEUTRAL.neutral and replace(NEUTRAL, holds=True).said == NEUTRAL.sentence
    assert FALSE.said == FALSE.sentence  # nothing neutral is said of tables, estimates or a solution


def test_of_a_scenario_of_ones_own_the_neutral_sentence_is_handed_over(shown: list[dict[str, Any]]) -> None:
    claims.assert_claims([TRUE, NEUTRAL], own=True)
    assert shown[0]["data"][published_rows.NEUTRAL_MIME] == [
        {"sentence": NEUTRAL.sentence, "found": NEUTRAL.found, "where": NEUTRAL.where, "said": NEUTRAL.neutral}
    ]
    with pytest.raises(AssertionError, match="growers gain in every draw"):
        claims.assert_claims([TRUE, NEUTRAL])
    with pytest.raises(AssertionError) as caught:
        claims.assert_claims([FALSE, NEUTRAL], own=True)
    assert str(caught.value).splitlines() == ["no longer true:", str(FALSE)]


def test_a_figure_that_no_number_is_written_with_is_named() -> None:
    texts, written = (
        ["They gain C$1,950 m or 4.6% in 2019.", "Of 12 cars 3.5 leave."],
        ["C$1,950 m (C$3 m)", "12", "4.6%"],
    )
    assert claims.unpublished(texts, written) == ["2019", "3.5"]
    assert claims.unpublished(texts, [*written, "2019", "3.5"]) == []


@pytest.mark.parametrize(
    ("steps", "holds"),
    [
        ((0, 1), True),
        ((0, [1, 2], 3), True),
        ((0, [1, 3], 3), False),
        ((0, 0), False),
        (([-2, 1], 0, 2), False),
        ((0, float("nan")), False),
        ((0, None), False),
    ],
)
def test_steps_rise_where_each_lies_wholly_above_the_one_before(steps: tuple[Any, ...], holds: bool) -> None:
    assert claims.rises(*steps) is holds


def test_a_claim_without_numbers_or_that_is_no_truth_is_refused() -> None:
    book = Book("10_test_thing")
    with pytest.raises(ValueError, match="zero-size"):
        book.rising("no number is below it", 0, [])
    with pytest.raises(TypeError, match="names its numbers"):
        book.check("it is so", True)
    with pytest.raises(TypeError, match="true or false"):
        book.check("it is so", [False], 1)  # type: ignore[arg-type]  # a list that is not empty counts as true


def book_of(*values: tuple[str, float, float, float], **chosen: Any) -> Book:
    book = Book("10_test_thing", chosen)
    for key, value, low, high in values:
        book.add(key, value, low=low, high=high, label="a", unit="share", digits=2)
    return book


RANGE = ("a.b", 0.2, -0.1, 0.5)


def test_a_false_claim_stops_with_its_sentence_and_its_numbers() -> None:
    book = book_of(RANGE)
    book.rising("the range holds zero", "a.b:low", 0, "a.b:high")
    with pytest.raises(AssertionError) as caught:
        book.rising("the range is above zero", 3081.6, ["a.b:low", "a.b"], "a.b:high")
    assert str(caught.value).splitlines()[1] == "“the range is above zero”: found 3,080; -0.1, 0.2; 0.5"
    with pytest.raises(ValueError, match="no such result"):
        book.rising("another is there", 0, "a.c")


@pytest.mark.parametrize(("chosen", "start"), [({"level": 0.8}, "With level = 0.8 this"), ({}, "This")])
def test_where_somebody_tries_things_out_a_false_claim_stands_below_its_sentence_and_before_the_answer(
    shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any], start: str
) -> None:
    monkeypatch.setattr(result_lineage, "has_history", lambda: True)
    monkeypatch.setenv(earlier_results.SESSION, "" if chosen else "notebooks/30.ipynb")
    book = book_of(RANGE, **chosen)
    book.say("{caveat}**It is so.**")
    book.rising("the range is above zero", 0, "a.b:low")
    book.check("it is one", False, "two")
    book.say("{caveat}**It is so.**")
    start = f"**{start} page says what no longer holds:** "
    texts = [output["data"]["text/plain"] for output in shown]
    assert [start in text for text in texts] == [False, True, True, True] and texts[0] == "**It is so.**"
    assert "“the range is above zero”: found 0; -0.1; “it is one”: found two. No run publishes it" in texts[-1]
    book.check("the range is above zero", True, 0.1)  # the cell ran again
    book.say("{caveat}**It is so.**")
    again = shown[-1]["data"]["text/plain"]
    assert "above zero" not in again and "it is one" in again
    monkeypatch.undo()  # nobody does
    with pytest.raises(AssertionError, match="it is one"):
        book.check("it is one", False, "two")


NOTEBOOKS = sorted(paths.path("notebooks").glob("*.ipynb"))
CLAIMING = ("book.check", "book.rising")


class Asked(Book):
    """The published numbers of a notebook, one of them changed; which ones a claim asks for, and what it says."""

    def __init__(self, rows: pd.DataFrame) -> None:
        super().__init__("10_test_thing")
        self.rows_of = {str(row["result_id"]): row for row in rows.to_dict("records")}
        self.changed: Mapping[str, Number] = {}
        self.asked: dict[str, Number] = {}
        self.outcomes: list[bool] = []

    def number(self, key: str) -> Number:
        known = self.changed.get(key) or claims_number(self.rows_of[key])
        self.asked[key] = known
        return known

    def frame(self) -> pd.DataFrame:
        raise LookupError("the whole book")

    def check(self, sentence: str, holds: bool, *numbers: Any) -> None:
        stops = (
            contextlib.nullcontext()
            if holds
            else pytest.raises(AssertionError, match=re.escape(f"{sentence}”: found "))
        )
        with stops:
            super().check(sentence, holds, *numbers)
        self.outcomes.append(bool(holds))


def claims_number(row: dict[Any, Any]) -> Number:
    from tradeexposure.reporting.numbers import number

    return number(row)


@cache
def statements(path: Path) -> tuple[tuple[str, list[ast.stmt]], ...]:
    """Every claim of a notebook: its sentence, and the statements of its cell that lead to it."""
    cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    return tuple(claim for cell in cells for claim in _claims(ast.parse("".join(cell["source"])).body))


def _claims(body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    for place, node in enumerate(body):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            if ast.unparse(call.func) in CLAIMING:
                sentence = ast.unparse(call.args[0])
                plain = ast.Call(call.func, [ast.Constant(sentence), *call.args[1:]], [])
                yield sentence, [*body[:place], ast.fix_missing_locations(ast.copy_location(ast.Expr(plain), node))]


def needed(body: list[ast.stmt]) -> CodeType:
    """The claim and the assignments before it that it needs."""
    kept, wanted = [body[-1]], _loaded(body[-1])
    for node in reversed(body[:-1]):
        if isinstance(node, ast.Assign) and wanted & {name for target in node.targets for name in _names(target)}:
            kept, wanted = [node, *kept], wanted | _loaded(node)
    return compile(ast.Module(kept, []), "claim", "exec")


def _loaded(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)}


def _names(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def asked(book: Asked, claim: CodeType, changed: Mapping[str, Number] = MappingProxyType({})) -> bool | None:
    """Whether a claim holds of the numbers of `book`; None where it needs more than published numbers."""
    book.outcomes, book.changed = [], changed
    try:
        exec(claim, {"book": book})
    except (NameError, KeyError, LookupError):
        return None
    return book.outcomes[-1]


def changes(number: Number) -> Iterator[Number]:
    for name in ("value", "low", "high"):
        size = getattr(number, name)
        if size is not None:
            yield from (replace(number, **{name: changed}) for changed in (-size, 0.0, 20 * size, size / 20, size + 1))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_claim_on_published_numbers_holds_and_can_fail(path: Path) -> None:
    rows = frame_of(published_rows.numbers_of(json.loads(path.read_text("utf-8"))))
    for sentence, body in statements(path):
        book, claim = Asked(rows), needed(body)
        if asked(book, claim) is None:
            continue
        assert book.outcomes == [True], sentence
        changed = [{key: altered} for key, number in book.asked.items() for altered in changes(number)]
        assert changed, f"{sentence}: no number could make it untrue"
        untrue = (asked(book, claim, change) is False for change in changed)
        assert any(untrue), f"{sentence}: no change of a number made it untrue"


#: Notebook, a number that a sentence or title in fixed words stands on, and what it must not become.
BELIED = [
    ("10", "trade.us_export_share_break.2025-03.ex_precious_metals", 0.01),
    ("20", "canola.source_gap.china.2024", -0.11),  # a month of seed to China without its row
    ("20", "canola.receipts_at_stake_cad.mb.2024", 1.2e9),
    ("20", "canola.share_of_crop_receipts_at_stake.ab.2024", 0.15),
    ("20", "canola.receipts_at_stake_per_farm_cad.mb.2024", 160_000),
    ("20", "canola.exposure_slope.2019.p_value", 0.05),
    ("30", "canola.trade_effect.2025", 0.1),
    ("50", "ev.china_built_share.subsidised", 0.26),
    ("50", "ev.china_import_value_cad.2023", 8.3e7),
    ("50", "ev.china_import_change.2024q4", 0.92),
]


@pytest.mark.parametrize(("notebook", "key", "value"), BELIED, ids=lambda part: str(part))
def test_a_number_that_belies_a_sentence_stops_its_notebook(notebook: str, key: str, value: float) -> None:
    (path,) = (path for path in NOTEBOOKS if path.name.startswith(notebook))
    book = Asked(frame_of(published_rows.numbers_of(json.loads(path.read_text("utf-8")))))
    changed = {key: replace(book.number(key), value=value, low=value, high=value)}
    assert any(asked(book, needed(body), changed) is False for _, body in statements(path))


@pytest.mark.parametrize(("start", "figures"), [("two publications", "708; 16,900"), ("the council", "5,390,000,000")])
def test_a_cited_figure_that_changed_stops_notebook_20_with_its_sentence(start: str, figures: str) -> None:
    cited = data.load("canola_export_snapshots")
    cited[["volume_t", "value_cad"]] *= 1.1
    (claim,) = (body for sentence, body in statements(NOTEBOOKS[1]) if start in sentence)
    with pytest.raises(AssertionError, match=f"found {figures}"):
        exec(needed(claim), {"book": Book("20_test"), "cited": cited, "data": data})


def _found(node: ast.AST) -> bool:
    """Whether a part of a claim is a name, or an identifier of a number, rather than the same whatever was found."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_every_claim_names_the_numbers_it_stands_on() -> None:
    every = [(path.stem, claim) for path in NOTEBOOKS for claim in statements(path)]
    for name, (sentence, body) in every:
        call = body[-1].value  # type: ignore[attr-defined]
        many = len(call.args) + sum(isinstance(argument, ast.Starred) for argument in call.args)
        assert not call.keywords and many >= 3, f"{name}: {sentence} names no number"
        assert any(_found(part) for argument in call.args[1:] for part in ast.walk(argument)), f"{name}: {sentence}"
    assert len(every) > 150
