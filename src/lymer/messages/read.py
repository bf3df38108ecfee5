"""One message in, one reading out, whatever its state."""

import re

from lymer.messages.addresses import decode_words, display_name, first_address
from lymer.messages.content import BODY_FIELDS, open_content
from lymer.messages.dates import read_date
from lymer.messages.headers import split_headers
from lymer.messages.hops import HOP_COUNT, grammar_of, read_hop
from lymer.messages.reading import Header, Hop, Reading
from lymer.messages.relays import Sighting
from lymer.messages.sensors import noted_peers, sensed_client
from lymer.messages.trust import Trust, is_public, walk

_ENVELOPE_FROM = re.compile(r"envelope-(?:from|sender)\s+<?([^\s<>()]+@[^\s<>()]+)>?")
_DKIM_DOMAIN = re.compile(r"(?:^|;)\s*d\s*=\s*([\w.-]+)")
_LIST_HEADERS = frozenset(
    {"list-id", "list-post", "x-mailing-list", "x-beenthere", "mailing-list", "x-loop"}
)
_FORWARD_HEADERS = frozenset(
    {"resent-from", "resent-to", "x-forwarded-to", "x-forwarded-for", "x-forwarded-encrypted"}
)
_RECIPIENT_HEADERS = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-rcptto",
)
_TEXT_CHARACTERS = 2000
_RECIPIENT_COUNT = 100


def read_message(reading: Reading, raw: bytes, envelope: str | None, trust: Trust) -> None:
    """Fill in `reading` from the message's bytes and its mbox From line, if it had one."""
    headers, body_start, defects = split_headers(raw)
    reading.headers = headers
    reading.defects += defects
    named: dict[str, list[Header]] = {}
    for header in headers:
        named.setdefault(header.name.lower(), []).append(header)
    received = [header.value for header in named.get("received", ())]
    _read_hops(reading, received, trust)
    if trust.sensors:
        _take_sensors_word(reading, named, received, trust)
    reading.first_sender_header = _first_sender_header(reading)
    _read_names(reading, named)
    _read_envelope(reading, named, envelope)
    reading.carriage = _carriage(reading, named, envelope)
    fields = [header for name in BODY_FIELDS for header in named.get(name, ())]
    reading.content = open_content(raw, fields, body_start)
    reading.defects += reading.content.defects


def sight(raw: bytes) -> Sighting:
    """What the survey for relays needs of a message: its hops and its sender's domain."""
    headers, _, _ = split_headers(raw)
    hops = [read_hop(h.value) for h in headers if h.name.lower() == "received"][:HOP_COUNT]
    sender = next((h.value for h in headers if h.name.lower() == "from"), "")
    address = first_address(sender)
    domain = address.rpartition("@")[2] if address else None
    return Sighting(hops, domain, noted_peers(headers))


def _read_hops(reading: Reading, received: list[str], trust: Trust) -> None:
    if len(received) > HOP_COUNT:
        reading.defects.append("hops_cut")
        received = received[:HOP_COUNT]
    hops = [read_hop(value) for value in received]
    reading.hops = hops
    boundary = walk(hops, trust)
    for index, hop in enumerate(hops):
        hop.is_trusted = index <= boundary
        if not hop.is_trusted:
            hop.grammar = grammar_of(received[index])
    if boundary < 0:
        reading.defects.append("no_received")
        return
    edge = hops[boundary]
    reading.receiver = edge.by_host
    reading.received_at = edge.stamped_at
    if edge.from_ip is not None and not is_public(edge.from_ip):
        # Made on the receiving machine or in its network: nobody from outside connected.
        reading.defects.append("no_client")
    else:
        if edge.from_ip is None:
            # The receiver did not say who connected.
            reading.defects.append("no_client")
        reading.client_ip = edge.from_ip
        reading.client_port = edge.from_port
        reading.helo = edge.from_helo
        reading.reverse_name = edge.from_name
    sender = _ENVELOPE_FROM.search(received[boundary])
    if sender is not None:
        reading.mail_from = sender.group(1).lower()


def _take_sensors_word(
    reading: Reading, named: dict[str, list[Header]], received: list[str], trust: Trust
) -> None:
    """A sensor's note of its peer stands above any Received header, if it left one."""
    sensed = sensed_client(reading.headers, trust.sensors)
    if sensed is None:
        return
    ip, stands = sensed
    if stands == "above":
        take_report(reading, ip)
        return
    # It writes no Received header: those that are there came with the message.
    for hop, value in zip(reading.hops, received, strict=False):
        hop.is_trusted = False
        hop.grammar = grammar_of(value)
    reading.client_ip = ip
    reading.client_port = reading.helo = reading.reverse_name = None
    reading.receiver = reading.received_at = None
    sender = _first(named, "x-mailfrom")
    reading.mail_from = first_address(sender) if sender is not None else None
    reading.defects = [defect for defect in reading.defects if defect != "no_client"]


def take_report(reading: Reading, ip: str) -> None:
    """The reporter's own word about the client stands above any header that it passed on.

    What was read of another client goes; what a header says of this one is taken.
    """
    if reading.client_ip == ip:
        return
    edge = next((hop for hop in reading.hops if hop.from_ip == ip), Hop())
    reading.client_ip = ip
    reading.client_port = edge.from_port
    reading.helo = edge.from_helo
    reading.reverse_name = edge.from_name
    reading.receiver = edge.by_host
    reading.received_at = edge.stamped_at or reading.received_at
    reading.defects = [defect for defect in reading.defects if defect != "no_client"]


def _first_sender_header(reading: Reading) -> int:
    """Index of the first header below the last trusted Received header."""
    left = sum(1 for hop in reading.hops if hop.is_trusted)
    if not left:
        return 0
    for index, header in enumerate(reading.headers):
        if header.name.lower() == "received":
            left -= 1
            if not left:
                return index + 1
    return 0


def _first(named: dict[str, list[Header]], name: str) -> str | None:
    found = named.get(name)
    return found[0].value[:_TEXT_CHARACTERS] if found else None


def _read_names(reading: Reading, named: dict[str, list[Header]]) -> None:
    sender = _first(named, "from")
    if sender is not None:
        reading.from_address = first_address(sender)
        reading.from_name = display_name(sender)
    else:
        reading.defects.append("no_from")
    reply_to = _first(named, "reply-to")
    reading.reply_to = first_address(reply_to) if reply_to else None
    subject = _first(named, "subject")
    reading.subject = decode_words(subject) if subject is not None else None
    reading.message_id_header = _first(named, "message-id")
    reading.mailer = _first(named, "x-mailer") or _first(named, "user-agent")
    date = _first(named, "date")
    if date is None:
        reading.defects.append("no_date")
    else:
        reading.date_at = read_date(date)
        if reading.date_at is None:
            reading.defects.append("date_unreadable")
    for name in ("from", "date", "subject", "message-id"):
        if len(named.get(name, ())) > 1:
            reading.defects.append("header_repeated")
            break
    for header in named.get("dkim-signature", ())[:10]:
        domain = _DKIM_DOMAIN.search(header.value)
        if domain is not None:
            reading.dkim_domains.append(domain.group(1).lower())


def _read_envelope(reading: Reading, named: dict[str, list[Header]], envelope: str | None) -> None:
    return_path = _first(named, "return-path")
    if return_path is not None:
        reading.mail_from = first_address(return_path) or ("" if "<>" in return_path else None)
    elif reading.mail_from is None and envelope:
        reading.mail_from = first_address(envelope)
    if reading.received_at is None and envelope:
        reading.received_at = read_date(envelope)
    recipients: dict[str, None] = {}
    for hop in reading.hops:
        if hop.is_trusted and hop.for_address:
            recipients[hop.for_address] = None
    for name in _RECIPIENT_HEADERS:
        for header in named.get(name, ()):
            address = first_address(header.value[:_TEXT_CHARACTERS])
            if address is not None:
                recipients[address] = None
    reading.recipients = list(recipients)[:_RECIPIENT_COUNT]


def _carriage(reading: Reading, named: dict[str, list[Header]], envelope: str | None) -> str:
    """How the message came: what a copy or a bounce carries is somebody else's mail."""
    content_type = (_first(named, "content-type") or "").lower()
    if "multipart/report" in content_type:
        return "report" if "feedback-report" in content_type else "bounce"
    # Mailboxes write MAILER-DAEMON for the null sender (RFC 5321, 4.5.5), but tools also where they
    # know none: alone it says nothing, and `mail_from` stays unknown.
    is_null = reading.mail_from == "" or (
        reading.mail_from is None and (envelope or "").startswith("From MAILER-DAEMON ")
    )
    if is_null and (reading.from_address or "").startswith(("mailer-daemon@", "postmaster@")):
        return "bounce"
    precedence = (_first(named, "precedence") or "").lower()
    if precedence == "list" or not _LIST_HEADERS.isdisjoint(named):
        list_id = _first(named, "list-id") or _first(named, "x-mailing-list")
        reading.list_id = _list_name(list_id or _first(named, "x-beenthere"))
        return "list"
    if not _FORWARD_HEADERS.isdisjoint(named):
        return "forward"
    return "direct"


def _list_name(value: str | None) -> str | None:
    """The identifier in List-Id (RFC 2919), without its description."""
    if value is None:
        return None
    _, angle, name = value.partition("<")
    return (name.partition(">")[0] if angle else value).strip().lower() or None
