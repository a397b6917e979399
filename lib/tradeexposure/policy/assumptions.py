"""What the simulations draw at random: the priors of ``data/priors.yml``, checked, and joint draws from them.

Each prior has a random stream of its own, named after it, so that adding, fixing or replacing one leaves the draws of
the others as they were.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import pandas as pd

from tradeexposure.core import loaded_files
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Document, KeyPath, Listed, Name, Strict, Text, parse_yaml
from tradeexposure.core.text import meant

TAIL = NormalDist().inv_cdf(0.95)  # standard deviations between the median and the 5% or 95% point of a normal
HALF = 0.5
NEEDED = {
    "fixed": ("value",),
    "uniform": ("low", "high"),
    "log_uniform": ("low", "high"),
    "split_uniform": ("low", "median", "high"),
    "triangular": ("low", "mode", "high"),
    "lognormal": ("low", "median", "high"),
    "beta": ("low", "high", "a", "b"),
}
MOST = 10_000_000.0  # no elasticity, price, capacity or number of cars comes near
#: What the simulations draw; a file without one of them cannot be used.
DRAWN = (
    "seed_supply", "oil_substitution", "meal_substitution",
    "import_demand_china", "import_demand_others", "home_use_elasticity", "other_supply", "crush_elasticity",
    "oil_yield", "meal_yield", "farm_pass_through",
    "seed_scale_cad_t", "china_share_of_seed", "meal_elsewhere_kt", "rival_turning",
    "rival_turning_growth", "rivals_in_china_kt", "spare_capacity",
    "volume_fall_2019", "duty_expected_2025", "news_anticipated", "price_step_unpriced", "meal_step_done",
    "ev_semi_elasticity", "tariff_pass_through", "rebate_pass_through",
    "drawn_from_evs", "china_share_2023", "china_appeal", "china_price_gap", "entry_months", "count_months",
    "count_error", "rent_kept_abroad", "under_cap_share", "market_response", "us_built_share", "surtax_kept",
    "surtax_content", "us_car_value_cad", "rebate_eligible", "us_vehicle_demand", "us_vehicle_demand_long",
    "us_content",
)  # fmt: skip
#: Drawn where rows are weighed by history, before any scenario, which can fix none of them.
WEIGHING = ("news_anticipated", "price_step_unpriced", "meal_step_done")
ORDER = ("low", "mode", "median", "high")
OF_LOGS = {"lognormal", "log_uniform"}
SIGNS = {
    "positive": "a number above 0: an elasticity is written as its size, without the minus sign; at most 10,000,000",
    "non_negative": "a number of 0 or more, at most 10,000,000",
    "share": "a share from 0 to 1",
}
FILE = ("data", "priors.yml")
WHERE = "/".join(FILE)
Horizon = Literal["acreage", "crop_year"]
HORIZONS: tuple[Horizon, ...] = ("acreage", "crop_year")


class Distribution(Strict):
    """One of the kinds of :data:`NEEDED` with the numbers that it needs.

    `low` and `high` are the 5% and 95% points of a lognormal and the ends of everything else. `split_uniform` has half
    of its draws on either side of `median`, each half flat; `log_uniform` is flat in the logarithm.
    """

    kind: Literal["fixed", "uniform", "log_uniform", "split_uniform", "triangular", "lognormal", "beta"]
    value: float | None = None
    low: float | None = None
    mode: float | None = None
    median: float | None = None
    high: float | None = None
    a: float | None = None
    b: float | None = None

    def numbers(self) -> dict[str, float]:
        """The numbers given, by name."""
        return {name: number for name, number in self if name != "kind" and number is not None}


def quantiles(distribution: Distribution, shares: Floats) -> Floats:
    """Values below which the `shares` of a distribution lie."""
    from scipy import special  # takes a second that checking a scenario need not wait for

    of = distribution.numbers()
    if distribution.kind == "fixed":
        return np.full(len(shares), of["value"])
    low, high = of["low"], of["high"]
    if distribution.kind == "uniform":
        return low + (high - low) * shares
    if distribution.kind == "log_uniform":
        return np.asarray(low * (high / low) ** shares)
    if distribution.kind == "split_uniform":
        return np.interp(shares, [0.0, HALF, 1.0], [low, of["median"], high])
    if distribution.kind == "triangular":
        # the density rises to the mode, below which (mode − low) ÷ (high − low) of the mass lies
        width, mode = high - low, of["mode"]
        rising = low + np.sqrt(shares * width * (mode - low))
        falling = high - np.sqrt((1 - shares) * width * (high - mode))
        return np.where(shares * width < mode - low, rising, falling)
    if distribution.kind == "beta":
        return np.asarray(low + (high - low) * special.betaincinv(of["a"], of["b"], shares))
    # lognormal: each side has its own spread, given by its 5% or 95% point
    median, scores = of["median"], special.ndtri(shares)
    spread = np.where(scores < 0, math.log(median / low), math.log(high / median)) / TAIL
    return np.asarray(median * np.exp(spread * scores))


def signed(sign: str, value: float) -> bool:
    """Whether a value has a sign of :data:`SIGNS`."""
    if not math.isfinite(value) or value > MOST:
        return False
    return value > 0 if sign == "positive" else value >= 0 and (sign != "share" or value <= 1)


def check_distribution(document: Document, place: KeyPath, distribution: Distribution, *, sign: str) -> None:
    """What the schema alone cannot see of one distribution: which numbers it needs, their order and their sign."""
    of, needed, kind = distribution.numbers(), NEEDED[distribution.kind], f"({distribution.kind})"
    for name in (*needed, *of):
        if name not in of:
            raise document.error((*place, name), found="no such key", allowed=f"{name} is required {kind}")
        if name not in needed:
            raise document.error((*place, name), found=f"the key {name}", allowed=f"{', '.join(needed)} {kind}")
    for name, number in of.items():
        wanted = "positive" if name in {"a", "b"} or distribution.kind in OF_LOGS else sign
        if not signed(wanted, number):
            raise document.error((*place, name), allowed="a number above 0" if name in {"a", "b"} else SIGNS[wanted])
    ordered = [name for name in ORDER if name in of]
    for lower, upper in pairwise(ordered):
        if not of[lower] <= of[upper]:
            raise document.error((*place, lower), allowed=f"a number up to {upper}, which is {of[upper]:g}")
    if ordered and of["low"] == of["high"]:
        raise document.error((*place, "low"), allowed=f"a number below high, which is {of['high']:g}; or kind: fixed")


class Prior(Strict):
    """What is believed about one parameter before the data: its distribution, the reason, and where it enters.

    `in_words` is how a sentence names it, `short` how the label of a bar does. `crop_year` is its distribution where a
    scenario's horizon is the crop year, if another one. An estimate that takes the place of the prior is divided by the
    draws of `estimate_divided_by`.
    """

    name: Name
    title: Text
    in_words: Text
    short: Text
    unit: Text
    moves: Literal["canola", "ev", "us"]
    sign: Literal["positive", "non_negative", "share"]
    distribution: Distribution
    crop_year: Distribution | None = None
    one_added_half_the_time: bool = False
    estimate_divided_by: Name | None = None
    evidence: Text
    assumption: str = ""

    def over(self, horizon: Horizon) -> Distribution:
        """The distribution under a horizon."""
        return self.crop_year if horizon == "crop_year" and self.crop_year else self.distribution


class PriorFile(Strict):
    """The file ``data/priors.yml``."""

    priors: Listed[Prior]


def load() -> loaded_files.Named[Prior]:
    """The priors by name, in the order of the file; which of them are asked for is noted.

    Raises
    ------
    BadInput
        A file that is not strict YAML or not of the schema, a name twice, a number that its distribution does not
        take or lacks, ends in the wrong order, a number of the wrong sign, a share outside 0–1.
    """
    raw = loaded_files.contents(*FILE, allowed="the priors of the project")
    return loaded_files.Named(_priors(raw), single="prior", every="priors")


@lru_cache(maxsize=8)
def _priors(raw: bytes) -> dict[str, Prior]:
    """The priors of a file's bytes; the same bytes are checked once, since a grid asks for every row."""
    document = parse_yaml(raw, where=WHERE)
    rows = document.validate(PriorFile).priors
    names = [prior.name for prior in rows]
    for position, prior in enumerate(rows):
        place: KeyPath = ("priors", position)
        if prior.name in names[:position]:
            raise document.error((*place, "name"), allowed="each prior once")
        if prior.estimate_divided_by is not None and prior.estimate_divided_by not in names:
            raise document.error((*place, "estimate_divided_by"), allowed=", ".join(names))
        for key in ("distribution", "crop_year"):
            if getattr(prior, key) is not None:
                check_distribution(document, (*place, key), getattr(prior, key), sign=prior.sign)
    for name in DRAWN:
        if name not in names:
            close = get_close_matches(name, [prior for prior in names if prior not in DRAWN], n=1)
            renamed = f" ({close[0]} is none that is drawn)" if close else ""
            raise document.error(("priors",), found=f"no prior {name}{renamed}", allowed=", ".join(DRAWN))
    return dict(zip(names, rows, strict=True))


def unread() -> list[str]:
    """Priors that are drawn and shown although no model reads them."""
    return [f"{WHERE}: {name}: drawn and shown, and read by no model" for name in load() if name not in DRAWN]


def accepts(prior: Prior, value: float) -> bool:
    """Whether `value` has the sign, or lies within the share, that the prior's parameter must have."""
    return signed(prior.sign, value)


def ends(name: str) -> tuple[float, float]:
    """The lowest and the highest value of a flat prior."""
    numbers = load()[name].distribution.numbers()
    return numbers["low"], numbers["high"]


def middle(name: str) -> float:
    """The middle of a flat prior, where a table shows one number."""
    return sum(ends(name)) / 2


def draws(
    n: int,
    *,
    seed: int,
    horizon: Horizon = "acreage",
    fixed: Mapping[str, float] | None = None,
    estimates: Mapping[str, tuple[float, float, float]] | None = None,
) -> pd.DataFrame:
    """Joint draws of all priors, independent of each other.

    Parameters
    ----------
    n : int
        Number of draws; within each column one falls into each n-th of its distribution (Latin hypercube).
    seed : int
        Same seed, same draws.
    horizon : {"acreage", "crop_year"}
        Which supply response of seed is drawn.
    fixed : mapping, optional
        Prior → the one value that it takes in every draw.
    estimates : mapping, optional
        Prior → (low, value, high) of an estimate that takes its place: half of the draws on either side of the value,
        flat up to the ends. `ev_semi_elasticity` is given per C$1,000 of rebate and divided here by the draws of
        `rebate_pass_through`, once.

    Returns
    -------
    DataFrame
        `n` rows, one column of floats per prior in the order of the file; units as in the file.

    Raises
    ------
    BadInput
        No draws, an unknown horizon or prior, a fixed value or estimate of the wrong sign or in the wrong order.
    """
    if n < 1 or horizon not in HORIZONS:
        typed, allowed = (str(n), "1 or more") if n < 1 else (str(horizon), " or ".join(HORIZONS))
        raise BadInput("draws", "n" if n < 1 else "horizon", found=typed, allowed=allowed)
    known = load()
    values, replaced = dict(fixed or {}), dict(estimates or {})
    check_values(values, known=known, where="draws", key="fixed")
    _check_names(replaced, known, where="draws", key="estimates")
    columns = {}
    for name, prior in known.items():
        distribution = _chosen(prior, horizon, values.get(name), replaced.get(name))
        drawn = quantiles(distribution, _stratified(n, _stream(seed, name)))
        if prior.one_added_half_the_time and distribution.kind != "fixed":
            drawn = drawn + (_stratified(n, _stream(seed, f"{name}, one added")) < HALF)
        columns[name] = drawn
    for name in replaced.keys() - values.keys():
        divisor = known[name].estimate_divided_by
        if divisor is not None:
            columns[name] = columns[name] / columns[divisor]
    return pd.DataFrame(columns)


def check_values(values: Mapping[str, float], *, known: Mapping[str, Prior], where: str, key: str) -> None:
    """BadInput where a value is given to an unknown prior or has the wrong sign."""
    _check_names(values, known, where=where, key=key)
    for name, value in values.items():
        if not accepts(known[name], value):
            raise BadInput(where, f"{key}.{name}", found=f"{value:g}", allowed=SIGNS[known[name].sign])


def _check_names(values: Mapping[str, Any], known: Mapping[str, Prior], *, where: str, key: str) -> None:
    for name in values:
        if name not in known:
            allowed = meant(name, known) + ", ".join(known)
            raise BadInput(where, f"{key}.{name}", found=f"unknown prior {name}", allowed=allowed)


def _chosen(
    prior: Prior, horizon: Horizon, value: float | None, estimate: tuple[float, float, float] | None
) -> Distribution:
    """What to draw from: the fixed value, else the estimate, else the prior."""
    if value is not None:
        return Distribution(kind="fixed", value=float(value))
    if estimate is None:
        return prior.over(horizon)
    low, middle, high = map(float, estimate)
    if not low <= middle <= high or not all(signed(prior.sign, end) for end in (low, middle, high)):
        allowed = f"low, value and high in this order, each {SIGNS[prior.sign]}"
        raise BadInput("draws", f"estimates.{prior.name}", found=f"{low:g}, {middle:g}, {high:g}", allowed=allowed)
    return Distribution(kind="split_uniform", low=low, median=middle, high=high)


def _stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of a name: the child of the seed's sequence that the letters of the name select."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(name.encode())))


def _stratified(n: int, rng: np.random.Generator) -> Floats:
    """One uniform number from each n-th of 0–1, in random order: a Latin hypercube of one dimension."""
    return (rng.permutation(n) + rng.random(n)) / n
