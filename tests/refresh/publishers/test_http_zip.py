"""Zips that must not be opened, and what is said of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from publishers import LIMITS, source, zipped

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import archive


def member(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with archive.member(path, source("statcan"), LIMITS, lambda name: name == "a.csv") as text:
        return text.read()


def test_reads_the_wanted_file(tmp_path: Path):
    assert member(tmp_path / "z", zipped({"folder/a.csv": b"1,2", "b.csv": b"3"})) == "1,2"


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "..\\a.csv", "C:\\a.csv"])
def test_a_path_that_climbs_out(tmp_path: Path, name: str):
    with pytest.raises(SourceFailed, match="the zip holds the path"):
        member(tmp_path / "z", zipped({name: b"x", "a.csv": b"1"}))
    assert [path.name for path in tmp_path.iterdir()] == ["z"], "nothing was unpacked"


def test_a_link(tmp_path: Path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(SourceFailed, match="the zip holds the path"):
        member(tmp_path / "z", out.getvalue())


def test_a_bomb_by_its_ratio(tmp_path: Path):
    with pytest.raises(SourceFailed, match="would unpack to"):
        member(tmp_path / "z", zipped({"a.csv": b"0" * 20_000_000}))


def test_a_bomb_by_its_size(tmp_path: Path):
    bomb = zipped({f"{n}.csv": bytes(900_000) for n in range(120)} | {"a.csv": b"1"})
    with pytest.raises(SourceFailed, match=r"would unpack to 108,000,001 bytes"):
        member(tmp_path / "z", bomb)


def test_a_size_that_is_a_lie(tmp_path: Path):
    """What is unpacked never exceeds what the directory says, so the limits hold for it too."""
    honest = zipped({"a.csv": b"1234567890" * 100})
    liar = honest.replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(SourceFailed, match="the zip is damaged"):
        member(tmp_path / "z", liar)


def test_damaged(tmp_path: Path):
    whole = zipped({"a.csv": bytes(range(256)) * 50})
    for content in (whole[:-30], whole[:100] + b"\0" * 20 + whole[120:], b"PK\x03\x04 and no zip"):
        with pytest.raises(SourceFailed, match="the zip is damaged"):
            member(tmp_path / "z", content)


def test_encrypted(tmp_path: Path):
    content = bytearray(zipped({"a.csv": b"secret"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(SourceFailed, match="encrypted"):
        member(tmp_path / "z", bytes(content))


def test_two_data_files(tmp_path: Path):
    with pytest.raises(SourceFailed, match="found 2 data files"):
        member(tmp_path / "z", zipped({"a.csv": b"1", "b/a.csv": b"2"}))
