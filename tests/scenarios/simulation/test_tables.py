"""Tables in words: no assumed cell is lost or counted twice, and columns hold what their headings say."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from tradeexposure.core import units
from tradeexposure.econometrics.inference.draws import spread
from tradeexposure.scenarios.simulation import changes, tables, variants
from tradeexposure.scenarios.simulation.changes import Outputs
from tradeexposure.scenarios.simulation.models import Simulation
from tradeexposure.vehicles.market import base_year


def test_every_assumed_cell_is_told_once_and_in_words(deal: Simulation) -> None:
    cells = tables.assumed(deal)
    assert cells["what"].is_unique
    assert not cells["what"].str.contains("_", regex=False).any()
    canola = deal.market.base.table.query("assumed and quantity == 'volume'")
    volumes = cells[cells["what"].str.contains(r"^(?:Seed|Oil|Meal), ")]
    assert sorted(set(volumes["value"])) == sorted(set(canola["value"]))
    cars = pd.concat([deal.setting.vehicles.cells(), deal.setting.us.cells]).query("assumed")
    assert set(cars["value"]) <= set(cells["value"])


def test_vehicles_assembled_are_told_with_the_year_of_the_base(deal: Simulation) -> None:
    assert f"Vehicles assembled in Canada, {base_year.YEAR}" in set(tables.car_market(deal.setting)["what"])


def test_markets_with_the_same_figure_share_a_row(deal: Simulation) -> None:
    cells = tables.assumed(deal).set_index("what")
    assert cells["value"]["Oil, Canada to Japan and the European Union"] == 0
    assert "grown as the crush" in cells["source"]["Oil, Canada to China"]


def test_duties_stand_under_the_regime_that_charges_them(deal: Simulation) -> None:
    duties = tables.duties(deal).set_index("good")
    assert duties.loc["Canola seed into China", ["base", "against", "scenario"]].tolist() == ["9.00%", "84.8%", "14.9%"]
    quota = duties.loc["Quota, cars a year", ["base", "against", "scenario"]].tolist()
    assert quota == ["none", "none", "49,000"]
    assert duties.loc["Electric cars from China into Canada", ["against", "scenario"]].tolist() == ["106%", "6.10%"]


def test_priors_have_their_lower_end_below_and_their_higher_end_above(deal: Simulation) -> None:
    priors = tables.drawn(deal.setting, {"volume_fall_2019"})
    assert (priors["low"] <= priors["median"]).all() and (priors["median"] <= priors["high"]).all()
    assert (priors["low"] < priors["high"]).sum() > 20
    assert priors["evidence"].str.startswith("An estimate of the notebooks before").sum() == 1


def test_each_case_of_canola_names_what_it_is_over_and_when(deal: Simulation) -> None:
    markets = {ending: changes.canola_change(market) for ending, market in deal.markets.items()}
    cases = tables.beside(markets, deal.setting)
    whens = [case.rpartition(", ")[2] for case in cases["case"]]
    assert whens == ["after adjustment", "first year"] * 2
    titles = [case.rpartition(", ")[0] for case in cases["case"]]
    assert titles[:2] == [deal.setting.against_title] * 2 and titles[2:] == [deal.setting.beside_title] * 2
    gain = spread(deal.market.income)
    span = units.write_range(gain.low, gain.high, "CAD", 2)
    assert cases["income"][0] == f"{units.write(gain.value, 'CAD', 2)} ({span})"


def test_fewer_cars_come_in_the_first_year_than_with_all_makers_there(deal: Simulation, cars: Outputs) -> None:
    choices = tables.entering({**cars, **variants.entering(deal)}).set_index("choice")
    first, steady = (choices[name].str.replace(",", "").astype(float) for name in ("first", "steady"))
    assert (first <= steady).all() and first["As above"] < steady["As above"]


def test_rules_above_the_quota_stand_beside_what_they_do(deal: Simulation, cars: Outputs) -> None:
    rules = tables.treatments(cars, variants.treatments(deal)).set_index("treatment")
    closed, free = (rules.loc[name] for name in ("No entry above the quota", "The ordinary duty above the quota"))
    assert free["revenue"] > closed["revenue"] > 0 and free["displaced"] >= closed["displaced"] > 0
    names = ("china_built_registrations", "displaced", "quota_rent_cad", "tariff_revenue_cad", "consumer_surplus_cad")
    known = {name: np.full(3, place) for place, name in enumerate(names, 1)}
    alone = tables.treatments(known, {}).iloc[0].to_dict()
    assert alone == {"treatment": "No quota in this scenario", "cars": 1, "displaced": 2, "rent": 3, "revenue": 4,
                     "surplus": 5}  # fmt: skip


def test_the_account_ends_with_both_sums(deal: Simulation) -> None:
    account = changes.accounts(deal)[""]
    lines = tables.account(account).set_index("line")
    assert list(lines.index[-2:]) == ["Canada, canola and cars", "The same without crushers"]
    crushers = lines.loc["Canola crushers", "value"]
    assert crushers < 0 and lines["value"].iloc[-1] > lines["value"].iloc[-2]
    assert (lines["low"] <= lines["value"]).all() and (lines["value"] <= lines["high"]).all()


def test_the_ranking_has_the_output_at_the_end_that_its_heading_names(deal: Simulation, cars: Outputs) -> None:
    """A car from China that buyers like more takes more buyers from others."""
    ranks = variants.ranked(deal.setting, {"displaced_registrations": cars["displaced"]})
    row = ranks.set_index("assumption").loc["china_appeal"]
    assert row["at_low"] < row["at_high"]
    shown = tables.ranking(ranks)
    ends = shown[["at_low", "at_high"]].map(lambda text: float(re.sub("[^0-9.]", "", text)))
    assert ends.to_numpy() == pytest.approx(ranks[["at_low", "at_high"]].head(tables.MOST).to_numpy(), rel=0.06)
