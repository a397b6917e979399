"""Tables as archives name them: digest, publisher, licence and address, of the vintage behind an edition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tradeexposure import data

TABLE = re.compile(r"(?:^|/)tables/([a-z0-9_]+)\.csv$")


def rows(names: Iterable[str], record: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the descriptor says of tables, and the digest that the manifest `record` of an edition has of each.

    A table that is no longer described is left out: what is said of it stands in the edition's own commit.
    """
    digests = digests_of(record)
    described = [data.describe(name) for name in names if name in data.names()]
    return [
        {
            "name": table["name"],
            "title": table["title"],
            "publisher": table["publisher"],
            "table_number": table["tableNumber"],
            "address": table["address"],
            "licence": table["licenses"][0]["title"],
            "licence_address": table["licenses"][0].get("path", ""),
            "vintage": table["vintage"],
            "sha256": digests.get(table["name"], ""),
        }
        for table in described
    ]


def digests_of(record: Mapping[str, Any]) -> dict[str, str]:
    """Table → digest of its bytes, of whichever vintage."""
    inputs = ((TABLE.search(path), digest) for path, digest in record["inputs"].items())
    return {match[1]: str(digest) for match, digest in inputs if match}
