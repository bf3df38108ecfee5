"""Names that last, for families and botnets: ids that are kept, and words to speak of them."""

from collections.abc import Sequence

import xxhash

Overlap = tuple[int, str, int]

_ONSETS = [*"bdfgklmnprstvz", "br", "dr", "gr", "kl", "pl", "tr"]
_VOWELS = [*"aeiou"]


def keep_ids(fresh: Sequence[str], overlaps: Sequence[Overlap]) -> list[str]:
    """An id for each group: the former one that most of it had, or the fresh one.

    `overlaps` are (group, former id, size). Where several claim one id, the larger keeps it.
    """
    names: dict[int, str] = {}
    taken: set[str] = set()
    for group, former, _ in sorted(overlaps, key=lambda o: (-o[2], o[1], o[0])):
        if group not in names and former not in taken:
            names[group] = former
            taken.add(former)
    for group, wanted in enumerate(fresh):
        if group in names:
            continue
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}-{number}", number + 1
        names[group] = name
        taken.add(name)
    return [names[group] for group in range(len(fresh))]


def short_hash(text: str) -> str:
    """12 hex digits."""
    return xxhash.xxh3_128_hexdigest(text.encode())[:12]


def spoken(identity: str) -> str:
    """A made-up word of three syllables, the same for the same id."""
    number = xxhash.xxh3_64_intdigest(identity.encode())
    word = ""
    for _ in range(3):
        number, at = divmod(number, len(_ONSETS))
        word += _ONSETS[at]
        number, at = divmod(number, len(_VOWELS))
        word += _VOWELS[at]
    return word.capitalize()
