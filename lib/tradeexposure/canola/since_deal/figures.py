"""Charts and tables of the months since the arrangement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from tradeexposure.canola.since_deal.exports import Change
from tradeexposure.canola.since_deal.forecasts import Forecast, nowcast
from tradeexposure.canola.since_deal.weekly import Explained
from tradeexposure.core import units
from tradeexposure.core.units import MILLION
from tradeexposure.data.periods import Months
from tradeexposure.econometrics.inference.draws import TAILS
from tradeexposure.policy import tariff_index
from tradeexposure.policy.measures import Facts
from tradeexposure.reporting import charts

SEEN, OTHER_TIMES = "Since the deal", "At other times, 90% range"
#: Yardsticks as the chart names them.
MODEL_NAMES = {"seasonal_naive": "last year's month", "structural": "structural model (UnobservedComponents)",
               "sarima": "seasonal ARIMA (SARIMAX)", "mean": "mean of three models"}  # fmt: skip
YARDSTICKS = {"change_on_year": "Same months, a year before", "against_2024": "Same months of 2024",
              "against_forecast": "Path frozen before the deal", "against_path": "Years before the duties"}  # fmt: skip
EVENTS = {"china_meal_additional": "Oil, meal, peas +{rate}", "china_seed_deposit": "Seed deposit +{rate}",
          "china_seed_antidumping": "Eased"}  # fmt: skip
FROM = "2023-01"
COLOURS = "#8a8f98", "#0b6e4f"  # of a range, and of what was seen
TABLES: dict[str, dict[str, Any]] = {
    "changes": {
        "columns": {"place": "Exports of", "yardstick": "Against", "change": "Change", "low": "Lowest", "high":
                    "Highest", "p_value": "p-value", "floor": "Smallest possible", "apart": "Placebos apart"},
        "written": {"change": "change", "low": "change", "high": "change"},
        "digits": 2,
    },
    "weekly": {
        "columns": {"year": "Crop year", "exports": "Exported (kt)", "pacific": "through Pacific ports (kt)",
                    "crush": "Crushed in the west (kt)", "deliveries": "Delivered (kt)", "supply_kt": "Supply (kt)",
                    "share": "Exported, share of supply"},
        "written": {"share": "share"},
    },
    "forecasts": {
        "columns": {"series": "Series", "newest": "Figures to", "month": "Month", "kind": "Kind", "value": "Middle",
                    "range": "90% range", "model": "Model"},
    },
    "replayed": {
        "columns": {"cut": "Figures to", "series": "Series", "month": "Month", "value": "Middle", "low": "Lowest",
                    "high": "Highest", "seen": "Observed", "inside": "Inside"},
        "written": dict.fromkeys(("value", "low", "high", "seen"), "ratio"),
    },
    "meal": {
        "columns": {"months": "Months", "before": "Against", "change": "Change", "p_value": "p-value", "floor":
                    "Smallest possible", "apart": "Placebos apart"},
        "written": {"change": "change"},
        "digits": 2,
    },
    "explained": {
        "columns": {"flow": "Flow", "without": "Left out", "elasticity": "Per cent for a per cent of supply",
                    "expected_kt": "Expected (kt)", "low_kt": "Lowest", "high_kt": "Highest", "change":
                    "Observed over expected", "p_value": "p-value"},
        "written": {"change": "change"},
        "digits": 2,
    },
}  # fmt: skip


def path(series: pd.Series, frozen: pd.DataFrame, measures: Facts) -> alt.LayerChart:
    """Exports by month and the path frozen before the arrangement, with the days on which China's duties changed."""
    seen = (series[FROM:] / MILLION).round(1).rename("value").rename_axis("month").reset_index()
    ahead = frozen.assign(**{column: (frozen[column] / MILLION).round(1) for column in ("value", "low", "high")})
    drawn = charts.fan(seen, ahead, x="month", y="value", y_title="C$ million a month to China")
    return charts.with_events(drawn, tariff_index.measure_dates(measures, EVENTS, until=seen["month"].max()))


def beside_placebos(changes: Mapping[str, Change]) -> alt.LayerChart:
    """Every change as a point, and above it the range of the same comparison at other times."""
    rows = []
    for yardstick, change in changes.items():
        low, middle, high = np.expm1(np.quantile(change.placebos, TAILS))
        rows += [
            {"name": YARDSTICKS[yardstick], "group": OTHER_TIMES, "value": middle, "low": low, "high": high},
            {"name": YARDSTICKS[yardstick], "group": SEEN, "value": change.change, "low": np.nan, "high": np.nan},
        ]
    return points_beside_ranges(rows, title="Exports over the yardstick, less one", groups=(OTHER_TIMES, SEEN))


def points_beside_ranges(rows: Sequence[Mapping[str, Any]], *, title: str, groups: tuple[str, str]) -> alt.LayerChart:
    """Points beside ranges around nothing: `name`, `group` (the range's first), `value`, `low`, `high` of each row."""
    return charts.dots_ranges(
        pd.DataFrame(rows).round(3), label="name", group="group", numbers="change", value_title=title, reference=0,
        colours=dict(zip(groups, COLOURS, strict=True)),
    )  # fmt: skip


def span(row: Mapping[Any, Any], unit: str) -> str:
    """The range of a forecast as tables write it."""
    return " to ".join(units.write(row[end], unit, 3) for end in ("low", "high"))


def change_table(changes_by_place: Mapping[str, Mapping[str, Change]]) -> pd.DataFrame:
    """Every place and yardstick with its change, range and placebos."""
    return pd.DataFrame([
        {"place": place, "yardstick": YARDSTICKS[yardstick], "change": change.change, "low": change.low,
         "high": change.high, "p_value": change.rank.p_value, "floor": change.rank.floor, "apart": change.rank.apart}
        for place, some in changes_by_place.items() for yardstick, change in some.items()
    ])  # fmt: skip


def weekly_table(flows: pd.DataFrame, supplied: pd.Series) -> pd.DataFrame:
    """Flows of the weeks by crop year beside supply."""
    both = flows.assign(supply_kt=supplied)
    return both.assign(share=both["exports"] / both["supply_kt"]).rename_axis("year").reset_index()


def weekly_bars(flows: pd.DataFrame) -> alt.Chart:
    """Tonnes exported in the weeks by crop year, through Pacific ports and others."""
    rows = flows.assign(rest=flows["exports"] - flows["pacific"]).rename_axis("year").reset_index()
    rows["year"] = rows["year"].str[:5] + rows["year"].str[-2:]
    names = {"pacific": "Pacific ports", "rest": "Other ports and direct"}
    tidy = rows.melt(id_vars="year", value_vars=list(names), var_name="port", value_name="kt").replace({"port": names})
    return charts.stacked(tidy.round({"kt": 1}), x="year", y="kt", group="port", y_title="kt exported in the weeks")


def explained_table(explanations: Mapping[tuple[str, str], Explained]) -> pd.DataFrame:
    """What supply explains, by flow, with and without the drought year."""
    return pd.DataFrame([
        {"flow": flow, "without": without, **{name: getattr(explanation, name) for name in
         ("elasticity", "expected_kt", "low_kt", "high_kt", "change")}, "p_value": explanation.rank.p_value}
        for (flow, without), explanation in explanations.items()
    ]).replace({"without": {"": "no year"}})  # fmt: skip


def forecast_table(all_series: Sequence[Forecast], as_of: pd.Timestamp) -> pd.DataFrame:
    """Every series' next months as written, the model, and whether a month had begun when the figures are of."""
    rows = []
    for forecast in all_series:
        months = forecast.months.assign(kind=["nowcast" if begun else "forecast" for begun in nowcast(forecast, as_of)])
        rows += [
            {"series": forecast.series.label, "newest": f"{forecast.newest:%Y-%m}", "month": f"{row['month']:%Y-%m}",
             "kind": row["kind"], "value": units.write(row["value"], forecast.series.unit, 3),
             "range": span(row, forecast.series.unit),
             "model": MODEL_NAMES[forecast.model]}
            for row in months.to_dict("records")
        ]  # fmt: skip
    return pd.DataFrame(rows)


def skill(forecasts: Sequence[Forecast]) -> alt.LayerChart:
    """Skill of every series by horizon with its range; nothing at zero."""
    rows = [
        {"name": f"{forecast.series.label.split(',')[0]}, {horizon} ahead", "value": score.skill, "low": score.low,
         "high": score.high} for forecast in forecasts for horizon, score in forecast.scores.items()
    ]  # fmt: skip
    return charts.dots_ranges(
        pd.DataFrame(rows).round(3), label="name", numbers="share",
        value_title="Smaller miss than the better naive forecast; bars: 90% range", reference=0,
    )  # fmt: skip


def path_alt(series: pd.Series, months: Months) -> str:
    """The chart of :func:`path` for those who do not see it."""
    now, before = series[months.first : months.last], series[: months.first - pd.DateOffset(months=1)].tail(6)
    return (f"Line of exports to China by month since {FROM[:4]}: {now.min() / MILLION:.0f} to "
            f"{now.max() / MILLION:.0f} million dollars in {months.words}, {before.min() / MILLION:.0f} to "
            f"{before.max() / MILLION:.0f} million in the six months before; the frozen path in bands.")  # fmt: skip
