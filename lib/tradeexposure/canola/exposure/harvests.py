"""The revised harvest in place of preliminary rows, and what has become of it so far."""

from __future__ import annotations

import pandas as pd

from tradeexposure.canola.exposure.seed_exports import year_of
from tradeexposure.core.errors import BadInput
from tradeexposure.core.provinces import CANADA
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.reporting.result_rows import result_rows

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
        A revised row for which there is none to replace.
    """
    keys = pd.MultiIndex.from_frame(revised[["year", "geo"]].assign(crop="canola"))
    indexed = crops.set_index(["year", "geo", "crop"])
    absent = keys.difference(pd.MultiIndex.from_tuples(indexed.index))
    if len(absent):
        raise BadInput(REVISED, "year, geo", found=f"{absent[0][0]}, {absent[0][1]}", allowed=f"rows of {CROPS}")
    new = revised.set_index(keys)
    for column in COLUMNS:
        indexed.loc[keys, column] = new[column]
    grown = new["area_harvested_ha"] > 0
    if "yield_kg_per_ha" in indexed:
        indexed.loc[keys[grown], "yield_kg_per_ha"] = (1e3 * new["production_t"] / new["area_harvested_ha"])[grown]
    return indexed.reset_index()[list(crops.columns)]


def newest(crops: pd.DataFrame, crush: pd.DataFrame, forecasts: pd.DataFrame) -> pd.DataFrame:
    """The newest harvest held, how much of it was crushed, and the last outlook for it; one row.

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
    """
    national = crops[(crops["geo"] == CANADA) & (crops["crop"] == "canola")].dropna(subset="production_t")
    row = national.sort_values("year").iloc[-1]
    year, harvest = int(row["year"]), float(row["production_t"]) / 1e3
    name = f"{year}-{(year + 1) % 100:02d}"
    months = crush.loc[year_of(crush["month"], year="crop") == name, "seed_crushed_kt"]
    crushed = float(months.sum()) if len(months) == MONTHS_IN_YEAR else float("nan")
    outlooks = forecasts[(forecasts["item"] == "production") & (forecasts["crop_year"] == name)].sort_values("report")
    outlook = float(outlooks["value"].iloc[-1]) * 1e3 if len(outlooks) else float("nan")
    return pd.DataFrame([{"year": year, "crop_year": name, "harvest_kt": harvest, "crush_kt": crushed,
                          "crushed": crushed / harvest, "outlook_kt": outlook}])  # fmt: skip


def results(newest_harvest: pd.DataFrame) -> pd.DataFrame:
    """What the notebook publishes of :func:`newest`: harvest beside its outlook, and the part crushed."""
    keyed = newest_harvest.assign(
        key=newest_harvest["crop_year"].str.replace("-", "_"),
        revision=newest_harvest["harvest_kt"] / newest_harvest["outlook_kt"] - 1,
    )
    crushed = {"canola.share_of_production_crushed.{key}": "crushed"}
    parts = [
        result_rows(keyed, {"canola.harvest_kt.{year}": "harvest_kt"}),
        result_rows(keyed.dropna(subset="revision"), {"canola.harvest_revision.{year}": "revision"}),
        result_rows(
            keyed.dropna(subset="crushed"), crushed, period="{crop_year}", sources=f"{REVISED}; {CRUSH}"
        ),
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)
