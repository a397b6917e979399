"""Numbers, money, units and dates as English text writes them, written as French does.

Separators and months are Babel's for Canadian French; units are those of ``core.units``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale

from tradeexposure.core import units

SPACE = "\N{NO-BREAK SPACE}"
ENGLISH, FRENCH = Locale("en", "CA"), Locale("fr", "CA")
COUNTRIES = {name: FRENCH.territories[code] for code, name in ENGLISH.territories.items()
             if code.isalpha() and code in FRENCH.territories}  # fmt: skip
#: What follows a number → the same in French: the suffixes of ``units.FORMATS``, and words between numbers.
WORDS = {
    "a year": "par an", "per farm": "par exploitation", "per hectare": "par hectare", "per tonne": "par tonne",
    "per car": "par voiture", "points": "points", "kt": "kt", "kt a year": "kt par an", "months": "mois",
    "vehicles a year": "véhicules par an", "to": "à", "of": "sur", "and": "et", "a tonne": "la tonne", "t": "t",
    "a car": "par voiture", "kB": "ko", "MB": "Mo", "years": "ans", "since": "depuis", "in": "en",
    "from": "de", "or": "ou", "with": "avec", "HS": "SH",
}  # fmt: skip
SCALES = {"bn": "G$", "m": "M$", "": "$"}
MONTHS = {
    name: FRENCH.months["format"]["wide"][number]
    for width in ("wide", "abbreviated") for number, name in Locale("en").months["format"][width].items()
}  # fmt: skip
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WORD = "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
CODE = (
    r"\d{4,}\.\d[\d.]*|\d+(?:\.\d+){2,}|\d{4}-\d\d(?:-\d\d)?|\d\d-\d\d-\d{4}(?:-\d\d)?"  # tariff items, versions, days
)
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
TOKEN = re.compile(
    rf"(?P<code>{CODE})"
    rf"|(?P<year>\d{{4}})Q(?P<quarter>[1-4])"
    rf"|(?:(?P<day>\d{{1,2}}) )?(?P<month>{_MONTH})\b\.?"
    rf"|(?P<sign>[+\N{{MINUS SIGN}}-]?)(?P<money>C\$|US\$)(?P<sum>{NUMBER})(?: (?P<scale>bn|m)\b)?"
    rf"|(?P<percent>{NUMBER}) ?%"
    rf"|(?P<number>{NUMBER})"
    rf"|(?P<word>\b(?:{_WORD})\b)"
    r"|(?P<mark>[\s(),;:/×→<>≥≤=·…+\N{MINUS SIGN}\N{EN DASH}-]+|\.(?=$))"
)


def french(text: str) -> str | None:
    """`text` in French where it is numbers, dates, units and the words between them; None where it is more."""
    return _french(text.replace(SPACE, " "))


@lru_cache(maxsize=100_000)
def _french(text: str) -> str | None:
    written, place = [], 0
    for token in TOKEN.finditer(text):
        if token.start() != place:
            return None
        written.append(_written(token))
        place = token.end()
    numeric = any(letter.isdigit() or letter == "\N{EN DASH}" for letter in text)
    if place != len(text) or not (numeric or _month(text)):
        return None
    return _tied("".join(written))


def _month(text: str) -> bool:
    return any(word in MONTHS for word in text.split())


def _written(token: re.Match[str]) -> str:
    """One number, date or word in French."""
    if token["money"]:
        country = f"{SPACE}US" if token["money"] == "US$" else ""
        return f"{token['sign']}{number(_grouped(token['sum']))}{SPACE}{SCALES[token['scale'] or '']}{country}"
    if token["percent"]:
        return f"{number(token['percent'])}{SPACE}%"
    if token["month"]:
        day = {"1": "1er", None: ""}.get(token["day"], token["day"])
        return f"{day}{SPACE if day else ''}{MONTHS[token['month']]}"
    if token["quarter"]:
        return f"T{token['quarter']}{SPACE}{token['year']}"
    if token["number"]:
        return number(token["number"])
    return WORDS[token["word"]] if token["word"] else token[0]


def number(written: str) -> str:
    """``1,234.5`` with the separators of Canadian French."""
    symbols = FRENCH.number_symbols["latn"]
    whole, point, part = written.partition(".")
    return whole.replace(",", symbols["group"]) + (symbols["decimal"] if point else "") + part


def _grouped(written: str) -> str:
    """``48450`` as ``48,450``."""
    whole, point, part = written.partition(".")
    return (f"{int(whole):,}" if whole.isdigit() else whole) + point + part


def _crop_year(found: re.Match[str]) -> str:
    """``2018-19`` in full; a month is left as it is."""
    follows = (int(found[2]) + 1) % 100 == int(found[3]) and int(found[3]) > len(set(MONTHS.values()))
    return f"{found[1]}-{found[1][:2]}{found[3]}" if follows else found[0]


def _tied(text: str) -> str:
    """`text` with its units tied to their numbers."""
    kept = "|".join(
        sorted({form[1].split()[0] for form in units.FORMATS.values() if form[1]} & {"kt", "points", "months"})
    )
    text = re.sub(rf"(\d) (?={kept}|mois\b|{'|'.join(MONTHS.values())})", rf"\1{SPACE}", text)
    day = rf"\d{{1,2}}(?:er)?{SPACE}(?:{'|'.join(MONTHS.values())})(?: \d{{4}})?"
    text = re.sub(rf"\b({day}) à (?={day})", r"du \1 au ", text)
    text = re.sub(rf"\bdepuis (?={day})", "depuis le ", text)
    text = re.sub(r"\b(\d\d(\d\d))-(\d\d)(?![-\d])", _crop_year, text)
    return re.sub(r" :", f"{SPACE}:", re.sub(r"(\S): ", r"\1 : ", text))
