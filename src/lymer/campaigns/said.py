"""All that the members of a group say together.

Texts drawn from lists of sentences or words are unlike one by one, and all of one kind together.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lymer.campaigns.facts import Facts
from lymer.campaigns.members import Members
from lymer.campaigns.voice_rule import VoiceRule

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

_GROUP_SHIFT = 37


@dataclass(frozen=True)
class Said:
    """What g groups say."""

    number: Numbers
    """(g,): the number of each group in `keys`."""
    keys: Numbers
    """Sorted: what any member of a group of several has in one of the first places of its
    sketch, as group, place and value in one number."""
    recurring: Reals
    """(g,): share of what the members of each say there that another member says too."""


def gather_said(facts: Facts, labels: Numbers, size: Numbers, rule: VoiceRule) -> Said:
    """What the groups that `labels`, one for each shape, make say."""
    shapes = np.flatnonzero(facts.has_text & (size[labels] > 1))
    keys = _keys(labels[shapes], facts.sketches[shapes, : rule.places])
    said, counts = np.unique(keys.ravel(), return_counts=True)
    group = said >> _GROUP_SHIFT
    total = np.bincount(group, counts, minlength=len(size))
    recurring = np.bincount(group, counts * (counts > 1), minlength=len(size))
    return Said(np.arange(len(size)), said, recurring / np.maximum(total, 1.0))


def contained(
    facts: Facts, members: Members, said: Said, left: Numbers, right: Numbers, rule: VoiceRule
) -> Reals:
    """Of what the smaller of two groups says, the share that any member of the larger says too.

    0 where the larger is a single shape.
    """
    size = members.size
    bigger = size[right] - size[left]
    is_left = (bigger > 0) | (bigger == 0) & (left < right)
    small, large = np.where(is_left, left, right), np.where(is_left, right, left)
    seen, told = np.zeros(len(left)), np.zeros(len(left))
    for turn in range(rule.sample):
        active = np.flatnonzero((size[small] > turn) & (size[large] > 1))
        if not len(active) or not len(said.keys):
            break
        member = members.at_turn(small[active], turn, rule.sample)
        active, member = active[facts.has_text[member]], member[facts.has_text[member]]
        keys = _keys(said.number[large[active]], facts.sketches[member, : rule.places])
        found = np.minimum(np.searchsorted(said.keys, keys), len(said.keys) - 1)
        seen[active] += (said.keys[found] == keys).mean(axis=1)
        told[active] += 1.0
    share: Reals = seen / np.maximum(told, 1.0)
    return share


def _keys(group: Numbers, sketches: npt.NDArray[np.uint32]) -> Numbers:
    """(n, places): group, place in the sketch and what stands there, in one number."""
    place = np.arange(sketches.shape[1]) << 32
    keys: Numbers = (group[:, None] << _GROUP_SHIFT) | place | sketches.astype(np.int64)
    return keys
