"""Names that last: a campaign keeps its id when evidence is added.

A group takes the id of the former campaign that most of its messages come from; where several
claim one, the larger share keeps it. A group without a past is named after its least message
id, so that two runs over the same evidence agree.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

Overlap = tuple[int, str, int]


def name_groups(
    least_ids: Sequence[str], overlaps: Sequence[Overlap], *, prefix: str = "c-"
) -> tuple[list[str], list[tuple[str, str, str, int]]]:
    """An id for each group, and the lineage rows.

    `least_ids` holds each group's least message id; `overlaps` (group, former id, messages).
    """
    names: dict[int, str] = {}
    taken: set[str] = set()
    for group, former, _ in sorted(overlaps, key=lambda o: (-o[2], o[1], o[0])):
        if group not in names and former not in taken:
            names[group] = former
            taken.add(former)
    for group, least in enumerate(least_ids):
        if group in names:
            continue
        width = 12
        while f"{prefix}{least[:width]}" in taken:
            width += 4
        names[group] = f"{prefix}{least[:width]}"
        taken.add(names[group])
    return [names[group] for group in range(len(least_ids))], _lineage(names, overlaps)


def _lineage(
    names: Mapping[int, str], overlaps: Sequence[Overlap]
) -> list[tuple[str, str, str, int]]:
    living = set(names.values())
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for group, former, count in overlaps:
        if names[group] != former:
            moved[names[group], former] += count
    return [
        (now, former, "split" if former in living else "merged", count)
        for (now, former), count in sorted(moved.items())
    ]
