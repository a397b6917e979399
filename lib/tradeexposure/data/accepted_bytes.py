"""A table as it was when it was accepted: its hash, and its bytes as git has them."""

from __future__ import annotations

import subprocess
from functools import lru_cache

from tradeexposure.core import files, paths

LONGEST_SECONDS = 20  # that git may take
PLACES = (":", "HEAD:")  # what is staged, and the last commit


@lru_cache(maxsize=64)
def hash_of(content: bytes) -> str:
    """The hash of a file as a description holds it."""
    return f"sha256:{files.digest(content)}"


def of(where: str, described: str) -> bytes | None:
    """The file as git has it, staged or committed, if its hash is the described one; None without git or otherwise."""
    for place in PLACES:
        command = ["git", "-C", str(paths.root()), "cat-file", "blob", f"{place}./{where}"]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=LONGEST_SECONDS)
        except (OSError, subprocess.SubprocessError):
            return None
        if done.returncode == 0 and hash_of(done.stdout) == described:
            return done.stdout
    return None
