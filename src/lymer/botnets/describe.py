"""A dialect family in words that a person can check against its mails."""

from collections.abc import Sequence

import numpy as np

from lymer.botnets.families import Labels
from lymer.botnets.traits import Token, Traits
from lymer.botnets.variants import Variants

# A pose in fewer of its mails is not worth a name in the description.
_NAMED_POSES = 4
_LENGTHS = ("up to 8", "up to 16", "up to 24", "up to 32", "up to 48", "over 48")
_KINDS = {
    "9": "digits",
    "9+": "many digits",
    "x": "hex",
    "X": "HEX",
    "a": "letters",
    "A": "LETTERS",
    "m": "Mixed",
    "w": "one word",
    "-": "nothing",
}


def describe_family(variants: Variants, labels: Labels, family: int) -> str:
    """Its steady traits with their shares, its poses, its contradictions."""
    rows = np.flatnonzero(labels == family)
    sizes = variants.message_count[rows]
    traits = [variants.traits[row] for row in rows.tolist()]
    words = [
        f"From: {_commonest([t.sender for t in traits], sizes)}",
        f"Message-ID: {_commonest([_spell(t.token) for t in traits], sizes)}, "
        f"{_commonest([t.domain for t in traits], sizes) or 'no domain'}",
        f"Date: {_commonest([t.date for t in traits], sizes)}",
        f"Content-Type: {_commonest([t.folding for t in traits], sizes) or 'missing'}",
        f"boundary: {_commonest([_spell(t.boundary) for t in traits], sizes) or 'never any'}",
        f"forged Received: {_commonest([t.forged for t in traits], sizes)}",
    ]
    odd = _commonest([t.odd for t in traits], sizes)
    if odd:
        words.append(f"contradicts itself: {odd}")
    poses = np.asarray(variants.poses[rows].sum(axis=0)).ravel()
    order = [at for at in np.argsort(-poses, kind="stable").tolist() if poses[at]]
    named = [variants.programs[at] for at in order if variants.programs[at]]
    if named:
        more = f" and {len(named) - _NAMED_POSES} more" if len(named) > _NAMED_POSES else ""
        words.append(f"poses as {', '.join(named[:_NAMED_POSES])}{more}")
    else:
        words.append("names no mailer")
    return "; ".join(words)


def compare_to(main: Traits, other: Traits) -> str:
    """What a variant has in common with the commonest one of its family."""
    pairs = {
        "From": (main.sender, other.sender),
        "Message-ID": (main.token, other.token),
        "Date": (main.date, other.date),
        "Content-Type": (main.folding, other.folding),
        "boundary": (main.boundary, other.boundary),
        "forged Received": (main.forged, other.forged),
    }
    same = [name for name, (one, two) in pairs.items() if one == two and one]
    differs = [name for name, (one, two) in pairs.items() if one != two and one and two]
    if main == other:
        return "the commonest form of the family"
    text = f"agrees with the commonest form in {', '.join(same) or 'nothing'}"
    return f"{text}; differs in {', '.join(differs)}" if differs else text


def _commonest(values: Sequence[str], sizes: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> str:
    """The commonest value that is not empty, with its share where it is not alone."""
    counts: dict[str, int] = {}
    for value, size in zip(values, sizes.tolist(), strict=True):
        if value:
            counts[value] = counts.get(value, 0) + size
    if not counts:
        return ""
    best = max(sorted(counts), key=counts.__getitem__)
    share = counts[best] / sum(counts.values())
    return best if share > 0.995 else f"{best} ({share:.0%})"


def _spell(token: Token | str) -> str:
    if isinstance(token, str):
        return token
    kinds = [_KINDS.get(kind, kind) for kind in token.kinds]
    between = f" parted by '{token.separators}'" if token.separators else ""
    frame = f" in {token.frame}" if token.frame else ""
    return f"{', '.join(kinds)}{between}, {_LENGTHS[token.length]} characters{frame}"
