"""What the notebook that weighs the models says in fixed words, held against its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd

from tradeexposure.canola.weights.names import CHOICES
from tradeexposure.canola.weights.results import CHINA, EVIDENCE, GAIN, LARGEST, RIVALS, ROWS, SIGMA
from tradeexposure.canola.weights.weights import LEAST_EFFECTIVE, MOST_OF_ONE
from tradeexposure.reporting.claims import Claim

#: A range of the gain narrower than this factor, or of the elasticity, would claim more than such data can tell.
LEAST_FACTOR = {GAIN: 2.5, f"{SIGMA}.posterior": 5.0}
RHO = f"{RIVALS}.reshuffling"
UNEVEN = 0.01  # p-value of uniform ranks below which they are not


def stated(rows: pd.DataFrame) -> Iterator[Claim]:
    """Every claim; `rows` are the published numbers (``Book.frame``)."""
    table = rows.set_index("result_id")
    value, low, high = (table[name].astype(float) for name in ("value", "low", "high"))
    both = partial(_claim, value)
    yield both("at least 3,000 draws count", value[ROWS] >= LEAST_EFFECTIVE, ROWS)
    yield both("no draw weighs above 0.5%", value[LARGEST] <= MOST_OF_ONE, LARGEST)
    for key, factor in LEAST_FACTOR.items():
        ends = f"{low[key]:g} to {high[key]:g}"
        yield Claim("the range stays wide", bool(high[key] >= factor * low[key]), ends, key)
    plain = f"{GAIN}.unweighted"
    share = value[GAIN] / value[plain]
    yield both("about two thirds of what our model says without them", 0.6 <= share <= 0.75, GAIN, plain)
    key = f"{SIGMA}.posterior"
    before = f"{SIGMA}.prior"
    yield both("origin matters less to buyers than the priors allow", value[key] > value[before], key, before)
    ten, ends = bool(8.0 <= high[key] / low[key] < 12.0), f"{low[key]:g} to {high[key]:g}"
    yield Claim("only to within a factor of about ten", ten, ends, key)
    yield from _edges(value, low, high)
    yield from _against_each_other(value, low, high)
    yield from _rivals(value, low, high)
    yield from _compared(value)
    key = "canola.weights.total_exports_change_kt"
    yield Claim("the deal raises exports to all", bool(low[key] > 0), f"{low[key]:g}", key)
    for end, choice in (("lowest", CHOICES["one_pool"]), ("highest", CHOICES["segmented"])):
        key = f"{GAIN}.{end}_variant"
        label = str(table.loc[key, "label"])
        yield Claim(f"the {end} of other choices: {choice}", label.endswith(choice), label, key)
    yield from _tests(value)


def _claim(value: pd.Series, sentence: str, holds: bool, *keys: str) -> Claim:
    return Claim(sentence, bool(holds), ", ".join(f"{key} {value[key]:g}" for key in keys))


def _tests(value: pd.Series) -> Iterator[Claim]:
    """Calibration, and what meal's price says."""
    both = partial(_claim, value)
    for name in ("gain", "gain_final", "scale", "kappa"):
        key = f"canola.weights.calibration.{name}"
        yield both("ranges hold the truth about nine times in ten", 0.88 <= value[key] <= 0.92, key)
        yield both("ranks are even", value[f"{key}.p_value"] > UNEVEN, f"{key}.p_value")
    meal = [f"canola.meal_relative_price.{name}" for name in ("winter", "after", "under")]
    winter, after, under = (value[key] for key in meal)
    yield both("which months meal's price is set against decides its sign", winter < after < under, *meal)


def _compared(value: pd.Series) -> Iterator[Claim]:
    """Counterfactuals, horizons and other choices."""
    both = partial(_claim, value)
    final, first = f"{GAIN}.against_final_duty", f"{GAIN}.first_year"
    yield both("against the final duty all of the gain is meal", value[final] < 0.5 * value[GAIN], final, GAIN)
    yield both("in the first year the gain is larger", value[first] > value[GAIN], first, GAIN)
    yield both("and so it is against the final duty", value[f"{final}.first_year"] > value[final], final)
    key = f"{GAIN}.meal_only"
    yield both("meal alone is worth less than seed alone", value[key] < value[f"{GAIN}.seed_only"], key)
    least, most = f"{GAIN}.lowest_variant", f"{GAIN}.highest_variant"
    yield both("other choices lie on both sides", value[least] < value[GAIN] < value[most], least, GAIN, most)
    for name in ("waiting_none", "rivals_base_low", "rivals_base_high"):
        key = f"{ROWS}.{name}"
        yield both("few count where nobody waits or rivals' base lies at one end", value[key] < LEAST_EFFECTIVE, key)


def _rivals(value: pd.Series, low: pd.Series, high: pd.Series) -> Iterator[Claim]:
    """How far rivals turn, and what China bought."""
    both = partial(_claim, value)
    prior, posterior = f"{RHO}.prior", f"{RHO}.posterior"
    ends = f"{low[posterior]:g} to {high[posterior]:g}"
    yield Claim("against rivals whose markets stand apart", low[posterior] > 2 * low[prior], ends, posterior)
    open_ = high[posterior] > 0.97 * high[prior] and high[posterior] - low[posterior] > 0.3
    yield Claim("how far rivals turn cannot be told", bool(open_), ends, posterior)
    free, pool, apart = (f"{EVIDENCE}.{name}" for name in ("free", "one_pool", "segmented"))
    yield both("data speak against markets apart", value[free] - value[apart] > 1.5, free, apart)
    yield both("whether one pool cannot be told", abs(value[free] - value[pool]) < 1.5, free, pool)
    for name in ("2019", "deposit", "deal"):
        key = f"{CHINA}.{name}"
        inside = low[key] < value[f"{key}.seen"] < high[key]
        yield Claim("simulations meet China's totals", bool(inside), f"{low[key]:g} to {high[key]:g}", key)
    key = f"{RIVALS}.to_china_kt.2019"
    yield Claim("rivals' seed of 2019 is put too high", low[key] > value[f"{key}.seen"], f"{low[key]:g}", key)


def _edges(value: pd.Series, low: pd.Series, high: pd.Series) -> Iterator[Claim]:
    """What the ends of the elasticity and of the gain rest on."""
    prior, posterior, official = f"{SIGMA}.prior", f"{SIGMA}.posterior", f"{SIGMA}.posterior.official_data_only"
    wide, alone = f"{posterior}.wider_scale", f"{posterior}.wider_scale.official_data_only"
    most = low[official] > 2 * low[prior]
    yield Claim("against buyers to whom origin matters most", bool(most), f"{low[official]:g}", official)
    ends = f"{high[posterior]:g}, {high[prior]:g}"
    yield Claim("the upper end is that of the prior", bool(high[posterior] > 0.9 * high[prior]), ends, posterior)
    ends = f"{high[alone]:g}, {high[wide]:g}, {high[posterior]:g}"
    holds = min(high[alone], high[wide]) > 2 * high[posterior]
    yield Claim("the edge of the prior makes the upper end", bool(holds), ends, wide)
    key = f"{GAIN}.wider_scale"
    sixth = 0.8 < value[key] / value[GAIN] < 0.87
    yield Claim("a wider prior takes the gain down by about a sixth", bool(sixth), f"{value[key]:g}", key)
    least, most = (value[f"{GAIN}.china_share_{end}"] for end in ("low", "high"))
    yield Claim("with China's share put at its ends", bool(least < value[GAIN] < most), f"{least:g}, {most:g}", GAIN)


def _against_each_other(value: pd.Series, low: pd.Series, high: pd.Series) -> Iterator[Claim]:
    """Single data: which way each pulls, and the crush that weighing takes away from what was seen."""
    both = partial(_claim, value)
    pull = value[value.index.str.startswith("canola.weights.pull.")]
    for name in ("d1", "d5", "d14"):
        key = f"canola.weights.pull.{name}"
        yield both("prices of 2019, the empty autumn and rivals' cargoes pull the gain down", value[key] < 0, key)
    lowest = set(pull.nsmallest(2).index) == {"canola.weights.pull.d1", "canola.weights.pull.d14"}
    yield Claim("the price of 2019 and rivals' cargoes pull it down most", lowest, str(pull.to_dict()), "pull")
    for name in ("d2_d3", "d15"):
        key = f"canola.weights.pull.{name}"
        yield both("tonnes of 2019 and rivals' seed then pull it up", value[key] > 0, key)
    for name in ("d10", "d13"):
        key = f"canola.weights.pull.{name}"
        yield both("the price of meal pulls hardly at all", abs(value[key]) < 0.05 * value[GAIN], key)
    left = value["canola.weights.left_out.d14"]
    nearer = left - value[GAIN] > value[f"{GAIN}.unweighted"] - left
    yield Claim("without rivals' cargoes nearer to no data", bool(nearer), f"{left:g}", "left_out.d14")
    crush = "canola.weights.crush_2019_kt"
    before, after, seen = value[f"{crush}.unweighted"], value[crush], value[f"{crush}.seen"]
    figures = f"{before:g}, {after:g}, {seen:g}"
    yield Claim("crushers of 2019 take less, further from what was seen", bool(after < before < seen), figures, crush)
    wide = low[f"{crush}.seen"] < min(before, after) and max(before, after) < high[f"{crush}.seen"]
    yield Claim("the range of what was seen holds both", bool(wide), figures, f"{crush}.seen")
