"""Arrays of other libraries: SciPy reads at import whether it may take part in that."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy
from sklearn.base import clone
from sklearn.utils.fixes import parse_version

from lowrank_sense import AsymmetricFactorSensing
from lowrank_sense.datasets import make_matrix_sensing

CHECKS = Path(__file__).with_name("array_api_checks.py")


@pytest.mark.skipif(
    parse_version(scipy.__version__) < parse_version("1.14"),
    reason="scikit-learn dispatches from SciPy 1.14 on",
)
@pytest.mark.slow
def test_in_a_process_of_its_own():
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", CHECKS],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    n_passed = int(run.stdout.split(" passed")[0].split()[-1])
    assert n_passed > 30, run.stdout  # without PyTorch


def test_tensors_without_dispatch_are_arrays():
    torch = pytest.importorskip("torch")
    X, y, _ = make_matrix_sensing(300, (8, 9), 2, random_state=0)
    weights = np.linspace(1, 2, 300)
    model = AsymmetricFactorSensing(2, shape=(8, 9), random_state=0)
    expected = clone(model).fit(X, y, weights)
    model.fit(*(torch.asarray(part) for part in (X, y, weights)))
    np.testing.assert_array_equal(model.predict(torch.asarray(X)), expected.predict(X))
    assert model.score(X, torch.asarray(y)) == expected.score(X, y)
