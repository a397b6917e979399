"""What the electric-vehicle demand notebook says in words, held against its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tradeexposure.reporting.claims import Claim, listed
from tradeexposure.vehicles.demand.published import Allowed
from tradeexposure.vehicles.demand.rebate_cohorts import CohortEffect
from tradeexposure.vehicles.demand.study import Ontario

LARGE = 0.05  # p-values above it show no effect
LATE, LATECOMERS = "2020Q4", ("Nova Scotia", "New Brunswick", "Prince Edward Island", "Manitoba")
MANDATES_AHEAD = pd.Timestamp("2018-10-01")  # since Ontario's rebate ended
INTRODUCTION, SLIGHT = 2.5, 2.1  # C$ thousand: a rebate brought in, a change of a rebate that stays
FEW_CARS = 50  # a quarter
UNWEIGHTED = ["log_share", "log_share_trends", "without_ontario_log_share_trends"]


def of_panel(frame: pd.DataFrame, mandates: Sequence[str]) -> list[Claim]:
    """What is said about rebates and shares; `mandates` are the provinces that oblige makers to sell."""
    dated = frame.set_index(["geo", "quarter"])
    shares, rebates = dated["share"].unstack("geo"), dated["rebate"].unstack("geo")
    ahead, others = shares[list(mandates)], shares.drop(columns=list(mandates))
    known = shares.index >= MANDATES_AHEAD
    moved = pd.Series(np.ptp(rebates, axis=0), index=rebates.columns)
    early = rebates.loc[:LATE, list(LATECOMERS)].to_numpy().max()
    often = (ahead[known].min(axis=1) > others[known].max(axis=1)).mean()
    quebec, where = shares["Quebec"], "Where do people register electric cars?"
    fallen = quebec.loc[quebec.idxmax() :].min()
    return [
        Claim("Ontario's end is by far the largest change",
              moved["Ontario"] > 1.5 * moved["Quebec"] and moved.drop("Ontario").max() == moved["Quebec"],
              f"C$ thousand {listed(moved.nlargest(3))}", "What did each province pay, and when?"),
        Claim("the Atlantic provinces and Manitoba came late", early == 0, f"C$ thousand {early:g} by {LATE}", where),
        Claim("Saskatchewan never paid", rebates["Saskatchewan"].max() == 0, listed([rebates["Saskatchewan"].max()]),
              where),
        Claim("the mandate provinces run ahead", often > 0.9, f"in {often:.2f} of the quarters", where),
        Claim("Quebec peaks near a third and falls",
              0.3 < quebec.max() < 0.36 and shares.max().idxmax() == "Quebec" and fallen < 0.15,
              listed([quebec.max(), fallen]), where),
    ]  # fmt: skip


def of_estimates(declared: pd.DataFrame) -> list[Claim]:
    """What is said about the declared specifications."""
    by, where = declared.set_index("name"), "What do a thousand dollars do, without Ontario and with it?"
    estimate, bootstrap, permuted = (by[name].astype(float) for name in ("estimate", "p_value", "p_permutation"))
    weighted, both = by.index.drop(UNWEIGHTED), ["without_ontario", "all"]
    lead, long = by["lead"].dropna().astype(float), ["long_run", "without_ontario_long_run"]
    rejected = list(weighted[bootstrap[weighted] <= LARGE])
    plain, last = permuted["log_share"], permuted["without_ontario_log_share_trends"]
    return [
        Claim("the pooled sign changes without Ontario", estimate["without_ontario"] < 0 < estimate["all"],
              listed(estimate[both]), where),
        Claim("both ranges hold zero and a fifth", by["low"][both].max() < 0 and by["high"][both].min() > 0.2,
              f"{listed(by['low'][both])} to {listed(by['high'][both])}", where),
        Claim("with trends they are not negative", estimate["without_ontario_trends"] > 0,
              listed([estimate["without_ontario_trends"]]), where),
        Claim("more in the next quarter goes with less now", bool((lead < 0).all()) and len(lead) == 2, listed(lead),
              where),
        Claim("the current amount adds what the sum lacks", bool((by["now"] > by["estimate"])[long].all()),
              listed(by["now"][long].astype(float)), where),
        Claim("no weighted permutation shows an effect", permuted[weighted].min() > LARGE,
              f"p {listed([permuted[weighted].min()])}", where),
        Claim("of the weighted only trends are rejected", rejected == ["trends"], ", ".join(rejected) or "none", where),
        Claim("unweighted estimates are positive", estimate[UNWEIGHTED].min() > 0, listed(estimate[UNWEIGHTED]), where),
        Claim("the bootstrap rejects the unweighted", bootstrap[UNWEIGHTED].max() <= LARGE,
              f"p {listed(bootstrap[UNWEIGHTED])}", where),
        Claim("so does their permutation", plain < LARGE, f"p {listed([plain])}", where),
        Claim("but not without Ontario and with trends", last > LARGE, f"p {listed([last])}", where),
    ]  # fmt: skip


def of_curve(curve: pd.DataFrame) -> list[Claim]:
    """What is said about the specification curve."""
    poisson = curve[(curve["estimator"] == "ppml") & (curve["reading"] == "stated") & ~curve["trends"]]
    left = poisson[poisson["without"].map(lambda names: tuple(names) == ("Ontario",))]["estimate"]
    negative, where = curve.loc[curve["estimate"] < 0, "without"], "How much depends on the analyst?"
    positive = (curve["estimate"] > 0).mean()
    kinds = sorted({", ".join(names) or "all provinces" for names in negative})
    return [
        Claim("without Ontario the plain Poisson estimates are negative", bool((left < 0).all()), listed(left), where),
        Claim("most specifications are positive", positive > 0.9, f"a share of {positive:.2f}", where),
        Claim("all negative specifications leave Ontario out", bool((negative == ("Ontario",)).all()),
              "negative without " + "; ".join(kinds), where),
    ]  # fmt: skip


def of_others(others: pd.DataFrame) -> list[Claim]:
    """What is said about cars with other rebates or none."""
    cells = others.set_index(["kind", "name"])["p_permutation"].astype(float)
    where, hybrids = "What happens to plug-in hybrids, hybrids and gasoline cars?", cells.xs("phev")
    short, crossed = cells.xs("phev_short").drop("all"), cells[["hybrid", "gasoline"]]
    return [
        Claim("plug-in hybrids only with Ontario and without trends",
              hybrids["all"] < LARGE and hybrids.drop("all").min() > LARGE, f"p {listed(hybrids)}", where),
        Claim("so at short-range amounts", short.min() > LARGE, f"p {listed(short)}", where),
        Claim("cross effects are not shown", crossed.min() > LARGE, f"p {listed(crossed)}", where),
    ]  # fmt: skip


def of_changes(cohorts: Sequence[CohortEffect], stacks: pd.DataFrame) -> list[Claim]:
    """What is said about single changes of a rebate."""
    pooled, where = stacks.set_index("name")["estimate"].astype(float), "What did each change of a rebate do?"
    answers = {effect.cohort.name: effect.per_thousand for effect in cohorts}
    small = [effect for effect in cohorts if effect.amount >= INTRODUCTION]
    before, floors = [effect.before for effect in small], [effect.rank.floor for effect in small]
    slight = [effect.per_thousand for effect in cohorts if abs(effect.amount) <= SLIGHT]
    cuts, p = [answers["Ontario 2018"], answers["Quebec 2025"]], [effect.rank.p_value for effect in cohorts]
    left = pooled["without_ontario_and_quebec_2025"]
    return [
        Claim("introductions answer most", min(effect.per_thousand for effect in small) > max(cuts) > 0,
              f"{listed(effect.per_thousand for effect in small)}; {listed(cuts)}", where),
        Claim("both large cuts show an answer", min(cuts) > 0, listed(cuts), where),
        Claim("small changes have the wrong sign", max(slight) < 0, listed(slight), where),
        Claim("no change of a rebate is told from its controls", min(p) > LARGE, f"p {listed(p)}", where),
        Claim("three of four introductions began with ten to forty cars, their smallest p a sixth to a fifth",
              sorted(before)[2] < FEW_CARS < sorted(before)[3] and min(floors) > 0.15,
              f"cars {listed(before)}; floors {listed(floors)}", where),
        Claim("without two changes little is left", abs(left) < 0.02 < pooled["all"], listed([left, pooled["all"]]),
              where),
    ]  # fmt: skip


def of_ontario(ontario: Ontario, rushed: Mapping[str, CohortEffect]) -> list[Claim]:
    """What is said about the end of Ontario's rebate, and about it with the rush counted in."""
    path, where = ontario.synthetic_longer.path, "What did the end of Ontario's rebate in 2018 do?"
    after = path[path["after"]]
    apart = after["synthetic"] / after["actual"]
    means = path.groupby("after")[["actual", "synthetic"]].mean()
    growth = (means.T[True] / means.T[False]).astype(float)
    short, longer = ontario.short, ontario.longer
    return [
        Claim("Ontario stayed two to three times below its double", 2 < apart.min() <= apart.max() < 3.2, listed(apart),
              where),
        Claim("Ontario's own share did not fall while its double's tripled",
              1 < growth["actual"] < 2 < 3 < growth["synthetic"], listed(growth), where),
        Claim("Ontario fell by more than half everywhere", max(ontario.log_effects) < np.log(0.5),
              f"logs to {listed([max(ontario.log_effects)])}", where),
        Claim("no placebo province moved as far", short.rank.p_value == short.rank.floor,
              f"p {listed([short.rank.p_value])}", where),
        Claim("over the longer window one did", longer.rank.p_value == 2 * longer.rank.floor,
              f"p {listed([longer.rank.p_value])}", where),
        Claim("with the rush counted in the fall is smaller and not told from placebos",
              all(longer.log_effect < late.log_effect < 0 and late.rank.p_value > LARGE for late in rushed.values()),
              listed(effect.log_effect for effect in rushed.values()), where),
        Claim("Ontario recovered a part", longer.log_effect > short.log_effect,
              f"logs {listed([short.log_effect, longer.log_effect])}", where),
    ]  # fmt: skip


def of_published(cited: pd.DataFrame, allowed: Allowed, rush: pd.DataFrame, placebos: pd.DataFrame) -> list[Claim]:
    """What is said about published values and the rush."""
    by, published = cited.set_index("key")["high"].astype(float), cited.set_index("key")["value"].astype(float)
    small = ["norway", "california"]
    last, share = placebos[placebos["quarter"] == "2023Q4"]["share"], rush["share"]
    beside, hurried = (
        "What is it as a price elasticity, beside what others found?",
        "How much of Quebec's record quarter was hurried?",
    )
    return [
        Claim("the panel cuts neither end", not allowed.cut, listed([allowed.low, allowed.high]), beside),
        Claim("Norway and California lie below half of Ontario",
              published[small].max() < allowed.value / 2 and by[small].max() < allowed.value,
              f"{listed(published[small])}; Ontario {allowed.value:.3g}", beside),
        Claim("the Canadian figure is the upper end", bool(np.isclose(allowed.high, published["canada"], atol=5e-4)),
              listed([allowed.high, published["canada"]]), beside),
        Claim("every counterfactual shows a rush", share.min() > 0.1, listed([share.min()]), hurried),
        Claim("a year earlier half as much was not expected either",
              last.median() > 0.25 * share.median() and last.max() > share.max(),
              f"{listed([last.median(), last.max()])} beside {listed([share.median(), share.max()])}", hurried),
    ]  # fmt: skip
