"""What a kernel prints: ipykernel's stream, which is asked to pass its text on several times a cell."""

from __future__ import annotations

from ipykernel.iostream import OutStream


class Stream(OutStream):  # type: ignore[misc,unused-ignore]
    """Has its thread pass text on where there is some; the base class wakes and awaits the thread in any case.

    What was taken out to be passed on stands before all that is sent after it: one thread sends everything, in turn.
    """

    def flush(self) -> None:
        """As the base class."""
        written = getattr(self, "_flush_pending", True) or getattr(self, "_buffers", True)  # private of ipykernel
        if written or self.echo is not None:
            super().flush()
