"""Charts and tables of the trade map."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt
import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.units import BILLION
from tradeexposure.econometrics.time_series import forecasting
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import chart_style, charts, study_charts
from tradeexposure.trade import flows, results

LEVEL = 0.8  # of the intervals that are drawn
MODEL_COLOURS = {"no_trend": chart_style.COLOURS["naive"]}
#: How :func:`tables.show` writes each table below.
TABLES: dict[str, dict[str, Any]] = {
    "break": {
        "caption": "The break of March 2025 beside placebo dates",
        "digits": 2,
        "columns": {"metals": "Goods", "window_months": "Months compared", "placebo_dates": "Placebo dates",
                    "estimate": "Change of the share", "p_value": "p, two-sided", "p_value_one_sided": "p, one-sided",
                    "floor": "Lowest p possible", "placebos": "Placebos"},
        "written": {"estimate": "points"},
    },
    "spans": {
        "caption": "Growth a year of twelve-month totals over rolling spans",
        "columns": {"series": "What", "years": "Years", "multiple": "Multiple asked for",
                    "share": "Share of spans that reached it", "spans": "Spans", "independent": "Not overlapping",
                    "lowest_growth": "Lowest", "median_growth": "Middle", "highest_growth": "Highest",
                    "last_growth": "Latest"},
        "written": {
            "share": "share",
            **dict.fromkeys(["lowest_growth", "median_growth", "highest_growth", "last_growth"], "change"),
        },
    },
    "chances": {
        "caption": "Chance of each target by model, forecast origin and goods",
        "digits": 2,
        "columns": {"series": "What", "target": "Target", "origin": "From",
                    **{family: chart_style.label(family) for family in forecasting.FAMILIES}},
        "written": dict.fromkeys(forecasting.FAMILIES, "probability"),
    },
}  # fmt: skip

#: By how many of the four models expect exports outside the United States to double.
EXPECTING = (
    "Exports outside the US: no model expects them to double by 2035",
    "Exports outside the US: one model in four expects them to double by 2035",
    "Exports outside the US: two models in four expect them to double by 2035",
    "Exports outside the US: three models in four expect them to double by 2035",
    "Exports outside the US: all four models expect them to double by 2035",
)


def two_way_china(yearly: pd.DataFrame) -> alt.Chart:
    """Imports from and exports to China by year, stacked; `yearly` from :func:`flows.by_year`."""
    columns = {"imports_china_cad": "Imports from China", "exports_china_cad": "Exports to China"}
    tidy = (yearly[list(columns)] / BILLION).round(1).rename(columns=columns)
    long = tidy.reset_index().melt("year", var_name="flow", value_name="value")
    shades = dict(zip(columns.values(), (chart_style.COLOURS["china"], chart_style.COLOURS["canada"]), strict=True))
    return charts.stacked(long, x="year", y="value", group="flow", y_title="C$ billion a year", colours=shades)


def us_shares(monthly: pd.DataFrame) -> alt.Chart | alt.LayerChart:
    """US share of exports, with and without precious metals, and of imports, over the twelve months to each month."""
    columns = {
        "us_share_of_exports": "Exports, all goods",
        "us_share_of_exports_ex_precious_metals": "Exports without precious metals",
        "us_share_of_imports": "Imports",
    }
    tidy = flows.shares(flows.trailing_year(monthly))[list(columns)].rename(columns=columns).rename_axis("month")
    long = tidy.reset_index().melt("month", var_name="flow", value_name="share")
    title = "US share, twelve months to the month shown"
    return charts.lines(long, x="month", y="share", group="flow", y_title=title, numbers="share", zero=False)


def us_measures(rates: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """Days to `until` on which the US rate on Canada's goods changed.

    Parameters
    ----------
    rates : DataFrame
        ``us_rates_by_date``; canola seed stands for goods in general, which carry no rate of their own.

    Returns
    -------
    DataFrame
        date, label.
    """
    goods = rates[rates["product"] == "canola seed"].sort_values("date_from")
    rate = goods["additional_rate_without_claim"]
    changed = goods[(rate != rate.shift()) & (goods["date_from"] > goods["date_from"].min())]
    general = [
        (row["date_from"], f"Goods without claim +{row['additional_rate_without_claim']:.0%}")
        for row in changed.to_dict("records")
    ]
    cars = rates[(rates["product"] == "passenger vehicles") & ~rates["date_from"].isin(goods["date_from"])]
    own = [(row["date_from"], f"Cars +{row['additional_rate_without_claim']:.0%}") for row in cars.to_dict("records")]
    frame = pd.DataFrame([*general, *own], columns=["date", "label"])
    return frame[frame["date"] <= until].sort_values("date", ignore_index=True)


def share_changes(monthly: pd.DataFrame) -> alt.LayerChart:
    """Change of the US export share over the twelve months from each date on the twelve before (percentage points)."""
    frames = []
    for without, (part, whole) in flows.us_exports(monthly).items():
        change = placebo.change_on_year(part, whole)
        goods = flows.METALS[without].capitalize()
        frames.append(pd.DataFrame({"month": change.index, "points": 100 * change.to_numpy(), "goods": goods}))
    title = "Change of the US share on the year before, percentage points"
    drawn = charts.lines(pd.concat(frames, ignore_index=True), x="month", y="points", group="goods", y_title=title)
    return enc.layered(study_charts.level(0), drawn)


def export_fans(forecasts: Iterable[forecasting.Forecast], *, series: str, target: float) -> alt.FacetChart:
    """Calendar-year totals, what a model expects of the years ahead, and the target, by model (C$ billion).

    Every fan opens at the last full year, which was observed. Forecast values are shown at three significant digits,
    which do not depend on the processor.
    """
    chosen = [forecast for forecast in forecasts if forecast.series == series]
    newest = max(forecast.origin for forecast in chosen)
    parts = [
        forecasting.bands(forecast, levels=[LEVEL]).assign(model=forecast.family)
        for forecast in chosen
        if forecast.origin == newest
    ]
    future = pd.concat(parts, ignore_index=True).rename(columns={"median": "middle"})
    columns = ["middle", "low", "high"]
    future[columns] = (future[columns] / BILLION).map(lambda number: units.significant(number, 3))
    seen = max(chosen, key=lambda forecast: forecast.origin).observed
    past = (forecasting.full_years(seen) / BILLION).round(1).rename_axis("year").rename("seen").reset_index()
    known = past.assign(**dict.fromkeys(columns, past["seen"].where(past["year"] == past["year"].max())))
    models = future["model"].unique()
    whole = pd.concat([*(known.assign(model=model) for model in models), future], ignore_index=True)
    return _fans(whole[["model", "year", "seen", *columns]], target=round(target / BILLION, 1))


def fan_title(chances: pd.DataFrame) -> str:
    """Title of :func:`export_fans`: how many of the four models see a chance above one half, from the newest origin."""
    asked = chances[(chances["series"] == "non_us") & (chances["target"] == "2035 at 2 × 2024")]
    return EXPECTING[int((asked.loc[asked["origin"] == asked["origin"].max(), "probability"] > 0.5).sum())]


def _fans(frame: pd.DataFrame, *, target: float) -> alt.FacetChart:
    """Panels of :func:`export_fans`: `model`, `year`, `seen`, `middle`, `low`, `high` (C$ billion)."""
    data = enc.named(frame, "model")
    names = list(dict.fromkeys(data["model"]))
    title = f"C$ billion a year; band: {LEVEL:.0%} of outcomes; rule: target"
    heads = {"model": "Model", "year": "Year", "seen": "Exports", "middle": "Middle of the forecast",
             "low": f"Lower end of {LEVEL:.0%}", "high": f"Upper end of {LEVEL:.0%}"}  # fmt: skip
    base = alt.Chart(data).encode(x=enc.across(data, "year", None), tooltip=enc.tip(data, heads, "plain"))
    own = enc.colour(data["model"], "model", MODEL_COLOURS, named=False)
    drawn = enc.layered(
        base.mark_area(opacity=0.3).encode(
            y=enc.upward("low", "", "plain", top=enc.head(data["high"])), y2=alt.Y2("high"), color=own
        ),
        base.mark_line(strokeDash=[6, 3]).encode(y=alt.Y("middle", type="quantitative"), color=own),
        base.mark_line(color=chart_style.COLOURS["history"]).encode(y=alt.Y("seen", type="quantitative")),
        alt.Chart(data)
        .transform_filter(alt.datum.year == int(data["year"].max()))
        .mark_rule(strokeDash=[2, 2], color=chart_style.COLOURS["target"], strokeWidth=2)
        .encode(y=alt.YDatum(target)),
    )
    return study_charts.panels(drawn, panel="model", names=names, title=title)


def probability_ranges(probabilities: pd.DataFrame, *, target: str) -> alt.LayerChart:
    """Chance by model: the point from the newest origin, the range down or up to the older ones."""
    some = probabilities[probabilities["target"] == target]
    key = ["series", "family"]
    spread = some.groupby(key, sort=False)["probability"].agg(low="min", high="max")
    point = some[some["origin"] == some["origin"].max()].set_index(key)["probability"].rename("value")
    tidy = spread.join(point).round(2).reset_index()
    tidy["goods"] = tidy["series"].map({"non_us": "All goods", "non_us_ex_precious_metals": "Without precious metals"})
    return charts.dots_ranges(
        tidy, label="family", group="goods", numbers="share",
        value_title="Chance; point: from the newest month, line: to the check origin",
    )  # fmt: skip


def coverage_lines(coverage: pd.DataFrame, *, series: str) -> charts.ChartLike:
    """Share of outcomes inside the interval by years ahead, one line per model, and where it should lie."""
    some = coverage[(coverage["series"] == series) & (coverage["level"] == LEVEL)]
    tidy = some[["horizon_years", "family", "coverage"]].round(2).astype({"horizon_years": str})
    drawn = charts.lines(
        tidy, x="horizon_years", y="coverage", group="family", x_title="Years ahead", numbers="share", points=True,
        y_title=f"Share of outcomes inside the {LEVEL:.0%} interval", colours=MODEL_COLOURS,
    )  # fmt: skip
    return alt.layer(drawn, study_charts.level(LEVEL, colour="target"))


def coverage_style(coverage: pd.DataFrame) -> dict[str, Any]:
    """How :func:`tables.show` writes :func:`coverage_table`: each heading holds the number of forecasts checked."""
    origins = coverage.groupby("horizon_years")["windows"].first()
    names = {"series": "What", "level": "Interval", "family": "Model"}
    return {
        "caption": "Share of outcomes inside, by years ahead (in brackets: origins, each checked once)",
        "digits": 2,
        "columns": {**names, **{years: f"{years} ({count})" for years, count in origins.items()}},
        "written": dict.fromkeys(origins.index, "share"),
    }


def coverage_title(coverage: pd.DataFrame, *, series: str) -> str:
    """How many outcomes each model with a trend held one year ahead, as the title of :func:`coverage_lines`."""
    some = coverage[(coverage["series"] == series) & (coverage["level"] == LEVEL) & (coverage["horizon_years"] == 1)]
    first = some[some["family"].isin(forecasting.WITH_TREND)]
    covered = sorted((first["coverage"] * first["windows"]).round().astype(int))
    span = f"{covered[0]}" if covered[0] == covered[-1] else f"{covered[0]} to {covered[-1]}"
    chosen = f"{span} of {first['windows'].iloc[0]} outcomes in their {LEVEL:.0%} interval"
    return f"Models with a trend held {chosen} one year ahead"


def break_table(variants: pd.DataFrame) -> pd.DataFrame:
    """Every specification of :func:`flows.break_variants`, goods as a sentence begins."""
    return variants.assign(metals=_sentence(variants["metals"]))


def span_table(rates: pd.DataFrame) -> pd.DataFrame:
    """Past growth of :func:`flows.base_rates`, series in words."""
    return rates.assign(series=_sentence(rates["series"].map(results.NAMES)))


def specifications(probabilities: pd.DataFrame) -> pd.DataFrame:
    """Every model, origin, target and choice of goods side by side, for a table: one column per family."""
    table = probabilities.pivot_table(
        index=["series", "target", "origin"], columns="family", values="probability", sort=False
    ).reset_index()
    return table.assign(series=_sentence(table["series"].map(results.NAMES))).rename_axis(columns=None)


def coverage_table(coverage: pd.DataFrame) -> pd.DataFrame:
    """The whole grid of :func:`backtests.forecast_coverage`: one column per years ahead."""
    wide = coverage.pivot_table(
        index=["series", "level", "family"], columns="horizon_years", values="coverage", sort=False
    ).reset_index()
    return wide.assign(
        series=_sentence(wide["series"].map(results.NAMES)),
        level=wide["level"].map("{:.0%}".format),
        family=wide["family"].map(chart_style.label),
    ).rename_axis(columns=None)


def _sentence(names: pd.Series) -> pd.Series:
    return names.str[:1].str.upper() + names.str[1:]
