"""Published figures beside ours, and second routes to registrations and duties."""

from __future__ import annotations

import re

import pandas as pd

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.policy.cusma_claims import Good, claim_shares, from_rate_table
from tradeexposure.vehicles.registrations import zev_share

BENCHMARKS = "benchmarks_vehicles"
FIRST_FULL_YEAR = 2017  # of the quarters


def _stated(benchmarks: pd.DataFrame, quantity: str, pattern: str) -> float:
    """A figure inside the text of a published statement; BadInput if the text no longer has it."""
    text = str(data.row(benchmarks, BENCHMARKS, quantity=quantity)["stated"])
    match = re.search(pattern, text)
    if match is None:
        raise BadInput(BENCHMARKS, quantity, found=text, allowed=f"a text with {pattern}")
    return float(match[1]) / 100


def beside_published(
    benchmarks: pd.DataFrame, production: pd.DataFrame, trade_shares: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """Published shares beside ours: `what`, `published`, `ours`.

    `rows`: published numbers (``Book.frame``).
    """
    ours = rows.set_index("result_id")["value"]
    quota = "49,000 as share of EV market"
    pair = "Toyota+Honda share of Canadian output"
    beside = [
        ("Toyota and Honda in vehicles assembled, 2024 (DesRosiers)",
         data.figure(production, "vehicle_production", period="2024", maker_or_plant=pair),
         ours["ev.japanese_makers_share.2024"]),
        ("United States in vehicle exports, 2023 (CVMA); here autos and parts",
         data.figure(trade_shares, "vehicle_trade_shares", period="2023", measure="share of vehicle exports"),
         ours["ev.auto_exports_us_share.2023"]),
        ("Quota in plug-in sales, 2025 (The Logic, Ottawa)", _stated(benchmarks, quota, r"(\d+) of EV sales"),
         ours["ev.quota_share.plug_in.2025"]),
        ("Quota in plug-in and hybrid sales, 2025 (CCPA, Unifor)", _stated(benchmarks, quota, r"(\d+) of EV\+hybrid"),
         ours["ev.quota_share.with_hybrids.2025"]),
        ("Quota in all sales, 2025, less than", _stated(benchmarks, quota, r"<(\d+) of all"),
         ours["ev.quota_share.all.2025"]),
    ]  # fmt: skip
    return pd.DataFrame(beside, columns=["what", "published", "ours"])


def zev_gap(annual: pd.DataFrame, counted: pd.DataFrame) -> float:
    """Largest difference of the published zero-emission share of Canada from that of the quarters, full years."""
    full = zev_share(counted[counted["quarters"] == 4]).set_index("year")["zev_share"]
    published = annual[annual["geo"] == "Canada"].set_index("year")["zev_share"].loc[FIRST_FULL_YEAR:]
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
        for day in exposure["date"].unique():
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
