"""The panel behind the demand estimates: registrations by province, quarter and fuel, with the rebate in force."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tradeexposure.errors import BadInput

WHERE = "vehicle registrations"
DECADE = 40.0  # quarters; trends enter in decades, which keeps the design well scaled


def counts(registrations: pd.DataFrame, *, provinces: Sequence[str]) -> pd.DataFrame:
    """Registrations of all vehicle types by province, quarter and fuel.

    Parameters
    ----------
    registrations : DataFrame
        `quarter`, `geo`, `fuel`, `vehicle_type`, `registrations`.

    Returns
    -------
    DataFrame
        Index `geo`, `quarter`; one column per fuel.

    Raises
    ------
    BadInput
        A label that is no quarter, a negative number, a province that is not there, a quarter that is missing or
        twice there, or more cars of one fuel than cars.
    """
    every = registrations[registrations["vehicle_type"] == "all"]
    rows = every.assign(quarter=quarters(every["quarter"]))
    if (rows["registrations"] < 0).any():
        bad = rows[rows["registrations"] < 0].iloc[0]
        raise BadInput(WHERE, f"{bad['geo']}, {bad['quarter']:%Y-%m}, {bad['fuel']}",
                       found=str(bad["registrations"]), allowed="zero or more")  # fmt: skip
    missing = sorted(set(provinces) - set(rows["geo"]))
    if missing:
        raise BadInput(WHERE, "geo", found=f"no rows of {missing[0]}", allowed="every province of the panel")
    chosen = rows[rows["geo"].isin(list(provinces))]
    if chosen.duplicated(["geo", "quarter", "fuel"]).any():
        raise BadInput(WHERE, "quarter", found="a province, quarter and fuel twice", allowed="each once")
    wide = chosen.pivot(index=["geo", "quarter"], columns="fuel", values="registrations")
    span = pd.date_range(chosen["quarter"].min(), chosen["quarter"].max(), freq="QS")
    whole = pd.MultiIndex.from_product([list(provinces), span], names=["geo", "quarter"])
    absent = whole[~whole.isin(wide.index)].to_frame(index=False)
    if len(absent):
        found = f"no row for {absent['quarter'].iloc[0].to_period('Q')}"
        raise BadInput(WHERE, str(absent["geo"].iloc[0]), found=found, allowed="every quarter of the span")
    _refuse_shares(wide)
    return wide.loc[whole]


def quarters(labels: pd.Series) -> pd.Series:
    """First days of quarters, from dates or labels such as 2025Q1.

    Raises
    ------
    BadInput
        A label or a date that is no quarter.
    """
    if pd.api.types.is_datetime64_any_dtype(labels):
        wrong = labels[labels != labels.dt.to_period("Q").dt.to_timestamp()]
        found = wrong.dt.strftime("%Y-%m-%d")
    else:
        wrong = found = labels[~labels.astype(str).str.fullmatch(r"\d{4}Q[1-4]")]
    if len(wrong):
        raise BadInput(WHERE, "quarter", found=str(found.iloc[0]), allowed="a quarter written 2025Q1, or its first day")
    if pd.api.types.is_datetime64_any_dtype(labels):
        return labels
    return pd.PeriodIndex(labels, freq="Q").to_timestamp().to_series(index=labels.index)


def _refuse_shares(wide: pd.DataFrame) -> None:
    total = wide["all fuel types"]
    for fuel in wide.columns.drop("all fuel types"):
        bad = wide[(wide[fuel] > total) | (total <= 0)]
        if len(bad):
            geo, quarter = bad.index[0]
            found = f"{bad[fuel].iloc[0]:g} of {bad['all fuel types'].iloc[0]:g}"
            raise BadInput(WHERE, f"{geo}, {pd.Period(quarter, 'Q')}, {fuel}", found=found, allowed="a share, 0 to 1")


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
    cars = wide[[fuel, "all fuel types"]].set_axis(["registrations", "total"], axis=1).reset_index()
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
