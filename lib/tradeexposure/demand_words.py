"""How the electric-vehicle demand notebook writes its specifications, cohorts and tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tradeexposure.demand import change
from tradeexposure.demand_cohorts import CohortEffect
from tradeexposure.demand_plan import CHOICES
from tradeexposure.econometrics import specification_curve

NAMES = {
    "without_ontario": "without Ontario",
    "all": "all eight provinces",
    "without_ontario_to_2024q3": "without Ontario, to 2024Q3",
    "to_2024q3": "to 2024Q3",
    "without_rush": "without Ontario's rush of 2018",
    "without_ontario_trends": "without Ontario, province trends",
    "trends": "province trends",
    "without_quebec": "without Quebec",
    "without_british_columbia": "without British Columbia",
    "fractional_logit": "fractional logit",
    "log_share": "unweighted log shares",
    "log_share_trends": "unweighted log shares, province trends",
    "without_ontario_log_share_trends": "unweighted, without Ontario, trends",
    "without_ontario_long_run": "without Ontario, long run",
    "long_run": "long run",
    "without_ontario_and_quebec_2025": "without Ontario and Quebec 2025",
    "phev": "Plug-in hybrid",
    "phev_short": "Plug-in hybrid, short-range amount",
    "lead": "next quarter's rebate", "now": "current quarter's rebate", "lag": "last quarter's rebate",
    "hybrid": "Hybrid",
    "gasoline": "Gasoline",
    "p_value": "two-sided p",
    "p_floor": "smallest possible p",
    "ppml": "Poisson, weighted by registrations",
    "stated": "amounts as stated",
    "bc_effective": "British Columbia's income test and eligibility",
    "level": "gap stays", "trend": "gap keeps its trend", "own_trend_season": "own trend and season",
    "six_provinces": "six provinces", "ontario": "Ontario", "none": "none",
}  # fmt: skip
SAMPLES = {("Ontario",): "without Ontario", (): "all eight provinces", ("Quebec",): "without Quebec",
           ("British Columbia",): "without British Columbia"}  # fmt: skip
CHOICE_NAMES = {"without": "Provinces", "estimator": "Estimator", "until": "Last quarter", "trends": "Province trends",
                "reading": "Rebates"}  # fmt: skip

HEADINGS = {
    "declared": {"words": "Battery-electric cars", "estimate": "Per C$1,000", "p_permutation": "p, permutation",
                 "assignments": "Assignments", "p_value": "p, bootstrap", "floor": "Floor, bootstrap"},
    "other_cars": {"words": "Cars", "sample": "Sample", "estimate": "Per C$1,000", "p_permutation": "p, permutation",
                   "p_value": "p, bootstrap"},
    "choices": {"choice": "Choice", "option": "Option", "median": "Median", "q25": "Lower quartile",
                "q75": "Upper quartile", "count": "Specifications"},
    "cohorts": {"name": "Change", "amount": "Rebate (C$ thousand)", "effect": "Registrations",
                "per_thousand": "Per C$1,000", "p_value": "p among controls", "floor": "Floor", "controls": "Controls"},
    "rush": {"model": "Counterfactual", "others": "Set against", "since": "Fitted from", "expected": "Expected",
             "share": "Not expected"},
    "published": {"study": "Source", "stated": "As stated", "value": "Per C$1,000", "low": "From", "high": "To"},
}  # fmt: skip
WRITTEN = {
    "declared": {"estimate": "change"},
    "other_cars": {"estimate": "change"},
    "choices": {"median": "change", "q25": "change", "q75": "change"},
    "cohorts": {"effect": "change", "per_thousand": "change"},
    "rush": {"share": "share", "expected": "count"},
    "published": {"value": "change", "low": "change", "high": "change"},
}
#: Columns and their units as :func:`tradeexposure.reporting.tables.show` takes them.
TABLES = {
    name: {"columns": columns, "written": WRITTEN[name], "digits": 3 if name == "published" else 2}
    for name, columns in HEADINGS.items()
}


def declared_table(found: pd.DataFrame) -> pd.DataFrame:
    """:func:`tradeexposure.demand_study.declared` in words."""
    return found.assign(words=found["name"].map(NAMES))


def other_table(found: pd.DataFrame) -> pd.DataFrame:
    """:func:`tradeexposure.demand_study.other_cars` in words."""
    return found.assign(words=found["kind"].map(NAMES), sample=found["name"].map(NAMES))


def by_choice(curve: pd.DataFrame) -> pd.DataFrame:
    """Medians by option in words; `curve` from :func:`tradeexposure.demand.estimate_all`."""
    words = curve.assign(without=curve["without"].map(SAMPLES), trends=curve["trends"].map({True: "yes", False: "no"}))
    table = specification_curve.by_choice(words, list(CHOICES))
    return table.assign(
        choice=table["choice"].map(CHOICE_NAMES), option=table["option"].map(lambda text: NAMES.get(text, text))
    )


def cohort_table(found: Sequence[CohortEffect]) -> pd.DataFrame:
    """One row per change of a rebate."""
    return pd.DataFrame([
        {"name": one.cohort.name, "amount": one.amount, "effect": change(one.log_effect),
         "per_thousand": change(one.per_thousand), "p_value": one.rank.p_value, "floor": one.rank.floor,
         "controls": len(one.controls)}
        for one in found
    ])  # fmt: skip


def without_range(cited: pd.DataFrame) -> pd.DataFrame:
    """Published values, `low` and `high` missing where the source states a number and no range."""
    stated = cited["low"] < cited["high"]
    return cited.assign(low=cited["low"].where(stated), high=cited["high"].where(stated))


def rush_table(found: pd.DataFrame) -> pd.DataFrame:
    """:func:`tradeexposure.demand_study.rush` in words."""
    return found.assign(model=found["model"].map(NAMES), others=found["others"].map(NAMES))
