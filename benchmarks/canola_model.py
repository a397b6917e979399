"""Time the canola model in both closures beside scipy.optimize.root, in one run: python benchmarks/canola_model.py.

Seconds of the model are medians over repetitions of one regime for all draws, from the draws to the outcome. scipy
solves one draw at a time, so a sample of draws is timed and the ratio is extrapolated from it to all draws.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
import tracemalloc
from importlib.metadata import version

import numpy as np
import pandas as pd

from tradeexposure import canola_base, canola_model, canola_secondroute
from tradeexposure.canola_base import MARKETS, PRODUCTS, CanolaBase
from tradeexposure.errors import NotConverged

LIMIT_SECONDS = 2.0
Duties = dict[tuple[str, str], float]
REGIMES: dict[str, Duties] = {
    "China's rates of 2025": {("china", "seed"): 0.848, ("china", "oil"): 1.09, ("china", "meal"): 1.05},
    "seed at 14.9%, meal free of the surtax": {("china", "seed"): 0.149, ("china", "oil"): 1.09},
    "50% into the United States": {("united_states", product): 0.5 for product in PRODUCTS},
    "embargo by China": {("china", product): float("inf") for product in PRODUCTS},
}


def draws(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draws over the ranges of the priors; the shape of the priors does not matter for time."""
    ranges = {
        "seed_supply": (0.2, 0.9),
        "seed_substitution": (2.5, 10),
        "oil_substitution": (4, 17),
        "meal_substitution": (4, 16),
        "import_demand_china": (0.5, 2),
        "import_demand_others": (0.3, 1.5),
        "other_supply": (0.3, 1.5),
        "crush_elasticity": (0.2, 1),
        "freight_wedge_cad_t": (15, 60),
        "farm_pass_through": (0.8, 1),
        "rerouting": (0, 0.2),
    }
    fixed = {
        "seed_substitution_japan": 25.0,
        "crush_capacity_kt": 12_500.0,
        "oil_yield": 0.425,
        "meal_yield": 0.584,
    }
    return pd.DataFrame({name: rng.uniform(low, high, n) for name, (low, high) in ranges.items()}).assign(**fixed)


def clock(base: CanolaBase, some: pd.DataFrame, duties: Duties, closure: str, repeat: int) -> tuple[float, float]:
    """Median seconds, and the largest residual."""
    found = canola_model.simulate(base, some, duties, closure=closure)
    seconds = []
    for _ in range(repeat):
        begin = time.perf_counter()
        canola_model.simulate(base, some, duties, closure=closure)
        seconds.append(time.perf_counter() - begin)
    return float(np.median(seconds)), float(found.residual.max())


def peak_mb(base: CanolaBase, some: pd.DataFrame, duties: Duties, closure: str) -> float:
    """Largest memory held by arrays at once, MB, in a run of its own (tracing slows it)."""
    tracemalloc.start()
    canola_model.simulate(base, some, duties, closure=closure)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def beside_scipy(base: CanolaBase, some: pd.DataFrame, duties: Duties, closure: str) -> tuple[float, float, float, int]:
    """Median seconds a draw of scipy, largest gaps of volume (share of harvest) and farm price, draws it gave up."""
    found = canola_model.simulate(base, some, duties, closure=closure)
    route = getattr(canola_secondroute, closure)
    seconds, volumes, prices, lost = [], [0.0], [0.0], 0
    for at in range(len(some)):
        begin = time.perf_counter()
        try:
            again = route(base, some.iloc[at].to_dict(), duties)
        except NotConverged:
            lost += 1
            continue
        finally:
            seconds.append(time.perf_counter() - begin)
        arrived = found.volume_kt[at].copy()
        arrived[MARKETS.index("china")] += found.rerouted_kt[at]
        arrived[MARKETS.index("others")] -= found.rerouted_kt[at]
        volumes.append(float(np.abs(arrived - again.volume_kt).max()) / base.harvest_kt)
        prices.append(abs(float(found.farm_price_change[at]) + 1 - again.farm_price))
    return float(np.median(seconds)), max(volumes), max(prices), lost


def line(base: CanolaBase, some: pd.DataFrame, name: str, closure: str, *, repeat: int, sample: int) -> str:
    """Time one regime in one closure and word its row of the table."""
    duties = REGIMES[name]
    took, residual = clock(base, some, duties, closure, repeat)
    memory = peak_mb(base, some, duties, closure)
    finite = {key: min(duty, 1e3) for key, duty in duties.items()}  # scipy needs a number for an embargo
    each, volume, price, lost = beside_scipy(base, some.iloc[:sample], finite, closure)
    slow = " (over the limit)" if took > LIMIT_SECONDS else ""
    return (
        f"| {closure} | {name} | {took:.2f}{slow} | {1e3 * each:.1f} | {each * len(some) / took:,.0f} "
        f"| {sample - lost} of {sample} | {max(volume, price):.0e} | {residual:.0e} | {memory:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--sample", type=int, default=40, help="draws solved by scipy")
    options = parser.parse_args()
    np.seterr(invalid="ignore")  # scipy steps to negative prices on its way
    names = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    threads = os.environ.get("OMP_NUM_THREADS", "unset")
    print(f"Python {platform.python_version()}, {names}; {os.cpu_count()} cores, OMP_NUM_THREADS {threads}")
    print(f"{options.draws:,} draws, medians over {options.repeat} repetitions; the limit is {LIMIT_SECONDS:.0f} s.")
    print(f"The ratio is extrapolated from {options.sample} draws that scipy solved one by one.\n")
    print("| closure | regime | seconds | scipy, ms a draw | ratio | scipy solved | difference | residual | peak MB |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    base, some = canola_base.calibrate(), draws(options.draws, np.random.default_rng(20260816))
    for closure in canola_model.CLOSURES:
        for name in REGIMES:
            print(line(base, some, name, closure, repeat=options.repeat, sample=options.sample), flush=True)


if __name__ == "__main__":
    main()
