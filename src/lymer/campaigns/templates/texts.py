"""A campaign's texts as words and as numbers, and what each distinct word is by itself.

What many texts share is found by comparing numbers, and what a word is, is asked once for all
the texts that it stands in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lymer.campaigns.templates.values import is_date, is_month
from lymer.campaigns.templates.words import MASK, is_macro, words_of

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_LINK = re.compile(r"(?:https?|ftp)://|^\W*www\.", re.IGNORECASE)


class Numbering(dict[str, int]):
    """The number of each word, from 0 on in the order in which they are first asked for."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


@dataclass(frozen=True)
class Vocabulary:
    """Distinct words, and what each of them is, (words,)."""

    words: list[str]

    @cached_property
    def kinds(self) -> list[str]:
        """The word, or a mask for all links, mailboxes or dates."""
        return [self._kind(word) for word in self.words]

    @staticmethod
    def _kind(word: str) -> str:
        if word.isalpha():
            return word
        if _LINK.search(word):
            return MASK + "link"
        if "@" in word[1:-1] and "." in word:
            return MASK + "mailbox"
        return MASK + "date" if is_date(word) else word

    @cached_property
    def is_link(self) -> Flags:
        return np.array([kind == MASK + "link" for kind in self.kinds], dtype=bool)

    @cached_property
    def is_month(self) -> Flags:
        return np.array([is_month(word) for word in self.words], dtype=bool)

    @cached_property
    def is_day(self) -> Flags:
        """Whether it may be the day or year behind a month."""
        return np.array([word[:2].rstrip(".,").isdigit() for word in self.words], dtype=bool)

    @cached_property
    def is_macro(self) -> Flags:
        return np.array([is_macro(word) for word in self.words], dtype=bool)

    @cached_property
    def lowered(self) -> list[str]:
        return [word.lower() for word in self.words]


@dataclass(frozen=True)
class Texts:
    """Some texts of one campaign."""

    raw: list[str]
    rows: list[list[str]]
    """Their words."""
    codes: Numbers
    """(words of all,): the place of each word in the vocabulary."""
    starts: Numbers
    """(texts,): where each begins in `codes`."""
    vocabulary: Vocabulary
    """Of these and perhaps of other texts."""

    @property
    def owner(self) -> Numbers:
        """(words of all,): which text each word is of."""
        return np.repeat(np.arange(len(self.rows)), [len(row) for row in self.rows])

    def part(self, members: Sequence[int]) -> "Texts":
        """Those of the texts that `members` counts."""
        rows = [self.rows[k] for k in members]
        pieces = [self.codes[self.starts[k] : self.starts[k] + len(self.rows[k])] for k in members]
        codes = np.concatenate(pieces) if pieces else self.codes[:0]
        return Texts([self.raw[k] for k in members], rows, codes, _starts(rows), self.vocabulary)


def read_texts(raw: Sequence[str]) -> Texts:
    """The texts, cut into words and numbered."""
    rows = [words_of(text) for text in raw]
    numbering = Numbering()
    codes = [number for row in rows for number in map(numbering.__getitem__, row)]
    return Texts(
        list(raw), rows, np.array(codes, dtype=np.int64), _starts(rows),
        Vocabulary(list(numbering)),
    )  # fmt: skip


def _starts(rows: Sequence[Sequence[str]]) -> Numbers:
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    starts: Numbers = np.cumsum(lengths) - lengths
    return starts
