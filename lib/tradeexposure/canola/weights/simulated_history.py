"""Every draw of the priors run through the episodes that history knows: what the market model says each looked like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.canola.exposure import grain_exports
from tradeexposure.canola.market import base_year, bases, logit, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Duties
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core.arrays import Drawn, Floats
from tradeexposure.core.units import THOUSAND
from tradeexposure.data import geography
from tradeexposure.policy import assumptions
from tradeexposure.policy.regimes import base_canola, canola_on
from tradeexposure.policy.tariff_index import AT_CHINA, MEAL, MEAL_TO_CHINA, SEED, SEED_TO_CHINA

LEAST_KT = 1e-6  # a smaller volume counts as this one, so that its log exists
BATCH = 20_000  # draws at once: few enough for the markets of all regimes to stay in memory
#: Growers' gains in C$ a year: after acreage responds and in the first year, over the duties of 2025 and over the final
#: duty on seed alone; and by seed's and by meal's duty alone.
GAIN, FIRST_YEAR, SEED_ONLY, MEAL_ONLY = "gain_cad", "first_year_cad", "seed_only_cad", "meal_only_cad"
FINAL, FINAL_FIRST_YEAR = "against_final_duty_cad", "against_final_duty_first_year_cad"
#: Of the table of joint draws of 2019: seed to China without the measure and less than that, what others and crushers
#: took above their paths; kt.
PATH_COLUMNS = ("without_kt", "shortfall_kt", "others_kt", "crush_kt")
#: The supply response of seed after acreage responds, beside `seed_supply`, that within the crop year.
ACREAGE = "seed_supply_acreage"
#: Simulated column -> unit it is published in, and whether the simulated figure is the log of it (or of one plus it).
FORMS = {
    "price_2019": ("change", "ratio"),
    "price_2025": ("change", "ratio"),
    "price_step_2025": ("change", "ratio"),
    "price_after_2026": ("change", "ratio"),
    "meal_2025": ("change", "ratio"),
    "meal_after_2026": ("change", "ratio"),
    "spring_2026": ("kilotonnes", "log"),
    "china_2025": ("kilotonnes", "log"),
    "rivals_rise_2025": ("kilotonnes", "log"),
    "rivals_2019": ("kilotonnes", "log"),
    "others_2019_kt": ("kilotonnes", ""),
    "crush_2019_kt": ("kilotonnes", ""),
    "kept_2025": ("share", "part"),
    "total_change_kt": ("kilotonnes", ""),
    "since_deal_cad": ("CAD", ""),
}
COLUMN_LABELS = {
    "price_2019": "Farm price, first year of the 2019 suspensions",
    "others_2019_kt": "Seed others took more, first year of the 2019 suspensions",
    "crush_2019_kt": "Seed crushers took more, first year of the 2019 suspensions",
    "rivals_2019": "Rivals' seed to China, 2019",
    "price_2025": "Farm price under the deposit on seed",
    "kept_2025": "Part of its usual seed that China still buys under the deposit",
    "china_2025": "China's seed from all origins, a year under the deposit",
    "rivals_rise_2025": "Rise of rivals' seed to China, a year under the deposit",
    "spring_2026": "Seed to China, February to April 2026",
    "price_step_2025": "Price step on 12 August 2025",
    "price_after_2026": "Farm price, deal over deposit, the part after 1 March 2026",
    "meal_2025": "Meal against soybean meal, April to December 2025",
    "meal_after_2026": "Meal against soybean meal, March and April 2026 over 2025",
    "since_deal_cad": "Seed to China at the farm price, March to August 2026",
}
LEAST_PART = 1e-3  # a smaller part of a trade is none


@dataclass(frozen=True, eq=False)
class DutyRegimes:
    """Duties on Canadian canola by market and product: before the measures, at the end of 2025, under the arrangement.

    `taxed_then` has China's duties of 2025 and all others of the arrangement's day: what the arrangement is measured
    against.
    """

    before: Mapping[tuple[str, str], float]
    taxed: Mapping[tuple[str, str], float]
    arranged: Mapping[tuple[str, str], float]
    taxed_then: Mapping[tuple[str, str], float]

    @classmethod
    def on(cls, *, taxed: str, arranged: str) -> DutyRegimes:
        """The duties in force on two days (ISO dates), and those before any measure."""
        there, then = date.fromisoformat(taxed), date.fromisoformat(arranged)
        return cls(
            before=base_canola(),
            taxed=canola_on(there),
            arranged=canola_on(then),
            taxed_then=canola_on(there, rest=then),
        )

    @property
    def final(self) -> Mapping[tuple[str, str], float]:
        """The duty on seed as it was settled, without an arrangement: meal and oil stay as they were taxed."""
        return {**self.taxed_then, SEED_TO_CHINA: self.arranged[SEED_TO_CHINA]}


@dataclass(frozen=True, eq=False)
class Paths2019(Drawn):
    """Joint draws of what China did not buy in 2019, what others and crushers took more, and what China did buy; kt."""

    shortfall: Floats
    others: Floats
    crush: Floats
    bought: float

    @classmethod
    def read(cls, table: pd.DataFrame) -> Paths2019:
        """From the table that the notebook on canola trade hands over."""
        column = {name: table[name].to_numpy(dtype=float) for name in PATH_COLUMNS}
        bought = float((column["without_kt"] - column["shortfall_kt"]).mean())
        return cls(column["shortfall_kt"], column["others_kt"], column["crush_kt"], bought)

    def of(self, n: int, seed: int) -> Paths2019:
        """As many draws as are simulated, in random order; those without a shortfall are left out."""
        rng = np.random.default_rng(seed)
        some = np.flatnonzero(self.shortfall > 0)
        rows = rng.permutation(np.resize(rng.permutation(some), n))
        return self.take(rows)


@dataclass(frozen=True, eq=False)
class SimulatedHistory:
    """Simulated quantities by draw."""

    #: Draws under the horizon of the crop year, `rival_kappa` included; `seed_supply` of the headline is
    #: :data:`ACREAGE`.
    parameters: pd.DataFrame
    #: Row per draw. Logs of ratios: `price_2019`, `price_2025`, `price_step_2025` (the part of one day), `meal_2025`,
    #: `price_after_2026` (the part that was not priced before), `meal_step_2026` and `meal_after_2026` (the part that
    #: was shipped). Logs of kt: `spring_2026`, `china_2025`, `rivals_rise_2025`, `rivals_2019`. Tonnes:
    #: `others_2019_kt` and `crush_2019_kt` at the draw's `shortfall_2019_kt`, `china_2019_kt`, rivals' seed to China
    #: and China's seed from all, `rivals_{deposit,deal,taxed}_kt` and `china_{deposit,deal,taxed}_kt`,
    #: `meal_elsewhere_2025_kt`, `total_change_kt`. Shares of the base: `kept_2025` and `kept_deal`. Duties: `expected`
    #: and `duty_2019`. Gains.
    simulated: pd.DataFrame
    bought_2019_kt: float  #: Seed that China did buy in the first year of the suspensions.


@dataclass(frozen=True, eq=False)
class Year:
    """Today's market within the crop year, under five regimes."""

    base: MarketBase
    #: Oil and meal taxed as at the end of 2025, without a deposit on seed and with the one that importers expected.
    without: LogitOutcome
    deposit: LogitOutcome
    deal: LogitOutcome  #: The arrangement.
    #: What it is measured against.
    taxed: LogitOutcome
    final: LogitOutcome


def simulate(
    n: int,
    *,
    seed: int,
    paths: Paths2019,
    regimes: DutyRegimes,
    spring: Sequence[int],
    since_deal: Sequence[int],
    seed_taxed: float,
    scale: tuple[float, float] | None = None,
    fixed: Mapping[str, float] | None = None,
) -> SimulatedHistory:
    """Run `n` draws through 2019, 2025, the spring of 2026 and the arrangement of that year.

    Parameters
    ----------
    paths : Paths2019
        Of the notebook on canola trade.
    spring : sequence of int
        Months of the year (1 to 12) for which seed was booked in the spring of 2026.
    since_deal : sequence of int
        Months of 2026 since the arrangement whose exports to China are held, in dollars.
    seed_taxed : float
        Part of the months of 2025 in which meal is observed during which seed paid the deposit.
    scale : pair of float, optional
        Ends of the scale between origins, C$ a tonne, in place of its prior's; flat in its logarithm.
    fixed : mapping, optional
        Prior to the one value that it takes; infinite of `rival_turning` is one pool of rivals.
    """
    horizons: tuple[assumptions.Horizon, ...] = ("crop_year", "acreage")
    by_horizon = []
    for horizon in horizons:
        drawn = assumptions.draws(n, seed=seed, horizon=horizon).assign(**(fixed or {}))
        if scale is not None:
            rank = (drawn[logit.SEED_SCALE].rank() - 0.5) / n
            drawn = drawn.assign(**{logit.SEED_SCALE: scale[0] * (scale[1] / scale[0]) ** rank})
        by_horizon.append(logit.with_kappa(drawn, horizon))
    short, long = by_horizon
    some, share, since = paths.of(n, seed), spring_share(spring), spring_share(since_deal)
    parts = []
    for first in range(0, n, BATCH):
        rows = slice(first, first + BATCH)
        mine, now = short.iloc[rows], today(short.iloc[rows], regimes.before)
        year = _year(mine, now, regimes)
        parts.append(
            _suspension(mine, some.take(rows), regimes.before)
            | _deposit(mine, year, seed_taxed)
            | _after(mine, year, seed_taxed, share, since)
            | headline(long.iloc[rows], now, regimes)
        )
    simulated = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return SimulatedHistory(short.assign(**{ACREAGE: long["seed_supply"]}), pd.DataFrame(simulated), paths.bought)


def today(drawn: pd.DataFrame, duties: Mapping[tuple[str, str], float]) -> MarketBase:
    """Today's base of these draws."""
    china, elsewhere, rivals = (drawn[name].to_numpy(dtype=float) for name in logit.BASE)
    return bases.today(china, elsewhere, rivals, duties)


def _suspension(drawn: pd.DataFrame, paths: Paths2019, duties: Mapping[tuple[str, str], float]) -> dict[str, Floats]:
    """2019 on its own base, as the duty under which China keeps the share that the draw's path says.

    Tonnes are those of the path: what the model sends elsewhere, as a share of what China does not buy, times the
    shortfall of the draw.
    """
    base = bases.before_2019(drawn["rivals_in_china_kt"].to_numpy(dtype=float), duties)
    kept = paths.bought / (paths.shortfall + paths.bought)
    outcome = logit_solver.simulate(base, logit.behaviour(base, drawn), {}, kept_in_china=kept)
    lost = (1 - kept) * base.canada_kt[AT_CHINA, SEED]
    return {
        "price_2019": np.log1p(outcome.farm_price_change),
        "shortfall_2019_kt": paths.shortfall,
        "others_2019_kt": outcome.diverted_kt / lost * paths.shortfall,
        "crush_2019_kt": (outcome.crush_kt - base.crush_kt) / lost * paths.shortfall,
        "duty_2019": outcome.duty,
        "rivals_2019": _log(outcome.rivals_to_china_kt),
        "china_2019_kt": paths.bought + outcome.rivals_to_china_kt,
    }


def _year(drawn: pd.DataFrame, base: MarketBase, regimes: DutyRegimes) -> Year:
    """The deposit is the one that importers expected."""
    behaviour = logit.behaviour(base, drawn)
    before = float(regimes.before[SEED_TO_CHINA])
    expected = before + drawn["duty_expected_2025"].to_numpy(dtype=float)
    each: list[Duties] = [
        {**regimes.taxed, SEED_TO_CHINA: before},
        {**regimes.taxed, SEED_TO_CHINA: expected},
        regimes.arranged,
        regimes.taxed_then,
        regimes.final,
    ]
    return Year(base, *(logit_solver.simulate(base, behaviour, duties) for duties in each))


def _deposit(drawn: pd.DataFrame, year: Year, weight: float) -> dict[str, Floats]:
    """The deposit on seed as importers expected it, with the duties on oil and meal on both sides.

    Meal is observed over months of which the part `weight` had the deposit.
    """
    base, without, deposit = year.base, year.without, year.deposit
    step = np.log(deposit.price_ratio[:, SEED] / without.price_ratio[:, SEED])
    elsewhere = [each.volume_kt[:, 2:, MEAL].sum(axis=1) for each in (without, deposit)]
    return {
        "price_2025": np.log((1 + deposit.farm_price_change) / (1 + without.farm_price_change)),
        "price_step_2025": step / drawn["news_anticipated"].to_numpy(dtype=float),
        "kept_2025": deposit.volume(*SEED_TO_CHINA) / base.canada_kt[AT_CHINA, SEED],
        "expected": drawn["duty_expected_2025"].to_numpy(dtype=float),
        "meal_2025": np.log(_meal_of_2025(year, weight)),
        "meal_elsewhere_2025_kt": (1 - weight) * elsewhere[0] + weight * elsewhere[1],
        "china_2025": np.log(deposit.china_seed_kt),
        "rivals_rise_2025": _log(deposit.rivals_to_china_kt - without.rivals_to_china_kt),
    }


def _meal_of_2025(year: Year, weight: float) -> Floats:
    """Mean export value of meal over output in 2025, relative to the base."""
    return (1 - weight) * _meal_value(year.without, year.base) + weight * _meal_value(year.deposit, year.base)


def _meal_value(outcome: LogitOutcome, base: MarketBase) -> Floats:
    """Export value of meal over output, relative to the base."""
    exports = outcome.volume_kt[:, :, MEAL].sum(axis=1) / base.canada_kt[:, MEAL].sum(axis=0)
    return np.asarray(exports * outcome.price_ratio[:, MEAL] / (outcome.crush_kt / base.crush_kt))


def _after(drawn: pd.DataFrame, year: Year, weight: float, spring: float, since: float) -> dict[str, Floats]:
    """The first year of the arrangement; of a year's seed to China the part `spring` leaves in the months booked, and
    `since` in those since the arrangement.
    """
    base, deal, against = year.base, year.deal, year.taxed
    price = np.log((1 + deal.farm_price_change) / (1 + year.deposit.farm_price_change))
    meal = np.log(_meal_value(deal, base) / _meal_of_2025(year, weight))
    exports = [each.volume_kt[:, :, SEED].sum(axis=1) for each in (deal, against)]
    gains = [deal.producer_surplus_cad - each.producer_surplus_cad for each in (against, year.final)]
    places = {"deposit": year.deposit, "deal": deal, "taxed": against}
    farm = base.farm_price_cad_t * (1 + deal.farm_price_change)
    return {
        "spring_2026": _log(spring * deal.volume(*SEED_TO_CHINA)),
        "kept_deal": deal.volume(*SEED_TO_CHINA) / base.canada_kt[AT_CHINA, SEED],
        "total_change_kt": exports[0] - exports[1],
        "since_deal_cad": since * deal.volume(*SEED_TO_CHINA) * THOUSAND * farm,
        "price_after_2026": drawn["price_step_unpriced"].to_numpy(dtype=float) * price,
        "meal_step_2026": meal,
        "meal_after_2026": drawn["meal_step_done"].to_numpy(dtype=float) * meal,
        **{f"rivals_{name}_kt": each.rivals_to_china_kt for name, each in places.items()},
        **{f"china_{name}_kt": each.china_seed_kt for name, each in places.items()},
        FIRST_YEAR: gains[0],
        FINAL_FIRST_YEAR: gains[1],
    }


def _log(volume: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(volume, LEAST_KT)))


def as_published(column: str, values: Floats) -> Floats:
    """A simulated column in the unit of :data:`FORMS`."""
    form = FORMS[column][1]
    if form == "part":
        return np.where(values < LEAST_PART, 0.0, values)
    return np.expm1(values) if form == "ratio" else np.exp(values) if form == "log" else values


def spring_share(months: Sequence[int]) -> float:
    """Part of a clean crop year's seed to China that leaves in some months of the year (1 to 12)."""
    monthly = grain_exports.monthly_exports(data.load(base_year.EXPORTS))
    rows = monthly[monthly["destination"] == geography.CHINA]
    year = grain_exports.year_of(rows["month"], year="crop")
    clean = rows[year.isin(bases.usual_years(bases.TODAY))]
    spring = clean[clean["month"].dt.month.isin(months)]
    by_year = [
        frame.groupby(grain_exports.year_of(frame["month"], year="crop"))["volume_kt"].sum()
        for frame in (spring, clean)
    ]
    return float((by_year[0] / by_year[1]).mean())


def headline(drawn: pd.DataFrame, base: MarketBase, regimes: DutyRegimes) -> dict[str, Floats]:
    """What the arrangement gains growers over the duties of 2025 and over the final duty, and by seed and meal alone.

    C$ a year.
    """
    behaviour = logit.behaviour(base, drawn)
    meal = {**regimes.taxed_then, MEAL_TO_CHINA: regimes.arranged[MEAL_TO_CHINA]}
    deal, taxed, final, meal_alone = (
        logit_solver.simulate(base, behaviour, duties).producer_surplus_cad
        for duties in (regimes.arranged, regimes.taxed_then, regimes.final, meal)
    )
    return {GAIN: deal - taxed, FINAL: deal - final, SEED_ONLY: final - taxed, MEAL_ONLY: meal_alone - taxed}
