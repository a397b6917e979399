"""Servers: which kernels share one, where it lives, what it refuses."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from warmkernel import client, place, provisioner, server, wire
from warmkernels import manager, parent, running, started, warm


class TestServer:
    def test_changed_code_asks_for_a_new_one_and_fails_in_the_notebook_if_it_cannot_be_imported(self, home: Path):
        first, second = manager(home), manager(home)
        with started(first) as call:
            assert call("import keeps_state; print(keeps_state.number)") == "0"
            (home / "code" / "keeps_state.py").write_text("number = 1 / 0\n")
            with started(second) as call:
                assert warm(second) and call("import keeps_state") == "division by zero"
                assert parent(second) != parent(first)

    def test_its_memory_is_in_large_pages_which_kernels_are_not_told(self, shared: Path):
        kernel = manager(shared)
        with started(kernel) as call:
            assert call("import os; print('GLIBC_TUNABLES' in os.environ, os.getenv('GLIBC_TUNABLES'))") == "False None"
            assert client.LARGE_PAGES.items() <= parent(kernel).environ().items()

    def test_what_is_read_at_start_asks_for_another_one_and_a_random_hash_seed_for_none(self, shared: Path):
        own = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=0", "PYTHONHASHSEED": "1", client.LINGER_VARIABLE: "0.1"}
        threads = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}  # ended before a fork, they count for none
        kernel, usual = manager(shared, **own, **threads), manager(shared)
        hashed = [sys.executable, "-c", "print(hash('word'))"]
        with started(kernel) as call, running(usual):
            assert warm(kernel) and parent(kernel) != parent(usual)
            assert call("import os; print(os.environ['GLIBC_TUNABLES'])") == own["GLIBC_TUNABLES"]
            assert own.items() <= parent(kernel).environ().items()
            printed = subprocess.run(hashed, env=os.environ | own, capture_output=True, text=True, check=True)
            assert call("print(hash('word'))") == printed.stdout.strip()
            assert call("import numpy; print(numpy.ones((300, 300)).dot(numpy.ones((300, 300)))[0, 0])") == "300.0"
        cold = manager(shared, PYTHONHASHSEED="random")
        with running(cold):
            assert not warm(cold)

    def test_a_folder_that_others_can_use_is_refused_with_one_warning(self, shared: Path, tmp_path: Path, monkeypatch):
        monkeypatch.setenv(place.FOLDER_VARIABLE, str(tmp_path))
        tmp_path.chmod(0o755)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", provisioner.ColdKernelWarning)
            for _ in range(2):
                monkeypatch.setattr(provisioner, "_cold_until", 0.0)
                kernel = manager(shared)
                with running(kernel):
                    assert not warm(kernel)
        cold = [str(item.message) for item in warned if item.category is provisioner.ColdKernelWarning]
        assert len(cold) == 1 and "not a private folder" in cold[0]

    def test_the_folder_is_private(self, shared: Path):
        with started(manager(shared)):
            assert all(path.stat().st_mode & 0o077 == 0 for path in (place.folder(), place.folder().parent))

    def test_a_server_that_breaks_off_is_told_apart_from_one_to_wait_for(self, shared: Path, monkeypatch):
        monkeypatch.setattr(client, "ATTEMPTS", 1)
        monkeypatch.setattr(client, "SETTINGS_VARIABLE", "MISNAMED")  # it ends at once, with an error
        with pytest.raises(client.NoServer, match="CalledProcessError"):
            client.fork(client.Wanted((sys.executable,), (), ()), client.request(os.environ, "/", []), {})

    def test_a_server_that_hangs_up_before_it_has_read_all_is_heard(self, shared: Path, monkeypatch):
        ours, theirs = socket.socketpair()
        server.answer(theirs, cold="this server refuses")
        theirs.close()
        monkeypatch.setattr(client, "_connected", lambda *_: ours)
        with pytest.raises(client.NoServer, match=r"^this server refuses$"):
            client.fork(client.Wanted((sys.executable,), (), ()), client.request(os.environ, "/", []), {})

    @pytest.mark.parametrize("text", ["nan", "inf", "1e999", "-1", "86401", "soon", ""])
    def test_a_time_that_is_none_is_refused(self, shared: Path, text: str):
        asked = client.request({**os.environ, client.LINGER_VARIABLE: text}, "/", [])
        refusal = f"^WARMKERNEL_LINGER_SECONDS: found '{text}'; allowed: seconds from 0 to 86400$"
        with pytest.raises(client.NoServer, match=refusal):
            client.fork(client.Wanted((sys.executable,), (), ()), asked, {})


PYTHON_THREAD = (
    "import threading, time; threading.Thread(target=time.sleep, args=(60,), name='mine', daemon=True).start()"
)
OTHER_THREAD = """
import ctypes
library = ctypes.CDLL(None)
begun = ctypes.c_ulong()
library.pthread_create(ctypes.byref(begun), None, ctypes.cast(library.pause, ctypes.c_void_p), None)
"""
CHANGING = "import pathlib, time\npathlib.Path(__file__).with_name('other.py').write_text(str(time.time_ns()))"


class TestReasons:
    """Why a kernel starts cold is said, once."""

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            (OTHER_THREAD, "an import starts 1 threads outside Python, which a fork would lose"),
            (PYTHON_THREAD, r"importing keeps_state starts a thread \(mine\), which a fork would lose"),
            (CHANGING, "other.py changed while it was imported"),
        ],
    )
    def test_the_template_cannot_be_forked(self, home: Path, code: str, reason: str, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(client, "ATTEMPTS", 1)
        (home / "code" / "keeps_state.py").write_text(code)
        kernel = manager(home)
        with pytest.warns(provisioner.ColdKernelWarning, match=reason), running(kernel):
            assert not warm(kernel)

    def test_a_server_that_is_there_goes_on_with_little_memory(self, shared: Path, monkeypatch: pytest.MonkeyPatch):
        with running(manager(shared)):
            monkeypatch.setenv(client.FREE_VARIABLE, "900000000")
            kernel = manager(shared)
            with running(kernel):
                assert warm(kernel)

    def test_a_system_that_forks_no_more(self, monkeypatch: pytest.MonkeyPatch):
        def refused() -> int:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

        monkeypatch.setattr(os, "fork", refused)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            with pytest.raises(OSError, match="memory"):
                server.Server(ours, 1.0)._forked(theirs)
            assert wire.receive(ours) == ({"cold": f"no process can be forked: {os.strerror(errno.ENOMEM)}"}, [])

    def test_the_smallest_of_all_limits_counts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        inner = tmp_path / "groups" / "outer" / "inner"
        inner.mkdir(parents=True)
        (tmp_path / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable: 8000 kB\n")
        (tmp_path / "cgroup").write_text("4:memory:/old\n0::/outer/inner\n")
        for name, path in (("SYSTEM", "meminfo"), ("GROUP", "cgroup"), ("GROUPS", "groups")):
            monkeypatch.setattr(client, name, tmp_path / path)
        assert client.free_memory() == 8000 * 1024
        for folder, most in ((inner, "max"), (inner.parent, "5000")):
            for name, text in (("max", most), ("current", "4000"), ("stat", "anon 1\ninactive_file 500\n")):
                (folder / f"memory.{name}").write_text(text)
        assert client.free_memory() == 1500
