"""Rows of a notebook with what its file in ``data/results`` says of them."""

from __future__ import annotations

import pandas as pd

from tradeexposure.data import result_words
from tradeexposure.reporting.results_book import Book


def worded(notebook: str, rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` as the notebook publishes them: label, unit, digits and method beside each, by identifier."""
    book = Book(notebook)
    book.add_frame(rows)
    return pd.DataFrame([result_words.joined(row) for row in book._rows.values()]).set_index("result_id")
