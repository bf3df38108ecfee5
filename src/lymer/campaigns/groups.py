"""Groups of shapes, as what they have in all: what the voices listen to."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from lymer.campaigns.facts import Facts
from lymer.campaigns.members import Members, gather_members
from lymer.campaigns.names import Names, gather_names
from lymer.campaigns.profiles import Single, Spread, profile_codes, profile_things
from lymer.campaigns.said import Said, gather_said
from lymer.campaigns.samples import compare_within
from lymer.campaigns.voice_rule import VoiceRule

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

TRAITS = ("from", "id", "date", "folding", "boundary", "forged", "odd")
SELECTED = ("domain", "drop", "picture", "word", "name", "page")
_CODED = ("lines", "tags", "mime", "subject", "dialect", "form", "charset", "sender", "list")
DAY = 86400.0


@dataclass(frozen=True)
class Groups:
    """Groups of shapes, numbered from 0, and what is spread over the members of each."""

    rule: VoiceRule
    """By which they are gathered, and heard."""
    members: Members
    profiles: dict[str, Single | Spread]
    texts: Reals
    """Share of members that have enough text to compare."""
    cohesion: Reals
    """How alike the texts of its members are, on the average; 0 for a single one."""
    picture_cohesion: Reals
    """How near their pictures are; 0 for a single one."""
    words: Reals
    richness: Reals
    first_at: Reals
    last_at: Reals
    names: Names
    said: Said

    mails: Numbers

    @property
    def size(self) -> Numbers:
        return self.members.size

    @property
    def lasting_days(self) -> Reals:
        """From the first to the last; 0 where no time is known."""
        lasting = self.last_at - self.first_at
        return np.where(np.isfinite(lasting), lasting, 0.0) / DAY


def gather_groups(facts: Facts, labels: Numbers, rule: VoiceRule) -> Groups:
    """The groups that `labels`, one for each shape, make."""
    members = gather_members(labels)
    size = members.size
    count = len(size)
    profiles: dict[str, Single | Spread] = {
        name: profile_codes(labels, facts.codes[name], count) for name in (*_CODED, *TRAITS)
    }
    membership = csr_array(
        (1.0 / size[labels], (labels, np.arange(facts.count))), shape=(count, facts.count)
    )
    for name in SELECTED:
        profiles[name] = profile_things(membership, facts.by_kind[name])
    first = np.full(count, np.inf)
    last = np.full(count, -np.inf)
    known = ~np.isnan(facts.first_at)
    np.minimum.at(first, labels[known], facts.first_at[known])
    np.maximum.at(last, labels[known], facts.last_at[known])
    return Groups(
        rule,
        members,
        profiles,
        membership @ facts.has_text.astype(np.float64),
        *compare_within(facts, members, rule),
        membership @ np.log2(1.0 + facts.words),
        membership @ facts.richness,
        first,
        last,
        gather_names(facts, labels, size, rule),
        gather_said(facts, labels, size, rule),
        np.bincount(labels, facts.message_count, minlength=count).astype(np.int64),
    )


def days_between(groups: Groups, pairs: Numbers) -> Reals:
    """Days from the end of one group to the beginning of the other; below 0 they overlap."""
    left, right = pairs[:, 0], pairs[:, 1]
    gap = np.maximum(groups.first_at[left], groups.first_at[right]) - np.minimum(
        groups.last_at[left], groups.last_at[right]
    )
    return np.where(np.isfinite(gap), gap, 0.0) / DAY
