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
def test_one_partition_is_merged_to_its_own_summary(kind):
    y, weights = np.array([1, 0, 1]), np.array([0.5, 1.0, 2.0])
    part = kind.of(y, weights)
    merged = kind.merged([part])
    assert type(merged) is kind
    found, expected = (vars(each) for each in (merged, part))
    for name in found:
        np.testing.assert_allclose(np.hstack(found[name]), np.hstack(expected[name]), 1e-14)
