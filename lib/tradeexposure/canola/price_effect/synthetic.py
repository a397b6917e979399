"""A second design for the price gap: synthetic difference-in-differences on world and Prairie prices.

The farm price of canola is treated, the other log prices are its controls. Unlike the headline it fits no
dynamics: controls are weighted so that they move as canola did before, months so that they resemble the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tradeexposure.canola.price_effect.prices import TARGET, farm_price
from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics.time_series.months import Window
from tradeexposure.econometrics.treatment_effects import synthetic_did
from tradeexposure.econometrics.treatment_effects.synthetic_did import Tested
from tradeexposure.reporting.result_rows import named_rows

#: Crop and provinces.
FarmPrice = tuple[str, Sequence[str]]


def prices(
    panel: pd.DataFrame, farm_prices: pd.DataFrame, *, world: Sequence[str], farm: Mapping[str, FarmPrice]
) -> pd.DataFrame:
    """Log prices in Canadian dollars: canola, `world` prices of the panel, and farm prices of other crops by name.

    Raises
    ------
    BadInput
        A world price that the panel does not have; see :func:`tradeexposure.canola.price_effect.prices.farm_price`.
    """
    unknown = [name for name in world if name not in panel]
    if unknown:
        raise BadInput("world prices", unknown[0], found=unknown[0], allowed=", ".join(panel.columns))
    own = {name: np.log(farm_price(farm_prices, crop=crop, provinces=where)) for name, (crop, where) in farm.items()}
    return panel[[TARGET, *world]].join(pd.DataFrame(own))


def estimate(logs: pd.DataFrame, window: Window, *, since: str, until: str = "") -> Tested:
    """Canola among its controls; prices that are not held in every month are left out.

    `since`, `until`: first and last month compared with; by default the last month of the fits of this window.
    """
    before = logs.loc[since : until or f"{window.origin:%Y-%m}"]
    after = logs.loc[window.first : window.last]
    complete = [name for name in logs if before[name].notna().all() and after[name].notna().all()]
    return synthetic_did.placebo_test(before[complete], after[complete], TARGET)


def estimates(logs: pd.DataFrame, windows: Mapping[str, Window], *, since: Mapping[str, str]) -> dict[str, Tested]:
    """:func:`estimate` of every window, by name; the first month compared with is that of the window or of ``""``."""
    return {name: estimate(logs, window, since=since.get(name, since[""])) for name, window in windows.items()}


def results(tested: Mapping[str, Tested], windows: Mapping[str, Window], *, level: float) -> pd.DataFrame:
    """Effects with the interval of the placebo variance, their p-values and floors.

    `tested`: by name of the window, with a variant behind a colon where there is one.
    """
    parts = []
    for key, test in tested.items():
        name, _, variant = key.partition(":")
        months, count = test.estimate.time_weights.index, test.rank.count
        stem = ".".join(filter(None, ["canola.price_effect", name, "synthetic_did", variant]))
        span = windows[name].span
        effect = {"result_id": stem, **test.change(level)}
        rank = {"p_value": test.rank.p_value, "p_floor": test.rank.floor}
        both = pd.concat([pd.DataFrame([effect]), named_rows(rank, f"{stem}.{{name}}")], ignore_index=True)
        first, last = (f"{month:%Y-%m}" for month in (months[0], months[-1]))
        parts.append(both.assign(period=span, first=first, last=last, prices=f"{count}"))
    return pd.concat(parts, ignore_index=True)


def table(tested: Mapping[str, Tested], windows: Mapping[str, Window]) -> pd.DataFrame:
    """One row per window and baseline: `window`, `before`, `controls`, `change`, `plain`, `p_value`, `floor`."""
    rows = []
    for key, test in tested.items():
        months = test.estimate.time_weights.index
        rows.append({
            "window": windows[key.partition(":")[0]].span, "before": f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}",
            **test.shown(),
        })  # fmt: skip
    return pd.DataFrame(rows)
