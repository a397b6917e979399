"""Messages in the sources, and what the check of a catalogue finds in a wrong one."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from babel.messages.catalog import Catalog

from tradeexposure.publishing.languages import catalogues, extraction
from tradeexposure.publishing.languages.matching import Translator
from tradeexposure.refresh import staging
from tradeexposure.refresh.publishers import sources_schema
from tradeexposure.runner import project_checks

#: English, French, and what is wrong.
WRONG = [
    ("{step} to {step} more", "de {step} à {step} de plus", "a placeholder stands twice"),
    ("{low} to {high} more", "de {low} à {low} de plus", "placeholders differ (high, low)"),
    ("in {year}", "en 2025", "placeholders differ (year)"),
    ("5% of seed", "6 % des graines", "numbers differ"),
    ("C$5 m of seed", "5 G$ de graines", "numbers differ"),
    ("since March", "depuis mai", "numbers differ"),
    ("<a>Seed</a> sold", "Graines vendues", "marks differ"),
    ("Seed sold", "", "not translated"),
    ('class=" cards"', "class= cards", "a string of code"),
    ("fit-x", "fit-x", "a string of code"),
    ("Why?", "Pourquoi ?", "no space before"),
]


def faults(monkeypatch: pytest.MonkeyPatch, message: catalogues.Id, french: str | tuple[str, str]) -> list[str]:
    """Faults of a catalogue of one message, which its source has."""
    catalogue = Catalog(locale="fr")
    catalogue.add(message, french)
    monkeypatch.setattr(catalogues, "read", lambda domain: catalogue)
    monkeypatch.setattr(catalogues, "extracted", lambda: {"pages": {message: [("page.py", 1)]}})
    return catalogues.faults("pages")


@pytest.mark.parametrize(("english", "french", "fault"), WRONG)
def test_the_check_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, english: str, french: str, fault: str) -> None:
    assert any(line.startswith(fault) for line in faults(monkeypatch, english, french))


def test_the_check_looks_at_both_forms_of_a_message_that_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = ("{n} row", "{n} rows")
    assert faults(monkeypatch, counted, ("{n} ligne", "{n} lignes")) == []
    assert faults(monkeypatch, counted, ("{n} ligne", "lignes")) == ["placeholders differ (n): {n} rows"]
    assert faults(monkeypatch, counted, ("{n} ligne", "")) == ["not translated: {n} rows"]


def test_a_text_of_a_label_and_of_a_catalogue_has_one_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues.result_words, "messages", lambda: {"Seed at 5%": "Graines à 5 %", "gain": "gagne"})
    catalogue = Catalog(locale="fr")
    catalogue.add("Seed at 5%", "Graines à 5\N{NO-BREAK SPACE}%")
    monkeypatch.setattr(catalogues, "read", lambda domain: catalogue)
    assert catalogues.faults(catalogues.LABELS) == []
    catalogue.add("gain", "gain")
    assert catalogues.faults(catalogues.LABELS) == ["other French in a catalogue, 'gain': gain"]


def test_each_placeholder_has_a_name_of_its_own() -> None:
    named = extraction.with_names_alone("{step} to {step}, {id:full} and {id:span}")
    assert named == "{step} to {step_2}, {id} and {id_span}"
    code = b'def f(a, b):\n    return f"From {rate(a)} to {rate(b)} more"\n'
    messages = [message for _, _, message, _ in extraction.python(io.BytesIO(code), (), (), {})]
    assert messages == ["From {a} to {b} more"]
    code = b'def f(a, b):\n    return f"From {a.kept_by[0]} to {b.kept_by[1]} more"\n'
    messages = [message for _, _, message, _ in extraction.python(io.BytesIO(code), (), (), {})]
    assert messages == ["From {kept_by} to {kept_by_2} more"]


@pytest.mark.parametrize("text", ['class=" cards"', "fit-x", "padding", "container", "nominal", "<svg width=5>Seed"])
def test_a_string_of_code_is_no_message(text: str) -> None:
    assert not extraction.seen(text, single=True)


def test_a_title_is_a_message_without_its_chinese_too() -> None:
    text = "title: Announcement No. 3 (税委会公告2025年第3号), Annex 1\n".encode()
    messages = [message for _, _, message, _ in extraction.data(io.BytesIO(text), (), (), {"keys": "title"})]
    assert messages == ["Announcement No. 3 (税委会公告2025年第3号), Annex 1", "Announcement No. 3, Annex 1"]


BROKEN = {
    "no catalogue": lambda raw: raw + b"\nnonsense\n",
    "no UTF-8": lambda raw: raw[:3000] + b"\xff" + raw[3000:],
    "another encoding": lambda raw: raw.replace(b"charset=utf-8", b"charset=nothing"),
    "empty": lambda raw: b"",
}


def test_both_forms_of_a_message_that_counts_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalog(locale="fr")
    catalogue.add(("{n} row", "{n} rows"), ("{n} ligne", "{n} lignes"))
    monkeypatch.setattr(catalogues, "DOMAINS", {"pages": ()})
    monkeypatch.setattr(catalogues, "read", lambda domain: catalogue)
    monkeypatch.setattr(catalogues.result_words, "names", list)
    assert catalogues.messages() == {"{n} row": "{n} ligne", "{n} rows": ("{n} ligne", "{n} lignes")}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_catalogue_is_named_by_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Callable[[bytes], bytes]
) -> None:
    shutil.copytree(catalogues.HOME / catalogues.LANGUAGE, tmp_path / catalogues.LANGUAGE)
    monkeypatch.setattr(catalogues, "HOME", tmp_path)
    place = catalogues.address("brief")
    place.write_bytes(broken(place.read_bytes()))
    (fault,) = project_checks.messages()
    assert fault.startswith(f"{place}: found no ") and "\n" not in fault


def test_what_pages_say_of_a_table_that_was_refreshed_has_its_french(through: Translator) -> None:
    current, texts = staging.CurrentVintage.load(), ["file figures of 2026 (2).csv, read 2026-12-05"]
    for name, recipe in sources_schema.load().tables.items():
        frame = pd.DataFrame({recipe.into: ["2014-08", "2026-10"]})
        entry = staging.described(current.descriptor(name, recipe), recipe, frame, "2026-12-05")
        parts = (entry["title"], *entry["publisher"].split("; "), *entry["tableNumber"].split("; "), entry["caveat"])
        texts += [*parts, entry["coverage"], entry["vintage"], *(source["title"] for source in entry["sources"][1:])]
    assert [text for text in texts if through.text(text.replace("`", "")) is None] == []
