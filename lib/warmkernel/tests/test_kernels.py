"""Warm kernels: a forked kernel passes for a fresh process, and nothing is left behind."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from ipykernel.kernelapp import IPKernelApp

from warmkernel import client, kernel, provisioner, server
from warmkernels import (
    client_process,
    eventually,
    kernel_of,
    left,
    manager,
    parent,
    running,
    started,
    talking,
    warm,
)

#: As `WARMKERNEL_ENABLE`; what a cold kernel does is ipykernel's, which the warm one is held against.
WARM_AND_COLD = pytest.mark.parametrize("switch", ["1", pytest.param("0", marks=pytest.mark.slow)])
SOAKED_BYTES = 4_000_000  # less than 16 kB a kernel: what allocators keep, and no kernel's state

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="kernels are forked on Linux only")

# What a program could see of its process; what differs between any two processes is left out.
FRESH = """
import os, resource, signal, sys, threading, time, locale, logging, __main__
folder = "/proc/self/fd/"
files = {int(name): os.readlink(folder + name) for name in os.listdir(folder) if os.path.exists(folder + name)}
kinds = sorted(path.split(":")[0] for number, path in files.items() if number > 2)
print({
    "arguments": [sys.argv[0], *sys.argv[1:2]], "path": sys.path, "flags": str(sys.flags), "folder": os.getcwd(),
    "environment": dict(os.environ), "signals": {n: str(signal.getsignal(n)) for n in (1, 2, 3, 10, 12, 13, 15, 17)},
    "blocked": str(signal.pthread_sigmask(signal.SIG_BLOCK, ())), "leader": os.getsid(0) == os.getpid() == os.getpgrp(),
    "streams": [str(sys.__stdout__.encoding), sys.__stdout__.line_buffering, sys.__stderr__.line_buffering],
    "standard": [files.get(number, "").split(":")[0] for number in (1, 2)], "zone": time.tzname, "name": __name__,
    "locale": locale.setlocale(locale.LC_ALL), "main": type(__main__).__name__, "hash": hash("word"),
    "limits": resource.getrlimit(resource.RLIMIT_NOFILE), "processors": sorted(os.sched_getaffinity(0)),
    "threads": sorted(t.name for t in threading.enumerate() if not t.name.startswith("Thread-")),
    "root": logging.getLogger().handlers == [],
    "server": [name for name in ("server", "children") if name in dir(__main__)], "nice": os.nice(0),
})
"""


# SQLite opens and closes the folder of the history in a thread of its own.
NO_HISTORY = ["--HistoryManager.enabled=False"]
# What a number stands for must not change when the objects that a fork has taken over are collected.
COLLECTED = """
import gc, os
def numbers():
    links = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            links[int(name)] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            continue
    return links
own = [os.open("/dev/null", os.O_RDONLY) for _ in range(100)]
before = numbers()
gc.collect()
after = numbers()
print({number: (link, after.get(number)) for number, link in before.items() if after.get(number) != link})
"""
# Dies in the fork as often as the file has characters.
MORTAL = """
import os, signal
def die():
    with open({path!r}, "r+") as stream:
        left = stream.read()
        stream.seek(0)
        stream.truncate()
        stream.write(left[1:])
    if left:
        os.kill(os.getpid(), signal.SIGKILL)
os.register_at_fork(after_in_child=die)
"""
# Looks for a word, given backwards, in the environment the process was started with and in all its memory.
REMEMBERED = """
import re
word = {word!r}[::-1].encode()
found = [] if word not in open("/proc/self/environ", "rb").read() else ["environ"]
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        first, last, rights = re.match("([0-9a-f]+)-([0-9a-f]+) (....)", line).groups()
        if rights.startswith("rw"):
            memory.seek(int(first, 16))
            held = memory.read(int(last, 16) - int(first, 16))
            at = held.find(b"=" + word)
            if at >= 0: found.append(line)
            del held
print(found)
"""


class TestFork:
    def test_it_cannot_be_told_from_a_fresh_process(self, shared: Path, tmp_path: Path):
        seen = []
        for switch in ("0", "1"):
            kernel = manager(shared, WARMKERNEL_ENABLE=switch, TZ="America/Regina", COLOUR="yellow")
            with (
                (tmp_path / "log").open("wb") as log,
                started(kernel, cwd=str(tmp_path), stdout=log, stderr=log) as call,
            ):
                assert warm(kernel) is (switch == "1")
                lacking = call(f"import sys; print(set({server.ALWAYS}) - set(sys.modules))")
                assert lacking in ("set()", "{'ipykernel_launcher'}"), "which a cold kernel has as its main program"
                seen.append(json.loads(json.dumps(eval(call(FRESH)))))
        for item in seen:
            assert item["environment"].pop(provisioner.SWITCH)
            assert item["environment"].pop("JPY_PARENT_PID") == str(os.getpid())
        assert seen[1] == seen[0]
        assert seen[1]["environment"]["COLOUR"] == "yellow" and seen[1]["folder"] == str(tmp_path)

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["-f", "k.json"],
            ["-f", "k.json", "--HistoryManager.hist_file=:memory:"],
            ["-f", "k.json", "--HistoryManager.enabled=False"],
            ["-f", "k.json", "--ext=package.module", "--HistoryManager.enabled=False"],
        ],
    )
    def test_usual_arguments_are_read_as_ipykernel_reads_them(self, arguments: list[str]):
        application = IPKernelApp()
        application.parse_command_line(arguments)
        config = kernel.plain(arguments)
        assert config is not None and repr(config) == repr(application.cli_config)

    @pytest.mark.parametrize(
        "arguments",
        [
            ["-f"],
            ["-f", "--debug"],
            ["--debug"],
            ["--ip=::1"],
            ["-f", "k.json", "-c", "print(1)"],
            ["--ext=a", "--ext=b"],
        ],
    )
    def test_others_are_left_to_ipykernel(self, arguments: list[str]):
        assert kernel.plain(arguments) is None

    def test_a_stream_that_has_nothing_to_pass_on_leaves_its_thread_alone(self, shared: Path):
        with started(manager(shared)) as call:
            call("import sys; asked, thread = [], sys.stdout.pub_thread; schedule = thread.schedule")
            call("thread.schedule = lambda function: (asked.append(function), schedule(function))")
            call("sys.stdout.flush(); asked.clear(); sys.stdout.flush(); quiet = len(asked)")
            call("print('text'); sys.stdout.flush(); passed_on = len(asked) - quiet; thread.schedule = schedule")
            assert call("print('more', end=' '); sys.stdout.flush(); print(quiet, passed_on > 0)") == "more 0 True"

    def test_the_debugger_keeps_out_of_what_the_server_has_imported(self, shared: Path):
        with started(manager(shared)) as call:
            call("import sys, keeps_state, pandas; own = get_ipython().kernel; listed = own.debugger.kernel_modules")
            assert call("print(listed is own._kernel_modules, keeps_state.__file__ in listed)") == "True True"
            assert call("print(len(listed) > 500, all(isinstance(file, str) for file in listed))") == "True True"

    def test_nothing_passes_from_one_kernel_to_the_next(self, shared: Path):
        earlier, later = manager(shared), manager(shared)
        draw = "import random, numpy; print(random.random(), numpy.random.random(), end=' ')"
        with running(manager(shared)):  # so that the server is there for both
            with started(earlier) as call:
                call("import keeps_state, os, threading, time; keeps_state.values.append(1); keeps_state.number = 7")
                call("os.environ['LEFT'] = 'yes'; os.chdir('/'); file = open('/proc/self/status'); os.umask(0o077)")
                call("threading.Thread(target=time.sleep, args=(60,), name='left', daemon=True).start()")
                call("import signal, sys; signal.signal(signal.SIGUSR1, signal.SIG_IGN); sys.path.append('left')")
                first, server_of_earlier = call(draw), parent(earlier)
            with started(later) as call:
                assert parent(later) == server_of_earlier
                assert call("import keeps_state; print(keeps_state.values, keeps_state.number)") == "[] 0"
                assert call("import os; print('LEFT' in os.environ, os.getcwd() == '/')") == "False False"
                assert call("import threading; print('left' in [t.name for t in threading.enumerate()])") == "False"
                assert (
                    call("import signal, sys; print(signal.getsignal(signal.SIGUSR1), 'left' in sys.path)") == "0 False"
                )
                assert not set(call(draw).split()) & set(first.split()), "generators are seeded anew"

    def test_what_a_client_keeps_secret_is_not_for_the_next_kernel(self, shared: Path):
        word = "open-sesame"
        trusted, stranger = manager(shared, PASSWORD=word), manager(shared)
        with started(trusted) as call, started(stranger) as another:
            assert call("import os; print(os.environ['PASSWORD'])") == word
            assert parent(trusted) == parent(stranger), "one server for both"
            assert another("import os; print(os.environ.get('PASSWORD'))") == "None"
            assert another(REMEMBERED.format(word=word[::-1])) == "[]"
            assert word.encode() not in Path(f"/proc/{parent(stranger).pid}/environ").read_bytes()

    def test_a_collection_closes_nothing_of_a_kernel(self, home: Path):
        """Objects of the server and of the kernels beside it, kept by a cycle, would close numbers that are others'."""
        (home / "code" / "keeps_state.py").write_text("import gc\ngc.disable()\n")
        with running(manager(home)), running(manager(home)), started(manager(home), extra_arguments=NO_HISTORY) as call:
            assert call(COLLECTED) == "{}"
            assert call("print('alive')") == "alive"

    def test_four_at_a_time(self, shared: Path):
        self.many(shared, 4, at_once=4)

    @pytest.mark.slow
    def test_two_hundred_six_at_a_time(self, home: Path):
        self.many(home, 200, at_once=6)

    @pytest.mark.slow
    def test_a_thousand_sixteen_at_a_time(self, home: Path):
        self.many(home, 1000, at_once=16)

    def many(self, home: Path, times: int, *, at_once: int) -> None:
        def one(_: int) -> str:
            kernel = manager(home)
            with started(kernel) as call:
                assert warm(kernel)
                return call("import gc; gc.collect(); print('alive')")

        with ThreadPoolExecutor(at_once) as threads:
            assert list(threads.map(one, range(times))) == ["alive"] * times

    @WARM_AND_COLD
    def test_signals_and_standard_streams(self, shared: Path, switch: str):
        kernel = manager(shared, WARMKERNEL_ENABLE=switch)
        with started(kernel, stdout=subprocess.PIPE) as call:
            process = kernel.provisioner.process
            call("import os; os.write(1, b'to the pipe\\n')")
            assert process.stdout.readline() == b"to the pipe\n"
            interrupting = "import _thread, os, signal, threading, time\n"
            interrupting += "threading.Timer(0.2, os.killpg, (os.getpgrp(), signal.SIGINT)).start(); time.sleep(60)"
            assert call(interrupting) == ""
            threading.Timer(0.2, kernel.interrupt_kernel).start()
            assert call("import time; time.sleep(60)") == ""
            assert call("print('alive')") == "alive"
            process.stdout.close()

    def test_restart_gives_a_new_process(self, shared: Path):
        kernel = manager(shared)
        with running(kernel):
            with talking(kernel) as call:
                call("x = 1")
            before = kernel.provisioner.process.pid
            kernel.restart_kernel(now=True)
            assert kernel.provisioner.process.pid != before and not psutil.pid_exists(before)
            with talking(kernel) as call:  # an old client may not be back in time for the first answer
                assert "not defined" in call("print(x)")

    @WARM_AND_COLD
    @pytest.mark.parametrize(("end", "status"), [("os.kill(os.getpid(), 9)", -9), ("os._exit(3)", 3)])
    def test_a_dead_kernel_is_reported_dead(self, shared: Path, end: str, status: int, switch: str):
        kernel = manager(shared, WARMKERNEL_ENABLE=switch)
        kernel.start_kernel()
        client = kernel.client()
        client.start_channels()
        client.execute(f"import os; {end}")
        assert eventually(lambda: not kernel.is_alive())
        assert kernel.provisioner.process.returncode == status
        client.stop_channels()
        kernel.shutdown_kernel(now=True)

    def test_a_missing_folder_is_the_error_it_is_cold(self, shared: Path):
        for switch in ("0", "1"):
            kernel = manager(shared, WARMKERNEL_ENABLE=switch)
            with pytest.raises(FileNotFoundError, match="no_such_folder"):
                kernel.start_kernel(cwd="/no_such_folder")
            kernel.cleanup_resources()


class TestNothingIsLeft:
    """Every test's own folder must be free of processes in the end; see `home`."""

    def run(self, home: Path, times: int) -> None:
        servers = set()
        for _ in range(times):
            kernel = manager(home)
            kernel.start_kernel()
            servers.add(parent(kernel).pid)
            kernel.shutdown_kernel(now=True)
            assert len(left(home)) <= 2
        assert len(servers) == 1

    def test_after_several_kernels_and_when_idle(self, home: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv(client.LINGER_VARIABLE, "3")  # longer than a busy machine takes between two
        self.run(home, 3)
        assert len(left(home)) == 1, "the server waits for another kernel"
        assert eventually(lambda: not left(home)), "and then ends"
        assert eventually(lambda: [path.name for path in (home / "servers").glob("*/*")] == ["lock"])

    @pytest.mark.slow
    def test_after_two_hundred_kernels(self, home: Path):
        self.run(home, 200)

    @pytest.mark.slow
    def test_three_hundred_kernels_leave_server_and_client_as_they_were(self, home: Path):
        """Open files, threads, and the memory that a process has for itself."""
        first, measured = manager(home), []
        with running(first):  # so that one server serves them all
            both = (parent(first), psutil.Process())
            for number in range(1, 301):
                kernel = manager(home)
                kernel.start_kernel()
                assert parent(kernel) == both[0]
                kernel.shutdown_kernel(now=True)
                if number in (50, 300):
                    gc.collect()
                    counts = [(process.num_fds(), process.num_threads()) for process in both]
                    measured.append((counts, [process.memory_full_info().uss for process in both]))
        (counts, before), (counts_after, after) = measured
        assert counts_after == counts
        assert all(new - old < SOAKED_BYTES for old, new in zip(before, after, strict=True)), (before, after)
        print(f"bytes of server and client after 50 kernels: {before}, after 300: {after}")

    def test_kernels_asked_for_at_once_share_a_server_and_outlive_it_but_not_their_clients(self, home: Path):
        clients = [client_process(home) for _ in range(2)]
        kernels = [psutil.Process(kernel_of(client)) for client in clients]
        kernel, second = manager(home), manager(home)
        with started(kernel) as call:
            killed = parent(kernel)
            assert {each.parent() for each in kernels} == {killed}
            killed.kill()
            assert eventually(lambda: not killed.is_running())
            time.sleep(1.2)  # ipykernel looks for a new parent every second
            assert call("print(1)") == "1" and all(each.is_running() for each in kernels)
            for client in clients:
                client.kill()
                client.wait()
            assert eventually(lambda: not any(each.is_running() for each in kernels))
            with started(second) as another:
                assert another("print(2)") == "2" and parent(second) != killed
        assert not kernel.is_alive()


class TestKilledInItsFork:
    """A fork is not yet a kernel: its end is no cell's fault."""

    def test_it_is_forked_again_and_starts_cold_when_it_always_is(self, home: Path):
        lives = home / "lives"
        (home / "code" / "keeps_state.py").write_text(MORTAL.format(path=str(lives)))
        lives.write_text("x")
        kernel = manager(home)
        with started(kernel) as call:
            assert warm(kernel) and call("print(1)") == "1" and lives.read_text() == ""
            lives.write_text("x" * 100)
            cold = manager(home)
            with (
                pytest.warns(provisioner.ColdKernelWarning, match="while it was forked, with status -9"),
                running(cold),
            ):
                assert not warm(cold)
