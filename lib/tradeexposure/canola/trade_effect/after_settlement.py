"""Total seed exports after the settlement of 2026: whether their step is larger than that of other springs."""

from __future__ import annotations

import altair as alt
import pandas as pd

from tradeexposure.canola.exposure.export_values import TABLE
from tradeexposure.core.errors import BadInput
from tradeexposure.data.periods import Months
from tradeexposure.reporting import charts
from tradeexposure.reporting.result_rows import named_rows, result_rows

VOLUME, VALUE = "Volume, licensed facilities", "Value, customs"


def steps(volumes: pd.Series, values: pd.DataFrame, months: Months) -> pd.DataFrame:
    """What was exported in the months since the settlement over as many before, and the same in every other year.

    Parameters
    ----------
    volumes : Series
        Seed to all destinations by month, kt.
    values : DataFrame
        :func:`tradeexposure.canola.exposure.export_values.monthly_values`.
    months : Months
        Those since the settlement.

    Returns
    -------
    DataFrame
        Key `year`, `basis` (:data:`VOLUME` or :data:`VALUE`), `product`; `before`, `after` (kt or C$ million), `step` =
        after / before - 1. Years whose months are not all held are left out.
    """
    series = [(VOLUME, "seed", volumes)]
    millions = values.assign(value=values["value_cad"] / 1e6)
    series += [(VALUE, str(name), part.set_index("month")["value"]) for name, part in millions.groupby("product")]
    length = len(pd.date_range(months.first, months.last, freq="MS"))
    rows: list[dict[str, object]] = []
    for basis, product, exports in series:
        for year in range(exports.index.min().year, exports.index.max().year + 1):
            first = months.first.replace(year=year)
            span = pd.date_range(first - pd.DateOffset(months=length), periods=2 * length, freq="MS")
            if not span.isin(exports.index).all():
                continue
            before, after = (float(exports.loc[part].sum()) for part in (span[:length], span[length:]))
            rows.append({"year": year, "basis": basis, "product": product, "before": before, "after": after,
                         "step": after / before - 1})  # fmt: skip
    if not any(row["basis"] == VALUE and row["year"] == months.first.year for row in rows):
        raise BadInput(TABLE, "month", found="not enough months", allowed=f"as many before {months.first:%Y-%m}")
    return pd.DataFrame(rows)


def usual(steps: pd.DataFrame) -> dict[str, float]:
    """Steps of seed by volume in the years before: `low`, `median`, `high`, `years`."""
    before = steps.loc[steps["basis"] == VOLUME, "step"]
    return {"low": before.min(), "median": before.median(), "high": before.max(), "years": float(len(before))}


def results(steps: pd.DataFrame, months: Months) -> pd.DataFrame:
    """What the notebook publishes: the step of every product by value, and what is usual for seed by volume."""
    now = steps[(steps["basis"] == VALUE) & (steps["year"] == months.first.year)]
    stem = f"canola.exports_step.{{product}}.{months.suffix}"
    value = result_rows(now, {stem: "step"}, when=months.words, period=months.period)
    span = f"{steps['year'].min()} to {steps.loc[steps['basis'] == VOLUME, 'year'].max()}"
    past = named_rows(usual(steps), "canola.exports_step.seed.usual.{name}", period=span)
    return pd.concat([value, past], ignore_index=True)


def figure(steps: pd.DataFrame) -> alt.Chart:
    """The step of seed by year: volume from licensed facilities, value from customs."""
    seed = steps[steps["product"] == "seed"].rename(columns={"basis": "Basis"})
    shown = seed.assign(year=seed["year"].astype(str)).sort_values(["year", "Basis"], ascending=[True, False])
    return charts.bars(
        shown, category="year", value="step", group="Basis", numbers="change", horizontal=False,
        value_title="After over before", colours={VOLUME: "#8b9097", VALUE: "#1f5fa8"},
    )  # fmt: skip
