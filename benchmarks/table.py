"""Rows of a case as Markdown tables: a line per setting, a column per contestant."""

from itertools import groupby
from statistics import geometric_mean

from estimators import BASES
from fit import LIMIT
from rows import summarize

# Shown in addition to the ratio to MLPClassifier or MLPRegressor.
RATIOS = [("PyTorch", "skfcnn"), ("JAX", "skfcnn"), ("skfcnn", LIMIT)]


def shown(value, unit):
    """Return a value with three digits, in a unit that suits it."""
    for factor, prefix in ((1e6, "M"), (1e3, "k"), (1, ""), (1e-3, "m"), (1e-6, "µ")):
        if value >= 0.9995 * factor and unit in ("s", "bytes"):
            scaled = value / factor
            symbol = {"bytes": "B"}.get(unit, unit)
            return f"{scaled:#.3g}".rstrip(".") + f" {prefix}{symbol}"
    return f"{value:,.4g} {unit}"


def table(values, units):
    """Return one table of `{setting: {contestant: value}}`, all of the same contestants."""
    names = list(next(iter(values.values())))
    base = next((name for name in names if name in BASES), None)
    pairs = [(base, name) for name in names if base not in (None, name)]
    others = [pair for pair in RATIOS if set(pair) <= set(names)]
    ratios = {
        pair: [found[pair[0]] / found[pair[1]] for found in values.values()]
        for pair in pairs + others
    }
    lines = [["", *names, *(" / ".join(pair) for pair in others)]]
    lines.append(["---", *["---:"] * (len(lines[0]) - 1)])
    for i, (setting, found) in enumerate(values.items()):
        line = [setting]
        for name in names:
            ratio = f" ({ratios[base, name][i]:.2f}x)" if (base, name) in pairs else ""
            line.append(shown(found[name], units[setting]) + ratio)
        lines.append(line + [f"{ratios[pair][i]:.2f}" for pair in others])
    if len(values) > 1 and ratios:
        means = {pair: f"{geometric_mean(taken):.2f}" for pair, taken in ratios.items()}
        line = [f"{means[base, it]}x" if (base, it) in pairs else "" for it in names]
        lines.append(["geometric mean", *line, *(means[pair] for pair in others)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def tables(rows, statistic):
    """Return the tables of a case; settings of the same contestants share one."""
    units = {row.setting: row.unit for row in rows}
    values = summarize(rows, statistic)
    groups = groupby(values, key=lambda setting: tuple(values[setting]))
    parts = [{setting: values[setting] for setting in group} for _, group in groups]
    return "\n\n".join(table(part, units) for part in parts)
