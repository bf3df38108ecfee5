"""One file of a server: what it is, and its rows, addresses, texts and entities."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xxhash

from lymer.evidence import OpenFile, Tape
from lymer.servers.classify import Verdict, classify
from lymer.servers.decoding import LineCounts, decoded, guess_charset, lines
from lymer.servers.delimited import delimited_rows, json_line, json_rows, split
from lymer.servers.dumps import dump_rows
from lymer.servers.entities import Entities
from lymer.servers.limits import ReadingLimits
from lymer.servers.patterns import cut
from lymer.servers.sqlite import MAGIC, Database, sqlite_tables
from lymer.servers.tables import ENTITIES, LISTED, SHEET_ROWS, SHEETS, TEXTS
from lymer.servers.values import ADDRESS
from lymer.tables import Table

Take = Callable[[Table, Sequence[tuple[Any, ...]]], None]
"""Called with rows of a table, some thousands at a time."""

_ROWS_AT_ONCE = 5_000
# Shorter cells hold names and numbers, not the text of a mail.
_TEXT_CELL_CHARS = 60
# Read whole: as objects it takes thirty times as much.
_JSON_CHARS = 16 << 20
# A machine with more accounts of its own is none.
_SYSTEM_ACCOUNTS = 100_000
_MAGICS = (
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
)


@dataclass
class Artifact:
    """What became known of one file while it was read."""

    artifact_id: str
    evidence_id: str
    server: str
    path: str
    kind: str = "binary"
    media: str = "binary"
    defects: list[str] = field(default_factory=list)
    why: str = "no text, and no format that is known"
    handles: set[str] = field(default_factory=set)
    """Names of accounts that it gives: the first fields of a file of accounts."""

    def row(
        self, size_bytes: int | None, digest: str | None, sealed: Iterable[str]
    ) -> tuple[Any, ...]:
        """A row of ARTIFACTS; `sealed` are the defects of its bytes."""
        defects = list(dict.fromkeys([*sealed, *self.defects]))
        return (
            self.artifact_id, self.evidence_id, self.server, self.path, self.kind, self.media,
            size_bytes, digest, defects, self.why,
        )  # fmt: skip


def artifact_id(server: str, path: str, evidence_id: str) -> str:
    """The id of an artifact: the same server, path and bytes give the same."""
    text = "\0".join([server, path, evidence_id])
    return "a-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:14]


def address_hash(address: str) -> int:
    """How LISTED holds an address."""
    value = xxhash.xxh3_64_intdigest(address.lower().encode("utf-8", "surrogatepass"))
    return value - (1 << 64) if value >= 1 << 63 else value


def read_file(
    opened: OpenFile,
    server: str,
    path: str,
    scratch: Path,
    take: Take,
    limits: ReadingLimits | None = None,
) -> Artifact:
    """Read one file, handing its rows to `take`.

    `scratch` is a folder for the copy of a database. Bad content becomes defects; no exception.
    """
    limits = limits or ReadingLimits()
    artifact = Artifact(
        artifact_id(server, path, opened.evidence_id), opened.evidence_id, server, path
    )
    _Reader(artifact, opened.tape, scratch, take, limits).read()
    return artifact


class _Reader:
    def __init__(
        self, artifact: Artifact, tape: Tape, scratch: Path, take: Take, limits: ReadingLimits
    ) -> None:
        self.artifact = artifact
        self.tape = tape
        self.scratch = scratch
        self.take = take
        self.limits = limits
        self.entities = Entities(limits)

    def read(self) -> None:
        artifact, limits = self.artifact, self.limits
        head = self.tape.peek(limits.head_bytes)[: limits.head_bytes]
        if head.startswith(MAGIC):
            self._database()
            return
        for magic, kind in _MAGICS:
            if head.startswith(magic) and guess_charset(head[:4096]) is None:
                artifact.kind, artifact.why = kind, "by the mark in its first bytes"
                return
        charset = guess_charset(head)
        if charset is None:
            return
        artifact.media = f"text ({charset.removesuffix('-sig')})"
        text = head.decode(charset, "replace")
        verdict = classify(text, is_whole=len(head) < limits.head_bytes)
        artifact.kind, artifact.why = verdict.kind, verdict.why
        getattr(self, "_read_" + verdict.reader.replace(" ", "_"))(charset, verdict)
        self.take(ENTITIES, list(self.entities.rows(artifact.artifact_id)))

    def _lines(self, charset: str) -> Iterator[str]:
        counts = LineCounts()
        yield from lines(self.tape, charset, self.limits.line_chars, counts)
        if counts.too_long:
            self._note("line_too_long")

    def _note(self, defect: str) -> None:
        if defect not in self.artifact.defects:
            self.artifact.defects.append(defect)

    # Each kind of content

    def _beginning(self, charset: str, most: int) -> str:
        """At most so many characters; the rest is not held."""
        kept: list[str] = []
        size = 0
        for piece in decoded(self.tape, charset):
            kept.append(piece[: most - size])
            size += len(kept[-1])
            if size >= most:
                self._note("text_cut")
                break
        return "".join(kept).replace("\0", "")

    def _read_text(self, charset: str, _: Verdict) -> None:
        text = self._beginning(charset, self.limits.text_chars)
        if not text.strip():
            return
        self.take(TEXTS, [(self.artifact.artifact_id, "", text)])
        for number, line in enumerate(text.splitlines(), start=1):
            self.entities.scan_line(line[: self.limits.line_chars], number)

    def _read_fields(self, charset: str, verdict: Verdict) -> None:
        """Names and values: a sheet of one row, and its text."""
        text = self._beginning(charset, self.limits.text_chars)
        self.take(TEXTS, [(self.artifact.artifact_id, "", text)])
        values: dict[str, str | None] = {}
        for number, whole in enumerate(text.splitlines(), start=1):
            line = whole[: self.limits.line_chars].strip()
            self.entities.scan_line(line, number)
            found = re.match(r"([A-Za-z_][\w .-]{0,40}?)\s*(?:[:=]\s*|\s+)(\S.*)", line)
            if found and len(values) < self.limits.columns:
                values.setdefault(found[1], found[2].strip("\"';"))
        if values:
            self._sheet("fields", "fields", list(values), [(1, list(values.values()))], verdict.why)

    def _read_accounts(self, charset: str, verdict: Verdict) -> None:
        rows: list[tuple[int, list[str | None]]] = []
        for number, line in enumerate(self._lines(charset), start=1):
            if len(rows) >= _SYSTEM_ACCOUNTS:
                self._note("too_many_rows")
                break
            fields = split(line, ":")
            if line.strip() and not line.startswith("#"):
                rows.append((number, [one or None for one in fields]))
                self.artifact.handles.add(fields[0])
                self.entities.add("handle", fields[0], number, "account")
        width = max((len(row) for _, row in rows), default=0)
        rows = [(number, row + [None] * (width - len(row))) for number, row in rows]
        names = [f"c{n}" for n in range(1, width + 1)]
        self._sheet("accounts", "delimited", names, rows, verdict.why)

    def _read_list(self, charset: str, _: Verdict) -> None:
        """Addresses, once each as a hash; beyond some millions the same may come twice."""
        seen: set[int] = set()
        count = 0
        rows: list[tuple[Any, ...]] = []
        for line in self._lines(charset):
            for address in ADDRESS.findall(line)[:1]:
                value = address_hash(address)
                if value in seen:
                    continue
                if len(seen) < 20_000_000:
                    seen.add(value)
                rows.append((self.artifact.artifact_id, value))
                count += 1
            if len(rows) >= 10 * _ROWS_AT_ONCE:
                self.take(LISTED, rows)
                rows = []
            if count >= self.limits.list_addresses:
                self._note("list_cut")
                break
        self.take(LISTED, rows)
        self.artifact.why += f"; {count:,} addresses in all"

    def _read_delimited(self, charset: str, verdict: Verdict) -> None:
        shape = verdict.delimited
        assert shape is not None
        rows = delimited_rows(self._lines(charset), shape)
        name = "named columns" if shape.has_header else f"{len(shape.columns)} columns"
        self._sheet(name, "delimited", list(shape.columns), rows, verdict.why)

    def _read_lines(self, charset: str, verdict: Verdict) -> None:
        """A log: one sheet for every line format, filled at once."""
        sheets = {
            one.shape: _Sheet(self, one.name, "lines", list(one.columns)) for one in verdict.formats
        }
        others = 0
        for number, line in enumerate(self._lines(charset), start=1):
            found = cut(line)
            sheet = sheets.get(found.shape)
            if sheet is not None:
                sheet.add(number, list(found.values))
            elif line.strip():
                others += 1
                self.entities.scan_line(line, number)
        for sheet in sheets.values():
            sheet.close(f"a line format of a log; {others} lines have none of its formats")

    def _read_json(self, charset: str, verdict: Verdict) -> None:
        text = self._beginning(charset, _JSON_CHARS).lstrip("\ufeff")
        found = json_rows(text)
        if found is None:
            self.artifact.kind, self.artifact.why = "notes", "text that begins as JSON and is none"
            self.take(TEXTS, [(self.artifact.artifact_id, "", text[: self.limits.text_chars])])
            return
        self._objects(enumerate(found, start=1), verdict.why)

    def _read_json_lines(self, charset: str, verdict: Verdict) -> None:
        found = ((n, json_line(line)) for n, line in enumerate(self._lines(charset), start=1))
        self._objects(((n, row) for n, row in found if row is not None), verdict.why)

    def _objects(self, rows: Iterable[tuple[int, dict[str, str | None]]], why: str) -> None:
        """Objects with the same names make a sheet."""
        sheets: dict[tuple[str, ...], _Sheet] = {}
        for number, row in rows:
            names = tuple(sorted(row))[: self.limits.columns]
            sheet = sheets.get(names)
            if sheet is None:
                if len(sheets) >= self.limits.sheets:
                    self._note("too_many_tables")
                    continue
                sheet = sheets[names] = _Sheet(
                    self, f"objects {len(sheets) + 1}", "json", list(names)
                )
            sheet.add(number, [row[name] for name in names])
        for sheet in sheets.values():
            sheet.close(why)

    def _read_dump(self, charset: str, verdict: Verdict) -> None:
        sheets: dict[tuple[str, int], _Sheet] = {}
        pieces = decoded(self.tape, charset)
        for row in dump_rows(pieces, self.limits, self.artifact.defects):
            width = len(row.values)
            sheet = sheets.get((row.table, width))
            if sheet is None:
                if len(sheets) >= self.limits.sheets:
                    self._note("too_many_tables")
                    continue
                columns = row.columns
                if columns is None or len(columns) != width:
                    columns = [f"c{n}" for n in range(1, width + 1)]
                sheet = sheets[row.table, width] = _Sheet(self, row.table, "dump", columns)
            sheet.add(sheet.count + 1, row.values)
        for sheet in sheets.values():
            sheet.close(verdict.why)

    def _database(self) -> None:
        artifact = self.artifact
        artifact.kind, artifact.media = "database", "sqlite"
        found = Database()
        handle, name = tempfile.mkstemp(dir=self.scratch, suffix=".db")
        try:
            copied = 0
            with os.fdopen(handle, "wb") as copy:
                while data := self.tape.read(1 << 20):
                    copied += len(data)
                    if copied > self.limits.database_bytes:
                        artifact.defects.append("database_too_large")
                        return
                    copy.write(data)
            for table in sqlite_tables(Path(name), found, self.limits):
                rows = enumerate(table.rows, start=1)
                self._sheet(table.name, "sqlite", table.columns, rows, "a table of a database")
        finally:
            Path(name).unlink()
        artifact.defects += list(dict.fromkeys(found.defects))
        left = f"; not run: {', '.join(found.left_out[:5])}" if found.left_out else ""
        artifact.why = f"a SQLite database of {found.tables} tables{left}"
        self.take(ENTITIES, list(self.entities.rows(artifact.artifact_id)))

    def _sheet(
        self,
        name: str,
        form: str,
        columns: list[str],
        rows: Iterable[tuple[int, list[str | None]]],
        why: str,
    ) -> None:
        sheet = _Sheet(self, name, form, columns)
        for position, values in rows:
            if not sheet.add(position, values):
                break
        sheet.close(why)


class _Sheet:
    """A sheet on its way out."""

    def __init__(self, reader: _Reader, name: str, form: str, columns: list[str]) -> None:
        self.count = 0
        self._reader = reader
        self._name = name[:300]
        self._form = form
        self._columns = [column[:100] for column in columns]
        text = "\0".join([reader.artifact.artifact_id, form, name, *columns])
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self._id = "s-" + digest[:14]
        self._rows: list[tuple[Any, ...]] = []
        self._texts: list[tuple[Any, ...]] = []
        # Of a log of millions of lines some thousands tell which names it holds.
        self._scanned = 20_000

    def add(self, position: int, values: Sequence[str | None]) -> bool:
        """One row; false when there is no more room."""
        if self.count >= self._reader.limits.sheet_rows:
            self._reader._note("too_many_rows")
            return False
        most = self._reader.limits.cell_chars
        clean = [_clean(value, most) for value in values]
        self.count += 1
        self._rows.append((self._id, position, clean))
        artifact = self._reader.artifact.artifact_id
        for column, value in zip(self._columns, clean, strict=False):
            if value is None or len(value) < 6:
                continue
            if len(value) >= _TEXT_CELL_CHARS and " " in value and self._form != "lines":
                self._texts.append((artifact, f"{self._id}:{position}:{column}", value))
            if self.count <= self._scanned and ("." in value or "@" in value):
                where = f"{self._name[:80]}.{column}" if self._form != "lines" else column
                if self._form != "lines" or "://" not in value:
                    self._reader.entities.scan(value[:20_000], position, where)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._flush()
        return True

    def close(self, why: str) -> None:
        """No more rows."""
        self._flush()
        if not self.count:
            return
        artifact = self._reader.artifact
        self._reader.take(
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
            self._reader.take(SHEET_ROWS, self._rows)
        if self._texts:
            self._reader.take(TEXTS, self._texts)
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
