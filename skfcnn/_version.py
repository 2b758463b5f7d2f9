"""The version of skfcnn, and the formats of models and checkpoints that it can open."""

__version__ = "0.1.0.dev0"

# Of the state of a model in pickles, files of skops and checkpoints: goes up when an older
# version could not read it any more.
FORMAT = 1


def check_format(number: int, version: str, what: str) -> None:
    """Raise ValueError where this version cannot open what another one has written."""
    if not 1 <= number <= FORMAT:
        raise ValueError(
            f"{what} was written by skfcnn {version}, in format {number}. This is skfcnn "
            f"{__version__}, which reads formats 1 to {FORMAT}: use the other, or update."
        )


class VersionedState:
    """An object whose state, as in a pickle, contains its version and format."""

    def __getstate__(self):
        written = {"_skfcnn_version": __version__, "_skfcnn_format": FORMAT}
        return dict(super().__getstate__()) | written

    def __setstate__(self, state):
        state = dict(state)
        version, number = (
            state.pop("_skfcnn_version", "before 0.1"),
            state.pop("_skfcnn_format", 0),
        )
        check_format(number, version, what=f"This {type(self).__name__}")
        vars(self).update(state)
