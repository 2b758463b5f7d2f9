"""
Resuming training from a checkpoint
===================================

A program fits a network, writes a checkpoint after every epoch, and is killed during
training. When it is run again, it resumes from the last checkpoint. The result is
identical, bit for bit, to that of a program that is not interrupted.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.preprocessing import scale

from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import load_checkpoint

# %%
# The program has a few lines. In the first run there is no checkpoint, and the fit starts
# from scratch. In the second run, ``resume_from`` continues from the last checkpoint.

PROGRAM = """
import sys
from sklearn.datasets import load_digits
from sklearn.preprocessing import scale
from skfcnn import FullyConnectedClassifier
from skfcnn.callbacks import Checkpoint

X, y = load_digits(return_X_y=True)
model = FullyConnectedClassifier(
    (100, 50), dropout=0.1, schedule="cosine", max_iter=40, random_state=0
)
model.set_callbacks(Checkpoint(sys.argv[1], every=1))
model.fit(scale(X), y, resume_from=sys.argv[1])
"""

checkpoints = Path(tempfile.mkdtemp())
command = [sys.executable, "-c", PROGRAM, str(checkpoints)]

# %%
# It is killed as soon as its fifth epoch is saved, by a signal (on Windows by a function
# call) that a program cannot catch.

process = subprocess.Popen(command)
while process.poll() is None and not any(checkpoints.glob("*epoch000005.checkpoint")):
    time.sleep(0.01)
process.kill()
process.wait()
killed_after = load_checkpoint(checkpoints).n_iter_
print(f"killed after epoch {killed_after} of 40")

# %%
# The second run finishes. A third program is not interrupted, and the predictions of both
# are compared.

subprocess.run(command, check=True)
model = load_checkpoint(checkpoints)

X, y = load_digits(return_X_y=True)
X = scale(X)
undisturbed = FullyConnectedClassifier(
    (100, 50), dropout=0.1, schedule="cosine", max_iter=40, random_state=0
).fit(X, y)
is_same = np.array_equal(model.predict_proba(X), undisturbed.predict_proba(X))
print(f"resumed until epoch {model.n_iter_}; identical to an uninterrupted fit: {is_same}")

# %%
# The loss curve does not show the interruption.

figure, ax = plt.subplots(figsize=(5.4, 4.2), layout="constrained")
epochs = range(1, 41)
ax.plot(epochs, undisturbed.loss_curve_, color="0.75", linewidth=6, label="not interrupted")
ax.plot(epochs[:killed_after], model.loss_curve_[:killed_after], label="first run")
ax.plot(epochs[killed_after:], model.loss_curve_[killed_after:], label="second run")
ax.axvline(killed_after, color="black", linestyle=":", label="kill")
ax.set(
    xlabel="epoch", ylabel="training loss", yscale="log", title="Training loss of two runs"
)
ax.legend()
plt.show()
