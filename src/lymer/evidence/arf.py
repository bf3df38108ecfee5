"""Abuse reports (ARF, RFC 5965) and the message that each one carries.

Offsets are kept exact, so the MIME structure is cut here by its delimiter lines (RFC 2046
section 5.1.1); only the values within headers go through the standard library.
"""

import binascii
import ipaddress
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from quopri import decodestring

_HEAD_BYTES = 32 << 10
_HEADER_BYTES = 256 << 10
# A report has three parts; no more are looked at than a generous few.
_MOST_PARTS = 30
_REPORTED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global")
_PLAIN = ("", "7bit", "8bit", "binary")
_BODY = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class AbuseReport:
    """What a report says, and where in it the reported message lies.

    `start` and `end` enclose the part's bytes; `decoded` is the message when those bytes are in
    a transfer encoding.
    """

    feedback_type: str | None
    source_ip: str | None
    mail_from: str | None
    arrived_at: datetime | None
    reporter: str | None
    start: int | None = None
    end: int | None = None
    decoded: bytes | None = None


def may_be_report(raw: bytes) -> bool:
    """A quick look that lets ordinary mail pass at the cost of a search."""
    stop = raw.find(b"\n\n", 0, _HEAD_BYTES)
    if stop < 0:
        stop = raw.find(b"\n\r\n", 0, _HEAD_BYTES)
    if stop < 0:
        stop = _HEAD_BYTES
    return raw.find(b"eedback-", 0, stop) >= 0 or raw.find(b"FEEDBACK-", 0, stop) >= 0


def read_report(raw: bytes) -> AbuseReport | None:
    """The report that the message `raw` is, or None for any other message."""
    fields, body = _header(raw, 0, len(raw))
    if fields.get_content_type() != "multipart/report":
        return None
    boundary = _parameter(fields, "boundary")
    if (_parameter(fields, "report-type") or "").lower() != "feedback-report" or not boundary:
        return None
    report = AbuseReport(None, None, None, None, None)
    for start, end in _parts(raw, body, boundary.encode("utf-8", "surrogateescape")):
        fields, inner = _header(raw, start, end)
        kind = fields.get_content_type() if fields["content-type"] else "text/plain"
        encoding = str(fields.get("content-transfer-encoding", "")).strip().lower()
        decoded = None if encoding in _PLAIN else _decode(raw[inner:end], encoding)
        if kind == "message/feedback-report":
            feedback = raw[inner:end] if decoded is None else decoded
            report = _feedback(feedback, report)
        elif kind in _REPORTED and report.start is None:
            report = AbuseReport(
                report.feedback_type,
                report.source_ip,
                report.mail_from,
                report.arrived_at,
                report.reporter,
                inner,
                end,
                decoded,
            )
    return report


def _feedback(data: bytes, report: AbuseReport) -> AbuseReport:
    # Blank lines before the fields would make them a body.
    fields = message_from_bytes(data.lstrip(b"\r\n \t") + b"\n\n")
    return AbuseReport(
        _text(fields, "feedback-type", lower=True),
        _ip(_text(fields, "source-ip")),
        (_text(fields, "original-mail-from") or "").strip("<>") or None,
        _date(_text(fields, "arrival-date") or _text(fields, "received-date")),
        _text(fields, "user-agent") or _text(fields, "reporting-mta"),
        report.start,
        report.end,
        report.decoded,
    )


def _header(raw: bytes, start: int, end: int) -> tuple[Message, int]:
    """The header fields between `start` and `end`, and where the body begins."""
    if raw.startswith((b"\n", b"\r\n"), start, end):
        # A part without a header.
        return message_from_bytes(b""), start + (1 if raw[start : start + 1] == b"\n" else 2)
    most = min(end, start + _HEADER_BYTES)
    found = _BODY.search(raw, start, most)
    stop = found.end() if found else most
    return message_from_bytes(raw[start:stop]), stop


def _parts(raw: bytes, start: int, boundary: bytes) -> list[tuple[int, int]]:
    """Where the parts lie: behind a delimiter line, up to the line break before the next."""
    delimiter = re.compile(
        rb"(?:\r?\n|^)--" + re.escape(boundary.rstrip()) + rb"(--)?[ \t]*(?:\r?\n|\Z)"
    )
    parts: list[tuple[int, int]] = []
    begin: int | None = None
    # A delimiter may stand on the first line of the body: its line break is the header's.
    at = max(start - 2, 0)
    if raw[at : at + 1] not in (b"\r", b"\n"):
        at = start - 1
    while len(parts) < _MOST_PARTS and (found := delimiter.search(raw, at)):
        if begin is not None:
            parts.append((begin, max(found.start(), begin)))
            begin = None
        if found[1]:
            break
        begin = found.end()
        # The line break that ends this delimiter also begins one that follows at once.
        at = found.end() - 1
    if begin is not None and len(parts) < _MOST_PARTS:
        parts.append((begin, len(raw)))
    return parts


def _decode(data: bytes, encoding: str) -> bytes | None:
    if encoding == "base64":
        plain = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        try:
            # An incomplete last group has lost its end.
            return b64decode(plain[: len(plain) // 4 * 4] + _last_group(plain))
        except binascii.Error:
            return None
    if encoding == "quoted-printable":
        return decodestring(data)
    return None


def _last_group(plain: bytes) -> bytes:
    rest = plain[len(plain) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _parameter(fields: Message, name: str) -> str | None:
    value = fields.get_param(name)
    if isinstance(value, tuple):
        value = value[2]
    return str(value) if value else None


def _text(fields: Message, name: str, *, lower: bool = False) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    text = " ".join(str(value).encode("utf-8", "replace").decode().split())
    return (text.lower() if lower else text) or None


def _ip(text: str | None) -> str | None:
    try:
        plain = (text or "").strip("[] ")
        return str(ipaddress.ip_address(plain.lower().removeprefix("ipv6:")))
    except ValueError:
        return None


def _date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text or "")
        # Without a zone (or with -0000) RFC 5322 has it in UTC.
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
