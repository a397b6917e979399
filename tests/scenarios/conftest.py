"""The comparison as the committed notebooks have it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import pytest
import samplerows

from tradeexposure.core import arrays
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.comparison.inputs import Compared


@pytest.fixture(scope="module")
def solved_once() -> Iterator[None]:
    """No regime is solved twice, as in a run of many scenarios."""
    with arrays.shared():
        yield


@pytest.fixture(scope="session")
def reading() -> tuple[Book, Compared]:
    """A book of the comparison that has the duties of the deal and read all it may quote, and what it read."""
    with pytest.MonkeyPatch.context() as patch:
        samplerows.with_second(patch)
        opened = Book("80_compare_scenarios")
        opened.add_frame(inputs.duties())
        return opened, inputs.read(opened)


@pytest.fixture(scope="module")
def comparison(reading: tuple[Book, Compared]) -> Iterator[Compared]:
    """The comparison as the committed notebooks have it, its second counterfactual by hand."""
    with pytest.MonkeyPatch.context() as patch:
        samplerows.with_second(patch)
        yield reading[1]


@pytest.fixture
def book(reading: tuple[Book, Compared]) -> Book:
    """The book of the comparison, before it publishes what it compares."""
    return deepcopy(reading[0])
