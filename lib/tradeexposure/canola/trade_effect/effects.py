"""What a measure did to the volume sold to one market: differences in Poisson regressions of trade flows.

The flow of a destination in a month is the product of what the destination takes in that month of the year, what
Canada has to sell in that month, and, for the treated market in the window, one plus the effect (Santos Silva and
Tenreyro 2006; zeros are kept). Where the seed that one market refused went to the others, they are no controls:
`diverted` is the share of the shortfall that is taken out of their flows before they serve as such.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from tradeexposure.canola.exposure.grain_exports import KEY, refuse_holes
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data.geography import CHINA
from tradeexposure.econometrics.poisson.fit import PoissonFit, Repeated, fit_ppml
from tradeexposure.econometrics.time_series.months import Span, held_months

AGREED = 1e-9  # of the log effect that is put in and the one that comes out under diversion
SAME = 1e-6  # relative difference below which two deviances are those of one equation
LEAST_KEPT = 0.01  # of the controls' volume in the window: with less, nothing is left to compare with
QUARTER = 3  # months
CANOLA = "canola"

Term = str | tuple[str, ...]


@dataclass(frozen=True)
class VolumeEffect:
    """The effect of a measure on a volume."""

    change: float  #: As a share of the volume without the measure; −1 is an end of all trade.
    log_effect: float  #: log(1 + change); minus infinity at the boundary.
    #: Whether nothing at all was shipped in the window: the change is then exactly −1 and has no standard error.
    boundary: bool
    diverted: float  #: Share of the shortfall assumed to have gone to the controls.
    #: Volume in the window, and without the measure; the second is not a number at the boundary.
    actual_kt: float
    counterfactual_kt: float
    #: Rows used, and rows dropped because the effects fit them exactly with zero; 0 at the boundary, where nothing is
    #: fitted.
    n_obs: int
    n_separated: int


def difference(
    rows: pd.DataFrame,
    *,
    window: Span,
    baseline: Sequence[Span],
    effects: Sequence[Term],
    crop: str = CANOLA,
    without: Sequence[str] = (),
    diverted: float = 0.0,
    fit: PoissonFit | None = None,
) -> VolumeEffect:
    """Difference in differences of one crop: destination and month effects, China treated in the window.

    Parameters
    ----------
    rows : DataFrame
        :func:`tradeexposure.canola.exposure.grain_exports.flows`.
    window, baseline : Span, sequence of Span
        Months treated and months compared with; no other month is used.
    effects : sequence of terms
        Absorbed effects of the equation: destination by calendar month and month.
    without : sequence of str
        Destinations left out of the controls.
    diverted : float
        Share of the shortfall that went to the other destinations, 0 to 1.
    fit : PoissonFit, optional
        As for :func:`effect`.

    Raises
    ------
    BadInput
        Months that are not held, a gap, a repeated month, an unknown unit, a destination with no volume at all.
    RunFailed
        No convergence.
    """
    some = rows[(rows["crop"] == crop) & ~rows["destination"].isin(without)]
    panel = sample(some, window=window, baseline=baseline, unit=CHINA)
    return effect(panel, effects=effects, diverted=diverted, fit=fit)


def triple_difference(
    rows: pd.DataFrame,
    *,
    window: Span,
    baseline: Sequence[Span],
    controls: Sequence[str],
    season: bool = True,
    diverted: float = 0.0,
) -> VolumeEffect:
    """Difference of canola against `controls` and of China against other destinations.

    Effects of crop by destination (by calendar month), crop by month and destination by month: the market's general
    demand in a month is read from the other crops it buys.

    Raises
    ------
    BadInput, RunFailed
        See :func:`difference`; the treated crop among the controls, or no control.
    """
    if not controls or CANOLA in controls:
        raise BadInput("controls", found=", ".join(controls) or "none", allowed=f"crops other than {CANOLA}")
    some = rows[rows["crop"].isin([CANOLA, *controls])]
    panel = sample(some, window=window, baseline=baseline, unit=CHINA, crop=CANOLA)
    own: Term = ("crop", "destination", "calendar_month") if season else ("crop", "destination")
    return effect(panel, effects=[own, ("crop", "month"), ("destination", "month")], diverted=diverted)


def sample(
    rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], unit: str, crop: str | None = None
) -> pd.DataFrame:
    """The rows of window and baseline with `calendar_month`, `during` (the window), `treated` (0 or 1) and `receives`
    (diverted seed)."""
    by_code = dict.fromkeys(("crop", "destination"), pd.CategoricalDtype())  # compared and grouped many times below
    rows = rows.astype(by_code)
    refuse_holes(rows, ["crop", "destination"])
    known = pd.DatetimeIndex(rows["month"].unique())
    inside = held_months([window], known, where="window")
    outside = held_months(baseline, known, where="baseline")
    if len(inside.intersection(outside)):
        raise BadInput(
            "baseline", found=f"{inside.intersection(outside)[0]:%Y-%m} in the window", allowed="other months"
        )
    destinations = rows["destination"].unique()
    if unit not in destinations:
        raise BadInput("unit", found=unit, allowed=", ".join(sorted(destinations)))
    during = rows["month"].isin(inside)
    panel = rows.assign(calendar_month=rows["month"].dt.month, during=during)
    panel = panel[during | rows["month"].isin(outside)].sort_values(KEY, ignore_index=True)
    totals = panel.groupby("destination")["volume_kt"].sum()
    if not totals.min() > 0:
        raise BadInput(
            "destination", found=f"no volume at all for {totals.idxmin()}", allowed="some volume in the sample"
        )
    return with_treated(panel, unit=unit, crop=crop if crop is not None else panel["crop"].iloc[0])


def with_treated(panel: pd.DataFrame, *, unit: str, crop: str) -> pd.DataFrame:
    """A :func:`sample` in which `crop` to `unit` is treated in the window instead.

    Raises
    ------
    BadInput
        No volume before the window.
    """
    during, here = panel["during"].to_numpy(), (panel["destination"] == unit).to_numpy()
    own_crop = (panel["crop"] == crop).to_numpy()
    if not panel["volume_kt"].to_numpy()[own_crop & here & ~during].sum() > 0:
        raise BadInput("unit", found=f"no volume for {unit} before the window", allowed="some volume in the baseline")
    return panel.assign(treated=(during & here & own_crop).astype(float), receives=during & ~here & own_crop)


def effect(
    panel: pd.DataFrame, *, effects: Sequence[Term], diverted: float = 0.0, fit: PoissonFit | None = None
) -> VolumeEffect:
    """The effect on the treated rows of a :func:`sample`, given the share of the shortfall diverted to the controls.

    The shortfall depends on the effect and the controls on the shortfall, so the effect is a fixed point.

    `fit`: the equation on these rows, where it is fitted already: its coefficient on `treated` is the effect without
    diversion. One of other rows, outcome or terms has another deviance and is refused.
    """
    if not 0 <= diverted <= 1:
        raise BadInput("diverted", found=str(diverted), allowed="0 to 1")
    volume, receives = panel["volume_kt"].to_numpy(dtype=float), panel["receives"].to_numpy()
    treated = panel["treated"].to_numpy(dtype=float)
    actual, taken = float(volume[treated == 1].sum()), float(volume[receives].sum())
    if actual == 0:
        return VolumeEffect(-1.0, -np.inf, True, diverted, 0.0, np.nan, 0, 0)
    model = _equation(panel, effects)
    estimate = model.fit(treated)
    if fit is not None:
        if not np.isclose(fit.deviance, estimate.deviance, rtol=SAME):
            raise BadInput(
                "fit", found=f"{', '.join(fit.coefficients.index)} with a deviance of {fit.deviance:.6g}",
                allowed=f"volume_kt on treated and the effects that bounds are given, {estimate.deviance:.6g}",
            )  # fmt: skip
        estimate = replace(estimate, value=float(fit.coefficients["treated"]))

    def fitted(kept: float) -> float:
        return model.fit(treated, outcome=np.where(receives, volume * kept, volume)).value

    log_effect = _root(fitted, estimate.value, share=diverted * actual / taken) if diverted else estimate.value
    counterfactual, change = float(actual * np.exp(-log_effect)), float(np.expm1(log_effect))
    return VolumeEffect(
        change, log_effect, False, diverted, actual, counterfactual, estimate.n_obs, estimate.n_separated
    )


def each_in_turn(panel: pd.DataFrame, units: Sequence[str], *, effects: Sequence[Term]) -> list[float]:
    """Log effects on each of `units`, treated in turn in a :func:`sample` of one crop; minus infinity at the boundary.

    They are those of :func:`effect` without diversion. Each unit must have some volume before the window.
    """
    model, volume = _equation(panel, effects), panel["volume_kt"].to_numpy(dtype=float)
    during, destination = panel["during"].to_numpy(), panel["destination"].to_numpy(dtype=object)
    treated = [during & (destination == unit) for unit in units]
    return [model.fit(rows.astype(float)).value if volume[rows].sum() > 0 else -np.inf for rows in treated]


def _equation(panel: pd.DataFrame, effects: Sequence[Term]) -> Repeated:
    """The equation of the rows of a :func:`sample`, whichever of them are treated."""
    return Repeated(panel, outcome="volume_kt", effects=effects, regressor="treated")


def _root(fitted: Callable[[float], float], naive: float, *, share: float) -> float:
    """The log effect that comes out again when the diverted part of its own shortfall is taken from the controls.

    The fitted effect falls in the volume left to the controls, which rises with the effect assumed: one root, between
    the effect without diversion and none, or nearer to none than the point where nothing is left. `fitted` is the log
    effect when the controls' volume in the window is multiplied by a number, `naive` that of one.
    """
    known = {1.0: naive}  # both ends of the search are asked for twice

    def gap(assumed: float) -> float:
        kept = float(1 - share * np.expm1(-assumed))
        if kept not in known:
            known[kept] = fitted(kept)
        return known[kept] - assumed

    lowest = -np.log1p((1 - LEAST_KEPT) / share)
    low, high = max(min(naive, 0.0), lowest), max(naive, 0.0)
    if gap(low) < 0:
        raise RunFailed("difference: the diverted volume is larger than all that the controls took")
    return float(brentq(gap, low, high, xtol=AGREED, rtol=AGREED))


def event_study(
    rows: pd.DataFrame,
    *,
    start: str,
    since: str,
    until: str,
    leads: int,
    unit: str,
    effects: Sequence[Term],
    without: Sequence[str],
) -> pd.DataFrame:
    """Effect on one destination by quarter of event time, against the months from `since` to the first lead.

    Parameters
    ----------
    start, since, until : str
        Month in which quarter 0 begins; first and last month used.
    leads : int
        Quarters before `start` that are shown instead of serving as reference.

    Returns
    -------
    DataFrame
        Key `quarter`; `month` (its first), `months` (held), `change` (a share), `boundary` (nothing shipped: −1).

    Raises
    ------
    BadInput
        See :func:`difference`; no reference month left.
    """
    some = rows[(rows["crop"] == CANOLA) & ~rows["destination"].isin(without)]
    first = pd.Timestamp(start) - pd.DateOffset(months=QUARTER * leads)
    before = f"{first - pd.DateOffset(months=1):%Y-%m}"
    panel = sample(some, window=(f"{first:%Y-%m}", until), baseline=[(since, before)], unit=unit)
    begun, number = pd.Timestamp(start), 12 * panel["month"].dt.year + panel["month"].dt.month
    panel = panel.assign(quarter=(number - 12 * begun.year - begun.month) // QUARTER)
    treated = panel["treated"] == 1
    grouped = panel[treated].groupby("quarter")
    mine = grouped.agg(month=("month", "min"), months=("month", "nunique"), volume_kt=("volume_kt", "sum"))
    empty = mine.index[mine["volume_kt"] == 0]  # the boundary: the equation has no finite coefficient for them
    panel = panel[~(treated & panel["quarter"].isin(empty))].reset_index(drop=True)
    names = {quarter: f"quarter_{quarter}" for quarter in mine.index[mine["volume_kt"] > 0]}
    dummies = {name: panel["treated"] * (panel["quarter"] == quarter) for quarter, name in names.items()}
    fit = fit_ppml(panel.assign(**dummies), outcome="volume_kt", regressors=list(names.values()), effects=effects)
    changes = pd.Series(np.expm1(fit.coefficients.to_numpy()), index=pd.Index(names)).reindex(
        mine.index, fill_value=-1.0
    )
    return mine.assign(change=changes, boundary=mine["volume_kt"] == 0).drop(columns="volume_kt").reset_index()


def event_studies(rows: pd.DataFrame, *, steady: Sequence[str], **span: Any) -> pd.DataFrame:
    """:func:`event_study` of China, and as placebos of `steady` destinations with China left out: `destination` too."""
    units = {CHINA: (), **dict.fromkeys(steady, (CHINA,))}
    parts = [
        event_study(rows, unit=unit, without=without, **span).assign(destination=unit)
        for unit, without in units.items()
    ]
    return pd.concat(parts, ignore_index=True)
