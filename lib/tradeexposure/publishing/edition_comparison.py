"""Two editions side by side: which numbers changed, behind which change, and how a terminal and a page tell it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tradeexposure.core import files, paths, results_csv, units
from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import meant
from tradeexposure.data import table_changes
from tradeexposure.policy import scenario_schema, scenarios
from tradeexposure.publishing import edition_index, manifest
from tradeexposure.publishing.provenance import lineage

KINDS = ("changed", "added", "vanished")
MOST_HEADLINES = 6
DECIMALS = 6  # of a unit; what is smaller is written as nothing
LEAST = 10.0**-DECIMALS
NAMED = 10  # changed numbers at most that are named one by one
DIGITS = 3  # of a number on the page; the table in the terminal has all of them
UNSIGNED = {"share": "points", "rate": "points", "probability": "points", "change": "points"}
BOUNDS = ("value", "low", "high")
SIDES = tuple(f"{bound}_{side}" for bound in BOUNDS for side in ("before", "after"))
LEVEL = "in the scenario"  # in the label of a number that is no difference, whatever its edition is measured against
OF_A_CHANGE = ("share", "probability")  # units of what describes a change, such as a share of its variance
COLUMNS = ("scenario", "result_id", "label", "unit", "kind", "reason", "origin", "headline", *SIDES, "change")
REASONS = {
    "data": "a table it rests on",
    "assumption": "the scenario, a parameter, a prior or a policy fact",
    "code": "the package, its notebook, or a library's version",
    "none": "nothing the manifests know of",
}


@dataclass(frozen=True)
class Comparison:
    """Two editions compared, or two folders of editions."""

    #: Names of the two folders.
    before: str
    after: str
    #: One row per number that differs, key (`scenario`, `result_id`); `scenario` is empty for two editions: `label`,
    #: `unit`, `kind` (changed, added, vanished), `reason`, `origin` (the number that it repeats, else itself),
    #: `headline` (its place among the headline numbers, from 0; missing for others), `value_before`, `value_after` and
    #: the bounds likewise, `change` (relative to the value before).
    numbers: pd.DataFrame
    inputs: dict[str, tuple[str, ...]]  #: Reason → what changed behind the editions.
    same: int  #: Count of numbers that did not change by more than the threshold.
    threshold: float = 0.0  #: Share of the value before.
    note: str = ""


def named_folder(option: str, typed: str) -> Path:
    """The folder that a path or the bare name of a published edition means.

    Raises
    ------
    BadInput
        A bare name that neither a folder nor a published edition has; the closest editions.
    """
    allowed = "a folder written by 'tradeexposure run'"
    there = paths.typed_path(option, typed, allowed=allowed)
    if there.exists() or not scenario_schema.NAME.fullmatch(typed):
        return there
    places = [paths.path(*place) for place in (edition_index.PUBLISHED, edition_index.PRIVATE)]
    published = sorted({path.name for place in places for path in place.glob("[!.]*")})
    editions = {name: folder for name in published if (folder := edition_index.folder_of(name)).is_dir()}
    if typed not in editions:
        known = f"a published edition ({', '.join(editions) or 'none is there'})"
        again = f"; type: tradeexposure run {typed}" if typed in scenarios.names() else ""
        raise BadInput(option, found=typed, allowed=f"{meant(typed, editions)}{known}, or {allowed}{again}")
    return editions[typed]


def compare(before: Path, after: Path, *, threshold: float = 0.0, without: Collection[str] = ()) -> Comparison:
    """Compare two edition folders, or the editions of the same scenarios in two folders of editions.

    Parameters
    ----------
    before, after : Path
        Folders that hold ``results.csv`` and ``manifest.json``, or folders of such.
    threshold : float
        A number counts as changed when it or a bound moved by more than this share of the value before.
    without : collection of str
        Notebooks whose numbers are left out on both sides.

    Raises
    ------
    BadInput
        A folder that is no edition and holds none, a threshold below 0, or numbers of baselines that do not meet.
    """
    if not threshold >= 0:
        raise BadInput("--threshold", found=str(threshold), allowed="a share of at least 0, such as 0.01 for 1%")
    pairs: dict[str, tuple[Path | None, Path | None]] = {"": (before, after)}
    if not any(map(manifest.read, (before, after))):
        old, new = ({each.name: each.folder for each in edition_index.shelves(folder)} for folder in (before, after))
        for folder, there in ((before, old), (after, new)):
            if not there:
                manifest.edition(folder)  # says what is wrong
        pairs = {name: (old.get(name), new.get(name)) for name in sorted({*old, *new})}
    parts = {name: _pair(*pair, threshold, without) for name, pair in pairs.items()}
    numbers = pd.concat([part[0].assign(scenario=name) for name, part in parts.items()], ignore_index=True)
    inputs = {
        reason: tuple(dict.fromkeys(path for part in parts.values() for path in part[1][reason]))
        for reason in ("data", "assumption", "code")
    }
    note = " ".join(dict.fromkeys(part[3] for part in parts.values() if part[3]))
    same = sum(part[2] for part in parts.values())
    return Comparison(paths.relative(before), paths.relative(after), numbers, inputs, same, threshold, note)


def since(before: Path, after: Path) -> dict[str, Any]:
    """What changed from one edition to the next, short enough for the manifest of the later one.

    Returns
    -------
    dict
        `finished` (when the earlier one was made), `counts` (of :data:`KINDS`, and `same`), `reasons` (pairs of what
        is behind a change, in words, and how many numbers), `numbers` (label, before and after, as written, of all
        numbers that changed, of more than :data:`NAMED` those of the headline).

    Raises
    ------
    BadInput
        As of :func:`compare`.
    """
    comparison, old, new = compare(before, after), manifest.edition(before), manifest.edition(after)
    moved, digits = comparison.numbers[comparison.numbers["kind"] == "changed"], new.get("digits", {})
    first = moved if len(moved) <= NAMED else moved[moved["result_id"].isin(new["headline"])]
    rows = [
        [str(row["label"]), *(units.write(row[side], str(row["unit"]), digits.get(row["result_id"], DIGITS))
                              for side in SIDES[:2])]
        for row in first.to_dict("records")
    ]  # fmt: skip
    kinds = comparison.numbers["kind"].value_counts()
    return {
        "finished": manifest.finished(old),
        "counts": {**{kind: int(kinds.get(kind, 0)) for kind in KINDS}, "same": comparison.same},
        "reasons": [[meaning, len(rows)] for _, meaning, rows in _grouped(comparison)],
        "numbers": rows,
    }


def _pair(
    before: Path | None, after: Path | None, threshold: float, without: Collection[str] = ()
) -> tuple[pd.DataFrame, dict[str, list[str]], int, str]:
    """Rows that differ between two editions, what changed behind them, how many are the same, and how they were met.

    An edition that is on one side only has all its numbers added or vanished, because its scenario was.
    """
    old, new = (None if folder is None else manifest.edition(folder) for folder in (before, after))
    inputs: dict[str, list[str]] = {"data": [], "assumption": ["scenario"], "code": []}
    if old is not None and new is not None:
        inputs = lineage.changed_inputs(old, new)
    none = results_csv.frame_of([])[list(results_csv.COLUMNS)]
    sides = (none if folder is None else manifest.numbers(folder) for folder in (before, after))
    left, right = (rows[~rows["notebook"].isin(without)].set_index("result_id") for rows in sides)
    merged = left.merge(
        right, how="outer", left_index=True, right_index=True, suffixes=("_before", "_after"), sort=True
    )
    note = ""
    if old is not None and new is not None:
        merged, note = rebased(merged, old, new)
    moved = merged["unit_before"].fillna("") != merged["unit_after"].fillna("")
    scale = merged["value_before"].abs()
    for bound in BOUNDS:
        moved |= table_changes.differ(merged[f"{bound}_before"], merged[f"{bound}_after"], threshold * scale)
    simulated = {
        name for record in (old, new) if record for name, parameters in record["parameters"].items()
        if "scenario" in parameters or name in record.get("compares", ())
    }  # fmt: skip
    earlier, later = (None if folder is None else lineage.EditionLineage(folder) for folder in (before, after))
    behind = lineage.Behind(earlier, later, inputs, simulated)
    rows = [_row(str(key), row, behind) for key, row in merged[moved].iterrows()]
    return pd.DataFrame(rows, columns=list(COLUMNS)), inputs, int((~moved).sum()), note


def rebased(merged: pd.DataFrame, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[pd.DataFrame, str]:
    """Two editions' numbers side by side on one baseline.

    Where one edition is measured against the other, the other stands at zero on that baseline and the numbers are the
    change from one to the other as they are. Levels are compared as they are; shares that describe a change are left
    out.

    Parameters
    ----------
    merged : DataFrame
        Columns of ``results.csv`` with the endings ``_before`` and ``_after``.
    old, new : mapping
        Manifests of the two editions.

    Returns
    -------
    tuple
        The frame, and what was done to it in words (empty where nothing).

    Raises
    ------
    BadInput
        Two baselines of which neither is the other edition.
    """
    before, after = (merged[f"period_{side}"].fillna("").map(manifest.baseline_of) for side in ("before", "after"))
    clash = (before != "") & (after != "") & (before != after)
    if not clash.any():
        return merged, ""
    sides = {"before": (old, before[clash]), "after": (new, after[clash])}
    if (after[clash] == _quoted(old)).all():
        still, moved = "before", "after"
    elif (before[clash] == _quoted(new)).all():
        still, moved = "after", "before"
    else:
        pairs = " and ".join(f"{record['scenario']} against {named.iloc[0]}" for record, named in sides.values())
        allowed = "editions measured against the same, or one against the other; a grid over `against` re-bases one"
        raise BadInput("compare", found=pairs, allowed=allowed)
    measured = f"{sides[moved][0]['scenario']} is measured against {sides[still][0]['scenario']}, which stands at zero"
    level = merged[f"label_{moved}"].fillna("").str.contains(LEVEL, regex=False)
    shares = clash & merged[f"unit_{moved}"].isin(OF_A_CHANGE)
    zeroed, differences = merged.copy(), clash & ~level & ~shares
    for bound in BOUNDS:
        nothing = zeroed[f"{bound}_{moved}"].where(pd.isna, 0.0)  # with a range where the change has one
        zeroed[f"{bound}_{still}"] = zeroed[f"{bound}_{still}"].mask(differences, nothing)
    return zeroed[~shares], f"Re-based: {measured}; shares that describe a change are left out."


def _quoted(record: Mapping[str, Any]) -> str:
    """An edition's scenario as periods name it."""
    return f"“{str(record['title']).rstrip('.')}”"


def _row(key: str, row: pd.Series, behind: lineage.Behind) -> dict[str, Any]:
    kind = "added" if pd.isna(row["value_before"]) else "vanished" if pd.isna(row["value_after"]) else "changed"
    side = "before" if kind == "vanished" else "after"
    old, new = row["value_before"], row["value_after"]
    return {
        "result_id": key,
        "label": row[f"label_{side}"],
        "unit": row[f"unit_{side}"],
        "kind": kind,
        "reason": behind.reason(key, str(row[f"tables_{side}"]), str(row[f"notebook_{side}"]), before=side == "before"),
        "origin": behind.origin(key, before=side == "before"),
        "headline": behind.headline.index(key) if key in behind.headline else np.nan,
        **{column: row[column] for column in SIDES},
        "change": (new - old) / abs(old) if kind == "changed" and old else np.nan,
    }


def _number_text(value: Any, low: Any, high: Any) -> str:
    if pd.isna(value):
        return "–"
    text = _positional(value)
    return text if pd.isna(low) else f"{text} ({_positional(low)} to {_positional(high)})"


def _positional(value: float) -> str:
    """All digits of a number down to :data:`LEAST`."""
    return str(np.format_float_positional(round(value, DECIMALS) + 0.0, trim="-"))


def _counted(comparison: Comparison) -> str:
    counts = comparison.numbers["kind"].value_counts()
    return ", ".join([*(f"{counts.get(kind, 0)} {kind}" for kind in KINDS), f"{comparison.same} the same"])


def _above(comparison: Comparison) -> str:
    """The threshold in words."""
    if not comparison.threshold:
        return "Every difference counts (--threshold 0)."
    share = np.format_float_positional(comparison.threshold * 100, trim="-", precision=6)
    return f"Differences of up to {share}% of the value before count as the same (--threshold)."


def _grouped(comparison: Comparison) -> list[tuple[str, str, pd.DataFrame]]:
    """Reason, what it means, and the numbers that differ because of it."""
    groups = comparison.numbers.groupby("reason", sort=True)
    return [
        (str(reason), "; ".join(REASONS[part.partition(" ")[0]] for part in str(reason).split(" and ")), rows)
        for reason, rows in groups
    ]


def headlines(comparison: Comparison) -> pd.DataFrame:
    """The first headline numbers that changed, each once, whichever notebooks repeat it."""
    first = comparison.numbers[_listed(comparison.numbers) & comparison.numbers["headline"].notna()]
    ordered = first.sort_values(["scenario", "headline"], kind="stable")
    return ordered.drop_duplicates(["scenario", "origin"]).head(MOST_HEADLINES)


def _listed(numbers: pd.DataFrame) -> pd.Series:
    """True for numbers that are on one side only, or moved by a millionth of their unit."""
    listed = numbers["kind"] != "changed"
    for bound in BOUNDS:
        before, after = (numbers[f"{bound}_{side}"].astype(float) for side in ("before", "after"))  # also of no rows
        listed |= table_changes.differ(before, after, LEAST)
    return listed


def _folded(numbers: pd.DataFrame) -> list[tuple[Any, list[str]]]:
    """Rows to be told, each with the identifiers of those that only repeat it."""
    folded = []
    for (_, origin, _), rows in numbers[_listed(numbers)].groupby(["scenario", "origin", "kind"], sort=False):
        itself = rows["result_id"] == origin
        first, *copies = [*rows[itself].itertuples(index=False), *rows[~itself].itertuples(index=False)]
        folded.append((first, [str(copy.result_id) for copy in copies]))
    return folded


def as_text(comparison: Comparison) -> str:
    """The comparison for a terminal: headlines, what changed behind the editions, then number by number."""
    lines = [f"{comparison.before} → {comparison.after}: {_counted(comparison)}"]
    lines += [f"  {_line(row)}" for row in headlines(comparison).itertuples(index=False)]
    lines += [_above(comparison), *filter(None, [comparison.note])]
    lines += [f"changed {reason}: {', '.join(names)}" for reason, names in comparison.inputs.items() if names]
    for reason, explained, group in _grouped(comparison):
        lines += ["", f"Because of {reason} ({explained})"]
        for row, copies in _folded(group):
            again = f"; repeated as {', '.join(copies)}" if copies else ""
            lines.append(f"  {str(row.kind).ljust(8)} {_line(row, named=True)}{again}".rstrip())
        if hidden := len(group) - int(_listed(group).sum()):
            lines.append(f"  {hidden} more moved by less than a millionth of their unit")
    return "\n".join(lines)


def _line(row: Any, *, named: bool = False) -> str:
    """A number before and after, by its label or `named` by its identifier."""
    shown = _row_text(row)
    sides = ((shown[side], shown[f"{side}_range"]) for side in ("before", "after"))
    before, after = (f"{value} ({spread})" if spread else value for value, spread in sides)
    where = f"{row.scenario!s}: " if row.scenario else ""
    return f"{where}{row.result_id if named else row.label}  {before} → {after}  {shown['share']}".rstrip()


def as_html(comparison: Comparison) -> str:
    """The comparison as one self-contained page without script."""
    from tradeexposure.publishing import page

    groups = [
        {"reason": reason, "explained": explained, "rows": [_row_text(row) for row, _ in _folded(rows)]}
        for reason, explained, rows in _grouped(comparison)
    ]
    model = {
        "title": f"What changed from {comparison.before} to {comparison.after}",
        "counts": _counted(comparison),
        "threshold": _above(comparison),
        "note": comparison.note,
        "inputs": [{"reason": reason, "names": names} for reason, names in comparison.inputs.items() if names],
        "groups": groups,
    }
    return page.changes(model)


def _row_text(row: Any) -> dict[str, str]:
    """One row as it is read: label, identifier, before, after, and the change as a difference and a share."""
    cells = {name: str(getattr(row, name)) for name in ("scenario", "result_id", "label", "unit", "kind")}
    sides = []
    for side in ("before", "after"):
        value, low, high = (getattr(row, f"{bound}_{side}") for bound in BOUNDS)
        if pd.isna(value) or row.unit not in units.FORMATS or 0 < abs(value) < LEAST:
            sides.append((_number_text(value, low, high), ""))
        else:
            spread = "" if pd.isna(low) or low == value == high else units.write_range(low, high, row.unit, DIGITS)
            sides.append((units.write(value, row.unit, DIGITS), spread))
    if sides[0] == sides[1]:  # what is rounded away would be no change to see
        sides = [(_number_text(row.value_before, row.low_before, row.high_before), ""),
                 (_number_text(row.value_after, row.low_after, row.high_after), "")]  # fmt: skip
    share = "" if pd.isna(row.change) else f"{row.change:+.2%}".replace("-", units.MINUS)
    moved, change = row.value_after - row.value_before, ""
    if not pd.isna(moved) and row.unit in units.FORMATS and moved:
        size = units.write(abs(moved), UNSIGNED.get(row.unit, row.unit), DIGITS)
        change = f"{'+' if moved > 0 else units.MINUS}{size}"
    return {**cells, "before": sides[0][0], "before_range": sides[0][1], "after": sides[1][0],
            "after_range": sides[1][1], "change": change, "share": share}  # fmt: skip


def write_html(comparison: Comparison, path: Path) -> None:
    """Write the page; :class:`BadInput` if that cannot be done."""
    edition_index.refuse_source("--html", path)
    try:
        files.write(path, as_html(comparison))
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput("--html", found=f"{path} ({reason})", allowed="a file that can be written") from None
