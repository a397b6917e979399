"""Receipts at stake as an edition publishes them, by province and by agricultural region, from sums made up here."""

from __future__ import annotations

from functools import cache

import pandas as pd

from tradeexposure import data
from tradeexposure.canola.exposure import receipts, subdivisions
from tradeexposure.data.geography import canola_subdivisions
from tradeexposure.publishing.prairie_map.page import STAKE

STAKES = {"Alberta": ("ab", 1.1e9), "Saskatchewan": ("sk", 2.2e9), "Manitoba": ("mb", 0.6e9)}


@cache
def published() -> dict[str, float]:
    """Identifier → C$."""
    rows = [(geo, *told) for geo, told in STAKES.items()]
    stake = pd.DataFrame(rows, columns=["geo", "place", "at_stake_cad"])
    areas = canola_subdivisions.drawn(data.load(canola_subdivisions.TABLE))
    farms = receipts.canola_farms(data.load("census_crop_farms"))
    placed = subdivisions.results(subdivisions.allocation(areas, farms, stake), year=2024)
    by_province = {f"{STAKE}.{place}.2024": value for place, value in STAKES.values()}
    return {**by_province, **dict(zip(placed["result_id"], placed["value"], strict=True))}
