"""Pages speak plainly: committed notebooks and messages keep the rules of ``publishing/plain_words.py``."""

from __future__ import annotations

import ast
import re
from calendar import month_name

import pandas as pd
from trees import committed_notebooks

from tradeexposure import data
from tradeexposure.core import paths, published_rows
from tradeexposure.publishing import plain_words
from tradeexposure.publishing.languages.matching import Translator
from tradeexposure.reporting import chart_style, results_book
from tradeexposure.runner import notebooks


def test_titles_are_short_in_french_too(through: Translator) -> None:
    """Which takes a third more letters than the 80 of English."""
    for path in committed_notebooks():
        executed = notebooks.read(path).content
        titles = [spec["usermeta"]["title"] for _, spec in published_rows.shown(executed, chart_style.MIME)]
        headings = [line[2:] for line in "".join(executed["cells"][0]["source"]).splitlines() if line.startswith("# ")]
        french = [through.text(title) or "" for title in (*headings, *titles)]
        assert headings and [title for title in french if len(title) > 110] == [], path.stem


def test_what_pages_say_in_both_languages_is_plain() -> None:
    assert plain_words.message_faults() == []


def test_a_count_in_the_hundreds_is_said_as_it_is() -> None:
    """Not at the two digits of estimates, which make 240 windows of the 243 in the table."""
    rows = pd.read_csv(paths.path("reports", "published", "deal_2026", "results.csv"))
    counts = {*rows.loc[(rows["unit"] == "count") & rows["value"].between(100, 999), "result_id"]}
    asked = [match for path in committed_notebooks() for cell in notebooks.read(path).content["cells"]
             for match in results_book.PLACEHOLDER.finditer(notebooks.source(cell)) if match[1] in counts]  # fmt: skip
    assert asked and [match[0] for match in asked if match[3] != "3"] == []


#: Words that say in which month a table ends: the next vintage ends elsewhere, and no claim of a cell would tell.
LAST_MONTH = re.compile(
    r"\b(?:[Vv]alues|[Ff]igures|[Pp]rovinces|[Dd]estinations|tables?|year|one) (?:ends?|stops?|reach(?:es)?) "
    rf"(?:in|to|before) (?:it\b|{'|'.join(month_name[1:])})|not held for these|is held for the months since"
)


def test_no_fixed_words_say_in_which_month_a_table_ends() -> None:
    for path in committed_notebooks():
        cells = notebooks.read(path).content["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        assert texts and [match[0] for text in texts for match in LAST_MONTH.finditer(text)] == [], path.stem


def test_no_fixed_description_of_a_chart_tells_of_the_year_in_which_tables_end() -> None:
    """Which goes on with the next vintage: such a description is made from the rows, as by ``charts.monthly_alt``."""
    newest = data.newest(data.names())
    assert newest
    for path in committed_notebooks():
        cells = [cell for cell in notebooks.read(path).content["cells"] if cell["cell_type"] == "code"]
        nodes = [node for cell in cells for node in ast.walk(ast.parse("".join(cell["source"])))]
        fixed = [ast.unparse(node.value) for node in nodes if isinstance(node, ast.keyword) and node.arg == "alt"]
        assert [text for text in fixed if re.search(rf"{newest.year}|at (its|the right) end", text)] == [], path.stem
