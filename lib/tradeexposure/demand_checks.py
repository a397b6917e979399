"""What the electric-vehicle demand notebook says in words, held against its numbers; and second routes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradeexposure import demand, demand_inference, events, wildsample
from tradeexposure import demand_plan as plan
from tradeexposure.demand import Specification
from tradeexposure.demand_cohorts import CohortEffect
from tradeexposure.demand_published import Allowed
from tradeexposure.demand_study import Ontario

LARGE = 0.05  # p-values above it show no effect
INTRODUCTION, SLIGHT = 2.5, 2.1  # C$ thousand: a rebate brought in, a change of a rebate that stays
UNWEIGHTED = ["log_share", "log_share_trends", "without_ontario_log_share_trends"]


def ppml_gap(frame: pd.DataFrame, spec: Specification) -> float:
    """Difference of a Poisson estimate from that of the package's own fit with absorbed effects."""
    rows = demand.sample(frame, spec)
    found = events.fit_ppml(rows, outcome="registrations", regressors=["rebate"], effects=["geo", "quarter"],
                            offset="log_total", cluster="geo")  # fmt: skip
    return abs(demand.estimate(frame, spec).coefficient - float(found.coefficients["rebate"]))


def bootstrap_gap(frame: pd.DataFrame, named: dict[str, Specification]) -> float:
    """Largest difference of the declared estimates from those that the wild bootstrap fits by its own steps."""
    gaps = []
    for spec in named.values():
        if spec.estimator == "fractional_logit":
            continue
        own = wildsample.fitted(demand_inference.wild_sample(frame, spec)).coefficient
        gaps.append(abs(own - demand.estimate(frame, spec).coefficient))
    return max(gaps)


def untrue(declared: pd.DataFrame, curve: pd.DataFrame, others: pd.DataFrame) -> list[str]:
    """The claims in words about the pooled estimates that the numbers do not bear out; empty if all hold."""
    by, cells = declared.set_index("name"), others.set_index(["kind", "name"])["p_permutation"].astype(float)
    estimate, bootstrap, permuted = (by[name].astype(float) for name in ("estimate", "p_value", "p_permutation"))
    poisson = curve[(curve["estimator"] == "ppml") & (curve["reading"] == "stated") & ~curve["trends"]]
    left = poisson[poisson["without"].map(lambda names: tuple(names) == ("Ontario",))]["estimate"]
    weighted, both = by.index.drop(UNWEIGHTED), ["without_ontario", "all"]
    negative = curve.loc[curve["estimate"] < 0, "without"]
    claims = {
        "the pooled sign changes without Ontario": estimate["without_ontario"] < 0 < estimate["all"],
        "both ranges hold zero and a fifth": by["low"][both].max() < 0 and by["high"][both].min() > 0.2,
        "no weighted permutation shows an effect": permuted[weighted].min() > LARGE,
        "of the weighted only trends are rejected": list(weighted[bootstrap[weighted] <= LARGE]) == ["trends"],
        "unweighted estimates are positive": estimate[UNWEIGHTED].min() > 0,
        "the bootstrap rejects the unweighted": bootstrap[UNWEIGHTED].max() <= LARGE,
        "so does their permutation": permuted["log_share"] < LARGE,
        "but not without Ontario and with trends": permuted["without_ontario_log_share_trends"] > LARGE,
        "without Ontario the plain Poisson estimates are negative": (left < 0).all(),
        "most specifications are positive": (curve["estimate"] > 0).mean() > 0.9,
        "all negative specifications leave Ontario out": (negative == ("Ontario",)).all(),
        "plug-in hybrids answer": cells[("phev", "all")] < LARGE < cells[("phev", "without_ontario")],
        "cross effects are not shown": cells[["hybrid", "gasoline"]].min() > LARGE,
    }
    return [claim for claim, holds in claims.items() if not holds]


def untrue_events(cohorts: Sequence[CohortEffect], stacks: pd.DataFrame, ontario: Ontario) -> list[str]:
    """The claims in words about single changes of a rebate that do not hold; empty if all hold."""
    pooled = stacks.set_index("name")["estimate"].astype(float)
    answers = {one.cohort.name: one.per_thousand for one in cohorts}
    introduced = [one.per_thousand for one in cohorts if one.amount >= INTRODUCTION]
    slight = [one.per_thousand for one in cohorts if abs(one.amount) <= SLIGHT]
    claims = {
        "introductions answer most": min(introduced) > max(answers["Ontario 2018"], answers["Quebec 2025"]) > 0,
        "both large cuts show an answer": min(answers["Ontario 2018"], answers["Quebec 2025"]) > 0,
        "small changes have the wrong sign": max(slight) < 0,
        "no change of a rebate is told from its controls": all(one.rank.p_value > LARGE for one in cohorts),
        "without two changes little is left": abs(pooled["without_ontario_and_quebec_2025"]) < 0.02 < pooled["all"],
        "Ontario fell by more than half everywhere": max(ontario.log_effects) < np.log(0.5),
        "no placebo province moved as far": ontario.short.rank.p_value == ontario.short.rank.floor,
        "over the longer window one did": ontario.longer.rank.p_value == 2 * ontario.longer.rank.floor,
        "Ontario recovered a part": ontario.longer.log_effect > ontario.short.log_effect,
    }
    return [claim for claim, holds in claims.items() if not holds]


def untrue_beside(cited: pd.DataFrame, found: Allowed, rush: pd.DataFrame, placebos: pd.DataFrame) -> list[str]:
    """The claims in words about published values and the rush that do not hold; empty if all hold."""
    by, published = cited.set_index("key")["high"].astype(float), cited.set_index("key")["value"].astype(float)
    last = placebos[placebos["quarter"] == "2023Q4"]["share"]
    claims = {
        "the panel cuts neither end": not found.cut,
        "Norway and California lie below half of Ontario": published[["norway", "california"]].max() < found.value / 2
        and by[["norway", "california"]].max() < found.value,
        "the Canadian figure is the upper end": np.isclose(found.high, published["canada"], atol=5e-4),
        "every counterfactual shows a rush": rush["share"].min() > 0.1,
        "a year earlier half as much was not expected either": last.median() > 0.25 * rush["share"].median()
        and last.max() > rush["share"].max(),
    }
    return [claim for claim, holds in claims.items() if not holds]


def assert_claims(*wrong: Sequence[str]) -> None:
    """Fail where a sentence of the notebook is no longer true.

    Raises
    ------
    AssertionError
        Naming the claims.
    """
    every = [claim for part in wrong for claim in part]
    assert not every, f"no longer true: {'; '.join(every)}"


def first_step_gap(frame: pd.DataFrame) -> float:
    """Distance of the permutation's first step from the full estimate, as a share of the spread over assignments."""
    step = demand_inference.permute(frame, plan.HEADLINE)
    full = demand.estimate(frame, plan.HEADLINE).coefficient
    return abs(step.estimate - full) / (step.q95 - step.q05)
