"""Outlook's .msg (MS-OXMSG): the message as RFC 822 text, rebuilt from its parts.

A .msg holds no message text, only properties. The rebuilt view serves reading; the evidence is
the file itself. Transport headers are kept letter by letter, except for those of MIME, which
describe a body that is not there any more.
"""

import hashlib
import re
from base64 import encodebytes
from collections.abc import Iterator
from email.header import Header
from email.utils import format_datetime, formataddr

from oxmsg import Message
from oxmsg.domain import constants

_MIME_HEADER = re.compile(
    rb"^(?:mime-version|content-[a-z-]+)[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*",
    re.IGNORECASE | re.MULTILINE,
)
# For mail in the system's address book the sender has a directory path, not an address.
_DIRECTORY_PATH = "/O="


def rebuild(data: bytes) -> tuple[bytes, list[str]]:
    """A .msg file as RFC 822 bytes, and what was wrong with it. Never raises: a file that
    cannot be read gives no bytes and `unreadable_msg`."""
    defects = ["rebuilt_from_msg"]
    try:
        message = Message.load(data)
        header = _transport_header(message) or _made_header(message)
        parts = list(_texts(message))
        attachments = list(_attachments(message, defects))
    # The library meets hostile bytes with whatever exception they lead it to.
    except Exception:
        return b"", ["unreadable_msg"]
    body = _join("alternative", parts) if len(parts) != 1 else parts[0]
    if attachments:
        body = _join("mixed", [body, *attachments])
    return header + b"MIME-Version: 1.0\n" + body, defects


def _transport_header(message: Message) -> bytes:
    text = message.properties.str_prop_value(constants.PID_TRANSPORT_MESSAGE_HEADERS) or ""
    header = text.encode("utf-8", "surrogateescape").replace(b"\r\n", b"\n").strip(b"\n\0 ")
    # Exchange puts its own line before the header.
    header = re.sub(rb"^Microsoft Mail Internet Headers[^\n]*\n", b"", header)
    # An empty line would end the header early.
    header = re.sub(rb"\n{2,}", b"\n", header)
    return _MIME_HEADER.sub(b"", header + b"\n") if header else b""


def _made_header(message: Message) -> bytes:
    """The header that the properties give, for mail that never came over SMTP."""
    properties = message.properties
    name = properties.str_prop_value(constants.PID_SENDER_NAME) or ""
    address = (
        properties.str_prop_value(constants.PID_SENDER_SMTP_ADDRESS)
        or properties.str_prop_value(constants.PID_SENDER_EMAIL_ADDRESS)
        or ""
    )
    fields = []
    if address and not address.upper().startswith(_DIRECTORY_PATH):
        fields.append(("From", _address(name, address)))
    elif name:
        fields.append(("From", _encoded(name)))
    recipients = [_address(each.name, each.email_address) for each in message.recipients]
    if recipients:
        fields.append(("To", ", ".join(recipients)))
    fields.append(("Subject", _encoded(message.subject)))
    if message.sent_date is not None:
        fields.append(("Date", format_datetime(message.sent_date)))
    return "".join(f"{key}: {_one_line(value)}\n" for key, value in fields).encode(
        "utf-8", "surrogateescape"
    )


def _address(name: str | None, address: str | None) -> str:
    return formataddr((_encoded(name or ""), _one_line(address or "")))


def _encoded(text: str) -> str:
    line = _one_line(text)
    return line if line.isascii() else Header(line, "utf-8", maxlinelen=10_000).encode()


def _one_line(text: str) -> str:
    return " ".join(text.replace("\0", "").splitlines())


def _texts(message: Message) -> Iterator[bytes]:
    html = message.html_body
    if message.body is not None or not html:
        yield _part("text/plain; charset=utf-8", (message.body or "").encode("utf-8", "replace"))
    if html:
        yield _part("text/html; charset=utf-8", html.encode("utf-8", "replace"))


def _attachments(message: Message, defects: list[str]) -> Iterator[bytes]:
    for attachment in message.attachments:
        data = attachment.file_bytes
        if data is None:
            # A message within the message, or a file that lay elsewhere.
            defects.append("attachment_without_bytes")
            continue
        media_type = attachment.mime_type or ""
        if not re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,100}", media_type):
            media_type = "application/octet-stream"
        name = _encoded(attachment.file_name or "").replace('"', "'")
        yield _part(f'{media_type}; name="{name}"', data, "Content-Disposition: attachment\n")


def _part(content_type: str, data: bytes, further: str = "") -> bytes:
    head = f"Content-Type: {content_type}\nContent-Transfer-Encoding: base64\n{further}\n"
    return head.encode("utf-8", "replace") + encodebytes(data)


def _join(kind: str, parts: list[bytes]) -> bytes:
    # The boundary comes from the content: the same file gives the same view every time.
    boundary = b"=_" + hashlib.sha256(b"".join(parts)).hexdigest()[:32].encode()
    head = b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + boundary + b'"\n\n'
    return (
        head + b"".join(b"--%s\n%s" % (boundary, part) for part in parts) + b"--%s--\n" % boundary
    )
