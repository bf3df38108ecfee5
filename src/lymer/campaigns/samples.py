"""How alike texts and pictures are, within a group and between two, by a sample of members."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lymer.campaigns.facts import Facts
from lymer.campaigns.members import Members
from lymer.campaigns.voice_rule import VoiceRule

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Likeness:
    """How alike sampled members are; of n pairs of groups."""

    text: Reals
    """Mean likeness of texts, and `best` the best; 0 where none are compared."""
    best: Reals
    has_text: Flags
    picture: Reals
    """How near pictures are: 1 the same, 0 far."""
    has_picture: Flags


def compare_between(
    facts: Facts, members: Members, left: Numbers, right: Numbers, rule: VoiceRule
) -> Likeness:
    """Members of each left group against members of the right one."""
    total, best = np.zeros(len(left)), np.zeros(len(left))
    told, near, pictured = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left))
    largest = np.maximum(members.size[left], members.size[right])
    for turn in range(rule.sample):
        active = np.flatnonzero(largest > turn)
        if not len(active):
            break
        one = members.at_turn(left[active], turn, rule.sample)
        other = members.at_turn(right[active], (turn * 3 + 1) % rule.sample, rule.sample)
        both, like = _likeness(facts, one, other)
        total[active] += like
        best[active] = np.maximum(best[active], like)
        told[active] += both
        pair, alike = _nearness(facts, one, other, rule)
        near[active] += alike
        pictured[active] += pair
    return Likeness(
        total / np.maximum(told, 1), best, told > 0, near / np.maximum(pictured, 1), pictured > 0
    )


def compare_within(facts: Facts, members: Members, rule: VoiceRule) -> tuple[Reals, Reals]:
    """How alike the texts of each group are, and how near its pictures; 0 for a single shape."""
    size = members.size
    texts, pictures = np.zeros(len(size)), np.zeros(len(size))
    several = np.flatnonzero(size > 1)
    told, pictured = np.zeros(len(several)), np.zeros(len(several))
    for turn in range(rule.sample):
        one = members.at_turn(several, turn, rule.sample)
        other = members.at_turn(several, turn + 1, rule.sample)
        both, like = _likeness(facts, one, other)
        told += both
        texts[several] += like
        pair, near = _nearness(facts, one, other, rule)
        pictured += pair
        pictures[several] += near
    texts[several] /= np.maximum(told, 1.0)
    pictures[several] /= np.maximum(pictured, 1.0)
    return texts, pictures


def _likeness(facts: Facts, one: Numbers, other: Numbers) -> tuple[Flags, Reals]:
    """Whether both shapes have a text, and the share of their sketches that is the same."""
    both = facts.has_text[one] & facts.has_text[other]
    return both, both * (facts.sketches[one] == facts.sketches[other]).mean(axis=1)


def _nearness(facts: Facts, one: Numbers, other: Numbers, rule: VoiceRule) -> tuple[Flags, Reals]:
    """Whether both shapes have a picture, and how near these are: 1 the same, 0 far."""
    pair = (facts.pictures[one] != 0) & (facts.pictures[other] != 0)
    far = np.bitwise_count(facts.pictures[one] ^ facts.pictures[other])
    return pair, pair * np.maximum(0.0, 1.0 - far / rule.near_bits)
