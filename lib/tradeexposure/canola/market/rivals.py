"""Seed of other exporters, sold to China and to all others at a price each: constant elasticity of transformation.

At prices p over those of the base they maximise a profit of R P^(1+e) / (1+e), P^(1+K) = t p_C^(1+K) + (1-t) p_R^(1+K),
with R their seed in the base, t the part of it that China bought, e their elasticity of supply, and K that at which
seed turns from one market to the other. The code holds k = 1/K, so that one pool is the number 0; at 1/e China's market
stands apart. Beside log P it takes the log odds s of China's part over the base in the place of a second price: in one
pool both prices are the same and s alone says who gets the tonnes. Moving seed costs some of it where K is in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradeexposure.core.arrays import Floats


@dataclass(frozen=True, eq=False)
class Split:
    """Rivals' seed at log P and s; arrays (draw,).

    Attributes
    ----------
    log_elsewhere : log price outside of China, over that of the base
    premium : log price in China less that
    elsewhere : tonnes outside of China, over those of the base
    log_to_china : log of those to China, over those of the base
    worth : part of China in the value of what is sold, by which P weighs both prices
    """

    log_elsewhere: Floats
    premium: Floats
    elsewhere: Floats
    log_to_china: Floats
    worth: Floats


def split(part: Floats, turning: Floats, supply: Floats, level: Floats, odds: Floats) -> Split:
    """Prices and tonnes of both markets.

    Parameters
    ----------
    part : array (draw,)
        China's part of the tonnes in the base, t.
    turning, supply : array (draw,)
        k and e.
    level, odds : array (draw,)
        Log P and s.
    """
    more = part * np.expm1((1 + turning) * odds)
    short = np.log1p(more) / (1 + turning)
    log_elsewhere = supply * level - short
    return Split(
        log_elsewhere=level - turning * short,
        premium=turning * odds,
        elsewhere=np.exp(log_elsewhere),
        log_to_china=log_elsewhere + odds,
        worth=(part + more) / (1 + more),
    )
