"""Links and mailboxes that rotate: what of them is fixed, and what fills the rest."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from lymer.campaigns.templates.align import align
from lymer.campaigns.templates.values import (
    Person,
    Slot,
    Strict,
    alternatives,
    bits_of,
    enough,
    is_complete,
    is_nearly_complete,
    list_bits,
    listed,
    type_word,
)
from lymer.campaigns.templates.words import escape

_LINK = re.compile(
    r"(?P<before>[^\w]{0,8})(?P<scheme>(?:https?|ftp)://|(?=www\.))(?P<host>[^\s/?#]+)(?P<rest>\S*)",
    re.IGNORECASE,
)
_MAILBOX = re.compile(
    r"(?P<before>[^\w@]{0,4})(?P<box>[^\s@<>]+)@(?P<host>[^\s@<>]+\w)(?P<rest>\W*)"
)
_PIECE = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9]")
_MOST_PIECES = 200
_MOST_HOSTS = 20


def type_link(values: Sequence[str], people: Sequence[Person]) -> Slot | None:
    """The slot of values that are links; None where they are not."""
    matches = [_LINK.fullmatch(value) for value in values]
    found = [(m, p) for m, p in zip(matches, people, strict=True) if m]
    if not found or not enough(len(found), len(values)):
        return None
    owners = [person for _, person in found]
    befores = Counter(m["before"] for m, _ in found)
    schemes = Counter(m["scheme"] for m, _ in found)
    host, shown_host, bits = _host([m["host"] for m, _ in found])
    rest, shown_rest, rest_bits = _pieces([m["rest"] for m, _ in found], owners)
    head = _either(befores) + _either(schemes)
    odd = sorted({value for value in values if re.fullmatch(head + host + rest, value) is None})
    if len(odd) > 3:
        rest, rest_bits = r"\S*", 0.0
        odd = [value for value in odd if re.fullmatch(head + host + rest, value) is None]

    def whole(some_host: str) -> str:
        pattern = head + some_host + rest
        return "(?:" + "|".join([pattern, *map(escape, odd[:3])]) + ")" if odd else pattern

    hosts = Counter(m["host"] for m, _ in found)
    strict = None
    if is_nearly_complete(hosts) and (told := list_bits(hosts)) > bits:
        strict = Strict(whole(alternatives(hosts)), told + rest_bits)
    before, scheme = (max(c, key=lambda v: (c[v], v)) for c in (befores, schemes))
    shown = before + f"[link {scheme}{shown_host}{shown_rest}]"
    return replace(_slot("link", whole(host), shown, values, bits + rest_bits), strict=strict)


def type_mailbox(values: Sequence[str], people: Sequence[Person]) -> Slot | None:
    """The slot of values that are mail addresses; None where they are not."""
    matches = [_MAILBOX.fullmatch(value) for value in values]
    found = [(m, p) for m, p in zip(matches, people, strict=True) if m]
    if not found or not enough(len(found), len(values)):
        return None
    owners = [person for _, person in found]
    whole = type_word([f"{m['box']}@{m['host']}" for m, _ in found], owners)
    if whole.kind in ("recipient", "dictionary") and (whole.is_closed or whole.alphabet):
        slot = type_word(values, people)
        kind = "recipient" if whole.kind == "recipient" else "mailbox"
        return _slot(kind, slot.pattern, slot.shown, values, slot.fixed_bits, slot.alphabet)
    box = type_word([m["box"] for m, _ in found], owners)
    host, shown_host, bits = _host([m["host"] for m, _ in found])
    before, rest = (_either(Counter(m[name] for m, _ in found)) for name in ("before", "rest"))
    boxes = box.pattern if box.is_closed else r"[^\s@<>]+"
    pattern = before + boxes + "@" + host + rest
    if not all(re.fullmatch(pattern, value) for value in values):
        pattern = r"\S+"
        bits = 0.0
    return _slot("mailbox", pattern, f"[mailbox {box.shown}@{shown_host}]", values, bits)


def _slot(
    kind: str, pattern: str, shown: str, values: Sequence[str], bits: float, alphabet: str = ""
) -> Slot:
    counts, lengths = Counter(values), [len(value) for value in values]
    return Slot(
        kind, pattern, shown, min(lengths), max(lengths), alphabet, listed(counts), len(counts),
        fixed_bits=bits,
    )  # fmt: skip


def _either(counts: Counter[str]) -> str:
    options = sorted(counts)
    if len(options) == 1:
        return escape(options[0])
    return "(?:" + "|".join(escape(option) for option in options) + ")"


def _host(hosts: Sequence[str]) -> tuple[str, str, float]:
    """Pattern, reading and bits of the host: all hosts, their common end, or any."""
    counts = Counter(hosts)
    if len(counts) == 1:
        return escape(hosts[0]), hosts[0], bits_of(hosts[0])
    labels = [host.split(".")[::-1] for host in counts]
    common: list[str] = []
    for level in zip(*labels, strict=False):
        if len(set(level)) > 1:
            break
        common.append(level[0])
    if len(common) >= 2:
        end = "." + ".".join(reversed(common))
        # The common end may itself be one of the hosts.
        return r"(?:[^\s/?#]+\.)?" + escape(end[1:]), "[any]" + end, bits_of(end)
    shown = "|".join(value for value, _ in listed(counts)[:4])
    if len(counts) <= _MOST_HOSTS and is_complete(len(counts), len(hosts)):
        options = "(?:" + "|".join(escape(host) for host in sorted(counts)) + ")"
        return options, f"({shown})", list_bits(counts)
    return r"[^\s/?#]+", f"({shown}|...)", 0.0


def _pieces(rests: Sequence[str], people: Sequence[Person]) -> tuple[str, str, float]:
    """Pattern, reading and bits of the path, compared piece by piece."""
    if len(set(rests)) == 1:
        return escape(rests[0]), rests[0], bits_of(rests[0])
    texts = [_PIECE.findall(rest)[:_MOST_PIECES] for rest in rests]
    aligned = align(texts, 1.0)
    owners = [people[k] for k in aligned.members]
    pattern, shown, bits = "", "", 0.0
    for piece in aligned.pieces:
        if isinstance(piece, str):
            pattern += escape(piece)
            shown += piece
            bits += bits_of(piece)
            continue
        values = ["".join(pieces) for pieces in piece]
        filled = [(v, p) for v, p in zip(values, owners, strict=True) if v]
        slot = type_word([v for v, _ in filled], [p for _, p in filled])
        shown += slot.shown
        if len(filled) < len(values):
            pattern += f"(?:{slot.pattern})?"
        else:
            pattern += slot.pattern
            bits += slot.fixed_bits
    return pattern, shown, bits
