"""The pictures of the recipes: ``python docs/figures/draw_recipes.py`` writes them here.

Each is drawn by the code of the recipe.
"""

import re
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402

HERE = Path(__file__).parent
PAGE = HERE.parent / "recipes" / "evaluation.md"
# The first line of code that draws, and the size in inches.
FIGURES = {
    "confusion_matrix": ("ConfusionMatrixDisplay.from_estimator", (3.2, 2.6)),
    "loss_curve": ("LossCurveDisplay.from_estimator", (5.4, 3.2)),
    "permutation_importances": ("ImportancesDisplay.from_importances", (5.4, 1.6)),
}
STYLE = {"figure.constrained_layout.use": True, "svg.hashsalt": "skfcnn"}


def draw(name: str, drawing: str, size: tuple[float, float]) -> None:
    """Run the recipe that has this line of code, and write its picture."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    (code,) = (block for block in blocks if drawing in block)
    with matplotlib.rc_context(STYLE):
        exec(compile(code, name, "exec"), {})
        figure = plt.gcf()
        figure.set_size_inches(size)
        metadata = {"Date": None, "Creator": None}
        figure.savefig(HERE / f"{name}.svg", transparent=True, metadata=metadata)
        plt.close("all")


if __name__ == "__main__":
    for name, (drawing, size) in FIGURES.items():
        draw(name, drawing, size)
