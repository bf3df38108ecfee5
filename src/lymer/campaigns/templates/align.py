"""Many texts against each other: the words that all share in one order, and what lies between.

The longest common ordered set of words (Pitsillidis and others 2010, "Botnet Judo") of many
texts is costly. Words that occur once in every text find nearly all of it at once; between two
of them the same search goes on, and the borders of every gap are compared word by word. Where
nothing more is shared but all have as many sentences, sentence is compared with sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lymer.campaigns.templates.words import ends_sentence, sentences_of

Positions = npt.NDArray[np.int64]
Phrase = tuple[str, ...]

# Words that are compared for their order at a time; gaps between them are searched again.
_MOST_ANCHORS = 200
_DEEPEST = 60
# A word that all of fewer texts share may do so by chance, where nothing next to it is steady.
_FEW_TEXTS = 40


MASK = "\0"
"""Begins the key of a word that counts as equal to others of its kind."""


@dataclass(frozen=True)
class Alignment:
    """The texts that agree, and what they are made of in order.

    A piece is a word that all of `members` have, or a gap: what the k-th of them has there.
    A word with a mask for a key is a gap, even where it is the same in all.
    """

    members: list[int]
    pieces: list[str | list[Phrase]]


def align(
    texts: Sequence[Sequence[str]],
    share: float,
    keys: Sequence[Sequence[str]] | None = None,
) -> Alignment:
    """Align texts (words each) by words that at least `share` of them have.

    Texts without these are left out. `keys` stand for the words where they are compared.
    """
    return _Aligner(texts, keys or texts, share).run()


# A place in every text, and whether a word stands there that all share; else it is a mere border.
_Mark = tuple[Positions, bool]


class _Aligner:
    def __init__(
        self, texts: Sequence[Sequence[str]], keys: Sequence[Sequence[str]], share: float
    ) -> None:
        self._texts = texts
        numbers: dict[str, int] = {}
        self._words = np.array(
            [numbers.setdefault(key, len(numbers)) for row in keys for key in row], dtype=np.int64
        )
        # Kept as numbers: looked at once for each distinct word.
        masked = np.array([key.startswith(MASK) for key in numbers], dtype=bool)
        ends = np.array([ends_sentence(key) for key in numbers], dtype=bool)
        self._is_masked = masked[self._words] if len(numbers) else np.zeros(0, dtype=bool)
        self._is_end = ends[self._words] if len(numbers) else np.zeros(0, dtype=bool)
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
        for place, is_word in [*found, (self._ends, False)]:
            if (before < place)[members].any():
                pieces.append(self._phrases(members, before, place))
            if is_word:
                is_masked = self._is_masked[place[members[0]]]
                words = self._phrases(members if is_masked else members[:1], place, place + 1)
                pieces.append(words if is_masked else words[0][0])
            before = place + is_word
        return Alignment(members, pieces)

    def _phrases(self, members: list[int], low: Positions, high: Positions) -> list[Phrase]:
        starts = self._starts
        return [tuple(self._texts[k][low[k] - starts[k] : high[k] - starts[k]]) for k in members]

    def _search(self, low: Positions, high: Positions, depth: int) -> list[_Mark]:
        """Marks between `low` (included) and `high`, in order."""
        head = self._peel(low, high, step=1)
        tail = self._peel(low, high, step=-1)[::-1]
        inner: list[_Mark] = []
        if depth < _DEEPEST:
            marks = [(place, True) for place in self._anchors(low, high)]
            marks = marks or [(place, False) for place in self._cuts(low, high)]
            before = low
            for place, is_word in marks:
                inner += [*self._search(before.copy(), place.copy(), depth + 1), (place, is_word)]
                before = place + is_word
            if marks:
                inner += self._search(before.copy(), high.copy(), depth + 1)
        words = ([(place, True) for place in places] for places in (head, tail))
        return [*next(words), *inner, *next(words)]

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

    def _peel(self, low: Positions, high: Positions, step: int) -> list[Positions]:
        """Common words at one border of the gap, which is made smaller in place."""
        found: list[Positions] = []
        while True:
            alive = self._alive
            room = int((high[alive] - low[alive]).min()) if len(alive) else 0
            if room > 1:
                # All at once where all texts agree.
                size = min(room, 64)
                ahead = np.arange(size)
                places = low[alive, None] + ahead if step > 0 else high[alive, None] - 1 - ahead
                same = (self._words[places] == self._words[places[0]]).all(axis=0)
                count = size if same.all() else int(same.argmin())
                found += [self._step(low, high, step) for _ in range(count)]
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
            places = _steady(places, self._is_masked[places[:, 0]], low[alive], high[alive])
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


def _steady(
    places: Positions, is_masked: npt.NDArray[np.bool_], low: Positions, high: Positions
) -> Positions:
    """The rows at a steady distance from what is before or behind them; masked ones stay."""
    while len(places):
        framed = np.vstack([low[None, :] - 1, places, high[None, :]])
        steady = (np.diff(framed, axis=0) == np.diff(framed, axis=0)[:, :1]).all(axis=1)
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
