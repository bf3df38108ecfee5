"""Many texts against each other: the words that all share in one order, and what lies between.

The longest common ordered set of words (Pitsillidis and others 2010, "Botnet Judo") of many
texts is costly. Words that occur once in every text find nearly all of it at once; between two
of them the same search goes on, and the borders of every gap are compared word by word.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]

# Words that are compared for their order at a time; gaps between them are searched again.
_MOST_ANCHORS = 200
_DEEPEST = 60
# A word that all of fewer texts share may do so by chance, where nothing next to it is steady.
_FEW_TEXTS = 40


@dataclass(frozen=True)
class Alignment:
    """The texts that agree, and their common words with the gaps before, between and behind.

    `gaps[i][k]` is what the k-th of `members` has before anchor i; the last gap is behind all.
    """

    members: list[int]
    anchors: list[str]
    gaps: list[list[tuple[str, ...]]]


def align(texts: Sequence[Sequence[str]], share: float) -> Alignment:
    """Align texts (words each) by words that at least `share` of them have; the rest is left out."""
    return _Aligner(texts, share).run()


class _Aligner:
    def __init__(self, texts: Sequence[Sequence[str]], share: float) -> None:
        self._texts = texts
        numbers: dict[Hashable, int] = {}
        self._words = np.array(
            [numbers.setdefault(word, len(numbers)) for text in texts for word in text],
            dtype=np.int64,
        )
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        self._ends = np.cumsum(lengths)
        self._starts = self._ends - lengths
        self._alive = np.arange(len(texts))
        self._need = int(np.ceil(share * len(texts)))

    def run(self) -> Alignment:
        anchors = self._search(self._starts.copy(), self._ends.copy(), 0)
        members = self._alive.tolist()
        gaps: list[list[tuple[str, ...]]] = []
        before = self._starts
        for place in [*anchors, self._ends]:
            gaps.append(
                [
                    tuple(self._texts[k][before[k] - self._starts[k] : place[k] - self._starts[k]])
                    for k in members
                ]
            )
            before = place + 1
        first = members[0] if members else 0
        words = [self._texts[first][place[first] - self._starts[first]] for place in anchors]
        return Alignment(members, words, gaps)

    def _search(self, low: Positions, high: Positions, depth: int) -> list[Positions]:
        """Anchors between `low` (included) and `high`, a place in every text each."""
        head = self._peel(low, high, step=1)
        tail = self._peel(low, high, step=-1)[::-1]
        inner: list[Positions] = []
        if depth < _DEEPEST:
            found = self._anchors(low, high)
            before = low
            for place in found:
                inner += [*self._search(before.copy(), place.copy(), depth + 1), place]
                before = place + 1
            if found:
                inner += self._search(before.copy(), high.copy(), depth + 1)
        return [*head, *inner, *tail]

    def _peel(self, low: Positions, high: Positions, step: int) -> list[Positions]:
        """Common words at one border of the gap, which is made smaller in place."""
        found: list[Positions] = []
        while True:
            alive = self._alive
            room = int((high[alive] - low[alive]).min(initial=1))
            if room > 1:
                # All at once where all texts agree.
                size = min(room, 64)
                ahead = np.arange(size)
                places = low[alive, None] + ahead if step > 0 else high[alive, None] - 1 - ahead
                same = (self._words[places] == self._words[places[0]]).all(axis=0)
                for _ in range(size if same.all() else int(same.argmin())):
                    found.append(self._step(low, high, step))
                if same.all():
                    continue
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
    def _step(low: Positions, high: Positions, step: int) -> Positions:
        if step > 0:
            place = low.copy()
            low += 1
        else:
            high -= 1
            place = high.copy()
        return place

    def _anchors(self, low: Positions, high: Positions) -> list[Positions]:
        """Words that every text has once in this gap, in one order everywhere."""
        alive = self._alive
        lengths = np.maximum(high[alive] - low[alive], 0)
        total = int(lengths.sum())
        if total < self._need or not total:
            return []
        owner = np.repeat(np.arange(len(alive)), lengths)
        offset = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        place = np.repeat(low[alive], lengths) + offset
        key = self._words[place] * len(alive) + owner
        _, first, counts = np.unique(key, return_index=True, return_counts=True)
        first = first[counts == 1]
        words = self._words[place[first]]
        values, spread = np.unique(words, return_counts=True)
        whole = values[spread == len(alive)]
        if not len(whole):
            # A word that nearly all have, at the price of the others.
            best = values[spread >= self._need]
            if not len(best):
                return []
            whole = best[np.argsort(-spread[spread >= self._need], kind="stable")[:1]]
            having = first[words == whole[0]]
            alive = self._alive = alive[owner[having]]
            places = place[having][None, :]
        else:
            kept = np.isin(words, whole)
            kept_first = first[kept]
            order = np.lexsort((owner[kept_first], words[kept]))
            places = place[kept_first][order].reshape(len(whole), len(alive))
        places = _ordered(places)
        if len(alive) < _FEW_TEXTS:
            places = _steady(places, low[alive], high[alive])
        anchors: list[Positions] = []
        for row in places:
            full = np.zeros(len(self._texts), dtype=np.int64)
            full[alive] = row
            anchors.append(full)
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
    crossed += crossed.T
    kept = np.ones(len(places), dtype=bool)
    while (load := (crossed[kept][:, kept] > 0).sum(axis=1)).max(initial=0):
        kept[np.flatnonzero(kept)[load.argmax()]] = False
    return places[kept]


def _steady(places: Positions, low: Positions, high: Positions) -> Positions:
    """The rows that stand at a steady distance from what is before or behind them."""
    while len(places):
        framed = np.vstack([low[None, :] - 1, places, high[None, :]])
        steady = (np.diff(framed, axis=0) == np.diff(framed, axis=0)[:, :1]).all(axis=1)
        kept = steady[:-1] | steady[1:]
        if kept.all():
            break
        places = places[kept]
    return places
