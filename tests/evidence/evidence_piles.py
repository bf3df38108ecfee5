"""Makes small piles of mail on disk, and reads them to the bottom."""

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lymer.evidence import Limits, Lot, Resume, SeenMessages, fetch, read, seal

ENVELOPE = b"From ann@example.org Mon Jan  1 10:00:00 2007\n"


def mail(number: int, *, body: bytes = b"Hello.\n", eol: bytes = b"\n") -> bytes:
    """One message, different for every number."""
    head = (
        f"From: ann{number}@example.org\nTo: bob@example.net\nSubject: number {number}\n"
        f"Message-ID: <{number}@example.org>\n\n"
    )
    return (head.encode() + body).replace(b"\n", eol)


def mbox(messages: Sequence[bytes], eol: bytes = b"\n") -> bytes:
    """An mbox of them, as a delivery agent writes it."""
    envelope = ENVELOPE.replace(b"\n", eol)
    return b"".join(envelope + message + eol for message in messages)


def tar(files: Mapping[str, bytes], mode: str = "w", form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar (of mode "w:gz" a compressed one) with these members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@dataclass
class Reading:
    """All that came out of a pile."""

    raw: list[dict[str, Any]] = field(default_factory=list)
    origins: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    read_bytes: int = 0

    def add(self, lot: Lot) -> None:
        self.raw += lot.raw.to_pylist()
        self.origins += lot.origins.to_pylist()
        self.reports += lot.reports.to_pylist()
        for row in lot.evidence.to_pylist():
            assert row["evidence_id"] not in self.evidence, "evidence finished twice"
            self.evidence[row["evidence_id"]] = row
        self.read_bytes = lot.read_bytes

    @property
    def bytes_of(self) -> list[bytes]:
        return [row["raw"] for row in self.raw]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.evidence.values() if row["kind"] == kind]

    def defects(self) -> dict[str, list[str]]:
        """Defects by the last part of the place they belong to."""
        return {
            row["uri"].replace("!", "/").rpartition("/")[2]: row["defects"]
            for row in self.evidence.values()
            if row["defects"]
        }

    def check_origins(self) -> None:
        """The bytes at every origin, fetched anew, must hash to the message's id."""
        keys = {(row["evidence_id"], row["offset_bytes"]) for row in self.origins}
        assert len(keys) == len(self.origins)
        for row in self.origins:
            data = fetch(
                self.evidence, row["evidence_id"], row["offset_bytes"], row["length_bytes"]
            )
            assert hashlib.sha256(data).hexdigest() == row["message_id"]


def read_all(*paths: Path, resume: Resume | None = None, limits: Limits | None = None) -> Reading:
    """Read the paths to the bottom."""
    reading = Reading()
    for lot in read(seal(paths), SeenMessages(), resume or Resume(), limits or Limits()):
        reading.add(lot)
    return reading


def read_bytes(folder: Path, data: bytes, name: str = "pile", **options: Any) -> Reading:
    """Read one file with these bytes."""
    path = folder / name
    path.write_bytes(data)
    return read_all(path, **options)
