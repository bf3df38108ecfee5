"""How far the reader goes before it refuses."""

from dataclasses import dataclass

# A lot is what one worker takes at a time: large enough that Arrow and the hand-over cost nothing,
# small enough that a few of them in flight stay far below the memory aim.
LOT_MESSAGES = 4096
LOT_BYTES = 32 << 20

# How much is asked of a stream at a time.
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Bounds on hostile input. Beyond one of them the reader notes a defect and goes on."""

    depth: int = 5
    """Archives within archives that are opened."""
    message_bytes: int = 64 << 20
    """Of a longer message only this much is analysed; all of it is hashed."""
    expansion_ratio: int = 200
    """Bytes out for each byte in, once `free_expansion_bytes` came out. Text mail in xz stays
    below 50; a gzip bomb has 1,030."""
    free_expansion_bytes: int = 64 << 20
    """What one archive may expand to at any ratio."""
    nested_expansion_bytes: int = 1 << 30
    """What the archives within one archive may expand to at any ratio, all together."""
    expanded_bytes: int = 1 << 40
    """What one archive may expand to at all, with everything within."""
    members: int = 20_000_000
    """Members of one archive."""
    directory_bytes: int = 128 << 20
    """A zip's table of contents, which must be held in memory."""
    spool_bytes: int = 4 << 30
    """A zip within another archive, which must be copied to a temporary file to be read."""
    decoder_bytes: int = 512 << 20
    """Memory that an archive may make its decoder use."""
