"""How exposed Canadian canola and electric vehicles are to tariffs, from official figures to published reports.

>>> import tradeexposure as te
>>> te.rate("china", "canada", "canola_seed", "2026-10-01")
<Duty 0.149 on 2026-10-01: china_mfn_seed + china_seed_antidumping; china_seed_antidumping ends 2031-02-28>

`docs/python.md` has an example of each name.

The packages, each of which imports only what stands before it: core; data and econometrics; policy and reporting;
trade, canola and vehicles; scenarios and publishing; runner; refresh.
"""

import importlib
from typing import Any

__version__ = "0.1.0"
__all__ = [
    "BadInput", "RunFailed", "about", "chart", "charts", "compare", "explain", "load", "rate", "result", "results",
    "run", "scenario", "scenario_names", "simulate", "tables",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """The public names, found when they are first asked for: the command must not wait for pandas."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("tradeexposure.public"), name)


def __dir__() -> list[str]:
    """The public names, and no other, for help() and for completion."""
    return sorted(__all__)
