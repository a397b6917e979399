"""The numbers that the canola exposure notebook publishes; their words stand in ``data/results``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from tradeexposure.canola.exposure import harvests
from tradeexposure.canola.exposure.customs_values import product_mix, with_ranges
from tradeexposure.canola.exposure.grain_exports import (
    annual_exports,
    concentration,
    full_years,
    through_month,
)
from tradeexposure.canola.exposure.receipts import Allocation
from tradeexposure.core.units import MILLION
from tradeexposure.data.geography import CANADA
from tradeexposure.data.periods import Months
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.reporting.result_rows import named_rows, result_rows

USE_OF_HARVESTS = "grain_exports_monthly; canola_crush_monthly; field_crops_annual"


def exports(
    calendar: pd.DataFrame, crop_years: pd.DataFrame, monthly: pd.DataFrame, elsewhere: pd.DataFrame
) -> pd.DataFrame:
    """Everything published on export volumes: full years, the year that is not over beside the one before, crop years.

    Parameters
    ----------
    calendar, crop_years : DataFrame
        :func:`tradeexposure.canola.exposure.grain_exports.concentration` by calendar and by crop year.
    monthly : DataFrame
        :func:`tradeexposure.canola.exposure.grain_exports.monthly_exports`.
    elsewhere : DataFrame
        :func:`tradeexposure.canola.exposure.customs_values.customs_volumes`.
    """
    newest = Months.of_newest_year(monthly["month"])
    full = by_year(with_ranges(full_years(calendar), elsewhere))
    seasons = full_years(crop_years).assign(key=lambda years: years["year"].str.replace("-", "_"))
    crop = result_rows(seasons, {"canola.china_share_of_exports.crop_year_{key}": "share_of_exports"}, period="{year}")
    if not newest.span:
        return pd.concat([full, crop], ignore_index=True)
    so_far = concentration(annual_exports(through_month(monthly, month=newest.last.month)))
    part = so_far[so_far["year"].isin([str(newest.last.year), str(newest.last.year - 1)])]
    return pd.concat([full, by_year(part, months=newest), crop], ignore_index=True)


def by_year(years: pd.DataFrame, *, months: Months | None = None) -> pd.DataFrame:
    """Volume to China, its share of exports and the effective number of markets, one row each per year.

    Parameters
    ----------
    years : DataFrame
        :func:`customs_values.with_ranges`, or a concentration without ranges (a year that is not over).
    months : Months, optional
        The part of each year that is held, as of one of them.
    """
    known = years.reindex(columns=[*years.columns, *{"low_kt", "high_kt", "low_share", "high_share"} - set(years)])
    end = f"{{year}}{months.part if months else ''}"
    numbers = {
        f"canola.exports_china_kt.{end}": ("market_kt", "low_kt", "high_kt"),
        f"canola.china_share_of_exports.{end}": ("share_of_exports", "low_share", "high_share"),
        f"canola.effective_markets.{end}": "effective_markets",
    }
    return result_rows(known, numbers, period=f"{months.span} {{year}}" if months else "{year}")


def production_shares(shares: pd.DataFrame) -> pd.DataFrame:
    """Shares of a harvest exported as seed and crushed, by crop year."""
    keyed = shares.assign(key=shares["year"].str.replace("-", "_"))
    numbers = {f"canola.share_of_production_{name}.{{key}}": name for name in ("exported", "crushed")}
    return result_rows(keyed, numbers, period="{year}", sources=USE_OF_HARVESTS)


def harvest_of_year(harvest: pd.DataFrame, *, shown: Iterable[str]) -> pd.DataFrame:
    """A harvest beside its outlook, and the part crushed unless its crop year is among those `shown`; of
    :func:`harvests.of_year`.
    """
    keyed = harvest.assign(
        key=harvest["crop_year"].str.replace("-", "_"), revision=harvest["harvest_kt"] / harvest["outlook_kt"] - 1
    )
    crushed = {"canola.share_of_production_crushed.{key}": "crushed"}
    sources, others = f"{harvests.REVISED}; {harvests.CRUSH}", keyed[~keyed["crop_year"].isin(list(shown))]
    parts = [
        result_rows(keyed, {"canola.harvest_kt.{year}": "harvest_kt"}),
        result_rows(keyed.dropna(subset="revision"), {"canola.harvest_revision.{year}": "revision"}),
        result_rows(others.dropna(subset="crushed"), crushed, period="{crop_year}", sources=sources),
    ]
    return pd.concat(parts, ignore_index=True)


def products(china: pd.DataFrame, world: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Product shares of what China buys and of what the world buys, and China's share of each product's value.

    `china`, `world`: :func:`tradeexposure.canola.exposure.customs_values.product_values` of the two markets; shares
    have a range where figures conflict.
    """
    both = china.merge(world, on="product", suffixes=("", "_world"))
    of_china = both.assign(
        share=both["low_cad"] / both["low_cad_world"],
        low=both["low_cad"] / both["high_cad_world"],
        high=both["high_cad"] / both["low_cad_world"],
    )
    shares = {
        "product_share.china": product_mix(china), "product_share.world": product_mix(world),
        "china_share_of_value": of_china,
    }  # fmt: skip
    ranged = ("share", "low", "high")
    parts = [result_rows(frame, {f"canola.{stem}.{{product}}.{year}": ranged}) for stem, frame in shares.items()]
    return pd.concat(parts, ignore_index=True)


def province_sales(origin: pd.DataFrame, *, year: int = 2025) -> pd.DataFrame:
    """What provinces sold to China: value, province's share, China's share of its exports; of
    :func:`customs_values.by_province`.
    """
    keyed = origin.assign(method=origin["allocated"].map({True: "allocated", False: "observed"}))
    stems = {"exports_china_cad": "china_cad", "origin_share_of_china_sales": "origin_share",
             "china_share_of_exports_value": "china_share"}  # fmt: skip
    numbers = {f"canola.{stem}.{{place}}.{{product}}.{year}": column for stem, column in stems.items()}
    return result_rows(keyed, numbers, method="{method}", others="{product}")


def source_gaps(beside: pd.DataFrame) -> pd.DataFrame:
    """How far the licensed facilities' volume is from the customs figure of the same calendar year."""
    yearly = beside[beside["period"].str.fullmatch(r"\d{4}") & (beside["basis"] == "canadian_exports")]
    keyed = yearly.assign(place=yearly["destination"].str.lower().str.replace(" ", "_"))
    return result_rows(keyed, {"canola.source_gap.{place}.{period}": "gap"}, to="{destination}")


def monthly_values_gap(values: pd.DataFrame, provinces: pd.DataFrame) -> pd.DataFrame:
    """Seed of the monthly table against the customs file by province, as one number to publish.

    Parameters
    ----------
    values : DataFrame
        :func:`tradeexposure.canola.exposure.export_values.monthly_values`.
    provinces : DataFrame
        ``canola_exports_by_province_2025``; its heading also holds seed for sowing.
    """
    year = int(provinces["year"].iloc[0])
    customs = float(provinces.loc[provinces["hs4"] == "1205", "value_cad"].sum())
    own = float(values.loc[(values["product"] == "seed") & (values["month"].dt.year == year), "value_cad"].sum())
    return pd.DataFrame([{"result_id": f"canola.source_gap.monthly_values.{year}", "value": own / customs - 1}])


def export_values(compared: pd.DataFrame, months: Months) -> pd.DataFrame:
    """Value since the settlement, a year before, and the change between them; of `against_year_before`."""
    parts = [
        result_rows(
            compared, {f"canola.{stem}.{{product}}.{span.suffix}": column}, when=span.words, period=span.period
        )
        for stem, span, column in (
            ("exports_cad", months, "value_cad"), ("exports_cad", months.back(), "before_cad"),
            ("exports_cad_change", months, "change"),
        )
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def receipt_shares(shares: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Canola in crop receipts and in all receipts by province."""
    columns = ("share_of_crop_receipts", "share_of_receipts")
    return result_rows(shares, {f"canola.{column}.{{place}}.{year}": column for column in columns})


def at_stake(stake: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Receipts at stake by province and for Canada."""
    allocated = stake["allocation_gap"].notna().map(lambda there: "placed" if there else "not_placed")
    method = allocated.where(stake["geo"] != CANADA, "national")
    numbers = {f"canola.receipts_at_stake_cad.{{place}}.{year}": ("at_stake_cad", "low_cad", "high_cad")}
    return result_rows(stake.assign(method=method), numbers, method="{method}")


def regions(placed: Allocation, *, year: int) -> pd.DataFrame:
    """Each region's receipts at stake, and what no region of a province is given, in whole millions."""
    stem = "canola.receipts_at_stake_allocated_cad"
    named = {f"{stem}.{{place}}.{{region}}.{year}": "at_stake_cad"}
    left = {f"{stem}.{{place}}.not_placed.{year}": "not_placed_cad"}
    parts = [
        result_rows(_in_millions(placed.regions.dropna(subset="at_stake_cad"), "at_stake_cad"), named),
        result_rows(_in_millions(placed.left, "not_placed_cad"), left),
    ]
    return pd.concat(parts, ignore_index=True)


def _in_millions(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(**{column: (frame[column] / MILLION).round() * MILLION})


def allocation_gaps(stake: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """What the second allocation changes by itself, in the provinces that it holds."""
    allocated = stake[stake["allocation_gap"].notna() & (stake["geo"] != CANADA)]
    return result_rows(allocated, {f"canola.allocation_gap.{{place}}.{year}": "allocation_gap"})


def weight_at_stake(felt: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Receipts at stake as a share of all crop receipts of the province."""
    stem = f"canola.share_of_crop_receipts_at_stake.{{place}}.{year}"
    return result_rows(felt, {stem: ("share_at_stake", "low", "high")})


def per_unit(each: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Receipts at stake per canola farm and per seeded hectare."""
    numbers = {
        f"canola.receipts_at_stake_per_{unit}_cad.{{place}}.{year}": [
            f"{name}_per_{unit}_cad" for name in ("at_stake", "low", "high")
        ]
        for unit in ("farm", "hectare")
    }
    return result_rows(each, numbers)


def farms(census: pd.DataFrame) -> pd.DataFrame:
    """Farms that reported canola at the census; every digit is kept."""
    return result_rows(census, {"canola.farms.{place}.{census_year}": "farms"})


def tariffs(index: pd.DataFrame) -> pd.DataFrame:
    """Tariff on the canola sold to China on chosen days: charged at the border, and as finally owed (``.ex_post``)."""
    stem = "canola.tariff_exposure.{date}"
    numbers = {stem: ("rate", "low", "high"), f"{stem}.ex_post": ("owed", "owed_low", "owed_high")}
    return result_rows(index, numbers, day="{date}")


def losses_2019(changes: pd.DataFrame, slopes: pd.DataFrame, *, left_out: Mapping[int, str]) -> pd.DataFrame:
    """What happened to receipts in the year of the suspensions, beside the year before and placebo years.

    The p-value leaves out the years `left_out`; ``.p_value_all`` leaves out 2020 only.

    Parameters
    ----------
    changes, slopes : DataFrame
        :func:`receipts.yearly_change` and :func:`receipts.exposure_slopes`.
    left_out : mapping
        Year that is no comparison → why.
    """
    beside = changes[changes["year"].isin([2018, 2019])]
    change = result_rows(beside, {"canola.receipts_change_cad.canada.{year}": "change_cad"})
    slope = {
        "result_id": "canola.exposure_slope.2019", "value": slopes.loc[slopes["year"] == 2019, "slope"].item(),
        "period": "2019",
    }  # fmt: skip
    ranks = [_rank_2019(slopes, tuple(left_out)), _rank_2019(slopes, (2020,), variant="_all")]
    return pd.concat([change, pd.DataFrame([slope]), *ranks], ignore_index=True)


def _rank_2019(slopes: pd.DataFrame, leave_out: tuple[int, ...], *, variant: str = "") -> pd.DataFrame:
    """Placebo p-value of the slope of 2019 and its floor, without the years in `leave_out`."""
    by_year = slopes.set_index("year")["slope"]
    ranked = placebo.rank(by_year[2019], by_year.drop([2019, *leave_out], errors="ignore"))
    numbers = {"p_value": ranked.p_less, "p_floor": ranked.floor}
    return named_rows(numbers, f"canola.exposure_slope.2019.{{name}}{variant}", count=f"{ranked.count}",
                      years=", ".join(map(str, leave_out)))  # fmt: skip
