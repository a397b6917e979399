"""What the EV exposure notebook says in words, held against its numbers, and published figures beside ours."""

from __future__ import annotations

import re

import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.data.cited_figures import figure, row
from tradeexposure.policy.cusma_claims import DATES, PARTS_MFN, Good, claim_shares, from_rate_table
from tradeexposure.reporting.claims import Claim
from tradeexposure.reporting.claims import listed as written
from tradeexposure.vehicles.exposure.projects import STOPPED
from tradeexposure.vehicles.exposure.stakeholder_matrix import flows
from tradeexposure.vehicles.registrations import zev_share

BENCHMARKS = "benchmarks_vehicles"
SHARE_ROUNDING = 1e-4  # published in percent with two decimals
EXACT = 1e-12  # two sums of the same products
REVISION = 0.002  # the last quarter held by province was revised by about a thousandth


def stated(
    rows: pd.DataFrame,
    exports: pd.DataFrame,
    annual: pd.DataFrame,
    cells: pd.DataFrame,
    battery: pd.DataFrame,
    listed: pd.DataFrame,
    quarters: pd.DataFrame,
) -> list[Claim]:
    """What the page says in words and titles, each with the numbers found.

    `rows` are the published numbers (``Book.frame``), `annual` is ``zev_share_annual``; the others come from
    :func:`supply.auto_exports`, :mod:`stakeholder_matrix`, :func:`figures.by_place`, :mod:`projects` and
    :func:`figures.zev_quarters`.
    """
    numbers = rows.set_index("result_id")[["value", "low", "high"]].astype(float)
    lowest = float(exports.loc[exports["months"] == MONTHS_IN_YEAR, "us_share"].min())
    return [
        *_on_registrations(annual, battery, quarters),
        *_on_the_sector(numbers),
        *_on_duties(numbers),
        *_on_money(numbers, cells, listed),
        Claim("more than nine tenths of auto exports go to the United States, every full year", lowest > 0.9,
              f"lowest share {lowest:.3f}", "autos and parts"),
    ]  # fmt: skip


def _on_registrations(annual: pd.DataFrame, battery: pd.DataFrame, shares: pd.DataFrame) -> list[Claim]:
    wide = annual.pivot(index="geo", columns="year", values="zev_share")[[2024, 2025]].dropna()
    quarters = battery.pivot(index="quarter", columns="place", values="registrations")
    total = quarters.sum(axis=1)
    both = shares.pivot(index="quarter", columns="geo", values="zev_share")[["Canada", "Quebec"]]
    peak, where = pd.Timestamp(str(total.idxmax())), "registrations"
    later, fallen = total[peak + pd.DateOffset(months=6)] / total[peak], both.T[peak + pd.DateOffset(months=3)]
    quebec = float((quarters["Quebec"] / total)[peak])
    rose = ", ".join(map(str, wide.index[wide[2025] >= wide[2024]]))
    return [
        Claim("the zero-emission share fell in every place published in 2025", not rose, f"no fall in {rose or 'none'}",
              where),
        Claim("battery-electric registrations peaked at the end of 2024", f"{peak:%Y-%m}" == "2024-10",
              f"a peak in the quarter from {peak:%Y-%m}", where),
        Claim("they more than halved within two quarters", bool(later < 1 / 2), f"{later:.2f} of the peak", where),
        Claim("the zero-emission share of Canada and Quebec peaked at the end of 2024 and more than halved after",
              bool((both.idxmax() == peak).all() and (fallen < both.max() / 2).all()),
              f"{written(fallen)} after {written(both.max())}", where),
        Claim("Quebec made most of the peak", quebec > 1 / 2, f"a share of {quebec:.2f}", where),
    ]  # fmt: skip


def _on_the_sector(numbers: pd.DataFrame) -> list[Claim]:
    value = numbers["value"]
    low, high = (float(numbers[end]["ev.china_built_share.2023"]) for end in ("low", "high"))
    japanese, sold = value["ev.japanese_makers_share.2024"], value["ev.us_sales_share.battery_electric.2024"]
    trucks, cars = (value[f"ev.us_sales_share.battery_electric_{kind}.2024"] for kind in ("trucks", "cars"))
    return [
        Claim("sources put the China-built part of supply between a sixth and a third",
              abs(low - 1 / 6) < 0.005 and abs(high - 1 / 3) < 0.02, written([low, high]), "supply"),
        Claim("Toyota and Honda build seven of ten", abs(japanese - 0.7) < 0.02, written([japanese]), "makers"),
        Claim("a fiftieth of sales to the United States is battery-electric, most of it trucks",
              abs(sold - 0.02) < 0.004 and trucks > cars, written([sold, trucks, cars]), "makers"),
    ]  # fmt: skip


def _on_duties(numbers: pd.DataFrame) -> list[Claim]:
    value, where = numbers["value"], "duties"
    claimed = value[["ev.cusma_share.8703.2025-12", "ev.cusma_share.151419.2025-12"]]
    cars = [value[f"ev.us_tariff_exposure.vehicles.{day}"] for day in DATES]
    crude = [value[f"canola.us_tariff_exposure.crude_oil.{day}"] for day in DATES]
    alone = value["canola.crude_oil_claim_share.2025_mar_dec"]
    meal = max(numbers["high"][f"canola.us_tariff_exposure.meal.{day}"] for day in DATES)
    refined = max(value[f"canola.us_tariff_exposure.refined_oil.{day}"] for day in DATES)
    return [
        Claim("cars pay the same on all four dates", len(set(cars)) == 1, written(cars), where),
        Claim("crude oil's tariff rose in August 2025, fell in February 2026 and stayed",
              crude[1] > crude[0] > crude[2] == crude[3], written(crude), where),
        Claim("crude oil alone was mostly not claimed from March to December 2025", alone < 0.5,
              f"{alone:.3g} claimed; others {written(claimed)}", where),
        Claim("cars and refined oil were claimed", claimed.min() > 0.95, written(claimed), where),
        Claim("meal pays next to nothing", meal < 0.002, written([meal]), where),
        Claim("refined oil pays little", refined < 0.02, written([refined]), where),
    ]  # fmt: skip


def _on_money(numbers: pd.DataFrame, cells: pd.DataFrame, listed: pd.DataFrame) -> list[Claim]:
    order = flows(cells)["measure"].tolist()
    largest = listed.nlargest(4, "capital_cad")["state"]
    stopped = numbers["value"]["ev.matrix_share.projects.several"]
    unstated = int(listed.loc[listed["state"].isin(STOPPED), "capital_cad"].isna().sum())
    return [
        Claim("the largest flow is vehicles sold to the United States, then those bought there",
              order[:2] == ["us_vehicles", "canada_surtax_us"], ", ".join(order[:2]), "who pays"),
        Claim("China-built cars are the smallest flow but batteries", order[-2:] == ["china_surtax", "us_batteries"],
              ", ".join(order[-2:]), "who pays"),
        Claim("about half of the announced capital has stopped", 0.4 < stopped < 0.55, written([stopped]), "projects"),
        Claim("five stopped projects state no amount", unstated == 5, str(unstated), "projects"),
        Claim("the largest project is paused, another of the four largest cancelled",
              largest.iloc[0] == "paused" and int((largest == "cancelled").sum()) == 1, ", ".join(largest), "projects"),
    ]  # fmt: skip


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
    headline = exposure.set_index(["good", "date"])["rate"]
    for good in goods:
        claimed = float(claim_shares(lines, good.lines)["cusma_2024"])
        base = good.readings[0].base or 0.0
        for day in DATES:
            tabled = from_rate_table(
                table,
                names[good.name],
                on=day,
                claimed=claimed,
                base=base,
                us_content=good.readings[0].us_content or 0.0,
            )
            gaps.append(abs(tabled - headline[good.name, day]))
    return max(gaps)


def oil_duty_gap(lines: pd.DataFrame, *, rate: float) -> float:
    """Larger relative difference of the duty collected on canola oil in 2024 from `rate` on what was not claimed."""
    gaps = []
    for code in ("151411", "151419"):
        claimed = claim_shares(lines, code)
        gaps.append(abs(claimed["duty_usd"] / (claimed["value_usd"] * (1 - claimed["cusma_2024"]) * rate) - 1))
    return float(max(gaps))


def equal_registrations(annual: pd.DataFrame, counted: pd.DataFrame, beside: pd.DataFrame) -> list[Claim]:
    """Second routes of the registrations, which must lead to the same number."""
    gap, revised = zev_gap(annual, counted), (beside["revision"].abs() / beside["canada"]).max()
    kept = bool((beside["revision"].abs() <= (REVISION * beside["canada"]).clip(lower=1)).all())
    least = beside["not_published"].min()
    return [
        Claim("published zero-emission shares equal those of the quarters", gap < SHARE_ROUNDING, f"a gap of {gap:.2g}",
              "second routes"),
        Claim("national counts differ from the provincial table's by a revision only", kept,
              f"a largest difference of {revised:.2g}", "second routes"),
        Claim("Alberta and Newfoundland are never less than nothing", least >= 0, f"a least of {least:g}",
              "second routes"),
    ]  # fmt: skip


def equal_duties(
    exposure: pd.DataFrame, table: pd.DataFrame, goods: tuple[Good, ...], lines: pd.DataFrame, *, rate: float
) -> list[Claim]:
    """Second routes of the duties, which must lead to the same number; `rate` is the ordinary duty on oil."""
    base = next(good.readings[0].base or 0.0 for good in goods if good.name == "parts")
    rates, oil = rate_gap(exposure, table, goods, lines), oil_duty_gap(lines, rate=rate)
    return [
        Claim("rates of the dated measures equal the table of rates", rates < EXACT, f"a gap of {rates:.2g}",
              "second routes"),
        Claim("duties on oil follow from the ordinary rate on what was not claimed", oil < 1e-3, f"a gap of {oil:.2g}",
              "second routes"),
        Claim("parts paid an ordinary duty that the schedule allows", PARTS_MFN[0] <= base <= PARTS_MFN[1],
              written([base]), "second routes"),
    ]  # fmt: skip
