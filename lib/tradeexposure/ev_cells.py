"""The cells of the EV sector's matrix, filled from measured frames and cited figures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tradeexposure.core.cited_figures import figure
from tradeexposure.ev_matrix import Cell, matrix
from tradeexposure.ev_sector import BUILT, ontario_floor

SHARES = "vehicle_trade_shares"
HOME = "battery-electric cars in British Columbia, built in Canada"


def fill(
    exposure: pd.DataFrame,
    headings: pd.DataFrame,
    exports: pd.DataFrame,
    imports: pd.DataFrame,
    dependence: pd.DataFrame,
    quota: pd.DataFrame,
    capital: pd.DataFrame,
    *,
    built: pd.DataFrame,
    trade_shares: pd.DataFrame,
    staff: pd.DataFrame,
) -> pd.DataFrame:
    """The matrix, each cell from the frame that measures it.

    `exposure` (its last date is taken) and `headings` come from :mod:`us_exposure`; `exports`, `imports` and
    `dependence` from :mod:`ev_sector`; `quota` from :func:`quota_shares`; `capital` from :mod:`ev_projects`. `built`,
    `trade_shares` and `staff` are ``chinese_built_share``, ``vehicle_trade_shares`` and ``auto_employment``.
    """
    last = exposure[exposure["date"] == exposure["date"].max()].set_index("good")
    money = capital.set_index("key")["value_cad"]
    stopped = Cell(
        "several", "projects", "loses", money["stopped"], share=money["stopped"] / money["announced"],
        share_low=money["stopped"] / money["announced"], share_high=money["stopped"] / money["listed"],
        share_of="capital announced, stopped; highest: of the listed projects", period="2020-10 to 2026-05",
    )  # fmt: skip
    to_us = figure(exports, "exports", column="us_share", year=2024)
    return matrix(
        [
            *_under_us_duties(last, headings.set_index("heading"), to_us, ontario_floor(staff)),
            *_under_the_surtax_on_us_cars(trade_shares),
            *_under_measures_on_china(imports, dependence, quota, built),
            stopped,
        ]
    )


def _under_us_duties(last: pd.DataFrame, codes: pd.DataFrame, to_us: float, workers: tuple[float, float]) -> list[Cell]:
    flow, unclaimed = last["value_cad"], 1 - codes["cusma_2024"]
    low, high = last["duty_low_cad"], last["duty_high_cad"]
    return [
        Cell("us_vehicles", "assembly", "loses", flow["vehicles"], last["duty_cad"]["vehicles"], low["vehicles"],
             high["vehicles"], to_us, share_of="exports of autos and parts of 2024, to the US", period="2024"),
        Cell("us_vehicles", "workers", "loses", share=workers[1] / workers[0],
             share_of="auto workers of 2023, in Ontario, at least", period="2023"),
        Cell("us_parts", "parts", "loses", flow["parts"], last["duty_cad"]["parts"], low["parts"], high["parts"],
             unclaimed["8708"], share_of="parts of 2024, not claimed", period="2024"),
        Cell("us_batteries", "projects", "loses", codes["value_cad"]["8507"], share=unclaimed["8507"],
             share_of="batteries of 2024, not claimed", period="2024"),
    ]  # fmt: skip


def _under_the_surtax_on_us_cars(shares: pd.DataFrame) -> list[Cell]:
    value = figure(shares, SHARES, period="2024", measure="vehicle imports from the US")
    part = {"period": "2024", "measure": "share of Canadian vehicle imports", "partner": "United States"}
    return [
        Cell("canada_surtax_us", "buyers", "loses", value, share=figure(shares, SHARES, **part),
             share_of="vehicle imports of 2024, from the US", period="2024"),
        Cell("canada_surtax_us", "assembly", "both ways"),
    ]  # fmt: skip


def _under_measures_on_china(
    imports: pd.DataFrame, dependence: pd.DataFrame, quota: pd.DataFrame, built: pd.DataFrame
) -> list[Cell]:
    supply = dependence.loc[dependence["supply"], "share"]
    part = quota.set_index("key")["share"]
    fleet = {"geo": "British Columbia", "country_of_manufacture": "Canada", "measure": "share of battery-electric cars"}
    home: dict[str, Any] = {
        "share": figure(built, BUILT, column="share", **fleet),
        "share_of": HOME,
        "period": "2024-06",
    }
    return [
        Cell("china_surtax", "buyers", "loses", figure(imports, "imports", column="value_cad", year=2023),
             share=supply.iloc[0], share_low=supply.min(), share_high=supply.max(),
             share_of="battery-electric supply of 2023, China-built; range between sources", period="2023"),
        Cell("china_surtax", "assembly", "gains", **home),
        Cell("china_quota", "buyers", "gains", share=part["plug_in"], share_low=part["with_hybrids"],
             share_high=part["battery"], period="2025",
             share_of="plug-in registrations of 2025, the quota; lowest with hybrids, highest battery-electric alone"),
        Cell("china_quota", "assembly", "loses", **home),
    ]  # fmt: skip


def quota_shares(vehicles: float, registrations: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """A quota in a year's registrations: `key`, `measure`, `share`; plug-in cars first.

    Parameters
    ----------
    registrations : DataFrame
        :func:`tradeexposure.registrations.yearly` of the national table.
    """
    found = registrations[registrations["year"] == year].set_index("fuel")["registrations"]
    battery, plug_in = found["battery electric"], found["battery electric"] + found["plug-in hybrid electric"]
    bases = [
        ("plug_in", "battery-electric and plug-in hybrid", plug_in),
        ("battery", "battery-electric", battery),
        ("with_hybrids", "plug-in and hybrid", plug_in + found["hybrid electric"]),
        ("all", "all vehicles", found["all fuel types"]),
    ]
    rows = [(key, name, vehicles / base) for key, name, base in bases]
    return pd.DataFrame(rows, columns=["key", "measure", "share"])
