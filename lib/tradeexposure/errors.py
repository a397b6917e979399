"""The two ways a command can end badly."""

from __future__ import annotations


class BadInput(ValueError):
    """Something the user gave cannot be used: exit status 2, nothing written.

    Parameters
    ----------
    where : str
        File (relative to the project) or command-line option.
    key : str
        Key, column, row or cell inside it; empty when the whole file is meant.
    found : str
        The value as typed.
    allowed : str
        What would be accepted, or what to type next.
    """

    def __init__(self, where: str, key: str = "", *, found: str, allowed: str) -> None:
        place = f"{where}: {key}" if key else where
        message = f"{place}: found {found}; allowed: {allowed}"
        super().__init__(" ".join(message.split()))


class RunFailed(RuntimeError):
    """A run that started could not finish: exit status 1, finished scenarios are kept."""
