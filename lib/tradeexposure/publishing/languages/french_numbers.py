"""Numbers, money, units and dates as English text writes them, written as French does.

Separators and months are Babel's for Canadian French; units are those of ``core.units``.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
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
_MONTHS = {
    name: number for width in ("wide", "abbreviated") for number, name in Locale("en").months["format"][width].items()
}
MONTHS = {name: FRENCH.months["format"]["wide"][number] for name, number in _MONTHS.items()}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WORD = "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True))
CODE = (  # tariff items, versions, days
    r"\d{4}\.\d\d(?:\.\d\d)*(?!\d)|\d+(?:\.\d+){2,}|\d{4}-\d\d(?:-\d\d)?(?!\d)|\d\d-\d\d-\d{4}(?:-\d\d)?"
)
#: Two years, the later one by its last digits: a crop year, or a span with an en dash.
YEARS = re.compile(r"\b((?:19|20)\d\d)([-\N{EN DASH}])(\d\d)(?![\d-])")
LAST_OF_MONTHS = 12
BILLIONS = re.compile(rf"((\d+)(?:,\d+)?){SPACE}G\$(?! US)")
#: Words of English that a message says better: a window by its length and its end.
SAID = re.compile(r"\bmonths? to [A-Z]")
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


@lru_cache(maxsize=100_000)
def french(text: str) -> str | None:
    """`text` in French where it is numbers, dates, units and the words between them; None where it is more."""
    text = text.replace(SPACE, " ")
    written, place = [], 0
    for token in TOKEN.finditer(text):
        if token.start() != place or SAID.search(text):
            return None
        written.append(_french_token(token))
        place = token.end()
    numeric = any(letter.isdigit() or letter == "\N{EN DASH}" for letter in text)
    if place != len(text) or not (numeric or any(word in MONTHS for word in text.split())):
        return None
    joined = "".join(written)
    for pattern, replacement in JOINED:
        joined = pattern.sub(replacement, joined)
    joined = TIED.sub(rf"\1{SPACE}", joined)
    return re.sub(r" :", f"{SPACE}:", re.sub(r"(\S): ", r"\1 : ", joined))


def _french_token(token: re.Match[str]) -> str:
    """One number, date or word in French."""
    if token["money"]:
        country = f"{SPACE}US" if token["money"] == "US$" else ""
        return f"{token['sign']}{number(token['sum'], grouped=True)}{SPACE}{SCALES[token['scale'] or '']}{country}"
    if token["percent"]:
        return f"{number(token['percent'])}{SPACE}%"
    if token["month"]:
        day = {"1": "1er", None: ""}.get(token["day"], token["day"])
        return f"{day}{SPACE if day else ''}{MONTHS[token['month']]}"
    if token["quarter"]:
        return f"T{token['quarter']}{SPACE}{token['year']}"
    if token["number"]:
        return number(token["number"])
    if token["code"] and (years := YEARS.fullmatch(token["code"])) and follows(years):
        return _both(years)
    return WORDS[token["word"]] if token["word"] else token[0]


def with_dates_joined(french: str) -> str:
    """French words with dates filled in: ``jusqu’à 30 septembre`` is ``jusqu’au 30 septembre``."""
    for pattern, replacement in BEFORE_A_DATE if NAMED_MONTH.search(french) else ():
        french = pattern.sub(replacement, french)
    return french


def follows(years: re.Match[str]) -> bool:
    """Whether two years are one after the other and no month of the first."""
    return (int(years[1]) + 1) % 100 == int(years[3]) > LAST_OF_MONTHS


def _both(years: re.Match[str]) -> str:
    """Both years in full: ``2014-15`` is ``2014-2015``."""
    return f"{years[1]}{years[2]}{years[1][:2]}{years[3]}"


def number(written: str, *, grouped: bool = False) -> str:
    """``1,234.5`` with the separators of Canadian French; `grouped` puts those that the English leaves out."""
    symbols = FRENCH.number_symbols["latn"]
    whole, point, part = written.partition(".")
    whole = f"{int(whole):,}" if grouped and "," not in whole else whole
    return whole.replace(",", symbols["group"]) + (symbols["decimal"] if point else "") + part


_NAMES = "|".join(sorted(set(MONTHS.values())))
NAMED_MONTH = re.compile(_NAMES)
_DAY, _SPAN = rf"\d{{1,2}}(?:er)?{SPACE}(?:{_NAMES})", rf"(?:{_NAMES})(?: \d{{4}})? à "
_VOWEL = "|".join(sorted({name for name in MONTHS.values() if name[0] in "ao"}))
#: How words join a day of a month, or a month, that follows them.
BEFORE_A_DATE = (
    (re.compile(rf"\ben (?={_SPAN})"), "de "),
    (re.compile(rf"\bEn (?={_SPAN})"), "De "),
    (re.compile(rf"\b(depuis|dès|avant|après) (?={_DAY})"), r"\1 le "),
    (re.compile(rf"\b(?:de|en) (?={_DAY})"), "du "),
    (re.compile(rf"\bà (?={_DAY})"), "au "),
    (re.compile(rf"(?<![dD]u )(?<!\d)(?={_DAY}(?: \d{{4}})? au )"), "du "),
    (re.compile(rf"\b([dD])e (?={_VOWEL})"), r"\1’"),
)
#: How words join what follows them.
JOINED = (
    (re.compile(r"\ben (?=[^()]* à )"), "de "),
    *BEFORE_A_DATE,
    (re.compile(r"(?<!\d)(?<!\d[,\s])([01](?:,\d+)?) (véhicule|an)s\b"), r"\1 \2"),
)
_SAME_UNITS = sorted({form[1].split()[0] for form in units.FORMATS.values() if form[1]} & {"kt", "points", "months"})
#: A number before a unit or a month that it is tied to.
TIED = re.compile(rf"(\d) (?={'|'.join(_SAME_UNITS)}|mois\b|{'|'.join(MONTHS.values())})")

_MARKS = re.compile(r"</?\w+(?:#\d+)?>|\{[^{}]*\}")
_NAME = r"[^\W\d][\w./-]*\d[\w./-]*"
_UNIT = r"kt|t|kB|ko|MB|Mo"
_GROUPED = rf"\d{{1,3}}(?:[{SPACE}\u202f]\d{{3}})+(?!\d)(?:,\d+)?|\d+(?:[.,]\d+)?"
_FRENCH_MONTHS = {
    name: number for width in ("wide", "abbreviated")
    for number, name in FRENCH.months["format"][width].items()
}  # fmt: skip
_FRENCH_MONTH = "|".join(sorted(map(re.escape, _FRENCH_MONTHS), key=len, reverse=True))
_ANY_NUMBER = re.compile(rf"\d|\b(?:{_MONTH}|(?i:{_FRENCH_MONTH}))(?!\w)")
_ENGLISH_UNITS = {"kB": "ko", "MB": "Mo", "billion": "bn", "million": "m"}
_FRENCH_UNITS = {"milliard": "bn", "milliards": "bn", "million": "m", "millions": "m"}
#: A span of money that says its scale once.
_SHARED = {
    False: re.compile(rf"(C\$|US\$)({NUMBER})( to |\N{{EN DASH}})({NUMBER})( (?:bn|m))\b"),
    True: re.compile(rf"(?<![\w.,{SPACE}])({_GROUPED})( à |\N{{EN DASH}})({_GROUPED})({SPACE}[GM]\$(?:{SPACE}US\b)?)"),
}
_COUNTED = {
    False: re.compile(
        rf"(?P<code>{CODE})|\b(?P<year>\d{{4}})Q(?P<quarter>[1-4])\b|\b(?P<month>{_MONTH})\b|(?P<name>{_NAME})"
        rf"|(?P<minus>\N{{MINUS SIGN}}?)(?P<money>C\$|US\$)?(?P<number>{NUMBER})"
        rf"(?: ?(?P<unit>%|(?:bn|m|billion|million|{_UNIT})\b))?"
    ),
    True: re.compile(
        rf"(?P<code>{CODE})|\b(?P<year>\d{{4}})Q(?P<quarter>[1-4])\b|\bT(?P<third>[1-4])[{SPACE} ](?P<of>\d{{4}})\b"
        rf"|\b(?P<month>(?i:{_FRENCH_MONTH}))(?!\w)|(?P<name>{_NAME})"
        rf"|(?P<minus>\N{{MINUS SIGN}}?)(?P<number>{_GROUPED})"
        rf"(?:[{SPACE} ]?(?P<unit>%|[GM]?\$(?:[{SPACE} ]US\b)?|(?:millions?|milliards?|{_UNIT})\b))?"
    ),
}


@lru_cache(maxsize=100_000)
def numbers_of(text: str, *, french: bool = False) -> Counter[tuple[str, str]]:
    """Numbers that a text holds, each with its unit, as often as they stand there; the same in either language.

    Parameters
    ----------
    text : str
        A piece or a message; marks and placeholders count for nothing.
    french : bool
        Whether separators, months and units are French; else English.

    Returns
    -------
    Counter
        (value, unit): ``C$1.2 bn`` and ``1,2 G$`` are ``("1.2", "G$")``, a month is its number with unit ``month``,
        tariff items and names with digits are themselves; years of a span stand in full.
    """
    if not _ANY_NUMBER.search(text):
        return Counter()
    text = YEARS.sub(_spans, _MARKS.sub(" ", text) if "<" in text or "{" in text else text)
    text = _SHARED[True].sub(r"\1\4\2\3\4", text) if french else text.replace(SPACE, " ")
    text = text if french else _SHARED[False].sub(r"\1\2\5\3\1\4\5", text)
    return Counter(counted for token in _COUNTED[french].finditer(text) for counted in _counted(token, french=french))


def _spans(years: re.Match[str]) -> str:
    """Years of a span in full where the second can be no month."""
    after = (int(years[1]) + 1) % 100 == int(years[3]) or years[2] == "\N{EN DASH}"
    return _both(years).replace("-", "\N{EN DASH}") if after else years[0]


def _counted(token: re.Match[str], *, french: bool) -> list[tuple[str, str]]:
    """What one token counts as."""
    groups = token.groupdict()
    if groups["code"]:
        return [(groups["code"], "code")]
    if groups["name"]:
        return [(digits, "name") for digits in re.findall(r"\d+", groups["name"])]
    if quarter := groups["quarter"] or groups.get("third"):
        return [(groups["year"] or groups["of"], ""), (quarter, "quarter")]
    if month := groups["month"]:
        return [(str(_FRENCH_MONTHS[month.lower()] if french else _MONTHS[month]), "month")]
    written, unit = groups["number"], groups["unit"] or ""
    if french:
        written, unit = re.sub(r"\s", "", written).replace(",", "."), unit.replace(SPACE, " ")
        unit = _FRENCH_UNITS.get(unit, unit)
    else:
        written, unit = written.replace(",", ""), _ENGLISH_UNITS.get(unit, unit)
        if money := groups["money"]:
            unit = f"{SCALES.get(unit, '$')}{' US' if money == 'US$' else ''}"
    return [(f"{'-' if groups['minus'] else ''}{Decimal(written).normalize():f}", unit)]


def is_plural(written: str) -> bool:
    """Whether French counts an English number as several: two or more."""
    match = re.search(NUMBER, written)
    return match is not None and FRENCH.plural_form(abs(Decimal(match[0].replace(",", "")))) != "one"


def in_full(title: str) -> str:
    """A French title with its billions of dollars in words: ``1,2 milliard de dollars``, plural from two."""
    return BILLIONS.sub(lambda money: f"{money[1]}{SPACE}milliard{'s' if int(money[2]) > 1 else ''} de dollars", title)


def same_numbers(english: str, french: str) -> bool:
    """Whether a French text holds the numbers of the English one, and no other."""
    return dict.__eq__(numbers_of(english), numbers_of(french, french=True))
