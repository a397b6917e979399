"""The choices of the electric-vehicle demand study: provinces, how programmes are read, specifications, windows."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from tradeexposure.core.errors import BadInput
from tradeexposure.econometrics import specification_curve
from tradeexposure.vehicles.demand import panel as demand_panel
from tradeexposure.vehicles.demand.estimators import ESTIMATORS, Specification
from tradeexposure.vehicles.demand.panel import Reading, Scaling
from tradeexposure.vehicles.demand.rebate_cohorts import Cohort
from tradeexposure.vehicles.registrations import BATTERY, PLUG_IN, PROVINCES, quarter_of

MANDATES = ("Quebec", "British Columbia")  # provinces that oblige makers to sell electric cars
#: Not rebates on a purchase, or not by a province: Saskatchewan's annual charge on electric cars since October 2021,
#: and a charity's C$1,000 in New Brunswick for those who traded in a gasoline car.
LEFT_OUT = ("EV Road Use Charge", "NB Lung Association")
#: Manitoba paid back to August 2023 what it announced on 2 April 2024: nobody could act on it before.
MANITOBA = {"Manitoba EV Rebate Program": "2024-04-02"}
STATED = Reading("stated", left_out=LEFT_OUT, starts=MANITOBA)
#: British Columbia's C$4,000 from August 2022 was for the lowest incomes, with nothing above C$100,000 a year: half
#: counts. From mid-July 2024 about three quarters of the models no longer qualified: a quarter of that half.
EFFECTIVE = Reading(
    "bc_effective", left_out=LEFT_OUT, starts=MANITOBA,
    scalings=(Scaling("British Columbia", "2022-08-02", 0.5), Scaling("British Columbia", "2024-07-18", 0.125)),
)  # fmt: skip
READINGS = {reading.name: reading for reading in (STATED, EFFECTIVE)}
#: Ontario's last quarters with a rebate: an election in June 2018, the end announced in July, dealers' stock honoured
#: to 10 September.
RUSH = (("Ontario", "2018Q2", "2018Q3"),)
BEFORE_PULL_FORWARD = "2024Q3"  # 2024Q4 holds the rush before the federal and Quebec's pause, 2025 what it left
#: Fuel and class of rebate. Most plug-in hybrids of British Columbia had the short-range amount: both are run.
VEHICLES = {"bev": (BATTERY, "BEV"), "phev": (PLUG_IN, "PHEV long range"), "phev_short": (PLUG_IN, "PHEV short")}
#: Cars that were not subsidised: their answer to the rebate on battery-electric cars.
CROSS = {"hybrid": "hybrid electric", "gasoline": "gasoline"}

HEADLINE = Specification()
WITHOUT_ONTARIO = Specification(without=("Ontario",))
#: Shown in this order: without Ontario first.
DECLARED: dict[str, Specification] = {
    "without_ontario": WITHOUT_ONTARIO,
    "all": HEADLINE,
    "without_ontario_to_2024q3": Specification(without=("Ontario",), until=BEFORE_PULL_FORWARD),
    "to_2024q3": Specification(until=BEFORE_PULL_FORWARD),
    "without_rush": Specification(rush=False),
    "without_ontario_trends": Specification(without=("Ontario",), trends=True),
    "trends": Specification(trends=True),
    "without_quebec": Specification(without=("Quebec",)),
    "without_british_columbia": Specification(without=("British Columbia",)),
    "fractional_logit": Specification(estimator="fractional_logit"),
    "log_share": Specification(estimator="log_share"),
    "log_share_trends": Specification(estimator="log_share", trends=True),
    "without_ontario_log_share_trends": Specification(estimator="log_share", without=("Ontario",), trends=True),
    "without_ontario_long_run": Specification(without=("Ontario",), timing="lead_current_lag"),
    "long_run": Specification(timing="lead_current_lag"),
}
CHOICES: dict[str, tuple[object, ...]] = {
    "without": (("Ontario",), (), ("Quebec",), ("British Columbia",)),
    "estimator": ESTIMATORS,
    "until": ("2025Q2", BEFORE_PULL_FORWARD),
    "trends": (False, True),
    "reading": tuple(READINGS),
}
LEVEL = 0.95
STILL = 0.8  # C$ thousand: Prince Edward Island's top-up of C$750 in 2023 does not end its service as a control
#: British Columbia is no control before its own cut of June 2019: buyers hurried there in the same quarters.
BAD_CONTROL = ("British Columbia",)
#: Windows: four quarters on each side, so that both hold every season; quarters in which the amount changes or the
#: change is known are left out. Ontario's window before is all there is; Quebec's of 2025 has two quarters after.
COHORTS = (
    Cohort("Ontario 2018", "Ontario", ("2017Q1", "2018Q1"), ("2018Q4", "2019Q3"), BAD_CONTROL),
    Cohort("British Columbia 2019", "British Columbia", ("2018Q2", "2019Q1"), ("2019Q3", "2020Q2")),
    Cohort("Nova Scotia 2021", "Nova Scotia", ("2020Q1", "2020Q4"), ("2021Q2", "2022Q1")),
    Cohort("Prince Edward Island 2021", "Prince Edward Island", ("2020Q2", "2021Q1"), ("2021Q2", "2022Q1")),
    Cohort("New Brunswick 2021", "New Brunswick", ("2020Q3", "2021Q2"), ("2021Q4", "2022Q3")),
    Cohort("Quebec 2022", "Quebec", ("2021Q3", "2022Q2"), ("2022Q3", "2023Q2")),
    Cohort("British Columbia 2022", "British Columbia", ("2021Q3", "2022Q2"), ("2022Q4", "2023Q3")),
    Cohort("Manitoba 2024", "Manitoba", ("2023Q2", "2024Q1"), ("2024Q3", "2025Q2")),
    Cohort("Quebec 2025", "Quebec", ("2023Q4", "2024Q3"), ("2025Q1", "2025Q2")),
)
#: Stacked models: which cohorts are left out.
STACKS = {
    "all": (),
    "without_ontario": ("Ontario 2018",),
    "without_ontario_and_quebec_2025": ("Ontario 2018", "Quebec 2025"),
}
ONTARIO = Cohort("Ontario 2018", "Ontario", ("2017Q1", "2018Q1"), ("2018Q4", "2019Q1"), BAD_CONTROL)
ONTARIO_LONGER = replace(ONTARIO, after=("2018Q4", "2019Q3"))
#: Quebec announced in March 2024 that amounts would fall in 2025: the counterfactual ends before.
RUSH_QUARTER, LAST_UNAWARE = "2024Q4", "2023Q4"
OTHERS = {
    "six_provinces": tuple(name for name in PROVINCES if name not in ("Quebec", "British Columbia")),
    "ontario": ("Ontario",),
}
#: Counterfactuals of the rush: model, first quarter of the fit. A trend of one year is no trend.
RUSH_MODELS = (("level", "2021Q1"), ("level", "2022Q1"), ("level", "2023Q1"), ("trend", "2021Q1"), ("trend", "2022Q1"))
RUSH_OWN = (("own_trend_season", "2019Q1"), ("own_trend_season", "2021Q1"))
RUSH_PLACEBOS = (("2022Q4", "2021Q4"), ("2023Q4", "2022Q4"))  # quarter, last quarter of the fit: no cut was near
#: Share of a subsidy that buyers kept (Muehlegger and Rapson, Journal of Public Economics): uniform between the ends.
PASS_THROUGH = (0.73, 0.85)


def check_settings(*, price_low: float, price_high: float) -> None:
    """Refuse prices that are none.

    Raises
    ------
    BadInput
        A price that is not above zero, or the two in the wrong order.
    """
    for name, price in (("price_low", price_low), ("price_high", price_high)):
        if not price > 0:
            raise BadInput(name, found=str(price), allowed="a price in C$ above zero")
    if price_high < price_low:
        raise BadInput("price_high", found=str(price_high), allowed=f"at least price_low, {price_low:g}")


def quarters(registrations: pd.DataFrame) -> pd.DatetimeIndex:
    """The quarters of the provincial registrations."""
    labels = quarter_of(registrations["quarter"])
    return pd.date_range(labels.min(), labels.max(), freq="QS", name="quarter")


def paths(table: pd.DataFrame, registrations: pd.DataFrame, *, vehicle: str, reading: Reading = STATED) -> pd.DataFrame:
    """:func:`tradeexposure.vehicles.demand.panel.paths` of the provinces over the quarters of the registrations."""
    span = quarters(registrations)
    return demand_panel.paths(table, reading, vehicle=vehicle, jurisdictions=PROVINCES, quarters=span)


def panel(
    registrations: pd.DataFrame, table: pd.DataFrame, *, fuel: str, vehicle: str, reading: Reading = STATED
) -> pd.DataFrame:
    """:func:`tradeexposure.vehicles.demand.panel.panel` of one fuel with the rebates on one class of vehicle."""
    wide = demand_panel.counts(registrations, provinces=PROVINCES)
    amounts = paths(table, registrations, vehicle=vehicle, reading=reading)
    return demand_panel.panel(wide, amounts, fuel=fuel, rush=RUSH)


def panels(registrations: pd.DataFrame, table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Battery-electric panel by reading of the programmes."""
    fuel, vehicle = VEHICLES["bev"]
    return {
        name: panel(registrations, table, fuel=fuel, vehicle=vehicle, reading=reading)
        for name, reading in READINGS.items()
    }


def curve_specifications() -> pd.DataFrame:
    """Every combination of :data:`CHOICES`."""
    return specification_curve.grid(CHOICES)
