"""Headers in which a sensor itself notes who connected, instead of a Received header.

An SMTP sink or honeypot hands on what it was given and adds its peer in a field of its own:
X-Peer (Python's smtpd and aiosmtpd), X-Client-IP and the like. The Received headers of such mail
are the sender's claims alone. No name is believed for itself, since senders write such fields too:
it must stand in nearly all mail of a pile, where the sender's own fields end, with many addresses.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lymer.messages.hops import plain_address
from lymer.messages.reading import Header
from lymer.messages.trust import is_public

# What every sender writes, and what receivers on the way put above it.
_SENDERS_FIELDS = frozenset({"received", "from", "to", "subject", "date", "message-id"})
_LAST_FIELDS = 6
_VALUE_CHARACTERS = 120
# Of a message without end only so many fields are looked at.
_FIELDS = 200

# An address alone, in brackets, quotes or as a Python tuple, with a port or a name beside it.
_PEER = re.compile(
    r"""[(\[]?['"]?(?:[\w.-]+\s*[\[(])?(?:IPv6:)?
        ((?:\d{1,3}\.){3}\d{1,3}|(?=[^\s]*:[^\s]*:)[0-9a-f:.]{2,45})
        [\])]?['"]?(?:(?:\s*,\s*|:|\s+port\s+)\d{1,5})?(?:\s*,\s*\d+){0,2}[)\]]?(?:\s*\([\w.-]+\))?""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class SensorRule:
    """When a field counts as the sensor's own word. By judgement: no such pile is public."""

    min_messages: int = 10
    min_share: float = 0.95
    min_clients: int = 5
    max_one_client_share: float = 0.5
    # A field below the sender's own may be the sender's, unless the receiver writes no Received.
    min_share_without_received: float = 0.2


@dataclass(frozen=True)
class SensorHeader:
    """A field (lower case), where it stands to the sender's own, and how that is known."""

    name: str
    stands: str
    message_count: int
    why: str


@dataclass(frozen=True)
class Noted:
    """One field of one message that names one public address."""

    name: str
    stands: str
    ip: str


@dataclass(slots=True)
class _Candidate:
    messages: int = 0
    clients: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def noted_peers(headers: Sequence[Header]) -> list[Noted]:
    """The first field above and the last below all that the sender wrote that is an address.

    One of each at most, since what is added later stands further out.
    """
    own = [
        k for k, header in enumerate(headers[:_FIELDS]) if header.name.lower() in _SENDERS_FIELDS
    ]
    top, bottom = (own[0], own[-1] + 1) if own else (0, 0)
    bottom = max(bottom, len(headers) - _LAST_FIELDS)
    found = []
    for stands, fields in (("above", headers[:top]), ("below", headers[bottom:][::-1])):
        peers = ((header.name.lower(), _peer(header)) for header in fields)
        found += [Noted(name, stands, ip) for name, ip in peers if ip is not None][:1]
    return found


def _peer(header: Header) -> str | None:
    if len(header.written) > _VALUE_CHARACTERS:
        return None
    match = _PEER.fullmatch(header.value)
    ip = plain_address(match.group(1)) if match is not None else None
    return ip if is_public(ip) else None


def learn_sensors(
    surveyed: Iterable[tuple[Sequence[Noted], bool]], rule: SensorRule
) -> list[SensorHeader]:
    """The fields that a survey shows to be a sensor's own, in the order of their names.

    `surveyed`: of each message its noted peers, and whether it has any Received header.
    """
    candidates: dict[tuple[str, str], _Candidate] = defaultdict(_Candidate)
    count = without = 0
    for peers, has_received in surveyed:
        count += 1
        without += not has_received
        for noted in peers:
            candidate = candidates[noted.name, noted.stands]
            candidate.messages += 1
            candidate.clients[noted.ip] += 1
    return [
        SensorHeader(
            name,
            stands,
            candidate.messages,
            f"it stands {stands} the sender's own fields in {candidate.messages} of {count} "
            f"surveyed mails and names {len(candidate.clients)} addresses; {without} of the mails "
            "have no Received header",
        )
        for (name, stands), candidate in sorted(candidates.items())
        if count >= rule.min_messages
        and candidate.messages >= rule.min_share * count
        and len(candidate.clients) >= rule.min_clients
        and max(candidate.clients.values()) <= rule.max_one_client_share * candidate.messages
        and (stands == "above" or without >= rule.min_share_without_received * count)
    ]


def sensed_client(
    headers: Sequence[Header], sensors: Iterable[tuple[str, str]]
) -> tuple[str, str] | None:
    """The address that a sensor noted in this message, and where the field stands; else None."""
    noted = {(peer.name, peer.stands): peer.ip for peer in noted_peers(headers)}
    return next(((noted[key], key[1]) for key in sensors if key in noted), None)
