"""Without a Chromium tests of pages are skipped, and the summary says what they need; where CI is set they fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import programs


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that alone is on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("#!/bin/sh\n", "utf-8")
        (folder / name).chmod(0o755)


def test_the_quickest_that_is_there_shows_pages_or_the_one_asked_for(only: Path) -> None:
    put(only, "google-chrome")
    assert programs.showing(None) == programs.chromium() == str(only / "google-chrome")
    put(only, "chromium", "chromium-headless-shell")
    assert programs.showing(None) == str(only / "chromium-headless-shell")
    assert programs.showing("chromium") == programs.chromium() == str(only / "chromium")


@pytest.mark.parametrize("asked", [None, "chromium-headless-shell"])
def test_without_one_they_are_skipped_by_name_and_fail_in_ci(
    only: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None
) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"need {asked or 'one of chromium'}"):
        programs.showing(asked)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=f"need {asked or 'one of chromium'}"):
        programs.showing(asked)
