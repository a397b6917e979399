"""The duties of the models side by side: base year, what a scenario is measured against, the scenario."""

from __future__ import annotations

from tradeexposure.policy import duty_tables, regimes, scenarios


def test_the_deal_beside_the_base_year_and_what_it_is_measured_against() -> None:
    deal = scenarios.compared("deal_2026")
    table = duty_tables.of_models(
        (regimes.base_canola(), regimes.canola_against(deal), regimes.canola(deal.scenario)),
        (regimes.base_vehicles(), regimes.vehicles_against(deal), regimes.vehicles(deal.scenario)),
    ).set_index("good")
    wanted = {
        "Canola seed into China": ("9.00%", "84.8%", "14.9%", True),
        "Canola oil into China": ("9.00%", "109%", "109%", False),
        "Electric cars from China into Canada": ("6.10%", "106%", "6.10%", True),
        "The same above the quota": ("no quota", "no quota", "no entry", True),
        "Quota, cars a year": ("none", "none", "49,000", True),
        "Rebate on other electric cars, C$": ("5,000", "5,000", "5,000", False),
        "Rebate on China-built cars, C$": ("5,000", "none", "none", False),
    }
    shown = table.loc[list(wanted), ["base", "against", "scenario", "differs"]]
    assert dict(zip(shown.index, shown.itertuples(index=False, name=None), strict=True)) == wanted
    read = scenarios.load("deal_2026").model_copy(update={"above_quota": "surtax"})
    three = regimes.base_vehicles(), regimes.vehicles(read), regimes.vehicles(deal.scenario)
    above = duty_tables.of_models((regimes.base_canola(),) * 3, three).set_index("good").loc["The same above the quota"]
    assert (above["base"], above["against"], above["scenario"]) == ("no quota", "106%", "no entry")
