"""Images A*(values): whatever multiplies a factor from either side.

An array, a sparse matrix, or a `LinearOperator` that holds a product form, so that a
matrix of 10^5 x 10^5 is never formed.
"""

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.linalg import (
    ArpackError,
    LinearOperator,
    aslinearoperator,
    eigsh,
    svds,
)
from sklearn import config_context
from sklearn.utils.extmath import randomized_svd

# Up to this size, or with so many eigenvalues sought, an image is made an array for
# its eigenvalues.
SMALL = 300
# Of leading vectors.
TOLERANCE = 1e-2
# Lanczos vectors, at least: more of them than are sought, and few, for large images.
MIN_LANCZOS = 6
# Random columns that estimate the norm of a product form.
N_PROBES = 30


class ProductForm(LinearOperator):
    """An image that multiplies several columns at once, also by its transpose."""

    def _rmatvec(self, column):
        """SciPy before 1.16 does not turn to `_rmatmat` by itself."""
        return self._rmatmat(column.reshape(-1, 1))


class LowRankImage(ProductForm):
    """F G^T as an image.

    Parameters
    ----------
    F : ndarray of shape (n1, k)
    G : ndarray of shape (n2, k)
    """

    def __init__(self, F, G):
        super().__init__(F.dtype, (len(F), len(G)))
        self._F, self._G = F, G

    def _matmat(self, columns):
        return self._F @ (self._G.T @ columns)

    def _rmatmat(self, columns):
        return self._G @ (self._F.T @ columns)

    def _transpose(self):
        return LowRankImage(self._G, self._F)


def symmetric_part(image):
    """(image + image^T) / 2, of the same kind; a symmetric product form as it is."""
    transposed = image.T
    if transposed is image:
        return image
    return (image + transposed) * image.dtype.type(0.5)


def plus_low_rank(image, F, G):
    """image + F G^T."""
    if isinstance(image, np.ndarray):
        return image + F @ G.T
    return aslinearoperator(image) + LowRankImage(F, G)


def off_space(image, U, V):
    """(I - U U^T) image (I - V V^T) for orthonormal columns."""
    image = plus_low_rank(image, -U, image.T @ U)
    return plus_low_rank(image, -(image @ V), V)


def coefficients(image, U, V):
    """u_j^T image v_j for each pair of columns."""
    return np.sum(U * (image @ V), axis=0)


def frobenius_norm(image):
    """Exact, but for a product form: that is estimated from its random products.

    The relative error is about sqrt(1 / 60), or smaller if no few directions dominate.
    """
    if sparse.issparse(image):
        if not image.has_canonical_format:
            image = image.copy()
            image.sum_duplicates()
        return _norm(image.data)
    if is_product_form(image):
        probes = np.random.RandomState(0).standard_normal((image.shape[1], N_PROBES))
        products = image @ probes.astype(image.dtype)
        return _norm(products) / np.sqrt(N_PROBES)
    return _norm(image)


def _norm(values):
    """By BLAS, without squares that overflow; SciPy asks it for vectors only."""
    return float(linalg.norm(values.ravel(order="K"), check_finite=False))


def top_triples(image, count, tolerance=TOLERANCE):
    """The largest singular triples: U, s and V, to a few digits.

    The vectors to `tolerance`, the singular values to its square or better.
    """
    is_array = isinstance(image, np.ndarray)
    if not is_array and _n_lanczos(count) < min(image.shape):
        if image.T is image:  # half as many products
            s, V = _searched(eigsh, image, count, tolerance)
            order = np.argsort(-np.abs(s))
            s, V = s[order], V[:, order]
            return V * np.where(s < 0, -1, 1).astype(s.dtype), np.abs(s), V
        U, s, Vt = _searched(svds, image, count, tolerance)
        return U[:, ::-1], s[::-1], Vt[::-1].T
    image = as_array(image)
    with config_context(array_api_dispatch=False):  # it would do otherwise, and say so
        U, s, Vt = randomized_svd(image, n_components=count, random_state=0)
    return U, s, Vt.T


def top_eigenpairs(image, count):
    """The largest eigenvalues of the symmetric part, decreasing, and their vectors."""
    n = image.shape[0]
    count = min(count, n)
    image = symmetric_part(image)
    if n <= SMALL or isinstance(image, np.ndarray) or 3 * count > n:
        s, U = linalg.eigh(
            as_array(image), subset_by_index=[n - count, n - 1], check_finite=False
        )
    else:
        s, U = _searched(eigsh, image, count, TOLERANCE, which="LA")
    return s[::-1], U[:, ::-1]


def _searched(search, image, count, tolerance, **options):
    """What `eigsh` or `svds` finds.

    They refuse an image of zeros, and square one whose squares under- or overflow.
    """
    random_state = np.random.RandomState(0)
    start = random_state.standard_normal(min(image.shape)).astype(image.dtype)
    options |= {"v0": start, "ncv": _n_lanczos(count), "tol": tolerance}
    try:
        return search(image, count, **options)
    except ArpackError:
        probe = random_state.standard_normal(image.shape[1]).astype(image.dtype)
        size = np.max(np.abs(image @ probe))
    if size > 0:
        *U, s, V = search(image * (1 / size), count, **options)
        return *U, s * size, V
    s = np.zeros(count, image.dtype)
    U, V = (np.eye(n, count, dtype=image.dtype) for n in image.shape)
    return (s, V) if search is eigsh else (U, s, V.T)


def _n_lanczos(count):
    return max(2 * count + 1, MIN_LANCZOS)


def as_array(image):
    if sparse.issparse(image):
        return image.toarray()
    if is_product_form(image):
        return image @ np.eye(image.shape[1], dtype=image.dtype)
    return image


def is_product_form(image):
    return isinstance(image, LinearOperator)
