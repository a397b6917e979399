"""Harvests of canola: the revised one in place of preliminary rows, and what each was used for."""

from __future__ import annotations

import pandas as pd

from tradeexposure import data
from tradeexposure.canola.exposure.grain_exports import annual_exports, concentration, full_years, year_of
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.geography import CANADA

CROPS, REVISED, CRUSH = "field_crops_annual", "canola_crop_2025", "canola_crush_monthly"
COLUMNS = ("area_seeded_ha", "area_harvested_ha", "production_t")


def with_revised(crops: pd.DataFrame, revised: pd.DataFrame) -> pd.DataFrame:
    """Crops with the revised area and production of canola where there is one.

    Parameters
    ----------
    crops : DataFrame
        ``field_crops_annual``: key `year`, `geo`, `crop`.
    revised : DataFrame
        ``canola_crop_2025``: key `year`, `geo`; `area_seeded_ha`, `area_harvested_ha`, `production_t`.

    Returns
    -------
    DataFrame
        `crops`; other crops, years and columns as they were, and the yield of a revised row from its parts.

    Raises
    ------
    BadInput
        A revised row for which there is none to replace, or that has another harvest than `crops` hold.
    """
    keys = pd.MultiIndex.from_frame(revised[["year", "geo"]].assign(crop="canola"))
    indexed = crops.set_index(["year", "geo", "crop"])
    absent = keys.difference(pd.MultiIndex.from_tuples(indexed.index))
    if len(absent):
        raise BadInput(REVISED, "year, geo", found=f"{absent[0][0]}, {absent[0][1]}", allowed=f"rows of {CROPS}")
    new = revised.set_index(keys)
    harvest = indexed.loc[keys, "production_t"]
    for year, geo, crop in keys[(harvest - new["production_t"]).abs().to_numpy() > 0]:
        ours, newer = (f"{tonnes[year, geo, crop]:.0f}" for tonnes in (new["production_t"], harvest))
        raise BadInput(REVISED, f"{year}, {geo}, production_t", found=ours, allowed=f"{newer}, as {CROPS} has it")
    for column in COLUMNS:
        indexed.loc[keys, column] = new[column]
    grown = new["area_harvested_ha"] > 0
    if "yield_kg_per_ha" in indexed:
        indexed.loc[keys[grown], "yield_kg_per_ha"] = (1e3 * new["production_t"] / new["area_harvested_ha"])[grown]
    return indexed.reset_index()[list(crops.columns)]


def by_crop_year(crops: pd.DataFrame, forecasts: pd.DataFrame) -> pd.Series:
    """Canola harvest by crop year in kt: official, and the latest outlook for crop years that have none yet.

    Parameters
    ----------
    crops : DataFrame
        ``field_crops_annual``.
    forecasts : DataFrame
        ``canola_balance_forecasts``.
    """
    national = crops[(crops["geo"] == CANADA) & (crops["crop"] == "canola")].dropna(subset="production_t")
    begins = national["year"].astype(int)
    names = begins.astype(str) + "-" + ((begins + 1) % 100).astype(str).str.zfill(2)
    official = pd.Series(national["production_t"].to_numpy() / 1e3, names.to_numpy())
    outlook = forecasts[(forecasts["item"] == "production") & (forecasts["unit"] == "million tonnes")]
    latest = outlook.sort_values("report").groupby("crop_year")["value"].last() * 1e3
    return pd.concat([official, latest[~latest.index.isin(official.index)]]).sort_index()


def of_year(crops: pd.DataFrame, crush: pd.DataFrame, forecasts: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """The harvest of a year, how much of it was crushed, and the last outlook for it; one row.

    Parameters
    ----------
    crops : DataFrame
        :func:`with_revised`.
    crush, forecasts : DataFrame
        ``canola_crush_monthly`` and ``canola_balance_forecasts``.

    Returns
    -------
    DataFrame
        `year`, `crop_year`, `harvest_kt`, `crush_kt` (missing if the crop year is not over), `crushed` (share of the
        harvest), `outlook_kt` (missing if there was none).

    Raises
    ------
    BadInput
        A harvest that is not held.
    """
    harvest = data.figure(crops, CROPS, column="production_t", year=year, geo=CANADA, crop="canola") / 1e3
    name = f"{year}-{(year + 1) % 100:02d}"
    months = crush.loc[year_of(crush["month"], year="crop") == name, "seed_crushed_kt"]
    crushed = float(months.sum()) if len(months) == MONTHS_IN_YEAR else float("nan")
    outlooks = forecasts[(forecasts["item"] == "production") & (forecasts["crop_year"] == name)].sort_values("report")
    outlook = float(outlooks["value"].iloc[-1]) * 1e3 if len(outlooks) else float("nan")
    return pd.DataFrame([{"year": year, "crop_year": name, "harvest_kt": harvest, "crush_kt": crushed,
                          "crushed": crushed / harvest, "outlook_kt": outlook}])  # fmt: skip


def use_of_seed(monthly: pd.DataFrame, crush: pd.DataFrame, *, year: str = "calendar") -> pd.DataFrame:
    """What marketed seed was used for in each full year: shipped as seed, or crushed at home.

    Parameters
    ----------
    monthly : DataFrame
        :func:`tradeexposure.canola.exposure.grain_exports.monthly_exports`.
    crush : DataFrame
        ``canola_crush_monthly``: `month`, `seed_crushed_kt`.

    Returns
    -------
    DataFrame
        Key `year`; `exports_kt`, `market_kt` (to China), `crush_kt`, `share_of_use` = to China / (exports + crush).
    """
    exports = full_years(concentration(annual_exports(monthly, year=year)))
    dated = crush.assign(year=year_of(crush["month"], year=year))
    crushed = dated.groupby("year").agg(crush_kt=("seed_crushed_kt", "sum"), months=("seed_crushed_kt", "count"))
    both = exports[["year", "exports_kt", "market_kt"]].merge(full_years(crushed.reset_index()), on="year")
    return both.assign(share_of_use=both["market_kt"] / (both["exports_kt"] + both["crush_kt"]))


def shares_of_production(use: pd.DataFrame, crops: pd.DataFrame) -> pd.DataFrame:
    """Shares of a harvest exported and crushed in the crop year that begins with it.

    Parameters
    ----------
    use : DataFrame
        :func:`use_of_seed` by crop year.
    crops : DataFrame
        ``field_crops_annual``: `year`, `geo`, `crop`, `production_t`.

    Returns
    -------
    DataFrame
        Key `year` (crop year); `production_kt`, `exported`, `crushed`, `to_market` (shares of production) and
        `other` = 1 - exported - crushed: stock changes, seed, feed, losses, imports; negative when stocks were drawn.
    """
    national = crops[(crops["geo"] == CANADA) & (crops["crop"] == "canola")]
    harvest = national.assign(start=national["year"].astype(str), production_kt=national["production_t"] / 1e3)
    both = use.assign(start=use["year"].str[:4]).merge(harvest[["start", "production_kt"]], on="start")
    shares = both.assign(
        exported=both["exports_kt"] / both["production_kt"],
        crushed=both["crush_kt"] / both["production_kt"],
        to_market=both["market_kt"] / both["production_kt"],
    )
    return shares.assign(other=1 - shares["exported"] - shares["crushed"]).drop(columns="start")
