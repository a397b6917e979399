"""Time scenarios as calls and as a grid: python benchmarks/scenarios.py [--before CHECKOUT] [--large].

Processor seconds are those of the command with all its kernels. A grid begins with the estimates in the store, as an
analyst has them who has run an edition. CHECKOUT is another checkout with its own `.venv`, whose command runs the same
grid in turn.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SEED, QUOTA = "overrides.china_seed_antidumping.rate", "quantities.canada_ev_quota.annual_vehicles"


def calls() -> None:
    """Print how many numbers the shipped scenarios have, and the processor seconds of working them out."""
    from tradeexposure.policy import scenarios
    from tradeexposure.scenarios.simulation import simulate

    started = time.process_time()
    table = simulate.of_committed(scenarios.names(), draws=simulate.DRAWS, seed=simulate.SEED)
    print(len(table), time.process_time() - started)


def spread(first: float, last: float, count: int) -> list[float]:
    """Values at equal distances, rounded as a file of a grid has them."""
    return [round(first + (last - first) * place / (count - 1), 6) for place in range(count)]


def grid(name: str, duties: int, quotas: int, folder: Path) -> Path:
    """A file with the product of so many duties and quotas."""
    path = folder / f"{name}.yml"
    values: dict[str, list[float]] = {
        SEED: spread(0.05, 0.6, duties),
        QUOTA: [*map(int, spread(20_000, 90_000, quotas))],
    }
    lines = [f"  {key}: {some}" for key, some in values.items()]
    path.write_text("\n".join(["scenario: deal_2026", "over:", *lines]) + "\n", "utf-8")
    return path


def timed(command: list[str], checkout: Path) -> tuple[float, float]:
    """Seconds and processor seconds of a command in a checkout."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=checkout, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return time.monotonic() - started, used


def run(path: Path, checkout: Path, *options: str) -> float:
    """Seconds that a checkout's command takes for a grid, published aside."""
    with tempfile.TemporaryDirectory() as aside:
        command = [str(checkout / ".venv" / "bin" / "tradeexposure"), "run", "--grid", str(path), "--out", f"{aside}/o"]
        return timed([*command, *options, "--workers", "2"], checkout)[0]


def main() -> None:
    """Print the rows of the table in benchmarks/README.md."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--before", type=Path, help="another checkout with its own .venv")
    options.add_argument("--large", action="store_true", help="1,000 points as well")
    options.add_argument("--calls", action="store_true", help="only the shipped scenarios as calls, in this process")
    asked = options.parse_args()
    if asked.calls:
        calls()
        return
    called = subprocess.run([sys.executable, __file__, "--calls"], cwd=ROOT, check=True, capture_output=True, text=True)
    rows, seconds = called.stdout.split()
    print(f"| the shipped scenarios as calls | {int(rows):,} numbers | {float(seconds):.1f} processor seconds |")
    with tempfile.TemporaryDirectory() as folder:
        small = grid("small", 10, 6, Path(folder))
        now = run(small, ROOT)
        print(f"| a grid of 10 duties and 6 quotas | 60 points | {now:.0f} s |")
        if asked.before:
            old = run(small, asked.before.resolve())
            print(f"| the same in {asked.before.name} | 60 points | {old:.0f} s: {now / old:.2f} of it |")
        if asked.large:
            large = run(grid("large", 40, 25, Path(folder)), ROOT)
            print(f"| a grid of 40 duties and 25 quotas | 1,000 points | {large:.0f} s |")


if __name__ == "__main__":
    main()
