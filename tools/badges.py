"""Badges of the README as files: what was measured here, drawn without a service.

A badge is written only where its figure changed, by the command that measured it.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parents[1] / "docs" / "badges"
LETTER, MARGIN = 6.6, 14  # width of a letter of 11 px, both margins of a half
TEMPLATE = """<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="20" role="img"
 aria-label="{label}: {value}">
<rect width="{width:.0f}" height="20" rx="3" fill="#444"/>
<rect x="{start:.0f}" width="{rest:.0f}" height="20" rx="3" fill="#0b5c86"/>
<g fill="#fff" font-family="Arial, Liberation Sans, sans-serif" font-size="11" text-anchor="middle">
<text x="{left:.0f}" y="14">{label}</text><text x="{right:.0f}" y="14">{value}</text></g></svg>
"""


def drawing(label: str, value: str) -> str:
    """The picture of one badge."""
    start, rest = (LETTER * len(text) + MARGIN for text in (label, value))
    return TEMPLATE.format(
        label=escape(label), value=escape(value), start=start, rest=rest, width=start + rest, left=start / 2,
        right=start + rest / 2,
    )  # fmt: skip


def write(name: str, label: str, value: str) -> Path:
    """Put a badge into its folder; the file."""
    path = FOLDER / f"{name}.svg"
    FOLDER.mkdir(parents=True, exist_ok=True)
    path.write_text(drawing(label, value), "utf-8")
    return path
