"""The sides of the EV sector: China-built supply, imports, assembly, exports, workers, and announced projects."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from tradeexposure import data
from tradeexposure.core.errors import BadInput
from tradeexposure.core.units import MILLION, MONTHS_IN_YEAR
from tradeexposure.data.geography import CHINA
from tradeexposure.data.periods import Months
from tradeexposure.policy import tariff_schedule
from tradeexposure.vehicles.registrations import BATTERY, NATIONAL

IMPORTS, BUILT, PRODUCTION = "ev_imports_by_origin", "chinese_built_share", "vehicle_production"
WORKERS, TRADE = "auto_employment", "merchandise_trade_monthly"
ELECTRIC_CHINA = {
    2022: "electric-only passenger vehicles (HS 8703.80 per press)",
    2023: "electric-only passenger vehicles",
}
EXPORTED = "Chinese exports to Canada, units"
MONTH, DAY = r"20\d\d-(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
ADMITTED = "EVs admitted under quota"
COUNTED = re.compile(rf"(?:{MONTH}(?:-{DAY})?\.\.)?{MONTH}(?:-{DAY})?")
PROJECTS = "ev_investments_status"
ALL_PROJECTS = "All projects Oct 2020-Apr 2024 (13 groupings)"
NO_PROJECT = "no project"  # state of the total, and of what announces no capital
STOPPED = ("paused", "cancelled")
ROUNDED = 0.05e9  # half a unit of the last digit of a figure printed as 2.2 billion
NAICS, DIRECT = "NAICS 3361+3362+3363", "auto manufacturing direct jobs"
FLOOR_YEAR = 2023  # the year whose note gives the least number in Ontario
WORKER_SERIES = {2016: NAICS, 2018: NAICS, 2021: NAICS, 2020: DIRECT, 2023: DIRECT, 2025: "auto industry direct jobs"}
#: Tariff lines of the vehicles the United States buys, by what drives them; the rest burns gasoline or diesel alone.
DRIVES = {
    "870380": "Battery-electric cars",
    "870460": "Battery-electric trucks",
    "870360": "Plug-in hybrids",
    "870370": "Plug-in hybrids",
    "870340": "Hybrids",
    "870350": "Hybrids",
    "870441": "Hybrids",
    "870442": "Hybrids",
    "870451": "Hybrids",
    "870452": "Hybrids",
}
PLANTS = {
    "Toyota (Cambridge + Woodstock)": "Toyota", "Honda (Alliston)": "Honda",
    "Stellantis (Windsor; Brampton idle)": "Stellantis", "GM Oshawa (Silverado)": "General Motors, Oshawa",
    "Ford (Oakville idle, retooling)": "Ford",
}  # fmt: skip


def china_imports(table: pd.DataFrame) -> pd.DataFrame:
    """Battery-electric cars imported from China as the press quotes customs: `year`, `value_cad`, range if rounded."""
    rows = []
    for year, definition in ELECTRIC_CHINA.items():
        cited = data.row(table, IMPORTS, period=str(year), origin=CHINA, measure="import value", definition=definition)
        half = ROUNDED if cited["qualifier"] == "rounded" else float("nan")
        rows.append((year, cited["value"], cited["value"] - half, cited["value"] + half))
    return pd.DataFrame(rows, columns=["year", "value_cad", "low_cad", "high_cad"])


def china_units(table: pd.DataFrame) -> pd.DataFrame:
    """Electric vehicles that China says it sent to Canada in a year: `year`, `vehicles`, `trust`."""
    rows = table[(table["measure"] == EXPORTED) & table["period"].str.fullmatch(r"\d{4}")]
    return rows.assign(year=rows["period"].astype(int), vehicles=rows["value"])[
        ["year", "vehicles", "trust"]
    ].reset_index(drop=True)


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """China-built cars admitted under the quota, a row a count in the order of their days: `key`, `period`, `vehicles`.

    The day of the first is not held: its period is a year.

    Raises
    ------
    BadInput
        A later count without a month, or two of one period.
    """
    periods = table.loc[table["measure"] == ADMITTED, "period"].unique()
    dated = {period: COUNTED.fullmatch(period) is not None for period in periods}
    first, *later = sorted(dated, key=lambda period: (dated[period], period.rpartition("..")[2])) or [""]
    if undated := [period for period in later if not dated[period]]:
        where = f"data/tables/{IMPORTS}.csv"
        raise BadInput(where, "period", found=undated[0], allowed="the day they were counted to: 2026-03..2026-09-30")
    names = {first: ("first_count", first[: len("2026")])}
    names |= {period: (period.rpartition("..")[2], period.replace("..", " to ")) for period in later}
    rows = [(*names[period], data.figure(table, IMPORTS, measure=ADMITTED, period=period)) for period in names]
    return pd.DataFrame(rows, columns=["key", "period", "vehicles"])


def china_rates(*, days: Sequence[str]) -> pd.DataFrame:
    """Canada's duty on electric vehicles of China by day, within the quota where there is one: `date`, `rate`."""
    pair = tariff_schedule.Asked(imposer="canada", origin="china", product="electric_vehicles")
    return pd.DataFrame([(day, tariff_schedule.rate(**pair, on=day).rate) for day in days], columns=["date", "rate"])


def removed(imports: pd.DataFrame) -> pd.DataFrame:
    """What was missing after the surtax, set beside 2023: one row with `change`, `value_cad`, `low_cad`, `high_cad`.

    `change` is the fall of car and light-truck imports from China in the last quarter of 2024. The money is what that
    fall, and the fall of vehicles sent from 2023 to 2025, would be of the import value of 2023: a ceiling, if 2023 had
    repeated itself. No figure is held for the months of 2024 before the surtax.
    """
    change = data.figure(imports, IMPORTS, period="2024Q4", measure="import value, change after surtax")
    base = data.figure(china_imports(imports), IMPORTS, column="value_cad", year=2023)
    first, last = (data.figure(china_units(imports), IMPORTS, column="vehicles", year=year) for year in (2023, 2025))
    by_units = base * (1 - last / first)
    ends = sorted([-change * base, by_units])
    return pd.DataFrame([{"change": change, "value_cad": -change * base, "low_cad": ends[0], "high_cad": ends[1]}])


def dependence(imports: pd.DataFrame, built: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """China-built cars in battery-electric supply, by every source that says something about it.

    `imports` and `built` are ``ev_imports_by_origin`` and ``chinese_built_share``; `counted` is
    :func:`tradeexposure.vehicles.registrations.yearly` of the national table.

    Returns
    -------
    DataFrame
        `key`, `measure`, `period`, `share`, `trust`, `supply`; the first row is the headline. `supply` is false for the
        whole fleet of British Columbia, a stock of many years that says nothing of the supply of 2023.
    """
    year = {"period": "2023", "origin": CHINA}
    battery_2023 = data.figure(counted, NATIONAL, column="registrations", fuel=BATTERY, year=2023)
    sent = data.row(imports, IMPORTS, measure=EXPORTED, **year)
    landed = data.row(imports, IMPORTS, measure="cars arriving at Port of Vancouver", **year)
    values = imports[(imports["period"] == "2023") & (imports["measure"] == "import value")].set_index("origin")[
        "value"
    ]
    subsidised = data.row(built, BUILT, period="2023-04..2023-12")
    fleet = {"geo": "British Columbia", "country_of_manufacture": CHINA}
    newer = data.row(built, BUILT, measure="share of battery-electric cars, model year >=2022", **fleet)
    whole = data.row(built, BUILT, measure="share of battery-electric cars", **fleet)
    rows = [
        ("sent", "China's exports of electric cars / registrations", "2023", sent["value"] / battery_2023,
         sent["trust"]),
        ("landed", "Chinese cars of all kinds landed at Vancouver / registrations", "2023",
         landed["value"] / battery_2023, landed["trust"]),
        ("value", "Import value, China in the four origins cited", "2023", values[CHINA] / values.sum(), "medium"),
        ("subsidised", "China-built Model Y in federally subsidised cars", "2023 Apr-Dec", subsidised["share"],
         subsidised["trust"]),
        ("newer", "Battery-electric fleet of British Columbia, model years since 2022", "2024 Jun", newer["share"],
         newer["trust"]),
        ("fleet", "Battery-electric fleet of British Columbia, all years", "2024 Jun", whole["share"], whole["trust"]),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["key", "measure", "period", "share", "trust"])
    return table.assign(supply=table["key"] != "fleet")


def electric_imports(series: pd.Series, opened: object) -> pd.DataFrame:
    """Imports of new electric cars, all origins, over full years and parts of the newest two.

    Returns
    -------
    DataFrame
        `suffix` (of identifiers), `words`, `period`, `value_cad`, `change` on a year before (missing if not held).
    """
    rows = []
    for months in _spans(series, opened):
        earlier = months.back()
        value, before = (float(series.loc[span.first : span.last].sum()) for span in (months, earlier))
        rows.append({"suffix": months.suffix, "words": months.words, "value_cad": value,
                     "change": value / before - 1 if earlier.first >= series.index[0] else float("nan"),
                     "period": months.period})  # fmt: skip
    return pd.DataFrame(rows)


def _spans(series: pd.Series, opened: object) -> list[Months]:
    """Full years, the months of the newest year held and those since `opened` (a day), both beside the year before."""
    last = pd.Timestamp(series.index[-1])
    months_of = pd.DatetimeIndex(series.index).year.value_counts().sort_index()
    full = [Months.of(f"{year}-01", f"{year}-12") for year in months_of[months_of == MONTHS_IN_YEAR].index]
    newest = [Months.of_newest_year(series.index), Months.of(opened, last)][: 1 if last.month == MONTHS_IN_YEAR else 2]
    return list(dict.fromkeys([*full, *(months for now in newest for months in (now.back(), now))]))


def auto_exports(trade: pd.DataFrame) -> pd.DataFrame:
    """Exports of autos and parts to the United States and their share, every year held.

    Returns
    -------
    DataFrame
        Key `year`; `months`, `us_cad`, `world_cad`, `us_share`. Fewer than 12 months is no full year.

    Raises
    ------
    BadInput
        A month that only one of the two series has, or in which autos to the United States exceed all goods to it.
    """
    exports = trade[trade["flow"] == "export"]
    rows = exports[exports["product"] == "autos_and_parts"]
    wide = rows.pivot(index="month", columns="partner", values="value_cad_millions")[["united_states", "non_us"]]
    if wide.isna().any(axis=None):
        raise BadInput(TRADE, "autos_and_parts", found="a missing or negative month", allowed="both series, 0 or more")
    every = exports[(exports["product"] == "all") & (exports["partner"] == "united_states")].set_index("month")
    all_goods = every["value_cad_millions"].reindex(wide.index)
    beyond = wide.index[wide["united_states"] > all_goods]
    if len(beyond):
        autos, most = (f"{series[beyond[0]]:,.1f}" for series in (wide["united_states"], all_goods))
        raise BadInput(
            TRADE, f"autos_and_parts, {beyond[0]:%Y-%m}", found=autos, allowed=f"at most {most}, all goods to it"
        )
    summed = wide.groupby(pd.DatetimeIndex(wide.index).year).agg(["sum", "count"])
    us, elsewhere = summed["united_states"]["sum"] * MILLION, summed["non_us"]["sum"] * MILLION
    months = summed["united_states"]["count"]
    table = pd.DataFrame(
        {"months": months, "us_cad": us, "world_cad": us + elsewhere, "us_share": us / (us + elsewhere)}
    )
    return table.rename_axis("year").reset_index()


def same_months(trade: pd.DataFrame) -> pd.DataFrame:
    """:func:`auto_exports` for the months of the last year held, in that year and the year before."""
    autos = trade[trade["product"] == "autos_and_parts"]
    last = autos["month"].max()
    same = autos[autos["month"].dt.month <= last.month]
    return auto_exports(same[same["month"].dt.year >= last.year - 1])


def makers(production: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Vehicles assembled in Canada by maker: `maker`, `vehicles`, `share` (of the makers' sum)."""
    rows = [
        (name, data.figure(production, PRODUCTION, period=str(year), maker_or_plant=plant))
        for plant, name in PLANTS.items()
    ]
    table = pd.DataFrame(rows, columns=["maker", "vehicles"])
    return table.assign(share=table["vehicles"] / table["vehicles"].sum())


def totals(production: pd.DataFrame, *, year: int) -> pd.Series:
    """Published totals of vehicles assembled in a year, which disagree because their coverage differs."""
    rows = production[(production["period"] == str(year)) & production["maker_or_plant"].str.startswith("Canada total")]
    return rows["value"].reset_index(drop=True)


def workers(staff: pd.DataFrame) -> dict[int, float]:
    """Automotive manufacturing workers in Canada by year: every national figure whose definition is stated."""
    return {year: data.figure(staff, WORKERS, period=str(year), industry=name) for year, name in WORKER_SERIES.items()}


def ontario_shares(staff: pd.DataFrame) -> dict[int, float]:
    """Ontario's share of automotive manufacturing workers, as the notes of the national figures give it."""
    return {
        year: float(_noted(staff, year, r"Ontario (\d+)%")) / 100
        for year, name in WORKER_SERIES.items()
        if name == NAICS
    }


def ontario_floor(staff: pd.DataFrame) -> tuple[float, float]:
    """Direct automotive workers in Canada and the least that work in Ontario, from the note of :data:`FLOOR_YEAR`."""
    return workers(staff)[FLOOR_YEAR], float(
        _noted(staff, FLOOR_YEAR, r"at least ([\d,]+) in Ontario").replace(",", "")
    )


def _noted(staff: pd.DataFrame, year: int, pattern: str) -> str:
    """What the note of a year's national figure says; BadInput if it no longer says it."""
    note = str(data.row(staff, WORKERS, period=str(year), industry=WORKER_SERIES[year])["note"])
    match = re.search(pattern, note)
    if match is None:
        raise BadInput(WORKERS, f"note of {year}", found=note, allowed=f"a note with {pattern}")
    return match[1]


def powertrains(lines: pd.DataFrame) -> pd.DataFrame:
    """US imports of vehicles from Canada in 2024 by what drives them.

    Returns
    -------
    DataFrame
        `kind` (those of :data:`DRIVES`, then Other), `value_usd`, `share` of all vehicles of headings 8703 and 8704.
    """
    vehicles = lines[lines["hts10"].str.startswith(("8703", "8704"))]
    kind = vehicles["hts10"].str[:6].map(DRIVES).fillna("Other")
    summed = vehicles.groupby(kind)["value_usd"].sum().reindex([*dict.fromkeys(DRIVES.values()), "Other"]).fillna(0.0)
    return pd.DataFrame(
        {"kind": summed.index, "value_usd": summed.to_numpy(), "share": (summed / summed.sum()).to_numpy()}
    )


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
        A project whose status no longer has the words that its state rests on.
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
    total = data.figure(table, PROJECTS, column="announced_investment_cad", project=ALL_PROJECTS)
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
