"""Messages between clients and the server: JSON with a length before it, open files beside it."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

LENGTH = struct.Struct("!I")
MOST_FILES = 3
MOST_BYTES = 16 * 1024 * 1024  # an environment has at most a few megabytes


def send(connection: socket.socket, message: dict[str, Any], files: Sequence[int] = ()) -> None:
    """Send `message`; the receiver gets duplicates of the descriptors `files`."""
    body = json.dumps(message).encode()
    header = LENGTH.pack(len(body))
    if files:
        socket.send_fds(connection, [header], list(files))
    else:
        connection.sendall(header)
    connection.sendall(body)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next message and its files; ``EOFError`` if the other side has closed or sent something else."""
    header, files, _, _ = socket.recv_fds(connection, LENGTH.size, MOST_FILES)
    header += _exactly(connection, LENGTH.size - len(header)) if header else b""
    if len(header) < LENGTH.size:
        raise EOFError("closed")
    (length,) = LENGTH.unpack(header)
    if length > MOST_BYTES:
        raise EOFError("not a message")
    message: dict[str, Any] = json.loads(_exactly(connection, length))
    return message, list(files)


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(length - len(parts))
        if not part:
            raise EOFError("closed in the middle of a message")
        parts += part
    return bytes(parts)
