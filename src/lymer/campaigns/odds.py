"""The log-odds that two groups are of one template, and what rules it out by definition."""

import numpy as np
import numpy.typing as npt

from lymer.campaigns.facts import NOTHING, Facts
from lymer.campaigns.groups import Groups, days_between
from lymer.campaigns.voices import VOICES, listen

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

_CHUNK = 100_000
# What an engine keeps whatever it poses as. Received lines may be those of relays on the way.
STEADY = ("from", "id", "date", "folding")
_SILENT = VOICES.index("nothing said in common")
_ALIKE_WITHIN = VOICES.index("texts alike within only")
_NO_TEXT = VOICES.index("no text in either")
_OWN_NAMES = VOICES.index("each its own name")
_SAYS = VOICES.index("says what the larger says")
_KEPT = [VOICES.index(f"shared {kind}") for kind in ("domain", "drop box", "picture", "page")]
_FAR = VOICES.index("picture far")
_TAGS = VOICES.index("same tags, in parts")
_OTHER_MAKE = VOICES.index("no dialect in common")
# What two shapes have to show for being of one template, and two groups for being more than of one
# form: many templates have subjects, words and names in common.
_SHOWN = [*_KEPT, VOICES.index("picture near"), VOICES.index("text over 20% like")]
_SOMETHING = [
    *_KEPT,
    *map(VOICES.index, ("picture near", "same subject", "shared word", "shared name")),
]


def weigh(facts: Facts, groups: Groups, pairs: Numbers, weights: Reals) -> Reals:
    """The log-odds of each pair of groups, (pairs,), minus infinity where they are ruled out;
    `weights` is the bias and one a voice."""
    total = np.empty(len(pairs))
    for begin in range(0, len(pairs), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        said = listen(facts, groups, pairs[part])
        total[part] = weights[0] + said @ weights[1:]
        total[part][_are_two(groups, pairs[part], said)] = -np.inf
    return total


def came_by_another(groups: Groups, pairs: Numbers) -> npt.NDArray[np.bool_]:
    """Whether one group follows the other after a rest, made by another engine: it has next to
    nothing in common with it in several of the traits that an engine keeps whatever it poses as.
    """
    left, right = pairs[:, 0], pairs[:, 1]
    differing = np.zeros(len(pairs))
    for name in STEADY:
        profile = groups.profiles[name]
        differs = profile.overlap(left, right) < 1.0 - groups.rule.most
        differing += differs & profile.has(left) & profile.has(right)
    rested = days_between(groups, pairs) > groups.rule.moved_days
    return rested & (differing >= groups.rule.moved_traits)


def surely(
    facts: Facts, groups: Groups, pairs: Numbers, odds: Reals, least: float
) -> npt.NDArray[np.bool_]:
    """Which pairs of shapes are joined at once: over `least`, and with a text, domain, drop box,
    page or picture to show for it. What only looks alike is left to the groups."""
    sure = odds > least
    at = np.flatnonzero(sure)
    said = listen(facts, groups, pairs[at])
    sure[at] = (said[:, _SHOWN] >= groups.rule.least_shown).any(axis=1)
    return sure


def _are_two(groups: Groups, pairs: Numbers, said: Reals) -> npt.NDArray[np.bool_]:
    """Whether two groups of several are two templates by definition, however they are made.

    Each says the same things again and again, and they say, lead to and name nothing in common; or
    they say nothing at all, and each has a name or a picture of its own; or one text
    went from one engine to another; or two engines have nothing in common but a form of mail.
    """
    rule, left, right = groups.rule, pairs[:, 0], pairs[:, 1]

    def least(of_groups: Reals) -> Reals:
        return np.minimum(of_groups[left], of_groups[right])

    several = np.minimum(groups.size[left], groups.size[right]) > 1
    pictures = said[:, _FAR] > rule.most
    pictures &= least(groups.picture_cohesion) > rule.one_picture
    two: npt.NDArray[np.bool_] = pictures | (said[:, _OWN_NAMES] > rule.own_named)
    two &= several & (said[:, _NO_TEXT] > 0)
    unlike = several & (least(groups.said.recurring) > rule.recurring)
    unlike &= said[:, _SAYS] < rule.unlike
    unlike &= (said[:, _KEPT] < NOTHING).all(axis=1)
    maybe = np.flatnonzero(unlike)
    two[maybe] |= groups.names.common(left[maybe], right[maybe]) < rule.unnamed
    more = np.maximum(groups.mails[left], groups.mails[right])
    two |= (more >= rule.moved_mails) & came_by_another(groups, pairs)
    formal = (said[:, _SOMETHING] < rule.least_shown).all(axis=1) & (said[:, _TAGS] < rule.formal)
    formal &= (said[:, _SILENT] > 0) | (said[:, _NO_TEXT] > 0)
    two |= several & formal & (said[:, _OTHER_MAKE] > 0)
    return two | (said[:, _ALIKE_WITHIN] > rule.repeating) & (said[:, _SILENT] > 0)
