"""What ``tradeexposure refresh`` was asked for, and what it says when that is done."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tradeexposure.core import paths
from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import indented, visible
from tradeexposure.data import vintages
from tradeexposure.policy import scenarios

if TYPE_CHECKING:
    from tradeexposure.refresh.run import Outcome

#: Published results named of those that rest on a changed table.
SHOWN = 6


def done(
    sources: Sequence[str], *, check: bool, accept: Sequence[str], drop: str | None, preview: str | None,
    review: str | None, file: Path | None, table: str | None,
) -> bool:  # fmt: skip
    """Do what is asked and say how it ended; False where a table had to keep its figures.

    The arguments are the options of the command; `accept` names tables, or one vintage.

    Raises
    ------
    BadInput
        Options that exclude each other, or of which one asks for another.
    """
    named = [name for name in accept if vintages.NAME.fullmatch(name)]
    settled = bool(named) or drop is not None
    if (file is None) != (table is None):
        raise BadInput("--from" if file is None else "--table", found="nothing", allowed="--from FILE --table NAME")
    asked = sum([check, drop is not None, bool(named), preview is not None, review is not None])
    besides = bool(sources) or len(accept) > len(named)
    if file is not None and (sources or asked > (review is not None)):
        raise _exclusive("--from FILE --table NAME, with --review SCENARIO and --accept NAME")
    if asked > 1 or len(named) > 1 or (settled and besides):
        raise _exclusive("one of --check, --drop, --accept VINTAGE, --preview, --review")
    for scenario in (preview, review):
        if scenario is not None:
            scenarios.load(scenario)
    if check or settled:
        _settle(sources, named[0] if named else "", drop)
        return True
    outcome = _brought(sources, accept, preview, review, file, table or "")
    for line in report(outcome):
        print(indented(line))
    for kept in outcome.kept:
        print(visible(f"error: {kept}"), file=sys.stderr)
    return not outcome.kept


def _brought(
    sources: Sequence[str], accept: Sequence[str], preview: str | None, review: str | None, file: Path | None,
    table: str,
) -> Outcome:  # fmt: skip
    """The next vintage, set aside; with `review` its page is written."""
    from tradeexposure.refresh import review as monthly_review
    from tradeexposure.refresh import run

    if review is not None:
        monthly_review.published(review)
    if file is not None:
        outcome = run.bring_file(file, table, accept=accept)
    else:
        outcome = run.refresh(sources, accept=accept, preview=preview or "")
    if review is not None:
        monthly_review.write(review, outcome)
    return outcome


def report(outcome: Outcome) -> list[str]:
    """A refresh as a person reads it: what changed, what rests on it, and what to type next."""
    left = [f"left out: {name}, which needs a key (see data/sources.yml)" for name in outcome.left_out]
    left += [f"note: {note}" for note in outcome.notes]
    if not outcome.name:
        return [*left, f"no table changed; vintage {outcome.before} stays in force"]
    lines = [line for revision in outcome.revisions for line in revision.lines()]
    lines += [f"correction {name} no longer fits and does not apply to this vintage" for name in outcome.retired]
    for scenario, names in _resting_on({revision.table for revision in outcome.revisions}).items():
        shown = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
        lines.append(f"{scenario}: {len(names)} published results rest on changed tables ({shown})")
    return [
        *left,
        *lines,
        f"vintage {outcome.name} lies aside; {outcome.before} is in force as before",
        f"next: tradeexposure refresh --accept {outcome.name} puts it in force, tradeexposure refresh --drop "
        f"{outcome.name} throws it away",
    ]


def _resting_on(tables: set[str]) -> dict[str, list[str]]:
    """Published results that name one of `tables`: scenario → ids, from the editions on disk."""
    from tradeexposure.core import results_csv

    resting = {}
    for path in sorted(paths.path("reports", "published").glob("*/results.csv")):
        frame = results_csv.read(path)
        named = frame["tables"].map(lambda names: not tables.isdisjoint(names.replace(";", " ").split()))
        resting[path.parent.name] = frame.loc[named, "result_id"].tolist()
    return resting


def _settle(sources: Sequence[str], accepted: str, dropped: str | None) -> None:
    """What needs no publisher's files: put a vintage in force, throw one away, or say which tables could be newer."""
    if not accepted and dropped is None:  # needs neither the runner nor charts
        from tradeexposure.refresh import staleness

        for age in staleness.check(sources=sources):
            print(indented(str(age)))
        return
    from tradeexposure.refresh import run

    if accepted:
        run.accept_vintage(accepted)
        print(f"vintage {accepted} is in force; next: tradeexposure outputs, then tradeexposure run SCENARIO")
    elif dropped is not None:
        run.drop_vintage(dropped)
        print(f"vintage {dropped} was thrown away; {vintages.current()} is in force as before")


def _exclusive(allowed: str) -> BadInput:
    return BadInput("refresh", found="options that exclude each other", allowed=allowed)
