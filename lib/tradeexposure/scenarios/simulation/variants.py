"""The same scenario looked at otherwise: by province, by assumption, and under another choice.

By province one price holds everywhere and shares are those of one year. The ranking says which assumption moves each
output most. Other choices are the base year, the duty that importers expect, and the rule above the quota.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from tradeexposure.canola.exposure import receipts
from tradeexposure.canola.market import logit, logit_solver
from tradeexposure.core import arrays
from tradeexposure.core.arrays import Floats
from tradeexposure.core.errors import BadInput
from tradeexposure.data import geography
from tradeexposure.econometrics.inference.draws import first_order, spread
from tradeexposure.policy import assumptions, regimes, scenarios, studies
from tradeexposure.policy.regimes import VehicleRegime
from tradeexposure.policy.tariff_index import SEED_TO_CHINA
from tradeexposure.scenarios.simulation import changes, messages, models
from tradeexposure.scenarios.simulation.changes import Outputs
from tradeexposure.scenarios.simulation.messages import COUNT_MONTHS, TREATMENTS
from tradeexposure.scenarios.simulation.models import Market, Pair, Setting, Simulation, base_of, market_of
from tradeexposure.vehicles.market import entry, model
from tradeexposure.vehicles.market.base_year import CHINA_BUILT

CANADA = geography.CODES[geography.CANADA]
ROUNDING = 1e-3  # published receipts are rounded to thousands of dollars
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
GROWERS, EXPECTED = "grower_income", "expected_duty"
REGISTERED = "china_built_registrations"
NOTHING = 1e3  # C$: a smaller difference between two duties is none, since solutions are exact to some cents
STEP, TEN = 5, 0.10  # of the curve, in points; and the part of the duty at either end that is told by itself
STATUS_QUO = "status_quo_2025"  # in which the deposit on seed stands
#: Part of the first year in which markets were apart when China's duty on soybeans of 2018 parted them; then they were
#: level again (Adjemian, Smith and He 2021).
APART = 5 / 12


def weights(cash: pd.DataFrame, census: pd.DataFrame, crops: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Share of canola receipts, farms and area of each place.

    Parameters
    ----------
    cash : DataFrame
        ``farm_cash_receipts_annual``: `year`, `geo`, `item`, `receipts_cad`.
    census : DataFrame
        ``census_crop_farms``: farms that grew canola at the latest census.
    crops : DataFrame
        ``field_crops_annual``: `area_seeded_ha` by `year`, `geo`, `crop`.

    Returns
    -------
    DataFrame
        Key `geo`; `place`, `share` (of Canada's receipts), `farms`, `area_ha`; Canada last.

    Raises
    ------
    BadInput
        Provinces whose receipts do not add up to Canada's, or a place without farms or area.
    """
    receipts_by_place = receipts.receipt_shares(cash, year=year)[["geo", "place", "receipts_cad"]]
    total = float(receipts_by_place.loc[receipts_by_place["place"] == CANADA, "receipts_cad"].iloc[0])
    parts = float(receipts_by_place.loc[receipts_by_place["place"] != CANADA, "receipts_cad"].sum())
    if abs(parts - total) > total * ROUNDING:
        raise BadInput("farm_cash_receipts_annual", str(year), found=f"provinces of {parts:,.0f} in {total:,.0f}",
                       allowed="provinces that add up to Canada")  # fmt: skip
    places = receipts_by_place.assign(share=receipts_by_place["receipts_cad"] / total)
    grown = receipts.per_unit(places, census, crops, year=year, amounts=())
    return grown[["geo", "place", "share", "farms", "area_ha"]]


def by_province(income: Floats, shares: pd.DataFrame) -> pd.DataFrame:
    """Change of growers' income in every place, in total, per farm and per hectare.

    Returns
    -------
    DataFrame
        Key `place` × `measure` (``total``, ``per_farm``, ``per_hectare``); `geo`, `value`, `low`, `high`.
    """
    rows, summary = [], spread(income)
    for place in shares.to_dict("records"):
        factors = {"total": place["share"], "per_farm": place["share"] / place["farms"],
                   "per_hectare": place["share"] / place["area_ha"]}  # fmt: skip
        rows += [
            {"geo": place["geo"], "place": place["place"], "measure": measure,
             "value": summary.value * factor, "low": summary.low * factor, "high": summary.high * factor}
            for measure, factor in factors.items()
        ]  # fmt: skip
    return pd.DataFrame(rows)


def outputs(solved: Simulation) -> dict[str, Floats]:
    """Outputs of the models that were solved, one number per draw; those that vary."""
    every = {GROWERS: solved.market.income} if solved.markets else {}
    if solved.us is not models.UNSOLVED:
        cars = changes.vehicle_change(solved.vehicles)
        every |= {"displaced_registrations": cars["displaced"], "consumer_surplus": cars["consumer_surplus_cad"],
                  "vehicle_exports": changes.gap(solved.us, changes.EXPORTS)}  # fmt: skip
    return {name: values for name, values in every.items() if values.std() > 0}


def inputs(setting: Setting, output: str) -> pd.DataFrame:
    """Draws of the priors that can move an output; for growers' income the weighted ones of the market of origins, with
    the elasticity at which rivals' seed turns under the name of its prior.
    """
    chosen = setting.scenario
    if output == GROWERS:
        used = [name for name in logit.USED if name != logit.KAPPA]
        turning = [logit.TURNING, *([logit.GROWTH] if chosen.horizon == "acreage" else [])]
        drawn = setting.weighted[[*used, *turning, *([EPISODE] if chosen.licence_suspension else [])]]
        return drawn.loc[:, drawn.nunique() > 1]
    unused = {*NOT_USED, EPISODE}
    kept = [
        name for name, prior in assumptions.load().items() if prior.moves == MOVED_BY[output] and name not in unused
    ]
    return setting.cars[kept]


def ranked(setting: Setting, values_by_output: Mapping[str, Floats]) -> pd.DataFrame:
    """Share of variance of every assumption for some outputs, as of :func:`outputs`.

    Returns
    -------
    DataFrame
        Key `output` × `assumption`; `share`, `at_low`, `at_high` (median of the output in the lowest and highest tenth
        of the assumption); largest share of each output first.
    """
    parts = [first_order(inputs(setting, name), values).assign(output=name)
             for name, values in values_by_output.items()]  # fmt: skip
    names = {"share_of_variance": "share", "output_at_low": "at_low", "output_at_high": "at_high"}
    columns = ["output", "assumption", *names.values()]
    return (
        pd.concat(parts, ignore_index=True).rename(columns=names)[columns] if parts else pd.DataFrame(columns=columns)
    )


def first(table: pd.DataFrame) -> dict[str, list[str]]:
    """Assumptions by output, largest share first."""
    return {str(name): list(rows["assumption"]) for name, rows in table.groupby("output", sort=False)}


def along(setting: Setting) -> dict[str, float]:
    """Duties on seed between the two counterfactuals, as of :func:`rates`; empty without a second."""
    if setting.compared.beside is None:
        return {}
    sides = (
        regimes.canola_against(comparison)[SEED_TO_CHINA] for comparison in (setting.compared, setting.compared.beside)
    )
    low, high = sorted(float(side) for side in sides)
    return rates(low, high)


def rates(low: float, high: float) -> dict[str, float]:
    """Duties on seed along the curve, by how identifiers end: both ends, those between in steps, ten points from each.

    An end has the nearest whole step as its name: 15 stands for 14.9%, 85 for 84.8%.
    """
    first, last = (STEP * round(100 * end / STEP) for end in (low, high))
    inner = [name for name in range(first + STEP, last, STEP) if low < name / 100 < high]
    curve = {first: low, **{name: name / 100 for name in inner}, last: high}
    return {f"{name}": rate for name, rate in curve.items()} | {"first_ten": low + TEN, "last_ten": high - TEN}


def curve(market: Market, duties: Mapping[tuple[str, str], float], along: Mapping[str, float]) -> dict[str, Floats]:
    """Growers' gain by the duty on seed that would have come, all other duties those of what it is measured against.

    Parameters
    ----------
    duties : mapping
        What the scenario is measured against.
    along : mapping of str to float
        As of :func:`rates`.

    Returns
    -------
    dict
        By the names of `along`; `first_ten` and `last_ten` are what ten points of duty are worth at either end.
    """
    surplus, would = {}, market.against
    for name, rate in sorted(along.items(), key=lambda each: -each[1]):  # one after the other, each near the one before
        would = logit_solver.simulate(market.base, market.behaviour, {**duties, SEED_TO_CHINA: rate}, near=would)
        surplus[name] = would.producer_surplus_cad
    named = [name for name in along if name.isdecimal()]
    gain = {name: market.scenario.producer_surplus_cad - surplus[name] for name in named}
    ends = {
        "first_ten": surplus[named[0]] - surplus["first_ten"],
        "last_ten": surplus["last_ten"] - surplus[named[-1]],
    }
    return {name: np.where(np.abs(values) < NOTHING, 0.0, values) for name, values in (gain | ends).items()}


def would_have_come(simulation: Simulation) -> dict[str, Floats]:
    """Growers' income by the seed duty that would have come, by how identifiers end, in every horizon."""
    duties = along(simulation.setting)
    horizons = {name: simulation.markets[name] for name in ("", messages.FIRST_YEAR) if name in simulation.markets}
    return {
        messages.part(name, horizon): values
        for horizon, market in horizons.items() if duties
        for name, values in curve(market, simulation.duties.against, duties).items()
    }  # fmt: skip


def turning(simulation: Simulation) -> dict[str, Floats]:
    """Growers' income over the same rows with rivals that turn otherwise, and over a first year that fades.

    Empty where the scenario has no first year of its own or no second counterfactual.
    """
    setting, first = simulation.setting, simulation.markets.get(messages.FIRST_YEAR)
    if first is None or simulation.beside is None:
        return {}
    after, year = setting.weighted, setting.first_year

    def income(rows: pd.DataFrame, kappa: float | pd.Series) -> Floats:
        return market_of(setting, rows.assign(**{logit.KAPPA: kappa}), simulation.duties, simulation.market.base).income

    kinds: dict[str, float | pd.Series] = {
        "turning_of_the_year": year[logit.KAPPA],
        "one_pool": np.inf,
        "segmented": after["other_supply"],
    }
    return {
        **{name: income(after, kappa) for name, kappa in kinds.items()},
        "faded": APART * first.income + (1 - APART) * income(year, np.inf),
    }


def other_choices(solved: Simulation) -> dict[str, Floats | None]:
    """Change of growers' income on the other base years of ``data/studies.yml``, with weights as they are, and where
    importers reckon with another duty (None where that has no place); by how identifiers end.
    """
    elsewhere = market_of(solved.setting, solved.setting.weighted, solved.duties, base_of(studies.OTHER_BASE))
    return {studies.base_years(studies.OTHER_BASE).key: elsewhere.income, EXPECTED: expected_duty_income(solved)}


def expected_duty_income(simulation: Simulation) -> Floats | None:
    """Change of growers' income where importers reckon with `duty_expected_2025` in place of the deposit of 2025.

    None where neither regime charges the deposit; a regime that does not keeps its duties.
    """
    rows, duties = simulation.setting.weighted, simulation.duties
    changed = [with_expected(side, rows) for side in (duties.scenario, duties.against)]
    if not any(changed):
        return None
    scenario, against = changed
    expected = Pair(scenario or duties.scenario, against or duties.against)
    return market_of(simulation.setting, rows, expected, simulation.market.base).income


def with_expected(
    duties: Mapping[tuple[str, str], object], drawn: pd.DataFrame
) -> dict[tuple[str, str], object] | None:
    """`duties` with the expected duty on seed in place of the deposit; None where the deposit is not in them."""
    charged, start = _rate(duties), float(regimes.base_canola()[SEED_TO_CHINA])
    if not np.isclose(charged, deposit()):
        return None
    return {**duties, SEED_TO_CHINA: start + drawn["duty_expected_2025"].to_numpy(float)}


def deposit() -> float:
    """Duty on seed into China at the end of 2025, ordinary duty and deposit."""
    return _rate(regimes.canola(scenarios.load(STATUS_QUO)))


def _rate(duties: Mapping[tuple[str, str], object]) -> float:
    return float(np.median(np.asarray(duties[SEED_TO_CHINA], dtype=float)))


def entering(solved: Simulation) -> dict[str, Floats | float]:
    """What a quota lets in while makers enter; empty where the scenario has no quota.

    Returns
    -------
    dict
        By what follows ``scenario.ev.`` in identifiers: `free_demand` at the scenario's duty and rebates, were there no
        quota and every maker there; mean time of entry; how many draws of equal weight the first count leaves; the
        first year, the fifth as the law states its quota, and China-built cars under :func:`car_choices`.
    """
    setting, law = solved.setting, model.as_observed(solved.regimes.scenario)
    if solved.regimes.scenario.quota is None:
        return {}
    base, cars, fifth = setting.vehicles, setting.cars, regimes.year_five(law)
    years = {"": (solved.vehicles.scenario, law), "first_year": (solved.first_year.scenario, law),
             "year_five": (model.simulate(base, cars, fifth), fifth)}  # fmt: skip
    rows: dict[str, Floats | float] = {
        "free_demand": model.offer(base, cars, law).cars,
        "entry_months": cars["entry_months"].to_numpy(float),
        "draws_that_count": entry.draws_that_count(base, setting.draws, regimes.vehicles_at_opening()),
    }
    for name, (year, _) in years.items():
        if name:
            rows[f"{REGISTERED}.{name}"] = year.registrations[CHINA_BUILT]
            rows[f"quota_regime.filled.{name}"] = model.quota_probabilities(year.quota_outcome)["filled"]
    for name, (year, regime) in years.items():
        rows[messages.part("quota_used", name)] = year.within_quota / max(regime.quota or 0.0, 1.0)
    rows["surtax_lost_cad.first_year"] = changes.gap(solved.first_year, "us_surtax_cad")
    chosen = {messages.part(REGISTERED, year, name): built
              for name, by_year in car_choices(setting, law).items() for year, built in by_year.items()}  # fmt: skip
    return {
        name: value if isinstance(value, float) else np.asarray(value, float) for name, value in (rows | chosen).items()
    }


def car_choices(setting: Setting, law: VehicleRegime) -> dict[str, dict[str, Floats]]:
    """China-built cars under another assumption; another appeal or day of the first count weighs the draws anew."""

    def cars(regime: VehicleRegime, drawn: pd.DataFrame) -> dict[str, Floats]:
        solved = (model.simulate(setting.vehicles, drawn, regime), entry.first_year(setting.vehicles, drawn, regime))
        return {
            year: outcome.registrations[CHINA_BUILT] for year, outcome in zip(("", "first_year"), solved, strict=True)
        }

    def anew(**values: float) -> dict[str, Floats]:
        base, draws = setting.vehicles, setting.draws  # one seed for them, and no law
        drawn = arrays.solution_of(
            f"simulations of cars: {values}",
            (),
            lambda: models.weighed_cars(base, draws.assign(**values), seed=setting.seed),
            same=(base, draws),
        )
        return cars(law, drawn)

    opened = cars(replace(law, rebate_china_cad=law.rebate_cad), setting.cars)
    counted = {f"counted_after_{month}_months": anew(count_months=float(month)) for month in COUNT_MONTHS}
    return {"same_appeal": anew(china_appeal=1.0), "rebate_open": opened, **counted}


def treatments(simulation: Simulation) -> dict[str, Outputs]:
    """The electric-car outputs under every rule for cars above the quota; empty where the scenario has no quota."""
    if simulation.regimes.scenario.quota is None:
        return {}
    setting = simulation.setting
    laws = {name: models.vehicle_regimes(setting, above_quota=name) for name in TREATMENTS}
    return {name: changes.vehicle_change(models.vehicle_pair(setting, law)) for name, law in laws.items()}
