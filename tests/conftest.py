import pytest


@pytest.fixture
def rectangular():
    """A noiseless problem of rank 2, 12 x 18: X, y, M."""
    return make_matrix_sensing(360, (12, 18), 2, random_state=0)


@pytest.fixture
def psd():
    """A noiseless positive semi-definite problem of rank 2, 16 x 16: X, y, M."""
    return make_matrix_sensing(320, (16, 16), 2, psd=True, random_state=0)


def make_matrix_sensing(*args, **params):
    """Imported late, as the process that starts the workers never needs it."""
    from lowrank_sense import datasets

    return datasets.make_matrix_sensing(*args, **params)


@pytest.fixture
def close_figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")
