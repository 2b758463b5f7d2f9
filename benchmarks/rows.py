"""A measurement is a row; the tables, the CSV file and the pictures are made of rows."""

import csv
from typing import NamedTuple


class Row(NamedTuple):
    """One measurement."""

    case: str
    setting: str
    contestant: str
    threads: int | None
    round: int
    value: float
    unit: str


def summarize(rows, statistic):
    """Return `{setting: {contestant: statistic of its values}}`, in order of the rows."""
    values = {}
    for row in rows:
        contestants = values.setdefault(row.setting, {})
        contestants.setdefault(row.contestant, []).append(row.value)
    return {
        setting: {name: statistic(taken) for name, taken in contestants.items()}
        for setting, contestants in values.items()
    }


def write_csv(rows, path):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Row._fields)
        writer.writerows(rows)
