"""Which assumption moves each output of a scenario most, the choice of the closure among them."""

from __future__ import annotations

import pandas as pd

from tradeexposure.canola.market.closures import CLOSURES
from tradeexposure.econometrics import variance_shares
from tradeexposure.econometrics.draws import FloatArray
from tradeexposure.policy import assumptions
from tradeexposure.simulation import Setting
from tradeexposure.simulation_outputs import Changes

CLOSURE = "closure"
#: Output → part of the models whose priors can move it.
MOVED_BY = {
    "grower_income": "canola",
    "displaced_registrations": "ev",
    "consumer_surplus": "ev",
    "vehicle_exports": "us",
}
#: Drawn for validation and for sensitivities, or for the episode of 2019 alone.
NOT_USED = {"duty_expected_2025", "us_vehicle_demand_long"}
EPISODE = "volume_fall_2019"


def outputs(found: Changes) -> dict[str, FloatArray]:
    """Outputs that vary, one number per draw; growers' income has the draws of both closures, one after the other."""
    cars = found.vehicles
    every = {"grower_income": found.canola.income.pooled, "displaced_registrations": cars.all_displaced,
             "consumer_surplus": cars.surplus, "vehicle_exports": found.us}  # fmt: skip
    return {name: values for name, values in every.items() if values.std() > 0}


def inputs(setting: Setting, output: str) -> pd.DataFrame:
    """Draws of the priors that can move an output, over both closures for growers' income."""
    chosen = setting.scenario
    unused = NOT_USED if chosen.licence_suspension else {*NOT_USED, EPISODE}
    kept = [
        name for name, prior in assumptions.load().items() if prior.moves == MOVED_BY[output] and name not in unused
    ]
    drawn = setting.draws[kept]
    if output != "grower_income":
        return drawn
    return pd.concat([drawn.assign(**{CLOSURE: closure}) for closure in CLOSURES], ignore_index=True)


def ranked(setting: Setting, found: Changes) -> pd.DataFrame:
    """Share of variance of every assumption for every output that varies.

    Returns
    -------
    DataFrame
        Key `output` × `assumption`; `share`, `at_low`, `at_high` (median of the output in the lowest and highest tenth
        of the assumption; for the closure its first and second); largest share of each output first.
    """
    parts = [variance_shares.first_order(inputs(setting, name), values).assign(output=name)
             for name, values in outputs(found).items()]  # fmt: skip
    names = {"share_of_variance": "share", "output_at_low": "at_low", "output_at_high": "at_high"}
    columns = ["output", "assumption", *names.values()]
    return (
        pd.concat(parts, ignore_index=True).rename(columns=names)[columns] if parts else pd.DataFrame(columns=columns)
    )


def within(setting: Setting, found: Changes) -> pd.DataFrame:
    """As :func:`ranked` for growers' income in each closure by itself; `output` is the closure."""
    drawn = inputs(setting, "grower_income").drop(columns=CLOSURE).iloc[: len(setting.draws)]
    parts = [variance_shares.first_order(drawn, values).assign(output=closure)
             for closure, values in found.canola.income.by_closure.items() if values.std() > 0]  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*variance_shares.COLUMNS, "output"])


def first(found: pd.DataFrame) -> dict[str, list[str]]:
    """Assumptions by output, largest share first."""
    return {str(name): list(rows["assumption"]) for name, rows in found.groupby("output", sort=False)}
