"""Kernels of `make lab` only: an edit of lib/ applies in the next cell that runs, or the notebook says why not."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # `make lab` puts restart_needed.py beside this file

c = get_config()  # noqa: F821
c.InteractiveShellApp.extensions = ["autoreload", "restart_needed"]
c.InteractiveShellApp.exec_lines = ["%autoreload 2"]
