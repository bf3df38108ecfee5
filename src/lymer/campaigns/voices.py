"""What speaks for and against two groups of shapes being of one template: the voices.

Each voice is a number; their weighted sum is a log-odds, as in record linkage (Fellegi and
Sunter 1969). A group may be a single shape. A voice that has nothing to go by says 0.
"""

import numpy as np
import numpy.typing as npt

from lymer.campaigns.facts import NOTHING, Facts
from lymer.campaigns.groups import DAY, SELECTED, TRAITS, Groups, days_between
from lymer.campaigns.said import contained
from lymer.campaigns.samples import Likeness, compare_between

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Columns = list[npt.NDArray[np.generic]]

_TEXT_STEPS = (0.05, 0.1, 0.2, 0.35, 0.6)

VOICES = (
    "no text in either",
    "text in one only",
    *(f"text over {step:.0%} like" for step in _TEXT_STEPS),
    "best text",
    "texts alike within only",
    "text unlike the group's",
    "nothing said in common",
    "nothing said in common, though each repeats itself",
    "length differs",
    "same lines",
    "same lines, in parts",
    "other lines",
    "same tags, in parts",
    "other tags",
    "other MIME tree",
    "same subject",
    "other subject",
    "same dialect",
    "no dialect in common",
    *(f"other {name} trait" for name in TRAITS),
    "three traits differ",
    "four traits differ",
    "three traits differ in many",
    "same link form",
    "other link form",
    "link in one only",
    "same charset",
    "other charset",
    "shared domain",
    "no shared domain",
    "shared drop box",
    "no shared drop box",
    "shared picture",
    "picture near",
    "picture far",
    "shared word",
    "shared name",
    "no shared name",
    "shared page",
    "no shared page",
    "each its own name",
    "says what the larger says",
    "same sender",
    "other sender",
    "same list",
    "days apart",
    "at once",
    "at once, each alike within only",
    "at once, made otherwise",
)


def listen(facts: Facts, groups: Groups, pairs: Numbers) -> Reals:
    """What every voice says of every pair of groups: (pairs, voices)."""
    pair = _Pair(groups, pairs)
    like = compare_between(facts, groups.members, pair.left, pair.right, groups.rule)
    made, otherwise = _of_make(pair)
    columns = [
        *_of_texts(pair, like),
        *made,
        *_of_things(pair, like),
        *_of_names(facts, pair),
        *_of_senders(pair),
        *_of_time(pair, like, otherwise),
    ]
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


class _Pair:
    """Pairs of groups, side by side."""

    def __init__(self, groups: Groups, pairs: Numbers) -> None:
        self.groups = groups
        self.pairs = pairs
        self.left, self.right = pairs[:, 0], pairs[:, 1]
        self.smaller = np.minimum(groups.size[self.left], groups.size[self.right])
        self.cohesion = groups.cohesion[self.left], groups.cohesion[self.right]

    def overlap(self, name: str) -> Reals:
        return self.groups.profiles[name].overlap(self.left, self.right)

    def have(self, name: str) -> tuple[Flags, Flags]:
        profile = self.groups.profiles[name]
        return profile.has(self.left), profile.has(self.right)

    def compare(self, name: str) -> tuple[Reals, Reals]:
        """How much of it both have in common, and how much not, where both have it."""
        common = self.overlap(name)
        return common, np.logical_and(*self.have(name)) * (1.0 - common)

    def share(self, name: str, most: float = 2.0) -> tuple[Reals, Flags]:
        """The rarity of what both have in common, up to `most`; both have some and nothing is."""
        common = self.overlap(name)
        return np.minimum(common, most), np.logical_and(*self.have(name)) & (common < NOTHING)


def _of_texts(pair: _Pair, like: Likeness) -> Columns:
    groups, left, right = pair.groups, pair.left, pair.right
    told = like.has_text
    texts = groups.texts[left] > 0.5, groups.texts[right] > 0.5
    alike = np.minimum(*pair.cohesion), np.maximum(*pair.cohesion)
    kept = np.sum([pair.overlap(name) for name in SELECTED], axis=0)
    silent = (like.best < _TEXT_STEPS[2]) & (kept < NOTHING) & (like.picture == 0)
    return [
        ~texts[0] & ~texts[1],
        texts[0] != texts[1],
        *(told & (like.text >= step) for step in _TEXT_STEPS),
        like.best,
        # Groups that each repeat themselves, but not each other; random words repeat nowhere.
        told * np.maximum(alike[0] - like.text, 0.0),
        told * (pair.smaller == 1) * np.maximum(alike[1] - like.text, 0.0),
        told * silent,
        told * silent * alike[1],
        np.minimum(np.abs(groups.words[left] - groups.words[right]), 4.0),
    ]


def _of_make(pair: _Pair) -> tuple[Columns, Reals]:
    """The voices of layout and software; and how much of lines or tags differs."""
    groups, left, right = pair.groups, pair.left, pair.right
    parts = np.minimum(groups.richness[left], groups.richness[right])
    lines, other_lines = pair.compare("lines")
    tags, other_tags = pair.compare("tags")
    tagged = pair.have("tags")
    dialect = pair.compare("dialect")[0]
    weight = np.log2(1.0 + pair.smaller)
    traits = [pair.compare(name)[1] for name in TRAITS]
    unlike = np.sum(traits, axis=0)
    linked = pair.have("form")
    columns: Columns = [
        lines,
        lines * np.minimum(parts[:, 0], 10.0) / 10.0,
        other_lines,
        tags * np.minimum(parts[:, 1], 20.0) / 20.0,
        other_tags + (tagged[0] != tagged[1]),
        pair.compare("mime")[1],
        *pair.compare("subject"),
        np.sqrt(dialect),
        (dialect == 0) * weight,
        *traits,
        unlike >= 2.5,
        unlike >= 4.0,
        (unlike >= 2.5) * (weight - 1.0),
        *pair.compare("form"),
        linked[0] != linked[1],
        *pair.compare("charset"),
    ]
    return columns, np.maximum(other_lines, other_tags)


def _of_things(pair: _Pair, like: Likeness) -> Columns:
    return [
        *pair.share("domain"),
        *pair.share("drop"),
        pair.share("picture")[0],
        like.has_picture * like.picture,
        like.has_picture * (1.0 - like.picture),
        pair.share("word")[0],
        *pair.share("name"),
        *pair.share("page", 1.0),
    ]


def _of_names(facts: Facts, pair: _Pair) -> Columns:
    groups, left, right = pair.groups, pair.left, pair.right
    own = groups.names.common(left, right)
    each = np.minimum(groups.names.strongest[left], groups.names.strongest[right])
    return [
        np.maximum(each - own, 0.0),
        contained(facts, groups.members, groups.said, left, right, groups.rule),
    ]


def _of_senders(pair: _Pair) -> Columns:
    return [*pair.compare("sender"), pair.compare("list")[0]]


def _of_time(pair: _Pair, like: Likeness, otherwise: Reals) -> Columns:
    groups, left, right = pair.groups, pair.left, pair.right
    gap = days_between(groups, pair.pairs)
    # What replaces another comes after it: what runs beside it is something else.
    lasting = np.minimum(
        groups.last_at[left] - groups.first_at[left], groups.last_at[right] - groups.first_at[right]
    )
    lasting = np.where(np.isfinite(lasting), lasting, 0.0) / DAY
    at_once = np.clip(-gap / np.maximum(lasting, 0.25), 0.0, 1.0)
    return [
        np.log2(1.0 + np.maximum(gap, 0.0)),
        at_once,
        at_once * like.has_text * np.maximum(np.minimum(*pair.cohesion) - like.text, 0.0),
        at_once * (otherwise > groups.rule.most),
    ]
