"""Zips that must not be opened, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from publishers import LIMITS, source, zipped

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sheet import zip_member


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
    content, told = REFUSED[case]
    with pytest.raises(SourceFailed, match=told):
        member(tmp_path / "z", content() if callable(content) else content)
