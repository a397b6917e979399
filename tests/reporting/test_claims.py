"""A claim that no longer holds is told with its sentence, the number found and its place."""

from __future__ import annotations

import pytest

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


def test_sentences_that_are_not_borne_out_are_listed() -> None:
    assert claims.false_among({"one": False, "true": True, "two": None}) == ["one", "two"]
