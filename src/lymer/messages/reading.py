"""What one message says, in memory, between the messages room and the features room."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

VALUE_CHARACTERS = 1 << 16
"""Of a longer header value only this much is looked at."""

_FOLD = re.compile(r"\n([ \t]+)")


@dataclass(slots=True)
class Hop:
    """One Received header. Unknown values are None, never invented.

    `is_name_doubted`: the receiver itself says that the reverse name may be forged.
    `by_ip`: the receiver's own address, where it writes that (Exchange does).
    """

    from_helo: str | None = None
    from_name: str | None = None
    is_name_doubted: bool = False
    from_ip: str | None = None
    from_port: int | None = None
    by_host: str | None = None
    with_protocol: str | None = None
    for_address: str | None = None
    by_ip: str | None = None
    stamped_at: datetime | None = None
    grammar: str = ""
    is_trusted: bool = False

    @property
    def names_peer(self) -> bool:
        """Does it say who connected, be it by name or address?"""
        return self.from_helo is not None or self.from_ip is not None


@dataclass(slots=True)
class Link:
    """One distinct link: url, host (lower case), registrable domain, where it stood."""

    url: str
    host: str
    domain: str | None
    where_found: str


@dataclass(slots=True)
class Attachment:
    """One part that is not the message's text."""

    name: str | None
    media_type: str
    size_bytes: int
    sha256: str
    picture_hash: str | None
    defects: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Content:
    """What the body of a message says.

    `text` is what a reader sees; `hidden_text` is what HTML hides (chaff). `mime_tree` is the
    nesting of media types, `a(b,c)`; `layout` the structure of the whole body in one string.
    """

    text: str = ""
    hidden_text: str = ""
    charset: str | None = None
    mime_tree: str = ""
    layout: str = ""
    links: list[Link] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


class Header(NamedTuple):
    """One header field: its name in its own case, and what was written behind the colon.

    Few of a message's fields are ever asked for, so a value is unfolded when it is.
    """

    name: str
    written: str

    @property
    def value(self) -> str:
        """The value, unfolded."""
        value = self.written.lstrip(" \t")
        if "\n" in value:
            value = _FOLD.sub(" ", value)
        return value[:VALUE_CHARACTERS].rstrip()

    @property
    def folding(self) -> str:
        """The white space that began its first continuation line, empty when unfolded."""
        fold = _FOLD.search(self.written)
        return fold.group(1) if fold is not None else ""


@dataclass(slots=True)
class Reading:
    """One message, read: all that later rooms may ask about it."""

    message_id: str
    evidence_id: str
    offset_bytes: int
    length_bytes: int
    headers: list[Header] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    content: Content = field(default_factory=Content)
    first_sender_header: int = 0
    received_at: datetime | None = None
    client_ip: str | None = None
    client_port: int | None = None
    helo: str | None = None
    reverse_name: str | None = None
    receiver: str | None = None
    mail_from: str | None = None
    recipients: list[str] = field(default_factory=list)
    from_address: str | None = None
    from_name: str | None = None
    reply_to: str | None = None
    subject: str | None = None
    message_id_header: str | None = None
    date_at: datetime | None = None
    mailer: str | None = None
    carriage: str = "direct"
    list_id: str | None = None
    dkim_domains: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
