"""Every draw of the priors run through the episodes that history knows: what the market model says each looked like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.canola.exposure import seed_exports
from tradeexposure.canola.market import base_year, bases, draws, logit_solver
from tradeexposure.canola.market.bases import MarketBase
from tradeexposure.canola.market.logit import Duties
from tradeexposure.canola.market.logit_solver import LogitOutcome
from tradeexposure.core import provinces
from tradeexposure.core.arrays import Floats
from tradeexposure.policy import assumptions, regimes
from tradeexposure.policy.canola_cells import AT_CHINA, MEAL, SEED, SEED_TO_CHINA

LEAST_KT = 1e-6  # a smaller volume counts as this one, so that its log exists
GAIN = "gain_cad"
#: Of the table of joint draws of 2019: seed to China without the measure and less than that, what others and crushers
#: took above their paths; kt.
PATH_COLUMNS = ("without_kt", "shortfall_kt", "others_kt", "crush_kt")


#: The supply response of seed after acreage responds, beside `seed_supply`, that within the crop year.
ACREAGE = "seed_supply_acreage"


@dataclass(frozen=True, eq=False)
class Laws:
    """Duties on Canadian canola by market and product: before the measures, at the end of 2025, under the arrangement.

    `taxed_then` has China's duties of 2025 and all others of the arrangement's day: what the arrangement is measured
    against.
    """

    before: Mapping[tuple[str, str], float]
    taxed: Mapping[tuple[str, str], float]
    arranged: Mapping[tuple[str, str], float]
    taxed_then: Mapping[tuple[str, str], float]

    @classmethod
    def on(cls, *, taxed: str, arranged: str) -> Laws:
        """The duties in force on two days (ISO dates), and those before any measure."""
        there, then = date.fromisoformat(taxed), date.fromisoformat(arranged)
        return cls(
            before=regimes.base_canola(),
            taxed=regimes.canola_on(there),
            arranged=regimes.canola_on(then),
            taxed_then=regimes.canola_on(there, rest=then),
        )


@dataclass(frozen=True, eq=False)
class Paths2019:
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
        """As many draws as the bank has, in random order; those without a shortfall are left out."""
        rng = np.random.default_rng(seed)
        some = np.flatnonzero(self.shortfall > 0)
        rows = rng.permutation(np.resize(rng.permutation(some), n))
        return Paths2019(self.shortfall[rows], self.others[rows], self.crush[rows], self.bought)


@dataclass(frozen=True, eq=False)
class Bank:
    """Simulated quantities by draw.

    Attributes
    ----------
    parameters : DataFrame
        Draws under the horizon of the crop year; `seed_supply` of the headline is :data:`ACREAGE`.
    simulated : DataFrame
        Row per draw: `price_2019`, `price_2025`, `price_step_2025`, `meal_2025` (logs of ratios), `spring_2026` (log
        of kt), `others_2019_kt` and `crush_2019_kt` at the draw's `shortfall_2019_kt`, `kept_2025` and `kept_deal`
        (shares of the base), `expected` and `duty_2019` (duties), `meal_elsewhere_2025_kt`, `total_change_kt`,
        :data:`GAIN` and its parts `seed_only_cad` and `meal_only_cad`.
    bought_2019_kt : float
        Seed that China did buy in the first year of the suspensions.
    """

    parameters: pd.DataFrame
    simulated: pd.DataFrame
    bought_2019_kt: float


def simulate(
    n: int,
    *,
    seed: int,
    paths: Paths2019,
    laws: Laws,
    spring: Sequence[int],
    seed_taxed: float,
    scale: tuple[float, float] | None = None,
) -> Bank:
    """Run `n` draws through 2019, 2025, the spring of 2026 and the arrangement of that year.

    Parameters
    ----------
    paths : Paths2019
        Of the notebook on canola trade.
    spring : sequence of int
        Months of the year (1 to 12) for which seed was booked in the spring of 2026.
    seed_taxed : float
        Part of the months of 2025 in which meal is observed during which seed paid the deposit.
    scale : pair of float, optional
        Ends of the scale between origins of seed, C$ a tonne, in place of its prior's; flat in its logarithm.
    """
    short = _drawn(n, seed, "crop_year", scale)
    long = _drawn(n, seed, "acreage", scale)
    now = today(short, laws.before)
    found = {
        **_suspension(short, paths.of(n, seed), laws.before),
        **_deposit(short, now, laws, seed_taxed),
        **_spring(short, now, laws, spring),
        **headline(long, now, laws),
    }
    return Bank(short.assign(**{ACREAGE: long["seed_supply"]}), pd.DataFrame(found), paths.bought)


def _drawn(n: int, seed: int, horizon: assumptions.Horizon, scale: tuple[float, float] | None) -> pd.DataFrame:
    found = draws.with_kappa(assumptions.draws(n, seed=seed, horizon=horizon), horizon)
    if scale is None:
        return found
    rank = (found[draws.SEED_SCALE].rank() - 0.5) / n
    return found.assign(**{draws.SEED_SCALE: scale[0] * (scale[1] / scale[0]) ** rank})


def today(drawn: pd.DataFrame, duties: Mapping[tuple[str, str], float]) -> MarketBase:
    """Today's base of these draws."""
    china, elsewhere, rivals = (drawn[name].to_numpy(dtype=float) for name in draws.BASE)
    return bases.today(china, elsewhere, rivals, duties)


def _suspension(drawn: pd.DataFrame, paths: Paths2019, duties: Mapping[tuple[str, str], float]) -> dict[str, Floats]:
    """2019 on its own base, as the duty under which China keeps the share that the draw's path says.

    Tonnes are those of the path: what the model sends elsewhere, as a share of what China does not buy, times the
    shortfall of the draw.
    """
    base = bases.before_2019(drawn["rivals_in_china_kt"].to_numpy(dtype=float), duties)
    kept = paths.bought / (paths.shortfall + paths.bought)
    found = logit_solver.simulate(base, draws.behaviour(base, drawn), {}, kept_in_china=kept)
    lost = (1 - kept) * base.canada_kt[AT_CHINA, SEED]
    return {
        "price_2019": np.log1p(found.farm_price_change),
        "shortfall_2019_kt": paths.shortfall,
        "others_2019_kt": found.diverted_kt / lost * paths.shortfall,
        "crush_2019_kt": (found.crush_kt - base.crush_kt) / lost * paths.shortfall,
        "duty_2019": found.duty,
    }


def _deposit(drawn: pd.DataFrame, base: MarketBase, laws: Laws, weight: float) -> dict[str, Floats]:
    """The deposit on seed as importers expected it, with the duties on oil and meal on both sides.

    Meal is observed over months of which the part `weight` had the deposit.
    """
    taxed, before = laws.taxed, float(laws.before[SEED_TO_CHINA])
    expected = drawn["duty_expected_2025"].to_numpy(dtype=float)
    behaviour = draws.behaviour(base, drawn)
    without = logit_solver.simulate(base, behaviour, {**taxed, SEED_TO_CHINA: before})
    with_it = logit_solver.simulate(base, behaviour, {**taxed, SEED_TO_CHINA: before + expected})
    meal = (1 - weight) * _meal_value(without, base) + weight * _meal_value(with_it, base)
    elsewhere = [_elsewhere(each) for each in (without, with_it)]
    return {
        "price_2025": np.log((1 + with_it.farm_price_change) / (1 + without.farm_price_change)),
        "price_step_2025": np.log(with_it.price_ratio[:, SEED] / without.price_ratio[:, SEED]),
        "kept_2025": with_it.volume(*SEED_TO_CHINA) / base.canada_kt[AT_CHINA, SEED],
        "expected": expected,
        "meal_2025": np.log(meal),
        "meal_elsewhere_2025_kt": (1 - weight) * elsewhere[0] + weight * elsewhere[1],
    }


def _meal_value(found: LogitOutcome, base: MarketBase) -> Floats:
    """Export value of meal over output, relative to the base."""
    exports = found.volume_kt[:, :, MEAL].sum(axis=1) / base.canada_kt[:, MEAL].sum(axis=0)
    return np.asarray(exports * found.price_ratio[:, MEAL] / (found.crush_kt / base.crush_kt))


def _elsewhere(found: LogitOutcome) -> Floats:
    return np.asarray(found.volume_kt[:, 2:, MEAL].sum(axis=1))


def _spring(drawn: pd.DataFrame, base: MarketBase, laws: Laws, months: Sequence[int]) -> dict[str, Floats]:
    """Seed to China in the spring of 2026 under the arrangement: its share of the year as in clean years."""
    behaviour = draws.behaviour(base, drawn)
    deal = logit_solver.simulate(base, behaviour, laws.arranged)
    taxed = logit_solver.simulate(base, behaviour, laws.taxed)
    exports = [each.volume_kt[:, :, SEED].sum(axis=1) for each in (deal, taxed)]
    return {
        "spring_2026": np.log(np.maximum(spring_share(months) * deal.volume(*SEED_TO_CHINA), LEAST_KT)),
        "kept_deal": deal.volume(*SEED_TO_CHINA) / base.canada_kt[AT_CHINA, SEED],
        "total_change_kt": exports[0] - exports[1],
    }


def spring_share(months: Sequence[int]) -> float:
    """Part of a clean crop year's seed to China that leaves in some months of the year (1 to 12)."""
    monthly = seed_exports.monthly_exports(data.load(base_year.EXPORTS))
    rows = monthly[monthly["destination"] == provinces.CHINA]
    year = seed_exports.year_of(rows["month"], year="crop")
    clean = rows[year.isin(bases.usual_years(bases.TODAY))]
    spring = clean[clean["month"].dt.month.isin(months)]
    by_year = [
        frame.groupby(seed_exports.year_of(frame["month"], year="crop"))["volume_kt"].sum() for frame in (spring, clean)
    ]
    return float((by_year[0] / by_year[1]).mean())


def headline(drawn: pd.DataFrame, base: MarketBase, laws: Laws) -> dict[str, Floats]:
    """What the arrangement gains growers over the duties of 2025, in all and by seed and meal alone, C$ a year."""
    deal, taxed = laws.arranged, laws.taxed_then
    china = {product: ("china", product) for product in ("seed", "meal")}
    behaviour = draws.behaviour(base, drawn)

    def surplus(duties: Duties) -> Floats:
        return logit_solver.simulate(base, behaviour, duties).producer_surplus_cad

    against = surplus(taxed)
    return {
        GAIN: surplus(deal) - against,
        "seed_only_cad": surplus({**taxed, china["seed"]: deal[china["seed"]]}) - against,
        "meal_only_cad": surplus({**taxed, china["meal"]: deal[china["meal"]]}) - against,
    }
