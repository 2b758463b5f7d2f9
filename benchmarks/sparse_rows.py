"""Seconds and memory of a fit of one epoch on wide sparse rows, like those of text."""

import io
import tarfile

import numpy as np
import scipy.sparse
from clock import timed
from estimators import estimators
from memory import STATUS, peak_megabytes
from packages import Archives
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from turns import Contestant, Setting

N, D, N_STORED = 11_000, 100_000, 100

# Sentences of film reviews, each with the mean of twenty people's ratings from -4 to 4.
# Hutto, Gilbert, "VADER: a parsimonious rule-based model for sentiment analysis of social
# media text", ICWSM 2014.
ARCHIVE = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
REVIEWS = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"


def random_rows(n_classes):
    """Return rows with N_STORED numbers each, on the average, and random classes."""
    rng = np.random.default_rng(0)
    density = N_STORED / D
    X = scipy.sparse.random_array((N, D), density=density, format="csr", rng=rng)
    return X, rng.integers(n_classes, size=N)


def reviews(folder):
    """Return words and pairs of words of each sentence, and whether it is positive."""
    archive = io.BytesIO(Archives(folder).read("vader", ARCHIVE))
    with tarfile.open(fileobj=archive) as files:
        text = files.extractfile(REVIEWS).read().decode("utf-8", "replace")
    rows = [line.split("\t") for line in text.splitlines()]
    X = TfidfVectorizer(ngram_range=(1, 2)).fit_transform([row[2] for row in rows])
    return X, np.array([float(row[1]) > 0.0 for row in rows])


def make_seconds(estimator, source, *arguments):
    X, y = source(*arguments)
    return timed(lambda: estimator.fit(X, y))


def make_megabytes(estimator, source, *arguments):
    X, y = source(*arguments)
    return lambda: peak_megabytes(lambda: estimator.fit(X, y))


def settings(options):
    same = {"hidden_layer_sizes": (100,), "max_iter": 1, "random_state": 0}
    models = estimators(**same)
    models["lazy_adam"] = type(models["skfcnn"])(**same, solver="lazy_adam")
    models["LogisticRegression, whole fit"] = LogisticRegression()
    data = {
        f"{N:,} x {D:,}, {N_STORED} numbers a row, 2 classes": (random_rows, 2),
        f"{N:,} x {D:,}, {N_STORED} numbers a row, 20 classes": (random_rows, 20),
    }
    if options.packages:
        data["film reviews, 2 classes"] = (reviews, options.packages)

    def setting(name, make, unit, *source):
        contestants = [
            Contestant(who, make, (model, *source)) for who, model in models.items()
        ]
        return Setting(name, contestants, options.threads, unit, fresh=True, most_rounds=3)

    every = [setting(name, make_seconds, "s", *source) for name, source in data.items()]
    if STATUS.exists():
        every += [
            setting(f"{name}, memory", make_megabytes, "MB", *source)
            for name, source in data.items()
        ]
    return every
