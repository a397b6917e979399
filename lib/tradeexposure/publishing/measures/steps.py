"""Duties as steps in time: for every product and direction the days on which what is charged becomes another.

What is charged on one day is :func:`tradeexposure.policy.tariff_schedule.rate`; here the days between its changes are
left out, so that a page without Python can tell the duty of any day.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tradeexposure.policy import tariff_schedule
from tradeexposure.policy.facts import Facts
from tradeexposure.policy.measures import Pair, Vocabulary
from tradeexposure.policy.stacking import Rate
from tradeexposure.policy.tariff_schedule import FIRST_DAY, HORIZON, Quota

CHANGING = {"additional", "suspends", "no_entry"}  # what makes a duty worth following where not all measures are held


@dataclass(frozen=True)
class Step:
    """What is charged from a day on."""

    start: date  #: First day.
    charged: Rate  #: At the border.
    #: Lowest and highest rate (shares of value) where the content of the goods decides.
    span: tuple[float, float] | None
    owed: float | None  #: What the deposit of these days turned into (share of value), where that is another rate.


@dataclass(frozen=True)
class DutyLine:
    """One product into one country from another, under one kind of entry, with its steps from the first day on.

    `claim` and `quota` are None where the duty is the same with and without a CUSMA claim, within and above a quota;
    `complete` says whether all measures on it are in the data.
    """

    imposer: str
    origin: str
    product: str
    claim: bool | None
    quota: Quota | None
    complete: bool
    steps: tuple[Step, ...]

    def on(self, day: date) -> Step:
        """The step of a day from ``FIRST_DAY`` to ``HORIZON``."""
        return self.steps[bisect_right([step.start for step in self.steps], day) - 1]

    def asked(self) -> dict[str, Any]:
        """The arguments of :func:`tariff_schedule.rate` that this line answers, the day left out."""
        named = {"imposer": self.imposer, "origin": self.origin, "product": self.product}
        return {**named, "claim": bool(self.claim), "quota": self.quota or "within"}


def lines() -> list[DutyLine]:
    """Every product and direction of which all measures are held, or on which a measure of its own was charged.

    Raises
    ------
    BadInput
        Facts that cannot be read; see :func:`tariff_schedule.all_measures`.
    """
    facts, lists = tariff_schedule.all_measures(), tariff_schedule.vocabulary()
    return [
        line
        for pair in lists.pairs
        for product in lists.products
        if product in pair.complete_for
        or any(
            product in measure.products and measure.stacking in CHANGING and pair.origin in measure.origins
            for measure in facts
            if measure.imposer == pair.imposer
        )
        for line in _variants(facts, pair, product, lists=lists)
    ]


def _variants(facts: Facts, pair: Pair, product: str, *, lists: Vocabulary) -> Iterator[DutyLine]:
    """The lines of a product: with and without a claim, within and above a quota, each only where it matters."""
    asked = {"imposer": pair.imposer, "origin": pair.origin, "product": product}
    # Looked up once: hundreds of days are asked for.
    among: dict[str, Any] = {"among": tariff_schedule.on_trade(facts, **asked), "lists": lists}
    variants = {
        (claim, quota): _steps({**asked, **among, "claim": claim, "quota": quota})
        for claim in ((True, False) if {pair.imposer, pair.origin} <= set(lists.cusma) else (False,))
        for quota in tariff_schedule.QUOTAS
    }
    claimed = any(variants[claim, quota] != variants[False, quota] for claim, quota in variants)
    bounded = any(variants[claim, quota] != variants[claim, "within"] for claim, quota in variants)
    for (claim, quota), steps in variants.items():
        if (claimed or not claim) and (bounded or quota == "within"):
            shown = claim if claimed else None, quota if bounded else None
            yield DutyLine(**asked, claim=shown[0], quota=shown[1], complete=product in pair.complete_for, steps=steps)


def _steps(asked: dict[str, Any]) -> tuple[Step, ...]:
    """The steps of one line, those of deposits that settled later included."""
    window: dict[str, Any] = {"start": FIRST_DAY, "end": HORIZON}
    days = {day for settled in (False, True)
            for day, _ in tariff_schedule.stretches(**asked, **window, settled=settled)}  # fmt: skip
    steps = []
    for day in sorted(days):
        charged = tariff_schedule.rate(**asked, on=day)
        owed = tariff_schedule.rate(**asked, on=day, settled=True).rate
        span = None
        if charged.status == "content share needed":
            whole, none = (tariff_schedule.rate(**asked, on=day, us_content=share, local_content=share).rate
                           for share in (1, 0))  # fmt: skip
            span = None if whole is None or none is None else (whole, none)
        steps.append(Step(day, charged, span, None if owed == charged.rate else owed))
    return tuple(steps)
