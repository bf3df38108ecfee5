"""What a piece of evidence is called: its id, its place, and names that can be written down."""

import hashlib
import os
import re
from dataclasses import dataclass

_ID_DIGITS = 32
_ESCAPED_BYTE = re.compile(r"\\udc([89a-f][0-9a-f])")


@dataclass(frozen=True, slots=True)
class Identity:
    """One piece of evidence before it is read."""

    evidence_id: str
    parent_id: str | None
    name: str
    uri: str

    def member(self, name: str, index: int) -> "Identity":
        """The `index`-th member of this archive. Its content is not known yet: it is hashed
        while it streams by, so its place stands in for it."""
        return Identity(
            make_id(self.evidence_id, name, f"#{index}"),
            self.evidence_id,
            name,
            f"{self.uri}!{name}",
        )


def make_id(parent_id: str | None, name: str, mark: str) -> str:
    """The id of evidence: the same name and content under the same parent give the same id.

    `mark` is the SHA-256 of a file, the place of an archive's member, or empty for a folder.
    """
    text = "\0".join([parent_id or "", name, mark])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_DIGITS]


def write_path(path: str) -> str:
    """A path as text that Arrow can hold: bytes that are not UTF-8 become `\\udcNN`."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return path.encode("utf-8", "backslashreplace").decode()
    return path


def open_path(text: str) -> str:
    """The path that `write_path` wrote as `text`."""
    if "\\udc" not in text or os.path.lexists(text):
        return text
    return _ESCAPED_BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), text)


def write_name(name: bytes) -> str:
    """The name of an archive's member as text, whatever bytes it has."""
    return name.decode("utf-8", "backslashreplace")


def escapes(name: str) -> bool:
    """Would unpacking a member of this name write outside of the archive's own folder?"""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or plain[1:3] == ":/" or ".." in plain.split("/")
