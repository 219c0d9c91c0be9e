"""What a benchmark ran on."""

import os
import platform
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info


def describe():
    """Processor, cores, memory and the versions that matter, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    blas = ", ".join(
        f"{library['internal_api']} {library['version']} ({library['num_threads']})"
        for library in threadpool_info()
        if library["user_api"] == "blas"
    )
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB; "
        f"Python {platform.python_version()}, numpy {np.__version__}; "
        f"BLAS (threads): {blas}"
    )


def _processor():
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    models = [line.split(": ", 1)[1] for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
