"""The numbers that the study of the US auto tariff publishes: identifier, label, unit, method and tables of each."""

from __future__ import annotations

import pandas as pd

from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.inference.draws import CONFIDENCE
from tradeexposure.reporting.result_rows import CURVE_WORDS, curve_rows, result_rows, simulated
from tradeexposure.vehicles.us_tariff.design import NAMES, Design
from tradeexposure.vehicles.us_tariff.study import Fitted, Study

TRADE = "merchandise_trade_monthly"
BOTH = "merchandise_trade_monthly; exchange_rate_monthly"
SEED_DIGITS = 3  # last digits by which another seed moves the widened bounds
EFFECT, SHORTFALL = "ev.us_auto_tariff_effect", "ev.us_auto_tariff_shortfall_cad"
EXPORTS = "Exports of vehicles and parts to the US"
SERIES_NAMES = {
    "other_autos": "Autos to other countries",
    "us_other_goods": "Other goods to the US",
    "us_autos_to_other_autos": "Autos to the US relative to elsewhere",
    "us_autos_to_us_other_goods": "Autos to the US relative to other goods",
}
SETS = {"without_crises": ("p_value", "without {crises}"), "all": ("p_value_all_windows", "all windows"),
        "apart": ("p_value_apart", "windows that do not overlap")}  # fmt: skip


def tariff(study: Study) -> pd.DataFrame:
    """All rows, for :meth:`tradeexposure.reporting.results_book.Book.add_frame`."""
    parts = [*(effect_rows(fit, study.design) for fit in study.fitted.values()), rank_rows(study), coverage_rows(study),
             model_rows(study), spread_rows(study), comparison_rows(study)]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def effect_rows(fitted: Fitted, design: Design) -> pd.DataFrame:
    """Change and shortfall over one window with their ranges."""
    fit = f"{fitted.window.origin:%Y-%m}"
    name, since = NAMES[design.headline.model], design.headline.start
    method = f"{name}, from {since}, fitted to {fit}; range: simulated paths, widened by {fitted.factor:.2f}"
    fit += design.named
    rows = pd.DataFrame([
        {"result_id": f"{EFFECT}.{fitted.window.name}", "label": f"{EXPORTS} against no tariff, fitted to {fit}",
         "value": fitted.effect.change, "low": fitted.change[0], "high": fitted.change[1], "unit": "change"},
        {"result_id": f"{SHORTFALL}.{fitted.window.name}", "label": f"{EXPORTS} short of no tariff, fitted to {fit}",
         "value": fitted.effect.shortfall,
         "low": fitted.shortfall_cad[0], "high": fitted.shortfall_cad[1], "unit": "CAD"},
    ])  # fmt: skip
    published = simulated(
        rows.assign(level=CONFIDENCE, period=fitted.window.span, method=method, tables=TRADE, digits=2)
    )
    return published.assign(tolerance=SEED_DIGITS * published["tolerance"])


def rank_rows(study: Study) -> pd.DataFrame:
    """p-values by set of placebos, the smallest that the first set allows, and the size that would stand out."""
    parts = []
    for kind, (suffix, named) in SETS.items():
        among = named.format(crises=study.design.crisis_years)
        some = study.ranks[study.ranks["placebos"] == kind]
        spans = some.assign(span=[study.fitted[name].window.span for name in some["window"]])
        shared = {"period": "{span}", "tables": TRADE, "method": f"rank among {{count}} placebo windows, {among}"}
        parts.append(result_rows(spans, result_id=f"{EFFECT}.{{window}}.{suffix}", value="p_value", unit="pvalue",
                                 label=f"{EXPORTS}: p-value among placebo windows, {among}", **shared))  # fmt: skip
        if kind == "without_crises":
            parts += [
                result_rows(spans, result_id=f"{EFFECT}.{{window}}.p_floor", value="floor", unit="pvalue",
                            label="Smallest p-value that the placebo windows allow", **shared),
                result_rows(spans, result_id=f"{EFFECT}.{{window}}.detectable", value="detectable", unit="share",
                            label="Size that 95% of the placebo effects stay below", **shared),
            ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).assign(digits=2)


def coverage_rows(study: Study) -> pd.DataFrame:
    """How often the unwidened range held at placebo dates; a few windows decide, hence the tolerance."""
    span = f"{study.design.first_start:%Y-%m} to {study.design.last_clean}"
    some = study.coverage[study.coverage["window"] == "2025"].assign(
        suffix=lambda rows: rows["placebos"].map({"without_crises": "", "all": ".all_windows"})
    )
    rows = result_rows(some, result_id="ev.us_auto_tariff_coverage.95.2025{suffix}", value="coverage",
                       label="Share of placebo windows that the unwidened 95% range holds{suffix}", unit="probability",
                       period=span, method="{windows} overlapping windows", tables=TRADE)  # fmt: skip
    return rows.assign(label=rows["label"].str.replace(".all_windows", f", with {study.design.crisis_years}"), digits=2,
                       tolerance=0.05)  # fmt: skip


def model_rows(study: Study) -> pd.DataFrame:
    """The change by models other than the headline."""
    since = study.design.headline.start
    some = study.models[study.models["model"] != study.design.headline.model]
    worded = some.assign(name=some["model"].map(NAMES),
                         span=[study.fitted[name].window.span for name in some["window"]],
                         fit=[f"{study.fitted[name].window.origin:%Y-%m}" for name in some["window"]])  # fmt: skip
    return result_rows(worded, result_id=f"{EFFECT}.{{window}}.{{model}}", value="change", unit="change",
                       label=f"{EXPORTS} against no tariff: {{name}}", period="{span}", tables=TRADE,
                       method=f"{{name}}, from {since}, fitted to {{fit}}").assign(digits=2)  # fmt: skip


def spread_rows(study: Study) -> pd.DataFrame:
    """Median, quartiles, extremes and number of the specification curves."""
    labels = {name: CURVE_WORDS[name] for name in ("median", "q25", "q75", "low", "high", "n", "share_negative")}
    parts = [
        curve_rows(vars(specification_curve.summary(rows)), result_id=f"ev.us_auto_tariff_spec_curve.{window}",
                   label=f"{EXPORTS} against no tariff, specifications: {{words}}", names=labels)
        .assign(period=study.fitted[str(window)].window.span)
        for window, rows in study.curve.groupby("window", sort=False)
    ]  # fmt: skip
    method = "model × end of fit × exchange rate × start of sample; spread over specifications, no sampling error"
    return pd.concat(parts, ignore_index=True).assign(method=method, tables=BOTH)


def comparison_rows(study: Study) -> pd.DataFrame:
    """Other series and ratios through the headline model."""
    worded = study.comparisons.assign(name=study.comparisons["series"].map(SERIES_NAMES))
    span = study.fitted["2025"].window.span
    rows = result_rows(worded, result_id="ev.us_auto_tariff_comparison.{window}.{series}", value="change", low="low",
                       high="high", unit="change", label="Exports against their own path: {name}", period=span,
                       tables=TRADE,
                       method="headline model; range: changes that placebo windows do not reject")  # fmt: skip
    values = result_rows(worded, result_id="ev.us_auto_tariff_comparison.{window}.{series}.p_value", value="p_value",
                         unit="pvalue", label="p-value among placebo windows: {name}", period=span, tables=TRADE,
                         method="headline model; smallest possible {floor:.3f}")  # fmt: skip
    return pd.concat([rows.assign(level=CONFIDENCE), values], ignore_index=True).assign(digits=2)
