"""What the displays share."""

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted


def pyplot(display):
    """matplotlib.pyplot, imported where something is drawn and not before."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{type(display).__name__}.plot draws with matplotlib: pip install "
            "'lowrank_sense[plot]'."
        ) from error
    return plt


def fitted(estimator):
    """The sensing estimator within pipelines and searches, fitted."""
    if hasattr(estimator, "best_estimator_"):
        return fitted(estimator.best_estimator_)
    if isinstance(estimator, Pipeline):
        return fitted(estimator[-1])
    check_is_fitted(estimator)
    return estimator
