"""What stands between two anchors: one slot or several, in words."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lymer.campaigns.templates.links import type_link, type_mailbox
from lymer.campaigns.templates.values import (
    Person,
    Slot,
    Strict,
    alternatives,
    bits_of,
    dictionary,
    enough,
    is_complete,
    is_recurring,
    list_bits,
    listed,
    nearly_all,
    span,
    type_word,
)
from lymer.campaigns.templates.words import escape, is_macro, sentences_of

Phrase = tuple[str, ...]

_DATE = re.compile(
    r"(?:[^\W\d]{3,9},? )?(?:[^\W\d]{3,9}\.? \d{1,2}|\d{1,2}\.? [^\W\d]{3,9})\.?,? \d{2,4}\W?"
)
_WIDEST_SPLIT = 24
# Words that follow each other freely have as many neighbours as this, on both sides.
_FREE_CHOICE = 3
# Of few values, only so many words in a row are taken for a slot each.
_FEW_WORDS = 3
_MOST_SENTENCES = 120
# A longer list would take the room of all that is behind it in the pattern, where it stands twice.
_LIST_CHARACTERS = 3_000
# Of a list that is not known whole: shorter sentences are calls and greetings that anybody has,
# and of those that a text must have no more are asked than the list may stand in the pattern.
_TELLING_BITS = 40.0
_MOST_ASKED = 2
# Texts that may have fewer: of a list cut short, or broken ones.
_BROKEN_SENTENCES = 0.02
# Fewer values do not show what follows what.
_MANY_VALUES = 20
# Software that fails does so in a few messages, and shows a macro or two.
_BROKEN_SHARE = 0.2
_MOST_MACROS = 4
# Kinds whose lengths are in words.
_IN_WORDS = frozenset(("phrase", "sentences", "text"))
# Words that a longer run may have beyond what was seen, before it may have any number.
_SHORT_RUN = 8


@dataclass(frozen=True, slots=True)
class Gap:
    """Slots one after the other. Optional: in some messages there is nothing."""

    slots: tuple[Slot, ...]
    is_optional: bool
    is_rigid: bool = False
    """Whether many messages all had as many words here."""
    odd: tuple[str, ...] = ()
    """Patterns of what stands there in a few broken messages."""

    def made_strict(self, number: int) -> "Gap":
        """The gap with its slot of that number as strict as it can be."""
        slots = list(self.slots)
        if (strict := slots[number].strict) is not None:
            slots[number] = replace(
                slots[number], pattern=strict.pattern, fixed_bits=strict.bits, strict=None
            )
        return replace(self, slots=tuple(slots))


def type_gap(values: Sequence[Phrase], people: Sequence[Person]) -> Gap:
    """The slots that fill a gap with `values`, one for each of `people`; some may be empty."""
    filled = [(v, p) for v, p in zip(values, people, strict=True) if v]
    odd: tuple[str, ...] = ()
    widths = Counter(len(v) for v, _ in filled)
    width, hits = widths.most_common(1)[0]
    if len(widths) > 1 and enough(hits, len(filled)):
        broken = Counter(" ".join(v) for v, _ in filled if len(v) != width)
        if len(broken) <= 6:
            odd = (alternatives(broken),)
            filled = [(v, p) for v, p in filled if len(v) == width]
    owners = [p for _, p in filled]
    phrases = [v for v, _ in filled]
    is_rigid = len({len(v) for v in phrases}) == 1
    is_many = len(phrases) >= _MANY_VALUES
    columns = _split(phrases)
    slots = [_type_column(column, owners) for column in columns]
    return Gap(tuple(_joined(slots)), any(not v for v in values), is_rigid and is_many, odd)


def gap_pattern(gap: Gap) -> str:
    """One expression for the slots; where their number of words may vary, open ones are a run."""
    found: list[str] = []
    run: list[Slot] = []

    def close() -> None:
        if len(run) == 1 or gap.is_rigid:
            found.extend(slot.pattern for slot in run)
        elif run:
            words = [slot.high if slot.kind in _IN_WORDS else 1 for slot in run]
            found.append(_open_run(sum(words)))
        run.clear()

    for slot in gap.slots:
        if slot.pattern.startswith(r"\S+"):
            run.append(slot)
        else:
            close()
            found.append(slot.pattern)
    close()
    return r"\s+".join(found)


def join_text(one: Gap, other: Gap) -> Gap | None:
    """Two gaps of nothing but free text as one; None where they are not."""
    slots = (*one.slots, *other.slots)
    if len(slots) != 2 or any(slot.kind != "text" for slot in slots):
        return None
    low, high = (sum(getattr(slot, end) for slot in slots) for end in ("low", "high"))
    is_optional = one.is_optional and other.is_optional
    text = _text(low, high, (low + high) / 2)
    return Gap((text,), is_optional, odd=(*one.odd, *other.odd))


def _type_column(column: Sequence[Phrase], people: Sequence[Person]) -> Slot:
    if all(len(phrase) == 1 for phrase in column):
        words = [phrase[0] for phrase in column]
        macros = sorted({word for word in words if is_macro(word)})
        broken = sum(word in macros for word in words)
        if not 0 < broken <= _BROKEN_SHARE * len(words) or len(macros) > _MOST_MACROS:
            return _type_words(words, people)
        whole = [(w, p) for w, p in zip(words, people, strict=True) if w not in macros]
        slot = _type_words([w for w, _ in whole], [p for _, p in whole])
        return replace(slot, pattern="(?:" + "|".join([slot.pattern, *map(escape, macros)]) + ")")
    return _type_phrase(column, people)


def _type_words(words: Sequence[str], people: Sequence[Person]) -> Slot:
    special = type_link(words, people) or type_mailbox(words, people)
    return special or type_word(words, people)


def _split(values: Sequence[Phrase]) -> list[list[Phrase]]:
    """The values cut where one list ends and the next begins; all of them in as many parts.

    Within a phrase, what comes next is given; where another list begins, each of its words
    follows each of those before (the successor variety of Harris 1955).
    """
    widths = {len(value) for value in values}
    if len(values) < _MANY_VALUES:
        is_short = len(widths) == 1 and max(widths) <= _FEW_WORDS
        return [[v[k : k + 1] for v in values] for k in range(max(widths) if is_short else 0)] or [
            list(values)
        ]
    if max(widths) > _WIDEST_SPLIT:
        return [list(values)]
    behind: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for value in values:
        for one, other in pairwise(value):
            behind.setdefault(one, set()).add(other)
            before.setdefault(other, set()).add(one)
    rows: list[list[Phrase]] = []
    for value in values:
        row, start = [], 0
        for place, (one, other) in enumerate(pairwise(value), 1):
            if len(behind[one]) >= _FREE_CHOICE and len(before[other]) >= _FREE_CHOICE:
                row.append(value[start:place])
                start = place
        rows.append([*row, value[start:]])
    if len({len(row) for row in rows}) > 1:
        return [list(values)]
    return [list(column) for column in zip(*rows, strict=True)]


def _joined(slots: Sequence[Slot]) -> list[Slot]:
    """Three open words and more in a row are free text."""
    found: list[Slot] = []
    run: list[Slot] = []

    def close() -> None:
        found.extend([_text(len(run), len(run), len(run))] if len(run) > 2 else run)
        run.clear()

    for slot in slots:
        if slot.kind == "word" and slot.pattern == r"\S+":
            run.append(slot)
        else:
            close()
            found.append(slot)
    close()
    return found


def _open_run(high: int) -> str:
    """A pattern of `high` words and as many again; of any number where that is many."""
    if high > _SHORT_RUN:
        return r"\S+(?:\s+\S+)*"
    return rf"\S+(?:\s+\S+){{0,{2 * high + 1}}}"


def _text(low: int, high: int, mean: float) -> Slot:
    return Slot("text", _open_run(high), f"[text: about {mean:.0f} words]", low, high)


FREE = Gap((_text(0, _SHORT_RUN + 1, 0),), is_optional=True)
"""Any text or none."""


def _type_phrase(column: Sequence[Phrase], people: Sequence[Person]) -> Slot:
    joined = [" ".join(phrase) for phrase in column]
    counts = Counter(joined)
    widths = [len(phrase) for phrase in column]
    low, high = min(widths), max(widths)
    if nearly_all(_DATE.fullmatch, joined):
        return Slot(
            "date", _open_run(high), f"[date: {listed(counts)[0][0]}]", low, high,
            values=listed(counts), distinct=len(counts),
        )  # fmt: skip
    named = sum(value == p.name for value, p in zip(joined, people, strict=True))
    if named >= 0.8 * len(joined) and len(counts) > 1:
        return Slot("name", _open_run(high), "[name]", low, high)
    if is_recurring(counts, len(joined)):
        return dictionary(counts, joined, open_pattern=_open_run(high), low=low, high=high)
    drawn = _sentences(column)
    if drawn is not None:
        return drawn
    if high <= _SHORT_RUN:
        return Slot(
            "phrase", _open_run(high), f"[phrase: {span(low, high)} words]", low, high,
            values=listed(counts), distinct=len(counts),
        )  # fmt: skip
    return _text(low, high, sum(widths) / len(widths))


def _sentences(column: Sequence[Phrase]) -> Slot | None:
    """Whole sentences drawn from a list, in any order; None where they do not come back."""
    runs = [[" ".join(sentence) for sentence in sentences_of(phrase)] for phrase in column]
    counts = Counter(sentence for run in runs for sentence in run)
    total = sum(counts.values())
    once = sum(1 for seen in counts.values() if seen == 1)
    is_list = len(counts) <= _MOST_SENTENCES and 2 * len(counts) <= total and once <= 0.1 * total
    some = _some_of(runs)
    if not is_list and some is None:
        return None
    numbers = [len(run) for run in runs]
    widths = [len(phrase) for phrase in column]
    options = alternatives(counts) if is_list else ""
    is_closed = is_list and is_complete(len(counts), total) and len(options) <= _LIST_CHARACTERS
    shown = "|".join(value[:60] for value, _ in listed(counts)[:3])
    return Slot(
        kind="sentences",
        pattern=rf"{options}(?:\s+{options})*" if is_closed else _open_run(max(widths)),
        shown=f"[{span(min(numbers), max(numbers))} of {len(counts)} sentences: {shown}|...]",
        low=min(widths),
        high=max(widths),
        values=listed(counts),
        distinct=len(counts),
        is_closed=is_closed,
        fixed_bits=min(numbers) * list_bits(counts) if is_closed else 0.0,
        strict=None if is_closed else some,
    )


def _some_of(runs: Sequence[Sequence[str]]) -> Strict | None:
    """Any text that has some of the sentences that came back, and what that tells.

    Every text of `runs` has twice as many that others have too, so that a new one, which may have
    sentences that none of these showed, has enough; None where that is not so.
    """
    spread = Counter(sentence for run in runs for sentence in set(run))
    known: Counter[str] = Counter()
    room = _LIST_CHARACTERS
    for sentence, seen in sorted(spread.items(), key=lambda item: (-item[1], item[0])):
        if seen < 2 or bits_of(sentence) < _TELLING_BITS:
            continue
        room -= len(escape(sentence)) + 2 * sentence.count(" ") + 1
        if room < 0:
            break
        known[sentence] = seen
    hits = sorted(len(known.keys() & set(run)) for run in runs)
    least = hits[int(_BROKEN_SENTENCES * len(hits))]
    if not least:
        return None
    asked = min(_MOST_ASKED, (least + 1) // 2)
    one = alternatives(known)
    pattern = r"(?:\S+\s+)*" + r"\s+(?:\S+\s+)*".join([one] * asked) + r"(?:\s+\S+)*"
    return Strict(pattern, asked * list_bits(known))
