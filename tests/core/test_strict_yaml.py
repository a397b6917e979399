"""Strict YAML keeps what was typed and refuses what it would have to guess."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from tradeexposure.core.errors import BadInput
from tradeexposure.core.strict_yaml import Text, load_yaml, parse_yaml


def parsed(text: str) -> dict[str, object]:
    return parse_yaml(text.encode(), where="file.yml").data


SCALARS: dict[str, object] = {
    "1205": 1205, "-3": -3, "0": 0, "0.848": 0.848, ".5": 0.5, "1e3": 1000.0, "true": True, "false": False,
    "null": None, "": None, "2026-03-01": date(2026, 3, 1), '"0512"': "0512", "'84.8'": "84.8",
}  # fmt: skip
#: Country codes, switches of older YAML, and what only looks like a number or a date.
AS_TYPED = ("NO", "no", "Yes", "on", "Off", "N", "y", "True", "NULL", "2026-02-30", "1:30", "1_000", "0x1F",
            "8703.40.10", ".inf", "税委会公告")  # fmt: skip


def test_a_scalar_is_a_number_or_date_only_when_written_exactly_so() -> None:
    """The reason for this module: without it, these two facts are lost."""
    wanted = SCALARS | {typed: typed for typed in AS_TYPED}
    read = {typed: parsed(f"key: {typed}")["key"] for typed in wanted}
    assert read == wanted
    assert {typed: type(value) for typed, value in read.items()} == {key: type(value) for key, value in wanted.items()}
    assert yaml.safe_load("a: NO\nb: 0512") == {"a": False, "b": 330}
    for code in ("0512", "0207.10", "00", "-01", "0123456789"):
        with pytest.raises(BadInput, match=rf'file\.yml: hs\[0\] \(line 2\): found {code}; .*quotes: "{code}"'):
            parsed(f"x: 1\nhs: [{code}]")


def test_text_line_and_quoting_are_kept() -> None:
    document = parse_yaml(b'name: a\nrows:\n  - rate: 84.80\n    hs: "0512"\n', where="file.yml")
    rate, code = document.typed["rows", 0, "rate"], document.typed["rows", 0, "hs"]
    assert (rate.text, rate.line, rate.quoted) == ("84.80", 3, False)
    assert (code.text, code.line, code.quoted) == ('"0512"', 4, True)
    assert str(document.error(("rows", 0, "rate"), allowed="a share")) == (
        "file.yml: rows[0].rate (line 3): found 84.80; allowed: a share"
    )


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "found an empty file"),
        (b"  \n\n", "found an empty file"),
        (b"# only a comment\n", "found no content"),
        (b"a: \xff\xfe\n", r"line 1: found bytes that are not UTF-8"),
        (b"a: 1\nb: \xe9\n", r"line 2: found bytes that are not UTF-8"),
        (b"PK\x03\x04\0\0", "found a binary file"),
        (b"a: [1, 2\nb: 3\n", "line"),
        (b"a: b: c\n", "line 1"),
        (b"\ta: 1\n", "line 1"),
        (b"- a\n- b\n", "found - a; allowed: a YAML mapping"),
        (b"just words\n", "found just words; allowed: a YAML mapping"),
        (b"a: 1\n---\nb: 2\n", "document"),
        (b"a: 1\nb: 2\na: 3\n", r"a \(line 3\): found the key a twice"),
        (b"x:\n  a: 1\n  a: 1\n", r"x\.a \(line 3\): found the key a twice"),
        (b"a: &x [1]\nb: *x\n", r"b \(line 1\): found an alias"),
        (b"a: {<<: {b: 1}}\n", "found a key that is not text"),
        (b"a: !!python/object:os.system x\n", "found the tag"),
        (b"? [a, b]\n: 1\n", "found a key that is not text"),
        (b"a: \x07\n", "not YAML"),
        (b"a" * 1_000_001, "found 1,000,001 bytes"),
        (b"a: " + b"[" * 5_000, "file.yml"),
    ],
)
def test_what_is_not_a_yaml_mapping_is_bad_input_in_one_line(raw: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        parse_yaml(raw, where="file.yml")
    assert str(caught.value).startswith("file.yml") and "\n" not in str(caught.value)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted() -> None:
    assert parsed("\ufeffa: 1\r\nb: x\r\n") == {"a": 1, "b": "x"}


def test_a_missing_file_or_a_folder_is_bad_input(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yml", tmp_path):
        with pytest.raises(BadInput, match="allowed: a readable file"):
            load_yaml(path)


def test_the_same_bytes_are_parsed_once_and_changed_bytes_again(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text("a: 1\n", encoding="utf-8")
    first = load_yaml(path)
    assert load_yaml(path) is first
    path.write_text("a: 2\n", encoding="utf-8")
    assert load_yaml(path).data == {"a": 2}


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    rate: float
    day: date | None = None
    ok: bool = False


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    name: str
    rows: list[Inner] = []
    kept: int | Literal["source"] | None = None
    method: str | dict[str, Text] | None = None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: 1", r"name \(line 1\): found 1; allowed: text; write digits in quotes"),
        (
            "name: a\nrows:\n  - {rat: 1}",
            r"rows\[0\]\.rat \(line 3\): found unknown key rat; allowed: did you mean rate\?",
        ),
        ("nam: a", "did you mean name"),
        ("name: a\nrows: [{}]", r"rows\[0\]\.rate \(line 2\): found no such key; allowed: rate is required"),
        ('name: a\nrows: [{rate: "1"}]', r'found "1"; allowed: a number'),
        ("name: a\nrows: [{rate: 1, day: 2025-02-30}]", "found 2025-02-30; allowed: a real date written YYYY-MM-DD"),
        ("name: a\nrows: [{rate: 1, ok: yes}]", "found yes; allowed: true or false"),
        ("name: a\nrows: 3", "found 3;"),
        ("name: {b: c}", "found a mapping;"),
        ("name: a\nkept: sorce", r"file\.yml: kept \(line 2\): found sorce; allowed: a whole number or source$"),
        (
            "name: a\nmethod: {sum: ''}",
            r"file\.yml: method\.sum \(line 2\): found \"\"; allowed: text that is not empty$",
        ),
        ("name: a\nmethod: [b]", r"method \(line 2\): found a list of 1 \(b\); allowed: text; .* or a mapping of keys"),
    ],
)
def test_schema_faults_name_the_key_the_line_and_the_text_as_typed(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        parse_yaml(text.encode(), where="file.yml").validate(Outer)


def test_a_good_file_becomes_the_model() -> None:
    document = parse_yaml(b"name: a\nrows: [{rate: 1, day: 2025-08-14, ok: true}]", where="file.yml")
    model = document.validate(Outer)
    assert model.rows == [Inner(rate=1.0, day=date(2025, 8, 14), ok=True)]
