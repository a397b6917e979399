"""Folders in which all servers of a test live; nothing is forked where nothing can be."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from warmkernel import provisioner
from warmkernels import eventually, home_of_servers, left, live_in

BETWEEN_TESTS_SECONDS = 60.0  # a server of many tests waits for the next one
collect_ignore_glob = [] if provisioner.FORKS else ["test_*.py"]
ORDINARY = ("SIGHUP", "SIGINT", "SIGQUIT")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with code to watch, in which all servers of a test live; none is left when the test has ended."""
    with home_of_servers() as folder:
        yield live_in(folder, monkeypatch)


@pytest.fixture(scope="session")
def home_of_all() -> Iterator[Path]:
    """In the end one server at most is left: it waits for another kernel, and has none."""
    with home_of_servers() as folder:
        yield folder
        assert eventually(lambda: len(left(folder)) < 2), left(folder)
        for server in left(folder):
            server.kill()


@pytest.fixture
def shared(home_of_all: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same for all tests that leave their server alone."""
    return live_in(home_of_all, monkeypatch, BETWEEN_TESTS_SECONDS)


@pytest.fixture(autouse=True)
def warm_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure leaves kernels cold for a while, and is told once: not beyond a test."""
    monkeypatch.setattr(provisioner, "_cold_until", 0.0)
    monkeypatch.setattr(provisioner, "_told", set())


@pytest.fixture(scope="module", autouse=True)
def ordinary_signals() -> Iterator[None]:
    """A shell without job control starts its background jobs with these ignored, and cold kernels inherit that."""
    before = {getattr(signal, name): signal.signal(getattr(signal, name), signal.SIG_DFL) for name in ORDINARY}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
