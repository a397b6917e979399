"""Two folders change places in one step where the system can do that, so that no moment sees one of them missing."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

FOLDER_OF_PROCESS = -100  # AT_FDCWD: paths are taken as any other call takes them
LINUX_EXCHANGE, MACOS_SWAP = 2, 2  # RENAME_EXCHANGE of renameat2, RENAME_SWAP of renamex_np
#: The system, or the file system the folders are on, does not know how.
UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM, errno.EXDEV)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places at once; False where that cannot be done and nothing was changed.

    Raises
    ------
    OSError
        One of them is not there, or may not be moved.
    """
    library = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    paths = os.fsencode(one), os.fsencode(other)
    if library is not None and sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(FOLDER_OF_PROCESS, paths[0], FOLDER_OF_PROCESS, paths[1], LINUX_EXCHANGE)
    elif library is not None and sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(*paths, MACOS_SWAP)
    else:
        return False
    if not failed:
        return True
    reason = ctypes.get_errno()
    if reason in UNKNOWN:
        return False
    raise OSError(reason, os.strerror(reason), str(one), None, str(other))
