"""A claim that no longer holds is told with its sentence, the number found and its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tradeexposure.core import published_rows
from tradeexposure.reporting import claims
from tradeexposure.reporting.claims import Claim

TRUE = Claim("Saskatchewan has the largest share", True, "55%", "Share growers' income out")
FALSE = Claim("growers gain", False, "\N{MINUS SIGN}C$3 m a year", "the title of the first chart")


def test_what_holds_passes() -> None:
    claims.assert_claims([TRUE], [])
    assert claims.false_claims([TRUE, FALSE]) == [FALSE]


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
    text = claims.assert_claims([TRUE], [FALSE], chosen=chosen)
    assert "baseline_2019 = ['2014-08', '2018-02']" in text and str(FALSE) in text and TRUE.sentence not in text
    assert claims.assert_claims([TRUE], chosen=chosen) == ""


NEUTRAL = Claim("growers gain in every draw", False, "a duty that rises", "The answer", neutral="some gain, some lose")


def test_a_sentence_that_holds_is_said_and_the_neutral_one_where_it_does_not() -> None:
    assert NEUTRAL.said == NEUTRAL.neutral and replace(NEUTRAL, holds=True).said == NEUTRAL.sentence
    assert FALSE.said == FALSE.sentence  # nothing neutral is said of tables, estimates or a solution


def test_of_a_scenario_of_ones_own_the_neutral_sentence_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    assert claims.assert_claims([TRUE, NEUTRAL], own=True) is None
    assert shown[0][published_rows.NEUTRAL_MIME] == [
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
