"""Runs what the electric-vehicle demand notebook declares: estimates with their inference, cohorts, Ontario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.vehicles.demand import estimators, rebate_cohorts
from tradeexposure.vehicles.demand import panel as demand_panel
from tradeexposure.vehicles.demand.estimators import Specification, change
from tradeexposure.vehicles.demand.panel import Reading
from tradeexposure.vehicles.demand.rebate_cohorts import Cohort, CohortEffect, Synthetic
from tradeexposure.vehicles.registrations import PROVINCES

if TYPE_CHECKING:
    from statsmodels.genmod.generalized_linear_model import GLMResults

LEVEL = 0.95
PARTS = {"lead": "rebate_lead", "now": "rebate", "lag": "rebate_lag"}


@dataclass(frozen=True)
class Ontario:
    """The end of Ontario's rebate."""

    #: `short`, `longer`: to 2019Q1 and to 2019Q3.
    short: CohortEffect
    longer: CohortEffect
    synthetic: Synthetic
    synthetic_longer: Synthetic
    without_quebec: float  #: Log effect to 2019Q1 against the five small provinces.

    @property
    def log_effects(self) -> tuple[float, ...]:
        """All estimates of the log effect."""
        return (self.short.log_effect, self.longer.log_effect, self.synthetic.log_effect,
                self.synthetic_longer.log_effect, self.without_quebec)  # fmt: skip


def inference(
    frame: pd.DataFrame, named: Mapping[str, Specification], *, fits: Mapping[str, GLMResults] | None = None
) -> pd.DataFrame:
    """Estimates with what a wild cluster bootstrap and a permutation of paths say of them.

    Parameters
    ----------
    fits : mapping, optional
        Fits of some specifications by name; these are not fitted again.

    Returns
    -------
    DataFrame
        Key `name`; `coefficient` (log per C$1,000), `estimate`, `low`, `high` (changes; the ends of what the bootstrap
        does not reject, missing where these have none), `p_value`, `floor`, `p_permutation`, `floor_permutation`,
        `assignments`, `provinces`, `n_obs`; `lead`, `now`, `lag`: the part of the next, the current and the last
        quarter's rebate (changes; missing where a specification does not hold it); `period`: :func:`span` of its rows.
    """
    rows = []
    for name, spec in named.items():
        result = estimators.estimate(frame, spec, fit=(fits or {}).get(name))
        test, (low, high) = estimators.bootstrap(frame, spec, level=LEVEL)
        factor = result.coefficient / test.coefficient  # one but for the logit, whose odds become registrations
        ranked = estimators.permute(frame, spec)
        rows.append({
            "name": name, "coefficient": result.coefficient, "estimate": change(result.coefficient),
            "low": change(low * factor), "high": change(high * factor), "p_value": test.p_value, "floor": test.floor,
            "p_permutation": ranked.p_value, "floor_permutation": ranked.floor, "assignments": ranked.assignments,
            "provinces": test.n_clusters, "n_obs": result.n_obs, "period": span(estimators.sample(frame, spec)),
            **{part: change(result.by_quarter.get(column, np.nan)) for part, column in PARTS.items()},
        })  # fmt: skip
    return pd.DataFrame(rows)


def span(frame: pd.DataFrame) -> str:
    """First and last quarter of a panel, as ``2017Q1 to 2025Q2``."""
    return " to ".join(f"{end.to_period('Q')}" for end in (frame["quarter"].min(), frame["quarter"].max()))


def paths(table: pd.DataFrame, registrations: pd.DataFrame, reading: Reading, *, vehicle: str) -> pd.DataFrame:
    """:func:`tradeexposure.vehicles.demand.panel.paths` of the provinces over the quarters of the registrations."""
    known = registrations["quarter"]
    quarters = pd.date_range(known.min(), known.max(), freq="QS", name="quarter")
    return demand_panel.paths(table, reading, vehicle=vehicle, jurisdictions=PROVINCES, quarters=quarters)


def panels(
    registrations: pd.DataFrame,
    table: pd.DataFrame,
    readings: Sequence[Reading],
    *,
    kind: tuple[str, str],
    added: float,
    rush: Sequence[tuple[str, str, str]],
) -> dict[str, pd.DataFrame]:
    """:func:`tradeexposure.vehicles.demand.panel.panel` of one fuel with the rebates on one class of vehicle, by name
    of the reading of the programmes.

    Parameters
    ----------
    kind : (str, str)
        Fuel of the registrations, class of vehicle of the rebates.
    added : float
        Cars added to each count before its log is taken.
    rush : sequence of (province, first quarter, last quarter)
        Quarters in which buyers knew that an amount would change.
    """
    wide = demand_panel.counts(registrations, provinces=PROVINCES)
    by_reading = {}
    for reading in readings:
        amounts = paths(table, registrations, reading, vehicle=kind[1])
        by_reading[reading.name] = demand_panel.panel(wide, amounts, fuel=kind[0], added=added, rush=rush)
    return by_reading


def curve(
    panels: dict[str, pd.DataFrame],
    choices: Mapping[str, Sequence[object]],
    *,
    fits: Mapping[tuple[str, Specification], GLMResults],
) -> pd.DataFrame:
    """One estimate per combination of choices.

    Parameters
    ----------
    panels : dict
        Panel by the name among the choices of `reading`.
    choices : mapping
        Options of fields of :class:`Specification`, and of `reading`.
    fits : mapping
        Reading and specification → its fit; these are not fitted again.

    Returns
    -------
    DataFrame
        The choices, `estimate` (change of registrations per C$1,000), `period` (:func:`span` of the panels).
    """
    grid, estimates = specification_curve.grid(choices), []
    for row in grid.to_dict("records"):
        reading = str(row.pop("reading"))
        spec = Specification(**{str(name): value for name, value in row.items()})
        result = estimators.estimate(panels[reading], spec, fit=fits.get((reading, spec)))
        estimates.append(change(result.coefficient))
    return grid.assign(estimate=estimates, period=span(pd.concat(panels.values())))


def other_cars(
    registrations: pd.DataFrame,
    table: pd.DataFrame,
    reading: Reading,
    *,
    kinds: Mapping[str, tuple[str, str]],
    added: float,
    named: Mapping[str, Specification],
    rush: Sequence[tuple[str, str, str]],
) -> pd.DataFrame:
    """Plug-in hybrids with their own rebate, long range or short; hybrids and gasoline cars with that on electric cars.

    Returns
    -------
    DataFrame
        :func:`inference` with `kind` (``phev``, ``phev_short``, ``hybrid``, ``gasoline``), without Ontario first.
    """
    parts = [
        inference(frame, named).assign(kind=kind)
        for kind, both in kinds.items()
        for frame in panels(registrations, table, [reading], kind=both, added=added, rush=rush).values()
    ]
    return pd.concat(parts, ignore_index=True)


def stacks(frame: pd.DataFrame, effects: Sequence[CohortEffect], without: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Cohorts pooled, some left out: key `name` of `without`; `coefficient`, `estimate`, `cohorts`, `period`."""
    rows = []
    for name, left_out in without.items():
        kept = [effect for effect in effects if effect.cohort.name not in left_out]
        coefficient = rebate_cohorts.stacked(frame, kept)
        rows.append({"name": name, "coefficient": coefficient, "estimate": change(coefficient), "cohorts": len(kept)})
    return pd.DataFrame(rows).assign(period=span(frame))


def ontario(frame: pd.DataFrame, first: Cohort, second: Cohort, *, still: float) -> Ontario:
    """The end of Ontario's rebate by differences and by a synthetic control, over a short and a longer window.

    What never serves as a control ranks among the placebos all the same.
    """
    short, longer = (
        rebate_cohorts.effect(frame, cohort, still=still, also_ranked=cohort.never) for cohort in (first, second)
    )
    small = [geo for geo in short.controls if geo != "Quebec"]
    return Ontario(
        short, longer,
        rebate_cohorts.synthetic(frame, first, short.controls),
        rebate_cohorts.synthetic(frame, second, longer.controls),
        rebate_cohorts.difference(rebate_cohorts.window(frame, first), "Ontario", small),
    )  # fmt: skip


def ontario_variants(
    frame: pd.DataFrame, cohort: Cohort, after: Mapping[str, tuple[str, str]], *, still: float
) -> dict[str, CohortEffect]:
    """The end of Ontario's rebate over other windows after it, ranked as :func:`ontario`."""
    others = {name: replace(cohort, name=f"{cohort.name}, {name}", after=span) for name, span in after.items()}
    return {
        name: rebate_cohorts.effect(frame, variant, still=still, also_ranked=variant.never)
        for name, variant in others.items()
    }
