"""Counts in words; Markdown whose dollars are money."""

from __future__ import annotations

import pytest

from tradeexposure.core import text


def test_dollars_are_no_formula_in_jupyterlab() -> None:
    found = text.as_output("From **C$1 m** to C$2 m.\n\n- a")
    assert found["text/plain"] == "From **C$1 m** to C$2 m.\n\n- a"
    # Blank lines: what stands between the tags is Markdown.
    assert found["text/markdown"] == ('<div class="mathjax_ignore">\n\nFrom **C\\$1 m** to C\\$2 m.\n\n- a\n\n</div>')


@pytest.mark.parametrize("written", ["C$1 m to C$2 m", "", "two\n\nparts"])
def test_what_was_written_comes_back(written: str) -> None:
    assert text.as_written(text.as_output(written)["text/markdown"]) == written


def test_markdown_from_elsewhere_stays() -> None:
    assert text.as_written("C\\$1 m and <div>x</div>") == "C$1 m and <div>x</div>"


@pytest.mark.parametrize(("count", "words"), [(0, "no"), (1, "one"), (4, "four"), (20, "twenty"), (21, "21")])
def test_small_counts_are_words(count: int, words: str) -> None:
    assert text.in_words(count) == words


def test_the_name_that_was_meant_stands_first() -> None:
    assert text.meant("canola_sed", ["peas", "canola_seed"]) == "did you mean canola_seed? "
    assert text.meant("us", ["peas", "canola_seed"]) == ""
