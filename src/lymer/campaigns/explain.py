"""Why a message is where it is, in words and numbers."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from lymer.campaigns.communities import Links
from lymer.campaigns.facts import Facts
from lymer.campaigns.groups import gather_groups
from lymer.campaigns.voice_rule import VoiceRule
from lymer.campaigns.voices import VOICES, listen
from lymer.campaigns.weights import BETWEEN_SHAPES

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

_NAMED = 3
_RARE = 0.25
_CHUNK = 100_000
# What is named as a reason: not how alike texts are in steps, since the likeness itself is told,
# and not that something is there but differs, though a weight may be found for it.
_REASONS = frozenset(
    name
    for name in VOICES
    if not name.startswith(("text over", "other ", "no shared")) and name != "best text"
)


def explain(
    facts: Facts, labels: Numbers, links: Links, rule: VoiceRule
) -> tuple[list[str], Reals]:
    """For each shape, what holds it in its group, and the log-odds of its best link there.

    The log-odds are NaN for a shape without a compared partner in its group.
    """
    inside = labels[links.pairs[:, 0]] == labels[links.pairs[:, 1]]
    pairs, odds = links.pairs[inside], links.odds[inside]
    best = np.full(facts.count, -1, dtype=np.int64)
    order = np.argsort(odds, kind="stable")
    for side in (0, 1):
        # The last one written is the strongest.
        candidates = pairs[order, side]
        stronger = np.full(facts.count, -np.inf)
        held = best >= 0
        stronger[held] = odds[best[held]]
        wins = odds[order] >= stronger[candidates]
        best[candidates[wins]] = order[wins]
    strongest = np.full(facts.count, np.nan)
    strongest[best >= 0] = odds[best[best >= 0]]
    reasons = [_repeats(count) for count in facts.message_count.tolist()]
    linked = np.flatnonzero(best >= 0)
    alone = gather_groups(facts, np.arange(facts.count), rule)
    telling = _telling(facts)
    for begin in range(0, len(linked), _CHUNK):
        part = linked[begin : begin + _CHUNK]
        chosen = pairs[best[part]]
        said = listen(facts, alone, chosen) * BETWEEN_SHAPES[1:]
        likeness = (facts.sketches[chosen[:, 0]] == facts.sketches[chosen[:, 1]]).mean(axis=1)
        for shape, (one, other), voices, like in zip(
            part.tolist(), chosen.tolist(), said, likeness.tolist(), strict=True
        ):
            words = []
            if facts.has_text[one] and facts.has_text[other]:
                words.append(f"text {like:.0%} like")
            words += _strongest(voices)
            words += _named(facts, telling, one, other)
            told = f"{strongest[shape]:+.1f} with its nearest: {', '.join(words)}"
            reasons[shape] = f"{reasons[shape]}; {told}" if reasons[shape] else told
    size = np.bincount(labels, minlength=1)
    for shape in np.flatnonzero((best < 0) & (size[labels] > 1)).tolist():
        told = f"as a whole with the {int(size[labels[shape]]) - 1} other texts of its group"
        reasons[shape] = f"{reasons[shape]}; {told}" if reasons[shape] else told
    return reasons, strongest


def _repeats(count: int) -> str:
    return f"same text as {count - 1} others" if count > 1 else ""


def _strongest(voices: Reals) -> list[str]:
    order = np.argsort(-voices).tolist()
    named = [VOICES[i] for i in order if voices[i] > 0.5 and VOICES[i] in _REASONS]
    return named[:_NAMED]


def _telling(facts: Facts) -> csr_array:
    """(shapes, selectors): the rare selectors of each shape, but for mere words."""
    chosen = facts.selectors
    is_word = np.isin(np.array(chosen.kinds, dtype=object), ("word", "name"))
    kept = (chosen.rarity[chosen.number] > _RARE) & ~is_word[chosen.number]
    return csr_array(
        (np.ones(int(kept.sum())), (chosen.shape[kept], chosen.number[kept])),
        shape=(facts.count, len(chosen.kinds)),
    )


def _named(facts: Facts, telling: csr_array, one: int, other: int) -> list[str]:
    """What two shapes share, by kind and value."""
    rows = [telling.indices[telling.indptr[s] : telling.indptr[s + 1]] for s in (one, other)]
    common = sorted(set(rows[0].tolist()) & set(rows[1].tolist()))[:2]
    chosen = facts.selectors
    return [f"{chosen.kinds[number]} {chosen.values[number]}" for number in common]
