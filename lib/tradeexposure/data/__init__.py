"""Tables of the vintage in force, described, checked, corrected, credited; places; words of results; frozen forecasts.

May import: core.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradeexposure.data.frozen_forecasts import earlier as earlier_forecasts
    from tradeexposure.data.periods import Months
    from tradeexposure.data.tables import (
        SOURCE_COLUMNS,
        accept,
        describe,
        electric_car_imports,
        ending,
        figure,
        generated,
        load,
        main,
        names,
        newest,
        of_study,
        row,
        sources,
        validate,
    )

__all__ = [
    "SOURCE_COLUMNS",
    "Months",
    "accept",
    "describe",
    "earlier_forecasts",
    "electric_car_imports",
    "ending",
    "figure",
    "generated",
    "load",
    "main",
    "names",
    "newest",
    "of_study",
    "row",
    "sources",
    "validate",
]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first asked for: the command must not wait for pandas."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tradeexposure.data import frozen_forecasts, periods, tables

    elsewhere = {"earlier_forecasts": frozen_forecasts.earlier, "Months": periods.Months}
    return elsewhere.get(name) or getattr(tables, name)
