"""What a change of growers' income is by province, farm and hectare: one price everywhere, shares of 2023."""

from __future__ import annotations

import pandas as pd

from tradeexposure.canola.exposure import receipts
from tradeexposure.core import provinces
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.draws import Ensemble

YEAR = 2023  # of receipts and area, the year on which the model is calibrated
CANADA = provinces.CODES[provinces.CANADA]
ROUNDING = 1e-3  # published receipts are rounded to thousands of dollars


def weights(cash: pd.DataFrame, census: pd.DataFrame, crops: pd.DataFrame, *, year: int = YEAR) -> pd.DataFrame:
    """Share of canola receipts, farms and area of each place.

    Parameters
    ----------
    cash : DataFrame
        ``farm_cash_receipts_annual``: `year`, `geo`, `item`, `receipts_cad`.
    census : DataFrame
        ``census_crop_farms``: farms that grew canola at the latest census.
    crops : DataFrame
        ``field_crops_annual``: `area_seeded_ha` by `year`, `geo`, `crop`.

    Returns
    -------
    DataFrame
        Key `geo`; `place`, `share` (of Canada's receipts), `farms`, `area_ha`; Canada last.

    Raises
    ------
    BadInput
        Provinces whose receipts do not add up to Canada's, or a place without farms or area.
    """
    held = receipts.receipt_shares(cash, year=year)[["geo", "place", "receipts_cad"]]
    total = float(held.loc[held["place"] == CANADA, "receipts_cad"].iloc[0])
    parts = float(held.loc[held["place"] != CANADA, "receipts_cad"].sum())
    if abs(parts - total) > total * ROUNDING:
        raise BadInput("farm_cash_receipts_annual", str(year), found=f"provinces of {parts:,.0f} in {total:,.0f}",
                       allowed="provinces that add up to Canada")  # fmt: skip
    grown = crops[(crops["year"] == year) & (crops["crop"] == "canola")].set_index("geo")["area_seeded_ha"]
    farms = receipts.canola_farms(census).set_index("geo")["farms"]
    found = held.assign(
        share=held["receipts_cad"] / total, farms=held["geo"].map(farms), area_ha=held["geo"].map(grown)
    )
    for column, table in (("farms", "census_crop_farms"), ("area_ha", "field_crops_annual")):
        bad = found.loc[~(found[column] > 0), "geo"]
        if len(bad):
            raise BadInput(table, column, found=f"none for {bad.iloc[0]}", allowed="a positive number")
    return found[["geo", "place", "share", "farms", "area_ha"]]


def by_province(income: Ensemble, shares: pd.DataFrame) -> pd.DataFrame:
    """Change of growers' income in every place, in total, per farm and per hectare.

    Returns
    -------
    DataFrame
        Key `place` × `closure` (empty: pooled) × `measure` (``total``, ``per_farm``, ``per_hectare``); `geo`, `value`,
        `low`, `high`.
    """
    rows = []
    for closure, one in income.spreads.items():
        for place in shares.to_dict("records"):
            factors = {"total": place["share"], "per_farm": place["share"] / place["farms"],
                       "per_hectare": place["share"] / place["area_ha"]}  # fmt: skip
            rows += [
                {"geo": place["geo"], "place": place["place"], "closure": closure, "measure": measure,
                 "value": one.value * factor, "low": one.low * factor, "high": one.high * factor}
                for measure, factor in factors.items()
            ]  # fmt: skip
    return pd.DataFrame(rows)
