"""The numbers that the study of the US auto tariff publishes; their words stand in ``data/results``."""

from __future__ import annotations

import pandas as pd

from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.inference.draws import CONFIDENCE
from tradeexposure.reporting.result_rows import named_rows, result_rows
from tradeexposure.vehicles.us_tariff.study import Design, Fitted, Study

EFFECT, SHORTFALL = "ev.us_auto_tariff_effect", "ev.us_auto_tariff_shortfall_cad"
SERIES_NAMES = {
    "other_autos": "Autos to other countries",
    "us_other_goods": "Other goods to the US",
    "us_autos_to_other_autos": "Autos to the US relative to elsewhere",
    "us_autos_to_us_other_goods": "Autos to the US relative to other goods",
}
#: Set of placebos → end of the identifier of its p-value.
SETS = {"without_crises": "p_value", "all": "p_value_all_windows", "apart": "p_value_apart"}


def tariff(study: Study) -> pd.DataFrame:
    """All rows, for :meth:`tradeexposure.reporting.results_book.Book.add_frame`."""
    parts = [*(effect_rows(fit, study.design) for fit in study.fitted.values()), rank_rows(study), coverage_rows(study),
             model_rows(study), spread_rows(study), comparison_rows(study)]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def effect_rows(fitted: Fitted, design: Design) -> pd.DataFrame:
    """Change and shortfall over one window with their ranges."""
    origin = f"{fitted.window.origin:%Y-%m}"
    rows = pd.DataFrame([
        {"result_id": f"{EFFECT}.{fitted.window.name}", "value": fitted.effect.change, "low": fitted.change[0],
         "high": fitted.change[1]},
        {"result_id": f"{SHORTFALL}.{fitted.window.name}", "value": fitted.effect.shortfall,
         "low": fitted.shortfall_cad[0], "high": fitted.shortfall_cad[1]},
    ])  # fmt: skip
    return rows.assign(
        level=CONFIDENCE, period=fitted.window.span, headline=design.headline.model, since=design.headline.start,
        origin=origin, factor=f"{fitted.factor:.2f}", fitted=origin + design.named,
    )  # fmt: skip


def rank_rows(study: Study) -> pd.DataFrame:
    """p-values by set of placebos, the smallest that the first set allows, and the size that would stand out."""
    parts = []
    for kind, suffix in SETS.items():
        ranks = study.ranks[study.ranks["placebos"] == kind]
        spans = ranks.assign(span=[study.fitted[name].window.span for name in ranks["window"]])
        ends = [(suffix, "p_value")]
        ends += [("p_floor", "floor"), ("detectable", "detectable")] if suffix == "p_value" else []
        numbers = {f"{EFFECT}.{{window}}.{end}": column for end, column in ends}
        parts.append(result_rows(spans, numbers, period="{span}", count="{count}"))
    return pd.concat(parts, ignore_index=True).assign(crises=study.design.crisis_years)


def coverage_rows(study: Study) -> pd.DataFrame:
    """How often the unwidened range held at placebo dates; a few windows decide, hence the tolerance."""
    span = f"{study.design.first_start:%Y-%m} to {study.design.last_clean}"
    some = study.coverage[study.coverage["window"] == "2025"].assign(
        suffix=lambda rows: rows["placebos"].map({"without_crises": "", "all": ".all_windows"})
    )
    numbers = {"ev.us_auto_tariff_coverage.95.2025{suffix}": "coverage"}
    rows = result_rows(some, numbers, period=span, windows="{windows}")
    return rows.assign(crises=study.design.crisis_years, tolerance=0.05)


def model_rows(study: Study) -> pd.DataFrame:
    """The change by models other than the headline."""
    since = study.design.headline.start
    some = study.models[study.models["model"] != study.design.headline.model]
    fits = some.assign(span=[study.fitted[name].window.span for name in some["window"]],
                       fit=[f"{study.fitted[name].window.origin:%Y-%m}" for name in some["window"]])  # fmt: skip
    numbers = {f"{EFFECT}.{{window}}.{{model}}": "change"}
    return result_rows(fits, numbers, period="{span}", since=since, origin="{fit}")


def spread_rows(study: Study) -> pd.DataFrame:
    """Median, quartiles, extremes and number of the specification curves."""
    names = ("median", "q25", "q75", "low", "high", "n", "share_negative")
    curves = {str(window): specification_curve.summary(rows)
              for window, rows in study.curve.groupby("window", sort=False)}  # fmt: skip
    parts = [
        named_rows({name: shown[name] for name in names}, f"ev.us_auto_tariff_spec_curve.{window}.{{name}}",
                   period=study.fitted[window].window.span)
        for window, shown in curves.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def comparison_rows(study: Study) -> pd.DataFrame:
    """Other series and ratios through the headline model."""
    stem = "ev.us_auto_tariff_comparison.{window}.{series}"
    rows = result_rows(study.comparisons, {stem: ("change", "low", "high")})
    values = result_rows(study.comparisons, {f"{stem}.p_value": "p_value"}, floor="{floor:.3f}")
    both = pd.concat([rows.assign(level=CONFIDENCE), values], ignore_index=True)
    return both.assign(period=study.fitted["2025"].window.span)
