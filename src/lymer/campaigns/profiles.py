"""What is spread over the members of groups, so that two groups can be laid over each other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Single:
    """One value for each group, or none (below 0): groups that are single shapes."""

    codes: npt.NDArray[np.int32]

    def overlap(self, left: Numbers, right: Numbers) -> Reals:
        one = self.codes[left]
        common: Reals = ((one == self.codes[right]) & (one >= 0)).astype(np.float64)
        return common

    def has(self, groups: Numbers) -> npt.NDArray[np.bool_]:
        return np.asarray(self.codes[groups] >= 0)


@dataclass(frozen=True)
class Spread:
    """(groups, values): square roots of the shares of values among the members that have one,
    so that the product of two rows is their overlap (Bhattacharyya 1943)."""

    shares: csr_array

    def overlap(self, left: Numbers, right: Numbers) -> Reals:
        product = self.shares[left].multiply(self.shares[right])
        return np.asarray(product.sum(axis=1), dtype=np.float64).ravel()

    def has(self, groups: Numbers) -> npt.NDArray[np.bool_]:
        return np.asarray(np.diff(self.shares.indptr)[groups] > 0)


def profile_codes(labels: Numbers, codes: npt.NDArray[np.int32], count: int) -> Single | Spread:
    """The profile of `count` groups in what each shape has one of, or none (below 0)."""
    if count == len(labels):
        alone = np.empty(count, dtype=np.int32)
        alone[labels] = codes
        return Single(alone)
    known = codes >= 0
    table = csr_array(
        (np.ones(int(known.sum())), (labels[known], codes[known])),
        shape=(count, int(codes.max(initial=0)) + 1),
    )
    total = np.asarray(table.sum(axis=1)).ravel()
    table = csr_array(table.multiply(1.0 / np.maximum(total, 1.0)[:, None]))
    table.data = np.sqrt(table.data)
    return Spread(table)


def profile_things(membership: csr_array, things: csr_array) -> Spread:
    """The profile in what a shape may have several of; `membership` (groups, shapes) is the share
    of each shape in its group, `things` (shapes, values) what each has."""
    shares = csr_array(membership @ things)
    shares.data = np.sqrt(shares.data)
    return Spread(shares)
