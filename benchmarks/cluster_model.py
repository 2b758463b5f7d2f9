"""What a step costs on a cluster, from constants that are measured, and what that predicts.

Of a step of K workers on a batch of B rows, with a network of P parameters::

    step = B c P / K + t + u P + 2 d (a + b P)        d = floor(log2 K), the tree's depth

c: computing, per row and parameter; t, u: what one worker spends on the step itself, whole
and per parameter; a: the latency of a message; b: its time per parameter. Local steps
send messages once in H steps. Workers that share cores compute for longer.

python benchmarks/cluster_model.py benchmarks/results/cluster.csv --picture docs/images
"""

import argparse
import math
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from scipy.optimize import nnls

# The network of the case speed, 100 -> 256 -> 256 -> 1, and its batches.
SPEED_PARAMETERS = 101 * 256 + 257 * 256 + 257
BATCHES = {"synchronous": 65_536, "local steps": 4_096}
LOCAL_STEPS = 16
CORES = 2


class Constants(NamedTuple):
    """Seconds."""

    c: float  # per row and parameter
    t: float  # of a step
    u: float  # of a step, per parameter
    a: float  # of a message
    b: float  # of a message, per parameter


def depth(n_workers: int) -> int:
    """Return how many messages lie between the root and the farthest worker."""
    return int(math.log2(n_workers))


def relative_fit(columns, seconds) -> np.ndarray:
    """Return coefficients, not negative, with the least relative errors."""
    return nnls(
        np.column_stack(columns) / np.asarray(seconds)[:, None], np.ones(len(seconds))
    )[0]


def fit_constants(table: pd.DataFrame) -> Constants:
    """Return the constants that suit the measurements on 1 and 2 workers."""
    overhead = overheads(table)
    one, two = overhead[1], overhead[2]
    parameters = np.array(one.index, float)
    t, u = relative_fit([np.ones_like(parameters), parameters], one.to_numpy())
    messages = (two - one).to_numpy() / 2.0
    a, b = relative_fit([np.ones_like(parameters), parameters], messages)
    rate = speeds(table).loc["synchronous", 1]
    step = BATCHES["synchronous"] / rate - t - u * SPEED_PARAMETERS
    return Constants(step / BATCHES["synchronous"] / SPEED_PARAMETERS, t, u, a, b)


def overheads(table: pd.DataFrame) -> pd.DataFrame:
    """Return the seconds of a step of hardly any rows: parameters x workers."""
    rows = table[table["case"] == "overhead"]
    parameters = rows["what"].str.split().str[0].astype(int)
    return (
        rows.assign(parameters=parameters).pivot_table(
            index="parameters", columns="workers", values="value"
        )
        / 1e3
    )


def speeds(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows per second of the workers: way x workers."""
    rows = table[(table["case"] == "speed") & ~table["what"].str.contains("process")]
    way = rows["what"].str.split(",").str[0]
    return rows.assign(way=way).pivot_table(index="way", columns="workers", values="value")


def seconds_of_step(
    constants: Constants,
    n_rows: float,
    n_parameters: float,
    n_workers: int,
    *,
    local_steps: int = 1,
    cores: float = math.inf,
) -> float:
    """Return the seconds of a step over n_rows rows of all workers together."""
    c, t, u, a, b = constants
    computing = n_rows * c * n_parameters / min(n_workers, cores)
    messages = 2.0 * depth(n_workers) * (a + b * n_parameters)
    return computing + t + u * n_parameters + messages / local_steps


def predicted_speed(constants: Constants, way: str, n_workers: int) -> float:
    """Return the rows per second that the model gives for the case speed."""
    is_local = way == "local steps"
    n_rows = BATCHES[way] * (n_workers if is_local else 1)
    local_steps = LOCAL_STEPS if is_local else 1
    seconds = seconds_of_step(
        constants, n_rows, SPEED_PARAMETERS, n_workers, local_steps=local_steps, cores=CORES
    )
    return n_rows / seconds


def validation(table: pd.DataFrame, constants: Constants) -> pd.DataFrame:
    """Return measured and modelled figures side by side."""
    found = []
    for way, measured in speeds(table).iterrows():
        for n_workers, rate in measured.items():
            model = predicted_speed(constants, way, n_workers)
            found.append((f"{way}, rows/s", n_workers, f"{rate:,.0f}", f"{model:,.0f}"))
    for n_workers, measured in overheads(table).items():
        for n_parameters, seconds in measured.items():
            model = seconds_of_step(constants, 0, n_parameters, n_workers)
            what = f"step of {n_parameters:,} parameters, ms"
            found.append((what, n_workers, f"{1e3 * seconds:.3g}", f"{1e3 * model:.3g}"))
    return pd.DataFrame(found, columns=["what", "workers", "measured", "model"])


def predictions(constants: Constants, n_rows: int, **step) -> pd.DataFrame:
    """Return how many times faster than one worker K are, on batches of n_rows."""
    workers = (2, 10, 100, 1_000, 10_000)
    found = []
    for n_parameters in (10**5, 10**6, 10**7, 10**8, 10**9):
        row = {"parameters": f"10^{round(math.log10(n_parameters))}"}
        one = seconds_of_step(constants, n_rows, n_parameters, 1)
        for n_workers in workers:
            some = seconds_of_step(constants, n_rows, n_parameters, n_workers, **step)
            row[f"{n_workers:,}"] = f"{float(f'{one / some:.3g}'):,g}"
        found.append(row)
    return pd.DataFrame(found)


def tables(table: pd.DataFrame, constants: Constants) -> list:
    """Return the tables of docs/scaling.md, each with its title."""
    found = [("Measured and modelled", validation(table, constants))]
    for n_rows, local_steps in ((65_536, 1), (1_048_576, 1), (1_048_576, 16)):
        way = "synchronous" if local_steps == 1 else f"{local_steps} local steps"
        title = f"Speedup over one worker, {way}, {n_rows:,} rows per step"
        found.append((title, predictions(constants, n_rows, local_steps=local_steps)))
    return found


def markdown(frame: pd.DataFrame) -> str:
    """Return a table as Markdown has it."""
    cells = [[*frame.columns], ["---", *["---:"] * (len(frame.columns) - 1)]]
    cells += frame.astype(str).to_numpy().tolist()
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def draw(table: pd.DataFrame, constants: Constants, folder: Path) -> None:
    """Draw rows per second against workers, measured and modelled."""
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from style import WIDTH, save

    fig, ax = plt.subplots(figsize=(WIDTH, 4.0), layout="constrained")
    measured = speeds(table)
    for way, colour, marker in (
        ("synchronous", "#0072B2", "o"),
        ("local steps", "#D55E00", "s"),
    ):
        workers = measured.columns.to_numpy()
        modelled = [predicted_speed(constants, way, n) for n in workers]
        ax.plot(workers, modelled, "--", color=colour, label=f"{way}, model")
        ax.plot(workers, measured.loc[way], marker, color=colour, label=f"{way}, measured")
    ax.set(
        xlabel=f"workers, of one thread each, on {CORES} cores", ylabel="rows per second"
    )
    ax.set(xticks=measured.columns, ylim=(0, None))
    ax.legend()
    save(fig, folder / "cluster.svg")


def main() -> None:
    """Print the constants and tables, and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", type=Path)
    parser.add_argument("--picture", type=Path, help="folder for cluster.svg")
    given = parser.parse_args()
    table = pd.read_csv(given.csv)
    constants = fit_constants(table)
    print(
        ", ".join(f"{name} = {value:.3g} s" for name, value in constants._asdict().items())
    )
    for title, frame in tables(table, constants):
        print(f"\n{title}\n\n{markdown(frame)}")
    if given.picture:
        draw(table, constants, given.picture)


if __name__ == "__main__":
    main()
