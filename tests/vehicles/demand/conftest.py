"""The panel of the notebook: rebates as stated, battery-electric cars."""

from __future__ import annotations

import pandas as pd
import pytest
from choices import of

from tradeexposure import data
from tradeexposure.vehicles.demand import study


@pytest.fixture(scope="package")
def panel() -> pd.DataFrame:
    chosen = of(60, "readings", "specifications")
    tables = data.load("vehicle_registrations_quarterly"), data.load("ev_rebates")
    options = {"kind": chosen.kinds["bev"], "added": 0.5, "rush": chosen.hurried}
    return study.panels(*tables, [chosen.stated], **options)["stated"]
