"""Customs and cited figures on canola, beside the volumes recorded at licensed facilities, and by province."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure import data
from tradeexposure.canola.exposure.grain_exports import CROP_YEAR_STARTS
from tradeexposure.core import units
from tradeexposure.core.errors import BadInput
from tradeexposure.data.geography import CHINA, CODES, PRAIRIES
from tradeexposure.policy.tariff_index import PRODUCTS

WORLD = "World"
QUARTER = 3  # months
BY_PROVINCE = "canola_exports_by_province_2025"
HEADINGS = {"1205": "seed", "1514": "oil", "2306": "meal"}
CHINA_CODE = "CN"
SMALL_CAD = 1e6  # a smaller flow is too coarsely rounded by province to compare its split
ONE_KEY = 1e-5  # splits that differ by less are one split, rounded to the dollar


def product_values(figures: pd.DataFrame, *, market: str, year: int) -> pd.DataFrame:
    """Cited export values of seed, oil and meal; where sources disagree, every one of them.

    Parameters
    ----------
    figures : DataFrame
        ``canola_export_snapshots``: `year`, `market`, `product`, `volume_t`, `value_cad`, `source_title`.

    Returns
    -------
    DataFrame
        Key `product`; `low_cad`, `high_cad` (equal where one figure is held), `sources` (how many figures).
    """
    rows = figures[(figures["market"] == market) & (figures["year"] == year) & figures["product"].isin(PRODUCTS)]
    values = rows.dropna(subset="value_cad").groupby("product")["value_cad"].agg(["min", "max", "count"])
    missing = [product for product in PRODUCTS if product not in values.index]
    if missing:
        raise BadInput("canola_export_snapshots", f"{market} {year}", found=f"no {missing[0]}", allowed="all products")
    named = values.reindex(list(PRODUCTS)).rename(columns={"min": "low_cad", "max": "high_cad", "count": "sources"})
    return named.rename_axis("product").reset_index()


def baskets(values: pd.DataFrame) -> dict[str, pd.Series]:
    """Weights of seed, oil and meal at the lowest and at the highest figure of each, named by the figure for oil."""
    by_product = values.set_index("product")
    columns = [by_product["low_cad"], by_product["high_cad"]]
    return {f"oil at {units.write(float(column['oil']), 'CAD', 3)}": column / column.sum() for column in columns}


def product_mix(values: pd.DataFrame) -> pd.DataFrame:
    """Shares of seed, oil and meal in a market's canola, with the range over conflicting figures.

    Returns
    -------
    DataFrame
        `values` (of :func:`product_values`) with `share` (at the low figures), `low`, `high`.
    """
    shares = pd.DataFrame(baskets(values))
    table = pd.DataFrame({"share": shares.iloc[:, 0], "low": shares.min(axis=1), "high": shares.max(axis=1)})
    return values.merge(table.rename_axis("product").reset_index(), on="product")


def beside_published(benchmarks: pd.DataFrame, ours: Mapping[tuple[str, str], float]) -> pd.DataFrame:
    """Published figures beside the same quantity computed here.

    Parameters
    ----------
    benchmarks : DataFrame
        ``benchmarks_canola``: `study`, `effect`, `value`, `unit`, `period`; percentages become shares.
    ours : mapping
        (beginning of the study's name, its effect) -> our number.

    Returns
    -------
    DataFrame
        `study`, `effect`, `period`, `published`, `ours`.

    Raises
    ------
    BadInput
        Not exactly one published number for a key.
    """
    rows = []
    for (study, effect), number in ours.items():
        row = data.of_study(benchmarks.dropna(subset="value"), study, effect)
        if not row["unit"].startswith("percent"):
            raise BadInput("benchmarks_canola", f"{study}, {effect}", found=row["unit"], allowed="a percentage")
        rows.append((row["study"], effect, row["period"], row["value"] / 100, number))
    return pd.DataFrame(rows, columns=["study", "effect", "period", "published", "ours"])


def period_bounds(period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last month of a cited period: ``2024``, ``2024-03``, ``2017-18`` (crop year), ``2024-08..2025-06``.

    Raises
    ------
    BadInput
        Any other text.
    """
    text = period.strip()
    first, _, last = text.partition("..")
    try:
        if last:
            return pd.Timestamp(f"{first}-01"), pd.Timestamp(f"{last}-01")
        if len(text) == len("2024"):
            return pd.Timestamp(int(text), 1, 1), pd.Timestamp(int(text), 12, 1)
        year, _, end = text.partition("-")
        if int(end) == (int(year) + 1) % 100:
            return pd.Timestamp(int(year), CROP_YEAR_STARTS, 1), pd.Timestamp(int(year) + 1, CROP_YEAR_STARTS - 1, 1)
        return pd.Timestamp(int(year), int(end), 1), pd.Timestamp(int(year), int(end), 1)
    except ValueError:
        allowed = "2024, 2024-03, a crop year as 2017-18, or months as 2024-08..2025-06"
        raise BadInput("period", found=repr(period), allowed=allowed) from None


def customs_volumes(snapshots: pd.DataFrame, compiled: pd.DataFrame, seed_exports: pd.DataFrame) -> pd.DataFrame:
    """Every volume of seed held from another source than the licensed facilities.

    Parameters
    ----------
    snapshots, compiled : DataFrame
        ``canola_export_snapshots`` and ``canola_exports_compiled`` (cited figures).
    seed_exports : DataFrame
        ``canola_seed_exports_annual`` (customs, world total: the sum over tariff lines and provinces).

    Returns
    -------
    DataFrame
        Key `period`, `destination`, `basis`, `volume_kt`; `source_title`. One figure per key, first source kept.
    """
    cited = snapshots.assign(period=snapshots["year"].astype(str), destination=snapshots["market"])
    cited = cited.assign(basis="canadian_exports")
    annual = seed_exports.groupby("year", as_index=False)["volume_kg"].sum()
    official = pd.DataFrame(
        {
            "period": annual["year"].astype(str),
            "destination": WORLD,
            "basis": "canadian_exports",
            "volume_t": annual["volume_kg"] / 1e3,
            "source_title": "Statistics Canada, Canadian International Merchandise Trade",
            "product": "seed",
        }
    )
    columns = ["period", "destination", "basis", "volume_t", "source_title", "product"]
    rows = pd.concat([official[columns], compiled[columns], cited[columns]], ignore_index=True)
    seed = rows[(rows["product"] == "seed") & rows["volume_t"].notna()]
    named = seed.assign(volume_kt=seed["volume_t"] / 1e3).drop(columns=["product", "volume_t"])
    return named.drop_duplicates(["period", "destination", "basis", "volume_kt"]).reset_index(drop=True)


def beside_licensed(monthly: pd.DataFrame, customs: pd.DataFrame) -> pd.DataFrame:
    """Each customs volume beside the licensed facilities' volume for the same months and destination.

    Parameters
    ----------
    monthly : DataFrame
        :func:`tradeexposure.canola.exposure.grain_exports.monthly_exports`.
    customs : DataFrame
        :func:`customs_volumes`.

    Returns
    -------
    DataFrame
        `customs` with `licensed_kt`, `gap_kt` = licensed - customs, `gap` = gap_kt / customs and `months` (length of
        the period), in order of time; periods that the licensed facilities' table does not fully cover are left out.
    """
    bounds = pd.DataFrame(customs["period"].map(period_bounds).tolist(), columns=["first", "last"], index=customs.index)
    volumes = customs.join(bounds)
    known = (volumes["first"] >= monthly["month"].min()) & (volumes["last"] <= monthly["month"].max())
    volumes = volumes[known].sort_values(["first", "last", "destination", "basis"]).reset_index(drop=True)
    licensed = []
    for row in volumes.itertuples():
        shipped = monthly[monthly["month"].between(row.first, row.last)]
        if row.destination != WORLD:
            shipped = shipped[shipped["destination"] == row.destination]
            if shipped.empty:
                raise BadInput("destination", found=row.destination, allowed="a destination of the table")
        licensed.append(float(shipped["volume_kt"].sum()))
    both = volumes.assign(licensed_kt=licensed, gap_kt=lambda frame: frame["licensed_kt"] - frame["volume_kt"])
    months = 1 + (
        volumes["last"].dt.to_period("M").astype("int64") - volumes["first"].dt.to_period("M").astype("int64")
    )
    return both.assign(gap=both["gap_kt"] / both["volume_kt"], months=months).drop(columns=["first", "last"])


def longer_periods(beside: pd.DataFrame) -> pd.DataFrame:
    """Rows against Canadian customs over at least a quarter, with a `name` for a chart."""
    kept = beside[(beside["months"] >= QUARTER) & (beside["basis"] == "canadian_exports")]
    period = kept["period"].str.replace("..", " to ", regex=False)
    return kept.assign(name=kept["destination"] + ", " + period).reset_index(drop=True)


def annual_pairs(customs: pd.DataFrame) -> pd.DataFrame:
    """Calendar years with a customs volume both to China and to the world: `year`, `market_kt`, `exports_kt`."""
    yearly = customs[customs["period"].str.fullmatch(r"\d{4}") & (customs["basis"] == "canadian_exports")]
    wide = yearly[yearly["destination"].isin([CHINA, WORLD])].pivot_table(
        index="period", columns="destination", values="volume_kt", aggfunc="mean"
    )
    both = wide.dropna().rename(columns={CHINA: "market_kt", WORLD: "exports_kt"})
    named = both.rename_axis("year").rename_axis(columns=None).reset_index()
    return named.assign(year=named["year"].astype(int))


def with_ranges(yearly: pd.DataFrame, customs: pd.DataFrame) -> pd.DataFrame:
    """:func:`grain_exports.concentration` with the other sources' figures as a range where they exist.

    Returns
    -------
    DataFrame
        `yearly` with `low_kt`, `high_kt` (volume to China) and `low_share`, `high_share` (of exports), each
        spanning licensed facilities and every other source; missing where there is only one source.
    """
    to_market = customs[customs["destination"] == CHINA].groupby("period")["volume_kt"].agg(["min", "max"])
    pairs = annual_pairs(customs).assign(share=lambda frame: frame["market_kt"] / frame["exports_kt"])
    share = yearly["year"].map(pairs.set_index(pairs["year"].astype(str))["share"])
    low, high = yearly["year"].map(to_market["min"]), yearly["year"].map(to_market["max"])
    licensed, own = yearly["market_kt"], yearly["share_of_exports"]
    return yearly.assign(
        low_kt=licensed.where(licensed < low, low),
        high_kt=licensed.where(licensed > high, high),
        low_share=own.where(own < share, share),
        high_share=own.where(own > share, share),
    )


def splits(table: pd.DataFrame) -> pd.DataFrame:
    """Whether the split between provinces is the same for every destination of a product.

    Parameters
    ----------
    table : DataFrame
        ``canola_exports_by_province_2025``: `province`, `hs4`, `destination`, `value_cad`. No row: none recorded.

    Returns
    -------
    DataFrame
        Key `product`; `destinations` (above :data:`SMALL_CAD`), `most_apart` = largest difference of a province's
        share between two destinations, `allocated` = whether it is nothing but rounding.
    """
    rows = []
    for product, wide in _by_product(table).items():
        large = wide[wide.sum(axis=1) > SMALL_CAD]
        shares = large.div(large.sum(axis=1), axis=0)
        apart = float((shares.max() - shares.min()).max())
        rows.append((product, len(large), apart, apart < ONE_KEY))
    return pd.DataFrame(rows, columns=["product", "destinations", "most_apart", "allocated"])


def by_province(table: pd.DataFrame) -> pd.DataFrame:
    """Each province's sales of each product to China and to the world.

    Returns
    -------
    DataFrame
        Key `product`, `province`; `place` (code), `china_cad`, `world_cad`, `origin_share` (of what the provinces held
        sold to China), `china_share` (its share of what the province exports), `allocated`.
    """
    keys = splits(table).set_index("product")["allocated"]
    parts = []
    for product, wide in _by_product(table).items():
        if CHINA_CODE not in wide.index:
            raise BadInput(
                BY_PROVINCE, "destination", found=f"{product} to {CHINA_CODE}", allowed=", ".join(sorted(wide.index))
            )
        sold, world = wide.loc[CHINA_CODE], wide.sum()
        part = pd.DataFrame({"china_cad": sold, "world_cad": world, "origin_share": sold / sold.sum(),
                             "china_share": sold / world})  # fmt: skip
        parts.append(part.rename_axis("province").reset_index().assign(product=product, allocated=keys[product]))
    sales = pd.concat(parts, ignore_index=True)
    return sales.assign(place=sales["province"].map(CODES))


def _by_product(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Product → destinations × provinces (who exports most first), C$; a pair without a row is none recorded."""
    absent = sorted(set(HEADINGS) - set(table["hs4"]) | set(PRAIRIES) - set(table["province"]))
    if absent:
        raise BadInput(BY_PROVINCE, "hs4, province", found=f"no {absent[0]}", allowed="every heading and province")
    sums = table.groupby("province")["value_cad"].sum()[list(PRAIRIES)].sort_values(ascending=False)
    matrices = {}
    for heading, product in HEADINGS.items():
        rows = table[table["hs4"] == heading]
        wide = rows.pivot(index="destination", columns="province", values="value_cad").fillna(0.0)
        matrices[product] = wide.reindex(columns=sums.index, fill_value=0.0)
    return matrices
