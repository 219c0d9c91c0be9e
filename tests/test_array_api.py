"""Arrays of other libraries: SciPy reads at import whether it may take part in that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import scipy
from sklearn.utils.fixes import parse_version

CHECKS = Path(__file__).with_name("array_api_checks.py")


@pytest.mark.skipif(
    parse_version(scipy.__version__) < parse_version("1.14"),
    reason="scikit-learn dispatches from SciPy 1.14 on",
)
def test_in_a_process_of_its_own():
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", CHECKS],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    n_passed = int(run.stdout.split(" passed")[0].split()[-1])
    assert n_passed > 40, run.stdout
