"""Warnings about columns that are converted or left out."""

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from skfcnn.tabular.user_frames import level_of_user

# Group of a decision -> how its line begins.
GROUPS = {
    "number": "read as numbers",
    "date": "read as dates",
    "duration": "read as durations, in seconds",
    "boolean": "read as yes/no",
    "declared": "declared",
    "free text": "read as free text, by length and character n-grams",
    "identifier": "left out as identifiers",
    "code": "kept as categories, since they are codes",
    "nearly": "kept as categories; numeric if listed in numeric_features",
    "ambiguous": "kept as categories, since two formats fit; convert them before fit",
    "row number": "numbers that look like row numbers",
    "empty": "left out, since all values are missing",
}
# Groups that list names only, and the number of columns that each group lists.
NAME_ONLY = {"identifier", "free text", "row number", "empty"}
N_NAMED = 100
# Unknown categories that are shown for each column.
N_VALUES = 3
WAY_OUT = (
    "To change this, list columns in categorical_features, numeric_features, "
    "datetime_features or drop_features (drop_features=() keeps all)."
)


def tell_of_fit(labels: Sequence[str], decisions: Sequence) -> None:
    """Warn about columns that were converted or left out, or that stay text.

    Parameters
    ----------
    labels : sequence of str
        The names of the columns, as in messages.
    decisions : sequence of Decision
    """
    lines = []
    for group, begin in GROUPS.items():
        columns = [
            label if group in NAME_ONLY else f"{label} ({decision.note})"
            for label, decision in zip(labels, decisions, strict=True)
            if decision.group == group
        ]
        if columns:
            lines.append(f"- {begin}: {_listed(columns, ', ')}")
    if lines:
        message = "\n".join(["Check how these columns were read:", *lines, WAY_OUT])
        warnings.warn(message, UserWarning, stacklevel=level_of_user())


def _listed(columns, separator) -> str:
    more = len(columns) - N_NAMED
    shown = separator.join(columns[:N_NAMED])
    return f"{shown} and {more} more, see columns_" if more > 0 else shown


def tell_of_unread(unread: dict[str, Counter], parsed: Mapping[str, int] = {}) -> None:
    """Warn about values that cannot be parsed and become missing, and about parsed text.

    Parameters
    ----------
    unread : dict of str to Counter
        The texts that do not parse, by the label of the column.
    parsed : mapping of str to int
        The number of cells with text, in columns that had numbers or dates by type.
    """
    columns = [
        f"{label}: {counts.total()}, such as {counts.most_common(1)[0][0]!r}"
        for label, counts in unread.items()
        if counts
    ]
    texts = [f"{label} ({n} cell{'s' * (n != 1)})" for label, n in parsed.items()]
    told = []
    if columns:
        told.append(
            "Values that do not have the type of their column in training are treated as "
            f"missing. {_listed(columns, '; ')}."
        )
    if texts:
        told.append(
            "Columns that had numbers or dates in training contain text: "
            f"{_listed(texts, ', ')}. It is parsed where possible. Convert it first, for "
            "example with pd.to_numeric or pd.to_datetime."
        )
    if told:
        warnings.warn(" ".join(told), UserWarning, stacklevel=level_of_user())


def tell_of_unknown(unknown: Mapping[str, Iterable]) -> None:
    """Warn about categories that were not in training, given those of each column."""
    columns = []
    for name, values in unknown.items():
        rows = Counter(values)
        n, some = rows.total(), [value for value, _ in rows.most_common(N_VALUES)]
        shown = ", ".join(map(repr, some))
        columns.append(f"{name!r}: {n} row{'s' * (n != 1)}, such as {shown}")
    if columns:
        warnings.warn(
            "Categories that were not in training are encoded like missing values. "
            f"{_listed(columns, '; ')}.",
            UserWarning,
            stacklevel=level_of_user(),
        )
