"""Files inside a downloaded zip, read where they lie: nothing is unpacked to the disk and nothing is run."""

from __future__ import annotations

import codecs
import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

MOST_FILES = 1_000
DAMAGED = "run the refresh again; if it fails again the file at the publisher is broken: wait for the next one"
SUSPECT = "do not use this file; compare it with the publisher's page, and tell the publisher"
#: A file this small may be packed as tightly as it likes.
SMALL = 1_000_000
BEGINNING = 100_000  # bytes by which the encoding is told


@contextmanager
def member(path: Path, source: Source, limits: Limits, wanted: Callable[[str], bool]) -> Iterator[io.TextIOBase]:
    """The one file of a zip whose name (without folders) is `wanted`, as text.

    It is UTF-8, or Windows-1252 where its beginning is not UTF-8.

    Raises
    ------
    SourceFailed
        Not a zip, damaged, encrypted, with a path that climbs out, larger unpacked than the limits allow, or without
        such a file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            inside = checked(archive, source, limits)
            chosen = [info for info in inside if wanted(PurePosixPath(info.filename).name)]
            if len(chosen) != 1:
                listed = ", ".join(info.filename for info in inside[:8])
                what = f"found {len(chosen)} data files in the zip ({listed})"
                raise SourceFailed(source.title, what, "bring data/sources.yml in line with the new file names")
            with archive.open(chosen[0]) as stream:
                encoding = _encoding(stream.read(BEGINNING))
            with archive.open(chosen[0]) as stream:
                yield io.TextIOWrapper(stream, encoding=encoding, newline="")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, SourceFailed):
            raise
        raise SourceFailed(source.title, f"the zip is damaged ({error})", DAMAGED) from None
    except UnicodeDecodeError as error:
        what = f"found bytes that are not {error.encoding} as its beginning is ({error.reason})"
        raise SourceFailed(source.title, what, "bring the reader in line with the new encoding") from None


def _encoding(beginning: bytes) -> str:
    """How a file is written, by its first bytes; the last of them may be half a letter."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def checked(archive: zipfile.ZipFile, source: Source, limits: Limits) -> list[zipfile.ZipInfo]:
    """Files of a zip that is safe to read.

    Raises
    ------
    SourceFailed
        A zip bomb, a path that climbs out, a link, or an encrypted file.
    """
    infos = archive.infolist()
    for info in infos:
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        climbs = inside.is_absolute() or ".." in inside.parts or info.filename[1:2] == ":"
        if climbs or stat.S_ISLNK(info.external_attr >> 16):
            raise SourceFailed(source.title, f"the zip holds the path {info.filename!r}", SUSPECT)
        if info.flag_bits & 0x1:
            raise SourceFailed(source.title, f"{info.filename} in the zip is encrypted", SUSPECT)
    unpacked = sum(info.file_size for info in infos)
    most = source.unpacked_bytes or limits.unpacked_bytes
    ratio = max((i.file_size / max(i.compress_size, 1) for i in infos if i.file_size > SMALL), default=1.0)
    if len(infos) > MOST_FILES or unpacked > most or ratio > limits.unpacked_ratio:
        what = (
            f"the zip would unpack to {unpacked:,} bytes in {len(infos)} files, packed up to {ratio:,.0f} times "
            f"(limits: {most:,} bytes, {MOST_FILES} files, {limits.unpacked_ratio:,.0f} times)"
        )
        raise SourceFailed(source.title, what, f"{SUSPECT}; if it is right, raise the limits in data/sources.yml")
    return [info for info in infos if not info.is_dir()]
