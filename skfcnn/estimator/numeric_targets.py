"""Values of y that are not numbers, and how to convert them."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from skfcnn.estimator.labels import refuse_missing

TYPES = {
    "text": str | bytes,
    "dates": date | np.datetime64,
    "durations": timedelta | np.timedelta64,
}
CONVERSIONS = {
    "text": "pandas.to_numeric(y)",
    "dates": "(y - y.min()) / numpy.timedelta64(1, 'D') for days",
    "durations": "y / numpy.timedelta64(1, 's') for seconds",
}


def refuse_other_values(y) -> None:
    """Raise an error for values of y that are not numbers.

    Raises
    ------
    TypeError
        For text, dates and durations: as float64, a date would be a number of days or
        nanoseconds.
    ValueError
        For missing values.
    """
    if y is None:
        return
    values = np.atleast_1d(np.asarray(y))
    for value in values.flat if values.dtype.kind == "O" else values.flat[:1]:
        for kind, types in TYPES.items():
            if isinstance(value, types):
                raise TypeError(
                    f"y must hold numbers; got {kind}: {value!s:.60}. Convert it first, "
                    f"for example by {CONVERSIONS[kind]}."
                )
    if values.dtype.kind in "fO":
        refuse_missing([*np.unique(np.nonzero(pd.isna(values))[0])], "value")
