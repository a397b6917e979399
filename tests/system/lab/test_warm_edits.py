"""A warm kernel with the profile of `make lab`: an edit of code that was imported before the fork applies."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from warmkernels import STATE, home_of_servers, live_in, manager, started, warm


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="kernels are forked on Linux only")
def test_edits_reach_a_running_kernel(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    profile = tmp_path / "profile_default"
    profile.mkdir()
    shutil.copy(root / "tools" / "lab" / "ipython_kernel_config.py", profile)
    with home_of_servers() as home:
        kernel = manager(live_in(home, monkeypatch), IPYTHONDIR=str(tmp_path))
        with started(kernel) as call:
            assert warm(kernel)
            assert call("import keeps_state\nprint(keeps_state.number)") == "0"
            edited = home / "code" / "keeps_state.py"
            edited.write_text(STATE.replace("number = 0", "number = 70"))
            os.utime(edited, (time.time() + 5,) * 2)
            assert call("print(keeps_state.number)") == "70"
