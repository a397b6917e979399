"""The plan of the canola price study: windows, specifications, placebo windows, crops.

The headline model is the one whose placebo effects before 2019 are smallest; :func:`backtests.spreads`
shows it, and nothing after 2019-02 has a say in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect import counterfactual, placebo_windows
from tradeexposure.canola.price_effect.counterfactual import MODELS, Counterfactual, Effect
from tradeexposure.canola.price_effect.growers_cost import MEASURED
from tradeexposure.canola.price_effect.prices import PLACEBO_CROPS, TARGET, VARIABLES
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics import backtests, cointegration, placebo, specification_curve
from tradeexposure.econometrics.draws import CONFIDENCE, interval
from tradeexposure.econometrics.months import Window, window

LAST_CLEAN = {"2019": "2019-02", "2025_mar": "2024-08", "2025_aug": "2024-08", "2026_mar": "2024-08"}
EPISODE = (("2019-03", "2022-05"),)  # the licence suspensions: no placebo window touches them
FINANCIAL_CRISIS = ("2007-01", "2009-12")
#: Earlier disputes: from November 2009 China let seed with blackleg in through a few ports only, extended for the crop
#: of 2010 (sources: ``receipts.NOT_PLACEBO``); in 2016 it announced a limit on dockage and postponed it
#: (RealAgriculture, "China Postpones Tighter Canola Dockage Standards", March 2016; Canola Digest, January 2017).
DISPUTES = (("2009-11", "2011-12"), ("2016-01", "2016-12"))
#: Sample that each set of world prices allows: the exchange rate begins in 1990, rapeseed oil in 2002.
SAMPLES = {"complex": "1990-01", "complex_and_rapeseed_oil": "2002-02", "oils": "1990-01"}
HEADLINE = Counterfactual("ardl", "complex", 2, "constant", "1990-01")
#: The declared subset that placebos and 2025 run on.
DECLARED = tuple(
    Counterfactual(model, name, 2, "constant", start) for model in MODELS for name, start in SAMPLES.items()
)
CHOICES: dict[str, tuple[object, ...]] = {
    "model": MODELS,
    "variables": tuple(SAMPLES),
    "lags": (1, 2, 4),
    "deterministic": ("constant", "season", "trend"),
    "start": ("1990-01", "2002-02"),
}
RANK_STARTS = ("1990-01", "2002-02", "2009-01")  # the last one after the peak of 2008
HORIZON = 21  # months: the window of 2026 ends twenty-one months after the last fit before the case
SHORTEST = 3  # months, the window of 2026
QUARTER = 3  # months from one backtest of a model other than the headline to the next
MINIMUM_DRAWS, BACKTEST_DRAWS = 1000, 1000


def windows(*, fit_2025: str) -> dict[str, Window]:
    """The windows published: each refitted before it, those of 2025 and 2026 once more to `fit_2025`.

    Raises
    ------
    BadInput
        `fit_2025` is no month before 2025-03.
    """
    spans = {"2019": ("2019-03", "2020-02"), "2025_mar": ("2025-03", "2025-07"), "2025_aug": ("2025-08", "2026-02"),
             "2026_mar": ("2026-03", "2026-05")}  # fmt: skip
    found = {name: window(name, first, last) for name, (first, last) in spans.items()}
    for name in [one for one in spans if one != "2019"]:
        early = f"{name}.fit_{fit_2025.replace('-', '_')}"
        found[early] = window(early, *spans[name], fit_2025)
    return found


def longer_window() -> Window:
    """The seventeen months of the industry's figure."""
    return window("2019_17_months", *MEASURED)


def unit_roots(panel: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """:func:`cointegration.unit_roots` of canola and all world prices of the oilseed sets."""
    names = [TARGET, *VARIABLES["complex_and_rapeseed_oil"]]
    return cointegration.unit_roots(panel, names, start=SAMPLES["complex"], until=until)


def exogeneity(panel: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """:func:`cointegration.exogeneity` of the oilseed complex at the ranks that the grid supports."""
    names, start = [TARGET, *VARIABLES[HEADLINE.variables]], HEADLINE.start
    return cointegration.exogeneity(panel, names, start=start, until=until, lags=HEADLINE.lags, ranks=(1, 2, 3))


def rank_grid(panel: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """:func:`cointegration.ranks` over four sets of prices, three samples, three lags, two terms."""
    sets = {name: VARIABLES[name] for name in SAMPLES} | {"soybean_oil": ("soybean_oil",)}
    return cointegration.ranks(panel, sets, target=TARGET, starts=RANK_STARTS, until=until, lags=(1, 2, 4))


def last_clean(window: Window) -> str:
    """Last month that a placebo window for this window may reach."""
    return LAST_CLEAN[window.name.split(".")[0]]


def check_settings(*, draws: int, seed: int) -> None:
    """Refuse settings that cannot give two digits of an interval.

    Raises
    ------
    BadInput
        Too few draws or a negative seed.
    """
    if draws < MINIMUM_DRAWS:
        raise BadInput("draws", found=str(draws), allowed=f"at least {MINIMUM_DRAWS}")
    if seed < 0:
        raise BadInput("seed", found=str(seed), allowed="zero or above")


def generator(*, draws: int, seed: int) -> np.random.Generator:
    """The source of random numbers of the whole study, once :func:`check_settings` has passed the settings."""
    check_settings(draws=draws, seed=seed)
    return np.random.default_rng(seed)


def curve_specifications() -> pd.DataFrame:
    """Every combination of :data:`CHOICES` that the data allow: one row per specification."""
    return specification_curve.grid(CHOICES, keep=lambda row: str(row["start"]) >= SAMPLES[str(row["variables"])])


def estimate_all(
    panel: pd.DataFrame, specifications: pd.DataFrame | Iterable[Counterfactual], window: Window
) -> pd.DataFrame:
    """The effect over one window by every specification.

    Returns
    -------
    DataFrame
        The five choices and `estimate` (share), `cad_per_tonne`.
    """
    rows = specifications.to_dict("records") if isinstance(specifications, pd.DataFrame) else map(vars, specifications)
    found = []
    for row in rows:
        choices = {str(name): value for name, value in row.items()}
        one = counterfactual.estimate(panel, Counterfactual(**choices), window)
        found.append({**choices, "estimate": one.share, "cad_per_tonne": one.cad_per_tonne})
    return pd.DataFrame(found)


def clean_starts(spec: Counterfactual, *, months: int, until: str, step: int = 1) -> pd.DatetimeIndex:
    """Starts of windows of `months` months without the measures of 2019 or 2025, to `until`."""
    first = placebo_windows.first_start(spec)
    return placebo.starts(first, pd.Timestamp(until), length=months, step=step, without=EPISODE)


def placebo_gaps(panel: pd.DataFrame, spec: Counterfactual, *, step: int = 1, horizon: int = HORIZON) -> pd.DataFrame:
    """:func:`placebo_windows.gaps` at every start clean for the shortest window; :func:`placebos` drops the rest."""
    starts = clean_starts(spec, months=SHORTEST, until=LAST_CLEAN["2025_mar"])
    limit = panel.index[-1] - pd.DateOffset(months=horizon - 1)
    chosen = starts[starts <= limit][::-1][::step][::-1]
    return placebo_windows.gaps(panel, spec, chosen, horizon=horizon)


def placebos(found: pd.DataFrame, spec: Counterfactual, window: Window) -> pd.Series:
    """Placebo effects that compare with one window: as long, as far from the fit, and clean throughout."""
    ahead = pd.date_range(window.origin, window.first, freq="MS")
    skip = len(ahead) - 2
    allowed = clean_starts(spec, months=skip + window.months, until=last_clean(window))
    effects = placebo_windows.shares(found, length=window.months, skip=skip)
    return effects[effects.index.isin(allowed)]


def declared_placebos(panel: pd.DataFrame, window: Window, *, step: int) -> dict[Counterfactual, pd.Series]:
    """Placebo effects of the whole declared subset for one window."""
    found = {}
    for spec in DECLARED:
        starts = clean_starts(spec, months=window.months, until=last_clean(window), step=step)
        found[spec] = placebo_windows.shares(
            placebo_windows.gaps(panel, spec, starts, horizon=window.months), length=window.months
        )
    return found


def spreads(noise: Mapping[Counterfactual, pd.Series]) -> pd.DataFrame:
    """:func:`tradeexposure.econometrics.backtests.spreads` by model, on the world prices of the headline."""
    chosen = {spec.model: effects for spec, effects in noise.items() if spec.variables == HEADLINE.variables}
    return backtests.spreads(chosen)


def backtest(panel: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """:func:`tradeexposure.canola.price_effect.placebo_windows.backtest` of the headline at every clean start."""
    starts = clean_starts(HEADLINE, months=placebo_windows.HORIZON, until=LAST_CLEAN["2025_mar"])
    return placebo_windows.backtest(panel, HEADLINE, starts, draws=BACKTEST_DRAWS, rng=rng)


def model_factors(
    panel: pd.DataFrame,
    *,
    headline: float,
    months: int,
    rng: np.random.Generator,
    level: float = CONFIDENCE,
) -> dict[str, float]:
    """Factor by which the interval of a mean over `months` is widened, each model's own.

    Parameters
    ----------
    headline : float
        Factor of the headline model, tested at every start; the others are at every third.
    rng : Generator
        Its stream is not advanced.
    """
    found, child = {HEADLINE.model: headline}, rng.spawn(1)[0]
    for model in [name for name in MODELS if name != HEADLINE.model]:
        spec = counterfactual.with_variant(HEADLINE, model=model)
        starts = clean_starts(spec, months=placebo_windows.HORIZON, until=LAST_CLEAN["2025_mar"], step=QUARTER)
        tested = placebo_windows.backtest(panel, spec, starts, draws=BACKTEST_DRAWS, rng=child)
        found[model] = backtests.factors(backtests.coverage(tested, by=("kind", "level", "months")), months=months)[
            level
        ]
    return found


def joint_rank(panel: pd.DataFrame, window: Window, noise: Mapping[Counterfactual, pd.Series]) -> placebo.Rank:
    """The median over specifications ranked among its own placebos, on windows that all specifications have.

    Parameters
    ----------
    noise : mapping
        From :func:`declared_placebos`.
    """
    actual = estimate_all(panel, list(noise), window)["estimate"]
    both = pd.DataFrame({spec.name: effects for spec, effects in noise.items()}).dropna()
    return placebo.rank(float(actual.median()), both.median(axis=1))


def placebo_ranks(effects: pd.Series, actual: float, *, months: int) -> pd.DataFrame:
    """An effect among its placebos in five reference sets.

    Returns
    -------
    DataFrame
        Key `windows` (``rolling``, ``apart``, each also ``_ex_2007_09``, and ``rolling_ex_disputes``); columns of
        :class:`placebo.Rank` and `detectable` (95% of placebos are smaller in size).
    """
    index = pd.DatetimeIndex(effects.index)
    crisis = placebo.touches(index, length=months, first=FINANCIAL_CRISIS[0], last=FINANCIAL_CRISIS[1])
    separate = index.isin(placebo.apart(index, length=months))
    sets = {"rolling": np.ones(len(index), bool), "apart": separate}
    sets |= {f"{name}_ex_2007_09": chosen & ~crisis for name, chosen in sets.items()}
    disputed = [placebo.touches(index, length=months, first=first, last=last) for first, last in DISPUTES]
    sets["rolling_ex_disputes"] = ~np.any(disputed, axis=0)
    rows = [
        {"windows": name, **vars(placebo.rank(actual, effects[chosen])),
         "detectable": float(effects[chosen].abs().quantile(0.95))}
        for name, chosen in sets.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def crop_effects(
    panels: Mapping[str, pd.DataFrame], window: Window, *, draws: int, rng: np.random.Generator, factor: float
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
        variables = PLACEBO_CROPS[crop][2]
        begins = panel[[TARGET, *VARIABLES[variables]]].dropna().index[0]
        start = max(pd.Timestamp(HEADLINE.start), begins)
        spec = counterfactual.with_variant(HEADLINE, variables=variables, start=f"{start:%Y-%m}")
        found = counterfactual.estimate(panel, spec, window, draws=draws, rng=rng)
        low, high = interval(found.share, found.share_draws, factor=factor)
        models = [counterfactual.estimate(panel, counterfactual.with_variant(spec, model=name), window).share
                  for name in MODELS]  # fmt: skip
        p_value, count = _crop_rank(panel, spec, window, found)
        rows.append({"crop": crop, "estimate": found.share, "low": low, "high": high, "lowest": min(models),
                     "highest": max(models), "p_value": p_value, "placebos": count})  # fmt: skip
    return pd.DataFrame(rows)


def _crop_rank(panel: pd.DataFrame, spec: Counterfactual, window: Window, found: Effect) -> tuple[float, int]:
    try:
        starts = clean_starts(spec, months=window.months, until=last_clean(window), step=3)
    except BadInput:
        return float("nan"), 0
    effects = placebo_windows.shares(
        placebo_windows.gaps(panel, spec, starts, horizon=window.months), length=window.months
    )
    ranked = placebo.rank(found.share, effects)
    return ranked.p_value, ranked.count
