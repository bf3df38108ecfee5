"""Which campaigns sell for the same: joined through what a sender must keep for mail to pay off.

As with campaigns, voices speak for and against, their weighted sum is a log-odds (Fellegi and
Sunter 1969), and groups are compared as wholes: each round joins those that are each other's best.
What many unlike groups share is a common thing and says little; that two groups each name their own
product speaks against them, so a shortener or an answering service that strangers use does not glue
them. Time does not part: an operation may last.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

from lymer.campaigns.communities import components
from lymer.campaigns.kept import Kept, Numbers, Reals, Things

_ROUNDS = 30
# A list's campaign may have a thousand boxes: what all pairs have at once would fill the memory.
_PAIRS_AT_ONCE = 10_000
# Pairs of groups below these log-odds are not weighed again while both stay as they are: what is
# rare changes from round to round by far less than what they lack.
_FAR = -2.0
# More holders than this, and a thing brings nobody together; it may still speak for a pair.
_HOLDERS = 24
# Of words there are many: only who shares a rare one is compared over it.
_WORD_HOLDERS = 4
# Rarity at which a thing counts as somebody's own.
_OWN = 0.5
# What is said or shared this little is not what tells them apart.
_UNSHARED = 0.2
_UNSAID = 0.3
# Half of all mails of either, or more: both have it.
_STEADY = 1.5

SHARED = ("place", "drop", "picture", "name", "sender")
# How fast a thing loses worth the more groups have it; names and places are many by nature.
_WEAR = {"place": 0.5, "name": 0.5}

WEIGHTS: tuple[tuple[str, float], ...] = (
    ("bias", -5.90),
    ("shared place", 6.25),
    ("several shared things", 1.88),
    ("shared drop box", 4.05),
    ("shared picture", 1.48),
    ("shared name", 8.17),
    ("shared sender", 5.91),
    ("like words", 9.57),
    ("each names its own", -4.92),
    ("each sends for its own", -3.34),
)
"""Voice and weight. Logistic regression over pairs of campaigns, and of groups as they grow, of the
lab's seeds 1 to 4; a pair of true operations counts by one over the square root of its pairs."""

_WEIGHTS = np.array([row[1] for row in WEIGHTS])


@dataclass(frozen=True)
class OperationRule:
    """When campaigns count as of one operation. Chosen on lab seeds 1 to 4."""

    least: float = 1.0
    """Log-odds over which two groups are joined."""


@dataclass(frozen=True)
class Profiles:
    """What g groups of campaigns have."""

    shares: dict[str, csr_array]
    """By name of things, (g, t): the largest share that a campaign of the group has."""
    met: dict[str, csr_array]
    """The square roots of the same, without what only one group has: most things are such, and
    say nothing of a pair."""
    rarity: dict[str, Reals]
    """(t,): 1 for what one pair of groups shares, less the more groups and strangers have it."""
    weight: Reals
    """(t,): what each word of the vocabulary tells."""
    words: csr_array
    """(g, t), rows of length 1 but for words that only one group has: rare words are heavier."""
    names: Reals
    """(g,): how steadily it says a name that is nobody else's."""
    senders: Reals
    """(g,): how steadily it is sent by a list, signature or address that is nobody else's."""


def profile(kept: Kept, labels: Numbers) -> Profiles:
    """The groups that `labels`, one for each campaign, make."""
    count = int(labels.max(initial=-1)) + 1
    shares = {name: _largest(things.shares, labels, count) for name, things in kept.things.items()}
    rarity = {
        name: _rarity(shares[name], things, _WEAR.get(name, 1.0))
        for name, things in kept.things.items()
    }
    spread = np.bincount(shares["word"].indices, minlength=shares["word"].shape[1])
    return _profiles(shares, rarity, np.log((1.0 + count) / (1.0 + spread)) * rarity["word"])


def _profiles(shares: dict[str, csr_array], rarity: dict[str, Reals], weight: Reals) -> Profiles:
    """`weight` is what each word of the vocabulary tells, (t,)."""
    words = csr_array(shares["word"] * weight[None, :])
    length = np.sqrt(np.asarray(words.multiply(words).sum(axis=1)).ravel())
    return Profiles(
        shares,
        {name: _met(shares[name]).sqrt() for name in SHARED},
        rarity,
        weight,
        _met(csr_array(words * (1.0 / np.maximum(length, 1e-9))[:, None])),
        _own(shares["name"], rarity["name"]),
        _own(shares["sender"], rarity["sender"]),
    )


def _largest(shares: csr_array, labels: Numbers, count: int) -> csr_array:
    """Rows of one label, the larger value of each column."""
    width = shares.shape[1]
    rows = labels[np.repeat(np.arange(shares.shape[0]), np.diff(shares.indptr))]
    if not len(rows):
        return csr_array((count, width))
    key = rows * width + shares.indices
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    most = np.maximum.reduceat(shares.data[order], starts)
    key = key[order][starts]
    return csr_array((most, (key // width, key % width)), shape=(count, width))


def _met(rows: csr_array) -> csr_array:
    """The rows without columns that only one of them has; the shape stays."""
    kept = np.bincount(rows.indices, minlength=rows.shape[1])[rows.indices] > 1
    ends = np.concatenate([[0], np.cumsum(kept)])[rows.indptr]
    return csr_array((rows.data[kept], rows.indices[kept], ends), shape=rows.shape)


def _rarity(shares: csr_array, things: Things, wear: float) -> Reals:
    spread = np.bincount(shares.indices, minlength=shares.shape[1])
    outsiders = np.zeros(shares.shape[1])
    outsiders[: len(things.outsiders)] = things.outsiders
    worn = wear * np.log2(np.maximum(spread - 1, 1)) + np.log2(1.0 + outsiders)
    rarity: Reals = 1.0 / (1.0 + worn)
    return rarity


def _own(shares: csr_array, rarity: Reals) -> Reals:
    return _most(csr_array(shares * (rarity >= _OWN)[None, :]))


def _most(rows: csr_array) -> Reals:
    return np.asarray(rows.max(axis=1).toarray(), dtype=np.float64).ravel()


def candidates(profiles: Profiles) -> Numbers:
    """Pairs of groups that share a thing or word which not too many have: (n, 2)."""
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    bounded = [(profiles.met[name], _HOLDERS) for name in SHARED]
    for rows, most in (*bounded, (profiles.words, _WORD_HOLDERS)):
        by_thing = rows.tocsc()
        size = np.diff(by_thing.indptr)
        for holders in range(2, most + 1):
            begins = by_thing.indptr[:-1][size == holders]
            if not len(begins):
                continue
            block = by_thing.indices[begins[:, None] + np.arange(holders)]
            one, other = np.triu_indices(holders, 1)
            pairs.append(np.stack((block[:, one].ravel(), block[:, other].ravel()), axis=1))
    return np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0).astype(np.int64)


def common(profiles: Profiles, name: str, left: Numbers, right: Numbers) -> csr_array:
    """(pairs, t): how steadily both of a pair have each thing, 0 to 1, times its rarity."""
    both = _products(profiles.met[name], left, right)
    both.data = np.minimum(both.data * _STEADY, 1.0)
    return csr_array(both * profiles.rarity[name][None, :])


def _products(rows: csr_array, left: Numbers, right: Numbers) -> csr_array:
    """The rows of each pair multiplied, column by column: (pairs, columns).

    A large group is held against hundreds of small ones: its long row is laid out once, and looked
    at only where the others have something.
    """
    sizes = np.diff(rows.indptr)
    is_left = sizes[left] > sizes[right]
    large, small = np.where(is_left, left, right), np.where(is_left, right, left)
    order = np.argsort(large, kind="stable")
    ends = np.flatnonzero(np.diff(large[order], append=-1)) + 1
    found = csr_array(rows[small[order]])
    row = np.zeros(rows.shape[1])
    for begin, end in pairwise([0, *ends.tolist()]):
        first = large[order[begin]]
        own = slice(rows.indptr[first], rows.indptr[first + 1])
        row[rows.indices[own]] = rows.data[own]
        asked = slice(found.indptr[begin], found.indptr[end])
        found.data[asked] *= row[found.indices[asked]]
        row[rows.indices[own]] = 0.0
    found.eliminate_zeros()
    return csr_array(found[np.argsort(order, kind="stable")])


def listen(profiles: Profiles, pairs: Numbers) -> Reals:
    """What every voice says of every pair of groups: (pairs, voices)."""
    left, right = pairs[:, 0], pairs[:, 1]
    best: dict[str, Reals] = {}
    several = np.zeros(len(pairs))
    for name in SHARED:
        both = common(profiles, name, left, right)
        best[name] = _most(both)
        if name in ("place", "picture", "sender"):
            # However few mails have each: several throwaway domains in common are no chance.
            own = np.where(profiles.rarity[name] >= _OWN, profiles.rarity[name], 0.0)
            held = csr_array(both > 0) * own[None, :]
            several += np.asarray(csr_array(held).sum(axis=1)).ravel()
    alike = np.asarray(_products(profiles.words, left, right).sum(axis=1)).ravel()
    named = np.minimum(profiles.names[left], profiles.names[right])
    sent = np.minimum(profiles.senders[left], profiles.senders[right])
    columns = (
        best["place"],
        np.log2(1.0 + several),
        best["drop"],
        best["picture"],
        best["name"],
        best["sender"],
        alike,
        (best["name"] < _UNSHARED) * np.maximum(named - _UNSAID, 0.0),
        (best["sender"] < _UNSHARED) * sent,
    )
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def weigh(profiles: Profiles, pairs: Numbers) -> Reals:
    """The log-odds that the groups of each pair are of one operation, (pairs,)."""
    parts = np.array_split(pairs, 1 + len(pairs) // _PAIRS_AT_ONCE)
    odds: Reals = np.concatenate(
        [_WEIGHTS[0] + listen(profiles, part) @ _WEIGHTS[1:] for part in parts]
    )
    return odds


def weigh_with_rest(profiles: Profiles, members: Numbers) -> Reals:
    """The log-odds that each of n `members` is of one operation with all others together, (n,)."""
    count = len(members)
    both: dict[str, csr_array] = {}
    rests: dict[str, _Rest] = {}
    for name, rows in profiles.shares.items():
        mine = csr_array(rows[members])
        rests[name] = _Rest(mine)
        both[name] = csr_array(vstack((mine, rests[name].shares), format="csr"))
    words = csr_array(both["word"] * profiles.weight[None, :])
    mine = words[:count]
    lengths = (mine.multiply(mine).sum(axis=1), rests["word"].squares(profiles.weight))
    length = np.sqrt(np.concatenate([np.asarray(squares).ravel() for squares in lengths]))
    own = {
        name: np.concatenate(
            (
                _own(both[name][:count], profiles.rarity[name]),
                rests[name].most(profiles.rarity[name] >= _OWN),
            )
        )
        for name in ("name", "sender")
    }
    beside = Profiles(
        both,
        {name: both[name].sqrt() for name in SHARED},
        profiles.rarity,
        profiles.weight,
        csr_array(words * (1.0 / np.maximum(length, 1e-9))[:, None]),
        own["name"],
        own["sender"],
    )
    return weigh(beside, np.stack((np.arange(count), count + np.arange(count)), axis=1))


class _Rest:
    """What the other rows of a matrix have together, seen from each: the largest of each column.

    That is the largest of all rows, or the next one for the row that has it.
    """

    def __init__(self, rows: csr_array) -> None:
        self._count = rows.shape[0]
        row = np.repeat(np.arange(self._count), np.diff(rows.indptr))
        self._columns, place = np.unique(rows.indices, return_inverse=True)
        order = np.lexsort((-rows.data, place))
        starts = np.flatnonzero(np.diff(place[order], prepend=-1))
        held = np.diff(starts, append=len(order))
        self._first: Reals = rows.data[order[starts]]
        self._owner = row[order[starts]]
        self._next = np.zeros(len(starts))
        self._next[held > 1] = rows.data[order[starts[held > 1] + 1]]
        others = np.where(self._owner[place] == row, self._next[place], self._first[place])
        self.shares = csr_array((others, rows.indices, rows.indptr), shape=rows.shape)
        """Of the columns that each row has itself."""

    def squares(self, weight: Reals) -> Reals:
        """The sum of their weighted squares, for each row."""
        first, following = ((v * weight[self._columns]) ** 2 for v in (self._first, self._next))
        less = np.bincount(self._owner, first - following, minlength=self._count)
        left: Reals = np.maximum(first.sum() - less, 0.0)
        return left

    def most(self, is_asked: npt.NDArray[np.bool_]) -> Reals:
        """The largest in any of the columns that are asked for, for each row."""
        asked = is_asked[self._columns]
        by_owner, following = np.zeros(self._count), np.zeros(self._count)
        np.maximum.at(by_owner, self._owner[asked], self._first[asked])
        np.maximum.at(following, self._owner[asked], self._next[asked])
        best = int(by_owner.argmax())
        others = np.full(self._count, by_owner[best])
        others[best] = np.delete(by_owner, best).max(initial=0.0)
        found: Reals = np.maximum(others, following)
        return found


def join_campaigns(kept: Kept, rule: OperationRule) -> Numbers:
    """A label for each campaign: those of one label are one operation."""
    labels = np.arange(kept.count, dtype=np.int64)
    far = np.zeros((0, 2), dtype=np.int64)
    for _ in range(_ROUNDS):
        count = int(labels.max(initial=-1)) + 1
        profiles = profile(kept, labels)
        pairs = candidates(profiles)
        pairs = pairs[~np.isin(_keys(pairs, count), _keys(far, count))]
        odds = weigh(profiles, pairs)
        good = odds > rule.least
        if not good.any():
            break
        best = np.full(count, -np.inf)
        for side in (0, 1):
            np.maximum.at(best, pairs[good, side], odds[good])
        mutual = good & (odds >= best[pairs[:, 0]]) & (odds >= best[pairs[:, 1]])
        joined = components(count, pairs[mutual])
        is_same = np.bincount(joined)[joined] == 1
        far = np.concatenate((far, pairs[odds < _FAR]))
        far = np.sort(joined[far[is_same[far].all(axis=1)]], axis=1)
        labels = joined[labels]
    return labels


def _keys(pairs: Numbers, count: int) -> Numbers:
    keys: Numbers = pairs[:, 0] * count + pairs[:, 1]
    return keys
