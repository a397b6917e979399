"""The table of words by sign: every row is said somewhere, and has a message for each direction it is asked for."""

from __future__ import annotations

import ast
import re

import pytest

from tradeexposure.core import paths
from tradeexposure.reporting.numbers import Number
from tradeexposure.scenarios.by_sign import BY_SIGN, fill_by_sign, message

COLUMNS = {"rise", "fall", "undetermined", "zero_median", "unclear", "none"}
FRONT = [key for key in BY_SIGN if key.startswith(("front_", "question_", "today_")) and "unclear" in BY_SIGN[key]]


def ends(value: float, low: float, high: float) -> Number:
    return Number("scenario.x", value, low, high, 0.9, "CAD per year", 2)


RISE, FALL, OPEN, RARELY, NONE = ends(5, 1, 9), ends(-5, -9, -1), ends(1, -1, 9), ends(0, 0, 9), ends(0, 0, 0)


def test_every_row_is_said_and_every_key_that_is_said_has_a_row() -> None:
    modules = [path for path in (paths.CHECKOUT / "lib/tradeexposure/scenarios").rglob("*.py")
               if path.name != "by_sign.py"]  # fmt: skip
    strings = {node.value for path in modules for node in ast.walk(ast.parse(path.read_text("utf-8")))
               if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip
    assert set(BY_SIGN) <= strings, set(BY_SIGN) - strings
    called = {
        key
        for path in modules
        for key in re.findall(r"\b(?:\w+_by_sign|message)\(\s*\"(\w+)\"", path.read_text("utf-8"))
    }
    assert len(called) > 35 and called <= set(BY_SIGN), called - set(BY_SIGN)


@pytest.mark.parametrize("key", list(BY_SIGN))
def test_a_row_has_known_columns_and_says_different_things(key: str) -> None:
    row = BY_SIGN[key]
    assert set(row) <= COLUMNS and len(set(row.values())) == len(row)
    assert not {"undetermined", "zero_median"} & set(row) or "unclear" not in row, (
        "one message for both, or one for each"
    )


@pytest.mark.parametrize("key", FRONT)
def test_the_front_page_has_words_for_every_direction(key: str) -> None:
    assert set(BY_SIGN[key]) == {"rise", "fall", "unclear", "none"}


def test_the_sign_chooses_and_a_settled_number_stands_without_it() -> None:
    assert fill_by_sign("growers", RISE) == "Canola growers would gain C$5.0 (C$1.0 to C$9.0) a year."
    assert fill_by_sign("growers", FALL) == "Canola growers would lose C$5.0 (C$1.0 to C$9.0) a year."
    assert fill_by_sign("growers", OPEN).startswith("Whether canola growers would gain or lose")
    assert fill_by_sign("growers", RARELY) == "In most simulations nothing changes for canola growers."
    assert fill_by_sign("growers", NONE) == "Nothing changes for canola growers."
    assert fill_by_sign("growers", None) == "" == fill_by_sign("prices", RARELY), (
        "nothing is said without a number or a message"
    )
    unclear = message("over", "undetermined")
    assert unclear and unclear == message("over", "zero_median") and message("lost", "undetermined") == ""
