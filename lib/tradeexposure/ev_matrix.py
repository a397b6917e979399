"""The matrix of the EV sector: which measure touches whom, with how much money behind it, and in which direction."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tradeexposure.core import units
from tradeexposure.core.errors import BadInput

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
    "china_quota": "Quota of 49,000 China-built EVs, since 2026-03-01",
    "several": "Capital stopped, several causes, not separated",
}
DIRECTIONS = ("loses", "gains", "both ways")
NUMBERS = ("flow_cad", "duty_cad", "duty_low_cad", "duty_high_cad", "share", "share_low", "share_high")
_MISSING = float("nan")


@dataclass(frozen=True)
class Cell:
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


def matrix(cells: list[Cell]) -> pd.DataFrame:
    """The cells as a tidy frame, checked.

    Returns
    -------
    DataFrame
        Key `measure`, `stakeholder` (names as keys); the fields of :class:`Cell`, in the order of :data:`MEASURES`.

    Raises
    ------
    BadInput
        An unknown measure, stakeholder or direction, a share outside 0 to 1 or outside its range, a negative flow, a
        repeated cell, a share without what it is a share of.
    """
    frame = pd.DataFrame([vars(cell) for cell in cells])
    for column, allowed in (("measure", MEASURES), ("stakeholder", STAKEHOLDERS), ("direction", DIRECTIONS)):
        unknown = frame[~frame[column].isin(list(allowed))]
        if len(unknown):
            raise BadInput("matrix", column, found=str(unknown[column].iloc[0]), allowed=", ".join(allowed))
    if frame.duplicated(["measure", "stakeholder"]).any():
        raise BadInput("matrix", "measure, stakeholder", found="a repeated cell", allowed="one cell per pair")
    for column in NUMBERS:
        top = float("inf") if column.endswith("_cad") else 1.0
        wrong = frame[column].dropna()[lambda values, top=top: ~values.between(0, top)]
        if len(wrong):
            raise BadInput("matrix", column, found=f"{wrong.iloc[0]:g}", allowed=f"0 to {top:g}")
    ranged = frame.dropna(subset=["share_low", "share_high"])
    if not ranged["share"].between(ranged["share_low"], ranged["share_high"]).all():
        raise BadInput("matrix", "share", found="a share outside its range", allowed="low <= share <= high")
    if (frame["share"].notna() != (frame["share_of"] != "")).any():
        raise BadInput("matrix", "share_of", found="a share of nothing", allowed="every share with its denominator")
    order = {name: place for place, name in enumerate(MEASURES)}
    return frame.sort_values("measure", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def written(frame: pd.DataFrame) -> pd.DataFrame:
    """The matrix as a reader sees it: a row per measure, a column per stakeholder, empty where it does not touch."""

    def text(row: pd.Series) -> str:
        money = [] if pd.isna(row["flow_cad"]) else [f"at stake {units.write(row['flow_cad'], 'CAD', 3)}"]
        if not pd.isna(row["duty_cad"]):
            money.append(f"duty {units.write(row['duty_cad'], 'CAD', 3)}")
        share = [] if pd.isna(row["share"]) else [units.write(row["share"], "share", 3)]
        return f"{row['direction']}: {', '.join([*money, *share]) or 'amount not held'}"

    cells = frame.assign(text=frame.apply(text, axis=1))
    wide = cells.pivot(index="measure", columns="stakeholder", values="text").reindex(
        index=[name for name in MEASURES if name in set(frame["measure"])], columns=list(STAKEHOLDERS)
    )
    named = wide.astype(object).where(wide.notna(), "").rename(index=MEASURES, columns=STAKEHOLDERS)
    return named.rename_axis("Measure").rename_axis(None, axis=1).reset_index()


def flows(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells with money in them, largest first, named for a chart: `name`, `direction`, `flow_cad`."""
    held = frame.dropna(subset=["flow_cad"]).sort_values("flow_cad", ascending=False)
    names = held["stakeholder"].map(STAKEHOLDERS) + ": " + held["measure"].map(MEASURES).str.split(", ").str[0]
    return held.assign(name=names)[["name", "measure", "stakeholder", "direction", "flow_cad"]].reset_index(drop=True)


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """The matrix with the names of measures (`what`, without dates `short`) and stakeholders (`who`)."""
    what = frame["measure"].map(MEASURES)
    return frame.assign(what=what, short=what.str.split(", ").str[0], who=frame["stakeholder"].map(STAKEHOLDERS))
