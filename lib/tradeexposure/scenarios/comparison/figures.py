"""Charts of the comparison: growers' income by scenario, and by what would have come without the deal."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import altair as alt
import pandas as pd

from tradeexposure.reporting import charts, study_charts
from tradeexposure.scenarios.brief import inputs as brief
from tradeexposure.scenarios.comparison import tables
from tradeexposure.scenarios.comparison.inputs import BREAKDOWN, HEADLINES, RETALIATION, Compared

LABEL = "Scenario"
GROWERS_TITLE = "A broken deal would cost growers {breaks} a year; a US duty of {duty}, {hit}"
GROWERS_AXIS = "Change of growers' income, C$ a year; bars: {level} of simulations"
GROWERS_ALT = (
    "Dots with ranges of the change of growers' income by scenario, under the heading of what each is measured "
    "against. Compared with the deal it falls by {breaks} where the deal breaks down."
)
CURVE_TITLE = "Growers' gain a year: {last} had China kept {stays}, {first} at {settles} anyway"
CURVE_ALT = (
    "A curve with its range: growers' gain from the deal by the seed duty that would have come without it. It rises "
    "from {first} at {settles} to {last} at {stays}."
)
CURVE_DUTY = "Seed duty that would have come without the deal"
CURVE_AXIS = "C$ a year, two digits; band: {level} of simulations"
LETTERS, LIMIT, LINE = 42, 300, 13  # of a name on one line: letters, and pixels across and down
ROW = 36  # pixels from one name to the next


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
    rows = [{"duty": duty, "typed": f"{100 * duty:.3g}%", **number.drawn} for duty, number in comparison.curve.items()]
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
