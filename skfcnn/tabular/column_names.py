"""Column names: matching the columns of a table with those of the training data.

If both tables have names, columns are matched by name, of any type and in any order. An
array has no names: then columns are matched by position. pandas names the columns of an
array 0, 1, 2, ...; if a table has exactly these names, it is matched with an array by name.
"""

import warnings

from skfcnn.tabular.user_frames import level_of_user

# Number of columns that an error message lists.
N_NAMED = 5


def are_numbers(names) -> bool:
    """Return whether these are the default names of pandas: 0, 1, 2, ..."""
    return list(names) == [*range(len(names))]


def positions_of(
    known, n_known: int, table, may_be_absent=frozenset(), *, estimator_name: str
) -> list:
    """Return the position in a table of each column of the training data, None if absent.

    Parameters
    ----------
    known : list or None
        The names in the training data.
    n_known : int
        The number of columns in the training data.
    table : Table
    may_be_absent : set of int
        Positions in the training data of columns that a table with names need not have.
    estimator_name : str
        As in messages.

    Raises
    ------
    ValueError
        If columns are missing or unexpected.
    """
    given, numbers = table.names, [*range(n_known)]
    if given is not None and (known is not None or set(given) == set(numbers)):
        known = numbers if known is None else known
        position = {name: i for i, name in enumerate(given)}
        needed = [name for i, name in enumerate(known) if i not in may_be_absent]
        _check(needed, dict.fromkeys(known), position)
        return [position.get(name) for name in known]
    if table.shape[1] != n_known:
        raise ValueError(
            f"X has {table.shape[1]} features, but {estimator_name} is expecting "
            f"{n_known} features as input."
        )
    _warn(known, given, estimator_name)
    return numbers


def _check(needed, known, given):
    missing = [name for name in needed if name not in given]
    unexpected = [name for name in given if name not in known]
    if missing or unexpected:
        raise ValueError(
            "X must have the columns of the training data, in any order; "
            f"missing: {_listed(missing)}; unexpected: {_listed(unexpected)}. Rename, add "
            "or drop columns."
        )


def _listed(names):
    if not names:
        return "none"
    more = f" and {len(names) - N_NAMED} more" if len(names) > N_NAMED else ""
    return ", ".join(map(repr, names[:N_NAMED])) + more


def _warn(known, given, estimator_name):
    """Warn, like scikit-learn, if only one of the two tables has names."""
    if given is not None:
        found = (
            f"X has feature names, but {estimator_name} was fitted without feature names"
        )
    elif known is not None and not are_numbers(known):
        found = (
            f"X does not have valid feature names, but {estimator_name} was fitted with "
            "feature names"
        )
    else:
        return
    warnings.warn(found, UserWarning, stacklevel=level_of_user())


def texts_of(names, n_columns: int) -> list[str]:
    """Return the names of the columns as unique texts."""
    if names is None or are_numbers(names):
        return [f"x{i}" for i in range(n_columns)]
    texts = [str(name) for name in names]
    taken, unique = set(texts), set()
    for i, text in enumerate(texts):
        texts[i] = unique_name(taken, text) if text in unique else text
        taken.add(texts[i])
        unique.add(texts[i])
    return texts


def unique_name(taken, name: str) -> str:
    """Return the name with underscores appended until it is not taken."""
    while name in taken:
        name += "_"
    return name
