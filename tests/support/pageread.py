"""A page as a reader has it: its words, the files that it offers, and its drawings."""

from __future__ import annotations

import base64
import csv
import html
import io
import re


def words(page: str) -> str:
    """What is read of a page, or a part of one, on one line."""
    body = re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def downloads(page: str) -> dict[str, list[dict[str, str]]]:
    """Name → rows of each CSV file."""
    files = re.findall(r'download="([^"]+)" href="(data:text/csv[^"]+)"', page)
    return {name: list(csv.DictReader(io.StringIO(content(address)))) for name, address in files}


def content(address: str) -> str:
    """The text in a data address: of an SVG, or of a CSV file."""
    return base64.b64decode(address.partition(",")[2]).decode()
