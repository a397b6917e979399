"""What a page shows of a notebook: sections, Markdown as HTML, tables as cards on a phone, numbers with their links."""

from __future__ import annotations

from copy import deepcopy

import pytest
import samplenotebook as sample

from tradeexposure.core import published_rows
from tradeexposure.publishing import page_model


def test_a_section_is_kept_when_it_shows_more_than_what_was_lifted() -> None:
    notebook = sample.notebook(drawn=("fan",))
    table = next(cell for cell in notebook.cells if cell.id == "table")
    place = next(step for step, cell in enumerate(notebook.cells) if cell.id == "says")
    notebook.cells.insert(place + 1, deepcopy(table))
    titles = [part.title for part in page_model.read(notebook).sections]
    assert "The answer" in titles and "Save" not in titles


def test_prose_with_amounts_is_not_taken_for_formulas() -> None:
    assert page_model.markdown_html("C$2 bn *of* C\\$9 bn") == "<p>C$2 bn <em>of</em> C$9 bn</p>\n"


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("In 2024 C$3.90 bn of receipts (C$3.29 bn to C$4.12 bn) hung on it. More follows.", "hung on it."),
        ("**The data of the U.S. Census cannot tell the two apart.** More follows.", "apart.**"),
        ("One sentence that is long enough to stand alone here.", None),
        ("No. Too short a sentence. **Bold text that runs on. It goes on** here.", None),
    ],
)
def test_the_first_sentence_of_the_answer_leads(text: str, lead: str | None) -> None:
    first, gap, rest = page_model.with_lead(text).partition("\n\n")
    assert (gap == "" and first == text) if lead is None else (first.endswith(lead) and rest == "More follows.")


def test_header_cells_that_say_nothing_are_no_headers() -> None:
    assert "<th" not in page_model.markdown_html("| | |\n|---|---|\n| Reads | a table |")
    assert page_model.markdown_html("| | A |\n|---|---|\n| b | 1 |").count("<th") == 2  # thead and one cell


WIDE = "<td>" + "long words " * 6 + "</td>"
HEAD = "<thead><tr><th>What</th><th>Why &amp; how</th></tr></thead>"
ROW = "<tr><td>b</td><td>short</td></tr>"


def test_a_table_of_long_words_tells_a_phone_the_heading_of_each_cell() -> None:
    table = f'<table class="data"><caption>C</caption>{HEAD}<tbody><tr><td>a</td>{WIDE}</tr>{ROW}</tbody></table>'
    labelled = page_model.with_labels(table)
    assert labelled.startswith('<table class="data cards"><caption>C</caption>')
    assert '<tr><td>a</td><td data-label="Why &amp; how">long words' in labelled and labelled.count("data-label") == 2
    assert page_model.with_labels(f"<table>{HEAD}<tbody><tr>{WIDE}<td>a</td></tr>{ROW}</tbody></table>").startswith(
        '<table class="cards">'
    )
    with_dash = page_model.with_labels(table.replace("short", "–"))
    assert '<td data-none data-label="Why &amp; how">–</td>' in with_dash and with_dash.count("data-none") == 1


def test_a_table_of_one_row_stands_on_its_side() -> None:
    turned = page_model.with_labels(f'<table class="data">{HEAD}\n<tbody><tr><td>a</td>{WIDE}</tr></tbody></table>')
    assert '<tr><th scope="row">What</th><td>a</td></tr><tr><th scope="row">Why &amp; how</th><td>long' in turned
    assert turned.startswith('<table class="data">') and "<thead" not in turned and turned.count("<tr>") == 2


@pytest.mark.parametrize(
    "table",
    [
        f"<table>{HEAD}<tbody><tr><td>a</td><td>short</td></tr></tbody></table>",
        f"<table><tbody><tr>{WIDE}</tr></tbody></table>",
        f"<table><thead><tr><th>A</th></tr><tr><th>B</th></tr></thead><tbody><tr>{WIDE}</tr></tbody></table>",
        f"<table><thead><tr>{'<th>A</th>' * 8}</tr></thead><tbody><tr>{WIDE * 8}</tr></tbody></table>",
    ],
    ids=["short cells", "no headings", "two rows of headings", "many columns"],
)
def test_other_tables_stay_tables_that_scroll(table: str) -> None:
    assert page_model.with_labels(table) == table


def test_an_equation_scrolls_and_is_reached_by_keyboard() -> None:
    assert page_model.markdown_html("So:\n\n```\na = β < 1\n```\n").endswith(
        '<pre tabindex="0"><code>a = β &lt; 1\n</code></pre>\n'
    )


def test_markdown_tables_of_long_words_are_cards_too() -> None:
    assert 'data-label="B"' in page_model.markdown_html(f"| A | B |\n|---|---|\n| x | {'long words ' * 6}|\n| y | z |")


def test_a_number_that_is_said_leads_to_its_row_and_another_page_has_its_own() -> None:
    text = "They lost C$5 bn ([a page](30_x.html) says C$6 bn) and 7% more."
    amounts = {"C$5 bn": ("a.b", ""), "C$6 bn": ("a.c", ""), "7%": ("a.d", "70_y")}
    places = [published_rows.NumberSpan(key, text.index(amount), text.index(amount) + len(amount), notebook)
              for amount, (key, notebook) in amounts.items()]  # fmt: skip
    linked = page_model.linked(text, places)
    assert "[C$5 bn](#number-a.b)" in linked and "(30_x.html)" in linked and "[7%](70_y.html#number-a.d)" in linked
    html = page_model.markdown_html(linked)
    assert '<a class="said" href="#number-a.b" title="How this number is made">C$5 bn</a>' in html
    assert '<a href="30_x.html">a page</a>' in html and page_model.linked(text, []) == ""
    inside = page_model.linked("[a page C$6 bn](30_x.html)", [published_rows.NumberSpan("a.c", 8, 14)])
    assert inside == "[a page C$6 bn](30_x.html)"
