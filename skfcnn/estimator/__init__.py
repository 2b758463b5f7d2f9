"""The scikit-learn face of a network: from parameters and data to a fitted model.

The estimators inherit from `fit.LearningNetwork`. Other rooms take from here what a target
is (`targets`), what parameters may be (`constraints`), and what a checkpoint holds
(`checkpoints`).
"""
