"""Files that are no mail, sealed the same way and handed over as streams of bytes.

Folders are walked and archives opened as the mail reader does it, with the same limits.
"""

import hashlib
import os
import stat
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lymer.evidence.archives import open_archive
from lymer.evidence.decompress import Budget
from lymer.evidence.identity import Identity, make_id, write_path
from lymer.evidence.images import image_members, is_image
from lymer.evidence.kinds import ARCHIVES, HEAD_BYTES, is_spreadsheet, recognise
from lymer.evidence.limits import CHUNK_BYTES, Limits
from lymer.evidence.sources import Source, open_file
from lymer.evidence.streams import Consumed, FileStream, Tape
from lymer.evidence.tar import Member
from lymer.evidence.walk import Entry, walk


@dataclass
class OpenFile:
    """One file, or one member of an archive, to be read before the next is asked for."""

    evidence_id: str
    uri: str
    tape: Tape
    defects: list[str] = field(default_factory=list)
    """The reader adds what is wrong with the content."""


@dataclass(slots=True)
class SealedFile:
    """What was read to its end: a row of EVIDENCE."""

    row: tuple[Any, ...]


FileEvent = OpenFile | SealedFile


def open_files(
    sources: Sequence[Source],
    kind: str,
    finished: frozenset[str] = frozenset(),
    limits: Limits | None = None,
    *,
    opens_images: bool = False,
    keeps_workbooks: bool = False,
) -> Iterator[FileEvent]:
    """All files at and below `sources`, in the same order every time; archives are opened.

    `kind` is what the files are said to be in their rows. Those in `finished` (evidence_ids) are
    left out wholly. With `opens_images` disk images are opened too; with `keeps_workbooks`
    spreadsheets that are zips are handed over as the files they are.
    """
    opening = _Opening(
        kind,
        finished,
        limits or Limits(),
        opens_images=opens_images,
        keeps_workbooks=keeps_workbooks,
    )
    for source in sources:
        if not source.is_folder:
            yield from opening.file(Entry(source.path, source.name), None)
            continue
        folder_id = make_id(None, write_path(source.name), "")
        for entry in walk(source.path):
            yield from opening.file(entry, folder_id)
        if opening.is_new(folder_id):
            identity = Identity(folder_id, None, source.name, write_path(source.path))
            yield _sealed(identity, "folder", None, None, [])


class _Opening:
    def __init__(
        self,
        kind: str,
        finished: frozenset[str],
        limits: Limits,
        *,
        opens_images: bool,
        keeps_workbooks: bool,
    ) -> None:
        self._keeps_workbooks = keeps_workbooks
        self._opens_images = opens_images
        self._kind = kind
        self._done = set(finished)
        self._limits = limits

    def is_new(self, evidence_id: str) -> bool:
        """True once for evidence that is not finished: two paths may hold the same file."""
        if evidence_id in self._done:
            return False
        self._done.add(evidence_id)
        return True

    def file(self, entry: Entry, parent_id: str | None) -> Iterator[FileEvent]:
        name, uri = write_path(entry.name), write_path(entry.path)
        refused = entry.refused
        if refused is None:
            try:
                with open_file(entry.path) as file:
                    before = os.fstat(file.fileno())
                    if stat.S_ISREG(before.st_mode):
                        taken = hashlib.sha256()
                        while data := file.read(CHUNK_BYTES):
                            taken.update(data)
                        digest = taken.hexdigest()
                        identity = Identity(make_id(parent_id, name, digest), parent_id, name, uri)
                        if not self.is_new(identity.evidence_id):
                            return
                        file.seek(0)
                        tape = Tape(FileStream(file, Consumed()), is_hashed=False)
                        outcome: list[str] = []
                        head = tape.peek(HEAD_BYTES)
                        if self._opens_images and is_image(head):
                            kind = "disk"
                            members = image_members(entry.path, outcome)
                            yield from self._members(identity, members, 1, None)
                        else:
                            kind = yield from self._content(identity, tape, 0, None, outcome)
                        after = os.fstat(file.fileno())
                        if (before.st_size, before.st_mtime_ns) != (
                            after.st_size,
                            after.st_mtime_ns,
                        ):
                            outcome.append("changed_while_read")
                        yield _sealed(identity, kind, digest, before.st_size, outcome)
                        return
                    refused = "not_a_file"
            except FileNotFoundError:
                refused = "vanished"
            except OSError:
                refused = "unreadable"
        identity = Identity(make_id(parent_id, name, ""), parent_id, name, uri)
        if self.is_new(identity.evidence_id):
            yield _sealed(identity, "other", None, None, [refused])

    def _content(
        self,
        identity: Identity,
        tape: Tape,
        depth: int,
        around: Budget | None,
        defects: list[str],
    ) -> Generator[FileEvent, None, str]:
        """Hand the bytes over, or what they expand to; returns the kind they turned out to be."""
        head = tape.peek(HEAD_BYTES)
        kind = recognise(head, identity.name)
        if kind not in ARCHIVES or (self._keeps_workbooks and is_spreadsheet(head)):
            opened = OpenFile(identity.evidence_id, identity.uri, tape, defects)
            if head:
                yield opened
            else:
                defects.append("empty")
            tape.drain()
            if tape.fault and tape.fault not in defects:
                defects.append(tape.fault)
            return self._kind
        if depth >= self._limits.depth:
            defects.append("too_deep")
            return kind
        with open_archive(kind, identity.name, tape, None, around, self._limits) as archive:
            yield from self._members(identity, archive.members(), depth + 1, archive.budget)
            defects += [defect for defect in archive.defects() if defect not in defects]
        return kind

    def _members(
        self, identity: Identity, members: Iterator[Member], depth: int, budget: Budget | None
    ) -> Iterator[FileEvent]:
        """What an archive or a disk image holds."""
        for index, member in enumerate(members):
            inner = identity.member(member.name, index)
            if member.stream is None:
                if self.is_new(inner.evidence_id):
                    yield _sealed(inner, "other", None, None, [member.refused or "refused"])
                continue
            stream = Tape(member.stream, is_hashed=True)
            if not self.is_new(inner.evidence_id):
                stream.drain()
                continue
            found: list[str] = []
            held = yield from self._content(inner, stream, depth, budget, found)
            stream.drain()
            yield _sealed(inner, held, stream.digest(), stream.size_bytes, found)


def _sealed(
    identity: Identity, kind: str, digest: str | None, size_bytes: int | None, defects: list[str]
) -> SealedFile:
    return SealedFile(
        (
            identity.evidence_id,
            identity.parent_id,
            kind,
            identity.uri,
            digest,
            size_bytes,
            datetime.now(UTC),
            0,
            defects,
        )
    )
