"""What a cell printed: one text per stream, joined in a time that grows with its length and not with its square."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tradeexposure.runner import notebooks

AS_THE_LIBRARY = re.compile(r".*\r(?=[^\n])")


def stream(name: str, text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


SHOWN = {"output_type": "display_data", "data": {}}


def test_pieces_of_a_stream_are_one_output_where_the_first_stood():
    outputs = [stream("stdout", "a"), SHOWN, stream("stdout", "b\n"), stream("stdout", "c")]
    assert notebooks.merge_streams(outputs) == [stream("stdout", "ab\nc"), SHOWN]


def test_standard_output_stands_before_errors_that_were_sent_beside_it():
    assert notebooks.merge_streams([stream("stderr", "e"), stream("stdout", "o")]) == [
        stream("stdout", "o"), stream("stderr", "e"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "a", "a\rb", "a\rb\rc\n", "a\r\nb", "a\r", "a\r\r\nb\r\rc", "\r\r", "x\n\ry\r\n"])
def test_a_return_leaves_what_the_library_would_leave(text: str):
    assert notebooks.terminal_text(text) == AS_THE_LIBRARY.sub("", text)


def test_a_line_of_three_megabytes_is_joined_in_no_time():
    """The library's pattern is tried at every letter and runs to the line's end: 4.5 million million steps."""
    (output,) = notebooks.merge_streams([stream("stdout", "x" * 1_000_000) for _ in range(3)])
    assert len(output["text"]) == 3_000_000
