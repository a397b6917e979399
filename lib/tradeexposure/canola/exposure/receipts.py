"""Who carries a dependence on one market: canola receipts at stake by province, region, farm and hectare.

A region's are an allocation of its province's by published hectares. Nothing smaller is given money: subdivisions count
a farm where its main office is, and small counts are adjusted at random. Grades E and F get none, and what is left of a
province stands beside its regions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from tradeexposure.canola.exposure.grain_exports import CROP_YEAR_STARTS
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data import geography
from tradeexposure.data.geography import CANADA, CODES

HEADLINE = "licensed facilities"
LINE_FLOOR_KG = 1e6  # smaller tariff lines are too coarsely rounded by province to compare their split


def receipt_shares(receipts: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Weight of canola in the crop receipts and in all receipts of each place.

    Parameters
    ----------
    receipts : DataFrame
        ``farm_cash_receipts_annual``: `year`, `geo`, `item`, `receipts_cad`; `crops` and `total` are its sums.

    Returns
    -------
    DataFrame
        Key `geo`; `place` (code), `receipts_cad` (of canola), `crops_cad`, `total_cad`, `share_of_crop_receipts`,
        `share_of_receipts`; places with receipts of canola only, in the order of :data:`CODES`, Canada last.
    """
    columns = ["canola", "crops", "total"]
    rows = receipts[(receipts["year"] == year) & receipts["item"].isin(columns)]
    wide = rows.pivot(index="geo", columns="item", values="receipts_cad").reindex(columns=columns)
    places = _in_order(
        wide[wide["canola"].fillna(0) > 0].rename_axis("geo").reset_index(), f"receipts of canola {year}"
    )
    named = places.rename(columns={"canola": "receipts_cad", "crops": "crops_cad", "total": "total_cad"})
    return named.assign(
        share_of_crop_receipts=named["receipts_cad"] / named["crops_cad"],
        share_of_receipts=named["receipts_cad"] / named["total_cad"],
    )


def stake_shares(use: pd.DataFrame, crop_use: pd.DataFrame, crops: pd.DataFrame, customs: pd.DataFrame) -> pd.DataFrame:
    """China's share of the use of Canadian seed under every definition that the tables allow.

    Parameters
    ----------
    use, crop_use : DataFrame
        :func:`tradeexposure.canola.exposure.harvests.use_of_seed` by calendar year and by crop year.
    crops : DataFrame
        ``field_crops_annual`` (production of the same year's harvest).
    customs : DataFrame
        `year` (int), `market_kt`, `exports_kt`: customs volumes to China and to the world.

    Returns
    -------
    DataFrame
        Key `year` (int), `definition`; `share`. Definitions: ``licensed facilities`` (the headline: to China /
        (exports + crush)), ``customs``, ``harvest`` (to China / production), ``crop years`` (the two crop years
        a calendar year spans, weighted by months).
    """
    annual = use.assign(year=use["year"].astype(int))
    licensed = annual[["year", "share_of_use"]].rename(columns={"share_of_use": "share"})
    both = customs.merge(annual[["year", "crush_kt"]], on="year")
    by_customs = both.assign(share=both["market_kt"] / (both["exports_kt"] + both["crush_kt"]))
    national = crops[(crops["geo"] == CANADA) & (crops["crop"] == "canola")]
    harvest = annual.merge(national[["year", "production_t"]], on="year")
    by_harvest = harvest.assign(share=harvest["market_kt"] / (harvest["production_t"] / 1e3))
    # A calendar year spans two crop years: seven months of one, five of the next.
    by_start = crop_use.set_index(crop_use["year"].str[:4].astype(int))["share_of_use"]
    before = (CROP_YEAR_STARTS - 1) / MONTHS_IN_YEAR
    share = before * by_start.shift(1) + (1 - before) * by_start
    spanned = share.rename("share").rename_axis("year").reset_index()
    frames = {HEADLINE: licensed, "customs": by_customs, "harvest": by_harvest, "crop years": spanned}
    named = [frame[["year", "share"]].assign(definition=name) for name, frame in frames.items()]
    return pd.concat(named, ignore_index=True).dropna(subset="share")[["year", "definition", "share"]]


def share_of(shares: pd.DataFrame, year: int, definition: str = HEADLINE) -> float:
    """One share of :func:`stake_shares`."""
    return float(shares.loc[(shares["year"] == year) & (shares["definition"] == definition), "share"].item())


def origin_split(seed_exports: pd.DataFrame, *, years: tuple[int, int]) -> pd.DataFrame:
    """Share of each province in seed exports by province of origin, over several years.

    Parameters
    ----------
    seed_exports : DataFrame
        ``canola_seed_exports_annual``: `year`, `hs8`, `province`, `volume_kg`.

    Returns
    -------
    DataFrame
        Key `geo`; `split` (sums to 1), `most_apart` = largest difference of a tariff line's split from the
        same year's split: near 0 means that the source allocates by one key and does not observe the origin.
    """
    exports = seed_exports[seed_exports["year"].between(*years)]
    if exports.empty:
        raise BadInput("canola_seed_exports_annual", "year", found=f"none in {years}", allowed="years of the table")
    lines = exports.pivot_table(index=["year", "hs8"], columns="province", values="volume_kg", aggfunc="sum").fillna(0)
    annual = lines.groupby("year").sum()
    by_year = annual.div(annual.sum(axis=1), axis=0)
    large = lines[lines.sum(axis=1) > LINE_FLOOR_KG]
    by_line = large.div(large.sum(axis=1), axis=0)
    apart = (by_line - by_year.reindex(by_line.index.get_level_values("year")).to_numpy()).abs().max()
    total = annual.sum()
    return pd.DataFrame({"split": total / total.sum(), "most_apart": apart}).rename_axis("geo").reset_index()


def at_stake(receipts: pd.DataFrame, shares: pd.DataFrame, split: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Receipts at stake: China's share of the use of seed times the receipts of the crop, with bounds.

    Parameters
    ----------
    receipts : DataFrame
        ``farm_cash_receipts_annual``.
    shares : DataFrame
        :func:`stake_shares`.
    split : DataFrame
        :func:`origin_split`, the other way to place the national sum.

    Returns
    -------
    DataFrame
        Key `geo`; `place`, `receipts_cad`, `at_stake_cad` (one national share for every province), `low_cad`,
        `high_cad`: smallest and largest over the definitions of the share and, for a province, over the two
        allocations (by receipts; by province of origin of seed exports); `allocation_gap` = what the second
        allocation changes by itself. A province that `split` does not hold has the first allocation only and
        no gap: an absence from the key is no estimate of zero.
    """
    national = shares[shares["year"] == year].set_index("definition")["share"]
    if HEADLINE not in national:
        raise BadInput("year", found=f"{year}", allowed=f"a full year: {sorted(shares['year'].unique())}")
    places = receipt_shares(receipts, year=year)[["geo", "place", "receipts_cad"]]
    money = places.set_index("geo")["receipts_cad"]
    total = money[CANADA]
    placed = total * split.set_index("geo")["split"].reindex(money.index)
    placed[CANADA] = total
    both = pd.concat([money, placed], axis=1)
    return places.assign(
        at_stake_cad=places["receipts_cad"] * national[HEADLINE],
        low_cad=(both.min(axis=1) * national.min()).to_numpy(),
        high_cad=(both.max(axis=1) * national.max()).to_numpy(),
        allocation_gap=(placed / money - 1).to_numpy(),
    )


@dataclass(frozen=True)
class Allocation:
    """Receipts at stake of the Prairies by agricultural region."""

    #: :func:`geography.by_region`, with `geo`, `place` (code) of the province, `at_stake_cad`; none where a region has
    #: no hectares of grades A to D.
    regions: pd.DataFrame
    #: Key `geo`; `place`, `published_ha`, `not_placed_ha`, `at_stake_cad` (of the province), `not_placed_cad`.
    left: pd.DataFrame
    elsewhere: float  #: Share of Canada's published hectares that other provinces have.


def allocation(areas: pd.DataFrame, census: pd.DataFrame, stake: pd.DataFrame) -> Allocation:
    """Place each province's receipts at stake on its regions.

    Parameters
    ----------
    areas : DataFrame
        :func:`geography.canola_subdivisions`.
    census : DataFrame
        ``census_crop_farms``: what the same Census publishes of a province, `area_ha`.
    stake : DataFrame
        :func:`at_stake`.
    """
    regions = geography.by_region(areas).rename(columns={"province": "geo"})
    province = stake.set_index("geo")[["place", "at_stake_cad"]]
    of_year = census[census["census_year"] == geography.CENSUS_YEAR]
    published = canola_farms(of_year).set_index("geo")["area_ha"]
    share = regions["placed_ha"] / regions["geo"].map(published)
    regions = regions.assign(
        place=regions["geo"].map(province["place"]),
        at_stake_cad=(share * regions["geo"].map(province["at_stake_cad"])).where(regions["placed_ha"] > 0),
    )
    sums = regions.groupby("geo", sort=False)[["canola_ha", "at_stake_cad"]].sum()
    left = province.loc[sums.index].assign(published_ha=published)
    left = left.assign(
        not_placed_ha=left["published_ha"] - sums["canola_ha"],
        not_placed_cad=left["at_stake_cad"] - sums["at_stake_cad"],
    )
    elsewhere = 1 - left["published_ha"].sum() / published[CANADA]
    return Allocation(regions, left.reset_index(), float(elsewhere))


def side_by_side(years: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Provinces (not Canada) of several years from :func:`at_stake`, largest first, with `year` as text."""
    rows = pd.concat([frame.assign(year=str(year)) for year, frame in years.items()], ignore_index=True)
    provinces = rows[rows["geo"] != CANADA]
    size = provinces.groupby("geo")["at_stake_cad"].transform("max")
    ordered = provinces.assign(size=size).sort_values(["size", "year"], ascending=[False, True])
    return ordered.drop(columns="size").reset_index(drop=True)


def weight_at_stake(weights: pd.DataFrame, stake: pd.DataFrame) -> pd.DataFrame:
    """Receipts at stake in all crop receipts: `geo`, `place`, `share_at_stake`, `low`, `high`; provinces only.

    `weights`, `stake`: :func:`receipt_shares` and :func:`at_stake` of one year.
    """
    both = weights.merge(stake[["geo", "at_stake_cad", "low_cad", "high_cad"]], on="geo", validate="1:1")
    provinces = both[both["geo"] != CANADA].reset_index(drop=True)
    names = {"share_at_stake": "at_stake_cad", "low": "low_cad", "high": "high_cad"}
    ratios = {name: provinces[column] / provinces["crops_cad"] for name, column in names.items()}
    return provinces[["geo", "place"]].assign(**ratios)


def per_unit(
    places: pd.DataFrame,
    census: pd.DataFrame,
    crops: pd.DataFrame,
    *,
    year: int,
    amounts: Sequence[str] = ("at_stake", "low", "high"),
    whole: bool = True,
) -> pd.DataFrame:
    """Amounts of each place per canola farm (latest census) and per hectare seeded in `year`.

    Parameters
    ----------
    places : DataFrame
        Key `geo`; `…_cad` of each of `amounts`.
    census : DataFrame
        ``census_crop_farms``: `census_year`, `geo`, `crop`, `farms`.
    crops : DataFrame
        ``field_crops_annual``: `year`, `geo`, `crop`, `area_seeded_ha`.

    Returns
    -------
    DataFrame
        `places` with `farms`, `area_ha` and each amount `_per_farm_cad`, `_per_hectare_cad`.

    Raises
    ------
    BadInput
        A place without farms or area, unless not all need to be `whole`: missing then.
    """
    farms = canola_farms(census).set_index("geo")["farms"]
    grown = crops[(crops["year"] == year) & (crops["crop"] == "canola")].set_index("geo")["area_seeded_ha"]
    merged = places.assign(farms=places["geo"].map(farms), area_ha=places["geo"].map(grown))
    for column, table in (("farms", "census_crop_farms"), ("area_ha", "field_crops_annual")) if whole else ():
        bad = merged.loc[~(merged[column] > 0), "geo"]
        if len(bad):
            raise BadInput(table, column, found=f"none for {bad.iloc[0]}", allowed="a positive number")
    units = {"farm": merged["farms"], "hectare": merged["area_ha"]}
    ratios = {f"{name}_per_{unit}_cad": merged[f"{name}_cad"] / number
              for name in amounts for unit, number in units.items()}  # fmt: skip
    return merged.assign(**ratios)


def canola_farms(census: pd.DataFrame) -> pd.DataFrame:
    """Farms that reported canola at the latest census: key `geo`; `place`, `census_year`, `farms`, `area_ha`."""
    latest = census[(census["crop"] == "canola") & (census["census_year"] == census["census_year"].max())]
    return _in_order(latest[latest["farms"] > 0][["geo", "census_year", "farms", "area_ha"]], "census of canola")


def _in_order(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Rows in the order of the provinces, Canada last, with their code."""
    unknown = sorted(set(frame["geo"]) - set(CODES))
    if unknown or CANADA not in set(frame["geo"]):
        raise BadInput(what, "geo", found=unknown[0] if unknown else "no Canada", allowed=", ".join(CODES))
    order = {geo: place for place, geo in enumerate(CODES)}
    rows = frame.sort_values("geo", key=lambda column: column.map(order)).reset_index(drop=True)
    return rows.assign(place=rows["geo"].map(CODES))


def check_years(receipts: pd.DataFrame, years: Iterable[int]) -> None:
    """BadInput where one of `years` has no row: a sum or a change over it would be wrong."""
    asked = sorted(years)
    missing = sorted({*asked} - {*receipts["year"]})
    if missing:
        raise BadInput(
            "farm_cash_receipts_annual", "year", found=f"no {missing[0]}",
            allowed=f"every year from {asked[0]} to {asked[-1]}",
        )  # fmt: skip


def yearly_change(receipts: pd.DataFrame) -> pd.DataFrame:
    """Canada's receipts of canola by year, and the change on the year before (`change_cad`, `change`); key `year`.

    Raises
    ------
    BadInput
        A year that is not held.
    """
    rows = receipts[(receipts["geo"] == CANADA) & (receipts["item"] == "canola")].sort_values("year")
    check_years(rows, range(receipts["year"].min(), receipts["year"].max() + 1))
    steps = rows[["year", "receipts_cad"]].reset_index(drop=True)
    return steps.assign(change_cad=steps["receipts_cad"].diff(), change=steps["receipts_cad"].pct_change())


def exposure_slopes(receipts: pd.DataFrame, *, since: int) -> pd.DataFrame:
    """Whether crop receipts fell more where canola weighs more, year by year.

    The slope of the growth of crop receipts on canola's share of them the year before, across provinces,
    weighted by those crop receipts: -0.2 says that a province living wholly on canola would have grown
    20 points less than one without it.

    Returns
    -------
    DataFrame
        Key `year`; `slope`, `provinces`.

    Raises
    ------
    BadInput
        A year that is not held, whose growth and the next year's would be wrong.
    """
    rows = receipts[(receipts["geo"] != CANADA) & receipts["item"].isin(["canola", "crops"])]
    wide = rows.pivot(index=["year", "geo"], columns="item", values="receipts_cad").sort_index()
    for _, of_item in rows.groupby("item"):
        check_years(of_item, range(since - 1, rows["year"].max() + 1))
    crops = wide["crops"].unstack()
    weight = wide["canola"].fillna(0).unstack().fillna(0) / crops
    slopes = []
    for year in crops.index[crops.index >= since]:
        growth = crops.loc[year] / crops.loc[year - 1] - 1
        data = pd.DataFrame({"x": weight.loc[year - 1], "y": growth, "w": crops.loc[year - 1]}).dropna()
        x, y, w = data["x"], data["y"], data["w"] / data["w"].sum()
        spread = x - (w * x).sum()
        slopes.append((year, float((w * spread * y).sum() / (w * spread**2).sum()), len(data)))
    return pd.DataFrame(slopes, columns=["year", "slope", "provinces"])
