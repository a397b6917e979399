"""A worker that gets ready for tasks, and the imports that it is spared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from tradeexposure.core import paths
from tradeexposure.runner import notebook_task, notebooks
from tradeexposure.runner.kernels import engine, environment_key
from warmkernel import identity


def test_it_asks_for_a_kernel_of_the_server_that_tasks_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, Any], str]] = []

    def started(manager: KernelManager, *, env: dict[str, str], cwd: str, **_: Any) -> None:
        asked.append((manager.kernel_name, env, cwd))

    def ran(notebook: Any, *, environment: dict[str, str], folder: str, **__: Any) -> None:
        asked.append((notebook.metadata.kernelspec.name, environment, folder))

    monkeypatch.setattr(KernelManager, "start_kernel", started)
    monkeypatch.setattr(KernelManager, "shutdown_kernel", lambda manager, now: asked.append(("ended", {}, str(now))))
    monkeypatch.setattr(engine, "run", ran)
    environment = environment_key.numerical_variables(
        {"OMP_NUM_THREADS": "7", "LANG": "C.UTF-8", **notebook_task.ENVIRONMENT}
    )
    notebook = notebooks.discover()[-1]
    job = notebook_task.as_job(notebook, root=paths.root(), digests={}, environment=environment)
    notebook_task.begin(job)
    notebook_task._execute(job, tmp_path)
    (name, ahead, folder), ended, (wanted, task, where) = asked
    assert ended == ("ended", {}, "True")
    assert (name, folder) == (wanted, where) and identity.at_start(ahead) == identity.at_start(task)
    assert identity.at_start(task)["LANG"] == "C.UTF-8"


def test_a_task_has_all_of_its_notebook_but_outputs() -> None:
    notebook = notebooks.discover()[0]
    job = notebook_task.as_job(notebook, root=paths.root(), digests={})
    content = json.loads(job.content)
    assert any(cell.get("outputs") for cell in notebook.content["cells"])
    assert not any(cell.get("outputs") for cell in content["cells"])
    for cell, whole in zip(content["cells"], notebook.content["cells"], strict=True):
        assert cell | {"outputs": 0} == whole | {"outputs": 0}
    assert content | {"cells": 0} == notebook.content | {"cells": 0}


def test_who_runs_notebooks_is_spared_the_grammar_of_addresses(imported: dict[str, set[str]]) -> None:
    assert "jsonschema" in imported["notebooks"] and "rfc3987_syntax" not in imported["notebooks"]
