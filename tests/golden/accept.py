"""Accept the numbers of published editions as the golden ones: ``accept.py EDITION [EDITION …]``."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pandas as pd

from tradeexposure.core import results_csv
from tradeexposure.data import vintages

GOLDEN = Path(__file__).parent
COLUMNS = ["result_id", "value", "low", "high", "unit", "tolerance"]


def numbers_in(folder: Path) -> pd.DataFrame:
    """Numbers of all executed notebooks in a folder (an edition, or ``notebooks/``), in the order of their names."""
    found = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    frames = [results_csv.from_notebook(nbformat.read(path, as_version=4)) for path in found]
    return pd.concat(frames, ignore_index=True)


if __name__ == "__main__":
    (GOLDEN / "VINTAGE").write_text(f"{vintages.current()}\n", "utf-8")
    for name in sys.argv[1:]:
        numbers_in(Path(name))[COLUMNS].to_csv(GOLDEN / f"{Path(name).name}.csv", index=False, lineterminator="\n")
