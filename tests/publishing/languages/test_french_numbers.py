"""Numbers, dates and money in French, and the numbers that a text holds in either language."""

from __future__ import annotations

import pytest

from tradeexposure.publishing.languages import french_numbers

SPACE = french_numbers.SPACE
WRITTEN = {
    "C$1.2 bn": "1,2 G$",
    "C$48450": "48 450 $",
    "US$1,000": "1 000 $ US",
    "C$200 m to C$1.2 bn a year": "200 M$ à 1,2 G$ par an",
    "84.8%": "84,8 %",
    "5,870 kt": "5 870 kt",
    "2025Q3": "T3 2025",
    "since 20 Mar 2025": "depuis le 20 mars 2025",
    "in March 2025": "en mars 2025",
    "in April to December 2025": "d’avril à décembre 2025",
    "April to December 2025": "avril à décembre 2025",
    "from October 2020": "d’octobre 2020",
    "in 2018 to 2020": "de 2018 à 2020",
    "1 Mar 2019 to 17 May 2022": "du 1er mars 2019 au 17 mai 2022",
    "0% · 1 Mar to 31 Dec 2026": "0 % · du 1er mars au 31 décembre 2026",
    "2014-15 to 2016-17": "2014-2015 à 2016-2017",
    "2014-08": "2014-08",
    "2011-12": "2011-12",
    "8703.80.10": "8703.80.10",
    "0 vehicles a year": "0 véhicule par an",
    "1.5 vehicles a year": "1,5 véhicule par an",
    "0.78 to 7.0 vehicles a year": "0,78 à 7,0 véhicules par an",
}


@pytest.mark.parametrize(("english", "french"), WRITTEN.items())
def test_numbers_and_dates_are_written_as_french_does(english: str, french: str) -> None:
    written = french_numbers.french(english)
    assert written is not None
    assert written.replace(SPACE, " ") == french
    assert french_numbers.same_numbers(english, written)


@pytest.mark.parametrize("text", ["12 months to July 2018", "canola", "12 barns", "", "of", "and to"])
def test_words_are_left_to_messages(text: str) -> None:
    assert french_numbers.french(text) is None


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("From C$1.2 bn (5%) to 3 kt by 1 May", f"De 1,2{SPACE}G$ (5{SPACE}%) à 3{SPACE}kt d’ici le 1er{SPACE}mai"),
        ("a list of C$30 billion", f"une liste de 30{SPACE}G$"),
        ("C$0.68 to 1.3 bn", f"0,68 à 1,3{SPACE}G$"),
        ("in 2008–09, crop year 2014-15", "en 2008–2009, campagne 2014-2015"),
        ("HS6 and SOR/2024-187", "SH6 et DORS/2024-187"),
        ("1.24 million", "1,24 million"),
        ("Claimed Dec 2025", "Demandée déc. 2025"),
        ("seven months", "sept mois"),
        ("<n#12>3</n> of {count}", "<n#7>3</n> sur {count}"),
    ],
)
def test_the_same_numbers_are_the_same_in_both_languages(english: str, french: str) -> None:
    assert french_numbers.same_numbers(english, french)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("5% to 6%", f"5{SPACE}% à 5{SPACE}%"),  # one value twice
        ("5% of 6", f"6{SPACE}% de 5"),  # units at the other value
        ("C$5 m", f"5{SPACE}G$"),  # another scale
        ("US$5 m", f"5{SPACE}M$"),  # another currency
        ("1,234", "1,234"),  # a separator of English
        ("1.5", "1,5 ou 2"),  # one too many
        ("1.5 or 2", "1,5"),  # one too few
        ("\N{MINUS SIGN}5%", f"5{SPACE}%"),  # a sign
        ("in March", "en mai"),  # a month
        ("8703.80", "8703.90"),  # a tariff item
        ("2014-15", "2014-2016"),  # a year of a span
        ("since 2018", "depuis la dispute"),
    ],
)
def test_a_number_that_differs_is_seen(english: str, french: str) -> None:
    assert not french_numbers.same_numbers(english, french)


@pytest.mark.parametrize(
    ("title", "full"),
    [
        ("Gain : 1,2\N{NO-BREAK SPACE}G$ par an", "Gain : 1,2\N{NO-BREAK SPACE}milliard de dollars par an"),
        ("22\N{NO-BREAK SPACE}G$, puis 2,0\N{NO-BREAK SPACE}G$", "22\N{NO-BREAK SPACE}milliards de dollars, puis "
         "2,0\N{NO-BREAK SPACE}milliards de dollars"),
        ("740\N{NO-BREAK SPACE}M$, 3\N{NO-BREAK SPACE}G$ US", "740\N{NO-BREAK SPACE}M$, 3\N{NO-BREAK SPACE}G$ US"),
    ],
)  # fmt: skip
def test_billions_of_a_title_stand_in_words(title: str, full: str) -> None:
    assert french_numbers.in_full(title) == full
