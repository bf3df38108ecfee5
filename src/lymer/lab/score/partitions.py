"""How well one grouping of things agrees with another, by the counts of their overlaps.

Every number comes from the table of overlaps (how many things lie in true group t and found
group f), so the cost is that of sorting the things once. Sources: Amigo, Gonzalo, Artiles and
Verdejo 2009 (BCubed), Rosenberg and Hirschberg 2007 (V-measure), Hubert and Arabie 1985
(adjusted Rand).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lymer.lab.score.finding import Finding

Labels = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def pairs(counts: Labels) -> Labels:
    """How many pairs can be made of each of these numbers of things."""
    return counts * (counts - 1) // 2


@dataclass(frozen=True)
class Agreement:
    """The overlaps of two groupings of the same things; build it with `compare`."""

    true: Labels
    """The true group of each overlap, (overlaps,); groups are numbered from 0 without gaps."""
    found: Labels
    count: Labels
    """Things in each overlap, at least one."""

    @cached_property
    def true_sizes(self) -> Labels:
        """Things in each true group."""
        return _sums(self.true, self.count)

    @cached_property
    def found_sizes(self) -> Labels:
        """Things in each found group."""
        return _sums(self.found, self.count)

    @cached_property
    def size(self) -> int:
        """Things in all."""
        return int(self.count.sum())

    @cached_property
    def _pairs(self) -> tuple[int, int, int]:
        """Pairs together in both, in the truth, in what was found."""
        return (
            int(pairs(self.count).sum()),
            int(pairs(self.true_sizes).sum()),
            int(pairs(self.found_sizes).sum()),
        )

    def pair_precision(self) -> Finding:
        """Of the pairs put together, the share that belongs together."""
        both, _, found = self._pairs
        return Finding(both / found, found) if found else Finding(None, 0, "nothing put together")

    def pair_recall(self) -> Finding:
        """Of the pairs that belong together, the share put together."""
        both, true, _ = self._pairs
        return Finding(both / true, true) if true else Finding(None, 0, "nothing belongs together")

    def adjusted_rand(self) -> Finding:
        """Agreement over pairs, less what chance gives for groups of these sizes."""
        both, true, found = self._pairs
        everything = self.size * (self.size - 1) // 2
        if not everything:
            return Finding(None, self.size, "fewer than two things")
        by_chance = true * found / everything
        most = (true + found) / 2
        # Both all in one, or both all apart: nothing to disagree on.
        value = 1.0 if most == by_chance else (both - by_chance) / (most - by_chance)
        return Finding(value, self.size)

    def v_measure(self) -> dict[str, Finding]:
        """Homogeneity, completeness and their harmonic mean."""
        if not self.size:
            nothing = Finding(None, 0, "no things")
            return {"homogeneity": nothing, "completeness": nothing, "v_measure": nothing}
        homogeneity = self._explained(self.found_sizes[self.found], self.true_sizes)
        completeness = self._explained(self.true_sizes[self.true], self.found_sizes)
        both = homogeneity + completeness
        values = {
            "homogeneity": homogeneity,
            "completeness": completeness,
            "v_measure": 2 * homogeneity * completeness / both if both else 0.0,
        }
        return {name: Finding(value, self.size) for name, value in values.items()}

    def _explained(self, given: Labels, sizes: Labels) -> float:
        """1 - H(one | other) / H(one); `given` is the other's size at each overlap."""
        whole = -float((sizes / self.size * np.log(sizes / self.size)).sum())
        left = -float((self.count / self.size * np.log(self.count / given)).sum())
        return 1.0 - left / whole if whole else 1.0

    def bcubed_precision(self) -> Finding:
        """Mean over things: the share of its found group that is of its true group."""
        return self._bcubed(self.found_sizes[self.found])

    def bcubed_recall(self) -> Finding:
        """Mean over things: the share of its true group that is in its found group."""
        return self._bcubed(self.true_sizes[self.true])

    def _bcubed(self, sizes: Labels) -> Finding:
        if not self.size:
            return Finding(None, 0, "no things")
        return Finding(float((self.count * (self.count / sizes)).sum()) / self.size, self.size)

    def recalls(self) -> Floats:
        """Pairwise recall of each true group; NaN for groups of one."""
        kept = np.bincount(
            self.true, weights=pairs(self.count), minlength=len(self.true_sizes)
        ).astype(np.float64)
        possible = pairs(self.true_sizes).astype(np.float64)
        shares: Floats = np.full(len(kept), np.nan)
        np.divide(kept, possible, out=shares, where=possible > 0)
        return shares

    def purities(self) -> Floats:
        """The share of each found group that is of its commonest true group; NaN for ones."""
        largest = np.zeros(len(self.found_sizes), dtype=np.int64)
        np.maximum.at(largest, self.found, self.count)
        return np.where(self.found_sizes > 1, largest / self.found_sizes, np.nan)

    def findings(self) -> dict[str, Finding]:
        """All measures, by name."""
        true_count = int((self.true_sizes > 1).sum())
        found_count = int((self.found_sizes > 1).sum())
        return {
            "pair_precision": self.pair_precision(),
            "pair_recall": self.pair_recall(),
            "adjusted_rand": self.adjusted_rand(),
            **self.v_measure(),
            "bcubed_precision": self.bcubed_precision(),
            "bcubed_recall": self.bcubed_recall(),
            "macro_recall": mean(self.recalls(), "no true group of two or more"),
            "macro_purity": mean(self.purities(), "no found group of two or more"),
            "number_ratio": Finding(found_count / true_count, true_count, f"{found_count} found")
            if true_count
            else Finding(None, 0, "no true group of two or more"),
        }


BEST = dict.fromkeys(
    (
        "pair_precision", "pair_recall", "adjusted_rand", "homogeneity", "completeness",
        "v_measure", "bcubed_precision", "bcubed_recall", "macro_recall", "macro_purity",
        "number_ratio",
    ),
    1.0,
)  # fmt: skip
"""What a perfect answer scores on each of `Agreement.findings`."""


def compare(true: pa.Array, found: pa.Array, count: Labels) -> Agreement:
    """The agreement of two labellings, all (rows,): row r is `count[r]` things of one label each.

    True groups are numbered in the order in which their labels first come.
    """
    one, other = _numbers(true), _numbers(found)
    width = int(other.max(initial=-1)) + 1
    keys, rows = np.unique(one * width + other, return_inverse=True)
    return Agreement(keys // max(1, width), keys % max(1, width), _sums(rows, count))


def _numbers(labels: pa.Array) -> Labels:
    return np.asarray(labels.dictionary_encode().indices).astype(np.int64)


def mean(values: Floats, nothing: str) -> Finding:
    """The mean of the values that are numbers."""
    known = values[~np.isnan(values)]
    if not len(known):
        return Finding(None, 0, nothing)
    return Finding(float(known.sum() / len(known)), len(known))


def _sums(groups: Labels, counts: Labels) -> Labels:
    sums = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(sums, groups, counts)
    return sums
