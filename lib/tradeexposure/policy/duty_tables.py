"""The duties a scenario takes as given, as the reader of a report sees them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tradeexposure.core import units
from tradeexposure.policy import scenario_schema, scenarios
from tradeexposure.policy.tariff_schedule import FIRST_DAY

DIGITS = 3


def table(chosen: scenario_schema.Scenario | str) -> pd.DataFrame:
    """The duties in force in a scenario (or the one of that name), all cells text, one row per line of trade.

    Columns `Goods and border`, `Duty`, `Legal reference`, `In force since` (first day of exactly these measures),
    `Rate the day before`, and `Set by` (law or scenario).
    """
    found = scenarios.facts(chosen)
    return pd.DataFrame(
        {
            "Goods and border": found["line"],
            "Duty": [_duty(row) for row in found.to_dict("records")],
            "Legal reference": found["legal_reference"],
            "In force since": [_since(pd.Timestamp(day)) for day in found["since"]],
            "Rate the day before": [
                "not held" if pd.isna(rate) else units.write(rate, "rate", DIGITS) for rate in found["rate_before"]
            ],
            "Set by": found["changed"].map({True: "scenario", False: "law"}),
        }
    )


def _since(day: pd.Timestamp) -> str:
    """A day; of measures that stood when the facts begin only that is known."""
    return f"{FIRST_DAY} or earlier" if day.date() == FIRST_DAY else day.date().isoformat()


def _duty(row: dict[Any, Any]) -> str:
    """The rate where there is one; otherwise what is known of it."""
    if not pd.isna(row["rate"]):
        rate = units.write(row["rate"], "rate", DIGITS)
        return f"{rate}, {row['specific']}" if row["specific"] else rate
    if not pd.isna(row["additional"]) and row["additional"] > 0:
        return f"{units.write(row['additional'], 'rate', DIGITS)} on top of a base duty ({row['status']})"
    return str(row["status"])
