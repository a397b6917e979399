"""What real files of all publishers look like: each is read right, or refused in one line that says why; zips too.

Rows are written here; none is copied from a file.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from publishers import LIMITS, source, zipped
from samplefiles import refused

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sheet import in_period, number, plain, table_rows, zip_member


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("12345.6", "12345.6"), ("12 345.6", "12345.6"), ("1\u202f234\u00a0567", "1234567"), ("-0.50", "-0.5"),
         (".5", "0.5"), ("1.2E+5", "120000"), ("+3", "3")],
    )  # fmt: skip
    def test_are_read_as_typed(self, text: str, value: str):
        assert number(text, "A source", "VALUE") == Decimal(value)

    @pytest.mark.parametrize(
        "text",
        ["12,5", "1,234.5", "3 4", "1 23", "1_000", "12.3.4", "٣", "inf", "--", "", "1e999999999", "#N/A"],
    )
    def test_that_are_none_are_refused(self, text: str):
        refused(lambda: number(text, "A source", "VALUE"), "where a number belongs (VALUE)")


class TestRows:
    """Of three headings, with blank lines among them."""

    LINES = (["1", "2", "3"], [], ["", " ", ""], ["4", "5", "6"], [""])

    def read(self, *more: list[str], **how: bool) -> list[list[str]]:
        return [list(row) for row in table_rows(iter([*self.LINES, *more]), 3, "A source", **how)]

    def test_blank_ones_are_none(self):
        assert self.read() == [["1", "2", "3"], ["4", "5", "6"]]

    def test_a_note_is_none_where_there_are_notes(self):
        assert self.read(["Source: Statistics Canada"], notes=True) == self.read()
        refused(lambda: self.read(["202403"]), "found a row of 1 cells under 3 headings")

    @pytest.mark.parametrize("notes", [False, True])
    @pytest.mark.parametrize("row", [["7", "8"], ["7", "8", "9", ""]])
    def test_one_of_another_width_is_refused(self, row: list[str], notes: bool):
        refused(lambda: self.read(row, notes=notes), f"found a row of {len(row)} cells under 3 headings")


@pytest.mark.parametrize(
    ("text", "frequency", "period"),
    [
        ("2025-03", "month", "2025-03"), ("2025-03-01", "month", "2025-03"), ("202503", "month", "2025-03"),
        ("2025-10", "quarter", "2025Q4"), ("2025", "year", "2025"), ("202503", "year", "2025"),
    ],
)  # fmt: skip
def test_reference_periods(text: str, frequency: str, period: str):
    assert in_period(text, frequency, "x") == period


def test_labels_are_the_same_however_they_are_stored():
    assert plain("  Türkiye\u00a0 [792]") == plain("Tu\u0308rkiye") == "türkiye"


def member(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with zip_member(path, source("statcan"), LIMITS, lambda name: name == "a.csv") as text:
        return text.read()


@pytest.mark.parametrize("name", ["folder/a.csv", "../a.csv", "/etc/a.csv"])
def test_reads_the_wanted_file_where_it_lies(tmp_path: Path, name: str):
    assert member(tmp_path / "z", zipped({name: b"1,2", "b.csv": b"3"})) == "1,2"
    assert [path.name for path in tmp_path.iterdir()] == ["z"], "nothing was unpacked"


def encrypted() -> bytes:
    content = bytearray(zipped({"a.csv": b"secret"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


WHOLE = zipped({"a.csv": bytes(range(256)) * 50})
#: What is unpacked never exceeds what the directory says, so the limits hold for a size that is a lie too.
LIAR = zipped({"a.csv": b"1234567890" * 100}).replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
REFUSED = {
    "a bomb": (
        lambda: zipped({f"{n}.csv": bytes(900_000) for n in range(120)} | {"a.csv": b"1"}),
        "would unpack to 108,000,001 bytes",
    ),
    "a size that is a lie": (LIAR, "the zip is damaged"),
    "cut off": (WHOLE[:-30], "the zip is damaged"),
    "zeros in the midst": (WHOLE[:100] + b"\0" * 20 + WHOLE[120:], "the zip is damaged"),
    "no zip": (b"PK\x03\x04 and no zip", "the zip is damaged"),
    "encrypted": (encrypted(), "encrypted"),
    "two data files": (zipped({"a.csv": b"1", "b/a.csv": b"2"}), "found 2 data files"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_must_not_be_opened_is_told(tmp_path: Path, case: str):
    content, refusal = REFUSED[case]
    with pytest.raises(SourceFailed, match=refusal):
        member(tmp_path / "z", content() if callable(content) else content)
