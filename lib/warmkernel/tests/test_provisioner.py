"""What is forked and what starts cold, and the specification that asks for it."""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from warmkernel import __main__ as kernelspecs
from warmkernel import identity, provisioner, server
from warmkernels import manager, running, warm


class TestChoice:
    COMMAND = (sys.executable, "-m", "ipykernel_launcher", "-f", "x")

    @pytest.mark.parametrize(
        ("command", "options"),
        [
            (COMMAND, {"env": {provisioner.SWITCH: "0"}}),
            (COMMAND, {"env": {"PYTHONHASHSEED": "random"}}),
            (COMMAND, {"env": {"PYTHONPATH": "lib"}}),
            (COMMAND, {"env": {}, "independent": True}),
            (COMMAND, {"env": {}, "preexec_fn": print}),
            (("/usr/bin/python3.0", *COMMAND[1:]), {"env": {}}),
            ((sys.executable, "-m", "another_kernel", "-f", "x"), {"env": {}}),
            (("R", "--slave"), {"env": {}}),
        ],
    )
    def test_what_a_fork_cannot_be_is_cold(self, command: tuple[str, ...], options: dict[str, Any]):
        assert provisioner.fits(list(self.COMMAND), {"env": {}})
        assert not provisioner.fits(list(command), options)

    def test_elsewhere_kernels_are_as_usual_and_it_is_said_once(self, shared: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(provisioner, "FORKS", False)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", provisioner.ColdKernelWarning)
            for _ in range(2):
                monkeypatch.setattr(provisioner, "_cold_until", 0.0)
                kernel = manager(shared)
                with running(kernel):
                    assert not warm(kernel) and kernel.transport == "tcp"
        assert ["need Linux" in str(item.message) for item in warned] == [True]

    def test_elsewhere_the_specification_has_the_variables_alone(self, tmp_path: Path, monkeypatch, capsys):
        (tmp_path / "pyproject.toml").write_text('[tool.warmkernel]\npreload = ["numpy"]\nenv = { A = "1" }\n')
        monkeypatch.setattr(kernelspecs, "FORKS", False)
        monkeypatch.setattr(kernelspecs.install, "__kwdefaults__", {"prefix": str(tmp_path)})
        kernelspecs.main([str(tmp_path)])
        specification = json.loads((tmp_path / "share/jupyter/kernels/python3/kernel.json").read_text())
        assert "kernel_provisioner" not in specification.get("metadata", {}) and specification["env"] == {"A": "1"}
        assert capsys.readouterr().out == "kernels start as usual: to fork them needs Linux\n"

    def test_modules_can_be_named_on_the_command_line(self, tmp_path: Path, monkeypatch, capsys):
        monkeypatch.setattr(kernelspecs.install, "__kwdefaults__", {"prefix": str(tmp_path)})
        kernelspecs.main(["--preload", "numpy", "json"])
        specification = json.loads((tmp_path / "share/jupyter/kernels/python3/kernel.json").read_text())
        assert specification["metadata"]["kernel_provisioner"]["config"] == {"preload": ["numpy", "json"], "watch": []}
        with pytest.raises(SystemExit):
            kernelspecs.main([str(tmp_path)])
        assert "no table [tool.warmkernel]" in capsys.readouterr().err

    def test_the_kernel_specification_is_the_usual_one_with_the_provisioner(self, tmp_path: Path):
        from ipykernel.kernelspec import get_kernel_dict

        single = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        folder = kernelspecs.install(["numpy"], ["lib"], single, prefix=str(tmp_path))
        assert folder == tmp_path / "share" / "jupyter" / "kernels" / "python3"
        installed, usual = json.loads((folder / "kernel.json").read_text()), get_kernel_dict()
        chosen = installed["metadata"].pop("kernel_provisioner")
        assert chosen["provisioner_name"] == "warmkernel" and chosen["config"]["preload"] == ["numpy"]
        assert installed == {**usual, "argv": ["python", *usual["argv"][1:]], "env": single}

    def test_what_is_read_at_start_makes_another_identity(self, tmp_path: Path):
        watched = identity.contents([str(tmp_path)])
        base = identity.server_name(["python"], {"A": "1"}, [], watched)
        assert identity.server_name(["python"], {"A": "2"}, [], watched) == base
        for variables in ({"OMP_NUM_THREADS": "2"}, {"PYTHONPATH": "/x"}, {"LC_ALL": "C"}, {"HOME": "/x"}):
            assert identity.server_name(["python"], {"A": "1", **variables}, [], watched) != base
        (tmp_path / "module.py").touch()
        assert identity.contents([str(tmp_path)]) != watched

    def test_links_are_followed_and_what_is_no_code_does_not_count(self, tmp_path: Path):
        code, watched = tmp_path / "code", tmp_path / "watched"
        for folder in (code, watched, watched / "__pycache__"):
            folder.mkdir()
        (watched / "linked").symlink_to(code)
        (watched / "gone.py").symlink_to(tmp_path / "nowhere.py")
        (watched / "round").symlink_to(watched / "round")
        os.mkfifo(watched / "waits.py")
        before = identity.contents([str(watched)])
        (watched / "notes.md").touch()
        (watched / "__pycache__" / "old.py").touch()
        assert identity.contents([str(watched)]) == before
        (code / "module.py").touch()
        assert identity.contents([str(watched)]) != before
        assert identity.newest([str(watched)]) == str(watched / "linked" / "module.py")

    def test_so_is_a_change_of_what_a_process_inherits(self):
        base, before = identity.server_name(["python"], {}, [], ""), os.umask(0o027)
        changed = identity.server_name(["python"], {}, [], "")
        os.umask(before)
        assert changed != base == identity.server_name(["python"], {}, [], "")

    def test_a_star_stands_for_the_modules_inside(self):
        server.load(["warmkernel"])
        assert {"warmkernel", "warmkernel.server", "warmkernel.client"} <= set(server.modules(["warmkernel.*"]))
