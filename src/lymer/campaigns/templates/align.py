"""Many texts against each other: the words that all share in one order, and what lies between.

The longest common ordered set of words (Pitsillidis and others 2010, "Botnet Judo") of many
texts is costly. Words that occur once in every text find nearly all of it at once; between two
of them the same search goes on, and the borders of every gap are compared word by word. Where
nothing more is shared but all have as many sentences, sentence is compared with sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from lymer.campaigns.templates.words import MASK, ends_sentence, sentences_of

Positions = npt.NDArray[np.int64]
Phrase = tuple[str, ...]

# Words that are compared for their order at a time; gaps between them are searched again.
_MOST_ANCHORS = 200
_DEEPEST = 60
# A word that all of fewer texts share may do so by chance, where nothing next to it is steady.
_FEW_TEXTS = 40
# Words at a border that are compared at once.
_PEELED = 64


@dataclass(frozen=True)
class Keys:
    """What stands for words where they are compared."""

    numbers: Positions
    """(words of all texts,)"""
    names: list[str]
    """By number."""


@dataclass(frozen=True)
class Alignment:
    """The texts that agree, and what they are made of in order.

    A piece is a word that all of `members` have, or a gap: what the k-th of them has there.
    A word with a mask for a key is a gap, even where it is the same in all.
    """

    members: list[int]
    pieces: list[str | list[Phrase]]


def align(texts: Sequence[Sequence[str]], share: float, keys: Keys | None = None) -> Alignment:
    """Align texts (words each) by words that at least `share` of them have.

    Texts without these are left out. Without `keys`, words stand for themselves.
    """
    return _Aligner(texts, keys or _own_keys(texts), share).run()


def _own_keys(texts: Sequence[Sequence[str]]) -> Keys:
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(word, len(numbers)) for row in texts for word in row]
    return Keys(np.array(found, dtype=np.int64), list(numbers))


# A place in every text, and how many words from there on all share; none at a mere border.
_Mark = tuple[Positions, int]


class _Aligner:
    def __init__(self, texts: Sequence[Sequence[str]], keys: Keys, share: float) -> None:
        self._texts = texts
        self._words = keys.numbers
        # Looked at once for each distinct word.
        masked = np.array([key.startswith(MASK) for key in keys.names], dtype=bool)
        ends = np.array([ends_sentence(key) for key in keys.names], dtype=bool)
        self._is_masked = masked[self._words]
        self._is_end = ends[self._words]
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        self._ends = np.cumsum(lengths)
        self._starts = self._ends - lengths
        self._alive = np.arange(len(texts))
        self._need = int(np.ceil(share * len(texts)))

    def run(self) -> Alignment:
        found = self._search(self._starts.copy(), self._ends.copy(), 0)
        members = self._alive.tolist()
        pieces: list[str | list[Phrase]] = []
        before = self._starts
        for place, count in [*found, (self._ends, 0)]:
            if (before < place)[members].any():
                pieces.append(self._phrases(members, before, place))
            if count:
                pieces += self._shared(members, place, count)
            before = place + count
        return Alignment(members, pieces)

    def _shared(self, members: list[int], place: Positions, count: int) -> list[str | list[Phrase]]:
        """The pieces of a run of words that all share."""
        start = int(place[members[0]])
        words = self._phrases(members[:1], place, place + count)[0]
        masks = self._is_masked[start : start + count].tolist()
        return [
            self._phrases(members, place + number, place + number + 1) if is_masked else word
            for number, (word, is_masked) in enumerate(zip(words, masks, strict=True))
        ]

    def _phrases(self, members: list[int], low: Positions, high: Positions) -> list[Phrase]:
        first = (low - self._starts).tolist()
        last = (high - self._starts).tolist()
        return [tuple(self._texts[k][first[k] : last[k]]) for k in members]

    def _search(self, low: Positions, high: Positions, depth: int) -> list[_Mark]:
        """Marks between `low` (included) and `high`, in order."""
        rooms = high[self._alive] - low[self._alive]
        if rooms.max(initial=0) <= 0 or (self._is_whole and rooms.min() <= 0):
            return []
        head = self._peel(low, high, step=1)
        # Nothing is left, or one word that was looked at.
        if (high - low)[self._alive].max(initial=0) <= (0 if head else 1):
            return head
        tail = self._peel(low, high, step=-1)[::-1]
        if depth == _DEEPEST:
            return [*head, *tail]
        marks = self._anchors(low, high) or [(place, 0) for place in self._cuts(low, high)]
        inner: list[_Mark] = []
        before = low
        for place, count in marks:
            inner += [*self._search(before.copy(), place.copy(), depth + 1), (place, count)]
            before = place + count
        if marks:
            inner += self._search(before.copy(), high.copy(), depth + 1)
        return [*head, *inner, *tail]

    @property
    def _is_whole(self) -> bool:
        """Whether no more texts can be left out."""
        return len(self._alive) <= self._need

    def _cuts(self, low: Positions, high: Positions) -> list[Positions]:
        """Where sentences begin, but for the first, if all have as many and keep their order."""
        alive = self._alive
        if not len(alive) or int((high[alive] - low[alive]).min()) < 2:
            return []
        ends = [np.flatnonzero(self._is_end[low[k] : high[k] - 1]) for k in alive]
        counts = np.array([len(found) for found in ends])
        values, seen = np.unique(counts, return_counts=True)
        count = int(values[seen.argmax()])
        if not count or seen.max() < self._need:
            return []
        phrases = self._phrases(alive[counts == count].tolist(), low, high)
        if _is_drawn([sentences_of(phrase) for phrase in phrases]):
            return []
        self._alive = alive[counts == count]
        cuts: list[Positions] = []
        for number in range(count):
            place = np.zeros(len(self._texts), dtype=np.int64)
            for k, found in zip(alive, ends, strict=True):
                if len(found) == count:
                    place[k] = low[k] + found[number] + 1
            cuts.append(place)
        return cuts

    def _peel(self, low: Positions, high: Positions, step: int) -> list[_Mark]:
        """Common words at one border of the gap, which is made smaller in place."""
        found: list[_Mark] = []
        while True:
            alive = self._alive
            room = int((high[alive] - low[alive]).min()) if len(alive) else 0
            if room > 0:
                # All at once where all texts agree.
                size = min(room, _PEELED)
                ahead = np.arange(size)
                places = low[alive, None] + ahead if step > 0 else high[alive, None] - 1 - ahead
                words = self._words[places]
                same = (words == words[0]).all(axis=0)
                count = size if same.all() else int(same.argmin())
                if count:
                    found.append(self._step(low, high, count * step))
                if count == size:
                    continue
                if self._is_whole:
                    return found
            inside = alive[low[alive] < high[alive]]
            if len(inside) < self._need or not len(inside):
                return found
            edge = self._words[low[inside] if step > 0 else high[inside] - 1]
            values, counts = np.unique(edge, return_counts=True)
            if counts.max() < self._need:
                return found
            self._alive = inside[edge == values[counts.argmax()]]
            found.append(self._step(low, high, step))

    @staticmethod
    def _step(low: Positions, high: Positions, step: int) -> _Mark:
        if step > 0:
            place = low.copy()
            low += step
        else:
            high += step
            place = high.copy()
        return place, abs(step)

    def _anchors(self, low: Positions, high: Positions) -> list[_Mark]:
        """Words that every text has once in this gap, in one order everywhere."""
        alive = self._alive
        lengths = np.maximum(high[alive] - low[alive], 0)
        total = int(lengths.sum())
        if total < self._need or not total:
            return []
        owner = np.repeat(np.arange(len(alive)), lengths)
        begins = np.cumsum(lengths) - lengths
        place = np.arange(total) + np.repeat(low[alive] - begins, lengths)
        key = self._words[place] * len(alive) + owner
        order = np.argsort(key)
        key = key[order]
        is_new = np.concatenate([[True], key[1:] != key[:-1], [True]])
        # By word, and of each by text.
        once = order[is_new[:-1] & is_new[1:]]
        words = self._words[place[once]]
        starts = np.flatnonzero(np.diff(words, prepend=-1))
        spread = np.diff(starts, append=len(words))
        is_shared = spread == len(alive)
        if is_shared.any():
            shared = starts[is_shared]
            places = place[once[shared[:, None] + np.arange(len(alive))]]
        else:
            # A word that nearly all have, at the price of the others.
            if spread.max(initial=0) < self._need or not len(spread):
                return []
            best = int(spread.argmax())
            having = once[starts[best] : starts[best] + spread[best]]
            alive = self._alive = alive[owner[having]]
            places = place[having][None, :]
        places = _ordered(places)
        if len(alive) < _FEW_TEXTS:
            places = _steady(places, self._is_masked[places[:, 0]], low[alive], high[alive])
        # Those that follow each other at once are one run.
        is_apart = (np.diff(places, axis=0) != 1).any(axis=1)
        breaks = [0, *(np.flatnonzero(is_apart) + 1).tolist(), len(places)] if len(places) else []
        anchors: list[_Mark] = []
        for begin, end in pairwise(breaks):
            full = np.zeros(len(self._texts), dtype=np.int64)
            full[alive] = places[begin]
            anchors.append((full, end - begin))
        return anchors


def _ordered(places: Positions) -> Positions:
    """The rows (anchors, texts) that follow each other in every text."""
    places = places[np.argsort(places[:, 0], kind="stable")]
    if (np.diff(places, axis=0) > 0).all():
        return places
    if len(places) > _MOST_ANCHORS:
        places = places[np.linspace(0, len(places) - 1, _MOST_ANCHORS).astype(np.int64)]
    crossed = np.zeros((len(places), len(places)), dtype=np.int64)
    for column in places.T:
        crossed += column[:, None] > column[None, :]
    crossed = np.triu(crossed, 1)
    is_crossed = crossed + crossed.T > 0
    load = is_crossed.sum(axis=1)
    kept = np.ones(len(places), dtype=bool)
    while load.max(initial=0):
        # The first of those that cross most.
        worst = int(load.argmax())
        kept[worst] = False
        load -= is_crossed[worst]
        load[worst] = 0
    return places[kept]


def _steady(
    places: Positions, is_masked: npt.NDArray[np.bool_], low: Positions, high: Positions
) -> Positions:
    """The rows at a steady distance from what is before or behind them; masked ones stay."""
    while len(places):
        steps = np.diff(np.vstack([low[None, :] - 1, places, high[None, :]]), axis=0)
        steady = (steps == steps[:, :1]).all(axis=1)
        kept = steady[:-1] | steady[1:] | is_masked
        if kept.all():
            break
        places, is_masked = places[kept], is_masked[kept]
    return places


def _is_drawn(runs: Sequence[Sequence[Phrase]]) -> bool:
    """Whether sentences change places: the same ones are seen at different numbers."""
    seen: dict[Phrase, set[int]] = {}
    count = 0
    for run in runs:
        for number, sentence in enumerate(run):
            seen.setdefault(sentence, set()).add(number)
            count += 1
    moving = sum(len(run) > 0 and len(seen[s]) > 1 for run in runs for s in run)
    return moving > 0.3 * count
