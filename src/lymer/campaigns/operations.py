"""Which campaigns sell for the same: joined through what a sender must keep for mail to pay off.

As with campaigns, voices speak for and against, their weighted sum is a log-odds (Fellegi and
Sunter 1969), and groups are compared as wholes: each round joins those that are each other's best.
What many unlike groups share is a common thing and says little; that two groups each name their own
product speaks against them, so a shortener or an answering service that strangers use does not glue
them. Time does not part: an operation may last.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import csr_array

from lymer.campaigns.communities import components
from lymer.campaigns.identity import name_groups
from lymer.campaigns.kept import Kept, Numbers, Reals, Things, gather_kept

# TABLES
from lymer.engine import answer

DAMP = {"name": 0.5, "place": 0.5}
_ROUNDS = 30
# More holders than this, and a thing brings nobody together; it may still speak for a pair.
_HOLDERS = 24
_STEADY = 0.6

_SHARED = ("place", "drop", "picture", "name", "sender")

VOICES = (
    "shared place",
    "several shared things",
    "shared drop box",
    "shared picture",
    "shared name",
    "shared sender",
    "same link form",
    "like words",
    "each names its own",
    "each sends for its own",
)

WEIGHTS = np.zeros(1 + len(VOICES))


@dataclass(frozen=True)
class Profiles:
    """What g groups of campaigns have."""

    shares: dict[str, csr_array]
    """By name of things, (g, t): the largest share that a campaign of the group has."""
    rarity: dict[str, Reals]
    """(t,): 1 for what one pair of groups shares, less the more groups and strangers have it."""
    words: csr_array
    """(g, t), rows of length 1: the vocabulary, rare words heavier."""
    own: Reals
    """(g,): how steadily it says a name that is nobody else's."""
    sends: Reals
    """(g,): how steadily it is sent by a list, signature or address that is nobody else's."""


def profile(kept: Kept, labels: Numbers) -> Profiles:
    """The groups that `labels`, one for each campaign, make."""
    count = int(labels.max(initial=-1)) + 1
    shares = {name: _largest(things.shares, labels, count) for name, things in kept.things.items()}
    rarity = {
        name: _rarity(shares[name], things, DAMP.get(name, 1.0))
        for name, things in kept.things.items()
    }
    spread = np.bincount(shares["word"].indices, minlength=shares["word"].shape[1])
    weight = np.log((1.0 + count) / (1.0 + spread)) * rarity["word"]
    words = csr_array(shares["word"] * weight[None, :])
    length = np.sqrt(np.asarray(words.multiply(words).sum(axis=1)).ravel())
    words = csr_array(words * (1.0 / np.maximum(length, 1e-9))[:, None])
    return Profiles(
        shares,
        rarity,
        words,
        _own(shares["name"], rarity["name"]),
        _own(shares["sender"], rarity["sender"]),
    )


def _largest(shares: csr_array, labels: Numbers, count: int) -> csr_array:
    rows = labels[np.repeat(np.arange(shares.shape[0]), np.diff(shares.indptr))]
    if not len(rows):
        return csr_array((count, shares.shape[1]))
    key = rows * shares.shape[1] + shares.indices
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    most = np.maximum.reduceat(shares.data[order], starts)
    key = key[order][starts]
    return csr_array(
        (most, (key // shares.shape[1], key % shares.shape[1])), shape=(count, shares.shape[1])
    )


def _rarity(shares: csr_array, things: Things, damp: float) -> Reals:
    spread = np.bincount(shares.indices, minlength=shares.shape[1])
    outsiders = np.zeros(shares.shape[1])
    outsiders[: len(things.outsiders)] = things.outsiders
    rarity: Reals = 1.0 / (
        1.0 + damp * np.log2(np.maximum(spread - 1, 1)) + np.log2(1.0 + outsiders)
    )
    return rarity


def _own(shares: csr_array, rarity: Reals) -> Reals:
    kept = shares.multiply((rarity >= 0.5)[None, :])
    return np.asarray(csr_array(kept).max(axis=1).toarray()).ravel()


def candidates(profiles: Profiles) -> Numbers:
    """Pairs of groups that share a thing which not too many have: (n, 2)."""
    pairs = []
    for name in _SHARED:
        shares = profiles.shares[name].tocsc()
        size = np.diff(shares.indptr)
        for holders in range(2, _HOLDERS + 1):
            begins = shares.indptr[:-1][size == holders]
            if len(begins):
                block = shares.indices[begins[:, None] + np.arange(holders)]
                one, other = np.triu_indices(holders, 1)
                pairs.append(np.stack((block[:, one].ravel(), block[:, other].ravel()), axis=1))
    if not pairs:
        return np.zeros((0, 2), dtype=np.int64)
    return np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0).astype(np.int64)


def listen(profiles: Profiles, pairs: Numbers) -> Reals:
    """What every voice says of every pair of groups: (pairs, voices)."""
    left, right = pairs[:, 0], pairs[:, 1]
    best: dict[str, Reals] = {}
    several = np.zeros(len(pairs))
    for name in _SHARED:
        common = _common(profiles, name, left, right)
        best[name] = np.asarray(common.max(axis=1).toarray()).ravel()
        if name in ("place", "picture", "sender"):
            held = csr_array(common > 0) * profiles.rarity[name][None, :]
            several += np.asarray(
                csr_array(held * (profiles.rarity[name] >= 0.5)[None, :]).sum(axis=1)
            ).ravel()
    several = np.log2(1.0 + several)
    form = profiles.shares["form"]
    words = profiles.words
    alone = best["name"] < 0.2
    return np.stack(
        [
            best["place"],
            several,
            best["drop"],
            best["picture"],
            best["name"],
            best["sender"],
            np.asarray(form[left].minimum(form[right]).max(axis=1).toarray()).ravel(),
            np.asarray(words[left].multiply(words[right]).sum(axis=1)).ravel(),
            alone * np.maximum(np.minimum(profiles.own[left], profiles.own[right]) - 0.3, 0),
            (best["sender"] < 0.2) * np.minimum(profiles.sends[left], profiles.sends[right]),
        ],
        axis=1,
    )


def _common(profiles: Profiles, name: str, left: Numbers, right: Numbers) -> csr_array:
    """(pairs, t): how steadily both have a thing, times its rarity."""
    shares = profiles.shares[name].sqrt()
    common = csr_array(shares[left].multiply(shares[right]))
    # What half of the mails of both have, both have.
    common.data = np.minimum(common.data * 1.5, 1.0)
    return csr_array(common.multiply(profiles.rarity[name][None, :]))
