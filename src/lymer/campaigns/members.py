"""Which shapes each group has, and which of them speak for it where not all can."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Members:
    """The members of g groups, numbered from 0."""

    order: Numbers
    """Shapes by group."""
    start: Numbers
    """(g,): where each group begins in `order`."""
    size: Numbers

    def at_turn(self, groups: Numbers, turn: int, sample: int) -> Numbers:
        """Of each of `groups` the member whose turn of `sample` it is: spread evenly over it."""
        size = self.size[groups]
        place = turn * np.maximum(size // sample, 1) % size
        member: Numbers = self.order[self.start[groups] + place]
        return member


def gather_members(labels: Numbers) -> Members:
    """The groups that `labels`, one for each shape, make."""
    size = np.bincount(labels, minlength=int(labels.max(initial=-1)) + 1)
    start = np.concatenate(([0], np.cumsum(size)[:-1])).astype(np.int64)
    return Members(np.argsort(labels, kind="stable"), start, size)
