"""Files inside a downloaded zip, read where they lie: nothing is unpacked to the disk and nothing is run."""

from __future__ import annotations

import codecs
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from tradeexposure.core.errors import SourceFailed
from tradeexposure.refresh.publishers.sources_schema import Limits, Source

DAMAGED = "run the refresh again; if it fails again the file at the publisher is broken: wait for the next one"
SUSPECT = "do not use this file; compare it with the publisher's page, and tell the publisher"
BEGINNING = 100_000  # bytes by which the encoding is told


@contextmanager
def member(path: Path, source: Source, limits: Limits, wanted: Callable[[str], bool]) -> Iterator[io.TextIOBase]:
    """The one file of a zip whose name (without folders) is `wanted`, as text.

    It is UTF-8, or Windows-1252 where its beginning is not UTF-8.

    Raises
    ------
    SourceFailed
        Not a zip, damaged, encrypted, larger unpacked than the limits allow, or without such a file.
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
    """Files of a zip; :class:`SourceFailed` where they are larger than the limits allow, whatever their names are."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    unpacked, most = sum(info.file_size for info in files), source.unpacked_bytes or limits.unpacked_bytes
    if unpacked > most:
        what = f"the zip would unpack to {unpacked:,} bytes (limit: {most:,} bytes)"
        raise SourceFailed(source.title, what, f"{SUSPECT}; if it is right, raise the limit in data/sources.yml")
    return files
