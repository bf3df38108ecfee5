"""MinHash sketches of word shingles (Broder 1997), for a whole batch at a time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from lymer.features.tokens import Hashes

SKETCH_SIZE = 64
# Pairs: of a text whose every sentence rotates its words, runs of three hardly recur.
SHINGLE_WORDS = 2
_SEED = 20071017
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
# Shingles looked at per text: a longer one is represented by its beginning.
_SHINGLE_COUNT = 4000


def shingles_of(texts: Sequence[Hashes]) -> list[Hashes]:
    """Numbers of each text's pairs of neighbouring words, (n - 1,) uint64; of the word where it
    is one, and of the beginning of a long text.
    """
    lengths = [len(text) for text in texts]
    flat = np.concatenate(texts) if texts else np.zeros(0, np.uint64)
    mixed = np.zeros(max(len(flat) - SHINGLE_WORDS + 1, 0), dtype=np.uint64)
    for place, factor in enumerate(_MIX):
        part = flat[place : place + len(mixed)] * factor
        mixed = (mixed ^ (part ^ (part >> np.uint64(29)))) * _MIX[0]
    shingles = []
    start = 0
    for text, length in zip(texts, lengths, strict=True):
        count = min(length - SHINGLE_WORDS + 1, _SHINGLE_COUNT)
        # Those that reach into the next text are passed over.
        shingles.append(mixed[start : start + count] if count > 0 else text)
        start += length
    return shingles


def sketches_of(texts: Sequence[Hashes]) -> list[bytes | None]:
    """The sketch of each text as bytes (64 little-endian uint32); None for an empty text."""
    shingles = shingles_of(texts)
    offsets = np.zeros(len(texts) + 1, dtype=np.uint64)
    np.cumsum([len(s) for s in shingles], out=offsets[1:])
    if not offsets[-1]:
        return [None] * len(texts)
    flat = np.ascontiguousarray(np.concatenate(shingles))
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, SKETCH_SIZE, _SEED)
    rows = np.array(matrix.to_rows(), dtype="<u4")
    return [row.tobytes() if len(s) else None for row, s in zip(rows, shingles, strict=True)]


def agreement(
    one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]
) -> npt.NDArray[np.float64]:
    """Estimated Jaccard similarity of sketches, row by row: (n, 64) and (n, 64) to (n,)."""
    share: npt.NDArray[np.float64] = (one == other).mean(axis=1)
    return share
