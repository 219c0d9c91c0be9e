"""What a fit leaves in an estimator, or puts back if it fails."""

from contextlib import contextmanager


@contextmanager
def fitted_state_kept_on_failure(estimator):
    """Put the fitted attributes back as they were if a fit does not get to its end."""
    before = fitted_attributes(estimator)
    try:
        yield
    except BaseException:
        for name in fitted_attributes(estimator):
            delattr(estimator, name)
        for name, value in before.items():
            setattr(estimator, name, value)
        raise


def fitted_attributes(estimator):
    """Those whose names end with an underscore, with their values."""
    return {
        name: value
        for name, value in vars(estimator).items()
        if name.endswith("_") and not name.startswith("_")
    }
