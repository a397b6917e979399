"""How the scenario notebook names origins, rules, assumptions and outputs to a reader."""

from __future__ import annotations

ORIGINS = {
    "china": "China", "united_states_mexico": "the United States and Mexico", "other_imports": "other countries",
    "canada": "Canada", "other_cars": "cars that are not electric",
}  # fmt: skip

#: Markets of the canola model, in its order.
MARKETS = {"china": "China", "united_states": "the United States", "japan": "Japan", "mexico": "Mexico",
           "european_union": "the European Union", "others": "other countries"}  # fmt: skip

REGIMES = {"unfilled": "not filled", "filled": "exactly filled", "overfilled": "exceeded"}

TREATMENTS = {"no_entry": "no entry above the quota", "surtax": "the surtax above the quota",
              "mfn": "the ordinary duty above the quota"}  # fmt: skip

#: How each assumption is named to a reader; others by their own name.
ASSUMPTIONS = {
    "closure": "whether buyers tell origins of canola apart",
    "seed_supply": "how far growers answer the price",
    "seed_substitution": "how far crushers abroad switch between origins of seed",
    "oil_substitution": "how far buyers of oil switch between origins",
    "meal_substitution": "how far buyers of meal switch between origins",
    "import_demand_china": "how far China's demand for imports answers the price",
    "import_demand_others": "how far the others' demand for imports answers the price",
    "home_use_elasticity": "how far Canada's own use of oil and meal answers the price",
    "other_supply": "how far other exporters' supply answers the price",
    "crush_elasticity": "how far Canadian crush answers its margin",
    "freight_wedge_cad_t": "what freight and quality keep apart",
    "farm_pass_through": "how much of the port's price reaches the farm",
    "rerouting": "how much seed reaches China through third countries",
    "volume_fall_2019": "how far the volume to China fell in 2019",
    "ev_semi_elasticity": "how far demand for electric cars answers the price",
    "tariff_pass_through": "how much of a tariff cut reaches the price",
    "rebate_pass_through": "how much of a rebate reaches the price",
    "drawn_from_evs": "how many China-built cars replace other electric cars",
    "china_price_gap": "how much cheaper China-built cars are",
    "unconstrained_demand": "how many China-built cars would be bought without a quota",
    "rent_kept_abroad": "how much of the quota's rent stays abroad",
    "under_cap_share": "how many permits under the price cap find a car",
    "us_vehicle_demand": "how far US buyers answer the price of Canadian vehicles",
    "us_content": "the US content of Canadian vehicles",
}  # fmt: skip

#: The same in few words, beside a bar.
SHORT = {
    "closure": "Origins told apart or not",
    "seed_supply": "Supply of seed",
    "seed_substitution": "Substitution, seed",
    "oil_substitution": "Substitution, oil",
    "meal_substitution": "Substitution, meal",
    "import_demand_china": "Import demand, China",
    "import_demand_others": "Import demand, others",
    "home_use_elasticity": "Home use of oil and meal",
    "other_supply": "Other exporters' supply",
    "crush_elasticity": "Canadian crush",
    "freight_wedge_cad_t": "Freight and quality wedge",
    "farm_pass_through": "Port price to farm price",
    "rerouting": "Seed by third countries",
    "volume_fall_2019": "Fall of the volume of 2019",
    "ev_semi_elasticity": "Demand for electric cars",
    "tariff_pass_through": "Tariff cut to price",
    "rebate_pass_through": "Rebate to price",
    "drawn_from_evs": "Taken from electric cars",
    "china_price_gap": "Price gap of China-built",
    "unconstrained_demand": "Demand without a quota",
    "rent_kept_abroad": "Rent kept abroad",
    "under_cap_share": "Permits under the cap",
    "us_vehicle_demand": "US demand for vehicles",
    "us_content": "US content of vehicles",
}
OUTPUTS = {
    "grower_income": "growers' income",
    "displaced_registrations": "displaced registrations",
    "consumer_surplus": "buyers' surplus",
    "vehicle_exports": "vehicle exports to the United States",
}


def assumption(name: str) -> str:
    """An assumption as a reader names it."""
    return ASSUMPTIONS.get(name, name.replace("_", " "))
