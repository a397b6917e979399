"""How the notebooks on scenarios name origins, rules, closures, quota outcomes, assumptions and outputs to a reader."""

from __future__ import annotations

from tradeexposure.policy import assumptions

ORIGINS = {
    "china": "China", "united_states_mexico": "the United States and Mexico", "other_imports": "other countries",
    "canada": "Canada", "other_cars": "cars that are not electric",
}  # fmt: skip

#: What becomes of a quota, and the same beside an axis.
QUOTA_OUTCOMES = {"unfilled": "not filled", "filled": "exactly filled", "overfilled": "exceeded"}
QUOTA_MARKS = {"unfilled": "quota unfilled", "filled": "quota filled", "overfilled": "quota exceeded"}

#: Rules for cars above the quota.
TREATMENTS = {"no_entry": "no entry above the quota", "surtax": "the surtax above the quota",
              "mfn": "the ordinary duty above the quota"}  # fmt: skip

#: The two models of the canola market: what canola is in each, as a condition, as published, and their colours.
CLOSURE_NAMES = {"armington": "origins told apart", "homogeneous": "one good"}
CLOSURE_CONDITIONS = {"armington": "if crushers tell origins apart", "homogeneous": "if canola is one good"}
CLOSURE_LABELS = {"armington": "origins told apart (Armington)", "homogeneous": "one good"}
CLOSURE_COLOURS = {"origins told apart": "#1f5fa8", "one good": "#c2570c"}

#: The choice of the closure counts as an assumption, though it is no prior.
CLOSURE = "closure"
CLOSURE_IN_WORDS, CLOSURE_SHORT = "whether buyers tell origins of canola apart", "Origins told apart or not"

OUTPUTS = {
    "grower_income": "growers' income",
    "displaced_registrations": "displaced registrations",
    "consumer_surplus": "buyers' surplus",
    "vehicle_exports": "vehicle exports to the United States",
}


def assumption(name: str) -> str:
    """An assumption as a sentence names it."""
    return CLOSURE_IN_WORDS if name == CLOSURE else assumptions.load()[name].in_words


def short_assumption(name: str) -> str:
    """An assumption as the label of a bar names it."""
    return CLOSURE_SHORT if name == CLOSURE else assumptions.load()[name].short
