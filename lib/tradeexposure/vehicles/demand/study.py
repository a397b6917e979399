"""Runs the plan of the electric-vehicle demand study: estimates, their inference, cohorts and single episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.errors import RunFailed
from tradeexposure.vehicles.demand import estimators, few_clusters, plan, rebate_cohorts, synthetic_control
from tradeexposure.vehicles.demand.estimators import Specification, change
from tradeexposure.vehicles.demand.rebate_cohorts import CohortEffect
from tradeexposure.vehicles.demand.synthetic_control import Synthetic

PARTS = {"lead": "rebate_lead", "now": "rebate", "lag": "rebate_lag"}


@dataclass(frozen=True)
class Ontario:
    """The end of Ontario's rebate.

    Attributes
    ----------
    short, longer : CohortEffect
        To 2019Q1 and to 2019Q3.
    synthetic, synthetic_longer : Synthetic
    without_quebec : float
        Log effect to 2019Q1 against the five small provinces.
    """

    short: CohortEffect
    longer: CohortEffect
    synthetic: Synthetic
    synthetic_longer: Synthetic
    without_quebec: float

    @property
    def log_effects(self) -> tuple[float, ...]:
        """All estimates of the log effect."""
        return (self.short.log_effect, self.longer.log_effect, self.synthetic.log_effect,
                self.synthetic_longer.log_effect, self.without_quebec)  # fmt: skip


def inference(frame: pd.DataFrame, named: Mapping[str, Specification]) -> pd.DataFrame:
    """Estimates with what a wild cluster bootstrap and a permutation of paths say of them.

    Returns
    -------
    DataFrame
        Key `name`; `coefficient` (log per C$1,000), `estimate`, `low`, `high` (changes; the ends of what the bootstrap
        does not reject, missing where these have none), `p_value`, `floor`, `p_permutation`, `floor_permutation`,
        `assignments`, `provinces`, `n_obs`; `lead`, `now`, `lag`: the part of the next, the current and the last
        quarter's rebate (changes; missing where a specification does not hold it).
    """
    return pd.DataFrame([{"name": name, **_inferred(frame, spec)} for name, spec in named.items()])


def _inferred(frame: pd.DataFrame, spec: Specification) -> dict[str, float]:
    found = estimators.estimate(frame, spec)
    test = few_clusters.wild_test(frame, spec)
    low, high = few_clusters.confidence_set(frame, spec, level=plan.LEVEL)
    factor = found.coefficient / test.coefficient  # one but for the logit, whose odds become registrations
    ranked = few_clusters.permute(frame, spec)
    return {
        "coefficient": found.coefficient, "estimate": change(found.coefficient), "low": change(low * factor),
        "high": change(high * factor), "p_value": test.p_value, "floor": test.floor, "p_permutation": ranked.p_value,
        "floor_permutation": ranked.floor, "assignments": ranked.assignments, "provinces": test.n_clusters,
        "n_obs": found.n_obs,
        **{part: change(found.by_quarter.get(name, np.nan)) for part, name in PARTS.items()},
    }  # fmt: skip


def declared(frame: pd.DataFrame) -> pd.DataFrame:
    """:func:`inference` of the declared specifications, without Ontario first."""
    return inference(frame, plan.DECLARED)


def other_cars(registrations: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Plug-in hybrids with their own rebate, long range or short; hybrids and gasoline cars with that on electric cars.

    Returns
    -------
    DataFrame
        :func:`inference` with `kind` (``phev``, ``phev_short``, ``hybrid``, ``gasoline``), without Ontario first.
    """
    named = {"without_ontario": plan.WITHOUT_ONTARIO, "all": plan.HEADLINE, "trends": plan.DECLARED["trends"]}
    kinds = {kind: plan.VEHICLES[kind] for kind in ("phev", "phev_short")}
    kinds |= {kind: (fuel, "BEV") for kind, fuel in plan.CROSS.items()}
    parts = [
        inference(plan.panel(registrations, table, fuel=fuel, vehicle=vehicle), named).assign(kind=kind)
        for kind, (fuel, vehicle) in kinds.items()
    ]
    return pd.concat(parts, ignore_index=True)


def cohorts(frame: pd.DataFrame) -> list[CohortEffect]:
    """The effect of every planned change of a rebate."""
    return [rebate_cohorts.effect(frame, cohort, still=plan.STILL) for cohort in plan.COHORTS]


def stacks(frame: pd.DataFrame, found: Sequence[CohortEffect]) -> pd.DataFrame:
    """Cohorts pooled: key `name` of :data:`plan.STACKS`; `coefficient`, `estimate`, `cohorts`."""
    rows = []
    for name, left_out in plan.STACKS.items():
        kept = [one for one in found if one.cohort.name not in left_out]
        coefficient = rebate_cohorts.stacked(frame, kept)
        rows.append({"name": name, "coefficient": coefficient, "estimate": change(coefficient), "cohorts": len(kept)})
    return pd.DataFrame(rows)


def ontario(frame: pd.DataFrame) -> Ontario:
    """The end of Ontario's rebate by differences and by a synthetic control."""
    short, longer = (
        rebate_cohorts.effect(frame, cohort, still=plan.STILL, also_ranked=plan.BAD_CONTROL)
        for cohort in (plan.ONTARIO, plan.ONTARIO_LONGER)
    )
    small = [geo for geo in short.controls if geo != "Quebec"]
    return Ontario(
        short, longer,
        synthetic_control.synthetic(frame, plan.ONTARIO, short.controls),
        synthetic_control.synthetic(frame, plan.ONTARIO_LONGER, longer.controls),
        rebate_cohorts.difference(rebate_cohorts.window(frame, plan.ONTARIO), "Ontario", small),
    )  # fmt: skip


def rush(frame: pd.DataFrame, *, quarter: str = plan.RUSH_QUARTER, until: str = plan.LAST_UNAWARE) -> pd.DataFrame:
    """Share of Quebec's registrations of one quarter that counterfactuals do not expect.

    Returns
    -------
    DataFrame
        `model`, `since`, `others`, `share`, `expected`, `actual`, `error`; for another quarter the fits begin as many
        quarters before their end as planned for 2024Q4.
    """
    back = pd.Period(plan.LAST_UNAWARE, "Q") - pd.Period(until, "Q")
    options = [(model, since, name) for name in plan.OTHERS for model, since in plan.RUSH_MODELS]
    options += [(model, since, "none") for model, since in plan.RUSH_OWN]
    rows = []
    for model, since, name in options:
        first = str(pd.Period(since, "Q") - back.n)
        found = synthetic_control.pull_forward(
            frame, geo="Quebec", others=plan.OTHERS.get(name, ()), quarter=quarter, fit=(first, until), model=model
        )
        rows.append({**vars(found), "since": first, "others": name})
    return pd.DataFrame(rows)


def rush_placebos(frame: pd.DataFrame) -> pd.DataFrame:
    """:func:`rush` of fourth quarters without a cut ahead; adds `quarter`."""
    parts = [rush(frame, quarter=quarter, until=until).assign(quarter=quarter)
             for quarter, until in plan.RUSH_PLACEBOS]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def elasticity(coefficient: float, *, price_cad: float, pass_through: float) -> float:
    """Own-price elasticity that a log change per C$1,000 of rebate amounts to.

    A rebate of C$1,000 lowers the price that buyers pay by `pass_through` × C$1,000, so the answer to a price is the
    answer to the rebate ÷ `pass_through`; times the price in thousands, with the sign of a price.
    """
    if not 0 < pass_through <= 1:
        raise RunFailed(f"pass-through {pass_through:g} is not between 0 and 1")
    return -coefficient / pass_through * price_cad / 1000


def implied_semi_elasticity(price_elasticity: float, *, price_cad: float, pass_through: float) -> float:
    """Log change per C$1,000 of rebate that a published own-price elasticity amounts to; undoes :func:`elasticity`."""
    return -price_elasticity * pass_through / (price_cad / 1000)
