import pytest


@pytest.fixture
def rectangular():
    """Return X, y and M of a noiseless problem of rank 2, 12 x 18."""
    return make_matrix_sensing(360, (12, 18), 2, random_state=0)


@pytest.fixture
def psd():
    """Return X, y and M of a noiseless problem of rank 2, 16 x 16, with M psd."""
    return make_matrix_sensing(320, (16, 16), 2, psd=True, random_state=0)


def make_matrix_sensing(*args, **params):
    """Import late, as the process that starts the workers never needs the package."""
    from lowrank_sense import datasets

    return datasets.make_matrix_sensing(*args, **params)


@pytest.fixture
def close_figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")
