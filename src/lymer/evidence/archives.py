"""One archive, opened for its members: tar, zip, or a compressed file (which has one)."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

from lymer.evidence.decompress import Budget, Expanded
from lymer.evidence.limits import CHUNK_BYTES, Limits
from lymer.evidence.streams import Tape
from lymer.evidence.tar import Member, tar_members
from lymer.evidence.zips import zip_members

_SPOOL_MEMORY_BYTES = 32 << 20
_SUFFIXES = {
    "gz": (".gz", ".tgz"),
    "bz2": (".bz2", ".tbz2", ".tbz"),
    "xz": (".xz", ".txz"),
    "zst": (".zst", ".tzst"),
}


class Archive:
    """The members of an archive in order, each to be read before the next is asked for."""

    def __init__(
        self,
        members: Iterator[Member],
        budget: Budget,
        defects: list[str],
        expanded: Expanded | None,
        limits: Limits,
    ) -> None:
        self.budget = budget
        self._members = members
        self._defects = defects
        self._expanded = expanded
        self._limits = limits

    def members(self) -> Iterator[Member]:
        """Up to the limit, and up to where it shows itself a bomb."""
        for index, member in enumerate(self._members):
            if index >= self._limits.members:
                self._defects.append("too_many_members")
                return
            yield member
            if self.budget.is_refused:
                return

    def defects(self) -> list[str]:
        """What was wrong with the archive; complete once its members were read."""
        found = list(dict.fromkeys(self._defects))
        expanded = self._expanded
        if self.budget.is_blown:
            found.append("bomb_refused")
        elif expanded is not None and expanded.fault:
            found.append(expanded.fault)
        if expanded is not None and expanded.has_garbage:
            found.append("trailing_garbage")
        return found


@contextmanager
def open_archive(
    kind: str, name: str, tape: Tape, file: IO[bytes] | None, around: Budget | None, limits: Limits
) -> Iterator[Archive]:
    """Open the archive on `tape`. `file` holds the same bytes and can seek, when there is one;
    a zip without it is copied to a temporary file, within the limit."""
    defects: list[str] = []
    if kind == "tar":
        yield Archive(tar_members(tape, defects), Budget(limits, around), defects, None, limits)
        return
    if kind != "zip":
        budget = Budget(limits, around)
        expanded = Expanded(tape, kind, budget, limits)
        only = iter([Member(inner_name(name, kind), expanded)])
        yield Archive(only, budget, defects, expanded, limits)
        return
    with ExitStack() as stack:
        members: Iterator[Member] = iter([])
        size = 0
        if file is None:
            file = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_SPOOL_MEMORY_BYTES))
            if not _copy(tape, file, limits.spool_bytes):
                defects.append("too_large_to_spool")
                yield Archive(members, Budget(limits, around, size), defects, None, limits)
                return
        file.seek(0, os.SEEK_END)
        size = file.tell()
        # Members may overlap: what comes out is measured by the size of the whole.
        budget = Budget(limits, around, size)
        members = zip_members(file, size, budget, limits, defects)
        yield Archive(members, budget, defects, None, limits)


def inner_name(name: str, kind: str) -> str:
    """The name of what a compressed file holds."""
    base = name.rpartition("/")[2]
    for suffix in _SUFFIXES[kind]:
        if base.lower().endswith(suffix) and len(base) > len(suffix):
            return base[: -len(suffix)] + (".tar" if suffix[1] == "t" else "")
    return base


def _copy(tape: Tape, file: IO[bytes], most_bytes: int) -> bool:
    """Copy the rest of `tape`; false when it is more than `most_bytes`."""
    copied = 0
    while data := tape.read(CHUNK_BYTES):
        copied += len(data)
        if copied > most_bytes:
            return False
        file.write(data)
    return True
