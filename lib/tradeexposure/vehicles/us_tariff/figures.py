"""Charts and tables of the study of the US auto tariff; the title and the text of the chart that its months decide."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.text import in_words
from tradeexposure.core.units import BILLION
from tradeexposure.econometrics.inference.draws import CONFIDENCE
from tradeexposure.policy import tariff_index, tariff_schedule
from tradeexposure.reporting import charts, tables
from tradeexposure.vehicles.us_tariff.results import SERIES_NAMES
from tradeexposure.vehicles.us_tariff.study import Study

NAMES = {
    "local_level": "Local level, seasons",
    "arma": "ARMA errors, seasons",
    "arma_trend": "ARMA errors, seasons, trend",
    "seasonal_difference": "Changes over twelve months, AR(1)",
    "same_months": "Same months of the year before",
    "step": "Step in a regression with ARMA errors",
}
TO_LAST_MONTH = "to_last_month"  # the window of the chart
HISTORY_MONTHS = 36  # shown before the path begins
LEVELS = (0.8, 0.95)
VALUE = "C$ bn a month"
STEP = "step"  # the model that is no path
TIMES = {1: "once", 2: "twice"}
LISTED = 2  # months outside the band that are named
CHANGE = "Exports against no tariff; bars: 95% range"
MEASURES = {
    "us_232_vehicles": "{rate} on vehicles",
    "us_232_parts": "{rate} on parts",
    "us_232_trucks": "{rate} on heavy trucks",
}
IDLE = ("2025-10-14", "Brampton, CAMI idle")  # the first of the two, in ``ev_investments_status``
#: Assembly plants in ``ev_investments_status``; the other rows are batteries and materials, or plans.
PLANTS = ("GM CAMI (BrightDrop vans)", "Stellantis Brampton (Jeep Compass)", "GM Oshawa (pickups)",
          "Ford Oakville EV programme")  # fmt: skip
#: Terms of :func:`paths.terms` by the first part of their names.
TERMS = {
    "constant": "Mean of the calendar months", "month": "Calendar month {month}, less the first", "trend": "A decade",
    "exchange_rate": "Log exchange rate", "closed": "Plants closed, {month}", "ar": "ρ, from month to month",
    "ma": "θ, of the shock a month before",
}  # fmt: skip
TABLES: dict[str, dict[str, Any]] = {
    "confounders": {
        "caption": "Assembly plants whose output changed for reasons of their own or because of the tariff",
        "columns": {"project": "Plant", "latest_known_status": "Latest known status", "status_date": "As of",
                    "source": "Source"},
    },
    "ranks": {
        "caption": "The headline model's effect among windows without a tariff",
        "columns": {"span": "Window", "fit": "Fit to", "words": "Placebo windows", "count": "Number",
                    "p_value": "p-value", "floor": "Smallest possible", "detectable": "95% of placebos are below"},
        "written": {"detectable": "share"},
        "digits": 2,
    },
}  # fmt: skip


def confounders(status: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``ev_investments_status`` on assembly plants, latest first.

    Raises
    ------
    BadInput
        A plant that the table no longer has.
    """
    missing = sorted(set(PLANTS) - set(status["project"]))
    if missing:
        raise BadInput("ev_investments_status", "project", found=f"no {missing[0]}", allowed="all plants listed")
    return status[status["project"].isin(PLANTS)].sort_values(["status_date", "project"], ascending=[False, True])


def fit_table(study: Study) -> pd.DataFrame:
    """The headline's fit by term in words, as of :func:`tables.coefficients`."""
    names = {name: TERMS.get(name) or TERMS[name.partition("_")[0]].format(month=name.partition("_")[2])
             for name in study.terms[0].index}  # fmt: skip
    return tables.coefficients(*study.terms, names=names)


def fit_style(study: Study) -> dict[str, Any]:
    """How :func:`tables.show` writes :func:`fit_table`."""
    start, end = study.design.headline.start, study.design.fits[0]
    caption = f"Log exports of vehicles and parts to the United States, {start} to {end}"
    return {"caption": caption, "columns": tables.COEFFICIENTS}


def model_table(study: Study) -> pd.DataFrame:
    """One row per model, a window per column."""
    wide = study.models.pivot(index="model", columns="window", values="change").loc[[*study.design.models, STEP]]
    return wide.reset_index().assign(name=lambda rows: rows["model"].map(NAMES))


def model_style(study: Study) -> dict[str, Any]:
    """How :func:`tables.show` writes :func:`model_table`: the headings name window and fit."""
    first, second = study.design.fits
    late = f"fit_{second.replace('-', '_')}"
    columns = {"name": "Model", "2025": f"{' to '.join(study.design.window)}, fit to {first}",
               f"2025.{late}": f"The same, fit to {second}", "to_last_month": f"To the last month, fit to {first}",
               f"to_last_month.{late}": f"The same, fit to {second}"}  # fmt: skip
    return {"caption": "Exports against no tariff, by model, end of the fit and window", "columns": columns,
            "written": dict.fromkeys(list(columns)[1:], "change"), "digits": 2}  # fmt: skip


def rank_table(study: Study) -> pd.DataFrame:
    """The ranks with windows and sets in words."""
    labels = {"without_crises": f"without {study.design.crisis_years}", "all": "all", "apart": "without overlap"}
    return study.ranks.assign(
        span=[study.fitted[name].window.span for name in study.ranks["window"]],
        fit=[f"{study.fitted[name].window.origin:%Y-%m}" for name in study.ranks["window"]],
        words=study.ranks["placebos"].map(labels),
    )


def path_frame(study: Study) -> pd.DataFrame:
    """Path and bands of single months as simulated: key `month`, `level`; `value`, `low`, `high` in C$ bn."""
    path, frames = study.fitted[TO_LAST_MONTH].path, []
    for level in LEVELS:
        low, high = np.quantile(path.draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        frames.append(pd.DataFrame({"month": path.months, "level": level, "value": np.exp(path.central) / BILLION,
                                    "low": np.exp(low) / BILLION, "high": np.exp(high) / BILLION}))  # fmt: skip
    return pd.concat(frames, ignore_index=True).round(dict.fromkeys(("value", "low", "high"), 3))


def events() -> pd.DataFrame:
    """US duties on vehicles and parts from Canada, and two plants: `date`, `label`."""
    dated = tariff_index.measure_dates(tariff_schedule.all_measures(), MEASURES)
    idle = pd.DataFrame([(pd.Timestamp(IDLE[0]), IDLE[1])], columns=["date", "label"])
    return pd.concat([dated, idle], ignore_index=True)


def actual_and_path(study: Study) -> alt.LayerChart:
    """Exports to the United States, the path without the tariff with bands of single months, and events."""
    path = path_frame(study)
    first = path["month"].min() - pd.DateOffset(months=HISTORY_MONTHS)
    seen = (study.exports.loc[first:, "us_autos"] / BILLION).rename("value").rename_axis("month").reset_index()
    drawn = charts.fan(seen.round({"value": 3}), path, x="month", y="value", y_title=VALUE)
    drawn.layer[0].encoding.x.axis = alt.Axis(format="%b %Y", tickCount=8, labelOverlap=True)
    return charts.with_events(drawn, events())


def outside(study: Study) -> list[str]:
    """Months after the fit in which exports left the band of single months of 95%."""
    path = study.fitted[TO_LAST_MONTH].path
    low, high = np.quantile(path.draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return [f"{month:%Y-%m}" for month in path.months[(path.actual < low) | (path.actual > high)]]


def above(study: Study) -> list[str]:
    """Months after the fit in which exports stood above the path."""
    path = study.fitted[TO_LAST_MONTH].path
    return [f"{month:%Y-%m}" for month in path.months[path.actual > path.central]]


def band_title(study: Study) -> str:
    """In how many of the months since the fit, the first of them named, exports left the band of single months."""
    path = study.fitted[TO_LAST_MONTH].path
    months, left = len(path.months), len(outside(study))
    since, band = f"since {path.months[0]:%B %Y}", f"the {CONFIDENCE:.0%} band"
    if not left:
        return f"Exports to the US stayed in {band} in all {in_words(months)} months {since}"
    if left == 1:
        return f"Exports to the US left {band} in one month of {in_words(months)} {since}"
    return f"Exports to the US left {band} in {in_words(left)} months of {in_words(months)} {since}"


def band_alt(study: Study) -> str:
    """The chart for those who do not see it: on which side of the path exports were, and when outside the band."""
    path = study.fitted[TO_LAST_MONTH].path
    side = "mostly below" if 2 * len(above(study)) < len(path.months) else "mostly above"
    left = outside(study)
    often = TIMES.get(len(left), f"{in_words(len(left))} times")
    when = "; ".join(f"{pd.Timestamp(month):%B %Y}" for month in left) if 0 < len(left) <= LISTED else ""
    end = f"outside {often} ({when})" if when else f"outside {often}" if left else "never outside"
    return f"Line of monthly exports and, from 2025, their path with two bands: {side}, {end}."


def comparisons(study: Study) -> alt.LayerChart:
    """The tariff's series, the two comparisons, and the tariff's series relative to each."""
    fit = study.fitted["2025"]
    own = pd.DataFrame([{"name": "Autos to the US", "change": fit.effect.change, "low": fit.change[0],
                         "high": fit.change[1]}])  # fmt: skip
    rest = study.comparisons.assign(name=study.comparisons["series"].map(SERIES_NAMES))[own.columns]
    return charts.dots_ranges(pd.concat([own, rest], ignore_index=True).round(3), label="name", value="change",
                              numbers="change", value_title=CHANGE, reference=0)  # fmt: skip
