"""What the comparison publishes of every scenario is what the simulation published."""

from __future__ import annotations

from wordedrows import worded

from tradeexposure.core import paths, results_csv
from tradeexposure.data import result_words
from tradeexposure.policy import scenarios
from tradeexposure.reporting.results_book import Book
from tradeexposure.scenarios.comparison import inputs
from tradeexposure.scenarios.simulation import messages as simulated

NUMBERS = ["value", "low", "high", "level", "unit"]


def test_the_farm_price_of_every_scenario_is_that_of_its_simulation() -> None:
    book = Book("80_compare_scenarios")
    book.add_frame(inputs.duties())
    rows = inputs.published(inputs.read(book))
    prices = worded("80_compare_scenarios", rows[rows["result_id"].str.startswith(inputs.FARM_PRICE)])
    every = results_csv.read(paths.path("reports", "scenarios.csv"))
    of_price = every[every["result_id"].str.startswith(simulated.PRICE)]
    for row in of_price.to_dict("records"):
        key = row["result_id"].replace(simulated.PRICE, f"{inputs.FARM_PRICE}.{row['scenario']}")
        assert prices.loc[key, NUMBERS].tolist() == [row[name] for name in NUMBERS], key
        assert prices.loc[key, "period"].startswith(row["period"].partition(", against: ")[0])
        assert prices.loc[key, "label"].endswith(f": {scenarios.load(row['scenario']).named}")
    assert len(prices) == len(of_price) > 2 * len(scenarios.SHIPPED)


def test_sales_to_the_united_states_are_those_of_passenger_vehicles() -> None:
    for notebook, key in (("80_compare_scenarios", "comparison"), ("90_write_brief", "brief")):
        labels = result_words.of(notebook)
        assert labels is not None
        label = labels.label(f"{key}.vehicle_export_change_cad.us_338_extended", {"title": "The duty"})
        assert label == "Change of passenger vehicle exports to the United States within a year: The duty"
