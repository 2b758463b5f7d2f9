"""The texts of the project use plain words and standard terms.

Each entry of PLAIN is a regular expression for words that may not be used, and the words to
use instead. Texts are Markdown and reST files, strings and comments of Python files.
"""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PLAIN = {
    # Archaic or unidiomatic English.
    r"in place of": "instead of",
    r"(goes|going|gone|went) on\b": "continues",
    r"\bgo on (exactly|from|with|to|after|in)\b": "continue",
    r"\bbeside\b": "next to, in addition to",
    r"\banew\b": "again",
    r"\bby (itself|themselves)\b": "on its own; or nothing",
    r"\bin vain\b|\bto and fro\b": "without effect; back and forth",
    r"\bwho(so)?ever\b|\bwhereof\b|\bthereof\b": "if you; of which",
    r"\bfor everybody\b|\bnobody\b": "for all; no model, no one",
    r"\bone's own\b": "your own, custom",
    r"\b(equal|same|another|not a bit)[\w ,]{0,20} to the bit\b": "identical, bit for bit",
    r"\bby heart\b": "memorizes, overfits",
    r"\bas (it|they|people) (come|comes|came|have them)\b": "raw; without preprocessing",
    r"\bother people's\b": "third-party",
    # Personification.
    r"\bhear(s)? (that|of|its|the)\b": "called when; gets",
    r"\b(model|network)s? (to be )?believed?\b": "weights of models",
    r"\bwhat (it|they|the model) (made|make|makes) of\b": "how columns are encoded",
    r"\b(is|are|was|were) judged\b": "is predicted, is evaluated",
    r"\bsure is sure\b": "confidence level",
    r"\blets? go of\b": "release",
    # Riddles and terms of our own.
    r"words, dates and (holes|gaps)": "text, dates and missing values",
    r"numbers and words in one table": "mixed numeric and categorical columns",
    r"columns of words\b|\bof words, of\b": "categorical columns",
    r"a class is rare": "imbalanced classes",
    r"probabilities (to be believed|that mean what they say)": "calibrated probabilities",
    r"\b(mixed portions|in portions|come in portions)\b": "shuffled chunks, in chunks",
    r"so many seconds, and no more": "limiting training time",
    r"^#+ keep a model|^#+ models in files": "saving and loading models",
    r"^#+ (going on|a fit that is killed|a fit that cannot be lost)": "resuming training",
    r"\bfirst weights\b": "initial weights, weight initialization",
    r"weights of rows and classes": "sample and class weights",
    r"what (becomes|became) of (a|each|the) column": "how columns are encoded",
    r"\bfurther layers\b": "optional layers",
    r"brought to one temperature": "temperature scaling on held-out rows",
    r"families count by|count by the mixture": "weighted by out-of-fold log loss",
    r"a split counts half where both are equal": "ties count half",
    r"^#+ in step\b|\bsteps together\b|\bin step,": "synchronous data-parallel training",
    r"local steps, for slow networks": "local SGD",
    r"\bcut (unlike|alike)\b": "partitioned differently, in the same way",
    r"\blay[s]? .{0,10}\bopen\b|\blaid open\b": "trace a forward and a backward pass",
    r"\bhopeless\b|\bgiv(e|es|en) .{0,8}fits up\b": "pruning",
    r"hold the true (one|class|answer)|hold the truth": "conformal prediction sets",
    r"as often as (they|was|it) (say|asked|says)": "with the requested probability",
    r"^#+ laws\b|\b\d+ laws\b": "property-based tests",
    r"^#+ supply\b": "supported versions",
    r"^#+ commands of their own": "long-running checks",
    r"^#+ to recall": "recap",
    r"\bcertainly wrong\b": "confidently wrong",
    r"^#+ looking inside$": "inspection",
    r"not read as (it|they) came": "type inferred from the values",
    r"\boverrul(e|es|ed|ing)\b": "change, override",
    r"\btold of\b|\btells? of\b": "warn about, show",
    r"\bthe joints\b|\bthe rooms\b|with one door": "design; packages",
    r"refused by name": "raises an error that names it",
    r"\bwhole or unchanged\b": "a fit that fails changes nothing",
    r"\bthe ways? out\b": "advice, alternative",
    r"\b(is|are) told\b": "there is a warning; is shown",
    r"\bpays? for (its|their) (time|cost)\b": "is worth the time",
    r"\bas ever\b|\bmended\b|\bto be had\b": "as usual; fixed; available",
}


def python_texts(path):
    """Yield the line number and the text of each string and comment of a file."""
    source = path.read_text("utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
    comments = []  # consecutive lines are one text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, text = token.start[0], token.string.strip("# %")
            if comments and comments[-1][2] == line - 1:
                first, texts, _ = comments.pop()
                comments.append((first, f"{texts} {text}", line))
            else:
                comments.append((line, text, line))
    yield from ((first, text) for first, text, _ in comments)


def texts(path):
    """Yield the line number and the text of the paragraphs of a file."""
    if path.suffix == ".py":
        yield from python_texts(path)
        return
    line = 1
    for paragraph in re.split(r"(?<=\n)(?=\n|#|\|)", path.read_text("utf-8")):
        yield line + paragraph.startswith("\n"), paragraph.strip()
        line += paragraph.count("\n")


def found_in(path):
    """Return the words that may not be used, with their lines and alternatives."""
    found = []
    for line, text in texts(path):
        flat = re.sub(r"\s+", " ", text)
        for pattern, plain in PLAIN.items():
            if match := re.search(pattern, flat, re.IGNORECASE):
                found.append(f"{line}: {match[0]!r}; use: {plain}")
    return found


FOLDERS = ["skfcnn", "examples", "benchmarks", "reliability", "docs", ".github"]
FILES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(p for f in FOLDERS for p in (ROOT / f).rglob("*"))]
    if path.suffix in {".md", ".rst", ".py"}
    and not {"_build", "auto_examples", "zh"} & {*path.relative_to(ROOT).parts}
    and path.name != "sg_execution_times.rst"
)


def name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_texts_use_plain_words(path):
    found = found_in(path)
    assert not found, "\n".join(found)


def test_words_are_found_in_pages_and_modules(tmp_path):
    page, module = tmp_path / "page.md", tmp_path / "module.py"
    page.write_text("# Laws\n\nOne in place\nof another.\n\n| a | beside it |\n")
    module.write_text('"""It goes\non."""\n\n# Read\n# anew.\nx = "beside"\n')
    assert [each.split(";")[0] for each in found_in(page)] == [
        "1: '# Laws'",
        "3: 'in place of'",
        "6: 'beside'",
    ]
    assert len(found_in(module)) == 3
