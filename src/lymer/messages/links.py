"""Links as the reader's program would open them, whatever was done to hide where they go."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote, urljoin

from publicsuffixlist import PublicSuffixList

from lymer.messages.reading import Link

LINK_COUNT = 500
URL_CHARACTERS = 2000

_SCHEMES = {"http": "http", "https": "https", "ftp": "ftp", "hxxp": "http", "hxxps": "https",
            "hxtp": "http", "fxp": "ftp"}  # fmt: skip
_PORTS = {"http": "80", "https": "443", "ftp": "21"}
_SCHEME_END = re.compile(r"([A-Za-z]{3,5})$")
# What ends an address in running text.
_TEXT_URL = re.compile(r"[^\s<>\"'`{}|^\x00-\x20\x7f]+")
_TRAILING = ".,;:!?)]}>*_'\""
_SPACE = re.compile(r"[\s\x00-\x1f]+")
_PLAIN_URL = re.compile(
    r"(https?)://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?::(\d{1,5}))?(?=([/?#]|$))"
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY_END = re.compile(r"[/?#\\]")
_HOST = re.compile(r"(?=.{4,253}$)[a-z0-9_](?:[a-z0-9_-]*)(?:\.[a-z0-9_][a-z0-9_-]*)+")
_CSS_URL = re.compile(r"url\(\s*[\"']?([^\"')\s]+)", re.IGNORECASE)
# Names that a document declares but no reader ever opens.
_NAMESPACE_HOSTS = frozenset(
    {"www.w3.org", "schemas.microsoft.com", "schemas-microsoft-com", "purl.org", "ns.adobe.com"}
)


@dataclass(slots=True, frozen=True)
class Host:
    """A host as it is asked for: lower-case A-label or plain address, registrable domain."""

    name: str
    domain: str | None
    is_disguised: bool


class LinkCollector:
    """Gathers the distinct links of one message, in order."""

    def __init__(self) -> None:
        self.links: dict[str, Link] = {}
        self.defects: list[str] = []
        self._seen: set[str] = set()

    def add(self, text: str, where: str, base: str | None = None) -> None:
        """Take in one reference, if it goes anywhere on the network."""
        if text in self._seen:
            return
        self._seen.add(text)
        read = read_url(text, base)
        if read is None:
            return
        url, host, is_disguised = read
        if is_disguised and "link_disguised" not in self.defects:
            self.defects.append("link_disguised")
        if url in self.links:
            return
        if len(self.links) >= LINK_COUNT:
            if "links_cut" not in self.defects:
                self.defects.append("links_cut")
            return
        self.links[url] = Link(url, host.name, host.domain, where)

    def add_text(self, text: str, where: str = "text") -> None:
        """Take in what a reader's program would make a link of in plain text."""
        for url in find_urls(text):
            self.add(url, where)

    def add_style(self, style: str, where: str, base: str | None = None) -> None:
        """Take in the url() references of a style sheet or style attribute."""
        for url in _CSS_URL.findall(style):
            self.add(url, where, base)


def find_urls(text: str) -> Iterator[str]:
    """Addresses in running text: with a scheme, or beginning with `www.`."""
    end = 0
    position = text.find("://")
    while position >= 0:
        scheme = _SCHEME_END.search(text, max(end, position - 5), position)
        end = position + 3
        if scheme is not None and scheme.group(1).lower() in _SCHEMES:
            found = _TEXT_URL.match(text, end)
            if found is not None:
                end = found.end()
                if not _is_namespace(text, scheme.start(), found.group(0)):
                    yield text[scheme.start() : end].rstrip(_TRAILING)
        position = text.find("://", end)
    for mark in ("www.", "WWW.", "Www."):
        position = text.find(mark)
        while position >= 0:
            end = position + 4
            # Behind a letter, a slash or an @ it is the inside of something else.
            before = text[position - 1] if position else " "
            if not (before.isalnum() or before in "/@.-_=%"):
                found = _TEXT_URL.match(text, position)
                if found is not None:
                    end = found.end()
                    yield "http://" + found.group(0).rstrip(_TRAILING)
            position = text.find(mark, end)


def _is_namespace(text: str, start: int, rest: str) -> bool:
    """Is the address at `start` the name of a DTD or an XML namespace?"""
    if not rest.lower().startswith(tuple(_NAMESPACE_HOSTS)):
        return False
    before = text[max(0, start - 80) : start].lower()
    return "xmlns" in before or "dtd" in before or "doctype" in before


def read_url(text: str, base: str | None = None) -> tuple[str, Host, bool] | None:
    """Plain form of a reference, its host, and whether it was disguised.

    Follows the URL standard (WHATWG) where readers' programs do: white space and line breaks are
    dropped, back-slashes are slashes, missing or surplus slashes are mended, user names before
    an @ do not matter, hosts are %-decoded, numbers of any base are addresses. None for what
    goes nowhere on the network (mailto, cid, data, javascript), a relative reference without a
    base, or a host with characters that no host has.
    """
    plain = _PLAIN_URL.match(text)
    if plain is not None:
        scheme, name, port, following = plain.groups()
        rest = text[plain.end() : plain.end() + URL_CHARACTERS]
        if not rest.isprintable() or " " in rest:
            rest = _SPACE.sub("", rest)
        host = read_host(name)
        if host is None:
            return None
        return _build(scheme, host, port, rest if following else "", host.is_disguised)
    text = _SPACE.sub("", text[: URL_CHARACTERS * 2])
    if text[:2] in ("//", "\\\\"):
        text = "http:" + text
    found = _SCHEME.match(text)
    if found is None:
        if base is None or not text or text[0] == "#":
            return None
        try:
            joined = urljoin(base, text)
        except ValueError:
            return None
        return read_url(joined) if _SCHEME.match(joined) else None
    known = _SCHEMES.get(found.group(1).lower())
    if known is None:
        return None
    return _mend(known, text[found.end() :].lstrip("/\\"))


def _mend(scheme: str, text: str) -> tuple[str, Host, bool] | None:
    end = _AUTHORITY_END.search(text)
    authority, rest = (text[: end.start()], text[end.start() :]) if end else (text, "")
    if rest[:1] == "\\":
        rest = "/" + rest[1:]
    user, at, place = authority.rpartition("@")
    # A user name that looks like a host is there to deceive.
    is_disguised = bool(at) and "." in user
    name, colon, port = place.rpartition(":")
    if not colon or (port and not port.isdecimal()) or place.endswith("]"):
        name, port = place, ""
    host = read_host(name[:1000])
    if host is None:
        return None
    return _build(scheme, host, port, rest, is_disguised or host.is_disguised)


def _build(
    scheme: str, host: Host, port: str | None, rest: str, is_disguised: bool
) -> tuple[str, Host, bool]:
    name = f"[{host.name}]" if ":" in host.name else host.name
    place = f"{name}:{port}" if port and port != _PORTS[scheme] else name
    if rest[:1] != "/":
        rest = "/" + rest
    return f"{scheme}://{place}{rest}"[:URL_CHARACTERS], host, is_disguised


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=1 << 16)
def read_host(text: str) -> Host | None:
    """The host that `text` names; None when it names none."""
    name = text.lower().rstrip(".")
    is_disguised = False
    if "%" in name or "&" in name:
        name = unescape(unquote(name, errors="replace")).lower().rstrip(".")
        is_disguised = True
    if name[:1] == "[":
        try:
            return Host(str(IPv6Address(name.strip("[]"))), None, False)
        except ValueError:
            return None
    if not name.isascii():
        name = _to_ascii(name)
        if not name.isascii():
            return Host(name, name, is_disguised) if _is_word(name) else None
    last = name.rpartition(".")[2]
    if last.isdecimal() or last.startswith("0x"):
        address = _read_address(name)
        if address is None:
            return None
        return Host(address, None, is_disguised or address != name)
    if _HOST.fullmatch(name) is None:
        return None
    return Host(name, _suffixes().privatesuffix(name), is_disguised)


def _is_word(name: str) -> bool:
    return "." in name and all(c.isalnum() or c in ".-_" for c in name)


def _to_ascii(name: str) -> str:
    """A-label of an international name (RFC 3490); the name itself where there is none."""
    # The ideographic full stops separate labels too (RFC 3490 section 3.1).
    name = name.replace("\u3002", ".").replace("\uff0e", ".").replace("\uff61", ".")
    if len(name) > 253:
        return name
    try:
        return name.encode("idna").decode("ascii").rstrip(".")
    except ValueError:
        return name


def _read_address(name: str) -> str | None:
    """IPv4 address in any of the forms of inet_aton: one to four numbers of base 8, 10 or 16."""
    pieces = name.split(".")
    if len(pieces) > 4:
        return None
    numbers = []
    for piece in pieces:
        if not piece.isalnum():
            return None
        try:
            if piece.startswith("0x"):
                numbers.append(int(piece[:12], 16))
            elif piece.startswith("0") and len(piece) > 1:
                numbers.append(int(piece[:16], 8))
            else:
                numbers.append(int(piece[:12]))
        except ValueError:
            return None
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    total = numbers[-1]
    for index, number in enumerate(numbers[:-1]):
        total += number << (24 - 8 * index)
    return str(IPv4Address(total))
