"""Time `fit_ppml` beside pyfixest and statsmodels on simulated panels, in one run: python benchmarks/ppml.py.

Each line is the median over interleaved repetitions of one fit with standard errors clustered by unit or pair, from the
frame to the result. statsmodels writes a dummy for every level and is timed at the smallest size only.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import pandas as pd

REGRESSORS = ["x0", "x1", "x2"]
TRUTH = np.array([0.5, 0.1, -0.3])
LIMIT = 1.5  # times pyfixest, with two effects: more have levels beside the largest that must be factorised
RECORD_ROWS = 5_000  # statsmodels is timed up to here
WAYS = {2: ["unit", "period"], 3: ["origin_year", "destination_year", "pair"]}


def outcomes(frame: pd.DataFrame, level: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Add regressors that lean on the effects, and over-dispersed counts with many zeros."""
    values = rng.normal(size=(len(frame), len(TRUTH))) + 0.3 * level[:, None]
    mean = np.exp(level - 1 + values @ TRUTH) * rng.gamma(1.0, 1.0, len(frame))
    return frame.assign(**dict(zip(REGRESSORS, values.T, strict=True)), y=rng.poisson(mean).astype(float))


def two_way(units: int, periods: int, rng: np.random.Generator) -> pd.DataFrame:
    """Units by periods."""
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    level = rng.normal(0, 1, units)[unit] + rng.normal(0, 0.5, periods)[period]
    return outcomes(pd.DataFrame({"unit": unit, "period": period}), level, rng)


def three_way(countries: int, years: int, rng: np.random.Generator) -> pd.DataFrame:
    """Exporters by importers by years, with exporter-year, importer-year and pair effects."""
    origin, destination, year = (
        axis.ravel() for axis in np.meshgrid(range(countries), range(countries), range(years), indexing="ij")
    )
    codes = {
        "origin_year": origin * years + year,
        "destination_year": destination * years + year,
        "pair": origin * countries + destination,
    }
    level = sum(rng.normal(0, 0.8, code.max() + 1)[code] for code in codes.values())
    return outcomes(pd.DataFrame(codes), np.asarray(level), rng)


def ours(frame: pd.DataFrame, effects: list[str]) -> pd.Series:
    from tradeexposure.econometrics.poisson.fit import fit_ppml

    return fit_ppml(frame, outcome="y", regressors=REGRESSORS, effects=effects, cluster=effects[-1]).coefficients


def theirs(frame: pd.DataFrame, effects: list[str]) -> pd.Series:
    import pyfixest

    formula = f"y ~ {' + '.join(REGRESSORS)} | {' + '.join(effects)}"
    return pyfixest.fepois(formula, frame, vcov={"CRV1": effects[-1]}, ssc=pyfixest.ssc(k_adj=False)).coef()


def dummies(frame: pd.DataFrame, effects: list[str]) -> pd.Series:
    import statsmodels.api as sm

    columns = pd.get_dummies(frame[effects].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(pd.concat([frame[REGRESSORS], columns], axis=1))
    groups = {"groups": frame[effects[-1]]}
    fit = sm.GLM(frame["y"], design, family=sm.families.Poisson()).fit(cov_type="cluster", cov_kwds=groups)
    return fit.params[REGRESSORS]


def clock(
    engines: dict[str, Callable[..., pd.Series]], frame: pd.DataFrame, effects: list[str], repeat: int
) -> dict[str, float]:
    """Median seconds of each engine over interleaved repetitions, after one fit each to warm up."""
    answers = {name: engine(frame, effects).to_numpy() for name, engine in engines.items()}
    first = next(iter(answers.values()))
    apart = max(float(np.abs(answer - first).max()) for answer in answers.values())
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(repeat):
        for name, engine in engines.items():
            begin = time.perf_counter()
            engine(frame, effects)
            seconds[name].append(time.perf_counter() - begin)
    return {**{name: float(np.median(taken)) for name, taken in seconds.items()}, "largest difference": apart}


def panels(rng: np.random.Generator) -> list[tuple[str, int, pd.DataFrame]]:
    """The panels timed: name, number of effects, frame."""
    return [
        ("two-way", 2, two_way(60, 50, rng)),
        ("two-way, many periods", 2, two_way(100, 280, rng)),
        ("two-way, many units", 2, two_way(2_800, 10, rng)),
        ("three-way", 3, three_way(37, 20, rng)),
        ("three-way", 3, three_way(71, 20, rng)),
    ]


def line(name: str, way: int, frame: pd.DataFrame, repeat: int) -> str:
    """Time one panel and word its row of the table."""
    small = len(frame) <= RECORD_ROWS
    engines = {"ours": ours, "pyfixest": theirs, **({"statsmodels": dummies} if small else {})}
    took = clock(engines, frame, WAYS[way], repeat)
    levels, ratio = sum(frame[effect].nunique() for effect in WAYS[way]), took["ours"] / took["pyfixest"]
    record = f"{took['statsmodels']:.3f}" if small else "–"
    return (
        f"| {name} | {len(frame):,} | {levels:,} | {(frame.y == 0).mean():.0%} | {took['ours']:.3f} "
        f"| {took['pyfixest']:.3f} | {ratio:.2f}{' (over the limit)' if way == 2 and ratio > LIMIT else ''} | {record} "
        f"| {took['largest difference']:.0e} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # pyfixest warns about every separated row it drops
    names = ", ".join(f"{name} {version(name)}" for name in ("pyfixest", "statsmodels", "numpy", "scipy"))
    threads = os.environ.get("OMP_NUM_THREADS", "unset")
    print(f"Python {platform.python_version()}, {names}; {os.cpu_count()} cores, OMP_NUM_THREADS {threads}")
    print(f"Medians over {options.repeat} repetitions, seconds.\n")
    print("| panel | rows | levels | zeros | fit_ppml | pyfixest | ratio | statsmodels | largest difference |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, way, frame in panels(np.random.default_rng(20190301)):
        print(line(name, way, frame, options.repeat), flush=True)


if __name__ == "__main__":
    main()
