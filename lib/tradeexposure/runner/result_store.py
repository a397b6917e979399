"""Executed notebooks kept under the digest of all they depend on."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from tradeexposure.core.files import write


@dataclass(frozen=True)
class Entry:
    """An executed notebook as its text and how long it took (seconds).

    `numbers` are the rows it published as a JSON list, `tables` those it hands over as a JSON object of texts by name.
    """

    notebook: str
    seconds: float
    numbers: str = ""
    tables: str = ""


class Store:
    """Executed notebooks by the digest of all they depend on.

    An entry is one file that appears by a rename: it is whole or it is absent, and two
    processes that write the same entry write the same thing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, key: str) -> Path:
        # Digits on one Python release need not be the digits on the next.
        return self.folder / f"{key}-py{sys.version_info[0]}{sys.version_info[1]}.json"

    def get(self, key: str) -> Entry | None:
        """The entry kept under `key`, or None; an unreadable one counts as absent."""
        try:
            kept = json.loads(self._path(key).read_text("utf-8"))
            return Entry(kept["notebook"], kept["seconds"], kept.get("numbers", ""), kept.get("tables", ""))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, entry: Entry) -> None:
        """Keep `entry` under `key`."""
        write(self._path(key), json.dumps(asdict(entry)))
