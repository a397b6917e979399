"""What the notebook that weighs the models says in fixed words, held against its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd

from tradeexposure.canola.weights.results import GAIN, SHARE, SIGMA
from tradeexposure.canola.weights.weights import LEAST_EFFECTIVE, MOST_OF_ONE
from tradeexposure.reporting.claims import Claim

#: A range of the gain narrower than this factor, or of the elasticity, would claim more than such data can tell.
LEAST_FACTOR = {GAIN: 4.0, f"{SIGMA}.posterior": 5.0}


def stated(rows: pd.DataFrame) -> Iterator[Claim]:
    """Every claim; `rows` are the published numbers (``Book.frame``)."""
    table = rows.set_index("result_id")
    value, low, high = (table[name].astype(float) for name in ("value", "low", "high"))
    both = partial(_claim, value)
    yield both("at least a fifth of the draws counts", value[SHARE] >= LEAST_EFFECTIVE, SHARE)
    yield both("no draw weighs above 1%", value["canola.weights.largest"] <= MOST_OF_ONE, "canola.weights.largest")
    for key, factor in LEAST_FACTOR.items():
        ends = f"{low[key]:g} to {high[key]:g}"
        yield Claim("the range stays wide", bool(high[key] >= factor * low[key]), ends, key)
    yield both("history takes the gain down", value[GAIN] < value[f"{GAIN}.unweighted"], GAIN, f"{GAIN}.unweighted")
    yield both(
        "origin matters less to buyers than the priors allow",
        value[f"{SIGMA}.posterior"] > value[f"{SIGMA}.prior"],
        f"{SIGMA}.posterior",
        f"{SIGMA}.prior",
    )
    key, plain = f"{SIGMA}.posterior", f"{GAIN}.unweighted"
    nine, ends = bool(8.0 <= high[key] / low[key] < 10.0), f"{low[key]:g} to {high[key]:g}"
    yield Claim("only to within a factor of about nine", nine, ends, key)
    yield both("about half of what assumptions alone say", 0.4 <= value[GAIN] / value[plain] <= 0.6, GAIN, plain)
    wide = f"{key}.wider_scale"
    yield both("the edge of the prior makes no elasticity by all data", high[wide] < 1.25 * high[key], wide, key)
    yield from _edges(value, low, high)
    yield from _against_each_other(value, low, high)
    for name in ("d1", "d5"):
        key = f"canola.weights.pull.{name}"
        yield both("prices of 2019 and the empty autumn pull the gain down most", value[key] < 0, key)
    key = "canola.weights.pull.d2_d3"
    yield both("tonnes of 2019 pull the gain up", value[key] > 0, key)
    yield from _tests(value)


def _claim(value: pd.Series, sentence: str, holds: bool, *keys: str) -> Claim:
    return Claim(sentence, bool(holds), ", ".join(f"{key} {value[key]:g}" for key in keys))


def _tests(value: pd.Series) -> Iterator[Claim]:
    """Calibration, and what meal and its price say."""
    both = partial(_claim, value)
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


def _edges(value: pd.Series, low: pd.Series, high: pd.Series) -> Iterator[Claim]:
    """What the ends of the elasticity and of the gain rest on."""
    prior, posterior, official = f"{SIGMA}.prior", f"{SIGMA}.posterior", f"{SIGMA}.posterior.official_data_only"
    wide, alone = f"{posterior}.wider_scale", f"{posterior}.wider_scale.official_data_only"
    most = low[official] > 2 * low[prior]
    yield Claim("against buyers to whom origin matters most", most, f"{low[official]:g}", official)
    ends = f"{high[official]:g}, {high[prior]:g}"
    yield Claim(
        "the upper end by official data is that of the prior", 0.9 < high[official] / high[prior] < 1.1, ends, official
    )
    ends = f"{high[alone]:g}, {high[official]:g}, {high[wide]:g}"
    holds = high[alone] > 2 * max(high[official], high[wide])
    yield Claim("the edge of the prior makes the upper end by official data alone", bool(holds), ends, alone)
    ends = f"{high[f'{GAIN}.wider_scale']:g}, {high[GAIN]:g}"
    near = 0.9 < high[f"{GAIN}.wider_scale"] / high[GAIN] < 1.1
    yield Claim("the edge of the prior makes no gain", near, ends, f"{GAIN}.wider_scale")
    least, most = (value[f"{GAIN}.china_share_{end}"] for end in ("low", "high"))
    yield Claim("with China's share put at its ends", least < value[GAIN] < most, f"{least:g}, {most:g}", GAIN)


def _against_each_other(value: pd.Series, low: pd.Series, high: pd.Series) -> Iterator[Claim]:
    """Single data: what each leaves of the median, and the crush that weighing takes away from what was seen."""
    left = value[value.index.str.startswith("canola.weights.left_out.")]
    near = (left - value[GAIN]).abs() < (left - value[f"{GAIN}.unweighted"]).abs()
    yield Claim("no single datum makes the median", bool(near.all()), str(left.to_dict()), "left_out")
    crush = "canola.weights.crush_2019_kt"
    before, after, seen = value[f"{crush}.unweighted"], value[crush], value[f"{crush}.seen"]
    found = f"{before:g}, {after:g}, {seen:g}"
    yield Claim("crushers of 2019 take less, further from what was seen", after < before < seen, found, crush)
    wide = low[f"{crush}.seen"] < min(before, after) and max(before, after) < high[f"{crush}.seen"]
    yield Claim("the range of what was seen holds both", bool(wide), found, f"{crush}.seen")
