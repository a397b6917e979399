"""Announced battery and EV projects, what became of each, and the capital that stopped."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.data.cited_figures import figure

PROJECTS = "ev_investments_status"
ALL_PROJECTS = "All projects Oct 2020-Apr 2024 (13 groupings)"
NOT_A_PROJECT = ("GM Oshawa (pickups)",)  # a shift cut at a gasoline plant, no announced capital
STOPPED = ("paused", "cancelled")
MIDDLE = "-07"


@dataclass(frozen=True)
class Status:
    """What became of a project, with the words of the table that say so and the month or year they date it to."""

    state: str
    words: str
    month: str


#: A project that changes its status in the table no longer has these words, and is refused until it is read again.
STATES: dict[str, Status] = {
    "NextStar Energy (Stellantis-LGES; LGES 100% since Feb 2026)":
        Status("going on", "Cell production from Nov 2025", "2026-02"),
    "PowerCo (Volkswagen)": Status("going on", "under construction", "2025-05"),
    "Honda EV value chain":
        Status("paused", 'Postponed about 2 years (2025-05-13); then "indefinite suspension"', "2025-05"),
    "Northvolt Six": Status("cancelled", "Quebec ended funding 2025-09-02", "2025-09"),
    "Ultium CAM (GM-POSCO) phase 1": Status("going on", "under construction", "2025-10"),
    "Ultium CAM (GM-POSCO) phase 2": Status("paused", "paused indefinitely (Oct 2025)", "2025-10"),
    "Umicore cathode plant": Status("paused", "on hold (since 2024)", "2024"),
    "Ford Oakville EV programme": Status("cancelled", "EVs dropped", "2026-02"),
    "Ford-EcoPro-SK cathode plant": Status("not confirmed", "not confirmed", "2023-08"),
    "GM CAMI (BrightDrop vans)": Status("cancelled", "BrightDrop ended 2025-10-21", "2025-10"),
    "Stellantis Brampton (Jeep Compass)": Status("cancelled", "Compass moved to US (2025-10-14)", "2025-10"),
}  # fmt: skip


def projects(table: pd.DataFrame) -> pd.DataFrame:
    """Announced projects with what became of each; capital only, never support.

    Parameters
    ----------
    table : DataFrame
        ``ev_investments_status``. Its row for all projects together is left out: it holds the others.

    Returns
    -------
    DataFrame
        Key `project`; `location`, `announced` (text, may be empty), `capital_cad` (missing if not stated), `state`
        (going on, paused, cancelled, not confirmed), `since` (text: month or year of the stop, else of the
        latest news).

    Raises
    ------
    BadInput
        A project without a reading, or whose status no longer says what the reading rests on; negative capital.
    """
    listed = table[~table["project"].isin([ALL_PROJECTS, *NOT_A_PROJECT])]
    for record in listed.to_dict("records"):
        status = STATES.get(record["project"])
        if status is None or status.words not in record["latest_known_status"]:
            found = f"{record['project']}: {record['latest_known_status']}"
            raise BadInput(
                PROJECTS, "latest_known_status", found=found, allowed="a status that was read and classified"
            )
    capital = listed["announced_investment_cad"]
    if (capital < 0).any():
        raise BadInput(PROJECTS, "announced_investment_cad", found=f"{capital.min():g}", allowed="0 or more")
    return pd.DataFrame(
        {
            "project": listed["project"].str.replace(r" \([^)]*\)", "", regex=True),
            "location": listed["location"],
            "announced": listed["announced"],
            "capital_cad": capital,
            "state": [STATES[name].state for name in listed["project"]],
            "since": [STATES[name].month for name in listed["project"]],
        }
    ).reset_index(drop=True)


def capital(table: pd.DataFrame) -> pd.DataFrame:
    """Capital announced and stopped: the budget office's total beside the list, never their sum.

    Returns
    -------
    DataFrame
        `key` (announced, listed, stopped, paused, cancelled), `value_cad`, `low_cad`, `high_cad`. Announced is the
        budget office's total, listed the sum of stated amounts. Stopped adds stated amounts of paused and cancelled
        projects; its high end also counts the project whose status is not confirmed.
    """
    total = figure(table, PROJECTS, column="announced_investment_cad", project=ALL_PROJECTS)
    by_state = projects(table).groupby("state")["capital_cad"].sum()
    stated = float(by_state.sum())
    stopped = float(by_state.reindex(list(STOPPED)).sum())
    unsure = float(by_state.get("not confirmed", 0.0))
    rows = [
        ("announced", total, None, None),
        ("listed", stated, None, None),
        ("stopped", stopped, stopped, stopped + unsure),
        ("paused", float(by_state["paused"]), None, None),
        ("cancelled", float(by_state["cancelled"]), None, None),
    ]
    return pd.DataFrame(rows, columns=["key", "value_cad", "low_cad", "high_cad"]).astype(
        {"low_cad": float, "high_cad": float}
    )


def timeline(listed: pd.DataFrame) -> pd.DataFrame:
    """The projects whose announcement is dated, earliest first: `announced` and `since` become dates.

    A state dated to a year only stands in the middle of it.
    """
    dated = listed[listed["announced"].str.fullmatch(r"\d{4}-\d{2}")]
    whole_year = dated["since"].str.fullmatch(r"\d{4}")
    since = dated["since"].where(~whole_year, dated["since"] + MIDDLE)
    days = {"announced": pd.to_datetime(dated["announced"] + "-01"), "since": pd.to_datetime(since + "-01")}
    return dated.assign(**days).sort_values("announced", ignore_index=True)
