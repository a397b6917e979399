"""Rendered English read back through messages."""

from __future__ import annotations

import pytest

from tradeexposure.publishing.languages.matching import Translator

MESSAGES = {
    "Canola": "Canola",
    "canola seed": "graines de canola",
    "Buyers of cars": "Acheteurs de voitures",
    "Growers gain {value}.": "Les producteurs gagnent {value}.",
    "Growers gain {value} in {geo}.": "En {geo}, les producteurs gagnent {value}.",
    "{cars} of {quota}": "{cars} sur {quota}",
    "{step} to {step}, by content": "de {step} à {step}, selon le contenu",
    "{rate} on {lower}{line}": "{rate} ({lower}{line})",
    "<strong>Range.</strong> It is wide.": "<strong>Fourchette.</strong> Elle est large.",
    "Share of the shortfall{known}, {name}": "Part du manque{known}, {name}",
}


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator(MESSAGES)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Growers gain C$1.2 bn.", "Les producteurs gagnent 1,2~G$."),
        ("Growers gain C$1.2 bn in Alberta.", None),
        ("Growers gain C$1.2 bn in Canada.", "En Canada, les producteurs gagnent 1,2~G$."),
        ("Growers gain <n#1>C$1.2 bn</n>.", "Les producteurs gagnent <n#1>1,2~G$</n>."),
        ("Canola seed", "Graines de canola"),
        ("Canola; canola seed", "Canola; graines de canola"),
        ("Buyers of cars", "Acheteurs de voitures"),
        ("22,000 of 49,000", "22~000 sur 49~000"),
        ("9% to 25%, by content", None),  # two values of one placeholder
        ("14.9% on canola seed", "14,9~% (graines de canola)"),
        ("<strong#1>Range.</strong> It is wide.", "<strong#1>Fourchette.</strong> Elle est large."),
        ("Share of the shortfall, canola seed", "Part du manque, graines de canola"),
        ("Growers gain 2. Canola", "Les producteurs gagnent 2. Canola"),
        ("unheard", None),
        ("unheard.", None),
    ],
)
def test_a_text_is_read_through_messages(translator: Translator, english: str, french: str | None) -> None:
    assert translator.text(english) == (french and french.replace("~", "\N{NO-BREAK SPACE}"))


def test_a_sentence_without_a_message_is_told_apart(translator: Translator) -> None:
    found = translator.sentences("Growers gain 2. Nobody said this.")
    assert found == (("Les producteurs gagnent 2.", True), ("Nobody said this.", False))
