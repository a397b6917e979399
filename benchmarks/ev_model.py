"""Time the electric-car model over 10,000 draws beside scipy.optimize draw by draw: python benchmarks/ev_model.py.

scipy solves a sample of the draws, one at a time, bracketing (`brentq`) each unknown of the same nested choice written
out good by good; its time for all draws is extrapolated from the sample. Draws here are invented to span the model's
range; the scenario's own priors are elsewhere.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
import tracemalloc
from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import logsumexp, softmax

from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.vehicles.market import base_year, model
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, ORIGINS, OTHER_CARS, EvBase

GOAL_SECONDS, GOAL_RATIO = 2.0, 50
REFERENCE = VehicleRegime(china_within=0.061, rebate_cad=5000.0, rebate_china_cad=5000.0)
REGIMES = {
    "no quota, 106.1%": VehicleRegime(china_within=1.061),
    "quota, no entry above": VehicleRegime(china_within=0.061, quota=24_500.0, rebate_cad=5000.0),
    "quota, 20% above": VehicleRegime(china_within=0.061, china_above=0.2, quota=24_500.0, rebate_cad=5000.0),
    "half under a cap": VehicleRegime(china_within=0.061, quota=49_000.0, price_capped_share=0.5),
}


def invented(number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draws that span the model: small and large answers, little and much diversion, scarce and ample demand."""
    return pd.DataFrame(
        {
            "ev_semi_elasticity": np.exp(rng.uniform(np.log(0.015), np.log(0.12), number)),
            "market_response": np.full(number, 0.2),
            "drawn_from_evs": rng.uniform(0.2, 0.9, number),
            "china_share_2023": rng.uniform(0.166, 0.318, number),
            "china_appeal": np.exp(rng.uniform(np.log(0.15), np.log(3.0), number)),
            "china_price_gap": rng.uniform(0.05, 0.30, number),
            "tariff_pass_through": rng.uniform(0.66, 1.0, number),
            "rebate_pass_through": rng.uniform(0.73, 0.85, number),
            "under_cap_share": rng.uniform(0.2, 0.8, number),
            "rent_kept_abroad": rng.uniform(0.5, 1.0, number),
            "us_built_share": rng.uniform(0.45, 0.65, number),
            "surtax_kept": rng.uniform(0.1, 0.8, number),
            "surtax_content": rng.uniform(0.6, 1.0, number),
            "us_car_value_cad": rng.uniform(32_000, 45_000, number),
            "rebate_eligible": rng.uniform(0.5, 0.9, number),
            "entry_months": np.exp(rng.uniform(np.log(2.0), np.log(60.0), number)),
            "count_months": rng.uniform(2.0, 6.0, number),
            "count_error": np.full(number, 0.3),
        }
    )


@dataclass(frozen=True)
class Choice:
    """One draw's nested choice; `taste` has the log weight of every origin of ORIGINS."""

    market: float
    share: float
    response: float
    market_response: float
    nest: float
    taste: np.ndarray

    def cars(self, rise: np.ndarray) -> np.ndarray:
        """Cars of ORIGINS and then other cars when electric prices rise by `rise` (C$1,000)."""
        value = self.taste - self.response / self.nest * rise
        nests = np.array([np.log(self.share) + self.nest * logsumexp(value), np.log(1 - self.share)])
        total = self.market * np.exp(self.market_response / self.response * logsumexp(nests))
        electric, not_electric = total * softmax(nests)
        return np.append(electric * softmax(value), not_electric)

    def without_china(self) -> np.ndarray:
        """Cars at base prices if no China-built car were on offer."""
        return replace(self, taste=np.where(np.array(ORIGINS) == CHINA_BUILT, -np.inf, self.taste)).cars(
            np.zeros(len(ORIGINS))
        )


def choice(base: EvBase, draw: pd.Series) -> Choice:
    """The draw's choice: the nest by its diversion, then the appeal of today's China-built cars over those of 2023."""
    registered = np.array([base.registrations[origin] for origin in ORIGINS])
    china, rest = draw["china_share_2023"] * base.electric, base.electric - registered[0]
    cars = np.append(china, registered[1:] * (base.electric - china) / rest)
    share = base.electric / base.market
    market = min(draw["market_response"] / (base.market_price_cad / 1000), draw["ev_semi_elasticity"])
    response = (draw["ev_semi_elasticity"] - market * share) / (1 - share)
    plain = Choice(base.market, share, response, market, 1.0, np.log(cars / cars.sum()))

    def miss(nest: float) -> float:
        others = replace(plain, nest=nest).without_china()[1:-1].sum()
        return float(others - cars[1:].sum() - draw["drawn_from_evs"] * cars[0])

    nested = replace(plain, nest=brentq(miss, 1e-6, 1.0, xtol=1e-15, rtol=1e-14))
    cheaper = response / nested.nest * draw["china_price_gap"] * base.price_cad / 1000
    moved = (np.log(draw["china_appeal"]) + cheaper) * (np.array(ORIGINS) == CHINA_BUILT)
    return replace(nested, taste=nested.taste + moved)


def price_rise(base: EvBase, draw: pd.Series, regime: VehicleRegime, rate: float) -> np.ndarray:
    """What a rate and the regime's rebates add to the prices of ORIGINS, C$1,000."""
    price = base.price_cad * (1 - draw["china_price_gap"])
    value = price / (1 / base.customs_share + base.reference.china_within)
    duty = draw["tariff_pass_through"] * (rate - base.reference.china_within) * value
    reach = draw["rebate_pass_through"]
    china = duty - reach * (regime.rebate_china_cad - base.reference.rebate_china_cad)
    others = -reach * (regime.rebate_cad - base.reference.rebate_cad)
    return np.where(np.array(ORIGINS) == CHINA_BUILT, china, others) / 1000


def solve_one(base: EvBase, draw: pd.Series, regime: VehicleRegime) -> tuple[np.ndarray, float]:
    """Cars of ORIGINS and other cars, and the rent a car (CAD), of one draw with scipy.optimize."""
    taken = choice(base, draw)
    rise = price_rise(base, draw, regime, float(regime.china_within))
    china = (np.array(ORIGINS) == CHINA_BUILT).astype(float)
    if regime.quota is None:
        return taken.cars(rise), 0.0
    quota = regime.quota * (1 - regime.price_capped_share * (1 - draw["under_cap_share"]))

    def over(rent: float) -> float:
        return float(taken.cars(rise + rent * china)[0] - quota)

    if over(0.0) <= 0:
        return taken.cars(rise), 0.0
    top = np.inf
    if regime.china_above is not None:
        top = float((price_rise(base, draw, regime, float(regime.china_above)) - rise)[0])
    rent = top if np.isfinite(top) and over(top) > 0 else brentq(over, 0.0, min(top, 1e4), xtol=1e-13, rtol=1e-14)
    return taken.cars(rise + rent * china), rent * 1000


def compare(base: EvBase, draws: pd.DataFrame, regime: VehicleRegime, sample: int) -> tuple[float, float, float]:
    """Seconds of ours over all draws, seconds of scipy per draw over the sample, largest relative difference."""
    begin = time.perf_counter()
    ours = model.simulate(base, draws, regime)
    seconds, apart = time.perf_counter() - begin, 0.0
    begin = time.perf_counter()
    theirs = [solve_one(base, draws.iloc[place], regime) for place in range(sample)]
    each = (time.perf_counter() - begin) / sample
    for place, (cars, rent) in enumerate(theirs):
        mine = np.array([ours.registrations[name][place] for name in (*ORIGINS, OTHER_CARS)])
        gap = abs(rent - ours.rent_per_car_cad[place]) / max(rent, 1.0)
        apart = max(apart, float(np.abs(mine / cars - 1).max()), gap)
    return seconds, each, apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=200, help="draws that scipy solves")
    options = parser.parse_args()
    base = base_year.calibrate(REFERENCE)
    draws = invented(options.draws, np.random.default_rng(20260301))
    names = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    threads = os.environ.get("OMP_NUM_THREADS", "unset")
    print(f"Python {platform.python_version()}, {names}; {os.cpu_count()} cores, OMP_NUM_THREADS {threads}")
    print(f"{options.draws:,} draws; scipy's seconds are extrapolated from {options.sample} of them, memory is ours.\n")
    print("| regime | ev_model, s | scipy, s (extrapolated) | ratio | largest relative difference | memory, MB |")
    print("|---|---:|---:|---:|---:|---:|")
    model.simulate(base, draws.head(10), REFERENCE)  # to warm up
    for name, regime in REGIMES.items():
        seconds, each, apart = compare(base, draws, regime, min(options.sample, options.draws))
        tracemalloc.start()
        model.simulate(base, draws, regime)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        ratio = each * options.draws / seconds
        missed = "" if seconds < GOAL_SECONDS and ratio >= GOAL_RATIO else " (misses the goal)"
        print(
            f"| {name} | {seconds:.3f} | {each * options.draws:.1f} | {ratio:,.0f}{missed} | {apart:.0e} | {peak:.1f} |"
        )


if __name__ == "__main__":
    main()
