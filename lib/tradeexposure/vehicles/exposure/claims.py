"""What the EV exposure notebook says in words, held against its numbers, and published figures beside ours."""

from __future__ import annotations

import re

import pandas as pd

from tradeexposure.core.cited_figures import figure, row
from tradeexposure.core.errors import BadInput
from tradeexposure.policy.cusma_claims import DATES, PARTS_MFN, US_CONTENT, Good, claim_shares, from_rate_table
from tradeexposure.reporting.claims import false_among
from tradeexposure.vehicles.exposure.projects import STOPPED
from tradeexposure.vehicles.exposure.stakeholder_matrix import flows
from tradeexposure.vehicles.registrations import zev_share

BENCHMARKS = "benchmarks_vehicles"
SHARE_ROUNDING = 1e-4  # published in percent with two decimals
MONTHS_IN_YEAR = 12
EXACT = 1e-12  # two sums of the same products
REVISION = 0.002  # the last quarter held by province was revised by about a thousandth


def false_claims(
    rows: pd.DataFrame,
    exports: pd.DataFrame,
    annual: pd.DataFrame,
    cells: pd.DataFrame,
    battery: pd.DataFrame,
    listed: pd.DataFrame,
    quarters: pd.DataFrame,
) -> list[str]:
    """The claims in words and titles that the numbers do not bear out; empty if all hold.

    `rows` are the published numbers (``Book.frame``), `annual` is ``zev_share_annual``; the others come from
    :func:`supply.auto_exports`, :mod:`stakeholder_matrix`, :func:`figures.by_place`, :mod:`projects` and
    :func:`figures.zev_quarters`.
    """
    numbers = rows.set_index("result_id")[["value", "low", "high"]].astype(float)
    full = exports[exports["months"] == MONTHS_IN_YEAR]
    claims = {
        **_on_registrations(annual, battery, quarters),
        **_on_the_sector(numbers),
        **_on_duties(numbers),
        **_on_money(numbers, cells, listed),
        "more than nine tenths of auto exports go to the United States, every full year": (
            full["us_share"] > 0.9
        ).all(),
    }
    return false_among(claims)


def _on_registrations(annual: pd.DataFrame, battery: pd.DataFrame, shares: pd.DataFrame) -> dict[str, bool]:
    wide = annual.pivot(index="geo", columns="year", values="zev_share")[[2024, 2025]].dropna()
    quarters = battery.pivot(index="quarter", columns="place", values="registrations")
    total = quarters.sum(axis=1)
    both = shares.pivot(index="quarter", columns="geo", values="zev_share")[["Canada", "Quebec"]]
    peak = pd.Timestamp(str(total.idxmax()))
    return {
        "the zero-emission share fell in every place published in 2025": bool((wide[2025] < wide[2024]).all()),
        "battery-electric registrations peaked at the end of 2024": f"{peak:%Y-%m}" == "2024-10",
        "they more than halved within two quarters": total[peak + pd.DateOffset(months=6)] < total[peak] / 2,
        "the zero-emission share of Canada and Quebec peaked at the end of 2024 and more than halved in a quarter":
            bool((both.idxmax() == peak).all() and (both.loc[peak + pd.DateOffset(months=3)] < both.max() / 2).all()),
        "Quebec made most of the peak": (quarters["Quebec"] > total / 2)[peak],
    }  # fmt: skip


def _on_the_sector(numbers: pd.DataFrame) -> dict[str, bool]:
    value, low, high = numbers["value"], numbers["low"], numbers["high"]
    china, sold = "ev.china_built_share.2023", "ev.us_sales_share.battery_electric_{}.2024"
    return {
        "sources put the China-built part of supply between a sixth and a third":
            abs(low[china] - 1 / 6) < 0.005 and abs(high[china] - 1 / 3) < 0.02,
        "Toyota and Honda build seven of ten": abs(value["ev.japanese_makers_share.2024"] - 0.7) < 0.02,
        "a fiftieth of sales to the United States is battery-electric, most of it trucks":
            abs(value["ev.us_sales_share.battery_electric.2024"] - 0.02) < 0.004
            and value[sold.format("trucks")] > value[sold.format("cars")],
    }  # fmt: skip


def _on_duties(numbers: pd.DataFrame) -> dict[str, bool]:
    value, claimed = numbers["value"], ["ev.cusma_share.8703.2025-12", "ev.cusma_share.151419.2025-12"]
    cars = [value[f"ev.us_tariff_exposure.vehicles.{day}"] for day in DATES]
    crude = [value[f"canola.us_tariff_exposure.crude_oil.{day}"] for day in DATES]
    return {
        "cars pay the same on all four dates": len(set(cars)) == 1,
        "crude oil's tariff rose in August 2025, fell in February 2026 and stayed":
            crude[1] > crude[0] > crude[2] == crude[3],
        "crude oil alone was mostly not claimed from March to December 2025":
            value["canola.crude_oil_claim_share.2025_mar_dec"] < 0.5 and value[claimed].min() > 0.95,
        "meal pays next to nothing":
            max(numbers["high"][f"canola.us_tariff_exposure.meal.{day}"] for day in DATES) < 0.002,
        "refined oil pays little": max(value[f"canola.us_tariff_exposure.refined_oil.{day}"] for day in DATES) < 0.02,
    }  # fmt: skip


def _on_money(numbers: pd.DataFrame, cells: pd.DataFrame, listed: pd.DataFrame) -> dict[str, bool]:
    order = flows(cells)["measure"]
    largest = listed.nlargest(4, "capital_cad")["state"]
    return {
        "the largest flow is vehicles sold to the United States, then those bought there":
            order.iloc[:2].tolist() == ["us_vehicles", "canada_surtax_us"],
        "China-built cars are the smallest flow but batteries":
            order.iloc[-2:].tolist() == ["china_surtax", "us_batteries"],
        "about half of the announced capital has stopped":
            0.4 < numbers["value"]["ev.matrix_share.projects.several"] < 0.55,
        "five stopped projects state no amount":
            listed.loc[listed["state"].isin(STOPPED), "capital_cad"].isna().sum() == 5,
        "the largest project is paused, another of the four largest cancelled":
            largest.iloc[0] == "paused" and (largest == "cancelled").sum() == 1,
    }  # fmt: skip


def _stated(benchmarks: pd.DataFrame, quantity: str, pattern: str) -> float:
    """A figure inside the text of a published statement; BadInput if the text no longer has it."""
    text = str(row(benchmarks, BENCHMARKS, quantity=quantity)["stated"])
    match = re.search(pattern, text)
    if match is None:
        raise BadInput(BENCHMARKS, quantity, found=text, allowed=f"a text with {pattern}")
    return float(match[1]) / 100


def beside_published(
    benchmarks: pd.DataFrame, production: pd.DataFrame, trade_shares: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """Published shares beside ours: `what`, `published`, `ours`.

    Parameters
    ----------
    rows : DataFrame
        Published numbers (``Book.frame``).
    """
    ours = rows.set_index("result_id")["value"]
    quota = "49,000 as share of EV market"
    pair = "Toyota+Honda share of Canadian output"
    beside = [
        ("Toyota and Honda in vehicles assembled, 2024 (DesRosiers)",
         figure(production, "vehicle_production", period="2024", maker_or_plant=pair),
         ours["ev.japanese_makers_share.2024"]),
        ("United States in vehicle exports, 2023 (CVMA); here autos and parts",
         figure(trade_shares, "vehicle_trade_shares", period="2023", measure="share of vehicle exports"),
         ours["ev.auto_exports_us_share.2023"]),
        ("Quota in plug-in sales, 2025 (The Logic, Ottawa)", _stated(benchmarks, quota, r"(\d+) of EV sales"),
         ours["ev.quota_share.plug_in.2025"]),
        ("Quota in plug-in and hybrid sales, 2025 (CCPA, Unifor)", _stated(benchmarks, quota, r"(\d+) of EV\+hybrid"),
         ours["ev.quota_share.with_hybrids.2025"]),
        ("Quota in all sales, 2025, less than", _stated(benchmarks, quota, r"<(\d+) of all"),
         ours["ev.quota_share.all.2025"]),
    ]  # fmt: skip
    return pd.DataFrame(beside, columns=["what", "published", "ours"])


def zev_gap(annual: pd.DataFrame, counted: pd.DataFrame, *, since: int = 2017) -> float:
    """Largest difference of the published zero-emission share of Canada from that of the quarters, full years."""
    full = zev_share(counted[counted["quarters"] == 4]).set_index("year")["zev_share"]
    published = annual[annual["geo"] == "Canada"].set_index("year")["zev_share"].loc[since:]
    return float((full - published).abs().max())


def rate_gap(exposure: pd.DataFrame, table: pd.DataFrame, goods: tuple[Good, ...], lines: pd.DataFrame) -> float:
    """Largest difference of the headline exposures from the same computed out of the table of rates by date."""
    names = {
        "vehicles": "passenger vehicles", "parts": "vehicle parts on the 232 list", "crude_oil": "canola oil",
        "refined_oil": "canola oil", "meal": "canola meal",
    }  # fmt: skip
    gaps = []
    found = exposure.set_index(["good", "date"])["rate"]
    for good in goods:
        claimed = float(claim_shares(lines, good.lines)["cusma_2024"])
        base = good.readings[0].base or 0.0
        for day in DATES:
            other = from_rate_table(
                table, names[good.name], on=day, claimed=claimed, base=base, us_content=US_CONTENT[0]
            )
            gaps.append(abs(other - found[good.name, day]))
    return max(gaps)


def oil_duty_gap(lines: pd.DataFrame, *, rate: float) -> float:
    """Larger relative difference of the duty collected on canola oil in 2024 from `rate` on what was not claimed."""
    gaps = []
    for code in ("151411", "151419"):
        found = claim_shares(lines, code)
        gaps.append(abs(found["duty_usd"] / (found["value_usd"] * (1 - found["cusma_2024"]) * rate) - 1))
    return float(max(gaps))


def unequal_registrations(annual: pd.DataFrame, counted: pd.DataFrame, beside: pd.DataFrame) -> list[str]:
    """Second routes of the registrations that do not lead to the same number; empty if all do."""
    routes = {
        "published zero-emission shares equal those of the quarters": zev_gap(annual, counted) < SHARE_ROUNDING,
        "national counts differ from the provincial table's by a revision only":
            (beside["revision"].abs() <= (REVISION * beside["canada"]).clip(lower=1)).all(),
        "Alberta and Newfoundland are never less than nothing": (beside["not_published"] >= 0).all(),
    }  # fmt: skip
    return false_among(routes)


def unequal_duties(
    exposure: pd.DataFrame, table: pd.DataFrame, goods: tuple[Good, ...], lines: pd.DataFrame, *, rate: float
) -> list[str]:
    """Second routes of the duties that do not lead to the same number; `rate` is the ordinary duty on oil."""
    base = next(good.readings[0].base or 0.0 for good in goods if good.name == "parts")
    routes = {
        "rates of the dated measures equal the table of rates": rate_gap(exposure, table, goods, lines) < EXACT,
        "duties on oil follow from the ordinary rate on what was not claimed": oil_duty_gap(lines, rate=rate) < 1e-3,
        "parts paid an ordinary duty that the schedule allows": PARTS_MFN[0] <= base <= PARTS_MFN[1],
    }
    return false_among(routes)
