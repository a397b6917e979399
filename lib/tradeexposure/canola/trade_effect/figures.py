"""Charts of the canola trade notebook (30)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from tradeexposure.canola.exposure import export_values
from tradeexposure.canola.trade_effect.shortfall import VolumePaths, path_table
from tradeexposure.data.geography import CHINA
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.policy import tariff_index
from tradeexposure.policy.measures import Facts
from tradeexposure.policy.studies import Episode
from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import chart_style, charts, study_charts

HISTORY_MONTHS = 48  # shown before a path begins
MODEL_NAMES = {
    "structural": "Own path, structural",
    "sarimax": "Own path, SARIMAX",
    "difference in differences": "Other destinations",
    "triple difference": "Other crops",
}
CHOICES = {"estimator": "Method", "baseline": "Compared with", "season": "Season", "controls": "Controls",
           "diversion": "Diversion"}  # fmt: skip
DIVERSIONS = {"none": "No diversion", "measured": "As measured", "full": "Full diversion"}

#: How :func:`tables.show` writes each table: caption, heading per column, unit of cells.
TABLES: dict[str, dict[str, Any]] = {
    "bounds": {
        "caption": "Effect on canola seed to China, by share of the shortfall diverted to other destinations",
        "columns": {"label": "Months", **DIVERSIONS, "actual_kt": "To China (kt)", "n_obs": "Rows used"},
        "written": dict.fromkeys(DIVERSIONS, "change"),
    },
    "triple": {
        "caption": "Effect on canola seed to China against other crops",
        "columns": {
            "label": "Months", "controls": "Control crops", **DIVERSIONS, "n_obs": "Rows used",
            "n_separated": "Rows separated",
        },
        "written": dict.fromkeys(DIVERSIONS, "change"),
    },
    "tests": {
        "caption": "China among its placebos",
        "columns": {
            "label": "Months", "statistic": "Ranked", "p_value": "p, two-sided", "p_one_sided": "p, one-sided",
            "count": "Placebos", "floor": "Smallest p possible",
        },
    },
    "years": {
        "caption": "China in other clean years",
        "columns": {"window": "Window begins", "change": "Effect"},
        "written": {"change": "change"},
    },
    "changes": {
        "caption": "Use of two harvests",
        "columns": {
            "crop_year": "Crop year", "part": "Part", "usual_kt": "Usual (kt)", "volume_kt": "That year (kt)",
            "change_kt": "Change (kt)",
        },
    },
    "synthetic": {
        "caption": "Effect on canola seed to China by synthetic difference-in-differences",
        "columns": {
            "label": "Months", "baseline": "Compared with", "years": "Years before", "controls": "Controls",
            "change": "Effect", "plain": "With equal weights", "p_value": "p, two-sided",
            "floor": "Smallest p possible", "std_error": "Standard error of the log",
        },
        "written": {"change": "change", "plain": "change"},
    },
    "case": {
        "caption": "Seed to China above its path, by baseline",
        "columns": {
            "span": "Months", "baseline": "Baseline", "value": "Above its path (kt)", "low": "Lowest",
            "high": "Highest",
        },
    },
}  # fmt: skip


def events(quarters: pd.DataFrame, *, start: str) -> charts.ChartLike:
    """Effects by quarter of :func:`~tradeexposure.canola.trade_effect.effects.event_studies`, one panel a market.

    `start`: month in which quarter 0 begins, at which a rule stands.
    """
    tidy = quarters[["month", "change", "destination"]].round({"change": 3})
    last = ~tidy["destination"].duplicated(keep="last")
    data = enc.named(tidy.assign(begins=pd.Series(pd.Timestamp(start), tidy.index).where(last)), "destination")
    base = alt.Chart(data)
    lines = base.mark_line(point={"size": 30, "filled": True}).encode(
        x=alt.X("month", type="temporal", title=None, axis=alt.Axis(tickCount=5), scale=alt.Scale(padding=enc.EDGE)),
        y=enc.upward("change", "", "change", top=enc.head(data["change"]), foot=-(enc.head(-data["change"]) or 0)),
        color=enc.colour(data["destination"], "destination", named=False),
        tooltip=enc.tip(data, {"destination": "Destination", "month": "Quarter begins", "change": "Change"}, "change"),
    )
    begin = base.transform_filter("isValid(datum.begins)").mark_rule(color=chart_style.COLOURS["target"])
    drawn = enc.layered(begin.encode(x=alt.X("begins", type="temporal")), lines)
    return study_charts.panels(
        drawn, panel="destination", names=list(data["destination"].unique()), title="Change from the reference months"
    )


def fan(monthly: pd.DataFrame, paths: VolumePaths, measures: Facts, *, levels: tuple[float, ...]) -> charts.ChartLike:
    """Seed to China as shipped, and without the measure with intervals of single months; kt a month."""
    first = paths.months[0] - pd.DateOffset(months=HISTORY_MONTHS)
    seen = monthly.loc[first : paths.months[-1], CHINA].rename("volume_kt").rename_axis("month").reset_index()
    bands = pd.concat([path_table(paths, level=level) for level in levels], ignore_index=True).drop(columns="actual_kt")
    chart = charts.fan(
        seen,
        bands.round(dict.fromkeys(["volume_kt", "low", "high"], 1)),
        x="month",
        y="volume_kt",
        y_title="Kilotonnes a month",
    )
    dated = tariff_index.measure_dates(measures, until=paths.months[-1])
    parts: list[Any] = [chart, *getattr(chart, "layer", [])]
    for part in parts:  # the span is too short for years alone on the axis
        across: Any = getattr(part.encoding, "x", None)
        if across is not None and across is not alt.Undefined and across.to_dict().get("type") == "temporal":
            across.axis = alt.Axis(format="%b %Y", tickCount=8, labelOverlap=True)
    return charts.with_events(chart, dated[dated["date"] >= first])


def markets(frames: Mapping[str, pd.DataFrame]) -> alt.LayerChart:
    """Rise of every destination and of the crush above its path; frames from :func:`shortfall.where_it_went`."""
    tidy = pd.concat([frame.assign(period=name) for name, frame in frames.items()], ignore_index=True)
    shown = tidy[tidy["name"] != CHINA].round(dict.fromkeys(["value", "low", "high"], 0))
    return charts.dots_ranges(
        shown, label="name", group="period", value_title="Kilotonnes above the path; bars: 95% interval", reference=0
    )


def placebos(cells: pd.DataFrame, *, actual: float) -> charts.ChartLike:
    """Placebo effects of all cells from the lowest to the highest, the actual effect as a level."""
    tidy = cells.sort_values("change", ignore_index=True).assign(
        cell=lambda frame: frame["crop"].str.capitalize() + ", " + frame["destination"],
        place=lambda frame: frame.index + 1,
    )[["place", "change", "cell"]].round({"change": 3})  # fmt: skip
    points = alt.Chart(tidy).mark_point(size=50, opacity=1, color=chart_style.COLOURS["placebo"]).encode(
        x=enc.across(tidy, "place", "Cells that no Chinese measure touched, lowest effect first", points=True),
        y=enc.upward(
            "change", "Change of the volume", "change", top=enc.head(tidy["change"]), foot=enc.HEADROOM * actual
        ),
        tooltip=enc.tip(tidy, {"cell": "Cell", "change": "Change"}, "change"),
    )  # fmt: skip
    china = study_charts.named_level(round(actual, 3), "Canola to China", colour="china", dash=False)
    return enc.layered(study_charts.level(0), points, china)


def curve(frame: pd.DataFrame) -> charts.ChartLike:
    """All specifications from the lowest to the highest estimate, over the choices that each makes."""
    tidy = specification_curve.curve(frame).round({"estimate": 4})
    labelled = tidy.assign(estimator=tidy["estimator"].replace(MODEL_NAMES))
    return study_charts.choices(labelled, choices=CHOICES, value_title="Effect on seed to China")


def headline(rows: pd.DataFrame, episodes: Mapping[str, Episode]) -> alt.LayerChart:
    """Effects by period and method with their ranges; `rows` are published numbers (``Book.frame``)."""
    names = {"": "Against other destinations (bounds of diversion)",
             ".triple_difference": "Against other crops (controls, bounds)",
             ".counterfactual": "Against its own past (95% interval)"}  # fmt: skip
    wanted = {f"canola.trade_effect.{key}{end}": (period, name)
              for key, period in {name: episodes[name].months for name in ("2019", "2025")}.items()
              for end, name in names.items()}  # fmt: skip
    some = rows[rows["result_id"].isin(wanted)].assign(
        period=lambda frame: [wanted[name][0] for name in frame["result_id"]],
        method=lambda frame: [wanted[name][1] for name in frame["result_id"]],
    )  # fmt: skip
    shown = some[["period", "method", "value", "low", "high"]].astype({"low": np.float64, "high": np.float64})
    ordered = shown.sort_values(["method", "period"], ascending=[True, True], ignore_index=True)
    return charts.dots_ranges(
        ordered, label="method", group="period", numbers="change", value_title="Effect on seed to China", reference=0
    )


def settlement_steps(steps: pd.DataFrame) -> alt.Chart:
    """The step of seed by year: volume from licensed facilities, value from customs."""
    seed = steps[steps["product"] == "seed"].rename(columns={"basis": "Basis"})
    shown = seed.assign(year=seed["year"].astype(str)).sort_values(["year", "Basis"], ascending=[True, False])
    return charts.bars(
        shown, category="year", value="step", group="Basis", numbers="change", horizontal=False,
        value_title="After over before", colours={export_values.VOLUME: "#8b9097", export_values.VALUE: "#1f5fa8"},
    )  # fmt: skip
