"""Names, addresses, hosts, sums and times that stand in a text."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from publicsuffixlist import PublicSuffixList

from lymer.servers.limits import ReadingLimits
from lymer.servers.values import parse_ip, parse_time


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


Place = tuple[str, str, str]
"""Kind, value and where it was found."""

_FOUND = re.compile(
    r"(?P<url>\b(?:https?|ftp)://[^\s\"'<>\\)\]]{4,300})"
    r"|(?P<address>[A-Za-z0-9_][\w.+-]{0,63}@[A-Za-z0-9][\w-]*(?:\.[\w-]+)+)"
    r"|(?P<ip>(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w))"
    r"|(?P<time>\b(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\b\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?)"
    r"|(?P<money>(?:[$€£]|\b(?:USD|EUR|GBP|WMZ|BTC))\s?\d[\d,.]{0,14}\d?|\b\d[\d,.]{0,14}\s?(?:USD|EUR|GBP|WMZ|BTC|usd|eur|dollars)\b)"
    r"|(?P<wallet>\b(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[0-9a-z]{25,60}|0x[0-9a-fA-F]{40}|[ZRE]\d{12})\b)"
    r"|(?P<phone>(?<![\w.-])\+\d[\d ()-]{7,18}\d(?![\w.]))"
    r"|(?P<host>\b(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,5}[A-Za-z]{2,24}\b(?![(/\\]))"
)
# Endings of files, not of names of hosts.
_FILE_ENDINGS_TEXT = """
    txt log php pl py cgi sh conf cfg ini html htm xml json csv dat db lst msg mac tpl inc
    java js css jpg gif png exe dll zip gz tar sql bak old rb lua asp aspx jsp class cpp c h
    md eml tmp sqlite sqlite3 db3 mdb so
"""
_FILE_ENDINGS = frozenset(_FILE_ENDINGS_TEXT.split())
_COMMENT = re.compile(r"^\s*(?:#|//|/\*|\*|--|;|<!--)")
_LEADING_KEY = re.compile(r"^\s*['\"$]?([A-Za-z_][\w.-]{0,40})['\"]?\s*(?:=>|[:=]|\s)\s*\S")


class Entities:
    """What one artifact holds, gathered line by line."""

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self._counts: dict[Place, int] = defaultdict(int)
        self._first: dict[Place, int] = {}

    def add(self, kind: str, value: str, position: int, where: str) -> None:
        """One entity at one place."""
        place = (kind, value[:300], where)
        if place not in self._counts and len(self._counts) >= 8 * self._limits.entities:
            return
        self._counts[place] += 1
        self._first.setdefault(place, position)

    def scan(self, text: str, position: int, where: str) -> None:
        """Whatever stands in `text`, with what its domain and host are."""
        for found in _FOUND.finditer(text):
            kind = found.lastgroup or ""
            value = found[0]
            if kind == "ip":
                ip = parse_ip(value)
                if ip:
                    self.add("ip", ip, position, where)
            elif kind == "time":
                at = parse_time(value)
                if at:
                    self.add("time", at.isoformat(), position, where)
            elif kind == "host":
                if value.rpartition(".")[2].lower() not in _FILE_ENDINGS:
                    self._host(value.lower(), position, where)
            elif kind == "address":
                self.add("address", value.lower(), position, where)
                self._host(value.rpartition("@")[2].lower(), position, where)
            elif kind == "url":
                self.add("url", value, position, where)
                host = value.split("://", 1)[1].split("/")[0].rpartition("@")[2].split(":")[0]
                ip = parse_ip(host)
                if ip:
                    self.add("ip", ip, position, where)
                else:
                    self._host(host.lower(), position, where)
            else:
                self.add(kind, value.strip(), position, where)

    def _host(self, host: str, position: int, where: str) -> None:
        """A host, and its registrable domain."""
        self.add("host", host, position, where)
        domain = _suffixes().privatesuffix(host)
        if domain:
            self.add("domain", domain, position, where)

    def scan_line(self, line: str, position: int) -> None:
        """A line of a text: a comment, a setting (by its key), or text."""
        if _COMMENT.match(line):
            where = "comment"
        else:
            key = _LEADING_KEY.match(line)
            where = key[1] if key and len(line.split()) <= 4 else "text"
        self.scan(line, position, where)

    def rows(self, artifact_id: str) -> Iterable[tuple[str, str, str, int, int, str]]:
        """Rows of ENTITIES, the commonest of each kind within the limit."""
        by_kind: dict[str, list[Place]] = defaultdict(list)
        for place in sorted(self._counts, key=lambda p: (-self._counts[p], p)):
            if len(by_kind[place[0]]) < self._limits.entities:
                by_kind[place[0]].append(place)
        for kind in sorted(by_kind):
            for place in by_kind[kind]:
                yield (
                    artifact_id, kind, place[1], self._first[place], self._counts[place], place[2],
                )  # fmt: skip


def find_handles(text: str, handles: frozenset[str]) -> Iterable[tuple[str, int, str]]:
    """Where names that are known as handles stand: the handle, the line and where on it."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = set(re.findall(r"[\w.-]*\w", line))
        hits = words & handles
        if not hits:
            continue
        if _COMMENT.match(line):
            where = "comment"
        else:
            key = _LEADING_KEY.match(line)
            is_setting = key is not None and key[1] not in hits and len(line.split()) <= 4
            where = key[1] if key and is_setting else "text"
        for hit in sorted(hits):
            yield hit, number, where
