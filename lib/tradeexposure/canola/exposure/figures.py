"""Charts of the canola exposure notebook."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from tradeexposure.canola.exposure import customs_values, grain_exports, receipts
from tradeexposure.core.units import MILLION, MONTHS_IN_YEAR
from tradeexposure.data import geography
from tradeexposure.data.geography import CHINA
from tradeexposure.policy import tariff_index
from tradeexposure.policy.measures import Facts
from tradeexposure.reporting import chart_style, charts

DRAWN_MARKETS = (CHINA, "European Union")  # bands of the chart; the rest is one
FEWEST_FARMS = 100  # with fewer farms a mean per farm says little

EVENTS = {"china_meal_additional": "Oil, meal +{rate}", "china_seed_deposit": "Seed deposit", "china_seed_antidumping":
          "Eased"}  # fmt: skip

#: Columns as the charts' data tables head them.
HEADINGS = {
    "geo": "Province", "year": "Year", "low_cad": "Lowest, C$", "high_cad": "Highest, C$",
    "low_per_farm_cad": "Lowest, C$ per farm", "high_per_farm_cad": "Highest, C$ per farm", "kind": "Kind of year",
    "name": "Destination and period", "basis": "What is charged",
}  # fmt: skip

#: How each table is shown: heading per column, and the unit its cells are written in.
TABLES: dict[str, dict[str, dict[str, str]]] = {
    "years": {
        "columns": {
            "year": "Year", "months": "Months held", "exports_kt": "To the world (kt)", "market_kt": "To China (kt)",
            "share_of_exports": "China's share", "effective_markets": "Effective markets",
        },
        "written": {"share_of_exports": "share", "effective_markets": "effective number"},
    },
    "mix": {
        "columns": {
            "product": "Product", "low_cad": "Lowest value", "high_cad": "Highest value", "share": "Share",
            "low": "Lowest share", "high": "Highest share",
        },
        "written": {"low_cad": "CAD", "high_cad": "CAD", "share": "share", "low": "share", "high": "share"},
    },
    "harvest": {
        "columns": {
            "year": "Crop year", "production_kt": "Harvest (kt)", "exported": "Exported as seed",
            "to_market": "of it to China", "crushed": "Crushed in Canada", "other": "Stocks and other",
        },
        "written": {"exported": "share", "to_market": "share", "crushed": "share", "other": "share"},
    },
    "definitions": {
        "columns": {
            "year": "Year", "licensed facilities": "Licensed facilities", "customs": "Customs", "harvest": "Harvest",
            "crop years": "Crop years",
        },
        "written": {
            "licensed facilities": "share", "customs": "share", "harvest": "share", "crop years": "share",
        },
    },
    "receipts": {
        "columns": {
            "geo": "Province", "receipts_cad": "Canola receipts", "share_of_crop_receipts": "Share of crop receipts",
            "share_of_receipts": "Share of all receipts",
        },
        "written": {"receipts_cad": "CAD", "share_of_crop_receipts": "share", "share_of_receipts": "share"},
    },
    "split": {
        "columns": {
            "product": "Product", "destinations": "Destinations compared",
            "most_apart": "Largest difference of a share",
            "allocated": "One key for all",
        },
        "written": {"most_apart": "share"},
    },
    "origin": {
        "columns": {
            "product": "Product", "province": "Province", "china_cad": "To China", "world_cad": "To the world",
            "origin_share": "Share of the three in sales to China", "china_share": "China in what it exports",
        },
        "written": {"china_cad": "CAD", "world_cad": "CAD", "origin_share": "share", "china_share": "share"},
    },
    "regions": {
        "columns": {
            "region": "Agricultural region", "canola_ha": "Canola (ha)", "lower_bound": "Lower bound",
            "millions": "Receipts at stake (C$ million)", "withheld": "Withheld (F)", "caution": "With caution (E)",
            "subdivisions": "Subdivisions",
        },
    },
    "tariff": {
        "columns": {
            "date": "Day", "rate": "At the border", "low": "Lowest", "high": "Highest", "owed": "Finally owed",
            "owed_low": "Lowest owed", "owed_high": "Highest owed",
        },
        "written": dict.fromkeys(["rate", "low", "high", "owed", "owed_low", "owed_high"], "rate"),
    },
    "published": {
        "columns": {
            "study": "Published by", "effect": "What", "period": "When", "published": "Published", "ours": "Here",
        },
        "written": {"published": "share", "ours": "share"},
    },
}  # fmt: skip


def destinations(monthly: pd.DataFrame, measures: Facts) -> alt.LayerChart:
    """Seed exports over twelve months by destination, stacked, with the days on which measures began."""
    each = grain_exports.group_destinations(monthly, keep=DRAWN_MARKETS)
    totals = each.groupby("destination", sort=False)["volume_kt"].rolling(MONTHS_IN_YEAR).sum().droplevel(0)
    area = each.assign(volume_kt=totals).dropna().replace({"destination": {"Other": "All other countries"}})
    title = "Thousand tonnes over the twelve months to each month"
    shades = {"All other countries": chart_style.COLOURS["other"]}
    chart = charts.stacked(
        area, x="month", y="volume_kt", group="destination", y_title=title, area=True, colours=shades
    )
    return charts.with_events(chart, tariff_index.measure_dates(measures, until=monthly["month"].max()))


def share_by_year(calendar: pd.DataFrame, crop_years: pd.DataFrame) -> alt.Chart | alt.LayerChart:
    """China's share of seed exports by calendar and by crop year."""
    return charts.lines(
        grain_exports.both_calendars(calendar, crop_years).rename(columns=HEADINGS),
        x="middle",
        y="share_of_exports",
        group=HEADINGS["kind"],
        x_title="Middle of the year",
        y_title="Share of seed exports",
        numbers="share",
        points=True,
    )


def export_values(values: pd.DataFrame, measures: Facts) -> alt.LayerChart:
    """Monthly export values by product, with the days on which China's measures began and ended."""
    tidy = values.assign(value=(values["value_cad"] / MILLION).round(1))
    chart = charts.lines(tidy, x="month", y="value", group="product", y_title="C$ million a month, all destinations")
    dated = tariff_index.measure_dates(measures, EVENTS, until=values["month"].max())
    return charts.with_events(chart, dated)


def source_gaps(beside: pd.DataFrame) -> alt.Chart:
    """Licensed facilities against customs over three months and more."""
    gaps = customs_values.longer_periods(beside).rename(columns=HEADINGS)
    return charts.bars(
        gaps, category=HEADINGS["name"], value="gap", numbers="change", value_title="Licensed against customs"
    )


def at_stake(years: Mapping[int, pd.DataFrame]) -> alt.LayerChart:
    """Receipts at stake by province and year with their ranges; `years` from :func:`receipts.at_stake`."""
    return charts.dots_ranges(
        receipts.side_by_side(years).rename(columns=HEADINGS),
        label=HEADINGS["geo"],
        value="at_stake_cad",
        low=HEADINGS["low_cad"],
        high=HEADINGS["high_cad"],
        group=HEADINGS["year"],
        numbers="money",
        value_title="Receipts at stake; bars: range over definitions and allocations",
    )


def weight_map(felt: pd.DataFrame) -> alt.LayerChart:
    """Receipts at stake in crop receipts on a map; `felt` from :func:`receipts.weight_at_stake`."""
    return charts.province_map(
        felt, province="place", value="share_at_stake", numbers="share", value_title="Share of crop receipts"
    )


def per_farm(each: pd.DataFrame) -> alt.LayerChart:
    """Receipts at stake per canola farm where there are enough farms; `each` from :func:`receipts.per_unit`."""
    return charts.dots_ranges(
        each[each["farms"] >= FEWEST_FARMS].rename(columns=HEADINGS),
        label=HEADINGS["geo"],
        value="at_stake_per_farm_cad",
        low=HEADINGS["low_per_farm_cad"],
        high=HEADINGS["high_per_farm_cad"],
        numbers="money",
        value_title="Receipts at stake per farm that grows canola",
    )


def region_table(placed: receipts.Allocation) -> pd.DataFrame:
    """The regions as a table: `millions` of C$, and whether a withheld row makes the hectares a lower bound."""
    millions = (placed.regions["at_stake_cad"] / MILLION).round().astype(pd.Int64Dtype())
    return placed.regions.assign(millions=millions, lower_bound=placed.regions["withheld"] > 0)


def subdivisions(areas: pd.DataFrame) -> alt.LayerChart:
    """The subdivisions, of :func:`geography.canola_subdivisions`, by the share of their drawn land under canola."""
    names = {"name": "Census subdivision", "province": "Province", "canola_ha": "Canola (ha)"}
    shown = areas.astype({"canola_ha": pd.Int64Dtype()}).rename(columns=names).assign(
        Quality=areas["quality"].map(geography.GRADES),
        share=areas["share"].map(geography.class_of).map(geography.CLASSES),
        caution=areas["quality"].map({geography.CAUTION: "use with caution (E)"}),
    )  # fmt: skip
    return charts.subdivision_map(
        shown, shade="share", shade_title=f"Canola as a share of the drawn land, {geography.CENSUS_YEAR}",
        classes=tuple(geography.CLASSES.values()), number="Canola (ha)",
        texts=("Census subdivision", "Province", "Quality"), caution="caution",
    )  # fmt: skip


def province_shares(origin: pd.DataFrame) -> alt.Chart:
    """China's share of what each province exports of oil and meal; products that are only allocated are left out."""
    shown = origin[~origin["allocated"]].rename(columns={"province": "Province", "product": "Product"})
    return charts.bars(
        shown, category="Province", value="china_share", group="Product", numbers="share",
        value_title="China's share of the product's exports, by value",
    )  # fmt: skip


def tariff(paths: pd.DataFrame, measures: Facts) -> alt.LayerChart:
    """Average tariff in force through time: the last basis of :func:`tariff_index.index_paths`, first basket.

    Another basis is drawn only where it differs, so that no line hides another.
    """
    first = paths[paths["basket"] == paths["basket"].iloc[0]]
    whole = first[first["basis"] == paths["basis"].iloc[-1]]
    others = first.drop(index=whole.index).sort_values("date_from")
    due = pd.merge_asof(others, whole[["date_from", "rate"]], on="date_from", suffixes=("", "_whole"))
    apart = due[due["rate"] != due["rate_whole"]].drop(columns="rate_whole")
    named = pd.concat([whole, apart]).rename(columns=HEADINGS)
    chart = charts.steps(
        named, start="date_from", end="date_to", y="rate", group=HEADINGS["basis"], y_title="Average tariff"
    )
    return charts.with_events(chart, tariff_index.measure_dates(measures))
