"""Rates and curves of a history, and the distance to a known matrix."""

from .display import ConvergenceDisplay
from .monitor import RecoveryMonitor
from .rate import RateEstimate, estimate_rate

__all__ = ["ConvergenceDisplay", "RateEstimate", "RecoveryMonitor", "estimate_rate"]
