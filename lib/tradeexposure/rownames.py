"""Names beside the rows of a chart, folded into lines for a phone, where one line would be cut."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

LETTERS = 22  # of a name on one line beside a plot on a phone
LINE = 13  # pixels from one line of a name to the next
GAP = 6  # pixels between the names of two rows


def folded(spec: dict[str, Any]) -> dict[str, Any]:
    """`spec` with row names of several lines, and as high as they need.

    Parameters
    ----------
    spec : dict
        Vega-Lite with its data in ``datasets``; row names are a nominal field of the vertical axis.

    Returns
    -------
    dict
        A copy; `spec` itself where every name fits on one line.
    """
    fields = {one["field"] for one in _rows(spec)}
    records = [row for rows in spec.get("datasets", {}).values() for row in rows]
    names = dict.fromkeys(row[field] for row in records for field in fields if isinstance(row.get(field), str))
    if max(map(len, names), default=0) <= LETTERS:
        return spec
    lines = {name: textwrap.wrap(name, LETTERS) for name in names}
    made = json.loads(json.dumps(spec))
    for one in _rows(made):
        one["axis"] = {**one.get("axis", {}), "labelExpr": f"({json.dumps(lines)})[datum.label]",
                       "labelOffset": _centred(lines)}  # fmt: skip
    height = made.get("height")
    if isinstance(height, int | float):
        made["height"] = max(height, len(names) * (LINE * max(map(len, lines.values())) + GAP))
    return made


def _centred(lines: Mapping[str, list[str]]) -> dict[str, Any]:
    """Up by half of what a name has more than one line, since Vega puts the first line in the middle of the row."""
    counts = sorted({len(one) for one in lines.values()} - {1})
    named = {count: json.dumps([name for name, one in lines.items() if len(one) == count]) for count in counts}
    steps = [{"test": f"indexof({named[count]}, datum.value) >= 0", "value": -LINE * (count - 1) / 2}
             for count in counts]  # fmt: skip
    return {"condition": steps, "value": 0}


def _rows(value: Any) -> Iterator[dict[str, Any]]:
    """Every vertical channel that names rows."""
    if isinstance(value, list):
        for item in value:
            yield from _rows(item)
    elif isinstance(value, dict):
        upward = value.get("encoding", {}).get("y")
        if isinstance(upward, dict) and upward.get("type") == "nominal" and "field" in upward:
            yield upward
        for key, item in value.items():
            if key not in ("datasets", "encoding"):
                yield from _rows(item)
