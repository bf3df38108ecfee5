"""Texts as words: what templates are learned from and what their patterns are tried on."""

import re
from functools import lru_cache

# A hostile text is one line of 256 kB; a template shows in far less.
MOST_WORDS = 2_000
MOST_CHARACTERS = 65_536

MASK = "\0"
"""Begins the key of a word that counts as equal to others of its kind."""

_SPECIAL = re.compile(r"([\\.^$*+?{}\[\]|()])")
# A macro as mailing software has it: a name in brackets or signs of some kind.
_MACRO = re.compile(r"\W{1,4}\w[\w.,:;~#'=-]*\W{1,4}")
_SENTENCE_END = re.compile(r"[.!?\u3002\u2026][\"')\]]*$")


def words_of(text: str | None) -> list[str]:
    """The words of a text, at most 2,000, as they stand between white space of any kind."""
    return (text or "")[:MOST_CHARACTERS].split()[:MOST_WORDS]


def normalize(text: str | None) -> str:
    """What patterns are tried on: the words with one space between them."""
    return " ".join(words_of(text))


def escape(text: str) -> str:
    """`text` as a regular expression that RE2, Python and PCRE read alike."""
    if text.isalnum():
        # As most words are, and far quicker known than looked through.
        return text
    return _escape(text)


@lru_cache(maxsize=65_536)
def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def is_macro(word: str) -> bool:
    """Whether a word looks like a macro that was not expanded."""
    return _MACRO.fullmatch(word) is not None


def ends_sentence(word: str) -> bool:
    """Whether a sentence ends with the word."""
    return not word[-1:].isalnum() and _is_end(word)


@lru_cache(maxsize=65_536)
def _is_end(word: str) -> bool:
    return _SENTENCE_END.search(word) is not None


def sentences_of(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A run of words cut behind every word that ends a sentence."""
    found: list[tuple[str, ...]] = []
    start = 0
    for place, word in enumerate(words, 1):
        if ends_sentence(word) or place == len(words):
            found.append(words[start:place])
            start = place
    return found
