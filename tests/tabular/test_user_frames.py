"""Where warnings of tables point to."""

import warnings

import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline

from skfcnn.tabular.reader import TableReader
from skfcnn.tabular.user_frames import level_of_user

TABLE = pd.DataFrame({"a": ["1 kg", "2 kg", "5 kg"]})


@pytest.mark.parametrize(
    "reader",
    [
        TableReader(),
        make_pipeline(TableReader()),
        make_pipeline(make_column_transformer((TableReader(), ["a"]))),
    ],
    ids=["alone", "in a pipeline", "in two"],
)
def test_a_warning_points_to_the_line_of_the_user(reader):
    with pytest.warns(UserWarning, match="read as numbers") as caught:
        reader.fit(TABLE)
    assert caught[0].filename == __file__


def test_outside_of_other_packages_it_is_the_caller():
    with pytest.warns(UserWarning) as caught:
        warnings.warn("here", UserWarning, stacklevel=level_of_user())
    assert caught[0].filename == __file__
