"""Small images side by side on one canvas."""

import math

import numpy as np


def mosaic(images: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Return a canvas of images, with NaN between them, and the corners of the images.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)

    Returns
    -------
    canvas : ndarray of shape (canvas_height, canvas_width)
        About as wide as high, with space for a line of text above every image.
    corners : list of tuple of int
        Row and column of the first pixel of each image.
    """
    n, height, width = images.shape
    n_columns = min(n, math.ceil(math.sqrt(n * height / width)))
    step_down, step_right = height + gap_above(height), width + max(1, width // 8)
    n_rows = math.ceil(n / n_columns)
    canvas = np.full((n_rows * step_down, n_columns * step_right), np.nan)
    corners = []
    for i, image in enumerate(images):
        row, column = divmod(i, n_columns)
        top, left = (row + 1) * step_down - height, column * step_right
        canvas[top : top + height, left : left + width] = image
        corners.append((top, left))
    return canvas, corners


def gap_above(height: int) -> int:
    """Return the number of free pixels above an image of this height."""
    return max(1, round(height / 4))
