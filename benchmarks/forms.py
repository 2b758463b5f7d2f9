"""The two forms of a data set: arrays with one-hots, and frames with categories.

`frame` rebuilds the categorical variables from the one-hot columns. A contestant that is
marked by `takes_arrays` gets arrays in both forms. Where there is no difference, as for
these and for data sets without categories, the form is "both".
"""

import re

import numpy as np
import pandas as pd

FRAME, ONE_HOT, BOTH = FORMS = ("frame", "one-hot", "both")
# LightGBM and XGBoost do not accept these in the name of a column.
REFUSED = re.compile(r'[\[\]{}<>",:]')


def takes_arrays(contestant):
    """Mark a contestant as one that does not take categories."""
    contestant.takes_arrays = True
    return contestant


def form_of(contestant, data, wanted):
    """Return the form in which a contestant gets a data set."""
    has_categories = (data.cat_group >= 0).any()
    return wanted if has_categories and not hasattr(contestant, "takes_arrays") else BOTH


def in_form(data, form):
    """Return the columns of a data set in a form."""
    return frame(data) if form == FRAME else data.X


def frame(data):
    """Return the columns as a frame; each group of one-hots is a column of categories.

    Of a variable with two categories there is one column, such as "yes": its zeros are
    "not yes".

    Raises
    ------
    ValueError
        If not exactly one column of a group is 1 in each row.
    """
    columns = []
    for group in dict.fromkeys(np.where(data.cat_group < 0, -1, data.cat_group)):
        places = np.flatnonzero(data.cat_group == group)
        if group < 0:
            columns += [(i, data.feature_names[i], data.X[:, i]) for i in places]
        else:
            name, values = categories(data, places)
            columns.append((places[0], name, values))
    columns.sort(key=lambda column: column[0])  # in their order in the data set
    names = [REFUSED.sub("_", str(name)) for _, name, _ in columns]
    unique = [f"{n}_{i}" if n in names[:i] else n for i, n in enumerate(names)]
    return pd.DataFrame(dict(zip(unique, (values for *_, values in columns), strict=True)))


def categories(data, places):
    """Return the name and the values of the variable of these one-hot columns."""
    name = str(data.feature_names[places[0]]).partition("=")[0]
    labels = [str(data.feature_names[i])[len(name) + 1 :] for i in places]
    one_hots = data.X[:, places]
    if len(places) == 1:
        labels = [f"not {labels[0]}", *labels]
        codes = one_hots[:, 0].astype(int)
    else:
        if not (one_hots.sum(axis=1) == 1).all():
            raise ValueError(
                f"The columns of {name!r} are not one-hots: in each row exactly one of "
                f"them must be 1. Build the data set again with datasets.py."
            )
        codes = one_hots.argmax(axis=1)
    return name, pd.Categorical.from_codes(codes, labels)
