"""How the notebooks on scenarios name origins, rules, quota outcomes, assumptions and outputs to a reader."""

from __future__ import annotations

from tradeexposure.policy import assumptions

ORIGINS = {
    "china": "China", "united_states_mexico": "the United States and Mexico", "other_imports": "other countries",
    "canada": "Canada", "other_cars": "cars that are not electric",
}  # fmt: skip

#: What becomes of a quota, beside an axis.
QUOTA_MARKS = {"unfilled": "quota unfilled", "filled": "quota filled", "overfilled": "quota exceeded"}

#: Rules for cars above the quota.
TREATMENTS = {"no_entry": "no entry above the quota", "surtax": "the surtax above the quota",
              "mfn": "the ordinary duty above the quota"}  # fmt: skip

#: Growers' income with rivals that turn otherwise.
TURNING = {
    "turning_of_the_year": "rivals turn for good as they do within a year", "one_pool": "rivals' seed is one pool",
    "segmented": "rivals' seed stays in its market, a limit",
    "faded": "the first year apart for five months, then one pool",
}  # fmt: skip
#: The lines of the account of both sectors.
ACCOUNT = {
    "growers": "canola growers", "handlers": "elevators and railways", "crushers": "canola crushers",
    "users": "users of canola oil and meal", "car_buyers": "buyers of cars", "rebates": "rebates saved",
    "surtax_lost": "Canada's surtax on US-built electric cars",
    "quota_rent": "rent of the quota that stays in Canada", "revenue": "duty on China-built cars",
}  # fmt: skip

COUNT_MONTHS = (2, 3, 4, 5, 6)
#: China-built cars under another assumption.
CAR_CHOICES = {
    "same_appeal": "appeal as in 2023", "rebate_open": "rebate open to them",
    **{f"counted_after_{month}_months": f"first count after {month} months" for month in COUNT_MONTHS},
}  # fmt: skip

OUTPUTS = {
    "grower_income": "growers' income",
    "displaced_registrations": "displaced registrations",
    "consumer_surplus": "buyers' surplus",
    "vehicle_exports": "vehicle exports to the United States",
}


def assumption(name: str) -> str:
    """An assumption as a sentence names it."""
    return assumptions.load()[name].in_words


def short_assumption(name: str) -> str:
    """An assumption as the label of a bar names it."""
    return assumptions.load()[name].short
