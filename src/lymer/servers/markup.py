"""XML of any vocabulary into rows: elements that come again under one parent are records.

No element is known by name. A record's values are its attributes and the elements in it that hold
nothing but text; where these are all called the same, an attribute may tell them apart
(`<field name="id">`), or their order does (`<Cell>`). What stands above a record, and names it, is
a column too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lymer.servers.classify import Verdict
from lymer.servers.decoding import decoded
from lymer.servers.expat import declared_charset, parse_xml
from lymer.servers.grids import Grid
from lymer.servers.objects import Objects
from lymer.servers.sheets import Reading
from lymer.servers.tables import TEXTS

# Deeper elements are taken for part of the one at this depth.
_DEPTH = 40
# Characters that one record may hold.
_RECORD_CHARS = 2 << 20
# Names of a record that its inner records inherit.
_INHERITED = 4
_NAME = re.compile(r"[^\W\d][\w .-]{0,60}")


@dataclass
class _Leaf:
    """An element that holds text only."""

    tag: str
    given: dict[str, str]
    text: str | None


@dataclass
class _Frame:
    """An element that is open."""

    tag: str
    given: dict[str, str]
    above: dict[str, str | None]
    """Columns that come from the elements around it."""
    text: list[str] = field(default_factory=list)
    text_chars: int = 0
    leaves: list[_Leaf] = field(default_factory=list)
    held: int = 0
    """Characters in its leaves."""
    inner: int = 0
    """Elements in it that hold more than text."""
    waiting: list["_Record"] = field(default_factory=list)
    """The first records of each kind: what they are is said by whether others follow."""
    seen: set[str] = field(default_factory=set)


@dataclass
class _Record:
    tag: str
    path: str
    given: dict[str, str]
    above: dict[str, str | None]
    leaves: list[_Leaf]


class Markup:
    """Elements on their way to rows."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._objects = Objects(reading, "xml")
        self._grids: dict[str, Grid] = {}
        self._stack: list[_Frame] = []
        self._extra = 0
        self._count = 0
        self._prose: list[str] = []
        self._prose_chars = 0

    def read(self, pieces: Iterable[str]) -> str | None:
        """All of a document; returns what was wrong with it."""
        fault = parse_xml(
            pieces,
            self._reading.limits,
            on_start=self._start,
            on_end=self._end,
            on_text=self._text,
        )
        while self._stack:
            self._end("")
        return fault

    def close(self, why: str) -> int:
        """No more of it; returns the rows of the longest sheet."""
        self._objects.close(why)
        for grid in self._grids.values():
            grid.close(why)
        if self._prose:
            text = "\n".join(self._prose)
            self._reading.take(TEXTS, [(self._reading.artifact.artifact_id, "", text)])
        return max([self._objects.most_rows, *(grid.count for grid in self._grids.values())])

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if len(self._stack) >= _DEPTH:
            self._extra += 1
            self._reading.note("xml_too_deep")
            return
        above: dict[str, str | None] = {}
        if self._stack:
            around = self._stack[-1]
            self._spoken(around)
            above = dict(around.above)
            if len(self._stack) > 1:
                above |= _naming(around)
        self._stack.append(_Frame(tag[:100], given, above))

    def _text(self, text: str) -> None:
        if self._stack and self._stack[-1].text_chars < self._reading.limits.cell_chars:
            self._stack[-1].text.append(text)
            self._stack[-1].text_chars += len(text)

    def _end(self, _: str) -> None:
        if self._extra:
            self._extra -= 1
            return
        done = self._stack.pop()
        text = "".join(done.text).strip()
        given = {k.partition(":")[2] or k: v for k, v in done.given.items() if _is_said(k, v)}
        around = self._stack[-1] if self._stack else None
        if not done.leaves and not done.inner:
            is_null = any(k.endswith(":nil") and v == "true" for k, v in done.given.items())
            leaf = _Leaf(done.tag, given, None if is_null or not (text or given) else text)
            if around is None or len(given) > 1:
                self._record(
                    around,
                    _Record(
                        done.tag,
                        self._path(),
                        given,
                        done.above,
                        [_Leaf(done.tag, {}, text)] if text else [],
                    ),
                )
                if around is not None:
                    around.inner += 1
            elif len(around.leaves) < self._reading.limits.columns:
                around.held += len(text)
                if around.held > _RECORD_CHARS:
                    self._reading.note("text_cut")
                    leaf.text = None
                around.leaves.append(leaf)
            else:
                # A long list of single values: each is a row.
                self._put(f"{self._path()}/{done.tag}", {**given, done.tag: text}, around.above)
            return
        if text:
            self._say(text)
        if around is not None and len(done.leaves) == 1 and not done.inner and not given:
            # Nothing but a wrapping around one value.
            around.leaves.append(_Leaf(done.tag, {}, done.leaves[0].text))
            return
        for record in done.waiting:
            self._flush(record, is_alone=True)
        if around is not None:
            around.inner += 1
        self._record(around, _Record(done.tag, self._path(), given, done.above, done.leaves))

    def _record(self, around: _Frame | None, record: _Record) -> None:
        if not record.given and not record.leaves:
            return
        if around is None:
            self._flush(record, is_alone=True)
        elif record.tag in around.seen:
            for first in around.waiting:
                if first.tag == record.tag:
                    self._flush(first, is_alone=False)
            around.waiting = [one for one in around.waiting if one.tag != record.tag]
            self._flush(record, is_alone=False)
        elif len(around.seen) < self._reading.limits.columns:
            around.seen.add(record.tag)
            around.waiting.append(record)
        else:
            self._flush(record, is_alone=True)

    def _flush(self, record: _Record, *, is_alone: bool) -> None:
        """The rows of a record. Alone under its parent it may be a list of single values."""
        leaves = record.leaves
        path = f"{record.path}/{record.tag}".lstrip("/")
        alike = len(leaves) > 1 and len({leaf.tag for leaf in leaves}) == 1
        names = _told_apart(leaves) if alike else None
        own: dict[str, str | None] = dict(record.given)
        if alike and names is None and (is_alone or all(leaf.text is None for leaf in leaves)):
            above = record.above | {f"{record.tag}.{k}": v for k, v in own.items()}
            for leaf in leaves:
                self._put(f"{path}/{leaf.tag}", {**leaf.given, leaf.tag: leaf.text}, above)
            return
        if alike and names is None:
            self._place(path, [leaf.text for leaf in leaves], record.above)
            return
        if names is None:
            names = []
            for leaf in leaves:
                name, number = leaf.tag, 1
                while name in names:
                    number += 1
                    name = f"{leaf.tag}_{number}"
                names.append(name)
        own |= {name: leaf.text for name, leaf in zip(names, leaves, strict=True)}
        self._put(path, own, record.above)

    def _put(self, path: str, row: dict[str, str | None], above: dict[str, str | None]) -> None:
        self._count += 1
        self._objects.add(path, self._count, above | row)

    def _place(self, path: str, values: list[str | None], above: dict[str, str | None]) -> None:
        """A row whose values are told apart by their order."""
        name = " ".join([path, *(value for value in above.values() if value)])[:300]
        grid = self._grids.get(name)
        if grid is None:
            if len(self._grids) >= self._reading.limits.sheets:
                self._reading.note("too_many_tables")
                return
            grid = self._grids[name] = Grid(self._reading, name, "xml")
        grid.add(values)

    def _path(self) -> str:
        return "/".join(frame.tag for frame in self._stack[-3:])

    def _spoken(self, frame: _Frame) -> None:
        """Text beside elements is prose."""
        text = "".join(frame.text).strip()
        frame.text, frame.text_chars = [], 0
        if text:
            self._say(text)

    def _say(self, text: str) -> None:
        left = self._reading.limits.text_chars - self._prose_chars
        if left > 0:
            self._prose.append(text[:left])
            self._prose_chars += len(text) + 1
        self._reading.entities.scan(text[:20_000], self._count + 1, "text")


def _naming(frame: _Frame) -> dict[str, str | None]:
    """What tells an element from its like: its attributes, or the first value in it."""
    given = [(k.partition(":")[2] or k, v) for k, v in frame.given.items() if _is_said(k, v)]
    named: dict[str, str | None] = {f"{frame.tag}.{k}": v for k, v in given[:_INHERITED]}
    if frame.leaves and not named:
        named[f"{frame.tag}.{frame.leaves[0].tag}"] = frame.leaves[0].text
    return named


def _is_said(name: str, value: str) -> bool:
    """Not a matter of the notation."""
    return (
        name not in ("xmlns",) and not name.startswith(("xmlns:", "xsi:", "xml:")) and value != ""
    )


def _told_apart(leaves: list[_Leaf]) -> list[str] | None:
    """The names that one attribute gives to elements of one tag."""
    keys = {tuple(leaf.given) for leaf in leaves}
    if len(keys) != 1 or len(next(iter(keys))) != 1:
        return None
    names = [next(iter(leaf.given.values())) for leaf in leaves]
    fits = all(_NAME.fullmatch(name) for name in names) and len(set(names)) == len(names)
    return names if fits else None


def read_xml(reading: Reading, charset: str, verdict: Verdict) -> None:
    """A document: its records as sheets, its prose as a text."""
    head = reading.tape.peek(reading.limits.head_bytes)[: reading.limits.head_bytes]
    charset = declared_charset(head.decode(charset, "replace"), charset)
    markup = Markup(reading)
    pieces = decoded(reading.tape, charset)
    fault = markup.read(pieces)
    if fault is not None:
        reading.note(fault)
        # As plain text the beginning still tells names and hosts.
        for number, line in enumerate(head.decode(charset, "replace").splitlines(), start=1):
            reading.entities.scan_line(line[: reading.limits.line_chars], number)
    rows = markup.close(verdict.why)
    if rows <= 1:
        reading.artifact.kind = "config"
