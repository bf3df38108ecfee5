"""The files in a disk image, by The Sleuth Kit (mmls, fls, icat), which reads and never mounts.

File systems are parsed by a program of its own: it gets limits on time and memory, and may not
write a byte. Deleted files are left out.
"""

import re
import resource
import select
import shutil
import subprocess
import time
from collections.abc import Iterator

from lymer.evidence.identity import escapes, write_name
from lymer.evidence.tar import Member

TOOLS = ("mmls", "fls", "icat")
_CPU_SECONDS = 600
_MEMORY_BYTES = 4 << 30
# A tool that says nothing for so long hangs.
_PATIENCE_SECONDS = 60.0
_LISTING_BYTES = 256 << 20
_SECTOR_BYTES = 512
_SLOT = re.compile(rb"^\d+:\s+\d[\d:]*\s+(\d+)\s+(\d+)\s+(\d+)\s", re.MULTILINE)
_UNITS = re.compile(rb"Units are in (\d+)-byte sectors")
_FILE = re.compile(rb"^r/r (?:\* )?([\d-]+)(?:\(realloc\))?:\t(.*)$")


def is_image(head: bytes) -> bool:
    """Does a file begin as a disk, a partition or a forensic image does?"""
    if head.startswith((b"EVF\x09\x0d\x0a\xff\x00", b"QFI\xfb", b"KDMV", b"conectix")):
        return True
    if len(head) < 2048:
        return False
    is_boot = head[510:512] == b"\x55\xaa" and (
        head[3:7] in (b"NTFS", b"EXFA")
        or head[54:57] == b"FAT"
        or head[82:85] == b"FAT"
        or all(head[at] in (0, 0x80) for at in (446, 462, 478, 494))
    )
    return (
        is_boot
        or head[512:520] == b"EFI PART"
        or (head[1080:1082] == b"\x53\xef" and head[:512].count(0) > 256)
        or head[0x8001:0x8006] == b"CD001"
    )


def image_members(path: str, defects: list[str]) -> Iterator[Member]:
    """The files of all file systems in the image, each to be read before the next is asked for.

    What is wrong is added to `defects`: `no_image_tool` where The Sleuth Kit is not installed.
    """
    if any(shutil.which(tool) is None for tool in TOOLS):
        defects.append("no_image_tool")
        return
    found = 0
    offsets = _partitions(path)
    for number, offset in enumerate(offsets):
        for inode, name in _list(path, offset, defects):
            found += 1
            place = write_name(name)
            if len(offsets) > 1:
                place = f"partition{number + 1}/{place}"
            if escapes(place):
                yield Member(place, None, "unsafe_name")
                continue
            stream = _Output(["icat", "-o", str(offset), path, inode])
            try:
                yield Member(place, stream)
            finally:
                stream.close()
    if not found:
        defects.append("no_file_system")


def _partitions(path: str) -> list[int]:
    """Where file systems begin, in sectors; the start when there is no table of partitions."""
    listing = _Output(["mmls", path]).all(1 << 20)
    units = _UNITS.search(listing)
    if units is None or int(units[1]) != _SECTOR_BYTES:
        return [0]
    return [int(slot[1]) for slot in _SLOT.finditer(listing)] or [0]


def _list(path: str, offset: int, defects: list[str]) -> Iterator[tuple[str, bytes]]:
    output = _Output(["fls", "-r", "-p", "-F", "-u", "-o", str(offset), path])
    listing = output.all(_LISTING_BYTES)
    if output.fault and output.fault not in defects:
        defects.append(output.fault)
    for line in listing.split(b"\n"):
        file = _FILE.match(line)
        if file:
            yield file[1].decode(), file[2]


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class _Output:
    """What a tool writes, as a stream."""

    def __init__(self, words: list[str]) -> None:
        self.fault: str | None = None
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=_limit,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        )

    def read(self, size: int) -> bytes:
        """See `Stream`."""
        pipe = self._process.stdout
        assert pipe is not None
        ready, _, _ = select.select([pipe], [], [], _PATIENCE_SECONDS)
        if not ready:
            self.fault = "image_tool_hung"
            self.close()
            return b""
        data = pipe.read1(size)  # type: ignore[attr-defined]
        if not data and self._process.wait():
            self.fault = "damaged"
        return bytes(data)

    def all(self, most_bytes: int) -> bytes:
        """All of it, up to a limit."""
        parts = []
        size = 0
        began = time.monotonic()
        while size < most_bytes and time.monotonic() - began < _CPU_SECONDS:
            data = self.read(1 << 20)
            if not data:
                break
            parts.append(data)
            size += len(data)
        self.close()
        return b"".join(parts)

    def close(self) -> None:
        """End the tool."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None and not self._process.stdout.closed:
            self._process.stdout.close()
