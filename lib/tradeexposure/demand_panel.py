"""The panel behind the demand estimates: registrations by province, quarter and fuel, with the rebate in force."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradeexposure import registrations
from tradeexposure.core.errors import BadInput
from tradeexposure.data import table_schema
from tradeexposure.registrations import ALL_FUELS, PROVINCIAL

DECADE = 40.0  # quarters; trends enter in decades, which keeps the design well scaled


def counts(table: pd.DataFrame, *, provinces: Sequence[str]) -> pd.DataFrame:
    """Registrations of all vehicle types by province, quarter and fuel.

    Parameters
    ----------
    table : DataFrame
        ``vehicle_registrations_quarterly``: `quarter`, `geo`, `fuel`, `vehicle_type`, `registrations`.

    Returns
    -------
    DataFrame
        Index `geo`, `quarter`; one column per fuel.

    Raises
    ------
    BadInput
        As :func:`tradeexposure.registrations.quarterly`; a province or one of its quarters that is not there, or more
        cars of one fuel than cars.
    """
    rows = registrations.quarterly(table)
    held = rows[rows["geo"].isin(list(provinces))]
    if held.empty:
        raise BadInput(PROVINCIAL, "geo", found=f"no rows of {provinces[0]}", allowed="every province of the panel")
    quarters = registrations.by_place(held, places=provinces).index.unique("quarter")
    wide = held.pivot(index=["geo", "quarter"], columns="fuel", values="registrations")
    for fuel in wide.columns:
        table_schema.check_shares(wide[fuel] / wide[ALL_FUELS], where=PROVINCIAL, key=str(fuel))
    return wide.loc[pd.MultiIndex.from_product([list(provinces), quarters], names=["geo", "quarter"])]


def panel(
    wide: pd.DataFrame, paths: pd.DataFrame, *, fuel: str, rush: Sequence[tuple[str, str, str]] = ()
) -> pd.DataFrame:
    """One row per province and quarter, with the rebate of the quarter, of the one before and of the one after.

    Parameters
    ----------
    wide : DataFrame
        From :func:`counts`.
    paths : DataFrame
        From :func:`tradeexposure.rebates.paths`: index `quarter`, a column per province, C$ thousand.
    fuel : str
        Column of `wide` that answers.
    rush : sequence of (province, first quarter, last quarter)
        Quarters in which buyers knew that an amount would change.

    Returns
    -------
    DataFrame
        `geo`, `quarter`, `registrations`, `total`, `share`, `log_total`, `decade` (time), `rebate`, `rebate_lag`,
        `rebate_lead` (missing at the ends), `rush`.
    """
    long = paths.rename_axis(index="quarter").reset_index().melt("quarter", var_name="geo", value_name="rebate")
    cars = wide[[fuel, ALL_FUELS]].set_axis(["registrations", "total"], axis=1).reset_index()
    rows = cars.merge(long, on=["geo", "quarter"], how="left", validate="one_to_one")
    if rows["rebate"].isna().any():
        raise BadInput(
            "rebate paths", found="a province or quarter without an amount", allowed="every one of the panel"
        )
    moved = rows.groupby("geo", sort=False)["rebate"]
    since = rows["quarter"].dt.to_period("Q").astype("int64") - rows["quarter"].min().to_period("Q").ordinal
    marked = np.zeros(len(rows), bool)
    for geo, first, last in rush:
        inside = rows["quarter"].between(pd.Period(first, "Q").to_timestamp(), pd.Period(last, "Q").to_timestamp())
        marked |= ((rows["geo"] == geo) & inside).to_numpy()
    return rows.assign(
        share=rows["registrations"] / rows["total"], log_total=np.log(rows["total"]), decade=since / DECADE,
        rebate_lag=moved.shift(1), rebate_lead=moved.shift(-1), rush=marked,
    )  # fmt: skip
