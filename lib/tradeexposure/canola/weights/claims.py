"""What the notebook that weighs the models says in fixed words, held against its numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from tradeexposure.canola.weights.results import GAIN, SHARE, SIGMA
from tradeexposure.canola.weights.weights import LEAST_EFFECTIVE, MOST_OF_ONE
from tradeexposure.reporting.claims import Claim, assert_claims

#: A range of the gain narrower than this factor, or of the elasticity, would claim more than such data can tell.
LEAST_FACTOR = {GAIN: 4.0, f"{SIGMA}.posterior": 5.0}


def claims(rows: pd.DataFrame) -> Iterator[Claim]:
    """Every claim; `rows` are the published numbers (``Book.frame``)."""
    table = rows.set_index("result_id")
    value, low, high = (table[name].astype(float) for name in ("value", "low", "high"))

    def both(sentence: str, holds: bool, *keys: str) -> Claim:
        return Claim(sentence, bool(holds), ", ".join(f"{key} {value[key]:g}" for key in keys))

    yield both("at least a fifth of the draws counts", value[SHARE] >= LEAST_EFFECTIVE, SHARE)
    yield both("no draw weighs above 1%", value["canola.weights.largest"] <= MOST_OF_ONE, "canola.weights.largest")
    for key, factor in LEAST_FACTOR.items():
        yield both("the range stays wide", high[key] >= factor * low[key], key)
    yield both("history takes the gain down", value[GAIN] < value[f"{GAIN}.unweighted"], GAIN, f"{GAIN}.unweighted")
    yield both(
        "buyers tell origins apart less than the priors allow",
        value[f"{SIGMA}.posterior"] > value[f"{SIGMA}.prior"],
        f"{SIGMA}.posterior",
        f"{SIGMA}.prior",
    )
    key, plain = f"{SIGMA}.posterior", f"{GAIN}.unweighted"
    yield both("only to within a factor of about nine", 8.0 <= high[key] / low[key] < 10.0, key)
    yield both("down to about half of what the priors said", 0.4 <= value[GAIN] / value[plain] <= 0.6, GAIN, plain)
    wide = f"{key}.wider_scale"
    yield both("the edge of the prior does not make the answer", high[wide] < 1.25 * high[key], wide, key)
    for name in ("d1", "d5"):
        key = f"canola.weights.pull.{name}"
        yield both("prices of 2019 and the empty autumn pull the gain down most", value[key] < 0, key)
    key = "canola.weights.pull.d2_d3"
    yield both("tonnes of 2019 pull the gain up", value[key] > 0, key)
    for name in ("gain", "scale"):
        key = f"canola.weights.calibration.{name}"
        yield both("ranges hold the truth about nine times in ten", 0.88 <= value[key] <= 0.92, key)
    key = f"{GAIN}.meal_only"
    yield both("meal alone is worth less than seed alone", value[key] < value[f"{GAIN}.seed_only"], key)
    yield both(
        "meal did not recover",
        value["canola.meal_relative_price.after"] < value["canola.meal_relative_price.under"],
        "canola.meal_relative_price.after",
        "canola.meal_relative_price.under",
    )


def assert_true(rows: pd.DataFrame) -> None:
    """Fail with every claim that the published numbers do not bear out."""
    assert_claims(claims(rows))
