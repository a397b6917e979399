"""What the canola price notebook says in words, held against its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure.canola.price_effect.design import Design
from tradeexposure.canola.price_effect.prices import TARGET
from tradeexposure.canola.price_effect.step import Step
from tradeexposure.canola.price_effect.study import Study
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.inference.draws import interval
from tradeexposure.reporting.claims import Claim, listed

STATIONARY, LARGE = 0.01, 0.05  # p-values: changes are stationary below the first, canola adjusts below the second
LEVEL = 0.1  # p-value above which a unit root in the level is not rejected
COMMON = 0.1  # p-value above which gaps as large are common
NO_FACTOR = 1.05  # a factor that widens by less is none
DOUBTED = {"palm_oil", "crude_oil", "soybean_meal", "rapeseed_oil"}
#: Choice, the option with the larger fall, and the one that it is compared with.
LARGER = [
    ("lags", "4", "2"),
    ("lags", "2", "1"),
    ("deterministic", "trend", "constant"),
    ("start", "2002-02", "1990-01"),
    ("variables", "complex_and_rapeseed_oil", "complex"),
]
CURVE = (-0.17, -0.01)  # hardly any to a sixth


def of_prices(roots: pd.DataFrame, adjusts: pd.DataFrame, spreads: pd.DataFrame, design: Design) -> list[Claim]:
    """What is said about the series and the choice of the model."""
    level = float(roots.set_index("series")["p_level"]["canola"])
    own = adjusts[adjusts["series"] == TARGET].drop(columns="series").to_numpy(dtype=float).ravel()
    first, gaps = str(spreads["specification"].iloc[0]), spreads["spread"].to_numpy() - spreads["spread"].iloc[0]
    return [
        Claim("changes are stationary everywhere", roots["p_change"].max() < STATIONARY,
              f"p to {roots['p_change'].max():.3g}", "Do the prices wander?"),
        Claim("canola's level is not", level > LEVEL, f"p {level:.3g}", "Do the prices wander?"),
        *_of_series(roots, adjusts),
        Claim("canola adjusts at every rank", bool(own.max() < LARGE), f"p {listed(own)}", "Which prices adjust?"),
        Claim("the headline has the smallest placebo effects", first == design.headline.model, first,
              "Which model errs least"),
        Claim("three models are nearly level", bool(gaps[2] < gaps[3] - gaps[2]), listed(spreads["spread"]),
              "Which model errs least"),
    ]  # fmt: skip


def _of_series(roots: pd.DataFrame, adjusts: pd.DataFrame) -> list[Claim]:
    """Which levels may be stationary, and which prices adjust at every rank, at some, at none."""
    doubted = set(roots.loc[roots[["p_level", "p_break"]].min(axis=1) < LARGE, "series"])
    rejected = adjusts.set_index("series") < LARGE
    always, never = (set(rejected.index[mask]) for mask in (rejected.all(axis=1), ~rejected.any(axis=1)))
    return [
        Claim("palm oil, crude oil, soybean meal and rapeseed oil may be stationary", doubted == DOUBTED,
              ", ".join(sorted(doubted)), "Do the prices wander?"),
        Claim("palm oil adjusts, crude oil and soybean oil do not, soybeans and meal do at some ranks",
              always == {TARGET, "palm_oil"} and never == {"crude_oil", "soybean_oil"},
              f"at every rank {', '.join(sorted(always))}; at none {', '.join(sorted(never))}",
              "Which prices adjust?"),
    ]  # fmt: skip


def of_choices(curve: pd.DataFrame, by_model: pd.DataFrame, ranked: pd.DataFrame, design: Design) -> list[Claim]:
    """What is said about the specifications, the models' factors and how common the gap is."""
    table = specification_curve.by_choice(curve, list(design.choices))
    middle = {str(name): rows.set_index("option")["median"].to_dict() for name, rows in table.groupby("choice")}
    factors = by_model.set_index("model")["factor"]
    lowest = min(ranked["p_value"])
    return [
        Claim("more lags, a trend, a sample from 2002 and rapeseed oil make the fall larger",
              all(middle[name][larger] < middle[name][smaller] for name, larger, smaller in LARGER),
              "; ".join(f"{name}: {listed([middle[name][choice] for choice in pair])}" for name, *pair in LARGER),
              "Do other specifications agree?"),
        Claim("unobserved components need no factor, models that take relations need more than the headline",
              bool(factors["components"] < NO_FACTOR
                   and factors[["vecm_1", "vecm_2"]].min() > factors[design.headline.model]),
              listed(factors), "The price beside the price without a measure"),
        Claim("gaps as large are common", lowest > COMMON, f"p from {lowest:.3g}", "Is the gap unusual?"),
    ]  # fmt: skip


def of_2019(
    main: Study, by_model: pd.DataFrame, curve: pd.DataFrame, crops: pd.DataFrame, *, published: float
) -> list[Claim]:
    """What is said about the window of 2019, and of the effect that a study published."""
    low, high = main.bounds["low"], main.bounds["high"]
    estimates, median = curve["estimate"], curve["estimate"].median()
    models, fall = by_model["estimate"], main.effect.share
    below = bool((main.path.actual < main.path.central).mean() > 1 / 2)
    return [
        Claim("canola sold below the price without the measures, but within its range", below and low < 0 < high,
              f"{listed([fall])} ({listed([low, high])})", "The price beside the price without a measure"),
        Claim("every model puts the price below, and every interval holds zero",
              by_model["high"].min() > 0 > models.max(), f"{listed(models)}; highs {listed(by_model['high'])}",
              "The price beside the price without a measure"),
        Claim("all specifications show a fall, from hardly any to a sixth", bool(estimates.between(*CURVE).all()),
              listed([estimates.min(), estimates.max()]), "Do other specifications agree?"),
        Claim("the headline lies at the milder end", median < fall, f"median {median:.3g}, headline {fall:.3g}",
              "Do other specifications agree?"),
        Claim("other crops fell less or rose, within intervals that include zero",
              crops["low"].max() < 0 < crops["high"].min() and crops["estimate"].min() > fall,
              f"{listed(crops['estimate'])}; canola {fall:.3g}", "Did other crops fall too?"),
        Claim("the published estimate lies inside the interval", low < published < high,
              listed([low, high]), "Checks"),
    ]  # fmt: skip


def of_synthetic(rows: pd.DataFrame) -> list[Claim]:
    """What is said about the second design, from the published numbers (``Book.frame``)."""
    value = rows.set_index("result_id")["value"].astype(float)
    ranked = value[value.index.str.contains("synthetic_did") & value.index.str.endswith(".p_value")]
    spring = value[value.index.str.fullmatch(r"canola\.price_effect\.2025_mar(\.fit_\w+)?(\.synthetic_did)?")]
    where = "A second design"
    return [
        Claim("no effect is told from chance by the second design", ranked.min() > COMMON, f"p from {ranked.min():.3g}",
              where),
        Claim("the sign of March to July 2025 hangs on the design", spring.min() < 0 < spring.max(), listed(spring),
              where),
    ]  # fmt: skip


def of_step(step: Step) -> list[Claim]:
    """What is said about the way from the deposit to the settlement."""
    low, high = interval(step.share, step.draws, factor=step.factor)
    return [
        Claim("neither a return of the price nor a further fall is shown",
              low < 0 < high and step.rank.p_value > COMMON, f"{listed([low, high])}, p {step.rank.p_value:.3g}",
              "Did the price come back?"),
    ]  # fmt: skip


def of_later(studies: Mapping[str, Study]) -> list[Claim]:
    """What is said about the windows of 2025 and 2026."""
    deposit = {key: study.bounds for key, study in studies.items() if "aug" in key}
    every = [study.bounds for study in studies.values()]
    lows, highs = ([bounds[end] for bounds in deposit.values()] for end in ("low", "high"))
    signs = {
        bounds["effect"] > 0
        for key, bounds in ((key, study.bounds) for key, study in studies.items())
        if ".fit_" not in key
    }
    where = "What of 2025 and 2026?"
    return [
        Claim("under the deposit a fall of a quarter lies outside the intervals, a tenth and a small rise inside",
              all(-0.25 < bounds["low"] < -0.1 < 0 < bounds["high"] for bounds in deposit.values()),
              f"{listed(lows)} to {listed(highs)}", where),
        Claim("every interval of the later windows holds zero",
              all(bounds["low"] < 0 < bounds["high"] for bounds in every),
              f"{listed(bounds['low'] for bounds in every)} to {listed(bounds['high'] for bounds in every)}", where),
        Claim("the windows of 2025 and 2026 differ in sign", len(signs) > 1,
              listed(bounds["effect"] for bounds in every), where),
    ]  # fmt: skip
