"""The MIME tree of a message: parts, headers of parts, transfer encodings.

Bodies are built as bytes in the charset of the template. How a part's headers are folded and
quoted, which encoding is used, and what the tree looks like are habits of the engine.
"""

import binascii
from base64 import b64encode, encodebytes
from dataclasses import dataclass

from lymer.lab.draws import Draw
from lymer.lab.texts.template import Context, Renderer


@dataclass(frozen=True)
class PartHabits:
    """How an engine writes the headers of parts."""

    fold: str
    """Between the media type and its parameter."""
    quote: bool
    charset_upper: bool
    charset_claim: str
    """What it claims the charset to be: the truth if empty, nothing at all if "-"."""
    encoding_name: str
    """The name of the header, since its case is a habit."""
    text_encoding: str
    """7bit, 8bit, quoted-printable or base64, for text."""
    lone_alternative: bool
    """Wraps a lone HTML part in multipart/alternative."""
    picture_tree: str
    """related or mixed."""
    disposition: bool
    preamble: str
    closing_newline: bool


FALSE_CHARSETS = ("-", "DEFAULT", "iso-NNNN-N", "us-ascii")
"""What sloppy engines claim: a placeholder nobody filled, the wrong thing, nothing."""


def draw_part_habits(draw: Draw, *, sloppy: bool) -> PartHabits:
    """Habits of an engine; a `sloppy` one has a false charset for sure, others now and then."""
    claims = FALSE_CHARSETS if sloppy else ("",) * 10 + FALSE_CHARSETS[:2]
    unseen = ("x-unknown",) if sloppy else ("", "", "", "x-unknown")
    return PartHabits(
        fold=draw.style(
            (";\n\t", ";\n\t", "; ", "; ", ";\n ", ";\n        ", ";"), (" ;\n  ", ";\n\t\t", ";  ")
        ),
        quote=draw.chance(0.6),
        charset_upper=draw.chance(0.25),
        charset_claim=draw.style(claims, unseen),
        encoding_name=draw.pick(
            ("Content-Transfer-Encoding", "Content-Transfer-Encoding", "Content-transfer-encoding",
             "Content-Transfer-encoding")
        ),
        text_encoding=draw.pick(
            ("7bit", "7bit", "8bit", "quoted-printable", "quoted-printable", "base64")
        ),
        lone_alternative=draw.chance(0.2),
        picture_tree=draw.pick(("related", "related", "mixed")),
        disposition=draw.chance(0.4),
        preamble=draw.style(
            ("", "This is a multi-part message in MIME format.\n", "\n"),
            ("Your reader does not know MIME.\n", "--\n", "MIME\n\n"),
        ),
        closing_newline=draw.chance(0.7),
    )  # fmt: skip


def encode_text(text: bytes, encoding: str) -> tuple[str, bytes]:
    """The encoding to declare and the payload, ending in a line break."""
    if encoding == "quoted-printable":
        payload = binascii.b2a_qp(text, istext=True)
    elif encoding == "base64":
        payload = encodebytes(text)
    else:
        payload = text
        encoding = "7bit" if text.isascii() else "8bit"
    return encoding, payload if payload.endswith(b"\n") else payload + b"\n"


def encode_word(text: str, charset: str, how: str) -> str:
    """A header text, encoded (RFC 2047) when it is not ASCII; `how` is B, Q or raw."""
    if how == "raw" or text.isascii():
        return text
    data = text.encode(charset, "replace")
    if how == "B":
        return f"=?{charset}?B?{b64encode(data).decode()}?="
    quoted = binascii.b2a_qp(data, header=True).replace(b"?", b"=3F").replace(b"=\n", b"")
    return f"=?{charset}?Q?{quoted.decode()}?="


@dataclass(slots=True)
class Drawn:
    """What one message says, rendered: `html` and `picture` may be missing."""

    text: bytes | None
    html: bytes | None
    picture: "tuple[str, str, bytes] | None"
    """Name, media type and base64 lines."""


def build(
    drawn: Drawn, charset: str, habits: PartHabits, boundary: Renderer, ctx: Context
) -> tuple[str, bytes]:
    """The content headers of the message (without MIME-Version) and its body."""
    name = habits.charset_claim or charset
    name = name.upper() if habits.charset_upper else name
    cset = f'charset="{name}"' if habits.quote else f"charset={name}"
    cset = "" if name == "-" else habits.fold + cset

    def text_part(subtype: str, data: bytes) -> tuple[str, bytes]:
        encoding, payload = encode_text(data, habits.text_encoding)
        return (
            f"Content-Type: text/{subtype}{cset}\n{habits.encoding_name}: {encoding}\n",
            payload,
        )

    def multi(subtype: str, parts: list[tuple[str, bytes]]) -> tuple[str, bytes]:
        mark = boundary(ctx)
        line = b"--" + mark.encode() + b"\n"
        end = b"--" + mark.encode() + (b"--\n" if habits.closing_newline else b"--\n\n")
        body = b"".join([line + head.encode() + b"\n" + data + b"\n" for head, data in parts])
        value = f'boundary="{mark}"' if habits.quote or not mark.isalnum() else f"boundary={mark}"
        head = f"Content-Type: multipart/{subtype}{habits.fold}{value}\n"
        return head, habits.preamble.encode() + b"\n" + body + end

    texts: list[tuple[str, bytes]] = []
    if drawn.text is not None:
        texts.append(text_part("plain", drawn.text))
    if drawn.html is not None:
        texts.append(text_part("html", drawn.html))
    if not texts and drawn.picture is None:
        return "", b""
    if len(texts) == 2 or (habits.lone_alternative and drawn.html is not None):
        content = multi("alternative", texts)
    elif texts:
        content = texts[0]
    else:
        content = text_part("plain", b"")
    if drawn.picture is None:
        return content
    file_name, media, lines = drawn.picture
    head = f'Content-Type: {media}{habits.fold}name="{file_name}"\n{habits.encoding_name}: base64\n'
    if drawn.html is not None and habits.picture_tree == "related":
        head += f"Content-ID: <{ctx.token}>\n"
    elif habits.disposition:
        head += f'Content-Disposition: {"attachment"}{habits.fold}filename="{file_name}"\n'
    else:
        head += f'Content-Disposition: inline{habits.fold}filename="{file_name}"\n'
    tree = habits.picture_tree if drawn.html is not None else "mixed"
    return multi(tree, [content, (head, lines)])
