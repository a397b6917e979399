"""English text read back through messages: values stay in their places, whole messages come before parts of them."""

from __future__ import annotations

import pytest

from tradeexposure.publishing.languages import french_numbers
from tradeexposure.publishing.languages.matching import Translator

SPACE = french_numbers.SPACE


Messages = dict[str, str | tuple[str, str]]
COUNTED: Messages = {
    "{name}, {n} year ahead": "{name}, horizon : {n} an", "seed": "graines",
    "{name}, {n} years ahead": ("{name}, horizon : {n} an", "{name}, horizon : {n} ans"),
}  # fmt: skip
#: What is so: the messages, and texts with what becomes of them.
READ: dict[str, tuple[Messages, dict[str, str | None]]] = {
    "each value goes to its own place": (
        {"{step} to {step_2}, by content": "de {step} à {step_2}, selon le contenu",
         "{share} of {share_2} of them sold": "vendu : de {share_2}, {share}"},
        {"0% to 25%, by content": "de 0 % à 25 %, selon le contenu", "5% of 20% of them sold": "vendu : de 20 %, 5 %"},
    ),
    "a repeated placeholder takes equal values alone": (
        {"largest of {cells} markets; 1/{cells} is smallest": "sur {cells} marchés; 1/{cells} au plus petit",
         "{good} and {good} sold": "{good} et {good}, ventes", "seed": "graines", "oil": "huile"},
        {"largest of 9 markets; 1/9 is smallest": "sur 9 marchés; 1/9 au plus petit",
         "largest of 9 markets; 1/8 is smallest": None, "seed and oil sold": None,
         "oil and oil sold": "huile et huile, ventes"},
    ),
    "another message is tried where the first has other numbers": (
        {"{low} to {high} for seed": "{low} à {low} pour les graines", "{span} for seed": "graines : {span}"},
        {"C$5 to C$9 for seed": "graines : 5 $ à 9 $"},
    ),
    "a placeholder that the French misspells is on no page": (
        {"Growers gain {gain}": "Gain : {gian} {gain}", "Not a number: {here}": "Pas un nombre : {here}"},
        {"Growers gain C$5": None, "Not a number: {here}": "Pas un nombre : {here}"},
    ),
    "an exact message comes first also in another case": (
        {"buyers of cars": "acheteurs de voitures", "{cars} of {quota}": "{cars} sur {quota}", "buyers": "acheteurs",
         "cars": "voitures", "Rent of the quota": "Rente du contingent", "GTAP": "le modèle GTAP",
         "in 2024": "pendant l’année 2024"},
        {"Buyers of cars": "Acheteurs de voitures", "rent of the quota.": "rente du contingent.",
         "GTAP": "le modèle GTAP", "in 2024": "pendant l’année 2024"},
    ),
    "the message that says most wins": (
        {"{x} sold by {y}": "{x} vendu par {y}", "{x} sold by farmers in {y}": "ventes des fermes, {y} : {x}",
         "farmers in 2024": "les fermes en 2024"},
        {"5 kt sold by farmers in 2024": "ventes des fermes, 2024 : 5 kt"},
    ),
    "a message of one short word takes numbers, dates and exact messages": (
        {"without {x}": "sans {x}", "the {key}": "le {key}", "seed": "graine", "share {x}, alone": "part {x}, seule"},
        {"without 2020": "sans 2020", "without seed": "sans graine", "without share 5%, alone": None},
    ),
    "a preposition joins numbers alone": (
        {"{cars} of {quota}": "{cars} sur {quota}", "change": "variation", "rent": "rente"},
        {"change of rent": None, "3 of 14": "3 sur 14"},
    ),
    "a message that counts has its number": (
        COUNTED,
        {f"seed, {english} ahead": f"graines, horizon : {french}" for english, french in (
            ("1 years", "1 an"), ("1 year", "1 an"), ("2 years", "2 ans"), ("0 years", "0 an"), ("1.5 years", "1,5 an"),
        )},
    ),
    "an ending may be empty": (
        {"Share others took{known}, {name}": "Part prise par d’autres{known}, {name}", "(known)": "(connue)"},
        {"Share others took, 2019": "Part prise par d’autres, 2019",
         "Share others took (known), 2019": "Part prise par d’autres (connue), 2019"},
    ),
    "labels beside each other are read apart": (
        {"Gain a year": "Gain par an", "The quota of 2030": "Le contingent de 2030"},
        {"Gain a year: The quota of 2030": "Gain par an : Le contingent de 2030",
         "Gain a year 2024": "Gain par an 2024"},
    ),
    "a name in code is no word": (
        {"Cell {cell}": "Cellule {cell}", "imports": "importations"}, {"Cell imports": "Cellule imports"},
    ),
    "the end of a range is no place and no ending": (
        {"Change of income{words}": "Variation du revenu{words}", "a year": "par an", "low": "faible",
         "Change of income a year: {geo}": "Variation du revenu par an, {geo}",
         "{what}: low ({span})": "{what} : borne inférieure ({span})"},
        {"Change of income a year: low (90%)": "Variation du revenu par an : borne inférieure (90 %)"},
    ),
}  # fmt: skip


def told(text: str, messages: Messages) -> str | None:
    french = Translator(messages).text(text)
    return None if french is None else french.replace(SPACE, " ")


@pytest.mark.parametrize("so", READ)
def test_a_text_is_read_through_its_messages(so: str) -> None:
    messages, texts = READ[so]
    assert {text: told(text, dict(messages)) for text in texts} == texts


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


@pytest.mark.parametrize("word", ["doubled", "doubled.", "two-sided", "and/or", "Border"])
def test_an_unknown_word_is_no_identifier(word: str) -> None:
    assert told(word, {}) is None


@pytest.mark.parametrize("name", ["ev_sales", "2025_mar.fit_2024", "<code>max(x)</code>", "results.csv", "GTAP"])
def test_an_identifier_stays_as_it_is(name: str) -> None:
    assert told(name, {}) == name


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
