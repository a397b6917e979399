"""What is run: the headline over each window, other models beside it, a step between windows, and a second design.

A step is how the farm price moved from one window to the next, both seen from one path fitted before either: two gaps
with fits of their own are no step, since the path of the later one begins at the price that the measure of the earlier
one had lowered already. The second design, synthetic difference-in-differences on world and Prairie prices, fits no
dynamics: the farm price of canola is treated, and the other log prices are weighted so that they move as it did before,
months so that they resemble the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect import counterfactual
from tradeexposure.canola.price_effect import design as designs
from tradeexposure.canola.price_effect.counterfactual import Counterfactual, Effect
from tradeexposure.canola.price_effect.design import Design
from tradeexposure.canola.price_effect.prices import TARGET, farm_price
from tradeexposure.canola.price_effect.results import effect_rows, rank_result_rows, spread_rows, structural_rows
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference.draws import CONFIDENCE, interval
from tradeexposure.econometrics.time_series import backtests
from tradeexposure.econometrics.time_series.arma_regression import Path
from tradeexposure.econometrics.time_series.months import Window, count
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.econometrics.treatment_effects.synthetic_did import Tested, placebo_test
from tradeexposure.reporting.result_rows import named_rows

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults

#: Crop and provinces.
FarmPrice = tuple[str, Sequence[str]]


@dataclass(frozen=True)
class Study:
    """The headline over one window."""

    path: Path
    effect: Effect
    factor: float  #: By which the 95% interval is widened.
    rows: pd.DataFrame  #: From :func:`effect_rows`.
    bounds: dict[str, float]  #: `effect`, `low`, `high`: the share and its 95% interval.


def coverage(tested: pd.DataFrame) -> pd.DataFrame:
    """:func:`backtests.coverage` of single months and means, by level and months ahead."""
    return backtests.coverage(tested, by=("kind", "level", "months"))


def estimate(
    panel: pd.DataFrame,
    spec: Counterfactual,
    window: Window,
    covered: pd.DataFrame,
    *,
    draws: int,
    rng: np.random.Generator,
    fit: RegressionResults | None = None,
) -> Study:
    """The headline effect over a window and its published rows.

    Parameters
    ----------
    covered : DataFrame
        From :func:`backtests.coverage`; the factor is that of a mean over the months from the fit to the
        end of the window, at most the longest tested.
    fit : RegressionResults, optional
        The headline's equation, where it is fitted already.
    """
    ahead = len(pd.date_range(window.origin, window.last, freq="MS")) - 1
    factors = backtests.factors(covered, months=min(ahead, int(covered["months"].max())))
    path = counterfactual.path(panel, spec, origin=window.origin, until=window.last, draws=draws, rng=rng, fit=fit)
    effect = counterfactual.effect(path, window)
    rows = effect_rows(window, effect, spec=spec, factors=factors)
    low, high = interval(effect.share, effect.share_draws, factor=factors[CONFIDENCE])
    bounds = {"effect": effect.share, "low": low, "high": high}
    return Study(path, effect, factors[CONFIDENCE], rows, bounds)


def later(
    panel: pd.DataFrame,
    windows: Mapping[str, Window],
    covered: pd.DataFrame,
    spec: Counterfactual,
    *,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, Study]:
    """:func:`estimate` of every window but that of 2019."""
    chosen = {name: window for name, window in windows.items() if name != "2019"}
    return {name: estimate(panel, spec, window, covered, draws=draws, rng=rng) for name, window in chosen.items()}


def later_rows(
    panel: pd.DataFrame,
    gaps: pd.DataFrame,
    studies: Mapping[str, Study],
    windows: Mapping[str, Window],
    design: Design,
) -> pd.DataFrame:
    """Later windows: effects, p-values among placebos, and the spread over declared specifications and fits."""
    parts: list[pd.DataFrame] = []
    spread: dict[str, list[pd.DataFrame]] = {}
    for name, study in studies.items():
        window = windows[name]
        effects = designs.placebos(gaps, design, window)
        ranked = designs.placebo_ranks(effects, study.effect.share, design, months=window.months)
        declared = designs.estimate_all(panel, design.declared, window).assign(fit=f"{window.origin:%Y-%m}")
        spread.setdefault(name.split(".")[0], []).append(declared)
        parts += [study.rows, rank_result_rows(ranked, window, design), structural_rows(declared, window, design)]
    for name, frames in spread.items():
        parts.append(spread_rows(pd.concat(frames, ignore_index=True), windows[name]))
    return pd.concat(parts, ignore_index=True)


def by_model(
    panel: pd.DataFrame,
    window: Window,
    design: Design,
    *,
    headline: Mapping[str, float],
    draws: int,
    rng: np.random.Generator,
    factor: float,
) -> pd.DataFrame:
    """The effect by each model on the headline's data.

    Returns
    -------
    DataFrame
        Key `model`; `estimate`, `low`, `high` (95%, widened by the model's own factor), `factor`.

    Parameters
    ----------
    headline : mapping
        `effect`, `low`, `high` of the headline model, which is not simulated again.
    factor : float
        By which the headline's interval is widened.
    """
    months = min(len(pd.date_range(window.origin, window.last, freq="MS")) - 1, design.longest)
    factors = designs.model_factors(panel, design, headline=factor, months=months, rng=rng)
    rows = [{"model": design.headline.model, "estimate": headline["effect"], "low": headline["low"],
             "high": headline["high"], "factor": factor}]  # fmt: skip
    for model in [name for name in design.models if name != design.headline.model]:
        spec = counterfactual.with_variant(design.headline, model=model)
        effect = counterfactual.estimate(panel, spec, window, draws=draws, rng=rng)
        low, high = interval(effect.share, effect.share_draws, factor=factors[model])
        rows.append({"model": model, "estimate": effect.share, "low": low, "high": high, "factor": factors[model]})
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Step:
    """Gap of a later window over that of the earlier one."""

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


def step(
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
        As for :func:`estimate`.
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
    later = estimate(panel, design.headline, anchored, covered, draws=draws, rng=child)
    earlier = counterfactual.effect(later.path, first)
    return Step(earlier, later, placebo_steps(panel, first, second, design), design.headline.variables)


def placebo_steps(panel: pd.DataFrame, first: Window, second: Window, design: Design) -> pd.DataFrame:
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


def step_rows(stepped: Step, windows: Mapping[str, Window], names: tuple[str, str], design: Design) -> pd.DataFrame:
    """The later window's gap on the path of the earlier one, the step with its interval, and its placebos."""
    first, second = (windows[name] for name in names)
    stem, ranked = f"canola.price_effect.{second.name}.step", stepped.rank
    low, high = interval(stepped.share, stepped.draws, factor=stepped.factor)
    moved = pd.DataFrame([{
        "result_id": stem, "value": stepped.share, "low": low, "high": high, "level": CONFIDENCE,
        "spec": design.headline.name, "factor": f"{stepped.factor:.2f}", "origin": f"{first.origin:%Y-%m}",
    }])  # fmt: skip
    numbers = {
        "p_value": ranked.p_value, "p_floor": ranked.floor, "placebos": ranked.count, "placebo_spread": ranked.spread,
        "price_sets_spread": stepped.between_sets,
    }  # fmt: skip
    tested = named_rows(numbers, f"{stem}.{{name}}", step=f"{design.step}")
    both = pd.concat([moved, tested], ignore_index=True).assign(
        period=f"{first.first:%Y-%m} to {second.last:%Y-%m}", first=first.span, second=second.span
    )
    return pd.concat([stepped.later.rows, both], ignore_index=True)


def synthetic_did_prices(
    panel: pd.DataFrame, farm_prices: pd.DataFrame, *, world: Sequence[str], farm: Mapping[str, FarmPrice]
) -> pd.DataFrame:
    """Log prices in Canadian dollars: canola, `world` prices of the panel, and farm prices of other crops by name.

    Raises
    ------
    BadInput
        A world price that the panel does not have; see :func:`farm_price`.
    """
    unknown = [name for name in world if name not in panel]
    if unknown:
        raise BadInput("world prices", unknown[0], found=unknown[0], allowed=", ".join(panel.columns))
    own = {name: np.log(farm_price(farm_prices, crop=crop, provinces=where)) for name, (crop, where) in farm.items()}
    return panel[[TARGET, *world]].join(pd.DataFrame(own))


def synthetic_did(logs: pd.DataFrame, window: Window, *, since: str, until: str = "") -> Tested:
    """Canola among its controls; prices that are not held in every month are left out.

    `since`, `until`: first and last month compared with; by default the last month of the fits of this window.
    """
    before = logs.loc[since : until or f"{window.origin:%Y-%m}"]
    after = logs.loc[window.first : window.last]
    complete = [name for name in logs if before[name].notna().all() and after[name].notna().all()]
    return placebo_test(before[complete], after[complete], TARGET)


def synthetic_did_by_window(
    logs: pd.DataFrame, windows: Mapping[str, Window], *, since: Mapping[str, str]
) -> dict[str, Tested]:
    """:func:`synthetic_did` of every window, by name.

    `since`: name of the window → first month compared with; that of ``""`` where it has none.
    """
    return {name: synthetic_did(logs, window, since=since.get(name, since[""])) for name, window in windows.items()}
