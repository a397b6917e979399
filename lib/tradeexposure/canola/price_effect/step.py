"""How the farm price moved from one window to the next, both seen from one path fitted before either.

Two gaps with fits of their own are no step: the path of the later one begins at the price that the measure of the
earlier one had lowered already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect import counterfactual
from tradeexposure.canola.price_effect import design as designs
from tradeexposure.canola.price_effect import study as studies
from tradeexposure.canola.price_effect.counterfactual import Effect
from tradeexposure.canola.price_effect.design import Design
from tradeexposure.canola.price_effect.study import Study
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference.draws import CONFIDENCE, interval
from tradeexposure.econometrics.time_series.months import Window, count
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.reporting.result_rows import named_rows


@dataclass(frozen=True)
class Step:
    """Gap of the later window over that of the earlier one."""

    earlier: Effect
    later: Study  #: On the same path, so that draw for draw both share coefficients and errors.
    #: Steps of the same shape by start and set of world prices, in logs; missing where a set has no such months.
    placebos: pd.DataFrame
    headline: str  #: The set of the headline.

    @property
    def share(self) -> float:
        """By how much the price over its path changed from window to window."""
        return (1 + self.later.effect.share) / (1 + self.earlier.share) - 1

    @property
    def draws(self) -> np.ndarray:
        """The same on every simulated path."""
        return (1 + self.later.effect.share_draws) / (1 + self.earlier.share_draws) - 1

    @property
    def rank(self) -> placebo.Rank:
        """The step among its placebos, in logs."""
        return placebo.rank(float(np.log1p(self.share)), self.placebos[self.headline])

    @property
    def factor(self) -> float:
        """By which the placebos ask that the simulated interval be widened; never less than one."""
        return max(1.0, self.rank.spread / float(np.log1p(self.draws).std()))

    @property
    def between_sets(self) -> float:
        """Root mean square by which the placebo steps of a set of prices differ from the headline's; the largest."""
        apart = self.placebos.drop(columns=self.headline).sub(self.placebos[self.headline], axis=0)
        return float(np.sqrt((apart**2).mean()).max())


def estimate(
    panel: pd.DataFrame,
    windows: Mapping[str, Window],
    names: tuple[str, str],
    covered: pd.DataFrame,
    design: Design,
    *,
    draws: int,
    rng: np.random.Generator,
) -> Step:
    """The step between two windows that follow each other, on the path fitted to the month before the first.

    Parameters
    ----------
    windows : mapping
        From :func:`tradeexposure.canola.price_effect.design.windows`; `names` are those of earlier and later.
    covered : DataFrame
        As for :func:`tradeexposure.canola.price_effect.study.estimate`.
    rng : Generator
        Its stream is not advanced.

    Raises
    ------
    BadInput
        Windows that do not follow each other.
    """
    first, second = (windows[name] for name in names)
    if first.last + pd.DateOffset(months=1) != second.first:
        raise BadInput("window", second.name, found=second.span, allowed=f"months that follow {first.span}")
    anchored = replace(second, name=f"{second.name}.fit_{first.origin:%Y_%m}", origin=first.origin)
    child = rng.spawn(1)[0]
    later = studies.estimate(panel, design.headline, anchored, covered, draws=draws, rng=child)
    earlier = counterfactual.effect(later.path, first)
    return Step(earlier, later, placebos(panel, first, second, design), design.headline.variables)


def placebos(panel: pd.DataFrame, first: Window, second: Window, design: Design) -> pd.DataFrame:
    """Log steps where nothing happened: months as many after a fit, by start, every `design.step` months.

    Returns
    -------
    DataFrame
        Index start; a column per set of world prices, the headline's model with each.
    """
    reach = count(first.origin, second.last) - 1
    steps = {}
    for name, since in design.samples.items():
        spec = counterfactual.with_variant(design.headline, variables=name, start=since, prices=design.sets[name])
        starts = designs.clean_starts(design, spec, months=reach, until=design.last_clean, step=design.step)
        gaps = counterfactual.placebo_gaps(panel, spec, starts, horizon=reach)
        before, after = (
            np.log1p(
                counterfactual.placebo_shares(gaps, length=window.months, skip=count(first.origin, window.first) - 2)
            )
            for window in (first, second)
        )
        steps[name] = after - before
    return pd.DataFrame(steps)


def rows(stepped: Step, windows: Mapping[str, Window], names: tuple[str, str], design: Design) -> pd.DataFrame:
    """The later window's gap on the path of the earlier one, the step with its interval, and its placebos."""
    first, second = (windows[name] for name in names)
    stem, ranked = f"canola.price_effect.{second.name}.step", stepped.rank
    low, high = interval(stepped.share, stepped.draws, factor=stepped.factor)
    step = pd.DataFrame([{
        "result_id": stem, "value": stepped.share, "low": low, "high": high, "level": CONFIDENCE,
        "spec": design.headline.name, "factor": f"{stepped.factor:.2f}", "origin": f"{first.origin:%Y-%m}",
    }])  # fmt: skip
    numbers = {
        "p_value": ranked.p_value, "p_floor": ranked.floor, "placebos": ranked.count, "placebo_spread": ranked.spread,
        "price_sets_spread": stepped.between_sets,
    }  # fmt: skip
    tested = named_rows(numbers, f"{stem}.{{name}}", step=f"{design.step}")
    both = pd.concat([step, tested], ignore_index=True).assign(
        period=f"{first.first:%Y-%m} to {second.last:%Y-%m}", first=first.span, second=second.span
    )
    return pd.concat([stepped.later.rows, both], ignore_index=True)
