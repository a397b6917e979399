"""What the canola exposure notebook says in words, held against its numbers."""

from __future__ import annotations

import pandas as pd

from tradeexposure.canola.exposure import customs_values
from tradeexposure.core.provinces import CHINA
from tradeexposure.core.units import MONTHS_IN_YEAR
from tradeexposure.reporting.claims import Claim, listed

SUM = 1e-3  # provinces and Canada are published apart, to the thousand dollars
AGREE = 0.05  # share by which sources and published figures may differ
ONE_KEY = 1e-4  # largest difference of a line's split by province where the source allocates by one key


def of_exports(calendar: pd.DataFrame, crop_years: pd.DataFrame, monthly: pd.DataFrame) -> list[Claim]:
    """What is said about seed to China; yearly tables from :func:`seed_exports.concentration`."""
    gap = abs(calendar["market_kt"].sum() - crop_years["market_kt"].sum())
    late = monthly.query("destination == 'China' and '2025-09' <= month <= '2025-10'")["volume_kt"].sum()
    share = calendar.set_index("year")["share_of_exports"]
    whole = calendar[calendar["months"] == MONTHS_IN_YEAR].astype({"year": int}).set_index("year")["market_kt"]
    twelve = monthly[monthly["destination"] == CHINA].set_index("month")["volume_kt"].tail(MONTHS_IN_YEAR)
    peaks = sorted(str(year) for year in share.nlargest(2).index)
    return [
        Claim("calendar and crop years hold the same seed", gap < 1e-6, f"{gap:.2g} kt apart", "exports by year"),
        Claim("seed to China stopped under the deposit", late == 0, f"{late:.3g} kt in September and October 2025",
              "Where the seed went"),
        Claim("seed to China fell in 2019, was highest in 2024 and fell again in 2025",
              whole[2019] < whole[2018] and whole.idxmax() == 2024 and twelve.sum() < whole[2024],
              f"highest in {whole.idxmax()}; {twelve.sum():.0f} kt in the last twelve months", "Where the seed went"),
        Claim("China's share of seed exports peaked in 2023 and 2024", peaks == ["2023", "2024"],
              f"largest in {' and '.join(peaks)}", "China's share"),
    ]  # fmt: skip


def of_sources(beside: pd.DataFrame, split: pd.DataFrame, published: pd.DataFrame) -> list[Claim]:
    """What is said about customs, licensed facilities and published figures."""
    gaps = customs_values.longer_periods(beside)["gap"].abs()
    near = (gaps <= AGREE).mean()
    apart, off = split["most_apart"].max(), (published["ours"] - published["published"]).abs().max()
    return [
        Claim("licensed facilities and customs mostly agree within five percent", near > 1 / 2,
              f"{near:.2f} of periods", "How far two sources agree"),
        Claim("the source allocates by one key", apart < ONE_KEY, f"lines {apart:.2g} apart", "Who carries it"),
        Claim("published figures lie within five points of ours", off < AGREE, f"{off:.3f} apart", "Checks"),
    ]  # fmt: skip


def of_receipts(stake: pd.DataFrame, index: pd.DataFrame) -> list[Claim]:
    """What is said about receipts at stake and the tariff; from :func:`receipts.at_stake`, and the tariff's index."""
    money = stake.set_index("place")["at_stake_cad"]
    gap, prairie = abs(money.drop("canada").sum() / money["canada"] - 1), money["sk"] / money["canada"]
    rates = index["rate"].iloc[:2]
    return [
        Claim("provinces add up to Canada", gap < SUM, f"{gap:.2g} apart", "Who carries it"),
        Claim("Saskatchewan carries more than half", prairie > 1 / 2, f"a share of {prairie:.2f}", "receipts at stake"),
        Claim("the first two rates are one", rates.iloc[0] == rates.iloc[1], listed(rates),
              "China's tariff through time"),
    ]  # fmt: skip
