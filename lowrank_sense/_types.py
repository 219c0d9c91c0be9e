"""The types that signatures share."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
# One array for X X^T, two for F G^T.
Factors: TypeAlias = tuple[Array, ...]
Pair: TypeAlias = tuple[Array, Array]
Shape: TypeAlias = tuple[int, int]
Dtype: TypeAlias = np.dtype[Any]
# Anything that multiplies a factor from either side: an array, a sparse matrix, or a
# LinearOperator in product form.
ImplicitMatrix: TypeAlias = Any
# For rows and for columns; None where all are measured about equally often.
SamplingCounts: TypeAlias = tuple[Array | None, Array | None]
# Entries in the order of rows or of columns: starts, the other index, values, weights.
SortedBySide: TypeAlias = tuple[Array, Array, Array, Array | None]
