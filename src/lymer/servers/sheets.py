"""Rows on their way out of a file that is read: each is one of a sheet."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lymer.evidence import Tape
from lymer.servers.artifacts import Artifact
from lymer.servers.decoding import LineCounts, decoded, lines
from lymer.servers.entities import Entities
from lymer.servers.limits import ReadingLimits
from lymer.servers.listing import Listing
from lymer.servers.tables import ENTITIES, LISTED, SHEET_ROWS, SHEETS, TEXTS
from lymer.tables import Table

Take = Callable[[Table, Sequence[tuple[Any, ...]]], None]
"""Called with rows of a table, some thousands at a time."""

_ROWS_AT_ONCE = 5_000
# Shorter cells hold names and numbers, not the text of a mail.
_TEXT_CELL_CHARS = 60


class Reading:
    """One file that is read: its bytes, and where its rows, texts and entities go."""

    def __init__(
        self, artifact: Artifact, tape: Tape, scratch: Path, take: Take, limits: ReadingLimits
    ) -> None:
        self.artifact = artifact
        self.tape = tape
        self.scratch = scratch
        self.take = take
        self.limits = limits
        self.entities = Entities(limits)
        self.listing = Listing(self._take_listed)
        self.rows = 0
        """Of sheets, so far."""

    def lines(self, charset: str) -> Iterator[str]:
        """Its lines, with a note of those that were cut."""
        counts = LineCounts()
        yield from lines(self.tape, charset, self.limits.line_chars, counts)
        if counts.too_long:
            self.note("line_too_long")

    def note(self, defect: str) -> None:
        """A defect of its content."""
        if defect not in self.artifact.defects:
            self.artifact.defects.append(defect)

    def beginning(self, charset: str, most: int) -> str:
        """At most so many characters; the rest is not held."""
        kept: list[str] = []
        size = 0
        for piece in decoded(self.tape, charset):
            kept.append(piece[: most - size])
            size += len(kept[-1])
            if size >= most:
                self.note("text_cut")
                break
        return "".join(kept).replace("\0", "")

    def _take_listed(self, hashes: list[int]) -> None:
        self.take(LISTED, [(self.artifact.artifact_id, value) for value in hashes])

    def entities_done(self) -> None:
        """Hand over the entities that were found."""
        self.take(ENTITIES, list(self.entities.rows(self.artifact.artifact_id)))

    def sheet(
        self,
        name: str,
        form: str,
        columns: list[str],
        rows: Iterable[tuple[int, list[str | None]]],
        why: str,
    ) -> None:
        """All rows of one sheet, with their positions."""
        sheet = Sheet(self, name, form, columns)
        for position, values in rows:
            if not sheet.add(position, values):
                break
        sheet.close(why)


class Sheet:
    """A sheet on its way out."""

    def __init__(self, reading: Reading, name: str, form: str, columns: list[str]) -> None:
        self.count = 0
        self._reading = reading
        self._name = name[:300]
        self._form = form
        self._columns = [column[:100] for column in columns]
        text = "\0".join([reading.artifact.artifact_id, form, name, *columns])
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self._id = "s-" + digest[:14]
        self._rows: list[tuple[Any, ...]] = []
        self._texts: list[tuple[Any, ...]] = []
        # Of a log of millions of lines some thousands tell which names it holds.
        self._scanned = 20_000

    def add(self, position: int, values: Sequence[str | None]) -> bool:
        """One row; false when there is no more room."""
        if self.count >= self._reading.limits.sheet_rows:
            self._reading.note("too_many_rows")
            return False
        most = self._reading.limits.cell_chars
        clean = [_clean(value, most) for value in values]
        self.count += 1
        self._rows.append((self._id, position, clean))
        artifact = self._reading.artifact.artifact_id
        for column, value in zip(self._columns, clean, strict=False):
            if value is None or len(value) < 6:
                continue
            if len(value) >= _TEXT_CELL_CHARS and " " in value and self._form != "lines":
                self._texts.append((artifact, f"{self._id}:{position}:{column}", value))
            if self.count <= self._scanned and ("." in value or "@" in value):
                where = f"{self._name[:80]}.{column}" if self._form != "lines" else column
                if self._form != "lines" or "://" not in value:
                    self._reading.entities.scan(value[:20_000], position, where)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._flush()
        return True

    def close(self, why: str) -> None:
        """No more rows."""
        self._flush()
        if not self.count:
            return
        self._reading.rows += self.count
        artifact = self._reading.artifact
        self._reading.take(
            SHEETS,
            [
                (
                    self._id, artifact.artifact_id, artifact.server, self._name, self._form,
                    self._columns, self.count, why,
                )
            ],
        )  # fmt: skip

    def _flush(self) -> None:
        if self._rows:
            self._reading.take(SHEET_ROWS, self._rows)
        if self._texts:
            self._reading.take(TEXTS, self._texts)
        self._rows, self._texts = [], []


def _clean(value: str | None, most: int) -> str | None:
    """Text that Arrow can hold."""
    if value is None:
        return None
    value = value[:most].replace("\0", "")
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode("utf-8", "backslashreplace").decode()
    return value
