"""What ``tradeexposure refresh`` was asked for, and what it says when that is done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tradeexposure.core.errors import BadInput
from tradeexposure.core.plain import indented, visible
from tradeexposure.data import vintages
from tradeexposure.policy import scenarios

if TYPE_CHECKING:
    from tradeexposure.refresh.run import Outcome


@dataclass(frozen=True)
class Asked:
    """The options of the command; `accept` names tables, or one vintage."""

    sources: tuple[str, ...]
    check: bool
    accept: tuple[str, ...]
    drop: str | None
    preview: str | None
    review: str | None
    file: Path | None
    table: str | None

    @property
    def vintages(self) -> tuple[str, ...]:
        """Vintages among what is to be accepted."""
        return tuple(name for name in self.accept if vintages.NAME.fullmatch(name))

    def validated(self) -> Asked:
        """The same; :class:`BadInput` for options that exclude each other, or of which one asks for another."""
        if (self.file is None) != (self.table is None):
            lacking = "--from" if self.file is None else "--table"
            raise BadInput(lacking, found="nothing", allowed="--from FILE --table NAME")
        settled = bool(self.vintages) or self.drop is not None
        if self.file is not None and (self.sources or self.check or self.preview is not None or settled):
            allowed = "--from FILE --table NAME, with --review SCENARIO and --accept NAME"
            raise BadInput("refresh", found="options that exclude each other", allowed=allowed)
        asked = sum([self.check, self.drop is not None, self.review is not None, self.preview is not None])
        named = len(self.vintages)
        if asked + bool(named) > 1 or named > 1 or (settled and (self.sources or len(self.accept) > named)):
            allowed = "one of --check, --drop, --accept VINTAGE, --preview, --review"
            raise BadInput("refresh", found="options that exclude each other", allowed=allowed)
        return self


def done(asked: Asked) -> bool:
    """Do what is asked and say how it ended; False where a table had to keep its figures."""
    asked.validated()
    for scenario in (asked.preview, asked.review):
        if scenario is not None:
            scenarios.load(scenario)
    if asked.check:  # needs neither the runner nor charts
        from tradeexposure.refresh import staleness

        for age in staleness.check(sources=asked.sources):
            print(indented(str(age)))
        return True
    from tradeexposure.refresh import monthly, own_file, run

    if asked.vintages:
        run.accept_vintage(asked.vintages[0])
        print(f"vintage {asked.vintages[0]} is in force; next: tradeexposure outputs, then tradeexposure run SCENARIO")
        return True
    if asked.drop is not None:
        run.drop_vintage(asked.drop)
        print(f"vintage {asked.drop} was thrown away; {vintages.current()} is in force as before")
        return True
    bring: Callable[[], Outcome] = partial(run.refresh, asked.sources, accept=asked.accept, preview=asked.preview or "")
    if asked.file is not None:
        bring = partial(own_file.bring, asked.file, asked.table or "", accept=asked.accept)
    outcome = bring() if asked.review is None else monthly.run(asked.review, bring)
    for line in run.report(outcome):
        print(indented(line))
    for kept in outcome.kept:
        print(visible(f"error: {kept}"), file=sys.stderr)
    return not outcome.kept
