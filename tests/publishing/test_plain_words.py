"""Words that are not plain are found, and plain ones are left alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from tradeexposure.core import published_rows, strict_yaml
from tradeexposure.core.errors import BadInput
from tradeexposure.publishing import plain_words
from tradeexposure.publishing.languages import catalogues
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
    shown = {"output_type": "display_data", "data": {"text/markdown": answer, "text/plain": answer}}
    return {
        "metadata": {"tradeexposure": {"headline": [f"x.{place}" for place in range(headline)]}},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": [f"# {title}\n", "\n", prose]},
            {"cell_type": "code", "metadata": {"tags": ["answer"]}, "source": "", "outputs": [shown]},
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
        {"prose": "We cannot tell; there is no other year, it is no larger, and buyers tell origins apart."},
        {"labels": ("a",), "headline": 1},
        {"answer": "It fell.\n\n| | 1 | 2 |\n|---|---|---|\n| 3 | 4 (5 to 6) | 7 |"},
    ],
)  # fmt: skip
def test_plain_words_are_left_alone(over: dict[str, Any]) -> None:
    assert faults(**over) == []


@pytest.mark.parametrize(
    ("over", "named"),
    [
        ({"title": "Estimate what it did"}, "the title is an order"),
        ({"headline": 0}, "0 results lead the page"),
        ({"headline": 7, "labels": tuple("abcdefgh")}, "7 results lead the page"),
        ({"headline": 5}, "metadata tradeexposure.headline: found x.4; allowed: "),
        ({"answer": f"It fell {'very ' * 30}far."}, "first sentence has 33 words"),
        ({"answer": "It fell, with p\n0.043. More."}, "a p-value in the answer's first sentence"),
        ({"answer": "It fell (p-value of 4%)."}, "a p-value in the answer's first sentence"),
        ({"answer": "Under deal_2026 it fell. More."}, "an identifier (deal_2026) in the answer's first sentence"),
        ({"answer": "By commit 2b8a7a9f it fell."}, "an identifier (2b8a7a9f) in the answer's first sentence"),
        ({"answer": "It fell. By 1%, 2%, 3.5%, 4% and C$1,000."}, "5 numbers in a sentence"),
        ({"prose": "A range is not a confidence interval. Ranges are not confidence intervals."}, "stands 2 times"),
        ({"prose": "Oil, seed and meal, in\nthat order."}, "“in that order”"),
        ({"chart": "They changed by \N{MINUS SIGN}3%"}, "“by \N{MINUS SIGN}3”"),
        ({"prose": "Growers lose, a change of \N{MINUS SIGN}C$3 m."}, "change of \N{MINUS SIGN}C$3"),
        ({"labels": ("a", "Price, origins told apart", "c")}, "origins told apart"),
        ({"prose": "It is not unlikely."}, "this is a double negation"),
        ({"prose": "A fall cannot be excluded."}, "this is a double negation"),
        ({"prose": "First.\nIt is no interval."}, "cell 1 (no id), line 4: “is no ”"),
        ({"answer": "Where it went cannot be told."}, "say “we cannot tell”"),
        ({"chart": "A title " + "that is too long " * 5}, "cell 3 (no id): the title of a chart has 93 letters"),
        ({"title": "Did it fall, " + "or did it not " * 6}, "the title has 97 letters; at most 80"),
        ({"prose": "Origin matters (Armington).", "chart": "By the Armington model"}, "stands 3 times"),
    ],
)  # fmt: skip
def test_each_fault_is_named(over: dict[str, Any], named: str) -> None:
    lines = faults(**over)
    assert lines
    assert any(named in line for line in lines)


NEVER = plain_words.words_never_said()
LISTS = {"everywhere": NEVER.everywhere, "read_by_all": NEVER.read_by_all, "french": NEVER.french}


@pytest.mark.parametrize(
    "entry", [entry for entries in LISTS.values() for entry in entries], ids=lambda entry: entry.such_as
)
def test_each_word_that_is_never_said_is_found_and_what_to_say_is_not_banned(entry: plain_words.Never) -> None:
    assert entry.say in {say for _, say in plain_words.never_said(entry.such_as, (entry,))}
    own = (NEVER.french,) if entry in NEVER.french else (NEVER.everywhere, NEVER.read_by_all)
    assert [match[0] for match, _ in plain_words.never_said(entry.say, *own)] == []


ENGLISH, FRENCH = "Trade hangs on China.", "Dans 84 % des tirages"


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[str]]:
    """What is found in a catalogue of one message that a source holds on its second line."""

    def of(english: str, french: str, source: str = "lib/said.py", content: str = "") -> list[str]:
        path = tmp_path / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content or f"A = 1\nSAID = '{english}'\n", encoding="utf-8")
        messages = Catalog(locale="fr")
        messages.add(english, french, locations=[(source, 0)])
        messages[english].lineno = 7
        monkeypatch.setattr(plain_words.paths, "CHECKOUT", tmp_path)
        monkeypatch.setattr(plain_words.scenarios, "names", list)
        monkeypatch.setattr(plain_words.result_words, "names", list)
        monkeypatch.setattr(catalogues, "DOMAINS", ("front",))
        monkeypatch.setattr(catalogues, "read", lambda domain: messages)
        return plain_words.message_faults()

    return of


def test_messages_are_checked_in_both_languages_with_their_line(catalogue: Callable[..., list[str]]) -> None:
    assert catalogue("Trade depends on China.", "Le commerce dépend de la Chine.") == []
    (fault,) = catalogue(ENGLISH, "Le commerce dépend de la Chine.")
    assert fault.startswith("lib/said.py:2: “hangs on”") and fault.endswith("say “depends on”")
    (fault,) = catalogue("In most simulations", FRENCH)
    assert "LC_MESSAGES/front.po:7: “tirages”" in fault and fault.endswith("say « simulations »")
    cells = {"cells": [{"source": "1"}, {"id": "answer", "source": ["a\n", f"b {ENGLISH}"], "outputs": [ENGLISH]}]}
    (fault,) = catalogue(ENGLISH, "", "notebooks/10_a.ipynb", json.dumps(cells))
    assert fault.startswith("notebooks/10_a.ipynb: cell 2 (answer), line 2: “hangs on”")


def test_notes_on_data_may_speak_as_methods_do_but_not_in_french(catalogue: Callable[..., list[str]]) -> None:
    assert catalogue("The order was not seen.", "Le décret n’a pu être consulté.", "data/parameters/a.yml") == []
    assert len(catalogue("The order was not seen.", "Le décret n’a pas été vu.", "data/parameters/a.yml")) == 1
    assert len(catalogue("The order was not seen.", "", "data/scenarios/a.yml")) == 1


def test_labels_of_published_numbers_are_checked_with_their_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeded: a label that is in use is never said any more."""
    wording = plain_words.result_words.of(plain_words.result_words.names()[0])
    assert wording
    label = wording.patterns[0].label
    seeded = plain_words.Never(never=re.escape(label.fr), say="autre chose", such_as=label.fr)
    monkeypatch.setattr(plain_words, "words_never_said", lambda: plain_words.Words(
        everywhere=(), read_by_all=(), french=(seeded,)))  # fmt: skip
    lines = [line for line in plain_words.message_faults() if line.endswith("say autre chose")]
    assert any(re.match(rf"{re.escape(wording.document.where)}:\d+: “", line) for line in lines)


def test_a_long_title_of_a_scenario_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_words, "_messages", lambda: iter(()))
    monkeypatch.setattr(plain_words.scenarios, "SHIPPED", ())  # one of one's own too
    monkeypatch.setattr(plain_words, "MOST_SCENARIO", 33)
    lines = [line for line in plain_words.message_faults() if "data/scenarios/deal_2026" in line]
    assert lines == []
    monkeypatch.setattr(plain_words, "MOST_SCENARIO", 32)
    lines = [line for line in plain_words.message_faults() if "data/scenarios/deal_2026" in line]
    assert lines == [
        "data/scenarios/deal_2026.yml: the title has 33 letters; at most 32: The deal of January 2026 in force"
    ]
    monkeypatch.setattr(plain_words.scenarios, "names", lambda: ["not_there", "deal_2026"])
    unread, long = plain_words.message_faults()
    assert unread.startswith("scenario: found not_there") and [long] == lines, "each is read for itself"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("everywhere: [{never: '(', say: a, such_as: b}]\n", "a pattern"),
        ("everywhere: []\nfrench: []\n", "read_by_all"),
    ],
)
def test_a_file_of_words_that_cannot_be_used_is_refused(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "plain_words.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        strict_yaml.load_yaml(path).validate(plain_words.Words)
    assert named in str(refused.value)


def test_a_sentence_ends_where_a_reader_stops() -> None:
    text = "The U.S. Treasury said so. In the US. *Then* it fell by 3.5% to 4%.\n\n**Bold.** End"
    assert plain_words.sentences_of(text) == [
        "The U.S. Treasury said so.", "In the US.", "*Then* it fell by 3.5% to 4%.", "**Bold.**", "End",
    ]  # fmt: skip
