"""The numbers that the canola price notebook publishes: identifier, label, unit, method and tables of each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tradeexposure import price_plan, rolling
from tradeexposure.counterfactual import Effect, Specification
from tradeexposure.econometrics import backtests, specification_curve
from tradeexposure.econometrics import draws as econometrics_draws
from tradeexposure.econometrics.months import Window
from tradeexposure.econometrics.placebo import Rank
from tradeexposure.price_words import NAMES, WINDOWS
from tradeexposure.reporting.result_rows import result_rows, simulated

PRICES = "canola_price_prairies_monthly; commodity_prices_monthly; exchange_rate_monthly"
CROPS = "farm_prices_monthly; commodity_prices_monthly; exchange_rate_monthly"
ORIGINS = "rolling origins without the measures of 2019 or 2025"
RECEIPTS = f"{PRICES}; farm_cash_receipts_annual"


def _whole_digits(values: pd.Series) -> pd.Series:
    """Digits of whole numbers, so that counts are written whole."""
    return values.abs().astype(int).astype(str).str.len()


def rank_rows(ranks: pd.DataFrame) -> pd.DataFrame:
    """How far the rank depends on the choices: cells, smallest and largest rank, share with a full rank."""
    trace = ranks["rank_trace"]
    values = {
        "cells": (len(ranks), "cells of the grid", "count"),
        "min": (trace.min(), "smallest rank", "count"),
        "max": (trace.max(), "largest rank", "count"),
        "share_full": ((ranks["reach"] == "full").mean(), "share of cells with full rank", "share"),
        "share_none": ((ranks["reach"] == "none").mean(), "share of cells with rank 0", "share"),
    }
    rows = pd.DataFrame([
        {"result_id": f"canola.johansen_rank.2019.{name}", "label": f"Johansen trace test at 5%: {label}",
         "value": float(value), "unit": unit, "method": "canola and sets of world prices, months to 2019-02"}
        for name, (value, label, unit) in values.items()
    ]).assign(period="to 2019-02", tables=PRICES)  # fmt: skip
    return rows.assign(digits=_whole_digits(rows["value"]).where(rows["unit"] == "count", 2))


def coverage_rows(tested: pd.DataFrame) -> pd.DataFrame:
    """Measured coverage over horizons of 1 to 12 months, of twelve-month means, the factor for these, and its check."""
    pooled = backtests.coverage_by(tested, by=("kind", "level"))
    months = pooled[pooled["kind"] == "month"]
    year = backtests.coverage_by(tested)
    year = year[(year["kind"] == "mean") & (year["months"] == rolling.HORIZON)]
    method = f"{ORIGINS}, {{windows}} of them overlapping, about {{independent}} apart"
    parts = [
        (months, "canola.backtest_coverage.{percent}", "Coverage of the {percent}% interval, months 1 to 12",
         "coverage", "probability"),
        (year, "canola.backtest_coverage.{percent}.mean_12", "Coverage of the {percent}% interval, mean of 12 months",
         "coverage", "probability"),
        (year, "canola.backtest_factor.{percent}.mean_12", "Factor that widens the {percent}% interval", "factor",
         "ratio"),
    ]  # fmt: skip
    rows = [
        result_rows(frame.assign(percent=(100 * frame["level"]).round().astype(int)), result_id=result_id, label=label,
                    value=value, unit=unit, method=method, period="1998-01 to 2024-08")
        for frame, result_id, label, value, unit in parts
    ]  # fmt: skip
    return pd.concat([*rows, _split_rows(tested)], ignore_index=True).assign(tables=PRICES, digits=2)


def _split_rows(tested: pd.DataFrame) -> pd.DataFrame:
    """The split check; its tolerance is what other seeds move it by, since a few windows decide."""
    factor, held = backtests.split_check(tested, months=rolling.HORIZON, level=econometrics_draws.CONFIDENCE)
    return pd.DataFrame([
        {"result_id": "canola.backtest_coverage.split_95", "value": held, "unit": "probability", "tolerance": 0.05,
         "label": "Coverage of the 95% interval, mean of 12 months, second half, widened by the first half's factor"},
        {"result_id": "canola.backtest_factor.split_95", "value": factor, "unit": "ratio", "tolerance": 0.1,
         "label": "Factor that widens the 95% interval, from the first half of the windows"},
    ]).assign(period="1998-01 to 2024-08", method=f"{ORIGINS}, in two halves")  # fmt: skip


def effect_rows(window: Window, found: Effect, *, spec: Specification, factors: Mapping[float, float]) -> pd.DataFrame:
    """The effect over one window in per cent and dollars, with the 95% interval, and the 80% one beside it."""
    variant = f" (fitted to {window.origin:%Y-%m})" if ".fit_" in window.name else ""
    what = f"{WINDOWS[window.name.split('.')[0]]}, {window.span}{variant}"
    method = f"{spec.name}; fitted to {window.origin:%Y-%m}; interval by simulation, widened by {{factor:.2f}}"
    rows = []
    for level, factor in sorted(factors.items(), reverse=True):
        suffix = "" if level == econometrics_draws.CONFIDENCE else f".level_{level * 100:.0f}"
        for stem, label, point, draws, unit in (
            ("canola.price_effect", "Farm price against no measure", found.share, found.share_draws, "change"),
            ("canola.price_effect_cad_per_tonne", "Farm price gap", found.cad_per_tonne, found.cad_draws,
             "CAD per tonne"),
        ):  # fmt: skip
            low, high = econometrics_draws.interval(point, draws, level=level, factor=factor)
            rows.append({"result_id": f"{stem}.{window.name}{suffix}", "label": f"{label}: {what}", "value": point,
                         "low": low, "high": high, "level": level, "unit": unit,
                         "method": method.format(factor=factor)})  # fmt: skip
    return simulated(pd.DataFrame(rows).assign(period=window.span, tables=PRICES, digits=2))


def model_rows(models: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Effect and widening factor of each model but the headline, which stands under its own identifiers.

    Parameters
    ----------
    models : DataFrame
        From :func:`tradeexposure.price_study.by_model`.
    """
    others = models[models["model"] != price_plan.HEADLINE.model]
    worded = others.assign(name=others["model"].map(NAMES), window=window.name, span=window.span)
    effects = result_rows(
        worded, result_id="canola.price_effect.{window}.{model}", label="Farm price against no measure: {name}",
        value="estimate", low="low", high="high", unit="change", period="{span}",
        method="oilseed complex, 2 lags, constant, from 1990-01; interval widened by the model's own {factor:.2f}",
    ).assign(level=econometrics_draws.CONFIDENCE)  # fmt: skip
    factors = result_rows(
        worded, result_id="canola.backtest_factor.95.mean_12.{model}", value="factor", unit="ratio",
        label="Factor that widens the 95% interval: {name}", period="1998-01 to 2024-08",
        method=f"{ORIGINS}, every third month",
    )  # fmt: skip
    return simulated(pd.concat([effects, factors], ignore_index=True).assign(tables=PRICES, digits=2))


def curve_rows(curve: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Median, quartiles, extremes and number of a specification curve."""
    found = specification_curve.summary(curve)
    values = {
        "median": found.median, "q25": found.q25, "q75": found.q75, "low": found.low, "high": found.high,
        "share_negative": found.share_negative, "n": found.count,
    }  # fmt: skip
    rows = pd.DataFrame({"stat": list(values), "value": list(values.values())})
    units = {"n": "count", "share_negative": "share"}
    words = {"q25": "lower quartile", "q75": "upper quartile", "low": "lowest", "high": "highest", "n": "number",
             "share_negative": "share below zero"}  # fmt: skip
    return pd.DataFrame({
        "result_id": f"canola.spec_curve.{window.name}." + rows["stat"],
        "label": "Price effect over specifications: " + rows["stat"].map(lambda stat: words.get(stat, stat)),
        "value": rows["value"].astype(float), "unit": rows["stat"].map(lambda stat: units.get(stat, "change")),
        "digits": np.where(rows["stat"] == "n", _whole_digits(rows["value"]), 2),
    }).assign(period=window.span, tables=PRICES, method="spread over specifications, no sampling error")  # fmt: skip


def rank_result_rows(ranked: pd.DataFrame, window: Window) -> pd.DataFrame:
    """p-values, place, floor and the smallest effect that could have been told from noise."""
    stem = f"canola.price_effect.{window.name}"
    by = ranked.set_index("windows")
    entries = [
        ("p_value", "rolling", "p_value", "two-sided", "pvalue"),
        ("p_value_one_sided", "rolling", "p_less", "one-sided, a fall", "pvalue"),
        ("p_floor", "rolling", "floor", "smallest possible p-value, rolling windows", "pvalue"),
        ("p_value_apart", "apart", "p_value", "two-sided, windows that do not overlap", "pvalue"),
        ("p_floor_apart", "apart", "floor", "smallest possible p-value, windows that do not overlap", "pvalue"),
        ("p_value_ex_2007_09", "rolling_ex_2007_09", "p_value", "two-sided, without 2007 to 2009", "pvalue"),
        ("p_value_apart_ex_2007_09", "apart_ex_2007_09", "p_value", "two-sided, apart, without 2007 to 2009", "pvalue"),
        ("p_value_ex_disputes", "rolling_ex_disputes", "p_value", "two-sided, without 2009 to 2011 and 2016", "pvalue"),
        ("placebo_rank", "rolling", "place", "place from the lowest", "count"),
        ("placebos", "rolling", "count", "placebo windows", "count"),
        ("placebos_apart", "apart", "count", "placebo windows that do not overlap", "count"),
        ("placebo_spread", "rolling", "spread", "root mean square of placebo effects", "share"),
        ("detectable", "rolling", "detectable", "95% of placebo effects are smaller in size", "share"),
    ]
    return pd.DataFrame([
        {"result_id": f"{stem}.{name}", "label": f"Price effect {window.name} among placebos: {label}",
         "value": float(by[column][row]), "unit": unit,
         "digits": len(str(int(by[column][row]))) if unit == "count" else 2}
        for name, row, column, label, unit in entries
    ]).assign(period=window.span, tables=PRICES,
              method="windows without the measures of 2019 or 2025, refitted before each")  # fmt: skip


def joint_rows(found: Rank, window: Window) -> pd.DataFrame:
    """Where the median over the declared specifications stands among its own placebos."""
    entries = {"p_value": (found.p_value, "two-sided"), "p_value_one_sided": (found.p_less, "one-sided, a fall"),
               "p_floor": (found.floor, "smallest possible")}  # fmt: skip
    return pd.DataFrame([
        {"result_id": f"canola.spec_curve.{window.name}.{name}", "value": value, "unit": "pvalue",
         "label": f"Median of declared specifications among placebos: {label}"}
        for name, (value, label) in entries.items()
    ]).assign(period=window.span, tables=PRICES, digits=2,
              method=f"{len(price_plan.DECLARED)} specifications, {found.count} placebo windows")  # fmt: skip


def crop_rows(crops: pd.DataFrame, window: Window) -> pd.DataFrame:
    """The placebo crops of :func:`tradeexposure.price_plan.crop_effects`."""
    worded = crops.assign(name=crops["crop"].map(NAMES), window=window.name, span=window.span)
    effects = result_rows(
        worded, result_id="canola.placebo_crop_effect.{crop}.{window}", label="Price effect of the same months: {name}",
        value="estimate", low="low", high="high", unit="change", period="{span}",
        method="headline model; interval widened by the factor measured on Prairie canola",
    ).assign(level=econometrics_draws.CONFIDENCE)  # fmt: skip
    tested = result_rows(
        worded.dropna(subset="p_value"), period="{span}",
        result_id="canola.placebo_crop_effect.{crop}.{window}.p_value",
        label="Price effect of the same months among placebos: {name}", value="p_value", unit="pvalue",
        method="{placebos} placebo windows",
    )  # fmt: skip
    return simulated(pd.concat([effects, tested], ignore_index=True).assign(tables=CROPS, digits=2))
