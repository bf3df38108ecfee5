"""Names in text: runs of words with a capital, and one name found in another text."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_PIECES = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\S+://\S+|\S+@\S+|\bwww\.\S+", re.IGNORECASE)
_INITIAL = re.compile(r"(?<=[^\W\d_] )[A-Z\u00c0-\u00de\u0410-\u042f]\. (?=[^\W\d_]{2})")
# "I've" and the like are words of the language; the 's of a name is none of it.
_SHORTENED = re.compile(r".+['\u2019](?:ve|re|ll|m|d|t)", re.IGNORECASE)
_OWNED = re.compile(r"['\u2019]s$", re.IGNORECASE)
_SPELT = re.compile(r"[^\W\d_](?:-[^\W\d_]){2,}")
_PARTING = re.compile(r"[.!?:;,\"\u201c\u201d()\[\]|<>*=/]|\s-\s")

# Of a name of one word no shorter one is looked for in what others wrote: it would be anywhere.
_LEAST_LETTERS = 4
# Fewer words with a capital are not a headline but a name with a word or two.
_HEADLINE_WORDS = 3
# Between the words of one name: a middle name or an initial, no more.
_MOST_BETWEEN = 1

_NO_NAMES = frozenset(
    re.findall(
        r"\S+",
        "a an and as at avec by caro cher com con das de dear del dem den der des det die do du "
        "ein eine el en estimado et geehrte geehrter hallo hello hi lieber liebe sehr "
        "for from für il in la las le les los med met mit mr mrs ms my och of og on our par para "
        "per por pour re she the to un una und une van via vom von with your",
    )
)
"""Words that stand before names and are none."""

_DETERMINERS = frozenset(
    re.findall(
        r"\S+",
        "the a an this that these those your our my his her its their any every each some no der "
        "die das den dem des ein eine einen einem einer eines kein keine keinen ihr ihre ihren "
        "ihrem ihrer ihres unser unsere unseren unserem unserer mein meine sein seine dieser diese "
        "dieses "
        "diesen diesem jeder jede jedes le la les un une du ce cet cette ces mon ma mes votre vos "
        "notre nos leur leurs el los las una unos unas su sus mi mis este esta il lo gli i uno",
    )
)
"""Words that stand before a thing: before a name only now and then."""

_ALWAYS_CAPITAL = frozenset(
    re.findall(
        r"\S+",
        "sie ihr ihre ihrem ihren ihrer ihnen monday tuesday wednesday thursday friday saturday "
        "sunday mon tue tues wed thu thur thurs fri sat sun january february march april may june "
        "july august september october november december jan feb mar apr jun jul aug sep sept oct "
        "nov dec internet english copyright",
    )
)
"""Words that are written with a capital and name nobody: the polite form, days, months."""


class Run(NamedTuple):
    """Words with a capital that follow each other, and what stands around them."""

    words: list[str]
    """Without the 's of a genitive, and without an initial between two of them."""
    before: list[str]
    """The other words before it, in lower case, back to the last run or the sentence's start."""
    is_followed: bool
    """By a word without a capital."""
    is_headline: bool
    """All longer words of its line have a capital: that tells nothing about any of them."""


def capital_runs(line: str) -> Iterator[Run]:
    """Runs of words with a capital in `line`; the last run of a sentence may be empty.

    A sentence's end, a comma or a bracket parts two runs; addresses and links are no names. A
    line of capitals tells nothing about any of its words.
    """
    if line.isupper():
        return
    # Looking for a mark first is ten times as fast as the pattern.
    is_marked = "@" in line or "://" in line or "www." in line.lower()
    plain = _ADDRESS.sub(" . ", line) if is_marked else line
    long = [word for word in _WORD.findall(plain) if len(word) >= _LEAST_LETTERS]
    is_headline = len(long) >= _HEADLINE_WORDS and all(word[0].isupper() for word in long)
    for piece in _PARTING.split(_INITIAL.sub("", plain) if ". " in plain else plain):
        run: list[str] = []
        before: list[str] = []
        for word in _WORD.findall(piece):
            if _may_be_name(word):
                run.append(_OWNED.sub("", word))
                continue
            if run:
                yield Run(run, before, True, is_headline)
                run, before = [], []
            before.append(word.casefold())
        if run or before:
            yield Run(run, before, False, is_headline)


def _may_be_name(word: str) -> bool:
    if len(word) == 1 or not word[0].isupper():
        return False
    return word.isalpha() or not (_SHORTENED.fullmatch(word) or _SPELT.fullmatch(word))


def is_determiner(word: str) -> bool:
    """Whether `word` (in lower case) is an article or the like."""
    return word in _DETERMINERS


def may_lead(word: str) -> bool:
    """Whether `word` (in lower case) can be the first one of a name."""
    return word not in _NO_NAMES


def may_stand_out(word: str) -> bool:
    """Whether `word` (in lower case) can be what a name is known by."""
    return word not in _ALWAYS_CAPITAL and word not in _NO_NAMES


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
