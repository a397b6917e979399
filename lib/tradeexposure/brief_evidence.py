"""How the brief knows: the pages behind it, each with the number that says how well it did, in 150 words."""

from __future__ import annotations

import re

from tradeexposure.brief import Brief
from tradeexposure.brief_sentences import Verbs
from tradeexposure.core.text import sentence

WORDS = 150
FELL, PRICE, ANSWER = "canola.trade_effect.2019", "canola.price_effect.2019", "ev.demand_semi_elasticity.bev.allowed"
BACKTEST = "canola.backtest_coverage.95.mean_12"
#: Numbers of the estimate notebooks that the brief quotes.
ESTIMATES = (FELL, f"{FELL}.p_value", PRICE, f"{PRICE}.p_value", BACKTEST, ANSWER)
CHECK = "scenario.validation"
BESIDE = (
    ("price_change.2019", "farm price in 2019", "estimate"),
    ("china_volume_change.2025", "seed to China in 2025", "estimate"),
    ("quota.displaced_evs", "electric cars displaced by the quota", "sawyer"),
)
SEED = Verbs("raised seed to China by", "cut seed to China by", "changed seed to China by")
SOURCES = {"estimate": "estimated", "sawyer": "Sawyer (2026)"}
PAGES = {
    "volumes": "30_estimate_canola_trade.html",
    "price": "40_estimate_canola_price.html",
    "demand": "60_estimate_ev_demand.html",
    "models": "70_simulate_scenario.html",
    "canola": "20_measure_canola_exposure.html",
    "cars": "50_measure_ev_exposure.html",
    "trade": "10_map_trade.html",
}


def link(words: str, page: str) -> str:
    """A Markdown link to a page of the same edition."""
    return f"[{words}]({PAGES[page]})"


def how_we_know(brief: Brief) -> str:
    """Placebo, backtest and published numbers beside ours, with links; Markdown of at most :data:`WORDS` words."""
    numbers = brief.numbers
    parts = [
        f"{link('The measures of 2019', 'volumes')} {SEED.tell(numbers[FELL])}; among placebo markets "
        f"the p-value is {numbers[f'{FELL}.p_value'].text}",
        f"{link('Their effect on the farm price', 'price')}, {numbers[PRICE].full}, has a p-value of "
        f"{numbers[f'{PRICE}.p_value'].text}; in backtests its 95% intervals held {numbers[BACKTEST].text} of the time",
        f"{link('Buyers of electric cars', 'demand')} answer C$1,000 of rebate by {numbers[ANSWER].span}, a bound",
        f"{link('The simulation', 'models')} runs both sectors over joint draws of its assumptions. {_beside(brief)}",
        f"Who is exposed: {link('canola', 'canola')}, {link('vehicles', 'cars')}, {link('all trade', 'trade')}",
    ]
    return " ".join(sentence(part) for part in parts)


def _beside(brief: Brief) -> str:
    """Simulated numbers and the estimated or published ones, where the simulation has them."""
    found = []
    for key, words, other in BESIDE:
        one, beside = brief.find(f"{CHECK}.{key}"), brief.find(f"{CHECK}.{key}.{other}")
        if one and beside:
            found.append(f"{words} {one.plain}, {SOURCES[other]} {beside.bare}")
    return sentence(f"beside what is known: {'; '.join(found)}") if found else ""


def words(text: str) -> int:
    """Words a reader counts: addresses of links are none."""
    return len(re.sub(r"\]\([^)]*\)", "]", text).split())
