"""How clients reach a kernel: sockets in a folder of its own, what is configured, or ports that the kernel chose."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
import zmq
from jupyter_client import KernelManager
from jupyter_client.connect import LocalPortCache
from traitlets.config import Config

from warmkernel import client, place, provisioner, sockets
from warmkernels import (
    PATIENCE_SECONDS,
    client_process,
    eventually,
    kernel_of,
    manager,
    running,
    started,
    talking,
    warm,
)


def folders(home: Path) -> list[Path]:
    return sorted(home.glob(f"servers/*/{sockets.PREFIX}*"))


def by_ports(home: Path) -> KernelManager:
    """A manager whose kernel is not to use sockets."""
    kernel = manager(home)
    kernel.kernel_spec.metadata["kernel_provisioner"]["config"]["ipc"] = False
    return kernel


class TestFolder:
    def test_is_private_stays_in_a_restart_and_goes_in_the_end(self, shared: Path):
        kernel = manager(shared)
        with running(kernel):
            with talking(kernel) as call:
                assert call("print(1)") == "1"
            (folder,) = folders(shared)
            assert (kernel.transport, kernel.ip) == ("ipc", f"{folder}/s") and folder.stat().st_mode & 0o077 == 0
            assert {path.name for path in folder.iterdir()} == {"lock", *(f"s-{number}" for number in range(1, 6))}
            kernel.restart_kernel()
            assert folders(shared) == [folder] and warm(kernel)
            with talking(kernel) as call:
                assert call("print(2)") == "2"
        assert folders(shared) == []

    def test_a_manager_can_be_used_again(self, shared: Path):
        context = zmq.Context()
        kernel = manager(shared)
        kernel.context, kernel._created_context = context, False
        for _ in range(2):
            with started(kernel) as call:
                assert kernel.transport == "ipc" and call("print(1)") == "1"
            assert (kernel.transport, kernel.ports) == ("tcp", [0] * 5)
        context.destroy()

    def test_serves_a_cold_kernel_too_where_little_memory_is_left_to_notebooks(self, home: Path, monkeypatch):
        monkeypatch.setenv(client.FREE_VARIABLE, "900000000")
        kernel = manager(home)
        reason = "less than 900000000 MB of memory"
        with pytest.warns(provisioner.ColdKernelWarning, match=reason), started(kernel) as call:
            assert kernel.transport == "ipc" and not warm(kernel) and call("print(1)") == "1"
        assert folders(home) == [] and not list(home.glob("servers/*/*.socket"))

    def test_of_a_killed_client_is_swept_and_no_other(self, home: Path):
        """When it is asked for, and by a server in its end."""
        with running(manager(home)):
            (own,) = folders(home)
            for asked in (True, False):
                client = client_process(home)
                kernel_of(client)
                assert len(folders(home)) == 2
                client.kill()
                client.wait()
                if asked:
                    sockets.sweep(own.parent)
                    assert folders(home) == [own]
        assert eventually(lambda: folders(home) == [])

    def test_a_path_that_is_too_long_is_not_tried(self, tmp_path: Path):
        room = sockets.LONGEST - len(os.fsencode(tmp_path)) - len("/k-12345678/s-5") - 1
        for letters, there in ((room, True), (room + 1, False)):
            inside = tmp_path / ("x" * letters)
            inside.mkdir()
            opened = sockets.Sockets.made(inside)
            assert (opened is not None) is there
            if opened is not None:
                with socket.socket(socket.AF_UNIX) as bound:
                    bound.bind(f"{opened.address}-5")
                opened.remove()
            assert list(inside.iterdir()) == []


class TestConfigured:
    @pytest.mark.parametrize(
        "settings",
        [
            {"config": Config({"KernelManager": {"transport": "tcp"}})},
            {"config": Config({"ConnectionFileMixin": {"ip": "127.0.0.1"}})},
            {"transport": "ipc", "ip": "elsewhere"},
            {"ip": "127.0.0.2"},
            {"shell_port": 50_001},
        ],
    )
    def test_is_respected(self, settings: dict[str, Any]):
        assert provisioner.left_open(KernelManager())
        assert not provisioner.left_open(KernelManager(**settings))

    def test_transport_is_that_of_the_kernel(self, shared: Path, tmp_path: Path):
        kernel = manager(shared)
        kernel.config = Config({"KernelManager": {"transport": "tcp"}})
        with started(kernel) as call:
            assert warm(kernel) and kernel.transport == "tcp" and call("print(1)") == "1"

    def test_switched_off_the_manager_is_left_alone(self, shared: Path):
        kernel = manager(shared, **{provisioner.SWITCH: "0"})
        with running(kernel):
            assert kernel.transport == "tcp" and folders(shared) == []


class TestPorts:
    def test_that_were_taken_meanwhile_do_not_matter(self, shared: Path, monkeypatch: pytest.MonkeyPatch):
        kernel = by_ports(shared)
        used = LocalPortCache.instance().currently_used_ports
        with socket.socket() as taken:
            taken.bind((kernel.ip, 0))
            taken.listen()
            port = taken.getsockname()[1]
            monkeypatch.setattr(LocalPortCache, "find_available_port", lambda *_: port)
            with running(kernel):
                chosen = kernel.ports
                assert warm(kernel) and len(set(chosen)) == 5 and port not in chosen and set(chosen) <= used
                ports = json.loads(Path(kernel.connection_file).read_text())
                assert {ports[f"{name}_port"] for name in ("shell", "iopub", "stdin", "hb", "control")} == set(chosen)
                with talking(kernel) as call:
                    assert call("print(1)") == "1"
                kernel.restart_kernel()
                assert kernel.ports == chosen and warm(kernel)
        assert not used & set(chosen)

    def test_a_kernel_is_alive_by_its_heart(self, shared: Path):
        kernel = by_ports(shared)
        with running(kernel):
            client = kernel.client()
            client.parent = None  # asks the heart, not the manager
            client.start_channels()
            client.wait_for_ready(timeout=PATIENCE_SECONDS)
            assert eventually(client.hb_channel.is_beating)
            client.stop_channels()

    def test_no_folder_no_sockets(self, shared: Path, monkeypatch: pytest.MonkeyPatch):
        def refused() -> Path:
            raise PermissionError("not a private folder")

        monkeypatch.setattr(place, "folder", refused)
        kernel = manager(shared)
        with pytest.warns(provisioner.ColdKernelWarning, match="not a private folder"), running(kernel):
            assert kernel.transport == "tcp" and not warm(kernel)
