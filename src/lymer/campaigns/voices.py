"""What speaks for and against two groups of shapes being of one template: the voices.

Each voice is a number; their weighted sum is a log-odds, as in record linkage (Fellegi and
Sunter 1969). A group may be a single shape. A voice that has nothing to go by says 0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from lymer.campaigns.facts import Facts

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

_DAY = 86400.0
_CHUNK = 100_000
_TEXT_STEPS = (0.05, 0.1, 0.2, 0.35, 0.6)
# Pairs of members that are compared for two groups.
_SAMPLE = 8
_PICTURE_BITS = 64.0
_NEAR_BITS = 12.0
_MOST = 0.9
# An overlap below this is none (see facts.UNSHARED).
_NOTHING = 1e-8

_TRAITS = ("from", "id", "date", "folding", "boundary", "forged", "odd")
_CODED = ("lines", "tags", "mime", "subject", "dialect", "form", "charset", "sender", "list")
_SELECTED = ("domain", "drop", "picture", "word", "name", "page")

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
    *(f"other {name} trait" for name in _TRAITS),
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
    "same sender",
    "other sender",
    "same list",
    "days apart",
    "at once",
    "at once, each alike within only",
    "at once, made otherwise",
)


_SILENT = VOICES.index("nothing said in common")
_ALIKE_WITHIN = VOICES.index("texts alike within only")
_REPEATING = 0.4


@dataclass(frozen=True)
class Single:
    """One value for each group, or none (below 0): groups that are single shapes."""

    codes: npt.NDArray[np.int32]

    def overlap(self, left: Numbers, right: Numbers) -> Reals:
        one = self.codes[left]
        common: Reals = ((one == self.codes[right]) & (one >= 0)).astype(np.float64)
        return common

    def has(self, groups: Numbers) -> npt.NDArray[np.bool_]:
        return np.asarray(self.codes[groups] >= 0)


@dataclass(frozen=True)
class Spread:
    """(groups, values): square roots of the shares of values among the members that have one,
    so that the product of two rows is their overlap (Bhattacharyya 1943)."""

    shares: csr_array

    def overlap(self, left: Numbers, right: Numbers) -> Reals:
        product = self.shares[left].multiply(self.shares[right])
        return np.asarray(product.sum(axis=1), dtype=np.float64).ravel()

    def has(self, groups: Numbers) -> npt.NDArray[np.bool_]:
        return np.asarray(np.diff(self.shares.indptr)[groups] > 0)


@dataclass(frozen=True)
class Groups:
    """Groups of shapes, numbered from 0, and what is spread over the members of each."""

    order: Numbers
    """Shapes by group."""
    start: Numbers
    size: Numbers
    profiles: dict[str, Single | Spread]
    texts: Reals
    """Share of members that have enough text to compare."""
    cohesion: Reals
    """How alike the texts of its members are, on the average; 0 for a single one."""
    words: Reals
    richness: Reals
    first_at: Reals
    last_at: Reals


def gather_groups(facts: Facts, labels: Numbers) -> Groups:
    """The groups that `labels`, one for each shape, make."""
    count = int(labels.max(initial=-1)) + 1
    order = np.argsort(labels, kind="stable")
    size = np.bincount(labels, minlength=count)
    start = np.concatenate(([0], np.cumsum(size)[:-1])).astype(np.int64)
    profiles: dict[str, Single | Spread] = {
        name: _profile(labels, facts.codes[name], count) for name in (*_CODED, *_TRAITS)
    }
    membership = csr_array(
        (1.0 / size[labels], (labels, np.arange(facts.count))), shape=(count, facts.count)
    )
    for name in _SELECTED:
        shares = csr_array(membership @ facts.by_kind[name])
        shares.data = np.sqrt(shares.data)
        profiles[name] = Spread(shares)
    first = np.full(count, np.inf)
    last = np.full(count, -np.inf)
    known = ~np.isnan(facts.first_at)
    np.minimum.at(first, labels[known], facts.first_at[known])
    np.maximum.at(last, labels[known], facts.last_at[known])
    return Groups(
        order,
        start,
        size,
        profiles,
        membership @ facts.has_text.astype(np.float64),
        _cohesion(facts, order, start, size),
        membership @ np.log2(1.0 + facts.words),
        membership @ facts.richness,
        first,
        last,
    )


def _cohesion(facts: Facts, order: Numbers, start: Numbers, size: Numbers) -> Reals:
    cohesion = np.zeros(len(size))
    several = np.flatnonzero(size > 1)
    told = np.zeros(len(several))
    for turn in range(_SAMPLE):
        one = order[start[several] + _place(size[several], turn)]
        other = order[start[several] + _place(size[several], turn + 1)]
        both = facts.has_text[one] & facts.has_text[other]
        told += both
        like = (facts.sketches[one] == facts.sketches[other]).mean(axis=1)
        cohesion[several] += both * like
    cohesion[several] /= np.maximum(told, 1.0)
    return cohesion


def _place(size: Numbers, turn: int) -> Numbers:
    """Of a group of so many, the member whose turn it is: spread evenly over the group."""
    return turn * np.maximum(size // _SAMPLE, 1) % size


def _profile(labels: Numbers, codes: npt.NDArray[np.int32], count: int) -> Single | Spread:
    if count == len(labels):
        alone = np.empty(count, dtype=np.int32)
        alone[labels] = codes
        return Single(alone)
    known = codes >= 0
    table = csr_array(
        (np.ones(int(known.sum())), (labels[known], codes[known])),
        shape=(count, int(codes.max(initial=0)) + 1),
    )
    total = np.asarray(table.sum(axis=1)).ravel()
    table = csr_array(table.multiply(1.0 / np.maximum(total, 1.0)[:, None]))
    table.data = np.sqrt(table.data)
    return Spread(table)


def weigh(facts: Facts, groups: Groups, pairs: Numbers, weights: Reals) -> Reals:
    """The log-odds of each pair of groups, (pairs,); `weights` is the bias and one a voice."""
    total = np.empty(len(pairs))
    for begin in range(0, len(pairs), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        said = listen(facts, groups, pairs[part])
        total[part] = weights[0] + said @ weights[1:]
        # By definition: two texts that go out again and again and say nothing in common, nor lead
        # to anything in common, are two templates, however alike they are made.
        two = (said[:, _ALIKE_WITHIN] > _REPEATING) & (said[:, _SILENT] > 0)
        total[part][two] = -np.inf
    return total


def days_between(groups: Groups, pairs: Numbers) -> Reals:
    """Days from the end of one group to the beginning of the other; below 0 they overlap."""
    left, right = pairs[:, 0], pairs[:, 1]
    gap = np.maximum(groups.first_at[left], groups.first_at[right]) - np.minimum(
        groups.last_at[left], groups.last_at[right]
    )
    return np.where(np.isfinite(gap), gap, 0.0) / _DAY


def listen(facts: Facts, groups: Groups, pairs: Numbers) -> Reals:
    """What every voice says of every pair of groups: (pairs, voices)."""
    left, right = pairs[:, 0], pairs[:, 1]
    text, best, told, near, pictured = _sampled(facts, groups, left, right)
    weight = np.log2(1.0 + np.minimum(groups.size[left], groups.size[right]))
    texts = groups.texts[left] > 0.5, groups.texts[right] > 0.5
    columns: list[npt.NDArray[np.generic]] = [~texts[0] & ~texts[1], texts[0] != texts[1]]
    columns += [told & (text >= step) for step in _TEXT_STEPS]
    columns.append(best)
    # Groups that each repeat themselves, but not each other; random words repeat nowhere.
    alike = groups.cohesion[left], groups.cohesion[right]
    columns.append(told * np.maximum(np.minimum(*alike) - text, 0.0))
    alone = np.minimum(groups.size[left], groups.size[right]) == 1
    columns.append(told * alone * np.maximum(np.maximum(*alike) - text, 0.0))
    own = [groups.profiles[name].overlap(left, right) for name in _SELECTED]
    silent = (best < _TEXT_STEPS[2]) & (np.sum(own, axis=0) < _NOTHING) & (near == 0)
    columns += [told * silent, told * silent * np.maximum(*alike)]
    columns.append(np.minimum(np.abs(groups.words[left] - groups.words[right]), 4.0))
    parts = np.minimum(groups.richness[left], groups.richness[right])

    def compare(name: str) -> tuple[Reals, Reals]:
        """How much of it both have in common, and how much not, where both have it."""
        profile = groups.profiles[name]
        both = profile.has(left) & profile.has(right)
        common = profile.overlap(left, right)
        return common, both * (1.0 - common)

    common, differs = compare("lines")
    columns += [common, common * np.minimum(parts[:, 0], 10.0) / 10.0, differs]
    otherwise = [differs]
    common, differs = compare("tags")
    otherwise.append(differs)
    tags = groups.profiles["tags"]
    one_only = tags.has(left) != tags.has(right)
    columns += [common * np.minimum(parts[:, 1], 20.0) / 20.0, differs + one_only]
    columns.append(compare("mime")[1])
    columns += compare("subject")
    common = compare("dialect")[0]
    columns += [np.sqrt(common), (common == 0) * weight]
    traits = [compare(name)[1] for name in _TRAITS]
    unlike = np.sum(traits, axis=0)
    columns += [*traits, unlike >= 2.5, unlike >= 4.0, (unlike >= 2.5) * (weight - 1.0)]
    columns += compare("form")
    forms = groups.profiles["form"]
    columns.append(forms.has(left) != forms.has(right))
    columns += compare("charset")

    def share(name: str, most: float = 2.0) -> tuple[Reals, npt.NDArray[np.bool_]]:
        """The rarity of what both have in common, up to `most`; both have some and nothing is."""
        profile = groups.profiles[name]
        common = profile.overlap(left, right)
        return np.minimum(common, most), profile.has(left) & profile.has(right) & (
            common < _NOTHING
        )

    columns += [*share("domain"), *share("drop"), share("picture")[0]]
    columns += [pictured * near, pictured * (1.0 - near)]
    columns += [share("word")[0], *share("name"), *share("page", 1.0)]
    columns += compare("sender")
    columns.append(compare("list")[0])
    gap = days_between(groups, pairs)
    # What replaces another comes after it: what runs beside it is something else.
    lasting = np.minimum(
        groups.last_at[left] - groups.first_at[left], groups.last_at[right] - groups.first_at[right]
    )
    lasting = np.where(np.isfinite(lasting), lasting, 0.0) / _DAY
    at_once = np.clip(-gap / np.maximum(lasting, 0.25), 0.0, 1.0)
    columns += [
        np.log2(1.0 + np.maximum(gap, 0.0)),
        at_once,
        at_once * told * np.maximum(np.minimum(*alike) - text, 0.0),
        at_once * (np.maximum(otherwise[0], otherwise[1]) > _MOST),
    ]
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _sampled(
    facts: Facts, groups: Groups, left: Numbers, right: Numbers
) -> tuple[Reals, Reals, npt.NDArray[np.bool_], Reals, npt.NDArray[np.bool_]]:
    """Of pairs of members: mean and best likeness of texts, whether any have text; how near
    their pictures are (1 the same, 0 far), and whether any have one."""
    total, best = np.zeros(len(left)), np.zeros(len(left))
    told, near, pictured = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left))
    largest = np.maximum(groups.size[left], groups.size[right])
    for turn in range(_SAMPLE):
        active = np.flatnonzero(largest > turn)
        if not len(active):
            break
        one = _member(groups, left[active], turn)
        other = _member(groups, right[active], (turn * 3 + 1) % _SAMPLE)
        both = facts.has_text[one] & facts.has_text[other]
        like = both * (facts.sketches[one] == facts.sketches[other]).mean(axis=1)
        total[active] += like
        best[active] = np.maximum(best[active], like)
        told[active] += both
        pair = (facts.pictures[one] != 0) & (facts.pictures[other] != 0)
        far = np.bitwise_count(facts.pictures[one] ^ facts.pictures[other])
        near[active] += pair * np.maximum(0.0, 1.0 - far / _NEAR_BITS)
        pictured[active] += pair
    return (
        total / np.maximum(told, 1),
        best,
        told > 0,
        near / np.maximum(pictured, 1),
        pictured > 0,
    )


def _member(groups: Groups, group: Numbers, turn: int) -> Numbers:
    member: Numbers = groups.order[groups.start[group] + _place(groups.size[group], turn)]
    return member
