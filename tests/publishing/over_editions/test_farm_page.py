"""The page of a farm's numbers: from published changes alone, worked out for average farms, the same bytes again."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pandas as pd
import pytest
import samplenotebook as sample
from pageread import words

from tradeexposure import data
from tradeexposure.policy import scenarios
from tradeexposure.publishing.manifest import RESULTS, PublishedEdition
from tradeexposure.publishing.over_editions import farm_page
from tradeexposure.publishing.over_editions.farm_page import Farm, gain

pytestmark = pytest.mark.usefixtures("loaded_once")


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> PublishedEdition:
    return sample.publish_farm_prices(tmp_path_factory.mktemp("farm") / "deal_2026")


@pytest.fixture(scope="module")
def text(edition: PublishedEdition) -> str:
    return farm_page.pages(edition)["en"]


def script_data(text: str) -> dict:
    return json.loads(re.search(r'id="farm-data">(.*?)</script>', text)[1])


def offered() -> list[str]:
    """Scenarios that have later years: one within the crop year has none."""
    return [name for name in scenarios.SHIPPED if scenarios.load(name).horizon == "acreage"]


def test_every_scenario_stands_once_as_it_was_published(edition: PublishedEdition, text: str) -> None:
    """The deal twice, over each of its counterfactuals; numbers are those of the edition's own file, unrounded."""
    published = {row["result_id"]: row for row in edition.written_numbers()}
    rows = farm_page.rows(edition.written_numbers())
    assert sorted(rows) == sorted([*offered(), farm_page.SETTLED]) and list(rows)[:2] == [
        farm_page.IN_FORCE,
        farm_page.SETTLED,
    ]
    for (key, row), shown in zip(rows.items(), script_data(text)["rows"], strict=True):
        for horizon, ending in (("after", ""), ("first", ".first_year")):
            source = published[f"{farm_page.PRICE_CHANGE}.{key}{ending}"]
            assert shown[horizon] == [float(source[end]) for end in farm_page.ENDS]
        assert shown["included"] is (key in (farm_page.IN_FORCE, farm_page.SETTLED))
        assert html.escape(row.title, quote=False).replace("'", "&#39;") in text


def test_what_a_price_is_taken_for_follows_from_what_a_scenario_is_compared_with(edition: PublishedEdition) -> None:
    groups = {key: row.group for key, row in farm_page.rows(edition.written_numbers()).items()}
    before = {name for name in offered() if scenarios.load(name).against == "before_measures"}
    assert {key for key, group in groups.items() if group in (farm_page.DUTIES_2025, farm_page.ELSEWHERE)} == before
    assert [key for key, group in groups.items() if group == farm_page.DUTIES_2025] == ["status_quo_2025"]
    assert groups["escalation"] == farm_page.NEXT


def test_average_farms_are_worked_out_without_a_script(edition: PublishedEdition, text: str) -> None:
    rows = farm_page.rows(edition.written_numbers())
    table = words(text.partition('id="worked-heading"')[2].partition("</table>")[0])
    for place in farm_page.provinces():
        worth = [farm_page.money(farm_page.gain(place.farm, change, included=True)["farm"])
                 for key in (farm_page.IN_FORCE, farm_page.SETTLED) for change in rows[key].after]  # fmt: skip
        farm = f"{place.name} {place.farm.acres} {place.farm.bushels} C${place.farm.price}"
        assert f"{farm} {worth[1]} {worth[0]} to {worth[2]} {worth[4]} {worth[3]} to {worth[5]}" in table
    assert words(text.partition('id="farm-answer">')[2].partition("</p>")[0]).count("C$") == 2
    assert "if China had kept 84.8% on seed" in text and "China settled on 14.9% anyway" in text


STEP = {"result_id": farm_page.SEEN, "unit": "change", "level": "0.95", "digits": "2", "period": "2025-08 to 2026-05",
        "tables": ""}  # fmt: skip
FRONT = {"result_id": farm_page.PER_FARM.format(code="sk"), "value": "27000", "low": "13000", "high": "46000",
         "level": "0.9", "unit": "CAD per farm", "digits": "2", "period": "a year", "tables": ""}  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        (
            (-0.018, -0.14, 0.12),
            "do not show it yet: allowing for world oilseed prices, −1.8% (−14% to +12%), a 95% interval,",
        ),
        (
            (0.04, 0.01, 0.09),
            "of March to May 2026 were higher than in the months of China’s provisional duty, by 4.0%",
        ),
        ((-0.04, -0.09, -0.01), "were lower than in the months of China’s provisional duty, by 4.0% (1.0% to 9.0%)"),
    ],
)
def test_what_prices_did_stands_beside_what_the_model_says(tmp_path: Path, ends: tuple, says: str) -> None:
    step = {**STEP, **dict(zip(("value", "low", "high"), map(str, ends), strict=True))}
    text = words(
        farm_page.pages(sample.publish_farm_prices(tmp_path / "deal_2026", [*sample.farm_prices(), step, FRONT]))["en"]
    )
    assert says in text and "No published source settles which of the two" in text
    assert "The front page has C$27,000 for the average farm in Saskatchewan: it shares out" in text


IN_2025 = {"result_id": farm_page.SEEN_2025, "value": "-0.06", "low": "-0.16", "high": "0.058", "level": "0.95",
           "unit": "change", "digits": "2", "period": "2025-08 to 2026-02", "tables": ""}  # fmt: skip
QUOTED = {"result_id": farm_page.FUTURES_2025, "value": "-40", "low": "-50", "high": "-30", "level": "",
          "unit": "CAD per tonne", "digits": "2", "period": "2025-08", "tables": ""}  # fmt: skip


def test_what_2025_cost_is_not_folded_and_says_what_was_seen(tmp_path: Path) -> None:
    edition = sample.publish_farm_prices(tmp_path / "deal_2026", [*sample.farm_prices(), IN_2025, QUOTED])
    text = farm_page.pages(edition)["en"]
    unfolded = words(re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL))
    assert "What China’s duties of 2025 would cost, had they stayed" in unfolded
    seen = "cannot be read from farm prices of August 2025 to February 2026: −6.0% (−16% to +5.8%), a 95% interval,"
    assert seen in unfolded
    assert "were quoted C$30 to C$50 a tonne lower within days in August 2025, C$0.68 to C$1.13 a bushel." in unfolded
    assert "No government money is counted" in unfolded


def test_each_scenario_says_what_it_asks_and_none_how_likely_it_is(text: str) -> None:
    asked = [scenarios.load(name).question for name in offered() if name != farm_page.IN_FORCE]
    assert len(asked) == 9 and [question for question in asked if question not in words(text)] == []
    assert "We give no odds for any scenario." in words(text)


def test_the_guide_is_quoted_and_a_price_change_of_a_province_is_not_claimed(text: str) -> None:
    table = words(text.partition('id="costs-heading"')[2].partition("</table>")[0])
    assert "Black 50.0 13.20 660.00 428.53 624.02" in table and "Brown 35.3 13.20 465.44 341.65 500.57" in table
    assert "publishes no price change of a province" in text
    assert "https://publications.saskatchewan.ca/api/v1/products/122661/formats/153138/download" in text


def test_the_same_numbers_give_the_same_bytes_and_ask_for_no_name(edition: PublishedEdition, text: str) -> None:
    assert farm_page.pages(edition)["en"] == text
    assert set(re.findall(r'<input [^>]*?name="(\w+)"', text)) == {
        "province",
        "zone",
        "when",
        "acres",
        "bushels",
        "price",
    }
    assert not re.search(r"localStorage|sessionStorage|cookie|fetch\(|XMLHttp|sendBeacon", text)


def test_in_french_every_text_has_its_words(edition: PublishedEdition) -> None:
    french = farm_page.pages(edition, languages=("en", "fr"))["fr"]
    assert not [tag for tag in re.findall(r'<[^>]* lang="en"[^>]*>[^<]*', french) if "hreflang" not in tag]
    script = script_data(french)
    assert script["messages"]["empty"] == "Entrez un nombre." and script["writing"]["decimal"] == ","
    assert script["duties"]["titles"]["high_duty"].replace("\N{NO-BREAK SPACE}", " ") == "84,8 %"
    assert all("boisseau" in place["messages"]["price"] for place in script["provinces"].values())


def test_without_what_the_deal_changes_there_is_no_page(edition: PublishedEdition, tmp_path: Path) -> None:
    """No edition, one of an earlier version, one without its second comparison, one that somebody altered."""
    assert farm_page.pages(None) == {}
    rows = sample.farm_prices()
    without = [row for row in rows if row["result_id"] != f"{farm_page.PRICE_CHANGE}.{farm_page.SETTLED}"]
    assert farm_page.pages(sample.publish_farm_prices(tmp_path / "one", [])) == {}
    assert farm_page.pages(sample.publish_farm_prices(tmp_path / "two", without)) == {}
    without = [row for row in rows if row["result_id"] != f"{farm_page.PRICE_CHANGE}.{farm_page.SETTLED}.first_year"]
    assert farm_page.pages(sample.publish_farm_prices(tmp_path / "soon", without)) == {}
    altered = sample.publish_farm_prices(tmp_path / "three")
    assert farm_page.pages(altered).keys() == {"en"}
    results = altered.folder / RESULTS
    results.write_text(results.read_text("utf-8").replace("0.057", "0.57"), "utf-8")
    assert farm_page.pages(altered) == {}


FARM = Farm(acres=1000, bushels=50, price=16)


def test_a_change_by_hand() -> None:
    """C$16 a bushel, 5% less: 80 cents a bushel, C$35.27 a tonne, C$40 an acre, C$40,000 on 1,000 acres."""
    change = gain(FARM, -0.05, included=False)
    assert change == {"bushel": pytest.approx(-0.8), "tonne": pytest.approx(-0.8 / 0.02268),
                     "acre": pytest.approx(-40), "farm": pytest.approx(-40_000)}  # fmt: skip


def test_what_the_price_holds_already_is_taken_off_a_price_without_it() -> None:
    """A deal that added 25% to C$12.80 made C$16: it is worth C$3.20, as much as its end would cost (−20%)."""
    worth = gain(FARM, 0.25, included=True)
    assert worth["bushel"] == pytest.approx(3.2)
    assert worth["farm"] == pytest.approx(-gain(FARM, -0.2, included=False)["farm"])


@pytest.mark.parametrize(
    ("value", "signed"),
    [(31_994.6, "+32,000"), (-0.8631, "−0.86"), (1.456, "+1.5"), (0.0581, "+0.058"), (9.96, "+10"), (6.62, "+6.6"),
     (0.0, "0"), (-1_250_000, "−1,200,000")],
)  # fmt: skip
def test_two_digits(value: float, signed: str) -> None:
    """A third would be none of the model's: C$1.456 a bushel was written +1.50."""
    assert farm_page.signed(value) == signed
    assert farm_page.written(value) == signed.removeprefix("+")


def test_average_farms_are_area_over_farms_and_harvest_over_area() -> None:
    """By hand for Saskatchewan: 11,980,413 acres on 14,578 farms; 12,434,511 t from 4,904,400 ha; C$706.10 a tonne."""
    places = {place.name: place for place in farm_page.provinces()}
    assert list(places) == ["Saskatchewan", "Alberta", "Manitoba"]
    farm = places["Saskatchewan"].farm
    assert farm.acres == round(11_980_413 / 14_578) == 822
    assert farm.bushels == pytest.approx(12_434_511 / 0.02268 / (4_904_400 * 2.47105), abs=0.05)
    assert farm.price == round(706.1 * 0.02268, 2) == 16.01
    assert {(f"{place.price.month:%Y-%m}", place.price.per_tonne) for place in places.values()} == {("2026-06", 706.1)}
    own = {name: (f"{place.own_price.month:%Y-%m}", place.own_price.per_tonne) for name, place in places.items()}
    assert own["Saskatchewan"] == ("2025-11", 622.17) and len(set(own.values())) == 3


def test_the_guide_adds_up() -> None:
    """Gross revenue is yield times price but for the rounding of the yield; variable expenses are a part of all."""
    guide = pd.DataFrame(farm_page.guide_rows())
    assert guide["soil_zone"].tolist() == ["Black", "Dark Brown", "Brown"] and set(guide["year"]) == {2026}
    gross = guide["yield_bushels_per_acre"] * guide["price_cad_per_bushel"]
    assert (gross - guide["gross_revenue_cad_per_acre"]).abs().max() <= 0.05 * 13.2
    assert (guide["total_expenses_cad_per_acre"] > guide["variable_expenses_cad_per_acre"]).all()
    assert data.sources([farm_page.GUIDE])["licence"].str.contains("quoted with their source").all()
