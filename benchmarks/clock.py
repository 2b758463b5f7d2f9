"""The stopwatch of every case that measures time."""

import time


def timed(run, repetitions=1):
    """Return a function that calls `run` and returns the seconds per repetition in it."""

    def seconds():
        start = time.perf_counter()
        run()
        return (time.perf_counter() - start) / repetitions

    return seconds
