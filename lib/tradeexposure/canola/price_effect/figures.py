"""Charts and tables of the canola price notebook, and the names of its models, windows and prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import altair as alt
import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect.design import Design
from tradeexposure.core.text import in_words
from tradeexposure.core.units import MILLION
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.time_series import backtests
from tradeexposure.econometrics.time_series.arma_regression import Path
from tradeexposure.econometrics.time_series.months import Window
from tradeexposure.econometrics.treatment_effects.synthetic_did import Tested
from tradeexposure.reporting import charts, study_charts

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
#: Choices of the specifications with their headings, and models by names that fit beside a panel on a phone.
CHOICES = {"model": "Model", "variables": "World prices", "lags": "Lags", "deterministic": "Also in the model",
           "start": "From"}  # fmt: skip
SHORT = {"ardl": "Error correction", "vecm_1": "One relation (VECM)", "vecm_2": "Two relations (VECM)",
         "arma": "ARMA errors", "components": "Unobserved components"}  # fmt: skip
HISTORY_MONTHS = 36  # shown before a counterfactual begins
CHANGE_95 = "Effect on the farm price; bars: 95% interval"


def world_and_farm(price: pd.Series, world: pd.DataFrame) -> alt.Chart | alt.LayerChart:
    """Canola and the nearest world prices since 1990, C$ per tonne."""
    columns = {"canola": "Prairie canola, farm", "soybeans": "Soybeans", "rapeseed_oil": "Rapeseed oil, Europe",
               "soybean_oil": "Soybean oil"}  # fmt: skip
    both = world.assign(canola=price)[list(columns)].rename(columns=columns)
    long = both.rename_axis("month").reset_index().melt("month", var_name="name", value_name="price")
    return charts.lines(long.dropna().round({"price": 0}), x="month", y="price", group="name", y_title="C$ per tonne")


def fan(price: pd.Series, path: Path, covered: pd.DataFrame) -> alt.LayerChart:
    """Price observed and the price without a measure with widened bands, C$ per tonne.

    `covered`: :func:`tradeexposure.econometrics.time_series.backtests.coverage` of single months, for the factors.
    """
    rows = covered[covered["kind"] == "month"].set_index(["level", "months"])["factor"]
    steps = np.minimum(np.arange(1, len(path.months) + 1), covered["months"].max())
    frames = []
    for level in backtests.LEVELS:
        bounds = np.quantile(path.draws - path.central, [(1 - level) / 2, (1 + level) / 2], axis=0)
        wide = bounds * np.array([rows[level, step] for step in steps])
        frames.append(pd.DataFrame({
            "month": path.months, "price": np.exp(path.central), "low": np.exp(path.central + wide[0]),
            "high": np.exp(path.central + wide[1]), "level": level,
        }))  # fmt: skip
    first = path.months[0] - pd.DateOffset(months=HISTORY_MONTHS)
    seen = price.loc[first : path.months[-1]].rename("price").rename_axis("month").reset_index()
    bands = pd.concat(frames, ignore_index=True).round({"price": 0, "low": 0, "high": 0})
    drawn = charts.fan(seen.round({"price": 0}), bands, x="month", y="price", y_title="C$ per tonne", zero=False)
    drawn.layer[0].encoding.x.axis = alt.Axis(format="%b %Y", tickCount=8, labelOverlap=True)
    return drawn


def coverage_lines(covered: pd.DataFrame) -> charts.ChartLike:
    """Share of placebo gaps inside the intervals by months ahead, and where it should lie."""
    some = covered[covered["kind"] == "month"]
    named = some.assign(interval=some["level"].map("{:.0%} interval".format))
    tidy = named[["months", "interval", "coverage"]].round(2).astype({"months": str})
    drawn = charts.lines(
        tidy, x="months", y="coverage", group="interval", x_title="Months ahead", numbers="share", points=True,
        y_title="Share of months inside the interval", zero=False,
    )  # fmt: skip
    levels = sorted(some["level"].unique())
    return alt.layer(drawn, *(study_charts.level(level, colour="target") for level in levels))


def models(frame: pd.DataFrame) -> alt.LayerChart:
    """The effect by model; `frame` from :func:`tradeexposure.canola.price_effect.study.by_model`."""
    return charts.dots_ranges(
        named(frame, "model").round(3), label="model", value="estimate", numbers="change", value_title=CHANGE_95,
        reference=0,
    )  # fmt: skip


def curve(frame: pd.DataFrame) -> charts.ChartLike:
    """All specifications from the lowest to the highest estimate, over the choices that each makes."""
    tidy = specification_curve.curve(frame).round({"estimate": 4})
    labelled = named(tidy.replace({"model": SHORT}), "model", "variables").assign(
        lags=tidy["lags"].map("{} months".format).replace("1 months", "1 month"),
        start=tidy["start"].str[:4],
    )
    return study_charts.choices(labelled, choices=CHOICES, value_title="Effect on the farm price")


def placebos(effects: pd.Series, actual: float) -> charts.ChartLike:
    """Placebo effects by the first month of their window, and the actual effect as a level."""
    tidy = effects.rename("effect").rename_axis("start").reset_index().round({"effect": 3})
    drawn = charts.lines(
        tidy, x="start", y="effect", numbers="change", colour="placebo", x_title="First month of the placebo window",
        y_title="Effect without the measures of 2019 or 2025",
    )  # fmt: skip
    return alt.layer(drawn, study_charts.named_level(round(actual, 3), "2019", colour="target"))


def crops(frame: pd.DataFrame, *, canola: tuple[float, float, float]) -> alt.LayerChart:
    """Canola and the placebo crops over the same months; `canola` is (estimate, low, high)."""
    own = pd.DataFrame([{"crop": "Prairie canola", **dict(zip(("estimate", "low", "high"), canola, strict=True))}])
    rest = named(frame, "crop")[["crop", "estimate", "low", "high"]]
    return charts.dots_ranges(
        pd.concat([own, rest], ignore_index=True).round(3), label="crop", value="estimate", numbers="change",
        value_title=CHANGE_95, reference=0,
    )  # fmt: skip


def crops_alt(frame: pd.DataFrame) -> str:
    """The chart of :func:`crops` for those who do not see it; that each interval includes zero is a claim."""
    others = "one other crop" if len(frame) == 1 else f"{in_words(len(frame))} other crops"
    return f"Dots with 95% intervals of the effect for Prairie canola and {others}. All intervals include zero."


def windows_2025(rows: pd.DataFrame, windows: Mapping[str, Window]) -> alt.LayerChart:
    """Effects of the windows of 2025 and 2026 by last month of the fit; rows from :func:`study.later_rows`."""
    parts = []
    by_id = rows.set_index("result_id")
    for name, window in windows.items():
        if f"canola.price_effect.{name}" not in by_id.index:
            continue
        main = by_id.loc[f"canola.price_effect.{name}"]
        fitted = f"fitted to {window.origin:%Y-%m}" if ".fit_" in name else "fitted to the month before"
        parts.append({"span": window.span, "fit": fitted, **main[["value", "low", "high"]].to_dict()})
    frame = pd.DataFrame(parts).astype({"value": float, "low": float, "high": float}).round(3)
    return charts.dots_ranges(frame, label="span", group="fit", numbers="change", value_title=CHANGE_95, reference=0)


def provinces(costs: pd.DataFrame) -> alt.LayerChart:
    """Cost to growers of the three Prairie provinces and Canada; `costs` from :func:`growers_cost.grower_cost`."""
    some = costs[costs["place"].isin(["ab", "sk", "mb", "canada"])]
    columns = ["cost_cad", "low_cad", "high_cad"]
    tidy = some.assign(**{name: (some[name] / MILLION).round(0) for name in columns})
    return charts.dots_ranges(
        tidy, label="geo", value="cost_cad", low="low_cad", high="high_cad", reference=0,
        value_title="Cost to growers (C$ million), negative is a gain; bars: 95% interval",
    )  # fmt: skip


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
    """`frame` with models, variables and crops in words; one that the notebook adds keeps its own name."""
    changed = {name: frame[name].map(lambda text: NAMES.get(text, str(text).replace("_", " "))) for name in columns}
    return frame.assign(**changed)


def p_words(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with tiny p-values (columns ``p_…`` and ``rank_…``) as text."""
    columns = [str(name) for name in frame if str(name).startswith(("p_", "rank_"))]
    written = {name: frame[name].map(lambda p: f"under {SMALL_P}" if p < SMALL_P else f"{p:.3f}") for name in columns}
    return named(frame.assign(**written), "series")


def rank_table(ranks: pd.DataFrame) -> pd.DataFrame:
    """Trace ranks with lags and terms side by side, worded; `ranks` from :func:`cointegration.ranks`."""
    lags = ranks["lags"].map(lambda count: "1 lag" if count == 1 else f"{count} lags")
    cells = ranks.assign(cell=lags.where(ranks["terms"] == "constant", lags.map(lambda lag: f"trend, {lag}")))
    wide = cells.pivot(index=["variables", "start", "series"], columns="cell", values="rank_trace").reset_index()
    headings = {"variables": "Canola and …", "start": "From", "series": "Full rank"}
    wide["series"] = wide.pop("series")
    return named(wide, "variables").rename(columns=headings)


def by_choice(curve: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Medians by option in words; `curve` from :func:`tradeexposure.canola.price_effect.design.estimate_all`."""
    return named(specification_curve.by_choice(curve, list(design.choices)), "option")


def terms(names: Iterable[str]) -> dict[str, str]:
    """Terms of :func:`tradeexposure.canola.price_effect.counterfactual.equation_rows` in words; others as they are."""
    labels = {}
    for name in names:
        kind, _, rest = name.partition("_")
        earlier = TERMS["d"] if kind[:1] == "d" and kind[1:].isdigit() else name
        labels[name] = TERMS.get(kind, earlier).format(price=PRICES.get(rest, rest), lag=kind[1:])
    return labels


def did_table(tested: Mapping[str, Tested], windows: Mapping[str, Window]) -> pd.DataFrame:
    """One row per window and baseline: `window`, `before`, `controls`, `change`, `plain`, `p_value`, `floor`."""
    rows = []
    for key, test in tested.items():
        months = test.estimate.time_weights.index
        rows.append({
            "window": windows[key.partition(":")[0]].span, "before": f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}",
            **test.shown(),
        })  # fmt: skip
    return pd.DataFrame(rows)
