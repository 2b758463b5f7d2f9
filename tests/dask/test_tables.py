"""Tables larger than memory: the encoder of a sample, and a network on a cluster."""

import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

from skfcnn import TabularClassifier
from skfcnn.dask import DaskFullyConnectedClassifier


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_encoder_of_a_sample_encodes_the_partitions_of_a_large_table(client):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"word": rng.choice(list("abc"), 600), "n": rng.normal(size=600)})
    frame["y"] = ((frame["word"] == "a") ^ (frame["n"] > 0)).astype(int)
    large = dd.from_pandas(frame, npartitions=3)
    sample = large.sample(frac=0.5, random_state=0).compute()
    model = TabularClassifier("fast", network_params={"max_iter": 2}, random_state=0)
    encoder = model.fit(sample[["word", "n"]], sample["y"]).encoder_

    def encode(portion):
        return pd.DataFrame(encoder.transform(portion), index=portion.index)

    X = large[["word", "n"]].map_partitions(encode, meta=encode(sample[["word", "n"]])[:0])
    network = DaskFullyConnectedClassifier(max_iter=60, learning_rate_init=0.02)
    network.set_params(random_state=0, batch_size=64).fit(X, large["y"])
    accuracy = (network.predict(X).compute() == frame["y"]).mean()
    assert accuracy > 0.95
