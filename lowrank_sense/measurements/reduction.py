"""Sums over blocks that dask keeps."""

from functools import cached_property, reduce
from operator import add

import numpy as np

from ..images import ProductForm

# Of partial sums that are added up in one place.
FAN_IN = 8


def summed(function, parts, *arguments):
    """The sum over `parts` of function(part, *arguments), a tuple of numbers or arrays.

    The arguments are sent once; sums are made in a fixed order, where the parts are.

    Parameters
    ----------
    parts : sequence of Delayed
    """
    from dask import delayed

    shared = delayed(arguments, traverse=False)
    sums = [delayed(_called)(function, part, shared) for part in parts]
    while len(sums) > 1:
        sums = [
            delayed(_added)(sums[start : start + FAN_IN])
            for start in range(0, len(sums), FAN_IN)
        ]
    return sums[0].compute()


def summed_image(function, parts, arguments, measurement):
    """The sum over `parts` of the images function(part, *arguments).

    Parameters
    ----------
    parts : sequence of Delayed
    arguments : tuple
    measurement : DistributedMeasurement
        Of which the images are.
    """
    if measurement.kind.forms_image:
        return summed(_in_a_tuple, parts, function, *arguments)[0]
    from dask import delayed, persist

    images = [delayed(function)(part, *arguments) for part in parts]
    return SummedImage(persist(*images), measurement.shape, measurement.dtype)


def blocks_of(array):
    """A dask array of blocks of rows as a list of Delayed."""
    return array.to_delayed().ravel().tolist()


class SummedImage(ProductForm):
    """The sum of images that are in several places, as a product form.

    Parameters
    ----------
    parts : sequence of Delayed
        Each an image of the shape.
    shape : tuple of int
    dtype : numpy dtype
    """

    def __init__(self, parts, shape, dtype):
        super().__init__(dtype, shape)
        self._parts = parts

    @cached_property
    def _is_symmetric(self):
        """Whether a part says so; those of one kind of measurement are alike."""
        from dask import delayed

        return delayed(_is_its_transpose)(self._parts[0]).compute()

    def _transpose(self):
        return self if self._is_symmetric else super()._transpose()

    def _matmat(self, columns):
        return summed(_times, self._parts, np.ascontiguousarray(columns))[0]

    def _rmatmat(self, columns):
        return summed(_transposed_times, self._parts, np.ascontiguousarray(columns))[0]


def _called(function, part, arguments):
    return function(part, *arguments)


def _in_a_tuple(part, function, *arguments):
    return (function(part, *arguments),)


def _added(sums):
    return tuple(reduce(add, terms) for terms in zip(*sums, strict=True))


def _is_its_transpose(image):
    return image.T is image


def _times(image, columns):
    return (image @ columns,)


def _transposed_times(image, columns):
    return (image.T @ columns,)
