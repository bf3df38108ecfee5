"""The names that groups say, and how rare these are elsewhere: brand and product outlive a text."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from lymer.campaigns.facts import UNSHARED, Facts
from lymer.campaigns.voice_rule import VoiceRule

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

# Names in prose and the words of a short text.
OWN_KINDS = ("name", "word")


@dataclass(frozen=True)
class Names:
    """In how many shapes of each group each name stands, and in how many of all."""

    counts: csr_array
    """(groups, names); nothing where less than `least_named` of the group has it."""
    size: Numbers
    spread: Reals
    """(names,): in how many of all shapes it stands; infinite for what only one has."""
    total: int
    strongest: Reals
    """Of each group: what tells most, as share of its members times how telling it is."""
    rule: VoiceRule

    def common(self, left: Numbers, right: Numbers) -> Reals:
        """What names both have say: in how many of each, and how rare they are elsewhere."""
        one, other = self.counts[left], self.counts[right]
        has_one, has_other = one.sign(), other.sign()
        in_one, in_other = csr_array(one.multiply(has_other)), csr_array(other.multiply(has_one))
        for table in (in_one, in_other):
            table.sort_indices()
        pair = _rows(in_one)
        inside = in_one.data + in_other.data
        share = np.sqrt(in_one.data * in_other.data / (self.size[left] * self.size[right])[pair])
        outside = self.spread[in_one.indices] - inside
        said = share * rareness(outside, self.total, self.rule)
        return np.minimum(np.bincount(pair, said, minlength=len(left)), self.rule.most_names)


def gather_names(facts: Facts, labels: Numbers, size: Numbers, rule: VoiceRule) -> Names:
    """The names of the groups that `labels`, one for each shape, make."""
    chosen = facts.selectors
    width = len(chosen.kinds)
    is_own = (
        np.isin(np.array(chosen.kinds, dtype=object), OWN_KINDS) if width else np.zeros(0, bool)
    )
    is_own &= chosen.rarity > UNSHARED
    kept = is_own[chosen.number] if len(chosen.number) else np.zeros(0, dtype=bool)
    shape, name = chosen.shape[kept], chosen.number[kept]
    counts = csr_array((np.ones(len(name)), (labels[shape], name)), shape=(len(size), width))
    counts.sum_duplicates()
    counts.data[counts.data < rule.least_named * size[_rows(counts)]] = 0.0
    counts.eliminate_zeros()
    spread = np.bincount(name, minlength=width).astype(np.float64)
    group = _rows(counts)
    telling = rareness(spread[counts.indices] - counts.data, facts.count, rule)
    strongest = np.zeros(len(size))
    np.maximum.at(strongest, group, telling * counts.data / size[group])
    return Names(counts, size, spread, facts.count, strongest, rule)


def rareness(outside: Reals, total: int, rule: VoiceRule) -> Reals:
    """From 0 to 1, how much is told by what stands in `outside` of `total` shapes more: all by 1
    in 1,000, or by what stands nowhere else."""
    most = np.log2(total + 1.0)
    bits = most - np.log2(np.maximum(outside, 0.0) + 1.0)
    rare: Reals = np.clip(bits / min(most, rule.telling_bits), 0.0, 1.0)
    return rare


def _rows(table: csr_array) -> Numbers:
    """The row of each entry."""
    return np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
