"""How the seconds per epoch grow with each size of a problem, the others held."""

import fit
from estimators import BASE
from shapes import Shape
from turns import Setting

SEQUENCES = {
    "rows": (2000, 4000, 8000, 16000, 32000),
    "columns": (16, 32, 64, 128, 256),
    "width": (32, 64, 128, 256, 512),
    "depth": (1, 2, 4, 8),
    "batch": (50, 100, 200, 400, 800),
}


def shape_of(rows=8000, columns=64, width=128, depth=2, batch=200):
    return Shape(rows, columns, 10, (width,) * depth, batch)


def settings(options):
    """Return a setting per size and value, named like "width = 256"."""
    names = (BASE, "skfcnn", fit.LIMIT)

    def contestants(shape):
        return [who for who in fit.contestants(shape, epochs=3) if who.name in names]

    return [
        Setting(
            f"{size} = {value}", contestants(shape_of(**{size: value})), options.threads
        )
        for size, values in SEQUENCES.items()
        for value in values
    ]
