"""One source after the other, opened to the bottom: archives, folders, mailboxes, reports."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any

from lymer.evidence.archives import open_archive
from lymer.evidence.arf import may_be_report, read_report
from lymer.evidence.decompress import Budget
from lymer.evidence.identity import Identity, make_id, write_path
from lymer.evidence.kinds import ARCHIVES, HEAD_BYTES, recognise
from lymer.evidence.limits import Limits
from lymer.evidence.mbox import Piece, split, whole
from lymer.evidence.msg import rebuild
from lymer.evidence.sources import Source, open_file
from lymer.evidence.streams import Consumed, FileStream, MemoryStream, Stream, Tape
from lymer.evidence.tar import Member
from lymer.evidence.walk import Entry, folder_kind, walk

# Files up to this size are read once and hashed in memory.
_SMALL_BYTES = 4 << 20


@dataclass(frozen=True)
class Resume:
    """What a case already holds of some evidence."""

    finished: frozenset[str] = frozenset()
    """evidence_ids whose row is committed: they are skipped wholly."""
    message_counts: Mapping[str, int] = field(default_factory=dict)
    """evidence_id to the origins already committed of unfinished evidence: so many messages,
    counted from its start, are skipped."""


@dataclass(slots=True)
class Found:
    """One message, where it lies, and the abuse report that it is (a row of REPORTS)."""

    message_id: str
    evidence_id: str
    offset_bytes: int
    length_bytes: int
    envelope: str | None
    reported_ip: str | None
    defects: list[str]
    raw: bytes
    report: tuple[Any, ...] | None = None


@dataclass(slots=True)
class Finished:
    """A source of bytes that was read to its end: a row of EVIDENCE."""

    row: tuple[Any, ...]


Event = Found | Finished


class Reader:
    """Reads sources one after the other; what it hands over comes in a stable order."""

    def __init__(self, limits: Limits, resume: Resume, consumed: Consumed) -> None:
        self._limits = limits
        self._resume = resume
        self._consumed = consumed
        # Evidence of this run: two given paths may hold a file of the same name and content.
        self._done: set[str] = set()

    def read(self, source: Source, *, may_repeat: bool) -> Iterator[Event]:
        """All of one source. With `may_repeat` another source has the same name."""
        if not source.is_folder:
            entry = Entry(source.path, source.name)
            yield from self._file(entry, None, may_repeat=may_repeat)
            return
        evidence_id = make_id(None, write_path(source.name), "")
        for entry in walk(source.path):
            yield from self._file(entry, evidence_id, may_repeat=may_repeat)
        if not self._is_done(evidence_id, may_repeat=may_repeat):
            identity = Identity(evidence_id, None, source.name, write_path(source.path))
            yield _finished(identity, folder_kind(source.path), None, None, 0, [])

    def unsealed(self, stream: Stream, file: IO[bytes], name: str) -> Iterator[Event]:
        """What one file holds, without its hash being taken: for a look at a part of it."""
        identity = Identity(make_id(None, name, ""), None, name, name)
        tape = Tape(stream, is_hashed=False)
        yield from self._content(identity, tape, _Outcome(), 0, None, file)

    def _is_done(self, evidence_id: str, *, may_repeat: bool) -> bool:
        if evidence_id in self._resume.finished or evidence_id in self._done:
            return True
        if may_repeat:
            self._done.add(evidence_id)
        return False

    def _file(self, entry: Entry, parent_id: str | None, *, may_repeat: bool) -> Iterator[Event]:
        name = write_path(entry.name)
        uri = write_path(entry.path)
        base = self._consumed.total
        refused = entry.refused
        size = 0
        if refused is None:
            try:
                with open_file(entry.path) as file:
                    before = os.fstat(file.fileno())
                    if stat.S_ISREG(before.st_mode):
                        size = before.st_size
                        small, digest = _hash(file)
                        identity = Identity(make_id(parent_id, name, digest), parent_id, name, uri)
                        if not self._is_done(identity.evidence_id, may_repeat=may_repeat):
                            yield from self._sealed(identity, file, small, digest, before)
                    else:
                        refused = "not_a_file"
            except FileNotFoundError:
                refused = "vanished"
            except OSError:
                refused = "unreadable"
        if refused is not None:
            identity = Identity(make_id(parent_id, name, ""), parent_id, name, uri)
            if not self._is_done(identity.evidence_id, may_repeat=may_repeat):
                yield _finished(identity, "other", None, None, 0, [refused])
        # Zips are read back and forth, and finished files not at all: they count as a whole.
        self._consumed.total = base + size

    def _sealed(
        self,
        identity: Identity,
        file: IO[bytes],
        small: bytes | None,
        digest: str,
        before: os.stat_result,
    ) -> Iterator[Event]:
        """A file whose hash is known."""
        sealed_at = datetime.now(UTC)
        stream: Stream
        if small is not None:
            stream = MemoryStream(small)
        else:
            file.seek(0)
            stream = FileStream(file, self._consumed)
        tape = Tape(stream, is_hashed=False)
        outcome = _Outcome()
        yield from self._content(identity, tape, outcome, 0, None, file)
        if tape.fault:
            outcome.defects.append(tape.fault)
        after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            outcome.defects.append("changed_while_read")
        yield _finished(
            identity,
            outcome.kind,
            digest,
            before.st_size,
            outcome.message_count,
            outcome.defects,
            sealed_at,
        )

    def _member(
        self, identity: Identity, member: Member, depth: int, budget: Budget | None
    ) -> Iterator[Event]:
        """A member of an archive, hashed while it streams by."""
        if member.stream is None:
            if identity.evidence_id not in self._resume.finished:
                yield _finished(identity, "other", None, None, 0, [member.refused or "refused"])
            return
        tape = Tape(member.stream, is_hashed=True)
        if identity.evidence_id in self._resume.finished:
            tape.drain()
            return
        outcome = _Outcome()
        yield from self._content(identity, tape, outcome, depth, budget, None)
        tape.drain()
        if tape.fault and tape.fault not in outcome.defects:
            outcome.defects.append(tape.fault)
        yield _finished(
            identity,
            outcome.kind,
            tape.digest(),
            tape.size_bytes,
            outcome.message_count,
            outcome.defects,
        )

    def _content(
        self,
        identity: Identity,
        tape: Tape,
        outcome: "_Outcome",
        depth: int,
        budget: Budget | None,
        file: IO[bytes] | None,
    ) -> Iterator[Event]:
        """Whatever the bytes are. `file` can seek, and is given for files only."""
        head = tape.peek(HEAD_BYTES)
        outcome.kind = recognise(head, identity.name)
        keep_bytes = self._limits.message_bytes
        if outcome.kind == "mbox":
            yield from self._messages(identity, split(tape, keep_bytes), tape, outcome)
        elif outcome.kind == "eml":
            yield from self._messages(identity, whole(tape, keep_bytes), tape, outcome)
        elif outcome.kind == "msg":
            yield from self._messages(identity, _outlook(tape, keep_bytes), None, outcome)
        elif outcome.kind in ARCHIVES:
            if depth >= self._limits.depth:
                outcome.defects.append("too_deep")
                return
            yield from self._archive(identity, tape, outcome, depth + 1, budget, file)
        else:
            outcome.defects.append("not_mail" if head else "empty")

    def _archive(
        self,
        identity: Identity,
        tape: Tape,
        outcome: "_Outcome",
        depth: int,
        around: Budget | None,
        file: IO[bytes] | None,
    ) -> Iterator[Event]:
        with open_archive(outcome.kind, identity.name, tape, file, around, self._limits) as archive:
            for index, member in enumerate(archive.members()):
                inner = identity.member(member.name, index)
                yield from self._member(inner, member, depth, archive.budget)
            outcome.defects += archive.defects()

    def _messages(
        self,
        identity: Identity,
        pieces: Iterator[Piece],
        tape: Tape | None,
        outcome: "_Outcome",
    ) -> Iterator[Event]:
        """The messages of one mailbox. `tape` says at its end whether the last one is whole."""
        evidence_id = identity.evidence_id
        committed = self._resume.message_counts.get(evidence_id, 0)
        for piece in pieces:
            if tape is not None and tape.fault and tape.fault != "bad_checksum":
                piece.defects.append("truncated")
            outcome.message_count += 1
            abuse = None
            if tape is not None and may_be_report(piece.data):
                abuse = read_report(piece.data)
            if abuse is None:
                if outcome.message_count > committed:
                    yield _found(evidence_id, piece, None)
                continue
            report = _found(evidence_id, piece, None)
            inner = None
            enclosed_in = identity
            if abuse.decoded is not None:
                enclosed_in = identity.member(
                    report_name(piece.offset_bytes, piece.length_bytes), 0
                )
                inner = Piece(0, len(abuse.decoded), abuse.decoded, None, None, [])
            elif abuse.start is not None and abuse.end is not None:
                data = piece.data[abuse.start : abuse.end]
                start = piece.offset_bytes + abuse.start
                inner = Piece(start, len(data), data, None, None, [])
            reported = None
            if inner is not None:
                reported = _found(enclosed_in.evidence_id, inner, abuse.source_ip)
            report.report = (
                report.message_id,
                reported.message_id if reported else None,
                abuse.feedback_type,
                abuse.source_ip,
                abuse.mail_from,
                abuse.arrived_at,
                abuse.reporter,
            )
            if outcome.message_count > committed:
                yield report
            if reported is None:
                continue
            if enclosed_in is identity:
                outcome.message_count += 1
                if outcome.message_count > committed:
                    yield reported
            else:
                yield from self._enclosed(enclosed_in, reported)

    def _enclosed(self, identity: Identity, reported: Found) -> Iterator[Event]:
        """A reported message in a transfer encoding: evidence of its own."""
        if identity.evidence_id in self._resume.finished:
            return
        if not self._resume.message_counts.get(identity.evidence_id):
            yield reported
        digest = reported.message_id
        yield _finished(identity, "arf", digest, reported.length_bytes, 1, [])


@dataclass(slots=True)
class _Outcome:
    """What becomes known of a source while it is read."""

    kind: str = "other"
    message_count: int = 0
    defects: list[str] = field(default_factory=list)


def report_name(offset_bytes: int, length_bytes: int) -> str:
    """The name of an encoded message by the place of the report that encloses it."""
    return f"report@{offset_bytes}+{length_bytes}"


def _found(evidence_id: str, piece: Piece, reported_ip: str | None) -> Found:
    return Found(
        piece.digest or hashlib.sha256(piece.data).hexdigest(),
        evidence_id,
        piece.offset_bytes,
        piece.length_bytes,
        piece.envelope,
        reported_ip,
        piece.defects,
        piece.data,
    )


def _finished(
    identity: Identity,
    kind: str,
    digest: str | None,
    size_bytes: int | None,
    message_count: int,
    defects: list[str],
    sealed_at: datetime | None = None,
) -> Finished:
    return Finished(
        (
            identity.evidence_id,
            identity.parent_id,
            kind,
            identity.uri,
            digest,
            size_bytes,
            sealed_at or datetime.now(UTC),
            message_count,
            defects,
        )
    )


def _hash(file: IO[bytes]) -> tuple[bytes | None, str]:
    """The SHA-256 of a file, and its bytes when they are few."""
    small: bytes | None = file.read(_SMALL_BYTES)
    taken = hashlib.sha256(small or b"")
    while data := file.read(_SMALL_BYTES):
        taken.update(data)
        small = None
    return small, taken.hexdigest()


def _outlook(tape: Tape, keep_bytes: int) -> Iterator[Piece]:
    """A .msg file: its own bytes are the evidence, the rebuilt view is what is read."""
    for piece in whole(tape, keep_bytes):
        if piece.digest is None:
            piece.digest = hashlib.sha256(piece.data).hexdigest()
            piece.data, defects = rebuild(piece.data)
        else:
            piece.data, defects = b"", ["unreadable_msg"]
        piece.defects += defects
        yield piece
