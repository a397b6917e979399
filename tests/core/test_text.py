"""Counts in words; Markdown whose dollars are money."""

from __future__ import annotations

from datetime import date, datetime

from tradeexposure.core import text


def test_what_was_written_comes_back_and_dollars_are_no_formula() -> None:
    for written in ("C$1 m to C$2 m", "", "two\n\nparts"):
        assert text.as_written(text.as_output(written)["text/markdown"]) == written
    assert text.as_written("C\\$1 m and <div>x</div>") == "C$1 m and <div>x</div>", "Markdown from elsewhere"
    output = text.as_output("From **C$1 m** to C$2 m.\n\n- a")
    assert output["text/plain"] == "From **C$1 m** to C$2 m.\n\n- a"
    # Blank lines: what stands between the tags is Markdown.
    assert output["text/markdown"] == ('<div class="mathjax_ignore">\n\nFrom **C\\$1 m** to C\\$2 m.\n\n- a\n\n</div>')


def test_days_and_months_are_said_as_in_a_sentence() -> None:
    days = (date(2026, 3, 1), datetime(2026, 12, 31, 9), "2026-03-01", "2026-09")
    assert [*map(text.day_in_words, days)] == ["1 March 2026", "31 December 2026", "1 March 2026", "September 2026"]


def test_small_counts_are_words_and_the_name_that_was_meant_stands_first() -> None:
    assert [text.in_words(count) for count in (0, 1, 4, 20, 21)] == ["no", "one", "four", "twenty", "21"]
    assert text.meant("canola_sed", ["peas", "canola_seed"]) == "did you mean canola_seed? "
    assert text.meant("us", ["peas", "canola_seed"]) == ""
