"""Numbers, money and dates as English text writes them, in French."""

from __future__ import annotations

import pytest

from tradeexposure.publishing.languages import figures

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("C$1.2 bn", "1,2~G$"), ("US$1,000", "1~000~$~US"), ("84.8% → 14.9%", "84,8~% → 14,9~%"),
        ("C$500 m (C$200 m to C$1.2 bn) a year", "500~M$ (200~M$ à 1,2~G$) par an"),
        ("−C$5.3 bn", "−5,3~G$"), ("+22,000", "+22~000"), ("5,870 kt", "5~870~kt"), ("C$48450", "48~450~$"),
        ("1 Mar 2026", "1er~mars 2026"), ("since 20 March 2025", "depuis le 20~mars 2025"),
        ("1 Mar 2025 to 17 May 2026", "du 1er~mars 2025 au 17~mai 2026"), ("2024Q2", "T2~2024"),
        ("2014-15", "2014-2015"), ("2025-03", "2025-03"), ("HS 1205.10, 1205.90", "SH 1205.10, 1205.90"),
    ],
)  # fmt: skip
def test_figures_are_written_in_french(english: str, french: str) -> None:
    assert figures.french(english) == french.replace("~", NBSP)


@pytest.mark.parametrize("text", ["Canola", "C$500 m of canola", "two-sided", ""])
def test_words_are_no_figures(text: str) -> None:
    assert figures.french(text) is None
