"""Measurements that are repeated: one measurement with the sum of their weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from .._types import Array


@final
class Merged(NamedTuple):
    """Hold one value and one weight for each group of repeated measurements.

    Attributes
    ----------
    y : ndarray of shape (n_groups,)
        The weighted means.
    weights : ndarray of shape (n_groups,)
        The sums of the weights.
    variances : ndarray of shape (n_groups,)
        The weighted variances within groups, which no matrix can explain.
    """

    y: Array
    weights: Array
    variances: Array


@final
@dataclass(frozen=True, eq=False)
class Groups:
    """Hold which measurements repeat one another.

    Attributes
    ----------
    members : ndarray
        The numbers of the measurements of positive weight, group by group.
    starts : ndarray of shape (n_groups,)
        Where the groups begin in `members`.
    """

    members: Array
    starts: Array

    @classmethod
    def of_sorted(cls, again: Array, weights: Array) -> Groups:
        """Return the groups of sorted measurements.

        Parameters
        ----------
        again : ndarray of bool of shape (m,)
            Whether a measurement repeats the one before.
        weights : ndarray of shape (m,)
        """
        number = np.cumsum(~again)
        members = np.flatnonzero(weights)
        number = number[members]
        starts = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
        return cls(members, starts)

    @property
    def firsts(self) -> Array:
        """Return the first measurement of each group."""
        return self.members[self.starts]

    def merge(self, y: Array, weights: Array) -> Merged:
        """Return what the groups together say of y."""
        values, parts = y[self.members].astype(np.float64), weights[self.members]
        total = np.add.reduceat(parts, self.starts)
        mean = np.add.reduceat(parts * values, self.starts) / total
        sizes = np.diff(self.starts, append=len(self.members))
        squares = parts * (values - np.repeat(mean, sizes)) ** 2
        variances = np.add.reduceat(squares, self.starts) / total
        return Merged(mean.astype(y.dtype), total, variances)
