"""What the canola price study is made of, filled in by the notebook, and the placebos and specifications that follow.

The headline model is the one whose placebo effects before the window of 2019 are smallest; :func:`spreads` shows it,
and no later month has a say in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect import counterfactual
from tradeexposure.canola.price_effect.counterfactual import Counterfactual, Effect
from tradeexposure.canola.price_effect.prices import TARGET, PlaceboCrop
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.inference.draws import CONFIDENCE, interval
from tradeexposure.econometrics.time_series import backtests, cointegration
from tradeexposure.econometrics.time_series.months import Span, Window, count, window
from tradeexposure.econometrics.treatment_effects import placebo


@dataclass(frozen=True)
class Design:
    """The choices of the study."""

    sets: Mapping[str, tuple[str, ...]]  #: Name → world prices that a counterfactual is conditioned on.
    headline: Counterfactual
    samples: Mapping[str, str]  #: Set of world prices of the specifications → first month that it allows.
    models: tuple[str, ...]
    #: Of the specification curve.
    lags: tuple[int, ...]
    deterministic: tuple[str, ...]
    starts: tuple[str, ...]
    rank_starts: tuple[str, ...]  #: Samples of the cointegration tests.
    episode: Span  #: Months of the licence suspensions, which no placebo window touches.
    first_fit: int  #: Months of the sample before the first placebo window.
    last_clean: str  #: Last month that a placebo window for the windows after 2019 may reach.
    crisis: Span  #: Left out of some reference sets.
    disputes: tuple[Span, ...]  #: Earlier disputes, left out of one reference set.
    longest: int  #: Months of the longest window on which intervals are tested.
    step: int  #: Months from one placebo window to the next, of models other than the headline and of other crops.
    test_draws: int  #: Paths behind each interval that is tested.

    @property
    def declared(self) -> tuple[Counterfactual, ...]:
        """The subset that placebos and later windows run on: every model on every set of prices."""
        head = self.headline
        return tuple(
            Counterfactual(model, name, head.lags, head.deterministic, start, self.sets[name])
            for model in self.models
            for name, start in self.samples.items()
        )

    @property
    def choices(self) -> dict[str, tuple[object, ...]]:
        """Options of the specification curve."""
        return {"model": self.models, "variables": tuple(self.samples), "lags": self.lags,
                "deterministic": self.deterministic, "start": self.starts}  # fmt: skip

    @property
    def tested(self) -> str:
        """First and last month of the placebo windows of the headline."""
        return f"{self.first_start(self.headline):%Y-%m} to {self.last_clean}"

    def first_start(self, spec: Counterfactual) -> pd.Timestamp:
        """First month that a placebo window of this specification may begin with."""
        return pd.Timestamp(spec.start) + pd.DateOffset(months=self.first_fit)

    @property
    def crisis_years(self) -> str:
        """``2007 to 2009``."""
        return _years(self.crisis)

    @property
    def dispute_years(self) -> str:
        """``2009 to 2011 and 2016``."""
        return " and ".join(map(_years, self.disputes))


def _years(span: Span) -> str:
    first, last = span[0][:4], span[1][:4]
    return first if first == last else f"{first} to {last}"


def windows(spans: Mapping[str, Sequence[str]], *, fit_2025: str) -> dict[str, Window]:
    """The windows published: each refitted before it, those after 2019 once more to `fit_2025`.

    Parameters
    ----------
    spans : mapping
        Name of the window → first and last month.

    Raises
    ------
    BadInput
        `fit_2025` is no month before the windows.
    """
    by_name = {name: window(name, span[0], span[1]) for name, span in spans.items()}
    for name in [name for name in spans if name != "2019"]:
        early = f"{name}.fit_{fit_2025.replace('-', '_')}"
        by_name[early] = window(early, spans[name][0], spans[name][1], fit_2025)
    return by_name


def longer_window(months: Span) -> Window:
    """The months of the industry's figure."""
    return window("2019_17_months", *months)


def unit_roots(panel: pd.DataFrame, design: Design, *, until: pd.Timestamp, most_lags: int) -> pd.DataFrame:
    """:func:`cointegration.unit_roots` of canola and all world prices of the specifications."""
    names = [TARGET, *dict.fromkeys(price for name in design.samples for price in design.sets[name])]
    return cointegration.unit_roots(panel, names, start=design.headline.start, until=until, most_lags=most_lags)


def exogeneity(panel: pd.DataFrame, design: Design, *, until: pd.Timestamp, ranks: Sequence[int]) -> pd.DataFrame:
    """:func:`cointegration.exogeneity` of the headline's prices at `ranks`."""
    head = design.headline
    return cointegration.exogeneity(
        panel, [TARGET, *head.prices], start=head.start, until=until, lags=head.lags, ranks=ranks
    )


def rank_grid(panel: pd.DataFrame, design: Design, *, until: pd.Timestamp) -> pd.DataFrame:
    """:func:`cointegration.ranks` over the sets of the specifications and soybean oil alone, samples, lags, terms."""
    sets = {name: design.sets[name] for name in [*design.samples, "soybean_oil"]}
    return cointegration.ranks(panel, sets, target=TARGET, starts=design.rank_starts, until=until, lags=design.lags)


def last_clean(window: Window, design: Design) -> str:
    """Last month that a placebo window for this window may reach."""
    return f"{window.origin:%Y-%m}" if window.name == "2019" else design.last_clean


def curve_specifications(design: Design) -> pd.DataFrame:
    """Every combination of the choices that the data allow: one row per specification."""
    combinations = specification_curve.grid(
        design.choices, keep=lambda row: str(row["start"]) >= design.samples[str(row["variables"])]
    )
    return combinations.assign(prices=combinations["variables"].map(design.sets))


def estimate_all(
    panel: pd.DataFrame,
    specifications: pd.DataFrame | Iterable[Counterfactual],
    window: Window,
    *,
    known: Mapping[Counterfactual, Effect] | None = None,
) -> pd.DataFrame:
    """The effect over one window by every specification; those that are `known` are not estimated again.

    Returns
    -------
    DataFrame
        The five choices and `estimate` (share), `cad_per_tonne`.
    """
    rows = specifications.to_dict("records") if isinstance(specifications, pd.DataFrame) else map(vars, specifications)
    estimates = []
    for row in rows:
        choices = {str(name): value for name, value in row.items()}
        spec = Counterfactual(**choices)
        effect = (known or {}).get(spec) or counterfactual.estimate(panel, spec, window)
        del choices["prices"]
        estimates.append({**choices, "estimate": effect.share, "cad_per_tonne": effect.cad_per_tonne})
    return pd.DataFrame(estimates)


def clean_starts(design: Design, spec: Counterfactual, *, months: int, until: str, step: int = 1) -> pd.DatetimeIndex:
    """Starts of windows of `months` months without the measures of 2019 or 2025, to `until`."""
    first = design.first_start(spec)
    return placebo.starts(first, pd.Timestamp(until), length=months, step=step, without=(design.episode,))


def placebo_gaps(panel: pd.DataFrame, design: Design, windows: Mapping[str, Window], *, step: int = 1) -> pd.DataFrame:
    """:func:`counterfactual.placebo_gaps` at all starts clean for the shortest window; :func:`placebos` drops the rest.

    The gaps reach as far from a start as the farthest of `windows` does from its fit.
    """
    shortest = min(window.months for window in windows.values())
    horizon = max(_reach(window) for window in windows.values())
    starts = clean_starts(design, design.headline, months=shortest, until=design.last_clean)
    limit = panel.index[-1] - pd.DateOffset(months=horizon - 1)
    chosen = starts[starts <= limit][::-1][::step][::-1]
    return counterfactual.placebo_gaps(panel, design.headline, chosen, horizon=horizon)


def _reach(window: Window) -> int:
    """Months from a window's fit to its end."""
    return count(window.origin, window.last) - 1


def placebos(gaps: pd.DataFrame, design: Design, window: Window) -> pd.Series:
    """Placebo effects that compare with one window: as long, as far from the fit, and clean throughout."""
    reach = _reach(window)
    allowed = clean_starts(design, design.headline, months=reach, until=last_clean(window, design))
    effects = counterfactual.placebo_shares(gaps, length=window.months, skip=reach - window.months)
    return effects[effects.index.isin(allowed)]


def step_placebos(panel: pd.DataFrame, spec: Counterfactual, window: Window, design: Design) -> pd.Series:
    """Placebo effects of one specification over windows as long as `window`, every `design.step` months, by start."""
    starts = clean_starts(design, spec, months=window.months, until=last_clean(window, design), step=design.step)
    gaps = counterfactual.placebo_gaps(panel, spec, starts, horizon=window.months)
    return counterfactual.placebo_shares(gaps, length=window.months)


def declared_placebos(panel: pd.DataFrame, window: Window, design: Design) -> dict[Counterfactual, pd.Series]:
    """Placebo effects of the whole declared subset for one window."""
    return {spec: step_placebos(panel, spec, window, design) for spec in design.declared}


def spreads(noise: Mapping[Counterfactual, pd.Series], design: Design) -> pd.DataFrame:
    """:func:`backtests.spreads` by model, on the world prices of the headline."""
    chosen = {spec.model: effects for spec, effects in noise.items() if spec.variables == design.headline.variables}
    return backtests.spreads(chosen)


def backtest(panel: pd.DataFrame, design: Design, *, rng: np.random.Generator) -> pd.DataFrame:
    """:func:`tradeexposure.canola.price_effect.counterfactual.backtest` of the headline at every clean start."""
    starts = clean_starts(design, design.headline, months=design.longest, until=design.last_clean)
    return counterfactual.backtest(
        panel, design.headline, starts, draws=design.test_draws, rng=rng, horizon=design.longest
    )


def model_factors(
    panel: pd.DataFrame, design: Design, *, headline: float, months: int, rng: np.random.Generator
) -> dict[str, float]:
    """Factor by which the interval of a mean over `months` is widened, each model's own.

    Parameters
    ----------
    headline : float
        Factor of the headline model, tested at every start; the others are at every `step` of them.
    rng : Generator
        Its stream is not advanced.
    """
    head = design.headline
    factors, child = {head.model: headline}, rng.spawn(1)[0]
    for model in [name for name in design.models if name != head.model]:
        spec = counterfactual.with_variant(head, model=model)
        starts = clean_starts(design, spec, months=design.longest, until=design.last_clean, step=design.step)
        tested = counterfactual.backtest(
            panel, spec, starts, draws=design.test_draws, rng=child, horizon=design.longest
        )
        covered = backtests.coverage(tested, by=("kind", "level", "months"))
        factors[model] = backtests.factors(covered, months=months)[CONFIDENCE]
    return factors


def joint_rank(
    panel: pd.DataFrame,
    window: Window,
    noise: Mapping[Counterfactual, pd.Series],
    *,
    known: Mapping[Counterfactual, Effect] | None = None,
) -> placebo.Rank:
    """The median over specifications ranked among its own placebos, on windows that all specifications have.

    Parameters
    ----------
    noise : mapping
        From :func:`declared_placebos`.
    known : mapping, optional
        As for :func:`estimate_all`.
    """
    actual = estimate_all(panel, list(noise), window, known=known)["estimate"]
    both = pd.DataFrame({spec.name: effects for spec, effects in noise.items()}).dropna()
    return placebo.rank(float(actual.median()), both.median(axis=1))


def placebo_ranks(effects: pd.Series, actual: float, design: Design, *, months: int) -> pd.DataFrame:
    """An effect among its placebos in five reference sets.

    Returns
    -------
    DataFrame
        Key `windows` (``rolling``, ``apart``, each also ``_ex_2007_09``, and ``rolling_ex_disputes``); columns of
        :class:`placebo.Rank` and `detectable` (95% of placebos are smaller in size).
    """
    index = pd.DatetimeIndex(effects.index)
    crisis = placebo.touches(index, length=months, first=design.crisis[0], last=design.crisis[1])
    separate = index.isin(placebo.apart(index, length=months))
    sets = {"rolling": np.ones(len(index), bool), "apart": separate}
    sets |= {f"{name}_ex_2007_09": chosen & ~crisis for name, chosen in sets.items()}
    disputed = [placebo.touches(index, length=months, first=first, last=last) for first, last in design.disputes]
    sets["rolling_ex_disputes"] = ~np.any(disputed, axis=0)
    rows = [
        {"windows": name, **vars(placebo.rank(actual, effects[chosen])),
         "detectable": float(effects[chosen].abs().quantile(0.95))}
        for name, chosen in sets.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def crop_effects(
    panels: Mapping[str, pd.DataFrame],
    placebo_crops: Mapping[str, PlaceboCrop],
    window: Window,
    design: Design,
    *,
    draws: int,
    rng: np.random.Generator,
    factor: float,
) -> pd.DataFrame:
    """Crops that China did not bar, through the headline model.

    Parameters
    ----------
    panels : mapping
        From :func:`tradeexposure.canola.price_effect.prices.crop_panels`.
    factor : float
        By which intervals are widened: the headline model's on Prairie canola.

    Returns
    -------
    DataFrame
        Key `crop`; `estimate`, `low`, `high` (95%), `lowest`, `highest` (over the five models), `p_value` and
        `placebos` (their number; missing and 0 where the series is too short for any).
    """
    rows = []
    for crop, panel in panels.items():
        variables = placebo_crops[crop][2]
        prices = design.sets[variables]
        begins = panel[[TARGET, *prices]].dropna().index[0]
        start = max(pd.Timestamp(design.headline.start), begins)
        spec = counterfactual.with_variant(design.headline, variables=variables, prices=prices, start=f"{start:%Y-%m}")
        effect = counterfactual.estimate(panel, spec, window, draws=draws, rng=rng)
        low, high = interval(effect.share, effect.share_draws, factor=factor)
        models = [counterfactual.estimate(panel, counterfactual.with_variant(spec, model=name), window).share
                  for name in design.models]  # fmt: skip
        try:
            ranked = placebo.rank(effect.share, step_placebos(panel, spec, window, design))
            tested = {"p_value": ranked.p_value, "placebos": ranked.count}
        except BadInput:  # too short for any placebo
            tested = {"p_value": np.nan, "placebos": 0}
        rows.append({"crop": crop, "estimate": effect.share, "low": low, "high": high, "lowest": min(models),
                     "highest": max(models), **tested})  # fmt: skip
    return pd.DataFrame(rows)
