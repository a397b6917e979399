"""What is said in words about the US auto tariff, held against its numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tradeexposure.core.text import in_words
from tradeexposure.econometrics.inference.draws import CONFIDENCE
from tradeexposure.reporting.claims import Claim, listed
from tradeexposure.vehicles.us_tariff.results import SERIES_NAMES
from tradeexposure.vehicles.us_tariff.study import Study

LARGE = 0.05  # p-values above it show no effect
HELD = 0.9  # of placebo windows: less is too few
TIMES = ("never", "once", "twice")
LISTED = 2


def outside(study: Study, *, window: str = "to_last_month", level: float = CONFIDENCE) -> list[str]:
    """Months after the fit in which exports left the band of single months of `level`."""
    path = study.fitted[window].path
    low, high = np.quantile(path.draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return [f"{month:%Y-%m}" for month in path.months[(path.actual < low) | (path.actual > high)]]


def above(study: Study, *, window: str = "to_last_month") -> list[str]:
    """Months after the fit in which exports stood above the path."""
    path = study.fitted[window].path
    return [f"{month:%Y-%m}" for month in path.months[path.actual > path.central]]


def band_title(study: Study) -> str:
    """In how many of the months since the fit, the first of them named, exports left the band of single months."""
    path = study.fitted["to_last_month"].path
    months, left = len(path.months), len(outside(study))
    since = f"Since {path.months[0]:%B %Y} exports to the US"
    band = f"the {CONFIDENCE:.0%} band of the path without the tariff"
    if not left:
        return f"{since} stayed in {band} in all {in_words(months)} months"
    unit = "month" if left == 1 else "months"
    return f"{since} left {band} in {in_words(left)} {unit} of {in_words(months)}"


def band_alt(study: Study) -> str:
    """The chart for those who do not see it: on which side of the path exports were, and when outside the band."""
    path = study.fitted["to_last_month"].path
    side = "mostly below" if 2 * len(above(study)) < len(path.months) else "mostly above"
    left = outside(study)
    often = TIMES[len(left)] if len(left) < len(TIMES) else f"{in_words(len(left))} times"
    when = "; ".join(f"{pd.Timestamp(month):%B %Y}" for month in left) if 0 < len(left) <= LISTED else ""
    end = f"outside {often} ({when})" if when else f"outside {often}" if left else "never outside"
    return f"Line of monthly exports and, from 2025, their path with two bands: {side}, {end}."


def stated(study: Study) -> list[Claim]:
    """What the page says in words, each with the numbers found."""
    ranks, fitted, where = study.ranks, list(study.fitted.values()), "Ask what the US tariff did"
    floors = ranks.loc[ranks["placebos"] != "apart", "floor"]
    short = {name: listed(sum((getattr(fit, name) for fit in fitted), ())) for name in ("change", "shortfall_cad")}
    covered = study.coverage.groupby("placebos")["coverage"].max()["all"]
    best = study.spreads["model"].iloc[0]
    return [
        Claim("no rank is below 5%", bool((ranks["p_value"] > LARGE).all()), f"p from {ranks['p_value'].min():.3g}",
              where),
        Claim("the ranks could have been below 5%", bool((floors < LARGE).all()), f"floors to {floors.max():.3g}",
              where),
        Claim("every range holds zero", all(fit.change[0] < 0 < fit.change[1] for fit in fitted), short["change"],
              where),
        Claim("every shortfall range holds zero",
              all(fit.shortfall_cad[0] < 0 < fit.shortfall_cad[1] for fit in fitted), short["shortfall_cad"], where),
        Claim("the headline has the smallest placebo effects", best == study.design.headline.model, str(best), where),
        Claim("crises break the ranges", covered < HELD, f"held in {covered:.3g}", where),
        *_of_specifications(study, where),
        *_of_comparisons(study, where),
    ]  # fmt: skip


def _of_specifications(study: Study, where: str) -> list[Claim]:
    first, second = study.design.fits
    highest = study.curve.groupby("window")["estimate"].max()
    medians = study.curve.groupby(["window", "fit"])["estimate"].median().unstack()
    return [
        Claim("every specification shows a fall", bool((highest < 0).all()), f"highest {listed(highest)}", where),
        Claim(f"the fit to {second} gives larger falls", bool((medians[second] < medians[first]).all()),
              f"medians {listed(medians[second])} beside {listed(medians[first])}", where),
    ]  # fmt: skip


def _of_comparisons(study: Study, where: str) -> list[Claim]:
    control = study.comparisons.set_index("series")
    change, own = control["change"].astype(float).reindex(list(SERIES_NAMES)), study.fitted["2025"].effect.change
    longer, relative = study.fitted["to_last_month"].effect.change, change["us_autos_to_us_other_goods"]
    return [
        Claim("the other goods to the US fell further", change["us_other_goods"] < own,
              listed([change["us_other_goods"], own]), where),
        Claim("relative to them vehicles did not fall", relative > 0, listed([relative]), where),
        Claim("vehicles to other countries stood above their path", change["other_autos"] > 0,
              listed([change["other_autos"]]), where),
        Claim("over the longer window too", longer < own, listed([longer, own]), where),
        Claim("no comparison stands out", bool((control["p_value"] > LARGE).all()),
              f"p from {control['p_value'].min():.3g}", where),
    ]  # fmt: skip
