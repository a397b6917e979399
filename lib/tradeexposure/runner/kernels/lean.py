"""Imports that take long and that nothing here needs; importing this module leaves them out of this process.

What warm kernels are copies of is given its name; whoever imports :mod:`tradeexposure.runner.notebook_task`, which all
that runs notebooks does, has it too.
"""

import sys

# The grammar of internationalised addresses costs `jsonschema` 0.65 s, and with it `nbformat` and `altair`. To
# `jsonschema` the package is an extra: without it the format "iri" goes unchecked, and nothing here has one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
