"""The names of columns: which column of a table is which one of the training data.

Between two tables with names, columns are known by their names, of whatever type, in any
order. An array has no names: then columns are known by their positions. pandas gives an
array the names 0, 1, 2 ..., and where these are all the names that there are, an array has
them too.
"""

import warnings

# Of many columns an error names so many.
N_NAMED = 5


def are_numbers(names) -> bool:
    """Return whether these are the names that pandas gives to an array: 0, 1, 2 ..."""
    return list(names) == [*range(len(names))]


def positions_of(known, n_known: int, table) -> list:
    """Return where in a table each column of the training data is.

    Parameters
    ----------
    known : list or None
        The names in the training data.
    n_known : int
        How many columns there were.
    table : Table

    Raises
    ------
    ValueError
        Where columns are missing, or not expected.
    """
    given, numbers = table.names, [*range(n_known)]
    if given is not None and (known is not None or set(given) == set(numbers)):
        known = numbers if known is None else known
        position = {name: i for i, name in enumerate(given)}
        _check(dict.fromkeys(known), position)
        return [position[name] for name in known]
    if table.shape[1] != n_known:
        raise ValueError(
            f"X has {table.shape[1]} features, but TableReader is expecting {n_known} "
            "features as input."
        )
    _warn(known, given)
    return numbers


def _check(known, given):
    missing = [name for name in known if name not in given]
    unexpected = [name for name in given if name not in known]
    if missing or unexpected:
        raise ValueError(
            "The columns of X must be those of the training data, in any order; "
            f"{_listed(missing)} missing, {_listed(unexpected)} not expected. Rename, add "
            "or drop columns."
        )


def _listed(names):
    if not names:
        return "none"
    more = f" and {len(names) - N_NAMED} more" if len(names) > N_NAMED else ""
    return ", ".join(map(repr, names[:N_NAMED])) + more


def _warn(known, given):
    """Warn, as scikit-learn does, where one table has names and the other has none."""
    if given is not None:
        found = "X has feature names, but TableReader was fitted without feature names"
    elif known is not None and not are_numbers(known):
        found = (
            "X does not have valid feature names, but TableReader was fitted with feature "
            "names"
        )
    else:
        return
    warnings.warn(found, UserWarning, stacklevel=5)


def texts_of(names, n_columns: int) -> list[str]:
    """Return what each column is called in text, all of them different."""
    if names is None or are_numbers(names):
        return [f"x{i}" for i in range(n_columns)]
    texts = [str(name) for name in names]
    taken, unique = set(texts), set()
    for i, text in enumerate(texts):
        texts[i] = not_in(taken, text) if text in unique else text
        taken.add(texts[i])
        unique.add(texts[i])
    return texts


def not_in(taken, name: str) -> str:
    """Return a name that is not taken, by underscores at its end."""
    while name in taken:
        name += "_"
    return name
