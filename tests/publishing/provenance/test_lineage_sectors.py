"""What belongs to canola, to electric cars, and to vehicles sold to the United States."""

from __future__ import annotations

from tradeexposure.policy import assumptions, tariff_schedule
from tradeexposure.publishing.provenance import lineage


def test_tables_of_one_sector_alone_decide():
    assert lineage.sectors_of_tables(["grain_exports_monthly", "exchange_rate_monthly"]) == {"canola"}
    assert lineage.sectors_of_tables(["vehicle_production", "vehicle_trade_shares"]) == {"us"}
    assert lineage.sectors_of_tables(["exchange_rate_monthly"]) == {"canola", "ev", "us"}, "nothing tells: any"
    assert lineage.sectors_of_tables(["merchandise_trade_monthly", "no_such_table"]) == set()


def test_a_duty_rests_on_no_table_and_its_name_tells():
    assert lineage.sectors_of_name("scenario.canola.china_meal_duty") == {"canola"}
    assert lineage.sectors_of_name("scenario.sensitivity.consumer_surplus.us_car_value_cad") == set(), (
        "nothing tells: any"
    )


def test_a_measure_belongs_where_its_products_are():
    of = {measure.id: lineage.sectors_of_measure(measure) for measure in tariff_schedule.all_measures()}
    assert of["china_seed_antidumping"] == {"canola"} and of["canada_ev_surtax"] == {"ev"}
    assert of["us_cusma"] == {"canola", "ev", "us"} and of["china_pork_additional"] == set()


def test_priors_are_those_that_say_they_move_it():
    known = assumptions.load()
    assert lineage.priors_of(("*", "seed_supply"), frozenset({"us"})) == ()
    assert lineage.priors_of(("us_content", "seed_supply"), frozenset({"us"})) == ("us_content",)
    assert lineage.priors_of(("*",), frozenset()) == tuple(known)


def test_choices_are_those_of_the_sectors():
    both = ("shutting_duty", "least_rival_share", "before_2019")
    assert lineage.choices_of(both, frozenset({"ev"})) == ("shutting_duty",)
    every = lineage.choices_of(("*", "2019"), frozenset({"canola"}))
    assert {"2019", "before_2019"} <= {*every} and not {"*", "shutting_duty"} & {*every}
    assert lineage.choices_of(both, frozenset({"canola"})) == both[1:] and lineage.choices_of(both, frozenset()) == both
