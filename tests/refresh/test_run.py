"""A table that somebody brings as a file goes the way of a publisher's: judged, aside, in force on a word."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import refreshing
from tinyproject import copied

from tradeexposure import data
from tradeexposure.cli import main
from tradeexposure.core import paths
from tradeexposure.data import vintages
from tradeexposure.refresh import run, staging

CRUSH, DOLLAR, DAY = "canola_crush_monthly", "exchange_rate_monthly", date(2027, 1, 15)
TABLES = refreshing.text_tables()


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's data with few of its tables."""
    folder = tmp_path_factory.mktemp("few")
    tables = (CRUSH, DOLLAR, "canola_price_prairies_monthly", "zev_share_annual")
    return refreshing.copy_project(folder, "http://127.0.0.1:1", *tables)


@pytest.fixture
def root(tmp_path: Path, few: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = copied(few, tmp_path / "copy")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(copy))
    monkeypatch.delenv(vintages.VARIABLE, raising=False)
    return copy


def written(root: Path, frame: pd.DataFrame) -> Path:
    """The frame as somebody's file."""
    path = root / "mine.csv"
    frame.to_csv(path, index=False)
    return path


def longer(months: int = 1) -> pd.DataFrame:
    """The crush with months more, and one that is revised a little."""
    crush = refreshing.longer(TABLES[CRUSH], "month", months)
    return crush.assign(seed_crushed_kt=crush["seed_crushed_kt"].mask(crush["month"] == "2026-08", "1240"))


def brought(root: Path, frame: pd.DataFrame, name: str = CRUSH, **arguments: object) -> run.Outcome:
    return run.bring_file(written(root, frame), name, today=DAY, **arguments)


def test_lies_aside_and_is_in_force_on_a_word(root: Path):
    before = (root / "data" / "tables" / f"{CRUSH}.csv").read_bytes()
    outcome = brought(root, longer().sample(frac=1, random_state=1))
    assert outcome.name == "2027-01-15" and vintages.current() == "shipped" and run.waiting() == [outcome.name]
    (revision,) = outcome.revisions
    assert (revision.table, len(revision.added), revision.revised, revision.vanished) == (CRUSH, 1, 1, ())
    noted = staging.record(outcome.name)
    assert noted["tables"][CRUSH]["files"] == ["mine.csv"] and set(noted["files"]) == {"mine.csv"}
    run.accept_vintage(outcome.name)
    crush = data.load(CRUSH).set_index("month")["seed_crushed_kt"]
    assert crush["2026-08"].item() == 1240 and len(crush) == len(TABLES[CRUSH]) + 1
    assert crush.index.is_monotonic_increasing
    assert (root / "data" / "tables" / f"{CRUSH}.csv").read_bytes() == before
    about = data.sources([CRUSH]).iloc[0]
    assert "file mine.csv, read 2027-01-15" in about["vintage"]
    assert data.describe(CRUSH)["accessed"] == "2027-01-15" > data.describe("zev_share_annual")["accessed"]


def test_a_table_of_ones_own_is_on_no_page_of_the_new_vintage(root: Path):
    package = root / "data" / "datapackage.json"
    described = json.loads(package.read_text("utf-8"))
    described["resources"][0]["private"] = True
    package.write_text(json.dumps(described), "utf-8")
    with vintages.pinned(brought(root, longer()).name):
        pages = data.generated()
    assert all(page.read_text("utf-8") == text for page, text in pages.items())
    assert not any(f"{described['resources'][0]['name']}.csv" in text for text in pages.values())


def test_the_same_figures_are_no_vintage(root: Path):
    assert brought(root, TABLES[CRUSH]).name == "" and vintages.names() == ["shipped"]


def test_what_lies_outside_the_bounds_waits_for_a_word(root: Path):
    crush = TABLES[CRUSH]
    doubled = crush.assign(seed_crushed_kt=(pd.to_numeric(crush["seed_crushed_kt"]) * 2).map("{:.2f}".format))
    outcome = brought(root, doubled)
    assert outcome.name == "" and vintages.names() == ["shipped"]
    assert f"--accept {CRUSH} if the figures are right" in outcome.kept[0]
    assert brought(root, doubled, accept=[CRUSH]).name == "2027-01-15"


WRONG: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "a column too few": (lambda frame: frame.iloc[:, :-1], "columns: found no column "),
    "another column": (lambda frame: frame.rename(columns={"month": "Month"}), "columns: found no column month"),
    "a word for a number": (lambda frame: frame.replace(frame.iloc[3, 1], "many"), "found many"),
    "a row twice": (lambda frame: pd.concat([frame, frame.iloc[-1:]]), "found "),
    "the newest rows alone": (
        lambda frame: refreshing.longer(frame, "month", 1).iloc[-3:],
        f"found 3 rows; allowed: all rows of {CRUSH}: {len(TABLES[CRUSH]) - 2} of the {len(TABLES[CRUSH])} held are "
        "not in the file",
    ),
    "no rows": (lambda frame: frame.iloc[:0], "found no rows; allowed: a heading and at least one row of figures"),
    "a month that is not over": (
        lambda frame: refreshing.longer(frame, "month", 5), "month: found 2027-01; allowed: months that were"
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_is_told_in_one_line_and_nothing_is_written(
    root: Path, wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    alter, refusal = WRONG[wrong]
    path = written(root, alter(TABLES[CRUSH]))
    before = {each: each.read_bytes() for each in root.rglob("*") if each.is_file()}
    monkeypatch.setattr(run, "date", type("Day", (date,), {"today": classmethod(lambda _: DAY)}))
    assert main(["refresh", "--from", str(path), "--table", CRUSH]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {path}: ") and refusal in line
    assert "--accept" not in line and "git" not in line, "the file is the user's"
    after = {each: each.read_bytes() for each in root.rglob("*") if each.is_file() and each.suffix != ".lock"}
    assert after == before


OPTIONS = {
    "no table": (["--from", "x.csv"], "--table: found nothing; allowed: --from FILE --table NAME"),
    "no file": (["--table", CRUSH], "--from: found nothing; allowed: --from FILE --table NAME"),
    "a source besides": (["statcan_32100352", "--from", "x.csv", "--table", CRUSH], "found options that exclude"),
    "a table that is none": (["--from", "x.csv", "--table", "wheat"], "--table: found wheat; allowed: "),
    "a file that is not there": (["--from", "x.csv", "--table", CRUSH], "x.csv: found "),
    "another table accepted": (["--from", "x.csv", "--table", CRUSH, "--accept", DOLLAR], "--accept: found exchange"),
}


@pytest.mark.parametrize("wrong", OPTIONS)
def test_options_that_do_not_fit_are_told_in_one_line(root: Path, wrong: str, capsys: pytest.CaptureFixture[str]):
    options, refusal = OPTIONS[wrong]
    assert main(["refresh", *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert refusal in line and vintages.names() == ["shipped"]


def test_rows_that_are_gone_are_taken_on_a_word(root: Path):
    assert brought(root, longer().iloc[1:], accept=[CRUSH]).revisions[0].vanished == ("2009-12",)


def test_a_mean_is_made_anew_with_what_it_is_the_mean_of(root: Path):
    base, mean = next((t.mean.table, n) for n, t in run.sources_schema.load().tables.items() if t.mean)
    with pytest.raises(run.BadInput, match=f"--table: found {mean}; allowed: {base}, from which it is computed"):
        brought(root, TABLES[mean], mean)
    assert re.fullmatch(r"[a-z_]+", base)
