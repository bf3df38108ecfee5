"""What a report is made of, whatever it is written as: sections of blocks.

Every text in a block is plain and was made harmless (`lymer.reports.harmless`); no block holds
markup. `sources` are the ids of the queries that the numbers in a block came from ("Q3").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar, cast

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `tone`: plain, note (aside), warning (what is not established)."""

    text: str
    sources: tuple[str, ...] = ()
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Points:
    """A list of short texts."""

    items: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values, as on a label."""

    pairs: tuple[tuple[str, str], ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `kind`: text, number, code, hash. `share`: of what numbers leave."""

    name: str
    kind: str = "text"
    share: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing: SVG of our own making, and its words for those who do not see it."""

    caption: str
    svg: str
    alt: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement with what it rests on.

    `likelihood` is a word of ICD 203 and `confidence` low, moderate or high; both may be "".
    """

    topic: str
    statement: str
    likelihood: str = ""
    confidence: str = ""
    why: str = ""
    evidence: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    is_established: bool = True


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be read to the letter: a query, a template, a command."""

    text: str
    title: str = ""
    anchor: str = ""


Block = Text | Points | Facts | Grid | Figure | Finding | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it. `anchor` is its name within the document."""

    anchor: str
    title: str
    blocks: tuple[Block, ...]
    sections: "tuple[Section, ...]" = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. `as_of` is the time of the last entry in the custody chain (UTC)."""

    title: str
    tlp: str
    analyst: str
    as_of: str
    software: str
    digest: str
    head: str
    """The last hash of the custody chain."""
    cover: Facts
    sections: tuple[Section, ...]


def texts_changed(value: T, change: Callable[[str], str]) -> T:
    """A document or a part of it with every text in it changed; drawings are no texts."""
    if isinstance(value, str):
        return cast(T, change(value))
    if isinstance(value, tuple):
        return cast(T, tuple(texts_changed(item, change) for item in value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value,
            **{
                field.name: texts_changed(getattr(value, field.name), change)
                for field in fields(value)
                if field.name != "svg"
            },
        )
    return value


def rows_of(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Rows as a `Grid` takes them."""
    return tuple(tuple(row) for row in rows)
