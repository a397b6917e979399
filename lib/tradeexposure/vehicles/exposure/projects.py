"""Announced battery and EV projects, what became of each, and the capital that stopped."""

from __future__ import annotations

import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.data.cited_figures import figure

PROJECTS = "ev_investments_status"
ALL_PROJECTS = "All projects Oct 2020-Apr 2024 (13 groupings)"
NO_PROJECT = "no project"  # state of the total, and of what announces no capital
STOPPED = ("paused", "cancelled")
MIDDLE = "-07"


def projects(table: pd.DataFrame) -> pd.DataFrame:
    """Announced projects with what became of each; capital only, never support.

    Parameters
    ----------
    table : DataFrame
        ``ev_investments_status``. Its row for all projects together is no project: it holds the others.

    Returns
    -------
    DataFrame
        Key `project`; `location`, `announced` (text, may be empty), `capital_cad` (missing if not stated), `state`
        (going on, paused, cancelled, not confirmed), `since` (text: month or year of the stop, else of the
        latest news).

    Raises
    ------
    BadInput
        A project whose status no longer has the words that its state rests on; negative capital.
    """
    listed = table[table["state"] != NO_PROJECT].reset_index(drop=True)
    for project, status, wording in zip(
        listed["project"], listed["latest_known_status"], listed["state_words"], strict=True
    ):
        if pd.isna(wording) or not wording or wording not in status:
            raise BadInput(
                PROJECTS,
                "latest_known_status",
                found=f"{project}: {status}",
                allowed="a status that was read and classified",
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
            "state": listed["state"],
            "since": listed["state_since"],
        }
    )


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
