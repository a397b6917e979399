"""Frozen forecasts: written once with their digest, both or neither; what was edited, renamed or lost is refused."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tradeexposure.core import files, loaded_files, paths
from tradeexposure.core.errors import BadInput, RunFailed
from tradeexposure.data import edition_inputs, frozen_forecasts, vintages
from tradeexposure.data.frozen_forecasts import Frozen

PROJECT = Path(__file__).resolve().parents[2]
NEXT, LATER = "2027-01-15", "2027-02-15"


def numbers(**changed: float) -> pd.DataFrame:
    """Published numbers: a series a month ahead and over the crop year, its skill, what the models predict."""
    rows = [
        ("forecast.crush.1", "Crush: forecast of 2026-10", 230.0, 200.0, 260.0, "kilotonnes", "2026-10"),
        ("forecast.crush.crop_year", "Crush: crop year 2026-27", 228.0, 210.0, 245.0, "kilotonnes", "2026-27"),
        ("forecast.crush.skill.1", "Crush: skill", 0.1, 0.0, 0.2, "share", "to 2026-09"),
        ("scenario.canola.china_volume_kt", "Seed, all years", 3000.0, 1700.0, 4400.0, "kilotonnes per year", "a year"),
        ("scenario.canola.china_volume_kt.first_year", "Seed, first year", 2000.0, 900.0, 3000.0,
         "kilotonnes per year", "a year, against: “The duties of December 2025 stay”"),
        ("scenario.canola.producer_price_change", "Price, change", 0.039, 0.016, 0.1, "change", "a year"),
    ]  # fmt: skip
    names = ("result_id", "label", "value", "low", "high", "unit", "period")
    frame = pd.DataFrame(rows, columns=pd.Index(names)).assign(level=0.9, method="m", tables="grain_weekly")
    frame["value"] = [changed.get(key.replace(".", "_"), value) for key, value in frame[["result_id", "value"]].values]
    return frame


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the shipped tables and two later vintages of the same."""
    (tmp_path / "data").mkdir()
    for name in vintages.FILES:
        (tmp_path / "data" / name).symlink_to(PROJECT / "data" / name)
    for name in (NEXT, LATER):
        folder = tmp_path.joinpath(*vintages.VINTAGES, name)
        folder.mkdir(parents=True)
        (folder / vintages.MARK).write_text("{}", "utf-8")
        for part in vintages.FILES:
            (folder / part).symlink_to(PROJECT / "data" / part)
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path))
    monkeypatch.delenv(vintages.VARIABLE, raising=False)
    return tmp_path


def in_force(root: Path, name: str) -> None:
    root.joinpath(*vintages.VINTAGES, vintages.CURRENT).write_text(f"{name}\n", "utf-8")


def place(root: Path, name: str = vintages.SHIPPED) -> Path:
    return root / frozen_forecasts.where(name)


def due(root: Path, frame: pd.DataFrame | None = None, *, scenario: str = "deal_2026", out: str = "") -> Frozen:
    folder = (root / out if out else root / "reports" / "published") / scenario
    return frozen_forecasts.of_edition(scenario, folder, lambda: numbers() if frame is None else frame)


def freeze(root: Path, **how: str) -> None:
    frozen_forecasts.write(due(root, **how))


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


class TestWhatIsWritten:
    def test_forecasts_and_predictions_of_the_first_year_where_there_are_some(self, root: Path):
        freeze(root)
        rows = read(place(root).read_text("utf-8"))
        assert [row["forecast_id"] for row in rows] == [
            "forecast.crush.1", "forecast.crush.crop_year", "scenario.canola.producer_price_change",
            "scenario.canola.china_volume_kt.first_year",
        ]  # fmt: skip
        assert [row["target"] for row in rows[:2]] == ["2026-10", "2026-27"]
        assert {row["newest"] for row in rows[:2]} == {"2026-09"}, "the month before the one that is a month ahead"
        newest = pd.read_csv(PROJECT / "data" / "tables" / "grain_weekly.csv")["week_ending"].max()
        assert {row["made_on"] for row in rows} == {newest}
        assert (rows[0]["value"], rows[0]["low"], rows[0]["high"], rows[0]["level"]) == ("230", "200", "260", "0.9")
        digest = files.digest_of_file(place(root))
        assert json.loads((place(root).parent / "digests.json").read_text("utf-8")) == {"shipped": digest}
        assert due(root) == Frozen({"data/forecasts/shipped.csv": digest}), "nothing more to write, and named"

    def test_the_newest_month_is_told_by_any_horizon(self, root: Path):
        later = numbers().replace({"result_id": {"forecast.crush.1": "forecast.crush.3"}})
        later["period"] = later["period"].replace({"2026-10": "2027-02"})
        rows = read(frozen_forecasts.content(later))
        assert [row["newest"] for row in rows[:2]] == ["2026-11", "2026-11"]

    def test_once(self, root: Path):
        freeze(root)
        before = place(root).read_bytes()
        again = due(root, numbers(forecast_crush_1=250.0))
        frozen_forecasts.write(again)
        assert place(root).read_bytes() == before and not again.content

    @pytest.mark.parametrize("how", [{"scenario": "status_quo_2025"}, {"out": "elsewhere"}])
    def test_by_the_default_edition_in_its_place_alone(self, root: Path, how: dict[str, str]):
        assert due(root, **how) == Frozen({})

    def test_not_on_a_vintage_that_lies_aside_nor_after_a_later_one(self, root: Path):
        with vintages.pinned(NEXT):
            assert due(root) == Frozen({}), "it may be thrown away"
        in_force(root, LATER)
        freeze(root)
        in_force(root, NEXT)
        assert due(root) == Frozen({}), "a forecast is not made afterwards"
        assert list(frozen_forecasts.digests()) == [LATER]

    def test_not_without_a_forecast(self, root: Path):
        only = numbers().query("not result_id.str.startswith('forecast.')")
        assert due(root, only) == Frozen({})

    def test_a_name_with_forecasts_is_not_given_again(self, root: Path):
        in_force(root, NEXT)
        freeze(root)
        root.joinpath(*vintages.VINTAGES, NEXT, vintages.MARK).unlink()
        root.joinpath(*vintages.VINTAGES, NEXT).rename(root / "gone")
        assert vintages.new_name(NEXT) == f"{NEXT}-2"


class TestWhatIsRead:
    def test_vintages_before_the_selected_one(self, root: Path):
        freeze(root)
        in_force(root, NEXT)
        freeze(root)
        assert frozen_forecasts.earlier()["vintage"].unique().tolist() == ["shipped"]
        in_force(root, LATER)
        there = frozen_forecasts.earlier()
        assert there["vintage"].unique().tolist() == ["shipped", NEXT]
        assert there["series"].tolist() == ["crush", "crush", "", ""] * 2
        assert there["value"].dtype == "float64"
        in_force(root, vintages.SHIPPED)
        assert frozen_forecasts.earlier().empty

    def test_the_key_holds_what_is_read_and_nothing_else(self, root: Path):
        def known() -> tuple[str, dict[str, str]]:
            with loaded_files.recording() as entries:
                frozen_forecasts.earlier()
            assert set(entries) == {("forecasts", loaded_files.ALL)}
            (digest,) = entries.values()
            assert digest == frozen_forecasts.digest("forecasts", loaded_files.ALL)
            listed = edition_inputs.inputs(root)["data"]
            return digest, {path: listed[path] for path in listed if path.startswith("data/forecasts/")}

        nothing = known()
        freeze(root)
        assert known() == nothing and nothing[1] == {}, "its own forecasts do not make an edition out of date"
        in_force(root, NEXT)
        digest, listed = known()
        assert digest != nothing[0]
        assert listed == {"data/forecasts/shipped.csv": files.digest_of_file(place(root))}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"value": 990.0}, "low, value, high, level: found 200, 990, 260, 0.9; allowed: a value inside its range"),
        ({"level": 90.0}, "low, value, high, level: found 200, 230, 260, 90"),
        ({"low": -200.0}, "low, high: found -200, 260; allowed: a range above zero"),
        ({"low": float("nan")}, "low, value, high, level: found nan, 230"),
        ({"period": "2026-13"}, "period: found 2026-13; allowed: a month such as 2026-10"),
        ({"result_id": "forecast.crush.crop_year"}, "period: found 2026-10; allowed: a crop year such as 2026-27"),
    ],
)
def test_a_forecast_that_could_not_be_scored_is_not_written(root: Path, changed: dict[str, Any], reason: str):
    frame = numbers().query("result_id == 'forecast.crush.1'").assign(**changed)
    with pytest.raises(RunFailed, match=re.escape(reason)):
        due(root, frame)
    assert not place(root).parent.exists()


class Killed(BaseException):
    """As by kill -9: nothing is cleared up after it."""


@pytest.mark.parametrize("first", [True, False])
def test_a_kill_leaves_both_files_or_what_was_there(root: Path, monkeypatch: pytest.MonkeyPatch, *, first: bool):
    """Ended before every step that touches the disk, then taken up again."""
    if not first:
        freeze(root)
        in_force(root, NEXT)
    before, cut, done = frozen_forecasts.digests(), 0, False
    while not done:
        cut, steps = cut + 1, 0

        def step(action, cut=cut):
            def stepping(*arguments, **named):
                nonlocal steps
                steps += 1
                if steps == cut:
                    raise Killed
                return action(*arguments, **named)

            return stepping

        with monkeypatch.context() as patch:
            for module, name in ((files, "write"), (files, "exchange"), (os, "rename"), (os, "mkdir")):
                patch.setattr(module, name, step(getattr(module, name)))
            try:
                freeze(root)
                done = True
            except Killed:
                assert frozen_forecasts.digests() == before
                assert not place(root, NEXT).exists() and place(root).exists() is not first
    assert cut > 3
    assert list(frozen_forecasts.digests()) == (["shipped"] if first else ["shipped", NEXT])
    assert not root.joinpath(*frozen_forecasts.ASIDE).exists()


def test_where_folders_cannot_change_places_a_file_without_its_digest_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    freeze(root)
    in_force(root, NEXT)
    monkeypatch.setattr(files, "exchange", lambda *_: False)
    listed, write = root / "data" / "forecasts" / "digests.json", files.write

    def ended(path: Path, content: str) -> None:
        if path == listed:
            raise Killed
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", ended)
        with pytest.raises(Killed):
            freeze(root)
    with pytest.raises(BadInput, match=f"{NEXT}.csv: found a file that digests.json does not name; .*delete it"):
        due(root)
    place(root, NEXT).unlink()
    freeze(root)
    assert list(frozen_forecasts.digests()) == ["shipped", NEXT]
