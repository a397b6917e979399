"""A publish and a refresh, ended at every operation on a file and taken up again: same bytes, nothing lost or left."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import killedprocess
import publishers
import pytest
import refreshing
from publishers import Publisher
from tinyproject import SCENARIOS, Project

from tradeexposure import cli
from tradeexposure.core import paths
from tradeexposure.data import vintages
from tradeexposure.publishing import manifest
from tradeexposure.refresh import run, staging
from tradeexposure.refresh.publishers import sources_schema
from tradeexposure.runner import edition

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is cut in a forked child"),
]
STYLE = "reports/template/style.css"
SOURCE, CRUSH, DAY = "statcan_32100352", "canola_crush_monthly", date(2027, 1, 15)


def content(root: Path) -> dict[str, bytes | None]:
    """Every file and folder, built ones included; a lock says nothing."""
    contents: dict[str, bytes | None] = {}
    for path in sorted(root.rglob("*")):  # which links are not followed by
        name = path.relative_to(root).as_posix()
        if path.is_dir():
            contents[name] = None
        elif path.suffix != ".lock":
            contents[name] = path.read_bytes()
    return contents


def of(root: Path, folder: str) -> dict[str, bytes | None]:
    """The content of one folder."""
    return content(root / folder)


def copied(source: Path, target: Path, *, written: str) -> Path:
    """A copy in the same place each time, so that what was read is known; only the folder `written` is one in truth."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for path in source.iterdir():
        if path.name != written:
            (target / path.name).symlink_to(path)
    shutil.copytree(source / written, target / written)
    return target


def differing(first: dict[str, bytes | None], second: dict[str, bytes | None]) -> list[str]:
    """Names of what is in one of two places alone, or otherwise in the other."""
    return sorted(name for name in first | second if first.get(name, 0) != second.get(name, 0))


class NoTime:
    """A clock that stands still: when an edition was published is no difference."""

    @staticmethod
    def gmtime() -> time.struct_time:
        return time.gmtime(0)

    strftime = staticmethod(time.strftime)


def publish() -> None:
    assert cli.main(["run", *SCENARIOS]) == 0


@pytest.fixture
def changed(finished: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two editions that are to be published again: the notebooks stay as they were, the pages look otherwise."""
    root = Project(tmp_path / "changed", like=finished).root
    (root / STYLE).write_text((root / STYLE).read_text("utf-8") + "/* otherwise */\n", "utf-8")
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(tmp_path / "here"))
    monkeypatch.delenv(vintages.VARIABLE, raising=False)
    monkeypatch.setattr(edition, "time", NoTime)
    return root


def anew(root: Path) -> None:
    """Nothing is published."""
    for name in ("reports/published", "reports/index.html", "reports/digests.json"):
        place = root / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)


@pytest.mark.parametrize("at_once", [True, False], ids=["exchange", "two renames"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "again"])
def test_a_publish_cut_anywhere_is_taken_up_again(changed: Path, tmp_path: Path, *, first: bool, at_once: bool):
    if first:
        if not at_once:
            pytest.skip("nothing is there to change places with")
        anew(changed)
    here = copied(changed, tmp_path / "here", written="reports")
    publish()  # this process has then met all texts, and keeps none of them anew
    copied(changed, here, written="reports")
    before = {name: of(changed, f"reports/published/{name}") for name in SCENARIOS}
    ended, operations = killedprocess.forked(here, publish, at_once=at_once)
    assert ended == killedprocess.DONE and len(operations) > 50
    wanted = content(here)
    after = {name: of(here, f"reports/published/{name}") for name in SCENARIOS}
    publish()  # what is asked for is there: nothing changes
    assert differing(content(here), wanted) == []
    problems = []
    for cut in range(1, len(operations) + 1):
        copied(changed, here, written="reports")
        ended, reached = killedprocess.forked(here, publish, cut=cut, at_once=at_once)
        assert ended == killedprocess.CUT, operations[cut - 1]
        problems += [f"{reached[-1]}: {lost}" for lost in lost_editions(here, before, after, at_once=at_once)]
        finished_ones = finished_editions(here, after)
        publish()
        problems += [f"{reached[-1]}: {name} differs" for name in differing(content(here), wanted)]
        problems += [
            f"{reached[-1]}: {name} again" for name in finished_ones if name.stat().st_ino != finished_ones[name]
        ]
    print(f"{len(operations)} operations, each cut and taken up again")
    assert problems == []


def lost_editions(here: Path, before: dict, after: dict, *, at_once: bool) -> list[str]:
    """Editions that are neither the old one nor the new one, each whole."""
    lost = []
    for name in SCENARIOS:
        there = of(here, f"reports/published/{name}")
        if there in (before[name], after[name]):
            continue
        aside = [of(here, path.relative_to(here).as_posix()) for path in here.glob(f"reports/_build/editions/{name}-*")]
        if at_once or there or before[name] not in aside:
            lost.append(f"{name} is lost")
    return lost


def finished_editions(here: Path, after: dict) -> dict[Path, int]:
    """Manifests of editions that were published when the run was cut, as files: they are not made again."""
    place = here / "reports/published"
    done = [name for name in SCENARIOS if of(here, f"reports/published/{name}") == after[name]]
    return {place / name / manifest.NAME: (place / name / manifest.NAME).stat().st_ino for name in done}


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    with publishers.serving() as serving:
        yield serving


def test_a_refresh_cut_anywhere_is_taken_up_again(
    tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
):
    pristine, here = refreshing.copy_project(tmp_path / "pristine", publisher.base), tmp_path / "here"
    monkeypatch.setenv(paths.ROOT_VARIABLE, str(here))
    monkeypatch.delenv(vintages.VARIABLE, raising=False)
    copied(pristine, here, written="data")
    longer = {CRUSH: refreshing.longer(refreshing.text_tables(pristine)[CRUSH], "month", 2)}
    refreshing.publish(publisher, sources_schema.load(), longer, SOURCE)

    def refresh() -> None:
        outcome = run.refresh([SOURCE], today=DAY)
        assert outcome.name == f"{DAY}", (reached[-1:], outcome)

    reached: list[str] = []
    ended, operations = killedprocess.forked(here, refresh)
    assert ended == killedprocess.DONE and len(operations) > 100
    wanted, problems = content(here), []
    data = of(pristine, "data")
    for cut in range(1, len(operations) + 1):
        copied(pristine, here, written="data")
        ended, reached = killedprocess.forked(here, refresh, cut=cut)
        assert ended == killedprocess.CUT, operations[cut - 1]
        problems += [f"{reached[-1]}: {name} is lost" for name in data if of(here, "data").get(name, 0) != data[name]]
        assert vintages.current() == vintages.SHIPPED
        if run.waiting() and not paths.path(*vintages.VINTAGES, staging.UNTOLD).exists():
            staging.recover()  # it is done, and the next one is another: that one begins by taking up what is left
        else:
            refresh()
        problems += [f"{reached[-1]}: {name} differs" for name in differing(content(here), wanted)]
    print(f"{len(operations)} operations, each cut and taken up again")
    assert problems == []
