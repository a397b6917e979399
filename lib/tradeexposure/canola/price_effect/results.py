"""The numbers that the canola price notebook publishes; their words stand in ``data/results``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure import data
from tradeexposure.canola.price_effect import growers_cost
from tradeexposure.canola.price_effect.counterfactual import Counterfactual, Effect
from tradeexposure.canola.price_effect.design import Design
from tradeexposure.core import units
from tradeexposure.core.units import MILLION
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.inference.draws import CONFIDENCE, interval
from tradeexposure.econometrics.time_series import backtests
from tradeexposure.econometrics.time_series.months import Window
from tradeexposure.econometrics.treatment_effects.placebo import Rank
from tradeexposure.econometrics.treatment_effects.synthetic_did import Tested
from tradeexposure.reporting.result_rows import named_rows, result_rows

STRUCTURAL = "components"
UNIT_COSTS = ("cost", "low", "high")
FUTURES = ("ICE canola futures immediate fall", "price fall almost immediately", "ICE canola over the week")


def rank_rows(ranks: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """How far the rank depends on the choices: cells, smallest and largest rank, share with a full rank."""
    trace = ranks["rank_trace"]
    numbers = {
        "cells": len(ranks), "min": trace.min(), "max": trace.max(), "share_full": (ranks["reach"] == "full").mean(),
        "share_none": (ranks["reach"] == "none").mean(),
    }  # fmt: skip
    return named_rows(numbers, "canola.johansen_rank.2019.{name}", period=f"to {until:%Y-%m}")


def coverage_rows(tested: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Measured coverage month by month, of means over the longest window, the factor for these, and its check."""
    pooled = backtests.coverage(tested, by=("kind", "level"))
    months = pooled[pooled["kind"] == "month"]
    year = backtests.coverage(tested, by=("kind", "level", "months"))
    year = year[(year["kind"] == "mean") & (year["months"] == design.longest)]
    parts = [
        (months, "canola.backtest_coverage.{percent}", "coverage"),
        (year, f"canola.backtest_coverage.{{percent}}.mean_{design.longest}", "coverage"),
        (year, f"canola.backtest_factor.{{percent}}.mean_{design.longest}", "factor"),
    ]
    rows = [
        result_rows(frame.assign(percent=(100 * frame["level"]).round().astype(int)), {result_id: value},
                    longest=f"{design.longest}", windows="{windows}", independent="{independent}")
        for frame, result_id, value in parts
    ]  # fmt: skip
    factor, coverage = backtests.split_check(tested, months=design.longest, level=CONFIDENCE)
    split = pd.DataFrame([  # its tolerance is what other seeds move it by, since a few windows decide
        {"result_id": "canola.backtest_coverage.split_95", "value": coverage, "tolerance": 0.05,
         "longest": f"{design.longest}"},
        {"result_id": "canola.backtest_factor.split_95", "value": factor, "tolerance": 0.1},
    ])  # fmt: skip
    return pd.concat([*rows, split], ignore_index=True).assign(period=design.tested)


def effect_rows(
    window: Window, effect: Effect, *, spec: Counterfactual, factors: Mapping[float, float]
) -> pd.DataFrame:
    """The effect over one window in per cent and dollars, with the 95% interval, and the 80% one beside it."""
    rows = []
    for level, factor in sorted(factors.items(), reverse=True):
        suffix = "" if level == CONFIDENCE else f".level_{level * 100:.0f}"
        for stem, point, draws in (
            ("canola.price_effect", effect.share, effect.share_draws),
            ("canola.price_effect_cad_per_tonne", effect.cad_per_tonne, effect.cad_draws),
        ):
            low, high = interval(point, draws, level=level, factor=factor)
            rows.append({"result_id": f"{stem}.{window.name}{suffix}", "value": point, "low": low, "high": high,
                         "level": level, "factor": f"{factor:.2f}"})  # fmt: skip
    return pd.DataFrame(rows).assign(period=window.span, origin=f"{window.origin:%Y-%m}", spec=spec.name)


def model_rows(models: pd.DataFrame, window: Window, design: Design) -> pd.DataFrame:
    """Effect and widening factor of each model but the headline, which stands under its own identifiers.

    `models`: from :func:`tradeexposure.canola.price_effect.study.by_model`.
    """
    head = design.headline
    others = models[models["model"] != head.model]
    effects = result_rows(
        others, {f"canola.price_effect.{window.name}.{{model}}": ("estimate", "low", "high")}, factor="{factor:.2f}",
        period=window.span, variables=head.variables, lags=f"{head.lags}", deterministic=head.deterministic,
        start=head.start,
    ).assign(level=CONFIDENCE)  # fmt: skip
    stem = f"canola.backtest_factor.95.mean_{design.longest}.{{model}}"
    factors = result_rows(others, {stem: "factor"}, period=design.tested)
    return pd.concat([effects, factors], ignore_index=True)


def structural_rows(declared: pd.DataFrame, window: Window, design: Design) -> pd.DataFrame:
    """The effect of a later window by the structural series, on the headline's data; a point without an interval.

    `declared`: from :func:`tradeexposure.canola.price_effect.design.estimate_all` of the declared specifications.
    """
    head = design.headline
    chosen = declared[(declared["model"] == STRUCTURAL) & (declared["variables"] == head.variables)]
    numbers = {f"canola.price_effect.{window.name}.{{model}}": "estimate"}
    origin = f"{window.origin:%Y-%m}"
    return result_rows(chosen, numbers, period=window.span, variables=head.variables, origin=origin)


def spread_rows(curve: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Median, quartiles, extremes and number of a specification curve."""
    return named_rows(
        specification_curve.summary(curve), f"canola.spec_curve.{window.name}.{{name}}", period=window.span
    )


def rank_result_rows(ranked: pd.DataFrame, window: Window, design: Design) -> pd.DataFrame:
    """p-values, place, floor and the smallest effect that could have been told from noise."""
    stem = f"canola.price_effect.{window.name}"
    by = ranked.set_index("windows")
    entries = [
        ("p_value", "rolling", "p_value"), ("p_value_one_sided", "rolling", "p_less"), ("p_floor", "rolling", "floor"),
        ("p_value_apart", "apart", "p_value"), ("p_floor_apart", "apart", "floor"),
        ("p_value_ex_2007_09", "rolling_ex_2007_09", "p_value"),
        ("p_value_apart_ex_2007_09", "apart_ex_2007_09", "p_value"),
        ("p_value_ex_disputes", "rolling_ex_disputes", "p_value"), ("placebo_rank", "rolling", "place"),
        ("placebos", "rolling", "count"), ("placebos_apart", "apart", "count"),
        ("placebo_spread", "rolling", "spread"), ("detectable", "rolling", "detectable"),
    ]  # fmt: skip
    numbers = {name: by[column][row] for name, row, column in entries}
    fills = {"crisis": design.crisis_years, "disputes": design.dispute_years, "origin": f"{window.origin:%Y-%m}"}
    return named_rows(numbers, f"{stem}.{{name}}", period=window.span, **fills)


def joint_rows(ranked: Rank, window: Window, design: Design) -> pd.DataFrame:
    """Where the median over the declared specifications stands among its own placebos."""
    numbers = {"p_value": ranked.p_value, "p_value_one_sided": ranked.p_less, "p_floor": ranked.floor}
    return named_rows(numbers, f"canola.spec_curve.{window.name}.{{name}}", period=window.span,
                      specifications=f"{len(design.declared)}", windows=f"{ranked.count}")  # fmt: skip


def crop_rows(crops: pd.DataFrame, window: Window) -> pd.DataFrame:
    """The placebo crops of :func:`tradeexposure.canola.price_effect.design.crop_effects`."""
    stem = f"canola.placebo_crop_effect.{{crop}}.{window.name}"
    effects = result_rows(crops, {stem: ("estimate", "low", "high")}).assign(level=CONFIDENCE)
    tested = result_rows(crops.dropna(subset="p_value"), {f"{stem}.p_value": "p_value"}, placebos="{placebos}")
    return pd.concat([effects, tested], ignore_index=True).assign(period=window.span)


def synthetic_did_rows(tested: Mapping[str, Tested], windows: Mapping[str, Window], *, level: float) -> pd.DataFrame:
    """Effects of the second design with the interval of the placebo variance, their p-values and floors.

    `tested`: by name of the window, with a variant behind a colon where there is one.
    """
    parts = []
    for key, test in tested.items():
        name, _, variant = key.partition(":")
        months, count = test.estimate.time_weights.index, test.rank.count
        stem = ".".join(filter(None, ["canola.price_effect", name, "synthetic_did", variant]))
        span = windows[name].span
        effect = {"result_id": stem, **test.change(level)}
        rank = {"p_value": test.rank.p_value, "p_floor": test.rank.floor}
        both = pd.concat([pd.DataFrame([effect]), named_rows(rank, f"{stem}.{{name}}")], ignore_index=True)
        first, last = (f"{month:%Y-%m}" for month in (months[0], months[-1]))
        parts.append(both.assign(period=span, first=first, last=last, prices=f"{count}"))
    return pd.concat(parts, ignore_index=True)


def cost_rows(costs: pd.DataFrame, window: Window, *, years: str = "2019") -> pd.DataFrame:
    """Growers' cost by province and for Canada; `costs` from :func:`growers_cost.grower_cost`."""
    numbers = {f"canola.grower_cost_cad.{{place}}.{years}": ("cost_cad", "low_cad", "high_cad")}
    covered = " and ".join(map(str, growers_cost.parts(window)))
    return result_rows(costs, numbers, period=window.span, years=covered).assign(level=CONFIDENCE)


def unit_rows(each: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Cost per farm and per hectare; `each` from :func:`tradeexposure.canola.price_effect.growers_cost.per_unit`."""
    farm, hectare = (
        {f"canola.grower_cost_per_{unit}_cad.{{place}}.2019": [f"{name}_per_{unit}_cad" for name in UNIT_COSTS]}
        for unit in ("farm", "hectare")
    )
    land = result_rows(each.dropna(subset="area_ha"), hectare, seeded=f"{window.first:%Y}")
    both = pd.concat([result_rows(each, farm), land], ignore_index=True)
    return both.assign(level=CONFIDENCE, period=window.span)


def province_rows(costs: pd.DataFrame, each: pd.DataFrame, window: Window) -> pd.DataFrame:
    """:func:`cost_rows` and :func:`unit_rows` of the twelve months."""
    return pd.concat([cost_rows(costs, window), unit_rows(each, window)], ignore_index=True)


def longer_cost(receipts: pd.DataFrame, bounds: Mapping[str, float], window: Window) -> pd.DataFrame:
    """:func:`growers_cost.grower_cost` of Canada over the seventeen months of the industry's figure."""
    window_receipts = growers_cost.window_receipts(receipts, years=growers_cost.parts(window))
    return growers_cost.grower_cost(window_receipts[window_receipts["place"] == "canada"], **bounds)


def comparison_rows(compared: pd.DataFrame, window: Window) -> pd.DataFrame:
    """The industry's method here: median, lowest and highest cost over international prices and base periods."""
    cost = compared["cost_cad"]
    return pd.DataFrame([{
        "result_id": "canola.grower_cost_cad.canada.2019_17_months.price_comparison", "value": cost.median(),
        "low": cost.min(), "high": cost.max(), "period": window.span,
    }])  # fmt: skip


def _months(cited: pd.Series) -> str:
    """The period of a cited figure, as 2019-03 to 2020-02."""
    return " to ".join(f"{pd.Timestamp(end):%Y-%m}" for end in cited["period"].split("-"))


def industry_figure(benchmarks: pd.DataFrame) -> tuple[float, float]:
    """The published cost to growers of 2019 to 2020 (CAD); BadInput without it."""
    row = _industry(benchmarks)
    return float(row["low"]) * MILLION, float(row["high"]) * MILLION


def _industry(benchmarks: pd.DataFrame) -> pd.Series:
    return data.of_study(benchmarks, "LeftField", "cost to growers")


def _wells_slade(benchmarks: pd.DataFrame) -> pd.Series:
    return data.of_study(benchmarks, "Wells & Slade", "canola price relative to counterfactual")


def published_study(benchmarks: pd.DataFrame) -> float:
    """The published price effect of 2019 by an error-correction model (share); BadInput without it."""
    return float(_wells_slade(benchmarks)["value"]) / 100


def published_rows(
    benchmarks: pd.DataFrame, compared: pd.DataFrame, cost_17: pd.DataFrame, effect_17: pd.DataFrame, window: Window
) -> pd.DataFrame:
    """Cited figures, and the industry's seventeen months by its own method and by the headline model.

    Parameters
    ----------
    compared : DataFrame
        From :func:`tradeexposure.canola.price_effect.growers_cost.costs`.
    cost_17 : DataFrame
        :func:`tradeexposure.canola.price_effect.growers_cost.grower_cost` of Canada over the seventeen months.
    effect_17 : DataFrame
        :func:`tradeexposure.canola.price_effect.results.effect_rows` of the same months.
    """
    low, high = industry_figure(benchmarks)
    falls = futures_falls(benchmarks)
    rows = [
        {"result_id": "canola.price_effect.2019.wells_slade", "value": published_study(benchmarks),
         "period": _months(_wells_slade(benchmarks))},
        {"result_id": "canola.grower_cost_cad.canada.2019_17_months.leftfield", "value": (low + high) / 2, "low": low,
         "high": high, "period": _months(_industry(benchmarks))},
        {"result_id": "canola.futures_move_cad_per_tonne.2025-08", "value": falls.median(), "low": falls.min(),
         "high": falls.max(), "period": "2025-08"},
    ]  # fmt: skip
    ours = [comparison_rows(compared, window), cost_rows(cost_17, window, years="2019_17_months"), effect_17.head(1)]
    return pd.concat([pd.DataFrame(rows), *ours], ignore_index=True)


def futures_day(benchmarks: pd.DataFrame) -> float:
    """The quoted one-day fall of futures after the announcement of March 2025 (share)."""
    rows = benchmarks[benchmarks["effect"] == "May ICE canola futures, one day"]
    return float(rows["value"].item()) / 100


def futures_falls(benchmarks: pd.DataFrame) -> pd.Series:
    """All quoted falls of the price in August 2025 (C$ per tonne)."""
    rows = benchmarks[benchmarks["effect"].isin(FUTURES)]
    return pd.concat([rows["value"], rows["low"], rows["high"]]).dropna()


def beside_published(benchmarks: pd.DataFrame, ours: pd.DataFrame, window: Window, longer: Window) -> pd.DataFrame:
    """Published figures and ours in words, with what differs in data and method.

    Parameters
    ----------
    ours : DataFrame
        Published rows so far, from :meth:`tradeexposure.reporting.results_book.Book.frame`.
    window, longer : Window
        That of 2019, and the months of the industry's figure.
    """
    low, high = industry_figure(benchmarks)
    falls, stated = futures_falls(benchmarks), f"C${low / 1e9:.2f} to {high / 1e9:.1f} bn"
    share = window.months / longer.months
    studied = _months(_wells_slade(benchmarks))
    same = window.span == studied
    months, cost = longer.span, "canola.grower_cost_cad.canada.2019_17_months"
    rows = [
        ("Wells & Slade (2021)", studied if same else f"{studied}, here {window.span}",
         units.write(published_study(benchmarks), "change", 2),
         _written(ours, "canola.price_effect.2019"),
         f"Also an error-correction model and a gap over {'the same' if same else 'other'} months; only the abstract "
         "could be read: frequency, lags and covariates are unknown, no interval is stated there"),
        ("LeftField for the industry council (2021), its method", months, stated,
         _written(ours, f"{cost}.price_comparison"),
         "Comparison with international prices; which ones and which base it used is not known, so all are shown"),
        ("The same, by the model here", months, stated, _written(ours, cost),
         "Counterfactual over its seventeen months times receipts of these months"),
        (f"The same, scaled to {window.months} of its {longer.months} months", window.span,
         units.write_range(low * share, high * share, "CAD", 2), _written(ours, "canola.grower_cost_cad.canada.2019"),
         "Scaling assumes that every month cost the same"),
        ("Market report on futures, one day in March 2025", "2025-03",
         units.write(futures_day(benchmarks), "change", 2), _written(ours, "canola.price_effect.2025_mar"),
         "One day against five months"),
        ("Market reports on futures", "2025-08",
         units.write_range(falls.min(), falls.max(), "CAD per tonne", 2),
         _written(ours, "canola.price_effect_cad_per_tonne.2025_aug"),
         "Days against seven months; futures against farm prices, which follow deliveries"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["study", "period", "published", "ours", "differs"])


def _written(ours: pd.DataFrame, result_id: str) -> str:
    row = ours[ours["result_id"] == result_id].iloc[0].to_dict()
    span = units.write_range(row["low"], row["high"], row["unit"], row["digits"])
    return f"{units.write(row['value'], row['unit'], row['digits'])} ({span})"
