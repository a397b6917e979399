"""How the canola price notebook writes its models, windows and tables: names, headings, p-values."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from tradeexposure.canola.price_effect.design import Design
from tradeexposure.econometrics.inference import specification_curve

NAMES = {
    "ardl": "error correction (ARDL)", "vecm_1": "VECM, one relation", "vecm_2": "VECM, two relations",
    "arma": "regression, ARMA errors", "components": "unobserved components", "complex": "oilseed complex",
    "complex_and_rapeseed_oil": "with rapeseed oil", "oils": "oils only", "wheat_prairies": "Prairie wheat",
    "flax_saskatchewan": "Saskatchewan flax", "canola_ontario": "Ontario canola",
    "soybeans_ontario": "Ontario soybeans",
}  # fmt: skip
HEADINGS = {
    "roots": {"series": "Log price in C$", "months": "Months", "p_level": "p, level", "p_change": "p, change",
              "p_break": "p, level with a break", "break_month": "Likeliest break"},
    "ranks": {"variables": "Canola and …", "start": "From", "constant_1": "1 lag", "constant_2": "2 lags",
              "constant_4": "4 lags", "trend_1": "trend, 1 lag", "trend_2": "trend, 2 lags",
              "trend_4": "trend, 4 lags", "series": "Full rank"},
    "exogeneity": {"series": "Log price in C$", "rank_1": "p, rank 1", "rank_2": "p, rank 2", "rank_3": "p, rank 3"},
    "spreads": {"specification": "Model", "spread": "Placebo effects, root mean square", "windows": "Placebo windows"},
    "choices": {"choice": "Choice", "option": "Option", "median": "Median effect", "q25": "Lower quartile",
                "q75": "Upper quartile", "count": "Specifications"},
    "ranked": {"windows": "Placebo windows", "count": "Number", "p_value": "p, two-sided", "p_less": "p, one-sided",
               "floor": "Floor", "place": "Place from the lowest", "detectable": "95% of placebos are smaller than"},
    "synthetic": {"window": "Months", "before": "Compared with", "controls": "Prices weighted", "change": "Effect",
                  "plain": "With equal weights", "p_value": "p, two-sided", "floor": "Floor",
                  "std_error": "Standard error of the log"},
    "published": {"study": "Published by", "period": "Months", "published": "Published", "ours": "Here",
                  "differs": "What differs"},
    "comparison": {"comparator": "International price", "base": "Base", "gap": "Farm price against it",
                   "gap_cad_per_tonne": "Gap", "cost_cad": "Cost"},
}  # fmt: skip

WRITTEN = {
    "spreads": {"spread": "share"},
    "choices": {"median": "change", "q25": "change", "q75": "change"},
    "ranked": {"detectable": "share"},
    "synthetic": {"change": "change", "plain": "change"},
    "comparison": {"gap": "change", "gap_cad_per_tonne": "CAD per tonne", "cost_cad": "CAD"},
}
#: Columns and their units as :func:`tradeexposure.reporting.tables.show` takes them.
TABLES = {name: {"columns": columns, "written": WRITTEN.get(name, {})} for name, columns in HEADINGS.items()}
PRICES = {
    "canola": "Prairie canola", "soybeans": "soybeans", "soybean_oil": "soybean oil", "soybean_meal": "soybean meal",
    "palm_oil": "palm oil", "crude_oil": "crude oil", "rapeseed_oil": "rapeseed oil",
}  # fmt: skip
#: Terms of the equation by the first part of their names.
TERMS = {
    "Intercept": "Constant", "trend": "Trend", "season": "Calendar month {price}",
    "level": "Log price of {price}, a month before", "d0": "Change of {price}",
    "d1": "Change of {price}, a month before", "d": "Change of {price}, {lag} months before",
}  # fmt: skip
SMALL_P = 0.001  # smaller p-values are written as "under 0.001"


def placebo_sets(design: Design) -> dict[str, str]:
    """The reference sets of placebo windows in words."""
    return {
        "rolling": "every month",
        "apart": "no overlap",
        "rolling_ex_2007_09": f"every month, without {design.crisis_years}",
        "apart_ex_2007_09": f"no overlap, without {design.crisis_years}",
        "rolling_ex_disputes": f"every month, without the disputes of {design.dispute_years}",
    }


def ranked(frame: pd.DataFrame, design: Design) -> pd.DataFrame:
    """`frame` with the placebo sets in words."""
    return frame.assign(windows=frame["windows"].map(placebo_sets(design)))


def named(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """`frame` with models and variables in words."""
    labels = NAMES
    changed = {name: frame[name].map(lambda text: labels.get(text, str(text).replace("_", " "))) for name in columns}
    return frame.assign(**changed)


def p_words(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with tiny p-values (columns ``p_…`` and ``rank_…``) as text."""
    columns = [str(name) for name in frame if str(name).startswith(("p_", "rank_"))]
    written = {name: frame[name].map(lambda p: f"under {SMALL_P}" if p < SMALL_P else f"{p:.3f}") for name in columns}
    return named(frame.assign(**written), "series")


def rank_table(ranks: pd.DataFrame) -> pd.DataFrame:
    """Trace ranks with lags and terms side by side; `ranks` from :func:`cointegration.ranks`."""
    cells = ranks.assign(cell=ranks["terms"] + "_" + ranks["lags"].astype(str))
    wide = cells.pivot(index=["variables", "start", "series"], columns="cell", values="rank_trace").reset_index()
    return named(wide, "variables")


def by_choice(curve: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Medians by option in words; `curve` from :func:`tradeexposure.canola.price_effect.design.estimate_all`."""
    return named(specification_curve.by_choice(curve, list(design.choices)), "option")


def terms(names: Iterable[str]) -> dict[str, str]:
    """Terms of :func:`tradeexposure.canola.price_effect.counterfactual.equation_rows` in words."""
    labels = {}
    for name in names:
        kind, _, rest = name.partition("_")
        labels[name] = TERMS.get(kind, TERMS["d"]).format(price=PRICES.get(rest, rest), lag=kind[1:])
    return labels
