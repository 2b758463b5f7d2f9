"""Summaries of labels and of numbers answer the same questions."""

import inspect

import numpy as np
import pytest

from skfcnn.dask.label_summary import LabelSummary
from skfcnn.dask.number_summary import NumberSummary
from skfcnn.dask.summary import Summary

QUESTIONS = [name for name in vars(Summary) if not name.startswith("_")]


@pytest.mark.parametrize("kind", [LabelSummary, NumberSummary])
def test_every_kind_answers_all_questions(kind):
    assert len(QUESTIONS) == 7
    for name in QUESTIONS:
        ours, theirs = (inspect.signature(getattr(of, name)) for of in (kind, Summary))
        assert [*ours.parameters] == [*theirs.parameters]


@pytest.mark.parametrize("kind", [LabelSummary, NumberSummary])
def test_summary_of_partitions_is_of_the_same_kind(kind):
    parts = [kind.of(np.array(y), np.ones(len(y))) for y in ([1, 0, 1], [0])]
    parts[0].check_like(parts[1], (0, 1))
    merged = kind.merged(parts)
    assert type(merged) is kind
    assert set(merged.stand_in(np.array([0, 1]))) == {0, 1}
