"""Plain papermill on a value that a notebook refuses: one line and status 2, as the project's own command.

papermill loads this as an engine when it starts (``pyproject.toml``) and asks it wherever no other engine is named.
"""

from __future__ import annotations

from typing import Any

import click
from papermill.engines import NBClientEngine, papermill_engines

from tradeexposure.core.errors import BadInput


class Refused(click.ClickException):
    """Told by papermill's command in the place of a traceback through its own code."""

    exit_code = 2


class PlainEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine; the notebook is kept as it stopped."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run all cells; :class:`Refused` where one raised :class:`BadInput`."""
        done = super().execute_managed_notebook(nb_man, kernel_name, **options)
        for cell in nb_man.nb.cells:
            for output in cell.get("outputs", ()):
                if output.get("ename") == BadInput.__name__:
                    nb_man.save()
                    raise Refused(output["evalue"])
        return done


papermill_engines.register(None, PlainEngine)
