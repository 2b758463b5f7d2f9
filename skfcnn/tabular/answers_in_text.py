"""Yes and no in words: pairs of answers, in upper or lower case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from skfcnn.tabular.text_values import ENOUGH, Form, Values

PAIRS = (("yes", "no"), ("true", "false"), ("y", "n"), ("t", "f"), ("on", "off"))
# One of these with nothing but missing values is an answer; a lone letter may be anything.
CLEAR = {"yes", "no", "true", "false"}


@dataclass(frozen=True)
class AnswerForm(Form):
    """A pair of answers, read as 1.0 and 0.0.

    Attributes
    ----------
    yes, no : str
        The answers in lower case.
    """

    kind: ClassVar[str] = "boolean"

    yes: str
    no: str

    def read(self, texts: Sequence[str]) -> np.ndarray:
        """Return 1.0 for yes, 0.0 for no, and NaN for any other text."""
        value = {self.yes: 1.0, self.no: 0.0}
        return np.array([value.get(text.strip().lower(), np.nan) for text in texts], float)

    def describe(self) -> str:
        """Return the form in words."""
        return f"answers '{self.yes}' and '{self.no}'"


def find_answers(values: Values) -> AnswerForm | None:
    """Return the pair of answers in these values.

    Both answers occur, or one of yes, no, true and false with marks for missing values.
    """
    found = {text.lower() for text in values.texts}
    for yes, no in PAIRS:
        form = AnswerForm(next(iter(values.texts), ""), yes, no)
        is_alone = len(found) == 1 and found <= CLEAR and values.marks > 0
        if not ({yes, no} <= found or (is_alone and found <= {yes, no})):
            continue
        if values.share(~np.isnan(form.read(values.texts))) >= ENOUGH:
            return form
    return None
