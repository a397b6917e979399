"""Probability distributions as a YAML file states them: their kinds, what each needs, and their quantiles."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tradeexposure.core.strict_yaml import Document, Place, Strict

TAIL = NormalDist().inv_cdf(0.95)  # standard deviations between the median and the 5% or 95% point of a normal
HALF = 0.5
NEEDED = {
    "fixed": ("value",),
    "uniform": ("low", "high"),
    "split_uniform": ("low", "median", "high"),
    "triangular": ("low", "mode", "high"),
    "lognormal": ("low", "median", "high"),
    "beta": ("low", "high", "a", "b"),
}
ORDER = ("low", "mode", "median", "high")
SIGNS = {
    "positive": "a number above 0: an elasticity is written as its size, without the minus sign",
    "non_negative": "a number of 0 or more",
    "share": "a share from 0 to 1",
}
Array = NDArray[np.float64]


class Distribution(Strict):
    """One of the kinds of :data:`NEEDED` with the numbers that it needs.

    `low` and `high` are the 5% and 95% points of a lognormal and the ends of everything else. `split_uniform` has half
    of its draws on either side of `median`, each half flat.
    """

    kind: Literal["fixed", "uniform", "split_uniform", "triangular", "lognormal", "beta"]
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


def quantiles(distribution: Distribution, shares: Array) -> Array:
    """Values below which the `shares` of a distribution lie."""
    from scipy import special  # takes a second that checking a scenario need not wait for

    of = distribution.numbers()
    if distribution.kind == "fixed":
        return np.full(len(shares), of["value"])
    low, high = of["low"], of["high"]
    if distribution.kind == "uniform":
        return low + (high - low) * shares
    if distribution.kind == "split_uniform":
        return np.interp(shares, [0.0, HALF, 1.0], [low, of["median"], high])
    if distribution.kind == "triangular":
        return _triangular(low, of["mode"], high, shares)
    if distribution.kind == "beta":
        return np.asarray(low + (high - low) * special.betaincinv(of["a"], of["b"], shares))
    return _lognormal(low, of["median"], high, special.ndtri(shares))


def _triangular(low: float, mode: float, high: float, shares: Array) -> Array:
    """Triangular: the density rises to `mode`, below which (mode − low) ÷ (high − low) of the mass lies."""
    width = high - low
    rising = low + np.sqrt(shares * width * (mode - low))
    falling = high - np.sqrt((1 - shares) * width * (high - mode))
    return np.where(shares * width < mode - low, rising, falling)


def _lognormal(low: float, median: float, high: float, scores: Array) -> Array:
    """Lognormal of which each side has its own spread, given by its 5% or 95% point."""
    spread = np.where(scores < 0, math.log(median / low), math.log(high / median)) / TAIL
    return np.asarray(median * np.exp(spread * scores))


def signed(sign: str, value: float) -> bool:
    """Whether a value has a sign of :data:`SIGNS`."""
    if not math.isfinite(value):
        return False
    return value > 0 if sign == "positive" else value >= 0 and (sign != "share" or value <= 1)


def check(document: Document, place: Place, distribution: Distribution, *, sign: str) -> None:
    """What the schema alone cannot see of one distribution: which numbers it needs, their order and their sign."""
    of, needed, kind = distribution.numbers(), NEEDED[distribution.kind], f"({distribution.kind})"
    for name in (*needed, *of):
        if name not in of:
            raise document.error((*place, name), found="no such key", allowed=f"{name} is required {kind}")
        if name not in needed:
            raise document.error((*place, name), found=f"the key {name}", allowed=f"{', '.join(needed)} {kind}")
    for name, number in of.items():
        wanted = "positive" if name in {"a", "b"} or distribution.kind == "lognormal" else sign
        if not signed(wanted, number):
            raise document.error((*place, name), allowed="a number above 0" if name in {"a", "b"} else SIGNS[wanted])
    ordered = [name for name in ORDER if name in of]
    for lower, upper in pairwise(ordered):
        if not of[lower] <= of[upper]:
            raise document.error((*place, lower), allowed=f"a number up to {upper}, which is {of[upper]:g}")
    if ordered and of["low"] == of["high"]:
        raise document.error((*place, "low"), allowed=f"a number below high, which is {of['high']:g}; or kind: fixed")
