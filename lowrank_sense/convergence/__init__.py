"""Rates and curves of a history, the distance to a known matrix, and when to stop."""

from .display import ConvergenceDisplay
from .monitor import RecoveryMonitor
from .rate import RateEstimate, estimate_rate
from .stop import StopWhen

__all__ = [
    "ConvergenceDisplay",
    "RateEstimate",
    "RecoveryMonitor",
    "StopWhen",
    "estimate_rate",
]
