"""The members of a tar, one after the other (POSIX.1-2001 pax, GNU and old forms).

Our own reader, since the standard library's holds extended headers of any stated size in memory
and gives up a member that is cut. Nothing is ever unpacked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lymer.evidence.identity import escapes, write_name
from lymer.evidence.kinds import is_tar_header, read_octal
from lymer.evidence.streams import Stream, Tape

_BLOCK = 512
_NAME_BYTES = 1 << 20
_FILES = b"0\x007"
_NOT_FILES = b"346"


@dataclass(slots=True)
class Member:
    """One member of an archive: a stream, or the reason why it is refused."""

    name: str
    stream: Stream | None
    refused: str | None = None


class _Part:
    """The bytes of one member."""

    def __init__(self, tape: Tape, size: int) -> None:
        self.fault: str | None = None
        self._tape = tape
        self.left = size

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        if not self.left:
            return b""
        data = self._tape.read(min(size, self.left))
        self.left -= len(data)
        if not data:
            self.fault = self._tape.fault or "truncated"
        return data


def tar_members(tape: Tape, defects: list[str]) -> Iterator[Member]:
    """The members in order; a member's stream must be read before the next is asked for.

    What is wrong with the archive itself is added to `defects`.
    """
    extended: dict[str, str] = {}
    has_ended = False
    while block := tape.read_exactly(_BLOCK):
        if len(block) < _BLOCK and block.strip(b"\0"):
            defects.append("truncated")
            return
        if not block.strip(b"\0"):
            # Joined archives go on after the end of the first.
            has_ended = True
            continue
        size = read_octal(block[124:136])
        if not is_tar_header(block) or size is None:
            defects.append("trailing_garbage" if has_ended else "damaged")
            return
        has_ended = False
        kind = block[156:157]
        if kind in (b"x", b"L", b"K", b"g"):
            if not _read_extension(tape, kind, size, extended, defects):
                return
            continue
        size = int(extended.get("size", size))
        name = extended.get("path") or _name(block)
        part, member = _member(tape, block, kind, name, size, is_sparse="sparse" in extended)
        extended.clear()
        if member is not None:
            yield member
        missing = part.left + -size % _BLOCK
        if tape.skip(missing) < missing:
            defects.append(tape.fault or "truncated")
            return
    if not has_ended:
        defects.append(tape.fault or "truncated")


def _member(
    tape: Tape, block: bytes, kind: bytes, name: str, size: int, *, is_sparse: bool
) -> tuple[_Part, Member | None]:
    if kind in (b"1", b"2"):
        return _Part(tape, 0), Member(name, None, "link_refused")
    if kind in _NOT_FILES and kind:
        return _Part(tape, 0), Member(name, None, "not_a_file")
    part = _Part(tape, size)
    if kind == b"5" or (kind in b"0\0" and name.endswith("/")):
        return _Part(tape, 0) if kind == b"5" else part, None
    if kind == b"S":
        # The old GNU form has its map in blocks between header and data.
        is_extended = block[482] != 0
        while is_extended and len(more := tape.read_exactly(_BLOCK)) == _BLOCK:
            is_extended = more[504] != 0
    if kind == b"S" or is_sparse:
        return part, Member(name, None, "sparse_refused")
    if kind not in _FILES:
        return part, Member(name, None, "odd_member_refused")
    if escapes(name):
        return part, Member(name, None, "path_escape")
    return part, Member(name, part)


def _name(block: bytes) -> str:
    name = block[:100].split(b"\0", 1)[0]
    # In the GNU form ("ustar  ") these bytes are times instead.
    if block[257:263] == b"ustar\0":
        prefix = block[345:500].split(b"\0", 1)[0]
        if prefix:
            name = prefix + b"/" + name
    return write_name(name)


def _read_extension(
    tape: Tape, kind: bytes, size: int, extended: dict[str, str], defects: list[str]
) -> bool:
    """Read a header that extends the next one; false when the archive ends in it."""
    data = tape.read_exactly(min(size, _NAME_BYTES))
    padded = size + -size % _BLOCK
    missing = padded - len(data)
    if tape.skip(missing) < missing:
        defects.append(tape.fault or "truncated")
        return False
    if size > _NAME_BYTES:
        defects.append("oversized_header")
    elif kind == b"L":
        extended["path"] = write_name(data.split(b"\0", 1)[0])
    elif kind == b"x":
        _read_pax(data, extended)
    return True


def _read_pax(data: bytes, extended: dict[str, str]) -> None:
    """Records of the form "length key=value\\n", where the length counts the whole record."""
    at = 0
    while at < len(data):
        digits, space, _ = data[at : at + 20].partition(b" ")
        if not space or not digits.isdigit() or int(digits) <= len(digits) + 1:
            return
        record = data[at + len(digits) + 1 : at + int(digits) - 1]
        key, _, value = record.partition(b"=")
        if key == b"path":
            extended["path"] = write_name(value.split(b"\0", 1)[0])
        elif key == b"size" and value.isdigit() and len(value) < 20:
            extended["size"] = value.decode()
        elif key.startswith(b"GNU.sparse."):
            extended["sparse"] = "1"
        at += int(digits)
