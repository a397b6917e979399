"""Soybeans to China in 2019, which stopped too: the estimators of canola on a loss whose size is not in doubt."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tradeexposure.canola.exposure.grain_exports import OTHER, markets_apart, regular_cells
from tradeexposure.canola.trade_effect.effects import Term, VolumeEffect, difference, effect
from tradeexposure.canola.trade_effect.placebo_cells import LOWEST
from tradeexposure.core.errors import BadInput
from tradeexposure.data.geography import CHINA
from tradeexposure.econometrics.time_series.months import Span, months_in
from tradeexposure.econometrics.treatment_effects import placebo

TABLE = "soybean_exports_canada_annual"
IMPORTER = "CHN"  # China, as the table codes importers
YEARLY = ("destination", "year")  # absorbed effects


def yearly_panel(
    table: pd.DataFrame, *, window: int, baseline: Sequence[int], unit: str = IMPORTER, without: Sequence[str] = ()
) -> pd.DataFrame:
    """Annual exports by importer as :func:`effects.effect` takes them; irregular importers are summed.

    An importer is kept apart if it bought in every year of the baseline.

    Raises
    ------
    BadInput
        A year that is not held, a unit that did not buy in every year of the baseline.
    """
    years = [*baseline, window]
    absent = sorted(set(years) - set(table["year"]))
    if absent:
        raise BadInput(TABLE, "year", found=str(absent[0]), allowed=f"{table['year'].min()} to {table['year'].max()}")
    some = table[table["year"].isin(years) & ~table["importer_iso3"].isin(without)]
    wide = some.pivot(index="year", columns="importer_iso3", values="volume_t").fillna(0.0) / 1e3
    steady = wide.columns[(wide.loc[list(baseline)] > 0).all()]
    if unit not in steady:
        raise BadInput(TABLE, "importer_iso3", found=unit, allowed=", ".join(steady))
    kept = wide[steady].assign(**{OTHER: wide.drop(columns=steady).sum(axis=1)})
    long = kept.rename_axis(columns="destination").reset_index().melt("year", value_name="volume_kt")
    during, here = long["year"] == window, long["destination"] == unit
    return long.assign(treated=(during & here).astype(float), receives=during & ~here)


def monthly_effect(
    rows: pd.DataFrame, *, window: Span, baseline: Sequence[Span], share: float, effects: Sequence[Term]
) -> VolumeEffect:
    """Effect on soybeans to China by month, destinations that are no regular cells summed.

    Parameters
    ----------
    rows : DataFrame
        :func:`tradeexposure.canola.exposure.grain_exports.flows` with all destinations apart.
    share : float
        Of the baseline's months in which a regular cell shipped.
    effects : sequence of terms
        Absorbed effects of the equation.
    """
    own = rows[rows["crop"] == "soybeans"]
    steady = regular_cells(own, months=months_in(baseline), share=share)["destination"]
    panel = markets_apart(own, markets=[CHINA, *steady])
    return difference(panel, window=window, baseline=baseline, crop="soybeans", effects=effects)


def importers(table: pd.DataFrame, *, window: int, baseline: Sequence[int]) -> pd.DataFrame:
    """Placebo effects of the other importers, China left out: `destination`, `log_effect`."""
    panel = yearly_panel(table, window=window, baseline=baseline)
    units = [name for name in panel["destination"].unique() if name not in (IMPORTER, OTHER)]
    rows = []
    for unit in units:
        treated = yearly_panel(table, window=window, baseline=baseline, unit=unit, without=[IMPORTER])
        placebo_effect = effect(treated, effects=YEARLY)
        rows.append({"destination": unit, "log_effect": max(placebo_effect.log_effect, LOWEST)})
    return pd.DataFrame(rows)


def compared(table: pd.DataFrame, *, window: int, baseline: Sequence[int]) -> dict[str, float]:
    """Volumes of the year before and the year (kt), the effect without and with full diversion, and its rank."""
    panel = yearly_panel(table, window=window, baseline=baseline)
    china = panel[panel["destination"] == IMPORTER].set_index("year")["volume_kt"]
    none, full = (effect(panel, effects=YEARLY, diverted=share) for share in (0.0, 1.0))
    ranked = placebo.rank(none.log_effect, importers(table, window=window, baseline=baseline)["log_effect"])
    return {"before_kt": float(china[max(baseline)]), "after_kt": float(china[window]), "none": none.change,
            "full": full.change, "p_value": ranked.p_value, "floor": ranked.floor}  # fmt: skip
