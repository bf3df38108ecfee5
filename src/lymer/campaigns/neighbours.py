"""Near-duplicate texts: banded MinHash, each candidate verified.

Bands of equal values are candidates (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets,
chapter 3). Within a bucket every shape is compared with the bucket's first one only, so the
work is a straight line in the number of shapes; what that misses, another band finds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Edges = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """Pairs of shapes with like texts: (n, 2) shape numbers and their (n,) agreement."""

    pairs: Edges
    agreement: npt.NDArray[np.float64]


def find_neighbours(
    sketches: npt.NDArray[np.uint32], shapes: npt.NDArray[np.int64], *, rows: int, least: float
) -> Neighbours:
    """Pairs among `shapes` whose `sketches`, (n, 64), agree in at least the share `least`.

    `rows` values make a band: two texts of Jaccard similarity s meet in one of the 64/rows
    bands with probability 1 - (1 - s^rows)^(64/rows).
    """
    count, size = sketches.shape
    found: list[Edges] = []
    for start in range(0, size - rows + 1, rows):
        band = np.ascontiguousarray(sketches[:, start : start + rows])
        keys = band.view(np.dtype((np.void, band.dtype.itemsize * rows))).ravel()
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        is_first = np.ones(count, dtype=bool)
        is_first[1:] = ordered[1:] != ordered[:-1]
        heads = order[np.flatnonzero(is_first)][np.cumsum(is_first) - 1]
        # Each also with the one before it: a bucket of two templates has more than one head.
        before = np.concatenate((order[:1], order[:-1]))
        for other in (heads, before):
            joined = np.stack((other, order), axis=1)[~is_first]
            found.append(joined[joined[:, 0] != joined[:, 1]])
    if not found or not count:
        return Neighbours(np.zeros((0, 2), np.int64), np.zeros(0))
    pairs = np.sort(np.concatenate(found), axis=1)
    pairs = np.unique(pairs[:, 0] * count + pairs[:, 1])
    left, right = pairs // count, pairs % count
    agreement = np.zeros(len(pairs))
    for begin in range(0, len(pairs), 100_000):
        part = slice(begin, begin + 100_000)
        agreement[part] = (sketches[left[part]] == sketches[right[part]]).mean(axis=1)
    kept = agreement >= least
    return Neighbours(np.stack((shapes[left[kept]], shapes[right[kept]]), axis=1), agreement[kept])
