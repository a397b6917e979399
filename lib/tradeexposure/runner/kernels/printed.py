"""What a cell printed, as one text per stream: pieces arrive as the kernel sends them, and cells overprint lines.

The library's own way to do this takes time that grows with the square of the longest line; a line of three megabytes
took minutes. Here every letter is looked at once or twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

RETURN = "\r"


def joined(outputs: Iterable[Any]) -> list[Any]:
    """Outputs of a cell with one output per stream, where its first piece stood; standard output before errors."""
    kept: list[Any] = []
    pieces: dict[str, list[str]] = {}
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
            continue
        if output["name"] not in pieces:
            kept.append(output)
        text = output["text"]
        pieces.setdefault(output["name"], []).append(text if isinstance(text, str) else "".join(text))
    for output in kept:
        if output["output_type"] == "stream":
            output["text"] = terminal_text("".join(pieces[output["name"]]))
    for place in range(1, len(kept)):
        if _stream(kept[place]) == "stdout" and _stream(kept[place - 1]) == "stderr":
            kept[place - 1], kept[place] = kept[place], kept[place - 1]
    return kept


def _stream(output: Any) -> str:
    return str(output["name"]) if output["output_type"] == "stream" else ""


def terminal_text(text: str) -> str:
    """`text` as a terminal would leave it: what stands in a line before its last return is gone."""
    return "\n".join(map(_overprinted, text.split("\n"))) if RETURN in text else text


def _overprinted(line: str) -> str:
    """What is left of a line; a return that ends it moves nothing."""
    return line[line.rfind(RETURN, 0, max(len(line) - 1, 0)) + 1 :]
