"""Each change of a rebate by itself, against provinces whose rebate did not move in its window.

A pooled coefficient of a staggered policy compares provinces with others that changed before or after them, with
weights that nobody chose (Goodman-Bacon 2021, Journal of Econometrics 225(2)). Here each change has its own window and
its own controls, alike or weighted to a synthetic one; the changes are pooled last, in one model of stacked windows
(Cengiz, Dube, Lindner and Zipperer 2019, Quarterly Journal of Economics 134(3)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.treatment_effects import placebo, synthetic_did
from tradeexposure.vehicles.demand import estimators


@dataclass(frozen=True)
class Cohort:
    """One change of one province's rebate."""

    name: str
    geo: str
    #: First and last quarter of the window before, and after, written 2018Q1; what lies between is left
    #: out.
    before: tuple[str, str]
    after: tuple[str, str]
    #: Provinces that do not serve as controls, beside those whose rebate moves in the window.
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class CohortEffect:
    """What one change did."""

    cohort: Cohort
    amount: float  #: Change of the mean rebate, C$ thousand.
    log_effect: float  #: Log change of registrations against the controls.
    per_thousand: float  #: `log_effect` ÷ `amount`.
    before: float  #: Mean registrations of a quarter before.
    rank: placebo.Rank  #: The log effect among those of the controls, each set against the other controls.
    controls: tuple[str, ...]


@dataclass(frozen=True)
class Synthetic:
    """A weighted mean of other provinces that follows one province before a change."""

    weights: dict[str, float]  #: Province → weight; they sum to one.
    path: pd.DataFrame  #: `quarter`, `actual`, `synthetic` (shares of registrations), `after`.
    log_effect: float  #: Log of the mean actual share over the mean synthetic one, after, less the same before.
    fit: float  #: Root mean square of the gap before, as a share of the mean actual share before.


def window(frame: pd.DataFrame, cohort: Cohort) -> pd.DataFrame:
    """Rows of a cohort's two windows, all provinces, with `after` (bool) and `step` (quarters since the change)."""
    spans = [_span(frame, cohort.before), _span(frame, cohort.after)]
    if spans[0].max() >= spans[1].min():
        raise BadInput("cohort", cohort.name, found="windows that overlap", allowed="before ends before after begins")
    rows = frame[frame["quarter"].isin(spans[0].union(spans[1]))]
    ordinals = rows["quarter"].dt.to_period("Q").astype("int64")
    return rows.assign(after=rows["quarter"].isin(spans[1]), step=ordinals - pd.Period(cohort.after[0], "Q").ordinal)


def _span(frame: pd.DataFrame, span: tuple[str, str]) -> pd.DatetimeIndex:
    quarters = pd.period_range(*span, freq="Q").to_timestamp()
    missing = quarters.difference(pd.DatetimeIndex(frame["quarter"].unique()))
    if not len(quarters) or len(missing):
        raise BadInput("cohort", "window", found=" to ".join(span), allowed="quarters of the panel, first to last")
    return pd.DatetimeIndex(quarters)


def controls(rows: pd.DataFrame, cohort: Cohort, *, still: float) -> tuple[str, ...]:
    """Provinces whose rebate moves by less than `still` (C$ thousand) over all quarters of the window.

    `rows`: the panel from the first to the last quarter of the cohort, with the quarters in between.
    """
    moved = rows.groupby("geo", sort=False)["rebate"].agg(lambda amounts: amounts.max() - amounts.min())
    others = moved.index[(moved < still) & ~moved.index.isin([cohort.geo, *cohort.never])]
    if len(others) < 2:
        raise BadInput("cohort", cohort.name, found=f"{len(others)} control", allowed="two or more")
    return tuple(map(str, others))


def effect(frame: pd.DataFrame, cohort: Cohort, *, still: float, also_ranked: Sequence[str] = ()) -> CohortEffect:
    """Log effect of one cohort, by Poisson on its window and controls, with its rank among them.

    Parameters
    ----------
    frame : DataFrame
        From :func:`tradeexposure.vehicles.demand.panel.panel`.
    still : float
        Movements of a control's rebate below this (C$ thousand) are overlooked.
    also_ranked : sequence of str
        Provinces that are no controls but stand among the placebos.
    """
    rows = window(frame, cohort)
    whole = frame[frame["quarter"].between(rows["quarter"].min(), rows["quarter"].max())]
    others = controls(whole, cohort, still=still)
    own = rows[rows["geo"] == cohort.geo].groupby("after")[["rebate", "registrations"]].mean()
    amount = float(own["rebate"][True] - own["rebate"][False])
    log_effect = difference(rows, cohort.geo, others)
    noise = [
        difference(rows, unit, [control for control in others if control != unit]) for unit in (*others, *also_ranked)
    ]
    before = float(own["registrations"][False])
    return CohortEffect(
        cohort, amount, log_effect, log_effect / amount, before, placebo.rank(log_effect, noise), others
    )


def difference(rows: pd.DataFrame, geo: str, others: Sequence[str]) -> float:
    """Log change of one province's registrations per car from before to after, less that of others."""
    chosen = rows[rows["geo"].isin([geo, *others])].reset_index(drop=True)
    treated = ((chosen["geo"] == geo) & chosen["after"]).astype(float).rename("treated")
    design = pd.concat([treated, estimators.effects_design(chosen, trends=False)], axis=1)
    return float(estimators.poisson(chosen, design).params["treated"])


def synthetic(frame: pd.DataFrame, cohort: Cohort, others: Sequence[str]) -> Synthetic:
    """Synthetic control on the shares before (Abadie, Diamond and Hainmueller 2010), weights by least squares.

    Raises
    ------
    BadInput
        Fewer than two other provinces.
    """
    if len(others) < 2:
        raise BadInput("synthetic control", "others", found=str(len(others)), allowed="two or more")
    rows = window(frame, cohort)
    wide = rows.pivot(index="quarter", columns="geo", values="share")
    after = rows.groupby("quarter")["after"].first()
    donors, own = wide[list(others)].to_numpy(), wide[cohort.geo].to_numpy()
    weights = synthetic_did.simplex_weights(donors[~after], own[~after], constant=False)
    built = donors @ weights
    path = pd.DataFrame({"quarter": wide.index, "actual": own, "synthetic": built, "after": after.to_numpy()})
    means = path.groupby("after")[["actual", "synthetic"]].mean()
    logs = np.log(means["actual"] / means["synthetic"])
    before = path[~path["after"]]
    miss = float(np.sqrt(((before["actual"] - before["synthetic"]) ** 2).mean()) / before["actual"].mean())
    named = {str(geo): float(weight) for geo, weight in zip(others, weights, strict=True)}
    return Synthetic(named, path, float(logs[True] - logs[False]), miss)


def by_quarter(frame: pd.DataFrame, measured: CohortEffect) -> pd.DataFrame:
    """Gap of the treated province to its controls by quarter, less the mean gap before.

    Returns
    -------
    DataFrame
        `cohort`, `quarter`, `step` (0 = first quarter after), `after`, `gap` (log).
    """
    rows = window(frame, measured.cohort)
    chosen = rows[rows["geo"].isin(measured.controls)].reset_index(drop=True)
    common = estimators.poisson(chosen, estimators.effects_design(chosen, trends=False)).params
    own = rows[rows["geo"] == measured.cohort.geo]
    quarterly = own["quarter"].dt.strftime("%Y-%m").map(common).fillna(0.0)
    gap = own["log_share"] - quarterly
    gap = gap - gap[~own["after"]].mean()
    return own[["quarter", "step", "after"]].assign(cohort=measured.cohort.name, gap=gap)[
        ["cohort", "quarter", "step", "after", "gap"]
    ]


def stacked(frame: pd.DataFrame, effects: Sequence[CohortEffect]) -> float:
    """One log change per C$1,000 from all cohorts: province and quarter effects for each cohort of its own."""
    parts = []
    for measured in effects:
        rows = window(frame, measured.cohort)
        rows = rows[rows["geo"].isin([measured.cohort.geo, *measured.controls])]
        treated = (rows["geo"] == measured.cohort.geo) & rows["after"]
        parts.append(rows.assign(cohort=measured.cohort.name, dose=np.where(treated, measured.amount, 0.0)))
    rows = pd.concat(parts, ignore_index=True)
    blocks = [
        estimators.effects_design(own, trends=False).add_prefix(f"{name} ")
        for name, own in rows.groupby("cohort", sort=False)
    ]
    design = pd.concat([rows["dose"], pd.concat(blocks).sort_index().fillna(0.0)], axis=1)
    return float(estimators.poisson(rows, design).params["dose"])
