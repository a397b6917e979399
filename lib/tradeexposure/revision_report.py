"""A refresh as a person reads it: what changed, which published results rest on it, and what to type next."""

from __future__ import annotations

from collections.abc import Sequence

from tradeexposure.core import paths
from tradeexposure.refresh import Outcome

SHOWN = 6


def resting_on(tables: Sequence[str]) -> dict[str, list[str]]:
    """Published results that name one of `tables`: scenario → ids, from the editions on disk."""
    from tradeexposure.core import results_csv

    found = {}
    for path in sorted(paths.path("reports", "published").glob("*/results.csv")):
        frame = results_csv.read(path)
        named = (
            frame["tables"].fillna("").map(lambda text: bool(set(str(text).replace(";", " ").split()) & set(tables)))
        )
        found[path.parent.name] = [str(name) for name in frame.loc[named, "result_id"]]
    return found


def report(outcome: Outcome) -> list[str]:
    """A refresh as a person reads it: what changed, what rests on it, and what to type next."""
    left = [f"left out: {name}, which needs a key (see data/sources.yml)" for name in outcome.left_out]
    if not outcome.name:
        return [*left, f"no table changed; vintage {outcome.before} stays in force"]
    lines = [line for revision in outcome.revisions for line in revision.lines()]
    lines += [f"correction {name} no longer fits and does not apply to this vintage" for name in outcome.retired]
    for scenario, names in resting_on([revision.table for revision in outcome.revisions]).items():
        shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
        lines.append(f"{scenario}: {len(names)} published results rest on changed tables ({shown})")
    return [
        *left, *lines,
        f"vintage {outcome.name} is in force; {outcome.before} is kept (tradeexposure vintages {outcome.before} "
        "puts it back)",
        "next: tradeexposure outputs, then tradeexposure run SCENARIO; tradeexposure compare shows what moved",
    ]  # fmt: skip
