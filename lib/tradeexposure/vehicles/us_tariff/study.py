"""The US auto tariff of April 2025: exports of motor vehicles and parts to the United States against their own past.

One series and one date: there is no sampling to speak of, so the effect is ranked among the same estimate at earlier
dates, and the ranges are widened until they would have held there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MILLION
from tradeexposure.econometrics.inference import specification_curve
from tradeexposure.econometrics.inference.draws import CONFIDENCE, interval
from tradeexposure.econometrics.time_series import backtests
from tradeexposure.econometrics.time_series.arma_regression import Path
from tradeexposure.econometrics.time_series.months import Span, Window
from tradeexposure.econometrics.time_series.months import window as window_of
from tradeexposure.econometrics.treatment_effects import placebo
from tradeexposure.vehicles.us_tariff import paths
from tradeexposure.vehicles.us_tariff.paths import PathModel, TariffEffect

TAXED = "us_autos"  # the column of :func:`exports` that the tariff is on


@dataclass(frozen=True)
class Design:
    """The choices of the study, which the notebook fills in."""

    #: First and last month of the effect of 2025; the longer window runs from the same month to the last one held.
    window: Span
    #: Last month of the fit: before the tariff was in sight, and to the month before it.
    fits: tuple[str, str]
    first_fit: int  #: Months of the sample before the first placebo window.
    last_clean: str  #: Last month that a placebo window may reach.
    crises: tuple[Span, ...]  #: Spans that the first set of placebo windows does not touch.
    headline: PathModel
    #: Months from one placebo of the headline to the next; the same of other models and other series.
    step: int
    wide_step: int
    #: Paths behind the range of an effect, and behind each range that is tested.
    draws: int
    test_draws: int
    #: Of the specification curve, with `fits`.
    models: tuple[str, ...]
    covariates: tuple[str, ...]
    starts: tuple[str, ...]
    #: Exports without the tariff (columns of :func:`exports`) that go through
    #: the headline model too, and that the tariff's own are set in relation to.
    comparisons: tuple[str, ...]
    chosen: bool = False  #: Whether a parameter took the place of the declared window.

    @property
    def first_start(self) -> pd.Timestamp:
        """First month that a placebo window of the headline may begin with."""
        return pd.Timestamp(self.headline.start) + pd.DateOffset(months=self.first_fit)

    @property
    def crisis_years(self) -> str:
        """``2008–09 and 2020``."""
        return " and ".join(first[:4] if first[:4] == last[:4] else f"{first[:4]}–{last[2:4]}"
                            for first, last in self.crises)  # fmt: skip

    @property
    def named(self) -> str:
        """What labels add where the window was chosen: its months."""
        return f", {' to '.join(self.window)}" if self.chosen else ""


@dataclass(frozen=True)
class Fitted:
    """The headline model over one window."""

    window: Window
    path: Path
    effect: TariffEffect  #: In C$.
    #: `change`, `shortfall_cad`: range of the effect at 95%, widened by `factor`.
    change: tuple[float, float]
    shortfall_cad: tuple[float, float]
    factor: float


@dataclass(frozen=True)
class Study:
    """Everything the tariff part of the notebook shows."""

    design: Design
    exports: pd.DataFrame  #: From :func:`exports`.
    fitted: dict[str, Fitted]  #: :class:`Fitted` by window.
    placebos: pd.DataFrame  #: Index origin; a window per column: headline effects where there was no tariff.
    #: Key `window`, `placebos` (``without_crises``, ``all``, ``apart``); columns of :class:`placebo.Rank`, `detectable`
    #: (size that 95% of placebos stay below).
    ranks: pd.DataFrame
    coverage: pd.DataFrame  #: Key `window`, `placebos`; `coverage` and `factor` of the unwidened range, `windows`.
    models: pd.DataFrame  #: Key `window`, `model`; `change`.
    #: Key `model`; `spread`: root mean square placebo effect for the first window, without crises.
    spreads: pd.DataFrame
    curve: pd.DataFrame  #: Key `window` and the choices; `estimate`.
    #: Key `series`, `window`; `change`, `low`, `high` (changes that placebos do not reject), `p_value`, `floor`.
    comparisons: pd.DataFrame
    terms: tuple[pd.Series, pd.Series]  #: :func:`paths.terms` of the headline for the first window.


def exports(trade: pd.DataFrame) -> pd.DataFrame:
    """Monthly exports in C$: index month, columns :data:`TAXED`, `other_autos` and `us_other_goods`.

    They end with the last month of which all three are held.

    Parameters
    ----------
    trade : DataFrame
        ``merchandise_trade_monthly``.

    Raises
    ------
    BadInput
        A series or month that is missing, or a value that is not positive.
    """
    rows = trade[trade["flow"] == "export"]
    wide = rows.pivot(index="month", columns=["partner", "product"], values="value_cad_millions") * MILLION
    needed = [("united_states", "autos_and_parts"), ("non_us", "autos_and_parts"), ("united_states", "all")]
    missing = [" ".join(pair) for pair in needed if pair not in wide]
    if missing:
        raise BadInput("merchandise_trade_monthly", "product", found=f"no exports of {missing[0]}", allowed="all three")
    us, other_autos, every = (wide[pair] for pair in needed)
    exports = pd.DataFrame({TAXED: us, "other_autos": other_autos, "us_other_goods": every - us}).sort_index()
    exports = exports.loc[: exports.dropna().index[-1]]
    whole = pd.date_range(exports.index[0], exports.index[-1], freq="MS")
    if len(whole) != len(exports) or not (exports > 0).all().all():
        raise BadInput("merchandise_trade_monthly", "month", found="a gap or a value that is not positive",
                       allowed="every month, above zero")  # fmt: skip
    return exports


def logs(series: pd.Series, exchange: pd.DataFrame) -> pd.DataFrame:
    """Log of a series and of C$ per US$ as :mod:`paths` reads them."""
    rate = exchange.set_index("month")["cad_per_usd"].reindex(series.index)
    levels = pd.DataFrame({"exports": series, "exchange_rate": rate}, dtype=float)
    return levels.apply(np.log)


def declared_windows(design: Design, last: pd.Timestamp) -> dict[str, Window]:
    """The windows by identifier: 2025 and to the last month held, each after both fits.

    Raises
    ------
    BadInput
        Data that end before the window.
    """
    first, end_2025 = design.window
    if last < pd.Timestamp(end_2025):
        raise BadInput("merchandise_trade_monthly", "month", found=f"{last:%Y-%m} as the last month",
                       allowed=f"{end_2025} or later")  # fmt: skip
    by_name = {}
    for name, end in (("2025", end_2025), ("to_last_month", f"{last:%Y-%m}")):
        for fit in design.fits:
            key = name if fit == design.fits[0] else f"{name}.fit_{fit.replace('-', '_')}"
            by_name[key] = window_of(key, first, end, fit)
    return by_name


def origins(design: Design, *, ahead: int, step: int) -> pd.DatetimeIndex:
    """Last months of placebo fits whose paths of `ahead` months end before the tariff was in sight."""
    starts = placebo.starts(design.first_start, pd.Timestamp(design.last_clean), length=ahead, step=step)
    return pd.DatetimeIndex(starts - pd.DateOffset(months=1))


def in_crisis(design: Design, origins: pd.DatetimeIndex, *, ahead: int, skip: int) -> np.ndarray:
    """Whether the window of each origin, `skip` months after it and up to `ahead`, touches a crisis."""
    begins = pd.DatetimeIndex(origins + pd.DateOffset(months=1 + skip))
    hits = [placebo.touches(begins, length=ahead - skip, first=first, last=last) for first, last in design.crises]
    return np.asarray(np.any(hits, axis=0))


def estimate(trade: pd.DataFrame, exchange: pd.DataFrame, design: Design, *, seed: int) -> Study:
    """Estimate, placebos, ranges, specification curve and comparisons.

    `trade`, `exchange`: ``merchandise_trade_monthly``, ``exchange_rate_monthly``.
    """
    rng = np.random.default_rng(seed)
    monthly = exports(trade)
    windows, own = declared_windows(design, monthly.index[-1]), logs(monthly[TAXED], exchange)
    tested = backtest(own, windows, design, rng=rng)
    effects = tested.pivot(index="origin", columns="window", values="change")[list(windows)]
    covered = coverage(tested, windows)
    fitted = {}
    for name, window in windows.items():
        simulated, effect = paths.estimate(own, design.headline, window, draws=design.draws, rng=rng)
        rows = covered[(covered["window"] == window.name) & (covered["placebos"] == "without_crises")]
        factor = float(rows["factor"].iloc[0])
        change = interval(effect.change, effect.change_draws, factor=factor)
        lost = interval(effect.shortfall, effect.shortfall_draws, factor=factor)
        fitted[name] = Fitted(window, simulated, effect, change, lost, factor)
    actual = {name: fit.effect.change for name, fit in fitted.items()}
    return Study(
        design=design, exports=monthly, fitted=fitted, placebos=effects, ranks=ranks(effects, actual, windows, design),
        coverage=covered, models=by_model(own, windows, design), spreads=spreads(own, windows["2025"], design),
        curve=curve(own, windows, design), comparisons=comparisons(monthly, exchange, windows, design),
        terms=paths.terms(own, design.headline, origin=windows["2025"].origin),
    )  # fmt: skip


def cut(path: Path, window: Window) -> TariffEffect:
    """Effect of a window as far from the fit and as long as `window`, from a path that may go on."""
    skip = paths.skipped(window)
    end = skip + window.months
    shorter = Path(path.months[:end], path.actual[:end], path.central[:end], path.draws[:, :end])
    return paths.effect(shorter, skip=skip)


def backtest(
    own: pd.DataFrame, windows: Mapping[str, Window], design: Design, *, rng: np.random.Generator
) -> pd.DataFrame:
    """The headline at every placebo origin.

    Returns
    -------
    DataFrame
        Key `origin`, `window`; `change`, `crisis`, `covered`, `ratio` (size of the change over the distance of the
        range's bound on its side), `level`.
    """
    ahead = max(paths.skipped(window) + window.months for window in windows.values())  # to the last window's end
    rows = []
    for origin in origins(design, ahead=ahead, step=design.step):
        path = paths.path(own, design.headline, origin=origin, ahead=ahead, draws=design.test_draws, rng=rng)
        for name, window in windows.items():
            effect = cut(path, window)
            low, high = np.quantile(effect.shortfall_draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
            check = backtests.interval_check(0.0, low=low, high=high, central=effect.shortfall)
            rows.append({"origin": origin, "window": name, "change": effect.change, **check, "level": CONFIDENCE})
    effects = pd.DataFrame(rows)
    crisis = []
    for key, group in effects.groupby("window", sort=False):
        skip, months = paths.skipped(windows[str(key)]), windows[str(key)].months
        hit = in_crisis(design, pd.DatetimeIndex(group["origin"]), ahead=skip + months, skip=skip)
        crisis.append(pd.Series(hit, group.index))
    return effects.assign(crisis=pd.concat(crisis).reindex(effects.index))


def coverage(tested: pd.DataFrame, windows: Mapping[str, Window]) -> pd.DataFrame:
    """How often ranges held at placebo dates: key `window`, `placebos` (``without_crises``, ``all``)."""
    parts = []
    for name, rows in (("without_crises", tested[~tested["crisis"]]), ("all", tested)):
        dated = rows.assign(start=rows["origin"], months=rows["window"].map(lambda key: windows[key].months))
        parts.append(backtests.coverage(dated, by=("window", "level", "months")).assign(placebos=name))
    return pd.concat(parts, ignore_index=True)


def ranks(
    effects: pd.DataFrame, actual: Mapping[str, float], windows: Mapping[str, Window], design: Design
) -> pd.DataFrame:
    """Each window's effect among three sets of placebos."""
    rows = []
    for name, window in windows.items():
        skip = paths.skipped(window)
        index = pd.DatetimeIndex(effects.index)
        calm = ~in_crisis(design, index, ahead=skip + window.months, skip=skip)
        separate = index.isin(placebo.apart(index[calm], length=window.months))
        for kind, chosen in (("without_crises", calm), ("all", np.ones(len(index), bool)), ("apart", separate)):
            kept = effects.loc[chosen, name]
            rows.append({"window": name, "placebos": kind, **vars(placebo.rank(actual[name], kept)),
                         "detectable": float(kept.abs().quantile(CONFIDENCE))})  # fmt: skip
    return pd.DataFrame(rows)


def by_model(own: pd.DataFrame, windows: Mapping[str, Window], design: Design) -> pd.DataFrame:
    """The effect by each model, and the step of a regression: key `window`, `model`; `change`."""
    rows = []
    for name, window in windows.items():
        for model in design.models:
            spec = replace(design.headline, model=model, covariate="none")
            rows.append({"window": name, "model": model, "change": paths.estimate(own, spec, window)[1].change})
        rows.append({"window": name, "model": "step", "change": paths.step(own, design.headline, window)[0]})
    return pd.DataFrame(rows)


def placebo_changes(own: pd.DataFrame, spec: PathModel, window: Window, design: Design) -> pd.Series:
    """Effects of one model at every placebo origin outside crises."""
    skip = paths.skipped(window)
    ahead = skip + window.months
    every = origins(design, ahead=ahead, step=design.wide_step)
    calm = every[~in_crisis(design, every, ahead=ahead, skip=skip)]
    changes = [cut(paths.path(own, spec, origin=origin, ahead=ahead), window).change for origin in calm]
    return pd.Series(changes, index=calm, name=spec.model)


def spreads(own: pd.DataFrame, window: Window, design: Design) -> pd.DataFrame:
    """Root mean square placebo effect by model, smallest first: key `model`; `spread`, `windows`."""
    changes = {
        model: placebo_changes(own, replace(design.headline, model=model, covariate="none"), window, design)
        for model in design.models
    }
    return backtests.spreads(changes).rename(columns={"specification": "model"})


def curve(own: pd.DataFrame, windows: Mapping[str, Window], design: Design) -> pd.DataFrame:
    """All specifications for both windows: `window`, the choices, `estimate`."""
    choices = {"model": design.models, "fit": design.fits, "covariate": design.covariates, "start": design.starts}
    plain = {"covariate": "none", "start": design.starts[0]}  # the repetition of a year has neither
    chosen = specification_curve.grid(
        choices, keep=lambda row: row["model"] != "same_months" or plain.items() <= row.items()
    ).to_dict("records")
    rows = []
    for name in [key for key in windows if ".fit_" not in key]:
        for row in chosen:
            window = next(candidate for key, candidate in windows.items()
                          if key.split(".fit_")[0] == name and f"{candidate.origin:%Y-%m}" == row["fit"])  # fmt: skip
            spec = PathModel(str(row["model"]), str(row["covariate"]), str(row["start"]), design.headline.closed)
            rows.append({"window": name, **row, "estimate": paths.estimate(own, spec, window)[1].change})
    return pd.DataFrame(rows)


def comparisons(
    exports: pd.DataFrame, exchange: pd.DataFrame, windows: Mapping[str, Window], design: Design
) -> pd.DataFrame:
    """Series without the tariff on autos, and the tariff's series relative to them, through the headline model."""
    rows = []
    chosen = {name: exports[name] for name in design.comparisons}
    chosen |= {f"{TAXED}_to_{name}": exports[TAXED] / exports[name] for name in design.comparisons}
    for series, values in chosen.items():
        own = logs(values, exchange)
        noise = placebo_changes(own, design.headline, windows["2025"], design)
        change = paths.estimate(own, design.headline, windows["2025"])[1]
        ranked = placebo.rank(change.change, noise)
        low, high = placebo.interval(change.change, noise, level=CONFIDENCE)
        rows.append({"series": series, "window": "2025", "change": change.change, "low": low, "high": high,
                     "p_value": ranked.p_value, "floor": ranked.floor})  # fmt: skip
    return pd.DataFrame(rows)
