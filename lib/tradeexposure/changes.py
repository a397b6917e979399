"""A comparison of editions as it is told: lines for a terminal, and a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.compare import KINDS, Comparison
from tradeexposure.core import files
from tradeexposure.core.errors import BadInput

REASONS = {
    "data": "a table it rests on",
    "assumption": "the scenario, a parameter, a prior or a policy fact",
    "code": "the package, its notebook, or a library's version",
    "none": "nothing the manifests know of",
}


def _written(value: Any, low: Any, high: Any) -> str:
    if pd.isna(value):
        return "–"
    text = np.format_float_positional(value, trim="-")
    if pd.isna(low):
        return text
    return f"{text} ({np.format_float_positional(low, trim='-')} to {np.format_float_positional(high, trim='-')})"


def _sides(row: Any) -> tuple[str, str, str]:
    before = _written(row.value_before, row.low_before, row.high_before)
    after = _written(row.value_after, row.low_after, row.high_after)
    return before, after, "" if pd.isna(row.change) else f"{row.change:+.2%}"


def _counted(found: Comparison) -> str:
    counts = found.numbers["kind"].value_counts()
    return ", ".join([*(f"{counts.get(kind, 0)} {kind}" for kind in KINDS), f"{found.same} the same"])


def _above(found: Comparison) -> str:
    """The threshold in words."""
    if not found.threshold:
        return "Every difference counts (--threshold 0)."
    share = np.format_float_positional(found.threshold * 100, trim="-", precision=6)
    return f"Differences of up to {share}% of the value before count as the same (--threshold)."


def _grouped(found: Comparison) -> list[tuple[str, str, pd.DataFrame]]:
    """Reason, what it means, and the numbers that differ because of it."""
    groups = found.numbers.groupby("reason", sort=True)
    return [
        (str(reason), "; ".join(REASONS[part.partition(" ")[0]] for part in str(reason).split(" and ")), rows)
        for reason, rows in groups
    ]


def as_text(found: Comparison) -> str:
    """The comparison for a terminal: counts, what changed behind the editions, then number by number."""
    lines = [f"{found.before} → {found.after}: {_counted(found)}", _above(found)]
    lines += [f"changed {reason}: {', '.join(names)}" for reason, names in found.inputs.items() if names]
    for reason, explained, group in _grouped(found):
        lines += ["", f"Because of {reason} ({explained})"]
        for row in group.itertuples(index=False):
            before, after, change = _sides(row)
            where = f"{row.scenario!s}: " if row.scenario else ""
            told = f"{where}{row.result_id}  {before} → {after} {row.unit} {change}"
            lines.append(f"  {str(row.kind).ljust(8)} {told}".rstrip())
    return "\n".join(lines)


def as_html(found: Comparison) -> str:
    """The comparison as one self-contained page without script."""
    from tradeexposure import publish

    groups = [
        {"reason": reason, "explained": explained, "rows": [_shown(row) for row in rows.itertuples(index=False)]}
        for reason, explained, rows in _grouped(found)
    ]
    model = {
        "title": f"What changed from {found.before} to {found.after}",
        "counts": _counted(found),
        "threshold": _above(found),
        "inputs": [{"reason": reason, "names": names} for reason, names in found.inputs.items() if names],
        "groups": groups,
    }
    return publish.changes(model)


def _shown(row: Any) -> dict[str, str]:
    before, after, change = _sides(row)
    told = {name: str(getattr(row, name)) for name in ("scenario", "result_id", "label", "unit", "kind")}
    return {**told, "before": before, "after": after, "change": change}


def write_html(found: Comparison, path: Path) -> None:
    """Write the page; :class:`BadInput` if that cannot be done."""
    try:
        files.write(path, as_html(found))
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput("--html", found=f"{path} ({reason})", allowed="a file that can be written") from None
