"""Charts of notebook 80: growers' income by scenario and by what would have come, seed to China by month."""

from __future__ import annotations

import json
import textwrap
from typing import Any, cast

import altair as alt
import pandas as pd

from tradeexposure.core.units import THOUSAND
from tradeexposure.data.geography import CHINA
from tradeexposure.policy import scenarios, tariff_schedule
from tradeexposure.policy.duty_tables import percent
from tradeexposure.reporting import chart_style, charts, study_charts
from tradeexposure.reporting.numbers import Numbers
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.comparison import tables
from tradeexposure.scenarios.comparison.inputs import BREAKDOWN, DEAL, HEADLINES, RETALIATION, Compared

LABEL = "Scenario"
GROWERS_TITLE = "A broken deal would cost growers {breaks} a year; a US duty of {duty}, {hit}"
GROWERS_AXIS = "Change of growers' income, C$ a year; bars: {level} of simulations"
GROWERS_ALT = (
    "Dots with ranges of the change of growers' income by scenario, under the heading of what each is measured "
    "against. Compared with the deal it falls by {breaks} where the deal breaks down."
)
CURVE_TITLE = "Deal's worth to canola growers: {last} had China kept {stays}, {first} at {settles}"
CURVE_ALT = (
    "A curve with its range: growers' gain from the deal by the seed duty that would have come without it. It rises "
    "from {first} at {settles} to {last} at {stays}."
)
CURVE_DUTY = "Seed duty that would have come without the deal"
CURVE_AXIS = "C$ a year, rounded; band: {level} of simulations"
LETTERS, LIMIT, LINE = 42, 300, 13  # of a name on one line: letters, and pixels across and down
ROW = 36  # pixels from one name to the next

SEED_TABLE = "grain_exports_monthly"
SEED_HIGHEST, SEED_LATEST = "comparison.seed_china_kt.highest", "comparison.seed_china_kt.latest"
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


def growers(comparison: Compared) -> charts.ChartLike:
    """Change of growers' income by scenario with its range, a zero line, and a heading over each group."""
    rows: list[dict[str, Any]] = []
    headings = []
    for heading, entries in tables.grouped(comparison).items():
        headings.append(heading)
        rows.append({LABEL: heading})
        rows += [{LABEL: entry.title, **entry.numbers["growers"].drawn} for entry in entries]
    chart = charts.dots_ranges(
        pd.DataFrame(rows), label=LABEL, numbers="money", reference=0,
        value_title=GROWERS_AXIS.format(level=comparison.level),
    )  # fmt: skip
    # Names on as many lines as they need, headings in bold.
    lines = {str(row[LABEL]): textwrap.wrap(str(row[LABEL]), LETTERS) for row in rows}
    folded = json.dumps([name for name, parts in lines.items() if len(parts) > 1])
    bold = f"indexof({json.dumps(headings)}, datum.value) >= 0"
    axis = alt.Axis(
        titleAngle=0, domain=False, labelLimit=LIMIT, labelExpr=f"({json.dumps(lines)})[datum.label]",
        labelFontWeight={"condition": {"test": bold, "value": 700}, "value": 400},
        labelOffset={"condition": {"test": f"indexof({folded}, datum.value) >= 0", "value": -LINE / 2}, "value": 0},
    )  # fmt: skip
    for layer in chart.layer[1:]:
        layer.encoding.y.axis = axis
    return chart.properties(height=ROW * len(rows))


def show_growers(comparison: Compared) -> None:
    """Show :func:`growers` with the losses if the deal broke down and at the duty that is threatened."""
    breaks, hit = (comparison.across[name]["growers"].size.bare for name in (BREAKDOWN, RETALIATION))
    losses = {"breaks": breaks, "hit": hit, "duty": brief.threatened(comparison.scenarios[RETALIATION])}
    title, alt_text = GROWERS_TITLE.format(**losses), GROWERS_ALT.format(**losses)
    charts.show(growers(comparison), title=title, alt=alt_text, results=[f"{HEADLINES['growers']}.*"])


def curve(comparison: Compared) -> charts.ChartLike:
    """Growers' gain from the deal by the seed duty that would have come, with its range."""
    rows = [{"duty": duty, "typed": percent(duty), **number.drawn} for duty, number in comparison.curve.items()]
    return study_charts.over_one(
        pd.DataFrame(rows), x="duty", typed="typed", x_title=CURVE_DUTY,
        value_title=CURVE_AXIS.format(level=comparison.level), numbers="money",
    )  # fmt: skip


def show_curve(comparison: Compared) -> None:
    """Show :func:`curve` with the gains at its ends."""
    ends, duties = (
        list(comparison.curve.values()),
        (comparison.quoted[key].bare for key in (brief.DUTY_STAYS, brief.DUTY_SETTLED)),
    )
    figures = {**dict(zip(("stays", "settles"), duties, strict=True)), "first": ends[0].bare, "last": ends[-1].bare}
    charts.show(curve(comparison), title=CURVE_TITLE.format(**figures), alt=CURVE_ALT.format(**figures))


def seed_sums(monthly: pd.DataFrame, months: int) -> pd.DataFrame:
    """Seed to China over the last `months` months.

    Parameters
    ----------
    monthly : DataFrame
        As of ``seed_exports.monthly_exports``: every month and destination once.
    months : int
        At least 1, at most the months held.

    Returns
    -------
    DataFrame
        `month` (the last of those summed), `volume_kt`.
    """
    to_china = monthly[monthly["destination"] == CHINA].set_index("month")["volume_kt"]
    return to_china.rolling(months).sum().dropna().reset_index()


def seed_measures() -> pd.DataFrame:
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


def published_seed(sums: pd.DataFrame, months: int) -> pd.DataFrame:
    """The highest and the latest sum, to publish."""
    places = {SEED_HIGHEST: sums["volume_kt"].idxmax(), SEED_LATEST: sums.index[-1]}
    return pd.DataFrame([
        {"result_id": key, "value": sums["volume_kt"][place], "months": f"{months}",
         "period": f"{months} months to {sums['month'][place]:%B %Y}"}
        for key, place in places.items()
    ])  # fmt: skip


def seed(sums: pd.DataFrame, spans: pd.DataFrame, *, months: int) -> charts.ChartLike:
    """Seed to China, million tonnes in `months` months, with China's measures shaded and named."""
    drawn = sums.assign(volume=sums["volume_kt"] / THOUSAND).rename(columns={"month": "Month"})
    line = charts.lines(drawn, x="Month", y="volume", y_title=f"Million tonnes in {months} months", zero=True)
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
    ends = {"highest": published[SEED_HIGHEST], "latest": published[SEED_LATEST]}
    figures = {name: number.millions for name, number in ends.items()} | {
        f"{name}_months": number.period for name, number in ends.items()
    }
    title, alt_text = (text.format(months=months, **figures) for text in (SEED_TITLE, SEED_ALT))
    results = [SEED_HIGHEST, SEED_LATEST]
    charts.show(seed(sums, spans, months=months), title=title, alt=alt_text, results=results, until=SEED_TABLE)
