"""What a notebook shows and publishes: its book of numbers, tables, charts.

May import: core, data.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradeexposure.reporting.results_book import Book

__all__ = ["Book"]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first asked for: the command must not wait for pandas."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tradeexposure.reporting import results_book

    return getattr(results_book, name)
