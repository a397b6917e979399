"""Two editions side by side: which numbers changed, and whether data, assumptions or code changed behind them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure import manifest, project, results, store
from tradeexposure.errors import BadInput
from tradeexposure.manifest import RESULTS

KINDS = ("changed", "added", "vanished")
REASONS = {
    "data": "a table it rests on",
    "assumption": "the scenario, its parameters or a policy fact",
    "code": "the package, its notebook, or a library's version",
    "none": "nothing the manifests know of",
}
BOUNDS = ("value", "low", "high")
SIDES = tuple(f"{bound}_{side}" for bound in BOUNDS for side in ("before", "after"))
COLUMNS = ("result_id", "label", "unit", "kind", "reason", *SIDES, "change")


@dataclass(frozen=True)
class Comparison:
    """Two editions compared.

    Attributes
    ----------
    before, after
        Names of the two folders.
    numbers : DataFrame
        One row per number that differs, key `result_id`: `label`, `unit`, `kind` (changed, added, vanished), `reason`,
        `value_before`, `value_after` and the bounds likewise, `change` (relative to the value before).
    inputs : dict
        Reason → what changed behind the editions.
    same : int
        Count of numbers that did not change by more than the threshold.
    """

    before: str
    after: str
    numbers: pd.DataFrame
    inputs: dict[str, tuple[str, ...]]
    same: int


def compare(before: Path, after: Path, *, threshold: float = 0.0) -> Comparison:
    """Compare two edition folders.

    Parameters
    ----------
    before, after : Path
        Folders that hold ``results.csv`` and ``manifest.json``.
    threshold : float
        A number counts as changed when it or a bound moved by more than this share of the value before.

    Raises
    ------
    BadInput
        A folder that is no edition, or a threshold below 0.
    """
    if not threshold >= 0:
        raise BadInput("--threshold", found=str(threshold), allowed="a share of at least 0, such as 0.01 for 1%")
    old, new = _manifest(before), _manifest(after)
    merged = _numbers(before).merge(
        _numbers(after), how="outer", left_index=True, right_index=True, suffixes=("_before", "_after"), sort=True
    )
    inputs = changed_inputs(old, new)
    moved = _moved(merged, threshold)
    rows = [_row(str(key), row, inputs) for key, row in merged[moved].iterrows()]
    columns = [
        "result_id",
        "label",
        "unit",
        "kind",
        "reason",
        *(f"{b}_{t}" for b in BOUNDS for t in ("before", "after")),
    ]
    frame = pd.DataFrame(rows, columns=[*columns, "change"])
    shown = {reason: tuple(names) for reason, names in inputs.items()}
    return Comparison(project.relative(before), project.relative(after), frame, shown, int((~moved).sum()))


def _manifest(folder: Path) -> dict[str, Any]:
    found = manifest.read(folder)
    if not found:
        reason = "no such folder" if not folder.is_dir() else "no edition (no readable manifest.json)"
        allowed = "a folder written by 'tradeexposure run', such as reports/published/deal_2026"
        raise BadInput(project.relative(folder), found=reason, allowed=allowed)
    return found


def _numbers(folder: Path) -> pd.DataFrame:
    frame = results.read(folder / RESULTS)
    twice = frame.loc[frame["result_id"].duplicated(), "result_id"]
    if len(twice):
        where = project.relative(folder / RESULTS)
        raise BadInput(where, "result_id", found=f"{twice.iloc[0]} twice", allowed="one row per number")
    return frame.set_index("result_id")


def _moved(merged: pd.DataFrame, threshold: float) -> pd.Series:
    """True where a number is new, gone, in another unit, or moved by more than the threshold."""
    moved = merged["unit_before"].fillna("") != merged["unit_after"].fillna("")
    scale = merged["value_before"].abs()
    for bound in BOUNDS:
        old, new = merged[f"{bound}_before"], merged[f"{bound}_after"]
        moved |= (new - old).abs() > threshold * scale
        moved |= old.isna() != new.isna()
    return moved


def _row(key: str, row: pd.Series, inputs: Mapping[str, list[str]]) -> dict[str, Any]:
    kind = "added" if pd.isna(row["value_before"]) else "vanished" if pd.isna(row["value_after"]) else "changed"
    side = "before" if kind == "vanished" else "after"
    old, new = row["value_before"], row["value_after"]
    return {
        "result_id": key,
        "label": row[f"label_{side}"],
        "unit": row[f"unit_{side}"],
        "kind": kind,
        "reason": reason_for(str(row[f"tables_{side}"]), str(row[f"notebook_{side}"]), inputs),
        **{column: row[column] for column in SIDES},
        "change": (new - old) / abs(old) if kind == "changed" and old else np.nan,
    }


def changed_inputs(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[str]]:
    """What changed between two manifests, by reason: paths, package versions, scenario and parameters."""
    changed: dict[str, list[str]] = {"data": [], "assumption": [], "code": []}
    for path in sorted(set(old["inputs"]) | set(new["inputs"])):
        if old["inputs"].get(path) != new["inputs"].get(path):
            changed[_reason_of(path)].append(path)
    for key in ("scenario", "parameters"):
        if old.get(key) != new.get(key):
            changed["assumption"].append(key)
    packages = (old.get("packages", {}), new.get("packages", {}))
    for name in sorted(set(packages[0]) | set(packages[1])):
        if packages[0].get(name) != packages[1].get(name):
            changed["code"].append(f"{name} {packages[0].get(name, '-')} → {packages[1].get(name, '-')}")
    return changed


def _reason_of(path: str) -> str:
    if path.startswith(("data/parameters/", "data/scenarios/")):
        return "assumption"
    return "data" if path.startswith("data/") else "code"


def reason_for(tables: str, notebook: str, inputs: Mapping[str, list[str]]) -> str:
    """Which changes can be behind a number: those of its own tables and notebook, and those all numbers share."""
    own = {f"data/tables/{name.strip()}.csv" for name in tables.split(";") if name.strip()}
    paths = {
        "data": [p for p in inputs["data"] if p in own or (not own and p.startswith("data/tables/"))],
        "assumption": inputs["assumption"],
        "code": [p for p in inputs["code"] if not p.startswith("notebooks/") or p == f"notebooks/{notebook}.ipynb"],
    }
    return " and ".join(reason for reason, found in paths.items() if found) or "none"


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


def as_text(found: Comparison) -> str:
    """The comparison for a terminal: counts, what changed behind the editions, then number by number."""
    counts = found.numbers["kind"].value_counts()
    lines = [f"{found.before} → {found.after}: " + ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in KINDS)]
    lines[0] += f", {found.same} the same"
    lines += [f"changed {reason}: {', '.join(names)}" for reason, names in found.inputs.items() if names]
    for reason, group in found.numbers.groupby("reason", sort=True):
        explained = "; ".join(REASONS[part] for part in str(reason).split(" and "))
        lines += ["", f"Because of {reason} ({explained})"]
        for row in group.itertuples(index=False):
            before, after, change = _sides(row)
            lines.append(f"  {row.kind:<8} {row.result_id}  {before} → {after} {row.unit} {change}".rstrip())
    return "\n".join(lines)


def as_html(found: Comparison) -> str:
    """The comparison as one self-contained page without script."""
    head = "<tr>" + "".join(f'<th scope="col">{name}</th>' for name in HEADINGS) + "</tr>"
    body = "".join(_html_row(row) for row in found.numbers.itertuples(index=False))
    title = f"What changed from {found.before} to {found.after}"
    lists = "".join(
        f"<h2>Changed {reason}</h2><ul>{''.join(f'<li>{html.escape(name)}</li>' for name in names)}</ul>"
        for reason, names in found.inputs.items()
        if names
    )
    return PAGE.format(
        title=html.escape(title), same=found.same, count=len(found.numbers), table=head + body, lists=lists
    )


HEADINGS = ("Number", "Identifier", "Unit", "What", "Because of", "Before", "After", "Change")
PAGE = """<!DOCTYPE html>
<html lang="en-CA">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{count} numbers differ, {same} are the same.</p>
<table>{table}</table>
{lists}
</main>
</body>
</html>
"""


def _html_row(row: Any) -> str:
    cells = (row.label, row.result_id, row.unit, row.kind, row.reason, *_sides(row))
    return "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells) + "</tr>"


def write_html(found: Comparison, path: Path) -> None:
    """Write the page; :class:`BadInput` if that cannot be done."""
    try:
        store.write(path, as_html(found))
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput("--html", found=f"{path} ({reason})", allowed="a file that can be written") from None
