"""Free text as numbers."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from skfcnn.tabular.encoder import table_encoder
from skfcnn.tabular.free_text import FreeTextComponents
from skfcnn.tabular.text_types import FREE_TEXT

FILLER = "the order of my item with a box for this please is was on very day two".split()
TOPICS = [["refund", "broken", "late"], ["thanks", "great", "perfect"]]


def sentences(n=300):
    """Return sentences of one of two topics, and their topics."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n)
    texts = [
        " ".join([*rng.choice(FILLER, 9), rng.choice(TOPICS[k]), *rng.choice(FILLER, 3)])
        for k in y
    ]
    return pd.DataFrame({"t": pd.Series(texts, dtype=FREE_TEXT)}), y


def test_topics_of_sentences_are_learned():
    X, y = sentences()
    model = make_pipeline(FreeTextComponents(0), LogisticRegression(C=100.0))
    assert cross_val_score(model, X, y, cv=3).mean() > 0.9  # guessing: 0.5


@pytest.mark.filterwarnings("ignore:Check how these columns were read")
def test_the_encoder_has_a_branch_of_free_text():
    X, y = sentences()
    X = X.assign(x=1.0).astype({"t": object})
    X.loc[:3, "t"] = None
    encoder = table_encoder(random_state=0)
    out = encoder.fit_transform(X, y)
    names = [*encoder.get_feature_names_out()]
    assert [name for name in names if name.startswith("text")] == [
        f"text__t_{end}" for end in ["characters", "words", *range(16)]
    ]
    assert out.shape == (300, len(names)) and np.isfinite(out).all()
    again = table_encoder(random_state=0).fit(X, y)
    np.testing.assert_array_equal(again.transform(X), out)
    loaded = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(loaded.transform(X[:5]), out[:5])
    nothing = encoder.transform(pd.DataFrame({"t": [None, "?"], "x": [1.0, None]}))
    assert np.isfinite(nothing).all()


def test_few_texts_have_fewer_components_and_short_ones_none():
    texts = pd.DataFrame({"a": ["some words"] * 3, "b": ["", None, " "]}, dtype=FREE_TEXT)
    components = FreeTextComponents(0).fit(texts)
    assert [*components.get_feature_names_out()] == [
        *("a_characters", "a_words", "a_0", "b_characters", "b_words")
    ]
    out = components.transform(texts)
    np.testing.assert_allclose(out[:, 0], np.log1p(10))
    np.testing.assert_allclose(out[:, 1], np.log1p(2))
    assert out[0, 3] == 0.0


def test_it_has_to_be_fitted():
    with pytest.raises(NotFittedError):
        clone(FreeTextComponents()).transform(pd.DataFrame({"a": ["x"]}))
