"""ROOM 1: seal bytes from outside.

Takes   paths of mail in any container: mbox, maildir, MH, .eml, .msg, trees of files, archives
        within archives, abuse reports.
Gives   lots of raw messages with their origins (evidence, offset, length), a row for every
        source of bytes with its hash and defects, a sample for surveys, the bytes of a message
        again, and the custody chain.
Never   interprets a message, changes or unquotes a byte, unpacks to disk, follows a link out of
        the evidence, or stops at bad evidence: that is a row with its defects.
"""

from lymer.evidence.archives import open_archive
from lymer.evidence.custody import Entry as CustodyEntry
from lymer.evidence.custody import add as add_custody
from lymer.evidence.custody import check as check_custody
from lymer.evidence.custody import read as read_custody
from lymer.evidence.files import FileEvent, OpenFile, SealedFile, open_files
from lymer.evidence.kinds import ARCHIVES, is_spreadsheet
from lymer.evidence.limits import LOT_BYTES, LOT_MESSAGES, Limits
from lymer.evidence.lots import Lot, read
from lymer.evidence.originals import Finding, fetch, verify
from lymer.evidence.reader import Resume
from lymer.evidence.seen import SeenMessages
from lymer.evidence.sources import Source, seal, survey_size
from lymer.evidence.streams import Tape
from lymer.evidence.survey import sample
from lymer.evidence.tables import EVIDENCE, ORIGINS, RAW, REPORTS

__all__ = [
    "ARCHIVES",
    "EVIDENCE",
    "LOT_BYTES",
    "LOT_MESSAGES",
    "ORIGINS",
    "RAW",
    "REPORTS",
    "CustodyEntry",
    "FileEvent",
    "Finding",
    "Limits",
    "Lot",
    "OpenFile",
    "Resume",
    "SealedFile",
    "SeenMessages",
    "Source",
    "Tape",
    "add_custody",
    "check_custody",
    "fetch",
    "is_spreadsheet",
    "open_archive",
    "open_files",
    "read",
    "read_custody",
    "sample",
    "seal",
    "survey_size",
    "verify",
]
