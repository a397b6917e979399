"""Imports that take long and that nothing here needs; importing this module leaves them out of this process.

For the process that warm kernels are copies of, which is given names of modules, and for any other that asks.
"""

import sys


def leave_out_slow_imports() -> None:
    """Spare this process the grammar of internationalised addresses, 0.65 s that `jsonschema` costs, and with it
    `nbformat` and `altair`.

    To `jsonschema` the package is an extra: without it the format "iri" goes unchecked, and nothing here has one.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


leave_out_slow_imports()
