"""What a measure finds: a number, how many things it was taken over, and a word on it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A value, or None with the reason why nothing was measured."""

    value: float | None
    count: int
    note: str = ""


Findings = Mapping[str, Finding]
"""By the name of the measure within its step."""


def share(part: int | None, whole: int | None, nothing: str) -> Finding:
    """`part` of `whole`; with a whole of none there is `nothing` to measure."""
    part, whole = int(part or 0), int(whole or 0)
    return Finding(part / whole, whole) if whole else Finding(None, 0, nothing)
