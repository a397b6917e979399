"""A notebook's kernel as the runner sees it: its start, its limits, what it prints, reads and may not write, its
kind of processor; whoever imports this is spared an import that takes long, as what warm kernels are copies of is.

May import: core, data, policy.
"""

import sys

# The grammar of internationalised addresses costs `jsonschema` 0.65 s, and with it `nbformat` and `altair`. To
# `jsonschema` the package is an extra: without it the format "iri" goes unchecked, and nothing here has one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
