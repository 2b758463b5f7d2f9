"""A trace as text, and summaries of large arrays."""

import numpy as np
import scipy.sparse

from skfcnn.inspection.reports import aligned
from skfcnn.inspection.steps import sections

# Largest number of rows and columns of an array that is shown in full.
N_SHOWN = 12
N_BINS, BARS = 12, "▁▂▃▄▅▆▇█"


def small_matrix(array) -> np.ndarray | None:
    """Return an array as a matrix, or None if it is too large to be shown in full."""
    if array.ndim > 2 or max(array.shape) > N_SHOWN:
        return None
    array = array.toarray() if scipy.sparse.issparse(array) else array
    return np.atleast_2d(array)


def array_summary(array) -> str:
    """Return the minimum, mean, maximum, norm and histogram of an array."""
    is_sparse = scipy.sparse.issparse(array)
    numbers = array.data if is_sparse else array
    finite = numbers[np.isfinite(numbers)]
    words = [f"{finite.size} numbers other than 0"] if is_sparse else []
    if finite.size < numbers.size:
        words.append(f"{numbers.size - finite.size} not finite")
    if finite.size == 0:
        return ", ".join(words)
    finite = finite.astype(np.float64)
    with np.errstate(over="ignore"):
        figures = {
            "min": finite.min(),
            "mean": finite.mean(),
            "max": finite.max(),
            "norm": np.linalg.norm(finite),
        }
    words += [f"{name} {figure:.4g}" for name, figure in figures.items()]
    return f"{', '.join(words)}  {_histogram(finite, figures['min'], figures['max'])}"


def _histogram(numbers, least, largest):
    """Return a bar for each of N_BINS equal bins; "" if all numbers are equal.

    np.histogram raises an error for numbers that differ only by rounding.
    """
    with np.errstate(over="ignore"):
        width = largest - least
    if not 0.0 < width < np.inf:
        return ""
    parts = np.minimum((numbers - least) / width * N_BINS, N_BINS - 1).astype(int)
    counts = np.bincount(parts.ravel(), minlength=N_BINS)
    heights = np.ceil(counts / counts.max() * (len(BARS) - 1)).astype(int)
    return "".join(BARS[height] for height in heights)


def summary(trace) -> str:
    """Return the sizes and precision of a trace, and its loss, in two lines."""
    layers = trace.layers
    units = "-".join(str(layer.a.shape[1]) for layer in layers if layer.z is not None)
    sizes = f"{layers[0].x.shape[1]}-{units}"
    of_y = "" if trace.target_deviation is None else " for standardized y"
    return (
        f"{len(trace.target)} rows through {sizes} units, in {trace.predictions.dtype}.\n"
        f"J = {trace.loss:.6g}{of_y}: mean loss {trace.loss - trace.penalty:.6g} and "
        f"penalty {trace.penalty:.6g}."
    )


def trace_as_text(trace) -> str:
    """Return every formula of a trace, with its result."""
    parts = [summary(trace)]
    for title, steps in sections(trace):
        parts.append(f"\n{title}")
        parts += [_step_as_text(step) for step in steps]
    return "\n".join(parts)


def _step_as_text(step):
    formula, array = step
    head = f"  {formula}  {array.shape}"
    shown = small_matrix(array)
    if shown is None:
        return f"{head}\n      {array_summary(array)}"
    rows = aligned([[f"{number:.6g}" for number in row] for row in shown], 0)
    return "\n".join([head, *(f"      {line}" for line in rows.split("\n"))])
