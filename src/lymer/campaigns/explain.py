"""Why a message is where it is, in words and numbers."""

import numpy as np
import numpy.typing as npt

from lymer.campaigns.communities import Links
from lymer.campaigns.facts import Facts
from lymer.campaigns.voices import VOICES, gather_groups, listen
from lymer.campaigns.weights import BETWEEN_SHAPES

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

_NAMED = 3
_CHUNK = 100_000
# Voices that say how alike, not that; the likeness itself is told instead.
_STEPS = frozenset(name for name in VOICES if name.startswith("text over")) | {"best text"}


def explain(facts: Facts, labels: Numbers, links: Links) -> tuple[list[str], Reals]:
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
    alone = gather_groups(facts, np.arange(facts.count))
    selected = _selected(facts)
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
            words += [f"{kind} {value}" for kind, value in sorted(selected[one] & selected[other])][
                :2
            ]
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
    order = np.argsort(-voices)[: 2 * _NAMED].tolist()
    named = [VOICES[i] for i in order if voices[i] > 0.5 and VOICES[i] not in _STEPS]
    return named[:_NAMED]


def _selected(facts: Facts) -> list[set[tuple[str, str]]]:
    """The rare selectors of each shape, by name."""
    chosen = facts.selectors
    found: list[set[tuple[str, str]]] = [set() for _ in range(facts.count)]
    telling = chosen.rarity[chosen.number] > 0.25
    for shape, number in zip(
        chosen.shape[telling].tolist(), chosen.number[telling].tolist(), strict=True
    ):
        kind = chosen.kinds[number]
        if kind not in ("word", "name"):
            found[shape].add((kind, chosen.values[number]))
    return found
