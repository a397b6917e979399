"""Markets and products of canola: the order, the places and the words that every model and table of them shares."""

from __future__ import annotations

#: Markets of the canola model, in its order, and how each stands in a sentence.
MARKET_NAMES = {"china": "China", "united_states": "the United States", "japan": "Japan", "mexico": "Mexico",
                "european_union": "the European Union", "others": "other countries"}  # fmt: skip
MARKETS = tuple(MARKET_NAMES)
PRODUCTS = ("seed", "oil", "meal")
#: Places in MARKETS and PRODUCTS, for arrays by market and product.
AT_CHINA, AT_UNITED_STATES = MARKETS.index("china"), MARKETS.index("united_states")
SEED, OIL, MEAL = range(len(PRODUCTS))
SEED_TO_CHINA, MEAL_TO_CHINA = ("china", "seed"), ("china", "meal")  # duties by market and product
