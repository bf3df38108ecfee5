"""What kind of thing the values of one slot are: single words, or parts of one."""

import calendar
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import ne

from lymer.campaigns.templates.words import escape

BITS_PER_CHARACTER = 2.0
"""What one more character of ordinary text tells: English holds 0.6 to 1.3 bits a letter in long
runs (Shannon 1951) and some 2 over short ones."""

# Chance that a word list which counts as complete lacks a word: 1 of 500 for each slot.
_MISSING_CHANCE = 0.002
_MOST_LISTED = 60
# A list that may lack some: the most of it, and the chance that the next value is a new one.
_MOST_STRICT = 30
_UNSEEN_SHARE = 0.15
_MOST_KEPT = 40
_FEW_VALUES = 20
# Of many values a few may be broken: a macro that was not expanded shows as it was typed.
_ODD_SHARE = 0.05
_MOST_ODD = 6


@dataclass(frozen=True, slots=True)
class Person:
    """Who a member went to and whom it claims to come from: what slots are compared with."""

    recipients: tuple[str, ...] = ()
    """Addresses, lower case."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One variable part: `pattern` matches its text, `shown` is for people."""

    kind: str
    """noise, dictionary, number, date, link, mailbox, recipient, name, word, phrase, sentences,
    text"""
    pattern: str
    shown: str
    low: int
    high: int
    """Length range seen: in words for phrase, sentences and text; else in characters."""
    alphabet: str = ""
    """Of noise: digits, lower, upper, hex, alpha, alnum. Of a recipient: address, mailbox,
    domain."""
    values: tuple[tuple[str, int], ...] = ()
    """The commonest values with their counts, at most 40."""
    distinct: int = 0
    is_closed: bool = False
    """Whether all values were probably seen, so that the pattern lists them."""
    fixed_bits: float = 0.0
    """What is fixed within it."""
    strict: "Strict | None" = None
    """What may stand for the pattern where a template has too little else."""


@dataclass(frozen=True, slots=True)
class Strict:
    """A pattern of what was seen, though more may come: `bits` is what it tells."""

    pattern: str
    bits: float


_ALPHABETS = (
    ("digits", "[0-9]"),
    ("lower", "[a-z]"),
    ("upper", "[A-Z]"),
    ("hex", "[0-9a-f]"),
    ("hex", "[0-9A-F]"),
    ("alpha", "[A-Za-z]"),
    ("alnum", "[A-Za-z0-9]"),
)
_DAY = re.compile(
    r"\d{1,2}(?:st|nd|rd|th)?[./-](?:\d{1,2}|[A-Za-z]{3,9})[./-]\d{2,4}|\d{4}[./-]\d\d[./-]\d\d"
)
_MONTHS = frozenset(calendar.month_name[1:]) | frozenset(calendar.month_abbr[1:])
_NUMBER = re.compile(r"[0-9]+(?:[.,:'-][0-9]+)*")


def is_month(word: str) -> bool:
    """Whether a word is the English name of a month or its beginning."""
    return word in _MONTHS


def is_date(word: str) -> bool:
    """Whether a word is a date of a day."""
    return _DAY.fullmatch(word.strip(".,;:()[]")) is not None


@lru_cache(maxsize=65_536)
def bits_of(text: str) -> float:
    """What a fixed text tells; a row of the same sign, as in a drawn line, is one."""
    changes: int = sum(map(ne, text, "\0" + text))
    return BITS_PER_CHARACTER * changes


def enough(hits: int, count: int) -> bool:
    """Whether what holds for `hits` of `count` values holds for all but broken ones."""
    if count < _FEW_VALUES:
        return hits == count
    return hits >= (1 - _ODD_SHARE) * count


def nearly_all(test: Callable[[str], object], values: Sequence[str]) -> bool:
    """Whether `test` holds for enough of the values; asked of no more than it takes."""
    missed = 0
    for value in values:
        if not test(value):
            missed += 1
            if not enough(len(values) - missed, len(values)):
                return False
    return True


def is_complete(distinct: int, count: int) -> bool:
    """Whether `count` draws that showed `distinct` values probably showed all there are.

    With one value more, all equally likely, each is missed with chance (1 - 1/(d+1))^n.
    """
    return count >= (distinct + 1) * math.log((distinct + 1) / _MISSING_CHANCE)


def is_nearly_complete(counts: Counter[str]) -> bool:
    """Whether the next value is probably one that was seen.

    What was seen once, of all that was seen, is the chance of a new one (Good 1953).
    """
    once = sum(1 for seen in counts.values() if seen == 1)
    return len(counts) <= _MOST_STRICT and (once + 1) / (counts.total() + 1) <= _UNSEEN_SHARE


def is_recurring(counts: Counter[str], count: int) -> bool:
    """Whether values are drawn from a list: they come back."""
    once = sum(1 for seen in counts.values() if seen == 1)
    return len(counts) <= max(2, count // 2) and once <= max(1, count // 4)


def listed(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    """The commonest values, ties in the order of the alphabet."""
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_KEPT])


def alternatives(counts: Counter[str]) -> str:
    """A pattern of all values; the words of a phrase are apart by any white space."""
    options = (r"\s+".join(escape(word) for word in value.split()) for value in counts)
    return "(?:" + "|".join(sorted(options, key=lambda option: (-len(option), option))) + ")"


def list_bits(counts: Counter[str]) -> float:
    """What it tells that one of the listed values stands in a text."""
    return max(0.0, min(map(bits_of, counts)) - math.log2(len(counts)))


def one_of(counts: Counter[str], *, is_closed: bool) -> str:
    """The values for people."""
    values = [value[:60] for value, _ in listed(counts)]
    more = "" if is_closed and len(counts) <= 12 else "|..."
    return f"[one of: {'|'.join(values[:12])}{more}]"


def type_word(values: Sequence[str], people: Sequence[Person]) -> Slot:
    """The slot whose values, one for each of `people`, are words or parts of words."""
    before, behind = _borders(values)
    cores = [value[len(before) : len(value) - len(behind)] for value in values]
    slot = _type_core(cores, people)
    fixed = bits_of(before) + bits_of(behind)
    return Slot(
        kind=slot.kind,
        pattern=escape(before) + _with_odd(slot.pattern, cores) + escape(behind),
        shown=before + slot.shown + behind,
        low=slot.low,
        high=slot.high,
        alphabet=slot.alphabet,
        values=slot.values,
        distinct=slot.distinct,
        is_closed=slot.is_closed,
        fixed_bits=slot.fixed_bits + fixed,
        strict=slot.strict
        and Strict(escape(before) + slot.strict.pattern + escape(behind), slot.strict.bits + fixed),
    )


def _borders(values: Sequence[str]) -> tuple[str, str]:
    """Signs that all values begin and end with; letters are left to the values."""
    room = min(map(len, values)) - 1
    before = _common_signs(values, room)
    behind = _common_signs([value[::-1] for value in values], room - len(before))
    return before, behind[::-1]


def _common_signs(values: Sequence[str], room: int) -> str:
    count = 0
    for characters in zip(*values, strict=False):
        if count >= room or len(set(characters)) > 1 or characters[0].isalnum():
            break
        count += 1
    return values[0][:count]


def _with_odd(pattern: str, cores: Sequence[str]) -> str:
    """The pattern, and literally the few values that it does not match."""
    odd = Counter(core for core in cores if re.fullmatch(pattern, core) is None)
    if not odd:
        return pattern
    if len(odd) > _MOST_ODD or not enough(len(cores) - sum(odd.values()), len(cores)):
        return r"\S+"
    return "(?:" + pattern + "|" + "|".join(escape(value) for value in sorted(odd)) + ")"


def _type_core(cores: Sequence[str], people: Sequence[Person]) -> Slot:
    counts = Counter(cores)
    lengths = [len(core) for core in cores]
    low, high = min(lengths), max(lengths)
    kept = listed(counts)

    def slot(kind: str, pattern: str, shown: str, alphabet: str = "") -> Slot:
        return Slot(kind, pattern, shown, low, high, alphabet, kept, len(counts))

    part = _recipient_part(cores, people) if len(counts) > 1 else None
    if part is not None:
        pattern = {"address": r"[^\s@]+@[^\s@]+", "mailbox": r"[^\s@]+", "domain": r"[^\s@/]+"}
        return slot("recipient", pattern[part], f"[recipient: {part}]", part)
    if len(counts) > 1 and _are_names(cores, people):
        return slot("name", r"\S+", "[name]")
    if nearly_all(_DAY.fullmatch, cores):
        return slot("date", r"[0-9A-Za-z]+[./-][0-9A-Za-z]+[./-][0-9]+", f"[date: {kept[0][0]}]")
    if all(core in _MONTHS for core in cores):
        return slot("date", "[A-Z][a-z]+", f"[month: {kept[0][0]}]")
    if nearly_all(_NUMBER.fullmatch, cores):
        sizes = [len(core) for core in cores if _NUMBER.fullmatch(core)]
        digits = span(min(sizes), max(sizes))
        return slot("number", _number_pattern(cores), f"[number: {digits} digits]")
    if is_recurring(counts, len(cores)):
        return dictionary(counts, cores, open_pattern=r"\S+", low=low, high=high)
    for name, alphabet in _ALPHABETS:
        one = re.compile(alphabet + "+")
        if nearly_all(one.fullmatch, cores):
            if name in ("lower", "alpha") and not _is_noise(cores):
                break
            shown = f"[noise: {name} {span(low, high)}]"
            return slot("noise", alphabet + _times(lengths), shown, name)
    return slot("word", r"\S+", f"[word: {span(low, high)} characters]")


def dictionary(
    counts: Counter[str], values: Sequence[str], *, open_pattern: str, low: int, high: int
) -> Slot:
    """A slot that is filled from a list of words or phrases."""
    is_closed = len(counts) <= _MOST_LISTED and is_complete(len(counts), len(values))
    return Slot(
        kind="dictionary",
        pattern=alternatives(counts) if is_closed else open_pattern,
        shown=one_of(counts, is_closed=is_closed),
        low=low,
        high=high,
        values=listed(counts),
        distinct=len(counts),
        is_closed=is_closed,
        fixed_bits=list_bits(counts) if is_closed else 0.0,
        strict=Strict(alternatives(counts), list_bits(counts))
        if is_nearly_complete(counts)
        else None,
    )


def span(low: int, high: int) -> str:
    """A range for people."""
    return str(low) if low == high else f"{low}-{high}"


def _times(lengths: Sequence[int]) -> str:
    """How often a sign repeats; exact only where the ends of the range were seen again and again.

    Of a uniform range, an end that was seen three times has seldom a neighbour that was not.
    """
    low, high = min(lengths), max(lengths)
    if low == high:
        return f"{{{low}}}" if len(lengths) >= 8 else "+"
    if len(lengths) >= 40 and min(lengths.count(low), lengths.count(high)) >= 4 and high <= 100:
        return f"{{{low},{high}}}"
    return "+"


def _number_pattern(cores: Sequence[str]) -> str:
    numbers = [core for core in cores if _NUMBER.fullmatch(core)]
    masks = {re.sub("[0-9]+", "0", number) for number in numbers}
    if len(masks) == 1:
        mask = masks.pop()
        return "[0-9]+".join(escape(part) for part in mask.split("0"))
    return r"[0-9][0-9.,:'-]*"


def _recipient_part(cores: Sequence[str], people: Sequence[Person]) -> str | None:
    """address, mailbox or domain where that is what the values are of their recipients."""
    known = [(core.lower(), p.recipients) for core, p in zip(cores, people, strict=True)]
    known = [(core, recipients) for core, recipients in known if recipients]
    if len(known) < max(2, len(cores) // 2):
        return None
    least = 0.9 * len(known)
    for part in ("address", "mailbox", "domain"):
        missed = 0
        for core, addresses in known:
            missed += all(core != _part(part, address) for address in addresses)
            if len(known) - missed < least:
                break
        else:
            return part
    return None


def _part(part: str, address: str) -> str:
    if part == "address":
        return address
    mailbox, _, domain = address.rpartition("@")
    return mailbox if part == "mailbox" else domain


def _are_names(cores: Sequence[str], people: Sequence[Person]) -> bool:
    hits = sum(
        bool(core) and (core == p.name or core in p.name.split())
        for core, p in zip(cores, people, strict=True)
    )
    return hits >= 0.8 * len(cores)


def _is_noise(cores: Sequence[str]) -> bool:
    """Drawn letters have vowels by chance (5 of 26); words of most languages twice as many."""
    text = "".join(cores).lower()
    return sum(c in "aeiou" for c in text) < 0.29 * len(text)
