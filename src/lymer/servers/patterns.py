"""The line format of a log, learned from its lines: which part of a line is a value, and of what.

No format is known beforehand. A line is cut into tokens (times, addresses, quoted text, words);
lines of the same kinds of token in the same order are rows of one sheet.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
_ZONE = r"(?:[ ]?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)\b)?"
_TOKEN = re.compile(
    rf"""
    (?P<T>
        \[?(?:
            \d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?:[T ]+{_CLOCK}{_ZONE})?
          | \d{{1,2}}[/ -]{_MONTH}[/ -]\d{{4}}(?:[: ]+{_CLOCK}{_ZONE})?
          | \d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d\d)(?:[T ,]+{_CLOCK}{_ZONE})?(?![\d.])
          | (?:[A-Z][a-z][a-z],?\ +)?{_MONTH}\ +\d{{1,2}}\ +{_CLOCK}
              (?:\ +[A-Z]{{3,4}})?(?:\ +\d{{4}}\b)?
          | (?<![\w:.]){_CLOCK}(?![\w:])
        )\]?
    )
  | "(?P<Q>(?:[^"\\]|\\.)*)"
  | (?P<U>[a-z]{{3,6}}://[^\s"'<>]+)
  | (?P<A>(?<![\w.+=&'*-])[\w.+=&'*-]{{1,64}}
      @(?!\d{{1,3}}(?:\.\d{{1,3}}){{3}}\b)[\w-]+(?:\.[\w-]+)+)
  | (?P<I>(?<![\w.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d{{1,5}})?(?![\w.])
      | (?<![\w:])[0-9a-fA-F]{{0,4}}(?::[0-9a-fA-F]{{0,4}}){{3,7}}(?![\w:]))
  | (?P<K>[A-Za-z_][\w.-]{{0,40}})[=:](?=[^\s/=])
  | (?P<L>[A-Za-z_][\w.-]{{0,40}}):(?=\s)
  | (?P<X>[^\s,;|@"=\[\](){{}}<>]+)
    """,
    re.VERBOSE,
)
# A line's tail of free text is one value.
_TOKENS = 24
_CHARS = 8_192
# What stands around a value and is not of it.
_AROUND = "[]'`#№+:.;"


@dataclass(frozen=True, slots=True)
class Cut:
    """A line cut into values: what kind each is, and what it is called."""

    shape: tuple[str, ...]
    """For each value T (time), Q (quoted), U (URL), A (address), I (IP) or X, after the key that
    names it, as in `job=X`."""
    values: tuple[str, ...]


def cut(line: str) -> Cut:
    """The values of a line."""
    shape: list[str] = []
    values: list[str] = []
    key = ""
    for found in _TOKEN.finditer(line, 0, _CHARS):
        kind = found.lastgroup or "X"
        if kind in "KL":
            if key:
                shape.append("X")
                values.append(key)
            key = found[kind]
            continue
        if len(values) == _TOKENS:
            shape.append("tail")
            values.append(line[found.start() :])
            return Cut(tuple(shape), tuple(values))
        shape.append(f"{key}={kind}" if key else kind)
        values.append(found[kind].strip(_AROUND) if kind != "Q" else found[kind])
        key = ""
    if key:
        shape.append("X")
        values.append(key)
    return Cut(tuple(shape), tuple(values))


@dataclass(frozen=True)
class Format:
    """One line format of a log."""

    shape: tuple[str, ...]
    columns: tuple[str, ...]
    line_count: int

    @property
    def name(self) -> str:
        """As in `{time} {c2} {ip} job={job}`."""
        return " ".join(
            f"{part.partition('=')[0]}={{{column}}}" if "=" in part else f"{{{column}}}"
            for part, column in zip(self.shape, self.columns, strict=True)
        )


_NAMES = {"T": "time", "I": "ip", "A": "address", "U": "url", "Q": "quoted", "tail": "tail"}


def learn_formats(
    lines: Iterable[str], *, least_share: float = 0.02, most: int = 8
) -> list[Format]:
    """The commonest formats of some lines, the commonest first.

    A format that fewer than `least_share` of the lines have is left out.
    """
    shapes = Counter(found.shape for line in lines if (found := cut(line)).shape)
    total = sum(shapes.values())
    kept = [
        (shape, count)
        for shape, count in sorted(shapes.items(), key=lambda item: (-item[1], item[0]))
        if count >= max(2, least_share * total)
    ][:most]
    return [Format(shape, _column_names(shape), count) for shape, count in kept]


def _column_names(shape: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    for number, part in enumerate(shape, start=1):
        key, _, kind = part.rpartition("=")
        name = key or _NAMES.get(kind, f"c{number}")
        names.append(name if name not in names else f"{name}_{number}")
    return tuple(names)
