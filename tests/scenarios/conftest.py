"""The comparison as the committed notebooks have it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import samplerows

from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import Compared


@pytest.fixture(scope="module")
def book() -> Book:
    """The book of the comparison, with the duties of the deal in it."""
    made = Book("80_compare_scenarios")
    made.add_frame(inputs.duties())
    return made


@pytest.fixture(scope="module")
def found(book: Book) -> Iterator[Compared]:
    """The comparison as the committed notebooks have it, its second counterfactual by hand."""
    with pytest.MonkeyPatch.context() as patch:
        samplerows.with_second(patch)
        read = inputs.read(book)
        book.add_frame(inputs.published(read))
        yield read
