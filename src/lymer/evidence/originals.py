"""The originals, read again: are they as they were, and what exactly lies at some place?"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lymer.errors import UsageError
from lymer.evidence.archives import open_archive
from lymer.evidence.arf import read_report
from lymer.evidence.decompress import Budget
from lymer.evidence.identity import make_id, open_path
from lymer.evidence.kinds import FOLDERS
from lymer.evidence.limits import CHUNK_BYTES, Limits
from lymer.evidence.sources import open_file
from lymer.evidence.streams import Consumed, FileStream, Tape

_REPORT_PLACE = re.compile(r"!report@(\d+)\+(\d+)$")


@dataclass(frozen=True, slots=True)
class Finding:
    """How one original stands: `unchanged`, `changed`, `missing` or `unreadable`."""

    evidence_id: str
    uri: str
    state: str
    detail: str
    sha256: str | None
    """Of the bytes that lie there now, when they could be read."""


def verify(evidence_rows: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Re-read every original of these rows (of EVIDENCE).

    Members of archives stand and fall with their archive, and get no finding of their own; nor
    does what was never hashed, because it was refused.
    """
    rows = list(evidence_rows)
    folders = {row["evidence_id"] for row in rows if row["kind"] in FOLDERS}
    for row in rows:
        is_folder = row["evidence_id"] in folders
        if is_folder and not Path(open_path(row["uri"])).is_dir():
            yield _finding(row, "missing", "the folder is not there any more", None)
        elif not is_folder and row["sha256"] and _is_file(row, folders):
            yield _compare(row)


def fetch(
    evidence_rows: Mapping[str, Mapping[str, Any]],
    evidence_id: str,
    offset: int,
    length: int,
) -> bytes:
    """`length` bytes from `offset` of that evidence, read again from the original.

    `evidence_rows` maps evidence_id to its row, and holds at least the evidence and what it lay
    in. Raises UsageError when the original is gone or does not reach that far any more.
    """
    chain = _chain(evidence_rows, evidence_id)
    if chain[-1]["kind"] == "arf":
        data = _reported(evidence_rows, chain[-1])[offset : offset + length]
    else:
        data = _read(chain, offset, length)
    if len(data) < length:
        raise UsageError(
            f"{chain[-1]['uri']} does not hold that message any more. "
            "Run `lymer verify` to see which originals changed."
        )
    return data


def _read(chain: list[Mapping[str, Any]], offset: int, length: int) -> bytes:
    path = open_path(chain[0]["uri"])
    try:
        with open_file(path) as file:
            if len(chain) == 1:
                file.seek(offset)
            tape = Tape(FileStream(file, Consumed()), is_hashed=False)
            if len(chain) == 1:
                return tape.read_exactly(length)
            name = Path(path).name
            return _read_member(tape, file, name, chain, None, (offset, length))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}). Put the original back where it was."
        ) from error


def _read_member(
    tape: Tape,
    file: IO[bytes] | None,
    name: str,
    chain: list[Mapping[str, Any]],
    around: Budget | None,
    place: tuple[int, int],
) -> bytes:
    """Open the archive on `tape`, the first of `chain`, and go on to the next."""
    outer, wanted = chain[:2]
    limits = Limits()
    with open_archive(outer["kind"], name, tape, file, around, limits) as archive:
        for index, member in enumerate(archive.members()):
            if member.stream is None:
                continue
            inner = Tape(member.stream, is_hashed=False)
            if make_id(outer["evidence_id"], member.name, f"#{index}") != wanted["evidence_id"]:
                inner.drain()
                continue
            if len(chain) > 2:
                return _read_member(inner, None, member.name, chain[1:], archive.budget, place)
            offset, length = place
            return inner.read_exactly(length) if inner.skip(offset) == offset else b""
    return b""


def _reported(rows: Mapping[str, Mapping[str, Any]], row: Mapping[str, Any]) -> bytes:
    """The message that a report encloses in a transfer encoding."""
    place = _REPORT_PLACE.search(row["uri"])
    if place is None:
        return b""
    raw = fetch(rows, row["parent_id"], int(place[1]), int(place[2]))
    report = read_report(raw)
    return (report.decoded if report else None) or b""


def _chain(rows: Mapping[str, Mapping[str, Any]], evidence_id: str) -> list[Mapping[str, Any]]:
    """The evidence and the archives it lies in, the outermost first."""
    chain: list[Mapping[str, Any]] = []
    wanted: str | None = evidence_id
    while wanted is not None:
        row = rows.get(wanted)
        if row is None:
            raise UsageError(
                f"evidence {wanted} is not in this case, or was not read to its end. "
                "Run `lymer trace` on it again."
            )
        if row["kind"] in FOLDERS:
            break
        chain.insert(0, row)
        wanted = row["parent_id"]
    if not chain:
        raise UsageError(f"evidence {evidence_id} is a folder and has no bytes of its own.")
    return chain


def _is_file(row: Mapping[str, Any], folders: set[str]) -> bool:
    return row["parent_id"] is None or row["parent_id"] in folders


def _compare(row: Mapping[str, Any]) -> Finding:
    path = open_path(row["uri"])
    taken = hashlib.sha256()
    size = 0
    try:
        with open_file(path) as file:
            while data := file.read(CHUNK_BYTES):
                taken.update(data)
                size += len(data)
    except (FileNotFoundError, NotADirectoryError):
        return _finding(row, "missing", "the file is not there any more", None)
    except OSError as error:
        return _finding(row, "unreadable", str(error.strerror), None)
    digest = taken.hexdigest()
    if digest == row["sha256"]:
        return _finding(row, "unchanged", f"SHA-256 {digest}", digest)
    detail = f"SHA-256 was {row['sha256']}, is {digest}; {row['size_bytes']} bytes then, {size} now"
    return _finding(row, "changed", detail, digest)


def _finding(row: Mapping[str, Any], state: str, detail: str, digest: str | None) -> Finding:
    return Finding(row["evidence_id"], row["uri"], state, detail, digest)
