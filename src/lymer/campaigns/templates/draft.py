"""A template drawn from texts: its pattern, its slots and a reading for people."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np

from lymer.campaigns.templates.align import Keys, align
from lymer.campaigns.templates.gaps import FREE, Gap, gap_pattern, join_text, type_gap
from lymer.campaigns.templates.texts import Numbering, Numbers, Texts
from lymer.campaigns.templates.values import Person, bits_of, is_date, is_month
from lymer.campaigns.templates.words import MASK, MOST_WORDS, ends_sentence, escape

_SPACE = re.compile(r"(\s*)\S+")
# What half of all links begin with tells nothing.
_SCHEME = re.compile(r"^(?:https?|ftp)://(?:www\.)?", re.IGNORECASE)
# Beyond, RE2 has no memory for its fast ways; three pages of fixed text are enough to know it.
_PATTERN_CHARACTERS = 10_000
# What lists, scanners and providers write under a mail, below a line that parts it from the text.
_TRAILER = r"(?:\s+[-_=*~#+]{2,}\s[\s\S]*)?\s*$"

# A fixed word or a gap, and how many words the first text has there.
_Part = tuple[str | Gap, int]


@dataclass(frozen=True)
class Draft:
    """What is fixed and what varies in some texts."""

    members: list[int]
    """The texts that it was drawn from."""
    pattern: str
    readable: str
    slots: list[dict[str, Any]]
    fixed_words: frozenset[str]
    """Words that every text has."""
    listed_words: frozenset[str]
    """Words of the sentences that texts draw from."""
    bits: float
    """What its fixed parts tell."""
    is_block: bool
    """Whether it is one run of fixed words in free text: a footer, perhaps not its own."""


def draw_draft(
    texts: Texts,
    people: Sequence[Person],
    share: float,
    macros: frozenset[str] = frozenset(),
    least_bits: float = 0.0,
    most_bits: float = math.inf,
) -> Draft | None:
    """The template of texts that are versions of one, or None where nothing is in all of them.

    `share`: how many of the texts a fixed word must be in; the others are left out. `macros`
    may stand for any link: the campaign's software did not expand them somewhere. Where the
    fixed text tells less than `least_bits`, lists that may lack something are taken for whole.
    The pattern stands on no more of what is fixed than it takes to tell `most_bits`.
    """
    aligned = align(texts.rows, share, _keys(texts, people))
    owners = [people[k] for k in aligned.members]
    parts: list[_Part] = []
    for piece in aligned.pieces:
        if isinstance(piece, str):
            parts.append((piece, 1))
        elif all(phrase == piece[0] for phrase in piece) and not _is_dated(piece[0][0]):
            # A link, say, that does not rotate.
            parts += [(word, 1) for word in piece[0]]
        else:
            gap = type_gap(piece, owners)
            if len(gap.slots) == 1 and gap.slots[0].kind == "link":
                left = macros - {word for phrase in piece for word in phrase}
                gap = replace(gap, odd=(*gap.odd, *map(escape, sorted(left))))
            parts.append((gap, len(piece[0])))
    whole = _joined(parts)
    parts = _fitting(_telling(whole, least_bits))
    asked = _sparing(parts, most_bits)
    fixed = [part for part, _ in asked if isinstance(part, str)]
    bits = _bits(asked)
    is_cut = len(parts) < len(whole) or any(
        len(texts.rows[k]) == MOST_WORDS for k in aligned.members
    )
    pattern = _pattern(asked, is_cut=is_cut)
    if pattern is None:
        return None
    return Draft(
        members=aligned.members,
        pattern=pattern,
        readable=_readable(parts, texts.raw[aligned.members[0]]),
        slots=_as_json(parts),
        fixed_words=frozenset(fixed),
        listed_words=_listed_words(parts),
        bits=bits,
        is_block=_is_block(parts),
    )


def _keys(texts: Texts, people: Sequence[Person]) -> Keys:
    """What words are compared by: links, mailboxes, dates, the recipient are alike in all texts."""
    numbering = Numbering()
    of_kind = np.array([numbering[kind] for kind in texts.vocabulary.kinds], dtype=np.int64)
    numbers = of_kind[texts.codes]
    _mask_months(texts, numbers, numbering)
    _mask_recipients(texts, people, numbers, numbering)
    _mask_macros(texts, numbers, numbering)
    return Keys(numbers, list(numbering))


def _is_dated(word: str) -> bool:
    return is_date(word) or is_month(word)


def _usual(counts: Iterable[int]) -> int | None:
    """The number that four of five texts have of something; None where there is none."""
    number, hits = Counter(seen := list(counts)).most_common(1)[0]
    return number if number and hits >= 0.8 * len(seen) else None


def _mask_months(texts: Texts, numbers: Numbers, numbering: Numbering) -> None:
    """Mask months, where a day or year stands behind."""
    vocabulary, owner = texts.vocabulary, texts.owner
    places = np.flatnonzero(vocabulary.is_month[texts.codes[:-1]])
    places = places[owner[places] == owner[places + 1]]
    places = places[vocabulary.is_day[texts.codes[places + 1]]]
    if len(places):
        numbers[places] = numbering[MASK + "date"]


def _mask_recipients(
    texts: Texts, people: Sequence[Person], numbers: Numbers, numbering: Numbering
) -> None:
    kinds, lowered = texts.vocabulary.kinds, texts.vocabulary.lowered
    for number, (text, person) in enumerate(zip(texts.raw, people, strict=True)):
        lower_text = text.lower()
        for address in person.recipients:
            mailbox = address.partition("@")[0]
            if len(mailbox) <= 2 or mailbox not in lower_text:
                continue
            start = int(texts.starts[number])
            codes = texts.codes[start : start + len(texts.rows[number])]
            for code in sorted(set(codes.tolist())):
                if mailbox not in lowered[code] or kinds[code].startswith(MASK):
                    continue
                places = start + np.flatnonzero(codes == code)
                # What is not masked as something else yet.
                places = places[numbers[places] == numbering[kinds[code]]]
                numbers[places] = numbering[MASK + lowered[code].replace(mailbox, "@", 1)]


def _mask_macros(texts: Texts, numbers: Numbers, numbering: Numbering) -> None:
    """A macro that was not expanded stands for the one thing that a text lacks and others have."""
    is_mask = np.array([name.startswith(MASK) for name in numbering], dtype=bool)
    places = np.flatnonzero(is_mask[numbers])
    masks, owner = numbers[places], texts.owner[places]
    for mask in np.unique(masks).tolist():
        counts = np.bincount(owner[masks == mask], minlength=len(texts.rows))
        usual = _usual(counts.tolist())
        for number in np.flatnonzero(counts == usual - 1).tolist() if usual else ():
            start = int(texts.starts[number])
            codes = texts.codes[start : start + len(texts.rows[number])]
            macros = np.flatnonzero(texts.vocabulary.is_macro[codes])
            if len(macros) == 1:
                numbers[start + macros[0]] = mask


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """Free text next to free text is one."""
    found: list[_Part] = []
    for part, size in parts:
        if found and isinstance(part, Gap):
            last, last_size = found[-1]
            both = join_text(last, part) if isinstance(last, Gap) else None
            if both is not None:
                found[-1] = (both, last_size + size)
                continue
        found.append((part, size))
    return found


def _listed_words(parts: Sequence[_Part]) -> frozenset[str]:
    return frozenset(
        word
        for part, _ in parts
        if isinstance(part, Gap)
        for slot in part.slots
        if slot.kind == "sentences"
        for value, _ in slot.values
        for word in value.split(" ")
    )


def _bits(parts: Sequence[_Part]) -> float:
    told = 0.0
    for part, _ in parts:
        if isinstance(part, str):
            told += bits_of(_SCHEME.sub("", part) if "://" in part else part)
        elif not part.is_optional:
            told += sum(slot.fixed_bits for slot in part.slots)
    return told


def _telling(parts: Sequence[_Part], least_bits: float) -> list[_Part]:
    """The parts, with as many slots made strict as it takes to tell `least_bits`; what tells most
    first. A block of fixed words, perhaps somebody else's, counts for nothing."""
    told = 0.0 if _is_block(parts) else _bits(parts)
    offers = sorted(
        (slot.fixed_bits - slot.strict.bits, place, number)
        for place, (part, _) in enumerate(parts)
        if isinstance(part, Gap) and not part.is_optional
        for number, slot in enumerate(part.slots)
        if slot.strict and slot.strict.bits > slot.fixed_bits
    )
    if told >= least_bits or told - sum(less for less, _, _ in offers) < least_bits:
        return list(parts)
    made = list(parts)
    for less, place, number in offers:
        if told >= least_bits:
            break
        gap, size = made[place]
        assert isinstance(gap, Gap)
        made[place] = gap.made_strict(number), size
        told -= less
    return made


def _sparing(parts: list[_Part], most_bits: float) -> list[_Part]:
    """Two runs of fixed words and more, those that tell most, until they tell `most_bits`; what
    else was there is free text. A run ends with its sentence; a telling slot, say a link to one
    host, is a run too."""
    if math.isinf(most_bits):
        return parts
    runs: list[list[int]] = []
    for place, (part, _) in enumerate(parts):
        before = parts[place - 1][0] if place else None
        if isinstance(part, str) and isinstance(before, str) and not ends_sentence(before):
            runs[-1].append(place)
        else:
            runs.append([place])
    told = [_bits([parts[place] for place in run]) for run in runs]
    kept: set[int] = set()
    bits = 0.0
    for number in sorted(range(len(runs)), key=lambda number: (-told[number], number)):
        if (bits >= most_bits and len(kept) > 1) or told[number] <= 0:
            break
        kept.add(number)
        bits += told[number]
    if bits < most_bits:
        return parts
    found: list[_Part] = []
    for number, run in enumerate(runs):
        if number in kept:
            found += [parts[place] for place in run]
        elif number == 0 or number - 1 in kept:
            found.append((FREE, 0))
    return found


def _is_block(parts: Sequence[_Part]) -> bool:
    runs = sum(1 for is_fixed, _ in groupby(isinstance(part, str) for part, _ in parts) if is_fixed)
    free = any(s.kind == "text" for part, _ in parts if isinstance(part, Gap) for s in part.slots)
    return runs <= 1 and free


def _fitting(parts: Sequence[_Part]) -> list[_Part]:
    """The first parts, as many as a pattern of bearable size holds."""
    size = 0
    for place, (part, _) in enumerate(parts):
        size += len(escape(part) if isinstance(part, str) else gap_pattern(part))
        if size > _PATTERN_CHARACTERS:
            return list(parts[:place])
    return list(parts)


def macros_of(texts: Texts) -> frozenset[str]:
    """What stands for the link in texts that have one less than others: a macro as typed."""
    vocabulary = texts.vocabulary
    is_link = vocabulary.is_link[texts.codes]
    counts = np.bincount(texts.owner[is_link], minlength=len(texts.rows))
    usual = _usual(counts.tolist())
    if usual is None or not (counts == usual - 1).any():
        return frozenset()
    places = np.flatnonzero(vocabulary.is_macro[texts.codes])
    owner = texts.owner[places]
    alone = np.bincount(owner, minlength=len(texts.rows)) == 1
    is_told = (alone & (counts == usual - 1))[owner]
    return frozenset(vocabulary.words[code] for code in texts.codes[places[is_told]].tolist())


def _pattern(parts: Sequence[_Part], *, is_cut: bool) -> str | None:
    """One expression for the whole text; None where it would match an empty one."""
    units: list[tuple[str, bool]] = []
    for part, _ in parts:
        if isinstance(part, str):
            units.append((escape(part), True))
            continue
        one = gap_pattern(part)
        if part.odd:
            one = "(?:" + "|".join([one, *part.odd]) + ")"
        units.append((one, not part.is_optional))
    needed = [place for place, (_, is_needed) in enumerate(units) if is_needed]
    if not needed:
        return None
    pattern = r"^\s*"
    for place, (one, is_needed) in enumerate(units):
        if place < needed[-1]:
            pattern += one + r"\s+" if is_needed else rf"(?:{one}\s+)?"
        else:
            pattern += one if is_needed else rf"(?:\s+{one})?"
    return pattern if is_cut else pattern + _TRAILER


def _readable(parts: Sequence[_Part], text: str) -> str:
    """The template with its slots in brackets, laid out as `text`, the first member's."""
    spaces = [_line(match[1]) for match in _SPACE.finditer(text)]
    shown: list[str] = []
    at = 0
    for part, size in parts:
        shown.append(spaces[at] if 0 < at < len(spaces) else " " if shown else "")
        if isinstance(part, str):
            shown.append(part)
        else:
            inner = " ".join(slot.shown for slot in part.slots)
            shown.append(f"[maybe {inner}]" if part.is_optional else inner)
        at += size
    return "".join(shown)


def _line(space: str) -> str:
    return "\n" * min(2, space.count("\n")) or " "


def _as_json(parts: Sequence[_Part]) -> list[dict[str, Any]]:
    """The slots for the table; `after_words` counts the fixed words before each."""
    told: list[dict[str, Any]] = []
    before = 0
    for part, _ in parts:
        if isinstance(part, str):
            before += 1
            continue
        for slot in part.slots:
            one: dict[str, Any] = {
                "kind": slot.kind,
                "after_words": before,
                "is_optional": part.is_optional,
                "low": slot.low,
                "high": slot.high,
                "pattern": slot.pattern,
                "shown": slot.shown,
            }
            if slot.alphabet:
                one["alphabet"] = slot.alphabet
            if slot.values:
                one["values"] = [[value[:200], count] for value, count in slot.values]
                one["distinct"] = slot.distinct
                one["is_closed"] = slot.is_closed
            told.append(one)
    return told
