"""Accept the numbers of published editions as the golden ones: ``accept.py EDITION [EDITION …]``."""

from __future__ import annotations

import sys
from pathlib import Path

from tradeexposure.core import results_csv
from tradeexposure.data import vintages

GOLDEN = Path(__file__).parent
COLUMNS = ["result_id", "value", "low", "high", "unit", "tolerance"]

if __name__ == "__main__":
    (GOLDEN / "VINTAGE").write_text(f"{vintages.current()}\n", "utf-8")
    for name in sys.argv[1:]:
        results_csv.from_folder(Path(name))[COLUMNS].to_csv(
            GOLDEN / f"{Path(name).name}.csv", index=False, lineterminator="\n"
        )
