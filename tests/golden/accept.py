"""Accept the numbers of published editions as the golden ones: ``accept.py EDITION [EDITION …]``."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pandas as pd

from tradeexposure.core import results_csv
from tradeexposure.core.published_rows import numbers_of
from tradeexposure.data import vintages

GOLDEN = Path(__file__).parent
COLUMNS = ["result_id", "value", "low", "high", "unit", "tolerance"]


def numbers_in(folder: Path) -> pd.DataFrame:
    """Numbers of all executed notebooks in a folder (an edition, or ``notebooks/``), in the order of their names."""
    places = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    read = (nbformat.read(path, as_version=4) for path in places)
    publishing = (notebook for notebook in read if numbers_of(notebook))  # one hands over a table and publishes nothing
    return pd.concat([results_csv.from_notebook(notebook) for notebook in publishing], ignore_index=True)


if __name__ == "__main__":
    (GOLDEN / "VINTAGE").write_text(f"{vintages.current()}\n", "utf-8")
    for name in sys.argv[1:]:
        numbers_in(Path(name))[COLUMNS].to_csv(GOLDEN / f"{Path(name).name}.csv", index=False, lineterminator="\n")
