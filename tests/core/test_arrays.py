"""Figures of a dataclass: all of them, and none left out unseen."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core import arrays
from tradeexposure.core.arrays import DOCUMENTS, Floats, content, numeric_content


@dataclass(frozen=True, eq=False)
class Inner:
    share: float
    years: int
    table: pd.DataFrame = field(metadata=DOCUMENTS)


@dataclass(frozen=True, eq=False)
class Outer:
    price: Floats
    inner: Inner
    target: Floats | None = None


def known(part: Outer) -> tuple[object, ...]:
    return tuple(map(content, numeric_content(part)))


def test_figures_are_arrays_as_they_are_held_and_numbers_of_parts_too() -> None:
    price, table = np.ones((2, 3)), pd.DataFrame()
    found = list(numeric_content(Outer(price, Inner(0.5, 4, table))))
    assert found[0] is price
    assert [each.tolist() for each in found[1:]] == [[0.5], [4], []]


def test_every_figure_tells_one_from_another_and_a_document_does_not() -> None:
    price, table = np.ones(2), pd.DataFrame()
    one = known(Outer(price, Inner(0.5, 4, table)))
    others = [
        Outer(price + 1e-12, Inner(0.5, 4, table)),
        Outer(price, Inner(0.5 + 1e-12, 4, table)),
        Outer(price, Inner(0.5, 5, table)),
        Outer(price, Inner(0.5, 4, table), target=price),
    ]
    assert one not in map(known, others)
    assert one == known(Outer(price.copy(), Inner(0.5, 4, pd.DataFrame({"note": ["other"]}))))


@pytest.mark.parametrize("value", ["text", [1.0], (1.0,), {"a": 1.0}, np.int64(3), pd.DataFrame()], ids=repr)
def test_a_field_of_another_kind_is_an_error_unless_it_is_a_document(value: object) -> None:
    plain = make_dataclass("Plain", [("price", Floats), ("other", object)])
    named = make_dataclass("Named", [("price", Floats), ("other", object, field(metadata=DOCUMENTS))])
    price = np.ones(2)
    with pytest.raises(TypeError, match=r"Plain\.other is of "):
        list(numeric_content(plain(price, value)))
    assert list(numeric_content(named(price, value))) == [price]


def test_packed_numbers_come_back_digit_by_digit() -> None:
    values = np.array([[0.0, 1023.4, -1023.4], [123.45, -0.012345, 0.00123456], [7.0, 999.999, -1e-12]])
    text = arrays.packed(values)
    assert len(text["numbers"]) == 4 * values.size
    back = arrays.unpacked(**text)
    assert back[:-1].tolist() == values.ravel()[:-1].tolist() and back[-1] == 0.0
    assert arrays.unpacked(**arrays.packed(np.zeros(2))).tolist() == [0.0, 0.0]
    np.testing.assert_allclose(arrays.unpacked(**arrays.packed(np.array([4.2e9, -1.0]))), [4.2e9, 0.0], atol=5e3)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_not_packed(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        arrays.packed(np.array([1.0, value]))
