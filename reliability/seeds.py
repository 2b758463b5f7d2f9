"""A random check, repeated with one seed after another."""

from collections import Counter
from collections.abc import Callable, Iterable


def outcomes(check: Callable, seeds: Iterable[int]) -> Counter:
    """Return how often `check(seed)` returned each outcome; an error names its seed."""
    counts: Counter = Counter()
    for seed in seeds:
        try:
            counts[check(seed)] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
    return counts
