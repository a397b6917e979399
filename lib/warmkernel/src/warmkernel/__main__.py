"""Make the kernel `python3` of this Python environment warm: ``python -m warmkernel [FOLDER] [--preload NAME ...]``.

What it imports, watches and sets, and which extensions of IPython kernels load, comes from ``[tool.warmkernel]`` in the
``pyproject.toml`` of FOLDER, or from the command line. Where kernels cannot be forked they stay as they are, with the
same variables and extensions.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warmkernel.provisioner import FORKS

NAME = "python3"
PROVISIONER = "warmkernel"


def specification(
    preload: Sequence[str], watch: Sequence[str], env: Mapping[str, str], extensions: Sequence[str] = ()
) -> dict[str, Any]:
    """The kernel specification of ipykernel, with this provisioner in its metadata, `env` as the kernel's variables and
    `extensions` of IPython that it loads before the first cell.

    Returns
    -------
    dict
        For ``kernel.json``. jupyter_client documents ``metadata.kernel_provisioner`` with ``provisioner_name`` and
        ``config``, whose items become traits of the provisioner.
    """
    from ipykernel.kernelspec import get_kernel_dict

    kernel: dict[str, Any] = get_kernel_dict()
    kernel["argv"] = ["python", *kernel["argv"][1:], *(f"--ext={name}" for name in extensions)]
    kernel["env"] = {**kernel.get("env", {}), **env}
    if FORKS:
        settings = {"preload": list(preload), "watch": [str(Path(path).resolve()) for path in watch]}
        chosen = {"provisioner_name": PROVISIONER, "config": settings}
        kernel["metadata"] = {**kernel.get("metadata", {}), "kernel_provisioner": chosen}
    return kernel


def install(
    preload: Sequence[str],
    watch: Sequence[str],
    env: Mapping[str, str],
    extensions: Sequence[str] = (),
    *,
    prefix: str = sys.prefix,
) -> Path:
    """Write the specification into the environment at `prefix`; its folder.

    ``python -m ipykernel install --sys-prefix`` puts the usual one back.
    """
    from ipykernel.kernelspec import install as install_usual

    folder = Path(install_usual(kernel_name=NAME, prefix=prefix))
    kernel = specification(preload, watch, env, extensions)
    (folder / "kernel.json").write_text(json.dumps(kernel, indent=1) + "\n", "utf-8")
    return folder


def settings(project: Path) -> tuple[list[str], list[str], dict[str, str], list[str]]:
    """Modules to import, paths to watch, variables and extensions of kernels, from ``[tool.warmkernel]`` in
    ``pyproject.toml``.

    Raises
    ------
    KeyError, OSError, tomllib.TOMLDecodeError
        There is no such table.
    """
    table = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["warmkernel"]
    watch = [str(project / path) for path in table.get("watch", ())]
    return table["preload"], watch, table.get("env", {}), table.get("extensions", [])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m warmkernel", description=__doc__)
    parser.add_argument("project", nargs="?", type=Path, default=Path(), help="its folder; this one by default")
    parser.add_argument("--preload", nargs="+", metavar="NAME", help="modules to import, instead of a pyproject.toml")
    options = parser.parse_args(arguments)
    try:
        chosen = (options.preload, [], {}, []) if options.preload else settings(options.project)
    except (KeyError, OSError, tomllib.TOMLDecodeError) as error:
        where = options.project / "pyproject.toml"
        parser.error(f"{where}: no table [tool.warmkernel] with preload ({error}); or name modules with --preload")
    install(*chosen)
    if not FORKS:
        print("kernels start as usual: to fork them needs Linux")


if __name__ == "__main__":
    main()
