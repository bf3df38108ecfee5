"""Recipient lists: their addresses as hashes, and which tables are lists too."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import xxhash

from lymer.servers.values import ADDRESS

_ROWS_AT_ONCE = 50_000
# Beyond so many the same address may be handed over twice.
_REMEMBERED = 20_000_000
# A table is a list when it is no short one, nearly every row has one address of its own, and little
# stands beside it; not when a word of its own does, for logins and passwords are such words.
_LEAST_ROWS = 100
_LEAST_SHARE = 0.9
_BESIDE_CHARS = 60
_WORD = re.compile(r"(?=.*[^\d.,:;/ -])\S{3,}")


def address_hash(address: str) -> int:
    """How LISTED holds an address."""
    value = xxhash.xxh3_64_intdigest(address.lower().encode("utf-8", "surrogatepass"))
    return value - (1 << 64) if value >= 1 << 63 else value


def are_recipients(rows: Sequence[Sequence[str | None]]) -> bool:
    """Are these rows of a table a recipient list? Each has a value, or None, for every column."""
    if len(rows) < _LEAST_ROWS:
        return False
    fitting = 0
    addresses = set()
    words: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        found = [n for n, value in enumerate(row) if value and ADDRESS.fullmatch(value)]
        if len(found) != 1:
            continue
        address = row[found[0]] or ""
        addresses.add(address.lower())
        fitting += sum(len(value) for value in row if value) <= len(address) + _BESIDE_CHARS
        for n, value in enumerate(row):
            if n != found[0] and value and _WORD.fullmatch(value):
                words[n].add(value)
    return min(fitting, len(addresses)) >= _LEAST_SHARE * len(rows) and not any(
        len(own) >= _LEAST_SHARE * len(rows) for own in words.values()
    )


class Listing:
    """The addresses of one file's lists, once each, handed to `take` as their hashes."""

    def __init__(self, take: Callable[[list[int]], None]) -> None:
        self.count = 0
        self._take = take
        self._seen: set[int] = set()
        self._waiting: list[int] = []

    def add(self, address: str) -> None:
        """One address."""
        value = address_hash(address)
        if value in self._seen:
            return
        if len(self._seen) < _REMEMBERED:
            self._seen.add(value)
        self._waiting.append(value)
        self.count += 1
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self.close()

    def close(self) -> None:
        """Hand over what waits."""
        self._take(self._waiting)
        self._waiting = []


class ListedRows:
    """Rows of a table that is a list: in the place of a sheet."""

    def __init__(self, listing: Listing) -> None:
        self.count = 0
        self._listing = listing

    def add(self, _: int, values: Iterable[str | None]) -> bool:
        """The address of one row."""
        self.count += 1
        for value in values:
            if value and ADDRESS.fullmatch(value):
                self._listing.add(value)
        return True

    def close(self, _: str) -> None:
        """No more rows."""
        self._listing.close()
