"""Mailboxes and encoded words in headers, as tolerant as real mail needs."""

import binascii
import quopri
import re

from lymer.messages.charsets import find_codec

# Each run of characters is tried once, from its beginning: a long one costs its length.
_RUN = r"[^\s<>\"'(),;:@\[\]]"
_ADDRESS = re.compile(rf"(?<!{_RUN}){_RUN}++@(?:{_RUN}+|\[[^\]\s]{{3,45}}\])")
_ANGLE = re.compile(r"<([^<>]{0,320})>")
_ENCODED = re.compile(r"=\?([\w.:*+-]{1,40})\?([bBqQ])\?([^?\s]{0,2000})\?=(?:\s+(?==\?))?")


def decode_words(text: str) -> str:
    """Decode RFC 2047 encoded words; what cannot be decoded stays as it is."""
    if "=?" not in text:
        return text
    return _ENCODED.sub(_decode_word, text)


def _decode_word(word: "re.Match[str]") -> str:
    charset, encoding, payload = word.groups()
    codec = find_codec(charset.partition("*")[0])
    if codec is None:
        return word.group(0)
    try:
        data = payload.encode("ascii")
        if encoding in "bB":
            # Spam often drops the padding.
            decoded = binascii.a2b_base64(data + b"=" * (-len(data) % 4))
        else:
            decoded = quopri.decodestring(data, header=True)
    except ValueError:
        return word.group(0)
    # A lone surrogate (UTF-7 can write one) cannot be stored, nor can a NUL be shown.
    text = decoded.decode(codec, "replace").encode("utf-8", "replace").decode("utf-8")
    return text.replace("\0", "")


def first_address(value: str) -> str | None:
    """The first address in a header value, lower case; None when there is none."""
    angle = _ANGLE.search(value)
    if angle is not None:
        inner = _ADDRESS.search(angle.group(1))
        if inner is not None:
            return inner.group(0).lower()
    plain = _ADDRESS.search(value)
    return plain.group(0).lower() if plain is not None else None


def display_name(value: str) -> str | None:
    """The display name of the first mailbox in a header value, decoded."""
    before, angle, _ = value.partition("<")
    if angle:
        name = before
    else:
        # The obsolete form: address (Name)
        _, open_comment, comment = value.partition("(")
        if not open_comment:
            return None
        name = comment.rpartition(")")[0] or comment
    name = decode_words(name.strip().strip('"').replace('\\"', '"')).strip()
    return name or None


def domain_of(address: str | None) -> str | None:
    """What stands behind the last @, lower case."""
    if not address or "@" not in address:
        return None
    return address.rpartition("@")[2].lower() or None
