"""What the canola price notebook says in words, held against its numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tradeexposure.canola.price_effect.design import Design
from tradeexposure.canola.price_effect.prices import TARGET
from tradeexposure.canola.price_effect.study import Study
from tradeexposure.reporting.claims import Claim, listed

STATIONARY, LARGE = 0.01, 0.05  # p-values: changes are stationary below the first, canola adjusts below the second
LEVEL = 0.1  # p-value above which a unit root in the level is not rejected
CURVE = (-0.17, -0.01)  # hardly any to a sixth
PUBLISHED = -0.036  # Wells and Slade (2021)


def of_prices(roots: pd.DataFrame, adjusts: pd.DataFrame, spreads: pd.DataFrame, design: Design) -> list[Claim]:
    """What is said about the series and the choice of the model."""
    level = float(roots.set_index("series")["p_level"]["canola"])
    own = adjusts[adjusts["series"] == TARGET].drop(columns="series").to_numpy(dtype=float).ravel()
    first = str(spreads["specification"].iloc[0])
    return [
        Claim("changes are stationary everywhere", roots["p_change"].max() < STATIONARY,
              f"p to {roots['p_change'].max():.3g}", "Do the prices wander?"),
        Claim("canola's level is not", level > LEVEL, f"p {level:.3g}", "Do the prices wander?"),
        Claim("canola adjusts at every rank", bool(own.max() < LARGE), f"p {listed(own)}", "Which prices adjust?"),
        Claim("the headline has the smallest placebo effects", first == design.headline.model, first,
              "Which model errs least"),
    ]  # fmt: skip


def of_2019(main: Study, by_model: pd.DataFrame, curve: pd.DataFrame, crops: pd.DataFrame) -> list[Claim]:
    """What is said about the window of 2019."""
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
        Claim("the published estimate lies inside the interval", low < PUBLISHED < high,
              listed([low, high]), "Checks"),
    ]  # fmt: skip


def of_later(found: Mapping[str, Study]) -> list[Claim]:
    """What is said about the windows of 2025 and 2026."""
    deposit = {key: one.bounds for key, one in found.items() if "aug" in key}
    every = [one.bounds for one in found.values()]
    lows, highs = ([one[end] for one in deposit.values()] for end in ("low", "high"))
    signs = {one["effect"] > 0 for key, one in ((key, one.bounds) for key, one in found.items()) if ".fit_" not in key}
    where = "What of 2025 and 2026?"
    return [
        Claim("under the deposit a fall of a quarter lies outside the intervals, a tenth and a small rise inside",
              all(-0.25 < one["low"] < -0.1 < 0 < one["high"] for one in deposit.values()),
              f"{listed(lows)} to {listed(highs)}", where),
        Claim("every interval of the later windows holds zero", all(one["low"] < 0 < one["high"] for one in every),
              f"{listed(one['low'] for one in every)} to {listed(one['high'] for one in every)}", where),
        Claim("the windows of 2025 and 2026 differ in sign", len(signs) > 1,
              listed(one["effect"] for one in every), where),
    ]  # fmt: skip
