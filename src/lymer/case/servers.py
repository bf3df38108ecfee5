"""A captured server into a case: every file sealed like any evidence, and read."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from lymer.case.case import Case
from lymer.case.sealing import note_sealed, standing_alone
from lymer.engine import answer
from lymer.evidence import ARCHIVES, EVIDENCE, OpenFile, Source, open_files, seal
from lymer.servers import (
    ARTIFACTS,
    ENTITIES,
    SHEET_ROWS,
    TEXTS,
    Artifact,
    Databases,
    artifact_id,
    find_handles,
    judge_by_folder,
    read_file,
)
from lymer.store import Staged, stage
from lymer.tables import Table

# Rows and characters of one table that wait in memory for a file of their own.
_ROWS_AT_ONCE = 200_000
_CHARS_AT_ONCE = 64 << 20
# Characters of whole texts that are searched for the names of accounts.
_TEXT_CHARS = 256 << 20
_KINDS = {"folder": "folder", "disk": "disk image", **dict.fromkeys(ARCHIVES, "archive")}
_NO_TOOL = "no_image_tool"


def take_in_servers(case: Case, paths: Sequence[Path], progress: Callable[[int], None]) -> None:
    """Read the servers at `paths`, each a folder, file, archive or disk image, in one commit.

    What the case holds of them already is left out. `progress` is called with the bytes of every
    file that was read.
    """
    scratch = case.folder / ".spill"
    scratch.mkdir(exist_ok=True)
    with case.connect() as connection:
        read = answer(connection, "SELECT evidence_id FROM artifacts")["evidence_id"].to_pylist()
        held = answer(connection, "SELECT evidence_id FROM evidence")["evidence_id"].to_pylist()
    sink = _Sink(case)
    done = set(read)
    evidence: list[tuple[Any, ...]] = []
    for source, server in _named(seal(paths)):
        taken = _take_in(source, server, frozenset(done), scratch, sink, progress)
        done |= {row[0] for row in taken}
        evidence += taken
    known = set(held)
    fresh = EVIDENCE.batch([row for row in evidence if row[0] not in known])
    staged = sink.close()
    if fresh.num_rows:
        staged.append(stage(case.store.folder, EVIDENCE, fresh))

    def note(connection: sqlite3.Connection) -> None:
        note_sealed(connection, standing_alone(fresh.to_pylist()))

    case.store.commit(staged, also=note)


def _named(sources: Sequence[Source]) -> list[tuple[Source, str]]:
    """Each with a name of its own: the base name, with its folder where two are alike."""
    names = [source.name for source in sources]
    return [
        (source, source.name)
        if names.count(source.name) == 1
        else (source, "/".join(Path(source.path).parts[-2:]))
        for source in sources
    ]


def _take_in(
    source: Source,
    server: str,
    finished: frozenset[str],
    scratch: Path,
    sink: "_Sink",
    progress: Callable[[int], None],
) -> list[tuple[Any, ...]]:
    """One server; returns its rows of EVIDENCE."""
    rows: list[tuple[Any, ...]] = []
    opened: dict[str, Artifact] = {}
    handles: set[str] = set()
    finished_files: list[tuple[Artifact, int | None, str | None, list[str]]] = []
    databases = Databases(scratch)
    for event in open_files([source], "server", finished, opens_images=True, keeps_workbooks=True):
        if isinstance(event, OpenFile):
            path = _within(event.uri, source)
            found = read_file(event, server, path, databases, scratch, sink.take)
            opened[event.evidence_id] = found
            handles |= found.handles
            continue
        rows.append(event.row)
        evidence_id, _, kind, uri, digest, size, _, _, defects = event.row
        read = opened.pop(evidence_id, None)
        if read is None:
            path = _within(uri, source)
            read = Artifact(artifact_id(server, path, evidence_id), evidence_id, server, path)
            read.kind = _KINDS.get(kind, "empty" if "empty" in defects else "refused")
            read.media = kind if kind in _KINDS else "none"
            read.why = {
                "archive": "by the mark in its first bytes; its members are artifacts too",
                "folder": "the folder that was given",
                "disk image": "by its first sectors; its files are artifacts too"
                if _NO_TOOL not in defects
                else "by its first sectors; install The Sleuth Kit (sleuthkit) to open it",
                "empty": "no bytes",
            }.get(read.kind, "not opened: see its defects")
        finished_files.append((read, size, digest, defects))
        progress(size or 0)
    databases.close()
    judge_by_folder([file[0] for file in finished_files])
    sink.take(
        ARTIFACTS,
        [read.row(size, digest, defects) for read, size, digest, defects in finished_files],
    )
    sink.take(ENTITIES, _name_handles(sink.texts, frozenset(handles)))
    sink.texts.clear()
    return rows


def _within(uri: str, source: Source) -> str:
    """The path within what was given."""
    return uri.removeprefix(source.path).lstrip("/!") or source.name


def _name_handles(
    texts: Sequence[tuple[Any, ...]], handles: frozenset[str]
) -> list[tuple[Any, ...]]:
    """Where the names of system accounts stand in the texts of the server."""
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for owner, place, text in texts:
        if place:
            continue
        for handle, line, where in find_handles(text, handles):
            found = counts[owner, handle, where]
            found[0] = found[0] or line
            found[1] += 1
    return [
        (owner, "handle", handle, line, count, where)
        for (owner, handle, where), (line, count) in sorted(counts.items())
    ]


class _Sink:
    """Rows on their way into the case, staged some at a time."""

    def __init__(self, case: Case) -> None:
        self._folder = case.store.folder
        self._rows: dict[Table, list[tuple[Any, ...]]] = defaultdict(list)
        self._chars: dict[Table, int] = defaultdict(int)
        self._staged: list[Staged] = []
        self._text_chars = 0
        self.texts: list[tuple[Any, ...]] = []
        """Whole texts of the server that is read now."""

    def take(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Some rows of a table."""
        waiting = self._rows[table]
        waiting += rows
        if table is TEXTS:
            for row in rows:
                self._chars[table] += len(row[2])
                if not row[1] and self._text_chars < _TEXT_CHARS:
                    self._text_chars += len(row[2])
                    self.texts.append(row)
        elif table is SHEET_ROWS:
            self._chars[table] += sum(len(value or "") for row in rows for value in row[2])
        if len(waiting) >= _ROWS_AT_ONCE or self._chars[table] >= _CHARS_AT_ONCE:
            self._stage(table)

    def close(self) -> list[Staged]:
        """All that was staged."""
        for table in list(self._rows):
            self._stage(table)
        return self._staged

    def _stage(self, table: Table) -> None:
        rows = self._rows.pop(table, [])
        self._chars.pop(table, None)
        if rows:
            batch: pa.RecordBatch = table.batch(rows)
            self._staged.append(stage(self._folder, table, batch))
