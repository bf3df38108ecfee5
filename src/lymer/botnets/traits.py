"""What a dialect's traits say, in parts that can be compared.

The features room writes the traits of a message in words. Some of what stands there is the
message's: its MIME tree, the name of a recipient in a forged line, digits that a hexadecimal token
happened to be made of. What is left is the software's.
"""

import re
from dataclasses import dataclass

from lymer.features import steady_traits

_CLASS = re.compile(r"^(\S+) by '([^']*)' (to \d+|over 48)( at .*)?$")
_LENGTHS = ("to 8", "to 16", "to 24", "to 32", "to 48", "over 48")


@dataclass(frozen=True, slots=True)
class Token:
    """A made-up string: kinds of its pieces, what parts them, how long it is."""

    frame: str
    """Whatever stands around it, always the same."""
    kinds: tuple[str, ...]
    separators: str
    length: int
    """Place of its length class, shortest first."""


@dataclass(frozen=True, slots=True)
class Traits:
    """The software's part of a dialect; empty or None where the message did not show it."""

    sender: str
    token: Token | str
    """Of the Message-ID; words where it has none."""
    domain: str
    """Whose domain the Message-ID claims."""
    date: str
    folding: str
    boundary: Token | str
    forged: str
    odd: str
    """Where the parts of the pose contradict each other."""


def read_traits(text: str) -> Traits:
    """The traits as they stand in fingerprints, read."""
    told = {"From": "", "Message-ID": "", "Date": "", "Content-Type": "", "boundary": ""}
    forged, odd = "", []
    for part in steady_traits(text).split("; "):
        label, _, rest = part.partition(" ")
        if part.startswith("forged Received "):
            forged = part.removeprefix("forged Received ")
        elif label in told and not part.startswith("Outlook "):
            told[label] = rest
        elif label != "MIME":
            odd.append(part)
    token, _, domain = told["Message-ID"].partition(" at ")
    folding = told["Content-Type"]
    return Traits(
        sender=told["From"],
        token=_token(token, ""),
        domain=domain,
        date=told["Date"],
        folding="" if folding == "missing" else folding,
        boundary=_boundary(told["boundary"]),
        forged=forged,
        odd="; ".join(o for o in odd if not o.startswith("unexpanded")),
    )


def _token(text: str, frame: str) -> Token | str:
    found = _CLASS.match(text)
    if found is None:
        return text
    kinds, separators, length, _ = found.groups()
    return Token(frame, tuple(kinds.split(".")), separators, _LENGTHS.index(length))


def _boundary(text: str) -> Token | str:
    frame, _, rest = text.partition(" ")
    return _token(rest, frame)


_DIGITS = frozenset({"9", "9+"})
_LOOSE = (
    # By chance a token shows a part of its alphabet only.
    frozenset({"9", "x"}),
    frozenset({"9", "X"}),
    frozenset({"9+", "x"}),
    frozenset({"9+", "X"}),
    frozenset({"a", "x"}),
    frozenset({"A", "X"}),
    frozenset({"x", "X"}),
    frozenset({"9", "9+"}),
    frozenset({"a", "m"}),
    frozenset({"A", "m"}),
    frozenset({"x", "m"}),
    frozenset({"X", "m"}),
    frozenset({"9", "m"}),
    frozenset({"9+", "m"}),
    frozenset({"9+", "w"}),
    frozenset({"9", "w"}),
)


def could_be_one(one: Token | str, other: Token | str) -> bool:
    """Whether one construction may have made both."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return (
        one.frame == other.frame
        and one.separators == other.separators
        and len(one.kinds) == len(other.kinds)
        and abs(one.length - other.length) <= 1
        and all(
            a == b or frozenset({a, b}) in _LOOSE
            for a, b in zip(one.kinds, other.kinds, strict=True)
        )
    )
