"""Words of a text as numbers, with the variable parts masked.

Every distinct word is looked at once and kept in a bounded memory, and the texts of a batch are
cut together, so that a batch costs one dictionary look-up a distinct word.
"""

import re
import string
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

Hashes = npt.NDArray[np.uint64]

# Distinct words kept between messages; random words fill it, then it starts anew.
_MEMORY_WORDS = 200_000
# A word is never longer; what follows is noise.
_WORD_CHARACTERS = 60


# Masks, and words that announce something, have small numbers of their own: one comparison
# finds all of them in a text.
EMPTY, LINK, MAILBOX, NUMBER, WALLET, NOISE, TICKER_CUE = range(7)
_FIRST_WORD = 7
_CUES = dict.fromkeys(("symbol", "ticker", "otc", "otcbb", "nasdaq"), TICKER_CUE)

_LINK = re.compile(r"(?:https?|hxxps?|ftp)[:;]/|www\.", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']+\.[A-Za-z]{2,}")
_WALLET = re.compile(
    r"(?:bc1[02-9ac-hj-np-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40}"
    r"|T[1-9A-HJ-NP-Za-km-z]{33}|4[0-9AB][1-9A-HJ-NP-Za-km-z]{93})"
)
_WALLET_CHARACTERS = 26
# Scripts that write without spaces: every character is a word.
_SPACELESS = re.compile(r"([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])")

# Letters of other scripts that look Latin (from the idea of Unicode TS 39, the few that spam
# uses), and digits and signs that stand for letters.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝвкмнтαβεικνορτυχ",
    "aeopcyxijshdqwbkmhtabeiknoptux",
)
_LEET = str.maketrans("013457@$!|", "oieastasil")
_SIGNS = "!?.,:;\"'()[]{}<>*_-~`|"
_ASCII_LETTERS = string.ascii_letters.encode()
_ASCII_DIGITS = string.digits.encode()
_RUN_LETTERS = 6
_CONSONANT_RUN = re.compile(rf"[bcdfghjklmnpqrstvwxz]{{{_RUN_LETTERS}}}")


def _is_latin(text: str) -> bool:
    return any("a" <= c <= "z" for c in text)


def _fold(word: str) -> int:
    """The number of one word, as it stands in a text."""
    word = word[:_WORD_CHARACTERS]
    if word.isascii():
        plain = word.lower()
        core = plain.strip(_SIGNS)
        if core.isalpha() and len(word) < _WALLET_CHARACTERS and not core.endswith("www"):
            return _number(core)
    if "@" in word and _MAILBOX.search(word):
        return MAILBOX
    if _LINK.search(word):
        return LINK
    if len(word) >= _WALLET_CHARACTERS and _WALLET.search(word):
        return WALLET
    if not word.isascii():
        plain = _plain(word)
        core = plain.strip(_SIGNS)
    letters, digits = _count(core)
    if digits:
        if letters <= digits or digits > 3:
            return NOISE if letters > 2 else NUMBER
        core = core.translate(_LEET)
    elif letters and ("@" in core or "$" in core or "!" in core):
        core = core.translate(_LEET)
    core = "".join(filter(str.isalnum, core))
    return _number(core) if core else EMPTY


def _plain(word: str) -> str:
    """The word without case, accents and look-alikes."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    if plain.isascii():
        return plain
    plain = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    mixed = plain.translate(_LOOKALIKES)
    # Look-alikes hide in a Latin word or make up all of one; a Russian word keeps its own.
    return mixed if _is_latin(plain) or mixed.isascii() else plain


def _count(core: str) -> tuple[int, int]:
    """Letters and digits in it."""
    if core.isascii():
        data = core.encode()
        others = len(data.translate(None, _ASCII_LETTERS))
        return len(data) - others, len(data) - len(data.translate(None, _ASCII_DIGITS))
    return sum(map(str.isalpha, core)), sum(map(str.isdigit, core))


def _number(core: str) -> int:
    """The number of what is left of a word without its signs."""
    if len(core) > 24 or (len(core) >= _RUN_LETTERS and _CONSONANT_RUN.search(core)):
        return NOISE
    cue = _CUES.get(core)
    return cue if cue is not None else max(_FIRST_WORD, xxhash.xxh3_64_intdigest(core.encode()))


class _Memory(dict[str, int]):
    """The numbers of words, each worked out when it is first asked for."""

    def __missing__(self, word: str) -> int:
        number = _fold(word)
        # Longer ones are noise, and would make the memory's size a matter of luck.
        if len(word) <= _WORD_CHARACTERS:
            self[word] = number
        return number


class Words(Sequence[str]):
    """The words of one text: `hashes` are their numbers, (n,) uint64, `words[n]` their writing."""

    __slots__ = ("_ids", "_spelled", "hashes")

    def __init__(self, hashes: Hashes, ids: npt.NDArray[np.int32], spelled: list[str]) -> None:
        self.hashes = hashes
        self._ids = ids
        self._spelled = spelled

    def __len__(self) -> int:
        return len(self.hashes)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self._spelled[number] for number in self._ids[place].tolist()]
        return self._spelled[int(self._ids[place])]


class Tokens:
    """Turns texts into word numbers; one for each worker."""

    def __init__(self) -> None:
        self._known = _Memory()

    def split(self, texts: Sequence[str]) -> list[Words]:
        """The words of each text, split at white space; words that are only signs go.

        All texts at once: Arrow cuts them, and each distinct word is looked up once.
        """
        spaced = [text if text.isascii() else _SPACELESS.sub(r" \1 ", text) for text in texts]
        cut = pc.utf8_split_whitespace(pa.array(spaced, pa.string()))
        encoded = cut.values.dictionary_encode()
        spelled: list[str] = encoded.dictionary.to_pylist()
        if len(self._known) > _MEMORY_WORDS:
            self._known.clear()
        numbers = np.fromiter(map(self._known.__getitem__, spelled), np.uint64, len(spelled))
        ids = np.asarray(encoded.indices)
        hashes = numbers[ids]
        keep = hashes != EMPTY
        # A text's place among what is kept.
        ends = np.concatenate(([0], np.cumsum(keep)))[np.asarray(cut.offsets)].tolist()
        hashes, ids = hashes[keep], ids[keep]
        return [Words(hashes[start:end], ids[start:end], spelled) for start, end in pairwise(ends)]


def special_words(hashes: Hashes) -> dict[int, list[int]]:
    """Where the masked and announcing words of a text stand: number to places, in order."""
    places: dict[int, list[int]] = {}
    for place in np.flatnonzero(hashes < _FIRST_WORD).tolist():
        places.setdefault(int(hashes[place]), []).append(place)
    return places


def skeleton_of(hashes: Hashes) -> str:
    """A text's identity once its variable parts are masked: 128 bits, hex.

    Runs of the same mask count once, so that a list of one link more is still the same.
    """
    if len(hashes) > 1:
        repeats = (hashes[1:] == hashes[:-1]) & (hashes[1:] <= NOISE)
        hashes = hashes[np.concatenate(([True], ~repeats))] if repeats.any() else hashes
    return xxhash.xxh3_128_hexdigest(hashes.tobytes())
