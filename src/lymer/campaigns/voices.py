"""What speaks for and against two groups of shapes being of one template: the voices.

Each voice is a number; their weighted sum is a log-odds, as in record linkage (Fellegi and
Sunter 1969). A group may be a single shape. A voice that has nothing to go by says 0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from lymer.campaigns.facts import UNSHARED, Facts

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
# Names in prose and the words of a short text: product and brand outlive a text.
OWN_KINDS = ("name", "word")
_TELLING_BITS = 10.0
# What fewer members have says nothing of a group, and random names are many.
LEAST_NAMED = 0.1
_MOST_NAMES = 2.0
# Places of a sketch by which it is held against all that a group says.
_PLACES = 32
_GROUP_SHIFT = 37

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


_SILENT = VOICES.index("nothing said in common")
_ALIKE_WITHIN = VOICES.index("texts alike within only")
_REPEATING = 0.4
_NO_TEXT = VOICES.index("no text in either")
_OWN_NAMES = VOICES.index("each its own name")
_SAYS = VOICES.index("says what the larger says")
_KEPT = [VOICES.index(f"shared {kind}") for kind in ("domain", "drop box", "picture", "page")]
_FAR = VOICES.index("picture far")
# Of the joins that these forbid on lab seeds 1, 2, 11, 20 to 22 and 30, 13 are wrong and 1 is right
# (docs/campaigns.md).
_NAMED = 0.4
_ONE_PICTURE = 0.7
_RECURRING = 0.35
_UNLIKE = 0.25
_UNNAMED = 0.3


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
class Names:
    """In how many shapes of each group each name stands, and in how many of all."""

    counts: csr_array
    """(groups, names); nothing where less than a tenth of the group has it."""
    size: Numbers
    spread: Reals
    """(names,): in how many of all shapes it stands; infinite for what only one has."""
    total: int
    strongest: Reals
    """Of each group: what tells most, as share of its members times how telling it is."""

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
        said = share * self.telling(in_one.indices, inside)
        return np.minimum(np.bincount(pair, said, minlength=len(left)), _MOST_NAMES)

    def telling(self, names: Numbers, inside: Reals) -> Reals:
        """From 0 to 1, how rare each name is outside of the `inside` shapes that are looked at."""
        return rareness(self.spread[names] - inside, self.total)


def _rows(table: csr_array) -> Numbers:
    """The row of each entry."""
    return np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))


def rareness(outside: Reals, total: int) -> Reals:
    """How much is told by what stands in `outside` of `total` shapes more: all by 1 in 1,000, or
    by what stands nowhere else."""
    most = np.log2(total + 1.0)
    bits = most - np.log2(np.maximum(outside, 0.0) + 1.0)
    rare: Reals = np.clip(bits / min(most, _TELLING_BITS), 0.0, 1.0)
    return rare


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
    picture_cohesion: Reals
    """How near their pictures are; 0 for a single one."""
    words: Reals
    richness: Reals
    first_at: Reals
    last_at: Reals
    names: Names
    number: Numbers
    """The number of each group in `said`."""
    said: Numbers
    """Sorted: what any member of a group of several has in one of the first places of its
    sketch, as group, place and value in one number."""
    recurring: Reals
    """Share of what the members of each group say there that another member says too."""


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
        *_cohesion(facts, order, start, size),
        membership @ np.log2(1.0 + facts.words),
        membership @ facts.richness,
        first,
        last,
        _names(facts, labels, size),
        np.arange(count),
        *_said(facts, labels, size),
    )


def _names(facts: Facts, labels: Numbers, size: Numbers) -> Names:
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
    counts.data[counts.data < LEAST_NAMED * size[_rows(counts)]] = 0.0
    counts.eliminate_zeros()
    spread = np.bincount(name, minlength=width).astype(np.float64)
    group = _rows(counts)
    telling = rareness(spread[counts.indices] - counts.data, facts.count)
    strongest = np.zeros(len(size))
    np.maximum.at(strongest, group, telling * counts.data / size[group])
    return Names(counts, size, spread, facts.count, strongest)


def _said(facts: Facts, labels: Numbers, size: Numbers) -> tuple[Numbers, Reals]:
    shapes = np.flatnonzero(facts.has_text & (size[labels] > 1))
    keys = _keys(labels[shapes], facts.sketches[shapes, :_PLACES])
    said, counts = np.unique(keys.ravel(), return_counts=True)
    group = said >> _GROUP_SHIFT
    total = np.bincount(group, counts, minlength=len(size))
    recurring = np.bincount(group, counts * (counts > 1), minlength=len(size))
    return said, recurring / np.maximum(total, 1.0)


def _keys(group: Numbers, sketches: npt.NDArray[np.uint32]) -> Numbers:
    """(n, places): group, place in the sketch and what stands there, in one number."""
    place = np.arange(sketches.shape[1]) << 32
    keys: Numbers = (group[:, None] << _GROUP_SHIFT) | place | sketches.astype(np.int64)
    return keys


def _contained(facts: Facts, groups: Groups, left: Numbers, right: Numbers) -> Reals:
    """Of what the smaller of two says, the share that any member of the larger says too.

    Texts drawn from lists of sentences or words are unlike one by one, and all of one kind
    together. 0 where the larger is a single one.
    """
    bigger = groups.size[right] - groups.size[left]
    is_left = (bigger > 0) | (bigger == 0) & (left < right)
    small, large = np.where(is_left, left, right), np.where(is_left, right, left)
    seen, told = np.zeros(len(left)), np.zeros(len(left))
    for turn in range(_SAMPLE):
        active = np.flatnonzero((groups.size[small] > turn) & (groups.size[large] > 1))
        if not len(active) or not len(groups.said):
            break
        member = _member(groups, small[active], turn)
        active, member = active[facts.has_text[member]], member[facts.has_text[member]]
        keys = _keys(groups.number[large[active]], facts.sketches[member, :_PLACES])
        found = np.minimum(np.searchsorted(groups.said, keys), len(groups.said) - 1)
        seen[active] += (groups.said[found] == keys).mean(axis=1)
        told[active] += 1.0
    share: Reals = seen / np.maximum(told, 1.0)
    return share


def _cohesion(facts: Facts, order: Numbers, start: Numbers, size: Numbers) -> tuple[Reals, Reals]:
    texts, pictures = np.zeros(len(size)), np.zeros(len(size))
    several = np.flatnonzero(size > 1)
    told, pictured = np.zeros(len(several)), np.zeros(len(several))
    for turn in range(_SAMPLE):
        one = order[start[several] + _place(size[several], turn)]
        other = order[start[several] + _place(size[several], turn + 1)]
        both = facts.has_text[one] & facts.has_text[other]
        told += both
        like = (facts.sketches[one] == facts.sketches[other]).mean(axis=1)
        texts[several] += both * like
        pair, near = _nearness(facts, one, other)
        pictured += pair
        pictures[several] += near
    texts[several] /= np.maximum(told, 1.0)
    pictures[several] /= np.maximum(pictured, 1.0)
    return texts, pictures


def _nearness(facts: Facts, one: Numbers, other: Numbers) -> tuple[npt.NDArray[np.bool_], Reals]:
    """Whether both shapes have a picture, and how near these are: 1 the same, 0 far."""
    pair = (facts.pictures[one] != 0) & (facts.pictures[other] != 0)
    far = np.bitwise_count(facts.pictures[one] ^ facts.pictures[other])
    return pair, pair * np.maximum(0.0, 1.0 - far / _NEAR_BITS)


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
        total[part][_are_two(groups, pairs[part], said)] = -np.inf
    return total


def _are_two(groups: Groups, pairs: Numbers, said: Reals) -> npt.NDArray[np.bool_]:
    """Whether two groups of several are two templates by definition, however they are made.

    Each says the same things again and again, and they say, lead to and name nothing in common; or
    they say nothing at all, and each has a name or a picture of its own.
    """
    left, right = pairs[:, 0], pairs[:, 1]

    def least(of_groups: Reals) -> Reals:
        return np.minimum(of_groups[left], of_groups[right])

    several = np.minimum(groups.size[left], groups.size[right]) > 1
    pictures = (said[:, _FAR] > _MOST) & (least(groups.picture_cohesion) > _ONE_PICTURE)
    two: npt.NDArray[np.bool_] = pictures | (said[:, _OWN_NAMES] > _NAMED)
    two &= several & (said[:, _NO_TEXT] > 0)
    unlike = several & (least(groups.recurring) > _RECURRING) & (said[:, _SAYS] < _UNLIKE)
    unlike &= (said[:, _KEPT] < _NOTHING).all(axis=1)
    maybe = np.flatnonzero(unlike)
    two[maybe] |= groups.names.common(left[maybe], right[maybe]) < _UNNAMED
    return two | (said[:, _ALIKE_WITHIN] > _REPEATING) & (said[:, _SILENT] > 0)


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
    kept = [groups.profiles[name].overlap(left, right) for name in _SELECTED]
    silent = (best < _TEXT_STEPS[2]) & (np.sum(kept, axis=0) < _NOTHING) & (near == 0)
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
    own = groups.names.common(left, right)
    each = np.minimum(groups.names.strongest[left], groups.names.strongest[right])
    columns.append(np.maximum(each - own, 0.0))
    columns.append(_contained(facts, groups, left, right))
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
        pair, alike = _nearness(facts, one, other)
        near[active] += alike
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
