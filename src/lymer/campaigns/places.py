"""Where shapes meet: whatever they share is a place, and only who meets is compared.

A band of the sketch (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, chapter 3), a
selector, a subject, a layout, a picture. At a place each shape is paired with its neighbour and
with the first of its make, like beside like, so the work is a straight line in the number of
shapes; what one place misses another finds.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from lymer.campaigns.facts import GROUPS, UNSHARED, Codes, Facts

Numbers = npt.NDArray[np.int64]

# Rows of a band, coarse first: texts that share the part s of their word pairs meet in one of
# 64/r bands with probability 1 - (1 - s^r)^(64/r); for a tenth and r = 1 nearly always.
_BANDS = ((4, 16), (2, 32), (1, 12))
_RICH_PARTS = 4
# Makes at a domain or drop box that are held against the first of each one.
_MAKES = 8


def meet(facts: Facts) -> Iterator[Numbers]:
    """Place after place, the pairs of shapes that meet there: (n, 2)."""
    layout = _rank(facts.codes["tags"], facts.codes["lines"], facts.codes["mime"])
    make = _rank(facts.codes["tags"], facts.codes["lines"], facts.codes["dialect"])
    everyone = np.argsort(make, kind="stable")
    texts = everyone[facts.has_text[everyone]]
    for rows, count in _BANDS:
        for band in range(count):
            values = facts.sketches[texts, band * rows : (band + 1) * rows].astype(np.uint64)
            key = values[:, 0]
            for row in range(1, rows):
                key = key * np.uint64(0x9E3779B97F4A7C15) + values[:, row]
            yield _pair(key, texts, make)
        if rows > 2:
            yield from _selected(facts, make)
            yield _pair(facts.codes["subject"][everyone], everyone, make)
            rich = everyone[facts.richness[everyone].sum(axis=1) >= _RICH_PARTS]
            yield _pair(layout[rich], rich, make)
    # Mails without a text meet over how they are made.
    bare = everyone[~facts.has_text[everyone]]
    yield _pair(make[bare], bare, make)
    yield _pair(layout[bare], bare, make)
    for name in ("id", "date"):
        yield _pair(_rank(facts.codes[name], facts.codes["mime"])[bare], bare, make)


def _selected(facts: Facts, make: Numbers) -> Iterator[Numbers]:
    chosen = facts.selectors
    shared = np.flatnonzero(chosen.rarity[chosen.number] > UNSHARED)
    order = shared[np.argsort(make[chosen.shape[shared]], kind="stable")]
    yield _pair(chosen.number[order], chosen.shape[order], make)
    # What a customer keeps while text and make change: the campaigns between two of his part them.
    is_kept = np.isin(np.array(chosen.kinds, dtype=object), (*GROUPS["domain"], *GROUPS["drop"]))
    kept = order[is_kept[chosen.number[order]]]
    yield _pair_makes(chosen.number[kept], chosen.shape[kept], make)
    # Pictures that differ in at most six of 64 bits agree in two of eight bytes.
    shapes = np.flatnonzero(facts.pictures)
    shapes = shapes[np.argsort(make[shapes], kind="stable")]
    eight = facts.pictures[shapes].astype("<u8").view(np.uint8).reshape(-1, 8).astype(np.int64)
    for one, other in combinations(range(8), 2):
        yield _pair(eight[:, one] << 8 | eight[:, other], shapes, make)


def _pair_makes(keys: Numbers, shapes: Numbers, make: Numbers) -> Numbers:
    """Of `shapes`, in the order of make, the first of each make under one of `keys` with the first
    of the next makes: (n, 2)."""
    order = np.argsort(keys, kind="stable")
    keys, shapes = keys[order], shapes[order]
    is_first = np.ones(len(keys), dtype=np.bool_)
    is_first[1:] = (keys[1:] != keys[:-1]) | (make[shapes[1:]] != make[shapes[:-1]])
    keys, shapes = keys[is_first], shapes[is_first]
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    for step in range(1, _MAKES + 1):
        same = keys[step:] == keys[:-step]
        pairs.append(np.stack((shapes[:-step], shapes[step:]), axis=1)[same])
    return np.concatenate(pairs)


def _rank(*codes: Codes) -> Numbers:
    """One number for each distinct combination of codes."""
    rank = np.zeros(len(codes[0]), dtype=np.int64)
    for code in codes:
        _, rank = np.unique(rank << 32 | (code.astype(np.int64) + 1), return_inverse=True)
    return np.asarray(rank, dtype=np.int64)


def _pair(keys: npt.NDArray[np.integer], shapes: Numbers, make: Numbers) -> Numbers:
    """Pairs of `shapes`, in the order of make, that meet under one of `keys`: (n, 2).

    A key below 0 is nowhere.
    """
    met = np.flatnonzero(keys >= 0)
    order = met[np.argsort(keys[met], kind="stable")]
    keys, shapes = keys[order], shapes[order]
    same = keys[1:] == keys[:-1]
    if not same.any():
        return np.zeros((0, 2), dtype=np.int64)
    like = same & (make[shapes[1:]] == make[shapes[:-1]])
    beside = np.stack((shapes[:-1], shapes[1:]), axis=1)[same]
    starts = np.concatenate(([True], ~like))
    heads = shapes[np.flatnonzero(starts)][np.cumsum(starts) - 1]
    first = np.stack((heads, shapes), axis=1)[~starts]
    pairs: Numbers = np.concatenate((beside, first))
    # One shape may meet itself where it has two of a kind.
    return np.compress(pairs[:, 0] != pairs[:, 1], pairs, axis=0)
