"""A stream of bytes cut into chunks of whole lines, whatever the lines are."""

from collections.abc import Iterator
from dataclasses import dataclass

from lymer.evidence import Tape

CHUNK_BYTES = 8 << 20
LINE_BYTES = 64 << 10
"""A flow's line has some 200 bytes; JSON with every field a thousand."""


@dataclass
class Counts:
    """Lines that never became a row."""

    too_long: int = 0


def line_chunks(tape: Tape, counts: Counts) -> Iterator[bytes]:
    """Whole lines, some CHUNK_BYTES at a time. Memory holds two chunks.

    Lines longer than LINE_BYTES are left out and counted. A last line without its end is kept:
    only its content tells whether it is whole.
    """
    rest = b""
    is_skipping = False
    while data := tape.read(CHUNK_BYTES):
        if is_skipping:
            end = data.find(b"\n")
            if end < 0:
                continue
            data, is_skipping = data[end + 1 :], False
        data = rest + data
        cut = data.rfind(b"\n") + 1
        rest = data[cut:]
        if len(rest) > LINE_BYTES:
            counts.too_long += 1
            rest, is_skipping = b"", True
        if cut:
            yield _without_long(data[:cut], counts)
    if rest:
        yield rest


def _without_long(chunk: bytes, counts: Counts) -> bytes:
    """The chunk without its long lines; the usual chunk has none, and is not copied."""
    at = 0
    kept: list[bytes] = []
    start = 0
    while at < len(chunk):
        # The last line end within reach: from there on the next line begins.
        end = chunk.rfind(b"\n", at, at + LINE_BYTES + 1)
        if end >= 0:
            at = end + 1
            continue
        kept.append(chunk[start:at])
        counts.too_long += 1
        at = start = chunk.index(b"\n", at) + 1
    if not kept:
        return chunk
    kept.append(chunk[start:])
    return b"".join(kept)
