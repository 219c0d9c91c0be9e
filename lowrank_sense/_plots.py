"""Helpers that the displays share."""

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted


def pyplot(display: Any) -> Any:
    """Import matplotlib.pyplot only when something is drawn."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{type(display).__name__}.plot draws with matplotlib: pip install "
            "'lowrank_sense[plot]'."
        ) from error
    return plt


def fitted(estimator: Any) -> Any:
    """Return the fitted sensing estimator inside pipelines and searches."""
    if hasattr(estimator, "best_estimator_"):
        return fitted(estimator.best_estimator_)
    if isinstance(estimator, Pipeline):
        return fitted(estimator[-1])
    check_is_fitted(estimator)
    return estimator
