"""What a farm price would have been, given world prices, had a measure not come: paths, gaps and their intervals.

Every model reads the farm price to the origin only and the world prices to the end of the window. The gap between
the price observed and the path is the effect if the measure did not move the world prices. Re-made at every earlier
date it gives placebo effects, and says whether the intervals would have held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect.prices import TARGET
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series import error_correction
from tradeexposure.econometrics.time_series.arma_regression import Path, arma_paths
from tradeexposure.econometrics.time_series.backtests import LEVELS, interval_check
from tradeexposure.econometrics.time_series.months import MINIMUM_MONTHS, Window, complete_logs, count

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults

MODELS = ("ardl", "vecm_1", "vecm_2", "arma", "components")
EQUATIONS = ("ardl", "vecm_1", "vecm_2")
LAGS = range(1, 13)


@dataclass(frozen=True)
class Counterfactual:
    """One way to build the counterfactual."""

    model: str  #: One of :data:`MODELS`.
    variables: str  #: Name of the set of world prices.
    lags: int  #: Past months of world prices (and of the own price in error-correction equations).
    deterministic: str  #: {"constant", "season", "trend"}.
    start: str  #: First month of the sample, as 1990-01.
    prices: tuple[str, ...] = ()  #: The world prices of the set.

    @property
    def name(self) -> str:
        """Model, set of prices, lags, terms and start as text."""
        return f"{self.model}, {self.variables}, {self.lags} lags, {self.deterministic}, from {self.start}"


@dataclass(frozen=True)
class Effect:
    """Mean gap over a window."""

    share: float  #: Mean of actual / counterfactual − 1.
    cad_per_tonne: float  #: Mean of actual − counterfactual.
    #: Shape (draws,). The same for every simulated counterfactual.
    share_draws: np.ndarray
    cad_draws: np.ndarray


def refuse_unknown(spec: Counterfactual) -> None:
    """Refuse a specification that does not exist.

    Raises
    ------
    BadInput
        Unknown model or deterministic terms, no world prices, or lags out of bounds.
    """
    known = {"model": MODELS, "deterministic": error_correction.DETERMINISTIC}
    for key, allowed in known.items():
        if getattr(spec, key) not in allowed:
            raise BadInput("specification", key, found=str(getattr(spec, key)), allowed=", ".join(allowed))
    if not spec.prices:
        raise BadInput("specification", "variables", found=spec.variables, allowed="a set of world prices")
    if spec.lags not in LAGS:
        raise BadInput("specification", "lags", found=str(spec.lags), allowed=f"{LAGS.start} to {LAGS.stop - 1}")


def _arma_design(logs: pd.DataFrame, spec: Counterfactual) -> np.ndarray:
    """Outcome, world prices now and before, deterministic terms; differenced for a random-walk error."""
    months = pd.DatetimeIndex(logs.index)
    world = logs.to_numpy()[:, 1:]
    lagged = [world[spec.lags - lag : len(world) - lag] for lag in range(spec.lags + 1)]
    terms = error_correction.deterministic_terms(months, spec.deterministic, since=months[0])[spec.lags :]
    both = np.hstack([logs.to_numpy()[spec.lags :, :1], *lagged, terms])
    if spec.model == "arma":
        return both
    changes = np.diff(both, axis=0)
    return np.delete(changes, 1 + world.shape[1] * (spec.lags + 1), axis=1)  # the constant has no change


class History:
    """What a specification reads, checked and arranged once for paths from any of its months.

    Parameters
    ----------
    panel : DataFrame
        Logs by month from :func:`tradeexposure.canola.price_effect.prices.log_panel`.
    until : Timestamp
        Last month of the last path.

    Raises
    ------
    BadInput
        Unknown specification, months outside the data, a gap, a constant price.
    """

    def __init__(self, panel: pd.DataFrame, spec: Counterfactual, *, until: pd.Timestamp) -> None:
        refuse_unknown(spec)
        logs = complete_logs(panel, [TARGET, *spec.prices], start=spec.start, until=until)
        self.months, self._spec, self._own = pd.DatetimeIndex(logs.index), spec, logs[TARGET].to_numpy()
        form = error_correction.EquationForm(spec.model, spec.lags, spec.deterministic)
        self._system = error_correction.System(logs, form) if spec.model in EQUATIONS else None
        self._design = _arma_design(logs, spec) if self._system is None else np.empty((0, 0))

    def path(
        self,
        origin: pd.Timestamp,
        *,
        months: int,
        draws: int = 0,
        rng: np.random.Generator | None = None,
        fit: RegressionResults | None = None,
    ) -> Path:
        """Path over the `months` months after `origin`.

        Parameters
        ----------
        draws : int
            Simulated paths; needs `rng`.
        fit : RegressionResults, optional
            The equation of :func:`equation_rows`, where it is fitted already.

        Raises
        ------
        BadInput
            An origin with too few months before it, or fewer than `months` after it; a fit of another equation.
        RunFailed
            A singular design or starting points that disagree.
        """
        seen = count(self.months[0], origin)
        if months < 1 or seen < 1 or seen + months > len(self.months):
            raise BadInput(
                "window", "origin", found=f"{origin:%Y-%m}", allowed=f"a month before {self.months[-1]:%Y-%m}"
            )
        if seen < MINIMUM_MONTHS:
            allowed = f"at least {MINIMUM_MONTHS} months from {self._spec.start}"
            raise BadInput("window", "origin", found=f"{seen} months to {origin:%Y-%m}", allowed=allowed)
        source = rng or np.random.default_rng(0)
        if self._system is None:
            central, drawn = self._arma_paths(seen, months, draws, source)
        else:
            equation = self._system.adopted(fit, seen) if fit is not None else self._system.fit(seen)
            central, drawn = self._equation_paths(equation, seen, months, draws, source)
        after = slice(seen, seen + months)
        return Path(self.months[after], self._own[after], central, drawn)

    def _equation_paths(
        self, equation: error_correction.Equation, seen: int, months: int, draws: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        assert self._system is not None
        run = partial(self._system.simulate, equation, origin=seen - 1)
        central = run(coefficients=equation.coefficients[None, :], errors=np.zeros((1, months)))[0]
        if not draws:
            return central, np.empty((0, months))
        coefficients, deviation = error_correction.coefficient_draws(equation, draws=draws, rng=rng)
        errors = deviation[:, None] * rng.standard_normal((draws, months))
        return central, run(coefficients=coefficients, errors=errors)

    def _arma_paths(
        self, seen: int, months: int, draws: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        base = float(self._own[seen - 1]) if self._spec.model == "components" else None
        lost = len(self.months) - len(self._design)
        whole = self._design[: seen + months - lost]
        return arma_paths(whole, horizon=months, base=base, draws=draws, rng=rng)


def equation_rows(panel: pd.DataFrame, spec: Counterfactual, *, until: pd.Timestamp) -> pd.DataFrame:
    """The rows of an error-correction equation in which levels enter freely, as :meth:`error_correction.System.frame`.

    Raises
    ------
    BadInput
        As :class:`History`; another model than ``ardl``.
    """
    refuse_unknown(spec)
    if spec.model != "ardl":
        raise BadInput("headline", "model", found=spec.model, allowed="ardl, whose equation least squares fits")
    names = [TARGET, *spec.prices]
    logs = complete_logs(panel, names, start=spec.start, until=until)
    form = error_correction.EquationForm(spec.model, spec.lags, spec.deterministic)
    return error_correction.System(logs, form).frame(len(logs), names=names)


def path(
    panel: pd.DataFrame,
    spec: Counterfactual,
    *,
    origin: pd.Timestamp,
    until: pd.Timestamp,
    draws: int = 0,
    rng: np.random.Generator | None = None,
    fit: RegressionResults | None = None,
) -> Path:
    """Counterfactual path from the month after `origin` to `until`, as :class:`History` makes it."""
    history = History(panel, spec, until=until)
    return history.path(origin, months=count(origin, until) - 1, draws=draws, rng=rng, fit=fit)


def effect(path: Path, window: Window) -> Effect:
    """Mean gap over a window.

    Raises
    ------
    BadInput
        A month of the window that the path does not reach.
    """
    inside = (path.months >= window.first) & (path.months <= window.last)
    if inside.sum() != window.months or not np.isfinite(path.actual[inside]).all():
        span = f"{path.months[0]:%Y-%m} to {path.months[-1]:%Y-%m}"
        raise BadInput("window", window.name, found=window.span, allowed=f"months within {span}")
    actual, central = np.exp(path.actual[inside]), np.exp(path.central[inside])
    drawn = np.exp(path.draws[:, inside])
    return Effect(
        share=float((actual / central - 1).mean()),
        cad_per_tonne=float((actual - central).mean()),
        share_draws=(actual / drawn - 1).mean(axis=1),
        cad_draws=(actual - drawn).mean(axis=1),
    )


def estimate(
    panel: pd.DataFrame,
    spec: Counterfactual,
    window: Window,
    *,
    draws: int = 0,
    rng: np.random.Generator | None = None,
) -> Effect:
    """:func:`path` to the end of the window and its :func:`effect`."""
    return effect(path(panel, spec, origin=window.origin, until=window.last, draws=draws, rng=rng), window)


def with_variant(spec: Counterfactual, **changes: object) -> Counterfactual:
    """`spec` with some choices replaced."""
    changed = replace(spec, **changes)  # type: ignore[arg-type]
    refuse_unknown(changed)
    return changed


def placebo_gaps(panel: pd.DataFrame, spec: Counterfactual, starts: pd.DatetimeIndex, *, horizon: int) -> pd.DataFrame:
    """Log gaps between the price observed and the counterfactual after every start, refitted before each.

    Parameters
    ----------
    starts : DatetimeIndex
        First months of placebo windows.

    Returns
    -------
    DataFrame
        Index start, columns 1 to `horizon`: log(actual) − log(counterfactual) in that month of the window.
    """
    history = _history(panel, spec, starts, horizon)
    paths = [history.path(origin, months=horizon) for origin in starts - pd.DateOffset(months=1)]
    rows = [path.actual - path.central for path in paths]
    return pd.DataFrame(rows, index=pd.DatetimeIndex(starts, name="start"), columns=range(1, horizon + 1))


def _history(panel: pd.DataFrame, spec: Counterfactual, starts: pd.DatetimeIndex, horizon: int) -> History:
    return History(panel, spec, until=starts[-1] + pd.DateOffset(months=horizon - 1))


def placebo_shares(gaps: pd.DataFrame, *, length: int, skip: int = 0) -> pd.Series:
    """Placebo effects: mean of actual / counterfactual − 1 over `length` months that begin `skip` after the fit.

    Parameters
    ----------
    gaps : DataFrame
        From :func:`placebo_gaps`.

    Returns
    -------
    Series
        Index start (first month after the fit).
    """
    horizon = gaps.shape[1]
    if not 1 <= length <= horizon - skip or skip < 0:
        raise BadInput("length", found=f"{length} after {skip}", allowed=f"together 1 to {horizon}")
    effects: pd.Series = np.expm1(gaps.loc[:, skip + 1 : skip + length]).mean(axis=1)
    return effects


def backtest(
    panel: pd.DataFrame,
    spec: Counterfactual,
    starts: pd.DatetimeIndex,
    *,
    draws: int,
    rng: np.random.Generator,
    horizon: int,
    levels: Sequence[float] = LEVELS,
) -> pd.DataFrame:
    """Whether the intervals for a price without a measure would have held, month by month and on average.

    Returns
    -------
    DataFrame
        Key `start`, `kind` (``month``: that month; ``mean``: mean of the months to it), `months` (1 to `horizon`),
        `level`; `gap` (log), `low`, `high` (bounds of the gap when nothing happens), `covered`, `ratio` (size of the
        gap over the distance of the bound on its side).
    """
    history, count = _history(panel, spec, starts, horizon), np.arange(1, horizon + 1)
    tails = [end for level in levels for end in ((1 - level) / 2, (1 + level) / 2)]
    parts: list[dict[str, np.ndarray]] = []
    for start, origin in zip(starts, starts - pd.DateOffset(months=1), strict=True):
        path = history.path(origin, months=horizon, draws=draws, rng=rng)
        noise, gap = path.draws - path.central, path.actual - path.central
        both = np.stack([noise, noise.cumsum(axis=1) / count])
        ends = np.quantile(both, tails, axis=1)
        for place, (kind, seen) in enumerate((("month", gap), ("mean", gap.cumsum() / count))):
            parts += [
                {"start": np.full(horizon, start.to_datetime64()), "kind": np.full(horizon, kind), "months": count,
                 "level": np.full(horizon, level), "gap": seen,
                 "low": ends[2 * of, place], "high": ends[2 * of + 1, place]}
                for of, level in enumerate(levels)
            ]  # fmt: skip
    table = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    return table.assign(**interval_check(table["gap"], low=table["low"], high=table["high"]))
