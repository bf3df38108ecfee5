"""What the mailing software betrays, whoever it poses as.

Engines swap personas per message, so header order and mailer names say little. What stays is
how the engine builds things: the shape of From, the construction of Message-ID and whether it
holds a time, the MIME tree, how Content-Type is folded, the class of the boundary, the layout
of Date, the grammar of the Received lines it forges; and where the parts contradict each other.
Only what the sender wrote is looked at: headers above the trusted boundary are the receivers'.
"""

import re
from functools import lru_cache

import xxhash

from lymer.messages import Header, Reading, domain_of, site_of

_HEX = re.compile(r"[0-9a-fA-F]+")
_HEX_DIGITS = 4
_BOUNDARY = re.compile(r'boundary="?([^";]{1,200})', re.IGNORECASE)
# A counter and the high half of a FILETIME, its low half, the sender's address or a constant.
_OUTLOOK_ID = re.compile(r"<?[0-9a-f]{4}([0-9a-f]{8})\$[0-9a-f]{8}\$[0-9a-f]{8}@")
_MACRO = re.compile(
    r"%[A-Z][A-Z_0-9]{2,30}%|\{%?[A-Za-z_]{3,30}%?\}|<%[A-Za-z_]{3,30}|\$\{\w{2,30}\}"
)
_NINES = str.maketrans("0123456789", "9999999999")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[A-Za-z]{2,}")
_SHORT_DAY = re.compile(r"^(Aa, )9{1,2} ")
# Words that forged Received lines hold and that are no names: masks, and what servers write.
_FIXED = r"(?:h|I|i|9|<a>|unknown|localhost)(?![\w.@-])"
_NAMED = re.compile(rf"\b(from|by) (?!{_FIXED})[^\s()]+", re.IGNORECASE)
_FOR = re.compile(r"\bfor (?!<a>)[^\s;()]+", re.IGNORECASE)
# The day of the month, padded or not: the calendar decides what shows.
_DAY = re.compile(r"^(Date (?:Aa,? ?)?) *9{1,2} ")
_OUTLOOK_NAMES = ("Microsoft Outlook", "Microsoft Office Outlook")


def dialect_of(reading: Reading) -> tuple[str, str]:
    """The dialect's id (32 hex) and its traits in words."""
    own = reading.headers[reading.first_sender_header :]
    # Of repeated fields the first counts.
    first = {header.name.lower(): header for header in reversed(own)}
    traits = [
        f"From {_from_shape(first.get('from'))}",
        f"Message-ID {_message_id_shape(reading)}",
        f"Date {_date_shape(first.get('date'))}",
        f"MIME {reading.content.mime_tree.partition('|')[0] or 'none'}",
        *_content_type_traits(first.get("content-type")),
        f"forged Received {_forged(reading)}",
    ]
    traits += _contradictions(reading, first)
    text = "; ".join(traits)
    return xxhash.xxh3_128_hexdigest(text.encode()), text


def steady_traits(traits: str) -> str:
    """The traits of a dialect without what is the day's or the message's, not the software's.

    The day of the month counts as one digit, a name in a forged line as `w`, a recipient as `a`.
    """
    return "; ".join(_steady(trait) for trait in traits.split("; "))


def _steady(trait: str) -> str:
    if trait.startswith("Date "):
        return _DAY.sub(r"\g<1>9 ", trait)
    if trait.startswith("forged Received "):
        return _FOR.sub("for a", _NAMED.sub(r"\g<1> w", trait))
    return trait


def _from_shape(header: Header | None) -> str:
    """How the name and the address stand in From: quoted, bare, doubled, missing."""
    if header is None:
        return "missing"
    value = header.value
    before, angle, _ = value.partition("<")
    if not angle:
        return "address only" if "(" not in value else "address and comment"
    name = before.strip()
    if not name:
        return "address in brackets"
    if name.startswith("=?"):
        return "encoded name"
    quoted = name.startswith('"')
    gap = "" if before.endswith(" ") else ", no space"
    return ("quoted name" if quoted else "bare name") + gap


def _message_id_shape(reading: Reading) -> str:
    value = reading.message_id_header
    if not value:
        return "missing"
    inner = value.strip()
    brackets = "" if inner.startswith("<") and inner.endswith(">") else " without brackets"
    left, at, right = inner.strip("<>").rpartition("@")
    if not at:
        return "without @" + brackets
    return f"{_class_of(left)} at {_domain_class(right.lower(), reading)}{brackets}"


def _class_of(text: str) -> str:
    """Alphabet, separators and length class of a random-looking string."""
    separators = "".join(sorted({c for c in text if not c.isalnum()}))[:6]
    pieces = re.split(r"[^A-Za-z0-9]+", text)
    kinds = []
    for piece in pieces[:6]:
        if not piece:
            kinds.append("-")
        elif piece.isdigit():
            kinds.append("9" if len(piece) < 12 else "9+")
        elif _HEX.fullmatch(piece):
            kinds.append("x" if piece.islower() or piece.isdigit() else "X")
        elif piece.isupper():
            kinds.append("A")
        elif piece.islower():
            kinds.append("a")
        else:
            kinds.append("m")
    hexes = [kind for kind in kinds if kind in ("x", "X")]
    if hexes:
        # Hexadecimal digits beside it are without letters by chance only.
        kinds = [
            hexes[0] if kind == "9" and len(piece) >= _HEX_DIGITS else kind
            for kind, piece in zip(kinds, pieces, strict=False)
        ]
    if len(pieces) == 1 and kinds and kinds[0] in "xXAam":
        kinds = ["w"]
    return f"{'.'.join(kinds)} by '{separators}' {_length_class(len(text))}"


def _length_class(length: int) -> str:
    for limit in (8, 16, 24, 32, 48):
        if length <= limit:
            return f"to {limit}"
    return "over 48"


def _domain_class(domain: str, reading: Reading) -> str:
    """Whose domain a Message-ID claims."""
    sender = domain_of(reading.from_address)
    if sender is not None and (domain == sender or site_of(domain) == site_of(sender)):
        return "sender's domain"
    if reading.helo and domain == reading.helo.lower():
        return "HELO"
    if reading.client_ip and reading.client_ip in domain:
        return "client address"
    if "." not in domain:
        return "a bare word"
    if any(domain_of(recipient) == domain for recipient in reading.recipients):
        return "recipient's domain"
    return "another domain"


def _date_shape(header: Header | None) -> str:
    if header is None:
        return "missing"
    return _mask_date(header.value[:60].translate(_NINES))


@lru_cache(maxsize=4096)
def _mask_date(date: str) -> str:
    """The layout of a date whose digits are nines already."""
    shape = _NUMBER.sub(lambda m: "9" * min(len(m.group(0)), 4), date)
    # The time zone is the persona's.
    shape = shape.replace("-9999", "+9999")
    shape = _WORD.sub(lambda m: "A" if m.group(0).isupper() else "Aa", shape)
    # A one-digit day is the same layout as a two-digit one, unless it is padded.
    return _SHORT_DAY.sub(r"\g<1>9 ", shape)


def _content_type_traits(header: Header | None) -> list[str]:
    if header is None:
        return ["Content-Type missing"]
    folding = {"": "unfolded", "\t": "folded by tab"}.get(
        header.folding, f"folded by {min(len(header.folding), 9)} spaces"
    )
    traits = [f"Content-Type {folding}"]
    boundary = _BOUNDARY.search(header.value)
    if boundary is not None:
        traits.append(f"boundary {_boundary_class(boundary.group(1))}")
    return traits


def _boundary_class(text: str) -> str:
    core = text.strip("-=_ ")
    frame = text.replace(core, "*") if core else text
    return f"{frame[:24]} {_class_of(core)}"


def _forged(reading: Reading) -> str:
    """The grammar of the Received lines below the boundary; lawful relays have them too."""
    claims = [hop.grammar for hop in reading.hops if not hop.is_trusted]
    if not claims:
        return "none"
    return claims[-1]


def _contradictions(reading: Reading, first: dict[str, Header]) -> list[str]:
    """Where the parts of the persona disagree."""
    found = []
    message_id = reading.message_id_header or ""
    outlook = _OUTLOOK_ID.match(message_id)
    if outlook is not None and reading.date_at is not None:
        # Of the SpamAssassin corpus: no ham with such an id disagrees, 98 % of the spam does.
        high = int(outlook.group(1), 16)
        seconds = high * 2**32 / 1e7 - 11644473600
        if abs(seconds - reading.date_at.timestamp()) > 2 * 86400:
            found.append("Outlook Message-ID holds another time than Date")
    mailer = reading.mailer or ""
    if mailer.startswith(_OUTLOOK_NAMES) and "x-mimeole" not in first:
        found.append("Outlook without X-MimeOLE")
    if reading.client_ip is not None and _hides_address(reading.client_ip, message_id):
        found.append("client address in hex in Message-ID")
    subject = reading.subject or ""
    if _MACRO.search(subject) or _MACRO.search(reading.from_name or ""):
        found.append("unexpanded macro")
    return found


def _hides_address(ip: str, text: str) -> bool:
    octets = ip.split(".")
    if len(octets) != 4:
        return False
    return "".join(f"{int(octet):02x}" for octet in octets) in text.lower()
