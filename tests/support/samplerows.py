"""Weighted parameter rows as the notebook on weights hands them over, here drawn from the priors alone."""

from __future__ import annotations

import pandas as pd

from tradeexposure.canola import weights
from tradeexposure.policy import assumptions


def rows(n: int = 200, *, seed: int = 65) -> pd.DataFrame:
    """`n` rows by all data and half as many by official data."""
    drawn = assumptions.draws(n, seed=seed, horizon="crop_year")
    after = assumptions.draws(n, seed=seed, horizon="acreage")["seed_supply"]
    every = drawn.assign(**{weights.bank.ACREAGE: after})[list(weights.study.HANDED)]
    parts = [every.assign(official_only=0), every.head(n // 2).assign(official_only=1)]
    return pd.concat(parts, ignore_index=True)
