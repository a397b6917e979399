"""The matrix of the EV sector: which measure touches whom, with how much money behind it, and in which direction.

Every cell is filled from the frame that measures it or from a cited figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tradeexposure import data
from tradeexposure.core import units
from tradeexposure.reporting import pieces
from tradeexposure.reporting.pieces import Cell, Row
from tradeexposure.vehicles.exposure.sector import BUILT, ontario_floor
from tradeexposure.vehicles.registrations import ALL_FUELS, BATTERY, PLUG_IN

STAKEHOLDERS = {
    "buyers": "Buyers and dealers", "assembly": "Assembly plants", "parts": "Parts makers",
    "projects": "Battery and EV projects", "workers": "Workers",
}  # fmt: skip
MEASURES = {
    "us_vehicles": "US duty on vehicles, since 2025-04-03",
    "us_parts": "US duties on parts, since 2025-03-04",
    "us_batteries": "US duties on batteries, since 2025-03-04",
    "canada_surtax_us": "Canada's surtax on US vehicles, since 2025-04-09",
    "china_surtax": "Canada's surtax on China-built EVs, 2024-10 to 2026-02",
    "china_quota": "Quota for China-built EVs, since 2026-03-01",
    "several": "Capital stopped, several causes, not separated",
}
SIGNS = {"loses": -1, "gains": 1, "both ways": 0}
CAPITAL = "several"
A_YEAR, ONCE = "Trade of a year under the measure", "Capital, once"
CAPTION = "Who loses (orange) and who gains (green) by which measure: money, duty a year, share"
STEPS = (0.2, 0.5)  # of the largest trade: where the shade gets darker
EMPTY = Cell("")
_MISSING = float("nan")
SHARES = "vehicle_trade_shares"
HOME = "battery-electric cars in British Columbia, built in Canada"


@dataclass(frozen=True)
class Entry:
    """Who is touched by what: direction, money a year that passes there, and the share it is of something.

    `period` is that of the flow or, where there is none, of the share.
    """

    measure: str
    stakeholder: str
    direction: str
    flow_cad: float = _MISSING
    duty_cad: float = _MISSING
    duty_low_cad: float = _MISSING
    duty_high_cad: float = _MISSING
    share: float = _MISSING
    share_low: float = _MISSING
    share_high: float = _MISSING
    share_of: str = ""
    period: str = ""


def matrix(cells: list[Entry]) -> pd.DataFrame:
    """The cells as a tidy frame.

    Returns
    -------
    DataFrame
        Key `measure`, `stakeholder` (names as keys); the fields of :class:`Entry`, in the order of :data:`MEASURES`.
    """
    frame = pd.DataFrame([vars(cell) for cell in cells])
    order = {name: place for place, name in enumerate(MEASURES)}
    return frame.sort_values("measure", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def heat(frame: pd.DataFrame) -> dict[str, tuple[Row, ...]]:
    """The matrix as a reader sees it: a row per measure, a cell per stakeholder, shaded by direction and size.

    A year's trade and capital that stopped once stand under headings of their own.
    """
    most = float(frame.loc[frame["measure"] != CAPITAL, "flow_cad"].max())
    cells = {(row["measure"], row["stakeholder"]): _shaded(row, most) for row in frame.to_dict("records")}
    rows = {
        name: Row(title, note, tuple(cells.get((name, who), EMPTY) for who in STAKEHOLDERS))
        for name, (title, _, note) in ((name, label.partition(", ")) for name, label in MEASURES.items())
        if name in set(frame["measure"])
    }
    trade = tuple(row for name, row in rows.items() if name != CAPITAL)
    capital = tuple(row for name, row in rows.items() if name == CAPITAL)
    return {title: group for title, group in ((A_YEAR, trade), (ONCE, capital)) if group}


def _shaded(row: Mapping[Any, Any], most: float) -> Cell:
    """Money or, where none is held, the share; the shade of a year's trade grows with it."""
    money = "" if pd.isna(row["flow_cad"]) else units.write(row["flow_cad"], "CAD", 3)
    duty = "" if pd.isna(row["duty_cad"]) else f"duty {units.write(row['duty_cad'], 'CAD', 3)}"
    share = "" if pd.isna(row["share"]) else units.write(row["share"], "share", 3)
    first, *rest = [text for text in (money, duty, share) if text] or ["not held"]
    part = 0.0 if not money or row["measure"] == CAPITAL else row["flow_cad"] / most
    size = 1 + sum(part >= step for step in STEPS)
    return Cell(first, ", ".join(rest), SIGNS[row["direction"]] * size)


def show(frame: pd.DataFrame) -> None:
    """Show :func:`heat`."""
    pieces.show(pieces.outcomes("Measure", list(STAKEHOLDERS.values()), heat(frame), caption=CAPTION))


def flows(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells with money in them, largest first, named for a chart: `name`, `direction`, `flow_cad`."""
    valued = frame.dropna(subset=["flow_cad"]).sort_values("flow_cad", ascending=False)
    names = valued["stakeholder"].map(STAKEHOLDERS) + ": " + valued["measure"].map(MEASURES).str.split(", ").str[0]
    return valued.assign(name=names)[["name", "measure", "stakeholder", "direction", "flow_cad"]].reset_index(drop=True)


def with_names(frame: pd.DataFrame) -> pd.DataFrame:
    """The matrix with the names of measures (`what`, without dates `short`) and stakeholders (`who`)."""
    what = frame["measure"].map(MEASURES)
    return frame.assign(what=what, short=what.str.split(", ").str[0], who=frame["stakeholder"].map(STAKEHOLDERS))


def filled_matrix(
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

    `exposure` (its last date is taken) and `headings` come from :mod:`cusma_claims`; `exports`, `imports` and
    `dependence` from :mod:`sector`; `quota` from :func:`quota_shares`; and so does `capital`. `built`,
    `trade_shares` and `staff` are ``chinese_built_share``, ``vehicle_trade_shares`` and ``auto_employment``.
    """
    last = exposure[exposure["date"] == exposure["date"].max()].set_index("good")
    money = capital.set_index("key")["value_cad"]
    stopped = Entry(
        "several", "projects", "loses", money["stopped"], share=money["stopped"] / money["announced"],
        share_low=money["stopped"] / money["announced"], share_high=money["stopped"] / money["listed"],
        share_of="capital announced, stopped; highest: of the listed projects", period="2020-10 to 2026-05",
    )  # fmt: skip
    to_us = data.figure(exports, "exports", column="us_share", year=2024)
    from_us = data.figure(trade_shares, SHARES, period="2024", measure="vehicle imports from the US")
    part = {"period": "2024", "measure": "share of Canadian vehicle imports", "partner": "United States"}
    surtax = Entry("canada_surtax_us", "buyers", "loses", from_us, share=data.figure(trade_shares, SHARES, **part),
                   share_of="vehicle imports of 2024, from the US", period="2024")  # fmt: skip
    return matrix(
        [
            *_under_us_duties(last, headings.set_index("heading"), to_us, ontario_floor(staff)),
            surtax,
            Entry("canada_surtax_us", "assembly", "both ways"),
            *_under_measures_on_china(imports, dependence, quota, built),
            stopped,
        ]
    )


def _under_us_duties(
    last: pd.DataFrame, codes: pd.DataFrame, to_us: float, workers: tuple[float, float]
) -> list[Entry]:
    flow, unclaimed = last["value_cad"], 1 - codes["cusma_2024"]
    low, high = last["duty_low_cad"], last["duty_high_cad"]
    return [
        Entry("us_vehicles", "assembly", "loses", flow["vehicles"], last["duty_cad"]["vehicles"], low["vehicles"],
             high["vehicles"], to_us, share_of="exports of autos and parts of 2024, to the US", period="2024"),
        Entry("us_vehicles", "workers", "loses", share=workers[1] / workers[0],
             share_of="auto workers of 2023, in Ontario, at least", period="2023"),
        Entry("us_parts", "parts", "loses", flow["parts"], last["duty_cad"]["parts"], low["parts"], high["parts"],
             unclaimed["8708"], share_of="parts of 2024, not claimed", period="2024"),
        Entry("us_batteries", "projects", "loses", codes["value_cad"]["8507"], share=unclaimed["8507"],
             share_of="batteries of 2024, not claimed", period="2024"),
    ]  # fmt: skip


def _under_measures_on_china(
    imports: pd.DataFrame, dependence: pd.DataFrame, quota: pd.DataFrame, built: pd.DataFrame
) -> list[Entry]:
    supply = dependence.loc[dependence["supply"], "share"]
    part = quota.set_index("key")["share"]
    fleet = {"geo": "British Columbia", "country_of_manufacture": "Canada", "measure": "share of battery-electric cars"}
    home: dict[str, Any] = {
        "share": data.figure(built, BUILT, column="share", **fleet),
        "share_of": HOME,
        "period": "2024-06",
    }
    return [
        Entry("china_surtax", "buyers", "loses", data.figure(imports, "imports", column="value_cad", year=2023),
             share=supply.iloc[0], share_low=supply.min(), share_high=supply.max(),
             share_of="battery-electric supply of 2023, China-built; range between sources", period="2023"),
        Entry("china_surtax", "assembly", "gains", **home),
        Entry("china_quota", "buyers", "gains", share=part["plug_in"], share_low=part["with_hybrids"],
             share_high=part["battery"], period="2025",
             share_of="plug-in registrations of 2025, the quota; lowest with hybrids, highest battery-electric alone"),
        Entry("china_quota", "assembly", "loses", **home),
    ]  # fmt: skip


def quota_shares(vehicles: float, registrations: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """A quota in a year's registrations: `key`, `measure`, `share`; plug-in cars first.

    `registrations`: :func:`tradeexposure.vehicles.registrations.yearly` of the national table.
    """
    fuels = registrations[registrations["year"] == year].set_index("fuel")["registrations"]
    battery, plug_in = fuels[BATTERY], fuels[BATTERY] + fuels[PLUG_IN]
    bases = [
        ("plug_in", "battery-electric and plug-in hybrid", plug_in),
        ("battery", "battery-electric", battery),
        ("with_hybrids", "plug-in and hybrid", plug_in + fuels["hybrid electric"]),
        ("all", "all vehicles", fuels[ALL_FUELS]),
    ]
    rows = [(key, name, vehicles / base) for key, name, base in bases]
    return pd.DataFrame(rows, columns=["key", "measure", "share"])
