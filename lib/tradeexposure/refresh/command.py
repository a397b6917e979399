"""What ``tradeexposure refresh`` was asked for, and what it says when that is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import indented, visible
from tradeexposure.data import vintages
from tradeexposure.policy import scenarios


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
    from tradeexposure.refresh import monthly, own_file, run

    bring: Callable[[], run.Outcome] = partial(run.refresh, sources, accept=accept, preview=preview or "")
    if file is not None:
        bring = partial(own_file.bring, file, table or "", accept=accept)
    outcome = bring() if review is None else monthly.run(review, bring)
    for line in run.report(outcome):
        print(indented(line))
    for kept in outcome.kept:
        print(visible(f"error: {kept}"), file=sys.stderr)
    return not outcome.kept


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
