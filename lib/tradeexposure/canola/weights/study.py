"""What the notebook that weighs the models runs beside the weights: rows handed over, other bases, other duties.

All but :func:`handed_over` take weighted rows, so that plain quantiles are the weighted ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tradeexposure.canola.market import bases, logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Duties
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.canola.weights import simulated_history, weights
from tradeexposure.canola.weights.history import Datum
from tradeexposure.canola.weights.simulated_history import (
    ACREAGE,
    FINAL,
    GAIN,
    DutyRegimes,
    SimulatedHistory,
    as_published,
)
from tradeexposure.core.arrays import Floats
from tradeexposure.econometrics.inference.draws import resample
from tradeexposure.policy.studies import BaseYears
from tradeexposure.policy.tariff_index import MARKETS, MEAL_TO_CHINA, PRODUCTS, SEED, SEED_TO_CHINA

#: Columns of the rows handed over: what the market takes (how rivals turn within the crop year), how that grows, both
#: supply responses, the duty expected and the fall of 2019 of the same draw; and whether the row is weighed by
#: official data alone.
FALL, OFFICIAL_ONLY = "volume_fall_2019", "official_only"
FIFTH = 0.2  # of the draws by rivals' base, where that is low or high
HANDED = (*logit.USED, ACREAGE, logit.GROWTH, "duty_expected_2025", FALL)
#: Name of a set of data -> end of the identifiers, and how labels name it.
STEPS = {
    "prior": (".unweighted", "no data weighed"),
    "official": (".official_data_only", "official data alone"),
    "all": ("", "official and trade data"),
}
#: Other choices, by the end of the identifier.
CHOICES = {
    "waiting_none": "nobody waits",
    "waiting_all": "all wait who expect the lowest duty",
    "d11_point": "forecast of China's imports as a point",
    "d13_no_lag": "meal's recovery without a lag",
    "d14_point": "rivals' cargoes as a point, at a yearly rate of once to twice as many",
    "d2_d3_as_drawn": "others' rise of 2019 as sure as its draws",
    "without_d1": "without the price of 2019",
    "without_d14_d15": "without what rivals sold to China",
    "uniform_reshuffling": "rivals' reshuffling share spread evenly before the data",
    "with_march_to_august_2026": "with canola inferred from exports of March to August 2026",
    "rivals_base_low": "rivals' base in China in its lowest fifth",
    "rivals_base_high": "rivals' base in China in its highest fifth",
    "turning_of_the_year": "rivals turn in the long run as within the year",
    "one_pool": "rivals one pool in the long run",
    "one_pool_by_itself": "rivals one pool within the year too, weighed anew",
    "segmented_by_itself": "rivals' markets apart within the year too, weighed anew",
    "wider_scale": "prior of the scale wider, weighed anew",
    "published_elasticity": "elasticity between origins of seed as published",
    "prices_without_duties": "prices of the base freed of the duties",
    "china_share_low": "China's share at its lowest",
    "china_share_high": "China's share at its highest",
}


@dataclass(frozen=True, eq=False)
class WeightedStudy:
    """Simulations, each datum's log likelihoods, and weights by the name of the data they take."""

    simulations: SimulatedHistory
    history: tuple[Datum, ...]
    likelihoods: pd.DataFrame
    steps: Mapping[str, Sequence[str]]
    weight: Mapping[str, Floats]
    substitution: Floats  #: Shape (draw,). Elasticity between origins of seed at base prices: price over scale.

    def simulated(self, column: str) -> Floats:
        """A simulated quantity, (draw,)."""
        return self.simulations.simulated[column].to_numpy(dtype=float)

    def published(self, column: str) -> Floats:
        """The same in the unit that it is published in."""
        return as_published(column, self.simulated(column))

    def summary(self, values: Floats, step: str = "all") -> dict[str, float]:
        """Median and range of one number per draw, weighed by a set of data; as of :func:`weights.summary`."""
        return weights.summary(values, self.weight[step])

    @property
    def gain(self) -> Floats:
        """Growers' gain from the arrangement over the duties of 2025, C$ a year, (draw,)."""
        return self.simulated(GAIN)

    @property
    def turning(self) -> Floats:
        """How readily rivals turn seed to China within the year, over the elasticity of their supply; (draw,)."""
        return self.simulations.parameters[logit.TURNING].to_numpy(dtype=float)

    @property
    def reshuffling(self) -> Floats:
        """Rivals' reshuffling share: 0 where their markets are apart, 1 where they are one pool; (draw,)."""
        return 1 - 1 / self.turning


def weigh(
    simulations: SimulatedHistory, history: Sequence[Datum], steps: Mapping[str, Sequence[str]], *, regimes: DutyRegimes
) -> WeightedStudy:
    """Weigh every draw by each set of data in `steps` (name to keys; none of them is the prior)."""
    likelihoods = weights.log_likelihoods(history, simulations.simulated)
    price = float(simulated_history.today(simulations.parameters.iloc[:1], regimes.before).price_cad_t[SEED, 0])
    substitution = price / simulations.parameters[logit.SEED_SCALE].to_numpy(dtype=float)
    weight = {name: weights.combine(likelihoods, keys) for name, keys in steps.items()}
    return WeightedStudy(simulations, tuple(history), likelihoods, steps, weight, substitution)


@dataclass(frozen=True, eq=False)
class Choice:
    """The gain under another choice: `words`, and its values with the weights of their draws.

    `counted` says whether the weights are those of draws that data weigh; rows handed over count alike.
    """

    words: str
    gain: Floats
    weight: Floats
    counted: bool = True

    @property
    def summary(self) -> dict[str, float]:
        """Median and range."""
        return weights.summary(self.gain, self.weight)

    @property
    def rows(self) -> float:
        """Draws that count."""
        return weights.effective_rows(self.weight)


def of_rows(gains: Mapping[str, Floats], labels: Mapping[str, str] = CHOICES) -> dict[str, Choice]:
    """Choices over rows that were drawn in proportion to their weights; `labels` of those that have none yet."""
    known = {**CHOICES, **labels}
    return {
        name: Choice(known[name], values, np.full(len(values), 1 / len(values)), counted=False)
        for name, values in gains.items()
    }


def reweighed(weighted: WeightedStudy, keys: Sequence[str], *data: Datum, prior: Floats | float = 0.0) -> Floats:
    """Weights of the same draws by some data, those in `data` read otherwise, or from another prior (its log ratio)."""
    read = {datum.key: datum.log_likelihood(weighted.simulations.simulated) for datum in data}
    return weights.combine(weighted.likelihoods.assign(**read), keys, prior=prior)


def choices(
    weighted: WeightedStudy,
    keys: Sequence[str],
    *,
    read: Mapping[str, Datum],
    without: Mapping[str, Sequence[str]],
    published: tuple[float, float],
) -> dict[str, Choice]:
    """The gain where one datum is read otherwise, some are left out, or a prior is another one.

    Parameters
    ----------
    read, without : mapping
        Name in :data:`CHOICES` to the datum as read, and to the keys left out.
    published : pair of float
        Lowest and highest elasticity between origins of seed that others have published.
    """
    least, most = published
    base = weighted.simulations.parameters[logit.BASE[2]].rank(pct=True).to_numpy(dtype=float)
    priors = {
        "uniform_reshuffling": -np.log(weighted.turning),
        "rivals_base_low": _within(base <= FIFTH),
        "rivals_base_high": _within(base > 1 - FIFTH),
        "published_elasticity": _within((weighted.substitution >= least) & (weighted.substitution <= most)),
    }
    weight = {name: reweighed(weighted, keys, datum) for name, datum in read.items()}
    weight |= {
        name: weights.combine(weighted.likelihoods, [key for key in keys if key not in some])
        for name, some in without.items()
    }
    weight |= {name: reweighed(weighted, keys, prior=prior) for name, prior in priors.items()}
    return {name: Choice(CHOICES[name], weighted.gain, row_weights) for name, row_weights in weight.items()}


def anew(each: Mapping[str, WeightedStudy]) -> dict[str, Choice]:
    """The gain by other models or priors, each weighed by the data for itself; by name in :data:`CHOICES`."""
    return {name: Choice(CHOICES[name], weighted.gain, weighted.weight["all"]) for name, weighted in each.items()}


def _within(some: np.ndarray) -> Floats:
    """Log of a prior that holds some draws alone."""
    return np.where(some, 0.0, -np.inf)


def truths(weighted: WeightedStudy) -> pd.DataFrame:
    """What synthetic histories must find again: both gains after adjustment, the scale, rivals' turning of the year."""
    parameters, simulated = weighted.simulations.parameters, weighted.simulations.simulated
    return pd.DataFrame(
        {
            "gain": simulated[GAIN],
            "gain_final": simulated[FINAL],
            "scale": parameters[logit.SEED_SCALE],
            "kappa": parameters[logit.KAPPA],
        }
    )


def bases_of(simulations: SimulatedHistory, regimes: DutyRegimes) -> dict[str, MarketBase]:
    """The base of each episode, over all draws."""
    rivals = simulations.parameters[logit.BASE[2]].to_numpy(dtype=float)
    return {
        "Before the 2019 suspensions": bases.before_2019(rivals, regimes.before),
        "Today": simulated_history.today(simulations.parameters, regimes.before),
    }


def handed_over(weighted: WeightedStudy, numbers: Mapping[str, int], *, official: str, seed: int) -> pd.DataFrame:
    """Weighted parameter rows, as many of each set of data as `numbers` says, each in random order.

    Returns
    -------
    DataFrame
        Columns of :data:`HANDED` and :data:`OFFICIAL_ONLY` (0 or 1).
    """
    shortfall = weighted.simulated("shortfall_2019_kt")
    fall = shortfall / (shortfall + weighted.simulations.bought_2019_kt)
    every = weighted.simulations.parameters.assign(**{FALL: fall})[list(HANDED)]
    rng = np.random.default_rng(seed)
    parts = [
        every.iloc[rng.permutation(resample(weighted.weight[name], n, by=weighted.gain))].assign(
            **{OFFICIAL_ONLY: int(name == official)}
        )
        for name, n in numbers.items()
    ]
    return pd.concat(parts, ignore_index=True)


def after_acreage(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows after acreage responds: with its supply response, and rivals who turn as readily as they do by then."""
    return rows.assign(**{"seed_supply": rows[ACREAGE], logit.KAPPA: rows[logit.KAPPA] * rows[logit.GROWTH]})


def turned(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The same rows after acreage responds, were rivals to turn by then no further than within the year, or freely.

    Every datum is of a crop year, so that what is assumed of the long run leaves the weights as they are. Less than
    within the year is no choice: what can be turned at once can be turned later.
    """
    some = after_acreage(rows)
    kappa = {"turning_of_the_year": rows[logit.KAPPA], "one_pool": pd.Series(np.inf, index=rows.index)}
    return {name: some.assign(**{logit.KAPPA: values}) for name, values in kappa.items()}


def turned_gains(rows: pd.DataFrame, regimes: DutyRegimes) -> dict[str, Floats]:
    """The gain over the duties of 2025 of the rows of :func:`turned`, C$ a year."""
    base = simulated_history.today(rows, regimes.before)
    return {name: gain(base, some, regimes.arranged, regimes) for name, some in turned(rows).items()}


def gain(base: MarketBase, rows: pd.DataFrame, duties: Mapping[tuple[str, str], float], regimes: DutyRegimes) -> Floats:
    """Growers' gain of some duties over those of 2025, C$ a year, (row,)."""
    return _gap(_solved(base, rows, (duties, regimes.taxed_then)))


def _solved(
    base: MarketBase, rows: pd.DataFrame, each: Sequence[Duties], near: Sequence[LogitOutcome | None] = (None, None)
) -> list[LogitOutcome]:
    """The market under several duties; `near` are solutions of the same rows that are not far, if there are any."""
    behaviour = logit.behaviour(base, rows)
    return [
        logit_solver.simulate(base, behaviour, duties, near=neighbour)
        for duties, neighbour in zip(each, near, strict=True)
    ]


def _gap(outcomes: Sequence[LogitOutcome]) -> Floats:
    return np.asarray(outcomes[0].producer_surplus_cad - outcomes[1].producer_surplus_cad)


def other_bases(
    rows: pd.DataFrame, regimes: DutyRegimes, *, shares: Mapping[str, float], years: BaseYears
) -> dict[str, Floats]:
    """The gain with China's share of seed at given values, and on calendar years in the place of today's base."""
    some = after_acreage(rows)
    gains = {}
    for name, share in shares.items():
        fixed = some.assign(china_share_of_seed=share)
        gains[name] = gain(simulated_history.today(fixed, regimes.before), fixed, regimes.arranged, regimes)
    past = bases.of_years(years.years, regimes.before)
    return gains | {years.key: gain(past, some, regimes.arranged, regimes)}


def freed_of_duties(rows: pd.DataFrame, regimes: DutyRegimes, *, under: float) -> Floats:
    """The gain at the prices that today's base would have without the duties under which they were seen, C$ a year.

    Farm price, border price of seed and receipts are divided by what the market of the crop year makes of the duties.

    `under`: part of the months of the base's prices in which seed paid the deposit, at what importers expected; in the
    rest the arrangement held.
    """
    base = simulated_history.today(rows, regimes.before)
    expected = float(regimes.before[SEED_TO_CHINA]) + rows["duty_expected_2025"].to_numpy(dtype=float)
    deposit, deal = _solved(base, rows, ({**regimes.taxed, SEED_TO_CHINA: expected}, regimes.arranged))
    farm = 1 + under * deposit.farm_price_change + (1 - under) * deal.farm_price_change
    price = np.repeat(base.price_cad_t, len(rows), axis=1)
    price[SEED] /= under * deposit.price_ratio[:, SEED] + (1 - under) * deal.price_ratio[:, SEED]
    freed = replace(
        base, farm_price_cad_t=base.farm_price_cad_t / farm, price_cad_t=price, receipts_cad=base.receipts_cad / farm
    )
    return gain(freed, after_acreage(rows), regimes.arranged, regimes)


def duty_curve(rows: pd.DataFrame, regimes: DutyRegimes, duties: Sequence[float]) -> pd.DataFrame:
    """The gain over the duties of 2025 by the duty on seed, alone and with the arrangement's duty on meal.

    Returns
    -------
    DataFrame
        `duty` (share of value), `with_meal` (bool), `value`, `low`, `high` (C$ a year), `level`.
    """
    some = after_acreage(rows)
    base = simulated_history.today(some, regimes.before)
    kinds = {False: regimes.taxed_then, True: {**regimes.taxed_then, MEAL_TO_CHINA: regimes.arranged[MEAL_TO_CHINA]}}
    behaviour = logit.behaviour(base, some)
    outcome = logit_solver.simulate(base, behaviour, regimes.taxed_then)
    against = outcome.producer_surplus_cad
    equal = np.full(len(rows), 1 / len(rows))
    records = []
    for with_meal, there in kinds.items():
        for duty in duties:  # one after the other, each near the one before it
            outcome = logit_solver.simulate(base, behaviour, {**there, SEED_TO_CHINA: duty}, near=outcome)
            summary = weights.summary(outcome.producer_surplus_cad - against, equal)
            records.append({"duty": duty, "with_meal": with_meal, **summary})
    return pd.DataFrame(records)


def assumed_cells(rows: pd.DataFrame, regimes: DutyRegimes, *, change: float) -> pd.DataFrame:
    """Every figure of today's base that stands in for one not held, and what another one does to the median gain.

    Returns
    -------
    DataFrame
        `quantity`, `origin`, `market`, `product`, `value` (mean over draws), `unit`, `source`, `note`, and `effect_cad`
        of changing the figure by `change` (a share); the largest effects first.
    """
    some = after_acreage(rows)
    base = simulated_history.today(some, regimes.before)
    compared = regimes.arranged, regimes.taxed_then
    near = _solved(base, some, compared)
    usual = float(np.median(_gap(near)))
    cells = base.table[base.table["assumed"] & (base.table["value"] > 0)]
    effects = [
        float(np.median(_gap(_solved(_changed(base, cell, 1 + change), some, compared, near)))) - usual
        for _, cell in cells.iterrows()
    ]
    assumed = cells.drop(columns="assumed").assign(effect_cad=effects)
    return assumed.sort_values("effect_cad", key=abs, ascending=False, ignore_index=True)


def _changed(base: MarketBase, cell: pd.Series, factor: float) -> MarketBase:
    """The base with one assumed figure times a factor; all else as it was."""
    if cell["quantity"] == "receipts":
        return replace(base, receipts_cad=base.receipts_cad * factor)
    good = PRODUCTS.index(cell["product"])
    if cell["quantity"] == "border_price":
        price = base.price_cad_t.copy()
        price[good] *= factor
        return replace(base, price_cad_t=price)
    name = f"{cell['origin']}_kt"
    volume = getattr(base, name).copy()
    lost = volume[MARKETS.index(cell["market"]), good] * (factor - 1)
    volume[MARKETS.index(cell["market"]), good] += lost
    stock = base.stock_change_kt - (lost if name == "canada_kt" and good == SEED else 0.0)
    return replace(base, **{name: volume}, stock_change_kt=stock)
