"""The box of what a scenario assumes: duty before and after, from which day, under which instrument."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from tradeexposure import scenario, units
from tradeexposure.parameters import FIRST_DAY

PRODUCTS = frozenset({"canola_seed", "canola_oil_crude", "canola_oil_refined", "canola_meal", "electric_vehicles",
                      "passenger_vehicles"})  # fmt: skip
#: The importers whose duties the models hold; those of others are the same in every scenario.
MODELLED = {"china": "canada", "canada": "china", "united_states": "canada"}
ARROW = "\N{RIGHTWARDS ARROW}"
ALWAYS = "china"  # whose duties are listed even where they stay: that a duty stays is part of the arrangement
BASE_DAY = date(2023, 12, 31)  # last day of the calibration year, for scenarios measured against no measures
COLUMNS = {"line": "Goods and border", "duty": "Duty before and after", "since": "From", "reference": "Legal reference"}
STATUS = {"content share needed": "by each car's US content", "base unknown": "not known"}
DIGITS = 3


def base(chosen: scenario.Scenario) -> scenario.Scenario:
    """The facts before the measures: those of the calibration year, without anything a scenario sets."""
    return chosen.model_copy(update={"facts_on": BASE_DAY, "overrides": (), "hypothetical": ()})


def duties(chosen: scenario.Scenario, before: scenario.Scenario) -> pd.DataFrame:
    """Duty lines of the models in two scenarios.

    Returns
    -------
    DataFrame
        One row per line that differs between them, or that China sets; columns of :data:`COLUMNS` and `changes`.
    """
    then = scenario.facts(before).set_index("line")
    rows = []
    for row in scenario.facts(chosen).to_dict("records"):
        if row["product"] not in PRODUCTS or MODELLED.get(row["imposer"]) != row["origin"]:
            continue
        old, new = duty(then.loc[row["line"]].to_dict()), duty(row)
        same = old == new and then.loc[row["line"], "measures"] == row["measures"]
        if same and row["imposer"] != ALWAYS:
            continue
        written = f"{new}, unchanged" if old == new else f"{old} {ARROW} {new}"
        rows.append({"line": row["line"], "duty": written, "since": _since(row), "reference": _reference(row),
                     "changes": old != new})  # fmt: skip
    return pd.DataFrame(rows, columns=[*COLUMNS, "changes"])


def duty(row: Mapping[Any, Any]) -> str:
    """A line's duty: the rate where there is one, otherwise what is known of it."""
    if not pd.isna(row["rate"]):
        rate = units.write(row["rate"], "rate", DIGITS)
        return f"{rate}, {row['specific']}" if row["specific"] else rate
    if not pd.isna(row["additional"]) and row["additional"] > 0:
        return f"{units.write(row['additional'], 'rate', DIGITS)} and a base duty that is not held"
    return STATUS.get(str(row["status"]), str(row["status"]))


def _since(row: Mapping[Any, Any]) -> str:
    """The first day of exactly these measures; what a scenario sets holds on its day."""
    day = pd.Timestamp(row["since"]).date()
    return f"{day:%-d %B %Y}" if day > FIRST_DAY else f"before {FIRST_DAY.year}"


def _reference(row: Mapping[Any, Any]) -> str:
    set_by = " (set by the scenario, not by law)" if row["changed"] else ""
    return f"{row['legal_reference'] or 'none'}{set_by}"
