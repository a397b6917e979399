"""Jupyter kernels that start in a fraction of the time: forked from a process that has imported what notebooks use.

A kernel provisioner for `jupyter_client`, so papermill, nbclient, nbval and JupyterLab use it unchanged. It needs
Linux; elsewhere, with ``WARMKERNEL_ENABLE=0`` and wherever a fork could not pass for a fresh process, a kernel starts
cold.
"""
