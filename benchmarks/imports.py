"""Seconds of an import, and which packages come along, in new interpreters."""

import os
import subprocess
import sys

from turns import Contestant, Setting

# Prints the seconds that the second import takes after the first, and its new modules.
PROGRAM = """
import sys, time
import {before}
known = set(sys.modules)
start = time.perf_counter()
import {module}
print(time.perf_counter() - start, *sorted(set(sys.modules) - known))
"""

PACKAGES = ("pandas", "polars", "matplotlib", "torch", "scipy.stats")


def run_import(module, before):
    program = PROGRAM.format(module=module, before=before)
    command = [sys.executable, "-c", program]
    # Compiled once, as pip compiles what it installs, and not at every import.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    )
    seconds, *new_modules = run.stdout.split()
    return float(seconds), new_modules


def make_import(module, before):
    return lambda: run_import(module, before)[0]


def make_count(package):
    def count():
        _, modules = run_import("skfcnn", before="sklearn.neural_network")
        return sum(f"{name}.".startswith(f"{package}.") for name in modules)

    return count


def settings(options):
    seconds = [
        Contestant(
            "sklearn.neural_network", make_import, ("sklearn.neural_network", "sys")
        ),
        Contestant("skfcnn after it", make_import, ("skfcnn", "sklearn.neural_network")),
    ]
    counts = [Contestant(package, make_count, (package,)) for package in PACKAGES]
    threads = options.threads
    return [
        Setting("import", seconds, threads),
        Setting("loaded by skfcnn", counts, threads, "modules", most_rounds=1),
    ]
