"""How each column of a table is encoded: as a DataFrame, as text and as HTML."""

from html import escape
from textwrap import wrap

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

# Characters of a line, of a cell, and before notes.
WIDTH, LIMIT, INDENT = 100, 28, " " * 4
HEADINGS = ["column", "kind", "encoded", "missing", "distinct", "notes"]


def describe_columns(encoder: Pipeline) -> pd.DataFrame:
    """Return the detected type of each column, and its encoding.

    Parameters
    ----------
    encoder : Pipeline
        The fitted pipeline of `table_encoder`.

    Returns
    -------
    columns : DataFrame
        A row for each column of the table: column, kind, encoded, missing (the share),
        distinct (of numbers and dates, among the first 10,000 rows), notes.
    """
    check_is_fitted(encoder)
    reader, branches = encoder[0], encoder[-1]
    columns = reader.columns_
    encodings = _encodings(branches)
    texts = [_encoded(own, encodings) for own in reader._names_out]
    columns.insert(2, "encoded", np.array(texts, dtype=object))
    return columns


def _encodings(branches) -> dict[str, str]:
    """Return how each column that the reader returns is encoded."""
    encoded: dict[str, str] = {}
    for branch, steps, names in branches.transformers_:
        if branch == "numbers":
            encoded.update(dict.fromkeys(names, "scaled"))
        elif branch == "few":
            sizes = [len(own) for own in steps.encoder_.categories_] if names else []
            for name, n in zip(names, sizes, strict=True):
                encoded[name] = f"one-hot, {n} column{'s' * (n != 1)}"
        elif branch == "many":
            limit = steps.max_categories
            encoded.update(dict.fromkeys(names, f"target means, {limit} one-hot"))
        elif branch == "text":
            encoded.update(dict.fromkeys(names, _of_free_text(steps, names)))
    return encoded


def _of_free_text(steps, names) -> str:
    if not names:
        return ""
    return f"length, {steps[0].n_components} components"


def _encoded(names, encodings) -> str:
    if not names:
        return "left out"
    first = encodings[names[0]]
    return first if len(names) == 1 else f"{first}, {len(names)} columns"


def summary(encoder: Pipeline) -> str:
    """Return the table of `describe_columns` as text, at most 100 characters wide.

    Notes are below the line of their column.
    """
    rows = _cells(describe_columns(encoder))
    table = [row[:-1] for row in [HEADINGS, *rows]]
    widths = [min(LIMIT, max(map(len, cells))) for cells in zip(*table, strict=True)]
    lines = []
    for row, notes in zip(table, ["", *(row[-1] for row in rows)], strict=True):
        cells = [_cut(cell).ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
        lines += wrap(notes, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)
    return "\n".join(lines)


def _cells(columns) -> list[list[str]]:
    return [
        [
            " ".join(row.column.split()),
            row.kind,
            row.encoded,
            f"{row.missing:.1%}" if row.missing else "0",
            str(row.distinct),
            " ".join(row.notes.split()),
        ]
        for row in columns.itertuples()
    ]


def _cut(text) -> str:
    return text if len(text) <= LIMIT else text[: LIMIT - 3] + "..."


def html(encoder: Pipeline) -> str:
    """Return the table of `describe_columns` as an HTML table."""
    rows = _cells(describe_columns(encoder))
    head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
