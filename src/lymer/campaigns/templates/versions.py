"""Members of one campaign that were made from different texts, told apart.

Versions of a template differ in all of their sentences at once, while the sentences and words
that one version draws from mix freely. So two groups are versions when each has pairs of words
that all of its members share and the other lacks, and what else they say hardly overlaps.
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import linkage

from lymer.campaigns.templates.texts import Numbering, Numbers, Texts

Matrix = npt.NDArray[np.float32]

_MOST_FEATURES = 4_000
# More than a campaign has distinct words: a pair of their numbers is one number.
_SPREAD = 1 << 31
_DIGIT = re.compile("[0-9]")
# Of what a version's members share: in nearly all of its own, in hardly any of the other's.
_NEARLY_ALL, _HARDLY_ANY = 0.9, 0.1
_FEW_MEMBERS = 8
_OFTEN = 0.2
# Who has less than half of what nearly all share, and that is no less than three pairs of words.
_LIKE_SHARE, _FEW_PAIRS = 0.5, 3


@dataclass(frozen=True)
class VersionRule:
    """When two groups of members count as two versions. Tuned on lab seeds below 100."""

    overlap_share: float = 0.45
    """Most that what they say may have in common."""
    few_overlap_share: float = 0.25
    """The same for a group of fewer than eight, where chance parts a lot."""
    apart_share: float = 0.15
    """So little in common that one of the two may itself be several versions."""
    own_pairs: float = 3.0
    """Least pairs of words that all of the one share and the other lacks."""
    varied_share: float = 0.5
    """Least of the text that is not common to both: else it is one template with a choice."""
    least_members: int = 2


def split_versions(texts: Texts, rule: VersionRule) -> list[list[int]]:
    """Groups of texts, the largest first; texts that are like no other are in none."""
    features = _features(texts)
    whole = np.arange(len(texts.rows))
    if len(whole) < 2 * rule.least_members or not features.shape[1]:
        return [whole.tolist()]
    groups: list[Numbers] = []
    waiting = [whole]
    while waiting:
        members = waiting.pop()
        parts = _halve(features, members, rule)
        if parts is None:
            groups.append(members)
        else:
            waiting += [part for part in parts if len(part) >= rule.least_members]
    return sorted((g.tolist() for g in groups), key=lambda g: (-len(g), g))


def _features(texts: Texts) -> Matrix:
    """(texts, features): which pairs of neighbouring words each has, variable words masked."""
    count = len(texts.rows)
    words, owner = _masked(texts), texts.owner
    lengths = np.bincount(owner, minlength=count)
    alone = np.flatnonzero(lengths[owner] == 1)
    # A number for what a text has and for the text. Where there is no pair, the one word stands
    # for it, or nothing.
    keys = [np.flatnonzero(lengths == 0), words[alone] * count + owner[alone]]
    # Of a text: neighbours, and those with one word between them, which may be a slot.
    for step, sign in ((1, 1), (2, -1)):
        places = np.flatnonzero(owner[:-step] == owner[step:])
        pairs = sign * (words[places] * _SPREAD + words[places + step])
        keys.append(pairs * count + owner[places])
    found = np.sort(np.concatenate(keys))
    found = found[np.concatenate([[True], found[1:] != found[:-1]])]
    pairs, owner = np.divmod(found, count)
    starts = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]]))
    spread = np.diff(starts, append=len(found))
    order = np.argsort(-spread, kind="stable")[:_MOST_FEATURES]
    kept = order[spread[order] >= min(3, max(2, count // 4))]
    place = np.full(len(spread), -1)
    place[kept] = np.arange(len(kept))
    column = np.repeat(place, spread)
    is_kept = column >= 0
    matrix = np.zeros((count, len(kept)), dtype=np.float32)
    matrix[owner[is_kept], column[is_kept]] = 1
    return matrix


def _masked(texts: Texts) -> Numbers:
    """The words of all texts as numbers from 1 on; variable ones are alike."""
    numbering = Numbering()
    masked = [numbering[_mask(word)] + 1 for word in texts.vocabulary.words]
    return np.array(masked, dtype=np.int64)[texts.codes]


def _mask(word: str) -> str:
    if word.isalpha():
        return word
    if "://" in word or "@" in word or word.startswith("www."):
        return "@"
    return "0" if _DIGIT.search(word) else word


def _halve(features: Matrix, members: Numbers, rule: VersionRule) -> list[Numbers] | None:
    """The two versions in `members`, or one without its strangers; None where it is one."""
    if len(members) < 2 * rule.least_members:
        return None
    own = features[members]
    common = own.mean(axis=0) >= _NEARLY_ALL
    odd = own[:, common].mean(axis=1) < _LIKE_SHARE if common.sum() >= _FEW_PAIRS else np.zeros(0)
    if odd.any():
        # So few that what they lack is common to nearly all.
        return [members[odd == 0], members[odd > 0]]
    varied = own[:, ~common]
    norms = np.sqrt((varied**2).sum(axis=1))
    told = np.flatnonzero(norms > 0)
    if len(told) < 2 * rule.least_members:
        return None
    unit = varied[told] / norms[told, None]
    alike = np.clip(unit @ unit.T, 0, 1)
    upper = np.triu_indices(len(told), 1)
    tree = linkage(1.0 - alike[upper].astype(np.float64), method="average")
    node = 2 * len(told) - 2
    # Down the larger branch: what joins last may be a few strangers.
    while node >= len(told):
        left, right = (int(child) for child in tree[node - len(told), :2])
        sides = [_leaves(tree, child, len(told)) for child in (left, right)]
        sides.sort(key=len)
        small, large = (told[side] for side in sides)
        if len(small) >= rule.least_members:
            if not _are_versions(own[small], own[large], rule):
                return None
            rest = np.setdiff1d(np.arange(len(members)), np.concatenate([small, large]))
            near = own[rest] @ own[small].mean(axis=0) > own[rest] @ own[large].mean(axis=0)
            return [
                members[np.sort(np.concatenate([small, rest[near]]))],
                members[np.sort(np.concatenate([large, rest[~near]]))],
            ]
        if _are_strangers(own[small], own[large]):
            return [members[np.setdiff1d(np.arange(len(members)), small)]]
        node = left if len(_leaves(tree, left, len(told))) >= len(large) else right
    return None


def _leaves(tree: npt.NDArray[np.float64], node: int, count: int) -> Numbers:
    found: list[int] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node < count:
            found.append(node)
        else:
            waiting += [int(child) for child in tree[node - count, :2]]
    return np.array(found)


def _are_versions(one: Matrix, other: Matrix, rule: VersionRule) -> bool:
    a, b = one.mean(axis=0), other.mean(axis=0)
    common = (a >= _NEARLY_ALL) & (b >= _NEARLY_ALL)
    size = min(a.sum(), b.sum())
    a, b = a[~common], b[~common]
    varied = min(a.sum(), b.sum())
    if varied <= rule.varied_share * size:
        return False
    # What few members say is drawn from a list, and lists may be shared.
    often = np.maximum(a, b) >= _OFTEN
    overlap = np.minimum(a, b)[often].sum() / max(min(a[often].sum(), b[often].sum()), 1.0)
    own = [
        says[(says >= _NEARLY_ALL) & (lacks <= _HARDLY_ANY)].sum()
        for says, lacks in ((a, b), (b, a))
    ]
    if overlap <= rule.apart_share:
        return bool(max(own) >= rule.own_pairs)
    is_few = min(len(one), len(other)) < _FEW_MEMBERS
    most = rule.few_overlap_share if is_few else rule.overlap_share
    return bool(overlap <= most and min(own) >= rule.own_pairs)


def _are_strangers(few: Matrix, many: Matrix) -> bool:
    """Whether the few lack most of what nearly all of the many share."""
    shared = many.mean(axis=0) >= _NEARLY_ALL
    return bool(shared.sum() >= _FEW_PAIRS and few[:, shared].mean() < _LIKE_SHARE)
