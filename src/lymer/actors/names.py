"""Names in text: runs of words with a capital, and one name found in another text."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_PIECES = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S+://\S+|\S+@\S+|\bwww\.\S+", re.IGNORECASE)
_PARTING = re.compile(r"[.!?:;,\"\u201c\u201d()\[\]|<>*=/]|\s-\s")

# Of a name of one word no shorter one is looked for in what others wrote: it would be anywhere.
_LEAST_LETTERS = 4
# Between the words of one name: a middle name or an initial, no more.
_MOST_BETWEEN = 1

_NO_NAMES = frozenset(
    re.findall(
        r"\S+",
        "a an and as at avec by com con das de del dem den der des det die do du ein eine el en et "
        "for from für il in la las le les los med met mit mr mrs ms my och of og on our par para "
        "per por pour re she the to un una und une van via vom von with your",
    )
)
"""Words that stand before names and are none."""


def capital_runs(line: str) -> Iterator[tuple[list[str], list[str]]]:
    """Runs of words with a capital in `line`, each with the other words before it.

    A sentence's end, a comma or a bracket parts two runs; addresses and links are no names. The
    last run may be empty. A line of capitals tells nothing about any of its words.
    """
    if line.isupper():
        return
    for piece in _PARTING.split(_ADDRESS.sub(" . ", line)):
        run: list[str] = []
        before: list[str] = []
        for word in _WORD.findall(piece):
            if word[0].isupper() and len(word) > 1:
                run.append(word)
                continue
            if run:
                yield run, before
                run, before = [], []
            before.append(word.casefold())
        if run or before:
            yield run, before


def may_lead(word: str) -> bool:
    """Whether `word` (in lower case) can be the first one of a name."""
    return word not in _NO_NAMES


def words_of(text: str) -> list[str]:
    """The words of `text` in lower case; what parts a login or an address parts words too."""
    return [word.casefold() for word in _PIECES.findall(text)]


def find_name(name: Sequence[str], text: str) -> str | None:
    """How `text` holds the name of these words (lower case): `full`, `initial`, `word` or not.

    full: all words, side by side or written as one; initial: the first word's initial with the
    last word as one login; word: only the last word.
    """
    words = words_of(text)
    last = name[-1]
    if len(last) < _LEAST_LETTERS:
        return "full" if len(name) > 1 and _side_by_side(name, words) else None
    if len(name) > 1:
        joined = {"".join(name), "".join(reversed(name))}
        if _side_by_side(name, words) or any(form in word for word in words for form in joined):
            return "full"
        first = name[0][0]
        pairs = {*pairwise(words)}
        if {first + last, last + first} & set(words) or {(first, last), (last, first)} & pairs:
            return "initial"
    return "word" if last in words else None


def _side_by_side(name: Sequence[str], words: Sequence[str]) -> bool:
    """Whether all words of `name` stand next to each other, in whatever order."""
    reach = len(name) + _MOST_BETWEEN
    wanted = set(name)
    return any(
        wanted <= set(words[at : at + reach]) for at, word in enumerate(words) if word in wanted
    )
