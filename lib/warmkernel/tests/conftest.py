"""Folders in which all servers of a test live; nothing is forked where nothing can be."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from warmkernel import provisioner

collect_ignore_glob = [] if provisioner.FORKS else ["test_*.py"]
ORDINARY = ("SIGHUP", "SIGINT", "SIGQUIT")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with code to watch, in which all servers of a test live; none is left when the test has ended."""
    from warmkernels import home_of_servers

    with home_of_servers(monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """The same for all tests that leave their server alone."""
    from warmkernels import BETWEEN_TESTS_SECONDS, home_of_servers

    with pytest.MonkeyPatch.context() as patch, home_of_servers(patch, linger=BETWEEN_TESTS_SECONDS) as made:
        yield made


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
