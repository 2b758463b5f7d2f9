"""Which skfcnn this is, and which models and checkpoints it can open."""

__version__ = "0.1.0.dev0"

# Of the state of a model in pickles, files of skops and checkpoints: goes up when an older
# version could not read it any more.
FORMAT = 1


def check_format(number: int, version: str, what: str) -> None:
    """Raise ValueError where this version cannot open what another one has written."""
    if not 1 <= number <= FORMAT:
        raise ValueError(
            f"{what} was written by skfcnn {version}, in format {number}. This is skfcnn "
            f"{__version__}, which reads formats up to {FORMAT}: update skfcnn."
        )
