"""Received headers: who took the message from whom, in the forms that servers write.

RFC 5321 section 4.4 gives one grammar; no server keeps to it. The forms read here are those of
Sendmail, Postfix, Exim, qmail, Exchange and SMTPSVC, Gmail, Courier, CommuniGate, IMail,
Domino, amavisd, fetchmail and, for the unknown, whatever looks like `from ... by ...`.
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from lymer.messages.dates import read_date
from lymer.messages.reading import Hop

# No honest header is longer; a longer one is not searched to its end.
_HOP_CHARACTERS = 2000
# RFC 1035 section 2.3.4.
_HOST_CHARACTERS = 255
# A mail loop is cut by servers at 100 hops or fewer.
HOP_COUNT = 100

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
# Not a piece of a longer number or of a host name such as 192.0.2.1.dsl.example.
_IPV4 = rf"(?<![\w.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w-]|\.\w)"
_DOTTED = r"(?:\d{1,3}\.){3}\d{1,3}"
_IPV6 = rf"(?:[0-9a-fA-F]{{0,4}}:){{2,7}}(?:{_DOTTED}|[0-9a-fA-F]{{1,4}})?"
_ADDRESS = re.compile(
    rf"(\[)?((?<![\w:.]){_IPV6}(?![\w:])|{_IPV4})(?:%\w+)?(\])?(?::(\d{{1,5}})\b)?"
)
# RFC 5321 section 4.1.3 tags IPv6 addresses.
_TAG = re.compile(r"\bIPv6:", re.IGNORECASE)

# What is new in every message stands behind what is not: a queue id, a recipient. The words
# that introduce other clauses are shorter than any queue id.
_TAIL = re.compile(r"[\w.+/-]{5,}(?: for (<)?([^\s<>;()]+@[^\s<>;()]+)(?(1)>))?")
# Fronts of the hops that one's own and other busy machines write.
_KNOWN_FRONTS = 8192

# Not the "by" of qmail-scanner's `by uid 500`.
_BY = re.compile(r"by(?<![^\s)\]]by)\s+(?!uid\s)([^\s;()]+)")
# Exchange: by NAME (address).
_BY_ADDRESS = re.compile(r"\s*\(([\da-fA-F.:]{2,45})\)")
_FROM = re.compile(r"\s*from\s+([^\s(]*)\s*")
_WITH = re.compile(r"\s(?:with|via)\s+(?:Microsoft\s+)?([A-Za-z0-9-]+)")
_FOR = re.compile(r"\sfor\s+<?([^\s<>;]+@[^\s<>;]+)>?")
_HELO = re.compile(r"\b(?:helo=|(?:HELO|EHLO)\b[ \t]*)([^\s()]*)", re.IGNORECASE)
# What web mail repeats of X-Forwarded-For: a claim of the proxy that connected.
_PROXIED = re.compile(r"\(proxying for [^()]*\)")
# qmail, when the client's HELO is its reverse name, writes that name alone.
_QMAIL_PEER = re.compile(r"\(\s*(?:[^\s@()]+@)?[\d.:a-fA-F]+\)\s*")
_QMAIL_END = re.compile(r"\s+with\s+E?SMTP\s*")
_NAME_BEFORE_ADDRESS = re.compile(r"\s*(?:[^\s@]*@)?([^\s@\[\]]+)\s*")
_PORT = re.compile(r"\bport[= ](\d{1,5})\b")
_NO_NAMES = frozenset({"unknown", "unverified", "helo", "ehlo", "may", "localhost.localdomain."})

_Front = tuple[
    str | None,
    str | None,
    bool,
    str | None,
    int | None,
    str | None,
    str | None,
    str | None,
    str | None,
]

_MASKS = (
    (re.compile(r"\([^()]{0,500}\)"), "(c)"),
    (re.compile(rf"\[?(?:{_IPV4}|(?:{_TAG.pattern})?{_IPV6})\]?", re.IGNORECASE), "I"),
    (re.compile(r"<[^<>]{0,320}>"), "<a>"),
    (re.compile(r"(?<=\sid\s)\S+"), "i"),
    (re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)+"), "h"),
    (re.compile(r"\d+"), "9"),
)


def read_hop(value: str) -> Hop:
    """One Received header, unfolded. What it does not say stays None."""
    value = value[:_HOP_CHARACTERS]
    clauses, semicolon, date = value.rpartition(";")
    if not semicolon:
        clauses, date = value, value
    stamped_at = read_date(date)
    if stamped_at is None and semicolon:
        stamped_at = read_date(value)
    front, tail = _split_clauses(clauses)
    hop = Hop(*_read_front(front), stamped_at)
    if tail is not None and hop.for_address is None and tail.group(2) is not None:
        hop.for_address = tail.group(2).lower()
    return hop


def _split_clauses(clauses: str) -> tuple[str, "re.Match[str] | None"]:
    """The clauses up to the queue id, and the rest; all of them where there is more behind."""
    front_end = clauses.rfind(" id ") + 4
    tail = _TAIL.fullmatch(clauses, front_end) if front_end > 3 else None
    return (clauses, None) if tail is None else (clauses[:front_end], tail)


@lru_cache(maxsize=_KNOWN_FRONTS)
def _read_front(clauses: str) -> _Front:
    """What the clauses say, without a queue id at their end, in the order of a Hop's fields."""
    hop = Hop()
    by = _find_by(clauses)
    from_part, rest = clauses, ""
    if by is not None:
        hop.by_host = _clean_host(by.group(1))
        from_part, rest = clauses[: by.start()], clauses[by.end() :]
        own_address = _BY_ADDRESS.match(rest)
        if own_address is not None:
            hop.by_ip = plain_address(own_address.group(1))
    protocol = _WITH.search(rest or clauses)
    if protocol is not None:
        hop.with_protocol = protocol.group(1).upper()
    recipient = _FOR.search(rest or clauses)
    if recipient is not None:
        hop.for_address = recipient.group(1).lower()
    start = _FROM.match(from_part)
    if start is not None:
        _read_peer(hop, start.group(1), from_part[start.end() :], rest)
    return (
        hop.from_helo,
        hop.from_name,
        hop.is_name_doubted,
        hop.from_ip,
        hop.from_port,
        hop.by_host,
        hop.with_protocol,
        hop.for_address,
        hop.by_ip,
    )


def _find_by(clauses: str) -> "re.Match[str] | None":
    """The `by` clause: the last one, for a client may put one into its HELO, and outside of
    comments (`(qmail 12 invoked by uid 0)`), unless a stray bracket opens them all.
    """
    found = list(_BY.finditer(clauses))
    for by in reversed(found):
        if clauses.count("(", 0, by.start()) <= clauses.count(")", 0, by.start()):
            return by
    return found[-1] if found and clauses[:1] != "(" else None


def _read_peer(hop: Hop, first: str, peer: str, rest: str) -> None:
    """Fill in helo, reverse name, address and port of the peer.

    `first` is the word after `from`; `peer` what stands between it and `by`.
    """
    if "@" in first and "[" not in peer:
        # A content scanner names the sender's mailbox, not a machine.
        return
    if first == "mail" and peer.startswith("pickup service"):
        # SMTPSVC took it from a folder of its own.
        return
    helo = _HELO.search(peer)
    # An address in HELO is a claim, wherever it stands.
    observed = peer if helo is None else peer[: helo.start()] + peer[helo.end() :]
    if ":" in observed:
        observed = _TAG.sub("", observed)
    if "proxying" in observed:
        observed = _PROXIED.sub("", observed)
    address, port, bracket = _find_address(observed)
    if address is None:
        literal = _ADDRESS.fullmatch(_TAG.sub("", first))
        if literal is not None:
            address, port = plain_address(literal.group(2)), _port(literal.group(4))
    hop.from_ip = address
    hop.from_port = port
    if port is None and "port" in peer:
        named = _PORT.search(peer)
        hop.from_port = _port(named.group(1)) if named else None
    hop.from_helo = first or None
    opening = observed.rfind("(", 0, bracket) if bracket > 0 else -1
    if opening >= 0:
        # Sendmail and Postfix: (name [address]).
        name = _NAME_BEFORE_ADDRESS.fullmatch(observed, opening + 1, bracket)
        if name is not None:
            hop.from_name = _clean_name(name.group(1))
            # Sendmail: the name leads to another address.
            hop.is_name_doubted = "may be forged" in observed
            return
    if helo is not None:
        # Exim and qmail: the first word is the reverse name, HELO stands in the comment.
        hop.from_helo = helo.group(1) or None
        hop.from_name = _clean_name(first)
    elif "(Exim" in rest or (_QMAIL_PEER.fullmatch(peer) and _QMAIL_END.fullmatch(rest)):
        hop.from_name = _clean_name(first)


def _find_address(text: str) -> tuple[str | None, int | None, int]:
    """The peer's address, its port, and where the bracket before it stands (-1: bare).

    A bracketed one before a bare one, and the last one: what the server saw stands behind what
    the client said, which may hold anything.
    """
    bare: tuple[str | None, int | None, int] = (None, None, -1)
    bracketed = bare
    if "." not in text and ":" not in text:
        return bare
    for found in _ADDRESS.finditer(text):
        address = plain_address(found.group(2))
        if address is None:
            continue
        port = _port(found.group(4))
        if found.group(1) and found.group(3):
            bracketed = (address, port, found.start())
        else:
            bare = (address, port, -1)
    return bracketed if bracketed[2] >= 0 else bare


def _port(digits: str | None) -> int | None:
    """A port number; None when there is none or no host has such a port."""
    number = int(digits) if digits else 0
    return number if 0 < number < 65536 else None


@lru_cache(maxsize=65536)
def plain_address(text: str) -> str | None:
    """An address in its one plain form, IPv4 unwrapped from IPv6; None when it is none."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


def _clean_host(text: str) -> str | None:
    host = text.strip("<>[],;").rstrip(".").lower()
    if host.startswith("ipv6:"):
        host = host[5:]
    return host[:_HOST_CHARACTERS] or None


def _clean_name(text: str) -> str | None:
    name = text.strip("[]<>,").rstrip(".").lower()
    if not name or name in _NO_NAMES or plain_address(name) is not None:
        return None
    return name


def grammar_of(value: str) -> str:
    """The form of a Received header with its values masked: what forging software betrays."""
    value = value[:_HOP_CHARACTERS]
    front, tail = _split_clauses(value.rpartition(";")[0] or value)
    if tail is None:
        return _mask(front)[:200].strip()
    if tail.group(2) is None:
        return f"{_mask(front)}i"[:200].strip()
    if tail.group(1) is None:
        return _mask(front + tail.group(0))[:200].strip()
    return f"{_mask(front)}i for <a>"[:200].strip()


@lru_cache(maxsize=_KNOWN_FRONTS)
def _mask(clauses: str) -> str:
    for pattern, mask in _MASKS:
        clauses = pattern.sub(mask, clauses)
    return clauses
