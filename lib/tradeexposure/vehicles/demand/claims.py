"""What the electric-vehicle demand notebook says in words, held against its numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradeexposure.reporting.claims import false_among
from tradeexposure.vehicles.demand import plan
from tradeexposure.vehicles.demand.published import Allowed
from tradeexposure.vehicles.demand.rebate_cohorts import CohortEffect
from tradeexposure.vehicles.demand.study import Ontario

LARGE = 0.05  # p-values above it show no effect
LATE, LATECOMERS = "2020Q4", ("Nova Scotia", "New Brunswick", "Prince Edward Island", "Manitoba")
MANDATES_AHEAD = pd.Timestamp("2018-10-01")  # since Ontario's rebate ended
INTRODUCTION, SLIGHT = 2.5, 2.1  # C$ thousand: a rebate brought in, a change of a rebate that stays
UNWEIGHTED = ["log_share", "log_share_trends", "without_ontario_log_share_trends"]


def false_claims(frame: pd.DataFrame, declared: pd.DataFrame, curve: pd.DataFrame, others: pd.DataFrame) -> list[str]:
    """The claims in words about the panel and the pooled estimates that do not hold; empty if all hold."""
    by, cells = declared.set_index("name"), others.set_index(["kind", "name"])["p_permutation"].astype(float)
    estimate, bootstrap, permuted = (by[name].astype(float) for name in ("estimate", "p_value", "p_permutation"))
    poisson = curve[(curve["estimator"] == "ppml") & (curve["reading"] == "stated") & ~curve["trends"]]
    left = poisson[poisson["without"].map(lambda names: tuple(names) == ("Ontario",))]["estimate"]
    weighted, both = by.index.drop(UNWEIGHTED), ["without_ontario", "all"]
    negative = curve.loc[curve["estimate"] < 0, "without"]
    claims = {
        "the pooled sign changes without Ontario": estimate["without_ontario"] < 0 < estimate["all"],
        "both ranges hold zero and a fifth": by["low"][both].max() < 0 and by["high"][both].min() > 0.2,
        "with trends they are not": estimate["without_ontario_trends"] > 0,
        "more in the next quarter goes with less now": (by["lead"].dropna() < 0).all() and by["lead"].count() == 2,
        "the current amount adds what the sum lacks": (by["now"] > by["estimate"])[
            ["long_run", "without_ontario_long_run"]
        ].all(),
        "no weighted permutation shows an effect": permuted[weighted].min() > LARGE,
        "of the weighted only trends are rejected": list(weighted[bootstrap[weighted] <= LARGE]) == ["trends"],
        "unweighted estimates are positive": estimate[UNWEIGHTED].min() > 0,
        "the bootstrap rejects the unweighted": bootstrap[UNWEIGHTED].max() <= LARGE,
        "so does their permutation": permuted["log_share"] < LARGE,
        "but not without Ontario and with trends": permuted["without_ontario_log_share_trends"] > LARGE,
        "without Ontario the plain Poisson estimates are negative": (left < 0).all(),
        "most specifications are positive": (curve["estimate"] > 0).mean() > 0.9,
        "all negative specifications leave Ontario out": (negative == ("Ontario",)).all(),
        "plug-in hybrids only with Ontario and without trends": cells[("phev", "all")] < LARGE
        and cells.xs("phev").drop("all").min() > LARGE,
        "so at short-range amounts": cells.xs("phev_short").drop("all").min() > LARGE,
        "cross effects are not shown": cells[["hybrid", "gasoline"]].min() > LARGE,
    }
    return false_panel_claims(frame) + false_among(claims)


def false_panel_claims(frame: pd.DataFrame) -> list[str]:
    """The claims in words about rebates and shares that do not hold; empty if all hold."""
    dated = frame.set_index(["geo", "quarter"])
    shares, rebates = dated["share"].unstack("geo"), dated["rebate"].unstack("geo")
    mandates, others = shares[list(plan.MANDATES)], shares.drop(columns=list(plan.MANDATES))
    known = shares.index >= MANDATES_AHEAD
    claims = {
        "Ontario's end is by far the largest change": np.ptp(rebates["Ontario"]) > 1.5 * np.ptp(rebates["Quebec"])
        and np.ptp(rebates.drop(columns="Ontario"), axis=0).max() == np.ptp(rebates["Quebec"]),
        "the Atlantic provinces and Manitoba came late": rebates.loc[:LATE, list(LATECOMERS)].max(axis=None) == 0,
        "Saskatchewan never paid": rebates["Saskatchewan"].max() == 0,
        "the mandate provinces run ahead": (mandates[known].min(axis=1) > others[known].max(axis=1)).mean() > 0.9,
        "Quebec peaks near a third and falls": 0.3 < shares["Quebec"].max() < 0.36
        and shares.max().idxmax() == "Quebec" and shares["Quebec"].loc[shares["Quebec"].idxmax() :].min() < 0.15,
    }  # fmt: skip
    return false_among(claims)


def false_event_claims(cohorts: Sequence[CohortEffect], stacks: pd.DataFrame, ontario: Ontario) -> list[str]:
    """The claims in words about single changes of a rebate that do not hold; empty if all hold."""
    pooled = stacks.set_index("name")["estimate"].astype(float)
    answers = {one.cohort.name: one.per_thousand for one in cohorts}
    introduced = [one.per_thousand for one in cohorts if one.amount >= INTRODUCTION]
    slight = [one.per_thousand for one in cohorts if abs(one.amount) <= SLIGHT]
    after = ontario.synthetic_longer.path[ontario.synthetic_longer.path["after"]]
    apart = after["synthetic"] / after["actual"]
    means = ontario.synthetic_longer.path.groupby("after")[["actual", "synthetic"]].mean()
    growth = means.loc[True] / means.loc[False]
    claims = {
        "Ontario stayed two to three times below its double": 2 < apart.min() <= apart.max() < 3.2,
        "Ontario's own share did not fall while its double's tripled": 1
        < growth["actual"]
        < 2
        < 3
        < growth["synthetic"],
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
    return false_among(claims)


def false_published_claims(
    cited: pd.DataFrame, found: Allowed, rush: pd.DataFrame, placebos: pd.DataFrame
) -> list[str]:
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
    return false_among(claims)
