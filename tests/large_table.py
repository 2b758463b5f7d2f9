"""A table of 100,000 rows, with a column of 5,000 categories; the memory of a process."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

UNIT = 1 if sys.platform == "darwin" else 1024
STATUS = Path("/proc/self/status")


def large_table(n=100_000):
    """Return 170 columns of numbers, 29 of ten words and one of many names; and labels."""
    rng = np.random.default_rng(0)
    data = {f"n{i}": rng.standard_normal(n) for i in range(170)}
    for i in range(0, 170, 2):
        data[f"n{i}"][rng.random(n) < 0.05] = np.nan
    words = np.array(list("abcdefghij"), dtype=object)
    data |= {f"c{i}": words[rng.integers(0, 10, n)] for i in range(29)}
    names = np.array([f"name {i}" for i in range(5000)], dtype=object)
    table = pd.DataFrame(data | {"many": names[rng.integers(0, 5000, n)]}, copy=False)
    return table, (table["n1"] > 0.0).to_numpy().astype(int)


def tell_peak():
    """Print the most memory that this process has taken so far.

    On Linux ru_maxrss counts what the process had taken that started this one.
    """
    if STATUS.exists():
        print(re.search(r"^VmHWM:\s+(\d+) kB$", STATUS.read_text(), re.M)[1])
    else:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peaks_of(program):
    """Run a program that begins with a large table; return its peaks, in GB."""
    begin = "from large_table import large_table, tell_peak\ntable, y = large_table()\n"
    run = subprocess.run(
        [sys.executable, "-c", begin + "tell_peak()\n" + program + "tell_peak()\n"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(size) * UNIT / 1e9 for size in run.stdout.split()]
