"""What was computed before: an entry is what was put in, for the same kind of processor, or it is absent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tradeexposure.runner import notebook_task, result_store
from tradeexposure.runner.kernels import environment_key
from tradeexposure.runner.result_store import Entry, Store

ONE, OTHER = Entry("one", 1.5), Entry("other", 2.5)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", "here")


def only(store: Store) -> Path:
    (path,) = store.folder.glob("*.json")
    return path


def altered(**changed: object) -> bytes:
    kept = {"notebook": "one", "seconds": 1.5, "digest": "0" * 64}
    return json.dumps(kept | changed).encode()


def test_what_was_put_in_comes_out(store: Store):
    store.put("key", ONE)
    assert store.get("key") == ONE
    assert store.get("another") is None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", b"7", b"[]", b"{}", b"\xff", b"[" * 5000 + b"]" * 5000, altered(), altered(notebook=7),
        altered(notebook="two"), altered(seconds="x"),
    ],
    ids=range(11),
)  # fmt: skip
def test_an_altered_entry_is_set_aside_and_computed_anew(store: Store, content: bytes):
    store.put("key", ONE)
    path = only(store)
    path.write_bytes(content)
    assert store.get("key") is None
    assert (store.folder / result_store.ASIDE / path.name).read_bytes() == content
    store.put("key", ONE)
    assert store.get("key") == ONE


def test_a_value_altered_in_place_is_noticed(store: Store):
    store.put("key", Entry("the number is 6.0", 1.0))
    path = only(store)
    path.write_text(path.read_text("utf-8").replace("6.0", "7.0"), "utf-8")
    assert store.get("key") is None


def test_an_entry_of_another_key_is_none_of_this(store: Store):
    store.put("key", ONE)
    mine = only(store)
    store.put("other", OTHER)
    mine.write_bytes(next(path for path in store.folder.glob("other*")).read_bytes())
    assert store.get("key") is None
    assert store.get("other") == OTHER


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_what_is_no_file_is_moved_out_of_the_way(store: Store, kind: str):
    store.put("key", ONE)
    path = only(store)
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name)
    assert store.get("key") is None
    store.put("key", ONE)
    assert store.get("key") == ONE


def test_kinds_of_processor_never_mix(tmp_path: Path):
    here, there = Store(tmp_path, "here"), Store(tmp_path, "there")
    here.put("key", ONE)
    assert there.get("key") is None
    there.put("key", OTHER)
    assert (here.get("key"), there.get("key")) == (ONE, OTHER)


def kind_of(**environment: str) -> list[str]:
    """The kind of processor that a process of its own has, and the cores its libraries chose."""
    code = (
        "from tradeexposure.runner.kernels import environment_key as p\n"
        "print(p.processor_kind(), *sorted(p.described().values()))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return ended.stdout.split()


def test_the_kind_is_asked_of_the_libraries():
    """Another core's kernels, chosen by the library's own variable, make another kind; the machine is the same."""
    described = environment_key.described()
    if environment_key.UNKNOWN in (described["numpy_core"], described["scipy_core"]):
        pytest.skip("numpy's linear algebra is not OpenBLAS here")
    assert kind_of()[0] == environment_key.processor_kind()
    core = "Nehalem" if described["numpy_core"] != "Nehalem" else "Prescott"
    assert kind_of(OPENBLAS_CORETYPE=core)[0] != kind_of()[0]
    assert set(described) == {"machine", "numpy_core", "scipy_core", "numpy_features"}


def test_a_worker_of_another_kind_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(environment_key, "processor_kind", lambda: "another")
    job = notebook_task.Job("x", "{}", str(tmp_path), {}, processor="this")
    outcome = notebook_task.execute(job)
    assert outcome.failure is not None
    assert "another kind (another, not this)" in outcome.failure.error


def test_what_was_not_used_for_long_goes_and_then_the_oldest(store: Store, monkeypatch: pytest.MonkeyPatch):
    for number, name in enumerate(("ancient", "old", "new")):
        store.put(name, Entry("x" * 1000, 1.0))
        (path,) = store.folder.glob(f"{name}*")
        age = (result_store.OLDEST_SECONDS + 10, 100, 0)[number]
        os.utime(path, (time.time() - age, time.time() - age))
    store.prune()
    assert [store.get(name) is not None for name in ("ancient", "old", "new")] == [False, True, True]
    monkeypatch.setattr(result_store, "MOST_BYTES", 1500)
    (old,) = store.folder.glob("old*")
    os.utime(old, (1e9 + 1e8, time.time() - 50))
    store.prune()
    assert [store.get(name) is not None for name in ("old", "new")] == [False, True]


def test_it_is_shown_and_emptied(store: Store):
    store.put("key", ONE)
    Store(store.folder, "there").put("key", OTHER)
    only_here = [line for line in store.contents() if "this one" in line]
    assert only_here == ["processor here (this one): 1"]
    assert "2 executed notebooks" in store.contents()[0]
    assert "2 files deleted" in store.emptied()[0]
    assert not list(store.folder.iterdir())


def test_which_entries_were_read_is_kept_newest_first_and_whole_or_not_at_all(store: Store):
    first, second = [("fact", "a"), ("table", "b")], [("table", "b")]
    for names in (first, second, first):
        store.note("basis", names)
    assert store.names("basis") == [first, second]
    assert store.names("another") == []
    (path,) = store.folder.glob("basis*")
    path.write_bytes(path.read_bytes().replace(b'["fact","a"],', b""))
    assert store.names("basis") == []
    assert not path.exists(), "it was set aside"
