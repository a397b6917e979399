"""Rows that are published: digits, counts, sums."""

from __future__ import annotations

import pandas as pd

from tradeexposure.reporting import Book
from tradeexposure.reporting.numbers import number


def test_facts_are_published_as_precisely_as_their_source_and_shown_rounded():
    rows = pd.DataFrame({"result_id": ["a.sold", "a.part"], "value": [0.1 + 0.2 + 1615.8, 1616.1 / 9210.3],
                         "label": "x", "unit": ["kilotonnes", "share"]})  # fmt: skip
    book = Book("20_a_b")
    book.add_frame(rows, kept="source")
    published = book.frame().set_index("result_id")
    assert published["value"].tolist() == [1616.1, 0.175467]
    assert published["digits"].tolist() == [3, 3] and published["tolerance"].tolist() == [1e-8, 1e-6]
    assert [number(row).text for row in book.frame().to_dict("records")] == ["1,620 kt", "17.5%"]


def test_counts_are_written_whole():
    book = Book("20_a_b")
    book.add("a.farms", 32075.0, label="x", unit="count", digits="whole", kept="source")
    assert [number(row).text for row in book.frame().to_dict("records")] == ["32,075"]
