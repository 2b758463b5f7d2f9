"""The scikit-learn estimators: from parameters and data to a fitted model.

The estimators inherit from `fit.LearningNetwork`. Other packages use targets
(`targets`), parameter constraints (`constraints`) and checkpoints (`checkpoints`).
"""
