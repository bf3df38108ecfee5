"""ROOM 2: read each message.

Takes   sealed bytes from the evidence room, and whom the user trusts.
Gives   one row for every message, whatever its state: headers, hops with the trusted boundary,
        links, attachments, visible and hidden text, layout, defects.
Never   drops a message, invents a value, believes a sender's word, or runs or fetches anything.
"""

from lymer.messages.addresses import domain_of
from lymer.messages.charsets import decode_text
from lymer.messages.headers import split_headers
from lymer.messages.parts import MESSAGE, PLAIN, PartHead, open_part, read_head, split_parts
from lymer.messages.read import sight
from lymer.messages.reading import Attachment, Content, Header, Hop, Link, Reading
from lymer.messages.relays import RelayRule, Sighting, learn
from lymer.messages.sensors import SensorRule, learn_sensors
from lymer.messages.tables import ATTACHMENTS, HOPS, LINKS, MESSAGES, RELAYS, SENSORS
from lymer.messages.tabulate import read_batch, tabulate
from lymer.messages.transfer import decode_transfer
from lymer.messages.trust import Relay, Trust, site_of

__all__ = [
    "ATTACHMENTS",
    "HOPS",
    "LINKS",
    "MESSAGE",
    "MESSAGES",
    "PLAIN",
    "RELAYS",
    "SENSORS",
    "Attachment",
    "Content",
    "Header",
    "Hop",
    "Link",
    "PartHead",
    "Reading",
    "Relay",
    "RelayRule",
    "SensorRule",
    "Sighting",
    "Trust",
    "decode_text",
    "decode_transfer",
    "domain_of",
    "learn",
    "learn_sensors",
    "open_part",
    "read_batch",
    "read_head",
    "sight",
    "site_of",
    "split_headers",
    "split_parts",
    "tabulate",
]
