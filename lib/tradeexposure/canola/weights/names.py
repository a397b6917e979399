"""Labels of the notebook that weighs the models: data, simulated columns, sets of data, and their units."""

from __future__ import annotations

import numpy as np

from tradeexposure.core.arrays import Floats

#: Name of a datum in code -> its part of identifiers, which keep their numbers.
IDS = {
    "farm_price_2019": "d1",
    "taken_2019": "d2_d3",
    "farm_price_2025": "d4",
    "empty_autumn": "d5",
    "spring_bookings": "d6",
    "futures_step": "d7",
    "meal_price": "d10",
    "china_forecast": "d11",
    "farm_price_after": "d12",
    "meal_price_after": "d13",
    "rivals_rise": "d14",
    "rivals_2019": "d15",
}
#: Name of a set of data -> end of the identifiers, and how labels name it.
STEPS = {
    "prior": (".unweighted", "no data weighed"),
    "official": (".official_data_only", "official data alone"),
    "all": ("", "official and trade data"),
}
#: Simulated column -> unit it is published in, and whether the simulated figure is the log of it (or of one plus it).
FORMS = {
    "price_2019": ("change", "ratio"),
    "price_2025": ("change", "ratio"),
    "price_step_2025": ("change", "ratio"),
    "price_after_2026": ("change", "ratio"),
    "meal_2025": ("change", "ratio"),
    "meal_after_2026": ("change", "ratio"),
    "spring_2026": ("kilotonnes", "log"),
    "china_2025": ("kilotonnes", "log"),
    "rivals_rise_2025": ("kilotonnes", "log"),
    "rivals_2019": ("kilotonnes", "log"),
    "others_2019_kt": ("kilotonnes", ""),
    "crush_2019_kt": ("kilotonnes", ""),
    "kept_2025": ("share", "part"),
    "total_change_kt": ("kilotonnes", ""),
    "since_deal_cad": ("CAD", ""),
}
COLUMN_LABELS = {
    "price_2019": "Farm price, first year of the 2019 suspensions",
    "others_2019_kt": "Seed others took more, first year of the 2019 suspensions",
    "crush_2019_kt": "Seed crushers took more, first year of the 2019 suspensions",
    "rivals_2019": "Rivals' seed to China, 2019",
    "price_2025": "Farm price under the deposit on seed",
    "kept_2025": "Part of its usual seed that China still buys under the deposit",
    "china_2025": "China's seed from all origins, a year under the deposit",
    "rivals_rise_2025": "Rise of rivals' seed to China, a year under the deposit",
    "spring_2026": "Seed to China, February to April 2026",
    "price_step_2025": "Price step on 12 August 2025",
    "price_after_2026": "Farm price, deal over deposit, the part after 1 March 2026",
    "meal_2025": "Meal against soybean meal, April to December 2025",
    "meal_after_2026": "Meal against soybean meal, March and April 2026 over 2025",
    "since_deal_cad": "Seed to China at the farm price, March to August 2026",
}
#: Quantities of a datum that has two, in a chart.
PARTS = {"others_2019_kt": "Seed others took more, 2019", "crush_2019_kt": "Seed crushers took more, 2019"}
#: Other choices, by the end of the identifier.
CHOICES = {
    "waiting_none": "nobody waits",
    "waiting_all": "all wait who expect the lowest duty",
    "d11_point": "forecast of China's imports as a point",
    "d13_no_lag": "meal's recovery without a lag",
    "d14_point": "rivals' cargoes as a point, at a yearly rate of once to twice as many",
    "d2_d3_as_drawn": "others' rise of 2019 as sure as its draws",
    "without_d1": "without the price of 2019",
    "without_d14_d15": "without what rivals sold to China",
    "uniform_reshuffling": "rivals' reshuffling share spread evenly before the data",
    "with_march_to_august_2026": "with canola inferred from exports of March to August 2026",
    "rivals_base_low": "rivals' base in China in its lowest fifth",
    "rivals_base_high": "rivals' base in China in its highest fifth",
    "turning_of_the_year": "rivals turn in the long run as within the year",
    "one_pool": "rivals one pool in the long run",
    "one_pool_by_itself": "rivals one pool within the year too, weighed anew",
    "segmented_by_itself": "rivals' markets apart within the year too, weighed anew",
    "wider_scale": "prior of the scale wider, weighed anew",
    "published_elasticity": "elasticity between origins of seed as published",
    "prices_without_duties": "prices of the base freed of the duties",
    "china_share_low": "China's share at its lowest",
    "china_share_high": "China's share at its highest",
}
LEAST_PART = 1e-3  # a smaller part of a trade is none


def id_of(datum: str) -> str:
    """A datum's part of identifiers: ``spring_bookings`` to ``d6``."""
    return IDS.get(datum, datum.lower())


def as_published(column: str, values: Floats) -> Floats:
    """A simulated column in the unit of :data:`FORMS`."""
    form = FORMS[column][1]
    if form == "part":
        return np.where(values < LEAST_PART, 0.0, values)
    return np.expm1(values) if form == "ratio" else np.exp(values) if form == "log" else values
