"""Numbers as a reader sees them."""

from __future__ import annotations

import pandas as pd
import pytest

from tradeexposure.reporting import tables


def test_table_is_rounded_escaped_and_marks_what_is_missing() -> None:
    frame = pd.DataFrame(
        {
            "place": ["<b>", None],
            "share": [0.123456, float("nan")],
            "year": [2024, 2025],
            "month": pd.to_datetime(["2025-03-01", None]),
        }
    )
    bundle = tables.bundle(frame, caption="A & B")
    assert "<caption>A &amp; B</caption>" in bundle["text/html"]
    assert "&lt;b&gt;" in bundle["text/html"] and "<b>" not in bundle["text/html"]
    assert (
        '<td class="number">0.123</td>' in bundle["text/html"] and '<td class="number">2024</td>' in bundle["text/html"]
    )
    assert bundle["text/html"].count(tables.MISSING) == 3
    assert "2025-03" in bundle["text/plain"]


def test_whole_numbers_have_thousands_separators_and_years_have_none() -> None:
    frame = pd.DataFrame({"year": [2017, 2025], "cars": [9086, -202333], "codes": ["151411", "8703"]})
    bundle = tables.bundle(frame, caption="x")
    for cell in ("2017", "2025", "9,086", "\N{MINUS SIGN}202,333", "151411", "8703"):
        assert f">{cell}</td>" in bundle["text/html"]


def test_columns_can_be_written_in_a_unit() -> None:
    frame = pd.DataFrame({"a": [0.391, float("nan")], "b": [3.72e9, 35e6]})
    bundle = tables.bundle(frame, caption="x", written={"a": "share", "b": "CAD"})
    for cell in ("39.1%", tables.MISSING, "C$3.72 bn", "C$35.0 m"):
        assert f'<td class="number">{cell}</td>' in bundle["text/html"]


def test_columns_of_one_heading_are_written_in_its_unit_both() -> None:
    frame = pd.DataFrame([[0.5, 0.25]], columns=["The same", "The same"])
    shown = tables.bundle(frame, caption="x", written={"The same": "share"})["text/html"]
    assert "50.0%" in shown and "25.0%" in shown


@pytest.mark.parametrize(("frame", "caption"), [(pd.DataFrame({"a": []}), "x"), (pd.DataFrame({"a": [1]}), " ")])
def test_empty_tables_and_captions_are_refused(frame: pd.DataFrame, caption: str) -> None:
    with pytest.raises(ValueError, match="rows and a caption"):
        tables.bundle(frame, caption=caption)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="table 'x': no column b; the frame has a"):
        tables.show(pd.DataFrame({"a": [1]}), caption="x", columns={"b": "B"})


def test_runs_of_a_group_have_one_heading_and_a_strong_row_stands_out() -> None:
    frame = pd.DataFrame({"what": ["a", "b", "c"], "of": ["one", "one", "two & more"], "much": [1, 2, 3]})
    html = tables.bundle(frame, caption="Things", groups="of", strong=[False, True, False])["text/html"]
    assert [part.split("<")[0] for part in html.split('colspan="2">')[1:]] == ["one", "two &amp; more"]
    assert html.count("<strong>") == 2 and '<td class="number"><strong>2</strong></td>' in html
    assert ">of</th>" not in html and html.count('scope="col"') == 2


def test_truth_is_said_in_words() -> None:
    bundle = tables.bundle(pd.DataFrame({"good": ["seed", "oil"], "one key": [True, False]}), caption="Keys")
    assert '<td class="text">yes</td>' in bundle["text/html"] and '<td class="text">no</td>' in bundle["text/html"]
    assert "True" not in bundle["text/plain"]


def test_coefficients_are_shown_by_term_in_words():
    shown = tables.coefficients(pd.Series({"x": 1.5, "z": -2.0}), pd.Series({"x": 0.5, "z": 0.1}), names={"x": "Duty"})
    assert list(shown) == list(tables.COEFFICIENTS)
    assert shown.to_numpy().tolist() == [["Duty", 1.5, 0.5], ["z", -2.0, 0.1]]
