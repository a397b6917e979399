"""English text read back through messages: values stay in their places, whole messages come before parts of them."""

from __future__ import annotations

import pytest

from tradeexposure.publishing.languages import french_numbers
from tradeexposure.publishing.languages.matching import Translator

SPACE = french_numbers.SPACE


def told(text: str, messages: dict[str, str | tuple[str, str]]) -> str | None:
    found = Translator(messages).text(text)
    return None if found is None else found.replace(SPACE, " ")


def test_each_value_goes_to_its_own_place() -> None:
    messages = {"{step} to {step_2}, by content": "de {step} à {step_2}, selon le contenu"}
    assert told("0% to 25%, by content", dict(messages)) == "de 0 % à 25 %, selon le contenu"
    turned = {"{share} of {share_2} of them sold": "vendu : de {share_2}, {share}"}
    assert told("5% of 20% of them sold", dict(turned)) == "vendu : de 20 %, 5 %"


def test_a_repeated_placeholder_takes_equal_values_alone() -> None:
    messages = {"largest of {cells} markets; 1/{cells} is smallest": "sur {cells} marchés; 1/{cells} au plus petit"}
    assert told("largest of 9 markets; 1/9 is smallest", dict(messages)) == "sur 9 marchés; 1/9 au plus petit"
    assert told("largest of 9 markets; 1/8 is smallest", dict(messages)) is None
    messages = {"{good} and {good} sold": "{good} et {good}, ventes", "seed": "graines", "oil": "huile"}
    assert told("seed and oil sold", dict(messages)) is None
    assert told("oil and oil sold", dict(messages)) == "huile et huile, ventes"


def test_another_message_is_tried_where_the_first_has_other_numbers() -> None:
    messages = {"{low} to {high} for seed": "{low} à {low} pour les graines", "{span} for seed": "graines : {span}"}
    assert told("C$5 to C$9 for seed", dict(messages)) == "graines : 5 $ à 9 $"


@pytest.mark.parametrize(
    ("message", "french"),
    [
        ("{low} to {high} a tonne more", "de {low} à {low} de plus la tonne"),  # the second value is lost
        ("{low} to {high} a tonne more", "de {low} à {high} de plus la tonne, en 2025"),  # a number of nowhere
        ("Sold in 2024: {low} and {high}", "Ventes de 2025 : {low} et {high}"),  # a number of the message
        ("Sold in 2024", "Ventes de 2025"),  # a message without placeholders
    ],
)
def test_a_text_with_other_numbers_stays_english_and_is_counted(message: str, french: str) -> None:
    text = message.replace("{low}", "C$5").replace("{high}", "C$9")
    assert Translator({message: french}).sentences(text) == ((text, False),)


def test_an_exact_message_comes_first_also_in_another_case() -> None:
    messages = {"buyers of cars": "acheteurs de voitures", "{cars} of {quota}": "{cars} sur {quota}",
                "buyers": "acheteurs", "cars": "voitures", "Rent of the quota": "Rente du contingent"}  # fmt: skip
    assert told("Buyers of cars", dict(messages)) == "Acheteurs de voitures"
    assert told("rent of the quota.", dict(messages)) == "rente du contingent."
    assert told("GTAP", {"GTAP": "le modèle GTAP"}) == "le modèle GTAP"
    assert told("in 2024", {"in 2024": "pendant l’année 2024"}) == "pendant l’année 2024"


def test_the_message_that_says_most_wins() -> None:
    messages = {"{x} sold by {y}": "{x} vendu par {y}", "{x} sold by farmers in {y}": "ventes des fermes, {y} : {x}",
                "farmers in 2024": "les fermes en 2024"}  # fmt: skip
    assert told("5 kt sold by farmers in 2024", dict(messages)) == "ventes des fermes, 2024 : 5 kt"


def test_a_message_of_one_short_word_takes_numbers_dates_and_exact_messages() -> None:
    messages = {"without {x}": "sans {x}", "the {key}": "le {key}", "seed": "graine",
                "share {x}, alone": "part {x}, seule"}  # fmt: skip
    assert told("without 2020", dict(messages)) == "sans 2020"
    assert told("without seed", dict(messages)) == "sans graine"
    assert told("without share 5%, alone", dict(messages)) is None


def test_a_preposition_joins_numbers_alone() -> None:
    messages = {"{cars} of {quota}": "{cars} sur {quota}", "change": "variation", "rent": "rente"}
    assert told("change of rent", dict(messages)) is None
    assert told("3 of 14", dict(messages)) == "3 sur 14"


@pytest.mark.parametrize("word", ["doubled", "doubled.", "two-sided", "and/or", "Border"])
def test_an_unknown_word_is_no_identifier(word: str) -> None:
    assert told(word, {}) is None


@pytest.mark.parametrize("name", ["ev_sales", "2025_mar.fit_2024", "<code>max(x)</code>", "results.csv", "GTAP"])
def test_an_identifier_stays_as_it_is(name: str) -> None:
    assert told(name, {}) == name


def test_a_message_that_counts_has_its_number() -> None:
    messages: dict[str, str | tuple[str, str]] = {
        "{name}, {n} year ahead": "{name}, horizon : {n} an",
        "{name}, {n} years ahead": ("{name}, horizon : {n} an", "{name}, horizon : {n} ans"),
        "seed": "graines",
    }
    assert [told(f"seed, {n} ahead", messages) for n in ("1 years", "1 year", "2 years", "0 years", "1.5 years")] == [
        "graines, horizon : 1 an", "graines, horizon : 1 an", "graines, horizon : 2 ans", "graines, horizon : 0 an",
        "graines, horizon : 1,5 an",
    ]  # fmt: skip


def test_an_ending_may_be_empty() -> None:
    messages = {"Share others took{known}, {name}": "Part prise par d’autres{known}, {name}", "(known)": "(connue)"}
    assert told("Share others took, 2019", dict(messages)) == "Part prise par d’autres, 2019"
    assert told("Share others took (known), 2019", dict(messages)) == "Part prise par d’autres (connue), 2019"


def test_labels_beside_each_other_are_read_apart() -> None:
    messages = {"Gain a year": "Gain par an", "The quota of 2030": "Le contingent de 2030"}
    assert told("Gain a year: The quota of 2030", dict(messages)) == "Gain par an : Le contingent de 2030"
    assert told("Gain a year 2024", dict(messages)) == "Gain par an 2024"


@pytest.mark.parametrize(
    ("day", "french"),
    [
        ("30 September 2026", "jusqu’au 30 septembre 2026, à partir du 30 septembre 2026"),
        ("1 March 2026", "jusqu’au 1er mars 2026, à partir du 1er mars 2026"),
        ("August 2026", "jusqu’à août 2026, à partir d’août 2026"),
        ("2026-02", "jusqu’à 2026-02, à partir de 2026-02"),
    ],
)
def test_a_preposition_joins_the_date_in_a_placeholder(day: str, french: str) -> None:
    messages = {"data to {reach}, from {first}": "jusqu’à {reach}, à partir de {first}"}
    assert told(f"data to {day}, from {day}", dict(messages)) == french


@pytest.mark.parametrize(
    ("months", "french"),
    [
        ("March to August 2026", "De mars à août 2026, vendu"),
        ("October 2025 to April 2026", "D’octobre 2025 à avril 2026, vendu"),
        ("August 2026", "En août 2026, vendu"),
    ],
)
def test_months_follow_the_word_that_they_need(months: str, french: str) -> None:
    assert told(f"In {months} sold", {"In {months} sold": "En {months}, vendu"}) == french


def test_the_end_of_a_range_is_no_place_and_no_ending() -> None:
    messages = {"Change of income{words}": "Variation du revenu{words}", "a year": "par an", "low": "faible",
                "Change of income a year: {geo}": "Variation du revenu par an, {geo}",
                "{what}: low ({span})": "{what} : borne inférieure ({span})"}  # fmt: skip
    assert (
        told("Change of income a year: low (90%)", dict(messages))
        == "Variation du revenu par an : borne inférieure (90 %)"
    )


@pytest.mark.parametrize(
    ("text", "tries"),
    [
        ("We know it. Nobody asks. It stays.", 0),
        ("We know it. – 2024", 1),  # a sign goes on with anything
        ("by W. Antweiler. It stays.", 1),  # words that a message has on both sides of a full stop
        ("We know it. Edition of May", 1),  # a placeholder may end a sentence
    ],
)
def test_sentences_are_tried_together_only_where_a_message_may_go_on(
    text: str, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = {"We know it.": "On le sait.", "Nobody asks.": "Personne ne demande.", "It stays.": "Cela reste.",
                "by W. Antweiler.": "par W. Antweiler.", "{work} Edition of May": "{work} Édition de mai"}  # fmt: skip
    translator, seen = Translator(messages), list[str]()
    read = translator._message
    monkeypatch.setattr(translator, "_message", lambda text: seen.append(text) or read(text))
    assert translator.text(text) is not None
    assert sum(". " in text.removesuffix(".") for text in {*seen}) == tries
