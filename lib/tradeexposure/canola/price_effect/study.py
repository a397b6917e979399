"""The headline over one window, other models beside it, and the windows of 2025 and 2026."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect import counterfactual
from tradeexposure.canola.price_effect import design as designs
from tradeexposure.canola.price_effect.counterfactual import Counterfactual, Effect
from tradeexposure.canola.price_effect.design import Design
from tradeexposure.canola.price_effect.results import effect_rows, rank_result_rows, spread_rows, structural_rows
from tradeexposure.econometrics.inference.draws import CONFIDENCE, interval
from tradeexposure.econometrics.time_series import backtests
from tradeexposure.econometrics.time_series.arma_regression import Path
from tradeexposure.econometrics.time_series.months import Window

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults


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
