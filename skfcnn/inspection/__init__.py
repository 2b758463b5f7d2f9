"""Inspection of a network: gradient checks, traces of its passes, and plots."""

from skfcnn.inspection.curves import LossCurveDisplay
from skfcnn.inspection.diagram import NetworkDisplay
from skfcnn.inspection.gradient_norms import GradientNormsDisplay
from skfcnn.inspection.gradients import GradientError, GradientReport, check_gradient
from skfcnn.inspection.importances import ImportancesDisplay
from skfcnn.inspection.tracing import LayerTrace, Trace, trace
from skfcnn.inspection.weights import WeightsDisplay

__all__ = [
    "GradientError",
    "GradientNormsDisplay",
    "GradientReport",
    "ImportancesDisplay",
    "LayerTrace",
    "LossCurveDisplay",
    "NetworkDisplay",
    "Trace",
    "WeightsDisplay",
    "check_gradient",
    "trace",
]
