"""Messages: the table of all, one with its path and parts, its raw bytes, and a safe view."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from lymer.case import MessageWhy, why
from lymer.console.desk import Desk, NotFoundError, Row, Snapshot
from lymer.console.guard import MAIL_POLICY
from lymer.console.opening import Opened, Part, open_message
from lymer.console.pages import AtDesk, Look, PageNumber, Paging, Words, add, render
from lymer.console.viewing import safe_view
from lymer.errors import UsageError
from lymer.evidence import fetch

router = APIRouter()

_RAW_BYTES = 32_768
# Longer texts are rare (0.2 % of the SpamAssassin corpus) and are read in the raw bytes.
_TEXT_CHARACTERS = 50_000
_LINKS = 100
# A message that is opened, drawn or handed out; the rest of a larger one is in the original.
_OPENED_BYTES = 8_000_000

_SORTS = {
    "oldest": "received_at NULLS LAST, message_id",
    "newest": "received_at DESC NULLS LAST, message_id",
    "largest": "length_bytes DESC, message_id",
    "defects": "defect_count DESC, received_at NULLS LAST, message_id",
}
Sort = Literal["oldest", "newest", "largest", "defects"]
Where = Literal["", "campaign", "single"]


@dataclass(frozen=True)
class Messages:
    """Messages that fit a search, in some order."""

    messages: list[Row]
    paging: Paging
    q: str
    where: str
    sort: str


@dataclass(frozen=True)
class HeaderLine:
    """One header field as it stands."""

    name: str
    value: str
    is_trusted: bool
    """Whether it was written before the message came to receivers that are trusted: no claim."""


@dataclass(frozen=True)
class Message:
    """One message, with the path it took."""

    message: Row
    campaign: Row | None
    hops: list[Row]
    headers: list[HeaderLine]
    parts: list[Part]
    links: list[Row]
    attachments: list[Row]
    fingerprint: Row | None
    selectors: list[Row]
    origins: list[Row]
    bots: list[Row]
    missing: str | None
    """Why the original cannot be read; null when it can."""


@dataclass(frozen=True)
class Raw:
    """Some bytes of a message, exactly as they lie in the container."""

    message_id: str
    offset: int
    length_bytes: int
    size_bytes: int
    is_hex: bool
    text: str
    """The bytes as text (bytes that are no UTF-8 as \\xNN), or as a hex dump."""


@dataclass(frozen=True)
class Why:
    """Why a message is in its campaign, or in none."""

    message: Row
    told: MessageWhy


def messages(
    look: Look,
    q: Words = "",
    where: Where = "",
    sort: Sort = "newest",
    page: PageNumber = 1,
) -> Messages:
    """Messages: search in subject, sender and client address; filter, sort, page."""
    parts = ["true"]
    asked: Row = {}
    if q.strip():
        asked["q"] = q.strip().lower()
        parts.append(
            "(contains(words, $q) OR starts_with(client_ip, $q) OR starts_with(message_id, $q))"
        )
    if where:
        parts.append(f"campaign_id IS {'NOT ' if where == 'campaign' else ''}NULL")
    condition = " AND ".join(parts)
    total = look.ask(f"SELECT count(*) AS number FROM desk.mail WHERE {condition}", asked or None)
    paging = Paging(page, total[0]["number"])
    rows = look.ask(
        f"""
        SELECT * EXCLUDE (words) FROM desk.mail WHERE rowid IN (
            SELECT rowid FROM desk.mail WHERE {condition}
            ORDER BY {_SORTS[sort]} LIMIT {paging.rows_a_page} OFFSET {paging.offset}
        )
        ORDER BY {_SORTS[sort]}
        """,
        asked or None,
    )
    return Messages(rows, paging, q, where, sort)


def message(look: Look, desk: AtDesk, message_id: str) -> Message:
    """One message: fields, path, headers with the trusted boundary, parts, links."""
    found = look.find_message(message_id)
    row = look.of_message("messages", found, "message_id")[0]
    for name in ("text", "hidden_text"):
        row[name] = (row[name] or "")[:_TEXT_CHARACTERS]
    opened, missing = _opened(desk, look, row)
    campaign = look.ask(
        """
        SELECT c.*, m.why AS membership FROM campaign_messages m
        JOIN campaigns c ON c.campaign_id = m.campaign_id WHERE m.message_id = $id
        """,
        {"id": found},
    )
    prints = look.of_message("fingerprints", found, "message_id")
    for one in prints:
        one.pop("sketch", None)
    origins = look.of_message("origins", found, "evidence_id, offset_bytes")
    for origin in origins:
        origin["uri"] = look.evidence.get(origin["evidence_id"], {}).get("uri")
    return Message(
        message=row,
        campaign=campaign[0] if campaign else None,
        hops=look.of_message("hops", found, "position"),
        headers=[
            HeaderLine(header.name, header.written, k < opened.first_sender_header)
            for k, header in enumerate(opened.headers)
        ],
        parts=opened.parts,
        links=look.of_message("links", found, f"url LIMIT {_LINKS}"),
        attachments=look.of_message("attachments", found, "position LIMIT 50"),
        fingerprint=prints[0] if prints else None,
        selectors=look.of_message("selectors", found, "kind, value LIMIT 100"),
        origins=origins,
        bots=look.rows(
            "bots", "client_ip = $ip ORDER BY message_count DESC, botnet_id LIMIT 10",
            ip=row["client_ip"],
        ),
        missing=missing,
    )  # fmt: skip


def raw(
    look: Look,
    message_id: str,
    offset: Annotated[int, Query(ge=0, le=1 << 40)] = 0,
    form: Literal["text", "hex"] = "text",
) -> Raw:
    """The raw bytes of a message, a stretch at a time."""
    row = look.of_message("messages", look.find_message(message_id), "message_id")[0]
    length = row["length_bytes"] or 0
    offset = min(offset, max(0, length - 1)) if length else 0
    data = _fetch(look, row, offset, min(_RAW_BYTES, length - offset)) if length else b""
    text = _hex(data, offset) if form == "hex" else data.decode("utf-8", "backslashreplace")
    return Raw(row["message_id"], offset, len(data), length, form == "hex", text)


def why_page(look: Look, desk: AtDesk, message_id: str) -> Why:
    """Why a message is in its campaign, voice by voice. Takes seconds in a large case."""
    found = look.find_message(message_id)
    row = look.ask("SELECT * EXCLUDE (words) FROM desk.mail WHERE message_id = $id", {"id": found})
    with desk.case() as case:
        return Why(row[0], why(case, found))


def download(look: Look, message_id: str) -> Response:
    """The message as it lies in the container, to keep."""
    row = look.of_message("messages", look.find_message(message_id), "message_id")[0]
    if (row["length_bytes"] or 0) > _OPENED_BYTES * 8:
        raise UsageError("this message is too large to hand out here. Take it from the original.")
    data = _fetch(look, row, 0, row["length_bytes"] or 0)
    # No browser and no mail program opens this by itself.
    name = f"{row['message_id'][:16]}.eml.bin"
    return Response(
        data,
        media_type="application/octet-stream",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def view(request: Request, look: Look, desk: AtDesk, message_id: str) -> HTMLResponse:
    """What a reader would see, for the sandboxed frame: rebuilt, nothing remote, nothing live."""
    row = look.of_message("messages", look.find_message(message_id), "message_id")[0]
    opened, missing = _opened(desk, look, row)
    body = safe_view(opened, row["text"] or "")
    answer = render(request, "view.html", {"body": body, "missing": missing})
    answer.headers["content-security-policy"] = MAIL_POLICY
    answer.headers["x-frame-options"] = "SAMEORIGIN"
    return answer


def _opened(desk: Desk, look: Snapshot, row: Row) -> tuple[Opened, str | None]:
    """The original, opened; or why it cannot be."""
    try:
        data = _fetch(look, row, 0, min(row["length_bytes"] or 0, _OPENED_BYTES))
    except UsageError as error:
        return Opened(), str(error)
    with desk.case() as case:
        return open_message(case, row["message_id"], data), None


def _fetch(look: Snapshot, row: Row, offset: int, length: int) -> bytes:
    evidence_id = row["evidence_id"]
    if evidence_id not in look.evidence:
        raise NotFoundError(f"evidence {evidence_id} was not read to its end yet.")
    return fetch(look.evidence, evidence_id, (row["offset_bytes"] or 0) + offset, length)


def _hex(data: bytes, offset: int) -> str:
    lines = []
    for at in range(0, len(data), 16):
        piece = data[at : at + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in piece)
        lines.append(f"{offset + at:08x}  {piece.hex(' '):<47}  {shown}")
    return "\n".join(lines)


add(router, "/messages", "messages", messages)
router.add_api_route(
    "/messages/{message_id}/original", download, methods=["GET"], include_in_schema=False
)
router.add_api_route("/messages/{message_id}/view", view, methods=["GET"], include_in_schema=False)
add(router, "/messages/{message_id}/raw", "raw", raw)
add(router, "/messages/{message_id}/why", "why", why_page)
add(router, "/messages/{message_id}", "message", message)
