"""A template for the eye: its readable form cut into anchors and slots, each with what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_VALUES_SHOWN = 40


@dataclass(frozen=True)
class Segment:
    """A piece of a template: an anchor that every message has, or a slot that varies."""

    text: str
    kind: str | None = None
    """Of a slot: dictionary, noise, number, link, recipient, ...; null: an anchor."""
    values: tuple[tuple[str, int], ...] = ()
    """What was seen in the slot, the commonest first, and how often."""
    low: int | None = None
    high: int | None = None
    is_optional: bool = False


def segments_of(readable: str, slots: Sequence[dict[str, Any]]) -> list[Segment]:
    """The pieces of `readable` in their order. A slot stands in it as its `shown`."""
    pieces: list[Segment] = []
    rest = readable
    for slot in slots:
        shown = str(slot.get("shown") or "")
        if slot.get("part") == "headers" or not shown:
            continue
        before, found, after = rest.partition(shown)
        if not found:
            continue
        if before:
            pieces.append(Segment(before))
        values = tuple(
            (str(value), int(count)) for value, count in (slot.get("values") or [])[:_VALUES_SHOWN]
        )
        pieces.append(
            Segment(
                shown, str(slot.get("kind")), values, slot.get("low"), slot.get("high"),
                bool(slot.get("is_optional")),
            )
        )  # fmt: skip
        rest = after
    if rest:
        pieces.append(Segment(rest))
    return pieces
