"""Files that take all memory, run for hours or end the process that reads them: each is told in one line, soon."""

from __future__ import annotations

import io
import lzma
import multiprocessing
import os
import signal
import time
import zipfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import samplefiles
from publishers import BOM, LIMITS, source
from samplefiles import HEADING, PRICES, row

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers import source_files
from tradeexposure.refresh.publishers.source_files import Unreadable
from tradeexposure.refresh.publishers.sources_schema import Part
from tradeexposure.refresh.table_build import rows_of

MEGABYTE = 1_000_000


def raising(error: BaseException) -> Callable[[], None]:
    def call() -> None:
        raise error

    return call


def grown() -> list[bytes]:
    return [bytes([n % 256]) * MEGABYTE for n in range(500)]


class TestAnswer:
    def answer(self, call: Callable[[], Any], seconds: float = 20, memory: int = 100 * MEGABYTE) -> Any:
        return source_files.answer(call, seconds=seconds, memory=memory)

    def test_is_computed_elsewhere(self):
        assert self.answer(os.getpid) != os.getpid()

    def test_a_publishers_failure_keeps_its_words(self):
        with pytest.raises(SourceFailed, match=r"^a source: found nothing; look$"):
            self.answer(raising(SourceFailed("a source", "found nothing", "look")))

    @pytest.mark.parametrize(
        ("call", "refusal"),
        [
            (raising(RecursionError("too deep")), "that cannot be read (RecursionError: too deep)"),
            (raising(MemoryError()), "whose reading takes more than 100,000,000 bytes of memory"),
            (raising(lzma.LZMAError("corrupt")), "that cannot be read (LZMAError: corrupt)"),
            (raising(SystemExit(3)), "that cannot be read (SystemExit: 3)"),
            (grown, "whose reading takes more than 100,000,000 bytes of memory"),
            (lambda: os.kill(os.getpid(), signal.SIGKILL), "that ends the process which reads it"),
            (lambda: lambda: None, "that cannot be read ("),
        ],
    )  # fmt: skip
    def test_whatever_goes_wrong_is_told(self, call: Callable[[], Any], refusal: str):
        with pytest.raises(Unreadable) as failed:
            self.answer(call)
        assert refusal in str(failed.value) and "\n" not in str(failed.value)

    def test_one_that_hangs(self):
        with pytest.raises(Unreadable, match=r"takes more than 0\.2 seconds"):
            self.answer(lambda: time.sleep(300), seconds=0.2)

    def test_an_interrupt_is_no_failure_of_the_source_and_leaves_no_process(self, monkeypatch: pytest.MonkeyPatch):
        """While it waits: in the midst of a fork, where a timer may come on a busy machine, Python passes over one."""

        def interrupt(*_: Any) -> None:
            raise KeyboardInterrupt

        there = multiprocessing.active_children()
        monkeypatch.setattr(Connection, "poll", interrupt)
        with pytest.raises(KeyboardInterrupt):
            self.answer(lambda: time.sleep(300))
        assert multiprocessing.active_children() == there


def packed(method: int, content: bytes, *, damaged: bool = False) -> bytes:
    """A full table of Statistics Canada in a zip packed by `method`, whole or with a piece turned round."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("32100077.csv", content)
    raw = out.getvalue()
    middle = len(raw) // 2
    return raw[: middle - 20] + raw[middle - 20 : middle + 20][::-1] + raw[middle + 20 :] if damaged else raw


def workbook(change: Callable[[bytes], bytes]) -> bytes:
    """The Pink Sheet with its sheet of prices changed as text."""
    whole = samplefiles.WorldBank().saved_again(codes=2)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in packed.namelist():
            content = packed.read(name)
            archive.writestr(name, change(content) if name == "xl/worksheets/sheet1.xml" else content)
    return out.getvalue()


def in_place(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return change


TABLE = BOM + (HEADING + "".join(row(str(n), date=f"{1990 + n // 12}-{n % 12 + 1:02d}") for n in range(300))).encode()
GRAIN, BANK = samplefiles.GrainCommission(), samplefiles.WorldBank()
KINDS = {
    "statcan": PRICES, "grain": GRAIN.part("canola"), "pinksheet": BANK.PART, "valet": samplefiles.BankOfCanada.PART,
    "census": samplefiles.CensusBureau.PART,
}  # fmt: skip


class TestHostileFiles:
    """Made after files that took 3.6 GB, 6 GB, 40 seconds, or stopped the whole refresh."""

    def read(self, tmp_path: Path, kind: str, content: bytes, **limits: Any) -> list[pd.DataFrame]:
        path = tmp_path / "file"
        path.write_bytes(content)
        few = LIMITS.model_copy(update={"reading_seconds": 20, "reading_memory": 100 * MEGABYTE, **limits})
        recipe = Part(**KINDS[kind])
        return source_files.read(
            path, source(kind), few, "month", lambda sheet: rows_of(sheet, [recipe], period="month", known={})
        )

    @pytest.mark.parametrize(
        ("kind", "content", "refusal"),
        [
            (
                "pinksheet", lambda: workbook(in_place(b'<row r="9"', b'<row r="900000000"')),
                "more than 100,000,000 bytes",
            ),
            ("pinksheet", lambda: workbook(in_place(b"<sheetData>", b"<sheetData><<")), "found no workbook"),
            ("pinksheet", lambda: workbook(lambda content: content[: len(content) // 2]), "found no workbook"),
            ("pinksheet", lambda: workbook(in_place(b'r="A1"', b'r="1A"')), "found"),
            ("grain", lambda: (GRAIN.HEADING + "x" * 40 * MEGABYTE).encode(), "found"),
            (
                "statcan", lambda: packed(zipfile.ZIP_BZIP2, TABLE, damaged=True),
                "found a file that cannot be read (OSError",
            ),
            (
                "statcan", lambda: packed(zipfile.ZIP_LZMA, TABLE, damaged=True),
                "found a file that cannot be read (LZMAError",
            ),
            ("statcan", lambda: packed(zipfile.ZIP_DEFLATED, TABLE, damaged=True), "the zip is damaged"),
            ("valet", lambda: b'{"observations": ' + b"[" * 100_000, "(RecursionError: "),
            ("census", lambda: b"[" * 100_000, "(RecursionError: "),
        ],
        ids=[
            "row 900,000,000", "no XML", "half a sheet", "a cell without a column", "a line of 40 MB", "bzip2", "lzma",
            "deflate", "deep", "deeper",
        ],
    )  # fmt: skip
    def test_is_its_sources_failure(self, tmp_path: Path, kind: str, content: Callable[[], bytes], refusal: str):
        with pytest.raises(SourceFailed) as failed:
            self.read(tmp_path, kind, content())
        line = str(failed.value)
        assert line.startswith("A source: ") and refusal in line and "\n" not in line and len(line) < 1500
        assert failed.value.file == tmp_path / "file"

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_the_same_undamaged(self, tmp_path: Path, method: int):
        (rows,) = self.read(tmp_path, "statcan", packed(method, TABLE))
        assert len(rows) == 300

    def test_a_heading_of_blanks(self, tmp_path: Path):
        """Whose notes' marks were looked for at every one of its blanks, for each month anew."""
        content = workbook(in_place(b">Tin<", b">Tin" + b" " * 30_000 + b"x<"))
        (rows,) = self.read(tmp_path, "pinksheet", content, reading_seconds=5)
        assert len(rows) == 4
