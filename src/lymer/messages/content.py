"""The body of a message: its parts, its text, its links and attachments, in one pass."""

from collections.abc import Sequence
from dataclasses import dataclass

from lymer.messages.attachments import describe_attachment
from lymer.messages.charsets import decode_text, remove_invisible
from lymer.messages.layout import write_layout
from lymer.messages.links import LinkCollector
from lymer.messages.markup import read_markup
from lymer.messages.parts import MESSAGE, PLAIN, PartHead, open_part, read_head, split_parts
from lymer.messages.reading import Attachment, Content, Header
from lymer.messages.transfer import decode_transfer

DEPTH = 20
PART_COUNT = 500
TEXT_BYTES = 256 << 10
# All text parts of one message together: an alternative of a long mail is still read.
ALL_TEXT_BYTES = 1 << 20
PICTURE_COUNT = 20
TREE_CHARACTERS = 1000

_BODY_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
BODY_FIELDS = ("content-type", "content-transfer-encoding", "content-disposition")
# What programs put before the first part for readers without MIME is shorter.
_NOTICE_CHARACTERS = 200
_COMPARED_CHARACTERS = 1500
_COMPARED_WORDS = 12
_COMMON_SHARE = 0.15


@dataclass(slots=True)
class _Text:
    """One text of the body: `is_html` tells what it was made from."""

    text: str
    tags: str
    is_html: bool


def open_content(raw: bytes, headers: Sequence[Header], body_start: int) -> Content:
    """What the body of a message says. Never raises; what was wrong is in its defects.

    Defects, besides those of the steps: `mime_damaged`, `deep_mime`, `many_parts`,
    `text_cut`, `text_outside_parts`, `alternative_with_one_part`, `alternatives_disagree`.
    """
    reader = _Reader(raw)
    head = read_head([(header.name.lower(), header.value) for header in headers])
    tree, texts = reader.read(body_start, len(raw), head, 0)
    return reader.close(tree, texts)


class _Reader:
    """Reads one message; holds what is gathered on the way."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.links = LinkCollector()
        self.hidden: list[str] = []
        self.attachments: list[Attachment] = []
        self.defects: list[str] = []
        self.charset: str | None = None
        self.part_count = 0
        self.text_count = 0
        self.text_bytes = 0

    def read(self, start: int, end: int, head: PartHead, depth: int) -> tuple[str, list[_Text]]:
        """Read the part in raw[start:end]: its media type tree, and its texts in order."""
        self.part_count += 1
        media_type = head.media_type
        if media_type.startswith("multipart/"):
            if depth < DEPTH:
                return self._read_multipart(start, end, head, depth)
            self.defects.append("deep_mime")
        elif media_type in _BODY_TYPES and self._is_body(head):
            return media_type, [self._read_text(start, end, head)]
        defects: list[str] = []
        data, _ = decode_transfer(self.raw[start:end], head.encoding, defects)
        self.attachments.append(
            describe_attachment(
                data,
                media_type,
                head.name,
                defects,
                may_look=len(self.attachments) < PICTURE_COUNT,
            )
        )
        return media_type, []

    def _is_body(self, head: PartHead) -> bool:
        if head.disposition == "attachment":
            return False
        # A named text is shown only as the first one; worms name their HTML.
        return head.name is None or self.text_count == 0

    def _read_multipart(
        self, start: int, end: int, head: PartHead, depth: int
    ) -> tuple[str, list[_Text]]:
        limit = PART_COUNT - self.part_count
        split = split_parts(self.raw, start, end, head.boundary, limit) if head.boundary else None
        if split is None or not split.parts:
            # Without its boundary a multipart is one text, as readers show it.
            self.defects.append("mime_damaged")
            plain = PartHead(encoding="" if head.encoding != "base64" else "base64")
            if not self.raw[start:end].strip():
                return f"{head.media_type}()", []
            return f"{head.media_type}()", [self._read_text(start, end, plain)]
        if not split.is_closed:
            self.defects.append("many_parts" if len(split.parts) >= limit else "mime_damaged")
        default = MESSAGE if head.media_type == "multipart/digest" else PLAIN
        self._hide_outside(start, split.preamble_end)
        trees: list[str] = []
        found: list[list[_Text]] = []
        for part_start, part_end in split.parts:
            if self.part_count >= PART_COUNT:
                self.defects.append("many_parts")
                self._attach_rest(part_start, split.parts[-1][1])
                break
            inner, body_start = open_part(self.raw, part_start, part_end, default)
            tree, texts = self.read(body_start, part_end, inner, depth + 1)
            trees.append(tree)
            found.append(texts)
        self._hide_outside(split.epilogue_start, end)
        tree = f"{head.media_type}({','.join(trees)})"[:TREE_CHARACTERS]
        if head.media_type == "multipart/alternative":
            if len(trees) == 1:
                self.defects.append("alternative_with_one_part")
            return tree, self._choose(found, is_whole=split.is_closed)
        return tree, [text for texts in found for text in texts]

    def _attach_rest(self, start: int, end: int) -> None:
        data = self.raw[start:end]
        self.attachments.append(
            describe_attachment(data, "application/octet-stream", None, [], may_look=False)
        )

    def _hide_outside(self, start: int, end: int) -> None:
        """Text before the first or behind the last part, which no reader shows."""
        if end - start <= _NOTICE_CHARACTERS:
            return
        outside = self.raw[start : min(end, start + TEXT_BYTES)].strip()
        if len(outside) > _NOTICE_CHARACTERS:
            self.defects.append("text_outside_parts")
            self.hidden.append(" ".join(decode_text(outside, None, []).split()))

    def _choose(self, found: list[list[_Text]], *, is_whole: bool) -> list[_Text]:
        """Of alternatives the one that is shown: HTML if there is any, otherwise the longest.

        Of a message that was cut (not `is_whole`) a mere beginning of HTML is not preferred.
        """
        least = 1 if is_whole else max(map(_length, found), default=0) // 2 + 1
        html = [t for t in found if any(x.is_html for x in t) and _length(t) >= least]
        if html:
            shown = html[-1]
            plain = next((t for texts in found for t in texts if not t.is_html), None)
            if plain is not None and _disagree(plain.text, shown[-1].text):
                self.defects.append("alternatives_disagree")
            return shown
        shown = max(found, key=_length, default=[])
        # A picture may be all that HTML shows: its structure is kept.
        tags = next((t.tags for texts in found for t in texts if t.tags), "")
        if tags:
            return [*shown, _Text("", tags, True)]
        return shown

    def _read_text(self, start: int, end: int, head: PartHead) -> _Text:
        if self.text_count == 0:
            self.charset = head.charset
        self.text_count += 1
        # Encoded text is at most four times as long as what it says, but for soft line breaks.
        if end - start > TEXT_BYTES * 4:
            end = start + TEXT_BYTES * 4
            self.defects.append("text_cut")
        data, rest = decode_transfer(self.raw[start:end], head.encoding, self.defects)
        room = max(0, min(TEXT_BYTES, ALL_TEXT_BYTES - self.text_bytes))
        if len(data) > room:
            self.defects.append("text_cut")
            data = data[:room]
        self.text_bytes += len(data)
        text = decode_text(data, head.charset, self.defects)
        if head.media_type == "text/html":
            markup = read_markup(text, self.links)
            self.hidden += markup.hidden
            self.defects += markup.defects
            read = _Text(remove_invisible(markup.text), markup.tags, True)
        else:
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            text = remove_invisible(text)
            self.links.add_text(text)
            read = _Text(text.strip("\n"), "", False)
        if rest and (footer := rest.strip()):
            # A list appended it in clear to an encoded part.
            added = decode_text(footer[:TEXT_BYTES], head.charset, []).replace("\r\n", "\n")
            self.links.add_text(added)
            read.text = f"{read.text}\n{added}"
        return read

    def close(self, tree: str, texts: list[_Text]) -> Content:
        """Put together what was gathered."""
        text = texts[0].text if len(texts) == 1 else "\n".join(t.text for t in texts if t.text)
        if len(text) > TEXT_BYTES:
            text = text[:TEXT_BYTES]
            self.defects.append("text_cut")
        tags = ";".join(t.tags for t in texts if t.tags)
        hidden = "\n".join(self.hidden)
        return Content(
            text=text,
            hidden_text=remove_invisible(hidden)[:TEXT_BYTES],
            charset=self.charset,
            mime_tree=tree,
            layout=write_layout(tree, text, tags),
            links=list(self.links.links.values()),
            attachments=self.attachments,
            defects=list(dict.fromkeys(self.defects + self.links.defects)),
        )


def _length(texts: list[_Text]) -> int:
    return sum(len(text.text) for text in texts)


def _disagree(plain: str, html: str) -> bool:
    """Have the beginnings of two alternatives next to no word in common?"""
    one = set(plain[:_COMPARED_CHARACTERS].lower().split())
    other = set(html[:_COMPARED_CHARACTERS].lower().split())
    smaller = min(len(one), len(other))
    return smaller >= _COMPARED_WORDS and len(one & other) < _COMMON_SHARE * smaller
