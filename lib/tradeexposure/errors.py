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


class SourceFailed(RunFailed):
    """A publisher's file could not be had or used; the vintage in force is as it was.

    Parameters
    ----------
    source : str
        Publisher and table, as in ``data/sources.yml``.
    what : str
        What happened.
    todo : str
        What to do about it.
    """

    def __init__(self, source: str, what: str, todo: str) -> None:
        self.source, self.what, self.todo = source, what, todo
        super().__init__(" ".join(f"{source}: {what}; {todo}".split()))
