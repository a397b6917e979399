"""The numbers that are published of the months since the arrangement: identifier, label, unit, method and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure.export_values import Months
from tradeexposure.canola.since_deal import exports, weekly
from tradeexposure.canola.since_deal.canola_part import Inversion
from tradeexposure.canola.since_deal.exports import Change
from tradeexposure.canola.since_deal.forecasts import Forecast
from tradeexposure.canola.since_deal.weekly import Explained
from tradeexposure.econometrics.inference.draws import LEVEL
from tradeexposure.econometrics.treatment_effects.placebo import OverlapRank, Rank
from tradeexposure.reporting.result_rows import result_rows, simulated, sourced_rows

MODEL_NAMES = {"seasonal_naive": "last year's month", "structural": "structural model (UnobservedComponents)",
               "sarima": "seasonal ARIMA (SARIMAX)", "mean": "mean of three models"}  # fmt: skip
BENCHMARK_NAMES = {"last_year": "last year's month", "last_month": "the last month"}
PARTNERS = {"china": "China", "us": "the United States"}
#: Yardstick, as identifiers end → words of the label, and how it is worked out.
YARDSTICKS = {
    "change_on_year": ("against the same months a year before", "sum / sum a year before - 1"),
    "against_2024": ("against the same months of 2024", "sum / sum two years before - 1"),
    "against_forecast": ("against a path frozen in the month before", "local level and fixed season in logarithms, "
                         "fitted to all months before; range: simulated paths"),
    "against_path": ("against the same months of the years before the duties of 2025", "sum / geometric mean of the "
                     "years - 1; range: a new year drawn like them"),
}  # fmt: skip
PLACEBOS = "rank among {apart:.1f} placebo windows that share no month; smallest possible {floor:.3f}"
FLOW_NAMES = {"exports": "exported", "pacific": "exported through Pacific ports", "crush": "crushed in the west",
              "deliveries": "delivered by farmers"}  # fmt: skip


def places(
    series: pd.DataFrame, changes_by_place: Mapping[str, Mapping[str, Change]], months: Months, *,
    names: Mapping[str, tuple[str, str]], table: str,
) -> pd.DataFrame:  # fmt: skip
    """Level and changes of several places; `names` has the identifier's stem and the label of each."""
    parts = []
    for name, some in changes_by_place.items():
        stem, label = names[name]
        parts += [level(exports.total(series[name], months), months, stem=stem, label=label, table=table),
                  changes(some, months, stem=stem, label=label, table=table)]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def rises(increases: Mapping[str, float], months: Months) -> pd.DataFrame:
    """What exports to China and to the United States rose by on the year, CAD."""
    rows = pd.DataFrame([{"to": name, "cad": value, "words": PARTNERS[name]} for name, value in increases.items()])
    return sourced_rows(result_rows(
        rows, result_id=f"track.farm_food_{{to}}_cad.prairies.{months.suffix}.rise", value="cad", unit="CAD",
        label=f"Farm and food exports of the Prairies to {{words}}, {months.words} less a year before",
        period=months.period, method="sum less sum a year before", tables=exports.TABLE,
    ).assign(digits=3))  # fmt: skip


def level(
    total: float, months: Months, *, stem: str, label: str, table: str, unit: str = "CAD"
) -> pd.DataFrame:  # fmt: skip
    """What was seen in some months: one row ``<stem>.2026_mar_aug``."""
    row = pd.DataFrame([{"value": total}])
    return sourced_rows(result_rows(
        row, result_id=f"{stem}.{months.suffix}", value="value", unit=unit, label=f"{label}, {months.words}",
        period=months.period, method="sum of months", tables=table,
    ).assign(digits=3))  # fmt: skip


def changes(by_yardstick: Mapping[str, Change], months: Months, *, stem: str, label: str, table: str) -> pd.DataFrame:
    """Every yardstick's change and its p-value; that against the frozen path also ends in ``.p_value`` alone."""
    parts = []
    for yardstick, change in by_yardstick.items():
        against, method = YARDSTICKS[yardstick]
        key = f"{stem}.{months.suffix}.{yardstick}"
        row = pd.DataFrame([vars(change)])[["change", "low", "high"]].assign(level=LEVEL)
        value = result_rows(row, result_id=key, value="change", low="low", high="high", unit="change",
                            label=f"{label}, {months.words}, {against}", period=months.period, method=method,
                            tables=table).assign(digits=2)  # fmt: skip
        bare = value.drop(columns=["low", "high"])
        parts.append(sourced_rows(bare) if np.isnan(change.low) else simulated(value.assign(level=LEVEL)))
        names = [f"{key}.p_value", *([f"{stem}.{months.suffix}.p_value"] if yardstick == "against_forecast" else [])]
        parts += [p_value_row(name, change.rank.p_value, f"{label}, {months.words}, {against}", months.period, table,
                           PLACEBOS.format(**vars(change.rank))) for name in names]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def p_value_row(key: str, value: float, label: str, period: str, tables: str, method: str) -> pd.DataFrame:
    """A p-value among placebos; `label` says what it is of."""
    return result_rows(pd.DataFrame([{"p": value}]), result_id=key, value="p", unit="pvalue",
                       label=f"p-value among placebos: {label}", period=period, method=method,
                       tables=tables).assign(digits=2)  # fmt: skip


def rank_rows(stem: str, rank: OverlapRank, label: str, period: str, tables: str) -> pd.DataFrame:
    """A p-value among placebos (``.p_value``) and the smallest that so few of them can give (``.p_floor``)."""
    method = PLACEBOS.format(**vars(rank))
    value = p_value_row(f"{stem}.p_value", rank.p_value, label, period, tables, method)
    floor = p_value_row(f"{stem}.p_floor", rank.floor, label, period, tables, method)
    return pd.concat([value, floor.assign(label=f"Smallest p-value possible: {label}")], ignore_index=True)


def canola_part_rows(inversion: Inversion, months: Months) -> pd.DataFrame:
    """How much of exports to China was canola, with the range of how far the same telling misses known windows."""
    row = pd.DataFrame([vars(inversion)])[["value", "low", "high"]].astype(float)
    tables = f"{exports.TABLE}; grain_exports_monthly; farm_prices_monthly"
    part = result_rows(
        row, result_id=f"track.canola_to_china_cad.{months.suffix}", value="value", low="low", high="high", unit="CAD",
        label=f"Canola to China told from the Prairies' farm and food exports, {months.words}", period=months.period,
        method=f"regression turned round; range: misses of {inversion.apart:.1f} windows that share no month",
        tables=tables,
    )  # fmt: skip
    spread = result_rows(
        pd.DataFrame([vars(inversion)])[["spread"]], result_id=f"track.canola_to_china_cad.{months.suffix}.spread",
        value="spread", unit="CAD",
        label=f"How far the same telling misses known windows of as many months, {months.words}",
        period=months.period,
        method="root mean squared miss, the larger of windows told from before and from all others",
        tables=tables,
    )  # fmt: skip
    none = rank_rows(
        f"track.canola_to_china_cad.{months.suffix}", inversion.rank,
        f"so much told where no canola at all went to China, {months.words}", months.period, tables,
    )  # fmt: skip
    parts = [simulated(part.assign(level=LEVEL, digits=2)), spread.assign(digits=2), none]
    return pd.concat(parts, ignore_index=True)


def weekly_rows(
    flows: pd.DataFrame, shares: pd.DataFrame, changed: Mapping[str, tuple[float, Rank]], *, year: str,
    weeks: tuple[int, int],
) -> pd.DataFrame:  # fmt: skip
    """Tonnes of some weeks, their change on the year with its rank, and their share of supply."""
    span = f"weeks_{weeks[0]}_{weeks[1]}_{_short(year)}"
    when = f"weeks {weeks[0]} to {weeks[1]} of {_words(year)}"
    parts = []
    for flow, name in FLOW_NAMES.items():
        key, label = f"track.canola_weekly_kt.{flow}.{span}", f"Canola {name}, {when}"
        change, rank = changed[flow]
        shared = {"period": _words(year), "tables": weekly.TABLE}
        row = pd.DataFrame([{"kt": flows.loc[year, flow], "share": shares.loc[year, flow], "change": change}])
        parts += [
            sourced_rows(result_rows(row, result_id=key, value="kt", unit="kilotonnes", label=label,
                                     method="difference of cumulative figures", **shared).assign(digits=3)),
            sourced_rows(result_rows(row, result_id=f"{key}.change_on_year", value="change", unit="change",
                                     label=f"{label}, against the crop year before",
                                     method="difference of cumulative figures", **shared).assign(digits=2)),
            p_value_row(f"{key}.change_on_year.p_value", rank.p_value, f"{label}, against the crop year before",
                     _words(year), weekly.TABLE, f"rank among {rank.count} crop years"),
            sourced_rows(result_rows(row, result_id=f"{key}.share_of_supply", value="share", unit="share",
                                     label=f"{label}, share of the harvest and elevators' stocks before it",
                                     method="tonnes / (harvest + stocks in elevators)", period=_words(year),
                                     tables=f"{weekly.TABLE}; field_crops_annual; canola_crop_2025").assign(digits=3)),
        ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def explained_rows(
    explanations: Mapping[tuple[str, str], Explained], *, year: str, weeks: tuple[int, int], drought: str
) -> pd.DataFrame:
    """What was seen over what supply lets expect, by flow, with and without the drought year; and p-values."""
    span = f"weeks_{weeks[0]}_{weeks[1]}_{_short(year)}"
    parts = []
    for (flow, without), explanation in explanations.items():
        suffix = f".without_{_short(without)}" if without else ""
        key = f"track.canola_weekly_kt.{flow}.{span}.against_supply{suffix}"
        label = (f"Canola {FLOW_NAMES[flow]}, weeks {weeks[0]} to {weeks[1]} of {_words(year)}, against what supply "
                 f"explains{f', {_words(drought)} left out' if without else ''}")  # fmt: skip
        seen = explanation.expected_kt * (1 + explanation.change)
        row = pd.DataFrame(
            [
                {
                    "change": explanation.change,
                    "low": seen / explanation.high_kt - 1,
                    "high": seen / explanation.low_kt - 1,
                }
            ]
        )
        tables = f"{weekly.TABLE}; field_crops_annual; canola_crop_2025"
        value = result_rows(row, result_id=key, value="change", low="low", high="high", unit="change", label=label,
                            period=_words(year), method="logarithm of the flow on that of supply, crop years before",
                            tables=tables)  # fmt: skip
        parts.append(value.assign(level=LEVEL, digits=2))
        parts.append(
            p_value_row(
                f"{key}.p_value",
                explanation.rank.p_value,
                label,
                _words(year),
                tables,
                f"rank among {explanation.rank.count} crop years, each left out of its own fit",
            )
        )
    return pd.concat(parts, ignore_index=True)


def _short(year: str) -> str:
    """``2025_26`` of ``2025-2026``."""
    return f"{year[:4]}_{year[-2:]}"


def _words(year: str) -> str:
    """``2025-26`` of ``2025-2026``."""
    return f"{year[:4]}-{year[-2:]}"


def forecast_rows(forecasts: Sequence[Forecast]) -> pd.DataFrame:
    """Next months and the crop year of every series, skill and coverage by horizon."""
    return pd.concat([_of_series(forecast) for forecast in forecasts], ignore_index=True)


def _of_series(forecast: Forecast) -> pd.DataFrame:
    series, name, begun = forecast.series, f"forecast.{forecast.series.name}", f"{forecast.newest:%Y-%m}"
    method = f"{MODEL_NAMES[forecast.model]}, figures to {begun}; range: nine in ten"
    shared = {"tables": series.table, "low": "low", "high": "high", "value": "value", "unit": series.unit}
    months = result_rows(
        forecast.months.assign(when=forecast.months["month"].dt.strftime("%Y-%m")), result_id=f"{name}.{{horizon}}",
        label=f"{series.label}: forecast of {{when}}", period="{when}", method=method, **shared,
    )  # fmt: skip
    year = result_rows(forecast.crop_year, result_id=f"{name}.crop_year", method=method, period="{crop_year}",
                       label=f"{series.label}: crop year {{crop_year}}", **shared)  # fmt: skip
    values = simulated(pd.concat([months, year], ignore_index=True).assign(level=LEVEL, digits=3))
    scores = pd.DataFrame([
        {"horizon": horizon, "value": score.skill, "low": score.low, "high": score.high, "origins": score.origins,
         "benchmark": BENCHMARK_NAMES[score.benchmark]} for horizon, score in forecast.scores.items()
    ])  # fmt: skip
    skill = result_rows(
        scores, result_id=f"{name}.skill.{{horizon}}", value="value", low="low", high="high", unit="share",
        label=f"{series.label}: skill {{horizon}} months ahead over {{benchmark}}", period=f"to {begun}",
        method="1 - root mean squared miss / that of the better of two naive forecasts; {origins} origins, blocks of a "
        "year", tables=series.table,
    ).assign(level=LEVEL, digits=2)  # fmt: skip
    covered = pd.DataFrame([
        {"horizon": horizon, "level": round(100 * level), "value": share, "low": min(low, share),
         "high": max(high, share)}
        for horizon, score in forecast.scores.items() for level, (share, low, high) in score.coverage.items()
    ])  # fmt: skip
    if covered.empty:
        return pd.concat([values, skill], ignore_index=True)
    coverage = result_rows(
        covered, result_id=f"{name}.coverage_{{level}}.{{horizon}}", value="value", low="low", high="high",
        unit="probability", label=f"{series.label}: months inside the {{level}}% range, {{horizon}} ahead",
        period=f"to {begun}", method="share of origins; range: resampled blocks of a year", tables=series.table,
    ).assign(level=LEVEL, digits=2)  # fmt: skip
    return pd.concat([values, skill, coverage], ignore_index=True)
