"""The words of a chart follow its figures; plants and events are in the tables that they are read from."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.vehicles.us_tariff import figures
from tradeexposure.vehicles.us_tariff.figures import band_alt, band_title


def study(actual: list[float]) -> Any:
    """Exports beside a path of ones whose band reaches from about 0.5 to 1.5."""
    months = pd.date_range("2025-01", periods=len(actual), freq="MS")
    draws = np.linspace(0.5, 1.5, 1001)[:, None] * np.ones(len(actual))
    path = SimpleNamespace(months=months, actual=np.array(actual), central=np.ones(len(actual)), draws=draws)
    return SimpleNamespace(fitted={"to_last_month": SimpleNamespace(path=path)})


@pytest.mark.parametrize(
    ("actual", "title", "alt"),
    [
        ([0.9, 0.8, 0.9], "stayed in the band … in all three months", "mostly below, never outside."),
        ([0.9, 0.1, 0.9], "left the band … in one month of three", "mostly below, outside once (February 2025)."),
        ([2.0, 0.1, 1.1], "left the band … in two months of three", "outside twice (January 2025; February 2025)."),
        ([0.1] * 22, "left the band … in 22 months of 22", "mostly below, outside 22 times."),
    ],
)
def test_counts_and_sides(actual: list[float], title: str, alt: str):
    whole = title.replace("the band …", "the 95% band")
    assert band_title(study(actual)) == f"Exports to the US {whole} since January 2025"
    assert band_alt(study(actual)).endswith(alt)


def test_confounders_and_events() -> None:
    table = data.load("ev_investments_status")
    plants = figures.confounders(table)
    assert len(plants) == len(figures.PLANTS)
    idle = plants.set_index("project")["latest_known_status"]["Stellantis Brampton (Jeep Compass)"]
    assert figures.IDLE[0] in idle and "idle" in idle
    assert len(figures.events()) == len(figures.MEASURES) + 1
    with pytest.raises(BadInput, match="GM CAMI"):
        figures.confounders(table[table["project"] != "GM CAMI (BrightDrop vans)"])
