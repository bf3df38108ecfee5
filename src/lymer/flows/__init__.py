"""ROOM 2c: read network flows.

Takes   flow files, as streams of bytes from the evidence room: Zeek's conn.log (tab-separated or
        JSON), nfdump's CSV, CTU's binetflow, or any CSV with a mapping of its columns.
Gives   contacts: who turned to which endpoint on which day, how often, with which rhythm and
        sizes; and what was read of every file.
Never   looks into a packet, guesses which side is a bot, counts an answer as a contact, or stops
        at a bad line: that is counted with its file.
"""

from lymer.flows.contacts import Contacts
from lymer.flows.formats import MAPPED, parse_mapping
from lymer.flows.reading import Reading, read_flows
from lymer.flows.tables import CAPTURES, CONTACTS

__all__ = [
    "CAPTURES",
    "CONTACTS",
    "MAPPED",
    "Contacts",
    "Reading",
    "parse_mapping",
    "read_flows",
]
