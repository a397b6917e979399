"""Kernels of `make lab` only: an edit of lib/ applies in the next cell that runs."""

c = get_config()  # noqa: F821
c.InteractiveShellApp.extensions = ["autoreload"]
c.InteractiveShellApp.exec_lines = ["%autoreload 2"]
