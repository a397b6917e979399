"""The model of electric cars set beside a published study of the quota, whatever scenario is run."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.data import cited_figures
from tradeexposure.econometrics.inference.draws import spread
from tradeexposure.policy import regimes, scenarios
from tradeexposure.scenarios.simulation import models
from tradeexposure.scenarios.simulation.models import Setting, joint
from tradeexposure.vehicles import registrations
from tradeexposure.vehicles.market import base_year, entry, model
from tradeexposure.vehicles.market.base_year import CHINA_BUILT, OTHERS

DEAL = "deal_2026"
BENCHMARKS = "benchmarks_vehicles"
DRAWS = 1000  # beside one published number; no scenario's are taken


def quota_study(setting: Setting, *, seed: int, replaced: Mapping[str, tuple[float, float, float]]) -> pd.DataFrame:
    """Our quota of the arrangement beside Sawyer's published estimate.

    Returns
    -------
    DataFrame
        Key `quantity` (``china_built``, ``additional_evs``, ``displaced_evs``, ``displaced_share``,
        ``china_share_of_evs``); `value`, `low`, `high` over draws, `published`.
    """
    chosen = scenarios.load(DEAL).model_copy(update={"assumptions": {}})
    drawn = joint(chosen, draws=DRAWS, seed=seed, replaced=replaced)
    draws = models.weighed_cars(setting.vehicles, drawn, seed=seed)
    first_year = entry.first_year(setting.vehicles, draws, regimes.vehicles(chosen, draws))
    cars = first_year.registrations[CHINA_BUILT]
    displaced = np.asarray(sum(first_year.displaced[origin] for origin in OTHERS), dtype=float)
    ours = {
        "china_built": cars, "additional_evs": cars - displaced, "displaced_evs": displaced,
        "displaced_share": displaced / cars, "china_share_of_evs": cars / model.electric(first_year.registrations),
    }  # fmt: skip
    stated = published_quota_study(data.load(BENCHMARKS))
    return pd.DataFrame([{"quantity": name, **vars(spread(np.asarray(values))), "published": float(stated[name])}
                         for name, values in ours.items()])  # fmt: skip


def base_year_at_pace(year: int, *, seasonal: int) -> float:
    """Electric cars of a whole `year`, by its first half and how `seasonal` went on, over those of the base year."""
    sold = base_year.vehicles(base_year.YEAR, registrations.BATTERY)
    return base_year.year_at_pace_of(year, seasonal=seasonal) / sold


def published_quota_study(table: pd.DataFrame) -> pd.Series:
    """Sawyer's estimate of the quota's first year, from ``benchmarks_vehicles``: cars, and shares from 0 to 1."""
    asked = {"topic": "Chinese EV quota effect", "quantity": "net additional EVs / displaced other EVs"}
    stated = str(cited_figures.row(table, BENCHMARKS, **asked)["stated"])
    pair = re.fullmatch(r"(\d+) / (\d+)", stated)
    if pair is None:
        raise BadInput(BENCHMARKS, asked["quantity"], found=stated, allowed="additional / displaced")
    more, fewer = float(pair[1]), float(pair[2])
    market = cited_figures.row(table, BENCHMARKS, **(asked | {"quantity": "Chinese share of EV market"}))
    share = float(market["stated"]) / 100  # printed in per cent
    return pd.Series({
        "china_built": more + fewer, "additional_evs": more, "displaced_evs": fewer,
        "displaced_share": fewer / (more + fewer), "china_share_of_evs": share,
    })  # fmt: skip
