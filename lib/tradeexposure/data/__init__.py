"""Tables of the vintage in force: described, checked, corrected, credited.

May import: core.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradeexposure.data.cited_figures import electric_car_imports
    from tradeexposure.data.frozen_forecasts import earlier as earlier_forecasts
    from tradeexposure.data.tables import (
        SOURCE_COLUMNS,
        accept,
        describe,
        ending,
        generated,
        load,
        main,
        names,
        newest,
        sources,
        validate,
    )

__all__ = [
    "SOURCE_COLUMNS",
    "accept",
    "describe",
    "earlier_forecasts",
    "electric_car_imports",
    "ending",
    "generated",
    "load",
    "main",
    "names",
    "newest",
    "sources",
    "validate",
]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first asked for: the command must not wait for pandas."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tradeexposure.data import cited_figures, frozen_forecasts, tables

    if name == "earlier_forecasts":
        return frozen_forecasts.earlier
    return getattr(cited_figures if name == "electric_car_imports" else tables, name)
