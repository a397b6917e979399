"""The numbers that the canola exposure notebook publishes: identifier, label, unit, method and tables of each."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure.canola.exposure.customs_values import product_mix as mix
from tradeexposure.canola.exposure.customs_values import with_ranges
from tradeexposure.canola.exposure.receipts import rank_p_value
from tradeexposure.canola.exposure.seed_exports import (
    annual_exports,
    concentration,
    full_years,
    through_month,
)
from tradeexposure.core.provinces import CANADA, CHINA
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.reporting.result_rows import latest, placebo_rows, result_rows, sourced_rows, whole_digits

EXPORTS = "grain_exports_monthly"
CUSTOMS = "canola_export_snapshots; canola_exports_compiled; canola_seed_exports_annual"
STAKE = f"{EXPORTS}; canola_crush_monthly; farm_cash_receipts_annual; field_crops_annual; {CUSTOMS}"
LICENSED = "Canadian Grain Commission, licensed facilities"
OVER_SOURCES = "range: licensed facilities and customs figures"
STAKE_METHOD = (
    "seed to China / (seed exports + crush), one national share, times farm cash receipts; range: lowest and highest "
    "over definitions of the share (licensed facilities, customs, harvest, crop years)"
)
PLACED = " and over two allocations: farm cash receipts, or seed exports by province of origin 2016 to 2020 (customs)"
NOT_PLACED = "; allocated by farm cash receipts only, since seed exports by province of origin do not hold the province"
OIL_METHOD = "range: the two conflicting figures for oil to China"


def exports(
    calendar: pd.DataFrame, crop_years: pd.DataFrame, monthly: pd.DataFrame, elsewhere: pd.DataFrame
) -> pd.DataFrame:
    """Everything published on export volumes: full years, the year that is not over beside the one before, crop years.

    Parameters
    ----------
    calendar, crop_years : DataFrame
        :func:`tradeexposure.canola.exposure.seed_exports.concentration` by calendar and by crop year.
    monthly : DataFrame
        :func:`tradeexposure.canola.exposure.seed_exports.monthly_exports`.
    elsewhere : DataFrame
        :func:`tradeexposure.canola.exposure.customs_values.customs_volumes`.
    """
    last = monthly["month"].max()
    full = by_year(with_ranges(full_years(calendar), elsewhere))
    crop = by_crop_year(full_years(crop_years))
    if last.month == MONTHS_IN_YEAR:
        return pd.concat([full, crop], ignore_index=True)
    so_far = concentration(annual_exports(through_month(monthly, month=last.month)))
    part = so_far[so_far["year"].isin([str(last.year), str(last.year - 1)])]
    suffix, span = f"_jan_{last:%b}".lower(), f"January to {last:%B}"
    return pd.concat([full, by_year(part, suffix=suffix, span=span), crop], ignore_index=True)


def so_far(template: str, monthly: pd.DataFrame) -> str:
    """A text about the newest year held, whether or not it is over (:meth:`Latest.fill`)."""
    return latest(monthly["month"]).fill(template)


def by_year(years: pd.DataFrame, *, suffix: str = "", span: str = "") -> pd.DataFrame:
    """Volume to China, its share of exports and the effective number of markets, one row each per year.

    Parameters
    ----------
    years : DataFrame
        :func:`customs_values.with_ranges`, or a concentration without ranges (a year that is not over).
    suffix, span : str
        Marks a part of a year in the identifier (``_jan_oct``) and in words (``January to October``).
    """
    known = years.reindex(columns=[*years.columns, *{"low_kt", "high_kt", "low_share", "high_share"} - set(years)])
    when = f"{span} {{year}}".strip()
    kind = {"method": f"{LICENSED}; {OVER_SOURCES}", "tables": f"{EXPORTS}; {CUSTOMS}", "period": when}
    end = f"{{year}}{suffix}"
    volume = result_rows(
        known, result_id=f"canola.exports_china_kt.{end}", label=f"Canola seed exported to China, {when}",
        value="market_kt", low="low_kt", high="high_kt", unit="kilotonnes", **kind,
    )  # fmt: skip
    share = result_rows(
        known, result_id=f"canola.china_share_of_exports.{end}", label=f"China's share of canola seed exports, {when}",
        value="share_of_exports", low="low_share", high="high_share", unit="share", **kind,
    )  # fmt: skip
    number = result_rows(
        known, result_id=f"canola.effective_markets.{end}", label=f"Effective number of seed markets, {when}",
        value="effective_markets", unit="effective number", **{**kind, "method": f"{LICENSED}; inverse Herfindahl"},
    )  # fmt: skip
    return sourced_rows(pd.concat([volume, share, number], ignore_index=True))


def by_crop_year(years: pd.DataFrame) -> pd.DataFrame:
    """China's share of seed exports by crop year."""
    keyed = years.assign(key=years["year"].str.replace("-", "_"))
    return sourced_rows(result_rows(
        keyed, result_id="canola.china_share_of_exports.crop_year_{key}", value="share_of_exports", unit="share",
        label="China's share of canola seed exports, crop year {year}", period="{year}", method=LICENSED,
        tables=EXPORTS,
    ))  # fmt: skip


def production_shares(shares: pd.DataFrame) -> pd.DataFrame:
    """Shares of a harvest exported as seed and crushed, by crop year."""
    keyed = shares.assign(key=shares["year"].str.replace("-", "_"))
    parts = [
        result_rows(
            keyed, result_id=f"canola.share_of_production_{name}.{{key}}", value=name, unit="share", period="{year}",
            label=f"Share of the canola harvest {use}, crop year {{year}}",
            method="crop year / harvest", tables=f"{EXPORTS}; canola_crush_monthly; field_crops_annual",
        )
        for name, use in (("exported", "exported as seed"), ("crushed", "crushed in Canada"))
    ]  # fmt: skip
    return sourced_rows(pd.concat(parts, ignore_index=True))


def product_mix(shares: pd.DataFrame, *, market: str, year: int) -> pd.DataFrame:
    """Shares of seed, oil and meal in the value of canola sold to a market."""
    return sourced_rows(result_rows(
        shares.assign(place=market.lower(), year=year), result_id="canola.product_share.{place}.{product}.{year}",
        label=f"Share of {{product}} in the value of canola sold to {market}, {{year}}", value="share", low="low",
        high="high", unit="share", period="{year}", method=f"cited customs values; {OIL_METHOD}",
        tables="canola_export_snapshots",
    ))  # fmt: skip


def products(china: pd.DataFrame, world: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Product shares of what China buys and of what the world buys, and China's share of each product.

    Parameters
    ----------
    china, world : DataFrame
        :func:`tradeexposure.canola.exposure.customs_values.product_values` of the two markets.
    """
    mixes = [
        product_mix(mix(values), market=market, year=year) for market, values in ((CHINA, china), ("World", world))
    ]
    return pd.concat([*mixes, china_share_of_value(china, world, year=year)], ignore_index=True)


def source_gaps(beside: pd.DataFrame) -> pd.DataFrame:
    """How far the licensed facilities' volume is from the customs figure of the same calendar year."""
    yearly = beside[beside["period"].str.fullmatch(r"\d{4}") & (beside["basis"] == "canadian_exports")]
    keyed = yearly.assign(place=yearly["destination"].str.lower().str.replace(" ", "_"))
    return sourced_rows(result_rows(
        keyed, result_id="canola.source_gap.{place}.{period}", value="gap", unit="change", period="{period}",
        label="Licensed facilities against customs, seed to {destination}, {period}",
        method="licensed facilities / customs - 1", tables=f"{EXPORTS}; {CUSTOMS}",
    ))  # fmt: skip


def receipt_shares(shares: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Canola in crop receipts and in all receipts by province."""
    keyed = shares.assign(year=year)
    parts = [
        result_rows(
            keyed, result_id=f"canola.{column}.{{place}}.{{year}}", value=column,
            label=f"Canola's share of {total}, {{geo}}, {{year}}",
            unit="share", period="{year}", geography="{place}", method="farm cash receipts",
            tables="farm_cash_receipts_annual",
        )
        for column, total in (("share_of_crop_receipts", "crop receipts"), ("share_of_receipts", "all farm receipts"))
    ]  # fmt: skip
    return sourced_rows(pd.concat(parts, ignore_index=True))


def at_stake(stake: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Receipts at stake by province and for Canada."""
    allocated = stake["allocation_gap"].notna().map({True: PLACED, False: NOT_PLACED})
    method = STAKE_METHOD + allocated.where(stake["geo"] != CANADA, "")
    return result_rows(
        stake.assign(year=year, method=method), result_id="canola.receipts_at_stake_cad.{place}.{year}",
        label="Canola receipts at stake in China, {geo}, {year}", value="at_stake_cad", low="low_cad", high="high_cad",
        unit="CAD", period="{year}", geography="{place}", method="{method}", tables=STAKE,
    )  # fmt: skip


def allocation_gaps(stake: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """What the second allocation changes by itself, in the provinces that it holds."""
    allocated = stake[stake["allocation_gap"].notna() & (stake["geo"] != CANADA)]
    return result_rows(
        allocated.assign(year=year), result_id="canola.allocation_gap.{place}.{year}", value="allocation_gap",
        label="Receipts at stake allocated by origin of seed exports against by receipts, {geo}, {year}",
        unit="change", period="{year}", geography="{place}",
        method="seed exports by province of origin 2016 to 2020 / farm cash receipts by province - 1",
        tables="canola_seed_exports_annual; farm_cash_receipts_annual",
    )  # fmt: skip


def weight_at_stake(felt: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Receipts at stake as a share of all crop receipts of the province."""
    return result_rows(
        felt.assign(year=year), result_id="canola.share_of_crop_receipts_at_stake.{place}.{year}",
        value="share_at_stake", low="low", high="high", unit="share", period="{year}", geography="{place}",
        label="Canola receipts at stake in China in crop receipts, {geo}, {year}", tables=STAKE,
        method="receipts at stake / crop receipts; range as for receipts at stake",
    )  # fmt: skip


def per_unit(each: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Receipts at stake per canola farm and per seeded hectare."""
    keyed = each.assign(year=year)
    parts = [
        result_rows(
            keyed, result_id=f"canola.receipts_at_stake_per_{key}_cad.{{place}}.{{year}}",
            value=f"at_stake_per_{short}_cad", low=f"low_per_{short}_cad", high=f"high_per_{short}_cad",
            unit=f"CAD per {key}", period="{year}",
            label=f"Canola receipts at stake in China per {unit_name}, {{geo}}, {{year}}", geography="{place}",
            method=f"receipts at stake / {divisor}; range as for receipts at stake", tables=f"{STAKE}; {table}",
        )
        for key, short, unit_name, divisor, table in (
            ("farm", "farm", "canola farm", "farms with canola, 2021 Census", "census_crop_farms"),
            ("hectare", "ha", "seeded hectare", "area seeded in the year", "field_crops_annual"),
        )
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def farms(census: pd.DataFrame) -> pd.DataFrame:
    """Farms that reported canola at the census; every digit is kept."""
    rows = result_rows(
        census, result_id="canola.farms.{place}.{census_year}", label="Farms with canola, {geo}, {census_year}",
        value="farms", unit="count", period="{census_year}", geography="{place}", method="Census of Agriculture",
        tables="census_crop_farms",
    )  # fmt: skip
    return rows.assign(digits=whole_digits(rows["value"]))


def tariffs(index: pd.DataFrame) -> pd.DataFrame:
    """Tariff on the canola sold to China on chosen days: charged at the border, and as finally owed (``.ex_post``)."""
    owed = index[["date", "owed", "owed_low", "owed_high"]]
    owed = owed.rename(columns={"owed": "rate", "owed_low": "low", "owed_high": "high"})
    return pd.concat([_tariff(index), _tariff(owed, variant=".ex_post")], ignore_index=True)


def _tariff(index: pd.DataFrame, *, variant: str = "") -> pd.DataFrame:
    basis = "as finally owed" if variant else "charged at the border"
    return result_rows(
        index, result_id="canola.tariff_exposure.{date}" + variant, value="rate", low="low", high="high", unit="rate",
        label=f"China's tariff on Canadian canola, {basis}, {{date}}", period="{date}",
        method=f"rates in force weighted by 2024 export values of seed, oil and meal; {OIL_METHOD}",
        tables="canola_export_snapshots",
    )  # fmt: skip


def china_share_of_value(china: pd.DataFrame, world: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """China's share of the value of Canada's seed, oil and meal exports, with the range over conflicting figures."""
    both = china.merge(world, on="product", suffixes=("", "_world"))
    shares = both.assign(
        year=year,
        share=both["low_cad"] / both["low_cad_world"],
        low=both["low_cad"] / both["high_cad_world"],
        high=both["high_cad"] / both["low_cad_world"],
    )
    return sourced_rows(result_rows(
        shares, result_id="canola.china_share_of_value.{product}.{year}", value="share", low="low", high="high",
        label="China's share of the value of canola {product} exports, {year}", unit="share", period="{year}",
        method=f"cited customs values; {OIL_METHOD}", tables="canola_export_snapshots",
    ))  # fmt: skip


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
    table = "farm_cash_receipts_annual"
    change = result_rows(
        changes[changes["year"].isin([2018, 2019])], result_id="canola.receipts_change_cad.canada.{year}", unit="CAD",
        label="Change in canola receipts on the year before, Canada, {year}", value="change_cad", period="{year}",
        method="farm cash receipts", tables=table,
    )  # fmt: skip
    change = sourced_rows(change)
    slope = {
        "result_id": "canola.exposure_slope.2019", "value": slopes.loc[slopes["year"] == 2019, "slope"].item(),
        "label": "Slope of growth in crop receipts on canola's share, provinces, 2019", "unit": "ratio",
        "method": "across provinces, weighted by crop receipts of the year before",
    }  # fmt: skip
    ranks = [_rank_2019(slopes, tuple(left_out)), _rank_2019(slopes, (2020,), variant="_all")]
    parts = [pd.DataFrame([slope]), *ranks]
    return pd.concat([change, *(part.assign(period="2019", tables=table) for part in parts)], ignore_index=True)


def _rank_2019(slopes: pd.DataFrame, leave_out: tuple[int, ...], *, variant: str = "") -> pd.DataFrame:
    """Placebo p-value of the slope of 2019 and its floor, without the years in `leave_out`."""
    placebos = int((~slopes["year"].isin([2019, *leave_out])).sum())
    without = f"without {', '.join(map(str, leave_out))}"
    numbers = {
        "p_value": (rank_p_value(slopes, year=2019, leave_out=leave_out),
                    "Placebo p-value of the slope of 2019 (one-sided)"),
        "p_floor": (1 / (placebos + 1), "Smallest p-value that these years allow"),
    }  # fmt: skip
    stem = f"canola.exposure_slope.2019.{{name}}{variant}"
    method = f"rank among {placebos} other years, {without}"
    return placebo_rows(numbers, result_id=stem, label=f"{{words}}, {without}", method=method)
