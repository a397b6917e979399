"""Seed shipped to China over the months before each, and China's measures on seed beside it."""

from __future__ import annotations

from typing import cast

import altair as alt
import pandas as pd

from tradeexposure.core.provinces import CHINA
from tradeexposure.core.units import THOUSAND
from tradeexposure.policy import scenarios, tariff_schedule
from tradeexposure.reporting import chart_style, charts
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.comparison.inputs import DEAL

TABLE = "grain_exports_monthly"
HIGHEST, LATEST = "comparison.seed_china_kt.highest", "comparison.seed_china_kt.latest"
#: Measures on seed that are shaded → their names on the chart, and whether they close the market.
MEASURES = {
    "china_richardson_licence_suspension": ("Two exporters barred", True),
    "china_seed_deposit": ("Deposit of {rate} on top", True),
    "china_seed_antidumping": ("The deal", False),
}
SEED_TITLE = "Seed to China: {latest} million t in the {latest_months}, {highest} at best"
SEED_ALT = (
    "Canola seed shipped to China as a sum over {months} months, with China's measures shaded. It was highest in the "
    "{highest_months}, at {highest} million tonnes, and {latest} in the {latest_months}."
)
SHADES = {True: chart_style.COLOURS["china"], False: "#0f766e"}
OPACITY = 0.16


def summed(monthly: pd.DataFrame, months: int) -> pd.DataFrame:
    """Seed to China over the last `months` months.

    Parameters
    ----------
    monthly : DataFrame
        As of ``grain_exports.monthly_exports``: every month and destination once.
    months : int
        At least 1, at most the months held.

    Returns
    -------
    DataFrame
        `month` (the last of those summed), `volume_kt`.
    """
    to_china = monthly[monthly["destination"] == CHINA].set_index("month")["volume_kt"]
    return to_china.rolling(months).sum().dropna().reset_index()


def spans() -> pd.DataFrame:
    """China's measures on seed: `label`, `start` and `end` (at most the day of the deal's facts), `closed`."""
    last = scenarios.load(DEAL).facts_on
    rows = []
    for name, (template, closed) in MEASURES.items():
        measure = tariff_schedule.get(name)
        label = template.format(rate=f"{measure.rate or 0.0:.1%}")
        rows.append(
            {"label": label, "start": measure.effective, "end": min(measure.end or last, last), "closed": closed}
        )
    frame = pd.DataFrame(rows)
    return frame.assign(start=pd.to_datetime(frame["start"]), end=pd.to_datetime(frame["end"]))


def published_sums(sums: pd.DataFrame, months: int) -> pd.DataFrame:
    """The highest and the latest sum, to publish."""
    places = {HIGHEST: sums["volume_kt"].idxmax(), LATEST: sums.index[-1]}
    return pd.DataFrame([
        {"result_id": key, "value": sums["volume_kt"][place], "months": f"{months}",
         "period": f"{months} months to {sums['month'][place]:%B %Y}"}
        for key, place in places.items()
    ])  # fmt: skip


def seed(sums: pd.DataFrame, spans: pd.DataFrame) -> charts.ChartLike:
    """Seed to China, million tonnes, with China's measures shaded and named."""
    drawn = sums.assign(volume=sums["volume_kt"] / THOUSAND).rename(columns={"month": "Month"})
    line = charts.lines(drawn, x="Month", y="volume", y_title="Million tonnes", zero=True)
    bands = [
        alt.Chart(own).mark_rect(opacity=OPACITY, color=SHADES[bool(closed)])
        .encode(x=alt.X("start", type="temporal", title=None), x2="end",
                tooltip=[alt.Tooltip("label", title="Measure")])
        for closed, own in spans.groupby("closed")
    ]  # fmt: skip
    named = spans.rename(columns={"start": "date"})
    whole = cast(alt.LayerChart, alt.layer(*bands, line).properties(width=line.width, height=line.height))
    return charts.with_events(whole, named)


def show_seed(published: Numbers, sums: pd.DataFrame, spans: pd.DataFrame, *, months: int) -> None:
    """Show :func:`seed` with its highest and its latest sum, which the notebook has published."""
    ends = {"highest": published[HIGHEST], "latest": published[LATEST]}
    figures = {name: number.millions for name, number in ends.items()} | {
        f"{name}_months": number.period for name, number in ends.items()
    }
    title, alt_text = (text.format(months=months, **figures) for text in (SEED_TITLE, SEED_ALT))
    results = [HIGHEST, LATEST]
    charts.show(seed(sums, spans), title=title, alt=alt_text, results=results, until=TABLE)
