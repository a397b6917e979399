"""Publishable numbers of US claims and duties on what Canada sells there."""

from __future__ import annotations

import pandas as pd

from tradeexposure.policy.cusma_claims import LINES, MONTHLY
from tradeexposure.reporting.result_rows import latest, result_rows

CRUDE_2025 = ("2025_mar_dec", "2025-03", "2025-12", "March to December 2025")
FLOWS = f"{LINES}; {MONTHLY}; exchange_rate_monthly"


def headings(table: pd.DataFrame, *, december: pd.DataFrame) -> pd.DataFrame:
    """US imports from Canada by heading: value, share claimed in 2024, and with the claims of December 2025.

    `december` (`heading`, `share`) holds claims of December 2025 weighted by that month, where lines are held.
    """
    both = table.merge(december, on="heading", how="left")
    claims = both[["cusma_2025_12", "share"]].astype(float).where(both["share"].notna())
    both = both.assign(low=claims.min(axis=1), high=claims.max(axis=1))
    value = result_rows(
        both, result_id="ev.us_imports_cad.{heading}.2024", value="value_cad", unit="CAD", period="2024", tables=FLOWS,
        label="US imports from Canada, {name}, 2024", method="US dollars at the mean exchange rate of 2024",
    )  # fmt: skip
    first = result_rows(
        both, result_id="ev.cusma_share.{heading}.2024", value="cusma_2024", unit="share", period="2024", tables=LINES,
        label="Claimed under CUSMA, {name}, 2024", method="weighted by value",
    )  # fmt: skip
    later = result_rows(
        both, result_id="ev.cusma_share.{heading}.2025-12", value="cusma_2025_12", low="low", high="high", unit="share",
        label="Claimed under CUSMA, {name}, December 2025", period="2025-12", tables=f"{LINES}; {MONTHLY}",
        method="claims of December 2025 weighted by values of 2024; range to those weighted by December, where held",
    )  # fmt: skip
    return pd.concat([value, first, later], ignore_index=True)


def us_tariffs(exposure: pd.DataFrame) -> pd.DataFrame:
    """US tariff exposure of the flows of 2024 on each date: rate and C$ a year."""
    area = exposure["good"].map(lambda good: "ev" if good in ("vehicles", "parts") else "canola")
    named = exposure.assign(area=area, lower=exposure["title"].str[0].str.lower() + exposure["title"].str[1:])
    method = "claimed and unclaimed shares of 2024 x rates of the date; range over claim shares, US content, lists"
    shared = {"period": "{date}", "tables": FLOWS, "method": method}
    rate = result_rows(
        named, result_id="{area}.us_tariff_exposure.{good}.{date}", value="rate", low="low", high="high", unit="rate",
        label="US tariff on Canadian {lower}, {date}", **shared,
    )  # fmt: skip
    duty = result_rows(
        named, result_id="{area}.us_tariff_exposure_cad.{good}.{date}", value="duty_cad", low="duty_low_cad",
        high="duty_high_cad", unit="CAD per year", label="US duty on a year of Canadian {lower} as in 2024, {date}",
        **shared,
    )  # fmt: skip
    return pd.concat([rate, duty], ignore_index=True)


def crude_claims(months: pd.DataFrame) -> pd.DataFrame:
    """Claimed share of crude canola oil since a claim saves an extra duty, with its lowest and highest month.

    From March to December 2025, and in the newest year as far as it is held.
    """
    newest = latest(months["month"])
    held_to = f"{newest.year}-{newest.month:02d}"
    words = f"{newest.span} {newest.year}".strip()
    rows = []
    for part, start, end, when in (
        CRUDE_2025, (f"{newest.year}{newest.suffix}", f"{newest.year}-01", held_to, words),
    ):  # fmt: skip
        held = months[(months["month"] >= start) & (months["month"] <= end)]
        mean = (held["value_usd"] * held["share"]).sum() / held["value_usd"].sum()
        rows.append((part, f"{start} to {end}", when, mean, held["share"].min(), held["share"].max()))
    return result_rows(
        pd.DataFrame(rows, columns=["part", "span", "when", "value", "low", "high"]), value="value", low="low",
        high="high", unit="share", period="{span}", tables=MONTHLY, result_id="canola.crude_oil_claim_share.{part}",
        label="Crude canola oil claimed under CUSMA, {when} (unexplained)",
        method="weighted by value; range: lowest and highest month",
    )  # fmt: skip
