"""What is known of each column after it was read for training."""

from dataclasses import dataclass

from skfcnn.tabular.column_types import Nothing


@dataclass
class Profile:
    """A row of `TableReader.columns_`."""

    column: str
    kind: str
    missing: float
    distinct: int
    notes: str

    @classmethod
    def of(cls, name: str, fitted) -> "Profile":
        """Return the profile of a column as `table_reading.fit_columns` returns it."""
        decision = fitted.decision
        label, note = decision.kind.label, decision.note
        return cls(name, label, fitted.missing, fitted.distinct, note)


def why_nothing_is_left(kinds) -> str:
    """Return the message for a table without a column to read."""
    if all(isinstance(kind, Nothing) for kind in kinds):
        return (
            f"All values of all {len(kinds)} columns are missing. Check how the table was "
            "loaded."
        )
    return (
        f"None of the {len(kinds)} columns is left: they are identifiers, dropped or "
        "without values. Use drop_features=() to keep identifiers."
    )
