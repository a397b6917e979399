"""Charts and tables of the electric-vehicle demand notebook, and how it writes specifications, cohorts and models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from tradeexposure.core.text import listing
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.reporting import chart_style, charts, study_charts, tables
from tradeexposure.vehicles.demand import rebate_cohorts
from tradeexposure.vehicles.demand.estimators import change
from tradeexposure.vehicles.demand.published import Allowed
from tradeexposure.vehicles.demand.rebate_cohorts import CohortEffect, Synthetic

if TYPE_CHECKING:
    from statsmodels.genmod.generalized_linear_model import GLMResults

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
}  # fmt: skip
#: Options by names that fit beside a panel on a phone.
SHORT = {"without British Columbia": "without B.C.", "ppml": "Poisson", "fractional_logit": "fractional logit",
         "log_share": "log shares", "stated": "as stated", "bc_effective": "B.C. by its rules"}  # fmt: skip
CHOICE_NAMES = {"without": "Provinces", "estimator": "Estimator", "until": "Last quarter", "trends": "Province trends",
                "reading": "Rebates"}  # fmt: skip

HEADINGS = {
    "declared": {"words": "Battery-electric cars", "estimate": "Per C$1,000", "low": "From", "high": "To",
                 "p_permutation": "p, permutation",
                 "assignments": "Assignments", "p_value": "p, bootstrap", "floor": "Floor, bootstrap"},
    "fits": {"words": "Provinces", **tables.COEFFICIENTS, "clusters": "Clusters", "n_obs": "Rows used",
             "effects": "Fixed effects"},
    "other_cars": {"words": "Cars", "sample": "Sample", "estimate": "Per C$1,000", "p_permutation": "p, permutation",
                   "p_value": "p, bootstrap"},
    "choices": {"choice": "Choice", "option": "Option", "median": "Median", "q25": "Lower quartile",
                "q75": "Upper quartile", "count": "Specifications"},
    "cohorts": {"name": "Change", "amount": "Rebate (C$ thousand)", "effect": "Registrations",
                "per_thousand": "Per C$1,000", "p_value": "p among controls", "floor": "Floor", "controls": "Controls"},
    "published": {"study": "Source", "stated": "As stated", "value": "Per C$1,000", "low": "From", "high": "To"},
}  # fmt: skip
WRITTEN = {
    "declared": {"estimate": "change", "low": "change", "high": "change"},
    "other_cars": {"estimate": "change"},
    "choices": {"median": "change", "q25": "change", "q75": "change"},
    "cohorts": {"effect": "change", "per_thousand": "change"},
    "published": {"value": "change", "low": "change", "high": "change"},
}
#: Columns and their units as :func:`tradeexposure.reporting.tables.show` takes them.
TABLES = {
    name: {"columns": columns, "written": WRITTEN.get(name, {}), "digits": 3 if name in ("published", "fits") else 2}
    for name, columns in HEADINGS.items()
}
RUSH_MODELS = {"level": "Gap stays", "trend": "Gap keeps its trend", "own_trend_season": "Own trend and season"}
RUSH_OTHERS = {"six_provinces": "six provinces", "ontario": "Ontario", "none": "none"}
LARGE = 3.9  # C$ thousand: changes of a rebate whose quarters are drawn
MANY = 20  # registrations a quarter before: fewer jump by multiples from one quarter to the next
PER_THOUSAND = "Change of registrations per C$1,000 of rebate"
SMALL_FIVE, DOUBLE = "the other five", "synthetic Ontario"
GREY = dict.fromkeys((SMALL_FIVE, DOUBLE), chart_style.COLOURS["placebo"])


def _name(key: str) -> str:
    """A specification in words; one that the notebook adds keeps its own name."""
    return NAMES.get(key, key.replace("_", " "))


def declared_table(declared: pd.DataFrame) -> pd.DataFrame:
    """:func:`tradeexposure.vehicles.demand.study.inference` in words."""
    return declared.assign(words=declared["name"].map(_name))


def fit_table(fits: Mapping[str, GLMResults]) -> pd.DataFrame:
    """The rebate's coefficient in each fit by :func:`_name`, its standard error, the clusters of it, and rows used."""
    parts = [
        tables.coefficients(fit.params[["rebate"]], fit.bse[["rebate"]], names={"rebate": "β, C$1,000 of rebate"})
        .assign(words=_name(name), n_obs=int(fit.nobs), effects=len(fit.params) - 1,
                clusters=pd.Series(fit.cov_kwds.get("groups", pd.NA)).nunique() or np.nan)
        for name, fit in fits.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def fits_caption(panel: pd.DataFrame, sample: pd.DataFrame) -> str:
    """What :func:`fit_table` shows, and where the sample ends if the panel goes on."""
    text = "Registrations of battery-electric cars: Poisson regression"
    last, newest = (rows["quarter"].max().to_period("Q") for rows in (sample, panel))
    return text if last == newest else f"{text}, to {last}, although we have data to {newest}"


def other_table(estimates: pd.DataFrame) -> pd.DataFrame:
    """:func:`tradeexposure.vehicles.demand.study.other_cars` in words."""
    return estimates.assign(words=estimates["kind"].map(_name), sample=estimates["name"].map(_name))


def by_choice(curve: pd.DataFrame) -> pd.DataFrame:
    """Medians by option in words; `curve` from :func:`tradeexposure.vehicles.demand.study.curve`."""
    table = specification_curve.by_choice(_labelled(curve), list(CHOICE_NAMES))
    return table.assign(choice=table["choice"].map(CHOICE_NAMES), option=table["option"].map(_name))


def _labelled(curve: pd.DataFrame) -> pd.DataFrame:
    """Provinces left out and trends in words."""
    without = [f"without {listing(left)}" if left else NAMES["all"] for left in curve["without"]]
    return curve.assign(without=without, trends=curve["trends"].map({True: "yes", False: "no"}))


def cohort_table(effects: Sequence[CohortEffect]) -> pd.DataFrame:
    """One row per change of a rebate."""
    return pd.DataFrame([
        {"name": effect.cohort.name, "amount": effect.amount, "effect": change(effect.log_effect),
         "per_thousand": change(effect.per_thousand), "p_value": effect.rank.p_value, "floor": effect.rank.floor,
         "controls": len(effect.controls)}
        for effect in effects
    ])  # fmt: skip


def without_range(cited: pd.DataFrame) -> pd.DataFrame:
    """Published values, `low` and `high` missing where the source states a number and no range."""
    stated = cited["low"] < cited["high"]
    return cited.assign(low=cited["low"].where(stated), high=cited["high"].where(stated))


def paths(amounts: pd.DataFrame) -> charts.ChartLike:
    """Rebates by province and quarter, C$; provinces that never paid one are left out."""
    paying = amounts.loc[:, (amounts > 0).any()]
    long = (1000 * paying).round(0).reset_index().melt("quarter", var_name="province", value_name="rebate")
    grey = {"Manitoba": chart_style.COLOURS["placebo"]}  # its spare colour is too near British Columbia's
    return charts.lines(
        long, x="quarter", y="rebate", group="province", y_title="C$ per battery-electric car", colours=grey
    )


def shares(panel: pd.DataFrame) -> charts.ChartLike:
    """Battery-electric share of registrations in the three large provinces and the other five together."""
    large = panel["geo"].where(panel["geo"].isin(["Ontario", "Quebec", "British Columbia"]), SMALL_FIVE)
    sums = panel.groupby([large, "quarter"])[["registrations", "total"]].sum().reset_index()
    tidy = sums.assign(share=(sums["registrations"] / sums["total"]).round(4))
    return charts.lines(
        tidy, x="quarter", y="share", group="geo", numbers="share", colours=GREY,
        y_title="Battery-electric share of registrations",
    )  # fmt: skip


def declared(estimates: pd.DataFrame) -> alt.LayerChart:
    """Declared specifications whose range the wild bootstrap closes; the others stand in :func:`declared_table`."""
    tidy = estimates.dropna(subset=["low", "high"]).assign(specification=lambda rows: rows["name"].map(_name))
    return charts.dots_ranges(
        tidy.round({"estimate": 3, "low": 3, "high": 3}), label="specification", value="estimate", numbers="change",
        reference=0, value_title="Registrations per C$1,000; bars: not rejected by the bootstrap",
    )  # fmt: skip


def curve(frame: pd.DataFrame) -> charts.ChartLike:
    """All specifications from the lowest to the highest estimate, over the choices that each makes."""
    tidy = specification_curve.curve(frame).round({"estimate": 4})
    short = _labelled(tidy).replace({"without": SHORT, "estimator": SHORT, "reading": SHORT})
    return study_charts.choices(short, choices=CHOICE_NAMES, value_title=PER_THOUSAND)


def cohorts(effects: Sequence[CohortEffect]) -> alt.LayerChart:
    """Each change per C$1,000, with one root mean square of what its controls show."""
    rows = [
        {"change": f"{effect.cohort.name} ({effect.amount:+.1f})".replace("-", "\N{MINUS SIGN}"),
         "value": change(effect.per_thousand),
         "low": change(effect.per_thousand - effect.rank.spread / abs(effect.amount)),
         "high": change(effect.per_thousand + effect.rank.spread / abs(effect.amount))}
        for effect in effects
    ]  # fmt: skip
    return charts.dots_ranges(
        pd.DataFrame(rows).round(3), label="change", numbers="change",
        value_title=f"{PER_THOUSAND}; bars: root mean square of the controls", reference=0,
    )  # fmt: skip


def event_quarters(panel: pd.DataFrame, effects: Sequence[CohortEffect]) -> charts.ChartLike:
    """Registrations against the controls by quarter around large changes, as changes from the mean before."""
    large = [effect for effect in effects if abs(effect.amount) >= LARGE and effect.before >= MANY]
    rows = pd.concat([rebate_cohorts.by_quarter(panel, effect) for effect in large], ignore_index=True)
    amounts = {effect.cohort.name: f"{effect.cohort.name} ({effect.amount:+.0f})".replace("-", "\N{MINUS SIGN}")
               for effect in large}  # fmt: skip
    own = {amounts[effect.cohort.name]: shade for effect in large
           if (shade := chart_style.COLOURS.get(chart_style.key(effect.cohort.geo)))}  # fmt: skip
    tidy = rows.assign(cohort=rows["cohort"].map(amounts), gap=np.expm1(rows["gap"]).round(3))
    drawn = charts.lines(
        tidy[["cohort", "step", "gap"]], x="step", y="gap", group="cohort", numbers="change", points=True,
        colours=own,
        x_title="Quarters since the change", y_title="Registrations against the controls", zero=False,
    )  # fmt: skip
    drawn.layer[0].encoding.x.axis = alt.Axis(format="d", tickMinStep=1)
    return drawn


def synthetic(control: Synthetic) -> charts.ChartLike:
    """Ontario's electric cars per thousand and its synthetic control's; the quarters of the rush are not used."""
    names = {"actual": "Ontario", "synthetic": DOUBLE}
    wide = control.path.set_index("quarter")[list(names)].rename(columns=names).asfreq("QS")
    long = (1000 * wide).round(2).reset_index().melt("quarter", var_name="name", value_name="cars")
    return charts.lines(
        long, x="quarter", y="cars", group="name", points=True, colours=GREY,
        y_title="Battery-electric cars per thousand registrations; gap: the rush before the end",
    )  # fmt: skip


def rush(shares: pd.DataFrame, placebos: pd.DataFrame, *, hurried: str) -> alt.LayerChart:
    """Unexpected share by quarter: median, lowest and highest of the counterfactuals."""
    both = pd.concat([placebos, shares.assign(quarter=hurried)])
    rows = both.groupby("quarter")["share"].agg(["median", "min", "max"]).reset_index()
    names = {hurried: f"{hurried}, before the cut"}
    tidy = rows.assign(quarter=rows["quarter"].map(lambda name: names.get(name, f"{name}, no cut ahead"))).round(3)
    return charts.dots_ranges(
        tidy, label="quarter", value="median", low="min", high="max", numbers="change", reference=0,
        value_title="Share not expected; bars: lowest and highest counterfactual",
    )  # fmt: skip


def rush_table(corrected: pd.DataFrame) -> pd.DataFrame:
    """Counterfactuals in words with their share, their placebo and the corrected share."""
    named = corrected.assign(model=corrected["model"].map(RUSH_MODELS), others=corrected["others"].map(RUSH_OTHERS))
    return named[["model", "others", "since", "share", "calm", "corrected"]]


def rush_style(corrected: pd.DataFrame, *, hurried: str) -> dict[str, dict[str, str]]:
    """How :func:`tables.show` writes the table of :func:`rush_table`, with the two quarters in its headings."""
    return {
        "columns": {"model": "Counterfactual", "others": "Against", "since": "Fitted from", "share": hurried,
                    "calm": f"{corrected['nearest'].iloc[0]}, no cut ahead", "corrected": "Corrected"},
        "written": {"share": "share", "calm": "share", "corrected": "share"},
    }  # fmt: skip


def beside(cited: pd.DataFrame, allowed: Allowed, declared_rows: pd.DataFrame) -> alt.LayerChart:
    """Published values, the panel and Ontario, per C$1,000."""
    panel = declared_rows.set_index("name")
    own = [{"source": f"This panel, {NAMES[name]}", "value": panel["estimate"][name], "low": panel["low"][name],
            "high": panel["high"][name]} for name in ("without_ontario", "all")]  # fmt: skip
    last = {
        "source": "Hull, published and Ontario (the dot)",
        "value": allowed.value,
        "low": allowed.low,
        "high": allowed.high,
    }
    stated = without_range(cited).rename(columns={"study": "source"})
    outside = stated[["source", "value", "low", "high"]].to_dict("records")
    return charts.dots_ranges(
        pd.DataFrame([*own, *outside, last]).round(3), label="source", numbers="change", value_title=PER_THOUSAND,
        reference=0,
    )  # fmt: skip
