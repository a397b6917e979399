"""The numbers that the canola price notebook publishes: identifier, label, unit, method and tables of each."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure.canola.price_effect import growers_cost
from tradeexposure.canola.price_effect.counterfactual import Counterfactual, Effect
from tradeexposure.canola.price_effect.design import Design
from tradeexposure.canola.price_effect.names import NAMES, WINDOWS
from tradeexposure.core import units
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MILLION
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.inference.draws import CONFIDENCE, interval
from tradeexposure.econometrics.time_series import backtests
from tradeexposure.econometrics.time_series.months import Window
from tradeexposure.econometrics.treatment_effects.placebo import Rank
from tradeexposure.reporting.result_rows import curve_rows, placebo_rows, result_rows, simulated, written_whole

AGAINST = "Farm price against the price without measures"
#: A fit to the month before this window has seen the deposit: its path begins at the price under it.
FROM_TAXED = "2026_mar"
AGAINST_TAXED = "Farm price against its path from {origin:%Y-%m}, the price under the deposit"
PRICES = "canola_price_prairies_monthly; commodity_prices_monthly; exchange_rate_monthly"
CROPS = "farm_prices_monthly; commodity_prices_monthly; exchange_rate_monthly"
ORIGINS = "rolling origins without the measures of 2019 or 2025"
RECEIPTS = f"{PRICES}; farm_cash_receipts_annual"
INCIDENCE = f"{RECEIPTS}; census_crop_farms; field_crops_annual"
COMPARISON = f"{PRICES}; grain_exports_monthly; canola_crush_monthly"
STRUCTURAL = "components"
FUTURES = ("ICE canola futures immediate fall", "price fall almost immediately", "ICE canola over the week")


def rank_rows(ranks: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
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
         "value": float(value), "unit": unit, "method": f"canola and sets of world prices, months to {until:%Y-%m}"}
        for name, (value, label, unit) in values.items()
    ]).assign(period=f"to {until:%Y-%m}", tables=PRICES)  # fmt: skip
    return written_whole(rows, 2)


def coverage_rows(tested: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Measured coverage month by month, of means over the longest window, the factor for these, and its check."""
    pooled = backtests.coverage(tested, by=("kind", "level"))
    months = pooled[pooled["kind"] == "month"]
    year = backtests.coverage(tested, by=("kind", "level", "months"))
    year = year[(year["kind"] == "mean") & (year["months"] == design.longest)]
    method = f"{ORIGINS}, {{windows}} of them overlapping, about {{independent}} apart"
    parts = [
        (months, "canola.backtest_coverage.{percent}", "Coverage of the {percent}% interval, months 1 to {longest}",
         "coverage", "probability"),
        (year, "canola.backtest_coverage.{percent}.mean_{longest}",
         "Coverage of the {percent}% interval, mean of {longest} months", "coverage", "probability"),
        (year, "canola.backtest_factor.{percent}.mean_{longest}", "Factor that widens the {percent}% interval",
         "factor", "ratio"),
    ]  # fmt: skip
    rows = [
        result_rows(frame.assign(percent=(100 * frame["level"]).round().astype(int), longest=design.longest),
                    result_id=result_id, label=label, value=value, unit=unit, method=method, period=design.tested)
        for frame, result_id, label, value, unit in parts
    ]  # fmt: skip
    return pd.concat([*rows, _split_rows(tested, design)], ignore_index=True).assign(tables=PRICES, digits=2)


def _split_rows(tested: pd.DataFrame, design: Design) -> pd.DataFrame:
    """The split check; its tolerance is what other seeds move it by, since a few windows decide."""
    factor, coverage = backtests.split_check(tested, months=design.longest, level=CONFIDENCE)
    return pd.DataFrame([
        {"result_id": "canola.backtest_coverage.split_95", "value": coverage, "unit": "probability", "tolerance": 0.05,
         "label": f"Coverage of the 95% interval, mean of {design.longest} months, second half, "
         "widened by the first half's factor"},
        {"result_id": "canola.backtest_factor.split_95", "value": factor, "unit": "ratio", "tolerance": 0.1,
         "label": "Factor that widens the 95% interval, from the first half of the windows"},
    ]).assign(period=design.tested, method=f"{ORIGINS}, in two halves")  # fmt: skip


def effect_rows(
    window: Window, effect: Effect, *, spec: Counterfactual, factors: Mapping[float, float]
) -> pd.DataFrame:
    """The effect over one window in per cent and dollars, with the 95% interval, and the 80% one beside it."""
    variant = f" (fitted to {window.origin:%Y-%m})" if ".fit_" in window.name else ""
    against = AGAINST_TAXED.format(origin=window.origin) if window.name == FROM_TAXED else AGAINST
    what = f"{WINDOWS[window.name.split('.')[0]]}, {window.span}{variant}"
    method = f"{spec.name}; fitted to {window.origin:%Y-%m}; interval by simulation, widened by {{factor:.2f}}"
    rows = []
    for level, factor in sorted(factors.items(), reverse=True):
        suffix = "" if level == CONFIDENCE else f".level_{level * 100:.0f}"
        for stem, label, point, draws, unit in (
            ("canola.price_effect", against, effect.share, effect.share_draws, "change"),
            ("canola.price_effect_cad_per_tonne", "Farm price gap", effect.cad_per_tonne, effect.cad_draws,
             "CAD per tonne"),
        ):  # fmt: skip
            low, high = interval(point, draws, level=level, factor=factor)
            rows.append({"result_id": f"{stem}.{window.name}{suffix}", "label": f"{label}: {what}", "value": point,
                         "low": low, "high": high, "level": level, "unit": unit,
                         "method": method.format(factor=factor)})  # fmt: skip
    return simulated(pd.DataFrame(rows).assign(period=window.span, tables=PRICES, digits=2))


def model_rows(models: pd.DataFrame, window: Window, design: Design) -> pd.DataFrame:
    """Effect and widening factor of each model but the headline, which stands under its own identifiers.

    Parameters
    ----------
    models : DataFrame
        From :func:`tradeexposure.canola.price_effect.study.by_model`.
    """
    others = models[models["model"] != design.headline.model]
    head = design.headline
    data = f"{NAMES[head.variables]}, {head.lags} lags, {head.deterministic}, from {head.start}"
    worded = others.assign(name=others["model"].map(NAMES), window=window.name, span=window.span)
    effects = result_rows(
        worded, result_id="canola.price_effect.{window}.{model}", label=f"{AGAINST}: {{name}}",
        value="estimate", low="low", high="high", unit="change", period="{span}",
        method=data + "; interval widened by the model's own {factor:.2f}",
    ).assign(level=CONFIDENCE)  # fmt: skip
    factors = result_rows(
        worded, result_id=f"canola.backtest_factor.95.mean_{design.longest}.{{model}}", value="factor", unit="ratio",
        label="Factor that widens the 95% interval: {name}", period=design.tested,
        method=f"{ORIGINS}, every third month",
    )  # fmt: skip
    return simulated(pd.concat([effects, factors], ignore_index=True).assign(tables=PRICES, digits=2))


def structural_rows(declared: pd.DataFrame, window: Window, design: Design) -> pd.DataFrame:
    """The effect of a later window by the structural series, on the headline's data; a point without an interval.

    Parameters
    ----------
    declared : DataFrame
        From :func:`tradeexposure.canola.price_effect.design.estimate_all` of the declared specifications.
    """
    head = design.headline
    chosen = declared[(declared["model"] == STRUCTURAL) & (declared["variables"] == head.variables)]
    return result_rows(
        chosen, result_id=f"canola.price_effect.{window.name}.{{model}}", value="estimate", unit="change",
        label=f"{AGAINST}: structural series with covariates, {window.span}", period=window.span,
        method=f"random walk and noise beside {NAMES[head.variables]}, fitted to {window.origin:%Y-%m}",
    ).assign(tables=PRICES, digits=2)  # fmt: skip


def spread_rows(curve: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Median, quartiles, extremes and number of a specification curve."""
    return curve_rows(
        vars(specification_curve.summary(curve)), result_id=f"canola.spec_curve.{window.name}",
        label="Price effect over specifications: {words}",
    ).assign(period=window.span, tables=PRICES, method="spread over specifications, no sampling error")  # fmt: skip


def rank_result_rows(ranked: pd.DataFrame, window: Window, design: Design) -> pd.DataFrame:
    """p-values, place, floor and the smallest effect that could have been told from noise."""
    stem = f"canola.price_effect.{window.name}"
    by = ranked.set_index("windows")
    calm, peaceful = f"without {design.crisis_years}", f"without {design.dispute_years}"
    entries = [
        ("p_value", "rolling", "p_value", "two-sided", "pvalue"),
        ("p_value_one_sided", "rolling", "p_less", "one-sided, a fall", "pvalue"),
        ("p_floor", "rolling", "floor", "smallest possible p-value, rolling windows", "pvalue"),
        ("p_value_apart", "apart", "p_value", "two-sided, windows that do not overlap", "pvalue"),
        ("p_floor_apart", "apart", "floor", "smallest possible p-value, windows that do not overlap", "pvalue"),
        ("p_value_ex_2007_09", "rolling_ex_2007_09", "p_value", f"two-sided, {calm}", "pvalue"),
        (
            "p_value_apart_ex_2007_09",
            "apart_ex_2007_09",
            "p_value",
            f"two-sided, apart, {calm}",
            "pvalue",
        ),
        (
            "p_value_ex_disputes",
            "rolling_ex_disputes",
            "p_value",
            f"two-sided, {peaceful}",
            "pvalue",
        ),
        ("placebo_rank", "rolling", "place", "place from the lowest", "count"),
        ("placebos", "rolling", "count", "placebo windows", "count"),
        ("placebos_apart", "apart", "count", "placebo windows that do not overlap", "count"),
        ("placebo_spread", "rolling", "spread", "root mean square of placebo effects", "share"),
        ("detectable", "rolling", "detectable", "95% of placebo effects are smaller in size", "share"),
    ]
    parts = [
        placebo_rows({name: (float(by[column][row]), statistic)}, result_id=f"{stem}.{{name}}", unit=unit,
                     label=f"Price effect {window.name} among placebos: {{words}}")
        for name, row, column, statistic, unit in entries
    ]  # fmt: skip
    return written_whole(pd.concat(parts, ignore_index=True), 2).assign(
        period=window.span, tables=PRICES, method="windows without the measures of 2019 or 2025, refitted before each"
    )


def joint_rows(ranked: Rank, window: Window, design: Design) -> pd.DataFrame:
    """Where the median over the declared specifications stands among its own placebos."""
    numbers = {"p_value": (ranked.p_value, "two-sided"), "p_value_one_sided": (ranked.p_less, "one-sided, a fall"),
               "p_floor": (ranked.floor, "smallest possible")}  # fmt: skip
    return placebo_rows(numbers, result_id=f"canola.spec_curve.{window.name}.{{name}}",
                        label="Median of declared specifications among placebos: {words}", period=window.span,
                        tables=PRICES, digits=2,
                        method=f"{len(design.declared)} specifications, {ranked.count} placebo windows")  # fmt: skip


def crop_rows(crops: pd.DataFrame, window: Window) -> pd.DataFrame:
    """The placebo crops of :func:`tradeexposure.canola.price_effect.design.crop_effects`."""
    worded = crops.assign(name=crops["crop"].map(NAMES), window=window.name, span=window.span)
    effects = result_rows(
        worded, result_id="canola.placebo_crop_effect.{crop}.{window}", label="Price effect of the same months: {name}",
        value="estimate", low="low", high="high", unit="change", period="{span}",
        method="headline model; interval widened by the factor measured on Prairie canola",
    ).assign(level=CONFIDENCE)  # fmt: skip
    tested = result_rows(
        worded.dropna(subset="p_value"), period="{span}",
        result_id="canola.placebo_crop_effect.{crop}.{window}.p_value",
        label="Price effect of the same months among placebos: {name}", value="p_value", unit="pvalue",
        method="{placebos} placebo windows",
    )  # fmt: skip
    return simulated(pd.concat([effects, tested], ignore_index=True).assign(tables=CROPS, digits=2))


def cost_rows(costs: pd.DataFrame, window: Window, *, years: str = "2019") -> pd.DataFrame:
    """Growers' cost by province and for Canada; `costs` from :func:`growers_cost.grower_cost`."""
    named = " and ".join(map(str, growers_cost.parts(window)))
    rows = result_rows(
        costs, result_id="canola.grower_cost_cad.{place}." + years, label="Cost to canola growers: {geo}",
        value="cost_cad", low="low_cad", high="high_cad", unit="CAD", geography="{place}",
        method="−e/(1+e) × receipts of the window's parts of " + named + "; negative is a gain",
    ).assign(level=CONFIDENCE, tables=RECEIPTS, digits=2,
             period=window.span)  # fmt: skip
    return simulated(rows)


def unit_rows(each: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Cost per farm and per hectare; `each` from :func:`tradeexposure.canola.price_effect.growers_cost.per_unit`."""
    farms = result_rows(
        each, result_id="canola.grower_cost_per_farm_cad.{place}.2019", label="Cost per canola farm: {geo}",
        value="cost_per_farm_cad", low="low_per_farm_cad", high="high_per_farm_cad", unit="CAD per farm",
        geography="{place}", method="farms of the 2021 Census",
    )  # fmt: skip
    land = result_rows(
        each.dropna(subset="area_ha"), result_id="canola.grower_cost_per_hectare_cad.{place}.2019",
        label="Cost per hectare of canola: {geo}", value="cost_per_hectare_cad", low="low_per_hectare_cad",
        high="high_per_hectare_cad", unit="CAD per hectare", geography="{place}",
        method=f"area seeded in {window.first:%Y}",
    )  # fmt: skip
    both = pd.concat([farms, land], ignore_index=True)
    named = both.assign(level=CONFIDENCE, tables=INCIDENCE, digits=2, period=window.span)
    return simulated(named)


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
        "result_id": "canola.grower_cost_cad.canada.2019_17_months.price_comparison",
        "label": "Cost to canola growers by comparison with international prices", "value": cost.median(),
        "low": cost.min(), "high": cost.max(), "unit": "CAD", "period": window.span,
        "method": "range over international prices and base periods, not an interval", "tables": COMPARISON,
        "digits": 2,
    }])  # fmt: skip


def _cited(benchmarks: pd.DataFrame, *, key: tuple[str, str]) -> pd.Series:
    """The one row of `key`, how a study's name begins and its effect, with `months` as 2019-03 to 2020-02.

    Raises
    ------
    BadInput
        No such row, or several.
    """
    study, effect = key
    rows = benchmarks[benchmarks["study"].str.startswith(study) & (benchmarks["effect"] == effect)]
    if len(rows) != 1:
        raise BadInput("benchmarks_canola", "study", found=f"{len(rows)} rows", allowed=f"one of {study}, {effect}")
    row = rows.iloc[0]
    ends = [pd.Timestamp(end) for end in row["period"].split("-")]
    return pd.concat([row, pd.Series({"months": " to ".join(f"{end:%Y-%m}" for end in ends)})])


def industry_figure(benchmarks: pd.DataFrame) -> tuple[float, float]:
    """The published cost to growers of 2019 to 2020 (CAD); BadInput without it."""
    row = _industry(benchmarks)
    return float(row["low"]) * MILLION, float(row["high"]) * MILLION


def _industry(benchmarks: pd.DataFrame) -> pd.Series:
    return _cited(benchmarks, key=("LeftField", "cost to growers"))


def _wells_slade(benchmarks: pd.DataFrame) -> pd.Series:
    return _cited(benchmarks, key=("Wells & Slade", "canola price relative to counterfactual"))


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
        {"result_id": "canola.price_effect.2019.wells_slade", "label": "Cited: Wells & Slade (2021)",
         "value": published_study(benchmarks), "unit": "change", "digits": 2,
         "period": _wells_slade(benchmarks)["months"]},
        {"result_id": "canola.grower_cost_cad.canada.2019_17_months.leftfield", "label": "Cited: LeftField (2021)",
         "value": (low + high) / 2, "low": low, "high": high, "unit": "CAD", "digits": 3,
         "period": _industry(benchmarks)["months"]},
        {"result_id": "canola.futures_move_cad_per_tonne.2025-08", "label": "Cited: canola futures, August 2025",
         "value": falls.median(), "low": falls.min(), "high": falls.max(), "unit": "CAD per tonne", "period": "2025-08",
         "digits": 2},
    ]  # fmt: skip
    quoted = pd.DataFrame(rows).assign(method="cited, not estimated here", tables="benchmarks_canola")
    ours = [comparison_rows(compared, window), cost_rows(cost_17, window, years="2019_17_months"), effect_17.head(1)]
    return simulated(pd.concat([quoted, *ours], ignore_index=True).fillna({"geography": "canada"}))


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
    studied = _wells_slade(benchmarks)["months"]
    same = window.span == studied
    months, cost = longer.span, "canola.grower_cost_cad.canada.2019_17_months"
    rows = [
        ("Wells & Slade (2021)", studied if same else f"{studied}, here {window.span}",
         units.write(published_study(benchmarks), "change", 2),
         _written(ours, "canola.price_effect.2019"),
         f"Also an error-correction model and a gap over {'the same' if same else 'other'} months; only the abstract "
         "was seen: frequency, lags and covariates are unknown, no interval is stated there"),
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
